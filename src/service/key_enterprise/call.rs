//! The call for applications (申报通知): a window of days that the province publishes.

use chrono::NaiveDate;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::service::{Actor, Error, invalid, log};
use crate::store::key_enterprise as store;
use crate::store::number;

/// A call as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLine {
    /// Official number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Number of the document.
    pub document_no: String,
    /// First day.
    pub opens_on: NaiveDate,
    /// Last day.
    pub closes_on: NaiveDate,
    /// 申报中, 未开始, 已结束 or 已撤销.
    pub state: &'static str,
    /// Whether it can be revoked.
    pub holds: bool,
}

/// A call as it is typed.
#[derive(Debug, Clone, Default)]
pub struct NewCall {
    /// Title.
    pub title: String,
    /// Number of the document.
    pub document_no: String,
    /// First day.
    pub opens_on: String,
    /// Last day.
    pub closes_on: String,
}

/// The calls, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn calls(app: &App, actor: &Actor) -> Result<Vec<CallLine>, Error> {
    actor.must(Act::ReadCases)?;
    let today = app.clock.today();
    let line = |row: store::CallRow| {
        let holds = row.revoked_at.is_none();
        let state = match (holds, today < row.opens_on, row.closes_on < today) {
            (false, ..) => "已撤销",
            (true, true, _) => "未开始",
            (true, _, true) => "已结束",
            (true, false, false) => "申报中",
        };
        CallLine {
            no: row.call_no,
            title: row.title,
            document_no: row.document_no,
            opens_on: row.opens_on,
            closes_on: row.closes_on,
            state,
            holds: holds && today <= row.closes_on,
        }
    };
    Ok(store::calls(app.db.read()).await?.into_iter().map(line).collect())
}

/// Publishes a call; gives its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields.
pub async fn publish_call(app: &App, actor: &Actor, new: &NewCall) -> Result<String, Error> {
    actor.must(Act::CallApplications)?;
    let (title, document_no) = (new.title.trim(), new.document_no.trim());
    let mut faults = Vec::new();
    if title.is_empty() || title.chars().count() > 100 {
        faults.push(invalid("title", "请填写通知标题，不超过100字"));
    }
    if document_no.is_empty() || document_no.chars().count() > 100 {
        faults.push(invalid("document_no", "请填写文号"));
    }
    let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
    let days =
        day(&new.opens_on).zip(day(&new.closes_on)).filter(|(opens, closes)| opens <= closes);
    if days.is_none() {
        faults.push(invalid("opens_on", "请填写申报首日和末日，末日不能早于首日"));
    }
    if days.is_some_and(|(_, closes)| closes < app.clock.today()) {
        faults.push(invalid("closes_on", "申报末日已过，请核对"));
    }
    let (Some((opens_on, closes_on)), true) = (days, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let tx = app.db.begin().await?;
    let serial = number::allocate(&tx, "application-call", 1).await?;
    let call_no = format!("SB{}-{serial:03}", opens_on.format("%Y"));
    let call = store::NewCall {
        call_no: &call_no,
        title,
        document_no,
        opens_on,
        closes_on,
        published_by: actor.account_id,
        published_at: app.clock.now(),
    };
    store::publish_call(&tx, &call).await?;
    let detail = json!({ "document_no": document_no, "from": opens_on, "through": closes_on });
    log(app, &tx, actor, "call.published", ("call", &call_no), &detail).await?;
    tx.commit().await?;
    Ok(call_no)
}

/// Revokes a call: nobody hands in under it any more.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Stale`] when it does not hold.
pub async fn revoke_call(app: &App, actor: &Actor, call_no: &str) -> Result<(), Error> {
    actor.must(Act::CallApplications)?;
    if call_no.trim().is_empty() {
        return Err(Error::Invalid(vec![invalid("no", "请选择要撤销的申报通知")]));
    }
    let tx = app.db.begin().await?;
    store::revoke_call(&tx, call_no.trim(), actor.account_id, app.clock.now()).await?;
    log(app, &tx, actor, "call.revoked", ("call", call_no.trim()), &json!({})).await?;
    tx.commit().await?;
    Ok(())
}
