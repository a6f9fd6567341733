//! Endpoints of programs, and the events that wait to be sent to them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::db::{expect_one_row, insert_all, rows_per_statement};
use super::directory::scope;
use super::{case, number};
use crate::domain::authority::Scope;
use crate::domain::period::Period;

pub use entity::webhook_delivery::Model as Delivery;
pub use entity::webhook_endpoint::Model as Endpoint;

/// An endpoint to keep.
#[derive(Debug)]
pub struct NewEndpoint<'a> {
    /// Whose.
    pub account_id: i64,
    /// Where it is told.
    pub url: &'a str,
    /// What, parted by spaces.
    pub kinds: &'a str,
    /// The sealed secret.
    pub secret_cipher: Vec<u8>,
    /// Account that makes it.
    pub made_by: i64,
    /// When.
    pub made_at: DateTime<Utc>,
}

/// Keeps an endpoint; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn make(tx: &DatabaseTransaction, new: NewEndpoint<'_>) -> Result<String, DbErr> {
    let endpoint_no = format!("WH{:06}", number::allocate(tx, "webhook_endpoint", 1).await?);
    let row = entity::webhook_endpoint::ActiveModel {
        endpoint_no: Set(endpoint_no.clone()),
        account_id: Set(new.account_id),
        url: Set(new.url.to_owned()),
        kinds: Set(new.kinds.to_owned()),
        made_by: Set(new.made_by),
        made_at: Set(new.made_at),
        secret_cipher: Set(new.secret_cipher),
        old_secret_cipher: Set(None),
        old_secret_until: Set(None),
        is_enabled: Set(true),
        failing_since: Set(None),
        deleted_by: Set(None),
        deleted_at: Set(None),
        ..Default::default()
    };
    entity::webhook_endpoint::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(endpoint_no)
}

/// The endpoints of an account that are not deleted, in the order they were made.
///
/// # Errors
/// When the database fails.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Vec<Endpoint>, DbErr> {
    use entity::webhook_endpoint::{Column, Entity};
    Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// All endpoints in use.
///
/// # Errors
/// When the database fails.
pub async fn enabled(conn: &impl ConnectionTrait) -> Result<Vec<Endpoint>, DbErr> {
    use entity::webhook_endpoint::{Column, Entity};
    Entity::find()
        .filter(Column::IsEnabled.eq(true))
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// The endpoint with this number, locked for the rest of the transaction, unless it is deleted.
///
/// # Errors
/// When the database fails.
pub async fn lock_by_no(tx: &DatabaseTransaction, no: &str) -> Result<Option<Endpoint>, DbErr> {
    use entity::webhook_endpoint::Column;
    lock(tx, Column::EndpointNo.eq(no)).await
}

/// The same by identity.
///
/// # Errors
/// When the database fails.
pub async fn lock_by_id(tx: &DatabaseTransaction, id: i64) -> Result<Option<Endpoint>, DbErr> {
    use entity::webhook_endpoint::Column;
    lock(tx, Column::Id.eq(id)).await
}

async fn lock(
    tx: &DatabaseTransaction,
    which: sea_orm::sea_query::SimpleExpr,
) -> Result<Option<Endpoint>, DbErr> {
    use entity::webhook_endpoint::{Column, Entity};
    Entity::find()
        .filter(which)
        .filter(Column::DeletedAt.is_null())
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Saves what changes of a locked endpoint.
///
/// # Errors
/// When the database refuses.
pub async fn save(tx: &DatabaseTransaction, endpoint: &Endpoint) -> Result<(), DbErr> {
    let row = entity::webhook_endpoint::ActiveModel {
        id: Unchanged(endpoint.id),
        secret_cipher: Set(endpoint.secret_cipher.clone()),
        old_secret_cipher: Set(endpoint.old_secret_cipher.clone()),
        old_secret_until: Set(endpoint.old_secret_until),
        is_enabled: Set(endpoint.is_enabled),
        failing_since: Set(endpoint.failing_since),
        deleted_by: Set(endpoint.deleted_by),
        deleted_at: Set(endpoint.deleted_at),
        ..Default::default()
    };
    row.update(tx).await.map(|_| ())
}

/// An event for an endpoint.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Number under which the receiver knows it.
    pub message_id: String,
    /// Where to.
    pub endpoint_id: i64,
    /// Kind.
    pub kind: &'static str,
    /// JSON.
    pub body: String,
}

/// Writes events to be sent.
///
/// # Errors
/// When the database refuses.
pub async fn write(
    tx: &DatabaseTransaction,
    new: Vec<NewDelivery>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = |new: NewDelivery| entity::webhook_delivery::ActiveModel {
        message_id: Set(new.message_id),
        endpoint_id: Set(new.endpoint_id),
        kind: Set(new.kind.to_owned()),
        body: Set(new.body),
        written_at: Set(at),
        state: Set("waiting".to_owned()),
        attempts: Set(0),
        due_at: Set(at),
        tried_at: Set(None),
        response_code: Set(None),
        fault: Set(None),
        closed_at: Set(None),
        ..Default::default()
    };
    insert_all(tx, new.into_iter().map(row)).await
}

/// The endpoints in use for which an event is due.
///
/// # Errors
/// When the database fails.
pub async fn due_endpoints(
    conn: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Vec<Endpoint>, DbErr> {
    use entity::webhook_delivery::{Column as D, Entity as Deliveries};
    use entity::webhook_endpoint::{Column, Entity};
    let due = Deliveries::find()
        .select_only()
        .column(D::EndpointId)
        .filter(D::State.eq("waiting"))
        .filter(D::DueAt.lte(at))
        .into_query();
    Entity::find()
        .filter(Column::IsEnabled.eq(true))
        .filter(Column::DeletedAt.is_null())
        .filter(Column::Id.in_subquery(due))
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}

/// The events for an endpoint whose time has come, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn due(
    conn: &impl ConnectionTrait,
    endpoint_id: i64,
    at: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Delivery>, DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    Entity::find()
        .filter(Column::EndpointId.eq(endpoint_id))
        .filter(Column::State.eq("waiting"))
        .filter(Column::DueAt.lte(at))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// Takes a delivery on for one attempt: nobody else tries before `again_at`. False when somebody
/// else took it first.
///
/// # Errors
/// When the database fails.
pub async fn take(
    tx: &DatabaseTransaction,
    delivery: &Delivery,
    (at, again_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(delivery.attempts + 1))
        .col_expr(Column::DueAt, Expr::value(again_at))
        .col_expr(Column::TriedAt, Expr::value(at))
        .filter(Column::Id.eq(delivery.id))
        .filter(Column::Attempts.eq(delivery.attempts))
        .filter(Column::DueAt.eq(delivery.due_at))
        .filter(Column::State.eq("waiting"))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes how an attempt ended: `closed` is the state and when, `None` while it is tried again.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &DatabaseTransaction,
    id: i64,
    (response_code, fault): (Option<i64>, Option<String>),
    closed: Option<(&str, DateTime<Utc>)>,
) -> Result<(), DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    let mut update = Entity::update_many()
        .col_expr(Column::ResponseCode, Expr::value(response_code))
        .col_expr(Column::Fault, Expr::value(fault))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq("waiting"));
    if let Some((state, at)) = closed {
        update = update
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::ClosedAt, Expr::value(at));
    }
    update.exec(tx).await?;
    Ok(())
}

