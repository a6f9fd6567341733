//! Events about things, and the seals that cover them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::domain::chain::{Cover, Head};
use crate::store::audit::heads_in;
use crate::store::audit_log::{AuditEvent, AuditSeal};
use crate::store::db::rows_per_statement;

/// The events about objects of a kind with these official numbers.
///
/// # Errors
/// When the database fails.
pub async fn events_about(
    conn: &impl ConnectionTrait,
    kind: &str,
    numbers: &[String],
) -> Result<Vec<AuditEvent>, DbErr> {
    use entity::audit_event::{Column, Entity};
    let mut rows = Vec::new();
    for numbers in numbers.chunks(rows_per_statement(1)) {
        let found = Entity::find()
            .filter(Column::ObjectKind.eq(kind))
            .filter(Column::ObjectNo.is_in(numbers.iter().map(String::as_str)));
        rows.extend(found.order_by_asc(Column::Id).all(conn).await?);
    }
    Ok(rows)
}

/// The events with this verb at any of these instants.
///
/// # Errors
/// When the database fails.
pub async fn events_at(
    conn: &impl ConnectionTrait,
    action: &str,
    instants: &[DateTime<Utc>],
) -> Result<Vec<AuditEvent>, DbErr> {
    use entity::audit_event::{Column, Entity};
    let mut rows = Vec::new();
    for instants in instants.chunks(rows_per_statement(1)) {
        let found = Entity::find()
            .filter(Column::At.is_in(instants.iter().copied()))
            .filter(Column::Action.eq(action));
        rows.extend(found.order_by_asc(Column::Id).all(conn).await?);
    }
    Ok(rows)
}

/// The last events with one of these verbs about an object, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn made(
    conn: &impl ConnectionTrait,
    action: &str,
    object: (&str, &str),
    limit: u64,
) -> Result<Vec<AuditEvent>, DbErr> {
    use entity::audit_event::{Column, Entity};
    Entity::find()
        .filter(
            Condition::all()
                .add(Column::ObjectKind.eq(object.0))
                .add(Column::ObjectNo.eq(object.1))
                .add(Column::Action.eq(action)),
        )
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// The seals, read as they are needed.
#[derive(Debug, Default)]
pub struct Covered {
    last: Option<i64>,
    seals: BTreeMap<i64, (AuditSeal, Vec<Head>)>,
}

impl Covered {
    /// A seal that was found.
    pub fn seal(&self, seq: i64) -> Option<&AuditSeal> {
        self.seals.get(&seq).map(|(seal, _)| seal)
    }

    /// What a seal says of a chain: the run of events it has a tree over, (after, through).
    fn run(&self, seq: i64, organisation_id: i64) -> Option<(&Head, &Cover)> {
        let (_, heads) = self.seals.get(&seq)?;
        let head = heads.iter().find(|head| head.organisation_id == organisation_id)?;
        Some((head, head.cover.as_ref()?))
    }

    async fn load(&mut self, conn: &impl ConnectionTrait, seq: i64) -> Result<(), DbErr> {
        use entity::audit_seal::{Column, Entity};
        if self.seals.contains_key(&seq) {
            return Ok(());
        }
        let seal = Entity::find().filter(Column::Seq.eq(seq)).one(conn).await?;
        let seal = seal.ok_or_else(|| DbErr::RecordNotFound(format!("seal {seq}")))?;
        let heads = heads_in(&seal.heads)?;
        self.seals.insert(seq, (seal, heads));
        Ok(())
    }

    async fn last(&mut self, conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
        if let Some(last) = self.last {
            return Ok(last);
        }
        use entity::audit_seal::{Column, Entity};
        let seq = Entity::find().select_only().column(Column::Seq).order_by_desc(Column::Seq);
        let last = seq.into_tuple().one(conn).await?.unwrap_or(0);
        self.last = Some(last);
        Ok(last)
    }
}

/// The first seal with a tree over an event, with the run of the tree: (seal, after, through).
/// `None` for an event that no seal covers yet. Chains only grow, so that it is found by halving.
///
/// # Errors
/// When the database fails.
pub async fn covered(
    conn: &impl ConnectionTrait,
    known: &mut Covered,
    (organisation_id, seq): (i64, i64),
) -> Result<Option<(i64, i64, i64)>, DbErr> {
    let last = known.last(conn).await?;
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        known.load(conn, middle).await?;
        let reaches = known.run(middle, organisation_id).is_some_and(|(head, _)| head.seq >= seq);
        if reaches {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if low > last {
        return Ok(None);
    }
    known.load(conn, low).await?;
    let run = known.run(low, organisation_id);
    let run = run.filter(|(_, cover)| cover.after < seq);
    Ok(run.map(|(head, cover)| (low, cover.after, head.seq)))
}
