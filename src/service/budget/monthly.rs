//! The report of a month: what each budget line had, what moved it, what it has (domain.md 7.12).

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use super::{BudgetFilter, BudgetKey, overflow, visible_payer};
use crate::app::App;
use crate::clock::china_day_start;
use crate::domain::authority::Act;
use crate::domain::ledger::{Account, Event, Moved};
use crate::domain::money::Fen;
use crate::service::{Actor, Error};
use crate::store::ledger as store;

/// One budget line in a month. `opening`, all that moved what is free, and `closing` add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLine {
    /// Which one.
    pub key: BudgetKey,
    /// Free when the month began.
    pub opening: Fen,
    /// Set aside by documents, those that take back included.
    pub allotted: Fen,
    /// Taken by batches, less what they gave back: below zero.
    pub frozen: Fen,
    /// Free again because a bank did not pay it or sent it back within the year.
    pub failed: Fen,
    /// Paid by being set off against recoveries: below zero.
    pub set_off: Fen,
    /// From the year before, on into the next, and taken back at the end of the year.
    pub carried: Fen,
    /// Free when the month ended.
    pub closing: Fen,
    /// Paid by banks in the month, less what came back.
    pub paid: Fen,
    /// Of recoveries, back in the month.
    pub recovered: Fen,
}

/// The report.
#[derive(Debug, Clone)]
pub struct MonthReport {
    /// First day of the month.
    pub month: NaiveDate,
    /// The budget lines that had or moved something.
    pub lines: Vec<MonthLine>,
}

/// The report of a month by China's calendar (`2027-04`; this month when the text is none) for the
/// actor's payer, by when it was booked.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn month_report(app: &App, actor: &Actor, month: &str) -> Result<MonthReport, Error> {
    actor.must(Act::ReadBatches)?;
    let month = month_of(month, app.clock.today());
    let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
    let payer = visible_payer(actor).map(str::to_owned);
    let filter = BudgetFilter { payer_division: payer, ..BudgetFilter::default() };
    let (from, to) = (china_day_start(month), china_day_start(next));
    let before = store::moved(app.db.read(), &filter, (None, Some(from))).await?;
    let within = store::moved(app.db.read(), &filter, (Some(from), Some(to))).await?;
    let mut books: BTreeMap<BudgetKey, (Vec<Moved>, Vec<Moved>)> = BTreeMap::new();
    for (key, moved) in before {
        books.entry(key).or_default().0.push(moved);
    }
    for (key, moved) in within {
        books.entry(key).or_default().1.push(moved);
    }
    let lines = books.into_iter().map(|(key, (before, within))| line(key, &before, &within));
    let lines = lines.collect::<Option<Vec<_>>>().ok_or_else(overflow)?;
    let is_quiet = |line: &MonthLine| {
        [line.opening, line.closing, line.paid, line.recovered].iter().all(|fen| *fen == Fen::ZERO)
    };
    Ok(MonthReport { month, lines: lines.into_iter().filter(|line| !is_quiet(line)).collect() })
}

/// The first day of a month as typed, or of this one.
pub(in crate::service) fn month_of(typed: &str, today: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    let typed: Option<NaiveDate> = format!("{}-01", typed.trim()).parse().ok();
    typed.or_else(|| today.with_day(1)).unwrap_or(today)
}

fn line(key: BudgetKey, before: &[Moved], within: &[Moved]) -> Option<MonthLine> {
    let free = |moved: &[Moved], events: &[Event]| into(moved, Account::Budget, events);
    let opening = free(before, &[])?;
    Some(MonthLine {
        key,
        opening,
        allotted: free(within, &[Event::Allotted])?,
        frozen: free(within, &[Event::Frozen, Event::Withdrawn])?,
        failed: free(within, &[Event::Failed, Event::CameBack])?,
        set_off: free(within, &[Event::SetOff, Event::Opened])?,
        carried: free(within, &[Event::CarriedOver, Event::Lapsed])?,
        closing: opening.checked_add(free(within, &[])?)?,
        paid: into(within, Account::Paid, &[Event::Settled, Event::CameBack])?,
        recovered: into(within, Account::Recovered, &[Event::Repaid])?,
    })
}

/// What these events put into an account, less what they took out; all events when none is named.
fn into(moved: &[Moved], account: Account, events: &[Event]) -> Option<Fen> {
    let named = moved.iter().filter(|m| events.is_empty() || events.contains(&m.event));
    named.into_iter().try_fold(Fen::ZERO, |sum, moved| match account {
        account if moved.to == account => sum.checked_add(moved.amount),
        account if moved.from == account => sum.checked_sub(moved.amount),
        _ => Some(sum),
    })
}
