//! Visits as pages show them.

use chrono::{DateTime, NaiveDate, Utc};

use super::limit::report_by;
use super::{may_cut, may_invite, reckon};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::{VisitAct, VisitState};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{BankAccount, Code, PersonDocument, Stated};
use crate::domain::ticket::read_legs;
use crate::domain::travel::{Determination, Fault, Trace};
use crate::domain::visit::{Cost, VisitClaim, VisitPlan};
use crate::service::{Actor, Error};
use crate::store::benefit;
use crate::store::case::{self as cases, CaseRow, StepRow};
use crate::store::db::{Connection, Tx};
use crate::store::directory;
use crate::store::fact::{Versions, facts_of};
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::visit::{self as store, Line, Visit};

/// Visits of one page.
pub const VISITS_A_PAGE: u64 = 50;

/// A visit in the list.
#[derive(Debug, Clone)]
pub struct VisitLine {
    /// Number of its file.
    pub no: String,
    /// Who comes: number and name.
    pub visitor: (String, String),
    /// Who invites.
    pub enterprise: String,
    /// What it is about.
    pub about: String,
    /// Where it stands.
    pub state: VisitState,
    /// Until when somebody has to act.
    pub due_on: Option<NaiveDate>,
    /// Whether that day is over.
    pub overdue: bool,
}

/// A plan that is or was on record.
#[derive(Debug, Clone)]
pub struct PlanLine {
    /// When, and what.
    pub plan: Stated<VisitPlan>,
}

/// A cost with what counts of it.
#[derive(Debug, Clone)]
pub struct CostLine {
    /// Number in the claim.
    pub seq: i64,
    /// What was claimed.
    pub cost: Cost,
    /// The legs of a fare, one a line; empty for others.
    pub route: String,
    /// Passenger as printed on the ticket; empty for others.
    pub passenger: String,
    /// Number of the ticket that it took the place of; empty without one.
    pub original_no: String,
    /// Number of the refund slip; empty without one.
    pub refund_no: String,
    /// When it was paid.
    pub paid_on: NaiveDate,
    /// Number of the ticket or receipt.
    pub document_no: String,
    /// Whether the rate is that of the bank statement.
    pub is_bank_rate: bool,
    /// Why it was cut; empty when it was not.
    pub reason: String,
}

/// Money that was granted.
#[derive(Debug, Clone)]
pub struct GrantLine {
    /// Stream.
    pub programme: String,
    /// Whether the employer is paid and not the visitor.
    pub to_employer: bool,
    /// Amount.
    pub amount: Fen,
    /// Code of the state of its line.
    pub state: String,
}

/// Everything about a visit.
#[derive(Debug, Clone)]
pub struct VisitView {
    /// Its line.
    pub line: VisitLine,
    /// Passport, masked, with the country.
    pub passport: String,
    /// Birth date.
    pub birth: NaiveDate,
    /// Plans, the one that holds first.
    pub plans: Vec<PlanLine>,
    /// Day of entry.
    pub arrived_on: Option<NaiveDate>,
    /// What is claimed.
    pub claim: Option<(Period, VisitClaim)>,
    /// Its costs.
    pub costs: Vec<CostLine>,
    /// What it is due, with the steps; or what is wrong.
    pub due: Option<Result<(Determination, Trace), Vec<Fault>>>,
    /// In what claim and plan differ.
    pub differences: Vec<String>,
    /// That the entry was reported late; `None` when it was reported in time or not yet.
    pub late: Option<String>,
    /// What was granted.
    pub grants: Vec<GrantLine>,
    /// Bank and last four digits of the visitor's account.
    pub account: Option<(String, String)>,
    /// Since when the claim is on record.
    pub claimed_at: Option<DateTime<Utc>>,
    /// Whether the reader may change the plan.
    pub may_plan: bool,
    /// Whether the reader may change the claim.
    pub may_claim: bool,
    /// Whether the reader may cut costs.
    pub may_cut: bool,
    /// Whether the reader may give the visitor's account.
    pub may_pay: bool,
}

fn must_look(actor: &Actor) -> Result<(), Error> {
    let looks = actor.role.may(Act::ReadCases) || actor.role.may(Act::ReadBatches);
    if looks { Ok(()) } else { Err(Error::Forbidden(Act::ReadCases)) }
}

