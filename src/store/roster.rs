//! Persons and enterprises with the live facts that roster decisions need, in few statements for
//! many of them, and the locks that serialise changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::fact::{self, CommonColumn, FactTable, Versions};
use crate::domain::authority::Scope;
use crate::domain::registry::{
    BankAccount, Code, Employment, EnterpriseDivision, EnterpriseName, Exclusion, Listing,
    PersonDocument, PersonName, RosterEntry, RosterStatus, Stated, Suspension,
};

pub use entity::enterprise::Model as Enterprise;
pub use entity::person::Model as Person;

/// The live facts about a person.
#[derive(Debug, Clone, Default)]
pub struct PersonFacts {
    /// Official number.
    pub person_no: String,
    /// Names.
    pub names: Vec<Stated<PersonName>>,
    /// Identity documents.
    pub documents: Vec<Stated<PersonDocument>>,
    /// Accounts to pay to.
    pub accounts: Vec<Stated<BankAccount>>,
    /// Employments.
    pub employments: Vec<Stated<Employment>>,
    /// Roster entries.
    pub entries: Vec<Stated<RosterEntry>>,
    /// Days that do not count.
    pub suspensions: Vec<Stated<Suspension>>,
    /// Grounds that exclude.
    pub exclusions: Vec<Stated<Exclusion>>,
}

impl PersonFacts {
    /// Takes in the live facts recorded under another number of the same person, without accounts.
    pub fn absorb(&mut self, other: Self) {
        self.names.extend(other.names);
        self.documents.extend(other.documents);
        self.employments.extend(other.employments);
        self.entries.extend(other.entries);
        self.suspensions.extend(other.suspensions);
        self.exclusions.extend(other.exclusions);
    }
}

/// The live facts about an enterprise.
#[derive(Debug, Clone, Default)]
pub struct EnterpriseFacts {
    /// Unified social credit code.
    pub uscc: String,
    /// Names.
    pub names: Vec<Stated<EnterpriseName>>,
    /// Divisions.
    pub divisions: Vec<Stated<EnterpriseDivision>>,
    /// Places on the list.
    pub listings: Vec<Stated<Listing>>,
}

/// Who recorded something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// Natural person behind the account.
    pub holder_id: i64,
    /// Name of that person.
    pub name: String,
}

/// The person with this number.
///
/// # Errors
/// When the database fails.
pub async fn person_by_no(
    conn: &impl ConnectionTrait,
    person_no: &str,
) -> Result<Option<Person>, DbErr> {
    use entity::person::{Column, Entity};
    Entity::find().filter(Column::PersonNo.eq(person_no)).one(conn).await
}

/// The enterprise with this code, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock_enterprise(
    tx: &DatabaseTransaction,
    uscc: &str,
) -> Result<Option<Enterprise>, DbErr> {
    use entity::enterprise::{Column, Entity};
    Entity::find().filter(Column::Uscc.eq(uscc)).lock(LockType::Update).one(tx).await
}

/// The enterprise with this identity, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock_enterprise_id(
    tx: &DatabaseTransaction,
    id: i64,
) -> Result<Option<Enterprise>, DbErr> {
    entity::enterprise::Entity::find_by_id(id).lock(LockType::Update).one(tx).await
}

/// Locks persons for the rest of the transaction, always in the same order.
///
/// # Errors
/// When the database fails.
pub async fn lock_persons(tx: &DatabaseTransaction, ids: &[i64]) -> Result<(), DbErr> {
    use entity::person::{Column, Entity};
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .all(tx)
        .await?;
    Ok(())
}

/// Versions by their identities, superseded ones too.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn versions_by_id<T: FactTable>(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<Stated<T>>, DbErr> {
    let filter = T::column(CommonColumn::Id).is_in(ids.iter().copied());
    fact::facts_where(conn, filter, Versions::All).await
}

