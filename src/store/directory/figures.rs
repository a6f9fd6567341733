//! Totals of a year within a scope.

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QuerySelect, QueryTrait,
};

use super::engineers::covers;
use super::enterprises::share_of_entitlement;
use super::scope;
use crate::domain::authority::Scope;
use crate::domain::money::Fen;
use crate::domain::registry::{Code, RosterStatus};
use crate::store::db::sum_fen;
use crate::store::stipend::OF_A_RUN;

/// Totals of a year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Enterprises on the list on the day.
    pub enterprises: i64,
    /// Persons on the confirmed roster on the day.
    pub engineers: i64,
    /// What live entitlements grant.
    pub entitled: Fen,
    /// Paid.
    pub paid: Fen,
    /// In a batch, not answered yet.
    pub in_transit: Fen,
    /// Sent back by the bank and not in a batch again.
    pub returned: Fen,
}

/// The totals within a scope: counts on `day`, money of `year`. A fixed number of statements.
///
/// For the whole province money is summed over payment lines. A part of it has shares of lines
/// only: there a share counts as paid when all lines of its payer to the person are paid.
///
/// # Errors
/// When the database fails.
pub async fn figures(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
    year: i64,
) -> Result<Figures, DbErr> {
    let money = Money { year };
    let (paid, in_transit, returned) = if *scope == Scope::Province {
        (
            money.lines(conn, of_state("paid")).await?,
            money.lines(conn, of_state("in_batch")).await?,
            money.lines(conn, sent_back()).await?,
        )
    } else {
        let some = |which| Condition::all().add(Expr::exists(lines_of_share(which)));
        (
            money.shares(conn, scope, all_paid()).await?,
            money.shares(conn, scope, some(of_state("in_batch"))).await?,
            money.shares(conn, scope, some(sent_back())).await?,
        )
    };
    Ok(Figures {
        enterprises: listed(conn, scope, day).await?,
        engineers: on_roster(conn, scope, day).await?,
        entitled: money.shares(conn, scope, Condition::all()).await?,
        paid,
        in_transit,
        returned,
    })
}

async fn listed(conn: &impl ConnectionTrait, scope: &Scope, day: NaiveDate) -> Result<i64, DbErr> {
    use entity::listing::{Column, Entity};
    let count = Entity::find()
        .filter(Column::SupersededAt.is_null())
        .filter(covers(Column::ValidFrom, Column::ValidTo, day))
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

async fn on_roster(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
) -> Result<i64, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let count = Entity::find()
        .filter(Column::SupersededAt.is_null())
        .filter(Column::Status.eq(RosterStatus::Confirmed.code()))
        .filter(covers(Column::ValidFrom, Column::ValidTo, day))
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// All lines that pay the share of the outer query are paid.
pub(super) fn all_paid() -> Condition {
    let unpaid = of_state("paid").not().add(entity::payment_line::Column::State.ne("void"));
    Condition::all()
        .add(Expr::exists(lines_of_share(of_state("paid"))))
        .add(Expr::not_exists(lines_of_share(unpaid)))
}

/// The shares in scope: by the division on the share, not by the enterprise. An enterprise that
/// moved is seen by both places, its money by one.
pub(super) fn place_of_share(scope: &Scope) -> Condition {
    use entity::entitlement_share::Column;
    match scope {
        Scope::City(unit) => Column::CityUnit.eq(unit.as_str()).into(),
        Scope::County(county) => Column::Division.eq(county.as_str()).into(),
        _ => scope::enterprises(scope, Column::EnterpriseId),
    }
}

pub(super) fn of_state(state: &str) -> Condition {
    Condition::all().add(entity::payment_line::Column::State.eq(state))
}

/// Payable again after the bank sent it back.
fn sent_back() -> Condition {
    use entity::batch_line::{Column, Entity};
    let failed = Entity::find()
        .select_only()
        .column(Column::PaymentLineId)
        .filter(Column::Outcome.eq("failed"));
    of_state("payable").add(entity::payment_line::Column::Id.in_subquery(failed.into_query()))
}

/// The payment lines that pay the share of the outer query.
fn lines_of_share(which: Condition) -> SelectStatement {
    use entity::payment_line::{Column, Entity};
    use entity::{entitlement as decided, entitlement_share as share};
    let mut lines = Entity::find().select_only().column(Column::Id).filter(which).into_query();
    for (column, of) in [
        (Column::PersonId, decided::Column::PersonId),
        (Column::Programme, decided::Column::Programme),
        (Column::AwardYear, decided::Column::AwardYear),
    ] {
        lines.and_where(column.into_expr().equals((decided::Entity, of)));
    }
    for (column, of) in [
        (Column::Source, share::Column::Source),
        (Column::PayerDivision, share::Column::PayerDivision),
    ] {
        lines.and_where(column.into_expr().equals((share::Entity, of)));
    }
    lines
}

struct Money {
    year: i64,
}

impl Money {
    async fn lines(&self, conn: &impl ConnectionTrait, which: Condition) -> Result<Fen, DbErr> {
        use entity::payment_line::{Column, Entity};
        let sum: Option<i64> = Entity::find()
            .select_only()
            .column_as(sum_fen(Column::AmountFen.into_expr()), "amount")
            .filter(Column::AwardYear.eq(self.year))
            .filter(Column::SubjectNo.eq(OF_A_RUN))
            .filter(which)
            .into_tuple()
            .one(conn)
            .await?;
        Ok(Fen::new(sum.unwrap_or(0)))
    }

    /// The shares of live entitlements that satisfy `which`.
    async fn shares(
        &self,
        conn: &impl ConnectionTrait,
        scope: &Scope,
        which: Condition,
    ) -> Result<Fen, DbErr> {
        use entity::{entitlement as decided, entitlement_share as share};
        let sum: Option<i64> = share::Entity::find()
            .select_only()
            .column_as(sum_fen(share::Column::AmountFen.into_expr()), "amount")
            .join(JoinType::InnerJoin, share_of_entitlement())
            .filter(decided::Column::AwardYear.eq(self.year))
            .filter(decided::Column::SupersededAt.is_null())
            .filter(decided::Column::SubjectNo.eq(OF_A_RUN))
            .filter::<Condition>(place_of_share(scope))
            .filter(which)
            .into_tuple()
            .one(conn)
            .await?;
        Ok(Fen::new(sum.unwrap_or(0)))
    }
}
