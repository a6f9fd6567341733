//! Money to be recovered: proposed by a correction, then decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub recovery_no: String,
    pub person_id: i64,
    pub programme: String,
    pub award_year: i64,
    pub source: String,
    pub payer_division: String,
    pub amount_fen: i64,
    pub entitlement_id: i64,
    pub state: String,
    pub recorded_at: DateTimeUtc,
    pub cancelled_at: Option<DateTimeUtc>,
    pub claim_year: Option<i64>,
    pub liable_enterprise_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
