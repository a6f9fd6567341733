//! An entitlement's amount by employer and funding source.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlement_share")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub entitlement_id: i64,
    pub enterprise_id: i64,
    pub division: String,
    pub city_unit: String,
    pub source: String,
    pub payer_division: String,
    pub amount_fen: i64,
    /// The enterprise that is paid; `None` where the person is.
    pub payee_enterprise_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
