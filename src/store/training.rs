//! Trainings and HR institutions by number; what is known of them are facts ([`super::fact`]).

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use super::number;
use entity::{hr_institution, training};

pub use entity::hr_institution::Model as Institution;
pub use entity::training::Model as Training;

/// Keeps a training; returns its identity and official number.
///
/// # Errors
/// When the database refuses.
pub async fn add_training(
    tx: &DatabaseTransaction,
    (by, at): (i64, DateTime<Utc>),
) -> Result<(i64, String), DbErr> {
    let training_no = format!("TR{:05}", number::allocate(tx, "training", 1).await?);
    let row = training::ActiveModel {
        training_no: Set(training_no.clone()),
        recorded_by: Set(by),
        recorded_at: Set(at),
        ..Default::default()
    };
    let id = training::Entity::insert(row).exec(tx).await?.last_insert_id;
    Ok((id, training_no))
}

/// All trainings, the last first.
///
/// # Errors
/// When the database fails.
pub async fn trainings(conn: &impl ConnectionTrait) -> Result<Vec<Training>, DbErr> {
    training::Entity::find().order_by_desc(training::Column::Id).all(conn).await
}

/// A training by its number.
///
/// # Errors
/// When the database fails.
pub async fn training(conn: &impl ConnectionTrait, no: &str) -> Result<Option<Training>, DbErr> {
    training::Entity::find().filter(training::Column::TrainingNo.eq(no)).one(conn).await
}

/// Keeps an institution; returns its identity.
///
/// # Errors
/// When the code is known, or the database refuses.
pub async fn add_institution(
    tx: &DatabaseTransaction,
    uscc: &str,
    (by, at): (i64, DateTime<Utc>),
) -> Result<i64, DbErr> {
    let row = hr_institution::ActiveModel {
        uscc: Set(uscc.to_owned()),
        recorded_by: Set(by),
        recorded_at: Set(at),
        ..Default::default()
    };
    Ok(hr_institution::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// All institutions, by code.
///
/// # Errors
/// When the database fails.
pub async fn institutions(conn: &impl ConnectionTrait) -> Result<Vec<Institution>, DbErr> {
    hr_institution::Entity::find().order_by_asc(hr_institution::Column::Uscc).all(conn).await
}

/// An institution by its code.
///
/// # Errors
/// When the database fails.
pub async fn institution(
    conn: &impl ConnectionTrait,
    uscc: &str,
) -> Result<Option<Institution>, DbErr> {
    hr_institution::Entity::find().filter(hr_institution::Column::Uscc.eq(uscc)).one(conn).await
}
