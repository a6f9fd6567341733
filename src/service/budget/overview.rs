//! Where the money of an award year stands, how it was spent, and what waits (domain.md 7.12).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::{BudgetFilter, overflow, visible_payer};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::ledger::Account;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::stipend::CORE_ENGINEER;
use crate::service::{Actor, Error};
use crate::store::ledger as books;
use crate::store::money_view::{self as store, LineGroup, OfYear, WaitingLine};

/// Oldest waiting payments that the overview names.
const NAMED: usize = 20;
/// Last day of each age, from 0; what is older is in the last one.
pub const AGES: [i64; 3] = [7, 30, 90];

/// Sums of payments by where they stand, before tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Computed, and not certified yet.
    pub pending: Fen,
    /// Certified, free to be paid.
    pub payable: Fen,
    /// Kept back by finance.
    pub held: Fen,
    /// To be paid again after a bank did not.
    pub failed: Fen,
    /// In batches that have not gone to the bank.
    pub in_batch: Fen,
    /// At the bank.
    pub in_transit: Fen,
    /// Paid.
    pub paid: Fen,
    /// Came back after the end of its budget year, over all time.
    pub returned: Fen,
    /// Decided to come back, and not yet back.
    pub receivable: Fen,
    /// Came back from payees, or was set off.
    pub recovered: Fen,
}

impl Standing {
    /// The sums in the order of the fields.
    pub const fn all(&self) -> [Fen; 10] {
        [
            self.pending,
            self.payable,
            self.held,
            self.failed,
            self.in_batch,
            self.in_transit,
            self.paid,
            self.returned,
            self.receivable,
            self.recovered,
        ]
    }

    fn take(&mut self, group: &LineGroup) -> Option<()> {
        let sum = match group.standing.as_str() {
            "pending" => &mut self.pending,
            "payable" => &mut self.payable,
            "held" => &mut self.held,
            "failed" => &mut self.failed,
            "in_batch" => &mut self.in_batch,
            "in_transit" => &mut self.in_transit,
            _ => &mut self.paid,
        };
        *sum = sum.checked_add(Fen::new(group.amount_fen))?;
        Some(())
    }
}

/// The end of a month: what was set aside and paid by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthEnd {
    /// Month, 1 to 12.
    pub month: u32,
    /// Set aside, with what came from the year before, less what was taken back.
    pub allotted: Fen,
    /// Paid, less what came back.
    pub paid: Fen,
}

/// Waiting payments of one kind by age: up to each of [`AGES`], and older.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ageing {
    /// How many.
    pub lines: [i64; 4],
    /// Their sums.
    pub sums: [Fen; 4],
}

/// A payment that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The payment.
    pub line: WaitingLine,
    /// Days since.
    pub days: i64,
}

/// The overview.
#[derive(Debug, Clone)]
pub struct MoneyOverview {
    /// Award year.
    pub award_year: i64,
    /// Award years to choose from, newest first.
    pub years: Vec<i64>,
    /// By source and payer.
    pub by_source: BTreeMap<(String, String), Standing>,
    /// By city-level unit and source.
    pub by_city: BTreeMap<(String, String), Standing>,
    /// Year whose budget normally pays, month by month, up to today.
    pub months: Vec<MonthEnd>,
    /// What a bank did not pay and that waits to be paid again.
    pub failed: Ageing,
    /// What finance keeps back.
    pub held: Ageing,
    /// The failed ones by what the bank said: how many and how much.
    pub reasons: BTreeMap<String, (i64, Fen)>,
    /// The oldest of both.
    pub oldest: Vec<Waiting>,
}

/// The overview of an award year (the last decided one when the text names none) for the actor's
/// payer; its months of one source, or of all when it is empty.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn money_overview(
    app: &App,
    actor: &Actor,
    (year, source): (&str, &str),
) -> Result<MoneyOverview, Error> {
    actor.must(Act::ReadBatches)?;
    let conn = app.db.read();
    let years = store::decided_years(conn, CORE_ENGINEER).await?;
    let last = years.first().copied().unwrap_or_else(|| i64::from(app.clock.award_year()));
    let award_year = year.trim().parse().unwrap_or(last);
    let of = OfYear { award_year, payer: visible_payer(actor).unwrap_or_default() };
    let groups = store::line_groups(conn, of).await?;
    let mut by_source = grouped(&groups, |g| (g.source.clone(), g.payer_division.clone()))?;
    let mut by_city = grouped(&groups, |g| (g.city_unit.clone(), g.source.clone()))?;
    let filter = BudgetFilter {
        payer_division: visible_payer(actor).map(str::to_owned),
        ..BudgetFilter::default()
    };
    for (key, books) in books::books_of_award_year(conn, &filter, award_year).await? {
        let line = by_source.entry(key).or_default();
        line.returned = books.balance(Account::Returned);
        line.receivable = books.balance(Account::Receivable);
    }
    for group in store::recovered_groups(conn, of).await? {
        let amount = Fen::new(group.amount_fen);
        let source = (group.source.clone(), group.payer_division);
        let city = (group.city_unit, group.source);
        for line in [by_source.entry(source).or_default(), by_city.entry(city).or_default()] {
            line.recovered = line.recovered.checked_add(amount).ok_or_else(overflow)?;
        }
    }
    for group in store::receivable_groups(conn, of).await? {
        let line = by_city.entry((group.city_unit, group.source)).or_default();
        let sum = line.receivable.checked_add(Fen::new(group.amount_fen));
        line.receivable = sum.ok_or_else(overflow)?;
    }
    // What a bank did not pay in the year of its budget is available again, and nobody's to return.
    for unpaid in store::unpaid(conn, of).await? {
        let year = unpaid.since.map(|at| i64::from(china_time(at).year()));
        if year.is_some_and(|year| year > unpaid.budget_year) {
            let line = by_city.entry((unpaid.city_unit, unpaid.source)).or_default();
            let sum = line.returned.checked_add(Fen::new(unpaid.amount_fen));
            line.returned = sum.ok_or_else(overflow)?;
        }
    }
    let filter = BudgetFilter { source: (!source.is_empty()).then(|| source.to_owned()), ..filter };
    let failed = store::failed_lines(conn, of.payer).await?;
    let held = store::held_lines(conn, of.payer).await?;
    let today = app.clock.today();
    let overview = MoneyOverview {
        award_year,
        by_source,
        by_city,
        months: months(app, filter, award_year + 1).await?,
        failed: aged(&failed, today).ok_or_else(overflow)?,
        held: aged(&held, today).ok_or_else(overflow)?,
        reasons: reasons(&failed),
        oldest: oldest(failed.into_iter().chain(held), today),
        years,
    };
    Ok(overview)
}

