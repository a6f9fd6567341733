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

    /// Whether it was made to test with.
    pub fn is_test(&self) -> bool {
        self.kind == "test"
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

/// What a database is made for. One without a mark is the real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To demonstrate, with a clock that runs ahead so far.
    Demonstration(Duration),
    /// To test with: the date can be set.
    Test,
}

/// Marks the database for a purpose, for good.
///
/// # Errors
/// When it is marked already.
pub async fn mark(
    tx: &DatabaseTransaction,
    purpose: Purpose,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let (kind, ahead) = match purpose {
        Purpose::Demonstration(ahead) => ("demo", ahead),
        Purpose::Test => ("test", Duration::zero()),
    };
    let row = entity::installation::ActiveModel {
        id: Set(1),
        kind: Set(kind.to_owned()),
        clock_offset_s: Set(ahead.num_seconds()),
        created_at: Set(at),
    };
    entity::installation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
