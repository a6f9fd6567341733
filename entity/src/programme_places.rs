//! Fact: separate places of a programme in a year, for persons or for teams.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programme_places")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub programme_id: i64,
    pub award_year: i64,
    pub nominee: String,
    pub places: i64,
    pub ai_group: bool,
    pub target_permille: Option<i64>,
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
