//! Windows in which files of some kinds rest: one person of the province proposes one, another
//! confirms it; it can be lifted before its time. What rests is decided by `domain::freeze`.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{Actor, Error, calendar, case, invalid, log};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::calendar::WorkCalendar;
use crate::domain::freeze::{FreezeReach, FreezeWindow, LONGEST_DAYS};
use crate::domain::lifecycle::{CaseKind, Hand};
use crate::domain::registry::Code;
use crate::store::db::Tx;
use crate::store::directory;
use crate::store::freeze::{self as store, WindowRow};

/// Longest reason, in characters.
const REASON_MAX: usize = 60;

/// A window as it is typed.
#[derive(Debug, Clone, Default)]
pub struct NewWindow {
    /// First day.
    pub from: String,
    /// Last day.
    pub through: String,
    /// Why.
    pub reason: String,
    /// Codes of kinds of files.
    pub kinds: Vec<String>,
    /// Code of which acts rest.
    pub reach: String,
    /// Whether limits stand still.
    pub limits_rest: bool,
}

/// A window with what was decided about it.
#[derive(Debug, Clone)]
pub struct WindowLine {
    /// Official number.
    pub no: String,
    /// What it says.
    pub window: FreezeWindow,
    /// Who proposed it, and when.
    pub proposed: (String, DateTime<Utc>),
    /// Who decided, when, whether it holds, and the remark; `None` while it waits.
    pub decided: Option<(String, DateTime<Utc>, bool, String)>,
    /// From when it was lifted, and by whom.
    pub lifted: Option<(NaiveDate, String)>,
    /// Whether the reader proposed it: somebody else confirms it.
    pub is_own: bool,
}

/// Why a kind of files rests today for a hand; `None` when it does not.
pub(super) async fn fault(
    app: &App,
    tx: &Tx,
    kind: &str,
    hand: Hand,
) -> Result<Option<String>, Error> {
    let today = app.clock.today();
    let Some(kind) = CaseKind::from_code(kind) else { return Ok(None) };
    let windows = store::ahead(tx, today).await?;
    Ok(windows.iter().find_map(|window| window.refusal(kind, hand, today)))
}

/// The working days by which limits of a kind of files count: those of the year without the days of
/// windows in which they stand still.
pub(super) async fn calendar_of(tx: &Tx, kind: CaseKind) -> Result<WorkCalendar, Error> {
    let known = calendar::within(tx).await?;
    let resting = store::resting(tx).await?;
    let mine = resting.into_iter().filter(|window| window.kinds.contains(&kind));
    Ok(mine.fold(known, |days, window| days.resting(window.from, window.through)))
}

/// What the actor is told of windows that are near or under way.
///
/// # Errors
/// When the database fails.
pub async fn announcements(app: &App, actor: &Actor) -> Result<Vec<String>, Error> {
    if !actor.role.may(Act::ReadCases) {
        return Ok(Vec::new());
    }
    let today = app.clock.today();
    let windows = store::ahead(app.db.read(), today).await?;
    Ok(windows.iter().filter_map(|window| window.announcement(actor.role, today)).collect())
}

fn must_look(actor: &Actor) -> Result<(), Error> {
    let looks = actor.role.may(Act::FreezeFiles) || actor.role.may(Act::ReadAudit);
    if looks { Ok(()) } else { Err(Error::Forbidden(Act::FreezeFiles)) }
}

/// All windows, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn windows(app: &App, actor: &Actor) -> Result<Vec<WindowLine>, Error> {
    must_look(actor)?;
    let rows = store::all(app.db.read()).await?;
    let people = |row: &WindowRow| [Some(row.proposed_by), row.decided_by, row.lifted_by];
    let ids: Vec<i64> = rows.iter().flat_map(people).flatten().collect();
    let names = directory::account_names(app.db.read(), &ids).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let line = |row: WindowRow| {
        let decided = row.decided_by.zip(row.decided_at);
        Ok(WindowLine {
            window: store::window(&row)?,
            proposed: (name(row.proposed_by), row.proposed_at),
            decided: decided
                .map(|(by, at)| (name(by), at, row.accepted == Some(true), row.note.clone())),
            lifted: row.lifted_from.zip(row.lifted_by).map(|(day, by)| (day, name(by))),
            is_own: row.proposed_holder == actor.holder_id,
            no: row.window_no,
        })
    };
    rows.into_iter().map(line).collect()
}

