//! Reading the audit chains.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Order;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

pub use entity::audit_event::Model as AuditEvent;
pub use entity::audit_head::Model as AuditHead;
pub use entity::audit_seal::Model as AuditSeal;

/// In which roles the deeds were done that are wanted.
#[derive(Debug, Clone)]
pub enum Roles {
    /// In any but these.
    AllBut(Vec<&'static str>),
    /// In one of these.
    Only(Vec<&'static str>),
}

impl Default for Roles {
    fn default() -> Self {
        Self::AllBut(Vec::new())
    }
}

/// Which events are wanted; empty texts and `None` ask for nothing.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Sign-in names, any of them.
    pub logins: Vec<String>,
    /// Verb, exactly.
    pub action: String,
    /// Official number of the object, exactly.
    pub object_no: String,
    /// First instant.
    pub from: Option<DateTime<Utc>>,
    /// First instant that is too late.
    pub until: Option<DateTime<Utc>>,
    /// Whose deeds.
    pub roles: Roles,
}

/// How many events are wanted in all, and those from `offset`, at most `limit`, the last one
/// first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    wanted: &Wanted,
    offset: u64,
    limit: u64,
) -> Result<(u64, Vec<AuditEvent>), DbErr> {
    use entity::audit_event::{Column, Entity};
    let mut query = Entity::find();
    if !wanted.logins.is_empty() {
        query = query.filter(Column::Login.is_in(wanted.logins.iter().map(String::as_str)));
    }
    let texts = [(Column::Action, &wanted.action), (Column::ObjectNo, &wanted.object_no)];
    for (column, text) in texts {
        if !text.is_empty() {
            query = query.filter(column.eq(text));
        }
    }
    if let Some(from) = wanted.from {
        query = query.filter(Column::At.gte(from));
    }
    if let Some(until) = wanted.until {
        query = query.filter(Column::At.lt(until));
    }
    query = match &wanted.roles {
        Roles::AllBut(roles) if roles.is_empty() => query,
        Roles::AllBut(roles) => query.filter(Column::Role.is_not_in(roles.iter().copied())),
        Roles::Only(roles) => query.filter(Column::Role.is_in(roles.iter().copied())),
    };
    let total = query.clone().count(conn).await?;
    let rows =
        query.order_by(Column::Id, Order::Desc).offset(offset).limit(limit).all(conn).await?;
    Ok((total, rows))
}

/// The verbs that occur.
///
/// # Errors
/// When the database fails.
pub async fn actions(conn: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    use entity::audit_event::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Action)
        .distinct()
        .order_by_asc(Column::Action)
        .into_tuple()
        .all(conn)
        .await
}

/// The last event with this verb about an object.
///
/// # Errors
/// When the database fails.
pub async fn last(
    conn: &impl ConnectionTrait,
    action: &str,
    object: (&str, &str),
) -> Result<Option<AuditEvent>, DbErr> {
    use entity::audit_event::{Column, Entity};
    Entity::find()
        .filter(Column::ObjectKind.eq(object.0))
        .filter(Column::ObjectNo.eq(object.1))
        .filter(Column::Action.eq(action))
        .order_by_desc(Column::Id)
        .one(conn)
        .await
}

/// The ends of all chains, by organisation.
///
/// # Errors
/// When the database fails.
pub async fn heads(conn: &impl ConnectionTrait) -> Result<Vec<AuditHead>, DbErr> {
    use entity::audit_head::{Column, Entity};
    Entity::find().order_by_asc(Column::OrganisationId).all(conn).await
}

/// The last `limit` seals, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn seals(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<AuditSeal>, DbErr> {
    use entity::audit_seal::{Column, Entity};
    Entity::find().order_by_desc(Column::Seq).limit(limit).all(conn).await
}

/// The seals after the one with this number, in order, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn seals_after(
    conn: &impl ConnectionTrait,
    seq: i64,
    limit: u64,
) -> Result<Vec<AuditSeal>, DbErr> {
    use entity::audit_seal::{Column, Entity};
    let after = Entity::find().filter(Column::Seq.gt(seq));
    after.order_by_asc(Column::Seq).limit(limit).all(conn).await
}

/// When the first event of each of these chains after a position was written, the earliest of all:
/// (organisation, position) each.
///
/// # Errors
/// When the database fails.
pub async fn first_after(
    conn: &impl ConnectionTrait,
    ends: &[(i64, i64)],
) -> Result<Option<DateTime<Utc>>, DbErr> {
    use entity::audit_event::{Column, Entity};
    let mut earliest: Option<DateTime<Utc>> = None;
    for (organisation_id, seq) in ends {
        let event = Entity::find()
            .filter(Column::OrganisationId.eq(*organisation_id))
            .filter(Column::Seq.eq(seq + 1))
            .one(conn)
            .await?;
        let at = event.map(|event| event.at);
        earliest = earliest.into_iter().chain(at).min();
    }
    Ok(earliest)
}
