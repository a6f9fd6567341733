//! What an office answered to a person's objection.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dispute_answer")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub confirmation_id: i64,
    pub answered_by: i64,
    pub note: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
