//! Somebody in a sample, and what the check found.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_item")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub sample_id: i64,
    pub seq: i64,
    pub person_id: i64,
    pub enterprise_id: i64,
    pub risks: String,
    pub points: i64,
    pub finding: Option<String>,
    pub remark: Option<String>,
    pub checked_by: Option<i64>,
    pub checked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
