//! The audit chains: one per organisation, sealed together.
//!
//! Each event carries the hash of the one before it, and is written in the transaction of the
//! change it tells of. Changing, removing, inserting or moving a row breaks the chain at a
//! sequence number that anyone can recompute.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::domain::chain::{self, Cover, Head};

/// The hash before the first link.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

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

/// Seals all chain heads together, with a tree over what each chain grew by. Does nothing when no
/// chain grew since the last seal. Returns whether a seal was added.
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
    let mut heads = Vec::with_capacity(ends.len());
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
        seq: last.as_ref().map_or(1, |seal| seal.seq + 1),
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

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Break {
    /// A link whose content, order or predecessor is not what was written.
    Link {
        /// Chain.
        organisation_id: i64,
        /// First bad sequence number.
        seq: i64,
    },
    /// A seal that does not follow from the one before it.
    Seal {
        /// First bad sequence number of the seals.
        seq: i64,
    },
    /// A seal knew a longer or different chain: its end was cut off or rewritten.
    Cut {
        /// Chain.
        organisation_id: i64,
        /// Sequence number at which the seal and the chain part.
        seq: i64,
    },
}

/// What a verification saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Links checked, per organisation: (organisation, links).
    pub chains: Vec<(i64, i64)>,
    /// Seals checked.
    pub seals: i64,
    /// What does not hold, the first of each chain.
    pub breaks: Vec<Break>,
}

const PAGE: u64 = 5_000;

/// Recomputes every chain and every seal.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(conn: &impl ConnectionTrait) -> Result<Verification, DbErr> {
    let mut found = Verification::default();
    let heads = entity::audit_head::Entity::find()
        .order_by_asc(entity::audit_head::Column::OrganisationId)
        .all(conn)
        .await?;
    let mut organisations: Vec<i64> = entity::audit_event::Entity::find()
        .select_only()
        .column(entity::audit_event::Column::OrganisationId)
        .distinct()
        .order_by_asc(entity::audit_event::Column::OrganisationId)
        .into_tuple()
        .all(conn)
        .await?;
    organisations.extend(heads.iter().map(|head| head.organisation_id));
    organisations.sort_unstable();
    organisations.dedup();
    for organisation_id in organisations {
        let head = heads.iter().find(|head| head.organisation_id == organisation_id);
        let (links, bad) = verify_chain(conn, organisation_id, head).await?;
        found.chains.push((organisation_id, links));
        found.breaks.extend(bad.map(|seq| Break::Link { organisation_id, seq }));
    }
    verify_seals(conn, &mut found).await?;
    Ok(found)
}

/// Checks one chain; returns the links seen and the first bad sequence number.
async fn verify_chain(
    conn: &impl ConnectionTrait,
    organisation_id: i64,
    head: Option<&entity::audit_head::Model>,
) -> Result<(i64, Option<i64>), DbErr> {
    use entity::audit_event::Column;
    let (mut seq, mut hash) = (0, GENESIS.to_owned());
    loop {
        let page = entity::audit_event::Entity::find()
            .filter(Column::OrganisationId.eq(organisation_id))
            .filter(Column::Seq.gt(seq))
            .order_by_asc(Column::Seq)
            .limit(PAGE)
            .all(conn)
            .await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let holds = row.seq == seq + 1 && row.prev_hash == hash && row.hash == link_hash(&row);
            if !holds {
                return Ok((seq, Some(seq + 1)));
            }
            seq = row.seq;
            hash = row.hash;
        }
    }
    let ends_at_head = head.is_some_and(|head| head.seq == seq && head.hash == hash);
    Ok((seq, (!ends_at_head).then_some(seq + 1)))
}

async fn verify_seals(conn: &impl ConnectionTrait, found: &mut Verification) -> Result<(), DbErr> {
    let seals = entity::audit_seal::Entity::find()
        .order_by_asc(entity::audit_seal::Column::Seq)
        .all(conn)
        .await?;
    let mut prev_hash = GENESIS.to_owned();
    let mut known: Vec<Head> = Vec::new();
    for (expected, seal) in (1..).zip(seals) {
        let holds =
            seal.seq == expected && seal.prev_hash == prev_hash && seal.hash == seal_hash(&seal);
        if !holds {
            found.breaks.push(Break::Seal { seq: expected });
            return Ok(());
        }
        found.seals = seal.seq;
        let heads = heads_in(&seal.heads)?;
        if let Some(parted) = first_parted(conn, &heads, &known).await? {
            let organisation = parted.0;
            if !found.breaks.iter().any(
                |b| matches!(b, Break::Link { organisation_id, .. } if *organisation_id == organisation),
            ) {
                found.breaks.push(Break::Cut { organisation_id: organisation, seq: parted.1 });
            }
            return Ok(());
        }
        known = heads;
        prev_hash = seal.hash;
    }
    Ok(())
}

/// The first head of a seal that the chains no longer contain, or whose tree is not over them.
/// Heads that the seal before had alike were looked at then.
async fn first_parted(
    conn: &impl ConnectionTrait,
    heads: &[Head],
    known: &[Head],
) -> Result<Option<(i64, i64)>, DbErr> {
    use entity::audit_event::Column;
    for head in heads.iter().filter(|head| !known.contains(head)) {
        let present = entity::audit_event::Entity::find()
            .filter(Column::OrganisationId.eq(head.organisation_id))
            .filter(Column::Seq.eq(head.seq))
            .filter(Column::Hash.eq(head.hash.as_str()))
            .one(conn)
            .await?
            .is_some();
        if !present && head.seq > 0 {
            return Ok(Some((head.organisation_id, head.seq)));
        }
        let Some(cover) = &head.cover else { continue };
        let run = hashes(conn, head.organisation_id, (cover.after, head.seq)).await?;
        if chain::root(&run).as_ref() != Some(&cover.root) {
            return Ok(Some((head.organisation_id, cover.after + 1)));
        }
    }
    Ok(None)
}
