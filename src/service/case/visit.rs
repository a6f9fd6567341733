//! What the acts of a visit mean: its guards look at plan, registry and reckoning, an approval grants
//! what is due and takes the days, an end lets go of tickets, days and money.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::about::CaseFact;
use super::granted::take_back;
use super::{Broken, CaseWork, Desk, ExtraField, FieldKind};
use crate::domain::calendar::YearNotLoaded;
use crate::domain::lifecycle::{Guard as G, Move, OverseasVisit, VisitAct as A, VisitState as S};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{Code, Stated};
use crate::domain::travel::{DayOutcome, Determination, Fault, Step, Trace};
use crate::domain::visit::{CostBearer, VisitClaim, VisitPlan};
use crate::service::benefit::{self, Award, Part};
use crate::service::visit::{self as visits, ALLOWANCE, Reckoned, TRAVEL, limit};
use crate::service::{Error, calendar, invalid};
use crate::store::fact::{Versions, facts_of};
use crate::store::roster;
use crate::store::visit::{self as store, Visit};

/// Working days between the filing of an invitation and the arrival.
const LEAD_DAYS: u32 = 10;
const ARRIVED_ON: &str = "arrived_on";
/// Guards that look at what the plan would be due.
const OF_PLAN: [G; 2] = [G::YoungFromOverseas, G::DaysLeft];
/// Guards that look at the claim.
const OF_CLAIM: [G; 5] =
    [G::ClaimComplete, G::ClaimInTime, G::ClaimEligible, G::NothingCut, G::SomethingCut];

async fn subject(desk: &Desk<'_>) -> Result<Visit, Error> {
    let missing = || Error::Internal(format!("case {} has no visit", desk.row.case_no));
    store::of_case(desk.tx, desk.row.id).await?.ok_or_else(missing)
}

async fn plan_of(desk: &Desk<'_>, visit: &Visit) -> Result<Stated<VisitPlan>, Error> {
    let plans = facts_of::<VisitPlan>(desk.tx, visit.id, Versions::Live).await?;
    let missing = || Error::Internal(format!("visit {} has no plan", desk.row.case_no));
    plans.into_iter().next().ok_or_else(missing)
}

/// The day on which the claim was handed in first.
fn submitted(desk: &Desk<'_>) -> Option<NaiveDate> {
    desk.steps.iter().find(|step| step.act == A::Claim.code()).map(|step| step.on_day)
}

async fn reckoned(desk: &Desk<'_>, visit: &Visit) -> Result<Option<Reckoned>, Error> {
    let of = (desk.row.case_no.as_str(), submitted(desk));
    visits::reckon(desk.app, desk.tx, visit, of).await
}

/// What a file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<CaseFact>, Error> {
    let page = CaseFact {
        name: "来访",
        text: format!("计划、申报和核算 {}", desk.row.case_no),
        href: Some(format!("/visits/{}", desk.row.case_no)),
    };
    let plain = plain_facts(desk).await?.into_iter().map(CaseFact::from);
    Ok(std::iter::once(page).chain(plain).collect())
}

async fn plain_facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let visit = subject(desk).await?;
    let plan = plan_of(desk, &visit).await?;
    let mut facts = vec![
        ("来访计划", plan.period.words()),
        ("交流合作内容", plan.fact.purpose.clone()),
        (
            "海外身份",
            format!("{}：{}", plan.fact.overseas_basis.label(), plan.fact.overseas_detail),
        ),
        ("计划经费", format!("{} 元", plan.fact.budget_fen.grouped())),
    ];
    facts.extend(visit.arrived_on.map(|day| ("实际入境", day.to_string())));
    let Some(found) = reckoned(desk, &visit).await? else { return Ok(facts) };
    facts.push(("申报行程", found.claim.period.words()));
    match found.due {
        Ok((due, _)) => facts.push(("核算结果", told(&due))),
        Err(faults) => facts.push(("核算结果", words(&faults))),
    }
    Ok(facts)
}

fn told(due: &Determination) -> String {
    if due.reasons.is_empty() {
        format!(
            "差旅补贴 {} 元，工作津贴 {} 天 {} 元，合计 {} 元",
            due.subsidy.grouped(),
            due.allowance_days,
            due.allowance.grouped(),
            due.total.grouped()
        )
    } else {
        reasons(due)
    }
}

fn reasons(due: &Determination) -> String {
    due.reasons.iter().map(|reason| reason.label()).collect::<Vec<_>>().join("、")
}

fn words(faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("；")
}

