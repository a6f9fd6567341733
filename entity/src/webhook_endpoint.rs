//! Where a program is told of what happened.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoint")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub endpoint_no: String,
    pub account_id: i64,
    pub url: String,
    pub kinds: String,
    pub made_by: i64,
    pub made_at: DateTimeUtc,
    pub secret_cipher: Vec<u8>,
    pub old_secret_cipher: Option<Vec<u8>>,
    pub old_secret_until: Option<DateTimeUtc>,
    pub is_enabled: bool,
    pub failing_since: Option<DateTimeUtc>,
    pub deleted_by: Option<i64>,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
