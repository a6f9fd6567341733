//! What a new result does to money: lines to void and to make, supplements, recoveries
//! (domain.md 7.7, 7.11). Amounts that a batch has frozen are never touched.

use std::collections::BTreeMap;

use super::determine::Text;
use super::money::Fen;
use super::yearly::Money;
use crate::code_list;

/// Who pays: a funding source and the division of its finance office. Accounts are settled for
/// each payer by itself, so that every source's ledger closes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payer {
    /// Funding source as the policy names it.
    pub source: Text,
    /// Division of the finance office.
    pub division: Text,
}

/// A live payment line of the person and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Identity of the line.
    pub id: i64,
    /// Who pays it.
    pub payer: Payer,
    /// 0 for the stipend, then one for each supplement.
    pub component_no: i64,
    /// Amount, above zero.
    pub amount: Fen,
    /// In a batch or paid: it can no longer be voided.
    pub is_frozen: bool,
}

/// A proposed recovery of the person and year; at most one for each payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Identity of the recovery.
    pub id: i64,
    /// To whom it goes back.
    pub payer: Payer,
    /// Amount, above zero.
    pub amount: Fen,
}

/// A decided recovery of the person and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Identity of the recovery.
    pub id: i64,
    /// To whom it goes back.
    pub payer: Payer,
    /// Still to come back.
    pub outstanding: Fen,
    /// Of that, what was noted as received and waits for the second person: it may be back already,
    /// so it is neither let go nor paid again until that is decided.
    pub waiting: Fen,
    /// Repaid or set off.
    pub back: Fen,
    /// Written off: the person keeps it, and it is not asked for again.
    pub given_up: Fen,
}

/// What a person has and owes of a year.
#[derive(Debug, Clone, Copy, Default)]
pub struct Held<'a> {
    /// Live lines.
    pub lines: &'a [Line],
    /// Proposed recoveries.
    pub recoveries: &'a [Recovery],
    /// Decided recoveries.
    pub claims: &'a [Claim],
}

/// A line to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Who pays it.
    pub payer: Payer,
    /// 0 for the stipend, then one for each supplement.
    pub component_no: i64,
    /// Amount, above zero.
    pub amount: Fen,
}

/// A recovery to propose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecovery {
    /// To whom it goes back.
    pub payer: Payer,
    /// Amount, above zero.
    pub amount: Fen,
}

/// The changes, to be carried out in this order. Afterwards, for each payer, the live lines less
/// what came back, less the proposed recovery and what is left of decided ones, are exactly what
/// the person is entitled to; but for what was written off, and for a receipt that waits and turns out
/// to be more than is owed: the next plan after its decision sees to that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Lines to void; none of them frozen.
    pub void: Vec<i64>,
    /// Lines to make.
    pub create: Vec<NewLine>,
    /// Recoveries to cancel.
    pub cancel: Vec<i64>,
    /// Recoveries to propose.
    pub propose: Vec<NewRecovery>,
    /// Decided recoveries to lower, and by how much, above zero.
    pub lower: Vec<(i64, Fen)>,
}

impl Plan {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.void.is_empty()
            && self.create.is_empty()
            && self.cancel.is_empty()
            && self.propose.is_empty()
            && self.lower.is_empty()
    }

    /// Whether money that was frozen before is corrected: by a supplement or by a recovery.
    pub fn corrects_frozen(&self) -> bool {
        self.create.iter().any(|line| line.component_no > 0)
            || !self.cancel.is_empty()
            || !self.propose.is_empty()
            || !self.lower.is_empty()
    }
}

code_list! {
    /// Where the money of a person's year stands, in one word.
    LedgerState {
        /// What is due is still verified.
        Pending = "pending", "核验中";
        /// Something can go into a batch.
        Payable = "payable", "待付";
        /// Everything due is in batches or paid, and some is in a batch.
        InBatch = "in_batch", "在途";
        /// Everything due is paid.
        Paid = "paid", "已付";
        /// More was frozen than is due.
        Recovery = "recovery", "待追回";
        /// Something would be due, but other awards take it all away.
        Zero = "zero", "零额";
        /// Nothing is due.
        Ineligible = "ineligible", "不符合";
    }
}

impl LedgerState {
    /// The state of a standing version: whether something is due, how much is left of it, and what
    /// its live lines and proposed recoveries add up to.
    pub fn of(is_eligible: bool, net: Fen, money: Money) -> Self {
        match () {
            () if money.is_to_come_back() => Self::Recovery,
            () if !is_eligible => Self::Ineligible,
            () if net == Fen::ZERO => Self::Zero,
            () if money.payable > Fen::ZERO => Self::Payable,
            () if money.in_batch > Fen::ZERO => Self::InBatch,
            () if money.pending > Fen::ZERO => Self::Pending,
            () => Self::Paid,
        }
    }
}

