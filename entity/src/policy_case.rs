//! A version of a golden case: with a loaded policy text, or with a proposed one.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_case")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub programme: String,
    pub case_no: i64,
    pub version: i64,
    pub policy_document_id: Option<i64>,
    pub draft_id: Option<i64>,
    pub content: String,
    pub reason: String,
    pub recorded_by: i64,
    pub recorded_holder: i64,
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
