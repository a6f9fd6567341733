//! Accounts of persons and enterprises as somebody put them down, before and after another person
//! looked.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::db::{self, Verdict, decide as decide_proposal};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use crate::domain::registry::BankAccount;
use entity::account_filing::{ActiveModel, Column, Entity};

pub use entity::account_filing::Model as Filing;

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// A person's.
    Person(i64),
    /// An enterprise's.
    Enterprise(i64),
}

impl Whose {
    const fn person(self) -> Option<i64> {
        match self {
            Self::Person(id) => Some(id),
            Self::Enterprise(_) => None,
        }
    }

    const fn enterprise(self) -> Option<i64> {
        match self {
            Self::Enterprise(id) => Some(id),
            Self::Person(_) => None,
        }
    }

    fn condition(self) -> Condition {
        Condition::all()
            .add_option(self.person().map(|id| Column::PersonId.eq(id)))
            .add_option(self.enterprise().map(|id| Column::EnterpriseId.eq(id)))
    }
}

/// Whose account a filing is about.
///
/// # Errors
/// When the row names nobody.
pub fn whose(filing: &Filing) -> Result<Whose, DbErr> {
    let person = filing.person_id.map(Whose::Person);
    person
        .or_else(|| filing.enterprise_id.map(Whose::Enterprise))
        .ok_or_else(|| DbErr::Custom(format!("owner of filing {}", filing.filing_no)))
}

/// An account to be put down.
#[derive(Debug)]
pub struct NewFiling<'a> {
    /// Whose.
    pub whose: Whose,
    /// The account; its number is sealed for this table.
    pub account: BankAccount,
    /// First day on which it is to be paid to.
    pub from: NaiveDate,
    /// Number of the document; may be empty for a person.
    pub document_no: &'a str,
    /// Why; may be empty.
    pub reason: &'a str,
    /// Document of the import that brought it, if one did.
    pub brought_by: Option<i64>,
    /// Account and natural person who put it down.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts accounts down; returns their official numbers in the same order.
///
/// # Errors
/// When another one of the same owner waits, or the database refuses.
pub async fn file(tx: &DatabaseTransaction, new: Vec<NewFiling<'_>>) -> Result<Vec<String>, DbErr> {
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let first = number::allocate(tx, "account_filing", count).await?;
    let numbers: Vec<String> = (first..first + count).map(|no| format!("DZ{no:06}")).collect();
    let row = |(new, filing_no): (NewFiling<'_>, &String)| ActiveModel {
        filing_no: Set(filing_no.clone()),
        person_id: Set(new.whose.person()),
        enterprise_id: Set(new.whose.enterprise()),
        account_name: Set(new.account.account_name),
        account_index: Set(new.account.account_index),
        account_cipher: Set(new.account.account_cipher),
        last_four: Set(new.account.last_four),
        bank_name: Set(new.account.bank_name),
        cnaps: Set(new.account.cnaps),
        from_day: Set(new.from),
        document_no: Set(new.document_no.to_owned()),
        reason: Set(new.reason.to_owned()),
        brought_by: Set(new.brought_by),
        filed_by: Set(new.by.0),
        filed_holder: Set(new.by.1),
        filed_at: Set(new.at),
        note: Set(String::new()),
        ..Default::default()
    };
    db::insert_all(tx, new.into_iter().zip(&numbers).map(row)).await?;
    Ok(numbers)
}

/// The one that waits for an owner. Who decides it has the owner locked.
///
/// # Errors
/// When the database fails.
pub async fn open_of(conn: &impl ConnectionTrait, whose: Whose) -> Result<Option<Filing>, DbErr> {
    open().filter(whose.condition()).one(conn).await
}

/// The keyed hashes and last four digits of the accounts that wait for persons, by person.
///
/// # Errors
/// When the database fails.
pub async fn open_of_persons(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<HashMap<i64, (String, String)>, DbErr> {
    let mut waiting = HashMap::new();
    for chunk in persons.chunks(db::rows_per_statement(1)) {
        let rows = open().filter(Column::PersonId.is_in(chunk.iter().copied())).all(conn).await?;
        waiting.extend(rows.into_iter().filter_map(|row| {
            row.person_id.map(|person| (person, (row.account_index, row.last_four)))
        }));
    }
    Ok(waiting)
}

/// All that were put down for an owner, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all_of(conn: &impl ConnectionTrait, whose: Whose) -> Result<Vec<Filing>, DbErr> {
    let of = Entity::find().filter(whose.condition());
    of.order_by_desc(Column::Id).all(conn).await
}

