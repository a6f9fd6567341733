//! Files as pages show them: the list of what waits, and one file with what can be done next.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{
    Broken, CaseWork, Desk, ExtraField, Submitted, hand_label, key_enterprise, standing,
    state_label,
};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::lifecycle::{
    AutonomousRecognition, CaseKind, Evidence, Hand, KeyEnterprise, Lifecycle, Objection,
};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, notice};
use crate::store::case::{self as store, CaseRow, Filter, StepRow};
use crate::store::directory;
use crate::store::{recognition, stipend};

/// Files a page.
pub const CASES_A_PAGE: u64 = 50;

/// Which files to list.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// All in scope, instead of those that wait for the reader.
    pub all: bool,
    /// Kind.
    pub kind: Option<CaseKind>,
    /// State, by code.
    pub state: Option<String>,
    /// Only overdue ones.
    pub overdue: bool,
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// Official number.
    pub no: String,
    /// Kind.
    pub kind: &'static str,
    /// What it is about.
    pub about: String,
    /// Enterprise.
    pub enterprise: String,
    /// State.
    pub state: &'static str,
    /// Since.
    pub since: NaiveDate,
    /// Until when.
    pub due_on: Option<NaiveDate>,
    /// Whether the time is over.
    pub overdue: bool,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct CaseList {
    /// The lines.
    pub rows: Vec<CaseLine>,
    /// How many there are.
    pub total: u64,
    /// States that can be chosen: kind, code, label.
    pub states: Vec<(CaseKind, &'static str, &'static str)>,
}

