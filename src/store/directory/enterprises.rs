//! The list of enterprises and the record of one.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
};

use super::engineers::{contains, covers};
use super::person::facts_about;
use super::scope;
use crate::domain::authority::Scope;
use crate::domain::money::Fen;
use crate::domain::registry::{
    Code, EnterpriseDivision, EnterpriseName, EnterpriseProfile, Listing, RosterStatus, Stated,
};
use crate::store::account_filing;
use crate::store::db::sum_fen;
use crate::store::fact::Versions;
use crate::store::search::{Named, among_pairs};
use crate::store::stipend::OF_A_RUN;

/// An enterprise's identity and its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseKey {
    /// Row identity; never shown.
    pub id: i64,
    /// Unified social credit code.
    pub uscc: String,
}

/// State on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingFilter {
    /// A listing covers the day.
    Listed,
    /// Was listed before, is not now.
    Ended,
    /// Was never listed up to the day.
    Never,
}

/// Conditions of a list. `None` does not restrict.
#[derive(Debug, Clone)]
pub struct EnterpriseFilter {
    /// Day on which states are judged.
    pub today: NaiveDate,
    /// Part of a name it had or of its code.
    pub text: Option<String>,
    /// City-level unit where it lies.
    pub city: Option<String>,
    /// State on the list.
    pub listing: Option<ListingFilter>,
    /// Only those whose account waits for confirmation.
    pub account_waits: bool,
}

impl EnterpriseFilter {
    fn condition(&self, scope: &Scope) -> Condition {
        use entity::enterprise::Column;
        use entity::{enterprise_division as division, enterprise_name as name};
        let text = self.text.as_deref().map(|text| {
            let names = name::Entity::find()
                .select_only()
                .column(name::Column::EnterpriseId)
                .filter(name::Column::SupersededAt.is_null())
                .filter(Condition::all().add_option(among_pairs(
                    Named::Enterprise,
                    text,
                    name::Column::EnterpriseId,
                )))
                .filter(contains(name::Column::Name, text));
            Condition::any()
                .add(Column::Id.in_subquery(names.into_query()))
                .add(contains(Column::Uscc, text))
        });
        let city = self.city.as_deref().map(|unit| {
            let there = division::Entity::find()
                .select_only()
                .column(division::Column::EnterpriseId)
                .filter(division::Column::SupersededAt.is_null())
                .filter(division::Column::CityUnit.eq(unit))
                .filter(covers(division::Column::ValidFrom, division::Column::ValidTo, self.today));
            Column::Id.in_subquery(there.into_query())
        });
        scope::enterprises(scope, Column::Id)
            .add_option(text)
            .add_option(city)
            .add_option(self.listing.map(|listing| self.stands(listing)))
            .add_option(self.account_waits.then(|| account_filing::waiting(Column::Id)))
    }

    fn stands(&self, state: ListingFilter) -> Condition {
        use entity::listing::{Column, Entity};
        let id = entity::enterprise::Column::Id;
        let listed = |when: Condition| {
            Entity::find()
                .select_only()
                .column(Column::EnterpriseId)
                .filter(Column::SupersededAt.is_null())
                .filter(when)
                .into_query()
        };
        let now = || listed(covers(Column::ValidFrom, Column::ValidTo, self.today));
        let once = || listed(Condition::all().add(Column::ValidFrom.lte(self.today)));
        let all = Condition::all();
        match state {
            ListingFilter::Listed => all.add(id.in_subquery(now())),
            ListingFilter::Ended => all.add(id.in_subquery(once())).add(id.not_in_subquery(now())),
            ListingFilter::Never => all.add(id.not_in_subquery(once())),
        }
    }
}

pub(super) fn select(
    scope: &Scope,
    filter: &EnterpriseFilter,
) -> Select<entity::enterprise::Entity> {
    entity::enterprise::Entity::find().filter(filter.condition(scope))
}

pub(super) fn key(row: entity::enterprise::Model) -> EnterpriseKey {
    EnterpriseKey { id: row.id, uscc: row.uscc }
}

