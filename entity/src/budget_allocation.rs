//! Money allotted to a source and payer for a year.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_allocation")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub programme: String,
    pub source: String,
    pub payer_division: String,
    pub budget_year: i64,
    pub amount_fen: i64,
    pub document_no: String,
    pub recorded_by: i64,
    pub recorded_at: DateTimeUtc,
    pub request_no: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
