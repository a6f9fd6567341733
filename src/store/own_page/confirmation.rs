//! What persons say of what others filed about them, and what offices answered.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{bank_account, dispute_answer, person, person_confirmation, roster_entry};
use person_confirmation::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
};

use crate::domain::authority::Scope;
use crate::store::directory::account_names;
use crate::store::directory::scope::persons;

/// What a person speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A roster entry.
    RosterEntry(i64),
    /// An account to be paid to.
    BankAccount(i64),
}

/// What an office answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: DateTime<Utc>,
    /// Name of the officer.
    pub who: String,
    /// What.
    pub note: String,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Identity.
    pub id: i64,
    /// Of what.
    pub subject: Subject,
    /// Whether it is right.
    pub agrees: bool,
    /// Why not, or a remark; may be empty.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What an office answered.
    pub answer: Option<Answer>,
}

/// Writes down what a person says.
///
/// # Errors
/// When the database refuses.
pub async fn record_confirmation(
    tx: &DatabaseTransaction,
    person_id: i64,
    subject: Subject,
    (agrees, note): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let (entry, account) = match subject {
        Subject::RosterEntry(id) => (Some(id), None),
        Subject::BankAccount(id) => (None, Some(id)),
    };
    let row = ActiveModel {
        person_id: Set(person_id),
        roster_entry_id: Set(entry),
        bank_account_id: Set(account),
        agrees: Set(agrees),
        note: Set(note.to_owned()),
        at: Set(at),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What a person said last of each thing, with the answer, the latest first.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn confirmations(
    conn: &impl ConnectionTrait,
    person_id: i64,
) -> Result<Vec<Confirmation>, DbErr> {
    let rows = Entity::find()
        .filter(Column::PersonId.eq(person_id))
        .order_by_desc(Column::Id)
        .all(conn)
        .await?;
    let mut latest: Vec<Confirmation> = Vec::new();
    let mut answers = answers_to(conn, rows.iter().map(|row| row.id).collect()).await?;
    for row in rows {
        let answer = answers.remove(&row.id);
        let said = said(row, answer)?;
        if !latest.iter().any(|known| known.subject == said.subject) {
            latest.push(said);
        }
    }
    Ok(latest)
}

fn said(row: person_confirmation::Model, answer: Option<Answer>) -> Result<Confirmation, DbErr> {
    let subject = match (row.roster_entry_id, row.bank_account_id) {
        (Some(id), None) => Subject::RosterEntry(id),
        (None, Some(id)) => Subject::BankAccount(id),
        _ => return Err(DbErr::Custom(format!("inconsistent person_confirmation {}", row.id))),
    };
    Ok(Confirmation { id: row.id, subject, agrees: row.agrees, note: row.note, at: row.at, answer })
}

async fn answers_to(
    conn: &impl ConnectionTrait,
    ids: Vec<i64>,
) -> Result<HashMap<i64, Answer>, DbErr> {
    let rows = dispute_answer::Entity::find()
        .filter(dispute_answer::Column::ConfirmationId.is_in(ids))
        .all(conn)
        .await?;
    let by: Vec<i64> = rows.iter().map(|row| row.answered_by).collect();
    let names = account_names(conn, &by).await?;
    let answer = |row: dispute_answer::Model| {
        let who = names.get(&row.answered_by).cloned().unwrap_or_default();
        (row.confirmation_id, Answer { at: row.at, who, note: row.note })
    };
    Ok(rows.into_iter().map(answer).collect())
}

/// An objection that nobody has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Identity of what was said.
    pub id: i64,
    /// Person.
    pub person_id: i64,
    /// Official number of the person.
    pub person_no: String,
    /// Name of the person.
    pub name: String,
    /// Of what.
    pub subject: Subject,
    /// Why.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Objections in scope that are open: the last word of the person, not answered, about a fact
/// that is still held. A correction of the fact closes them by itself.
fn open(scope: &Scope) -> Select<Entity> {
    let to_entry: RelationDef = Entity::belongs_to(roster_entry::Entity)
        .from(Column::RosterEntryId)
        .to(roster_entry::Column::Id)
        .into();
    let to_account: RelationDef = Entity::belongs_to(bank_account::Entity)
        .from(Column::BankAccountId)
        .to(bank_account::Column::Id)
        .into();
    let answered = dispute_answer::Entity::find()
        .select_only()
        .column(dispute_answer::Column::ConfirmationId)
        .into_query();
    let later = Alias::new("later");
    let mine = |column: Column| Expr::col((Entity, column));
    let theirs = |column: Column| Expr::col((later.clone(), column));
    let spoke_again = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, later.clone())
        .and_where(theirs(Column::PersonId).eq(mine(Column::PersonId)))
        .and_where(theirs(Column::Id).gt(mine(Column::Id)))
        .cond_where(
            Condition::any()
                .add(theirs(Column::RosterEntryId).eq(mine(Column::RosterEntryId)))
                .add(theirs(Column::BankAccountId).eq(mine(Column::BankAccountId))),
        )
        .to_owned();
    let held = Condition::any()
        .add(Column::RosterEntryId.is_not_null().and(roster_entry::Column::SupersededAt.is_null()))
        .add(Column::BankAccountId.is_not_null().and(bank_account::Column::SupersededAt.is_null()));
    Entity::find()
        .join(JoinType::LeftJoin, to_entry)
        .join(JoinType::LeftJoin, to_account)
        .filter(Column::Agrees.eq(false))
        .filter(Column::Id.not_in_subquery(answered))
        .filter(Expr::exists(spoke_again).not())
        .filter(held)
        .filter(persons(scope, Column::PersonId))
}

/// How many objections in scope are open.
///
/// # Errors
/// When the database fails.
pub async fn count_disputes(conn: &impl ConnectionTrait, scope: &Scope) -> Result<i64, DbErr> {
    let count = open(scope).count(conn).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The accounts about which an objection is open, ascending.
///
/// # Errors
/// When the database fails.
pub async fn disputed_accounts(conn: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let about = open(&Scope::Province).filter(Column::BankAccountId.is_not_null());
    let about = about.select_only().column(Column::BankAccountId);
    about.order_by_asc(Column::BankAccountId).into_tuple().all(conn).await
}

/// Up to `limit` open objections in scope, the oldest first.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn disputes(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    limit: u64,
) -> Result<Vec<Dispute>, DbErr> {
    let rows = open(scope).order_by_asc(Column::Id).limit(limit).all(conn).await?;
    with_persons(conn, rows).await
}

/// The open objection with this identity, when in scope.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn dispute(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<Dispute>, DbErr> {
    let rows = open(scope).filter(Column::Id.eq(id)).all(conn).await?;
    Ok(with_persons(conn, rows).await?.pop())
}

