//! Signatures as the page of a file shows them: to offices, never to the enterprise.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::{answers_to, ask_fault, may_close, signer_fault, standing_of};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::cosign::{Ending, Standing, level};
use crate::domain::registry::{Code, EnterpriseDivision};
use crate::service::case::view::found;
use crate::service::case::{mandate, recusal};
use crate::service::{Actor, Error};
use crate::store::case::cosign::{self as store, AnswerRow, RequestRow, Signer, SignerRow};
use crate::store::case::message::organisation_names;
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};
use crate::store::{account_list, directory};

/// A signer with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerLine {
    /// Name.
    pub name: String,
    /// Office.
    pub office: String,
    /// Whether they agree, in which words, and when; `None` while it is missing.
    pub answer: Option<(bool, String, DateTime<Utc>)>,
}

/// A request as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// What was asked.
    pub question: String,
    /// Name and office of whoever asked, and in whose name.
    pub asker: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// How many must agree, and of how many.
    pub needed: (i64, i64),
    /// Last day to answer.
    pub due_on: Option<NaiveDate>,
    /// Whether that day is over while the request is open.
    pub overdue: bool,
    /// How it stands.
    pub state: &'static str,
    /// When it ended, by whom (empty: by the program), and in which words.
    pub ended: Option<(DateTime<Utc>, String, String)>,
    /// By account.
    pub signers: Vec<SignerLine>,
}

/// Somebody who can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Account.
    pub account_id: i64,
    /// Name, role and office.
    pub label: String,
}

/// The signatures of a file, and what the reader can do about them.
#[derive(Debug, Clone, Default)]
pub struct Panel {
    /// The latest first.
    pub requests: Vec<RequestLine>,
    /// In which capacities the reader can ask: delegation and whose name; `None` for the own.
    pub may_ask: Vec<Option<(i64, String)>>,
    /// Whom they can ask, in any of them.
    pub candidates: Vec<Candidate>,
    /// Whether the reader is asked and has not answered.
    pub may_answer: bool,
    /// In which capacities the reader can end the open request.
    pub may_close: Vec<Option<(i64, String)>>,
}

/// The signatures of a file that the actor sees; nothing for an enterprise.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn panel(app: &App, actor: &Actor, case_no: &str) -> Result<Panel, Error> {
    actor.must(Act::ReadCases)?;
    if actor.role.is_of_enterprise() {
        return Ok(Panel::default());
    }
    let tx = app.db.begin_read().await?;
    let row = found(app, &tx, actor, case_no).await?;
    let rows = store::of_case(&tx, row.id).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let signers = store::signers(&tx, &ids).await?;
    let open = rows.iter().find(|row| row.ended_at.is_none());
    let mut panel = Panel {
        may_answer: answers(app, &tx, actor, (&row, open, &signers)).await?,
        ..Panel::default()
    };
    for (capacity, acting) in capacities(app, &tx, actor, &row).await? {
        match open {
            None if ask_fault(app, &tx, &acting, &row).await?.is_none() => {
                add_candidates(app, &tx, (&acting, &row), &mut panel.candidates).await?;
                panel.may_ask.push(capacity);
            }
            Some(open) if may_close(&tx, &acting, open).await? => panel.may_close.push(capacity),
            _ => {}
        }
    }
    panel.requests = lines(app, &tx, rows, signers).await?;
    tx.rollback().await?;
    Ok(panel)
}

type Capacity = Option<(i64, String)>;

/// The capacities in which the reader sees the file: delegation and whose name, and who acts.
async fn capacities(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    row: &CaseRow,
) -> Result<Vec<(Capacity, Actor)>, Error> {
    let mut all = Vec::new();
    let held = mandate::held(app, tx, actor).await?;
    let others = held
        .into_iter()
        .filter(|mandate| mandate.covers(row.id))
        .map(|mandate| (Some((mandate.id, mandate.whose.clone())), mandate.acting));
    for (capacity, acting) in std::iter::once((None, actor.clone())).chain(others) {
        let works = acting.role.may(Act::WorkCases) && level(acting.role).is_some();
        if works && cases::by_no(tx, &acting.scope, &row.case_no).await?.is_some() {
            all.push((capacity, acting));
        }
    }
    Ok(all)
}

/// Whether the reader is asked by the open request, has not answered and may.
async fn answers(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (row, open, signers): (&CaseRow, Option<&RequestRow>, &[Signer]),
) -> Result<bool, Error> {
    let own = |(signer, answer): &Signer| {
        Some(signer.request_id) == open.map(|open| open.id)
            && signer.account_id == actor.account_id
            && answer.is_none()
    };
    Ok(signers.iter().any(own)
        && cases::by_no(tx, &actor.scope, &row.case_no).await?.is_some()
        && recusal::ground(tx, app.clock.today(), actor.holder_id, row).await?.is_none())
}

