//! One merge: what was proposed, who decided, and which years have to be computed again.

use chrono::{DateTime, Utc};

use super::pair::{Side, sides};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Act;
use crate::service::{Actor, Error};
use crate::store::directory;
use crate::store::merge::{self as store, Merge, Request};

code_list! {
    /// Where a merge stands.
    MergeState {
        /// Waits for a second person.
        Proposed = "proposed", "待确认";
        /// Decided against; nothing changed.
        Rejected = "rejected", "未通过";
        /// The numbers are one person.
        InForce = "in_force", "已合并";
        /// To be taken back, waits for a second person.
        UndoProposed = "undo_proposed", "撤销待确认";
        /// Taken back.
        Undone = "undone", "已撤销";
    }
}

/// Something that happened to a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeStep {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// What, in one sentence.
    pub what: String,
}

/// A merge, or a proposal of one.
#[derive(Debug, Clone)]
pub struct MergeView {
    /// Its number.
    pub no: String,
    /// Who leads.
    pub leading: Side,
    /// Who is merged.
    pub merged: Side,
    /// Where it stands.
    pub state: MergeState,
    /// What happened, in order.
    pub steps: Vec<MergeStep>,
    /// Number of the request that waits for a decision.
    pub open_request: Option<String>,
    /// Whether the actor is another person than who proposed it and may decide.
    pub may_confirm: bool,
    /// Whether the actor may decide against the open request or withdraw it.
    pub may_reject: bool,
    /// Whether the actor may propose to take it back.
    pub may_undo: bool,
    /// Award years with results of either, and whether they were computed again since.
    pub years: Vec<(i64, bool)>,
    /// Whether the actor may compute.
    pub may_compute: bool,
}

/// A merge by its number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReviewDuplicates`]; [`Error::NotFound`] unless both persons
/// are in the actor's scope.
pub async fn merge_view(app: &App, actor: &Actor, no: &str) -> Result<MergeView, Error> {
    actor.must(Act::ReviewDuplicates)?;
    let read = app.db.read();
    let missing = || Error::NotFound("这次合并");
    let request = store::request(read, no).await?.filter(|r| r.kind == store::MERGE);
    let request = request.ok_or_else(missing)?;
    let ids = [request.leading_id, request.merged_id];
    let seen = crate::store::duplicate::within(read, &actor.scope, &ids).await?;
    if seen.len() < ids.len() {
        return Err(missing());
    }
    let merge = store::by_no(read, no).await?;
    let undos = match &merge {
        Some(merge) => store::undo_requests(read, merge.id).await?,
        None => Vec::new(),
    };
    let all: Vec<&Request> = std::iter::once(&request).chain(undos.iter().rev()).collect();
    let open = all.iter().find(|request| request.state == store::OPEN);
    let may = actor.role.may(Act::MergePersons);
    let sides = sides(app, actor, &ids).await?;
    let side = |id: i64| sides.get(&id).cloned().unwrap_or_default();
    let years = match &merge {
        Some(merge) => {
            let since = merge.undone_at.unwrap_or(merge.recorded_at);
            store::affected_years(read, &ids, since).await?
        }
        None => Vec::new(),
    };
    Ok(MergeView {
        no: no.to_owned(),
        leading: side(request.leading_id),
        merged: side(request.merged_id),
        state: state(&request, merge.as_ref(), open.is_some()),
        steps: steps(app, &all).await?,
        open_request: open.map(|request| request.request_no.clone()),
        may_confirm: may && open.is_some_and(|r| r.proposed_holder != actor.holder_id),
        may_reject: may && open.is_some(),
        may_undo: may && open.is_none() && merge.is_some_and(|m| m.undone_at.is_none()),
        years,
        may_compute: actor.role.may(Act::Compute),
    })
}

fn state(request: &Request, merge: Option<&Merge>, is_open: bool) -> MergeState {
    match merge {
        Some(merge) if merge.undone_at.is_some() => MergeState::Undone,
        Some(_) if is_open => MergeState::UndoProposed,
        Some(_) => MergeState::InForce,
        None if request.state == store::OPEN => MergeState::Proposed,
        None => MergeState::Rejected,
    }
}

async fn steps(app: &App, requests: &[&Request]) -> Result<Vec<MergeStep>, Error> {
    let accounts: Vec<i64> = requests
        .iter()
        .flat_map(|request| [Some(request.proposed_by), request.decided_by])
        .flatten()
        .collect();
    let names = directory::account_names(app.db.read(), &accounts).await?;
    let name = |account: i64| names.get(&account).cloned().unwrap_or_default();
    let mut steps = Vec::new();
    for request in requests {
        let what = if request.kind == store::UNDO { "撤销合并" } else { "合并" };
        let (reason, document) = (&request.reason, &request.document_no);
        steps.push(MergeStep {
            at: request.proposed_at,
            who: name(request.proposed_by),
            what: format!("提出{what}（{}）：{reason}，依据 {document}", request.request_no),
        });
        if let Some((at, account)) = request.decided_at.zip(request.decided_by) {
            let what = match request.state.as_str() {
                store::CONFIRMED => format!("确认{what}"),
                _ => format!("不予{what}：{}", request.decision),
            };
            steps.push(MergeStep { at, who: name(account), what });
        }
    }
    Ok(steps)
}
