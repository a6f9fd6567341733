//! The committee's decision, and the notice inside the enterprise.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recognition_decision")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub members: i64,
    pub present: i64,
    pub in_favour: i64,
    pub recused: String,
    pub major_shareholder: bool,
    pub notice_from: Date,
    pub notice_through: Date,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
