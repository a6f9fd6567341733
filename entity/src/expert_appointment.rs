//! An appointment of an expert or advisory scientist.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expert_appointment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub appointment_no: String,
    pub person_id: i64,
    pub kind: String,
    pub field: String,
    pub employer: String,
    pub employer_uscc: String,
    pub enterprise_id: i64,
    pub division: String,
    pub body: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub funding_fen: i64,
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
    pub certificate_no: Option<String>,
    pub case_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
