//! The second factor: one-time codes from a secret that two sides share and the time that both read
//! (RFC 6238 over RFC 4226, HMAC-SHA-1, six digits, 30 seconds: what every authenticator takes), and
//! recovery codes for whoever loses the device.

use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;

use super::identity::half_width;
use crate::code_list;

code_list! {
    /// Who must have a second factor.
    SecondFactorRule {
        /// Everybody in an office, from the first sign-in on.
        Required = "required", "机关和管理员账号必须启用";
        /// Whoever wants to; who has enrolled is asked.
        Offered = "offered", "自愿启用";
    }
}

/// Seconds for which one code holds (RFC 6238 4.1).
pub const STEP_SECONDS: i64 = 30;
/// Bytes of a secret: as long as the hash (RFC 4226 4, R6).
pub const SECRET_LEN: usize = 20;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Steps by which the clock of the device may be off, each way (RFC 6238 5.2).
const WINDOW: i64 = 1;
/// How long a confirmation of who sits there is good for (OWASP ASVS 5.0 7.5.3).
pub const STEP_UP: TimeDelta = TimeDelta::minutes(5);
/// Recovery codes that are given at once.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 50 bits are used.
pub const RECOVERY_BYTES: usize = 7;
/// Characters of a recovery code, without its hyphen.
const RECOVERY_CHARS: usize = 10;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The number of the step in which `at` lies, counted from 1970.
pub fn step_at(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(STEP_SECONDS)
}

/// The code of a secret in a step.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let hash = tag.as_ref();
    // Dynamic truncation (RFC 4226 5.3): the low half of the last byte says where to read.
    let at = usize::from(hash.last().copied().unwrap_or_default() & 0x0f);
    let number = hash.iter().skip(at).take(4).fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
    let number = (number & 0x7fff_ffff) % 10_u32.pow(DIGITS as u32);
    format!("{number:0width$}", width = DIGITS)
}

/// The step whose code was typed, if it is one that is near `now` and later than `used`, the last
/// step of which a code was taken.
pub fn matching_step(secret: &[u8], typed: &str, now: DateTime<Utc>, used: i64) -> Option<i64> {
    let typed = plain(typed);
    let current = step_at(now);
    let mut found = None;
    // All are looked at, whichever is right: nothing can be told from the time this takes.
    for step in current - WINDOW..=current + WINDOW {
        let same = subtle::ConstantTimeEq::ct_eq(code(secret, step).as_bytes(), typed.as_bytes());
        if bool::from(same) && step > used {
            found = Some(step);
        }
    }
    found
}

/// Whether a text looks like a code of a device, and not like a recovery code.
pub fn is_device_code(typed: &str) -> bool {
    let typed = plain(typed);
    typed.len() == DIGITS && typed.bytes().all(|b| b.is_ascii_digit())
}

/// The text without blanks and hyphens, in half-width capitals.
fn plain(typed: &str) -> String {
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.map(half_width).collect::<String>().to_uppercase()
}

/// RFC 4648 base32 without padding: what authenticators take when there is no camera.
pub fn base32(bytes: &[u8]) -> String {
    let (mut out, mut held, mut bits) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(BASE32[(held << (5 - bits) & 31) as usize]));
    }
    out
}

/// The address that a QR code tells an authenticator. A sign-in name is ASCII and needs no escape.
pub fn enrolment_uri(secret: &[u8], login: &str) -> String {
    format!(
        "otpauth://totp/Juncai:{login}?secret={}&issuer=Juncai&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        base32(secret)
    )
}

/// A recovery code as it is shown once: two groups of five.
pub fn recovery_code(random: [u8; RECOVERY_BYTES]) -> String {
    let whole: String = base32(&random).chars().take(RECOVERY_CHARS).collect();
    let (one, other) = whole.split_at(RECOVERY_CHARS / 2);
    format!("{one}-{other}")
}

/// What of a typed recovery code is compared; `None` when it cannot be one.
pub fn recovery_key(typed: &str) -> Option<String> {
    let typed = plain(typed);
    let fits = typed.len() == RECOVERY_CHARS && typed.bytes().all(|b| BASE32.contains(&b));
    fits.then_some(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn second(at: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(at, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B, SHA-1, the last six of its eight digits.
        for (at, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, step_at(second(at))), expected, "at {at}");
        }
        // RFC 4226 appendix D.
        let counted: Vec<String> = (0..4).map(|step| code(SECRET, step)).collect();
        assert_eq!(counted, ["755224", "287082", "359152", "969429"]);
    }

    #[test]
    fn a_code_is_good_one_step_around_now_and_never_again() {
        let now = second(1_111_111_111);
        let step = step_at(now);
        for (off, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let typed = code(SECRET, step + off);
            let found = matching_step(SECRET, &typed, now, 0);
            assert_eq!(found, good.then_some(step + off), "{off}");
        }
        let typed = code(SECRET, step);
        assert_eq!(matching_step(SECRET, &typed, now, step - 1), Some(step));
        assert_eq!(matching_step(SECRET, &typed, now, step), None, "used");
        assert_eq!(matching_step(SECRET, &typed, now, step + 1), None, "a later one was used");
        assert_eq!(matching_step(SECRET, "０５０ ４７１", now, 0), Some(step), "as people type it");
        for wrong in ["", "05047", "0504711", "05O471", "050472"] {
            assert_eq!(matching_step(SECRET, wrong, now, 0), None, "{wrong:?}");
        }
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        // RFC 4648 10, without padding.
        for (plain, coded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
        let uri = enrolment_uri(SECRET, "wu-zhiqiang");
        assert_eq!(
            uri,
            "otpauth://totp/Juncai:wu-zhiqiang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Juncai&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn a_recovery_code_is_found_however_it_is_typed() {
        let shown = recovery_code([0xff, 0, 0xaa, 0x55, 1, 2, 3]);
        assert_eq!((shown.len(), shown.as_bytes()[5]), (11, b'-'));
        let typed = format!(" {} ", shown.to_lowercase().replace('-', " "));
        assert_eq!(recovery_key(&typed), recovery_key(&shown));
        assert!(recovery_key(&shown).is_some() && !is_device_code(&shown));
        assert_eq!(recovery_key("123456"), None);
        assert!(is_device_code("123 456") && !is_device_code("12345"));
    }
}
