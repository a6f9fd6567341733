//! A proposal to merge two persons or to undo that, and what a second person decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merge_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub request_no: String,
    pub kind: String,
    pub leading_id: i64,
    pub merged_id: i64,
    pub merge_id: Option<i64>,
    pub reason: String,
    pub document_no: String,
    pub proposed_by: i64,
    pub proposed_holder: i64,
    pub proposed_at: DateTimeUtc,
    pub state: String,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
