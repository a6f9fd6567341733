//! What programs of enterprises and offices can be told of without asking, and how often it is
//! tried.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::TimeDelta;

use super::registry::Code;
use crate::code_list;

code_list! {
    /// What a program can be told of. It reads the rest over the JSON interface.
    EventKind {
        /// A file moved into another state.
        CaseChanged = "case.changed", "办件状态变化";
        /// A certificate was issued, suspended, resumed, revoked or replaced.
        CertificateChanged = "certificate.changed", "证书签发、暂停、恢复、撤销";
        /// A file was published in a notice.
        NoticePublished = "notice.published", "办件列入公示";
        /// The money of a person's year went into a batch, came back from it, or was answered by
        /// the bank.
        PaymentChanged = "payment.changed", "人员年度奖补发放进展";
        /// Something handed in was confirmed, discarded or withdrawn.
        FilingDecided = "filing.decided", "报送或导入的处理结果";
    }
}

/// The kind of an event that only proves that the way is open. Nobody subscribes to it.
pub const TEST_KIND: &str = "endpoint.test";

code_list! {
    /// Where a delivery stands.
    DeliveryState {
        /// It is sent at its time.
        Waiting = "waiting", "待送";
        /// The receiver took it.
        Delivered = "delivered", "已送达";
        /// Nobody took it in all attempts.
        GivenUp = "given_up", "已放弃";
        /// The endpoint was deleted before.
        Dropped = "dropped", "已取消";
    }
}

/// Endpoints that one system account may have.
pub const MOST_ENDPOINTS: usize = 5;
/// Attempts after which a delivery is given up.
pub const MOST_ATTEMPTS: i64 = 8;
/// Minutes to wait after each attempt: together about a day and a half.
const PAUSES: [i64; 7] = [1, 5, 30, 120, 300, 600, 1_080];
/// An endpoint that took nothing for so long when a delivery is given up is switched off.
pub const LONGEST_FAILURE: TimeDelta = TimeDelta::hours(24);
/// How long the secret before is signed with beside the new one.
pub const OLD_SECRET_HOURS: i64 = 24;

/// Minutes to wait after an attempt, from 1: longer each time, at most 18 hours.
pub fn pause_minutes(attempt: i64) -> i64 {
    let at = usize::try_from(attempt.max(1) - 1).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    PAUSES[at]
}

/// The kinds in a stored text, parted by spaces; unknown ones give nothing.
pub fn kinds_of(text: &str) -> Vec<EventKind> {
    text.split(' ').filter_map(EventKind::from_code).collect()
}

/// The text that [`kinds_of`] reads, each kind once, in the order of the list.
pub fn kinds_text(kinds: &[EventKind]) -> String {
    let held = EventKind::ALL.iter().filter(|kind| kinds.contains(kind));
    held.map(|kind| kind.code()).collect::<Vec<_>>().join(" ")
}

/// Whether an address is one of the open internet: what lies in the server's own network must not
/// be reached by typing its address into a form.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = a == 0
        || a >= 240
        // Shared by carriers, protocol assignments, benchmarks, the old 6to4 relays.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !(reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given out; within it, documentation and the ways that hide an IPv4
    // address (Teredo, ORCHID, 6to4) are none.
    let given_out = first & 0xe000 == 0x2000;
    let hidden = first == 0x2002 || (first == 0x2001 && (second < 0x0200 || second == 0x0db8));
    given_out && !hidden && first != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_open_internet_are_public() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for good in ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8"] {
            assert!(public(good), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!public(bad), "{bad}");
        }
    }

    #[test]
    fn pauses_grow_and_the_last_stays() {
        let pauses: Vec<i64> = (1..=9).map(pause_minutes).collect();
        assert_eq!(pauses, [1, 5, 30, 120, 300, 600, 1_080, 1_080, 1_080]);
        let before_giving_up: i64 = (1..MOST_ATTEMPTS).map(pause_minutes).sum();
        assert!(TimeDelta::minutes(before_giving_up) > LONGEST_FAILURE);
    }

    #[test]
    fn kinds_are_stored_in_one_order_and_strange_ones_give_nothing() {
        let text = kinds_text(&[EventKind::FilingDecided, EventKind::CaseChanged]);
        assert_eq!(text, "case.changed filing.decided");
        assert_eq!(kinds_of("case.changed endpoint.test"), [EventKind::CaseChanged]);
    }
}
