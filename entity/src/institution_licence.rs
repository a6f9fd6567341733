//! Fact: the licence of an HR institution; valid in its term.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "institution_licence")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub institution_id: i64,
    pub name: String,
    pub licence_no: String,
    pub division: String,
    pub services: String,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: i64,
    pub source_id: i64,
    pub reason: String,
    pub supersedes_id: Option<i64>,
    pub superseded_at: Option<DateTimeUtc>,
    pub superseded_source_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
