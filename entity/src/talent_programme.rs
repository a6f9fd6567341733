//! A talent programme of the province.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "talent_programme")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub programme_no: String,
    pub name: String,
    pub owner: String,
    pub group_code: String,
    pub recorded_by: i64,
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
