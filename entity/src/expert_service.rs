//! What an appointed expert did for an enterprise on a day.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expert_service")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub service_no: String,
    pub appointment_id: i64,
    pub enterprise_id: i64,
    pub served_on: Date,
    pub kind: String,
    pub hours_tenths: i64,
    pub content: String,
    pub side: String,
    pub supersedes_id: Option<i64>,
    pub recorded_by: i64,
    pub recorded_holder: i64,
    pub recorded_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
