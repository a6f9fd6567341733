//! A request for signatures on a file.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cosign_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub step_no: i64,
    pub state: String,
    pub question: String,
    pub signers: i64,
    pub needed: i64,
    pub due_on: Option<Date>,
    pub asked_by: i64,
    pub asked_holder: i64,
    pub for_account_id: Option<i64>,
    pub for_holder_id: Option<i64>,
    pub organisation_id: i64,
    pub asked_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub ending: Option<String>,
    pub ended_by: Option<i64>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
