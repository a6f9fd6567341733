//! What somebody said of a line after its notice was over; who said it is sealed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tip")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tip_no: String,
    pub entry_id: i64,
    pub named: bool,
    pub informant_cipher: Vec<u8>,
    pub contact_cipher: Vec<u8>,
    pub content: String,
    pub received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
