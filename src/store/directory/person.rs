//! One person's facts, and the same of many for a list.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::engineers::{Person, person_numbers};
use super::scope;
use crate::domain::authority::Scope;
use crate::domain::registry::{
    BankAccount, Employment, EvidenceMonth, Exclusion, OtherAward, PersonContact, PersonDocument,
    PersonName, Recognition, RosterEntry, Stated, Suspension,
};
use crate::store::fact::{CommonColumn, FactTable, Versions, facts_where};
use crate::store::merge;

/// What the registry holds about a person, as far as a scope lets it be seen.
#[derive(Debug, Clone)]
pub struct PersonFile {
    /// Whose.
    pub person: Person,
    /// Identity documents.
    pub documents: Vec<Stated<PersonDocument>>,
    /// Names.
    pub names: Vec<Stated<PersonName>>,
    /// Mobile numbers.
    pub contacts: Vec<Stated<PersonContact>>,
    /// Accounts to pay to.
    pub accounts: Vec<Stated<BankAccount>>,
    /// Employments.
    pub employments: Vec<Stated<Employment>>,
    /// Roster entries.
    pub roster: Vec<Stated<RosterEntry>>,
    /// Recognitions.
    pub recognitions: Vec<Stated<Recognition>>,
    /// Proven months.
    pub evidence: Vec<Stated<EvidenceMonth>>,
    /// Days that do not count.
    pub suspensions: Vec<Stated<Suspension>>,
    /// Grounds that exclude.
    pub exclusions: Vec<Stated<Exclusion>>,
    /// Money from other programmes.
    pub awards: Vec<Stated<OtherAward>>,
    /// Other numbers of the same person, whose facts are among these.
    pub merged: Vec<Person>,
}

impl PersonFile {
    /// Takes in what is known of the same person under another number.
    fn absorb(&mut self, other: Self) {
        self.documents.extend(other.documents);
        self.names.extend(other.names);
        self.contacts.extend(other.contacts);
        self.accounts.extend(other.accounts);
        self.employments.extend(other.employments);
        self.roster.extend(other.roster);
        self.recognitions.extend(other.recognitions);
        self.evidence.extend(other.evidence);
        self.suspensions.extend(other.suspensions);
        self.exclusions.extend(other.exclusions);
        self.awards.extend(other.awards);
        self.merged.push(other.person);
    }

    /// Every number of the person, the leading one first.
    pub fn numbers(&self) -> Vec<i64> {
        let merged = self.merged.iter().map(|person| person.id);
        std::iter::once(self.person.id).chain(merged).collect()
    }

    const fn empty(person: Person) -> Self {
        Self {
            person,
            documents: Vec::new(),
            names: Vec::new(),
            contacts: Vec::new(),
            accounts: Vec::new(),
            employments: Vec::new(),
            roster: Vec::new(),
            recognitions: Vec::new(),
            evidence: Vec::new(),
            suspensions: Vec::new(),
            exclusions: Vec::new(),
            awards: Vec::new(),
            merged: Vec::new(),
        }
    }
}

/// Facts about many, by whom they are about, in order of their first day.
pub(super) async fn facts_about<T: FactTable>(
    conn: &impl ConnectionTrait,
    ids: &[i64],
    versions: Versions,
) -> Result<HashMap<i64, Vec<Stated<T>>>, DbErr> {
    let among = T::column(CommonColumn::About).is_in(ids.iter().copied());
    let mut out: HashMap<i64, Vec<Stated<T>>> = HashMap::new();
    for stated in facts_where::<T>(conn, among, versions).await? {
        out.entry(stated.about).or_default().push(stated);
    }
    Ok(out)
}

/// What lists show of each person, in the given order: documents, names, accounts, employments,
/// roster entries, suspensions; the other facts stay empty. A fixed number of statements.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn cards(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    people: Vec<Person>,
    versions: Versions,
) -> Result<Vec<PersonFile>, DbErr> {
    let files = load_cards(conn, people, versions).await?;
    narrowed(conn, scope, files).await
}

async fn load_cards(
    conn: &impl ConnectionTrait,
    people: Vec<Person>,
    versions: Versions,
) -> Result<Vec<PersonFile>, DbErr> {
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let mut documents = facts_about(conn, &ids, versions).await?;
    let mut names = facts_about(conn, &ids, versions).await?;
    let mut accounts = facts_about(conn, &ids, versions).await?;
    let mut employments = facts_about(conn, &ids, versions).await?;
    let mut roster = facts_about(conn, &ids, versions).await?;
    let mut suspensions = facts_about(conn, &ids, versions).await?;
    let files = people.into_iter().map(|person| PersonFile {
        documents: take(&mut documents, person.id),
        names: take(&mut names, person.id),
        accounts: take(&mut accounts, person.id),
        employments: take(&mut employments, person.id),
        roster: take(&mut roster, person.id),
        suspensions: take(&mut suspensions, person.id),
        ..PersonFile::empty(person)
    });
    Ok(files.collect())
}

