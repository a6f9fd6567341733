//! Money that a finance office keeps back.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect,
};

use entity::payment_hold::{ActiveModel, Column, Entity};

use super::{Scope, number, query};
use crate::store::db::expect_one_row;

/// Whose money of which year is held by which payer.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Person.
    pub person_id: i64,
    /// Programme.
    pub programme: &'a str,
    /// Year the money is for.
    pub award_year: i64,
    /// Who pays it.
    pub payer_division: &'a str,
}

/// The person with this number whom a payer has money for, of any programme and year.
///
/// # Errors
/// When the database fails.
pub async fn payee(
    conn: &impl ConnectionTrait,
    person_no: &str,
    payer: &str,
) -> Result<Option<i64>, DbErr> {
    use entity::payment_line::{Column as Line, Entity as Lines};
    use entity::person::{Column as Person, Entity as Persons};
    let found = Persons::find().filter(Person::PersonNo.eq(person_no)).one(conn).await?;
    let Some(person) = found else { return Ok(None) };
    let lines = Lines::find()
        .filter(Line::PersonId.eq(person.id))
        .filter(Line::PayerDivision.eq(payer))
        .one(conn)
        .await?;
    Ok(lines.map(|_| person.id))
}

/// How many lines of this money can still be kept back: no bank file holds them.
///
/// # Errors
/// When the database fails.
pub async fn can_be_held(tx: &DatabaseTransaction, held: Held<'_>) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS number FROM payment_line l \
        WHERE l.person_id = $1 AND l.programme = $2 AND l.award_year = $3 \
          AND l.payer_division = $4 AND (l.state IN ('pending', 'payable') OR \
            (l.state = 'in_batch' AND EXISTS (SELECT 1 FROM batch_line b JOIN batch \
                ON batch.id = b.batch_id WHERE b.payment_line_id = l.id AND b.live \
                AND batch.state IN ('frozen', 'checked', 'approved'))))";
    let Held { person_id, programme, award_year, payer_division } = held;
    let values = [person_id.into(), programme.into(), award_year.into(), payer_division.into()];
    number(tx, sql, values).await
}

/// Keeps money back.
///
/// # Errors
/// When it is kept back already.
pub async fn keep_back(
    tx: &DatabaseTransaction,
    held: Held<'_>,
    (reason, by, at): (&str, i64, DateTime<Utc>),
) -> Result<i64, DbErr> {
    let row = ActiveModel {
        person_id: Set(held.person_id),
        programme: Set(held.programme.to_owned()),
        award_year: Set(held.award_year),
        payer_division: Set(held.payer_division.to_owned()),
        reason: Set(reason.to_owned()),
        held_by: Set(by),
        held_at: Set(at),
        release_reason: Set(String::new()),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The open hold of this money, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn open_hold(
    conn: &impl ConnectionTrait,
    held: Held<'_>,
) -> Result<Option<entity::payment_hold::Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(held.person_id))
        .filter(Column::Programme.eq(held.programme))
        .filter(Column::AwardYear.eq(held.award_year))
        .filter(Column::PayerDivision.eq(held.payer_division))
        .filter(Column::ReleasedAt.is_null())
        .one(conn)
        .await
}

/// The hold with this identity.
///
/// # Errors
/// When the database fails.
pub async fn hold_by_id(
    conn: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<entity::payment_hold::Model>, DbErr> {
    Entity::find_by_id(id).one(conn).await
}

/// Lets held money go.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody did already.
pub async fn let_go(
    tx: &DatabaseTransaction,
    id: i64,
    (reason, by, at): (&str, i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::ReleasedBy, Expr::value(by))
        .col_expr(Column::ReleasedAt, Expr::value(at))
        .col_expr(Column::ReleaseReason, Expr::value(reason))
        .filter(Column::Id.eq(id))
        .filter(Column::ReleasedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The persons whose money a finance office keeps back, ascending.
///
/// # Errors
/// When the database fails.
pub async fn kept_back(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<i64>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .distinct()
        .filter(Column::Programme.eq(scope.programme.as_str()))
        .filter(Column::AwardYear.eq(scope.award_year))
        .filter(Column::PayerDivision.eq(scope.payer_division.as_str()))
        .filter(Column::ReleasedAt.is_null())
        .order_by_asc(Column::PersonId)
        .into_tuple()
        .all(conn)
        .await
}

/// A hold as a page shows it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct HoldRow {
    /// Identity.
    pub id: i64,
    /// Number of the person.
    pub person_no: String,
    /// Person.
    pub person_id: i64,
    /// Programme.
    pub programme: String,
    /// Year the money is for.
    pub award_year: i64,
    /// Who pays it.
    pub payer_division: String,
    /// What is held now, fen.
    pub amount_fen: i64,
    /// Why.
    pub reason: String,
    /// Natural person who keeps it back.
    pub held_by: i64,
    /// That person's name.
    pub holder: String,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// Who let it go; `None` while it is held.
    pub releaser: Option<String>,
    /// When.
    pub released_at: Option<DateTime<Utc>>,
    /// Why; empty while it is held.
    pub release_reason: String,
}

/// Up to `limit` holds of a payer (of all without one) after the first `offset`, open ones first,
/// then the latest; and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn holds(
    conn: &impl ConnectionTrait,
    payer: Option<&str>,
    (offset, limit): (i64, i64),
) -> Result<(Vec<HoldRow>, i64), DbErr> {
    let of = "($1 = '' OR h.payer_division = $1)";
    let sql = format!(
        "SELECT h.id, p.person_no, h.person_id, h.programme, h.award_year, h.payer_division, h.reason, \
            h.held_by, a.name AS holder, h.held_at, r.name AS releaser, h.released_at, \
            h.release_reason, COALESCE((SELECT CAST(SUM(l.amount_fen) AS BIGINT) \
                FROM payment_line l WHERE l.person_id = h.person_id \
                AND l.programme = h.programme AND l.award_year = h.award_year \
                AND l.payer_division = h.payer_division \
                AND l.state IN ('pending', 'payable', 'in_batch')), 0) AS amount_fen \
        FROM payment_hold h JOIN person p ON p.id = h.person_id \
        JOIN account_holder a ON a.id = h.held_by \
        LEFT JOIN account_holder r ON r.id = h.released_by \
        WHERE {of} ORDER BY (CASE WHEN h.released_at IS NULL THEN 0 ELSE 1 END), h.id DESC \
        LIMIT $2 OFFSET $3"
    );
    let payer = payer.unwrap_or_default();
    let rows = query(conn, &sql, [payer.into(), limit.into(), offset.into()]).await?;
    let count = format!("SELECT COUNT(*) AS number FROM payment_hold h WHERE {of}");
    Ok((rows, number(conn, &count, [payer.into()]).await?))
}
