//! The file of a person's year follows the results and the money (domain.md 7.7): when it can be
//! declared, what a new result asks of it, what a batch or the bank asks of it.

use chrono::{Days, NaiveDate};

use super::lifecycle::EntitlementAct as A;
use super::lifecycle::EntitlementState as S;
use super::lifecycle::LATE_DAYS;
use super::money::Fen;

/// What the live lines and proposed recoveries of a person and year add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Money {
    /// Not released yet: the file of the year is under way, or the correction is not decided.
    pub pending: Fen,
    /// Can go into a batch.
    pub payable: Fen,
    /// In a batch.
    pub in_batch: Fen,
    /// Paid.
    pub paid: Fen,
    /// Proposed to be recovered.
    pub recovery: Fen,
    /// Decided to come back, and not yet back.
    pub claimed: Fen,
}

impl Money {
    /// Whether a correction of money that moved already waits for its decision.
    fn waits_for_decision(self) -> bool {
        self.pending > Fen::ZERO || self.recovery > Fen::ZERO
    }

    /// Whether anything is to come back: proposed or decided.
    pub fn is_to_come_back(self) -> bool {
        self.recovery > Fen::ZERO || self.claimed > Fen::ZERO
    }

    /// Where released money stands as a whole; `None` when there is none.
    fn standing(self) -> Option<S> {
        let (open, held) = (self.payable > Fen::ZERO, self.in_batch > Fen::ZERO);
        match () {
            () if self.paid > Fen::ZERO && (open || held) => Some(S::PartPaid),
            () if held => Some(S::InBatch),
            () if open => Some(S::Payable),
            () if self.paid > Fen::ZERO => Some(S::Paid),
            () => None,
        }
    }
}

/// What moved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A batch took it or gave it back.
    Batch,
    /// The bank answered, or a decision released it.
    Bank,
}

/// What a computed year asks of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computed {
    /// Whether the year was over: before, a result is a look ahead.
    pub is_final: bool,
    /// Whether anything is due.
    pub is_due: bool,
    /// Whether lines or recoveries changed with it.
    pub moves_money: bool,
    /// What stands afterwards.
    pub money: Money,
}

/// The next act that a result asks of a file; `None` when the file agrees with it. Asked again
/// after each act until then.
pub fn after_result(state: S, computed: &Computed) -> Option<A> {
    let Computed { is_final, is_due, moves_money, money } = *computed;
    match state {
        S::Open => is_final.then_some(A::Compute),
        S::Computed => (!is_due).then_some(A::FindNothing),
        S::Zero => is_due.then_some(A::Compute),
        S::Forfeited => (is_due && moves_money).then_some(A::Compute),
        S::EnterpriseDeclared
        | S::CountyVerified
        | S::CityVerified
        | S::ProvinceApproved
        | S::Notice
        | S::Objected
        | S::Payable
        | S::Held => (moves_money || !is_due).then_some(A::Revise),
        // What is frozen in a batch stays as it is; the correction waits until the bank answered.
        S::InBatch => None,
        S::Paid | S::PartPaid => money.waits_for_decision().then_some(A::Correct),
        S::Clawback => moves_money.then_some(A::Correct),
        S::Corrected => (!money.waits_for_decision()).then_some(A::Keep),
    }
}

/// The next act that a change of the money asks of a file; `None` when they agree.
pub fn after_money(state: S, money: Money, cause: Cause) -> Option<A> {
    use S::{Clawback, InBatch, Paid, PartPaid, Payable};
    match (state, money.standing()?) {
        (Payable | PartPaid, InBatch) => Some(A::Batch),
        (InBatch, Payable) if cause == Cause::Batch => Some(A::Unbatch),
        (InBatch | PartPaid | Paid | Clawback, Payable) => Some(A::Fail),
        (Clawback, Paid) if !money.is_to_come_back() => Some(A::Recover),
        (Payable | InBatch | Paid, PartPaid) => Some(A::PayPart),
        (Payable | InBatch | PartPaid, Paid) => Some(A::Pay),
        (Paid | PartPaid, _) if money.waits_for_decision() => Some(A::Correct),
        _ => None,
    }
}

/// When a year can be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Not before this day.
    NotYet(NaiveDate),
    /// Through this day.
    Open(NaiveDate),
    /// With a reason, through this day.
    Late(NaiveDate),
    /// This was the last day.
    Over(NaiveDate),
}

