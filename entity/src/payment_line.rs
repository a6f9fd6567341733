//! Money that can be paid exactly once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_line")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub line_no: String,
    pub person_id: i64,
    pub programme: String,
    pub award_year: i64,
    pub source: String,
    pub payer_division: String,
    pub component_no: i64,
    pub kind: String,
    pub amount_fen: i64,
    pub entitlement_id: i64,
    pub state: String,
    pub recorded_at: DateTimeUtc,
    pub voided_at: Option<DateTimeUtc>,
    /// Number of the file that granted it; empty for results of a run.
    pub subject_no: String,
    /// The enterprise that is paid; `None` where the person is.
    pub payee_enterprise_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
