//! An act on a file: who, when, from where to where, on what evidence.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_step")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub seq: i64,
    pub act: String,
    pub from_state: String,
    pub to_state: String,
    pub on_day: Date,
    pub at: DateTimeUtc,
    pub hand: String,
    pub account_id: Option<i64>,
    pub holder_id: Option<i64>,
    pub for_account_id: Option<i64>,
    pub for_holder_id: Option<i64>,
    pub remark: String,
    pub evidence: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
