//! What a row of a bank's return file means for a line (domain.md 5.4, cases 32 and 33).
//!
//! No row is passed over: it takes effect, repeats what is known, or is kept in suspense with the
//! question that somebody has to ask.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::code_list;
use crate::domain::money::Fen;

use super::Outcome;

code_list! {
    /// What the bank says of a line.
    BankWord {
        /// Paid.
        Paid = "S", "成功";
        /// Not paid.
        Failed = "F", "失败";
        /// Paid and sent back later.
        SentBack = "R", "退回";
        /// Still on its way: nothing is known yet that would change a line.
        Pending = "P", "处理中";
    }
}

code_list! {
    /// How a row ends.
    Disposition {
        /// It takes effect on a line.
        Matched = "matched", "已对上";
        /// It says what is already known.
        Repeated = "repeated", "重复";
        /// Somebody has to find out.
        Suspense = "suspense", "待处理";
    }
}

/// A row of a return file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedRow {
    /// Row number in the file.
    pub row_no: i64,
    /// Identity of the line as the bank gives it back.
    pub line_ref: String,
    /// What the bank says.
    pub word: BankWord,
    /// What the bank says it paid; zero when it names nothing.
    pub paid: Fen,
    /// The bank's serial number; may be empty.
    pub bank_serial: String,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// The bank's reason code; may be empty.
    pub reason_code: String,
    /// The bank's reason; may be empty.
    pub reason_text: String,
    /// Whom and which account the bank says it is about.
    pub payee: Payee,
}

/// Who is paid, and where. Empty where a bank does not repeat it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payee {
    /// Name.
    pub name: String,
    /// Account: its number as it is read, its keyed hash from then on.
    pub account: String,
}

impl Payee {
    /// What a bank changed of what was sent; blanks, full-width brackets and what it masks say
    /// nothing.
    fn differs(&self, sent: &Self) -> Option<&'static str> {
        let plain = |text: &str| -> String {
            let kept = text.chars().filter(|c| !c.is_whitespace());
            kept.map(|c| {
                if c == '（' {
                    '('
                } else if c == '）' {
                    ')'
                } else {
                    c
                }
            })
            .collect()
        };
        let changed = |told: &str, sent: &str| {
            !told.is_empty() && !told.contains('*') && plain(told) != plain(sent)
        };
        if changed(&self.name, &sent.name) {
            return Some("回单所列收款人与发放时不一致，请向银行核实款项付给了谁");
        }
        let other = changed(&self.account, &sent.account);
        other.then_some("回单所列收款账号与发放时不一致，请向银行核实款项付到了哪里")
    }
}

/// A line of the batch as it is known now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLine {
    /// Identity of the batch line.
    pub id: i64,
    /// Amount that was sent.
    pub amount: Fen,
    /// What is known of it.
    pub outcome: Outcome,
    /// Serial number of the payment, if it was ever paid.
    pub bank_serial: String,
    /// When it was paid, if it ever was: a failed line with a time was paid and sent back.
    pub paid_at: Option<DateTime<Utc>>,
    /// Whom it was sent to; the account as keyed hash.
    pub payee: Payee,
}

/// Where the line that a row names was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'a> {
    /// In the current revision of the batch.
    Line(&'a KnownLine),
    /// In an earlier revision, or in one that never went to a bank.
    Withdrawn,
    /// In another batch of this installation.
    OtherBatch,
    /// Nowhere.
    Unknown,
}

