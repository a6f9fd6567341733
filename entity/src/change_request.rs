//! What an office asks to be changed about a stated fact, and what another person decided of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub request_no: String,
    pub act: String,
    pub fact_kind: String,
    pub fact_id: Option<i64>,
    pub person_id: Option<i64>,
    pub enterprise_id: Option<i64>,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    pub held_from: Option<Date>,
    pub held_through: Option<Date>,
    pub ground: String,
    pub reason: String,
    pub document_no: String,
    pub asked_by: i64,
    pub asked_holder: i64,
    pub asked_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
