//! Accounts of enterprises as somebody put them down, before and after another person looked.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::db::{Verdict, decide as decide_proposal};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use crate::domain::registry::BankAccount;
use entity::enterprise_account_filing::{ActiveModel, Column, Entity};

pub use entity::enterprise_account_filing::Model as Filing;

/// An account to be put down.
#[derive(Debug)]
pub struct NewFiling<'a> {
    /// Whose.
    pub enterprise_id: i64,
    /// The account; its number is sealed for this table.
    pub account: BankAccount,
    /// First day on which it is to be paid to.
    pub from: NaiveDate,
    /// Number of the document.
    pub document_no: &'a str,
    /// Why; may be empty.
    pub reason: &'a str,
    /// Account and natural person who put it down.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts an account down; returns its official number.
///
/// # Errors
/// When another one of the enterprise waits, or the database refuses.
pub async fn file(tx: &DatabaseTransaction, new: NewFiling<'_>) -> Result<String, DbErr> {
    let serial = number::allocate(tx, "enterprise_account_filing", 1).await?;
    let filing_no = format!("DZ{serial:06}");
    let row = ActiveModel {
        filing_no: Set(filing_no.clone()),
        enterprise_id: Set(new.enterprise_id),
        account_name: Set(new.account.account_name),
        account_index: Set(new.account.account_index),
        account_cipher: Set(new.account.account_cipher),
        last_four: Set(new.account.last_four),
        bank_name: Set(new.account.bank_name),
        cnaps: Set(new.account.cnaps),
        from_day: Set(new.from),
        document_no: Set(new.document_no.to_owned()),
        reason: Set(new.reason.to_owned()),
        filed_by: Set(new.by.0),
        filed_holder: Set(new.by.1),
        filed_at: Set(new.at),
        note: Set(String::new()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(filing_no)
}

/// The one that waits for an enterprise. Who decides it has the enterprise locked.
///
/// # Errors
/// When the database fails.
pub async fn open_of(
    conn: &impl ConnectionTrait,
    enterprise_id: i64,
) -> Result<Option<Filing>, DbErr> {
    open().filter(Column::EnterpriseId.eq(enterprise_id)).one(conn).await
}

/// All that were put down for an enterprise, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all_of(conn: &impl ConnectionTrait, enterprise_id: i64) -> Result<Vec<Filing>, DbErr> {
    let of = Entity::find().filter(Column::EnterpriseId.eq(enterprise_id));
    of.order_by_desc(Column::Id).all(conn).await
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
    let of_others = open()
        .filter(Column::FiledHolder.ne(holder))
        .filter(scope::enterprises(scope, Column::EnterpriseId));
    Ok(i64::try_from(of_others.count(conn).await?).unwrap_or(i64::MAX))
}

fn open() -> Select<Entity> {
    Entity::find().filter(Column::DecidedAt.is_null())
}

/// The enterprises for which one waits, as a condition on a column that holds their identities.
pub(super) fn waiting(id: impl ColumnTrait) -> Condition {
    let waiting = open().select_only().column(Column::EnterpriseId);
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
