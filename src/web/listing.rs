//! Long lists page by page, and times as people read them.

use chrono::{DateTime, Utc};

use super::words::Pager;
use crate::clock::china_time;
use crate::service::Extent;

/// Minutes of official time: `2026-11-24 09:58`.
pub fn minute(instant: DateTime<Utc>) -> String {
    china_time(instant).format("%Y-%m-%d %H:%M").to_string()
}

/// Seconds of official time: `2026-11-24 09:58:07`.
pub fn second(instant: DateTime<Utc>) -> String {
    china_time(instant).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A day of official time: `2026-11-24`.
pub fn day(instant: DateTime<Utc>) -> String {
    china_time(instant).format("%Y-%m-%d").to_string()
}

/// Where a page of a list begins: `number` counts from 1; 0 and nothing mean the first page.
pub fn offset(number: Option<u64>, size: u64) -> u64 {
    number.unwrap_or(1).saturating_sub(1).min(1_000_000).saturating_mul(size)
}

/// The conditions of a list as a part of an address; empty ones are left out.
pub fn query_of<'a>(conditions: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let kept: Vec<(&str, &str)> =
        conditions.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    serde_urlencoded::to_string(kept).unwrap_or_default()
}

/// The pager of a list at `path`, `size` rows a page, of which this one shows `shown` from
/// `offset`. `conditions` are the fields of the filter; empty ones are left out.
pub fn pager(
    (path, conditions): (&str, &[(&str, &str)]),
    total: u64,
    (offset, size, shown): (u64, u64, usize),
) -> Pager {
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let shown = u64::try_from(shown).unwrap_or(0);
    let number = offset / size.max(1) + 1;
    let to = |number: u64| {
        let number = number.to_string();
        let fields = conditions.iter().copied().chain([("page", number.as_str())]);
        format!("{path}?{}", query_of(fields))
    };
    Pager {
        total: signed(total),
        is_more: false,
        first: if shown == 0 { 0 } else { signed(offset + 1) },
        last: signed(offset + shown),
        previous: (number > 1).then(|| to(number - 1)),
        next: (offset + shown < total && shown > 0).then(|| to(number + 1)),
    }
}

/// The pager of a list that is counted only so far: each full page leads to the next.
pub fn pager_of(
    at: (&str, &[(&str, &str)]),
    extent: Extent,
    (offset, size, shown): (u64, u64, usize),
) -> Pager {
    let seen = offset + u64::try_from(shown).unwrap_or(0);
    let is_full = u64::try_from(shown) == Ok(size);
    let beyond = if extent.is_whole { extent.rows } else { seen + u64::from(is_full) };
    let whole = pager(at, beyond, (offset, size, shown));
    // Whoever has come further than was counted has counted on.
    let total = if extent.is_whole { extent.rows } else { extent.rows.max(seen) };
    Pager {
        total: i64::try_from(total).unwrap_or(i64::MAX),
        is_more: !extent.is_whole && (is_full || seen < extent.rows),
        ..whole
    }
}

/// The same pager, whose links name the rows beside which the next and the previous page lie, by the
/// keys of the first and the last row shown: so that no page costs more than the first.
pub fn beside(pager: Pager, (first, last): (Option<String>, Option<String>)) -> Pager {
    let link = |href: Option<String>, side: &str, row: Option<String>| match row {
        Some(row) => href.map(|href| format!("{href}&{}", query_of([(side, row.as_str())]))),
        None => href,
    };
    Pager {
        previous: link(pager.previous, "before", first),
        next: link(pager.next, "after", last),
        ..pager
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_not_counted_whole_goes_on_after_each_full_page() {
        let at = ("/engineers", &[][..]);
        let first = pager_of(at, Extent::beyond(), (0, 50, 50));
        assert_eq!((first.total, first.is_more, first.next.is_some()), (2_000, true, true));
        let far = pager_of(at, Extent::beyond(), (4_000, 50, 50));
        assert_eq!((far.total, far.is_more, far.last), (4_050, true, 4_050));
        let end = pager_of(at, Extent::beyond(), (4_050, 50, 7));
        assert_eq!((end.total, end.is_more, end.next), (4_057, false, None));
        let short = pager_of(at, Extent::whole(60), (0, 50, 50));
        assert_eq!((short.total, short.is_more, short.next.is_some()), (60, false, true));
    }

    #[test]
    fn a_pager_keeps_the_conditions_and_ends_at_both_ends() {
        let at = ("/accounts", &[("q", "陈 &"), ("x", "")][..]);
        let first = pager(at, 120, (0, 50, 50));
        assert_eq!((first.first, first.last, first.previous), (1, 50, None));
        assert_eq!(first.next.unwrap(), "/accounts?q=%E9%99%88+%26&page=2");
        let last = pager(at, 120, (100, 50, 20));
        assert_eq!((last.first, last.last, last.next), (101, 120, None));
        assert_eq!(last.previous.unwrap(), "/accounts?q=%E9%99%88+%26&page=2");
        assert_eq!(pager(at, 0, (0, 50, 0)).first, 0);
    }
}