/// The live facts about these, grouped by whom they are about.
async fn live_about<T: FactTable>(
    conn: &impl ConnectionTrait,
    ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Vec<Stated<T>>>, DbErr> {
    let filter = T::column(CommonColumn::About).is_in(ids.iter().copied());
    let mut grouped: BTreeMap<i64, Vec<Stated<T>>> = BTreeMap::new();
    for stated in fact::facts_where::<T>(conn, filter, Versions::Live).await? {
        grouped.entry(stated.about).or_default().push(stated);
    }
    Ok(grouped)
}

/// The live facts about these persons, by identity.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn persons(
    conn: &impl ConnectionTrait,
    ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, PersonFacts>, DbErr> {
    use entity::person::{Column, Entity};
    let anchors = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await?;
    let mut names = live_about(conn, ids).await?;
    let mut documents = live_about(conn, ids).await?;
    let mut accounts = live_about(conn, ids).await?;
    let mut employments = live_about(conn, ids).await?;
    let mut entries = live_about(conn, ids).await?;
    let mut suspensions = live_about(conn, ids).await?;
    let mut exclusions = live_about(conn, ids).await?;
    let facts = |Person { id, person_no, .. }| {
        let facts = PersonFacts {
            person_no,
            names: names.remove(&id).unwrap_or_default(),
            documents: documents.remove(&id).unwrap_or_default(),
            accounts: accounts.remove(&id).unwrap_or_default(),
            employments: employments.remove(&id).unwrap_or_default(),
            entries: entries.remove(&id).unwrap_or_default(),
            suspensions: suspensions.remove(&id).unwrap_or_default(),
            exclusions: exclusions.remove(&id).unwrap_or_default(),
        };
        (id, facts)
    };
    Ok(anchors.into_iter().map(facts).collect())
}

/// The live facts about these enterprises, by identity.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn enterprises(
    conn: &impl ConnectionTrait,
    ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, EnterpriseFacts>, DbErr> {
    use entity::enterprise::{Column, Entity};
    let anchors = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await?;
    let mut names = live_about(conn, ids).await?;
    let mut divisions = live_about(conn, ids).await?;
    let mut listings = live_about(conn, ids).await?;
    let facts = |Enterprise { id, uscc, .. }| {
        let facts = EnterpriseFacts {
            uscc,
            names: names.remove(&id).unwrap_or_default(),
            divisions: divisions.remove(&id).unwrap_or_default(),
            listings: listings.remove(&id).unwrap_or_default(),
        };
        (id, facts)
    };
    Ok(anchors.into_iter().map(facts).collect())
}

/// The live entries of an enterprise's roster, of any time.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn entries_of(
    conn: &impl ConnectionTrait,
    enterprise_id: i64,
) -> Result<Vec<Stated<RosterEntry>>, DbErr> {
    let filter = entity::roster_entry::Column::EnterpriseId.eq(enterprise_id);
    fact::facts_where(conn, filter, Versions::Live).await
}

/// The natural persons behind accounts, by account.
///
/// # Errors
/// When the database fails.
pub async fn recorders(
    conn: &impl ConnectionTrait,
    account_ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Recorder>, DbErr> {
    let accounts = entity::account::Entity::find()
        .filter(entity::account::Column::Id.is_in(account_ids.iter().copied()))
        .all(conn)
        .await?;
    let holder_ids: BTreeSet<i64> = accounts.iter().map(|account| account.holder_id).collect();
    let holders: BTreeMap<i64, String> = entity::account_holder::Entity::find()
        .filter(entity::account_holder::Column::Id.is_in(holder_ids))
        .all(conn)
        .await?
        .into_iter()
        .map(|holder| (holder.id, holder.name))
        .collect();
    let recorder = |account: entity::account::Model| {
        let holder_id = account.holder_id;
        let name = holders.get(&holder_id).cloned().unwrap_or_default();
        (account.id, Recorder { holder_id, name })
    };
    Ok(accounts.into_iter().map(recorder).collect())
}

/// The accounts that recorded these entries or a version that they correct, by entry.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn entry_authors(
    conn: &impl ConnectionTrait,
    entries: &[Stated<RosterEntry>],
) -> Result<BTreeMap<i64, BTreeSet<i64>>, DbErr> {
    let mut authors: BTreeMap<i64, BTreeSet<i64>> =
        entries.iter().map(|entry| (entry.id, BTreeSet::from([entry.recorded_by]))).collect();
    // Pairs of an entry and the earlier version whose author is still to be found.
    let mut earlier: Vec<(i64, i64)> =
        entries.iter().filter_map(|entry| Some((entry.id, entry.supersedes?))).collect();
    while !earlier.is_empty() {
        let ids: Vec<i64> = earlier.iter().map(|(_, version)| *version).collect();
        let versions = versions_by_id::<RosterEntry>(conn, &ids).await?;
        let found: BTreeMap<i64, _> = versions.into_iter().map(|v| (v.id, v)).collect();
        let mut next = Vec::new();
        for (entry, version) in earlier {
            let Some(version) = found.get(&version) else { continue };
            authors.entry(entry).or_default().insert(version.recorded_by);
            next.extend(version.supersedes.map(|before| (entry, before)));
        }
        earlier = next;
    }
    Ok(authors)
}

