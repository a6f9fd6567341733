//! The approver's electronic signature: over the hash of what was frozen, by somebody who has just
//! typed the own password (domain.md 7.2). It is keyed, so that whoever can write to the database
//! but has not the installation's key cannot make one.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::money::Fen;
use crate::service::{Actor, Error};
use crate::store::db::Tx;
use crate::store::payment::{self as store, Batch, SignatureRow};
use crate::vault::kind;

/// What is signed, line by line.
fn statement(batch: &Batch, row: &SignatureRow) -> String {
    format!(
        "juncai-approval/1\n{}\n{}\n{}\n{}\n{}\n{}\n{}",
        batch.batch_no,
        row.revision,
        row.content_hash,
        Fen::new(row.total_fen),
        row.account_id,
        row.holder_id,
        row.signed_at.timestamp()
    )
}

/// Signs a batch as it stands.
pub(super) async fn sign(
    app: &App,
    tx: &Tx,
    (batch, actor): (&Batch, &Actor),
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let mut row = SignatureRow {
        id: 0,
        batch_id: batch.id,
        revision: batch.revision,
        content_hash: batch.content_hash.clone(),
        total_fen: batch.total_fen,
        account_id: actor.account_id,
        holder_id: actor.holder_id,
        signed_at: at,
        signature: String::new(),
    };
    row.signature = app.vault.index(kind::APPROVAL, &statement(batch, &row));
    Ok(store::sign(tx, row).await?)
}

/// Whether a signature is one of this installation, over the batch as it stands, by the approver
/// on record.
pub(in crate::service) fn is_good(app: &App, batch: &Batch, row: &SignatureRow) -> bool {
    let of_batch = row.revision == batch.revision
        && row.content_hash == batch.content_hash
        && row.total_fen == batch.total_fen
        && batch.approved_by == Some(row.holder_id);
    let made = app.vault.index(kind::APPROVAL, &statement(batch, row));
    of_batch && app.vault.are_equal(&made, &row.signature)
}

/// Makes sure that an approved batch bears a signature that holds. Batches approved before there
/// were signatures bear none, and are refused: they are sent back and approved again.
pub(super) async fn must_hold(app: &App, tx: &Tx, batch: &Batch) -> Result<(), Error> {
    match store::signature(tx, batch).await? {
        Some(row) if is_good(app, batch, &row) => Ok(()),
        Some(_) => Err(Error::Refused(format!(
            "批次 {} 的审批签名与内容不符，已停止办理。请勿付款，并通知审计人员核查",
            batch.batch_no
        ))),
        None => Err(Error::Refused(format!(
            "批次 {} 没有审批人的电子签名，请退回编制，重新冻结、复核和审批",
            batch.batch_no
        ))),
    }
}
