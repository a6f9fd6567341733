//! What was paid for standing versions: of all, of those that a filter lets through, of one.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use entity::entitlement::{Column, Entity};
use entity::payment_line;

use super::OF_A_RUN;
use super::ledger::{Filter, lines_of_version};
use crate::store::db::sum_fen;

/// What was paid for the versions that a filter lets through, as one join.
pub(super) async fn paid_of_matching(
    conn: &impl ConnectionTrait,
    filter: &Filter,
) -> Result<i64, DbErr> {
    use payment_line::{Column as L, Entity as Lines};
    let same = |own: L, other: Column| Expr::col((Lines, own)).equals((Entity, other));
    let of_version = Condition::all()
        .add(same(L::PersonId, Column::PersonId))
        .add(same(L::Programme, Column::Programme))
        .add(same(L::AwardYear, Column::AwardYear));
    let paid = Query::select()
        .expr_as(sum_fen(Expr::col((Lines, L::AmountFen))), "paid")
        .from(Lines)
        .inner_join(Entity, of_version)
        .and_where(L::State.eq("paid"))
        .cond_where(filter.condition())
        .to_owned();
    let row = conn.query_one(&paid).await?;
    row.map_or(Ok(0), |row| row.try_get("", "paid"))
}

/// What was paid for a year, or for all.
pub(super) async fn paid_in_all(
    conn: &impl ConnectionTrait,
    year: Option<i64>,
) -> Result<i64, DbErr> {
    use payment_line::{Column as L, Entity as Lines};
    let paid: Option<i64> = Lines::find()
        .select_only()
        .expr_as(sum_fen(Expr::col(L::AmountFen)), "paid")
        .filter(L::State.eq("paid"))
        .filter(L::SubjectNo.eq(OF_A_RUN))
        .filter(Condition::all().add_option(year.map(|year| L::AwardYear.eq(year))))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(paid.unwrap_or(0))
}

/// What was paid for the year of the version of the outer query.
pub(super) fn paid_of_version() -> SimpleExpr {
    use payment_line::{Column as L, Entity as Lines};
    let paid = lines_of_version()
        .clear_selects()
        .expr(sum_fen(Expr::col((Lines, L::AmountFen))))
        .and_where(L::State.eq("paid"))
        .to_owned();
    SimpleExpr::from(paid)
}
