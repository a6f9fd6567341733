//! What somebody proposes to do with the money of a budget line, and what another decided.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::budget::{BudgetFilter, BudgetKey};
use super::db::{Verdict, decide as decide_proposal};
use super::number;
use crate::domain::ledger::{BudgetAct, BudgetCodes};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use entity::budget_request::{ActiveModel, Column, Entity};

pub use entity::budget_request::Model as Request;

/// What somebody proposes.
#[derive(Debug, Clone, Copy)]
pub struct NewRequest<'a> {
    /// What is to be done.
    pub act: BudgetAct,
    /// Budget line; of the year that is over when it is about the rest of one.
    pub key: &'a BudgetKey,
    /// Not zero; below zero takes back what was allotted.
    pub amount: Fen,
    /// Number of the document.
    pub document_no: &'a str,
    /// What the document says of the money to the treasury.
    pub codes: &'a BudgetCodes,
    /// Natural person who proposes it.
    pub proposed_by: i64,
    /// When.
    pub proposed_at: DateTime<Utc>,
}

/// The budget line that a request is about.
pub fn key(row: &Request) -> BudgetKey {
    BudgetKey {
        programme: row.programme.clone(),
        source: row.source.clone(),
        payer_division: row.payer_division.clone(),
        budget_year: row.budget_year,
    }
}

/// What the document of a request says of its money to the treasury.
pub fn codes(row: &Request) -> BudgetCodes {
    BudgetCodes {
        agency: row.agency_code.clone(),
        function: row.function_code.clone(),
        project: row.project_code.clone(),
    }
}

/// The codes of a budget line: those of the last accepted document that gives any.
///
/// # Errors
/// When the database fails.
pub async fn codes_of(conn: &impl ConnectionTrait, key: &BudgetKey) -> Result<BudgetCodes, DbErr> {
    let rows = all(conn, &BudgetFilter::from(key)).await?;
    let given = rows.iter().filter(|row| row.accepted == Some(true)).map(codes);
    Ok(given.into_iter().find(|codes| *codes != BudgetCodes::default()).unwrap_or_default())
}

/// What a request asks for.
///
/// # Errors
/// When the stored code is unknown.
pub fn act(row: &Request) -> Result<BudgetAct, DbErr> {
    BudgetAct::from_code(&row.kind)
        .ok_or_else(|| DbErr::Custom(format!("kind of request {}", row.request_no)))
}

/// Proposes; returns the official number.
///
/// # Errors
/// When the database refuses.
pub async fn propose(tx: &DatabaseTransaction, new: &NewRequest<'_>) -> Result<String, DbErr> {
    let request_no = format!("ZB{:06}", number::allocate(tx, "budget_request", 1).await?);
    let row = ActiveModel {
        request_no: Set(request_no.clone()),
        kind: Set(new.act.code().to_owned()),
        programme: Set(new.key.programme.clone()),
        source: Set(new.key.source.clone()),
        payer_division: Set(new.key.payer_division.clone()),
        budget_year: Set(new.key.budget_year),
        amount_fen: Set(new.amount.get()),
        document_no: Set(new.document_no.to_owned()),
        agency_code: Set(new.codes.agency.clone()),
        function_code: Set(new.codes.function.clone()),
        project_code: Set(new.codes.project.clone()),
        proposed_by: Set(new.proposed_by),
        proposed_at: Set(new.proposed_at),
        note: Set(String::new()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(request_no)
}

/// A request by its number, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<Request>, DbErr> {
    Entity::find().filter(Column::RequestNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// The requests about budget lines, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
) -> Result<Vec<Request>, DbErr> {
    let line = [Column::Programme, Column::Source, Column::PayerDivision, Column::BudgetYear];
    let of_line = Entity::find().filter(filter.condition(line));
    of_line.order_by_desc(Column::Id).all(conn).await
}

/// How many of a payer wait that somebody else than `holder` proposed.
///
/// # Errors
/// When the database fails.
pub async fn count_open(
    conn: &impl ConnectionTrait,
    payer_division: &str,
    holder: i64,
) -> Result<i64, DbErr> {
    let open = Entity::find()
        .filter(Column::DecidedAt.is_null())
        .filter(Column::PayerDivision.eq(payer_division))
        .filter(Column::ProposedBy.ne(holder));
    Ok(i64::try_from(open.count(conn).await?).unwrap_or(i64::MAX))
}

/// Accepts a request or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (accepted, note): (bool, &str),
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let verdict = Verdict { accepted, note, at };
    decide_proposal::<Entity>(tx, id, [(Column::DecidedBy, by.into())], verdict).await
}
