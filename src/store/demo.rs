//! The sums that the demonstration prints.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::db::sum_fen;
use super::recovery::{CLAIMED, PROPOSED, accounts};
use super::stipend::OF_A_RUN;
use crate::domain::money::Fen;

/// Sums over the tables, in fen: of the yearly results, unless another stream is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Enterprises.
    pub enterprises: u64,
    /// Persons.
    pub persons: u64,
    /// Live entitlements with money.
    pub eligible: u64,
    /// Live entitlements without.
    pub ineligible: u64,
    /// Net of all live entitlements.
    pub entitled_fen: i64,
    /// The same by source and payer.
    pub entitled_by_payer: Vec<(String, String, i64)>,
    /// Paid lines.
    pub paid_lines: i64,
    /// Their sum.
    pub paid_fen: i64,
    /// Lines in batches that the bank has not answered.
    pub frozen_lines: i64,
    /// Their sum.
    pub frozen_fen: i64,
    /// Lines that are not released.
    pub pending_lines: i64,
    /// Their sum.
    pub pending_fen: i64,
    /// Lines that wait for a batch.
    pub payable_lines: i64,
    /// Their sum.
    pub payable_fen: i64,
    /// What files of other streams granted and stands; in none of the sums above.
    pub grants: u64,
    /// Their sum.
    pub granted_fen: i64,
    /// Proposed recoveries.
    pub recoveries: i64,
    /// Their sum.
    pub recovery_fen: i64,
    /// Events in all chains.
    pub audit_events: u64,
    /// Seals over them.
    pub seals: u64,
}

/// Reads all sums.
///
/// # Errors
/// When the database fails.
pub async fn figures(conn: &impl ConnectionTrait) -> Result<Figures, DbErr> {
    use entity::{audit_event, audit_seal, enterprise, entitlement, person};
    let standing =
        || entitlement::Entity::find().filter(entitlement::Column::SupersededAt.is_null());
    let live = || standing().filter(entitlement::Column::SubjectNo.eq(OF_A_RUN));
    let granted = || standing().filter(entitlement::Column::SubjectNo.ne(OF_A_RUN));
    let granted_fen =
        granted().select_only().column_as(sum_fen(column(entitlement::Column::NetFen)), "s");
    let with = |status: &str| live().filter(entitlement::Column::Status.eq(status)).count(conn);
    let entitled =
        live().select_only().column_as(sum_fen(column(entitlement::Column::NetFen)), "s");
    let (paid_lines, paid_fen) = lines(conn, "paid").await?;
    let (frozen_lines, frozen_fen) = lines(conn, "in_batch").await?;
    let (pending_lines, pending_fen) = lines(conn, "pending").await?;
    let (payable_lines, payable_fen) = lines(conn, "payable").await?;
    let (recoveries, recovery_fen) = recoveries(conn).await?;
    Ok(Figures {
        enterprises: enterprise::Entity::find().count(conn).await?,
        persons: person::Entity::find().count(conn).await?,
        eligible: with("eligible").await?,
        ineligible: with("ineligible").await?,
        entitled_fen: entitled.into_tuple().one(conn).await?.unwrap_or(0),
        entitled_by_payer: by_payer(conn).await?,
        paid_lines,
        paid_fen,
        frozen_lines,
        frozen_fen,
        pending_lines,
        pending_fen,
        payable_lines,
        payable_fen,
        grants: granted().count(conn).await?,
        granted_fen: granted_fen.into_tuple().one(conn).await?.unwrap_or(0),
        recoveries,
        recovery_fen,
        audit_events: audit_event::Entity::find().count(conn).await?,
        seals: audit_seal::Entity::find().count(conn).await?,
    })
}

fn column(column: impl ColumnTrait) -> sea_orm::sea_query::Expr {
    sea_orm::sea_query::Expr::col(column.as_column_ref())
}

async fn lines(conn: &impl ConnectionTrait, state: &str) -> Result<(i64, i64), DbErr> {
    use entity::payment_line::{Column, Entity};
    let found = Entity::find()
        .filter(Column::State.eq(state))
        .filter(Column::SubjectNo.eq(OF_A_RUN))
        .select_only()
        .column_as(Column::Id.count(), "n")
        .column_as(sum_fen(column(Column::AmountFen)), "s")
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.unwrap_or((0, 0)))
}

async fn recoveries(conn: &impl ConnectionTrait) -> Result<(i64, i64), DbErr> {
    use entity::recovery::{Column, Entity};
    let rows = Entity::find().filter(Column::State.is_in([PROPOSED, CLAIMED])).all(conn).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let accounts = accounts(conn, &ids).await?;
    let left = |row: &entity::recovery::Model| {
        let amount = Fen::new(row.amount_fen);
        accounts.get(&row.id).map_or(amount, |account| account.outstanding(amount)).get()
    };
    Ok((i64::try_from(rows.len()).unwrap_or(i64::MAX), rows.iter().map(left).sum()))
}

async fn by_payer(conn: &impl ConnectionTrait) -> Result<Vec<(String, String, i64)>, DbErr> {
    use entity::entitlement_share::{Column, Entity};
    let live = sea_orm::sea_query::Query::select()
        .column(entity::entitlement::Column::Id)
        .from(entity::entitlement::Entity)
        .and_where(entity::entitlement::Column::SupersededAt.is_null())
        .and_where(entity::entitlement::Column::SubjectNo.eq(OF_A_RUN))
        .to_owned();
    Entity::find()
        .filter(Column::EntitlementId.in_subquery(live))
        .select_only()
        .column(Column::Source)
        .column(Column::PayerDivision)
        .column_as(sum_fen(column(Column::AmountFen)), "s")
        .group_by(Column::Source)
        .group_by(Column::PayerDivision)
        .order_by_asc(Column::Source)
        .order_by_asc(Column::PayerDivision)
        .into_tuple()
        .all(conn)
        .await
}
