//! A line of a notice, as the public reads it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_notice_entry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub notice_id: i64,
    pub seq: i64,
    pub case_id: i64,
    pub name_masked: String,
    pub enterprise: String,
    pub detail: String,
    /// What is announced to be paid; `None` where no money is announced.
    pub amount_fen: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
