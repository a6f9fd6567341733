//! The form that is printed and signed.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::{Actor, Error, payment};
use super::{BatchItem, Taxed, item, people, rows, state_of, taxed, visible_batch};
use crate::app::App;
use crate::domain::capital::in_capitals;
use crate::domain::edition::{Parameter, Policy};
use crate::domain::money::Fen;
use crate::domain::payment::State;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::store::payment::signature;

/// A sum by city-level unit.
#[derive(Debug, Clone)]
pub struct RegionSum {
    /// Name of the unit.
    pub name: String,
    /// Payments.
    pub lines: i64,
    /// Their sum.
    pub amount: Fen,
}

/// Who did a step and when.
#[derive(Debug, Clone, Default)]
pub struct Signature {
    /// Name; empty while nobody did.
    pub name: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// What the printed form says.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Head of the batch.
    pub item: BatchItem,
    /// What payees read.
    pub purpose: String,
    /// Account that pays.
    pub payer_account: String,
    /// Sum in capitals.
    pub total_capital: String,
    /// How its tax is handled.
    pub taxed: Option<Taxed>,
    /// Articles that grant the money; the policies' titles where they name none.
    pub basis: Vec<String>,
    /// Hash of the content that three persons act on.
    pub hash: String,
    /// Number of the treasury voucher; may be empty.
    pub voucher_no: String,
    /// Sums by city-level unit; they add up to the total.
    pub regions: Vec<RegionSum>,
    /// Maker, checker, approver of the current revision.
    pub signatures: [Signature; 3],
    /// Whether the approver's electronic signature holds; `None` where there is none.
    pub is_signed: Option<bool>,
}

/// The printable form of a batch whose content is fixed.
///
/// # Errors
/// [`Error::Forbidden`] without the right to read batches, [`Error::NotFound`] for a batch of
/// another payer, [`Error::Refused`] for one that was never frozen or whose parts do not add up.
pub async fn summary(app: &App, actor: &Actor, batch_no: &str) -> Result<Summary, Error> {
    of(app, &visible_batch(app, actor, batch_no).await?).await
}

/// [`summary`] of a batch that was read already.
pub(super) async fn of(app: &App, batch: &rows::Batch) -> Result<Summary, Error> {
    if batch.line_count == 0 || batch.content_hash.is_empty() {
        return Err(Error::Refused("批次冻结后才有审批表，请先冻结".to_owned()));
    }
    let conn = app.db.read();
    let total = Fen::new(batch.total_fen);
    let regions: Vec<RegionSum> = rows::by_city_unit(conn, batch)
        .await?
        .into_iter()
        .map(|sum| RegionSum {
            name: region::full_name(&sum.heading).unwrap_or("未注明地区").to_owned(),
            lines: sum.lines,
            amount: Fen::new(sum.amount_fen),
        })
        .collect();
    if Fen::checked_sum(regions.iter().map(|sum| sum.amount)) != Some(total) {
        let text = "明细合计与冻结时的金额不符，不能打印审批表，请联系审计人员";
        return Err(Error::Refused(text.to_owned()));
    }
    let steps = rows::steps(conn, batch.id).await?;
    let names = rows::holder_names(conn, people(batch)).await?;
    let moved = steps.last().map(|step| (batch.id, step.at)).into_iter().collect();
    let signed = |holder: Option<i64>, to: State| {
        let done =
            |step: &&rows::Step| step.revision == batch.revision && step.to_state == to.code();
        Signature {
            name: holder.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
            at: steps.iter().rev().find(done).filter(|_| holder.is_some()).map(|step| step.at),
        }
    };
    let capital = in_capitals(total).map_err(|error| Error::Internal(error.to_string()))?;
    state_of(batch)?;
    Ok(Summary {
        item: item(batch, &names, &moved)?,
        purpose: batch.purpose.clone(),
        payer_account: batch.payer_account.clone(),
        total_capital: capital,
        taxed: taxed(app, batch).await?,
        basis: basis(rows::policies(conn, batch).await?, batch.award_year),
        hash: batch.content_hash.clone(),
        voucher_no: batch.voucher_no.clone(),
        signatures: [
            signed(Some(batch.made_by), State::Frozen),
            signed(batch.checked_by, State::Checked),
            signed(batch.approved_by, State::Approved),
        ],
        is_signed: signature(conn, batch).await?.map(|row| payment::is_good(app, batch, &row)),
        regions,
    })
}

/// The articles that grant the amount at the end of the award year.
fn basis(policies: Vec<rows::PolicyText>, award_year: i64) -> Vec<String> {
    let last_day =
        i32::try_from(award_year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, 12, 31));
    let article = |text: rows::PolicyText| {
        let policy = Policy::parse(&text.content, &text.title).ok();
        let stated = policy.as_ref().and_then(|policy| {
            policy.version_on(last_day?)?.basis(Parameter::Amount).map(str::to_owned)
        });
        stated.unwrap_or(text.title)
    };
    let mut articles: Vec<String> = policies.into_iter().map(article).collect();
    articles.dedup();
    articles
}
