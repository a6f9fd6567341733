//! What the system administrator proposed for an account, and what became of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub account_id: i64,
    pub holder_id: i64,
    pub role: String,
    pub organisation_id: i64,
    pub token_id: Option<i64>,
    pub password_hash: Option<String>,
    pub half_cipher: Option<Vec<u8>>,
    pub requested_by: i64,
    pub requested_holder: i64,
    pub requested_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub outcome: Option<String>,
    pub reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
