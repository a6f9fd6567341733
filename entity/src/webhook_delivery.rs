//! An event for an endpoint: waiting, taken by its receiver, or given up.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub message_id: String,
    pub endpoint_id: i64,
    pub kind: String,
    pub body: String,
    pub written_at: DateTimeUtc,
    pub state: String,
    pub attempts: i64,
    pub due_at: DateTimeUtc,
    pub tried_at: Option<DateTimeUtc>,
    pub response_code: Option<i64>,
    pub fault: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
