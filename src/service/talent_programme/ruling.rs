//! Results as one person puts them down and another confirms them. Until then they are no results, and
//! no money comes of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::results::{Ruling, members_of, state, told};
use super::{may_keep, must_keep};
use crate::app::App;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::domain::talent_programme::Outcome;
use crate::service::decree::Decree;
use crate::service::proposal::judged;
use crate::service::{Actor, Error, log};
use crate::store::batch_view::holder_names;
use crate::store::db::Tx;
use crate::store::nomination_ruling::{self as store, NewRuling, RulingRow};
use crate::store::talent_programme::{self as programmes, Programme};

/// Decisions of one programme that a page lists.
const SHOWN: u64 = 20;
const TITLE: (&str, &str) = ("decision", "人才项目评选结果");

/// The result of one nomination as it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ruled {
    nomination: String,
    outcome: String,
    document: String,
    /// Number of a member, fen.
    money: Vec<(String, i64)>,
}

/// Puts results down: each nomination by its number with its result. The numbers of its members stand
/// for the members.
pub(super) async fn put_down(
    app: &App,
    actor: &Actor,
    programme: &Programme,
    rulings: Vec<(String, Ruling)>,
) -> Result<String, Error> {
    let tried = app.db.begin().await?;
    let changed = carried_out(app, &tried, actor, (programme, &rulings)).await?;
    // What it would change is all that was asked: nothing of it stays.
    tried.rollback().await?;
    if changed.is_empty() {
        return Err(Error::Refused("与已登记的结果相同，没有更改".to_owned()));
    }
    let tx = app.db.begin().await?;
    let mut ruled = Vec::with_capacity(rulings.len());
    for (nomination, ruling) in rulings.into_iter().filter(|(no, _)| changed.contains(no)) {
        let row = programmes::lock(&tx, &actor.scope, &nomination).await?;
        let row = row.ok_or(Error::NotFound("这件申报"))?;
        let members = members_of(&tx, row.id).await?;
        let number = |person: i64| {
            let member = members.iter().find(|member| member.person_id == person);
            member.map_or_else(String::new, |member| member.person_no.clone())
        };
        ruled.push(Ruled {
            nomination,
            outcome: ruling.outcome.code().to_owned(),
            document: ruling.document_no,
            money: ruling.money.iter().map(|(who, fen)| (number(*who), fen.get())).collect(),
        });
    }
    let content = serde_json::to_string(&ruled).map_err(|e| Error::Internal(e.to_string()))?;
    let new = NewRuling {
        programme_id: programme.id,
        content: &content,
        nominations: i64::try_from(ruled.len()).unwrap_or(i64::MAX),
        proposed_by: actor.holder_id,
        proposed_at: app.clock.now(),
    };
    let no = store::propose(&tx, &new).await?;
    let detail = json!({ "results": no, "nominations": new.nominations });
    let object = ("programme", programme.programme_no.as_str());
    log(app, &tx, actor, "programme.results_proposed", object, &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// States results with their money; gives the numbers of the nominations that they changed.
async fn carried_out(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (programme, rulings): (&Programme, &[(String, Ruling)]),
) -> Result<Vec<String>, Error> {
    let document = match rulings {
        [(_, only)] => only.document_no.as_str(),
        _ => "",
    };
    let decree = Decree::record(app, tx, actor, TITLE, document, "").await?;
    let mut changed = Vec::new();
    for (no, ruling) in rulings {
        let nomination = programmes::lock(tx, &actor.scope, no).await?;
        let nomination = nomination.ok_or(Error::NotFound("这件申报"))?;
        let members = members_of(tx, nomination.id).await?;
        if state(tx, &decree, (programme, &nomination, &members), ruling).await? {
            let detail = told(programme, ruling);
            log(app, tx, actor, "nomination.judged", ("nomination", no), &detail).await?;
            changed.push(no.clone());
        }
    }
    Ok(changed)
}

fn read(row: &RulingRow) -> Result<Vec<Ruled>, Error> {
    let wrong = |_| Error::Internal(format!("results {} do not read back", row.ruling_no));
    serde_json::from_str(&row.content).map_err(wrong)
}

/// Confirms results that another person put down, or sends them back. Confirmed, they are stated with
/// the money that comes with them, all or none.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for whoever put them down, and when a
/// nomination was taken back since; [`Error::Stale`] when they were decided before; [`Error::Invalid`]
/// (`note`) when they are sent back without a reason.
pub async fn decide_results(
    app: &App,
    actor: &Actor,
    no: &str,
    (accept, note): (bool, &str),
) -> Result<(), Error> {
    must_keep(actor)?;
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, no).await?.ok_or(Error::NotFound("这份评选结果"))?;
    let proposal = (row.decided_at.is_some(), row.proposed_by);
    let note = judged(actor, proposal, (accept, note), ("这份评选结果", "评选结果"))?;
    let all = programmes::all(&tx).await?;
    let programme = all.into_iter().find(|programme| programme.id == row.programme_id);
    let programme =
        programme.ok_or_else(|| Error::Internal(format!("programme of {}", row.ruling_no)))?;
    if accept {
        let mut rulings = Vec::new();
        for ruled in read(&row)? {
            rulings.push((ruled.nomination.clone(), ruling(&tx, actor, ruled).await?));
        }
        carried_out(app, &tx, actor, (&programme, &rulings)).await?;
    }
    store::decide(&tx, row.id, (accept, &note), (actor.holder_id, app.clock.now())).await?;
    let verb = if accept { "programme.results_accepted" } else { "programme.results_sent_back" };
    let detail = json!({ "results": no, "nominations": row.nominations, "note": note });
    log(app, &tx, actor, verb, ("programme", &programme.programme_no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// A result that waited, with its members found again.
async fn ruling(tx: &Tx, actor: &Actor, ruled: Ruled) -> Result<Ruling, Error> {
    let nomination = programmes::lock(tx, &actor.scope, &ruled.nomination).await?;
    let nomination = nomination.ok_or(Error::NotFound("这件申报"))?;
    let members = members_of(tx, nomination.id).await?;
    let mut money = Vec::with_capacity(ruled.money.len());
    for (number, fen) in &ruled.money {
        let member = members.iter().find(|member| member.person_no == *number);
        let member = member.ok_or(Error::NotFound("申报中的人员"))?;
        money.push((member.person_id, Fen::new(*fen)));
    }
    let outcome = Outcome::from_code(&ruled.outcome);
    let outcome = outcome.ok_or_else(|| Error::Internal("outcome of a result".to_owned()))?;
    Ok(Ruling { outcome, document_no: ruled.document, money })
}

/// The result of one nomination, as a page shows what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuledLine {
    /// Number of the nomination.
    pub nomination_no: String,
    /// Result.
    pub outcome: Outcome,
    /// Number of the document.
    pub document_no: String,
    /// Number of a member and the money that comes with the selection.
    pub money: Vec<(String, Fen)>,
}

/// Results that were put down.
#[derive(Debug, Clone)]
pub struct RulingLine {
    /// Their number.
    pub no: String,
    /// The results.
    pub results: Vec<RuledLine>,
    /// What the selections bring.
    pub sum: Fen,
    /// Who put them down, and when.
    pub proposed: (String, DateTime<Utc>),
    /// Who decided, when, and whether they were confirmed; `None` while they wait.
    pub decided: Option<(String, DateTime<Utc>, bool)>,
    /// In the words of whoever decided; may be empty.
    pub note: String,
    /// Whether the reader may decide.
    pub may_decide: bool,
}

/// The last results of a programme that were put down, for those who keep programmes.
pub(super) async fn rulings(
    app: &App,
    actor: &Actor,
    programme: i64,
) -> Result<Vec<RulingLine>, Error> {
    if !may_keep(actor) {
        return Ok(Vec::new());
    }
    let conn = app.db.read();
    let rows = store::of_programme(conn, programme, false, SHOWN).await?;
    let people = rows.iter().flat_map(|row| [Some(row.proposed_by), row.decided_by]).flatten();
    let names = holder_names(conn, people.collect::<Vec<_>>()).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let results: Vec<RuledLine> =
            read(&row)?.into_iter().map(line).collect::<Result<_, Error>>()?;
        let amounts = results.iter().flat_map(|line| line.money.iter().map(|(_, fen)| *fen));
        let sum = Fen::checked_sum(amounts);
        lines.push(RulingLine {
            sum: sum.ok_or_else(|| Error::Internal("results beyond any amount".to_owned()))?,
            results,
            proposed: (name(row.proposed_by), row.proposed_at),
            decided: row
                .decided_by
                .zip(row.decided_at)
                .map(|(by, at)| (name(by), at, row.accepted == Some(true))),
            may_decide: row.decided_at.is_none() && row.proposed_by != actor.holder_id,
            no: row.ruling_no,
            note: row.note,
        });
    }
    Ok(lines)
}

fn line(ruled: Ruled) -> Result<RuledLine, Error> {
    let outcome = Outcome::from_code(&ruled.outcome);
    Ok(RuledLine {
        nomination_no: ruled.nomination,
        outcome: outcome.ok_or_else(|| Error::Internal("outcome of a result".to_owned()))?,
        document_no: ruled.document,
        money: ruled.money.into_iter().map(|(no, fen)| (no, Fen::new(fen))).collect(),
    })
}

/// The nominations of a programme whose results wait, with the number of what waits.
pub(super) async fn waiting(app: &App, programme: i64) -> Result<HashMap<String, String>, Error> {
    let mut found = HashMap::new();
    for row in store::of_programme(app.db.read(), programme, true, u64::MAX >> 1).await? {
        let ruled = read(&row)?;
        found.extend(ruled.into_iter().map(|one| (one.nomination, row.ruling_no.clone())));
    }
    Ok(found)
}

/// How many results wait for the actor.
///
/// # Errors
/// When the database fails.
pub async fn results_waiting(app: &App, actor: &Actor) -> Result<i64, Error> {
    if !may_keep(actor) {
        return Ok(0);
    }
    Ok(store::count_open(app.db.read(), actor.holder_id).await?)
}
