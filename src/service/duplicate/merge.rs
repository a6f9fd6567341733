//! Merging two numbers, and taking it back: one person proposes, another decides.

use std::collections::BTreeSet;

use serde_json::json;

use super::check;
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::duplicate::clashes;
use crate::domain::registry::Stated;
use crate::domain::roster::span;
use crate::service::decree::Decree;
use crate::service::roster::Grounds;
use crate::service::{Actor, Error, log};
use crate::store::db::{StoreError, Tx};
use crate::store::merge::{self as store, Decision, NewRequest, Request};
use crate::store::roster::{self, PersonFacts};
use crate::store::{directory, number};

const MERGE_SERIES: &str = "person_merge";
const UNDO_SERIES: &str = "person_merge_undo";

/// Two numbers to become one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMerge {
    /// One of them.
    pub one: String,
    /// The other.
    pub other: String,
    /// Which of them leads from then on.
    pub leading: String,
    /// Why, and the document that says so.
    pub grounds: Grounds,
}

/// Proposes to treat two numbers as one person; returns the number of the proposal, under which
/// another person confirms it.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::MergePersons`]; [`Error::NotFound`]; [`Error::Invalid`] with
/// the fields `leading`, `reason` and `document_no`; [`Error::Refused`] when one of them takes part
/// in another merge or proposal, or when their facts clash.
pub async fn propose(app: &App, actor: &Actor, new: &NewMerge) -> Result<String, Error> {
    actor.must(Act::MergePersons)?;
    let (leading, merged) = order(new)?;
    check(&new.grounds)?;
    let tx = app.db.begin().await?;
    let mut ids = Vec::new();
    for no in [leading, merged] {
        let person = directory::engineer(&tx, &actor.scope, no).await?;
        ids.push(person.ok_or(Error::NotFound("编号对应的人员"))?.id);
    }
    let (leading_id, merged_id) = (ids[0], ids[1]);
    lock(&tx, &ids).await?;
    must_be_free(&tx, &ids).await?;
    must_fit(&tx, leading_id, merged_id).await?;
    let request_no = format!("HB{:06}", number::allocate(&tx, MERGE_SERIES, 1).await?);
    let request = NewRequest {
        request_no: &request_no,
        kind: store::MERGE,
        leading_id,
        merged_id,
        merge_id: None,
        reason: &new.grounds.reason,
        document_no: &new.grounds.document_no,
        proposed_by: (actor.account_id, actor.holder_id),
        proposed_at: app.clock.now(),
    };
    store::propose(&tx, &request).await?;
    let detail = json!({
        "leading": leading,
        "merged": merged,
        "document_no": new.grounds.document_no,
        "reason": new.grounds.reason,
    });
    log(app, &tx, actor, "merge.proposed", ("merge", &request_no), &detail).await?;
    tx.commit().await?;
    Ok(request_no)
}

fn order(new: &NewMerge) -> Result<(&str, &str), Error> {
    let (one, other, leading) = (new.one.trim(), new.other.trim(), new.leading.trim());
    match leading {
        "" => {}
        no if no == one => return Ok((one, other)),
        no if no == other => return Ok((other, one)),
        _ => {}
    }
    let mut faults = vec![("leading".to_owned(), "请选择合并后以哪个编号为主".to_owned())];
    faults.extend(new.grounds.faults());
    Err(Error::Invalid(faults))
}

/// Locks persons with everybody who is the same person as one of them.
async fn lock(tx: &Tx, persons: &[i64]) -> Result<(), Error> {
    let merges = store::merges_about(tx, persons, None).await?;
    let mut group: Vec<i64> = persons.iter().flat_map(|person| merges.group(*person)).collect();
    group.sort_unstable();
    group.dedup();
    Ok(roster::lock_persons(tx, &group).await?)
}

/// Neither is proposed for another merge.
async fn must_be_free(tx: &Tx, persons: &[i64]) -> Result<(), Error> {
    let open = store::open_requests(tx).await?;
    let taken =
        open.iter().find(|r| persons.contains(&r.leading_id) || persons.contains(&r.merged_id));
    match taken {
        Some(request) => Err(Error::Refused(format!(
            "其中一个编号在合并申请 {} 中等待确认，请先办结那一件",
            request.request_no
        ))),
        None => Ok(()),
    }
}

/// Neither chains nor clashing facts: checked when a merge is proposed and again when it is
/// confirmed.
async fn must_fit(tx: &Tx, leading: i64, merged: i64) -> Result<(), Error> {
    let merges = store::merges_about(tx, &[leading, merged], None).await?;
    let numbers = directory::person_numbers(tx, &[leading, merged]).await?;
    let no = |id: i64| numbers.get(&id).cloned().unwrap_or_default();
    for person in [leading, merged] {
        if merges.is_merged(person) {
            let text = format!("编号 {} 已并入另一编号，请先撤销那次合并", no(person));
            return Err(Error::Refused(text));
        }
    }
    if !merges.merged_into(merged).is_empty() {
        let text = format!("编号 {} 下已有并入的编号，只能作为主编号", no(merged));
        return Err(Error::Refused(text));
    }
    let obstacles = Clash::obstacles(tx, leading, merged).await?;
    if obstacles.is_empty() { Ok(()) } else { Err(Error::Refused(obstacles.join("；"))) }
}

