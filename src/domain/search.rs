//! What somebody typed into the one search box, and the index by which names are found.

use super::identity::{DocumentType, IdentityDocument, PersonName, Uscc, compact, half_width};

/// Stands behind the last character of an indexed name. No name of a person holds it; a name of an
/// enterprise that does is found all the same, since what the index finds is compared again.
const END: char = '$';

/// Longest text that is searched for, in characters.
pub const MAX_CHARS: usize = 60;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Nothing to search for.
    Nothing,
    /// The number of an identity document, an account or a mobile: it must not reach an address or
    /// a log. Holds nothing, so that it cannot.
    Private,
    /// Maybe the number of a passport, maybe of a certificate. Treated as private.
    MaybePrivate,
    /// Official number of a person.
    Person(String),
    /// A whole code of an enterprise.
    Enterprise(String),
    /// Number of a payment batch.
    Batch(String),
    /// Number of an import.
    Import(String),
    /// Number of a run.
    Run(String),
    /// Number of a file.
    File(String),
    /// Anything else, as names are stored.
    Text(String),
}

impl Typed {
    /// Tells what `text` is.
    pub fn of(text: &str) -> Self {
        let shown: String = text.trim().chars().map(half_width).take(MAX_CHARS).collect();
        let number: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
        let number = number.to_ascii_uppercase();
        if number.is_empty() {
            return Self::Nothing;
        }
        if let Some(official) = official(&number) {
            return official;
        }
        let bare = compact(&number);
        if is_document(&bare) || is_account_or_mobile(&bare) {
            return Self::Private;
        }
        if is_code(&bare) {
            return Self::Enterprise(bare);
        }
        if is_like_passport(&bare) {
            return Self::MaybePrivate;
        }
        match PersonName::parse(&shown) {
            Ok(name) => Self::Text(name.value.as_str().to_owned()),
            Err(_) => Self::Text(shown.trim().to_owned()),
        }
    }

    /// Whether it must stay out of addresses and logs.
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::Private | Self::MaybePrivate)
    }
}

/// Our own numbers: `E000001`, `B2026-0001`, `IM000001`, `HD2026-001`, files like `ND2026-000001` and
/// `ZH000001`.
fn official(number: &str) -> Option<Typed> {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let dated = |text: &str| {
        text.split_once('-').is_some_and(|(year, no)| digits(year, 4, 4) && digits(no, 3, 8))
    };
    let whole = number.to_owned();
    if number.strip_prefix('E').is_some_and(|rest| digits(rest, 6, 7)) {
        return Some(Typed::Person(whole));
    }
    if number.strip_prefix('B').is_some_and(dated) {
        return Some(Typed::Batch(whole));
    }
    if number.strip_prefix("IM").is_some_and(|rest| digits(rest, 6, 8)) {
        return Some(Typed::Import(whole));
    }
    if number.strip_prefix("HD").is_some_and(dated) {
        return Some(Typed::Run(whole));
    }
    let (kind, rest) = number.split_at_checked(2)?;
    let is_kind = kind.bytes().all(|b| b.is_ascii_uppercase());
    // Without a year it could be a passport; only recoveries are numbered so.
    let is_recovery = kind == "ZH" && digits(rest, 6, 6);
    (is_recovery || (is_kind && dated(rest))).then_some(Typed::File(whole))
}

/// A number that some kind of document but a passport may have, or a mistyped one of a resident.
fn is_document(number: &str) -> bool {
    // Eight digits may be a travel permit; beginning so they are the beginning of a code.
    let of_code = number.len() <= 8 && ["91", "92", "93"].iter().any(|c| number.starts_with(c));
    let checked = |kind: &DocumentType| {
        *kind != DocumentType::Passport && IdentityDocument::parse(*kind, number).is_ok()
    };
    // The seventh to tenth digit of a resident's or a card holder's number are a year of birth;
    // in a code of an enterprise they begin with the last two digits of a division and nine.
    let born = number.get(6..8).is_some_and(|century| matches!(century, "19" | "20"));
    let (body, last) = number.split_at_checked(17).unwrap_or(("", ""));
    let shaped = body.bytes().all(|b| b.is_ascii_digit())
        && (matches!(last, "X") || (last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit())));
    (!of_code && DocumentType::ALL.iter().any(checked))
        || (shaped && (born || !number.starts_with('9')))
}

