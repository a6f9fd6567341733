//! A payment batch.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub batch_no: String,
    pub programme: String,
    pub award_year: i64,
    pub budget_year: i64,
    pub source: String,
    pub payer_division: String,
    pub payer_account: String,
    pub purpose: String,
    pub max_lines: i64,
    pub state: String,
    pub revision: i64,
    pub line_count: i64,
    pub total_fen: i64,
    pub content_hash: String,
    pub made_by: i64,
    pub checked_by: Option<i64>,
    pub approved_by: Option<i64>,
    pub frozen_at: Option<DateTimeUtc>,
    pub file_created_at: Option<DateTimeUtc>,
    pub file_sha256: String,
    pub voucher_no: String,
    pub created_at: DateTimeUtc,
    pub version: i64,
    pub city_unit: String,
    pub enterprise_uscc: String,
    pub tax_treatment: String,
    pub bank_profile: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
