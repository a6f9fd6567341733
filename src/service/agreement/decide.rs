//! Putting an agreement down and accepting it.

use chrono::NaiveDate;
use serde_json::json;

use super::typed::{TypedAgreement, read};
use super::{AgreementSubject, TEXT};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::lifecycle::{AgreementTranche, Case, Lifecycle};
use crate::domain::money::Fen;
use crate::domain::registry::{Code, EnterpriseDivision};
use crate::service::agreed::agreed_policy;
use crate::service::{Actor, Error, calendar, invalid, log};
use crate::store::agreement::{self as store, Agreement, NewAgreement};
use crate::store::case::{self as cases, NewCase};
use crate::store::db::Tx;
use crate::store::fact::{Versions, facts_of};
use crate::store::source::{self, NewSource};
use crate::store::{directory, number, registry};

/// The person with a number, anywhere in the province.
pub(in crate::service) async fn person(tx: &Tx, field: &str, no: &str) -> Result<i64, Error> {
    let found = directory::engineer(tx, &Scope::Province, no).await?;
    let missing = || {
        let text = format!("没有编号为 {no} 的人员，请先登记");
        Error::Invalid(vec![invalid(field, text)])
    };
    Ok(found.ok_or_else(missing)?.id)
}

/// The persons of an agreement: who leads, and the others.
async fn people(tx: &Tx, typed: &TypedAgreement) -> Result<(i64, Vec<i64>), Error> {
    let leader = person(tx, "leader", typed.leader.trim()).await?;
    let mut members = Vec::new();
    let numbers = typed.members.split(|c: char| c.is_whitespace() || "，,、；;".contains(c));
    for no in numbers.filter(|no| !no.is_empty()) {
        let member = person(tx, "members", no).await?;
        if member == leader || members.contains(&member) {
            let text = format!("{no} 重复填写");
            return Err(Error::Invalid(vec![invalid("members", text)]));
        }
        members.push(member);
    }
    Ok((leader, members))
}

/// The host enterprise (field `enterprise`) and its division on a day.
pub(in crate::service) async fn host(
    tx: &Tx,
    uscc: &str,
    day: NaiveDate,
) -> Result<(i64, String), Error> {
    let wrong = |text: &str| Error::Invalid(vec![invalid("enterprise", text)]);
    let found = registry::enterprises_by_uscc(tx, &[uscc]).await?;
    let id = *found.get(uscc).ok_or_else(|| wrong("没有登记这个统一社会信用代码的单位"))?;
    let places = facts_of::<EnterpriseDivision>(tx, id, Versions::Live).await?;
    let place = places.into_iter().find(|place| place.period.covers(day));
    let place = place.ok_or_else(|| wrong("该单位当天没有登记所在地区"))?;
    Ok((id, place.fact.division))
}

/// Puts an agreement down; it holds once somebody else has accepted it. Returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] with the fields.
pub async fn propose(app: &App, actor: &Actor, typed: &TypedAgreement) -> Result<String, Error> {
    actor.must(Act::AgreeCases)?;
    let read = read(typed, app.clock.today())?;
    let tx = app.db.begin().await?;
    let (leader_id, members) = people(&tx, typed).await?;
    if read.subject == AgreementSubject::Team && members.is_empty() {
        return Err(Error::Invalid(vec![invalid("members", "团队请填写其他成员的编号")]));
    }
    let (enterprise_id, division) = host(&tx, typed.enterprise.trim(), app.clock.today()).await?;
    let policy_document_id = TEXT.ensure(app, &tx, actor).await?;
    let policy = agreed_policy(&tx, policy_document_id).await?;
    let Some(version) = policy.version_on(read.decided_on) else {
        let text = "决定日期不在政策有效期内，请核对";
        return Err(Error::Invalid(vec![invalid("decided_on", text)]));
    };
    if !version.participates(&division) {
        let text = "用人单位所在地区没有参照执行本政策";
        return Err(Error::Invalid(vec![invalid("enterprise", text)]));
    }
    let at = app.clock.now();
    let document = NewSource {
        kind: "decision",
        title: typed.title.trim(),
        document_no: typed.document_no.trim(),
        import_id: None,
        recorded_by: actor.account_id,
        recorded_at: at,
    };
    let new = NewAgreement {
        title: typed.title.trim(),
        subject: read.subject.code(),
        leader_id,
        enterprise: (enterprise_id, &division),
        decided: (typed.body.trim(), read.decided_on),
        terms: typed.terms.trim(),
        total_fen: read.total.get(),
        policy_document_id,
        source_id: source::record(&tx, &document).await?,
        by: (actor.account_id, actor.holder_id),
        at,
    };
    let no = store::propose(&tx, &new, &members, &read.tranches).await?;
    let detail = json!({
        "title": new.title, "total": read.total.to_string(), "tranches": read.tranches.len(),
        "document_no": typed.document_no.trim(),
    });
    log(app, &tx, actor, "agreement.proposed", ("agreement", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// Accepts an agreement that somebody else put down, or sends it back. Each tranche of an accepted
/// one gets its file.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Refused`] for one's own; [`Error::Stale`]
/// when it was decided first; [`Error::Invalid`] when it is sent back without a reason.
pub async fn decide(
    app: &App,
    actor: &Actor,
    no: &str,
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    actor.must(Act::AgreeCases)?;
    let note = note.trim();
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, no).await?.ok_or(Error::NotFound("这项一事一议"))?;
    if row.decided_at.is_some() {
        return Err(Error::Stale("这项一事一议刚刚已由他人办理，请刷新后再看".to_owned()));
    }
    if row.proposed_holder == actor.holder_id {
        return Err(Error::Refused("由您录入的须由另一人对照决定文件确认".to_owned()));
    }
    let by = (actor.account_id, actor.holder_id);
    store::decide(&tx, row.id, by, (accept, note), app.clock.now()).await?;
    if accept {
        open_files(app, &tx, actor, &row).await?;
    }
    let action = if accept { "agreement.accepted" } else { "agreement.refused" };
    log(app, &tx, actor, action, ("agreement", no), &json!({ "note": note })).await?;
    Ok(tx.commit().await?)
}

async fn open_files(app: &App, tx: &Tx, actor: &Actor, row: &Agreement) -> Result<(), Error> {
    let fresh = Case::<AgreementTranche>::open(app.clock.today(), &calendar::within(tx).await?);
    for tranche in store::tranches(tx, row.id).await? {
        let serial = number::allocate(tx, "agreement_case", 1).await?;
        let case_no = format!("YK{}-{serial:05}", app.clock.today().format("%Y"));
        let amount = Fen::new(tranche.amount_fen).grouped();
        let about = format!("{}，第 {} 笔 {amount} 元", row.title, tranche.seq);
        let new = NewCase {
            case_no: &case_no,
            kind: AgreementTranche::KIND.code(),
            enterprise_id: Some(row.enterprise_id),
            person_id: Some(row.leader_id),
            about: &about,
            state: fresh.state.code(),
            since: fresh.since,
            due_on: fresh.due.day(),
            opened_by: actor.account_id,
            opened_at: app.clock.now(),
        };
        let case_id = cases::open(tx, &new).await?;
        store::link(tx, tranche.id, case_id).await?;
    }
    Ok(())
}