/// The latest events for an endpoint, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn latest(
    conn: &impl ConnectionTrait,
    endpoint_id: i64,
    limit: u64,
) -> Result<Vec<Delivery>, DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    Entity::find()
        .filter(Column::EndpointId.eq(endpoint_id))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// A delivery by the number under which the receiver knows it.
///
/// # Errors
/// When the database fails.
pub async fn by_message(
    conn: &impl ConnectionTrait,
    message_id: &str,
) -> Result<Option<Delivery>, DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    Entity::find().filter(Column::MessageId.eq(message_id)).one(conn).await
}

/// Lets a delivery that is over be sent once more under its number.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it waits already.
pub async fn again(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value("waiting"))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::DueAt, Expr::value(at))
        .col_expr(Column::ClosedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in(["delivered", "given_up"]))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Drops what waits for an endpoint that is no more.
///
/// # Errors
/// When the database fails.
pub async fn drop_waiting(
    tx: &DatabaseTransaction,
    endpoint_id: i64,
    at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value("dropped"))
        .col_expr(Column::ClosedAt, Expr::value(at))
        .filter(Column::EndpointId.eq(endpoint_id))
        .filter(Column::State.eq("waiting"))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Forgets deliveries that were over before an instant; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &DatabaseTransaction, before: DateTime<Utc>) -> Result<u64, DbErr> {
    use entity::webhook_delivery::{Column, Entity};
    let done = Entity::delete_many().filter(Column::ClosedAt.lt(before)).exec(tx).await?;
    Ok(done.rows_affected)
}

/// Which of these files lie in scope.
///
/// # Errors
/// When the database fails.
pub async fn files_in_scope(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    cases: &[i64],
) -> Result<BTreeSet<i64>, DbErr> {
    use entity::case_file::{Column, Entity};
    let mut found = BTreeSet::new();
    for ids in cases.chunks(rows_per_statement(1)) {
        let seen: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(case::visible(scope))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(seen);
    }
    Ok(found)
}

/// Numbers of those of these persons who lie in scope, and worked in an enterprise's own scope at
/// some time of `year`: what another employer's time came to is not its affair.
///
/// # Errors
/// When the database fails.
pub async fn persons_in_scope(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    persons: &[i64],
    year: &Period,
) -> Result<Vec<String>, DbErr> {
    use entity::person::{Column, Entity};
    use entity::person_merge::{Column as Merged, Entity as Merges};
    let there = scope::own_enterprise(scope).map(|own| {
        let leading = Merges::find()
            .select_only()
            .column(Merged::LeadingId)
            .filter(Merged::UndoneAt.is_null())
            .filter(scope::there_in(own, year, Merged::MergedId))
            .into_query();
        Condition::any()
            .add(scope::there_in(own, year, Column::Id))
            .add(Column::Id.in_subquery(leading))
    });
    let mut found = Vec::new();
    for ids in persons.chunks(rows_per_statement(1)) {
        let seen: Vec<String> = Entity::find()
            .select_only()
            .column(Column::PersonNo)
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(scope::persons(scope, Column::Id))
            .filter(Condition::all().add_option(there.clone()))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(seen);
    }
    Ok(found)
}
