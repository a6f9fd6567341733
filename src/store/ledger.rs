//! The entries of the books.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use entity::ledger_entry::{ActiveModel, Column, Entity};

use super::budget::{BudgetFilter, BudgetKey};
use super::db::{insert_all, sum_fen};
use crate::domain::ledger::{Account, Books, Event, Moved};
use crate::domain::money::Fen;
use crate::domain::registry::Code;

/// An entry to make.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// Budget line.
    pub key: &'a BudgetKey,
    /// Why.
    pub event: Event,
    /// Out of which account into which.
    pub path: (Account, Account),
    /// Above zero.
    pub amount: Fen,
    /// Year that the money is for; `None` while that is open.
    pub award_year: Option<i64>,
    /// Day on which the bank paid, where it did.
    pub paid_on: Option<NaiveDate>,
    /// Kind and number of what the entry is about.
    pub about: (&'a str, &'a str),
    /// Account that did it.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Makes entries.
///
/// # Errors
/// When an account would give more than it has, by the name `ledger_overdrawn`.
pub async fn post(tx: &DatabaseTransaction, entries: &[NewEntry<'_>]) -> Result<(), DbErr> {
    let row = |entry: &NewEntry<'_>| ActiveModel {
        event: Set(entry.event.code().to_owned()),
        from_account: Set(entry.path.0.code().to_owned()),
        to_account: Set(entry.path.1.code().to_owned()),
        programme: Set(entry.key.programme.clone()),
        source: Set(entry.key.source.clone()),
        payer_division: Set(entry.key.payer_division.clone()),
        budget_year: Set(entry.key.budget_year),
        award_year: Set(entry.award_year),
        paid_on: Set(entry.paid_on),
        amount_fen: Set(entry.amount.get()),
        object_kind: Set(entry.about.0.to_owned()),
        object_no: Set(entry.about.1.to_owned()),
        recorded_by: Set(Some(entry.recorded_by)),
        recorded_at: Set(entry.recorded_at),
        ..Default::default()
    };
    insert_all(tx, entries.iter().map(row)).await
}

#[derive(FromQueryResult)]
struct SumRow {
    programme: String,
    source: String,
    payer_division: String,
    budget_year: i64,
    event: String,
    from_account: String,
    to_account: String,
    amount_fen: i64,
}

/// The books of budget lines.
///
/// # Errors
/// When the database fails or holds what is no book.
pub async fn books(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
) -> Result<BTreeMap<BudgetKey, Books>, DbErr> {
    let mut lines: BTreeMap<BudgetKey, Vec<Moved>> = BTreeMap::new();
    for (key, moved) in moved(conn, filter, (None, None)).await? {
        lines.entry(key).or_default().push(moved);
    }
    lines.into_iter().map(|(key, moved)| Ok((key, added_up(moved)?))).collect()
}

/// The books of one budget line.
///
/// # Errors
/// As [`books`].
pub async fn books_of(conn: &impl ConnectionTrait, key: &BudgetKey) -> Result<Books, DbErr> {
    Ok(books(conn, &BudgetFilter::from(key)).await?.remove(key).unwrap_or_default())
}

/// What moved in each budget line from one instant until before another, summed by reason and
/// accounts.
///
/// # Errors
/// When the database fails or holds an unknown word.
pub async fn moved(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
    (from, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Result<Vec<(BudgetKey, Moved)>, DbErr> {
    let booked = Condition::all()
        .add_option(from.map(|instant| Column::RecordedAt.gte(instant)))
        .add_option(until.map(|instant| Column::RecordedAt.lt(instant)));
    summed(conn, filtered(filter).filter(booked)).await
}

/// The books of the money of an award year, whichever year's budget paid it, by source and payer.
///
/// # Errors
/// As [`books`].
pub async fn books_of_award_year(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
    award_year: i64,
) -> Result<BTreeMap<(String, String), Books>, DbErr> {
    let mut lines: BTreeMap<(String, String), Vec<Moved>> = BTreeMap::new();
    let of_year = filtered(filter).filter(Column::AwardYear.eq(award_year));
    for (key, moved) in summed(conn, of_year).await? {
        lines.entry((key.source, key.payer_division)).or_default().push(moved);
    }
    lines.into_iter().map(|(key, moved)| Ok((key, added_up(moved)?))).collect()
}

fn added_up(moved: Vec<Moved>) -> Result<Books, DbErr> {
    Books::of(moved).ok_or_else(|| DbErr::Custom("a sum of the books overflows".to_owned()))
}

/// A movement of one act.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Dated {
    /// Out of which account, by code.
    pub from_account: String,
    /// Into which.
    pub to_account: String,
    /// Day on which the bank paid, where it did.
    pub paid_on: Option<NaiveDate>,
    /// When it was booked.
    pub recorded_at: DateTime<Utc>,
    /// Fen, above zero.
    pub amount_fen: i64,
}

/// What moved into or out of these accounts of budget lines, act by act, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn dated(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
    accounts: &[Account],
) -> Result<Vec<Dated>, DbErr> {
    let codes = || accounts.iter().map(|account| account.code());
    let either = Condition::any()
        .add(Column::FromAccount.is_in(codes()))
        .add(Column::ToAccount.is_in(codes()));
    filtered(filter)
        .filter(either)
        .select_only()
        .columns([Column::FromAccount, Column::ToAccount])
        .columns([Column::PaidOn, Column::RecordedAt, Column::AmountFen])
        .order_by_asc(Column::Id)
        .into_model()
        .all(conn)
        .await
}

async fn summed(
    conn: &impl ConnectionTrait,
    entries: Select<Entity>,
) -> Result<Vec<(BudgetKey, Moved)>, DbErr> {
    let paths = [Column::Event, Column::FromAccount, Column::ToAccount];
    let mut query = entries
        .select_only()
        .columns(LINE)
        .columns(paths)
        .expr_as(sum_fen(Expr::col(Column::AmountFen)), "amount_fen");
    for column in LINE.into_iter().chain(paths) {
        query = query.group_by(column);
    }
    let rows: Vec<SumRow> = query.into_model().all(conn).await?;
    rows.into_iter().map(read_sum).collect()
}

fn read_sum(row: SumRow) -> Result<(BudgetKey, Moved), DbErr> {
    let account = |code: &str| Account::from_code(code).ok_or_else(|| unknown(code));
    let moved = Moved {
        event: Event::from_code(&row.event).ok_or_else(|| unknown(&row.event))?,
        from: account(&row.from_account)?,
        to: account(&row.to_account)?,
        amount: Fen::new(row.amount_fen),
    };
    let key = BudgetKey {
        programme: row.programme,
        source: row.source,
        payer_division: row.payer_division,
        budget_year: row.budget_year,
    };
    Ok((key, moved))
}

fn unknown(word: &str) -> DbErr {
    DbErr::Custom(format!("the books hold an unknown word {word}"))
}

/// The columns that name a budget line.
const LINE: [Column; 4] =
    [Column::Programme, Column::Source, Column::PayerDivision, Column::BudgetYear];

fn filtered(filter: &BudgetFilter) -> Select<Entity> {
    Entity::find().filter(filter.condition(LINE))
}

/// An entry as the books hold it.
pub type Entry = entity::ledger_entry::Model;

/// Up to `limit` entries of budget lines after the first `offset`, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
    (offset, limit): (u64, u64),
) -> Result<Vec<Entry>, DbErr> {
    filtered(filter).order_by_desc(Column::Id).offset(offset).limit(limit).all(conn).await
}

/// How many entries budget lines have.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: &BudgetFilter) -> Result<u64, DbErr> {
    filtered(filter).count(conn).await
}
