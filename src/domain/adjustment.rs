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
/// the proposed recovery are exactly what the person is entitled to.
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
}

impl Plan {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.void.is_empty()
            && self.create.is_empty()
            && self.cancel.is_empty()
            && self.propose.is_empty()
    }

    /// Whether money that was frozen before is corrected: by a supplement or by a recovery.
    pub fn corrects_frozen(&self) -> bool {
        self.create.iter().any(|line| line.component_no > 0)
            || !self.cancel.is_empty()
            || !self.propose.is_empty()
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
            () if money.recovery > Fen::ZERO => Self::Recovery,
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
}

/// What to do so that lines and recoveries match the entitled shares; shares of one payer may
/// come in several parts. Planning again after the plan was carried out gives an empty plan.
///
/// `None` when a sum does not fit.
pub fn plan(entitled: &[(Payer, Fen)], lines: &[Line], recoveries: &[Recovery]) -> Option<Plan> {
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
    let mut plan = Plan::default();
    for (payer, account) in accounts {
        account.settle(payer, &mut plan)?;
    }
    Some(plan)
}

/// What to do for a person with whom others are merged. What was frozen for them counts as given to
/// the person; what was still open is withdrawn, and so are recoveries: all that is owed or owing
/// is owed by or to the one person. Planning again after the plan was carried out gives an empty
/// plan. Without merged persons the same as [`plan`].
///
/// `None` when a sum does not fit.
pub fn plan_together(
    entitled: &[(Payer, Fen)],
    own: (&[Line], &[Recovery]),
    merged: (&[Line], &[Recovery]),
) -> Option<Plan> {
    let (frozen, open): (Vec<&Line>, Vec<&Line>) = merged.0.iter().partition(|l| l.is_frozen);
    let lines: Vec<Line> = own.0.iter().chain(frozen).cloned().collect();
    let mut plan = plan(entitled, &lines, own.1)?;
    plan.void.extend(open.into_iter().map(|line| line.id));
    plan.cancel.extend(merged.1.iter().map(|recovery| recovery.id));
    Some(plan)
}

