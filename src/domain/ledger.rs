//! The books of the money: double entry, append-only (domain.md 5.1, 5.3 and 5.5 item 5).
//!
//! An entry takes an amount out of one account of a budget line and puts it into another, so that
//! the accounts of a line always add up to zero. Nothing is ever changed: what was wrong is moved
//! back by another entry.

use std::collections::BTreeMap;

use crate::code_list;

use super::money::Fen;
use super::registry::Code;

code_list! {
    /// Where money of a budget line is.
    Account {
        /// Who allots money, and takes it back: below zero by what is allotted.
        Allotted = "allotted", "下达";
        /// What went on into another year: above zero in the year it left.
        Carried = "carried", "结转";
        /// Allotted and free.
        Budget = "budget", "余额";
        /// Held by batches that have not gone to the bank.
        Committed = "committed", "占用";
        /// At the bank, without an answer.
        InTransit = "in_transit", "在途";
        /// Paid, before tax.
        Paid = "paid", "已付";
        /// Came back after the end of its budget year: it is the treasury's.
        Returned = "returned", "缴回国库";
        /// The right to money that is to come back: below zero by what was decided.
        Claims = "claims", "追回决定";
        /// Decided to come back, and not yet back.
        Receivable = "receivable", "应追回";
        /// Came back from payees.
        Recovered = "recovered", "已追回";
        /// Given up by the authority.
        WrittenOff = "written_off", "已核销";
        /// Where what a bank names without reason would come from.
        Unexplained = "unexplained", "待查来源";
        /// Named by a bank, and about nothing that is known.
        Suspense = "suspense", "待查";
    }
}

code_list! {
    /// What two people do with the money of a budget line by a document.
    BudgetAct {
        /// Sets money aside; below zero, takes it back.
        Allot = "allot", "下达";
        /// What is left of a year is the next year's.
        CarryOver = "carry_over", "结转下年";
        /// What is left of a year goes back to who allotted it.
        Lapse = "lapse", "收回";
    }
}

/// Codes of the treasury for the money of a budget line, as its document gives them; what it does not
/// give is empty. The names are those of DA/T 95-2022.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetCodes {
    /// The budget unit (`AgencyCode`).
    pub agency: String,
    /// Class of expenditure by function (`ExpFuncCode`).
    pub function: String,
    /// Project of the department (`DepProCode`).
    pub project: String,
}

impl BudgetAct {
    /// What is booked once it is accepted.
    pub const fn event(self) -> Event {
        match self {
            Self::Allot => Event::Allotted,
            Self::CarryOver => Event::CarriedOver,
            Self::Lapse => Event::Lapsed,
        }
    }
}

code_list! {
    /// What moves money.
    Event {
        /// A document sets money aside, or takes it back.
        Allotted = "allotted", "指标下达";
        /// What a budget line held when its books were opened.
        Opened = "opened", "期初建账";
        /// A batch takes money.
        Frozen = "frozen", "批次冻结";
        /// A batch gives its money back.
        Withdrawn = "withdrawn", "批次撤回";
        /// The bank has the file.
        Sent = "sent", "送银行";
        /// The bank has paid.
        Settled = "settled", "支付成功";
        /// The bank has not paid.
        Failed = "failed", "支付失败";
        /// What was paid came back.
        CameBack = "came_back", "付后退回";
        /// What is left of a year goes on into the next.
        CarriedOver = "carried_over", "年终结转";
        /// What is left of a year is taken back.
        Lapsed = "lapsed", "年终收回";
        /// A bank names money about which nothing is known.
        Queried = "queried", "列入待查";
        /// What was queried is explained.
        Explained = "explained", "待查销账";
        /// A recovery is decided.
        Claimed = "claimed", "决定追回";
        /// A decided recovery is given up, or lowered.
        ClaimDropped = "claim_dropped", "撤销追回";
        /// Money of a recovery is back.
        Repaid = "repaid", "追回到账";
        /// A recovery is set off against other money of the same source.
        SetOff = "set_off", "抵扣追回";
        /// A recovery is written off.
        WrittenOff = "written_off", "核销";
    }
}

impl Event {
    /// From which account to which this event moves money. `in_year` says whether the budget year
    /// still runs: what a bank did not pay is then free again, else it is the treasury's
    /// (domain.md 5.3).
    pub const fn path(self, in_year: bool) -> (Account, Account) {
        use Account::*;
        let unpaid = if in_year { Budget } else { Returned };
        match self {
            Self::Allotted => (Allotted, Budget),
            Self::Opened | Self::SetOff => (Budget, Paid),
            Self::Frozen => (Budget, Committed),
            Self::Withdrawn => (Committed, Budget),
            Self::Sent => (Committed, InTransit),
            Self::Settled => (InTransit, Paid),
            Self::Failed => (InTransit, unpaid),
            Self::CameBack => (Paid, unpaid),
            Self::CarriedOver => (Budget, Carried),
            Self::Lapsed => (Budget, Allotted),
            Self::Queried => (Unexplained, Suspense),
            Self::Explained => (Suspense, Unexplained),
            Self::Claimed => (Claims, Receivable),
            Self::ClaimDropped => (Receivable, Claims),
            Self::Repaid => (Receivable, Recovered),
            Self::WrittenOff => (Receivable, WrittenOff),
        }
    }
}

/// What moved between two accounts of one budget line for one reason, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Why.
    pub event: Event,
    /// Out of which account.
    pub from: Account,
    /// Into which.
    pub to: Account,
    /// How much, above zero.
    pub amount: Fen,
}

