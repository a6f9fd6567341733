//! What a bank quoted for a currency on a day, with the time for which it was believed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exchange_rate")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub currency: String,
    pub quoted_on: Date,
    pub direction: String,
    pub rate_millionths: i64,
    pub rate_source: String,
    pub upload_id: i64,
    pub recorded_at: DateTimeUtc,
    pub superseded_at: Option<DateTimeUtc>,
    pub superseded_upload_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
