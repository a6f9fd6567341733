//! Case-by-case agreements (notice, section 九, second sentence): one person of the province puts
//! down what a decision document agreed with a person or team, another accepts it, and each tranche
//! becomes a file of its own. No amount is computed: the agreed ones are kept and paid.

mod decide;
mod typed;

use chrono::{DateTime, NaiveDate, Utc};

use super::policy::Shipped;
use super::{Actor, Error};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Act;
use crate::domain::lifecycle::TrancheState;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::store::agreement::{self as store, Agreement, Tranche};
use crate::store::stipend::explain::{enterprise_names, person_names};
use crate::store::{case as cases, directory, source};

pub use decide::{decide, propose};
pub(super) use decide::{host, person};
pub use typed::{MOST_TRANCHES, TypedAgreement, TypedTranche};

/// The stream.
pub const PROGRAMME: &str = "case-agreement";
/// The policy text of the stream.
pub(super) const TEXT: Shipped = Shipped {
    programme: PROGRAMME,
    text: include_str!("../../../policies/case-agreement.toml"),
    cases: None,
};
/// Agreements of one page.
pub const AGREEMENTS_A_PAGE: u64 = 50;

code_list! {
    /// With whom something was agreed.
    AgreementSubject {
        /// One person.
        Person = "person", "个人";
        /// A team and who leads it.
        Team = "team", "团队";
    }
}

code_list! {
    /// Where an agreement stands.
    AgreementState {
        /// Waits for another person.
        Proposed = "proposed", "待确认";
        /// In force.
        Accepted = "accepted", "执行中";
        /// Sent back.
        Refused = "refused", "已退回";
    }
}

/// An agreement in the list.
#[derive(Debug, Clone)]
pub struct AgreementLine {
    /// Official number.
    pub no: String,
    /// What it is about.
    pub title: String,
    /// With whom.
    pub subject: AgreementSubject,
    /// Who leads.
    pub leader: String,
    /// Number of that person.
    pub leader_no: String,
    /// Host enterprise.
    pub enterprise: String,
    /// Sum agreed.
    pub total: Fen,
    /// Where it stands.
    pub state: AgreementState,
    /// When it was decided by the body named.
    pub decided_on: NaiveDate,
}

/// A tranche of an agreement.
#[derive(Debug, Clone)]
pub struct TrancheLine {
    /// Its place.
    pub seq: i64,
    /// What has to be reached.
    pub milestone: String,
    /// When that is expected.
    pub expected_on: NaiveDate,
    /// Agreed.
    pub amount: Fen,
    /// Its file and where that stands; `None` before the agreement is accepted.
    pub file: Option<(String, &'static str)>,
}

/// Everything about an agreement.
#[derive(Debug, Clone)]
pub struct AgreementView {
    /// Its line.
    pub line: AgreementLine,
    /// Names and numbers of the other members.
    pub members: Vec<(String, String)>,
    /// Decision document: title and number.
    pub document: (String, String),
    /// Body that decided.
    pub body: String,
    /// The terms.
    pub terms: String,
    /// Its tranches, in order.
    pub tranches: Vec<TrancheLine>,
    /// Paid of it.
    pub paid: Fen,
    /// Who put it down, and when.
    pub proposed: (String, DateTime<Utc>),
    /// Who decided, when and with which remark.
    pub decided: Option<(String, DateTime<Utc>, String)>,
    /// Whether the reader may decide it.
    pub may_decide: bool,
    /// Whether the reader put it down: somebody else accepts it.
    pub is_own: bool,
}

fn must_look(actor: &Actor) -> Result<(), Error> {
    let looks = actor.role.may(Act::ReadCases) || actor.role.may(Act::ReadBatches);
    if looks { Ok(()) } else { Err(Error::Forbidden(Act::ReadCases)) }
}

/// The agreements that the actor sees, the latest first, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn agreements(
    app: &App,
    actor: &Actor,
    offset: u64,
) -> Result<(Vec<AgreementLine>, u64), Error> {
    must_look(actor)?;
    let read = app.db.read();
    let (rows, count) = store::list(read, &actor.scope, (offset, AGREEMENTS_A_PAGE)).await?;
    Ok((lines(app, &rows).await?, count))
}

