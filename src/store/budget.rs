//! Budget rows: money set aside, and the batch lines that use it.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use entity::{batch, batch_line, budget_allocation};

use super::{db, number, recovery};

/// What a budget line is: one programme, one source of money, one payer, one calendar year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetKey {
    /// Programme that the money is for.
    pub programme: String,
    /// Code of the source of the money.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Calendar year of the budget.
    pub budget_year: i64,
}

/// Which budget lines to read; `None` leaves a column open.
#[derive(Debug, Clone, Default)]
pub struct BudgetFilter {
    /// Programme.
    pub programme: Option<String>,
    /// Source of the money.
    pub source: Option<String>,
    /// Division that pays.
    pub payer_division: Option<String>,
    /// Calendar year.
    pub budget_year: Option<i64>,
}

impl BudgetFilter {
    /// The same on the columns of a table: programme, source, payer and year.
    pub(super) fn condition(&self, columns: [impl ColumnTrait; 4]) -> Condition {
        let [programme, source, payer, year] = columns;
        Condition::all()
            .add_option(self.programme.as_ref().map(|code| programme.eq(code.as_str())))
            .add_option(self.source.as_ref().map(|code| source.eq(code.as_str())))
            .add_option(self.payer_division.as_ref().map(|division| payer.eq(division.as_str())))
            .add_option(self.budget_year.map(|known| year.eq(known)))
    }
}

impl From<&BudgetKey> for BudgetFilter {
    fn from(key: &BudgetKey) -> Self {
        Self {
            programme: Some(key.programme.clone()),
            source: Some(key.source.clone()),
            payer_division: Some(key.payer_division.clone()),
            budget_year: Some(key.budget_year),
        }
    }
}

/// A sum over batch lines of one budget line that are in one situation.
#[derive(Debug, Clone, FromQueryResult)]
pub struct UseSum {
    /// Programme.
    pub programme: String,
    /// Source of the money.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Calendar year.
    pub budget_year: i64,
    /// State of the batch.
    pub state: String,
    /// Outcome of the batch line.
    pub outcome: String,
    /// Fen.
    pub amount_fen: i64,
}

impl UseSum {
    /// The budget line.
    pub fn key(&self) -> BudgetKey {
        BudgetKey {
            programme: self.programme.clone(),
            source: self.source.clone(),
            payer_division: self.payer_division.clone(),
            budget_year: self.budget_year,
        }
    }
}

/// An allocation to record.
#[derive(Debug, Clone)]
pub struct NewAllocation<'a> {
    /// Budget line.
    pub key: &'a BudgetKey,
    /// Fen, not zero.
    pub amount_fen: i64,
    /// Number of the document.
    pub document_no: &'a str,
    /// Official number of the request that was accepted.
    pub request_no: &'a str,
    /// Account that accepted it.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Holds the budget line for the rest of the transaction: whoever spends from it or changes it
/// waits here, so that two acts cannot both count on the same money.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &DatabaseTransaction, key: &BudgetKey) -> Result<(), DbErr> {
    let BudgetKey { programme, source, payer_division, budget_year } = key;
    let series = format!("budget/{programme}/{source}/{payer_division}/{budget_year}");
    number::allocate(tx, &series, 0).await?;
    Ok(())
}

/// Records an allocation.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &DatabaseTransaction, new: &NewAllocation<'_>) -> Result<(), DbErr> {
    let row = budget_allocation::ActiveModel {
        programme: Set(new.key.programme.clone()),
        source: Set(new.key.source.clone()),
        payer_division: Set(new.key.payer_division.clone()),
        budget_year: Set(new.key.budget_year),
        amount_fen: Set(new.amount_fen),
        document_no: Set(new.document_no.to_owned()),
        recorded_by: Set(new.recorded_by),
        recorded_at: Set(new.recorded_at),
        request_no: Set(Some(new.request_no.to_owned())),
        ..Default::default()
    };
    budget_allocation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether a document set this amount aside for the line, or took it back.
///
/// # Errors
/// When the database fails.
pub async fn is_booked(
    conn: &impl ConnectionTrait,
    key: &BudgetKey,
    (document_no, amount_fen): (&str, i64),
) -> Result<bool, DbErr> {
    use budget_allocation::{Column, Entity};
    let line = [Column::Programme, Column::Source, Column::PayerDivision, Column::BudgetYear];
    let same = Entity::find()
        .filter(BudgetFilter::from(key).condition(line))
        .filter(Column::DocumentNo.eq(document_no))
        .filter(Column::AmountFen.eq(amount_fen));
    Ok(same.count(conn).await? > 0)
}

/// What live batch lines hold or have paid, summed per budget line, state of the batch and outcome;
/// and what was paid by being set off against a recovery.
///
/// # Errors
/// When the database fails.
pub async fn used(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
) -> Result<Vec<UseSum>, DbErr> {
    use batch::Column;
    let of_batch = batch_line::Entity::belongs_to(batch::Entity)
        .from(batch_line::Column::BatchId)
        .to(Column::Id)
        .into();
    let amount = Expr::col((batch_line::Entity, batch_line::Column::AmountFen));
    let line = [Column::Programme, Column::Source, Column::PayerDivision, Column::BudgetYear];
    let by = line.into_iter().fold(batch_line::Entity::find().select_only(), Select::group_by);
    let mut sums: Vec<UseSum> = by
        .columns(line)
        .column(Column::State)
        .column(batch_line::Column::Outcome)
        .expr_as(db::sum_fen(amount), "amount_fen")
        .join(JoinType::InnerJoin, of_batch)
        .filter(batch_line::Column::Live.eq(true))
        .filter(filter.condition(line))
        .group_by(Column::State)
        .group_by(batch_line::Column::Outcome)
        .into_model()
        .all(conn)
        .await?;
    sums.extend(recovery::set_off(conn, filter).await?);
    Ok(sums)
}

/// The sources that live payment lines of a payer name, ascending.
///
/// # Errors
/// When the database fails.
pub async fn sources_of_payer(
    conn: &impl ConnectionTrait,
    payer_division: &str,
) -> Result<Vec<String>, DbErr> {
    use entity::payment_line::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Source)
        .distinct()
        .filter(Column::PayerDivision.eq(payer_division))
        .filter(Column::State.ne("void"))
        .order_by_asc(Column::Source)
        .into_tuple()
        .all(conn)
        .await
}
