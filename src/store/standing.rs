//! How much waits to be done by the program itself.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::db::query;

/// Counts of what waits, and of what the log holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromQueryResult)]
pub struct Waiting {
    /// Lists to be written.
    pub exports: i64,
    /// Years that are being computed.
    pub runs: i64,
    /// Scenarios to be worked out.
    pub scenarios: i64,
    /// Mail to be sent.
    pub mail: i64,
    /// Events to be sent.
    pub events: i64,
    /// Entries of the log.
    pub log_entries: i64,
}

const WAITING: &str = "
SELECT
  (SELECT COUNT(*) FROM export_job WHERE state IN ('queued', 'running')) AS exports,
  (SELECT COUNT(*) FROM compute_run WHERE finished_at IS NULL) AS runs,
  (SELECT COUNT(*) FROM scenario WHERE finished_at IS NULL) AS scenarios,
  (SELECT COUNT(*) FROM mail_outbox WHERE state = 'waiting') AS mail,
  (SELECT COUNT(*) FROM webhook_delivery WHERE state = 'waiting') AS events,
  (SELECT COALESCE(MAX(id), 0) FROM audit_event) AS log_entries";

/// What waits now.
///
/// # Errors
/// When the database fails.
pub async fn waiting(conn: &impl ConnectionTrait) -> Result<Waiting, DbErr> {
    Ok(query(conn, WAITING, []).await?.pop().unwrap_or_default())
}