fn take<T>(facts: &mut HashMap<i64, Vec<Stated<T>>>, id: i64) -> Vec<Stated<T>> {
    facts.remove(&id).unwrap_or_default()
}

/// Everything about each person, in the given order. A fixed number of statements.
///
/// # Errors
/// As [`cards`].
pub async fn files(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    people: Vec<Person>,
    versions: Versions,
) -> Result<Vec<PersonFile>, DbErr> {
    let files = load_files(conn, people, versions).await?;
    narrowed(conn, scope, files).await
}

async fn load_files(
    conn: &impl ConnectionTrait,
    people: Vec<Person>,
    versions: Versions,
) -> Result<Vec<PersonFile>, DbErr> {
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let mut contacts = facts_about(conn, &ids, versions).await?;
    let mut recognitions = facts_about(conn, &ids, versions).await?;
    let mut evidence = facts_about(conn, &ids, versions).await?;
    let mut exclusions = facts_about(conn, &ids, versions).await?;
    let mut awards = facts_about(conn, &ids, versions).await?;
    let mut files = load_cards(conn, people, versions).await?;
    for file in &mut files {
        let id = file.person.id;
        file.contacts = take(&mut contacts, id);
        file.recognitions = take(&mut recognitions, id);
        file.evidence = take(&mut evidence, id);
        file.exclusions = take(&mut exclusions, id);
        file.awards = take(&mut awards, id);
    }
    Ok(files)
}

/// Everything about one person under all numbers that were the same person at an instant, or are
/// now when none is given.
///
/// # Errors
/// As [`cards`].
pub async fn file_as_one(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    person: Person,
    versions: Versions,
    known_at: Option<DateTime<Utc>>,
) -> Result<Option<PersonFile>, DbErr> {
    let merges = merge::merges_about(conn, &[person.id], known_at).await?;
    let merged = merges.merged_into(person.id);
    let numbers = person_numbers(conn, merged).await?;
    let number = |id: &i64| numbers.get(id).map(|no| Person { id: *id, no: no.clone() });
    let mut people = vec![person];
    people.extend(merged.iter().filter_map(number));
    let mut files = load_files(conn, people, versions).await?.into_iter();
    let Some(mut file) = files.next() else { return Ok(None) };
    files.for_each(|other| file.absorb(other));
    file.documents.sort_by_key(|stated| (stated.period.from, stated.id));
    file.employments.sort_by_key(|stated| (stated.period.from, stated.id));
    file.roster.sort_by_key(|stated| (stated.period.from, stated.id));
    file.evidence.sort_by_key(|stated| (stated.period.from, stated.id));
    Ok(narrowed(conn, scope, vec![file]).await?.pop())
}

/// The files without what only other employers may see.
async fn narrowed(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    mut files: Vec<PersonFile>,
) -> Result<Vec<PersonFile>, DbErr> {
    let Some(own) = scope::own_enterprise(scope) else { return Ok(files) };
    let found = entity::enterprise::Entity::find_by_id(own).one(conn).await?;
    let uscc = found.map(|enterprise| enterprise.uscc).unwrap_or_default();
    for file in &mut files {
        scope::narrow(file, own, &uscc);
    }
    Ok(files)
}

/// A source document, as pages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// What it is called.
    pub title: String,
    /// Official number; may be empty.
    pub document_no: String,
}

/// Source documents by identity.
///
/// # Errors
/// When the database fails.
pub async fn sources(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, SourceRow>, DbErr> {
    let rows = crate::store::source::by_ids(conn, &unique(ids)).await?;
    let row = |row: entity::source_document::Model| {
        (row.id, SourceRow { title: row.title, document_no: row.document_no })
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Names of the persons behind accounts, by account.
///
/// # Errors
/// When the database fails.
pub async fn account_names(
    conn: &impl ConnectionTrait,
    accounts: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    use entity::{account, account_holder};
    let holder: sea_orm::RelationDef = account::Entity::belongs_to(account_holder::Entity)
        .from(account::Column::HolderId)
        .to(account_holder::Column::Id)
        .into();
    let rows: Vec<(i64, String)> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .column(account_holder::Column::Name)
        .join(sea_orm::JoinType::InnerJoin, holder)
        .filter(account::Column::Id.is_in(unique(accounts)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Names of the organisations that accounts belong to, by account.
///
/// # Errors
/// When the database fails.
pub async fn account_offices(
    conn: &impl ConnectionTrait,
    accounts: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    use entity::{account, organisation};
    let office: sea_orm::RelationDef = account::Entity::belongs_to(organisation::Entity)
        .from(account::Column::OrganisationId)
        .to(organisation::Column::Id)
        .into();
    let rows: Vec<(i64, String)> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .column(organisation::Column::Name)
        .join(sea_orm::JoinType::InnerJoin, office)
        .filter(account::Column::Id.is_in(unique(accounts)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

fn unique(ids: &[i64]) -> Vec<i64> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
