//! Persons drawn to be checked, with the seed that draws them again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_sample")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub sample_no: String,
    pub drawing: String,
    pub organisation_id: i64,
    pub enterprise_id: Option<i64>,
    pub seed: i64,
    pub population: i64,
    pub population_hash: String,
    pub size: i64,
    pub points: String,
    pub drawn_by: i64,
    pub drawn_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
