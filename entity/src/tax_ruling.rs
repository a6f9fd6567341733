//! How income tax is handled for a programme's money of a year: proposed, then decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tax_ruling")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub ruling_no: String,
    pub programme: String,
    pub award_year: i64,
    pub treatment: String,
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