async fn lines(app: &App, rows: &[Agreement]) -> Result<Vec<AgreementLine>, Error> {
    let read = app.db.read();
    let leaders: Vec<i64> = rows.iter().map(|row| row.leader_id).collect();
    let names = person_names(read, &leaders).await?;
    let numbers = directory::person_numbers(read, &leaders).await?;
    let hosts: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
    let enterprises = enterprise_names(read, &hosts).await?;
    let line = |row: &Agreement| {
        let unknown = || Error::Internal(format!("agreement {}", row.agreement_no));
        Ok(AgreementLine {
            no: row.agreement_no.clone(),
            title: row.title.clone(),
            subject: AgreementSubject::from_code(&row.subject).ok_or_else(unknown)?,
            leader: names.get(&row.leader_id).cloned().unwrap_or_default(),
            leader_no: numbers.get(&row.leader_id).cloned().unwrap_or_default(),
            enterprise: enterprises.get(&row.enterprise_id).cloned().unwrap_or_default(),
            total: Fen::new(row.total_fen),
            state: state_of(row),
            decided_on: row.decided_on,
        })
    };
    rows.iter().map(line).collect()
}

fn state_of(row: &Agreement) -> AgreementState {
    match row.accepted {
        None => AgreementState::Proposed,
        Some(true) => AgreementState::Accepted,
        Some(false) => AgreementState::Refused,
    }
}

/// One agreement.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn agreement(app: &App, actor: &Actor, no: &str) -> Result<AgreementView, Error> {
    must_look(actor)?;
    let read = app.db.read();
    let row = store::by_no(read, &actor.scope, no).await?;
    let row = row.ok_or(Error::NotFound("这项一事一议"))?;
    let line = lines(app, std::slice::from_ref(&row)).await?.pop();
    let people = store::members(read, row.id).await?;
    let names = person_names(read, &people).await?;
    let numbers = directory::person_numbers(read, &people).await?;
    let of = |person: &i64| {
        let text = |found: Option<&String>| found.cloned().unwrap_or_default();
        (text(names.get(person)), text(numbers.get(person)))
    };
    let document = source::by_ids(read, &[row.source_id]).await?.pop();
    let deciders: Vec<i64> =
        [Some(row.proposed_by), row.decided_by].into_iter().flatten().collect();
    let accounts = directory::account_names(read, &deciders).await?;
    let account = |id: i64| accounts.get(&id).cloned().unwrap_or_default();
    let tranches = store::tranches(read, row.id).await?;
    let (tranches, paid) = files(app, &tranches).await?;
    let is_own = row.proposed_holder == actor.holder_id;
    Ok(AgreementView {
        line: line.ok_or(Error::NotFound("这项一事一议"))?,
        members: people.iter().map(of).collect(),
        document: document.map(|found| (found.title, found.document_no)).unwrap_or_default(),
        body: row.decided_by_body.clone(),
        terms: row.terms.clone(),
        tranches,
        paid,
        proposed: (account(row.proposed_by), row.proposed_at),
        decided: row.decided_by.zip(row.decided_at).map(|(by, at)| (account(by), at, row.note)),
        may_decide: actor.role.may(Act::AgreeCases) && row.accepted.is_none() && !is_own,
        is_own,
    })
}

async fn files(app: &App, tranches: &[Tranche]) -> Result<(Vec<TrancheLine>, Fen), Error> {
    let ids: Vec<i64> = tranches.iter().filter_map(|tranche| tranche.case_id).collect();
    let files = cases::by_ids(app.db.read(), &ids).await?;
    let mut paid = Vec::new();
    let line = |tranche: &Tranche| {
        let file = files.iter().find(|file| Some(file.id) == tranche.case_id);
        let state = file.and_then(|file| TrancheState::from_code(&file.state));
        if state == Some(TrancheState::Paid) {
            paid.push(Fen::new(tranche.amount_fen));
        }
        TrancheLine {
            seq: tranche.seq,
            milestone: tranche.milestone.clone(),
            expected_on: tranche.expected_on,
            amount: Fen::new(tranche.amount_fen),
            file: file.zip(state).map(|(file, state)| (file.case_no.clone(), state.label())),
        }
    };
    let lines: Vec<TrancheLine> = tranches.iter().map(line).collect();
    let overflow = || Error::Internal("tranches overflow".to_owned());
    Ok((lines, Fen::checked_sum(paid).ok_or_else(overflow)?))
}
