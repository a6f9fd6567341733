//! What was agreed with a person or team, case by case.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_agreement")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub agreement_no: String,
    pub title: String,
    pub subject: String,
    pub leader_id: i64,
    pub enterprise_id: i64,
    pub division: String,
    pub decided_by_body: String,
    pub decided_on: Date,
    pub terms: String,
    pub total_fen: i64,
    pub policy_document_id: i64,
    pub source_id: i64,
    pub proposed_by: i64,
    pub proposed_holder: i64,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
