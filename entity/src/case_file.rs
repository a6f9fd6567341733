//! A file that moves through offices; where it stands is what its steps make of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_file")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub kind: String,
    pub enterprise_id: Option<i64>,
    pub person_id: Option<i64>,
    pub about: String,
    pub state: String,
    pub steps: i64,
    pub since: Date,
    pub due_on: Option<Date>,
    pub opened_by: i64,
    pub opened_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
