//! The report of a year of a listed enterprise.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "year_report")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub report_no: String,
    pub enterprise_id: i64,
    pub report_year: i64,
    pub revision: i64,
    pub staff: i64,
    pub research_staff: i64,
    pub insured: i64,
    pub research_fen: i64,
    pub still_ai: bool,
    pub statement: String,
    pub filed_by: i64,
    pub filed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
