//! Results of nominations that one person puts down and another confirms.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nomination_ruling")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub ruling_no: String,
    pub programme_id: i64,
    /// The results, JSON.
    pub content: String,
    pub nominations: i64,
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
