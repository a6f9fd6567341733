//! What a frozen batch holds, in one canonical text: three people act on its hash.

use crate::domain::money::Fen;

/// A line of a frozen batch with everything that decides who receives how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentLine {
    /// Position in the batch, from 1.
    pub seq: i64,
    /// Identity that goes to the bank and comes back.
    pub line_ref: String,
    /// Number of the payment line.
    pub line_no: String,
    /// Name of the account's holder.
    pub payee_name: String,
    /// Keyed hash of the account number.
    pub account_index: String,
    /// Bank of the account.
    pub bank_name: String,
    /// Bank code of the account.
    pub cnaps: String,
    /// Amount that the batch holds.
    pub amount: Fen,
    /// Amount of the payment line itself.
    pub payable: Fen,
    /// What is withheld of the amount.
    pub tax: Fen,
}

/// A frozen batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<'a> {
    /// Number of the batch.
    pub batch_no: &'a str,
    /// How often it was drawn up; a new revision never has the hash of an older one.
    pub revision: i64,
    /// Programme.
    pub programme: &'a str,
    /// Year the money is for.
    pub award_year: i64,
    /// Year whose budget pays.
    pub budget_year: i64,
    /// Funding source.
    pub source: &'a str,
    /// Who pays.
    pub payer_division: &'a str,
    /// Account that pays.
    pub payer_account: &'a str,
    /// What payees read.
    pub purpose: &'a str,
    /// How income tax is handled; empty in batches from before that was settled.
    pub tax_treatment: &'a str,
    /// The lines, by position.
    pub lines: Vec<ContentLine>,
}

/// How the stored content differs from what was frozen; the text is for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// Another number of lines.
    #[error("冻结时 {frozen} 笔，现有 {found} 笔")]
    Count {
        /// At freezing.
        frozen: i64,
        /// Now.
        found: i64,
    },
    /// Another sum.
    #[error("冻结时合计 {frozen} 元，现为 {found} 元")]
    Total {
        /// At freezing.
        frozen: Fen,
        /// Now.
        found: Fen,
    },
    /// The sum has no value.
    #[error("合计金额超出可处理的范围")]
    Overflow,
    /// A line with another amount than its payment line.
    #[error("第 {seq} 笔 {payee_name} 在批次中为 {amount} 元，待付资金为 {payable} 元")]
    Amount {
        /// Position.
        seq: i64,
        /// Who.
        payee_name: String,
        /// In the batch.
        amount: Fen,
        /// Of the payment line.
        payable: Fen,
    },
    /// Same count and sums, but something else was changed.
    #[error("收款人、账户、金额分布或批次条件与冻结时的校验值不符")]
    Hash,
}

impl Content<'_> {
    /// Sum of the lines, or `None` on overflow.
    pub fn total(&self) -> Option<Fen> {
        Fen::checked_sum(self.lines.iter().map(|line| line.amount))
    }

    /// Number of lines.
    pub fn count(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(i64::MAX)
    }

    /// One text for one content: every field is written with its length, so that no two contents
    /// share a text. Its hash is what the three people act on.
    pub fn canonical(&self) -> String {
        // Batches from before taxes were settled keep the text, and so the hash, that they had.
        let has_tax = !self.tax_treatment.is_empty();
        let form = if has_tax { "juncai-batch/2\n" } else { "juncai-batch/1\n" };
        let mut text = Canonical(form.to_owned());
        for field in [self.batch_no, self.programme, self.source, self.payer_division] {
            text.field(field);
        }
        text.field(self.payer_account).field(self.purpose);
        if has_tax {
            text.field(self.tax_treatment);
        }
        for number in [self.revision, self.award_year, self.budget_year, self.count()] {
            text.number(number);
        }
        text.number(self.total().map_or(-1, Fen::get));
        for line in &self.lines {
            text.0.push('\n');
            text.number(line.seq).field(&line.line_ref).field(&line.line_no);
            text.field(&line.payee_name).field(&line.account_index);
            text.field(&line.bank_name).field(&line.cnaps).number(line.amount.get());
            if has_tax {
                text.number(line.tax.get());
            }
        }
        text.0
    }

    /// What differs from what was frozen, the most telling first; `None` when nothing does.
    /// `hash` is the hash of [`Content::canonical`] now.
    pub fn difference(
        &self,
        frozen_count: i64,
        frozen_total: Fen,
        frozen_hash: &str,
        hash: &str,
    ) -> Option<Difference> {
        if self.count() != frozen_count {
            return Some(Difference::Count { frozen: frozen_count, found: self.count() });
        }
        if let Some(line) = self.lines.iter().find(|line| line.amount != line.payable) {
            return Some(Difference::Amount {
                seq: line.seq,
                payee_name: line.payee_name.clone(),
                amount: line.amount,
                payable: line.payable,
            });
        }
        match self.total() {
            None => return Some(Difference::Overflow),
            Some(found) if found != frozen_total => {
                return Some(Difference::Total { frozen: frozen_total, found });
            }
            Some(_) => {}
        }
        (hash != frozen_hash).then_some(Difference::Hash)
    }
}

