//! Setting a recovery off against money that the person has to come.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use super::{EntryKind, PaymentLine, RecoveryRow};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::store::budget::{BudgetFilter, UseSum};
use crate::store::db::{expect_one_row, sum_fen};
use crate::store::merge::merges_about;
use crate::store::number;

/// The person's payable lines of the same source and payer, under whichever of merged numbers and
/// whatever the year, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn payable(
    conn: &impl ConnectionTrait,
    row: &RecoveryRow,
) -> Result<Vec<PaymentLine>, DbErr> {
    same_source(conn, row).await?.all(conn).await
}

/// The same, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock_payable(
    tx: &DatabaseTransaction,
    row: &RecoveryRow,
) -> Result<Vec<PaymentLine>, DbErr> {
    same_source(tx, row).await?.lock(LockType::Update).all(tx).await
}

async fn same_source(
    conn: &impl ConnectionTrait,
    row: &RecoveryRow,
) -> Result<Select<entity::payment_line::Entity>, DbErr> {
    use entity::payment_line::{Column, Entity};
    let numbers = merges_about(conn, &[row.person_id], None).await?.group(row.person_id);
    Ok(Entity::find()
        .filter(Column::PersonId.is_in(numbers))
        .filter(Column::State.eq("payable"))
        .filter(Column::Programme.eq(row.programme.as_str()))
        .filter(Column::Source.eq(row.source.as_str()))
        .filter(Column::PayerDivision.eq(row.payer_division.as_str()))
        .order_by_asc(Column::Id))
}

/// Splits `amount` off a payable line into a line that is paid by being set off, and gives the
/// identity of that. What remains is payable in a line of its own.
///
/// # Errors
/// When the line is not payable any more.
pub async fn split_off(
    tx: &DatabaseTransaction,
    line: &PaymentLine,
    amount: Fen,
    at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    use entity::payment_line::{ActiveModel, Column, Entity};
    let void = Entity::update_many()
        .col_expr(Column::State, Expr::value("void"))
        .col_expr(Column::VoidedAt, Expr::value(at))
        .filter(Column::Id.eq(line.id))
        .filter(Column::State.eq("payable"))
        .exec(tx)
        .await?;
    expect_one_row(void.rows_affected)?;
    let first = number::allocate(tx, "payment_line", 2).await?;
    let row =
        |number: i64, component_no: i64, kind: &str, amount_fen: i64, state: &str| ActiveModel {
            line_no: Set(format!("L{number:08}")),
            person_id: Set(line.person_id),
            programme: Set(line.programme.clone()),
            award_year: Set(line.award_year),
            source: Set(line.source.clone()),
            payer_division: Set(line.payer_division.clone()),
            component_no: Set(component_no),
            kind: Set(kind.to_owned()),
            amount_fen: Set(amount_fen),
            entitlement_id: Set(line.entitlement_id),
            state: Set(state.to_owned()),
            recorded_at: Set(at),
            voided_at: Set(None),
            subject_no: Set(line.subject_no.clone()),
            payee_enterprise_id: Set(line.payee_enterprise_id),
            ..Default::default()
        };
    let next = 1 + last_component(tx, line).await?;
    let offset = row(first, next, "offset", amount.get(), "paid");
    let id = Entity::insert(offset).exec(tx).await?.last_insert_id;
    let rest = line.amount_fen - amount.get();
    if rest > 0 {
        let rest = row(first + 1, line.component_no, &line.kind, rest, "payable");
        Entity::insert(rest).exec_without_returning(tx).await?;
    }
    Ok(id)
}

async fn last_component(tx: &DatabaseTransaction, line: &PaymentLine) -> Result<i64, DbErr> {
    use entity::payment_line::{Column, Entity};
    let last: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::ComponentNo.max(), "last")
        .filter(Column::PersonId.eq(line.person_id))
        .filter(Column::Programme.eq(line.programme.as_str()))
        .filter(Column::AwardYear.eq(line.award_year))
        .filter(Column::Source.eq(line.source.as_str()))
        .filter(Column::PayerDivision.eq(line.payer_division.as_str()))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

/// What was paid of budget lines by being set off.
///
/// # Errors
/// When the database fails.
pub async fn set_off(
    conn: &impl ConnectionTrait,
    filter: &BudgetFilter,
) -> Result<Vec<UseSum>, DbErr> {
    use entity::recovery::{Column, Entity as Recoveries};
    use entity::recovery_entry::{Column as Entry, Entity};
    let of_recovery = Entity::belongs_to(Recoveries).from(Entry::RecoveryId).to(Column::Id).into();
    let line = [Column::Programme, Column::Source, Column::PayerDivision];
    let year = filter.budget_year.map(|known| Entry::BudgetYear.eq(known));
    let any_year = BudgetFilter { budget_year: None, ..filter.clone() };
    let [programme, source, payer] = line;
    Entity::find()
        .select_only()
        .columns(line)
        .column(Entry::BudgetYear)
        .expr_as(Expr::value("closed"), "state")
        .expr_as(Expr::value("settled"), "outcome")
        .expr_as(sum_fen(Expr::col((Entity, Entry::AmountFen))), "amount_fen")
        .join(sea_orm::JoinType::InnerJoin, of_recovery)
        .filter(Entry::Kind.eq(EntryKind::SetOff.code()))
        .filter(any_year.condition([programme, source, payer, Column::AwardYear]))
        .filter(Condition::all().add_option(year))
        .group_by(Column::Programme)
        .group_by(Column::Source)
        .group_by(Column::PayerDivision)
        .group_by(Entry::BudgetYear)
        .into_model()
        .all(conn)
        .await
}
