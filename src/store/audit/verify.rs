//! Recomputing the chains and the seals, and holding them against heads that left the machine.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{hashes, link_hash, seal_hash, views};
use crate::domain::chain::{self, GENESIS, Head, VIEWS};
use crate::domain::head_line::HeadLine;

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
    /// A seal that does not follow from the one before it, or is not the one that left the machine.
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
    /// A chain that holds in itself, seals included, but is not the one that left the machine.
    Rewritten {
        /// Chain.
        organisation_id: i64,
        /// The first sequence number that may be rewritten: all before are those that left.
        seq: i64,
        /// A sequence number that is rewritten for certain.
        through: i64,
    },
    /// Looks at records are not those that a seal took along.
    Views {
        /// Number of the first such seal.
        seal: i64,
    },
}

impl Break {
    /// The chain of an organisation and the first sequence number in it that does not hold.
    pub const fn link(&self) -> Option<(i64, i64)> {
        match self {
            Self::Link { organisation_id, seq }
            | Self::Cut { organisation_id, seq }
            | Self::Rewritten { organisation_id, seq, .. } => Some((*organisation_id, *seq)),
            Self::Seal { .. } | Self::Views { .. } => None,
        }
    }
}

/// What a verification saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Links checked, per organisation: (organisation, links).
    pub chains: Vec<(i64, i64)>,
    /// Seals checked.
    pub seals: i64,
    /// Looks at records that the seals cover.
    pub looks: i64,
    /// What does not hold, the first of each chain.
    pub breaks: Vec<Break>,
}

impl Verification {
    /// Adds what does not hold, unless something in the same chain is known that explains it.
    fn note(&mut self, bad: Break) {
        let through = match &bad {
            Break::Rewritten { through, .. } => *through,
            other => other.link().map_or(0, |(_, seq)| seq),
        };
        let chain = bad.link().map(|(chain, _)| chain);
        let mut known = self.breaks.iter().filter_map(Break::link);
        if !known.any(|(known, seq)| Some(known) == chain && seq <= through) {
            self.breaks.push(bad);
        }
    }
}

const PAGE: u64 = 5_000;
/// Seals at a time: each holds the ends of all chains.
const SEAL_PAGE: u64 = 100;

/// Recomputes every chain and every seal. The reads must be of one moment.
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
    use entity::audit_seal::{Column, Entity};
    let last = Entity::find().order_by_desc(Column::Seq).one(conn).await?;
    let tells_of_looks = last
        .and_then(|seal| chain::heads(&seal.heads))
        .is_some_and(|heads| of(&heads, VIEWS).is_some());
    // A copy from before the seals told of looks has no column for them either.
    let looks = if tells_of_looks { Some(views::counts(conn).await?) } else { None };
    let mut walk =
        Walk { seq: 0, hash: GENESIS.to_owned(), known: Vec::new(), chains_hold: true, looks };
    loop {
        let page = Entity::find()
            .filter(Column::Seq.gt(walk.seq))
            .order_by_asc(Column::Seq)
            .limit(SEAL_PAGE)
            .all(conn)
            .await?;
        if page.is_empty() {
            break;
        }
        for seal in page {
            if !walk.step(conn, seal, found).await? {
                return Ok(());
            }
        }
    }
    if let Some((seal, _)) = walk.looks.and_then(|looks| looks.into_iter().next()) {
        note_views(found, seal);
    }
    Ok(())
}

/// How far the seals were followed.
struct Walk {
    seq: i64,
    hash: String,
    known: Vec<Head>,
    /// Whether the chains contain all heads so far; the first that they do not is enough.
    chains_hold: bool,
    /// The seals not yet come to that cover looks, and how many.
    looks: Option<BTreeMap<i64, i64>>,
}

impl Walk {
    /// Checks the next seal; `false` when it does not follow, so that no later one can.
    async fn step(
        &mut self,
        conn: &impl ConnectionTrait,
        seal: entity::audit_seal::Model,
        found: &mut Verification,
    ) -> Result<bool, DbErr> {
        let expected = self.seq + 1;
        let follows =
            seal.seq == expected && seal.prev_hash == self.hash && seal.hash == seal_hash(&seal);
        let Some(heads) = chain::heads(&seal.heads).filter(|_| follows) else {
            found.breaks.push(Break::Seal { seq: expected });
            return Ok(false);
        };
        found.seals = seal.seq;
        if self.chains_hold
            && let Some(parted) = first_parted(conn, &heads, &self.known).await?
        {
            self.chains_hold = false;
            found.note(parted);
        }
        self.check_looks(conn, (seal.seq, &heads), found).await?;
        (self.seq, self.hash, self.known) = (seal.seq, seal.hash, heads);
        Ok(true)
    }