/// A mobile number, or so many digits that only an account has them.
fn is_account_or_mobile(number: &str) -> bool {
    let only_digits = number.bytes().all(|b| b.is_ascii_digit());
    let mobile = number.len() == 11 && number.starts_with('1') && number.as_bytes()[1] >= b'3';
    only_digits && (mobile || (number.len() >= 12 && !is_code(number)))
}

/// Eighteen characters as codes of enterprises have them; a mistyped one is found by nobody, but it
/// is no secret.
fn is_code(number: &str) -> bool {
    let region = number.get(2..8).is_some_and(|region| region.bytes().all(|b| b.is_ascii_digit()));
    let shaped = number.len() == 18
        && number.starts_with('9')
        && region
        && number.bytes().all(|b| b.is_ascii_alphanumeric());
    shaped || Uscc::parse(number).is_ok()
}

/// Seven to nine letters and digits, a letter first and digits mostly.
fn is_like_passport(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (7..=9).contains(&number.len())
        && number.starts_with(|c: char| c.is_ascii_alphabetic())
        && number.bytes().all(|b| b.is_ascii_alphanumeric())
        && digits >= 4
}

/// A name as it is compared: Latin letters of ASCII in lower case.
pub fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The pairs under which a name is kept, the last character paired with a mark of the end. The
/// migration of the index makes the same of the names that were there before it.
pub fn grams(name: &str) -> Vec<String> {
    let mut all: Vec<String> = pairs(&format!("{}{END}", folded(name)));
    all.sort_unstable();
    all.dedup();
    all
}

/// The pairs that every name with this part has; none for a part of one character.
pub fn pairs(part: &str) -> Vec<String> {
    let part = folded(part);
    let after = part.chars().skip(1);
    part.chars().zip(after).map(|(a, b)| String::from_iter([a, b])).collect()
}

/// First pair, and the first one behind them, of names that hold a character: `from <= pair < to`.
pub fn beginning_with(character: char) -> (String, String) {
    let character = character.to_ascii_lowercase();
    let behind = (u32::from(character) + 1..).find_map(char::from_u32).unwrap_or(char::MAX);
    (character.to_string(), behind.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn official_numbers_are_told_from_names_and_from_numbers_of_documents() {
        for (text, typed) in [
            ("", Typed::Nothing),
            ("　", Typed::Nothing),
            ("e000001", Typed::Person("E000001".into())),
            (" Ｅ０００００１ ", Typed::Person("E000001".into())),
            ("b2026-0003", Typed::Batch("B2026-0003".into())),
            ("IM000012", Typed::Import("IM000012".into())),
            ("HD2026-001", Typed::Run("HD2026-001".into())),
            ("zh000001", Typed::File("ZH000001".into())),
            ("nd2026-000001", Typed::File("ND2026-000001".into())),
            ("闽财2026-001", Typed::Text("闽财2026-001".into())),
            ("913501000000000001", Typed::Enterprise("913501000000000001".into())),
            ("91350100MAFAKE000K", Typed::Enterprise("91350100MAFAKE000K".into())),
            ("张 伟", Typed::Text("张伟".into())),
            ("John  Smith", Typed::Text("John Smith".into())),
            ("闽人证〔2026〕7号", Typed::Text("闽人证〔2026〕7号".into())),
            ("91350100", Typed::Text("91350100".into())),
        ] {
            assert_eq!(Typed::of(text), typed, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_documents_accounts_and_mobiles_are_private_even_when_mistyped() {
        for text in [
            "11010519491231002X",
            "110105 19491231 0021",
            "350102199001011230",
            "H12345678",
            "6222020200112233445",
            "13800138000",
        ] {
            assert_eq!(Typed::of(text), Typed::Private, "{text}");
        }
        for text in ["E12345678", "C01X00T47", "EA1234567"] {
            assert!(Typed::of(text).is_private(), "{text}");
        }
    }

    #[test]
    fn a_name_is_kept_under_the_pairs_of_every_part_of_it() {
        assert_eq!(grams("张伟"), ["伟$", "张伟"]);
        assert_eq!(grams("Li Li"), [" l", "i ", "i$", "li"]);
        let name = grams("福建骏才科技有限公司");
        for part in ["骏才", "科技有限", "公司"] {
            assert!(pairs(part).iter().all(|pair| name.contains(pair)), "{part}");
        }
        assert_eq!(pairs("张"), [""; 0]);
        let (from, to) = beginning_with('司');
        assert!(name.iter().any(|gram| *gram >= from && *gram < to), "the last character");
    }
}
