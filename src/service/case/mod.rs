//! Files that move through offices: what somebody can do with one, and what an act brings about.
//!
//! The lifecycle's table says who may do what; a `CaseWork` answers its guards from the registry
//! and does what an act means there. Everything happens in one transaction with the file locked.

mod about;
pub mod bulk;
pub mod cosign;
pub mod defect;
pub(super) mod expert_funding;
mod granted;
mod joint;
pub(super) mod key_enterprise;
mod letter;
pub mod list;
pub mod mandate;
pub mod message;
mod objection;
mod perform;
mod recognition;
pub(super) mod recovery;
pub mod recusal;
mod rest;
pub(super) mod roster_entry;
pub(super) mod tranche;
mod unproven;
mod view;
mod visit;
pub(super) mod yearly;

pub use about::CaseFact;
pub use letter::{CaseLetter, case_letter};
pub use list::{CaseQuery, cases, waiting_for};
pub(super) use objection::identity_fault;
pub use perform::{Chosen, MOST_AT_ONCE, RowOutcome, act, act_on_many};
pub(super) use perform::{act_by_person, act_by_time, act_on_all, act_within};
pub use recognition::{NewRecognition, NewTransfer, confirm_transfer, open_recognition};
pub(super) use recusal::must_withdraw;
pub(super) use rest::{find_limits, find_limits_again};
use view::step_line;
pub use view::{
    ActForm, Beside, CASES_A_PAGE, CaseLine, CaseList, CaseView, Check, Recused, StepLine,
    case_view, seen,
};
pub(super) use view::{waiting_anywhere, waiting_roles};

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::lifecycle::{Evidence, Guard, Hand, Lifecycle, Move};
use crate::domain::registry::Code;
use crate::service::{Actor, Behalf, Error};
use crate::store::case::{CaseRow, StepRow};
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
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) app: &'a App,
    pub(crate) tx: &'a Tx,
    /// Who acts; `None` for the program.
    pub(crate) actor: Option<&'a Actor>,
    pub(crate) row: &'a CaseRow,
    pub(crate) steps: &'a [StepRow],
    pub(crate) sent: &'a Submitted,
}

impl Desk<'_> {
    /// In whose name, when not in the actor's own.
    fn behalf(&self) -> Option<&Behalf> {
        self.actor.and_then(|actor| actor.behalf.as_ref())
    }

    /// The enterprise that the file belongs to.
    fn enterprise(&self) -> Result<i64, Error> {
        let missing = || Error::Internal(format!("case {} has no enterprise", self.row.case_no));
        self.row.enterprise_id.ok_or_else(missing)
    }

    /// The person whom it is about.
    fn person(&self) -> Result<i64, Error> {
        let missing = || Error::Internal(format!("case {} has no person", self.row.case_no));
        self.row.person_id.ok_or_else(missing)
    }

    /// Whether somebody who acts now, or in whose name, had a hand in a step.
    fn had_a_hand_in(&self, step: &StepRow) -> bool {
        let now = [self.actor.map(|actor| actor.holder_id), self.behalf().map(|b| b.holder_id)];
        let then = [step.holder_id, step.for_holder_id];
        now.iter().any(|who| who.is_some() && then.contains(who))
    }
}

/// Why guards do not hold.
pub(crate) type Broken = BTreeMap<Guard, String>;

/// A lifecycle with its hands in the registry.
pub(crate) trait CaseWork: Lifecycle {
    /// What a kind of act asks for besides evidence.
    fn fields(act: Self::Act) -> &'static [ExtraField];

    /// Acts that are done elsewhere than on the file's own page, with the address.
    fn elsewhere(act: Self::Act) -> Option<&'static str>;

    /// Whether an act fits a file: of acts that stand beside each other for different files, the page
    /// offers those that do.
    fn fits(_desk: &Desk<'_>, _act: Self::Act) -> impl Future<Output = Result<bool, Error>> + Send {
        async { Ok(true) }
    }

    /// Which of the guards of a line do not hold, and why.
    fn broken(
        desk: &Desk<'_>,
        line: &'static Move<Self::State, Self::Act>,
    ) -> impl Future<Output = Result<Broken, Error>> + Send;

