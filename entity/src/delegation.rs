//! Somebody stands in for somebody, in writing and for days.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delegation")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub giver_id: i64,
    pub taker_id: i64,
    pub case_id: Option<i64>,
    pub starts_on: Date,
    pub ends_on: Date,
    pub document_no: String,
    pub reason: String,
    pub recorded_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
