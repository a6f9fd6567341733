//! One computation of a programme and year.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "compute_run")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub run_no: String,
    pub programme: String,
    pub award_year: i64,
    pub policy_document_id: i64,
    pub facts_known_at: DateTimeUtc,
    pub state: String,
    pub total: i64,
    pub done: i64,
    pub last_person_id: i64,
    pub eligible: i64,
    pub ineligible: i64,
    pub changed: i64,
    pub adjusted: i64,
    pub failed_persons: i64,
    pub message: String,
    pub started_by: i64,
    pub started_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    pub lease_until: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