/// The window on a day, for a result that has stood since another: 1 March to 30 April of the
/// following year, with a reason to 30 June; for a result that came later than April, sixty days.
///
/// `None` for years beyond the calendar.
pub fn window(award_year: i32, since: NaiveDate, today: NaiveDate) -> Option<Window> {
    let day = |month, day| NaiveDate::from_ymd_opt(award_year.checked_add(1)?, month, day);
    let (first, regular, late) = (day(3, 1)?, day(4, 30)?, day(6, 30)?);
    let (regular, late) = if since <= regular {
        (regular, late)
    } else {
        let last = since.checked_add_days(Days::new(LATE_DAYS))?;
        (last, last)
    };
    Some(match () {
        () if today < first => Window::NotYet(first),
        () if today <= regular => Window::Open(regular),
        () if today <= late => Window::Late(late),
        () => Window::Over(late),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registry::Code;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn money(pending: i64, payable: i64, in_batch: i64, paid: i64, recovery: i64) -> Money {
        let [pending, payable, in_batch, paid, recovery] =
            [pending, payable, in_batch, paid, recovery].map(Fen::new);
        Money { pending, payable, in_batch, paid, recovery, claimed: Fen::ZERO }
    }

    #[test]
    fn a_year_is_declared_in_march_and_april_late_ones_with_a_reason() {
        let on = |today: &str| window(2026, day("2027-01-15"), day(today)).unwrap();
        assert_eq!(on("2027-02-28"), Window::NotYet(day("2027-03-01")));
        assert_eq!(on("2027-03-01"), Window::Open(day("2027-04-30")));
        assert_eq!(on("2027-04-30"), Window::Open(day("2027-04-30")));
        assert_eq!(on("2027-05-01"), Window::Late(day("2027-06-30")));
        assert_eq!(on("2027-07-01"), Window::Over(day("2027-06-30")));
        // A result that came on 1 June can be declared for sixty days.
        let late = |today: &str| window(2026, day("2027-06-01"), day(today)).unwrap();
        assert_eq!(late("2027-07-31"), Window::Open(day("2027-07-31")));
        assert_eq!(late("2027-08-01"), Window::Over(day("2027-07-31")));
    }

    #[test]
    fn a_changed_result_sends_back_what_no_batch_has_frozen() {
        let due = Computed {
            is_final: true,
            is_due: true,
            moves_money: true,
            money: money(500, 0, 0, 0, 0),
        };
        for state in [S::EnterpriseDeclared, S::Notice, S::Payable, S::Held] {
            assert_eq!(after_result(state, &due), Some(A::Revise), "{}", state.code());
            let same = Computed { moves_money: false, ..due };
            assert_eq!(after_result(state, &same), None, "{}", state.code());
        }
        let nothing = Computed { is_due: false, money: Money::default(), ..due };
        assert_eq!(after_result(S::Computed, &nothing), Some(A::FindNothing));
        assert_eq!(after_result(S::Zero, &nothing), None);
        assert_eq!(after_result(S::Zero, &due), Some(A::Compute));
        assert_eq!(after_result(S::Open, &Computed { is_final: false, ..due }), None);
        // Frozen: nothing moves before the bank has answered; then the correction is decided.
        assert_eq!(after_result(S::InBatch, &due), None);
        assert_eq!(after_result(S::Paid, &due), Some(A::Correct));
        let settled = Computed { money: money(0, 0, 0, 500, 0), ..due };
        assert_eq!(after_result(S::Paid, &settled), None);
        assert_eq!(after_result(S::Corrected, &settled), Some(A::Keep));
    }

    #[test]
    fn a_file_goes_where_its_lines_are() {
        let bank = |state, money| after_money(state, money, Cause::Bank);
        assert_eq!(bank(S::Payable, money(0, 0, 500, 0, 0)), Some(A::Batch));
        assert_eq!(bank(S::InBatch, money(0, 0, 0, 500, 0)), Some(A::Pay));
        // Two payers: one has paid, the other has not.
        assert_eq!(bank(S::InBatch, money(0, 300, 0, 200, 0)), Some(A::PayPart));
        assert_eq!(bank(S::PartPaid, money(0, 0, 300, 200, 0)), None);
        assert_eq!(bank(S::PartPaid, money(0, 0, 0, 500, 0)), Some(A::Pay));
        let back = money(0, 500, 0, 0, 0);
        assert_eq!(bank(S::InBatch, back), Some(A::Fail));
        assert_eq!(bank(S::Paid, back), Some(A::Fail));
        assert_eq!(after_money(S::InBatch, back, Cause::Batch), Some(A::Unbatch));
        // A correction that came while the money was in a batch.
        assert_eq!(bank(S::Paid, money(100, 0, 0, 500, 0)), Some(A::Correct));
        assert_eq!(bank(S::Paid, money(0, 0, 0, 500, 50)), Some(A::Correct));
        // Released money does not exist before the file is released.
        assert_eq!(bank(S::Computed, money(500, 0, 0, 0, 0)), None);
    }

    #[test]
    fn every_answer_is_a_line_of_the_table_and_answers_end() {
        use crate::domain::lifecycle::{Lifecycle, Target, YearlyEntitlement as Y};
        let sums = [0, 1];
        for state in S::ALL {
            for bits in 0..32_usize {
                let sum = |bit: usize| sums[(bits >> bit) & 1];
                let money = money(sum(0), sum(1), sum(2), sum(3), sum(4));
                for cause in [Cause::Bank, Cause::Batch] {
                    let mut at = *state;
                    for step in 0.. {
                        let Some(act) = after_money(at, money, cause) else { break };
                        assert!(step < 4, "{} never settles with {money:?}", state.code());
                        let line = Y::line(at, act);
                        let Some(Target::State(next)) = line.map(|line| line.to) else {
                            panic!("no line {} {}", at.code(), act.code());
                        };
                        at = next;
                    }
                }
                for flags in 0..8 {
                    let [is_final, is_due, moves_money] = [1, 2, 4].map(|flag| flags & flag > 0);
                    let result = Computed { is_final, is_due, moves_money, money };
                    let mut at = *state;
                    for step in 0.. {
                        let Some(act) = after_result(at, &result) else { break };
                        assert!(step < 4, "{} never settles with {result:?}", state.code());
                        let line = Y::line(at, act);
                        let Some(Target::State(next)) = line.map(|line| line.to) else {
                            panic!("no line {} {}", at.code(), act.code());
                        };
                        at = next;
                    }
                }
            }
        }
    }
}
