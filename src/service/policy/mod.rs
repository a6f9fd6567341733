//! Policy texts as data: one person of the province proposes a text with the document behind it,
//! another publishes it, and no text is published while one of its golden cases fails. What was
//! computed under an earlier text stays as it is.

mod cases;
mod decide;
mod keep;
mod propose;
mod shown;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

pub use cases::{
    CaseHistory, CaseLine, CaseStep, CaseVersion, Typed, add_case, case_history, cases_in_force,
    change_case, kind_of_cases,
};
pub use decide::{Verdict, decide};
pub(super) use keep::{
    Shipped, hold as hold_policies, keep_once as keep_policy_once, parse as parse_text,
};
pub use propose::{NewText, propose, text_in_force};
pub(super) use shown::parameters;
pub use shown::{
    LoadedText, PolicyLine, PolicyPage, PolicyParameter, Standing, policies, policy_page, standing,
};

use super::attachment::Subject;
use super::{Actor, Error};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::{Act, Scope};
use crate::domain::policy_text::{Stretch, compare};
use crate::domain::registry::Code;
use crate::store::directory;
use crate::store::policy::{self as store, Draft};
use crate::store::source;
use cases::CaseBook;
use keep::{applying, known};

code_list! {
    /// Where a proposed text stands.
    DraftState {
        /// Waits for another person.
        Open = "open", "待发布";
        /// Published.
        Published = "published", "已发布";
        /// Sent back.
        Refused = "refused", "已退回";
        /// Taken back.
        Withdrawn = "withdrawn", "已撤回";
    }
}

/// The streams whose texts come with the program, with the titles of their texts, by code.
///
/// # Errors
/// When a text that comes with the program does not read, which the tests rule out.
pub(super) fn shipped_titles() -> Result<BTreeMap<String, String>, Error> {
    let titled = |shipped: &Shipped| {
        let text = parse_text(shipped.text)?;
        Ok((shipped.programme.to_owned(), text.title().to_owned()))
    };
    keep::SHIPPED.iter().map(titled).collect()
}

fn state_of(draft: &Draft) -> Result<DraftState, Error> {
    let code = draft.verdict.as_deref().unwrap_or("open");
    DraftState::from_code(code)
        .ok_or_else(|| Error::Internal(format!("verdict of draft {}", draft.draft_no)))
}

/// A proposed text in the list.
#[derive(Debug, Clone)]
pub struct DraftLine {
    /// Official number.
    pub no: String,
    /// Title of the text.
    pub title: String,
    /// Where it stands.
    pub state: DraftState,
    /// Document behind it: title and number.
    pub document: (String, String),
    /// Why it was proposed.
    pub reason: String,
    /// Who proposed it, and when.
    pub proposed: (String, DateTime<Utc>),
    /// Who decided, when, and what they said; `None` while it waits.
    pub decided: Option<(String, DateTime<Utc>, String)>,
    /// SHA-256 of the text.
    pub sha256: String,
    /// Whether the reader proposed it.
    pub is_own: bool,
}

/// A proposed text with everything to decide it by.
#[derive(Debug, Clone)]
pub struct DraftPage {
    /// Summary.
    pub line: DraftLine,
    /// The text.
    pub content: String,
    /// The text it starts from and this one beside each other.
    pub stretches: Vec<Stretch>,
    /// Whether that text is still in force.
    pub base_is_current: bool,
    /// Whether it needs cases to be published.
    pub has_cases: bool,
    /// All cases, run under this text.
    pub cases: Vec<CaseLine>,
    /// The document behind it, which may have files.
    pub subject: Subject,
}

/// Whoever looks at proposals and scenarios: offices of the province, not enterprises.
pub(super) fn must_see(actor: &Actor) -> Result<(), Error> {
    actor.must(Act::ReadEntitlements)?;
    if actor.scope == Scope::Province { Ok(()) } else { Err(Error::Forbidden(Act::DraftPolicies)) }
}

