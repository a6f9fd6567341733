//! What becomes of a notice after its publication: its days run again, with another text if the first
//! was wrong; a line is taken out. What it said before stays on record and on its page.

use serde_json::json;

use super::announce::announced_by;
use super::{EarlierText, FEWEST_DAYS};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::lifecycle::Evidence;
use crate::domain::registry::Code;
use crate::service::case::Desk;
use crate::service::{Actor, Error, calendar, invalid, log};
use crate::store::db::Connection;
use crate::store::notice::{
    self as store, NewPeriod, NewText, NewWithdrawal, NoticeRow, PeriodRow,
};

/// Why a notice starts again, and what it says from then on; an empty field keeps what it says.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// Why.
    pub reason: String,
    /// Title.
    pub title: String,
    /// Document it rests on.
    pub basis: String,
    /// Where to turn to.
    pub contact: String,
}

impl Correction {
    /// The text afterwards; `None` while it stays.
    fn of(&self, now: &EarlierText) -> Option<EarlierText> {
        let or = |typed: &str, known: &str| match typed.trim() {
            "" => known.to_owned(),
            text => text.to_owned(),
        };
        let text = EarlierText {
            until: now.until,
            title: or(&self.title, &now.title),
            basis: or(&self.basis, &now.basis),
            contact: or(&self.contact, &now.contact),
        };
        (text != *now).then_some(text)
    }
}

/// Starts the days of a notice again, because the page was down or its text was wrong.
///
/// # Errors
/// [`Error::Invalid`] without a reason; [`Error::Refused`] when its days are over or another office
/// published it.
pub async fn restart(
    app: &App,
    actor: &Actor,
    no: &str,
    correction: &Correction,
) -> Result<(), Error> {
    actor.must(Act::PublishNotices)?;
    let reason = correction.reason.trim();
    let mut faults = Vec::new();
    if no.is_empty() {
        faults.push(invalid("no", "请选择公示"));
    }
    if reason.is_empty() {
        faults.push(invalid("reason", "请写明重新公示的原因"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let tx = app.db.begin().await?;
    let notice = store::by_no(&tx, no).await?.ok_or(Error::NotFound("这份公示"))?;
    if announced_by(actor.role).iter().all(|own| own.kind.code() != notice.kind) {
        return Err(Error::Refused("该公示由其他部门发布，请联系发布部门".to_owned()));
    }
    let periods = store::periods(&tx, notice.id).await?;
    let last = periods.last();
    let last = last.ok_or_else(|| Error::Internal(format!("notice {no} has no days")))?;
    let today = app.clock.today();
    if today > last.ends_on {
        return Err(Error::Refused("公示期已满，不能重新起算".to_owned()));
    }
    let days = u32::try_from(last.working_days).unwrap_or(FEWEST_DAYS);
    let ends_on = calendar::within(&tx)
        .await?
        .last_day_of_notice(today, days, last.count_first_day)
        .map_err(|error| Error::Refused(error.to_string()))?;
    let period = NewPeriod {
        seq: last.seq + 1,
        starts_on: today,
        ends_on,
        working_days: last.working_days,
        count_first_day: last.count_first_day,
        reason,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    store::add_period(&tx, notice.id, &period).await?;
    let (now, _) = texts(&tx, &notice, &periods).await?;
    let corrected = correction.of(&now);
    if let Some(EarlierText { title, basis, contact, .. }) = &corrected {
        let text = NewText { period_seq: period.seq, title, basis, contact };
        store::add_text(&tx, notice.id, &text).await?;
    }
    let detail = json!({ "reason": reason, "ends_on": ends_on, "corrected": corrected.is_some() });
    log(app, &tx, actor, "notice.restarted", ("notice", no), &detail).await?;
    Ok(tx.commit().await?)
}

/// What a notice says now, and what it said before, the oldest first.
pub(super) async fn texts(
    conn: &impl Connection,
    notice: &NoticeRow,
    periods: &[PeriodRow],
) -> Result<(EarlierText, Vec<EarlierText>), Error> {
    let until = periods.last().map(|last| last.starts_on).unwrap_or_default();
    let mut now = EarlierText {
        until,
        title: notice.title.clone(),
        basis: notice.basis.clone(),
        contact: notice.contact.clone(),
    };
    let mut earlier = Vec::new();
    for text in store::texts(conn, &[notice.id]).await? {
        let began = periods.iter().find(|days| days.seq == text.period_seq);
        let next =
            EarlierText { until, title: text.title, basis: text.basis, contact: text.contact };
        let before = std::mem::replace(&mut now, next);
        earlier.push(EarlierText { until: began.map_or(until, |days| days.starts_on), ..before });
    }
    Ok((now, earlier))
}

/// Takes the lines of files out of their notices; the files have been moved back.
pub(in crate::service) async fn withdraw_lines(desks: &[Desk<'_>]) -> Result<(), Error> {
    let Some(first) = desks.first() else { return Ok(()) };
    let nobody = || Error::Internal("the program takes no line out of a notice".to_owned());
    let actor = first.actor.ok_or_else(nobody)?;
    let ids: Vec<i64> = desks.iter().map(|desk| desk.row.id).collect();
    let entries = store::last_entries(first.tx, &ids).await?;
    let reason = first.sent.fields.get(Evidence::Ground.code()).map_or("", |text| text.trim());
    let at = first.app.clock.now();
    let rows = entries.values().map(|entry_id| NewWithdrawal {
        entry_id: *entry_id,
        reason,
        recorded_by: actor.account_id,
        recorded_at: at,
    });
    Ok(store::withdraw(first.tx, rows.collect()).await?)
}
