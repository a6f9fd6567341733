//! What kind of installation this database serves.

use chrono::{DateTime, Duration, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait};

/// An installation.
#[derive(Debug, Clone)]
pub struct Installation {
    kind: String,
    /// Seconds that its clock runs ahead of the machine's.
    pub clock_offset_s: i64,
}

impl Installation {
    /// Whether it only demonstrates.
    pub fn is_demo(&self) -> bool {
        self.kind == "demo"
    }
}

/// The installation, `None` in a new database.
///
/// # Errors
/// When the database fails.
pub async fn get(conn: &impl ConnectionTrait) -> Result<Option<Installation>, DbErr> {
    let row = entity::installation::Entity::find().one(conn).await?;
    Ok(row.map(|row| Installation { kind: row.kind, clock_offset_s: row.clock_offset_s }))
}

/// Marks the database as a demonstration whose clock runs ahead by `offset`, or as a production
/// installation when there is none.
///
/// # Errors
/// When it is marked already.
pub async fn mark(
    tx: &DatabaseTransaction,
    demo_offset: Option<Duration>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let kind = if demo_offset.is_some() { "demo" } else { "production" };
    let row = entity::installation::ActiveModel {
        id: Set(1),
        kind: Set(kind.to_owned()),
        clock_offset_s: Set(demo_offset.map_or(0, |offset| offset.num_seconds())),
        created_at: Set(at),
    };
    entity::installation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
