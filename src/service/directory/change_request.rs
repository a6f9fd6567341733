//! Changes of facts that one person asked for and another looks at, as pages show them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::account_filing::{AccountOwner, owners};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::service::roster::{ChangeAct, FactKind};
use crate::service::{Actor, Error};
use crate::store::batch_view::holder_names;
use crate::store::change_request::{self as store, Request, whose};

/// Requests of one page.
pub const REQUESTS_A_PAGE: u64 = 50;

/// A change that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    /// Official number.
    pub no: String,
    /// What is to be done.
    pub act: ChangeAct,
    /// The kind of fact, when it is about one.
    pub fact: Option<FactKind>,
    /// Whom it is about.
    pub owner: AccountOwner,
    /// The period that held when it was asked for.
    pub held: Option<Period>,
    /// First and last day asked for.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// What excludes; empty for anything else.
    pub ground: String,
    /// Why.
    pub reason: String,
    /// Number of the document.
    pub document_no: String,
    /// Who asked, and when.
    pub asked: (String, DateTime<Utc>),
    /// Who decided it, when, whether it was made, and the remark; `None` while it waits.
    pub decided: Option<(String, DateTime<Utc>, bool, String)>,
    /// Whether the reader asked for it.
    pub is_own: bool,
    /// Whether the reader may make it or send it back now.
    pub may_decide: bool,
}

fn must_read(actor: &Actor) -> Result<(), Error> {
    if actor.role.may(Act::ReadAudit) {
        return Ok(());
    }
    actor.must(Act::CorrectFacts)
}

/// Requests in the actor's scope that wait, the oldest first, or those that were decided, the latest
/// first; [`REQUESTS_A_PAGE`] from `offset`, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`] for those who neither correct facts nor audit.
pub async fn change_requests(
    app: &App,
    actor: &Actor,
    waiting: bool,
    offset: u64,
) -> Result<(u64, Vec<ChangeLine>), Error> {
    must_read(actor)?;
    let piece = (offset, REQUESTS_A_PAGE);
    let (total, rows) = store::page(app.db.read(), &actor.scope, waiting, piece).await?;
    Ok((total, lines(app, actor, rows).await?))
}

/// One request by its official number.
///
/// # Errors
/// As [`change_requests`]; [`Error::NotFound`] outside the actor's scope.
pub async fn change_request(app: &App, actor: &Actor, no: &str) -> Result<ChangeLine, Error> {
    must_read(actor)?;
    let missing = || Error::NotFound("这项变更申请");
    let row = store::by_no(app.db.read(), &actor.scope, no).await?.ok_or_else(missing)?;
    lines(app, actor, vec![row]).await?.pop().ok_or_else(missing)
}

/// The numbers and acts of what waits about a person (`true`) or an enterprise, by official number,
/// for whoever may see requests; nothing for anybody else. The caller has looked at scope.
///
/// # Errors
/// When the database fails.
pub async fn changes_waiting(
    app: &App,
    actor: &Actor,
    about: (bool, &str),
) -> Result<Vec<(String, ChangeAct)>, Error> {
    if must_read(actor).is_err() {
        return Ok(Vec::new());
    }
    let open = store::open_about(app.db.read(), about).await?;
    open.into_iter().map(|row| Ok((row.request_no.clone(), act(&row)?))).collect()
}

async fn lines(app: &App, actor: &Actor, rows: Vec<Request>) -> Result<Vec<ChangeLine>, Error> {
    let people = rows.iter().flat_map(|row| [Some(row.asked_holder), row.decided_holder]);
    let names = holder_names(app.db.read(), people.flatten().collect::<Vec<_>>()).await?;
    let persons: Vec<i64> = rows.iter().filter_map(|row| row.person_id).collect();
    let enterprises: Vec<i64> = rows.iter().filter_map(|row| row.enterprise_id).collect();
    let owners = owners(app, (&persons, &enterprises)).await?;
    let line = |row: Request| {
        let owner = owners.get(&whose(&row)?).cloned();
        let owner =
            owner.ok_or_else(|| Error::Internal(format!("subject of {}", row.request_no)))?;
        line(actor, row, (owner, &names))
    };
    rows.into_iter().map(line).collect()
}

fn act(row: &Request) -> Result<ChangeAct, Error> {
    let unread = || Error::Internal(format!("act of request {}", row.request_no));
    ChangeAct::from_code(&row.act).ok_or_else(unread)
}

fn line(
    actor: &Actor,
    row: Request,
    (owner, names): (AccountOwner, &BTreeMap<i64, String>),
) -> Result<ChangeLine, Error> {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let (act, fact) = (act(&row)?, FactKind::from_code(&row.fact_kind));
    let is_own = row.asked_holder == actor.holder_id;
    let decided = row.decided_holder.zip(row.decided_at);
    let held = row.held_from.and_then(|from| Period::new(from, row.held_through));
    Ok(ChangeLine {
        act,
        fact,
        owner,
        held,
        days: (row.first_day, row.last_day),
        may_decide: decided.is_none() && !is_own && act.is_open_to(actor.role, fact),
        decided: decided.map(|(by, at)| (name(by), at, row.accepted == Some(true), row.note)),
        asked: (name(row.asked_holder), row.asked_at),
        no: row.request_no,
        ground: row.ground,
        reason: row.reason,
        document_no: row.document_no,
        is_own,
    })
}