/// The visits that the actor sees, the latest first, and how many there are; `state` is the code of
/// one state, or none.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn visits(
    app: &App,
    actor: &Actor,
    state: &str,
    offset: u64,
) -> Result<(Vec<VisitLine>, u64), Error> {
    must_look(actor)?;
    let read = app.db.read();
    let state = VisitState::from_code(state).map(Code::code);
    let (rows, count) = store::list(read, &actor.scope, state, (offset, VISITS_A_PAGE)).await?;
    Ok((lines(read, &rows, app.clock.today()).await?, count))
}

async fn lines(
    read: &impl Connection,
    rows: &[(Visit, CaseRow)],
    today: NaiveDate,
) -> Result<Vec<VisitLine>, Error> {
    let people: Vec<i64> = rows.iter().map(|(visit, _)| visit.person_id).collect();
    let names = person_names(read, &people).await?;
    let numbers = directory::person_numbers(read, &people).await?;
    let hosts: Vec<i64> = rows.iter().map(|(visit, _)| visit.enterprise_id).collect();
    let enterprises = enterprise_names(read, &hosts).await?;
    let line = |(visit, file): &(Visit, CaseRow)| {
        let unknown = || Error::Internal(format!("state of case {}", file.case_no));
        let person = visit.person_id;
        Ok(VisitLine {
            no: file.case_no.clone(),
            visitor: (
                numbers.get(&person).cloned().unwrap_or_default(),
                names.get(&person).cloned().unwrap_or_default(),
            ),
            enterprise: enterprises.get(&visit.enterprise_id).cloned().unwrap_or_default(),
            about: file.about.clone(),
            state: VisitState::from_code(&file.state).ok_or_else(unknown)?,
            due_on: file.due_on,
            overdue: file.due_on.is_some_and(|last| last < today),
        })
    };
    rows.iter().map(line).collect()
}

/// One visit.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn visit(app: &App, actor: &Actor, no: &str) -> Result<VisitView, Error> {
    must_look(actor)?;
    let missing = || Error::NotFound("这件来访");
    let tx = app.db.begin_read().await?;
    let file = cases::by_no(&tx, &actor.scope, no).await?.ok_or_else(missing)?;
    let visit = store::of_case(&tx, file.id).await?.ok_or_else(missing)?;
    let view = view(app, &tx, actor, (visit, file)).await?;
    tx.rollback().await?;
    Ok(view)
}

async fn view(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (visit, file): (Visit, CaseRow),
) -> Result<VisitView, Error> {
    let row = (visit, file);
    let today = app.clock.today();
    let line = lines(tx, std::slice::from_ref(&row), today).await?.pop();
    let line = line.ok_or(Error::NotFound("这件来访"))?;
    let (visit, file) = row;
    let documents = facts_of::<PersonDocument>(tx, visit.person_id, Versions::Live).await?;
    let passport = documents.iter().find(|stated| stated.fact.document_type == "passport");
    let accounts = facts_of::<BankAccount>(tx, visit.person_id, Versions::Live).await?;
    let account = accounts.into_iter().find(|stated| stated.period.covers(today));
    let mut plans = facts_of::<VisitPlan>(tx, visit.id, Versions::All).await?;
    plans.sort_by_key(|plan| (!plan.is_live(), std::cmp::Reverse(plan.id)));
    let steps = cases::steps(tx, file.id).await?;
    let submitted = steps.iter().find(|step| step.act == VisitAct::Claim.code());
    let found = reckon(app, tx, &visit, (&file.case_no, submitted.map(|step| step.on_day))).await?;
    let late = late_report(&steps, visit.arrived_on);
    let state = line.state;
    let of_employer = may_invite(actor);
    let mut view = VisitView {
        passport: passport
            .map(|stated| format!("{} {}", stated.fact.country, stated.fact.number_masked))
            .unwrap_or_default(),
        birth: visit.birth,
        arrived_on: visit.arrived_on,
        claim: None,
        costs: Vec::new(),
        due: None,
        differences: Vec::new(),
        late,
        grants: grants(tx, &file.case_no).await?,
        account: account.map(|stated| (stated.fact.bank_name, stated.fact.last_four)),
        claimed_at: None,
        may_plan: of_employer && state == VisitState::Draft,
        may_claim: of_employer && state == VisitState::Travelled,
        may_cut: may_cut(actor) && state == VisitState::Claimed,
        may_pay: of_employer && is_open(state),
        plans: plans.into_iter().map(|plan| PlanLine { plan }).collect(),
        line,
    };
    let Some(found) = found else { return Ok(view) };
    if let Some(plan) = view.plans.first() {
        view.differences = differences(&plan.plan, &found.claim, &found.due);
    }
    let routes = found.lines.iter().map(|(line, _)| line.route.as_str());
    view.differences.extend(not_flown(routes, &found.claim.period));
    let costs = found.lines.into_iter().zip(found.costs);
    view.costs =
        costs.map(|((line, cut), cost)| cost_line(line, cut.map(|c| c.reason), cost)).collect();
    view.claimed_at = Some(found.claim.recorded_at);
    view.claim = Some((found.claim.period, found.claim.fact));
    view.due = Some(found.due);
    Ok(view)
}

