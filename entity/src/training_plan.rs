//! Fact: who trains for what, where, and for how many; valid in its days.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "training_plan")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub training_id: i64,
    pub organiser: String,
    pub occupation: String,
    pub division: String,
    pub seats: i64,
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