/// Facts that one person cannot have both of.
pub(super) struct Clash;

impl Clash {
    /// What has to be corrected before two persons can be one, in words that name both periods.
    pub(super) async fn obstacles(
        conn: &impl store::Connection,
        one: i64,
        other: i64,
    ) -> Result<Vec<String>, Error> {
        let merges = store::merges_about(conn, &[one, other], None).await?;
        if merges.leading(one) == merges.leading(other) {
            return Ok(Vec::new());
        }
        let groups = [merges.group(one), merges.group(other)];
        let all: BTreeSet<i64> = groups.iter().flatten().copied().collect();
        let numbers =
            directory::person_numbers(conn, &all.iter().copied().collect::<Vec<_>>()).await?;
        let mut persons = roster::persons(conn, &all).await?;
        let mut together = |ids: &[i64]| {
            let mut facts = PersonFacts::default();
            ids.iter().filter_map(|id| persons.remove(id)).for_each(|f| facts.absorb(f));
            facts
        };
        let (mut a, mut b) = (together(&groups[0]), together(&groups[1]));
        a.employments.retain(|stated| stated.fact.full_time);
        b.employments.retain(|stated| stated.fact.full_time);
        let entries = clashes(&a.entries, &b.entries);
        let jobs = clashes(&a.employments, &b.employments);
        let at: Vec<i64> = (entries.iter().flat_map(|(a, b)| [a, b]))
            .map(|stated| stated.fact.enterprise_id)
            .chain(jobs.iter().flat_map(|(a, b)| [a, b]).map(|s| s.fact.enterprise_id))
            .collect();
        let names = crate::store::stipend::explain::enterprise_names(conn, &at).await?;
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let no = |id: i64| numbers.get(&id).cloned().unwrap_or_default();
        let mut texts = Vec::new();
        for (a, b) in entries {
            let sides = (side(a, a.fact.enterprise_id), side(b, b.fact.enterprise_id));
            texts.push(sentence("名册", sides, &no, &name));
        }
        for (a, b) in jobs {
            let sides = (side(a, a.fact.enterprise_id), side(b, b.fact.enterprise_id));
            texts.push(sentence("全职任职", sides, &no, &name));
        }
        Ok(texts)
    }
}

/// Person, enterprise and period of a fact.
type ClashSide = (i64, i64, String);

fn side<T>(stated: &Stated<T>, enterprise: i64) -> ClashSide {
    (stated.about, enterprise, span(&stated.period))
}

fn sentence(
    what: &str,
    (a, b): (ClashSide, ClashSide),
    no: &impl Fn(i64) -> String,
    name: &impl Fn(i64) -> String,
) -> String {
    format!(
        "{what}期间重叠：{} 在{}（{}）与 {} 在{}（{}），请先更正或撤销其中一条",
        no(a.0),
        name(a.1),
        a.2,
        no(b.0),
        name(b.1),
        b.2
    )
}

/// Confirms a proposal, by another natural person than the proposer: the merge is in force, or is
/// undone, from now on. Years have to be computed again; until then nothing of them is paid.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] when somebody decided it first;
/// [`Error::Refused`] for the proposer, while a computation is under way, and as [`propose`].
pub async fn confirm(app: &App, actor: &Actor, request_no: &str) -> Result<(), Error> {
    actor.must(Act::MergePersons)?;
    let tx = app.db.begin().await?;
    let request = open(&tx, request_no).await?;
    if request.proposed_holder == actor.holder_id {
        let text = "提出人不能确认自己提出的申请，请由另一位省级人社人员确认";
        return Err(Error::Refused(text.to_owned()));
    }
    if store::is_computing(&tx, app.clock.machine_now()).await? {
        let text = "年度核定正在进行，合并会影响结果，请等它完成后再确认";
        return Err(Error::Refused(text.to_owned()));
    }
    lock(&tx, &[request.leading_id, request.merged_id]).await?;
    let merge_id = if request.kind == store::UNDO {
        take_back(app, &tx, actor, &request).await?
    } else {
        must_fit(&tx, request.leading_id, request.merged_id).await?;
        bring_together(app, &tx, actor, &request).await?
    };
    decide(app, &tx, actor, &request, (store::CONFIRMED, Some(merge_id), "")).await?;
    let action = if request.kind == store::UNDO { "merge.undone" } else { "merge.confirmed" };
    tell(app, &tx, actor, action, &request).await?;
    Ok(tx.commit().await?)
}

