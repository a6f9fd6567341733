//! Full numbers of documents and accounts inside free text, where they have no place.

use super::account::BankAccountNo;
use super::normalise::{half_width, is_invisible};
use super::{Cnaps, Passport, PermanentResidence, ResidencePermit, ResidentId, TravelPermit, Uscc};

/// What a text gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// The number of an identity document.
    Document,
    /// The number of a bank account, or as many digits as one has.
    Account,
}

impl Disclosure {
    /// What users read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Document => "完整的证件号码",
            Self::Account => "完整的银行账号或同样长的数字",
        }
    }
}

/// Digits from which on a number is taken for an account's.
const ACCOUNT_DIGITS: usize = 12;

/// What full number a text holds, if any, however its digits are grouped. Codes of enterprises and
/// of bank branches are public and pass. The eight digits of a Taiwan permit look like any date
/// and are not found.
pub fn disclosure(text: &str) -> Option<Disclosure> {
    let plain: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| half_width(c).to_ascii_uppercase())
        .collect();
    let mut rows: Vec<Vec<&str>> = vec![Vec::new()];
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let gap = &rest[..at];
        // One blank or stroke between them: groups of one number.
        if gap.chars().count() > 1 || gap.chars().any(|c| !groups(c)) {
            rows.push(Vec::new());
        }
        let word = &rest[at..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
        if let Some(row) = rows.last_mut() {
            row.push(&word[..end]);
        }
        rest = &word[end..];
    }
    rows.iter().find_map(|row| in_row(row))
}

fn groups(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.' | '·' | '\u{2010}'..='\u{2015}')
}

fn in_row(words: &[&str]) -> Option<Disclosure> {
    if let Some(found) = words.iter().find_map(|word| in_word(word)) {
        return Some(found);
    }
    (0..words.len())
        .find_map(|from| (from + 2..=words.len()).find_map(|to| grouped(&words[from..to])))
}

fn in_word(word: &str) -> Option<Disclosure> {
    if is_document(word) {
        return Some(Disclosure::Document);
    }
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    let is_public = Cnaps::parse(word).is_ok() || Uscc::parse(word).is_ok();
    (digits && word.len() >= ACCOUNT_DIGITS && !is_public).then_some(Disclosure::Account)
}

fn is_document(word: &str) -> bool {
    let passport = || Passport::parse(word).is_ok_and(|found| found.value.is_chinese());
    ResidentId::parse(word).is_ok()
        || ResidencePermit::parse(word).is_ok()
        || PermanentResidence::parse(word).is_ok()
        || TravelPermit::parse_hk_mo(word).is_ok()
        || passport()
}

/// Words that make one number together: a document that holds, digits in fours like on a card, or
/// a card of UnionPay that holds.
fn grouped(words: &[&str]) -> Option<Disclosure> {
    let whole = words.concat();
    if whole.len() > 25 {
        return None;
    }
    if ResidentId::parse(&whole).is_ok() || ResidencePermit::parse(&whole).is_ok() {
        return Some(Disclosure::Document);
    }
    let (last, body) = words.split_last()?;
    let in_fours = body.iter().all(|word| word.len() == 4) && last.len() <= 4;
    let digits = whole.bytes().all(|b| b.is_ascii_digit());
    let card = BankAccountNo::parse_card(&whole).is_ok_and(|card| card.warning.is_none());
    let is_card = (in_fours && whole.len() >= 16) || (whole.starts_with("62") && card);
    (digits && is_card).then_some(Disclosure::Account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_numbers_are_found_however_they_are_written() {
        use Disclosure::{Account, Document};
        for (text, found) in [
            ("身份证350102199003079981，请核对", Some(Document)),
            ("证件 350102 19900307 9981", Some(Document)),
            ("２０２６年 ３５０１０２１９９００３０７９９８１", Some(Document)),
            ("2026-11-24 350102-19900307-9981", Some(Document)),
            ("护照 E12345678 已过期", Some(Document)),
            ("回乡证H1234567801", Some(Document)),
            ("账号6217000000000000129", Some(Account)),
            ("账号 6217 0000 0000 0000 129 有误", Some(Account)),
            ("卡号 621700 0000000000129", Some(Account)),
            ("旧账号 117010100100123456", Some(Account)),
        ] {
            assert_eq!(disclosure(text), found, "{text}");
        }
    }

    #[test]
    fn what_people_write_about_files_passes() {
        for text in [
            "请补交 2026-11-24 至 2026-11-30 的社保记录，办件 RD2026-000012",
            "统一社会信用代码 91350100MAFAKE000K，联行号 105391000010",
            "证书 FJ-AI-2026000123-K，工程师 E000127，电话 13800000000",
            "应发 200,000.00 元，尾号 9981；文号 闽人才〔2026〕31号",
            "2026 11 24 09:58:07 已收到",
            "",
        ] {
            assert_eq!(disclosure(text), None, "{text}");
        }
    }
}