fn grouped(
    groups: &[LineGroup],
    key: impl Fn(&LineGroup) -> (String, String),
) -> Result<BTreeMap<(String, String), Standing>, Error> {
    let mut sums: BTreeMap<(String, String), Standing> = BTreeMap::new();
    for group in groups {
        sums.entry(key(group)).or_default().take(group).ok_or_else(overflow)?;
    }
    Ok(sums)
}

/// The ends of the months of a budget year that have begun.
async fn months(app: &App, filter: BudgetFilter, year: i64) -> Result<Vec<MonthEnd>, Error> {
    const OUTSIDE: [Account; 2] = [Account::Allotted, Account::Carried];
    let filter = BudgetFilter { budget_year: Some(year), ..filter };
    let [allotted, carried] = OUTSIDE;
    let watched = [allotted, carried, Account::Paid];
    let moved = books::dated(app.db.read(), &filter, &watched).await?;
    let today = app.clock.today();
    let begun = (1..=12).filter_map(|month| {
        let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, 1)?;
        (first <= today).then_some(month)
    });
    let mut ends = Vec::new();
    for month in begun {
        let mut end = MonthEnd { month, allotted: Fen::ZERO, paid: Fen::ZERO };
        for entry in &moved {
            let day = entry.paid_on.unwrap_or_else(|| china_time(entry.recorded_at).date_naive());
            let place = (i64::from(day.year()), day.month());
            if place > (year, month) {
                continue;
            }
            let amount = Fen::new(entry.amount_fen);
            let (from, to) =
                (Account::from_code(&entry.from_account), Account::from_code(&entry.to_account));
            let is_outside = |side: Option<Account>| side.is_some_and(|a| OUTSIDE.contains(&a));
            let next = match (from, to) {
                (from, _) if is_outside(from) => (end.allotted.checked_add(amount), Some(end.paid)),
                (_, to) if is_outside(to) => (end.allotted.checked_sub(amount), Some(end.paid)),
                (_, Some(Account::Paid)) => (Some(end.allotted), end.paid.checked_add(amount)),
                _ => (Some(end.allotted), end.paid.checked_sub(amount)),
            };
            let (Some(allotted), Some(paid)) = next else { return Err(overflow()) };
            (end.allotted, end.paid) = (allotted, paid);
        }
        ends.push(end);
    }
    Ok(ends)
}

fn days_since(line: &WaitingLine, today: NaiveDate) -> i64 {
    let since = line.since.map(|at| china_time(at).date_naive());
    since.map_or(0, |day| (today - day).num_days())
}

fn aged(lines: &[WaitingLine], today: NaiveDate) -> Option<Ageing> {
    let mut ageing = Ageing::default();
    for line in lines {
        let days = days_since(line, today);
        let at = AGES.iter().position(|last| days <= *last).unwrap_or(AGES.len());
        ageing.lines[at] += 1;
        ageing.sums[at] = ageing.sums[at].checked_add(Fen::new(line.amount_fen))?;
    }
    Some(ageing)
}

fn reasons(failed: &[WaitingLine]) -> BTreeMap<String, (i64, Fen)> {
    let mut by: BTreeMap<String, (i64, Fen)> = BTreeMap::new();
    for line in failed {
        let (lines, sum) = by.entry(line.reason.clone()).or_default();
        *lines += 1;
        *sum = sum.checked_add(Fen::new(line.amount_fen)).unwrap_or(*sum);
    }
    by
}

fn oldest(lines: impl Iterator<Item = WaitingLine>, today: NaiveDate) -> Vec<Waiting> {
    let waiting = lines.map(|line| Waiting { days: days_since(&line, today), line });
    let mut waiting: Vec<Waiting> = waiting.collect();
    waiting.sort_by_key(|waiting| (-waiting.days, waiting.line.person_no.clone()));
    waiting.truncate(NAMED);
    waiting
}
