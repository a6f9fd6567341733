//! How long a list is, as far as anybody wants to know. To count everything that matches costs more
//! than the page that is shown, and grows with the years; nobody turns two thousand rows.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect, QueryTrait, Select};

/// Rows of a list that are counted.
pub const COUNTED: u64 = 2_000;
/// Rows that are looked at to tell whether very many are in scope: then a probe of each person is
/// quicker than a list of all.
const MANY: u64 = 5_000;

/// Rows of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// How many; at most [`COUNTED`] when there are more.
    pub rows: u64,
    /// Whether these are all.
    pub is_whole: bool,
}

impl Default for Extent {
    fn default() -> Self {
        Self::whole(0)
    }
}

impl Extent {
    /// So many and no more.
    pub const fn whole(rows: u64) -> Self {
        Self { rows, is_whole: true }
    }

    /// More than are counted.
    pub const fn beyond() -> Self {
        Self { rows: COUNTED, is_whole: false }
    }

    /// So many, or more than are counted.
    const fn of(rows: u64) -> Self {
        if rows > COUNTED { Self::beyond() } else { Self::whole(rows) }
    }
}

/// How long a list is.
///
/// # Errors
/// When the database fails.
pub async fn extent<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<Extent, DbErr> {
    Ok(Extent::of(count_up_to(conn, select, COUNTED + 1).await?))
}

/// Whether more persons than are counted stand in a list, by its first rows: a column of it names them.
pub(super) async fn are_many<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
    person: E::Column,
) -> Result<bool, DbErr> {
    let some = select.select_only().column_as(person, "about").limit(MANY).into_query();
    let count = Query::select()
        .expr_as(Expr::col("about").count_distinct(), "rows")
        .from_subquery(some, "some")
        .to_owned();
    let row = conn.query_one(&count).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
    Ok(u64::try_from(rows).is_ok_and(|rows| rows > COUNTED))
}

/// How many rows there are, but no more than `most`, none of which is read beyond.
async fn count_up_to<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
    most: u64,
) -> Result<u64, DbErr> {
    let some = select.select_only().expr_as(Expr::val(1), "one").limit(most).into_query();
    let count = Query::select()
        .expr_as(Expr::col(Asterisk).count(), "rows")
        .from_subquery(some, "some")
        .to_owned();
    let row = conn.query_one(&count).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}
