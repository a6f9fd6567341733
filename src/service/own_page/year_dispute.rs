//! What the person objects to about the amount of a year, and what the office answers (peers row
//! 106: appeal, with an answer).

use serde_json::json;

use super::said::{MAX_NOTE, OpenDispute, Said, answer_text, invalid};
use super::{Myself, note};
use crate::app::App;
use crate::domain::authority::Act;
use crate::service::{Actor, Error, log};
use crate::store::directory::{account_names, numbers_and_names};
use crate::store::own_page as store;

/// Objects to what a year came to in its standing version. One objection a year waits at a time.
///
/// # Errors
/// [`Error::Invalid`] (`note`) without a reason; [`Error::NotFound`] for a year that was not
/// computed; [`Error::Refused`] while an earlier one waits.
pub async fn dispute_year(
    app: &App,
    myself: &Myself,
    year: i32,
    remark: &str,
) -> Result<(), Error> {
    let remark = remark.trim();
    if remark.is_empty() || remark.chars().count() > MAX_NOTE {
        return invalid("note", "请写明金额哪里不对、依据是什么，最多 500 个字");
    }
    let told = super::page::year(app, myself, year, None).await?;
    let version = told.versions.first().map_or(0, |standing| standing.version_no);
    let tx = app.db.begin().await?;
    store::lock(&tx, myself.id).await?;
    let known = store::year_disputes_of(&tx, myself.id).await?;
    let waits =
        |old: &store::YearDispute| old.award_year == i64::from(year) && old.answered_at.is_none();
    if known.iter().any(waits) {
        let text = format!("您对 {year} 年度的异议正在核实，答复后可以再次提出");
        return Err(Error::Refused(text));
    }
    let about = (myself.id, i64::from(year), version);
    store::record_year_dispute(&tx, about, remark, app.clock.now()).await?;
    let at = (myself.no.as_str(), myself.address.as_str());
    let detail = json!({ "year": year, "version": version });
    note(app, &tx, at, "own_page.year_disputed", &detail).await?;
    Ok(tx.commit().await?)
}

/// What a person objected to, by award year, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn year_disputes_of(app: &App, person_id: i64) -> Result<Vec<(i64, Said)>, Error> {
    let read = app.db.read();
    let rows = store::year_disputes_of(read, person_id).await?;
    let by: Vec<i64> = rows.iter().filter_map(|row| row.answered_by).collect();
    let names = account_names(read, &by).await?;
    let said = |row: store::YearDispute| {
        let who = row.answered_by.and_then(|by| names.get(&by).cloned()).unwrap_or_default();
        let answer = row.answered_at.map(|at| (at, who, row.answer));
        let about = format!("{} 年度金额（第 {} 版）", row.award_year, row.version);
        (row.award_year, Said { about, agrees: false, note: row.note, at: row.at, answer })
    };
    Ok(rows.into_iter().map(said).collect())
}

/// Those in the actor's scope that nobody has answered.
pub(super) async fn open_of_years(
    app: &App,
    actor: &Actor,
    limit: u64,
) -> Result<Vec<OpenDispute>, Error> {
    let read = app.db.read();
    let rows = store::open_year_disputes(read, &actor.scope, limit).await?;
    let persons: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let known = numbers_and_names(read, &persons, app.clock.now()).await?;
    let line = |row: store::YearDispute| {
        let (no, name) =
            known.get(&row.person_id).map_or_else(Default::default, |(person, names)| {
                let name = crate::domain::roster::current(names, app.clock.today());
                (person.no.clone(), name.map(|name| name.fact.name.clone()).unwrap_or_default())
            });
        OpenDispute {
            id: row.id,
            year: Some(row.award_year),
            about: format!("{} 年度金额（第 {} 版）", row.award_year, row.version),
            person_no: no,
            name,
            note: row.note,
            at: row.at,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Answers an objection to an amount, which the person reads. Where facts were wrong they are
/// corrected and the year computed again; the answer says so.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::CorrectFacts`]; [`Error::Invalid`] for `note`;
/// [`Error::NotFound`] outside the actor's scope or when it waits no more.
pub async fn answer_year_dispute(
    app: &App,
    actor: &Actor,
    id: i64,
    text: &str,
) -> Result<(), Error> {
    actor.must(Act::CorrectFacts)?;
    let text = answer_text(text)?;
    let tx = app.db.begin().await?;
    let dispute = store::year_dispute(&tx, &actor.scope, id).await?;
    let dispute = dispute.ok_or(Error::NotFound("待答复的异议"))?;
    store::answer_year_dispute(&tx, id, (actor.account_id, text), app.clock.now()).await?;
    let known = numbers_and_names(&tx, &[dispute.person_id], app.clock.now()).await?;
    let no = known.get(&dispute.person_id).map(|(person, _)| person.no.clone()).unwrap_or_default();
    let detail = json!({ "year": dispute.award_year });
    log(app, &tx, actor, "own_page.year_answered", ("engineer", &no), &detail).await?;
    Ok(tx.commit().await?)
}