code_list! {
    /// Why a row of a bank's answer is not believed: what has to be found out.
    QueryClass {
        /// No line of this installation has the number.
        Unknown = "unknown", "系统中没有该笔";
        /// The number belongs to a revision that never went to a bank.
        Withdrawn = "withdrawn", "已退回或撤销的编制";
        /// The number belongs to another batch.
        OtherBatch = "other_batch", "属于另一个批次";
        /// The file says two things of one line.
        Contradiction = "contradiction", "同一文件说法不一";
        /// Name or account is not what was sent.
        OtherPayee = "other_payee", "收款人或账号不符";
        /// The line was let go before.
        Released = "released", "已从批次中释放";
        /// The amount is not what was sent.
        OtherAmount = "other_amount", "金额不符";
        /// Paid, and paid again.
        DoublePayment = "double_payment", "疑似重复支付";
        /// Paid, and then not paid.
        PaidThenFailed = "paid_then_failed", "结清后又报失败";
        /// Not paid, and then paid or sent back.
        FailedThenPaid = "failed_then_paid", "失败后又报成功或退回";
    }
}

/// What a row does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The line is paid.
    Settle(i64),
    /// The line is not paid, or the money came back; it is payable again.
    Fail(i64),
    /// Nothing new about the line.
    Repeat(i64),
    /// Kept aside with a question of a class.
    Query(QueryClass, String),
}

impl Verdict {
    /// How the row ends.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Settle(_) | Self::Fail(_) => Disposition::Matched,
            Self::Repeat(_) => Disposition::Repeated,
            Self::Query(..) => Disposition::Suspense,
        }
    }

    /// The batch line it is about, when it is certain.
    pub const fn line(&self) -> Option<i64> {
        match self {
            Self::Settle(id) | Self::Fail(id) | Self::Repeat(id) => Some(*id),
            Self::Query(..) => None,
        }
    }
}

/// What other rows of the same file say about a row's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sibling {
    /// No other row names it before.
    None,
    /// An earlier row says the same.
    Same,
    /// The row with this number says something else. Then none of them is believed: taking a
    /// failure at its word would make money payable that another row says was paid.
    Contradicting(i64),
}

/// For each row of a file, what the other rows say about its line.
pub fn siblings(rows: &[ReturnedRow]) -> Vec<Sibling> {
    let mut by_line: BTreeMap<&str, Vec<&ReturnedRow>> = BTreeMap::new();
    for row in rows {
        by_line.entry(&row.line_ref).or_default().push(row);
    }
    let says = |row: &ReturnedRow| (row.word, row.paid, row.bank_serial.clone());
    rows.iter()
        .map(|row| {
            let others = &by_line[row.line_ref.as_str()];
            match others.iter().find(|other| says(other) != says(row)) {
                Some(other) => Sibling::Contradicting(other.row_no),
                None if others[0].row_no != row.row_no => Sibling::Same,
                None => Sibling::None,
            }
        })
        .collect()
}

/// What `row` means, given the line it names and what other rows of its file say of that line.
pub fn judge(row: &ReturnedRow, found: &Match<'_>, sibling: Sibling) -> Verdict {
    use QueryClass as Q;
    let line = match found {
        Match::Line(line) => line,
        Match::Withdrawn => {
            return query(
                Q::Withdrawn,
                "该行标识属于已退回或已撤销的编制，从未送银行，请向银行核实来源",
            );
        }
        Match::OtherBatch => {
            return query(Q::OtherBatch, "该行标识属于另一个批次，请在所属批次载入回单");
        }
        Match::Unknown => return query(Q::Unknown, "系统中没有该行标识，请向银行核实收款人和来源"),
    };
    match sibling {
        Sibling::None => {}
        Sibling::Same => return Verdict::Repeat(line.id),
        Sibling::Contradicting(other) => {
            return Verdict::Query(
                Q::Contradiction,
                format!("与同一文件第 {other} 行对同一笔说法不一，请向银行核实"),
            );
        }
    }
    if let Some(why) = row.payee.differs(&line.payee) {
        return query(Q::OtherPayee, why);
    }
    after(line, row)
}

fn query(class: QueryClass, text: &str) -> Verdict {
    Verdict::Query(class, text.to_owned())
}