    /// Checks the looks that a seal covers.
    async fn check_looks(
        &mut self,
        conn: &impl ConnectionTrait,
        (seal, heads): (i64, &[Head]),
        found: &mut Verification,
    ) -> Result<(), DbErr> {
        let Some(looks) = &mut self.looks else { return Ok(()) };
        let covered = looks.remove(&seal).unwrap_or(0);
        let (before, now) = (of(&self.known, VIEWS), of(heads, VIEWS));
        let holds = match now {
            _ if before == now => covered == 0,
            None => false,
            Some(now) => {
                found.looks = now.seq;
                covered == now.seq - before.map_or(0, |head| head.seq)
                    && chain::root(&views::hashes(conn, seal).await?).as_ref() == Some(&now.hash)
            }
        };
        if !holds {
            note_views(found, seal);
        }
        Ok(())
    }
}

fn of(heads: &[Head], organisation_id: i64) -> Option<&Head> {
    heads.iter().find(|head| head.organisation_id == organisation_id)
}

fn note_views(found: &mut Verification, seal: i64) {
    if !found.breaks.iter().any(|b| matches!(b, Break::Views { .. })) {
        found.breaks.push(Break::Views { seal });
    }
}

/// The first head of a seal that the chains no longer contain, or whose tree is not over them.
/// Heads that the seal before had alike were looked at then.
async fn first_parted(
    conn: &impl ConnectionTrait,
    heads: &[Head],
    known: &[Head],
) -> Result<Option<Break>, DbErr> {
    let fresh = heads
        .iter()
        .filter(|head| head.organisation_id != VIEWS && head.seq > 0 && !known.contains(head));
    for head in fresh {
        let after = of(known, head.organisation_id).map_or(0, |head| head.seq);
        let parted = parted(conn, (head.organisation_id, after), (head.seq, &head.hash)).await?;
        if parted.is_some() {
            return Ok(parted);
        }
        let Some(cover) = &head.cover else { continue };
        let run = hashes(conn, head.organisation_id, (cover.after, head.seq)).await?;
        if chain::root(&run).as_ref() != Some(&cover.root) {
            let (organisation_id, seq) = (head.organisation_id, cover.after + 1);
            return Ok(Some(Break::Rewritten { organisation_id, seq, through: head.seq }));
        }
    }
    Ok(None)
}

/// How a chain, which is as it was up to `after`, fails to have an event with this hash.
async fn parted(
    conn: &impl ConnectionTrait,
    (organisation_id, after): (i64, i64),
    (seq, hash): (i64, &str),
) -> Result<Option<Break>, DbErr> {
    let stored = hashes(conn, organisation_id, (seq - 1, seq)).await?.pop();
    Ok(match stored {
        Some(stored) if stored == hash => None,
        Some(_) => Some(Break::Rewritten { organisation_id, seq: after + 1, through: seq }),
        None => {
            let end = end(conn, organisation_id).await?;
            Some(Break::Cut { organisation_id, seq: end.min(seq - 1) + 1 })
        }
    })
}

/// Holds the database against heads that left the machine, and adds to `found` what is not as it
/// was then. What follows from a seal was checked with the seals, so that an equal hash is enough.
///
/// # Errors
/// When the database cannot be read.
pub async fn against(
    conn: &impl ConnectionTrait,
    lines: &[HeadLine],
    found: &mut Verification,
) -> Result<(), DbErr> {
    use entity::audit_seal::{Column, Entity};
    let stored: Vec<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::Seq, Column::Hash])
        .into_tuple()
        .all(conn)
        .await?;
    let stored: BTreeMap<i64, String> = stored.into_iter().collect();
    let is_stored = |line: &HeadLine| stored.get(&line.seal) == Some(&line.hash);
    let Some(first) = lines.iter().position(|line| !is_stored(line)) else { return Ok(()) };
    let (same, other) = lines.split_at(first);
    let mut good: BTreeMap<i64, i64> = BTreeMap::new();
    good.extend(same.iter().flat_map(|line| &line.ends).map(|(chain, seq, _)| (*chain, *seq)));
    let mut named = BTreeSet::new();
    for (chain, seq, hash) in other.iter().flat_map(|line| &line.ends) {
        if *chain == VIEWS || named.contains(chain) {
            continue;
        }
        let after = good.get(chain).copied().unwrap_or(0);
        match parted(conn, (*chain, after), (*seq, hash)).await? {
            None => {
                good.insert(*chain, *seq);
            }
            Some(bad) => {
                named.insert(*chain);
                found.note(bad);
            }
        }
    }
    let has_seal = found.breaks.iter().any(|b| matches!(b, Break::Seal { .. }));
    if let Some(line) = other.first().filter(|_| named.is_empty() && !has_seal) {
        found.breaks.push(Break::Seal { seq: line.seal });
    }
    Ok(())
}

/// Position of the last event of a chain.
async fn end(conn: &impl ConnectionTrait, organisation_id: i64) -> Result<i64, DbErr> {
    use entity::audit_event::{Column, Entity};
    let last: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Seq)
        .filter(Column::OrganisationId.eq(organisation_id))
        .order_by_desc(Column::Seq)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(last.unwrap_or(0))
}