struct Canonical(String);

impl Canonical {
    fn field(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&format!("{}:{text},", text.len()));
        self
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.field(&number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: i64, fen: i64) -> ContentLine {
        ContentLine {
            seq,
            line_ref: format!("B2027-0001-1-{seq:05}"),
            line_no: format!("L{seq}"),
            payee_name: "张三".to_owned(),
            account_index: format!("index{seq}"),
            bank_name: "某银行".to_owned(),
            cnaps: String::new(),
            amount: Fen::new(fen),
            payable: Fen::new(fen),
            tax: Fen::new(fen / 5),
        }
    }

    fn content() -> Content<'static> {
        Content {
            batch_no: "B2027-0001",
            revision: 1,
            programme: "core-engineer",
            award_year: 2026,
            budget_year: 2027,
            source: "province",
            payer_division: "350000",
            payer_account: "零余额账户",
            purpose: "2026核心工程师奖补",
            tax_treatment: "incidental_20",
            lines: vec![line(1, 100), line(2, 250)],
        }
    }

    type Change = fn(&mut Content<'static>);

    #[test]
    fn changing_any_part_changes_the_canonical_text() {
        let changes: &[Change] = &[
            |c| c.batch_no = "B2027-0002",
            |c| c.revision = 2,
            |c| c.programme = "other",
            |c| c.award_year = 2027,
            |c| c.budget_year = 2028,
            |c| c.source = "city",
            |c| c.payer_division = "350200",
            |c| c.payer_account = "另一账户",
            |c| c.purpose = "其他",
            |c| c.tax_treatment = "exempt_art4_1",
            |c| c.tax_treatment = "",
            |c| c.lines[0].tax = Fen::new(19),
            |c| c.lines.swap(0, 1),
            |c| c.lines.truncate(1),
            |c| c.lines[0].seq = 3,
            |c| c.lines[0].line_ref.push('0'),
            |c| c.lines[0].line_no.push('0'),
            |c| c.lines[0].payee_name = "李四".to_owned(),
            |c| c.lines[0].account_index.push('0'),
            |c| c.lines[0].bank_name.push('行'),
            |c| c.lines[0].cnaps.push('1'),
            |c| c.lines[0].amount = Fen::new(101),
            // Moving a boundary between two fields must show as well.
            |c| {
                c.lines[0].bank_name = "某".to_owned();
                c.lines[0].cnaps = "银行".to_owned();
            },
        ];
        let original = content().canonical();
        for (number, change) in changes.iter().enumerate() {
            let mut changed = content();
            change(&mut changed);
            assert_ne!(changed.canonical(), original, "change {number}");
        }
        assert_eq!(content().canonical(), original);
    }

    #[test]
    fn the_most_telling_difference_is_named() {
        let total = Fen::new(350);
        assert_eq!(content().difference(2, total, "h", "h"), None);
        assert_eq!(
            content().difference(3, total, "h", "x"),
            Some(Difference::Count { frozen: 3, found: 2 })
        );
        let mut raised = content();
        raised.lines[1].amount = Fen::new(251);
        let Some(Difference::Amount { seq: 2, .. }) = raised.difference(2, total, "h", "x") else {
            panic!("the raised line is named");
        };
        raised.lines[1].payable = Fen::new(251);
        assert_eq!(
            raised.difference(2, total, "h", "x"),
            Some(Difference::Total { frozen: total, found: Fen::new(351) })
        );
        assert_eq!(content().difference(2, total, "h", "x"), Some(Difference::Hash));
    }
}
