//! A visit of a young talent from overseas.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub person_id: i64,
    pub enterprise_id: i64,
    pub division: String,
    pub birth: Date,
    pub policy_document_id: i64,
    pub recorded_by: i64,
    pub recorded_at: DateTimeUtc,
    pub arrived_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
