//! A person or a team that an enterprise put forward for a programme.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nomination")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub nomination_no: String,
    pub programme_id: i64,
    pub award_year: i64,
    pub nominee: String,
    pub enterprise_id: i64,
    pub title: String,
    pub nominated_by: i64,
    pub nominated_at: DateTimeUtc,
    pub withdrawn_by: Option<i64>,
    pub withdrawn_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
