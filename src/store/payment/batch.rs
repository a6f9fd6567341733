//! The batch itself and the record of its steps.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Batch, BatchStep, query};
use crate::domain::payment::{Action, State};
use crate::domain::registry::Code;
use crate::store::db::expect_one_row;

/// A batch to draw up.
#[derive(Debug, Clone)]
pub struct NewBatch<'a> {
    /// Official number.
    pub batch_no: &'a str,
    /// Programme.
    pub programme: &'a str,
    /// Year the money is for.
    pub award_year: i64,
    /// Year whose budget pays.
    pub budget_year: i64,
    /// Funding source.
    pub source: &'a str,
    /// Who pays.
    pub payer_division: &'a str,
    /// Account that pays.
    pub payer_account: &'a str,
    /// What payees read.
    pub purpose: &'a str,
    /// City-level unit whose people it is about; empty for all.
    pub city_unit: &'a str,
    /// Code of the enterprise whose people it is about; empty for all.
    pub enterprise_uscc: &'a str,
    /// Most lines to take, at least 1.
    pub max_lines: i64,
    /// Natural person who draws it up.
    pub made_by: i64,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Creates a draft; returns the row.
///
/// # Errors
/// When the number is taken or the database refuses.
pub async fn create(tx: &DatabaseTransaction, new: &NewBatch<'_>) -> Result<Batch, DbErr> {
    let row = entity::batch::ActiveModel {
        batch_no: Set(new.batch_no.to_owned()),
        programme: Set(new.programme.to_owned()),
        award_year: Set(new.award_year),
        budget_year: Set(new.budget_year),
        source: Set(new.source.to_owned()),
        payer_division: Set(new.payer_division.to_owned()),
        payer_account: Set(new.payer_account.to_owned()),
        purpose: Set(new.purpose.to_owned()),
        city_unit: Set(new.city_unit.to_owned()),
        enterprise_uscc: Set(new.enterprise_uscc.to_owned()),
        max_lines: Set(new.max_lines),
        state: Set(State::Draft.code().to_owned()),
        revision: Set(1),
        line_count: Set(0),
        total_fen: Set(0),
        content_hash: Set(String::new()),
        made_by: Set(new.made_by),
        checked_by: Set(None),
        approved_by: Set(None),
        frozen_at: Set(None),
        file_created_at: Set(None),
        file_sha256: Set(String::new()),
        voucher_no: Set(String::new()),
        created_at: Set(new.created_at),
        version: Set(1),
        ..Default::default()
    };
    entity::batch::Entity::insert(row).exec_with_returning(tx).await
}

/// The batch with this number.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &impl ConnectionTrait, batch_no: &str) -> Result<Option<Batch>, DbErr> {
    entity::batch::Entity::find()
        .filter(entity::batch::Column::BatchNo.eq(batch_no))
        .one(conn)
        .await
}

/// The batch with this identity.
///
/// # Errors
/// When the database fails.
pub async fn find_by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Batch>, DbErr> {
    entity::batch::Entity::find_by_id(id).one(conn).await
}

/// The batch with this number, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, batch_no: &str) -> Result<Option<Batch>, DbErr> {
    entity::batch::Entity::find()
        .filter(entity::batch::Column::BatchNo.eq(batch_no))
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Saves a batch whose `version` is still what was read, and counts the version up. Returns the
/// new version.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody else changed it first.
pub async fn save(tx: &DatabaseTransaction, batch: Batch) -> Result<i64, DbErr> {
    use entity::batch::Column;
    let (id, read) = (batch.id, batch.version);
    let next = read + 1;
    let mut row = batch.into_active_model().reset_all();
    row.id = sea_orm::ActiveValue::NotSet;
    row.version = Set(next);
    let done = entity::batch::Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::Version.eq(read))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)?;
    Ok(next)
}

/// A step to record.
#[derive(Debug, Clone)]
pub struct NewStep<'a> {
    /// Batch.
    pub batch_id: i64,
    /// Its revision.
    pub revision: i64,
    /// What was done; `None` for drawing it up.
    pub action: Option<Action>,
    /// State before.
    pub from: State,
    /// State after.
    pub to: State,
    /// Account.
    pub account_id: i64,
    /// Natural person.
    pub holder_id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, or the number it was done with; may be empty.
    pub reason: &'a str,
    /// Over which content.
    pub content_hash: &'a str,
}

/// The stored text of drawing up a batch.
const CREATE: &str = "create";

/// Records a step.
///
/// # Errors
/// When the database refuses.
pub async fn add_step(tx: &DatabaseTransaction, step: &NewStep<'_>) -> Result<(), DbErr> {
    let row = entity::batch_step::ActiveModel {
        batch_id: Set(step.batch_id),
        revision: Set(step.revision),
        action: Set(step.action.map_or(CREATE, Code::code).to_owned()),
        from_state: Set(step.from.code().to_owned()),
        to_state: Set(step.to.code().to_owned()),
        account_id: Set(step.account_id),
        holder_id: Set(step.holder_id),
        at: Set(step.at),
        reason: Set(step.reason.to_owned()),
        content_hash: Set(step.content_hash.to_owned()),
        ..Default::default()
    };
    entity::batch_step::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// All steps of a batch, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn steps(conn: &impl ConnectionTrait, batch_id: i64) -> Result<Vec<BatchStep>, DbErr> {
    entity::batch_step::Entity::find()
        .filter(entity::batch_step::Column::BatchId.eq(batch_id))
        .order_by_asc(entity::batch_step::Column::Id)
        .all(conn)
        .await
}

#[derive(Debug, sea_orm::FromQueryResult)]
struct Holder {
    holder_id: i64,
}

/// The natural persons who drew the batch up or froze its current revision.
///
/// # Errors
/// When the database fails.
pub async fn makers(conn: &impl ConnectionTrait, batch: &Batch) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT DISTINCT holder_id FROM batch_step WHERE batch_id = $1 \
               AND (action = $2 OR (action = $3 AND revision = $4))";
    let values =
        [batch.id.into(), CREATE.into(), Action::Freeze.code().into(), batch.revision.into()];
    let mut makers: Vec<i64> =
        query::<Holder>(conn, sql, values).await?.into_iter().map(|row| row.holder_id).collect();
    makers.push(batch.made_by);
    Ok(makers)
}
