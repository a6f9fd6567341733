//! What a person objects to about the amount of a year, and what an office answered.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "year_dispute")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    pub award_year: i64,
    /// The version of the result that the person looked at.
    pub version: i64,
    pub note: String,
    pub at: DateTimeUtc,
    pub answered_by: Option<i64>,
    pub answer: String,
    pub answered_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
