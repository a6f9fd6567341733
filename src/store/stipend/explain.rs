//! Everything that one amount rests on, and what became of it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use entity::{account, account_holder, batch, batch_line, batch_step, payment_line, person};

use super::result::{Entitlement, Share, Year};
use crate::domain::authority::Scope;
use crate::domain::registry::{EnterpriseName, PersonName};
use crate::store::db::rows_per_statement;
use crate::store::directory::scope::persons;
use crate::store::fact::{CommonColumn, FactTable, Versions, facts_where};

/// The person with this number, if the scope covers them.
///
/// # Errors
/// When the database fails.
pub async fn person(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    person_no: &str,
) -> Result<Option<i64>, DbErr> {
    person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::PersonNo.eq(person_no))
        .filter(persons(scope, person::Column::Id))
        .into_tuple()
        .one(conn)
        .await
}

/// All versions of a person's year, the last first.
///
/// # Errors
/// When the database fails.
pub async fn versions(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    person_id: i64,
) -> Result<Vec<Entitlement>, DbErr> {
    use entity::entitlement::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::Programme.eq(year.programme))
        .filter(Column::AwardYear.eq(i64::from(year.award_year)))
        .order_by_desc(Column::VersionNo)
        .all(conn)
        .await
}

/// The shares of a version.
///
/// # Errors
/// When the database fails.
pub async fn shares(conn: &impl ConnectionTrait, entitlement_id: i64) -> Result<Vec<Share>, DbErr> {
    use entity::entitlement_share::{Column, Entity};
    Entity::find()
        .filter(Column::EntitlementId.eq(entitlement_id))
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// Live names of persons.
///
/// # Errors
/// When the database fails.
pub async fn person_names(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    let mut names = HashMap::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let about = PersonName::column(CommonColumn::About).is_in(ids.iter().copied());
        for stated in facts_where::<PersonName>(conn, about, Versions::Live).await? {
            names.insert(stated.about, stated.fact.name);
        }
    }
    Ok(names)
}

/// Live names of enterprises.
///
/// # Errors
/// When the database fails.
pub async fn enterprise_names(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    let mut names = HashMap::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let about = EnterpriseName::column(CommonColumn::About).is_in(ids.iter().copied());
        for stated in facts_where::<EnterpriseName>(conn, about, Versions::Live).await? {
            names.insert(stated.about, stated.fact.name);
        }
    }
    Ok(names)
}

/// The enterprises that a scope covers, with code and live name, by name.
///
/// # Errors
/// When the database fails.
pub async fn enterprises_in(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<(i64, String, String)>, DbErr> {
    use entity::{enterprise, enterprise_division as division, enterprise_name as name};
    let to_name: RelationDef = enterprise::Entity::belongs_to(name::Entity)
        .from(enterprise::Column::Id)
        .to(name::Column::EnterpriseId)
        .into();
    let to_division: RelationDef = enterprise::Entity::belongs_to(division::Entity)
        .from(enterprise::Column::Id)
        .to(division::Column::EnterpriseId)
        .into();
    let all = enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .column(enterprise::Column::Uscc)
        .column(name::Column::Name)
        .distinct()
        .join(JoinType::InnerJoin, to_name)
        .filter(name::Column::SupersededAt.is_null());
    let placed = || {
        all.clone()
            .join(JoinType::InnerJoin, to_division)
            .filter(division::Column::SupersededAt.is_null())
    };
    let found = match scope {
        Scope::Province => all,
        Scope::City(unit) => placed().filter(division::Column::CityUnit.eq(unit.as_str())),
        Scope::County(code) => placed().filter(division::Column::Division.eq(code.as_str())),
        Scope::Enterprise(id) => all.filter(enterprise::Column::Id.eq(*id)),
        Scope::Person(_) | Scope::Nothing => return Ok(Vec::new()),
    };
    found.order_by_asc(name::Column::Name).into_tuple().all(conn).await
}

/// A payment of a person's year as a batch carries it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Payment {
    /// Identity of the batch.
    pub batch_id: i64,
    /// Number of the batch.
    pub batch_no: String,
    /// Amount, fen.
    pub amount_fen: i64,
    /// What is withheld of it, fen.
    pub tax_fen: i64,
    /// Last digits of the account.
    pub last_four: String,
    /// `pending`, `released`, `settled` or `failed`.
    pub outcome: String,
    /// What the bank said.
    pub reason_text: String,
    /// The bank's serial number.
    pub bank_serial: String,
    /// When the bank paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// `stipend` or `supplement`.
    pub kind: String,
}

/// The payments of a year to a person under these numbers, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn payments(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    persons: &[i64],
) -> Result<Vec<Payment>, DbErr> {
    use batch_line::Column as B;
    let to_batch: RelationDef =
        batch_line::Entity::belongs_to(batch::Entity).from(B::BatchId).to(batch::Column::Id).into();
    let to_line: RelationDef = batch_line::Entity::belongs_to(payment_line::Entity)
        .from(B::PaymentLineId)
        .to(payment_line::Column::Id)
        .into();
    batch_line::Entity::find()
        .select_only()
        .columns([B::BatchId, B::AmountFen, B::TaxFen, B::LastFour, B::Outcome])
        .columns([B::ReasonText, B::BankSerial, B::PaidAt])
        .column(batch::Column::BatchNo)
        .column(payment_line::Column::Kind)
        .join(JoinType::InnerJoin, to_batch)
        .join(JoinType::InnerJoin, to_line)
        .filter(payment_line::Column::PersonId.is_in(persons.iter().copied()))
        .filter(payment_line::Column::Programme.eq(year.programme))
        .filter(payment_line::Column::AwardYear.eq(i64::from(year.award_year)))
        .order_by_asc(B::Id)
        .into_model()
        .all(conn)
        .await
}

/// A step of a batch, by whom.
#[derive(Debug, Clone, FromQueryResult)]
pub struct BatchStep {
    /// Identity of the batch.
    pub batch_id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// State it led to.
    pub to_state: String,
    /// Name of the person.
    pub name: String,
    /// Role in which it was done.
    pub role: String,
}

/// The steps of batches, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn batch_steps(
    conn: &impl ConnectionTrait,
    batches: &[i64],
) -> Result<Vec<BatchStep>, DbErr> {
    use batch_step::Column as S;
    let to_account: RelationDef = batch_step::Entity::belongs_to(account::Entity)
        .from(S::AccountId)
        .to(account::Column::Id)
        .into();
    let to_holder: RelationDef = batch_step::Entity::belongs_to(account_holder::Entity)
        .from(S::HolderId)
        .to(account_holder::Column::Id)
        .into();
    batch_step::Entity::find()
        .select_only()
        .columns([S::BatchId, S::At, S::ToState])
        .column(account_holder::Column::Name)
        .column(account::Column::Role)
        .join(JoinType::InnerJoin, to_account)
        .join(JoinType::InnerJoin, to_holder)
        .filter(S::BatchId.is_in(batches.iter().copied()))
        .order_by_asc(S::Id)
        .into_model()
        .all(conn)
        .await
}
