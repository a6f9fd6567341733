//! What must hold before a bank file leaves the system.

use std::collections::HashSet;
use std::fmt;

use encoding_rs::{GB18030, GBK};

use super::super::workbook::WriteError;
use super::{BankLine, NeutralFile};
use crate::domain::money::Fen;

/// Characters of a purpose that all banks print.
pub const MAX_PURPOSE: usize = 20;
/// Characters of a name or a bank.
const MAX_NAME: usize = 100;
/// Problems named one by one in a message; the rest is counted.
const MAX_NAMED: usize = 10;

/// The characters a bank's own system can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// The national standard: every character.
    Gb18030,
    /// The older two-byte set: most, but not the rare characters of names such as 䶮 or 𬱖.
    Gbk,
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gb18030 => "GB18030",
            Self::Gbk => "GBK",
        })
    }
}

/// The characters of `text` that `charset` cannot hold, each once, in order.
///
/// Private-use characters never pass: what they show depends on the machine.
pub fn unencodable(text: &str, charset: Charset) -> Vec<char> {
    let mut found = Vec::new();
    for character in text.chars() {
        if !is_encodable(character, charset) && !found.contains(&character) {
            found.push(character);
        }
    }
    found
}

fn is_encodable(character: char, charset: Charset) -> bool {
    if character.is_ascii() {
        return true;
    }
    if matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..) {
        return false;
    }
    let encoding = match charset {
        Charset::Gb18030 => GB18030,
        Charset::Gbk => GBK,
    };
    let mut buffer = [0; 4];
    let (bytes, _, replaced) = encoding.encode(character.encode_utf8(&mut buffer));
    if replaced {
        return false;
    }
    // The web's GBK knows one more than the banks' (code page 936): the row FE50-FEA0, to which
    // only GB18030 gave characters, 䶮 among them.
    charset == Charset::Gb18030 || !matches!(*bytes, [0xFE, 0x50..=0xA0])
}