/// An act of the past.
#[derive(Debug, Clone)]
pub struct StepLine {
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// What.
    pub act: String,
    /// Role, and the person's name where the reader may know it.
    pub who: String,
    /// State afterwards.
    pub state: &'static str,
    /// In their words.
    pub remark: String,
    /// What was handed in: name and text.
    pub evidence: Vec<(&'static str, String)>,
}

/// Something that must hold, and why it does not.
#[derive(Debug, Clone)]
pub struct Check {
    /// What.
    pub label: &'static str,
    /// Why not; `None` when it holds or is looked at when the form is sent.
    pub fault: Option<String>,
}

/// An act that the reader can do now.
#[derive(Debug, Clone)]
pub struct ActForm {
    /// Code.
    pub act: &'static str,
    /// Label.
    pub label: &'static str,
    /// Address of the page where it is done instead.
    pub elsewhere: Option<&'static str>,
    /// What must be handed in: code and name.
    pub evidence: Vec<(&'static str, &'static str)>,
    /// What else is asked for.
    pub fields: &'static [ExtraField],
    /// What must hold.
    pub checks: Vec<Check>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The line of the list.
    pub line: CaseLine,
    /// Number of the person, where there is one.
    pub person_no: String,
    /// Facts about it: name and text.
    pub facts: Vec<(&'static str, String)>,
    /// How many steps it has.
    pub steps_seen: i64,
    /// What happened, oldest first.
    pub steps: Vec<StepLine>,
    /// What the reader can do.
    pub acts: Vec<ActForm>,
    /// Whom it waits for; empty at its end.
    pub waits_for: Vec<&'static str>,
    /// How long it may stand in its state.
    pub limit: String,
}

/// The kinds that have work behind them, with the states in which something waits for a role.
fn waiting(role: Role) -> Vec<(&'static str, Vec<&'static str>)> {
    fn of<L: Lifecycle>(hand: Hand) -> (&'static str, Vec<&'static str>) {
        let waits = |state: &&L::State| L::waits_for(**state, hand);
        (L::KIND.code(), L::State::ALL.iter().filter(waits).map(|s| s.code()).collect())
    }
    let hand = Hand::Role(role);
    vec![of::<AutonomousRecognition>(hand), of::<Objection>(hand), of::<KeyEnterprise>(hand)]
}

fn states() -> Vec<(CaseKind, &'static str, &'static str)> {
    fn of<L: Lifecycle>() -> impl Iterator<Item = (CaseKind, &'static str, &'static str)> {
        L::State::ALL.iter().map(|state| (L::KIND, state.code(), state.label()))
    }
    of::<AutonomousRecognition>().chain(of::<Objection>()).chain(of::<KeyEnterprise>()).collect()
}

/// What waits for the reader, the most urgent first; or everything in scope.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn cases(
    app: &App,
    actor: &Actor,
    query: &CaseQuery,
    page: u64,
) -> Result<CaseList, Error> {
    actor.must(Act::ReadCases)?;
    let today = app.clock.today();
    let chosen: Vec<_> = states()
        .into_iter()
        .filter(|(kind, code, _)| {
            query.kind.is_none_or(|wanted| wanted == *kind)
                && query.state.as_ref().is_none_or(|wanted| wanted == code)
        })
        .map(|(kind, code, _)| (kind.code(), vec![code]))
        .collect();
    let any_of = match (query.all, query.kind.is_some() || query.state.is_some()) {
        (false, _) => Some(waiting(actor.role)),
        (true, true) => Some(chosen),
        (true, false) => None,
    };
    let filter = Filter {
        scope: actor.scope.clone(),
        any_of,
        enterprise_id: None,
        overdue_on: query.overdue.then_some(today),
    };
    let read = app.db.read();
    let offset = page.saturating_sub(1).saturating_mul(CASES_A_PAGE);
    let found = store::list(read, &filter, offset, CASES_A_PAGE).await?;
    let names = enterprise_names(app, &found).await?;
    Ok(CaseList {
        total: store::count(read, &filter).await?,
        rows: found.iter().map(|row| line(row, &names, today)).collect(),
        states: states(),
    })
}

/// How many files wait for the reader.
///
/// # Errors
/// When the database fails.
pub async fn waiting_for(app: &App, actor: &Actor) -> Result<i64, Error> {
    if !actor.role.may(Act::ReadCases) {
        return Ok(0);
    }
    let filter = Filter {
        scope: actor.scope.clone(),
        any_of: Some(waiting(actor.role)),
        enterprise_id: None,
        overdue_on: None,
    };
    let count = store::count(app.db.read(), &filter).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

async fn enterprise_names(app: &App, rows: &[CaseRow]) -> Result<HashMap<i64, String>, Error> {
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.enterprise_id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(stipend::explain::enterprise_names(app.db.read(), &ids).await?)
}

fn line(row: &CaseRow, names: &HashMap<i64, String>, today: NaiveDate) -> CaseLine {
    CaseLine {
        no: row.case_no.clone(),
        kind: CaseKind::from_code(&row.kind).map_or("", Code::label),
        about: row.about.clone(),
        enterprise: row.enterprise_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        state: state_label(&row.kind, &row.state),
        since: row.since,
        due_on: row.due_on,
        overdue: row.due_on.is_some_and(|last| last < today),
    }
}

/// One file with its history and what the reader can do next. The guards are looked at now, so
/// that the reader sees before filling in a form what stands against it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn case_view(app: &App, actor: &Actor, case_no: &str) -> Result<CaseView, Error> {
    actor.must(Act::ReadCases)?;
    let tx = app.db.begin_read().await?;
    let found = store::by_no(&tx, &actor.scope, case_no).await?;
    let row = found.ok_or(Error::NotFound("这个办件"))?;
    let steps = store::steps(&tx, row.id).await?;
    let sent = Submitted::default();
    let desk = Desk { app, tx: &tx, actor: Some(actor), row: &row, steps: &steps, sent: &sent };
    let names = enterprise_names(app, std::slice::from_ref(&row)).await?;
    let line = line(&row, &names, app.clock.today());
    let view = match CaseKind::from_code(&row.kind) {
        Some(CaseKind::Recognition) => view::<AutonomousRecognition>(&desk, line).await?,
        Some(CaseKind::Objection) => view::<Objection>(&desk, line).await?,
        Some(CaseKind::KeyEnterprise) => view::<KeyEnterprise>(&desk, line).await?,
        _ => return Err(Error::NotFound("这个办件")),
    };
    tx.rollback().await?;
    Ok(view)
}

async fn view<L: CaseWork>(desk: &Desk<'_>, line: CaseLine) -> Result<CaseView, Error> {
    let case = standing::<L>(desk.row, desk.steps)?;
    let hand = desk.actor.map_or(Hand::System, |actor| Hand::Role(actor.role));
    let mut acts = Vec::new();
    for act in L::acts_of(case.state, hand) {
        let Some(table) = L::line(case.state, act) else { continue };
        // What only the form itself can tell is looked at when it is sent.
        let broken = match L::fields(act) {
            [] => L::broken(desk, table).await?,
            _ => Broken::new(),
        };
        acts.push(ActForm {
            act: act.code(),
            label: act.label(),
            elsewhere: L::elsewhere(act),
            evidence: table.evidence.iter().map(|e| (e.code(), e.label())).collect(),
            fields: L::fields(act),
            checks: table
                .guards
                .iter()
                .map(|guard| Check { label: guard.label(), fault: broken.get(guard).cloned() })
                .collect(),
        });
    }
    let (holders, person_no) = people(desk).await?;
    Ok(CaseView {
        line,
        person_no,
        facts: facts(desk).await?,
        steps_seen: desk.row.steps,
        steps: desk.steps.iter().map(|step| step_line::<L>(step, &holders)).collect(),
        acts,
        waits_for: L::hands_of(case.state).into_iter().map(Hand::label).collect(),
        limit: L::limit(case.state).words(),
    })
}

fn step_line<L: Lifecycle>(step: &StepRow, names: &HashMap<i64, String>) -> StepLine {
    let role = hand_label(&step.hand);
    let name = step.account_id.and_then(|id| names.get(&id));
    let handed_in: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&step.evidence).unwrap_or_default();
    let evidence = |(code, text): (String, String)| {
        Evidence::from_code(&code).map(|evidence| (evidence.label(), text))
    };
    StepLine {
        at: step.at,
        act: L::Act::from_code(&step.act).map_or(String::new(), |act| act.label().to_owned()),
        who: name.map_or_else(|| role.to_owned(), |name| format!("{name} · {role}")),
        state: L::State::from_code(&step.to_state).map_or("", Code::label),
        remark: step.remark.clone(),
        evidence: handed_in.into_iter().filter_map(evidence).collect(),
    }
}

