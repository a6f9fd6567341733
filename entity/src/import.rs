//! An uploaded spreadsheet, from preview to confirmation or withdrawal.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub import_no: String,
    pub kind: String,
    pub organisation_id: i64,
    pub enterprise_id: Option<i64>,
    pub file_name: String,
    pub sha256: String,
    pub content: Vec<u8>,
    pub state: String,
    pub rows_total: i64,
    pub rows_good: i64,
    pub rows_bad: i64,
    pub rows_known: i64,
    pub facts_added: i64,
    pub uploaded_by: i64,
    pub uploaded_at: DateTimeUtc,
    pub decided_by: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
