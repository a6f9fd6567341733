//! A year's working days, as read in by one person and confirmed by another.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_calendar")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub calendar_year: i64,
    pub version: i64,
    pub days_off: String,
    pub working_days: String,
    pub announced_on: Date,
    pub source_id: i64,
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
