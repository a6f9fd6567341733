//! What a password must be, in two ways: as assessors of GB/T 22239-2019 ask, and as OWASP ASVS 5.0
//! does. They contradict each other about composition and age, so the operator chooses.

use chrono::{DateTime, TimeDelta, Utc};

use crate::code_list;

code_list! {
    /// Whose rules hold.
    Profile {
        /// Three of four classes of characters, a limited age, none of the last ones again
        /// (GB/T 22239-2019 8.1.4.1 a).
        Dengbao3 = "dengbao3", "等保三级";
        /// Hard to guess, whatever it is made of, and kept until there is a reason to change it
        /// (OWASP ASVS 5.0 6.2.5, 6.2.10).
        Asvs = "asvs", "ASVS 强度";
    }
}

/// Fewest characters.
pub const MIN_CHARS: usize = 12;
/// Most characters: more would only cost time.
pub const MAX_CHARS: usize = 128;
/// Passwords before the current one that must not come again.
pub const REMEMBERED: u64 = 5;
/// Classes of characters that a password of [`Profile::Dengbao3`] has at least.
const CLASSES: usize = 3;

/// Words that everybody here tries first.
const WORDS: &[&str] = &[
    "juncai", "rencai", "fujian", "minren", "骏才", "人才", "福建", "闽人", "八闽", "mima", "admin",
];
/// What has to stand beside a word that is known here, in characters.
const MIN_BESIDE_WORD: usize = 8;
/// Shorter names say nothing.
const MIN_WORD: usize = 2;

impl Profile {
    /// Why a password is refused, in the user's words. `words` are names that stand near: of the
    /// office, the enterprise, the person.
    ///
    /// # Errors
    /// When it is too short, too long, monotonous, common, easily guessed, made of the sign-in name
    /// or of a known word, or, by profile, of too few classes of characters.
    pub fn check(self, password: &str, login: &str, words: &[&str]) -> Result<(), String> {
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
        if let Some(word) = leans_on(&lower, words) {
            return Err(format!("密码不能主要由“{word}”组成，请换一个"));
        }
        if self == Self::Dengbao3 && classes(&chars) < CLASSES {
            let text = "密码须含大写字母、小写字母、数字、其他字符（含汉字）中的至少三类";
            return Err(text.to_owned());
        }
        if is_monotonous(&chars) || self.is_guessed(password, login, words) {
            return Err("这个密码太常见，容易被猜到；可以改用一句只有您知道的话".to_owned());
        }
        Ok(())
    }

    /// Whether somebody with the lists of common passwords, names and words finds it. Where
    /// composition is asked for as well, only what stands on such lists is refused.
    fn is_guessed(self, password: &str, login: &str, words: &[&str]) -> bool {
        let near: Vec<&str> = WORDS.iter().chain(words).copied().chain([login]).collect();
        let least = match self {
            Self::Dengbao3 => zxcvbn::Score::Two,
            Self::Asvs => zxcvbn::Score::Three,
        };
        zxcvbn::zxcvbn(password, &near).score() < least
    }

    /// Whether a password set at `set_at` has to be changed at `now`; `days` is how long it may be
    /// used, 0 for ever.
    pub fn is_expired(self, set_at: DateTime<Utc>, days: u32, now: DateTime<Utc>) -> bool {
        self == Self::Dengbao3 && days > 0 && now >= set_at + TimeDelta::days(i64::from(days))
    }

    /// Whether passwords used before are refused.
    pub fn remembers(self) -> bool {
        self == Self::Dengbao3
    }

    /// What the page says beside the field.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Dengbao3 => {
                "至少 12 个字符，含大写字母、小写字母、数字、其他字符（含汉字）中的三类；可以粘贴"
            }
            Self::Asvs => "至少 12 个字符，可以用一句话；可以粘贴",
        }
    }
}

/// The known word that a password hardly adds to.
fn leans_on<'a>(lower: &str, words: &[&'a str]) -> Option<&'a str> {
    let long = lower.chars().count();
    let all = WORDS.iter().chain(words).copied();
    all.filter(|word| word.chars().count() >= MIN_WORD).find(|word| {
        lower.contains(&word.to_lowercase()) && long < word.chars().count() + MIN_BESIDE_WORD
    })
}

/// How many classes of characters occur: capitals, small letters, digits, everything else.
fn classes(chars: &[char]) -> usize {
    let is: [fn(&char) -> bool; 4] = [
        |c| c.is_ascii_uppercase(),
        |c| c.is_ascii_lowercase(),
        |c| c.is_ascii_digit(),
        |c| !c.is_ascii_alphanumeric(),
    ];
    is.iter().filter(|class| chars.iter().any(**class)).count()
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

    const NEAR: &[&str] = &["福建省人社厅", "闽江智行"];

    #[test]
    fn both_profiles_decide_the_same_table() {
        // Password; whether dengbao3 and asvs take it.
        let table: &[(&str, bool, bool)] = &[
            ("correct horse battery", false, true),
            ("Correct-horse-battery", true, true),
            ("Correct horse 9 battery", true, true),
            ("武夷山的茶比去年更香了一点", false, true),
            ("武夷山的茶 2026 比去年 Xiang", true, true),
            ("t7#kW!v9Qz2m", true, true),
            ("t7kwv9qz2mxh", false, true),
            ("t7#kW!v9Qz2", false, false),
            ("aaaaaaaaaaaaaaaa", false, false),
            ("abcdefghijklmnop", false, false),
            ("Password1234", false, false),
            ("P@ssw0rd123456", false, false),
            ("Qwertyuiop123!", false, false),
            ("1qaz2WSX3edc", false, false),
            ("xLinXL-2026-secret", false, false),
            ("Juncai-2026!!", false, false),
            ("Rencai@2026#A", false, false),
            ("Fujian2026@#$", false, false),
            ("福建省人社厅Aa1!", false, false),
            ("闽江智行@2026Aa", false, false),
        ];
        for (password, dengbao3, asvs) in table {
            let taken = |profile: Profile| profile.check(password, "linxl", NEAR).is_ok();
            assert_eq!(taken(Profile::Dengbao3), *dengbao3, "dengbao3: {password}");
            assert_eq!(taken(Profile::Asvs), *asvs, "asvs: {password}");
        }
        assert!(Profile::Asvs.check(&"长".repeat(129), "linxl", NEAR).is_err());
    }

    #[test]
    fn a_password_ages_with_one_profile_only() {
        let at = |day| DateTime::UNIX_EPOCH + TimeDelta::days(day);
        let old = |profile: Profile, days, now| profile.is_expired(at(0), days, at(now));
        assert!(!old(Profile::Dengbao3, 90, 89) && old(Profile::Dengbao3, 90, 90));
        assert!(!old(Profile::Dengbao3, 0, 9_000) && !old(Profile::Asvs, 90, 9_000));
    }
}
