//! A policy text that somebody proposed, and what became of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_draft")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub draft_no: String,
    pub programme: String,
    pub title: String,
    pub sha256: String,
    pub content: String,
    pub base_document_id: i64,
    pub source_id: i64,
    pub reason: String,
    pub proposed_by: i64,
    pub proposed_holder: i64,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub verdict: Option<String>,
    pub note: Option<String>,
    pub policy_document_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
