//! Names of persons: 民委发〔2016〕33号 for the separator and the length, and a wide character set.

use unicode_normalization::UnicodeNormalization;

use super::mask::mask_name;
use super::normalise::{half_width, is_invisible};
use super::{Checked, IdentityError, masked_text};

masked_text! {
    /// A name in NFC, 2 to 50 characters, `·` (U+00B7) between the parts of a Han name.
    PersonName, mask_name
}

impl PersonName {
    /// Longest name, in characters (not bytes).
    pub const MAX_CHARS: usize = 50;

    /// Reads a name; blanks between Han letters are layout and vanish.
    pub fn parse(text: &str) -> Result<Checked<Self>, IdentityError> {
        let name = normalise(text);
        if name.is_empty() {
            return Err(IdentityError::NameMissing);
        }
        if let Some(bad) = name.chars().find(|c| is_private_use(*c)) {
            return Err(IdentityError::NamePrivateUse(bad));
        }
        if let Some(bad) = name.chars().find(|c| !is_allowed(*c)) {
            return Err(IdentityError::NameCharacter(bad));
        }
        let has_letter = name.chars().any(|c| is_han(c) || c.is_alphabetic());
        if !has_letter || !(2..=Self::MAX_CHARS).contains(&name.chars().count()) {
            return Err(IdentityError::NameLength);
        }
        Ok(Checked::clean(Self(name)))
    }
}

fn normalise(text: &str) -> String {
    // Dots first: half width would turn the full-width stop, a separator here, into a plain stop.
    let composed: Vec<char> = text.nfc().filter(|c| !is_invisible(*c)).collect();
    let mut out: Vec<char> = Vec::with_capacity(composed.len());
    for (index, c) in composed.iter().enumerate() {
        let before = out.iter().rev().find(|c| **c != ' ').copied();
        let after = composed[index + 1..].iter().find(|c| !c.is_whitespace()).copied();
        let between_han = before.is_some_and(is_han) && after.is_some_and(is_han);
        match c {
            '\u{2022}' | '\u{30fb}' | '\u{ff0e}' | '\u{2027}' | '\u{b7}' if between_han => {
                while out.last() == Some(&' ') {
                    out.pop();
                }
                out.push('\u{b7}');
            }
            c if c.is_whitespace() => {
                let joins_words = before.is_some_and(|c| !is_han(c) && c != '\u{b7}')
                    || after.is_some_and(|c| !is_han(c) && !is_separator(c));
                if joins_words && out.last().is_some_and(|c| *c != ' ') {
                    out.push(' ');
                }
            }
            c => out.push(half_width(*c)),
        }
    }
    while out.last() == Some(&' ') {
        out.pop();
    }
    out.into_iter().collect()
}

fn is_separator(c: char) -> bool {
    matches!(c, '\u{2022}' | '\u{30fb}' | '\u{ff0e}' | '\u{2027}' | '\u{b7}')
}

/// Letters of a Chinese name: the unified ideographs with all extensions, and 〇.
fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

fn is_private_use(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn is_allowed(c: char) -> bool {
    let latin = c.is_ascii_alphabetic()
        || (matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic());
    latin || is_han(c) || matches!(c, '\u{b7}' | ' ' | '-' | '\'' | '.' | ',' | '\u{2019}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, IdentityError> {
        PersonName::parse(text).map(|checked| checked.value.as_str().to_owned())
    }

    #[test]
    fn separators_between_han_letters_become_the_middle_dot() {
        for dot in ['\u{2022}', '\u{30fb}', '\u{ff0e}', '\u{2027}', '\u{b7}'] {
            assert_eq!(read(&format!("阿卜杜拉{dot}艾力")).as_deref(), Ok("阿卜杜拉·艾力"));
        }
        assert_eq!(read("阿卜杜拉 • 艾力").as_deref(), Ok("阿卜杜拉·艾力"));
        assert_eq!(read("张•"), Err(IdentityError::NameCharacter('•')), "nothing to separate");
    }

    #[test]
    fn layout_goes_and_composition_is_canonical() {
        for (text, name) in [
            ("  鞠红", "鞠红"),
            ("张　 三", "张三"),
            ("Ｊｏｈｎ   Smith ", "John Smith"),
            ("Rene\u{301} O'Neil", "Ren\u{e9} O'Neil"),
            ("李𬱖", "李𬱖"),
            ("\u{feff}䶮喆", "䶮喆"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_no_system_can_rely_on_is_refused() {
        assert_eq!(read("王\u{e863}"), Err(IdentityError::NamePrivateUse('\u{e863}')));
        assert_eq!(read("王1"), Err(IdentityError::NameCharacter('1')));
        assert_eq!(read("=HYPERLINK"), Err(IdentityError::NameCharacter('=')));
        assert_eq!(read(" \u{3000}"), Err(IdentityError::NameMissing));
        assert_eq!(read("王"), Err(IdentityError::NameLength));
        assert_eq!(read("- -"), Err(IdentityError::NameLength));
        assert_eq!(read(&"王".repeat(51)), Err(IdentityError::NameLength));
        assert!(read(&"王".repeat(50)).is_ok());
        let shown = IdentityError::NamePrivateUse('\u{e863}').to_string();
        assert_eq!(shown, "姓名含有私用区字符U+E863，请改用规范汉字");
        assert_eq!(IdentityError::NameMissing.to_string(), "姓名必填");
    }

    #[test]
    fn a_logged_name_is_masked() {
        let name = PersonName::parse("石·阿里木江").expect("a name").value;
        assert_eq!(format!("{name:?}"), "PersonName(石****江)");
    }
}