/// What `row` says of its line, by what is known of the line already.
fn after(line: &KnownLine, row: &ReturnedRow) -> Verdict {
    use QueryClass as Q;
    match (line.outcome, row.word) {
        (Outcome::Released, _) => query(Q::Released, "该笔已从批次中释放，请向银行核实来源"),
        // Whatever became of the line since: that it was once on its way is no news.
        (_, BankWord::Pending) => Verdict::Repeat(line.id),
        (Outcome::Pending, BankWord::Paid) if row.paid == line.amount => Verdict::Settle(line.id),
        (Outcome::Pending, BankWord::Paid) => Verdict::Query(
            Q::OtherAmount,
            format!("实付 {} 元与应付 {} 元不符，请向银行核实实付金额", row.paid, line.amount),
        ),
        (Outcome::Pending, BankWord::Failed) => Verdict::Fail(line.id),
        (Outcome::Pending | Outcome::Settled, BankWord::SentBack) if !in_full(line, row) => {
            Verdict::Query(
                Q::OtherAmount,
                format!("退回 {} 元与该笔 {} 元不符，请向银行核实退回金额", row.paid, line.amount),
            )
        }
        (Outcome::Pending | Outcome::Settled, BankWord::SentBack) => Verdict::Fail(line.id),
        (Outcome::Settled, BankWord::Paid)
            if row.paid == line.amount && row.bank_serial == line.bank_serial =>
        {
            Verdict::Repeat(line.id)
        }
        (Outcome::Settled, BankWord::Paid) => Verdict::Query(
            Q::DoublePayment,
            format!(
                "该笔已结清（流水号 {}），回单又报成功（流水号 {}，{} 元），请核实是否重复支付",
                line.bank_serial, row.bank_serial, row.paid
            ),
        ),
        (Outcome::Settled, BankWord::Failed) => {
            query(Q::PaidThenFailed, "该笔已结清，回单又报失败，请向银行核实资金去向")
        }
        (Outcome::Failed, BankWord::Failed) => Verdict::Repeat(line.id),
        (Outcome::Failed, BankWord::SentBack) if line.paid_at.is_some() && in_full(line, row) => {
            Verdict::Repeat(line.id)
        }
        (Outcome::Failed, BankWord::SentBack) => {
            query(Q::FailedThenPaid, "该笔已登记失败，回单又报付后退回，请向银行核实资金去向")
        }
        (Outcome::Failed, BankWord::Paid) => query(
            Q::FailedThenPaid,
            "该笔已登记失败并可另行发放，回单又报成功，请立即核实，防止重复支付",
        ),
    }
}

