//! A public notice.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_notice")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub notice_no: String,
    pub kind: String,
    pub title: String,
    pub basis: String,
    pub contact: String,
    pub published_by: i64,
    pub published_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
