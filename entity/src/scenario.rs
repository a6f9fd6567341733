//! What another policy text would change, as a job.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scenario")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub scenario_no: String,
    pub programme: String,
    pub award_year: i64,
    pub name: String,
    pub conditions: String,
    pub draft_id: Option<i64>,
    pub base_document_id: i64,
    pub content: String,
    pub facts_known_at: DateTimeUtc,
    pub asked_by: i64,
    pub asked_at: DateTimeUtc,
    pub total: i64,
    pub state: String,
    pub done: i64,
    pub last_person_id: i64,
    pub outcome: String,
    pub message: String,
    pub finished_at: Option<DateTimeUtc>,
    pub lease_until: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