async fn with_persons(
    conn: &impl ConnectionTrait,
    rows: Vec<person_confirmation::Model>,
) -> Result<Vec<Dispute>, DbErr> {
    let ids: Vec<i64> = rows.iter().map(|row| row.person_id).collect();
    let names = crate::store::stipend::explain::person_names(conn, &ids).await?;
    let people = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(conn).await?;
    let numbers: HashMap<i64, String> =
        people.into_iter().map(|person| (person.id, person.person_no)).collect();
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let person_id = row.person_id;
        let said = said(row, None)?;
        out.push(Dispute {
            id: said.id,
            person_id,
            person_no: numbers.get(&person_id).cloned().unwrap_or_default(),
            name: names.get(&person_id).cloned().unwrap_or_default(),
            subject: said.subject,
            note: said.note,
            at: said.at,
        });
    }
    Ok(out)
}

/// Writes down what an office answers to an objection.
///
/// # Errors
/// When it is answered already, or the database refuses.
pub async fn record_answer(
    tx: &DatabaseTransaction,
    confirmation_id: i64,
    answered_by: i64,
    note: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = dispute_answer::ActiveModel {
        confirmation_id: Set(confirmation_id),
        answered_by: Set(answered_by),
        note: Set(note.to_owned()),
        at: Set(at),
        ..Default::default()
    };
    dispute_answer::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