/// The accounts of one budget line: every figure is a sum over its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    balances: BTreeMap<Account, Fen>,
    failed: Fen,
}

impl Books {
    /// The books after these movements; `None` when a sum does not fit.
    pub fn of(moved: impl IntoIterator<Item = Moved>) -> Option<Self> {
        let mut books = Self::default();
        for moved in moved {
            books.add(moved)?;
        }
        Some(books)
    }

    fn add(&mut self, moved: Moved) -> Option<()> {
        let from = self.balances.entry(moved.from).or_default();
        *from = from.checked_sub(moved.amount)?;
        let to = self.balances.entry(moved.to).or_default();
        *to = to.checked_add(moved.amount)?;
        if matches!(moved.event, Event::Failed | Event::CameBack) {
            self.failed = self.failed.checked_add(moved.amount)?;
        }
        Some(())
    }

    /// What an account holds; below zero only for those that stand for the outside.
    pub fn balance(&self, account: Account) -> Fen {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    /// What every account holds that ever had an entry.
    pub fn balances(&self) -> impl Iterator<Item = (Account, Fen)> {
        self.balances.iter().map(|(account, amount)| (*account, *amount))
    }

    /// What documents set aside, less what they took back.
    pub fn allotted(&self) -> Option<Fen> {
        Fen::ZERO.checked_sub(self.balance(Account::Allotted))
    }

    /// What came from the year before, less what went on into the next.
    pub fn carried(&self) -> Option<Fen> {
        Fen::ZERO.checked_sub(self.balance(Account::Carried))
    }

    /// What banks did not pay or sent back, over all time: it is free again or the treasury's.
    pub const fn failed(&self) -> Fen {
        self.failed
    }

    /// Sum of all accounts: zero, whatever happened.
    pub fn sum(&self) -> Option<Fen> {
        Fen::checked_sum(self.balances.values().copied())
    }
}

/// How the books of a budget line differ from the payments they are about; the text is for the
/// user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}”账面 {booked} 元，按支付明细应为 {found} 元", .account.label())]
pub struct Mismatch {
    /// Which account.
    pub account: Account,
    /// By the books.
    pub booked: Fen,
    /// By the lines of the batches.
    pub found: Fen,
}

/// What the lines of the batches of a budget line add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// In batches that have not gone to the bank.
    pub committed: Fen,
    /// At the bank, without an answer.
    pub in_transit: Fen,
    /// Paid.
    pub paid: Fen,
}

impl Books {
    /// The first account that is not what the lines of the batches add up to.
    ///
    /// # Errors
    /// Which one, with both sums.
    pub fn agree_with(&self, lines: &Lines) -> Result<(), Mismatch> {
        for (account, found) in [
            (Account::Committed, lines.committed),
            (Account::InTransit, lines.in_transit),
            (Account::Paid, lines.paid),
        ] {
            let booked = self.balance(account);
            if booked != found {
                return Err(Mismatch { account, booked, found });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moved(event: Event, in_year: bool, fen: i64) -> Moved {
        let (from, to) = event.path(in_year);
        Moved { event, from, to, amount: Fen::new(fen) }
    }

    fn books(events: &[(Event, bool, i64)]) -> Books {
        Books::of(events.iter().map(|(event, in_year, fen)| moved(*event, *in_year, *fen))).unwrap()
    }

    #[test]
    fn a_returned_line_restores_the_quota_in_its_year_and_is_the_treasurys_after() {
        // Case 32 of domain.md 8.2: 500,000.00 sent, 350,000.00 paid, 150,000.00 returned.
        let sent = [
            (Event::Allotted, true, 60_000_000),
            (Event::Frozen, true, 50_000_000),
            (Event::Sent, true, 50_000_000),
            (Event::Settled, true, 35_000_000),
        ];
        for (in_year, free, treasury) in [(true, 25_000_000, 0), (false, 10_000_000, 15_000_000)] {
            let mut events = sent.to_vec();
            events.push((Event::Failed, in_year, 15_000_000));
            let books = books(&events);
            let held = |account| books.balance(account).get();
            assert_eq!((held(Account::Budget), held(Account::Returned)), (free, treasury));
            assert_eq!((held(Account::Paid), held(Account::InTransit)), (35_000_000, 0));
            assert_eq!(books.failed(), Fen::new(15_000_000));
        }
    }

    #[test]
    fn books_that_differ_from_the_lines_are_named() {
        let books = books(&[(Event::Allotted, true, 100), (Event::Frozen, true, 70)]);
        let lines = |committed| Lines { committed: Fen::new(committed), ..Lines::default() };
        assert_eq!(books.agree_with(&lines(70)), Ok(()));
        let wrong = books.agree_with(&lines(69)).unwrap_err();
        assert_eq!(wrong.account, Account::Committed);
        assert_eq!(wrong.to_string(), "“占用”账面 0.70 元，按支付明细应为 0.69 元");
    }

    proptest! {
        #[test]
        fn the_accounts_add_up_to_zero(
            events in prop::collection::vec((0..Event::ALL.len(), any::<bool>(), 1..1_000_i64), 0..60)
        ) {
            let list: Vec<_> =
                events.iter().map(|(at, in_year, fen)| (Event::ALL[*at], *in_year, *fen)).collect();
            prop_assert_eq!(books(&list).sum(), Some(Fen::ZERO));
        }
    }
}
