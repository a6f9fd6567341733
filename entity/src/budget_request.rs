//! Money of a budget line that is to be set aside, taken back, carried over or given up: proposed,
//! then decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub request_no: String,
    pub kind: String,
    pub programme: String,
    pub source: String,
    pub payer_division: String,
    pub budget_year: i64,
    pub amount_fen: i64,
    pub document_no: String,
    pub agency_code: String,
    pub function_code: String,
    pub project_code: String,
    pub proposed_by: i64,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
