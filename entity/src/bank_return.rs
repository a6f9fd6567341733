//! A return file from the bank.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_return")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub return_no: String,
    pub batch_id: i64,
    pub file_name: String,
    pub sha256: String,
    pub loaded_by: i64,
    pub loaded_at: DateTimeUtc,
    pub confirmed_by: Option<i64>,
    pub confirmed_at: Option<DateTimeUtc>,
    pub bank_no: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
