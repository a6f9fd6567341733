//! Samples, their items, and proposals to suspend a pilot.

mod candidates;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::db::{expect_one_row, insert_all};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use crate::domain::spot_check::Record;

pub use candidates::{Registered, Signs, registered, signs};
pub use entity::check_item::Model as Item;
pub use entity::check_sample::Model as Sample;
pub use entity::pilot_suspension::Model as Suspension;

/// A sample to keep.
#[derive(Debug, Clone)]
pub struct NewSample<'a> {
    /// How it is drawn.
    pub drawing: &'a str,
    /// Whose it is.
    pub organisation_id: i64,
    /// Of one enterprise only.
    pub enterprise_id: Option<i64>,
    /// From which it can be drawn again.
    pub seed: i64,
    /// How many could be drawn.
    pub population: i64,
    /// Hash of who could be drawn.
    pub population_hash: &'a str,
    /// How many are drawn.
    pub size: i64,
    /// What each risk weighed, a JSON object.
    pub points: &'a str,
    /// Account that draws.
    pub drawn_by: i64,
    /// When.
    pub drawn_at: DateTime<Utc>,
}

/// Somebody drawn.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Person.
    pub person_id: i64,
    /// Enterprise.
    pub enterprise_id: i64,
    /// Codes of the risks, parted by spaces.
    pub risks: String,
    /// Their points.
    pub points: i64,
}

/// Keeps a sample with its items in the order of drawing; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    tx: &DatabaseTransaction,
    new: &NewSample<'_>,
    items: Vec<NewItem>,
) -> Result<String, DbErr> {
    let sample_no = format!("SC{:06}", number::allocate(tx, "check_sample", 1).await?);
    let row = entity::check_sample::ActiveModel {
        sample_no: Set(sample_no.clone()),
        drawing: Set(new.drawing.to_owned()),
        organisation_id: Set(new.organisation_id),
        enterprise_id: Set(new.enterprise_id),
        seed: Set(new.seed),
        population: Set(new.population),
        population_hash: Set(new.population_hash.to_owned()),
        size: Set(new.size),
        points: Set(new.points.to_owned()),
        drawn_by: Set(new.drawn_by),
        drawn_at: Set(new.drawn_at),
        ..Default::default()
    };
    let id = entity::check_sample::Entity::insert(row).exec(tx).await?.last_insert_id;
    let rows = items.into_iter().zip(1_i64..).map(|(item, seq)| entity::check_item::ActiveModel {
        sample_id: Set(id),
        seq: Set(seq),
        person_id: Set(item.person_id),
        enterprise_id: Set(item.enterprise_id),
        risks: Set(item.risks),
        points: Set(item.points),
        finding: Set(None),
        remark: Set(None),
        checked_by: Set(None),
        checked_at: Set(None),
        ..Default::default()
    });
    insert_all(tx, rows.collect::<Vec<_>>()).await?;
    Ok(sample_no)
}

/// The samples of an organisation, or all, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn samples(
    conn: &impl ConnectionTrait,
    organisation_id: Option<i64>,
    limit: u64,
) -> Result<Vec<Sample>, DbErr> {
    use entity::check_sample::{Column, Entity};
    let own = organisation_id.map(|id| Column::OrganisationId.eq(id));
    Entity::find()
        .filter(sea_orm::Condition::all().add_option(own))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// The sample with this number, of an organisation or of any.
///
/// # Errors
/// When the database fails.
pub async fn sample(
    conn: &impl ConnectionTrait,
    organisation_id: Option<i64>,
    sample_no: &str,
) -> Result<Option<Sample>, DbErr> {
    use entity::check_sample::{Column, Entity};
    let own = organisation_id.map(|id| Column::OrganisationId.eq(id));
    Entity::find()
        .filter(Column::SampleNo.eq(sample_no))
        .filter(sea_orm::Condition::all().add_option(own))
        .one(conn)
        .await
}

/// The items of a sample in the order of drawing, a page of them.
///
/// # Errors
/// When the database fails.
pub async fn items(
    conn: &impl ConnectionTrait,
    sample_id: i64,
    (offset, limit): (u64, u64),
) -> Result<Vec<Item>, DbErr> {
    use entity::check_item::{Column, Entity};
    Entity::find()
        .filter(Column::SampleId.eq(sample_id))
        .order_by_asc(Column::Seq)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await
}

/// Checked and wrong items of each of these samples.
///
/// # Errors
/// When the database fails.
pub async fn progress(
    conn: &impl ConnectionTrait,
    samples: &[i64],
) -> Result<HashMap<i64, Record>, DbErr> {
    use entity::check_item::{Column, Entity};
    let rows: Vec<(i64, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::SampleId, Column::Finding])
        .column_as(Column::Id.count(), "count")
        .filter(Column::SampleId.is_in(samples.iter().copied()))
        .filter(Column::Finding.is_not_null())
        .group_by(Column::SampleId)
        .group_by(Column::Finding)
        .into_tuple()
        .all(conn)
        .await?;
    let mut records: HashMap<i64, Record> = HashMap::new();
    for (sample, finding, count) in rows {
        let record = records.entry(sample).or_default();
        record.checked += count;
        record.hits += if finding == "error" { count } else { 0 };
    }
    Ok(records)
}

