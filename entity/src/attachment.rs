//! A file that proves something; its content lies in the file store.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub store_name: String,
    pub subject_kind: String,
    pub subject_id: i64,
    pub organisation_id: i64,
    pub file_name: String,
    pub file_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    pub sealed: bool,
    pub note: String,
    pub uploaded_by: i64,
    pub uploaded_at: DateTimeUtc,
    pub withdrawn_by: Option<i64>,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawal_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
