//! Stipend years: policy texts, runs, entitlements, and the money lines that follow from them.

pub mod drift;
pub mod explain;
pub mod facts;
pub mod ledger;
pub mod money;
pub mod outcome;
pub mod pages;
mod paid;
pub mod result;
pub mod run;
mod seen;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

pub use entity::policy_document::Model as PolicyDocument;

/// The subject of results that a run computed: a person's year as such, not a file that granted
/// something. Lists of stipends leave everything else out.
pub const OF_A_RUN: &str = "";

/// A policy text to keep.
#[derive(Debug, Clone)]
pub struct NewPolicyDocument<'a> {
    /// Identifier of the policy.
    pub programme: &'a str,
    /// Title for people.
    pub title: &'a str,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: &'a str,
    /// The text itself.
    pub content: &'a str,
    /// Account that loaded it.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Keeps a policy text; returns its identity.
///
/// # Errors
/// When the same text is kept already.
pub async fn add_policy(
    tx: &DatabaseTransaction,
    new: &NewPolicyDocument<'_>,
) -> Result<i64, DbErr> {
    let row = entity::policy_document::ActiveModel {
        programme: Set(new.programme.to_owned()),
        title: Set(new.title.to_owned()),
        sha256: Set(new.sha256.to_owned()),
        content: Set(new.content.to_owned()),
        recorded_by: Set(new.recorded_by),
        recorded_at: Set(new.recorded_at),
        ..Default::default()
    };
    Ok(entity::policy_document::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The policy text with this identity.
///
/// # Errors
/// When the database fails.
pub async fn policy(conn: &impl ConnectionTrait, id: i64) -> Result<Option<PolicyDocument>, DbErr> {
    entity::policy_document::Entity::find_by_id(id).one(conn).await
}

/// The texts of one policy, the one loaded last first.
///
/// # Errors
/// When the database fails.
pub async fn policies_of(
    conn: &impl ConnectionTrait,
    programme: &str,
) -> Result<Vec<PolicyDocument>, DbErr> {
    use entity::policy_document::{Column, Entity};
    Entity::find().filter(Column::Programme.eq(programme)).order_by_desc(Column::Id).all(conn).await
}

/// All policy texts, by policy, the one loaded last first.
///
/// # Errors
/// When the database fails.
pub async fn policies(conn: &impl ConnectionTrait) -> Result<Vec<PolicyDocument>, DbErr> {
    use entity::policy_document::{Column, Entity};
    Entity::find().order_by_asc(Column::Programme).order_by_desc(Column::Id).all(conn).await
}
