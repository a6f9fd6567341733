//! What was granted and paid, as the overview counts and lists it.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::super::enterprises::share_of_entitlement;
use super::super::figures::{all_paid, of_state, place_of_share};
use crate::domain::authority::Scope;
use crate::domain::money::Fen;
use crate::store::db::sum_fen;
use crate::store::stipend::OF_A_RUN;

/// Shares of live entitlements that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyGroup {
    /// Award year.
    pub year: i64,
    /// For the time at this enterprise.
    pub enterprise_id: i64,
    /// In this division.
    pub division: String,
    /// Of this city-level unit.
    pub city_unit: String,
    /// How many.
    pub shares: i64,
    /// Their sum.
    pub amount: Fen,
}

/// Which shares.
#[derive(Debug, Clone, Default)]
pub struct ShareChoice {
    /// Award year.
    pub year: Option<i64>,
    /// Enterprise.
    pub enterprise_id: Option<i64>,
    /// Only those whose payment lines are all paid.
    pub paid: bool,
}

fn shares(scope: &Scope, choice: &ShareChoice) -> Select<entity::entitlement_share::Entity> {
    use entity::{entitlement as decided, entitlement_share as share};
    share::Entity::find()
        .join(JoinType::InnerJoin, share_of_entitlement())
        .filter(decided::Column::SupersededAt.is_null())
        .filter(decided::Column::SubjectNo.eq(OF_A_RUN))
        .filter::<Condition>(place_of_share(scope))
        .filter(
            Condition::all()
                .add_option(choice.year.map(|year| decided::Column::AwardYear.eq(year)))
                .add_option(choice.enterprise_id.map(|id| share::Column::EnterpriseId.eq(id)))
                .add_option(choice.paid.then(all_paid)),
        )
}

/// What live entitlements grant, by year, enterprise and place.
///
/// # Errors
/// When the database fails.
pub async fn money_groups(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    choice: &ShareChoice,
) -> Result<Vec<MoneyGroup>, DbErr> {
    use entity::{entitlement as decided, entitlement_share as share};
    let rows: Vec<(i64, i64, String, String, i64, i64)> = shares(scope, choice)
        .select_only()
        .column(decided::Column::AwardYear)
        .columns([share::Column::EnterpriseId, share::Column::Division, share::Column::CityUnit])
        .column_as(share::Column::Id.count(), "shares")
        .column_as(sum_fen(share::Column::AmountFen.into_expr()), "amount")
        .group_by(decided::Column::AwardYear)
        .group_by(share::Column::EnterpriseId)
        .group_by(share::Column::Division)
        .group_by(share::Column::CityUnit)
        .into_tuple()
        .all(conn)
        .await?;
    let group = |(year, enterprise_id, division, city_unit, shares, fen)| MoneyGroup {
        year,
        enterprise_id,
        division,
        city_unit,
        shares,
        amount: Fen::new(fen),
    };
    Ok(rows.into_iter().map(group).collect())
}

/// Something granted or paid to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyRow {
    /// To whom.
    pub person_id: i64,
    /// For which year.
    pub year: i64,
    /// For the time at which enterprise; `None` for a payment, which may be for several.
    pub enterprise_id: Option<i64>,
    /// Source of the money, as stored.
    pub source: String,
    /// How much.
    pub amount: Fen,
}

/// A page of those shares, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn share_rows(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    choice: &ShareChoice,
    (offset, limit): (u64, u64),
) -> Result<(Vec<MoneyRow>, u64), DbErr> {
    use entity::{entitlement as decided, entitlement_share as share};
    let select = shares(scope, choice);
    let total = select.clone().count(conn).await?;
    let rows: Vec<(i64, i64, i64, String, i64)> = select
        .select_only()
        .columns([decided::Column::PersonId, decided::Column::AwardYear])
        .columns([share::Column::EnterpriseId, share::Column::Source, share::Column::AmountFen])
        .order_by_asc(share::Column::Id)
        .offset(offset)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    let row = |(person_id, year, enterprise_id, source, fen)| MoneyRow {
        person_id,
        year,
        enterprise_id: Some(enterprise_id),
        source,
        amount: Fen::new(fen),
    };
    Ok((rows.into_iter().map(row).collect(), total))
}

/// Paid lines of the whole province by award year: year, lines, sum.
///
/// # Errors
/// When the database fails.
pub async fn paid_groups(conn: &impl ConnectionTrait) -> Result<Vec<(i64, i64, Fen)>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let rows: Vec<(i64, i64, i64)> = Entity::find()
        .select_only()
        .column(Column::AwardYear)
        .column_as(Column::Id.count(), "lines")
        .column_as(sum_fen(Column::AmountFen.into_expr()), "amount")
        .filter(of_state("paid"))
        .filter(Column::SubjectNo.eq(OF_A_RUN))
        .group_by(Column::AwardYear)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(year, lines, fen)| (year, lines, Fen::new(fen))).collect())
}

/// A page of the paid lines of a year, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn paid_rows(
    conn: &impl ConnectionTrait,
    year: i64,
    (offset, limit): (u64, u64),
) -> Result<(Vec<MoneyRow>, u64), DbErr> {
    use entity::payment_line::{Column, Entity};
    let select = Entity::find()
        .filter(of_state("paid"))
        .filter(Column::SubjectNo.eq(OF_A_RUN))
        .filter(Column::AwardYear.eq(year));
    let total = select.clone().count(conn).await?;
    let rows = select.order_by_asc(Column::Id).offset(offset).limit(limit).all(conn).await?;
    let row = |line: entity::payment_line::Model| MoneyRow {
        person_id: line.person_id,
        year: line.award_year,
        enterprise_id: None,
        source: line.source,
        amount: Fen::new(line.amount_fen),
    };
    Ok((rows.into_iter().map(row).collect(), total))
}