/// Names of those who acted, by account, and the number of the person.
async fn people(desk: &Desk<'_>) -> Result<(HashMap<i64, String>, String), Error> {
    let accounts: Vec<i64> = desk.steps.iter().filter_map(|step| step.account_id).collect();
    let names = directory::account_names(desk.tx, &accounts).await?;
    let person_no = match desk.row.person_id {
        Some(id) => directory::person_no(desk.tx, id).await?.unwrap_or_default(),
        None => String::new(),
    };
    Ok((names, person_no))
}

/// What a file is about, line by line.
async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let (tx, id) = (desk.tx, desk.row.id);
    match CaseKind::from_code(&desk.row.kind) {
        Some(CaseKind::Recognition) => {
            let file = recognition::file(tx, id).await?;
            let mut facts = vec![("认定类别", file.class.label().to_owned())];
            facts.push(("认定理由", file.grounds));
            if let Some(decision) = recognition::decision(tx, id).await? {
                facts.push((
                    "评审结果",
                    format!(
                        "成员 {} 人，到会 {} 人，同意 {} 人；回避：{}",
                        decision.members, decision.present, decision.in_favour, decision.recused
                    ),
                ));
                let (from, through) = (decision.notice_from, decision.notice_through);
                facts.push(("企业公示", format!("{from} 至 {through}")));
            }
            if let Some((no, from, through)) = notice::of_case(tx, id).await? {
                facts.push(("公示", format!("{no}，{from} 至 {through}")));
            }
            Ok(facts)
        }
        Some(CaseKind::Objection) => notice::objection_facts(tx, id).await,
        Some(CaseKind::KeyEnterprise) => key_enterprise::facts(desk).await,
        _ => Ok(Vec::new()),
    }
}
