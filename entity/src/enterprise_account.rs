//! Fact: the account of an enterprise; the rows of `bank_account` that belong to enterprises.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub account_name: String,
    pub account_index: String,
    pub account_cipher: Vec<u8>,
    pub last_four: String,
    pub bank_name: String,
    pub cnaps: String,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: i64,
    pub source_id: i64,
    pub reason: String,
    pub supersedes_id: Option<i64>,
    pub superseded_at: Option<DateTimeUtc>,
    pub superseded_source_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