impl Account<'_> {
    fn settle(&self, payer: &Payer, plan: &mut Plan) -> Option<()> {
        let rest = self.entitled.checked_sub(self.frozen)?;
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
        let kept = self.recoveries.iter().position(|recovery| recovery.amount == excess);
        let others = self.recoveries.iter().enumerate().filter(|(at, _)| Some(*at) != kept);
        plan.cancel.extend(others.map(|(_, recovery)| recovery.id));
        if excess > Fen::ZERO && kept.is_none() {
            plan.propose.push(NewRecovery { payer: payer.clone(), amount: excess });
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payer(source: &str, division: &str) -> Payer {
        Payer { source: source.into(), division: division.into() }
    }

    fn province() -> Payer {
        payer("province", "350000")
    }

    fn line(id: i64, payer: Payer, component_no: i64, fen: i64, is_frozen: bool) -> Line {
        Line { id, payer, component_no, amount: Fen::new(fen), is_frozen }
    }

    fn new_line(payer: Payer, component_no: i64, fen: i64) -> NewLine {
        NewLine { payer, component_no, amount: Fen::new(fen) }
    }

    #[test]
    fn a_first_result_makes_one_stipend_line_a_payer() {
        let entitled = [
            (province(), Fen::new(8_333_333)),
            (province(), Fen::new(1)),
            (payer("city", "350200"), Fen::new(500)),
            (payer("county", "350102"), Fen::ZERO),
        ];
        let plan = plan(&entitled, &[], &[]).unwrap();
        let expected =
            vec![new_line(payer("city", "350200"), 0, 500), new_line(province(), 0, 8_333_334)];
        assert_eq!(plan, Plan { create: expected, ..Plan::default() });
        assert!(!plan.corrects_frozen());
    }

    #[test]
    fn a_changed_result_replaces_payable_lines_and_supplements_frozen_ones() {
        let entitled = [(province(), Fen::new(20_000_000))];
        let open = [line(7, province(), 0, 18_333_333, false)];
        let replaced = plan(&entitled, &open, &[]).unwrap();
        assert_eq!(replaced.void, [7]);
        assert_eq!(replaced.create, [new_line(province(), 0, 20_000_000)]);
        assert!(!replaced.corrects_frozen());

        // Case 27 of domain.md: the evidence of August comes late.
        let frozen = [line(7, province(), 0, 18_333_333, true)];
        let supplemented = plan(&entitled, &frozen, &[]).unwrap();
        let expected = vec![new_line(province(), 1, 1_666_667)];
        assert_eq!(supplemented, Plan { create: expected, ..Plan::default() });
        assert!(supplemented.corrects_frozen());
    }

    #[test]
    fn each_source_gets_back_exactly_its_own_part() {
        // Case 29: 200,000.00 paid 50/30/20, entitled 166,666.67.
        let payers = [province(), payer("city", "350100"), payer("county", "350102")];
        let paid = [10_000_000, 6_000_000, 4_000_000];
        let due = [8_333_334, 5_000_000, 3_333_333];
        let lines: Vec<Line> = (1..)
            .zip(&payers)
            .zip(paid)
            .map(|((id, payer), fen)| line(id, payer.clone(), 0, fen, true))
            .collect();
        let entitled: Vec<_> = payers.iter().cloned().zip(due.map(Fen::new)).collect();
        let plan = plan(&entitled, &lines, &[]).unwrap();
        let back = |payer: &Payer| plan.propose.iter().find(|p| p.payer == *payer).unwrap().amount;
        let amounts: Vec<i64> = payers.iter().map(|payer| back(payer).get()).collect();
        assert_eq!(amounts, [1_666_666, 1_000_000, 666_667]);
        assert!(plan.void.is_empty() && plan.create.is_empty() && plan.corrects_frozen());
    }

    #[test]
    fn a_returned_line_above_the_result_is_cut_and_its_recovery_falls() {
        let entitled = [(province(), Fen::new(100))];
        let returned = [line(1, province(), 0, 150, false)];
        let proposed = [Recovery { id: 9, payer: province(), amount: Fen::new(50) }];
        let plan = plan(&entitled, &returned, &proposed).unwrap();
        assert_eq!((plan.void, plan.cancel), (vec![1], vec![9]));
        assert_eq!(plan.create, [new_line(province(), 0, 100)]);
    }

    #[test]
    fn what_was_paid_to_a_merged_number_is_not_paid_again() {
        // 200,000.00 for the one person; 150,000.00 were paid to the merged number, 50,000.00 of
        // its money and 20,000.00 of the leading one's are open.
        let entitled = [(province(), Fen::new(20_000_000))];
        let own = [line(1, province(), 0, 2_000_000, false)];
        let merged =
            [line(2, province(), 0, 15_000_000, true), line(3, province(), 1, 5_000_000, false)];
        let owing = [Recovery { id: 9, payer: province(), amount: Fen::new(7) }];
        let plan = plan_together(&entitled, (&own, &[]), (&merged, &owing)).unwrap();
        assert_eq!((plan.void, plan.cancel), (vec![1, 3], vec![9]));
        assert_eq!(plan.create, [new_line(province(), 1, 5_000_000)]);

        // Paid twice before: the excess is to come back, once.
        let twice = [line(1, province(), 0, 20_000_000, true)];
        let plan = plan_together(&entitled, (&twice, &[]), (&merged[..1], &[])).unwrap();
        let back = NewRecovery { payer: province(), amount: Fen::new(15_000_000) };
        assert_eq!(plan, Plan { propose: vec![back], ..Plan::default() });
        let proposed = [Recovery { id: 4, payer: province(), amount: Fen::new(15_000_000) }];
        assert!(
            plan_together(&entitled, (&twice, &proposed), (&merged[..1], &[])).unwrap().is_empty()
        );
    }

    /// Lines and recoveries after a plan.
    fn carried_out(
        plan: &Plan,
        lines: &[Line],
        recoveries: &[Recovery],
    ) -> (Vec<Line>, Vec<Recovery>) {
        let mut lines: Vec<Line> =
            lines.iter().filter(|line| !plan.void.contains(&line.id)).cloned().collect();
        lines.extend((1_000..).zip(&plan.create).map(|(id, new)| Line {
            id,
            payer: new.payer.clone(),
            component_no: new.component_no,
            amount: new.amount,
            is_frozen: false,
        }));
        let mut recoveries: Vec<Recovery> =
            recoveries.iter().filter(|r| !plan.cancel.contains(&r.id)).cloned().collect();
        recoveries.extend((1_000..).zip(&plan.propose).map(|(id, new)| Recovery {
            id,
            payer: new.payer.clone(),
            amount: new.amount,
        }));
        (lines, recoveries)
    }

    /// A result, as (payer, fen), and which lines are frozen after it.
    type Turn = (Vec<(usize, i64)>, Vec<bool>);

    /// A history: results one after another, with some lines frozen or returned in between.
    fn history() -> impl Strategy<Value = Vec<Turn>> {
        let result = prop::collection::vec((0..3_usize, 0..5_i64), 0..5);
        let freezing = prop::collection::vec(any::<bool>(), 12);
        prop::collection::vec((result, freezing), 1..8)
    }

    proptest! {
        #[test]
        fn after_every_plan_lines_less_recoveries_are_the_entitlement(history in history()) {
            let payers = [province(), payer("city", "350100"), payer("city", "350200")];
            let (mut lines, mut recoveries) = (Vec::new(), Vec::new());
            for (result, freezing) in history {
                let entitled: Vec<_> =
                    result.iter().map(|(at, fen)| (payers[*at].clone(), Fen::new(*fen))).collect();
                let frozen_before: Vec<Line> =
                    lines.iter().filter(|l: &&Line| l.is_frozen).cloned().collect();
                let made = plan(&entitled, &lines, &recoveries).unwrap();
                (lines, recoveries) = carried_out(&made, &lines, &recoveries);
                for payer in &payers {
                    let sum = |all: &mut dyn Iterator<Item = Fen>| all.map(Fen::get).sum::<i64>();
                    let due = sum(&mut entitled.iter().filter(|e| e.0 == *payer).map(|e| e.1));
                    let live = sum(&mut lines.iter().filter(|l| l.payer == *payer).map(|l| l.amount));
                    let back =
                        sum(&mut recoveries.iter().filter(|r| r.payer == *payer).map(|r| r.amount));
                    prop_assert_eq!(live - back, due);
                    let mut numbers: Vec<i64> =
                        lines.iter().filter(|l| l.payer == *payer).map(|l| l.component_no).collect();
                    numbers.sort_unstable();
                    let count = numbers.len();
                    numbers.dedup();
                    prop_assert_eq!(numbers.len(), count, "a component twice");
                    prop_assert!(recoveries.iter().filter(|r| r.payer == *payer).count() <= 1);
                }
                prop_assert!(lines.iter().all(|line| line.amount > Fen::ZERO));
                prop_assert!(frozen_before.iter().all(|line| lines.contains(line)));
                prop_assert!(plan(&entitled, &lines, &recoveries).unwrap().is_empty());
                for (at, line) in lines.iter_mut().enumerate() {
                    line.id = at as i64 + 1;
                    line.is_frozen = freezing[at % freezing.len()];
                }
                for (at, recovery) in recoveries.iter_mut().enumerate() {
                    recovery.id = at as i64 + 1;
                }
            }
        }
    }
}
