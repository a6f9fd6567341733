//! The policy of the stipend: the shipped text, and which one a run applies.

use crate::app::App;
use crate::domain::edition::Policy;
use crate::service::policy::Shipped;
use crate::service::{Actor, Error};
use crate::store::db::{Connection, Tx};
use crate::store::stipend::{self as store, PolicyDocument};

/// Identifier of the core-engineer policy, the programme of all stipend runs.
pub const CORE_ENGINEER: &str = "core-engineer";

/// Name of the set of default assumptions in the shipped text (domain.md 8.1).
pub const DEFAULT_RULES: &str = "RS-1";

/// The text and the cases that come with the program.
pub(in crate::service) const TEXT: Shipped = Shipped {
    programme: CORE_ENGINEER,
    text: include_str!("../../../policies/core-engineer.toml"),
    cases: Some(include_str!("../../../policies/core-engineer.cases.toml")),
};

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
    TEXT.ensure(app, tx, actor).await.map(|_| ())
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
    let mut parameters = policy.versions().iter().flat_map(|version| version.parameters());
    parameters.any(|parameter| parameter.is_default_assumption)
}

/// A kept text was read before it was kept, so it can be read again.
pub(in crate::service) fn parse(content: &str) -> Result<Policy, Error> {
    Policy::parse(content, "policy").map_err(|error| Error::Internal(error.to_string()))
}
