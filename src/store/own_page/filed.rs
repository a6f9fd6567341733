//! What is filed about many persons now, and what they last said of it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{bank_account, person, person_access, person_confirmation, roster_entry};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use sea_orm::{QueryOrder, QuerySelect};

use super::Subject;
use crate::domain::authority::Scope;
use crate::store::db::rows_per_statement;
use crate::store::directory::{lasting, scope};

/// Something filed about a person, and the person's last word of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filed {
    /// The person.
    pub person_id: i64,
    /// What.
    pub subject: Subject,
    /// Whether it is right; `None` while nothing was said.
    pub agrees: Option<bool>,
}

/// The identities of persons, by official number.
///
/// # Errors
/// When the database fails.
pub async fn ids_by_no(
    conn: &impl ConnectionTrait,
    numbers: &[&str],
) -> Result<HashMap<String, i64>, DbErr> {
    let mut out = HashMap::with_capacity(numbers.len());
    for chunk in numbers.chunks(rows_per_statement(1)) {
        let rows: Vec<(String, i64)> = person::Entity::find()
            .select_only()
            .columns([person::Column::PersonNo, person::Column::Id])
            .filter(person::Column::PersonNo.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        out.extend(rows);
    }
    Ok(out)
}

/// The roster entries of these persons at enterprises in scope that are not over today, and their
/// accounts of today, with what the persons said. As few persons as one statement takes.
///
/// # Errors
/// When the database fails.
pub async fn filed_now(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    today: NaiveDate,
    persons: &[i64],
) -> Result<Vec<Filed>, DbErr> {
    use bank_account::Column as Account;
    use roster_entry::Column as Entry;
    let entries: Vec<(i64, i64)> = roster_entry::Entity::find()
        .select_only()
        .columns([Entry::Id, Entry::PersonId])
        .filter(Entry::PersonId.is_in(persons.iter().copied()))
        .filter(Entry::SupersededAt.is_null())
        .filter(lasting(today))
        .filter(scope::enterprises(scope, Entry::EnterpriseId))
        .into_tuple()
        .all(conn)
        .await?;
    let holds = Condition::all()
        .add(Account::ValidFrom.lte(today))
        .add(Account::ValidTo.is_null().or(Account::ValidTo.gt(today)));
    let accounts: Vec<(i64, i64)> = bank_account::Entity::find()
        .select_only()
        .columns([Account::Id, Account::PersonId])
        .filter(Account::PersonId.is_in(persons.iter().copied()))
        .filter(Account::SupersededAt.is_null())
        .filter(holds)
        .into_tuple()
        .all(conn)
        .await?;
    let last = last_words(conn, persons).await?;
    let filed = |subject: Subject, person_id| Filed {
        person_id,
        subject,
        agrees: last.get(&subject).copied(),
    };
    let entries = entries.into_iter().map(|(id, of)| filed(Subject::RosterEntry(id), of));
    let accounts = accounts.into_iter().map(|(id, of)| filed(Subject::BankAccount(id), of));
    Ok(entries.chain(accounts).collect())
}

async fn last_words(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<HashMap<Subject, bool>, DbErr> {
    use person_confirmation::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .order_by_asc(Column::Id)
        .all(conn)
        .await?;
    let subject = |row: &person_confirmation::Model| match row.bank_account_id {
        Some(id) => Some(Subject::BankAccount(id)),
        None => row.roster_entry_id.map(Subject::RosterEntry),
    };
    Ok(rows.iter().filter_map(|row| subject(row).map(|about| (about, row.agrees))).collect())
}

/// Those of these persons whose own page is open to them. As few as one statement takes.
///
/// # Errors
/// When the database fails.
pub async fn with_access(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<HashSet<i64>, DbErr> {
    let rows: Vec<i64> = person_access::Entity::find()
        .select_only()
        .column(person_access::Column::PersonId)
        .filter(person_access::Column::PersonId.is_in(persons.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
