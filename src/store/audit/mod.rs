//! The audit chains: one per organisation, sealed together.
//!
//! Each event carries the hash of the one before it, and is written in the transaction of the
//! change it tells of. Changing, removing, inserting or moving a row breaks the chain at a
//! sequence number that anyone can recompute.

mod verify;
mod views;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

pub use verify::{Break, Verification, against, verify};

use crate::domain::chain::{self, Cover, GENESIS, Head, VIEWS};

/// What happened, without its place in the chain. Holds no identity or account number.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// Chain it belongs to.
    pub organisation_id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Sign-in name of who did it.
    pub login: &'a str,
    /// Role in which it was done.
    pub role: &'a str,
    /// Network address it came from.
    pub address: &'a str,
    /// Verb, for instance `batch.frozen`.
    pub action: &'a str,
    /// Kind of object, for instance `batch`.
    pub object_kind: &'a str,
    /// Official number of the object.
    pub object_no: &'a str,
    /// Further facts, masked.
    pub detail: &'a serde_json::Value,
}

/// Adds a link to the organisation's chain.
///
/// # Errors
/// When the database refuses; then the change itself must not happen either.
pub async fn append(tx: &DatabaseTransaction, event: &Event<'_>) -> Result<(), DbErr> {
    let new_head = entity::audit_head::ActiveModel {
        organisation_id: Set(event.organisation_id),
        seq: Set(0),
        hash: Set(GENESIS.to_owned()),
    };
    entity::audit_head::Entity::insert(new_head)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let head = entity::audit_head::Entity::find_by_id(event.organisation_id)
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("audit head".to_owned()))?;
    let seq = head.seq + 1;
    let row = link(event, seq, &head.hash);
    let hash = row.hash.clone();
    let active = entity::audit_event::ActiveModel {
        organisation_id: Set(row.organisation_id),
        seq: Set(row.seq),
        at: Set(row.at),
        login: Set(row.login),
        role: Set(row.role),
        address: Set(row.address),
        action: Set(row.action),
        object_kind: Set(row.object_kind),
        object_no: Set(row.object_no),
        detail: Set(row.detail),
        prev_hash: Set(row.prev_hash),
        hash: Set(row.hash),
        ..Default::default()
    };
    entity::audit_event::Entity::insert(active).exec_without_returning(tx).await?;
    let moved = entity::audit_head::ActiveModel {
        organisation_id: Set(event.organisation_id),
        seq: Set(seq),
        hash: Set(hash),
    };
    entity::audit_head::Entity::update(moved).exec(tx).await?;
    Ok(())
}

fn link(event: &Event<'_>, seq: i64, prev_hash: &str) -> entity::audit_event::Model {
    let mut row = entity::audit_event::Model {
        id: 0,
        organisation_id: event.organisation_id,
        seq,
        at: event.at,
        login: event.login.to_owned(),
        role: event.role.to_owned(),
        address: event.address.to_owned(),
        action: event.action.to_owned(),
        object_kind: event.object_kind.to_owned(),
        object_no: event.object_no.to_owned(),
        detail: event.detail.to_string(),
        prev_hash: prev_hash.to_owned(),
        hash: String::new(),
    };
    row.hash = link_hash(&row);
    row
}

/// The event as its hash sees it.
pub fn link_of(row: &entity::audit_event::Model) -> chain::Link {
    chain::Link {
        prev_hash: row.prev_hash.clone(),
        organisation_id: row.organisation_id,
        seq: row.seq,
        at: row.at,
        login: row.login.clone(),
        role: row.role.clone(),
        address: row.address.clone(),
        action: row.action.clone(),
        object_kind: row.object_kind.clone(),
        object_no: row.object_no.clone(),
        detail: row.detail.clone(),
    }
}

/// The hash of a link, over all its fields.
pub fn link_hash(row: &entity::audit_event::Model) -> String {
    link_of(row).hash()
}

