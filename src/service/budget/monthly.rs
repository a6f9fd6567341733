//! The report of a month or a year: what each budget line had, what moved it, what it has (domain.md 7.12).

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use serde_json::json;

use super::{BudgetFilter, BudgetKey, overflow, payer_name, source_name, visible_payer};
use crate::app::App;
use crate::clock::china_day_start;
use crate::domain::authority::Act;
use crate::domain::ledger::{Account, Event, Moved};
use crate::domain::money::Fen;
use crate::file::workbook::{CellOut, ColumnKind};
use crate::service::{Actor, Error, log, sheet};
use crate::store::ledger as store;

/// One budget line in a month or year. `opening`, all that moved what is free, and `closing` add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLine {
    /// Which one.
    pub key: BudgetKey,
    /// Free when it began.
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
    /// Free when it ended; of a year that is over, what is carried over or taken back.
    pub closing: Fen,
    /// Paid by banks in it, less what came back.
    pub paid: Fen,
    /// Of recoveries, back in it.
    pub recovered: Fen,
}

/// The report.
#[derive(Debug, Clone)]
pub struct MonthReport {
    /// First day.
    pub first: NaiveDate,
    /// Whether it is of a whole year.
    pub is_year: bool,
    /// The budget lines that had or moved something.
    pub lines: Vec<MonthLine>,
}

impl MonthReport {
    /// As it is typed: `2027-04`, `2027`.
    pub fn typed(&self) -> String {
        self.first.format(if self.is_year { "%Y" } else { "%Y-%m" }).to_string()
    }

    /// What it is called.
    pub fn title(&self) -> String {
        let period = self.first.format(if self.is_year { "%Y 年" } else { "%Y 年 %-m 月" });
        format!("{period}资金{}", if self.is_year { "年报" } else { "月报" })
    }
}

/// The report of a month by China's calendar (`2027-04`; this month when the text is none), or of a
/// year (`2027`), for the actor's payer, by when it was booked.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn month_report(app: &App, actor: &Actor, month: &str) -> Result<MonthReport, Error> {
    actor.must(Act::ReadBatches)?;
    let (first, is_year) = match year_of(month) {
        Some(first) => (first, true),
        None => (month_of(month, app.clock.today()), false),
    };
    let length = Months::new(if is_year { 12 } else { 1 });
    let next = first.checked_add_months(length).unwrap_or(first);
    let payer = visible_payer(actor).map(str::to_owned);
    let filter = BudgetFilter { payer_division: payer, ..BudgetFilter::default() };
    let (from, to) = (china_day_start(first), china_day_start(next));
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
    let lines = lines.into_iter().filter(|line| !is_quiet(line)).collect();
    Ok(MonthReport { first, is_year, lines })
}

/// The first day of a year as typed.
fn year_of(typed: &str) -> Option<NaiveDate> {
    let year = typed.trim().parse().ok().filter(|_| typed.trim().len() == 4)?;
    NaiveDate::from_ymd_opt(year, 1, 1)
}

/// The heads of the figures of a report.
pub const MONTH_HEADS: [&str; 9] =
    ["期初可用", "下达", "占用", "退回", "抵扣", "结转", "期末可用", "期内已付", "期内追回"];

impl MonthLine {
    /// The figures under [`MONTH_HEADS`].
    pub const fn figures(&self) -> [Fen; 9] {
        [
            self.opening,
            self.allotted,
            self.frozen,
            self.failed,
            self.set_off,
            self.carried,
            self.closing,
            self.paid,
            self.recovered,
        ]
    }
}

/// The report as a workbook, with its name. That it was taken away is logged.
///
/// # Errors
/// As [`month_report`].
pub async fn month_workbook(
    app: &App,
    actor: &Actor,
    month: &str,
) -> Result<(String, Vec<u8>), Error> {
    let report = month_report(app, actor, month).await?;
    let mut columns = vec![
        ("预算年度", ColumnKind::Text, 10.0),
        ("资金来源", ColumnKind::Text, 14.0),
        ("付款单位", ColumnKind::Text, 20.0),
    ];
    columns.extend(MONTH_HEADS.map(|head| (head, ColumnKind::Amount, 18.0)));
    let rows = report.lines.iter().map(|line| {
        let words = [
            line.key.budget_year.to_string(),
            source_name(&line.key.source),
            payer_name(&line.key.payer_division),
        ];
        words.map(CellOut::Text).into_iter().chain(line.figures().map(CellOut::Amount)).collect()
    });
    let bytes = sheet::workbook(app, actor, &report.title(), &columns, rows)?;
    let tx = app.db.begin().await?;
    let detail = json!({ "lines": report.lines.len() });
    log(app, &tx, actor, "budget.report_exported", ("budget", &report.typed()), &detail).await?;
    tx.commit().await?;
    Ok((format!("{}.xlsx", report.title()), bytes))
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
