//! The policy text of the stream: who pays, and from when to when.

use super::PROGRAMME;
use crate::app::App;
use crate::domain::agreed::AgreedPolicy;
use crate::file::hash::sha256_hex;
use crate::service::stipend::{hold_policies, keep_policy};
use crate::service::{Actor, Error};
use crate::store::db::{Connection, Tx};
use crate::store::stipend;

/// The text that comes with the program.
const SHIPPED: &str = include_str!("../../../policies/case-agreement.toml");

/// The text that says who pays, with its identity.
pub(in crate::service) async fn policy_text(
    conn: &impl Connection,
    id: i64,
) -> Result<(i64, AgreedPolicy), Error> {
    let missing = || Error::Internal(format!("policy document {id}"));
    let document = stipend::policy(conn, id).await?.ok_or_else(missing)?;
    let policy = AgreedPolicy::parse(&document.content, PROGRAMME)
        .map_err(|error| Error::Internal(error.to_string()))?;
    Ok((id, policy))
}

/// Loads the text that comes with the program unless it is loaded; gives its identity.
pub(super) async fn ensure(app: &App, tx: &Tx, actor: &Actor) -> Result<i64, Error> {
    hold_policies(tx).await?;
    let sha256 = sha256_hex(SHIPPED.as_bytes());
    let loaded = stipend::policies_of(tx, PROGRAMME).await?;
    if let Some(document) = loaded.iter().find(|document| document.sha256 == sha256) {
        return Ok(document.id);
    }
    let policy = AgreedPolicy::parse(SHIPPED, PROGRAMME)
        .map_err(|error| Error::Internal(error.to_string()))?;
    keep_policy(app, tx, actor, (PROGRAMME, policy.title(), SHIPPED)).await
}
