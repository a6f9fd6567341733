//! A key that seals, finds or signs, wrapped by the master key.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub purpose: String,
    pub suite: String,
    pub is_first: bool,
    pub wrapped: Vec<u8>,
    pub made_at: DateTimeUtc,
    pub starts_at: DateTimeUtc,
    pub resealed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
