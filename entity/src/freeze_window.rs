//! A window in which files of some kinds rest.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "freeze_window")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub window_no: String,
    pub from_day: Date,
    pub through_day: Date,
    pub reason: String,
    pub kinds: String,
    pub reach: String,
    pub limits_rest: bool,
    pub proposed_by: i64,
    pub proposed_holder: i64,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
    pub lifted_by: Option<i64>,
    pub lifted_at: Option<DateTimeUtc>,
    pub lifted_from: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
