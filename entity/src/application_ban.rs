//! Fact: an enterprise that got money by deceit files nothing for a time.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_ban")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub case_no: String,
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
