//! What officers find, and what follows.

use chrono::Months;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::registry::{Code, PilotAuthorisation};
use crate::domain::spot_check::{Finding, is_too_many};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log, pilot};
use crate::store::directory;
use crate::store::fact::{Versions, facts_of};
use crate::store::spot_check::{self as store, NewSuspension};

/// Longest remark, in characters.
const REMARK_MAX: usize = 500;

/// Writes down what the check of an item found. When it was the enterprise's last one and more
/// than a tenth are wrong, the suspension of its pilot is proposed; whether it was is told.
///
/// # Errors
/// [`Error::Invalid`] with the fields `finding`, `remark`; [`Error::NotFound`]; [`Error::Stale`]
/// when somebody checked it before.
pub async fn record(
    app: &App,
    actor: &Actor,
    (sample_no, seq): (&str, i64),
    (finding, remark): (&str, &str),
) -> Result<bool, Error> {
    actor.must(Act::CheckSamples)?;
    let remark = remark.trim();
    let mut wrong = Vec::new();
    let found = Finding::from_code(finding);
    if found.is_none() {
        wrong.push(invalid("finding", "请选择属实或有误"));
    }
    if found == Some(Finding::Error) && remark.chars().count() < 2 {
        wrong.push(invalid("remark", "请写明哪里有误、依据是什么"));
    } else if remark.chars().count() > REMARK_MAX {
        wrong.push(invalid("remark", "说明不超过500字，请精简"));
    }
    let (Some(found), true) = (found, wrong.is_empty()) else { return Err(Error::Invalid(wrong)) };
    let missing = || Error::NotFound("这次抽查的这一项");
    let tx = app.db.begin().await?;
    let sample = store::sample(&tx, super::office(actor), sample_no).await?.ok_or_else(missing)?;
    let item = store::lock_item(&tx, sample.id, seq).await?.ok_or_else(missing)?;
    if item.finding.is_some() {
        return Err(Error::Stale("这一项刚刚已由他人核查，请刷新后再看".to_owned()));
    }
    let now = app.clock.now();
    store::decide(&tx, item.id, (found.code(), remark), (actor.account_id, now)).await?;
    let person = directory::person_no(&tx, item.person_id).await?.unwrap_or_default();
    let detail = json!({ "row": seq, "found": found.label(), "leading": person });
    log(app, &tx, actor, "sample.checked", ("sample", sample_no), &detail).await?;
    let (record, open) = store::of_enterprise(&tx, sample.id, item.enterprise_id).await?;
    let today = app.clock.today();
    let pilots = facts_of::<PilotAuthorisation>(&tx, item.enterprise_id, Versions::Live).await?;
    let in_pilot = pilots.iter().any(|stated| stated.period.covers(today));
    let follows = open == 0
        && in_pilot
        && is_too_many(record.hits, record.checked)
        && !store::is_proposed(&tx, item.enterprise_id).await?;
    if follows {
        let by = (actor.account_id, actor.holder_id);
        let (enterprise_id, sample_id) = (item.enterprise_id, sample.id);
        let new = NewSuspension { enterprise_id, sample_id, record, by, at: now };
        store::propose(&tx, &new).await?;
        let detail = json!({ "checked": record.checked, "bad": record.hits });
        log(app, &tx, actor, "pilot.suspension_proposed", ("sample", sample_no), &detail).await?;
    }
    tx.commit().await?;
    Ok(follows)
}

/// What is decided about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// The pilot is suspended for a year from today.
    Suspended,
    /// It goes on.
    Dismissed,
}

/// Decides a proposal: another natural person than the one who recorded the findings.
///
/// # Errors
/// [`Error::Invalid`] for `document_no`; [`Error::NotFound`]; [`Error::Refused`] for the same
/// person; [`Error::Stale`] when it was decided before.
pub async fn decide_suspension(
    app: &App,
    actor: &Actor,
    id: i64,
    (decided, document_no): (Decided, &str),
) -> Result<(), Error> {
    actor.must(Act::DecidePilots)?;
    let document_no = document_no.trim();
    if document_no.is_empty() || document_no.chars().count() > 100 {
        return Err(Error::Invalid(vec![invalid(
            "document_no",
            "请填写决定文件编号，不超过100字",
        )]));
    }
    let tx = app.db.begin().await?;
    let found = store::lock_suspension(&tx, &actor.scope, id).await?;
    let found = found.ok_or(Error::NotFound("这项中止建议"))?;
    if found.outcome.is_some() {
        return Err(Error::Stale("这项建议刚刚已由他人决定，请刷新后再看".to_owned()));
    }
    if found.proposer_holder == actor.holder_id {
        return Err(Error::Refused("您登记了核查结果，须由另一人决定是否中止试点".to_owned()));
    }
    let (today, now) = (app.clock.today(), app.clock.now());
    let outcome = match decided {
        Decided::Suspended => "suspended",
        Decided::Dismissed => "dismissed",
    };
    if decided == Decided::Suspended {
        let resumes = today.checked_add_months(Months::new(12)).unwrap_or(today);
        let title = ("decision", "中止自主认定试点");
        let reason = "抽查差错率超过10%";
        let decree = Decree::record(app, &tx, actor, title, document_no, reason).await?;
        pilot::interrupt(&tx, &decree, found.enterprise_id, (today, resumes)).await?;
    }
    let who = (actor.account_id, actor.holder_id);
    store::settle(&tx, id, (outcome, document_no), who, now).await?;
    let uscc = crate::store::registry::uscc_of(&tx, found.enterprise_id).await?.unwrap_or_default();
    let action = match decided {
        Decided::Suspended => "pilot.suspended",
        Decided::Dismissed => "pilot.suspension_dismissed",
    };
    let detail = json!({ "document_no": document_no, "from": today });
    log(app, &tx, actor, action, ("enterprise", &uscc), &detail).await?;
    Ok(tx.commit().await?)
}
