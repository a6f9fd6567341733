//! Files that move through offices: what somebody can do with one, and what an act brings about.
//!
//! The lifecycle's table says who may do what; a `CaseWork` answers its guards from the registry
//! and does what an act means there. Everything happens in one transaction with the file locked.

pub(super) mod key_enterprise;
mod objection;
mod recognition;
mod view;

pub use recognition::{NewRecognition, open_recognition};
pub use view::{
    ActForm, CASES_A_PAGE, CaseLine, CaseList, CaseQuery, CaseView, Check, StepLine, case_view,
    cases, waiting_for,
};

use std::collections::BTreeMap;
use std::future::Future;

use serde_json::json;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::calendar::WorkCalendar;
use crate::domain::lifecycle::{
    AutonomousRecognition, Case, CaseKind, Deed, Evidence, Guard, Hand, KeyEnterprise, Lifecycle,
    Move, Objection, Refusal,
};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, log};
use crate::store::case::{self as store, CaseRow, NewStep, StepRow};
use crate::store::db::Tx;

/// What was sent with an act.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    /// Code of the act.
    pub act: String,
    /// In the user's words; may be empty.
    pub remark: String,
    /// How many steps the file had when the user looked at it.
    pub seen_steps: i64,
    /// Evidence by code, and the fields that the act asks for besides, by name.
    pub fields: BTreeMap<String, String>,
}

impl Submitted {
    /// A field, trimmed; empty when it was not sent.
    fn text(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", |text| text.trim())
    }

    fn evidence(&self) -> BTreeMap<Evidence, String> {
        let given = |evidence: &Evidence| {
            let text = self.text(evidence.code());
            (!text.is_empty()).then(|| (*evidence, text.to_owned()))
        };
        Evidence::ALL.iter().filter_map(given).collect()
    }
}

/// A field that an act asks for besides its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtraField {
    /// Its name.
    pub name: &'static str,
    /// What users read.
    pub label: &'static str,
    /// What to fill in.
    pub kind: FieldKind,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line,
    /// A number.
    Number,
    /// A day.
    Day,
    /// Yes or no.
    YesNo,
}

/// Everything an act can look at.
pub(crate) struct Desk<'a> {
    pub(crate) app: &'a App,
    pub(crate) tx: &'a Tx,
    /// Who acts; `None` for the program.
    pub(crate) actor: Option<&'a Actor>,
    pub(crate) row: &'a CaseRow,
    pub(crate) steps: &'a [StepRow],
    pub(crate) sent: &'a Submitted,
}

/// Why guards do not hold.
pub(crate) type Broken = BTreeMap<Guard, String>;

/// A lifecycle with its hands in the registry.
pub(crate) trait CaseWork: Lifecycle {
    /// What a kind of act asks for besides evidence.
    fn fields(act: Self::Act) -> &'static [ExtraField];

    /// Acts that are done elsewhere than on the file's own page, with the address.
    fn elsewhere(act: Self::Act) -> Option<&'static str>;

    /// Which of the guards of a line do not hold, and why.
    fn broken(
        desk: &Desk<'_>,
        line: &'static Move<Self::State, Self::Act>,
    ) -> impl Future<Output = Result<Broken, Error>> + Send;

    /// What an act brings about besides the new state.
    fn effect(desk: &Desk<'_>, act: Self::Act) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Reads where a file stands from its steps.
fn standing<L: Lifecycle>(row: &CaseRow, steps: &[StepRow]) -> Result<Case<L>, Error> {
    let calendar = WorkCalendar::shipped();
    let opened_on = china_time(row.opened_at).date_naive();
    let mut case = Case::<L>::open(opened_on, calendar);
    for step in steps {
        let unknown = || Error::Internal(format!("step {} of case {}", step.seq, row.case_no));
        let deed = Deed::<L> {
            act: L::Act::from_code(&step.act).ok_or_else(unknown)?,
            hand: Hand::System,
            holder_id: step.holder_id,
            on: step.on_day,
            evidence: BTreeMap::new(),
        };
        case = case.replay(&deed, calendar).ok_or_else(unknown)?;
    }
    if case.state.code() != row.state {
        return Err(Error::Internal(format!("case {} stands elsewhere", row.case_no)));
    }
    Ok(case)
}

/// Does an act on a file; gives the label of the state that it led to.
///
/// # Errors
/// [`Error::NotFound`] outside the scope; [`Error::Stale`] when somebody moved the file first;
/// [`Error::Invalid`] with what is missing; [`Error::Refused`] with every other reason.
pub async fn act(
    app: &App,
    actor: &Actor,
    case_no: &str,
    sent: &Submitted,
) -> Result<&'static str, Error> {
    let tx = app.db.begin().await?;
    let state = act_within(app, &tx, actor, case_no, sent).await?;
    tx.commit().await?;
    Ok(state)
}

/// The same within a transaction that does more.
pub(crate) async fn act_within(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    case_no: &str,
    sent: &Submitted,
) -> Result<&'static str, Error> {
    let found = store::by_no(tx, &actor.scope, case_no).await?;
    let found = found.ok_or(Error::NotFound("这个办件"))?;
    let row = store::lock(tx, found.id).await?;
    let steps = store::steps(tx, row.id).await?;
    if row.steps != sent.seen_steps {
        return Err(stale(&row, &steps));
    }
    let desk = Desk { app, tx, actor: Some(actor), row: &row, steps: &steps, sent };
    match CaseKind::from_code(&row.kind) {
        Some(CaseKind::Recognition) => perform::<AutonomousRecognition>(&desk).await,
        Some(CaseKind::Objection) => perform::<Objection>(&desk).await,
        Some(CaseKind::KeyEnterprise) => perform::<KeyEnterprise>(&desk).await,
        _ => Err(Error::Internal(format!("case {} has no work", row.case_no))),
    }
}

