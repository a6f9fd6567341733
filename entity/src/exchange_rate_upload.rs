//! A file of exchange rates, as read in by one person and confirmed by another.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exchange_rate_upload")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub upload_no: String,
    pub file_name: String,
    pub content_sha256: String,
    pub rate_source: String,
    pub quotations: String,
    pub quotation_count: i64,
    pub proposed_by: i64,
    pub proposed_holder: i64,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
