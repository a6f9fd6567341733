//! What a checker looks at before confirming a batch.

use serde_json::json;

use super::super::payment::{account_no, sample_plan};
use super::super::seen::{SeenKind, note_many};
use super::super::{Actor, Error, log};
use super::view::hands;
use super::{Summary, rows, state_of, summary, visible_batch};
use crate::app::App;
use crate::domain::payment::{Action, SampleReason, permit};
use crate::store::payment::{self as store, AccountOrigin};

/// Payments that a checker can add to the sample.
const MOST_CHOSEN: usize = 50;

/// A payment to be compared with the papers.
#[derive(Debug, Clone)]
pub struct SampleView {
    /// The payment.
    pub line: rows::Line,
    /// Number of the account, whole: it is compared with the papers.
    pub account_no: String,
    /// Where the account comes from.
    pub origin: AccountOrigin,
    /// Why it is looked at.
    pub reason: SampleReason,
}

/// The page on which a batch is checked.
#[derive(Debug, Clone)]
pub struct SamplePage {
    /// What the printed form says.
    pub summary: Summary,
    /// Sent with the form.
    pub version: i64,
    /// The sample, by position.
    pub rows: Vec<SampleView>,
}

/// The sample of a frozen batch, with the payments at the positions `chosen` beside it. That the
/// actor saw these accounts is logged.
///
/// # Errors
/// [`Error::Forbidden`] for a role that may not check, [`Error::NotFound`] for a batch of another
/// payer, [`Error::Refused`] when it does not wait for a check, or for one by another person.
pub async fn sample(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    chosen: &[i64],
) -> Result<SamplePage, Error> {
    let batch = visible_batch(app, actor, batch_no).await?;
    let tx = app.db.begin().await?;
    let hands = hands(&batch, &rows::steps(&tx, batch.id).await?);
    permit(state_of(&batch)?, Action::Check, actor.role, actor.holder_id, &hands)?;
    let lines = store::frozen_lines(&tx, &batch).await?;
    let mut plan = sample_plan(&tx, &batch, &lines).await?;
    for seq in chosen.iter().take(MOST_CHOSEN) {
        plan.entry(*seq).or_insert(SampleReason::Chosen);
    }
    let positions: Vec<i64> = plan.keys().copied().collect();
    let shown = rows::lines(&tx, &batch, rows::Pick::At(&positions)).await?;
    let origins = store::account_origins(&tx, &batch, &positions).await?;
    let mut found = Vec::with_capacity(shown.len());
    for (line, origin) in shown.into_iter().zip(origins) {
        let account_no = account_no(app, &origin.account_cipher, &origin.account_index)?;
        let reason = plan.get(&line.seq).copied().unwrap_or(SampleReason::Chosen);
        found.push(SampleView { line, account_no, origin, reason });
    }
    let seen: Vec<i64> = found.iter().map(|row| row.line.seq).collect();
    let detail = json!({ "revision": batch.revision, "lines": seen });
    log(app, &tx, actor, "batch.accounts_seen", ("batch", batch_no), &detail).await?;
    let persons: Vec<&str> = found.iter().map(|row| row.line.person_no.as_str()).collect();
    note_many(app, &tx, actor, (SeenKind::Record, &persons)).await?;
    tx.commit().await?;
    let summary = summary(app, actor, batch_no).await?;
    Ok(SamplePage { summary, version: batch.version, rows: found })
}