    /// What an act brings about besides the new state.
    fn effect(desk: &Desk<'_>, act: Self::Act) -> impl Future<Output = Result<(), Error>> + Send;

    /// [`CaseWork::broken`] for many files that stand alike, in their order. A kind of which
    /// thousands are handled at once reads for all of them together.
    fn broken_on_all(
        desks: &[Desk<'_>],
        line: &'static Move<Self::State, Self::Act>,
    ) -> impl Future<Output = Result<Vec<Broken>, Error>> + Send {
        async move {
            let mut all = Vec::with_capacity(desks.len());
            for desk in desks {
                all.push(Self::broken(desk, line).await?);
            }
            Ok(all)
        }
    }

    /// [`CaseWork::effect`] on many files.
    fn effect_on_all(
        desks: &[Desk<'_>],
        act: Self::Act,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            for desk in desks {
                Self::effect(desk, act).await?;
            }
            Ok(())
        }
    }
}

/// Calls a function for the lifecycle of a kind of file; `unknown` for a code that is none.
macro_rules! of_kind {
    ($kind:expr, $unknown:expr, $call:ident $arguments:tt $($after:tt)*) => {{
        use $crate::domain::lifecycle as l;
        match <l::CaseKind as $crate::domain::registry::Code>::from_code($kind) {
            Some(l::CaseKind::Recognition) => $call::<l::AutonomousRecognition> $arguments $($after)*,
            Some(l::CaseKind::Objection) => $call::<l::Objection> $arguments $($after)*,
            Some(l::CaseKind::RosterEntry) => $call::<l::CoreEngineerEntry> $arguments $($after)*,
            Some(l::CaseKind::KeyEnterprise) => $call::<l::KeyEnterprise> $arguments $($after)*,
            Some(l::CaseKind::Entitlement) => $call::<l::YearlyEntitlement> $arguments $($after)*,
            Some(l::CaseKind::Recovery) => $call::<l::Recovery> $arguments $($after)*,
            Some(l::CaseKind::AgreementTranche) => $call::<l::AgreementTranche> $arguments $($after)*,
            Some(l::CaseKind::OverseasVisit) => $call::<l::OverseasVisit> $arguments $($after)*,
            Some(l::CaseKind::ExpertFunding) => $call::<l::ExpertFunding> $arguments $($after)*,
            None => $unknown,
        }
    }};
}
use of_kind;

/// The same with an asynchronous function; a kind that is none is a file that is not there.
macro_rules! for_kind {
    ($kind:expr, $call:ident $arguments:tt) => {
        $crate::service::case::of_kind!($kind, Err(Error::NotFound("这个办件")), $call $arguments .await)
    };
}
use for_kind;

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

/// Lets files follow the money that they granted: of `paid` the bank paid everything, of `waiting`
/// something is to be paid, for the first time or again.
pub(super) async fn money_moved(
    app: &App,
    tx: &Tx,
    (paid, waiting): (&[&str], &[&str]),
) -> Result<(), Error> {
    let numbers: Vec<&str> = paid.iter().chain(waiting).copied().collect();
    let files = crate::store::case::lock_by_no(tx, &Scope::Province, &numbers).await?;
    let mut of_kind: BTreeMap<String, Vec<CaseRow>> = BTreeMap::new();
    for file in files.into_values() {
        of_kind.entry(file.kind.clone()).or_default().push(file);
    }
    for (kind, files) in of_kind {
        for_kind!(&kind, follow(app, tx, &files, paid))?;
    }
    Ok(())
}

/// Codes of the acts by which a file follows its money.
const FOLLOWS: [(&str, bool); 2] = [("pay", true), ("come_back", false)];

async fn follow<L: CaseWork>(
    app: &App,
    tx: &Tx,
    files: &[CaseRow],
    paid: &[&str],
) -> Result<(), Error> {
    for (code, is_paid) in FOLLOWS {
        let none = || Error::Internal(format!("files of kind {} grant no money", L::KIND.code()));
        let act = L::Act::from_code(code).ok_or_else(none)?;
        let moves = |file: &&CaseRow| {
            let state = L::State::from_code(&file.state);
            state.is_some_and(|state| L::line(state, act).is_some())
                && paid.contains(&file.case_no.as_str()) == is_paid
        };
        let ids: Vec<i64> = files.iter().filter(moves).map(|file| file.id).collect();
        if !ids.is_empty() {
            let sent = Submitted { act: code.to_owned(), ..Submitted::default() };
            perform::act_by_program::<L>(app, tx, None, &ids, &sent).await?;
        }
    }
    Ok(())
}

/// A step of a kind of file in words, with the names of accounts.
pub(super) fn told_step(kind: &str, step: &StepRow, names: &HashMap<i64, String>) -> StepLine {
    let unknown = StepLine {
        at: step.at,
        act: step.act.clone(),
        who: hand_label(&step.hand).to_owned(),
        state: "",
        remark: step.remark.clone(),
        evidence: Vec::new(),
        letter: None,
    };
    of_kind!(kind, unknown, step_line(step, names))
}

/// What a state of a kind of file is called.
pub(super) fn state_label(kind: &str, state: &str) -> &'static str {
    fn of<L: Lifecycle>(state: &str) -> &'static str {
        L::State::from_code(state).map_or("", Code::label)
    }
    of_kind!(kind, "", of(state))
}
