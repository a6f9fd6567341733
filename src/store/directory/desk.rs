//! What waits on someone's desk, and what the organisation did lately.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationDef,
};

use super::scope;
use crate::domain::authority::Scope;
use crate::domain::registry::{Code, RosterStatus};

/// Roster entries that wait for confirmation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations {
    /// How many.
    pub count: i64,
    /// When the first of them was filed.
    pub oldest: Option<DateTime<Utc>>,
}

/// The roster entries in scope that wait for confirmation.
///
/// # Errors
/// When the database fails.
pub async fn declarations(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Declarations, DbErr> {
    use entity::roster_entry::{Column, Entity};
    let found: Option<(i64, Option<DateTime<Utc>>)> = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "waiting")
        .column_as(Column::RecordedAt.min(), "oldest")
        .filter(Column::SupersededAt.is_null())
        .filter(Column::Status.eq(RosterStatus::Declared.code()))
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.map_or_else(Declarations::default, |(count, oldest)| Declarations { count, oldest }))
}

/// Imports that an account uploaded and that wait for its decision.
///
/// # Errors
/// When the database fails.
pub async fn count_previewed_imports(
    conn: &impl ConnectionTrait,
    account_id: i64,
) -> Result<i64, DbErr> {
    use entity::import::{Column, Entity};
    let count = Entity::find()
        .filter(Column::State.eq("previewed"))
        .filter(Column::UploadedBy.eq(account_id))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A payer's batches by state. Those that `except` made or checked are left out when given: the
/// next step needs another person.
///
/// # Errors
/// When the database fails.
pub async fn count_batches(
    conn: &impl ConnectionTrait,
    payer_division: &str,
    except: Option<i64>,
) -> Result<HashMap<String, i64>, DbErr> {
    use entity::batch::{Column, Entity};
    let others = except.map(|holder| {
        Condition::all()
            .add(Column::MadeBy.ne(holder))
            .add(Column::CheckedBy.is_null().or(Column::CheckedBy.ne(holder)))
    });
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "batches")
        .filter(Column::PayerDivision.eq(payer_division))
        .filter(Condition::all().add_option(others))
        .group_by(Column::State)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

fn return_of_batch() -> RelationDef {
    use entity::{bank_return, batch};
    bank_return::Entity::belongs_to(batch::Entity)
        .from(bank_return::Column::BatchId)
        .to(batch::Column::Id)
        .into()
}

/// A payer's return files that wait for confirmation by somebody else than who loaded them.
///
/// # Errors
/// When the database fails.
pub async fn count_returns_to_confirm(
    conn: &impl ConnectionTrait,
    payer_division: &str,
    holder_id: i64,
) -> Result<i64, DbErr> {
    use entity::{bank_return, batch};
    let count = bank_return::Entity::find()
        .join(JoinType::InnerJoin, return_of_batch())
        .filter(batch::Column::PayerDivision.eq(payer_division))
        .filter(bank_return::Column::ConfirmedAt.is_null())
        .filter(bank_return::Column::LoadedBy.ne(holder_id))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A payer's unresolved rows of return files.
///
/// # Errors
/// When the database fails.
pub async fn count_suspense(
    conn: &impl ConnectionTrait,
    payer_division: &str,
) -> Result<i64, DbErr> {
    use entity::{bank_return, bank_return_row as row, batch};
    let of: RelationDef = row::Entity::belongs_to(bank_return::Entity)
        .from(row::Column::ReturnId)
        .to(bank_return::Column::Id)
        .into();
    let count = row::Entity::find()
        .join(JoinType::InnerJoin, of)
        .join(JoinType::InnerJoin, return_of_batch())
        .filter(batch::Column::PayerDivision.eq(payer_division))
        .filter(row::Column::Disposition.eq("suspense"))
        .filter(row::Column::ResolvedAt.is_null())
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A payer's lines that can go into a batch.
///
/// # Errors
/// When the database fails.
pub async fn count_payable(
    conn: &impl ConnectionTrait,
    payer_division: &str,
) -> Result<i64, DbErr> {
    use entity::payment_line::{Column, Entity};
    let count = Entity::find()
        .filter(Column::PayerDivision.eq(payer_division))
        .filter(Column::State.eq("payable"))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Something that was done, from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Name of the person, or the sign-in name when no such account exists.
    pub who: String,
    /// Role in which it was done.
    pub role: String,
    /// Verb.
    pub action: String,
    /// Kind of object.
    pub object_kind: String,
    /// Official number of the object.
    pub object_no: String,
    /// Further facts, as JSON text.
    pub detail: String,
}

/// The last `limit` events of an organisation, newest first, without those of `hidden` verbs.
///
/// # Errors
/// When the database fails.
pub async fn recent_events(
    conn: &impl ConnectionTrait,
    organisation_id: i64,
    hidden: &[&str],
    limit: u64,
) -> Result<Vec<EventRow>, DbErr> {
    use entity::audit_event::{Column, Entity};
    use entity::{account, account_holder};
    let rows = Entity::find()
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::Action.is_not_in(hidden.iter().copied()))
        .order_by_desc(Column::Seq)
        .limit(limit)
        .all(conn)
        .await?;
    let holder: RelationDef = account::Entity::belongs_to(account_holder::Entity)
        .from(account::Column::HolderId)
        .to(account_holder::Column::Id)
        .into();
    let names: HashMap<String, String> = account::Entity::find()
        .select_only()
        .column(account::Column::Login)
        .column(account_holder::Column::Name)
        .join(JoinType::InnerJoin, holder)
        .filter(
            Expr::col((account::Entity, account::Column::Login))
                .is_in(rows.iter().map(|row| row.login.as_str())),
        )
        .into_tuple::<(String, String)>()
        .all(conn)
        .await?
        .into_iter()
        .collect();
    let event = |row: entity::audit_event::Model| EventRow {
        at: row.at,
        who: names.get(&row.login).cloned().unwrap_or(row.login),
        role: row.role,
        action: row.action,
        object_kind: row.object_kind,
        object_no: row.object_no,
        detail: row.detail,
    };
    Ok(rows.into_iter().map(event).collect())
}
