//! Limits while a window lets files rest.

use super::for_kind;
use super::perform::standing;
use crate::domain::calendar::WorkCalendar;
use crate::domain::freeze::FreezeWindow;
use crate::domain::lifecycle::{CaseKind, Lifecycle, Limit};
use crate::domain::registry::Code;
use crate::service::{Error, calendar, freeze};
use crate::store::case as store;
use crate::store::db::Tx;

/// Finds the limits again of files that a window reaches, with its days as they are now decided:
/// those that were not over before its first day.
pub(in crate::service) async fn find_limits_again(
    tx: &Tx,
    window: &FreezeWindow,
) -> Result<(), Error> {
    async fn of<L: Lifecycle>(tx: &Tx, window: &FreezeWindow) -> Result<(), Error> {
        let calendar = freeze::calendar_of(tx, L::KIND).await?;
        let rows = store::due_from(tx, L::KIND.code(), window.from).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let steps = store::steps_of(tx, &ids).await?;
        for row in rows {
            let steps = steps.get(&row.id).map_or(&[][..], Vec::as_slice);
            let case = standing::<L>(&row, steps, &calendar)?;
            let last = case.due.day();
            // Where the table has no limit, the last day is one of the file's own, as those of a trip.
            if last != row.due_on && L::limit(case.state) != Limit::None {
                store::move_limit(tx, row.id, row.steps, last).await?;
            }
        }
        Ok(())
    }
    for kind in &window.kinds {
        for_kind!(kind.code(), of(tx, window))?;
    }
    Ok(())
}

/// Finds the limits of files that reached into a year whose working days are known only now. Limits
/// that were known stay as they were told.
pub(in crate::service) async fn find_limits(tx: &Tx) -> Result<(), Error> {
    async fn of<L: Lifecycle>(tx: &Tx, calendar: &WorkCalendar) -> Result<(), Error> {
        let limited = |state: &&L::State| L::limit(**state) != Limit::None;
        let states: Vec<&str> = L::State::ALL.iter().filter(limited).map(|s| s.code()).collect();
        let rows = store::without_limit(tx, L::KIND.code(), &states).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let steps = store::steps_of(tx, &ids).await?;
        for row in rows {
            let steps = steps.get(&row.id).map_or(&[][..], Vec::as_slice);
            if let Some(last) = standing::<L>(&row, steps, calendar)?.due.day() {
                store::set_limit(tx, row.id, row.steps, last).await?;
            }
        }
        Ok(())
    }
    let calendar = calendar::within(tx).await?;
    for kind in CaseKind::ALL {
        for_kind!(kind.code(), of(tx, &calendar))?;
    }
    Ok(())
}
