//! How income tax is handled: what was proposed and decided, and what batches withheld.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::db::{Verdict, decide as decide_proposal};
use super::number;
use crate::domain::registry::Code;
use crate::domain::tax::TaxTreatment;
use entity::tax_ruling::{ActiveModel, Column, Entity};

pub use entity::tax_ruling::Model as Ruling;

/// What somebody proposes.
#[derive(Debug, Clone, Copy)]
pub struct NewRuling<'a> {
    /// Programme.
    pub programme: &'a str,
    /// Year that the money is for.
    pub award_year: i64,
    /// How its tax is to be handled.
    pub treatment: TaxTreatment,
    /// Why.
    pub basis: &'a str,
    /// Number of the document that says so.
    pub document_no: &'a str,
    /// Natural person who proposes it.
    pub proposed_by: i64,
    /// When.
    pub proposed_at: DateTime<Utc>,
}

/// Proposes a ruling; returns its official number.
///
/// # Errors
/// When another one of the same money waits, or the database refuses.
pub async fn propose(tx: &DatabaseTransaction, new: &NewRuling<'_>) -> Result<String, DbErr> {
    let ruling_no = format!("TX{:05}", number::allocate(tx, "tax_ruling", 1).await?);
    let row = ActiveModel {
        ruling_no: Set(ruling_no.clone()),
        programme: Set(new.programme.to_owned()),
        award_year: Set(new.award_year),
        treatment: Set(new.treatment.code().to_owned()),
        basis: Set(new.basis.to_owned()),
        document_no: Set(new.document_no.to_owned()),
        proposed_by: Set(new.proposed_by),
        proposed_at: Set(new.proposed_at),
        note: Set(String::new()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(ruling_no)
}

/// Whether a ruling of this money waits to be decided.
///
/// # Errors
/// When the database fails.
pub async fn is_waiting(
    conn: &impl ConnectionTrait,
    (programme, award_year): (&str, i64),
) -> Result<bool, DbErr> {
    let open = of(programme, award_year).filter(Column::DecidedAt.is_null());
    Ok(open.one(conn).await?.is_some())
}

fn of(programme: &str, award_year: i64) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Programme.eq(programme)).filter(Column::AwardYear.eq(award_year))
}

/// The treatment in force for this money: the one accepted last; `None` while it is undetermined.
///
/// # Errors
/// When the database fails or a stored code is unknown.
pub async fn in_force(
    conn: &impl ConnectionTrait,
    (programme, award_year): (&str, i64),
) -> Result<Option<TaxTreatment>, DbErr> {
    let accepted = of(programme, award_year).filter(Column::Accepted.eq(true));
    // By the decision, not the proposal; only one of this money waits at a time, so both agree.
    let last = accepted.order_by_desc(Column::Id).one(conn).await?;
    last.map(|row| treatment(&row)).transpose()
}

/// What a ruling says.
///
/// # Errors
/// When the stored code is unknown.
pub fn treatment(row: &Ruling) -> Result<TaxTreatment, DbErr> {
    TaxTreatment::from_code(&row.treatment)
        .ok_or_else(|| DbErr::Custom(format!("treatment of ruling {}", row.ruling_no)))
}

/// All rulings, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Ruling>, DbErr> {
    Entity::find().order_by_desc(Column::Id).all(conn).await
}

/// A ruling by its number, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<Ruling>, DbErr> {
    Entity::find().filter(Column::RulingNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// Accepts a ruling or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (accept, note): (bool, &str),
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let verdict = Verdict { accepted: accept, note, at };
    decide_proposal::<Entity>(tx, id, [(Column::DecidedBy, by.into())], verdict).await
}

/// Which paid lines a tax list is about: one payer (all when empty) and the instants from the
/// first, inclusive, to the second, exclusive.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// Division that pays; empty for all.
    pub payer_division: &'a str,
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after.
    pub to: DateTime<Utc>,
}

/// A paid line of the tax list.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TaxLine {
    /// Person.
    pub person_id: i64,
    /// Official number of the person.
    pub person_no: String,
    /// Name that the money went to.
    pub payee_name: String,
    /// Batch.
    pub batch_no: String,
    /// Year that the money is for.
    pub award_year: i64,
    /// Treatment when it was frozen; empty in batches from before there were any.
    pub tax_treatment: String,
    /// When the bank paid.
    pub paid_at: DateTime<Utc>,
    /// Gross, fen.
    pub amount_fen: i64,
    /// Withheld, fen.
    pub tax_fen: i64,
}

/// Sums of a tax list.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct TaxSums {
    /// Lines.
    pub lines: i64,
    /// Gross, fen.
    pub gross_fen: i64,
    /// Withheld, fen.
    pub tax_fen: i64,
}

const PAID: &str = "FROM batch_line l JOIN batch b ON b.id = l.batch_id \
    JOIN payment_line pl ON pl.id = l.payment_line_id JOIN person p ON p.id = pl.person_id \
    WHERE l.outcome = 'settled' AND ($1 = '' OR b.payer_division = $1) \
      AND l.paid_at >= $2 AND l.paid_at < $3";

fn asked(conn: &impl ConnectionTrait, span: Span<'_>, sql: &str, page: &[i64]) -> Statement {
    let values = [span.payer_division.into(), span.from.into(), span.to.into()];
    let values = values.into_iter().chain(page.iter().map(|number| (*number).into()));
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}

/// Up to `limit` paid lines after the first `offset`, in the order of payment, and their sums.
///
/// # Errors
/// When the database fails.
pub async fn paid(
    conn: &impl ConnectionTrait,
    span: Span<'_>,
    (offset, limit): (i64, i64),
) -> Result<(Vec<TaxLine>, TaxSums), DbErr> {
    let lines = format!(
        "SELECT pl.person_id, p.person_no, l.payee_name, b.batch_no, b.award_year, \
            b.tax_treatment, l.paid_at, l.amount_fen, l.tax_fen {PAID} \
         ORDER BY l.paid_at, l.id LIMIT $4 OFFSET $5"
    );
    let lines = TaxLine::find_by_statement(asked(conn, span, &lines, &[limit, offset]));
    let sums = format!(
        "SELECT COUNT(*) AS lines, CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) AS gross_fen, \
            CAST(COALESCE(SUM(l.tax_fen), 0) AS BIGINT) AS tax_fen {PAID}"
    );
    let sums = TaxSums::find_by_statement(asked(conn, span, &sums, &[])).one(conn).await?;
    Ok((lines.all(conn).await?, sums.unwrap_or_default()))
}
