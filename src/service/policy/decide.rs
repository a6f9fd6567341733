//! Publishing a proposed text, sending it back, taking it back.

use serde_json::json;

use super::cases::{CaseBook, failing};
use super::keep::{applying, hold, parse};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Act;
use crate::service::payment::required_text;
use crate::service::{Actor, Error, log, visit};
use crate::store::db::Tx;
use crate::store::policy::{self as store, Decision, Draft};
use crate::store::stipend::{self as texts, NewPolicyDocument};

/// Longest note, in characters.
const NOTE_MAX: usize = 200;

code_list! {
    /// What is done with a proposed text.
    Verdict {
        /// From now on it applies to whatever begins.
        Publish = "publish", "发布，此后开始的核定和申报按此正文";
        /// Another person sends it back.
        Refuse = "refuse", "退回修改";
        /// Whoever proposed it takes it back.
        Withdraw = "withdraw", "撤回";
    }
}

/// Publishes a text that somebody else proposed, sends it back, or takes one's own back.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Stale`] when it was decided before or the
/// text it starts from is no longer in force; [`Error::Refused`] for one's own, for whoever changed
/// an expectation, and while a case fails; [`Error::Invalid`] without a reason (`note`).
pub async fn decide(
    app: &App,
    actor: &Actor,
    (id, draft_no): (&str, &str),
    (verdict, note): (Verdict, &str),
) -> Result<(), Error> {
    actor.must(Act::DraftPolicies)?;
    let note = match (verdict, note.trim()) {
        (Verdict::Publish, "") => String::new(),
        (_, typed) => required_text("note", "说明", typed, NOTE_MAX)?,
    };
    let tx = app.db.begin().await?;
    // From here on nobody else publishes, adds cases or starts a run.
    hold(&tx).await?;
    let draft = store::lock_draft(&tx, id, draft_no).await?;
    let draft = draft.ok_or(Error::NotFound("这份政策草稿"))?;
    if draft.decided_at.is_some() {
        return Err(Error::Stale("这份草稿已由他人办理".to_owned()));
    }
    let is_own = draft.proposed_holder == actor.holder_id;
    let document = match verdict {
        Verdict::Publish if is_own => {
            return Err(Error::Refused("您提出的草稿须由另一人发布；您可以撤回".to_owned()));
        }
        Verdict::Refuse if is_own => {
            return Err(Error::Refused("这份草稿由您提出，请选择撤回".to_owned()));
        }
        Verdict::Withdraw if !is_own => {
            return Err(Error::Refused("草稿只能由提出人撤回，您可以退回修改".to_owned()));
        }
        Verdict::Publish => Some(publish(app, &tx, actor, &draft).await?),
        Verdict::Refuse | Verdict::Withdraw => None,
    };
    let (stored, action) = match verdict {
        Verdict::Publish => (store::PUBLISHED, "policy.published"),
        Verdict::Refuse => (store::REFUSED, "policy.refused"),
        Verdict::Withdraw => (store::WITHDRAWN, "policy.withdrawn"),
    };
    let decision = Decision {
        verdict: stored,
        note: &note,
        policy_document_id: document,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    store::decide(&tx, draft.id, &decision).await?;
    let detail = json!({ "policy": id, "sha256": draft.sha256, "note": note });
    log(app, &tx, actor, action, ("policy_draft", draft_no), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Loads the text so that new runs apply it, if every case holds.
async fn publish(app: &App, tx: &Tx, actor: &Actor, draft: &Draft) -> Result<i64, Error> {
    let applies = applying(tx, &draft.programme).await?;
    if applies.is_none_or(|document| document.id != draft.base_document_id) {
        let text = "这份草稿提出以后又发布了新的正文，请撤回后按现行正文重新提出";
        return Err(Error::Stale(text.to_owned()));
    }
    let policy = parse(&draft.content)?;
    let book = CaseBook::read(tx, &draft.programme).await?;
    let standing = book.of_draft(draft);
    let own_change = |case: &&store::Case| {
        let changed = case.draft_id == Some(draft.id) && case.version > 1;
        changed && case.recorded_holder == actor.holder_id
    };
    if standing.iter().any(own_change) {
        let text = "您改动过本稿算例的预期，须由另一人发布";
        return Err(Error::Refused(text.to_owned()));
    }
    if policy.computes() && standing.is_empty() {
        let text = "没有标准算例，不能发布；请先添加算例";
        return Err(Error::Refused(text.to_owned()));
    }
    let wrong = failing(&book.lines(&policy, standing, Some(draft.id))?);
    if !wrong.is_empty() {
        return Err(Error::Refused(format!(
            "有 {} 个算例没有通过：{}。请更正正文；确需改变结果的，先写明理由修改算例的预期",
            wrong.len(),
            wrong.join("；")
        )));
    }
    let new = NewPolicyDocument {
        programme: &draft.programme,
        title: &draft.title,
        sha256: &draft.sha256,
        content: &draft.content,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    let document = texts::add_policy(tx, &new).await?;
    if draft.programme == visit::ALLOWANCE {
        visit::keep_twin(app, tx, actor, &draft.content).await?;
    }
    Ok(document)
}
