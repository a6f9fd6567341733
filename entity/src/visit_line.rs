//! A cost of a claim.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_line")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub claim_id: i64,
    pub seq: i64,
    pub expense: String,
    pub class: String,
    pub route: String,
    pub amount_fen: i64,
    pub currency: String,
    pub paid_on: Date,
    pub bank_rate_millionths: Option<i64>,
    pub documented_economy_fen: Option<i64>,
    pub document_no: String,
    pub ticket_key: Option<String>,
    pub released_at: Option<DateTimeUtc>,
    /// As printed on the ticket; empty for other costs.
    pub passenger: String,
    pub refund_fen: i64,
    pub refund_no: String,
    pub original_no: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