fn read(new: &NewWindow, today: NaiveDate) -> Result<FreezeWindow, Error> {
    let mut faults = Vec::new();
    let mut day = |field: &str, text: &str| {
        let day: Option<NaiveDate> = text.trim().parse().ok();
        if day.is_none() {
            faults.push(invalid(field, "请填写日期，如2026-12-31"));
        }
        day
    };
    let (from, through) = (day("from", &new.from), day("through", &new.through));
    if from.is_some_and(|from| from < today) {
        faults.push(invalid("from", "首日不能早于今天"));
    }
    if let Some((from, through)) = from.zip(through) {
        let days = (through - from).num_days() + 1;
        if !(1..=LONGEST_DAYS).contains(&days) {
            let text = format!("末日不能早于首日，停办最长 {LONGEST_DAYS} 日");
            faults.push(invalid("through", text));
        }
    }
    let reason = new.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        faults.push(invalid("reason", format!("请填写原因，不超过 {REASON_MAX} 个字")));
    }
    let mut kinds: Vec<CaseKind> = Vec::new();
    for kind in new.kinds.iter().filter_map(|code| CaseKind::from_code(code)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() {
        faults.push(invalid("kinds", "请至少选择一类办件"));
    }
    let reach = FreezeReach::from_code(&new.reach);
    if reach.is_none() {
        faults.push(invalid("reach", "请选择停办范围"));
    }
    match (from, through, reach, faults.is_empty()) {
        (Some(from), Some(through), Some(reach), true) => Ok(FreezeWindow {
            from,
            through,
            reason: reason.to_owned(),
            kinds,
            reach,
            limits_rest: new.limits_rest,
        }),
        _ => Err(Error::Invalid(faults)),
    }
}

/// Proposes a window; it holds once somebody else has confirmed it. Returns its official number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields.
pub async fn propose(app: &App, actor: &Actor, new: &NewWindow) -> Result<String, Error> {
    actor.must(Act::FreezeFiles)?;
    let window = read(new, app.clock.today())?;
    let tx = app.db.begin().await?;
    let by = (actor.account_id, actor.holder_id);
    let no = store::propose(&tx, &window, by, app.clock.now()).await?;
    let kinds: Vec<&str> = window.kinds.iter().map(|kind| kind.code()).collect();
    let detail = json!({
        "from": window.from, "through": window.through, "reason": window.reason, "kinds": kinds,
        "reach": window.reach.code(), "limits_rest": window.limits_rest,
    });
    log(app, &tx, actor, "freeze.proposed", ("freeze", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

async fn locked(tx: &Tx, no: &str) -> Result<WindowRow, Error> {
    store::lock(tx, no).await?.ok_or(Error::NotFound("这个停办期"))
}

/// Confirms a window that somebody else proposed, or sends it back.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for one's own and for one that is
/// over; [`Error::Stale`] when somebody decided first; [`Error::Invalid`] when it is sent back
/// without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    no: &str,
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    actor.must(Act::FreezeFiles)?;
    let note = note.trim();
    let tx = app.db.begin().await?;
    let row = locked(&tx, no).await?;
    if row.decided_at.is_some() {
        return Err(Error::Stale("这个停办期已由他人确认或退回".to_owned()));
    }
    if row.proposed_holder == actor.holder_id {
        return Err(Error::Refused("您提出的停办期须由另一人确认或退回".to_owned()));
    }
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    if accept && row.through_day < app.clock.today() {
        return Err(Error::Refused("停办期已经过去，请退回后重新提出".to_owned()));
    }
    let by = (actor.account_id, actor.holder_id);
    store::decide(&tx, row.id, by, (accept, note), app.clock.now()).await?;
    if accept && row.limits_rest {
        case::find_limits_again(&tx, &store::window(&row)?).await?;
    }
    let action = if accept { "freeze.confirmed" } else { "freeze.refused" };
    log(app, &tx, actor, action, ("freeze", no), &json!({ "note": note })).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a confirmed window before its time: from today on nothing rests.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] when it does not hold any more.
pub async fn lift(app: &App, actor: &Actor, no: &str) -> Result<(), Error> {
    actor.must(Act::FreezeFiles)?;
    let (tx, today) = (app.db.begin().await?, app.clock.today());
    let row = locked(&tx, no).await?;
    let holds = row.accepted == Some(true) && row.lifted_at.is_none() && today <= row.through_day;
    if !holds {
        return Err(Error::Stale("这个停办期没有生效、已经结束或已由他人解除".to_owned()));
    }
    store::lift(&tx, row.id, actor.account_id, (today, app.clock.now())).await?;
    if row.limits_rest {
        case::find_limits_again(&tx, &store::window(&row)?).await?;
    }
    log(app, &tx, actor, "freeze.lifted", ("freeze", no), &json!({ "from": today })).await?;
    tx.commit().await?;
    Ok(())
}
