//! Files as pages show them: the list of what waits, and one file with what can be done next.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::about::{CaseFact, facts};
use super::defect::{self, DefectLine};
use super::mandate::{self, Mandate};
use super::perform::standing;
use super::{
    Broken, CaseWork, Desk, ExtraField, Submitted, cosign, for_kind, hand_label, joint, of_kind,
    recusal, state_label, yearly,
};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::lifecycle::{Case, CaseKind, Evidence, Guard, Hand, Letter, Lifecycle, Limit};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, Extent, calendar, seen};
use crate::store::case::{self as store, CaseRow, StepRow};
use crate::store::db::{Connection, Tx};
use crate::store::directory;
use crate::store::stipend;

/// Files a page.
pub const CASES_A_PAGE: u64 = 50;

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
    /// Whether the reader must not act on it.
    pub recused: bool,
    /// Since when and until when the reader is asked to sign it, and has not.
    pub signing: Option<(NaiveDate, Option<NaiveDate>)>,
    /// How many steps it has.
    pub steps_seen: i64,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct CaseList {
    /// The lines.
    pub rows: Vec<CaseLine>,
    /// How long the list is.
    pub extent: Extent,
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
    /// The paper that tells the party, where it is a decision.
    pub letter: Option<Letter>,
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
    pub elsewhere: Option<String>,
    /// What must be handed in: code and name.
    pub evidence: Vec<(&'static str, &'static str)>,
    /// What else is asked for.
    pub fields: &'static [ExtraField],
    /// Whether defects are told with it, point by point.
    pub tells_defects: bool,
    /// The delegation under which it is done, and in whose name.
    pub in_name_of: Option<(i64, String)>,
    /// What must hold.
    pub checks: Vec<Check>,
}

/// Why the reader must not act on a file, and who may instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recused {
    /// Why.
    pub why: String,
    /// Names of those in the same office and role.
    pub colleagues: Vec<String>,
}

/// What stands beside a file for its reader.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Why the reader must not act.
    pub recused: Option<Recused>,
    /// In whose name the reader may act.
    pub mandates: Vec<Mandate>,
    /// What has to be mended, point by point, while the file is returned.
    pub defects: Vec<DefectLine>,
    /// What a defect can be about: code and name.
    pub defect_fields: Vec<(String, String)>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The line of the list.
    pub line: CaseLine,
    /// Identity.
    pub id: i64,
    /// Number of the person, where there is one.
    pub person_no: String,
    /// Facts about it.
    pub facts: Vec<CaseFact>,
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
    /// Number of the certificate that it brought about, while the registry holds one.
    pub certificate_no: Option<String>,
    /// The year that it is about, when the reader may see what that year came to.
    pub award_year: Option<i64>,
    /// Whether the reader may learn who objects.
    pub may_open_objector: bool,
    /// What stands beside it for the reader.
    pub beside: Beside,
}

/// The kinds that have work behind them, with the states in which something waits for a role;
/// `joint` where one office takes the steps of county and city.
pub(super) fn waiting(role: Role, joint: bool) -> Vec<(&'static str, Vec<&'static str>)> {
    fn of<L: Lifecycle>(hand: Hand, joint: bool) -> (&'static str, Vec<&'static str>) {
        let waits = |state: &&L::State| L::hands_where(**state, joint).contains(&hand);
        (L::KIND.code(), L::State::ALL.iter().filter(waits).map(|s| s.code()).collect())
    }
    let hand = Hand::Role(role);
    let kind = |kind: &CaseKind| of_kind!(kind.code(), (kind.code(), Vec::new()), of(hand, joint));
    CaseKind::ALL.iter().map(kind).collect()
}

/// The states in which a file waits for anybody, by kind.
pub(crate) fn waiting_anywhere() -> store::KindStates {
    let mut all: store::KindStates = Vec::new();
    for (kind, states) in Role::ALL.iter().flat_map(|role| waiting(*role, false)) {
        match all.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) => known.extend(states),
            None => all.push((kind, states)),
        }
    }
    for (_, states) in &mut all {
        states.sort_unstable();
        states.dedup();
    }
    all
}

/// The roles that a file waits for, by the codes of its kind and state.
pub(crate) fn waiting_roles(kind: &str, state: &str, joint: bool) -> Vec<Role> {
    let waits = |role: &Role| {
        let open = waiting(*role, joint);
        open.iter().any(|(known, states)| *known == kind && states.contains(&state))
    };
    Role::ALL.iter().copied().filter(waits).collect()
}

pub(super) fn states() -> Vec<(CaseKind, &'static str, &'static str)> {
    fn of<L: Lifecycle>() -> Vec<(CaseKind, &'static str, &'static str)> {
        L::State::ALL.iter().map(|state| (L::KIND, state.code(), state.label())).collect()
    }
    CaseKind::ALL.iter().flat_map(|kind| of_kind!(kind.code(), Vec::new(), of())).collect()
}