/// Adds those whom somebody can ask: HR offices beside and above whose scope covers the enterprise.
async fn add_candidates(
    app: &App,
    tx: &Tx,
    (acting, row): (&Actor, &CaseRow),
    candidates: &mut Vec<Candidate>,
) -> Result<(), Error> {
    let enterprise = row.enterprise_id.unwrap_or_default();
    let lies = facts_of::<EnterpriseDivision>(tx, enterprise, Versions::Live).await?;
    let roles = Role::ALL.iter().filter(|role| level(**role).is_some());
    let roles: Vec<&str> = roles.map(|role| role.code()).collect();
    for full in account_list::active_in_roles(tx, &roles).await? {
        let signer = Actor::new(&full, "")?;
        let province = signer.scope == crate::domain::authority::Scope::Province;
        let sees =
            province || lies.iter().any(|at| signer.scope.covers(enterprise, &at.fact.division));
        let known = candidates.iter().any(|known| known.account_id == full.account.id);
        if sees && !known && signer_fault(app, tx, (acting, row), &full).await?.is_none() {
            let label =
                format!("{}（{}）· {}", signer.name, signer.role.label(), signer.organisation);
            candidates.push(Candidate { account_id: full.account.id, label });
        }
    }
    Ok(())
}

/// Names that lines need: of accounts and of offices.
struct Names {
    people: HashMap<i64, String>,
    offices: HashMap<i64, String>,
}

impl Names {
    async fn load(tx: &Tx, rows: &[RequestRow], signers: &[Signer]) -> Result<Self, Error> {
        let of_request = |row: &RequestRow| [Some(row.asked_by), row.for_account_id, row.ended_by];
        let mut accounts: BTreeSet<i64> = rows.iter().flat_map(of_request).flatten().collect();
        accounts.extend(signers.iter().map(|(signer, _)| signer.account_id));
        let mut offices: BTreeSet<i64> = rows.iter().map(|row| row.organisation_id).collect();
        offices.extend(signers.iter().map(|(signer, _)| signer.organisation_id));
        let accounts: Vec<i64> = accounts.into_iter().collect();
        Ok(Self {
            people: directory::account_names(tx, &accounts).await?,
            offices: organisation_names(tx, offices.into_iter().collect()).await?,
        })
    }

    fn of(&self, account_id: i64) -> String {
        self.people.get(&account_id).cloned().unwrap_or_default()
    }

    fn office(&self, id: i64) -> String {
        self.offices.get(&id).cloned().unwrap_or_default()
    }
}

async fn lines(
    app: &App,
    tx: &Tx,
    rows: Vec<RequestRow>,
    signers: Vec<Signer>,
) -> Result<Vec<RequestLine>, Error> {
    let names = Names::load(tx, &rows, &signers).await?;
    let today = app.clock.today();
    let line = |row: RequestRow| {
        let own = || signers.iter().filter(|(signer, _)| signer.request_id == row.id);
        let answers = answers_to(&row, &signers);
        let asker = match row.for_account_id {
            Some(behalf) => format!("{}（代{}）", names.of(row.asked_by), names.of(behalf)),
            None => names.of(row.asked_by),
        };
        RequestLine {
            asker: format!("{asker} · {}", names.office(row.organisation_id)),
            needed: (row.needed, row.signers),
            overdue: row.ended_at.is_none() && row.due_on.is_some_and(|last| last < today),
            state: state_of(&row, &answers),
            ended: row.ended_at.map(|at| {
                (at, row.ended_by.map(|by| names.of(by)).unwrap_or_default(), row.note.clone())
            }),
            signers: own().map(|(signer, answer)| signer_line(&names, signer, answer)).collect(),
            question: row.question,
            asked_at: row.asked_at,
            due_on: row.due_on,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

fn state_of(row: &RequestRow, answers: &[bool]) -> &'static str {
    match row.ending.as_deref().and_then(Ending::from_code) {
        Some(ending) => ending.label(),
        None => match standing_of(row, answers) {
            Standing::Impossible => "未达成，待结束",
            _ => "会签中",
        },
    }
}

fn signer_line(names: &Names, signer: &SignerRow, answer: &Option<AnswerRow>) -> SignerLine {
    SignerLine {
        name: names.of(signer.account_id),
        office: names.office(signer.organisation_id),
        answer: answer.as_ref().map(|answer| (answer.agrees, answer.opinion.clone(), answer.at)),
    }
}