/// Whether a live account with this index belongs to anybody but the person with these numbers.
///
/// # Errors
/// When the database fails.
pub async fn account_is_anothers(
    conn: &impl ConnectionTrait,
    account_index: &str,
    numbers: &[i64],
) -> Result<bool, DbErr> {
    use entity::bank_account::{Column, Entity};
    let found = Entity::find()
        .filter(Column::AccountIndex.eq(account_index))
        .filter(Column::SupersededAt.is_null())
        .filter(Column::PersonId.is_not_in(numbers.iter().copied()))
        .count(conn)
        .await?;
    Ok(found > 0)
}

/// Entries that wait for confirmation within `scope`: one page of them, the oldest first, and how
/// many there are.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn declared(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    today: NaiveDate,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Stated<RosterEntry>>, u64), DbErr> {
    use entity::roster_entry::{Column, Entity};
    let waiting = || {
        Entity::find()
            .filter(Column::SupersededAt.is_null())
            .filter(Column::Status.eq(RosterStatus::Declared.code()))
            .filter(in_scope(scope, today))
    };
    let total = waiting().count(conn).await?;
    let rows = waiting()
        .order_by_asc(Column::RecordedAt)
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await?;
    let entries = rows.into_iter().map(RosterEntry::from_row).collect::<Result<_, _>>()?;
    Ok((entries, total))
}

/// Roster entries whose enterprise lies in `scope` today.
fn in_scope(scope: &Scope, today: NaiveDate) -> Condition {
    use entity::enterprise_division::{Column as Place, Entity as Division};
    use entity::roster_entry::Column;
    let placed = |at: Condition| {
        let there = Query::select()
            .column(Place::EnterpriseId)
            .from(Division)
            .and_where(Place::SupersededAt.is_null())
            .and_where(Place::ValidFrom.lte(today))
            .cond_where(
                Condition::any().add(Place::ValidTo.is_null()).add(Place::ValidTo.gt(today)),
            )
            .cond_where(at)
            .to_owned();
        Condition::all().add(Column::EnterpriseId.in_subquery(there))
    };
    match scope {
        Scope::Province => Condition::all(),
        Scope::City(unit) => placed(Condition::all().add(Place::CityUnit.eq(unit.as_str()))),
        Scope::County(code) => placed(Condition::all().add(Place::Division.eq(code.as_str()))),
        Scope::Enterprise(own) => Condition::all().add(Column::EnterpriseId.eq(*own)),
        Scope::Person(own) => Condition::all().add(Column::PersonId.eq(*own)),
        Scope::Nothing => Condition::all().add(Expr::val(1).eq(0)),
    }
}

/// How many confirmed entries each of these enterprises has on a day.
///
/// # Errors
/// When the database fails.
pub async fn confirmed_counts(
    conn: &impl ConnectionTrait,
    enterprise_ids: &BTreeSet<i64>,
    on: NaiveDate,
) -> Result<BTreeMap<i64, i64>, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let counts: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .column(Column::EnterpriseId)
        .column_as(Column::Id.count(), "entries")
        .filter(Column::EnterpriseId.is_in(enterprise_ids.iter().copied()))
        .filter(Column::SupersededAt.is_null())
        .filter(Column::Status.eq(RosterStatus::Confirmed.code()))
        .filter(Column::ValidFrom.lte(on))
        .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(on)))
        .group_by(Column::EnterpriseId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(counts.into_iter().collect())
}