pub(super) async fn enterprise_names(
    conn: &impl Connection,
    rows: &[CaseRow],
) -> Result<HashMap<i64, String>, Error> {
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.enterprise_id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(stipend::explain::enterprise_names(conn, &ids).await?)
}

pub(super) fn line(row: &CaseRow, names: &HashMap<i64, String>, today: NaiveDate) -> CaseLine {
    CaseLine {
        no: row.case_no.clone(),
        kind: CaseKind::from_code(&row.kind).map_or("", Code::label),
        about: row.about.clone(),
        enterprise: row.enterprise_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        state: state_label(&row.kind, &row.state),
        since: row.since,
        due_on: row.due_on,
        overdue: row.due_on.is_some_and(|last| last < today),
        recused: false,
        signing: None,
        steps_seen: row.steps,
    }
}

/// The file as somebody sees it, in their own capacity or in that of whom they stand in for.
pub(super) async fn found(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    case_no: &str,
) -> Result<CaseRow, Error> {
    if let Some(row) = store::by_no(tx, &actor.scope, case_no).await? {
        return Ok(row);
    }
    for mandate in mandate::held(app, tx, actor).await? {
        let row = store::by_no(tx, &mandate.acting.scope, case_no).await?;
        if let Some(row) = row.filter(|row| mandate.covers(row.id)) {
            return Ok(row);
        }
    }
    Err(Error::NotFound("这个办件"))
}

/// Identity of a file that the actor may see.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn seen(app: &App, actor: &Actor, case_no: &str) -> Result<i64, Error> {
    actor.must(Act::ReadCases)?;
    let tx = app.db.begin_read().await?;
    let row = found(app, &tx, actor, case_no).await?;
    tx.rollback().await?;
    Ok(row.id)
}

/// One file with its history and what the reader can do next; whom it is about reads that it was
/// opened. The guards are looked at now, so
/// that the reader sees before filling in a form what stands against it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn case_view(app: &App, actor: &Actor, case_no: &str) -> Result<CaseView, Error> {
    actor.must(Act::ReadCases)?;
    let tx = app.db.begin_read().await?;
    let row = found(app, &tx, actor, case_no).await?;
    let steps = store::steps(&tx, row.id).await?;
    let sent = Submitted::default();
    let desk = Desk { app, tx: &tx, actor: Some(actor), row: &row, steps: &steps, sent: &sent };
    let names = enterprise_names(&tx, std::slice::from_ref(&row)).await?;
    let line = line(&row, &names, app.clock.today());
    let mut view = for_kind!(&row.kind, view(&desk, line))?;
    match CaseKind::from_code(&row.kind) {
        Some(CaseKind::Recognition) => {
            view.certificate_no = super::recognition::certificate_of(&desk).await?;
        }
        Some(CaseKind::Entitlement) if actor.role.may(Act::ReadEntitlements) => {
            view.award_year = yearly::award_year(&tx, row.id).await?;
        }
        Some(CaseKind::Objection) => {
            view.may_open_objector = super::identity_fault(&desk).await?.is_none();
        }
        _ => {}
    }
    tx.rollback().await?;
    // With a connection of its own: whoever holds one and waits for another may wait for somebody
    // who does the same.
    if view.award_year.is_some() {
        let came_to = yearly::came_to(app, actor, &view).await?;
        view.facts.extend(came_to.into_iter().map(CaseFact::from));
    }
    seen::note_file(app, actor, &view.person_no).await?;
    Ok(view)
}

async fn view<L: CaseWork>(desk: &Desk<'_>, line: CaseLine) -> Result<CaseView, Error> {
    let sees = match desk.actor {
        Some(actor) => sees_as(desk, actor).await?,
        None => false,
    };
    view_seen::<L>(desk, line, sees).await
}

/// The same for a reader who sees the file in the own capacity or not.
pub(super) async fn view_seen<L: CaseWork>(
    desk: &Desk<'_>,
    line: CaseLine,
    sees: bool,
) -> Result<CaseView, Error> {
    let calendar = calendar::within(desk.tx).await?;
    let case = standing::<L>(desk.row, desk.steps, &calendar)?;
    let beside = beside(desk).await?;
    let (holders, person_no) = people(desk).await?;
    let mut acts = match sees && beside.recused.is_none() {
        true => acts_of::<L>(desk, &case, &person_no, None).await?,
        false => Vec::new(),
    };
    for mandate in &beside.mandates {
        let desk = Desk { actor: Some(&mandate.acting), ..*desk };
        acts.extend(acts_of::<L>(&desk, &case, &person_no, Some(mandate)).await?);
    }
    Ok(CaseView {
        line,
        id: desk.row.id,
        person_no,
        facts: facts(desk).await?,
        steps_seen: desk.row.steps,
        steps: desk.steps.iter().map(|step| step_line::<L>(step, &holders)).collect(),
        acts,
        waits_for: waits_for::<L>(case.state, joint::is_joint(desk).await?),
        limit: match (L::limit(case.state), desk.row.due_on) {
            // The file's own last day, as that of a trip.
            (Limit::None, Some(_)) => "按事项日期计".to_owned(),
            (limit, _) => limit.words(),
        },
        certificate_no: None,
        award_year: None,
        may_open_objector: false,
        beside,
    })
}