impl CaseWork for OverseasVisit {
    fn fields(act: A) -> &'static [ExtraField] {
        const ARRIVE: &[ExtraField] =
            &[ExtraField { name: ARRIVED_ON, label: "入境日期", kind: FieldKind::Day }];
        if act == A::Arrive { ARRIVE } else { &[] }
    }

    fn elsewhere(_: A) -> Option<&'static str> {
        None
    }

    async fn broken(desk: &Desk<'_>, line: &'static Move<S, A>) -> Result<Broken, Error> {
        let visit = subject(desk).await?;
        let plan = plan_of(desk, &visit).await?;
        let asks = |some: &[G]| line.guards.iter().any(|guard| some.contains(guard));
        let planned = match asks(&OF_PLAN) {
            true => Some(visits::planned(desk.tx, &visit, &plan).await?),
            false => None,
        };
        let found = match asks(&OF_CLAIM) {
            true => reckoned(desk, &visit).await?,
            false => None,
        };
        let mut broken = Broken::new();
        for guard in line.guards {
            let why = match guard {
                G::LeadTime => lead_time(desk, plan.period.from).await?,
                G::NotHereAlready => {
                    let persons = visits::persons_of(desk.tx, &visit).await?;
                    here_already(visits::works_here(desk.tx, &persons, &plan.period).await?)
                }
                G::ArrivalFits => arrival(desk),
                G::ClaimOver => claim_over(desk, &visit, plan.period).await?,
                of_plan if OF_PLAN.contains(of_plan) => {
                    planned.as_ref().and_then(|planned| plan_fault(*guard, planned))
                }
                _ => claim_fault(desk, (&visit, found.as_ref()), *guard)?,
            };
            broken.extend(why.map(|why| (*guard, why)));
        }
        Ok(broken)
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        let visit = subject(desk).await?;
        match act {
            A::Arrive => {
                let day = arrived_on(desk).ok_or_else(no_day)?;
                store::arrived(desk.tx, visit.id, day).await?;
                limit::of_claim(desk.tx, &visit, after(desk)).await
            }
            A::Agree => limit::of_arrival(desk.tx, &visit, after(desk)).await,
            A::ReturnClaim => limit::of_claim(desk.tx, &visit, after(desk)).await,
            A::Approve => approve(desk, &visit).await,
            A::Revoke => {
                take_back(desk).await?;
                store::release_days(desk.tx, visit.id, desk.app.clock.now()).await?;
                let_go(desk, &visit).await
            }
            A::Withdraw | A::Refuse | A::Reject | A::Expire => let_go(desk, &visit).await,
            _ => Ok(()),
        }
    }
}

/// The file after the step that is being done.
fn after(desk: &Desk<'_>) -> (i64, i64) {
    (desk.row.id, desk.row.steps + 1)
}

/// The papers of a file that comes to nothing can be claimed elsewhere.
async fn let_go(desk: &Desk<'_>, visit: &Visit) -> Result<(), Error> {
    let claims = facts_of::<VisitClaim>(desk.tx, visit.id, Versions::Live).await?;
    for claim in claims {
        store::release_lines(desk.tx, claim.id, desk.app.clock.now()).await?;
    }
    Ok(())
}

fn no_day() -> Error {
    Error::Invalid(vec![invalid(ARRIVED_ON, "请填写入境日期，如 2026-05-11")])
}

fn arrived_on(desk: &Desk<'_>) -> Option<NaiveDate> {
    desk.sent.text(ARRIVED_ON).parse().ok()
}

fn here_already((on_roster, employed): (bool, bool)) -> Option<String> {
    match (on_roster, employed) {
        (true, _) => Some("来访人行程期间在核心工程师名册内，不属于邀请来访".to_owned()),
        (false, true) => Some("来访人行程期间在闽有任职记录，不属于邀请来访".to_owned()),
        (false, false) => None,
    }
}

async fn lead_time(desk: &Desk<'_>, arrival: NaiveDate) -> Result<Option<String>, Error> {
    let calendar = calendar::within(desk.tx).await?;
    Ok(match calendar.add_working_days(desk.app.clock.today(), LEAD_DAYS) {
        Ok(first) if first <= arrival => None,
        Ok(first) => Some(format!(
            "邀请应在入境前至少 {LEAD_DAYS} 个工作日提交，今天提交的最早 {first} 入境，计划为 {arrival}"
        )),
        Err(YearNotLoaded(year)) => Some(format!("{year} 年工作日安排尚未录入，无法核对提前天数")),
    })
}

fn plan_fault(guard: G, planned: &Result<Determination, Vec<Fault>>) -> Option<String> {
    match (planned, guard) {
        (Err(faults), _) => Some(words(faults)),
        (Ok(due), G::YoungFromOverseas) => (!due.reasons.is_empty()).then(|| reasons(due)),
        (Ok(due), _) => (due.reasons.is_empty() && due.allowance_days == 0)
            .then(|| "来访人当年的工作津贴天数已经用完".to_owned()),
    }
}

fn arrival(desk: &Desk<'_>) -> Option<String> {
    if desk.sent.act.is_empty() {
        return None;
    }
    let today = desk.app.clock.today();
    match arrived_on(desk) {
        None => Some("请填写入境日期，如 2026-05-11".to_owned()),
        Some(day) if day > today => Some("入境日期不能晚于今天，入境后再报告".to_owned()),
        Some(day) if day < desk.row.since => {
            Some(format!("邀请于 {} 获同意，此前入境的不属于本次邀请", desk.row.since))
        }
        Some(_) => None,
    }
}

