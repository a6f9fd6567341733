//! Policy texts: the shipped one, and which one a run applies.

use serde_json::json;

use crate::app::App;
use crate::domain::edition::Policy;
use crate::domain::golden::{CaseFile, GoldenCase};
use crate::file::hash::sha256_hex;
use crate::service::policy::{case_series, case_text};
use crate::service::{Actor, Error, log};
use crate::store::db::{Connection, Tx};
use crate::store::number;
use crate::store::policy::{self as drafts, NewCase, With};
use crate::store::stipend::{self as store, PolicyDocument};

/// Identifier of the core-engineer policy, the programme of all stipend runs.
pub const CORE_ENGINEER: &str = "core-engineer";

/// The text that comes with the program.
const SHIPPED: &str = include_str!("../../../policies/core-engineer.toml");

/// The cases that come with it.
const SHIPPED_CASES: &str = include_str!("../../../policies/core-engineer.cases.toml");

/// Loads the policy text that comes with this program with its golden cases, unless it is loaded already.
///
/// # Errors
/// When the database refuses.
pub async fn ensure_shipped_policy(app: &App, actor: &Actor) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    ensure(app, &tx, actor).await?;
    tx.commit().await?;
    Ok(())
}

/// The same inside a transaction, which from here on is alone in loading texts and starting runs.
pub(in crate::service) async fn ensure(app: &App, tx: &Tx, actor: &Actor) -> Result<(), Error> {
    hold(tx).await?;
    let sha256 = sha256_hex(SHIPPED.as_bytes());
    let loaded = store::policies_of(tx, CORE_ENGINEER).await?;
    if let Some(shipped) = loaded.iter().find(|document| document.sha256 == sha256) {
        return ensure_cases(app, tx, actor, shipped.id).await;
    }
    let proposed = drafts::drafts(tx, CORE_ENGINEER).await?;
    if proposed.iter().any(|draft| draft.policy_document_id.is_some()) {
        // The province publishes its own texts: one that a new program brings does not undo them.
        return Ok(());
    }
    let policy = parse(SHIPPED)?;
    let document = keep(app, tx, actor, (policy.id().as_str(), policy.title(), SHIPPED)).await?;
    ensure_cases(app, tx, actor, document).await
}

/// Keeps a text of a programme, with its title, that comes with the program, unless it is kept; gives
/// its identity. The transaction is alone in loading texts from here on.
pub(in crate::service) async fn keep_once(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    text: (&str, &str, &str),
) -> Result<i64, Error> {
    hold(tx).await?;
    let (programme, _, content) = text;
    let sha256 = sha256_hex(content.as_bytes());
    let loaded = store::policies_of(tx, programme).await?;
    match loaded.iter().find(|document| document.sha256 == sha256) {
        Some(document) => Ok(document.id),
        None => keep(app, tx, actor, text).await,
    }
}

/// Keeps a text of a programme, with its title, that comes with the program; gives its identity.
async fn keep(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (programme, title, content): (&str, &str, &str),
) -> Result<i64, Error> {
    let sha256 = sha256_hex(content.as_bytes());
    let new = store::NewPolicyDocument {
        programme,
        title,
        sha256: &sha256,
        content,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    let document = store::add_policy(tx, &new).await?;
    let detail = json!({ "title": title, "sha256": sha256 });
    log(app, tx, actor, "policy.loaded", ("policy", programme), &detail).await?;
    Ok(document)
}

/// Alone in loading texts, keeping cases and starting runs until the transaction ends.
pub(in crate::service) async fn hold(tx: &Tx) -> Result<(), Error> {
    // Taking no number still holds the counter: two cannot load the text at once.
    number::allocate(tx, "policy", 0).await?;
    Ok(())
}

/// Keeps the shipped cases with the shipped text, unless they are.
async fn ensure_cases(app: &App, tx: &Tx, actor: &Actor, document: i64) -> Result<(), Error> {
    let kept = drafts::cases(tx, CORE_ENGINEER).await?;
    if kept.iter().any(|case| case.policy_document_id == Some(document)) {
        return Ok(());
    }
    let unreadable = |error: crate::domain::golden::CaseError| Error::Internal(error.to_string());
    let written = CaseFile::read(SHIPPED_CASES).map_err(unreadable)?.case;
    let texts =
        written.into_iter().map(|case| case_text(&GoldenCase::new(case).map_err(unreadable)?));
    let texts: Vec<String> = texts.collect::<Result<_, Error>>()?;
    let count = i64::try_from(texts.len()).unwrap_or(0);
    let first = number::allocate(tx, &case_series(CORE_ENGINEER), count).await?;
    let (by, at) = ((actor.account_id, actor.holder_id), app.clock.now());
    let with = With::Document(document);
    let new: Vec<NewCase<'_>> = (first..)
        .zip(&texts)
        .map(|(case_no, content)| NewCase {
            programme: CORE_ENGINEER,
            number: (case_no, 1),
            with,
            content,
            reason: "",
            by,
            at,
        })
        .collect();
    drafts::add_cases(tx, &new).await?;
    Ok(())
}

/// The text that a new run applies: the one published last.
pub(in crate::service) async fn current(
    conn: &impl Connection,
) -> Result<(PolicyDocument, Policy), Error> {
    let document = store::policies_of(conn, CORE_ENGINEER).await?.into_iter().next();
    let document = document.ok_or(Error::NotFound("政策文件"))?;
    let policy = parse(&document.content)?;
    Ok((document, policy))
}

/// Whether some parameter rests on a default assumption.
pub(super) fn has_defaults(policy: &Policy) -> bool {
    policy.versions().iter().flat_map(super::edition::parameters).any(|p| p.is_default)
}

/// A kept text was read before it was kept, so it can be read again.
pub(in crate::service) fn parse(content: &str) -> Result<Policy, Error> {
    Policy::parse(content, "policy").map_err(|error| Error::Internal(error.to_string()))
}