/// An act of the program itself on some files, within the transaction of what caused it.
async fn act_by_program<L: CaseWork>(
    app: &App,
    tx: &Tx,
    actor: Option<&Actor>,
    case_ids: &[i64],
    sent: &Submitted,
) -> Result<(), Error> {
    for case_id in case_ids {
        let row = store::lock(tx, *case_id).await?;
        let steps = store::steps(tx, row.id).await?;
        perform::<L>(&Desk { app, tx, actor, row: &row, steps: &steps, sent }).await?;
    }
    Ok(())
}

/// Says who moved the file, and where to.
fn stale(row: &CaseRow, steps: &[StepRow]) -> Error {
    let last = steps.last().map(|step| {
        let at = china_time(step.at).format("%m-%d %H:%M");
        format!("该件已于 {at} 由{}办理，", hand_label(&step.hand))
    });
    let text = format!(
        "{}现为“{}”。您填写的内容仍在下方，请核对最新情况后再办",
        last.unwrap_or_default(),
        state_label(&row.kind, &row.state)
    );
    Error::Stale(text)
}

async fn perform<L: CaseWork>(desk: &Desk<'_>) -> Result<&'static str, Error> {
    let Desk { app, tx, row, .. } = *desk;
    let act = L::Act::from_code(&desk.sent.act)
        .ok_or_else(|| Error::Invalid(vec![("act".to_owned(), "请选择要办理的事项".to_owned())]))?;
    let case = standing::<L>(row, desk.steps)?;
    let line = L::line(case.state, act);
    let mut evidence = desk.sent.evidence();
    evidence.retain(|kind, _| line.is_some_and(|line| line.evidence.contains(kind)));
    let deed = Deed::<L> {
        act,
        hand: desk.actor.map_or(Hand::System, |actor| Hand::Role(actor.role)),
        holder_id: desk.actor.map(|actor| actor.holder_id),
        on: app.clock.today(),
        evidence,
    };
    let broken = match line {
        Some(line) if line.by.contains(&deed.hand) => L::broken(desk, line).await?,
        _ => Broken::new(),
    };
    let step = case
        .apply(&deed, WorkCalendar::shipped(), |guard| broken.get(&guard).cloned())
        .map_err(refused)?;
    let evidence: BTreeMap<&str, &String> =
        deed.evidence.iter().map(|(kind, text)| (kind.code(), text)).collect();
    let new = NewStep {
        act: act.code(),
        from: step.from.code(),
        to: step.case.state.code(),
        on: deed.on,
        at: app.clock.now(),
        hand: hand_code(deed.hand),
        by: desk.actor.map(|actor| (actor.account_id, actor.holder_id)),
        remark: desk.sent.remark.trim(),
        evidence: &json!(evidence).to_string(),
        since: step.case.since,
        due_on: step.case.due.day(),
    };
    store::step(tx, row, &new).await?;
    L::effect(desk, act).await?;
    if let Some(actor) = desk.actor {
        let detail = json!({ "act": new.act, "from": new.from, "to": new.to });
        log(app, tx, actor, "case.moved", ("case", &row.case_no), &detail).await?;
    }
    Ok(step.case.state.label())
}

/// What is missing is said at its field, everything else above the form.
fn refused(refusals: Vec<Refusal>) -> Error {
    let missing: Vec<(String, String)> = refusals
        .iter()
        .filter_map(|refusal| match refusal {
            Refusal::Missing(evidence) => {
                Some((evidence.code().to_owned(), format!("请填写{}", evidence.label())))
            }
            _ => None,
        })
        .collect();
    if missing.len() == refusals.len() {
        return Error::Invalid(missing);
    }
    let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    Error::Refused(texts.join("；"))
}

fn hand_code(hand: Hand) -> &'static str {
    match hand {
        Hand::Role(role) => role.code(),
        Hand::Person => "person",
        Hand::System => "system",
    }
}

fn hand_label(code: &str) -> &'static str {
    let role = crate::domain::authority::Role::from_code(code);
    match (code, role) {
        (_, Some(role)) => role.label(),
        ("person", None) => Hand::Person.label(),
        _ => Hand::System.label(),
    }
}

/// What a state of a kind of file is called.
pub(super) fn state_label(kind: &str, state: &str) -> &'static str {
    fn of<L: Lifecycle>(state: &str) -> &'static str {
        L::State::from_code(state).map_or("", Code::label)
    }
    match CaseKind::from_code(kind) {
        Some(CaseKind::Recognition) => of::<AutonomousRecognition>(state),
        Some(CaseKind::Objection) => of::<Objection>(state),
        Some(CaseKind::KeyEnterprise) => of::<KeyEnterprise>(state),
        _ => "",
    }
}
