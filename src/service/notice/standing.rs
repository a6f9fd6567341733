//! The notices of files and the objections to them, as far as decisions ask.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::lifecycle::{Guard, ObjectionState};
use crate::domain::registry::Code;
use crate::store::db::{StoreError, Tx};
use crate::store::notice::{self as store, PeriodRow};

/// How the objections to a file stand.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::service) struct ObjectionStanding {
    /// A named or an accepted one is not answered yet.
    pub(in crate::service) open: bool,
    /// One was accepted, whatever became of it.
    pub(in crate::service) accepted: bool,
    /// One was upheld, and no review found otherwise.
    pub(in crate::service) upheld: bool,
}

impl ObjectionStanding {
    fn count(&mut self, state: &str, named: bool) {
        use ObjectionState as O;
        match O::from_code(state) {
            Some(O::Received) => self.open |= named,
            Some(O::Accepted | O::Investigating | O::ReviewRequested) => {
                (self.open, self.accepted) = (true, true);
            }
            Some(O::Upheld | O::FinalUpheld) => (self.accepted, self.upheld) = (true, true),
            Some(O::Dismissed | O::FinalDismissed) => self.accepted = true,
            Some(O::NotAccepted | O::Withdrawn) | None => {}
        }
    }
}

/// The notices of some files and the objections to them.
#[derive(Debug, Default)]
pub(in crate::service) struct NoticeStanding {
    days: HashMap<i64, (String, PeriodRow)>,
    objections: HashMap<i64, ObjectionStanding>,
}

impl NoticeStanding {
    pub(in crate::service) async fn load(tx: &Tx, case_ids: &[i64]) -> Result<Self, StoreError> {
        let mut objections: HashMap<i64, ObjectionStanding> = HashMap::new();
        for (case, state, named) in store::objections_to(tx, case_ids).await? {
            objections.entry(case).or_default().count(&state, named);
        }
        let mut days = store::last_of(tx, case_ids).await?;
        let withdrawn = store::withdrawn(tx, case_ids).await?;
        days.retain(|case, _| !withdrawn.contains(case));
        Ok(Self { days, objections })
    }

    pub(in crate::service) fn objections_to(&self, case_id: i64) -> ObjectionStanding {
        self.objections.get(&case_id).copied().unwrap_or_default()
    }

    /// The last notice of a file, unless its line was taken out: number, first and last day.
    pub(in crate::service) fn of(&self, case_id: i64) -> Option<(&str, NaiveDate, NaiveDate)> {
        let (no, days) = self.days.get(&case_id)?;
        Some((no, days.starts_on, days.ends_on))
    }

    /// Why nothing may be decided yet: the notice of a file runs through its last day. `None` from
    /// the day after.
    pub(in crate::service) fn running_fault(
        &self,
        case_id: i64,
        today: NaiveDate,
    ) -> Option<String> {
        let Some((_, _, through)) = self.of(case_id) else {
            return Some("还没有公示".to_owned());
        };
        (today <= through).then(|| format!("公示到 {through} 为止，次日起才能决定"))
    }

    /// Why a guard about the notice or the objections does not hold; `None` for any other guard.
    pub(in crate::service) fn fault(
        &self,
        case_id: i64,
        guard: Guard,
        today: NaiveDate,
    ) -> Option<Option<String>> {
        let objections = self.objections_to(case_id);
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        Some(match guard {
            Guard::NoticeOver => self.running_fault(case_id, today),
            Guard::NoOpenObjection => {
                unless(!objections.open && !objections.upheld, "还有未办结或者认定成立的异议")
            }
            Guard::ObjectionAccepted => unless(objections.accepted, "没有已受理的异议"),
            Guard::ObjectionDismissed => {
                unless(!objections.open && !objections.upheld, "异议尚未办结，或已认定成立")
            }
            Guard::ObjectionUpheld => unless(objections.upheld, "没有认定成立的异议"),
            _ => return None,
        })
    }
}
