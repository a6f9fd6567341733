//! What the public says of a line after its notice is over (domain.md 7.10): kept for the offices,
//! who said it sealed, ended by an officer with a note. Nothing follows by itself.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::objection::Objector;
use super::{Actor, Error, invalid, log, reveal};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::store::case::{self as cases, CaseRow};
use crate::store::db::{Tx, is_unique_violation};
use crate::store::tip::{self as store, NewTip, TipRow};
use crate::store::{directory, number};
use crate::vault::place;

/// Tips a page.
pub const TIPS_A_PAGE: u64 = 50;

/// A tip as an office sees it.
#[derive(Debug, Clone)]
pub struct TipLine {
    /// Official number.
    pub no: String,
    /// The line of the notice, as the public read it.
    pub about: String,
    /// Number of the file.
    pub case_no: String,
    /// What is said.
    pub content: String,
    /// Whether somebody put their name to it.
    pub named: bool,
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// What an officer made of it, who and when.
    pub end: Option<(String, String, DateTime<Utc>)>,
}

/// Keeps a tip about a line; gives its number.
pub(super) async fn keep(
    app: &App,
    tx: &Tx,
    entry_id: i64,
    (name, contact, content): (&str, &str, &str),
) -> Result<String, Error> {
    let now = app.clock.now();
    let serial = number::allocate(tx, "tip", 1).await?;
    let tip_no = format!("JB{}-{serial:05}", china_time(now).format("%Y"));
    let new = NewTip {
        tip_no: &tip_no,
        entry_id,
        named: !name.is_empty(),
        informant_cipher: app.vault.seal(place::INFORMANT, name.as_bytes())?,
        contact_cipher: app.vault.seal(place::INFORMANT_CONTACT, contact.as_bytes())?,
        content,
        received_at: now,
    };
    store::keep(tx, new).await?;
    Ok(tip_no)
}

fn may_look(actor: &Actor) -> Result<(), Error> {
    let may = actor.role.may(Act::HandleTips) || actor.role.may(Act::ReadAudit);
    if may { Ok(()) } else { Err(Error::Forbidden(Act::HandleTips)) }
}

/// Tips about files in scope, those that wait first, a page of them; and how many there are.
///
/// # Errors
/// [`Error::Forbidden`] for enterprises and others who handle none.
pub async fn tips(app: &App, actor: &Actor, page: u64) -> Result<(Vec<TipLine>, u64), Error> {
    may_look(actor)?;
    let tx = app.db.begin_read().await?;
    let offset = page.saturating_sub(1).min(1_000_000).saturating_mul(TIPS_A_PAGE);
    let (rows, total) = store::list(&tx, &actor.scope, (offset, TIPS_A_PAGE)).await?;
    let lines = lines(&tx, rows).await?;
    tx.rollback().await?;
    Ok((lines, total))
}

/// One tip.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the scope.
pub async fn tip(app: &App, actor: &Actor, tip_no: &str) -> Result<TipLine, Error> {
    may_look(actor)?;
    let tx = app.db.begin_read().await?;
    let row = found(&tx, actor, tip_no).await?;
    let line = lines(&tx, vec![row]).await?.pop();
    tx.rollback().await?;
    line.ok_or(Error::NotFound("这件举报"))
}

async fn found(tx: &Tx, actor: &Actor, tip_no: &str) -> Result<TipRow, Error> {
    let row = store::by_no(tx, &actor.scope, tip_no).await?;
    row.ok_or(Error::NotFound("这件举报"))
}

