//! What a visit is due, as known now.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Texts, texts};
use crate::app::App;
use crate::domain::exchange_rate::{Rate, YUAN};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{Employment, RosterEntry, RosterStatus, Stated};
use crate::domain::travel::{Determination, Expense, Fault, Trace};
use crate::domain::visit::{
    Circumstances, Cost, CostBearer, VisitClaim, VisitPlan, claim_of, spent, written_days,
};
use crate::service::{Error, exchange_rate};
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_among, facts_of};
use crate::store::merge;
use crate::store::visit::{self as store, Cut, Line, Visit};

/// A claim with what it is due.
#[derive(Debug)]
pub(in crate::service) struct Reckoned {
    /// What is claimed.
    pub(in crate::service) claim: Stated<VisitClaim>,
    /// Its costs with what was cut of them.
    pub(in crate::service) lines: Vec<(Line, Option<Cut>)>,
    /// As the engine sees them.
    pub(in crate::service) costs: Vec<Cost>,
    /// As [`works_here`] tells it of the trip.
    pub(in crate::service) works_here: (bool, bool),
    /// What it is due, or what is wrong with it.
    pub(in crate::service) due: Result<(Determination, Trace), Vec<Fault>>,
    /// The texts that decide it.
    pub(in crate::service) texts: Texts,
}

impl Reckoned {
    /// Whether something was cut.
    pub(in crate::service) fn is_cut(&self) -> bool {
        self.costs.iter().any(Cost::is_cut)
    }
}

/// Every number of the visitor.
pub(in crate::service) async fn persons_of(tx: &Tx, visit: &Visit) -> Result<Vec<i64>, Error> {
    let person = visit.person_id;
    Ok(merge::merges_about(tx, &[person], None).await?.group(person))
}

/// Whether somebody with these numbers is on a roster, and whether anybody here employs them, on any
/// day of a trip.
pub(in crate::service) async fn works_here(
    tx: &Tx,
    persons: &[i64],
    trip: &Period,
) -> Result<(bool, bool), Error> {
    let entries = facts_among::<RosterEntry>(tx, persons, Versions::Live).await?;
    let on_roster = entries.values().flatten().any(|stated| {
        stated.fact.status == RosterStatus::Confirmed && stated.period.overlaps(trip)
    });
    let jobs = facts_among::<Employment>(tx, persons, Versions::Live).await?;
    let employed = jobs.values().flatten().any(|stated| stated.period.overlaps(trip));
    Ok((on_roster, employed))
}

/// What the plan of a visit would be due if it came so and every day were a day of work: whether the
/// visitor is young enough, the policy in force, a day of the year left.
pub(in crate::service) async fn planned(
    tx: &Tx,
    visit: &Visit,
    plan: &Stated<VisitPlan>,
) -> Result<Result<Determination, Vec<Fault>>, Error> {
    let texts = texts(tx, visit.policy_document_id).await?;
    let exit = plan.period.through.unwrap_or(plan.period.from);
    let days: BTreeSet<NaiveDate> =
        plan.period.from.iter_days().take_while(|day| *day <= exit).collect();
    let claim = VisitClaim {
        origin: plan.fact.origin.clone(),
        work_days: written_days(&days),
        other_payer_fen: Fen::ZERO,
        costs_by: CostBearer::Employer,
    };
    let persons = persons_of(tx, visit).await?;
    let of = Circumstances {
        no: "",
        birth: visit.birth,
        submitted: exit,
        on_roster: works_here(tx, &persons, &plan.period).await?.0,
        granted: &store::granted_days(tx, &persons, visit.id).await?,
        costs: &[],
    };
    Ok(texts.policy.decide(&claim_of(&plan.period, &claim, &of)))
}

/// What the claim of a visit is due; `None` before anything was claimed. `submitted` is the day on
/// which it was handed in first, today when it was not.
pub(in crate::service) async fn reckon(
    app: &App,
    tx: &Tx,
    visit: &Visit,
    (no, submitted): (&str, Option<NaiveDate>),
) -> Result<Option<Reckoned>, Error> {
    let claim = facts_of::<VisitClaim>(tx, visit.id, Versions::Live).await?.into_iter().next();
    let Some(claim) = claim else { return Ok(None) };
    let texts = texts(tx, visit.policy_document_id).await?;
    let rows = store::lines(tx, claim.id).await?;
    let ids: Vec<i64> = rows.iter().map(|line| line.id).collect();
    let mut cuts = store::cuts(tx, &ids).await?;
    let mut lines = Vec::with_capacity(rows.len());
    let mut costs = Vec::with_capacity(rows.len());
    for line in rows {
        let cut = cuts.remove(&line.id);
        costs.push(cost(tx, &line, cut.as_ref()).await?);
        lines.push((line, cut));
    }
    let persons = persons_of(tx, visit).await?;
    let works_here = works_here(tx, &persons, &claim.period).await?;
    let of = Circumstances {
        no,
        birth: visit.birth,
        submitted: submitted.unwrap_or_else(|| app.clock.today()),
        on_roster: works_here.0,
        granted: &store::granted_days(tx, &persons, visit.id).await?,
        costs: &costs,
    };
    let due = texts.policy.explain(&claim_of(&claim.period, &claim.fact, &of));
    Ok(Some(Reckoned { claim, lines, costs, works_here, due, texts }))
}

/// The bank statement's rate where there is one, else that of the day of payment or the last before
/// it (domain.md 3.3).
async fn cost(tx: &Tx, line: &Line, cut: Option<&Cut>) -> Result<Cost, Error> {
    let wrong = || Error::Internal(format!("cost {}", line.id));
    let rate = match line.bank_rate_millionths {
        _ if line.currency == YUAN => None,
        Some(millionths) => Rate::from_millionths(millionths),
        None => exchange_rate::rate_on(tx, &line.currency, line.paid_on, None)
            .await?
            .map(|found| found.rate),
    };
    let (paid, refunded) = (Fen::new(line.amount_fen), Fen::new(line.refund_fen));
    Ok(Cost {
        expense: Expense::from_word(&line.expense).ok_or_else(wrong)?,
        class: line.class.clone(),
        amount: paid,
        refunded,
        accepted: cut.map_or(spent(paid, refunded), |cut| Fen::new(cut.accepted_fen)),
        currency: line.currency.clone(),
        documented_economy: line.documented_economy_fen.map(Fen::new),
        rate,
    })
}