/// Whether money may be ahead: the visitor has come, and the file has not ended.
pub(super) fn is_open(state: VisitState) -> bool {
    use VisitState as S;
    matches!(
        state,
        S::Travelled
            | S::Claimed
            | S::Checked
            | S::Adjusting
            | S::Adjusted
            | S::Payable
            | S::Returned
    )
}

fn cost_line(line: Line, reason: Option<String>, cost: Cost) -> CostLine {
    CostLine {
        seq: line.seq,
        cost,
        route: line.route,
        passenger: line.passenger,
        original_no: line.original_no,
        refund_no: line.refund_no,
        paid_on: line.paid_on,
        document_no: line.document_no,
        is_bank_rate: line.bank_rate_millionths.is_some(),
        reason: reason.unwrap_or_default(),
    }
}

async fn grants(tx: &Tx, no: &str) -> Result<Vec<GrantLine>, Error> {
    let lines = benefit::lines_of(tx, no).await?;
    let line = |line: benefit::GrantedLine| GrantLine {
        programme: line.programme,
        to_employer: line.payee_enterprise_id.is_some(),
        amount: Fen::new(line.amount_fen),
        state: line.state,
    };
    Ok(lines.into_iter().map(line).collect())
}

/// That an entry was reported later than five days after it (domain.md 7.8): it counts all the same, and
/// whoever checks the claim is told.
fn late_report(steps: &[StepRow], arrived_on: Option<NaiveDate>) -> Option<String> {
    let reported = steps.iter().find(|step| step.act == VisitAct::Arrive.code())?.on_day;
    let last = report_by(arrived_on?);
    (last < reported).then(|| format!("{reported} 才报告入境，应在 {last} 前报告"))
}

/// In what the legs of the tickets differ from the days of entry and exit. Whoever checks compares both
/// with the stamps; a journey takes a day or two.
fn not_flown<'a>(routes: impl Iterator<Item = &'a str>, trip: &Period) -> Vec<String> {
    let legs: Vec<NaiveDate> = routes.flat_map(read_legs).map(|leg| leg.on).collect();
    if legs.is_empty() {
        return Vec::new();
    }
    let near = |day: NaiveDate, before: i64, after: i64| {
        legs.iter().any(|on| (-before..=after).contains(&(*on - day).num_days()))
    };
    let mut found = Vec::new();
    if !near(trip.from, 3, 0) {
        found.push(format!("客票没有 {} 前三日内的入境航段", trip.from));
    }
    if let Some(exit) = trip.through.filter(|exit| !near(*exit, 1, 1)) {
        found.push(format!("客票没有 {exit} 前后的离境航段"));
    }
    found
}

/// In what a claim differs from the plan that was agreed to.
fn differences(
    plan: &Stated<VisitPlan>,
    claim: &Stated<VisitClaim>,
    due: &Result<(Determination, Trace), Vec<Fault>>,
) -> Vec<String> {
    let mut found = Vec::new();
    if plan.period.from != claim.period.from {
        found.push(format!("计划 {} 入境，实际 {}", plan.period.from, claim.period.from));
    }
    if let (Some(planned), Some(exit)) = (plan.period.through, claim.period.through)
        && planned != exit
    {
        found.push(format!("计划 {planned} 离境，实际 {exit}"));
    }
    if plan.fact.origin != claim.fact.origin {
        found.push(format!("计划来源地 {}，申报 {}", plan.fact.origin, claim.fact.origin));
    }
    if let Ok((due, _)) = due
        && due.accepted > plan.fact.budget_fen
    {
        let (accepted, budget) = (due.accepted.grouped(), plan.fact.budget_fen.grouped());
        found.push(format!("费用折合 {accepted} 元，超过计划经费 {budget} 元"));
    }
    found
}
