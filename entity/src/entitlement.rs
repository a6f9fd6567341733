//! What a person is entitled to for a year: one version.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlement")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    pub programme: String,
    pub award_year: i64,
    pub version_no: i64,
    pub status: String,
    pub eligible_days: i64,
    pub counted_months: i64,
    pub gross_fen: i64,
    pub offset_fen: i64,
    pub net_fen: i64,
    pub reasons: String,
    pub determination: String,
    pub trace: String,
    pub fingerprint: String,
    pub policy_document_id: i64,
    pub facts_known_at: DateTimeUtc,
    /// `None` for what a file granted.
    pub run_id: Option<i64>,
    pub recorded_at: DateTimeUtc,
    pub superseded_at: Option<DateTimeUtc>,
    /// Number of the file that granted it; empty for results of a run.
    pub subject_no: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
