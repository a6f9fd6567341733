//! A call for applications to the key-enterprise list.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_call")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub call_no: String,
    pub title: String,
    pub document_no: String,
    pub opens_on: Date,
    pub closes_on: Date,
    pub published_by: i64,
    pub published_at: DateTimeUtc,
    pub revoked_by: Option<i64>,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
