//! Repaying by instalments: equal parts, a month apart (domain.md 7.11).

use chrono::{Months, NaiveDate};

use super::money::Fen;

/// Fewest instalments of a plan.
pub const FEWEST: u32 = 2;
/// Most instalments of a plan: two years.
pub const MOST: u32 = 24;

/// One part of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instalment {
    /// Last day on which it is in time.
    pub due_on: NaiveDate,
    /// Amount, above zero.
    pub amount: Fen,
}

/// Splits `amount` into `count` parts that differ by a fen at most, the larger ones first, due on
/// `first` and the same day of the following months (the last day of shorter ones).
///
/// `None` outside [`FEWEST`] to [`MOST`], for less than a fen a part, and beyond the calendar.
pub fn plan(amount: Fen, count: u32, first: NaiveDate) -> Option<Vec<Instalment>> {
    let parts = i64::from(count);
    if !(FEWEST..=MOST).contains(&count) || amount.get() < parts {
        return None;
    }
    let (part, rest) = (amount.get() / parts, amount.get() % parts);
    let one = |at: u32| {
        let larger = i64::from(i64::from(at) < rest);
        let due_on = first.checked_add_months(Months::new(at))?;
        Some(Instalment { due_on, amount: Fen::new(part + larger) })
    };
    (0..count).map(one).collect()
}

/// Whether more is left than a plan allows on a day: an instalment that was due before is missing.
pub fn is_missed(plan: &[Instalment], left: Fen, today: NaiveDate) -> bool {
    let to_come = plan.iter().filter(|part| part.due_on >= today).map(|part| part.amount);
    Fen::checked_sum(to_come).is_some_and(|allowed| left > allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn thirty_three_thousand_in_six_months() {
        let plan = plan(Fen::new(3_333_333), 6, day("2027-08-31")).unwrap();
        let days: Vec<String> = plan.iter().map(|part| part.due_on.to_string()).collect();
        assert_eq!(days[..3], ["2027-08-31", "2027-09-30", "2027-10-31"]);
        let amounts: Vec<i64> = plan.iter().map(|part| part.amount.get()).collect();
        assert_eq!(amounts, [555_556, 555_556, 555_556, 555_555, 555_555, 555_555]);
        // Nothing is missed through the first day; then the first part is.
        assert!(!is_missed(&plan, Fen::new(3_333_333), day("2027-08-31")));
        assert!(is_missed(&plan, Fen::new(3_333_333), day("2027-09-01")));
        assert!(!is_missed(&plan, Fen::new(2_777_777), day("2027-09-30")));
    }

    proptest! {
        #[test]
        fn parts_add_up_and_differ_by_a_fen(amount in 1..50_000_000_i64, count in 0..30_u32) {
            let made = plan(Fen::new(amount), count, day("2027-06-30"));
            let may = (FEWEST..=MOST).contains(&count) && amount >= i64::from(count);
            prop_assert_eq!(made.is_some(), may);
            let Some(made) = made else { return Ok(()) };
            let amounts: Vec<i64> = made.iter().map(|part| part.amount.get()).collect();
            prop_assert_eq!(amounts.iter().sum::<i64>(), amount);
            prop_assert!(amounts[0] - amounts[amounts.len() - 1] <= 1);
            prop_assert!(made.is_sorted_by(|a, b| a.due_on < b.due_on && a.amount >= b.amount));
        }
    }
}