/// What one payer has and owes.
#[derive(Default)]
struct Account<'a> {
    entitled: Fen,
    frozen: Fen,
    open: Fen,
    lines: Vec<&'a Line>,
    recoveries: Vec<&'a Recovery>,
    claims: Vec<&'a Claim>,
}

/// What to do so that lines and recoveries match the entitled shares; shares of one payer may
/// come in several parts. Planning again after the plan was carried out gives an empty plan.
///
/// `None` when a sum does not fit.
pub fn plan(entitled: &[(Payer, Fen)], held: Held<'_>) -> Option<Plan> {
    let Held { lines, recoveries, claims } = held;
    let mut accounts: BTreeMap<&Payer, Account<'_>> = BTreeMap::new();
    for (payer, amount) in entitled {
        let account = accounts.entry(payer).or_default();
        account.entitled = account.entitled.checked_add(*amount)?;
    }
    for line in lines {
        let account = accounts.entry(&line.payer).or_default();
        let sum = if line.is_frozen { &mut account.frozen } else { &mut account.open };
        *sum = sum.checked_add(line.amount)?;
        account.lines.push(line);
    }
    for recovery in recoveries {
        accounts.entry(&recovery.payer).or_default().recoveries.push(recovery);
    }
    for claim in claims {
        accounts.entry(&claim.payer).or_default().claims.push(claim);
    }
    let mut plan = Plan::default();
    for (payer, account) in accounts {
        account.settle(payer, &mut plan)?;
    }
    Some(plan)
}

/// What to do for a person with whom others are merged. What was frozen for them counts as given to
/// the person; what was still open is withdrawn, and so are proposed recoveries: all that is owed or
/// owing is owed by or to the one person. Decided recoveries stand. Planning again after the plan was carried out gives an empty
/// plan. Without merged persons the same as [`plan`].
///
/// `None` when a sum does not fit.
pub fn plan_together(entitled: &[(Payer, Fen)], own: Held<'_>, merged: Held<'_>) -> Option<Plan> {
    let (frozen, open): (Vec<&Line>, Vec<&Line>) = merged.lines.iter().partition(|l| l.is_frozen);
    let lines: Vec<Line> = own.lines.iter().chain(frozen).cloned().collect();
    let claims: Vec<Claim> = own.claims.iter().chain(merged.claims).cloned().collect();
    let mut plan = plan(entitled, Held { lines: &lines, claims: &claims, ..own })?;
    plan.void.extend(open.into_iter().map(|line| line.id));
    plan.cancel.extend(merged.recoveries.iter().map(|recovery| recovery.id));
    Some(plan)
}

impl Account<'_> {
    fn settle(&self, payer: &Payer, plan: &mut Plan) -> Option<()> {
        let sum = |part: fn(&Claim) -> Fen| Fen::checked_sum(self.claims.iter().map(|c| part(c)));
        let back = sum(|claim| claim.back)?;
        let rest = self.entitled.checked_sub(self.frozen.checked_sub(back)?)?;
        let owed = rest.max(Fen::ZERO);
        if self.open != owed {
            let payable = self.lines.iter().filter(|line| !line.is_frozen);
            plan.void.extend(payable.map(|line| line.id));
            if owed > Fen::ZERO {
                let component_no = self.free_component();
                plan.create.push(NewLine { payer: payer.clone(), component_no, amount: owed });
            }
        }
        let excess = Fen::ZERO.checked_sub(rest)?.max(Fen::ZERO);
        let claimed = sum(|claim| claim.outstanding)?.checked_add(sum(|claim| claim.given_up)?)?;
        self.lower(claimed.checked_sub(excess)?, plan)?;
        let excess = excess.checked_sub(claimed)?.max(Fen::ZERO);
        let kept = self.recoveries.iter().position(|recovery| recovery.amount == excess);
        let others = self.recoveries.iter().enumerate().filter(|(at, _)| Some(*at) != kept);
        plan.cancel.extend(others.map(|(_, recovery)| recovery.id));
        if excess > Fen::ZERO && kept.is_none() {
            plan.propose.push(NewRecovery { payer: payer.clone(), amount: excess });
        }
        Some(())
    }

    /// Takes `surplus` off what is left of decided recoveries, the last one first.
    fn lower(&self, mut surplus: Fen, plan: &mut Plan) -> Option<()> {
        for claim in self.claims.iter().rev() {
            let less = claim.outstanding.checked_sub(claim.waiting)?.min(surplus);
            if less > Fen::ZERO {
                plan.lower.push((claim.id, less));
                surplus = surplus.checked_sub(less)?;
            }
        }
        Some(())
    }

    /// The stipend's own number while no frozen line has it, then the next one.
    fn free_component(&self) -> i64 {
        let frozen = || self.lines.iter().filter(|line| line.is_frozen);
        if frozen().all(|line| line.component_no != 0) {
            return 0;
        }
        frozen().map(|line| line.component_no + 1).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