/// What is wrong with one order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BankFault {
    /// Sequence numbers must be 1, 2, 3 …
    #[error("序号不连续")]
    Sequence,
    /// No name.
    #[error("收款人姓名为空")]
    NoName,
    /// A name that a spreadsheet would take for a formula.
    #[error("{0}以 = + - @ 开头，会被表格软件当作公式")]
    Formula(&'static str),
    /// A line break or another control character.
    #[error("{0}含有换行等控制字符")]
    Control(&'static str),
    /// More than 100 characters.
    #[error("{0}超过 100 个字")]
    TooLong(&'static str),
    /// Not 1 to 32 digits.
    #[error("账号应为 1 至 32 位数字")]
    Account,
    /// Neither empty nor twelve digits.
    #[error("联行号应为 12 位数字或留空")]
    Cnaps,
    /// Nothing to pay.
    #[error("金额应大于 0")]
    Amount,
    /// Longer than 20 characters or empty.
    #[error("用途应为 1 至 20 个字")]
    Purpose,
    /// Not 1 to 64 letters, digits, `-` or `_`.
    #[error("行标识应为 1 至 64 位字母、数字、- 或 _")]
    LineId,
    /// Used by an earlier line.
    #[error("行标识重复")]
    LineIdTwice,
    /// The character between fields, in a form that cannot quote it.
    #[error("{0}含有分隔符“{1}”")]
    Separator(&'static str, char),
    /// More bytes than a field of fixed width has.
    #[error("“{0}”超过银行格式规定的 {1} 字节")]
    TooWide(String, usize),
    /// Characters the bank cannot hold.
    #[error("含有 {charset} 无法表示的字：{characters}")]
    Unencodable {
        /// What the bank works with.
        charset: Charset,
        /// The characters.
        characters: String,
    },
}

/// A fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第 {seq} 笔 {payee_name}：{fault}")]
pub struct BankProblem {
    /// Sequence number of the order.
    pub seq: u32,
    /// Its payee.
    pub payee_name: String,
    /// What is wrong.
    pub fault: BankFault,
}

/// Why a bank file is not made. Nothing is ever left out or replaced by `?`.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// No orders.
    #[error("批次中没有可发放的明细")]
    Empty,
    /// Batch number or time unfit for the header line.
    #[error("批次号和生成时间只能包含字母、数字和 - _ : + .，请检查批次信息")]
    Header,
    /// The sum overflows.
    #[error("批次合计金额超出可处理的范围")]
    TotalTooLarge,
    /// Orders that a bank would refuse or misread, all of them.
    #[error("有 {} 处问题，未生成银行文件：{}", .0.len(), named(.0))]
    Problems(Vec<BankProblem>),
    /// What is written of the payer does not fit the form.
    #[error("{0}不符合所选银行格式，未生成银行文件：{1}")]
    Payer(&'static str, BankFault),
    /// An identity or a name beyond what a message of ISO 20022 holds.
    #[error("{0}超过 ISO 20022 报文允许的 {1} 个字，不能生成 pain.001")]
    Message(&'static str, usize),
    /// Texts of the profile itself; a test makes sure that no shipped one has them.
    #[error("银行格式 {0} 的固定文字超出其字符集，请联系系统管理员")]
    Profile(String),
    /// The workbook cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn named(problems: &[BankProblem]) -> String {
    let first: Vec<String> = problems.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let more = if problems.len() > MAX_NAMED { "……" } else { "" };
    format!("{}{more}", first.join("；"))
}

impl NeutralFile {
    /// Checks all orders and gives their sum.
    ///
    /// # Errors
    ///
    /// [`BankError`], with every problem of every order.
    pub fn check(&self, charset: Charset) -> Result<Fen, BankError> {
        self.check_with(charset, None)
    }

    /// [`Self::check`] for a form that cannot quote the character between its fields.
    pub(super) fn check_with(
        &self,
        charset: Charset,
        separator: Option<char>,
    ) -> Result<Fen, BankError> {
        if self.lines.is_empty() {
            return Err(BankError::Empty);
        }
        if !is_header_word(&self.batch_no) || !is_header_word(&self.created_at) {
            return Err(BankError::Header);
        }
        let mut problems = Vec::new();
        let mut ids = HashSet::new();
        for (expected, line) in (1_u32..).zip(&self.lines) {
            let mut faults = faults(line, charset, separator);
            if line.seq != expected {
                faults.push(BankFault::Sequence);
            }
            if !ids.insert(line.line_id.as_str()) {
                faults.push(BankFault::LineIdTwice);
            }
            problems.extend(faults.into_iter().map(|fault| BankProblem {
                seq: line.seq,
                payee_name: line.payee_name.clone(),
                fault,
            }));
        }
        if !problems.is_empty() {
            return Err(BankError::Problems(problems));
        }
        self.total().ok_or(BankError::TotalTooLarge)
    }
}

fn faults(line: &BankLine, charset: Charset, separator: Option<char>) -> Vec<BankFault> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut faults = Vec::new();
    let mut require = |holds: bool, fault: BankFault| {
        if !holds {
            faults.push(fault);
        }
    };
    let (account, id) = (&line.account_no, &line.line_id);
    require(!line.payee_name.trim().is_empty(), BankFault::NoName);
    require((1..=32).contains(&account.len()) && digits(account), BankFault::Account);
    let cnaps = line.cnaps.is_empty() || (line.cnaps.len() == 12 && digits(&line.cnaps));
    require(cnaps, BankFault::Cnaps);
    require(line.amount > Fen::ZERO, BankFault::Amount);
    let purpose = line.purpose.chars().count();
    require((1..=MAX_PURPOSE).contains(&purpose), BankFault::Purpose);
    let word = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    require((1..=64).contains(&id.len()) && word, BankFault::LineId);
    for (label, text) in
        [("收款人姓名", &line.payee_name), ("开户行", &line.bank_name), ("用途", &line.purpose)]
    {
        faults.extend(text_faults(label, text, charset, separator));
    }
    faults
}

/// What is wrong with a text in a file for a bank.
fn text_faults(
    label: &'static str,
    text: &str,
    charset: Charset,
    separator: Option<char>,
) -> Vec<BankFault> {
    let mut faults = Vec::new();
    let mut require = |holds: bool, fault: BankFault| {
        if !holds {
            faults.push(fault);
        }
    };
    require(
        !text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']),
        BankFault::Formula(label),
    );
    require(text.chars().count() <= MAX_NAME, BankFault::TooLong(label));
    require(!text.chars().any(char::is_control), BankFault::Control(label));
    if let Some(separator) = separator {
        require(!text.contains(separator), BankFault::Separator(label, separator));
    }
    let characters: String = unencodable(text, charset).into_iter().collect();
    require(characters.is_empty(), BankFault::Unencodable { charset, characters });
    faults
}

/// The first thing wrong with a text about the payer.
pub(super) fn text_fault(
    label: &'static str,
    text: &str,
    charset: Charset,
    separator: Option<char>,
) -> Option<BankFault> {
    text_faults(label, text, charset, separator).into_iter().next()
}

/// Fit for the header line without quoting: no separator, no space.
fn is_header_word(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:+.".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_fit_the_charsets_that_domain_md_4_8_says() {
        // character, fits GBK, fits GB18030
        for (character, gbk, gb18030) in [
            ('堃', true, true),
            ('喆', true, true),
            ('玥', true, true),
            ('·', true, true),
            ('•', false, true),
            ('䶮', false, true),
            ('㛃', false, true),
            ('𬱖', false, true),
            ('𫖯', false, true),
            ('\u{E863}', false, false),
        ] {
            let text = format!("张{character}A{character}");
            let missing = |fits: bool| if fits { vec![] } else { vec![character] };
            assert_eq!(unencodable(&text, Charset::Gbk), missing(gbk), "{character} GBK");
            assert_eq!(unencodable(&text, Charset::Gb18030), missing(gb18030), "{character}");
        }
    }
}