/// The proposed texts of a policy, the latest first.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn drafts(app: &App, actor: &Actor, id: &str) -> Result<Vec<DraftLine>, Error> {
    must_see(actor)?;
    known(id)?;
    let rows = store::drafts(app.db.read(), id).await?;
    lines(app, actor, &rows).await
}

async fn lines(app: &App, actor: &Actor, rows: &[Draft]) -> Result<Vec<DraftLine>, Error> {
    let read = app.db.read();
    let people: Vec<i64> =
        rows.iter().flat_map(|row| [Some(row.proposed_by), row.decided_by]).flatten().collect();
    let names = directory::account_names(read, &people).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.source_id).collect();
    let documents = source::by_ids(read, &ids).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let line = |row: &Draft| {
        let document = documents.iter().find(|document| document.id == row.source_id);
        let decided = row.decided_by.zip(row.decided_at);
        Ok(DraftLine {
            no: row.draft_no.clone(),
            title: row.title.clone(),
            state: state_of(row)?,
            document: document
                .map(|found| (found.title.clone(), found.document_no.clone()))
                .unwrap_or_default(),
            reason: row.reason.clone(),
            proposed: (name(row.proposed_by), row.proposed_at),
            decided: decided.map(|(by, at)| (name(by), at, row.note.clone().unwrap_or_default())),
            sha256: row.sha256.clone(),
            is_own: row.proposed_holder == actor.holder_id,
        })
    };
    rows.iter().map(line).collect()
}

/// The policy that a proposed text is of.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn policy_of(app: &App, actor: &Actor, draft_no: &str) -> Result<String, Error> {
    must_see(actor)?;
    let found = store::policy_of(app.db.read(), draft_no).await?;
    found.ok_or(Error::NotFound("这份政策草稿"))
}

/// How many texts wait, by policy.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn waiting(app: &App, actor: &Actor) -> Result<HashMap<String, i64>, Error> {
    must_see(actor)?;
    Ok(store::open_by_policy(app.db.read()).await?.into_iter().collect())
}

/// How many texts of others wait for the actor to decide.
pub(super) async fn waiting_for(app: &App, actor: &Actor) -> Result<i64, Error> {
    Ok(store::count_open(app.db.read(), actor.holder_id).await?)
}

/// How many policies end soon or are over; 0 for whoever proposes no texts.
pub(super) async fn ending(app: &App, actor: &Actor) -> Result<i64, Error> {
    if !actor.role.may(Act::DraftPolicies) {
        return Ok(0);
    }
    let near = policies(app, actor).await?.into_iter().filter(|line| line.ending.is_some());
    Ok(i64::try_from(near.count()).unwrap_or(i64::MAX))
}

/// A proposed text beside the one it starts from, with its cases.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn draft_page(
    app: &App,
    actor: &Actor,
    (id, draft_no): (&str, &str),
) -> Result<DraftPage, Error> {
    must_see(actor)?;
    let read = app.db.read();
    let book = CaseBook::read(read, id).await?;
    let draft = book.draft(draft_no)?;
    let base = crate::store::stipend::policy(read, draft.base_document_id).await?;
    let base = base.ok_or_else(|| Error::Internal(format!("base of draft {draft_no}")))?;
    let applies = applying(read, id).await?;
    let policy = parse_text(&draft.content)?;
    let line = lines(app, actor, std::slice::from_ref(draft)).await?.pop();
    Ok(DraftPage {
        line: line.ok_or(Error::NotFound("这份政策草稿"))?,
        content: draft.content.clone(),
        stretches: compare(&parse_text(&base.content)?, &policy),
        base_is_current: applies.is_some_and(|document| document.id == base.id),
        has_cases: policy.computes(),
        cases: book.lines(&policy, book.of_draft(draft), Some(draft.id))?,
        subject: Subject::source_document(draft.source_id),
    })
}