/// Whether all the money came back. Banks that state no amount mean all of it.
fn in_full(line: &KnownLine, row: &ReturnedRow) -> bool {
    row.paid == line.amount || row.paid == Fen::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(word: BankWord, fen: i64, serial: &str) -> ReturnedRow {
        ReturnedRow {
            row_no: 2,
            line_ref: "B2027-0001-1-00001".to_owned(),
            word,
            paid: Fen::new(fen),
            bank_serial: serial.to_owned(),
            paid_at: None,
            reason_code: String::new(),
            reason_text: String::new(),
            payee: Payee::default(),
        }
    }

    fn payee(name: &str, account: &str) -> Payee {
        Payee { name: name.to_owned(), account: account.to_owned() }
    }

    fn line(outcome: Outcome, paid: bool) -> KnownLine {
        KnownLine {
            id: 7,
            amount: Fen::new(500),
            outcome,
            bank_serial: if paid { "S1".to_owned() } else { String::new() },
            paid_at: paid.then_some(DateTime::UNIX_EPOCH),
            payee: payee("福州某某（福建）公司", "a1"),
        }
    }

    fn verdict(line: &KnownLine, row: &ReturnedRow) -> &'static str {
        match judge(row, &Match::Line(line), Sibling::None) {
            Verdict::Settle(7) => "settle",
            Verdict::Fail(7) => "fail",
            Verdict::Repeat(7) => "repeat",
            Verdict::Query(_, text) if !text.is_empty() => "query",
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_word_of_the_bank_on_every_outcome_has_one_answer() {
        let paid = row(BankWord::Paid, 500, "S1");
        let paid_less = row(BankWord::Paid, 499, "S1");
        let paid_again = row(BankWord::Paid, 500, "S2");
        let failed = row(BankWord::Failed, 0, "");
        let back = row(BankWord::SentBack, 500, "S1");
        let back_unstated = row(BankWord::SentBack, 0, "");
        let back_less = row(BankWord::SentBack, 100, "S1");
        let going = row(BankWord::Pending, 0, "");
        let rows =
            [&paid, &paid_less, &paid_again, &failed, &back, &back_unstated, &back_less, &going];
        let settled = ["repeat", "query", "query", "query", "fail", "fail", "query", "repeat"];
        let failed_unpaid =
            ["query", "query", "query", "repeat", "query", "query", "query", "repeat"];
        let sent_back =
            ["query", "query", "query", "repeat", "repeat", "repeat", "query", "repeat"];
        for (known, answers) in [
            (
                line(Outcome::Pending, false),
                ["settle", "query", "settle", "fail", "fail", "fail", "query", "repeat"],
            ),
            (line(Outcome::Settled, true), settled),
            (line(Outcome::Failed, false), failed_unpaid),
            (line(Outcome::Failed, true), sent_back),
            (line(Outcome::Released, false), ["query"; 8]),
        ] {
            for (row, answer) in rows.iter().zip(answers) {
                assert_eq!(verdict(&known, row), answer, "{:?} {row:?}", known.outcome);
            }
        }
    }

    #[test]
    fn a_row_that_comes_back_changed_is_a_question_whatever_the_bank_says() {
        let known = line(Outcome::Pending, false);
        for (name, account, answer) in [
            ("", "", "settle"),
            ("福州某某(福建) 公司", "a1", "settle"),
            ("福州**公司", "6222****7890", "settle"),
            ("福州某某公司", "a1", "query"),
            ("", "b2", "query"),
        ] {
            let told =
                ReturnedRow { payee: payee(name, account), ..row(BankWord::Paid, 500, "S1") };
            assert_eq!(verdict(&known, &told), answer, "{name} {account}");
        }
        let failed = ReturnedRow { payee: payee("别人", ""), ..row(BankWord::Failed, 0, "") };
        assert_eq!(verdict(&known, &failed), "query", "it stays on its way until that is known");
    }

    #[test]
    fn a_row_about_no_line_of_this_batch_is_a_question_never_dropped() {
        for found in [Match::Unknown, Match::OtherBatch, Match::Withdrawn] {
            let verdict = judge(&row(BankWord::Paid, 500, "S1"), &found, Sibling::None);
            assert_eq!(verdict.disposition(), Disposition::Suspense, "{found:?}");
            assert_eq!(verdict.line(), None);
        }
    }

    #[test]
    fn rows_on_one_line_repeat_each_other_or_are_all_questions() {
        let known = line(Outcome::Pending, false);
        let judged = |words: &[(BankWord, i64, &str)]| {
            let rows: Vec<_> = (2..)
                .zip(words)
                .map(|(row_no, (word, fen, serial))| ReturnedRow {
                    row_no,
                    ..row(*word, *fen, serial)
                })
                .collect();
            let siblings = siblings(&rows);
            let verdicts = rows.iter().zip(siblings);
            verdicts
                .map(|(row, sibling)| judge(row, &Match::Line(&known), sibling).disposition())
                .collect::<Vec<_>>()
        };
        use Disposition::*;
        let paid = (BankWord::Paid, 500, "S1");
        assert_eq!(judged(&[paid, paid]), [Matched, Repeated]);
        assert_eq!(judged(&[(BankWord::Failed, 0, ""), paid]), [Suspense, Suspense]);
        assert_eq!(judged(&[paid, (BankWord::Paid, 500, "S2"), paid]), [Suspense; 3]);
    }
}