async fn lines(tx: &Tx, rows: Vec<TipRow>) -> Result<Vec<TipLine>, Error> {
    let entries = store::entries(tx, &rows).await?;
    let ends = store::ends(tx, &rows).await?;
    let closers: Vec<i64> = ends.values().map(|end| end.closed_by).collect();
    let names = directory::account_names(tx, &closers).await?;
    let files: Vec<i64> = entries.values().map(|entry| entry.case_id).collect();
    let files: Vec<CaseRow> = cases::by_ids(tx, &files).await?;
    let line = |row: TipRow| {
        let entry = entries.get(&row.entry_id);
        let file = entry.and_then(|entry| files.iter().find(|file| file.id == entry.case_id));
        let end = ends.get(&row.id).map(|end| {
            let who = names.get(&end.closed_by).cloned().unwrap_or_default();
            (end.note.clone(), who, end.closed_at)
        });
        let words = |entry: &store::EntryRow| {
            format!("{} {} {}", entry.name_masked, entry.enterprise, entry.detail)
        };
        TipLine {
            no: row.tip_no,
            about: entry.map(words).unwrap_or_default(),
            case_no: file.map(|file| file.case_no.clone()).unwrap_or_default(),
            content: row.content,
            named: row.named,
            received_at: row.received_at,
            end,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The tip, while the actor may handle it: it waits, and the actor had no hand in the file.
async fn in_hand(tx: &Tx, actor: &Actor, tip_no: &str) -> Result<TipRow, Error> {
    actor.must(Act::HandleTips)?;
    let row = found(tx, actor, tip_no).await?;
    if !store::ends(tx, std::slice::from_ref(&row)).await?.is_empty() {
        return Err(Error::Stale("这件举报已经办结，请刷新后再看".to_owned()));
    }
    let entries = store::entries(tx, std::slice::from_ref(&row)).await?;
    let case_id = entries.get(&row.entry_id).map_or(0, |entry| entry.case_id);
    let steps = cases::steps(tx, case_id).await?;
    let own = |step: &cases::StepRow| {
        [step.holder_id, step.for_holder_id].contains(&Some(actor.holder_id))
    };
    if steps.iter().any(own) {
        return Err(Error::Refused("您办理过被举报的件，须由其他人办理".to_owned()));
    }
    Ok(row)
}

/// Ends a tip with what was made of it. Nothing else happens: what is to follow is begun where it
/// belongs, and the note names it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] without a note; [`Error::Refused`]
/// for whoever had a hand in the file; [`Error::Stale`] when it has ended.
pub async fn close(app: &App, actor: &Actor, tip_no: &str, note: &str) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let row = in_hand(&tx, actor, tip_no).await?;
    let note = note.trim();
    if !(5..=500).contains(&note.chars().count()) {
        return Err(Error::Invalid(vec![invalid("note", "请写明核实情况和去向，5 至 500 字")]));
    }
    let ended = store::end(&tx, row.id, note, (actor.account_id, app.clock.now())).await;
    match ended {
        Err(error) if is_unique_violation(&error) => {
            return Err(Error::Stale("这件举报已经办结，请刷新后再看".to_owned()));
        }
        other => other?,
    }
    log(app, &tx, actor, "tip.closed", ("tip", tip_no), &json!({ "note": note })).await?;
    Ok(tx.commit().await?)
}

/// Opens who gave a tip, for one look; the log tells who opened it and why.
///
/// # Errors
/// As [`close`]; [`Error::Refused`] for an anonymous one.
pub async fn open_informant(
    app: &App,
    actor: &Actor,
    tip_no: &str,
    reason: &str,
) -> Result<Objector, Error> {
    let tx = app.db.begin().await?;
    let row = in_hand(&tx, actor, tip_no).await?;
    if !row.named {
        return Err(Error::Refused("这是匿名举报，没有身份信息".to_owned()));
    }
    let reason = reason.trim();
    if reason.chars().count() < 5 {
        let text = "请写明查看举报人身份的事由，不少于5个字";
        return Err(Error::Invalid(vec![invalid("reason", text)]));
    }
    reveal::take_contact(app, &tx, actor, reason).await?;
    let name = app.vault.open_text(place::INFORMANT, &row.informant_cipher)?;
    let contact = app.vault.open_text(place::INFORMANT_CONTACT, &row.contact_cipher)?;
    let opened = Objector { name: name.to_string(), contact: contact.to_string() };
    log(app, &tx, actor, "informant.opened", ("tip", tip_no), &json!({ "reason": reason })).await?;
    tx.commit().await?;
    Ok(opened)
}
