//! What the conflict catalogue says of a group in an award year: proposed, then decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "catalogue_entry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub entry_no: String,
    pub award_year: i64,
    pub counterpart: String,
    pub group_code: String,
    pub group_name: String,
    pub relation: String,
    pub basis: String,
    pub document_no: String,
    pub proposed_by: i64,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
