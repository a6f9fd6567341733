//! What money is reserved for, and what the policy will cost to its end (peers: encumbrance).
//!
//! Money is reserved from the moment the file of the year is released: what is payable and in no
//! batch. A batch takes it out of the budget, a refusal or a lowered result makes the reservation
//! go; so it is never booked, it is what the payment lines say.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::{BudgetFilter, BudgetKey, Figures, overflow, visible_payer};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::determine::Text;
use crate::domain::dossier::{EnterpriseRecord, KnownEnterprises};
use crate::domain::edition::Policy;
use crate::domain::forecast::{Due, Places, award_years, forecast as projected};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::service::stipend::{CORE_ENGINEER, current_policy};
use crate::service::{Actor, Error};
use crate::store::db::Connection;
use crate::store::ledger as books;
use crate::store::money_view as store;
use crate::store::stipend::facts;

/// What the money of a source at a payer is needed for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Programme.
    pub programme: String,
    /// Source of the money.
    pub source: String,
    /// Division that pays.
    pub payer: String,
    /// Free in this year's budget.
    pub available: Fen,
    /// Certified and in no batch.
    pub reserved: Fen,
    /// `available - reserved`; below zero, so much is lacking.
    pub free: Fen,
}

/// An award year from one source at one payer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct YearCost {
    /// Paid.
    pub paid: Fen,
    /// Certified or in batches, and not yet paid.
    pub reserved: Fen,
    /// Computed and not yet certified.
    pub pending: Fen,
    /// By the roster of today, for a year that nobody has computed.
    pub projected: Fen,
    /// Persons of the projection.
    pub persons: i64,
}

impl YearCost {
    /// What the year costs by all that is known.
    pub fn total(&self) -> Option<Fen> {
        Fen::checked_sum([self.paid, self.reserved, self.pending, self.projected])
    }
}

/// The forecast.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// Title of the policy that it goes by.
    pub policy: String,
    /// Year of the budget that is compared.
    pub budget_year: i64,
    /// What money is needed for now.
    pub reserved: Vec<Reserved>,
    /// By award year, source and payer.
    pub years: BTreeMap<(i32, String, String), YearCost>,
}

/// What is reserved in the current budget year, and what each award year to the policy's end has
/// cost or will, for the actor's payer.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`]; [`Error::Refused`] when the engine has no
/// result for somebody on the roster.
pub async fn forecast(app: &App, actor: &Actor) -> Result<Forecast, Error> {
    actor.must(Act::ReadBatches)?;
    let payer = visible_payer(actor);
    let tx = app.db.begin_read().await?;
    let (_, policy) = current_policy(&tx).await?;
    let decided = store::decided_years(&tx, CORE_ENGINEER).await?;
    let today = Roster::read(app, &tx).await?;
    let mut years = BTreeMap::new();
    for year in award_years(&policy) {
        let costs = match decided.contains(&i64::from(year)) {
            true => known(&tx, i64::from(year)).await?,
            false => today.expected(&policy, year)?,
        };
        let visible = costs.into_iter().filter(|((_, by), _)| payer.is_none_or(|own| own == by));
        years.extend(visible.map(|((source, by), cost)| ((year, source, by), cost)));
    }
    let budget_year = i64::from(app.clock.today().year());
    Ok(Forecast {
        policy: policy.title().to_owned(),
        budget_year,
        reserved: reserved_lines(&tx, budget_year, payer).await?,
        years,
    })
}

type Costs = BTreeMap<(String, String), YearCost>;

/// A year that was computed: what its lines say.
async fn known(conn: &impl Connection, award_year: i64) -> Result<Costs, Error> {
    let mut costs = Costs::new();
    for sums in store::year_of_payers(conn, (CORE_ENGINEER, award_year)).await? {
        let reserved = [sums.payable_fen, sums.in_batch_fen].map(Fen::new);
        let cost = YearCost {
            paid: Fen::new(sums.paid_fen),
            reserved: Fen::checked_sum(reserved).ok_or_else(overflow)?,
            pending: Fen::new(sums.pending_fen),
            ..YearCost::default()
        };
        costs.insert((sums.source, sums.payer_division), cost);
    }
    Ok(costs)
}

/// What of a budget is there for an award year from one source at one payer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cover {
    /// Paid or in batches for the year, less what came back.
    pub given: Fen,
    /// Free in this calendar year's budget, what other award years are certified for taken off.
    pub free: Fen,
}

