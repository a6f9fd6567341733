//! Policy texts: the shipped one, and which one a run applies.

use serde_json::json;

use crate::app::App;
use crate::domain::edition::Policy;
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error, log};
use crate::store::db::Tx;
use crate::store::number;
use crate::store::stipend::{self as store, PolicyDocument};

/// Identifier of the core-engineer policy, the programme of all stipend runs.
pub const CORE_ENGINEER: &str = "core-engineer";

/// The text that comes with the program.
const SHIPPED: &str = include_str!("../../../policies/core-engineer.toml");

/// Loads the policy text that comes with this program, unless it is loaded already.
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
pub(super) async fn ensure(app: &App, tx: &Tx, actor: &Actor) -> Result<(), Error> {
    // Taking no number still holds the counter: two cannot load the text at once.
    number::allocate(tx, "policy", 0).await?;
    let sha256 = sha256_hex(SHIPPED.as_bytes());
    let loaded = store::policies_of(tx, CORE_ENGINEER).await?;
    if loaded.iter().any(|document| document.sha256 == sha256) {
        return Ok(());
    }
    let policy = parse(SHIPPED)?;
    let new = store::NewPolicyDocument {
        programme: policy.id(),
        title: policy.title(),
        sha256: &sha256,
        content: SHIPPED,
        recorded_by: actor.account_id,
        recorded_at: app.clock.now(),
    };
    store::add_policy(tx, &new).await?;
    let detail = json!({ "title": policy.title(), "sha256": sha256 });
    log(app, tx, actor, "policy.loaded", ("policy", policy.id()), &detail).await
}

/// The text that a new run applies: the one loaded last.
pub(in crate::service) async fn current(tx: &Tx) -> Result<(PolicyDocument, Policy), Error> {
    let document = store::policies_of(tx, CORE_ENGINEER).await?.into_iter().next();
    let document = document.ok_or(Error::NotFound("政策文件"))?;
    let policy = parse(&document.content)?;
    Ok((document, policy))
}

/// Whether some parameter rests on a default assumption.
pub(super) fn has_defaults(policy: &Policy) -> bool {
    policy.versions().iter().flat_map(super::edition::parameters).any(|p| p.is_default)
}

/// A kept text was read before it was kept, so it can be read again.
pub(super) fn parse(content: &str) -> Result<Policy, Error> {
    Policy::parse(content, "policy").map_err(|error| Error::Internal(error.to_string()))
}
