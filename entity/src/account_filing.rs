//! An account of a person or an enterprise as somebody put it down, and what another person decided
//! of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_filing")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub filing_no: String,
    pub person_id: Option<i64>,
    pub enterprise_id: Option<i64>,
    pub account_name: String,
    pub account_index: String,
    pub account_cipher: Vec<u8>,
    pub last_four: String,
    pub bank_name: String,
    pub cnaps: String,
    pub from_day: Date,
    pub document_no: String,
    pub reason: String,
    pub brought_by: Option<i64>,
    pub filed_by: i64,
    pub filed_holder: i64,
    pub filed_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_holder: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub accepted: Option<bool>,
    pub note: String,
    pub source_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