/// The seal as its hash sees it.
pub fn seal_of(row: &entity::audit_seal::Model) -> chain::Seal {
    chain::Seal {
        prev_hash: row.prev_hash.clone(),
        seq: row.seq,
        at: row.at,
        heads: row.heads.clone(),
    }
}

/// The hash of a seal over all chain heads.
pub fn seal_hash(row: &entity::audit_seal::Model) -> String {
    seal_of(row).hash()
}

/// Seals all chain heads together, with a tree over what each chain grew by, and the looks at records
/// since the last seal. Does nothing when nothing grew. Returns whether a seal was added.
///
/// # Errors
/// When the database refuses.
pub async fn seal(tx: &DatabaseTransaction, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let last = entity::audit_seal::Entity::find()
        .order_by_desc(entity::audit_seal::Column::Seq)
        .one(tx)
        .await?;
    let sealed = last.as_ref().map_or(Ok(Vec::new()), |seal| heads_in(&seal.heads))?;
    let ends = entity::audit_head::Entity::find()
        .order_by_asc(entity::audit_head::Column::OrganisationId)
        .all(tx)
        .await?;
    let seq = last.as_ref().map_or(1, |seal| seal.seq + 1);
    let mut heads = Vec::with_capacity(ends.len() + 1);
    let looked = sealed.iter().find(|head| head.organisation_id == VIEWS);
    heads.extend(views::seal(tx, seq, looked).await?);
    for end in ends {
        let known = sealed.iter().find(|head| head.organisation_id == end.organisation_id);
        heads.push(sealed_head(tx, end, known).await?);
    }
    let heads = chain::heads_text(&heads);
    if last.as_ref().is_some_and(|seal| seal.heads == heads) {
        return Ok(false);
    }
    let mut row = entity::audit_seal::Model {
        id: 0,
        seq,
        at,
        heads,
        prev_hash: last.map_or_else(|| GENESIS.to_owned(), |seal| seal.hash),
        hash: String::new(),
    };
    row.hash = seal_hash(&row);
    let active = entity::audit_seal::ActiveModel {
        seq: Set(row.seq),
        at: Set(row.at),
        heads: Set(row.heads),
        prev_hash: Set(row.prev_hash),
        hash: Set(row.hash),
        ..Default::default()
    };
    entity::audit_seal::Entity::insert(active).exec_without_returning(tx).await?;
    Ok(true)
}

/// The end of a chain with a tree over the events that no tree covers yet; as it was when the chain
/// did not grow.
async fn sealed_head(
    tx: &DatabaseTransaction,
    end: entity::audit_head::Model,
    known: Option<&Head>,
) -> Result<Head, DbErr> {
    let covered = known.filter(|head| head.cover.is_some());
    if let Some(same) = covered.filter(|head| head.seq == end.seq && head.hash == end.hash) {
        return Ok(same.clone());
    }
    let after = covered.map_or(0, |head| head.seq);
    let hashes = hashes(tx, end.organisation_id, (after, end.seq)).await?;
    let cover = chain::root(&hashes).map(|root| Cover { after, root });
    Ok(Head { organisation_id: end.organisation_id, seq: end.seq, hash: end.hash, cover })
}

/// The hashes of the events of a chain after one position and up to another, in order.
///
/// # Errors
/// When the database fails.
pub async fn hashes(
    conn: &impl ConnectionTrait,
    organisation_id: i64,
    (after, through): (i64, i64),
) -> Result<Vec<String>, DbErr> {
    use entity::audit_event::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Hash)
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::Seq.gt(after))
        .filter(Column::Seq.lte(through))
        .order_by_asc(Column::Seq)
        .into_tuple()
        .all(conn)
        .await
}

/// The heads of a stored seal.
///
/// # Errors
/// When the text is none that a program of ours wrote.
pub fn heads_in(text: &str) -> Result<Vec<Head>, DbErr> {
    chain::heads(text).ok_or_else(|| DbErr::Custom("inconsistent heads in audit_seal".to_owned()))
}
