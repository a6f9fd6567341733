//! A list that is written beside the requests, and the file that came of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_job")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub export_no: String,
    pub account_id: i64,
    pub list: String,
    pub criteria: String,
    pub conditions: String,
    pub purpose: String,
    pub seen_as: String,
    pub state: String,
    pub total: i64,
    pub done: i64,
    pub attempts: i64,
    pub message: String,
    pub asked_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub lease_until: DateTimeUtc,
    pub store_name: Option<String>,
    pub size_bytes: Option<i64>,
    pub sha256: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