async fn bring_together(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    request: &Request,
) -> Result<i64, Error> {
    let source_id = decision(app, tx, actor, "人员编号合并", request).await?;
    let merge = store::NewMerge {
        merge_no: &request.request_no,
        leading_id: request.leading_id,
        merged_id: request.merged_id,
        reason: &request.reason,
        source_id,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    Ok(store::record(tx, &merge).await?)
}

async fn take_back(app: &App, tx: &Tx, actor: &Actor, request: &Request) -> Result<i64, Error> {
    let merge_id = request
        .merge_id
        .ok_or_else(|| Error::Internal(format!("request {} names no merge", request.request_no)))?;
    let source_id = decision(app, tx, actor, "撤销人员编号合并", request).await?;
    store::undo(tx, merge_id, app.clock.now(), source_id).await.map_err(|error| match error {
        StoreError::RecordNotUpdated => Error::Stale("这次合并已由他人撤销".to_owned()),
        other => Error::from(other),
    })?;
    Ok(merge_id)
}

async fn decision(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    title: &str,
    request: &Request,
) -> Result<i64, Error> {
    let number = &request.document_no;
    let decree = Decree::record(app, tx, actor, ("decision", title), number, "").await?;
    Ok(decree.source_id)
}

/// Decides against a proposal; the proposer may withdraw an own one. Nothing changes.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with field `decision`;
/// [`Error::Stale`] when somebody decided it first.
pub async fn reject(app: &App, actor: &Actor, request_no: &str, why: &str) -> Result<(), Error> {
    actor.must(Act::MergePersons)?;
    let why = why.trim();
    if !(2..=500).contains(&why.chars().count()) {
        let text = "请写明不予办理的原因，2至500字".to_owned();
        return Err(Error::Invalid(vec![("decision".to_owned(), text)]));
    }
    let tx = app.db.begin().await?;
    let request = open(&tx, request_no).await?;
    decide(app, &tx, actor, &request, (store::REJECTED, request.merge_id, why)).await?;
    tell(app, &tx, actor, "merge.rejected", &request).await?;
    Ok(tx.commit().await?)
}

/// Proposes to take a merge back; returns the number of the proposal.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields `reason` and
/// `document_no`; [`Error::Refused`] when it was undone before or a proposal is open.
pub async fn propose_undo(
    app: &App,
    actor: &Actor,
    merge_no: &str,
    grounds: &Grounds,
) -> Result<String, Error> {
    actor.must(Act::MergePersons)?;
    check(grounds)?;
    let tx = app.db.begin().await?;
    let merge = store::by_no(&tx, merge_no).await?.ok_or(Error::NotFound("这次合并"))?;
    lock(&tx, &[merge.leading_id, merge.merged_id]).await?;
    let merge = store::by_no(&tx, merge_no).await?.ok_or(Error::NotFound("这次合并"))?;
    if merge.undone_at.is_some() {
        return Err(Error::Stale("这次合并已经撤销".to_owned()));
    }
    must_be_free(&tx, &[merge.merged_id]).await?;
    let request_no = format!("CX{:06}", number::allocate(&tx, UNDO_SERIES, 1).await?);
    let request = NewRequest {
        request_no: &request_no,
        kind: store::UNDO,
        leading_id: merge.leading_id,
        merged_id: merge.merged_id,
        merge_id: Some(merge.id),
        reason: &grounds.reason,
        document_no: &grounds.document_no,
        proposed_by: (actor.account_id, actor.holder_id),
        proposed_at: app.clock.now(),
    };
    store::propose(&tx, &request).await?;
    let detail = json!({
        "request": request_no,
        "document_no": grounds.document_no,
        "reason": grounds.reason,
    });
    log(app, &tx, actor, "merge.undo_proposed", ("merge", merge_no), &detail).await?;
    tx.commit().await?;
    Ok(request_no)
}

/// The request, locked, when nobody decided it yet.
async fn open(tx: &Tx, request_no: &str) -> Result<Request, Error> {
    let request = store::lock_request(tx, request_no).await?;
    let request = request.ok_or(Error::NotFound("这件申请"))?;
    if request.state == store::OPEN {
        Ok(request)
    } else {
        Err(Error::Stale(format!("申请 {request_no} 已由他人办结，请刷新查看")))
    }
}

async fn decide(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    request: &Request,
    (state, merge_id, text): (&'static str, Option<i64>, &str),
) -> Result<(), Error> {
    let decision = Decision {
        state,
        merge_id,
        decided_by: (actor.account_id, actor.holder_id),
        decided_at: app.clock.now(),
        text,
    };
    Ok(store::decide(tx, request.id, &decision).await?)
}

async fn tell(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    action: &str,
    request: &Request,
) -> Result<(), Error> {
    let numbers = directory::person_numbers(tx, &[request.leading_id, request.merged_id]).await?;
    let detail = json!({
        "request": request.request_no,
        "leading": numbers.get(&request.leading_id),
        "merged": numbers.get(&request.merged_id),
        "document_no": request.document_no,
    });
    let merge_no = merge_no(tx, request).await?;
    log(app, tx, actor, action, ("merge", &merge_no), &detail).await
}

/// The number under which the page of a request stands: that of the merge.
async fn merge_no(tx: &Tx, request: &Request) -> Result<String, Error> {
    if request.kind == store::MERGE {
        return Ok(request.request_no.clone());
    }
    let merges = store::all(tx).await?;
    let found = merges.into_iter().find(|merge| Some(merge.id) == request.merge_id);
    Ok(found.map_or_else(|| request.request_no.clone(), |merge| merge.merge_no))
}
