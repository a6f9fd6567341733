//! A payment line inside a batch revision.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch_line")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub line_ref: String,
    pub batch_id: i64,
    pub revision: i64,
    pub seq: i64,
    pub payment_line_id: i64,
    pub payee_name: String,
    pub bank_account_id: i64,
    pub last_four: String,
    pub amount_fen: i64,
    pub live: bool,
    pub outcome: String,
    pub reason_code: String,
    pub reason_text: String,
    pub bank_serial: String,
    pub paid_at: Option<DateTimeUtc>,
    pub tax_fen: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
