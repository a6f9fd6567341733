//! A proposal to suspend an enterprise's pilot, and what was decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pilot_suspension")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub sample_id: i64,
    pub checked: i64,
    pub errors: i64,
    pub proposed_by: i64,
    pub proposer_holder: i64,
    pub proposed_at: DateTimeUtc,
    pub outcome: Option<String>,
    pub document_no: Option<String>,
    pub decided_by: Option<i64>,
    pub decider_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