fn waits_for<L: Lifecycle>(state: L::State, joint: bool) -> Vec<&'static str> {
    L::hands_where(state, joint).into_iter().map(Hand::label).collect()
}

/// What stands beside a file for its reader.
async fn beside(desk: &Desk<'_>) -> Result<Beside, Error> {
    let Some(actor) = desk.actor else { return Ok(Beside::default()) };
    let (tx, row, today) = (desk.tx, desk.row, desk.app.clock.today());
    let why = recusal::ground(tx, today, actor.holder_id, row).await?;
    let recused = match why {
        Some(why) => {
            Some(Recused { why, colleagues: recusal::colleagues(tx, today, actor, row).await? })
        }
        None => None,
    };
    let mut mandates = Vec::new();
    for mandate in mandate::held(desk.app, tx, actor).await? {
        let may = recused.is_none() && mandate.covers(row.id);
        if may && sees_as(desk, &mandate.acting).await? {
            mandates.push(mandate);
        }
    }
    Ok(Beside {
        recused,
        mandates,
        defects: defect::open(tx, row, desk.steps).await?,
        defect_fields: defect::fields(tx, row, desk.steps).await?,
    })
}

/// Whether somebody sees the file in this capacity.
async fn sees_as(desk: &Desk<'_>, actor: &Actor) -> Result<bool, Error> {
    Ok(store::by_no(desk.tx, &actor.scope, &desk.row.case_no).await?.is_some())
}

/// What can be done with a file in one capacity.
async fn acts_of<L: CaseWork>(
    desk: &Desk<'_>,
    case: &Case<L>,
    person_no: &str,
    mandate: Option<&Mandate>,
) -> Result<Vec<ActForm>, Error> {
    let hand = desk.actor.map_or(Hand::System, |actor| Hand::Role(actor.role));
    let signatures = cosign::Signatures::load(&[*desk]).await?;
    let mut acts = Vec::new();
    for act in L::acts_of(case.state, hand) {
        let Some(table) = L::line(case.state, act) else { continue };
        if !L::fits(desk, act).await? {
            continue;
        }
        // What only the form itself can tell is looked at when it is sent.
        let broken = match L::fields(act) {
            [] => L::broken(desk, table).await?,
            _ => Broken::new(),
        };
        // The line beside it is the one that fits.
        let beside =
            [Guard::JointStep, Guard::SomethingLeft, Guard::NothingLeft, Guard::NewEmployer];
        if beside.iter().any(|guard| broken.contains_key(guard)) {
            continue;
        }
        let unsigned = signatures.fault::<L>(desk, table, (hand, case.state, &case.done));
        let unsigned = unsigned.map(|why| Check { label: "会签", fault: Some(why) });
        acts.push(ActForm {
            act: act.code(),
            label: act.label(),
            elsewhere: L::elsewhere(act).map(|to| to.replace("{person}", person_no)),
            evidence: table.evidence.iter().map(|e| (e.code(), e.label())).collect(),
            fields: L::fields(act),
            tells_defects: table.evidence.contains(&Evidence::DefectList),
            in_name_of: mandate.map(|mandate| (mandate.id, mandate.whose.clone())),
            checks: (table.guards.iter())
                .map(|guard| Check { label: guard.label(), fault: broken.get(guard).cloned() })
                .chain(unsigned)
                .collect(),
        });
    }
    Ok(acts)
}

pub(super) fn step_line<L: Lifecycle>(step: &StepRow, names: &HashMap<i64, String>) -> StepLine {
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
        who: match (name, step.for_account_id.and_then(|id| names.get(&id))) {
            (Some(name), Some(behalf)) => format!("{name}（代{behalf}） · {role}"),
            (Some(name), None) => format!("{name} · {role}"),
            (None, _) => role.to_owned(),
        },
        state: L::State::from_code(&step.to_state).map_or("", Code::label),
        remark: step.remark.clone(),
        evidence: handed_in.into_iter().filter_map(evidence).collect(),
        letter: Letter::of(L::KIND, &step.act),
    }
}

/// Names of those who acted, by account, and the number of the person.
async fn people(desk: &Desk<'_>) -> Result<(HashMap<i64, String>, String), Error> {
    let accounts: Vec<i64> = desk
        .steps
        .iter()
        .flat_map(|step| [step.account_id, step.for_account_id])
        .flatten()
        .collect();
    let names = directory::account_names(desk.tx, &accounts).await?;
    let person_no = match desk.row.person_id {
        Some(id) => directory::person_no(desk.tx, id).await?.unwrap_or_default(),
        None => String::new(),
    };
    Ok((names, person_no))
}
