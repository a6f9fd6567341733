//! Proposing a text.

use serde_json::json;

use super::keep::{applying, known};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::policy_text::PolicyText;
use crate::file::hash::sha256_hex;
use crate::service::payment::text_or_fault;
use crate::service::{Actor, Error, invalid, log};
use crate::store::policy::{self as store, NewDraft};
use crate::store::source::{self, NewSource};
use crate::store::stipend as texts;

/// Longest text, in bytes.
const TEXT_MAX: usize = 64 << 10;
/// Longest title, number or reason, in characters.
const WORDS_MAX: usize = 200;

/// A text as it is typed, pasted or uploaded.
#[derive(Debug, Clone, Default)]
pub struct NewText {
    /// The text, TOML.
    pub text: String,
    /// Title of the document that decides the change.
    pub document_title: String,
    /// Its number.
    pub document_no: String,
    /// Why.
    pub reason: String,
}

/// One kind of line ends, one at the end: the same text has the same hash.
pub(in crate::service) fn tidy(text: &str) -> String {
    format!("{}\n", text.replace("\r\n", "\n").trim())
}

/// The text in force, to start from.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn text_in_force(app: &App, actor: &Actor, id: &str) -> Result<String, Error> {
    super::must_see(actor)?;
    let shipped = known(id)?.text;
    let applies = applying(app.db.read(), id).await?;
    Ok(applies.map_or_else(|| shipped.to_owned(), |document| document.content))
}

fn read(id: &str, text: &str) -> Result<PolicyText, String> {
    if text.len() > TEXT_MAX {
        return Err(format!("正文不能超过 {} KB", TEXT_MAX >> 10));
    }
    let read = PolicyText::parse(text, "正文")
        .map_err(|error| format!("第 {} 行 {}：{}", error.line, error.key, error.message))?;
    if read.id() != id {
        return Err(format!("id 应为 {id:?}：一份正文只改一项政策"));
    }
    if let PolicyText::Stipend(policy) = &read
        && policy.versions().iter().any(|version| !version.relations().is_empty())
    {
        let text = "正文不写 version.relation：某一类奖补与本奖补的关系请在“冲突目录”中按年度提出";
        return Err(text.to_owned());
    }
    Ok(read)
}

/// Proposes a text; it applies once another person has published it. Returns its number.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] with the fields, for the text by
/// line and key; [`Error::Refused`] when the same text is proposed already.
pub async fn propose(app: &App, actor: &Actor, id: &str, new: &NewText) -> Result<String, Error> {
    actor.must(Act::DraftPolicies)?;
    let shipped = known(id)?;
    let mut faults = Vec::new();
    let mut words = |field: &str, label: &str, typed: &str| {
        text_or_fault(&mut faults, (field, label), typed, WORDS_MAX)
    };
    let title = words("title", "依据文件的标题", &new.document_title);
    let document_no = words("document_no", "依据文件的文号", &new.document_no);
    let reason = words("reason", "修改理由", &new.reason);
    let text = tidy(&new.text);
    let policy = read(id, &text).map_err(|wrong| faults.push(invalid("text", wrong)));
    let (Ok(policy), true) = (policy, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let tx = app.db.begin().await?;
    let base_document_id = shipped.ensure(app, &tx, actor).await?;
    let sha256 = sha256_hex(text.as_bytes());
    let loaded = texts::policies_of(&tx, id).await?;
    if let Some(at) = loaded.iter().position(|document| document.sha256 == sha256) {
        let text = format!(
            "与第 {} 版的正文完全相同；要恢复旧口径，请在正文中加一行注释说明",
            loaded.len() - at
        );
        return Err(Error::Invalid(vec![invalid("text", text)]));
    }
    let open = store::drafts(&tx, id).await?.into_iter().filter(|d| d.decided_at.is_none());
    if let Some(same) = open.into_iter().find(|draft| draft.sha256 == sha256) {
        return Err(Error::Refused(format!(
            "草稿 {} 的正文与此相同，请在该草稿上办理",
            same.draft_no
        )));
    }
    let at = app.clock.now();
    let document = NewSource {
        kind: "decision",
        title: &title,
        document_no: &document_no,
        import_id: None,
        recorded_by: actor.account_id,
        recorded_at: at,
    };
    let draft = NewDraft {
        programme: id,
        title: policy.title(),
        sha256: &sha256,
        content: &text,
        base_document_id,
        source_id: source::record(&tx, &document).await?,
        reason: &reason,
        by: (actor.account_id, actor.holder_id),
        at,
    };
    let no = store::propose(&tx, &draft).await?;
    let detail =
        json!({ "policy": id, "sha256": sha256, "document_no": document_no, "reason": reason });
    log(app, &tx, actor, "policy.drafted", ("policy_draft", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}
