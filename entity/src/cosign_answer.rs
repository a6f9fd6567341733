//! What a signer answered.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cosign_answer")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub signer_id: i64,
    pub agrees: bool,
    pub opinion: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