/// Why it is too early to say that nobody claimed in time.
async fn claim_over(desk: &Desk<'_>, visit: &Visit, plan: Period) -> Result<Option<String>, Error> {
    if submitted(desk).is_some() {
        return Ok(Some("已提交过申报".to_owned()));
    }
    let claims = facts_of::<VisitClaim>(desk.tx, visit.id, Versions::Live).await?;
    let trip = claims.first().map_or(plan, |claim| claim.period);
    let texts = visits::texts(desk.tx, visit.policy_document_id).await?;
    let Some(last) = limit::claim_by(&texts.policy, &trip) else { return Ok(None) };
    let early = desk.app.clock.today() <= last;
    Ok(early.then(|| format!("申报期限为 {last}")))
}

/// Why a guard about the claim does not hold.
fn claim_fault(
    desk: &Desk<'_>,
    (visit, found): (&Visit, Option<&Reckoned>),
    guard: G,
) -> Result<Option<String>, Error> {
    let Some(found) = found else {
        return Ok(Some("尚未填写申报，请先在来访页面填写行程、工作日和费用".to_owned()));
    };
    let trip = found.claim.period;
    let not_followed = visits::not_followed(&found.texts.policy, trip.from, &visit.division);
    Ok(match guard {
        G::ClaimComplete => match &found.due {
            Err(faults) => Some(words(faults)),
            Ok(_) => None,
        },
        G::ClaimInTime => {
            let day = submitted(desk).unwrap_or_else(|| desk.app.clock.today());
            let last = limit::claim_by(&found.texts.policy, &trip);
            last.filter(|last| *last < day).map(|last| format!("申报期限已过，最迟 {last}"))
        }
        G::ClaimEligible => match &found.due {
            _ if not_followed.is_some() => not_followed,
            Err(faults) => Some(words(faults)),
            Ok((due, _)) if !due.reasons.is_empty() => Some(reasons(due)),
            Ok((due, _)) if due.total == Fen::ZERO => {
                Some("核算金额为零，请退回申报或不予支持".to_owned())
            }
            Ok(_) => here_already(found.works_here),
        },
        G::NothingCut => found.is_cut().then(|| "已登记核减，请办理“核减”，由单位确认".to_owned()),
        G::SomethingCut => {
            (!found.is_cut()).then(|| "尚未登记核减，请先在来访页面填写认可金额和原因".to_owned())
        }
        other => return Err(Error::Internal(format!("no visit knows guard {}", other.code()))),
    })
}

/// Takes the days and grants what is due, costs and allowance apart: they are taxed apart. The visitor
/// is locked first, so that two visits of one person never share a day or a year's last one.
async fn approve(desk: &Desk<'_>, visit: &Visit) -> Result<(), Error> {
    roster::lock_persons(desk.tx, &visits::persons_of(desk.tx, visit).await?).await?;
    let found = reckoned(desk, visit).await?;
    let Some(Reckoned { claim, due: Ok((due, trace)), texts, .. }) = found else {
        return Err(Error::Refused("申报内容有误，无法核算，请退回重核".to_owned()));
    };
    if !due.reasons.is_empty() || due.total == Fen::ZERO {
        return Err(Error::Refused(format!("核算结果已变化：{}，请退回重核", told(&due))));
    }
    store::grant_days(desk.tx, visit, &taken(&trace)).await?;
    let version = texts.policy.version_on(claim.period.from);
    let funding = version.map(|version| version.funding()).unwrap_or_default();
    let determination = serde_json::to_value(&due).map_err(unwritable)?;
    let trace = serde_json::to_value(&trace).map_err(unwritable)?;
    let costs_to = claim.fact.costs_by == CostBearer::Employer;
    for (programme, policy, to_enterprise, amount) in [
        (TRAVEL, texts.travel, costs_to, due.subsidy),
        (ALLOWANCE, texts.allowance, false, due.allowance),
    ] {
        let part = Part {
            enterprise_id: visit.enterprise_id,
            division: visit.division.clone(),
            to_enterprise,
            amount,
        };
        let award = Award {
            programme,
            person_id: visit.person_id,
            award_year: claim.period.from.year().into(),
            subject_no: &desk.row.case_no,
            policy: (policy, funding),
            parts: &[part],
            determination: &determination,
            trace: &json!({ "visit": desk.row.case_no, "steps": trace }),
        };
        benefit::grant(desk.app, desk.tx, &award).await?;
    }
    Ok(())
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::Internal(error.to_string())
}

/// The days that an allowance is due for.
fn taken(trace: &Trace) -> Vec<NaiveDate> {
    let days = trace.steps.iter().filter_map(|step| match step {
        Step::AllowanceDays { inputs, .. } => Some(&inputs.work_days),
        _ => None,
    });
    let taken = days.flatten().filter(|day| day.outcome == DayOutcome::Taken);
    taken.map(|day| day.day).collect()
}
