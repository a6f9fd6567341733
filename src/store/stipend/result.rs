//! Entitlements: one version a person, programme and year, and its shares.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
};

use super::OF_A_RUN;
use crate::domain::money::Fen;
use crate::store::db::{insert_all, update_all};

pub use entity::entitlement::Model as Entitlement;
pub use entity::entitlement_share::Model as Share;

/// A programme and award year.
#[derive(Debug, Clone, Copy)]
pub struct Year<'a> {
    /// Identifier of the policy.
    pub programme: &'a str,
    /// Award year.
    pub award_year: i32,
}

/// What a run needs to know of the version that stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Identity.
    pub id: i64,
    /// Number of the version.
    pub version_no: i64,
    /// `eligible` or `ineligible`.
    pub status: String,
    /// Net amount.
    pub net: Fen,
    /// Hash of what it depends on.
    pub fingerprint: String,
}

/// The standing versions of a run of persons, by person.
///
/// # Errors
/// When the database fails.
pub async fn standing(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    persons: RangeInclusive<i64>,
) -> Result<HashMap<i64, Standing>, DbErr> {
    use entity::entitlement::{Column, Entity};
    let rows: Vec<(i64, i64, i64, String, i64, String)> = Entity::find()
        .select_only()
        .columns([
            Column::PersonId,
            Column::Id,
            Column::VersionNo,
            Column::Status,
            Column::NetFen,
            Column::Fingerprint,
        ])
        .filter(Column::Programme.eq(year.programme))
        .filter(Column::AwardYear.eq(i64::from(year.award_year)))
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .filter(Column::SupersededAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    let standing = |(person, id, version_no, status, net, fingerprint)| {
        (person, Standing { id, version_no, status, net: Fen::new(net), fingerprint })
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// The identities of the standing versions of a run of persons, by person.
///
/// # Errors
/// When the database fails.
pub async fn standing_ids(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    persons: RangeInclusive<i64>,
) -> Result<HashMap<i64, i64>, DbErr> {
    use entity::entitlement::{Column, Entity};
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::Id])
        .filter(Column::Programme.eq(year.programme))
        .filter(Column::AwardYear.eq(i64::from(year.award_year)))
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .filter(Column::SupersededAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Where new versions come from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Programme and year.
    pub year: Year<'a>,
    /// Policy text.
    pub policy_document_id: i64,
    /// The facts are those known then.
    pub facts_known_at: DateTime<Utc>,
    /// The run.
    pub run_id: i64,
    /// When they are stored.
    pub recorded_at: DateTime<Utc>,
}

/// A version to store.
#[derive(Debug, Clone)]
pub struct NewEntitlement {
    /// Person.
    pub person_id: i64,
    /// Number of the version, from 1.
    pub version_no: i64,
    /// `eligible` or `ineligible`.
    pub status: &'static str,
    /// Days on which all conditions held.
    pub eligible_days: i64,
    /// Months that count.
    pub counted_months: i64,
    /// Amount before other awards.
    pub gross: Fen,
    /// What other awards take away.
    pub offset: Fen,
    /// What is left.
    pub net: Fen,
    /// Codes of the reasons, a JSON list.
    pub reasons: String,
    /// The engine's answer, JSON.
    pub determination: String,
    /// Its steps, JSON.
    pub trace: String,
    /// Hash of what it depends on.
    pub fingerprint: String,
}

/// Ends the standing versions that new ones replace.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when one of them no longer stands.
pub async fn supersede(
    tx: &DatabaseTransaction,
    ids: &[i64],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::entitlement::{Column, Entity};
    let end = Entity::update_many()
        .col_expr(Column::SupersededAt, Expr::value(at))
        .filter(Column::SupersededAt.is_null());
    update_all(tx, &end, Column::Id, ids).await
}

/// Stores new versions.
///
/// # Errors
/// When a person has a standing version already.
pub async fn insert(
    tx: &DatabaseTransaction,
    origin: Origin<'_>,
    rows: Vec<NewEntitlement>,
) -> Result<(), DbErr> {
    use entity::entitlement::ActiveModel;
    let row = |new: NewEntitlement| ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        person_id: Set(new.person_id),
        programme: Set(origin.year.programme.to_owned()),
        award_year: Set(origin.year.award_year.into()),
        version_no: Set(new.version_no),
        status: Set(new.status.to_owned()),
        eligible_days: Set(new.eligible_days),
        counted_months: Set(new.counted_months),
        gross_fen: Set(new.gross.get()),
        offset_fen: Set(new.offset.get()),
        net_fen: Set(new.net.get()),
        reasons: Set(new.reasons),
        determination: Set(new.determination),
        trace: Set(new.trace),
        fingerprint: Set(new.fingerprint),
        policy_document_id: Set(origin.policy_document_id),
        facts_known_at: Set(origin.facts_known_at),
        run_id: Set(Some(origin.run_id)),
        subject_no: Set(OF_A_RUN.to_owned()),
        recorded_at: Set(origin.recorded_at),
        superseded_at: Set(None),
    };
    insert_all(tx, rows.into_iter().map(row)).await
}

/// A share to store.
#[derive(Debug, Clone)]
pub struct NewShare {
    /// Version it belongs to.
    pub entitlement_id: i64,
    /// Employer.
    pub enterprise_id: i64,
    /// Its division.
    pub division: String,
    /// The city-level unit of the division.
    pub city_unit: String,
    /// Funding source.
    pub source: String,
    /// Division of the office that pays.
    pub payer_division: String,
    /// Amount.
    pub amount: Fen,
}

/// Stores the shares of new versions.
///
/// # Errors
/// When the database refuses.
pub async fn insert_shares(tx: &DatabaseTransaction, rows: Vec<NewShare>) -> Result<(), DbErr> {
    use entity::entitlement_share::ActiveModel;
    let row = |new: NewShare| ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        entitlement_id: Set(new.entitlement_id),
        enterprise_id: Set(new.enterprise_id),
        division: Set(new.division),
        city_unit: Set(new.city_unit),
        source: Set(new.source),
        payer_division: Set(new.payer_division),
        amount_fen: Set(new.amount.get()),
        payee_enterprise_id: Set(None),
    };
    insert_all(tx, rows.into_iter().map(row)).await
}

/// The shares of the standing versions of a run of persons: (person, source, payer, amount).
///
/// # Errors
/// When the database fails.
pub async fn standing_shares(
    conn: &impl ConnectionTrait,
    year: Year<'_>,
    persons: RangeInclusive<i64>,
) -> Result<Vec<(i64, String, String, i64)>, DbErr> {
    use entity::entitlement::Column;
    use entity::entitlement_share::Column as ShareColumn;
    entity::entitlement_share::Entity::find()
        .select_only()
        .column(Column::PersonId)
        .columns([ShareColumn::Source, ShareColumn::PayerDivision, ShareColumn::AmountFen])
        .join(sea_orm::JoinType::InnerJoin, to_entitlement())
        .filter(Column::Programme.eq(year.programme))
        .filter(Column::AwardYear.eq(i64::from(year.award_year)))
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .filter(Column::SupersededAt.is_null())
        .into_tuple()
        .all(conn)
        .await
}

/// The way from a share to its version.
pub(super) fn to_entitlement() -> sea_orm::RelationDef {
    entity::entitlement_share::Entity::belongs_to(entity::entitlement::Entity)
        .from(entity::entitlement_share::Column::EntitlementId)
        .to(entity::entitlement::Column::Id)
        .into()
}