/// What every combination of risks came to when it was checked in scope: codes, checked, wrong.
///
/// # Errors
/// When the database fails.
pub async fn found(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<(String, Record)>, DbErr> {
    use entity::check_item::{Column, Entity};
    let rows: Vec<(String, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::Risks, Column::Finding])
        .column_as(Column::Id.count(), "count")
        .filter(Column::Finding.is_not_null())
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .group_by(Column::Risks)
        .group_by(Column::Finding)
        .into_tuple()
        .all(conn)
        .await?;
    let record = |(risks, finding, count): (String, String, i64)| {
        (risks, Record { checked: count, hits: if finding == "error" { count } else { 0 } })
    };
    Ok(rows.into_iter().map(record).collect())
}

/// An item of a sample once nobody else can decide it.
///
/// # Errors
/// When the database fails.
pub async fn lock_item(
    tx: &DatabaseTransaction,
    sample_id: i64,
    seq: i64,
) -> Result<Option<Item>, DbErr> {
    use entity::check_item::{Column, Entity};
    // The sample stands for all its items: the last one to be checked sees all others.
    entity::check_sample::Entity::find_by_id(sample_id).lock(LockType::Update).one(tx).await?;
    Entity::find().filter(Column::SampleId.eq(sample_id)).filter(Column::Seq.eq(seq)).one(tx).await
}

/// Writes down what a check found.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was checked before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (finding, remark): (&str, &str),
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    use entity::check_item::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Finding, Expr::value(finding))
        .col_expr(Column::Remark, Expr::value(remark))
        .col_expr(Column::CheckedBy, Expr::value(by))
        .col_expr(Column::CheckedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::Finding.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// What the items of an enterprise in a sample came to, and how many are still to be checked.
///
/// # Errors
/// When the database fails.
pub async fn of_enterprise(
    conn: &impl ConnectionTrait,
    sample_id: i64,
    enterprise_id: i64,
) -> Result<(Record, u64), DbErr> {
    use entity::check_item::{Column, Entity};
    let all = || {
        Entity::find()
            .filter(Column::SampleId.eq(sample_id))
            .filter(Column::EnterpriseId.eq(enterprise_id))
    };
    let open = all().filter(Column::Finding.is_null()).count(conn).await?;
    let errors = all().filter(Column::Finding.eq("error")).count(conn).await?;
    let checked = all().count(conn).await?.saturating_sub(open);
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Ok((Record { checked: signed(checked), hits: signed(errors) }, open))
}

/// A proposal to suspend.
#[derive(Debug, Clone, Copy)]
pub struct NewSuspension {
    /// Enterprise.
    pub enterprise_id: i64,
    /// Sample that shows it.
    pub sample_id: i64,
    /// What its items came to.
    pub record: Record,
    /// Account and natural person that propose it.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Whether a proposal about an enterprise waits.
///
/// # Errors
/// When the database fails.
pub async fn is_proposed(conn: &impl ConnectionTrait, enterprise_id: i64) -> Result<bool, DbErr> {
    use entity::pilot_suspension::{Column, Entity};
    let open = Entity::find()
        .filter(Column::EnterpriseId.eq(enterprise_id))
        .filter(Column::Outcome.is_null());
    Ok(open.count(conn).await? > 0)
}

/// Keeps a proposal.
///
/// # Errors
/// A unique violation when one waits already.
pub async fn propose(tx: &DatabaseTransaction, new: &NewSuspension) -> Result<(), DbErr> {
    let row = entity::pilot_suspension::ActiveModel {
        enterprise_id: Set(new.enterprise_id),
        sample_id: Set(new.sample_id),
        checked: Set(new.record.checked),
        errors: Set(new.record.hits),
        proposed_by: Set(new.by.0),
        proposer_holder: Set(new.by.1),
        proposed_at: Set(new.at),
        outcome: Set(None),
        document_no: Set(None),
        decided_by: Set(None),
        decider_holder: Set(None),
        decided_at: Set(None),
        ..Default::default()
    };
    entity::pilot_suspension::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Proposals about enterprises in scope, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn suspensions(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<Suspension>, DbErr> {
    use entity::pilot_suspension::{Column, Entity};
    Entity::find()
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .order_by_desc(Column::Id)
        .limit(50)
        .all(conn)
        .await
}

/// A proposal in scope once nobody else can decide it.
///
/// # Errors
/// When the database fails.
pub async fn lock_suspension(
    tx: &DatabaseTransaction,
    scope: &Scope,
    id: i64,
) -> Result<Option<Suspension>, DbErr> {
    use entity::pilot_suspension::{Column, Entity};
    Entity::find_by_id(id)
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Writes down what was decided about a proposal.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn settle(
    tx: &DatabaseTransaction,
    id: i64,
    (outcome, document_no): (&str, &str),
    (account, holder): (i64, i64),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::pilot_suspension::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Outcome, Expr::value(outcome))
        .col_expr(Column::DocumentNo, Expr::value(document_no))
        .col_expr(Column::DecidedBy, Expr::value(account))
        .col_expr(Column::DeciderHolder, Expr::value(holder))
        .col_expr(Column::DecidedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::Outcome.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
