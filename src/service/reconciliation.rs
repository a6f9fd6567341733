//! The reconciliation of finance: ten checks, each with the rows that do not agree (domain.md 5.5).

use chrono::Datelike;

use super::budget::visible_payer;
use super::{Actor, Error, ledger};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::capital::{in_capitals, parse_capitals};
use crate::domain::money::Fen;
use crate::store::batch_view;
use crate::store::reconciliation::{self as store, Difference, Extent};

pub use crate::store::reconciliation::MOST_ROWS;

/// What the reader wants reconciled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Award year; `None` for all.
    pub award_year: Option<i64>,
    /// Number of one batch; empty for all.
    pub batch_no: &'a str,
}

/// What the two sides of a check are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Amounts.
    Fen,
    /// Numbers of rows.
    Rows,
}

/// Where the object of a row is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A batch, by its number.
    Batch,
    /// A person, by the number.
    Person,
    /// Nowhere by itself.
    None,
}

/// One of the ten checks.
#[derive(Debug, Clone)]
pub struct Check {
    /// 1 to 10.
    pub number: u8,
    /// What has to agree.
    pub title: &'static str,
    /// What its two sides are called.
    pub sides: (&'static str, &'static str),
    /// What they are.
    pub unit: Unit,
    /// Where the objects are found.
    pub place: Place,
    /// What does not agree, at most [`MOST_ROWS`]; none when all is well.
    pub rows: Vec<Difference>,
}

/// A reconciliation.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// The ten checks.
    pub checks: Vec<Check>,
    /// How many batches were looked at.
    pub batches: usize,
    /// Their total.
    pub total: Fen,
    /// Award years to choose from.
    pub years: Vec<i64>,
}

/// Reconciles the money of the actor's payer; the provincial auditor's is everyone's.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`]; [`Error::NotFound`] for a batch that the
/// payer has not.
pub async fn reconcile(
    app: &App,
    actor: &Actor,
    wanted: Wanted<'_>,
) -> Result<Reconciliation, Error> {
    actor.must(Act::ReadBatches)?;
    let read = app.db.read();
    let payer = visible_payer(actor);
    let extent = Extent {
        payer_division: payer.unwrap_or_default(),
        award_year: wanted.award_year.unwrap_or_default(),
        batch_no: wanted.batch_no.trim(),
        this_year: app.clock.today().year().into(),
    };
    let batches = store::batches(read, &extent).await?;
    if batches.is_empty() && !extent.batch_no.is_empty() {
        return Err(Error::NotFound("这个已冻结的批次"));
    }
    let total = Fen::checked_sum(batches.iter().map(|(_, total)| Fen::new(*total)));
    Ok(Reconciliation {
        checks: checks(app, &extent, &batches).await?,
        batches: batches.len(),
        total: total.ok_or_else(|| Error::Internal("the sum of batches".to_owned()))?,
        years: batch_view::years(read, payer).await?,
    })
}

/// What each check is about: title, names of its two sides, what they are, where the objects are.
type About = (&'static str, (&'static str, &'static str), Unit, Place);

/// The ten, in their order. The sixth names also a year that was computed while a noted receipt
/// waited for its second person, until that is decided and the year computed again.
const CHECKS: [About; 10] = [
    ("公示、批准的名单与批次明细一致", ("经公示批准", "批次明细"), Unit::Fen, Place::None),
    ("批次笔数、合计与明细一致", ("批次合计", "明细合计"), Unit::Fen, Place::Batch),
    ("支付凭证金额 = 银行实付 + 失败 + 在途", ("凭证实发", "回单合计"), Unit::Fen, Place::Batch),
    ("成功 + 失败 + 在途 = 发出笔数", ("发出", "有结果或在途"), Unit::Rows, Place::Batch),
    ("指标：下达 − 占用 − 在途 − 已付 = 余额", ("账面", "明细"), Unit::Fen, Place::None),
    ("每人每年：已列付 − 追回 = 核定应得", ("核定应得", "列付减追回"), Unit::Fen, Place::Person),
    ("代扣个税 = 应发 − 银行实付", ("代扣个税", "应发减实付"), Unit::Fen, Place::Batch),
    ("应追回账面 = 追回决定 − 已归还、抵扣、核销", ("追回台账", "账面"), Unit::Fen, Place::None),
    ("年度截止：上年指标没有在途款项", ("应无", "在途"), Unit::Fen, Place::Batch),
    ("审批表大写金额 = 小写金额", ("小写", "大写"), Unit::Fen, Place::Batch),
];

async fn checks(
    app: &App,
    extent: &Extent<'_>,
    batches: &[(String, i64)],
) -> Result<Vec<Check>, Error> {
    let read = app.db.read();
    let found = [
        store::unannounced(read, extent).await?,
        store::totals(read, extent).await?,
        store::voucher(read, extent).await?,
        store::answers(read, extent).await?,
        budgets(app, extent).await?,
        store::persons(read, extent).await?,
        store::tax(read, extent).await?,
        store::claims(read, extent).await?,
        store::in_transit(read, extent).await?,
        capitals(batches),
    ];
    let check = |((title, sides, unit, place), (number, rows)): (About, (u8, Vec<Difference>))| {
        Check { number, title, sides, unit, place, rows }
    };
    Ok(CHECKS.into_iter().zip((1..).zip(found)).map(check).collect())
}

/// Budget lines whose books are wrong; the text says which account, with both sums.
async fn budgets(app: &App, extent: &Extent<'_>) -> Result<Vec<Difference>, Error> {
    let wrong = ledger::disagreements(app).await?;
    let mine = wrong.into_iter().filter(|line| {
        extent.payer_division.is_empty() || line.key.payer_division == extent.payer_division
    });
    let row =
        |line: ledger::Disagreement| Difference { object: line.to_string(), expected: 0, found: 0 };
    Ok(mine.take(MOST_ROWS).map(row).collect())
}

/// Totals whose words, read back, are another amount.
fn capitals(batches: &[(String, i64)]) -> Vec<Difference> {
    let read_back = |total: i64| {
        let words = in_capitals(Fen::new(total)).ok()?;
        parse_capitals(&words).ok().map(Fen::get)
    };
    let row = |(no, total): &(String, i64)| {
        let found = read_back(*total).unwrap_or_default();
        let row = Difference { object: no.clone(), expected: *total, found };
        (found != *total).then_some(row)
    };
    batches.iter().filter_map(row).take(MOST_ROWS).collect()
}