/// For each source and payer of a year of the stipend, what was given for it and what is free for
/// more in the budget of the current calendar year.
///
/// # Errors
/// When the database fails or a sum does not fit.
pub(in crate::service) async fn covers(
    app: &App,
    award_year: i64,
) -> Result<BTreeMap<(String, String), Cover>, Error> {
    let read = app.db.read();
    let mut covers: BTreeMap<(String, String), Cover> = BTreeMap::new();
    let budget_year = i64::from(app.clock.today().year());
    for line in reserved_lines(read, budget_year, None).await? {
        if line.programme == CORE_ENGINEER {
            covers.entry((line.source, line.payer)).or_default().free = line.free;
        }
    }
    for sums in store::year_of_payers(read, (CORE_ENGINEER, award_year)).await? {
        let own = covers.entry((sums.source, sums.payer_division)).or_default();
        let given = [sums.paid_fen, sums.in_batch_fen, -sums.back_fen].map(Fen::new);
        own.given = Fen::checked_sum(given).ok_or_else(overflow)?;
        own.free = own.free.checked_add(Fen::new(sums.payable_fen)).ok_or_else(overflow)?;
    }
    Ok(covers)
}

/// The enterprises and the roster of today.
struct Roster {
    records: Vec<EnterpriseRecord>,
    places: Vec<Places>,
}

impl Roster {
    async fn read(app: &App, conn: &impl Connection) -> Result<Self, Error> {
        let records = facts::enterprises(conn, app.clock.now(), None).await?;
        let codes: HashMap<i64, Text> =
            records.iter().map(|record| (record.id, Text::from(record.uscc.as_str()))).collect();
        let mut places = Vec::new();
        for group in store::places(conn, app.clock.today()).await? {
            let period = Period::from_stored(group.valid_from, group.valid_to);
            let enterprise = codes.get(&group.enterprise_id).cloned();
            let (Some(period), Some(enterprise)) = (period, enterprise) else {
                let what = format!("forecast: a place at enterprise {}", group.enterprise_id);
                return Err(Error::Internal(what));
            };
            places.push(Places { enterprise, period, persons: group.persons });
        }
        Ok(Self { records, places })
    }

    /// A year that nobody has computed.
    fn expected(&self, policy: &Policy, year: i32) -> Result<Costs, Error> {
        let internal = |what: String| Error::Internal(format!("forecast of {year}: {what}"));
        let enterprises = KnownEnterprises::new(&self.records, year)
            .ok_or_else(|| internal("no such year".to_owned()))?
            .map_err(|error| internal(error.to_string()))?;
        let found = projected(policy, enterprises.facts(), &self.places, year)
            .map_err(|error| Error::Refused(format!("{year} 年度无法预测：{error}")))?;
        let cost = |due: Due| YearCost {
            projected: due.amount,
            persons: due.persons,
            ..YearCost::default()
        };
        Ok(found.into_iter().map(|(key, due)| (key, cost(due))).collect())
    }
}

async fn reserved_lines(
    conn: &impl Connection,
    budget_year: i64,
    payer: Option<&str>,
) -> Result<Vec<Reserved>, Error> {
    let filter = BudgetFilter {
        payer_division: payer.map(str::to_owned),
        budget_year: Some(budget_year),
        ..BudgetFilter::default()
    };
    let mut lines: BTreeMap<(String, String, String), (Fen, Fen)> = BTreeMap::new();
    for (key, books) in books::books(conn, &filter).await? {
        let figures = Figures::of(&books).ok_or_else(overflow)?;
        lines.entry((key.programme, key.source, key.payer_division)).or_default().0 =
            figures.available;
    }
    for sum in store::reserved(conn, payer.unwrap_or_default()).await? {
        let key = (sum.programme, sum.source, sum.payer_division);
        lines.entry(key).or_default().1 = Fen::new(sum.amount_fen);
    }
    let line = |((programme, source, payer), (available, reserved)): (_, (Fen, Fen))| {
        let free = available.checked_sub(reserved).ok_or_else(overflow)?;
        Ok(Reserved { programme, source, payer, available, reserved, free })
    };
    lines.into_iter().map(line).collect()
}

/// What of a budget line is reserved for: nothing of a year that is over.
///
/// # Errors
/// When the database fails.
pub(super) async fn reserved_of(
    app: &App,
    conn: &impl Connection,
    key: &BudgetKey,
) -> Result<Fen, Error> {
    if key.budget_year != i64::from(app.clock.today().year()) {
        return Ok(Fen::ZERO);
    }
    let sums = store::reserved(conn, &key.payer_division).await?;
    let own =
        sums.into_iter().find(|sum| sum.programme == key.programme && sum.source == key.source);
    Ok(own.map_or(Fen::ZERO, |sum| Fen::new(sum.amount_fen)))
}