/// A filing by its number within a scope.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    no: &str,
) -> Result<Option<Filing>, DbErr> {
    Entity::find().filter(Column::FilingNo.eq(no)).filter(within(scope)).one(conn).await
}

/// How many filings a scope has, waiting or decided, and some of them: those that wait longest
/// first, the last decided first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    waiting: bool,
    (offset, limit): (u64, u64),
) -> Result<(u64, Vec<Filing>), DbErr> {
    let all = if waiting { open() } else { decided() }.filter(within(scope));
    let total = all.clone().count(conn).await?;
    let ordered = if waiting {
        all.order_by_asc(Column::Id)
    } else {
        all.order_by_desc(Column::DecidedAt).order_by_desc(Column::Id)
    };
    Ok((total, ordered.offset(offset).limit(limit).all(conn).await?))
}

/// How many wait in a scope that somebody else than `holder` put down.
///
/// # Errors
/// When the database fails.
pub async fn count_open(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    holder: i64,
) -> Result<i64, DbErr> {
    let of_others = open().filter(Column::FiledHolder.ne(holder)).filter(within(scope));
    Ok(i64::try_from(of_others.count(conn).await?).unwrap_or(i64::MAX))
}

/// Those about persons and enterprises in scope. A row names only one of the two. Every page counts
/// those that wait: they are few, so each is probed.
fn within(scope: &Scope) -> Condition {
    scope::owner_named(scope, Entity, (Column::PersonId, Column::EnterpriseId))
}

fn open() -> Select<Entity> {
    Entity::find().filter(Column::DecidedAt.is_null())
}

fn decided() -> Select<Entity> {
    Entity::find().filter(Column::DecidedAt.is_not_null())
}

/// The enterprises for which one waits, as a condition on a column that holds their identities.
pub(super) fn waiting(id: impl ColumnTrait) -> Condition {
    let waiting = open().select_only().column(Column::EnterpriseId);
    let waiting = waiting.filter(Column::EnterpriseId.is_not_null());
    Condition::all().add(id.in_subquery(waiting.into_query()))
}

/// Confirms one (then with the document under which it is stated) or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    (accept, note, source_id): (bool, &str, Option<i64>),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let with = [
        (Column::DecidedBy, account.into()),
        (Column::DecidedHolder, holder.into()),
        (Column::SourceId, source_id.into()),
    ];
    decide_proposal::<Entity>(tx, id, with, Verdict { accepted: accept, note, at }).await
}

/// The filings of an import that still wait.
///
/// # Errors
/// When the database fails.
pub async fn open_of_import(
    conn: &impl ConnectionTrait,
    source_id: i64,
) -> Result<Vec<Filing>, DbErr> {
    open().filter(Column::BroughtBy.eq(source_id)).order_by_asc(Column::Id).all(conn).await
}

/// Whether the account with this keyed hash is held live by a person or by another enterprise.
///
/// # Errors
/// When the database fails.
pub async fn is_anothers(
    conn: &impl ConnectionTrait,
    account_index: &str,
    enterprise_id: i64,
) -> Result<bool, DbErr> {
    use entity::enterprise_account::{Column as Account, Entity as Accounts};
    let found = Accounts::find()
        .filter(Account::AccountIndex.eq(account_index))
        .filter(Account::SupersededAt.is_null())
        .filter(Account::EnterpriseId.is_null().or(Account::EnterpriseId.ne(enterprise_id)))
        .count(conn)
        .await?;
    Ok(found > 0)
}

/// The versions of accounts, by identity, that came from what a natural person put down or
/// confirmed: that person has no hand in a batch that pays to them.
///
/// # Errors
/// When the database fails.
pub async fn touched_by(conn: &impl ConnectionTrait, holder: i64) -> Result<Vec<i64>, DbErr> {
    use entity::enterprise_account::{Column as Account, Entity as Accounts};
    let own = Entity::find()
        .select_only()
        .column(Column::SourceId)
        .filter(Column::SourceId.is_not_null())
        .filter(Column::FiledHolder.eq(holder).or(Column::DecidedHolder.eq(holder)));
    Accounts::find()
        .select_only()
        .column(Account::Id)
        .filter(Account::SourceId.in_subquery(own.into_query()))
        .into_tuple()
        .all(conn)
        .await
}
