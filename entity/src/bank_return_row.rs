//! A row of a return file; each ends matched, repeated or in suspense.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_return_row")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub return_id: i64,
    pub row_no: i64,
    pub line_ref: String,
    pub status: String,
    pub paid_fen: i64,
    pub bank_serial: String,
    pub paid_at: Option<DateTimeUtc>,
    pub reason_code: String,
    pub reason_text: String,
    pub disposition: String,
    pub query: String,
    pub batch_line_id: Option<i64>,
    pub resolution: String,
    pub resolved_by: Option<i64>,
    pub resolved_at: Option<DateTimeUtc>,
    pub payee_name: String,
    pub account_index: String,
    pub query_class: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
