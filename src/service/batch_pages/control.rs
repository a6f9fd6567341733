//! The sheet that goes with a bank file: by which whoever receives it sees that it is the one.

use super::view::{file, issuer};
use super::{FileView, Summary, people, rows, summary, visible_batch};
use crate::app::App;
use crate::domain::money::Fen;
use crate::service::{Actor, Error};

/// What a bank file holds, in figures that its receiver can count again.
#[derive(Debug, Clone)]
pub struct Control {
    /// Head, sums by region and signatures.
    pub summary: Summary,
    /// The file, with its SHA-256.
    pub file: FileView,
    /// What the orders of the file add up to: without the tax that is withheld.
    pub ordered: Fen,
    /// Identity of the first and of the last order.
    pub ends: (String, String),
}

/// The sheet of a batch whose file was made.
///
/// # Errors
/// [`Error::NotFound`] before that and for another payer's batch; those of [`super::summary`].
pub async fn control(app: &App, actor: &Actor, batch_no: &str) -> Result<Control, Error> {
    let batch = visible_batch(app, actor, batch_no).await?;
    let conn = app.db.read();
    let steps = rows::steps(conn, batch.id).await?;
    let names = rows::holder_names(conn, people(&batch)).await?;
    let file = file(&batch, issuer(&steps, &names))?.ok_or(Error::NotFound("银行文件"))?;
    let summary = summary::of(app, &batch).await?;
    let tax = summary.taxed.map_or(Fen::ZERO, |taxed| taxed.tax);
    let ordered = summary.item.total.checked_sub(tax);
    Ok(Control {
        ordered: ordered.ok_or_else(|| Error::Internal("a batch below its tax".to_owned()))?,
        ends: rows::ends(conn, &batch).await?,
        summary,
        file,
    })
}
