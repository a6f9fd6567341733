//! A movement of money between two accounts of a budget line; never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub event: String,
    pub from_account: String,
    pub to_account: String,
    pub programme: String,
    pub source: String,
    pub payer_division: String,
    pub budget_year: i64,
    pub award_year: Option<i64>,
    pub paid_on: Option<Date>,
    pub amount_fen: i64,
    pub object_kind: String,
    pub object_no: String,
    pub recorded_by: Option<i64>,
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