/// How many enterprises in scope satisfy the filter.
///
/// # Errors
/// When the database fails.
pub async fn count_enterprises(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EnterpriseFilter,
) -> Result<i64, DbErr> {
    let count = select(scope, filter).count(conn).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Up to `limit` enterprises in scope that satisfy the filter, after the first `offset`, in the
/// order in which they were registered.
///
/// # Errors
/// When the database fails.
pub async fn enterprises(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &EnterpriseFilter,
    offset: u64,
    limit: u64,
) -> Result<Vec<EnterpriseKey>, DbErr> {
    let rows = select(scope, filter)
        .order_by_asc(entity::enterprise::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(key).collect())
}

/// The enterprise with this code, when in scope.
///
/// # Errors
/// When the database fails.
pub async fn enterprise(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    uscc: &str,
) -> Result<Option<EnterpriseKey>, DbErr> {
    let found = entity::enterprise::Entity::find()
        .filter(entity::enterprise::Column::Uscc.eq(uscc))
        .filter(scope::enterprises(scope, entity::enterprise::Column::Id))
        .one(conn)
        .await?;
    Ok(found.map(key))
}

/// What the registry holds about an enterprise.
#[derive(Debug, Clone)]
pub struct EnterpriseFile {
    /// Which.
    pub key: EnterpriseKey,
    /// Names.
    pub names: Vec<Stated<EnterpriseName>>,
    /// Divisions it lay in.
    pub divisions: Vec<Stated<EnterpriseDivision>>,
    /// Fields of business and contacts.
    pub profiles: Vec<Stated<EnterpriseProfile>>,
    /// Places on the list.
    pub listings: Vec<Stated<Listing>>,
}

/// The files of these enterprises. The caller has them from a reader with a scope. A fixed number
/// of statements.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn enterprise_files(
    conn: &impl ConnectionTrait,
    ids: &[i64],
    versions: Versions,
) -> Result<HashMap<i64, EnterpriseFile>, DbErr> {
    let rows = entity::enterprise::Entity::find()
        .filter(entity::enterprise::Column::Id.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    let mut names = facts_about(conn, ids, versions).await?;
    let mut divisions = facts_about(conn, ids, versions).await?;
    let mut profiles = facts_about(conn, ids, versions).await?;
    let mut listings = facts_about(conn, ids, versions).await?;
    let file = |row: entity::enterprise::Model| {
        let id = row.id;
        let file = EnterpriseFile {
            key: key(row),
            names: names.remove(&id).unwrap_or_default(),
            divisions: divisions.remove(&id).unwrap_or_default(),
            profiles: profiles.remove(&id).unwrap_or_default(),
            listings: listings.remove(&id).unwrap_or_default(),
        };
        (id, file)
    };
    Ok(rows.into_iter().map(file).collect())
}

/// How many persons each enterprise has on its confirmed roster on a day; none gives no entry.
///
/// # Errors
/// When the database fails.
pub async fn on_roster_counts(
    conn: &impl ConnectionTrait,
    ids: &[i64],
    day: NaiveDate,
) -> Result<HashMap<i64, i64>, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .column(Column::EnterpriseId)
        .column_as(Column::PersonId.count(), "persons")
        .filter(Column::EnterpriseId.is_in(ids.iter().copied()))
        .filter(Column::SupersededAt.is_null())
        .filter(Column::Status.eq(RosterStatus::Confirmed.code()))
        .filter(covers(Column::ValidFrom, Column::ValidTo, day))
        .group_by(Column::EnterpriseId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What the live entitlements of a year grant for the time at each enterprise; nothing granted
/// gives no entry.
///
/// # Errors
/// When the database fails.
pub async fn share_sums(
    conn: &impl ConnectionTrait,
    ids: &[i64],
    year: i64,
) -> Result<HashMap<i64, Fen>, DbErr> {
    use entity::{entitlement as decided, entitlement_share as share};
    let rows: Vec<(i64, i64)> = share::Entity::find()
        .select_only()
        .column(share::Column::EnterpriseId)
        .column_as(sum_fen(share::Column::AmountFen.into_expr()), "amount")
        .join(JoinType::InnerJoin, share_of_entitlement())
        .filter(share::Column::EnterpriseId.is_in(ids.iter().copied()))
        .filter(decided::Column::AwardYear.eq(year))
        .filter(decided::Column::SupersededAt.is_null())
        .filter(decided::Column::SubjectNo.eq(OF_A_RUN))
        .group_by(share::Column::EnterpriseId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, fen)| (id, Fen::new(fen))).collect())
}

/// From a share to the entitlement it is of.
pub(super) fn share_of_entitlement() -> RelationDef {
    use entity::{entitlement as decided, entitlement_share as share};
    share::Entity::belongs_to(decided::Entity)
        .from(share::Column::EntitlementId)
        .to(decided::Column::Id)
        .into()
}

/// Code and name on a day of up to `limit` enterprises in scope, for a drop-down list.
///
/// # Errors
/// When the database fails.
pub async fn enterprise_choices(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
    limit: u64,
) -> Result<Vec<(String, String)>, DbErr> {
    use entity::{enterprise, enterprise_name as name};
    let of: RelationDef = name::Entity::belongs_to(enterprise::Entity)
        .from(name::Column::EnterpriseId)
        .to(enterprise::Column::Id)
        .into();
    name::Entity::find()
        .select_only()
        .column(enterprise::Column::Uscc)
        .column(name::Column::Name)
        .join(JoinType::InnerJoin, of)
        .filter(scope::enterprises(scope, enterprise::Column::Id))
        .filter(name::Column::SupersededAt.is_null())
        .filter(covers(name::Column::ValidFrom, name::Column::ValidTo, day))
        .order_by_asc(enterprise::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}
