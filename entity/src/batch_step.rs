//! A step of a batch: who, when, why, over which content.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch_step")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub batch_id: i64,
    pub revision: i64,
    pub action: String,
    pub from_state: String,
    pub to_state: String,
    pub account_id: i64,
    pub holder_id: i64,
    pub at: DateTimeUtc,
    pub reason: String,
    pub content_hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
