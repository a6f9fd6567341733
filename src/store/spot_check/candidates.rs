//! Who can be drawn, and what the registry shows about them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use crate::domain::authority::Scope;
use crate::store::directory::scope;

/// A live roster entry or recognition of an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// Person.
    pub person_id: i64,
    /// Enterprise.
    pub enterprise_id: i64,
    /// First day.
    pub from: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Whether it is a recognition.
    pub is_recognition: bool,
}

/// Roster entries and recognitions of enterprises in scope, or of one of them, that have not ended
/// on `today`; the entries first, each in order of persons.
///
/// # Errors
/// When the database fails.
pub async fn registered(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    enterprise_id: Option<i64>,
    today: NaiveDate,
) -> Result<Vec<Registered>, DbErr> {
    use entity::recognition::Column as Seal;
    use entity::roster_entry::Column as Entry;
    let entries: Vec<(i64, i64, NaiveDate, DateTime<Utc>)> = entity::roster_entry::Entity::find()
        .select_only()
        .columns([Entry::PersonId, Entry::EnterpriseId, Entry::ValidFrom, Entry::RecordedAt])
        .filter(Entry::SupersededAt.is_null())
        .filter(Condition::any().add(Entry::ValidTo.is_null()).add(Entry::ValidTo.gt(today)))
        .filter(scope::enterprises(scope, Entry::EnterpriseId))
        .filter(Condition::all().add_option(enterprise_id.map(|id| Entry::EnterpriseId.eq(id))))
        .order_by_asc(Entry::PersonId)
        .order_by_asc(Entry::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let seals: Vec<(i64, i64, NaiveDate, DateTime<Utc>)> = entity::recognition::Entity::find()
        .select_only()
        .columns([Seal::PersonId, Seal::EnterpriseId, Seal::ValidFrom, Seal::RecordedAt])
        .filter(Seal::SupersededAt.is_null())
        .filter(Seal::EnterpriseId.is_not_null())
        .filter(Condition::any().add(Seal::ValidTo.is_null()).add(Seal::ValidTo.gt(today)))
        .filter(scope::enterprises(scope, Seal::EnterpriseId))
        .filter(Condition::all().add_option(enterprise_id.map(|id| Seal::EnterpriseId.eq(id))))
        .order_by_asc(Seal::PersonId)
        .order_by_asc(Seal::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let of = |is_recognition: bool| {
        move |(person_id, enterprise_id, from, recorded_at)| Registered {
            person_id,
            enterprise_id,
            from,
            recorded_at,
            is_recognition,
        }
    };
    Ok(entries.into_iter().map(of(false)).chain(seals.into_iter().map(of(true))).collect())
}

/// What the registry shows of everybody; who is in scope is the caller's matter.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    /// First day on the list, by enterprise.
    pub listed_since: HashMap<i64, NaiveDate>,
    /// Persons paid to an account of somebody else too.
    pub shared_account: HashSet<i64>,
    /// Persons reached at a number of somebody else too.
    pub shared_mobile: HashSet<i64>,
    /// First days of months with evidence, by person, from the day asked for on.
    pub months: HashMap<i64, HashSet<NaiveDate>>,
    /// Entries that ended: enterprise, first day after the last, when that was recorded.
    pub ended: Vec<(i64, NaiveDate, DateTime<Utc>)>,
}

/// Gathers the signs; months and ends from `since` on.
///
/// # Errors
/// When the database fails.
pub async fn signs(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    since: NaiveDate,
) -> Result<Signs, DbErr> {
    use entity::evidence_month::Column as Month;
    use entity::listing::Column as List;
    use entity::roster_entry::Column as Entry;
    let listed: Vec<(i64, NaiveDate)> = entity::listing::Entity::find()
        .select_only()
        .columns([List::EnterpriseId, List::ValidFrom])
        .filter(List::SupersededAt.is_null())
        .order_by_desc(List::ValidFrom)
        .into_tuple()
        .all(conn)
        .await?;
    let months: Vec<(i64, NaiveDate)> = entity::evidence_month::Entity::find()
        .select_only()
        .columns([Month::PersonId, Month::ValidFrom])
        .filter(Month::SupersededAt.is_null())
        .filter(Month::ValidFrom.gte(since))
        .into_tuple()
        .all(conn)
        .await?;
    let ended: Vec<(i64, NaiveDate, DateTime<Utc>)> = entity::roster_entry::Entity::find()
        .select_only()
        .columns([Entry::EnterpriseId, Entry::ValidTo, Entry::RecordedAt])
        .filter(Entry::SupersededAt.is_null())
        .filter(Entry::SupersedesId.is_not_null())
        .filter(Entry::ValidTo.gt(since))
        .filter(scope::enterprises(scope, Entry::EnterpriseId))
        .into_tuple()
        .all(conn)
        .await?;
    let mut signs = Signs { listed_since: listed.into_iter().collect(), ended, ..Signs::default() };
    for (person, first) in months {
        signs.months.entry(person).or_default().insert(first);
    }
    signs.shared_account = shared_accounts(conn).await?;
    signs.shared_mobile = shared_mobiles(conn).await?;
    Ok(signs)
}

fn of_several(person: impl ColumnTrait) -> sea_orm::sea_query::Expr {
    use sea_orm::sea_query::ExprTrait;
    Expr::expr(sea_orm::sea_query::Func::count_distinct(person.into_expr())).gt(1)
}

async fn shared_accounts(conn: &impl ConnectionTrait) -> Result<HashSet<i64>, DbErr> {
    use entity::bank_account::{Column, Entity};
    let shared = Entity::find()
        .select_only()
        .column(Column::AccountIndex)
        .filter(Column::SupersededAt.is_null())
        .group_by(Column::AccountIndex)
        .having(of_several(Column::PersonId));
    let persons: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::PersonId.is_not_null())
        .filter(Column::SupersededAt.is_null())
        .filter(Column::AccountIndex.in_subquery(shared.into_query()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(persons.into_iter().collect())
}

/// By the clues that the list of likely duplicates keeps.
async fn shared_mobiles(conn: &impl ConnectionTrait) -> Result<HashSet<i64>, DbErr> {
    use entity::person_clue::{Column, Entity};
    let mobile = || Entity::find().select_only().filter(Column::Kind.eq("mobile"));
    let shared =
        mobile().column(Column::Clue).group_by(Column::Clue).having(of_several(Column::PersonId));
    let persons: Vec<i64> = mobile()
        .column(Column::PersonId)
        .filter(Column::Clue.in_subquery(shared.into_query()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(persons.into_iter().collect())
}
