//! A message on a file, from its office or its enterprise to the other.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_message")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub side: String,
    pub organisation_id: i64,
    pub account_id: i64,
    pub holder_id: i64,
    pub for_account_id: Option<i64>,
    pub for_holder_id: Option<i64>,
    pub text: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
