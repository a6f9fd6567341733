//! What the pages about batches show. Reads only; the acts are in the payment use cases.

mod control;
mod details;
mod draft;
mod offer;
mod ready;
mod sample;
mod summary;
mod suspense;
mod view;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::budget::visible_payer;
use super::{Actor, Error};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::State;
use crate::domain::registry::Code;
use crate::domain::tax::TaxTreatment;
use crate::store::batch_view as rows;

pub use crate::store::batch_view::Line as FrozenLine;
pub use crate::store::payment::SampledLine;

pub use control::{Control, control};
pub use details::{Details, SHEET, details};
pub use draft::{Choices, choices, draft_preview};
pub use offer::Offer;
pub use ready::{ReadyLine, USUAL_LINES, create_ready, ready, usual_purpose};
pub use sample::{SamplePage, SampleView, sample};
pub use summary::{RegionSum, Signature, Summary, summary};
pub use suspense::{ClassCount, SuspensePage, SuspenseRow, suspense};
pub use view::{
    BatchView, Deed, FileView, LineView, Move, Progress, Reconciliation, ReturnRowView, ReturnView,
    StepView, moved_since, view,
};

/// Rows on one page of a list.
pub const PAGE: i64 = 50;

/// A batch as lists show it.
#[derive(Debug, Clone)]
pub struct BatchItem {
    /// Official number.
    pub no: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Year whose budget pays.
    pub budget_year: i64,
    /// Code of the source.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Payments; 0 until it is frozen.
    pub lines: i64,
    /// Their sum.
    pub total: Fen,
    /// Where it stands.
    pub state: State,
    /// Name of who made it.
    pub maker: String,
    /// Name of who checked it.
    pub checker: Option<String>,
    /// Name of who approved it.
    pub approver: Option<String>,
    /// When it last moved.
    pub changed_at: DateTime<Utc>,
}

/// A page of the list of batches.
#[derive(Debug, Clone)]
pub struct BatchList {
    /// The batches of the page, newest first.
    pub items: Vec<BatchItem>,
    /// How many match.
    pub total: i64,
    /// Award years to choose from, newest first.
    pub years: Vec<i64>,
}

/// Which batches to list.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// Only this award year.
    pub award_year: Option<i64>,
    /// Only this state.
    pub state: Option<State>,
}

/// The batches of the actor's payer, newest first. `page` counts from 0.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &ListFilter,
    page: i64,
) -> Result<BatchList, Error> {
    actor.must(Act::ReadBatches)?;
    let conn = app.db.read();
    let payer = visible_payer(actor);
    let filter = rows::BatchFilter {
        payer_division: payer.map(str::to_owned),
        award_year: filter.award_year,
        state: filter.state.map(|state| state.code().to_owned()),
    };
    let (offset, limit) = window(page);
    let (found, total) = rows::list(conn, &filter, offset, limit).await?;
    let names = rows::holder_names(conn, found.iter().flat_map(people)).await?;
    let moved = rows::last_moves(conn, found.iter().map(|batch| batch.id)).await?;
    let items = found.iter().map(|batch| item(batch, &names, &moved)).collect::<Result<_, _>>()?;
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    Ok(BatchList { items, total, years: rows::years(conn, payer).await? })
}

/// First row and number of rows of a page counted from 0.
fn window(page: i64) -> (u64, u64) {
    let offset = page.clamp(0, 1_000_000) * PAGE;
    (u64::try_from(offset).unwrap_or(0), u64::try_from(PAGE).unwrap_or(0))
}

fn people(batch: &rows::Batch) -> Vec<i64> {
    [Some(batch.made_by), batch.checked_by, batch.approved_by].into_iter().flatten().collect()
}

fn item(
    batch: &rows::Batch,
    names: &BTreeMap<i64, String>,
    moved: &BTreeMap<i64, DateTime<Utc>>,
) -> Result<BatchItem, Error> {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    Ok(BatchItem {
        no: batch.batch_no.clone(),
        award_year: batch.award_year,
        budget_year: batch.budget_year,
        source: batch.source.clone(),
        payer_division: batch.payer_division.clone(),
        lines: batch.line_count,
        total: Fen::new(batch.total_fen),
        state: state_of(batch)?,
        maker: name(batch.made_by),
        checker: batch.checked_by.map(name),
        approver: batch.approved_by.map(name),
        changed_at: moved.get(&batch.id).copied().unwrap_or(batch.created_at),
    })
}

fn state_of(batch: &rows::Batch) -> Result<State, Error> {
    State::from_code(&batch.state)
        .ok_or_else(|| Error::Internal(format!("unknown state of batch {}", batch.id)))
}

/// How the tax of a frozen batch is handled.
#[derive(Debug, Clone, Copy)]
pub struct Taxed {
    /// By what treatment.
    pub treatment: TaxTreatment,
    /// Withheld.
    pub tax: Fen,
    /// What the bank pays.
    pub net: Fen,
}

/// `None` for a draft, and for a batch from before taxes were settled.
async fn taxed(app: &App, batch: &rows::Batch) -> Result<Option<Taxed>, Error> {
    let Some(treatment) = TaxTreatment::from_code(&batch.tax_treatment) else { return Ok(None) };
    let tax = Fen::new(rows::tax(app.db.read(), batch).await?);
    let net = Fen::new(batch.total_fen).checked_sub(tax);
    let net = net.ok_or_else(|| Error::Internal(format!("tax of batch {}", batch.id)))?;
    Ok(Some(Taxed { treatment, tax, net }))
}

/// The batch with this number, if the actor may see it.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`], [`Error::NotFound`] for a batch of another
/// payer as for none: an office learns nothing of another's numbers.
pub(in crate::service) async fn visible_batch(
    app: &App,
    actor: &Actor,
    batch_no: &str,
) -> Result<rows::Batch, Error> {
    actor.must(Act::ReadBatches)?;
    let found = rows::by_no(app.db.read(), batch_no).await?;
    let payer = visible_payer(actor);
    found
        .filter(|batch| payer.is_none_or(|payer| payer == batch.payer_division))
        .ok_or(Error::NotFound("该批次"))
}
