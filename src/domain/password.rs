//! What a password must be. Length counts, not composition (OWASP ASVS 5.0 6.2.1 to 6.2.11).

/// Fewest characters.
pub const MIN_CHARS: usize = 12;
/// Most characters: more would only cost time.
pub const MAX_CHARS: usize = 128;

/// Long passwords that everybody tries, and parts that make a password guessable here.
const COMMON: &[&str] = &[
    "123456789012",
    "1234567890123",
    "12345678901234",
    "qwertyuiop",
    "password",
    "passw0rd",
    "admin123",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "woaini1314520",
    "iloveyou",
    "fujian2026",
    "juncai",
    "rencai",
    "骏才",
];
/// What may stand around a common part without making the password better.
const MIN_BESIDE_COMMON: usize = 8;

/// Why a password is refused, in the user's words.
///
/// # Errors
/// When it is too short, too long, monotonous, common or made of the sign-in name.
pub fn check(password: &str, login: &str) -> Result<(), String> {
    let chars: Vec<char> = password.chars().collect();
    if chars.len() < MIN_CHARS {
        return Err(format!("密码至少 {MIN_CHARS} 个字符，现在是 {} 个", chars.len()));
    }
    if chars.len() > MAX_CHARS {
        return Err(format!("密码最多 {MAX_CHARS} 个字符，请缩短"));
    }
    let lower = password.to_lowercase();
    if !login.is_empty() && lower.contains(&login.to_lowercase()) {
        return Err("密码不能包含账号，请换一个".to_owned());
    }
    let common = COMMON
        .iter()
        .any(|part| lower.contains(part) && chars.len() < part.chars().count() + MIN_BESIDE_COMMON);
    if common || is_monotonous(&chars) {
        return Err("这个密码太常见，容易被猜到；可以改用一句只有您知道的话".to_owned());
    }
    Ok(())
}

/// Few different characters, or nothing but one run up or down.
fn is_monotonous(chars: &[char]) -> bool {
    let mut different = chars.to_vec();
    different.sort_unstable();
    different.dedup();
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let runs = chars.windows(2).filter(|pair| step(pair).abs() == 1).count();
    different.len() < 5 || runs + 2 >= chars.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_accepted_in_any_script() {
        for good in ["correct horse battery", "武夷山的茶比去年更香了一点", "t7#kW!v9Qz2m"]
        {
            assert_eq!(check(good, "linxl"), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_common_monotonous_and_own_names_are_refused() {
        for bad in [
            "t7#kW!v9Qz2",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijklmnop",
            "Password1234",
            "xLinXL-2026-secret",
            &"长".repeat(129),
        ] {
            assert!(check(bad, "linxl").is_err(), "{bad}");
        }
    }
}
