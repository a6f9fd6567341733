//! The audit chain as arithmetic: what the hash of an event and of a seal is over, and how an event
//! is shown to be among those that a seal covers without showing the others (ADR 0014).

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The hash before the first link, seal or line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where the heads of a seal tell of the looks at records: no organisation has this number. Its
/// position counts the looks that seals cover, its hash is the root over those of this seal.
pub const VIEWS: i64 = 0;

type Node = [u8; 32];

/// An event in its place in the chain of an organisation, without its own hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Hash of the event before; zeros before the first.
    pub prev_hash: String,
    /// Chain.
    pub organisation_id: i64,
    /// Position in the chain, from 1.
    pub seq: i64,
    /// When, in whole seconds.
    pub at: DateTime<Utc>,
    /// Sign-in name of who did it.
    pub login: String,
    /// Role in which it was done.
    pub role: String,
    /// Network address.
    pub address: String,
    /// Verb.
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// Official number of the object.
    pub object_no: String,
    /// Further facts as the stored JSON text, masked.
    pub detail: String,
}

impl Link {
    /// SHA-256 over the fields as a JSON array, the previous hash first.
    pub fn hash(&self) -> String {
        let content = json!([
            self.prev_hash,
            self.organisation_id,
            self.seq,
            self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            self.login,
            self.role,
            self.address,
            self.action,
            self.object_kind,
            self.object_no,
            self.detail,
        ]);
        hex(&sha256(&[content.to_string().as_bytes()]))
    }
}

/// A seal over the ends of all chains, without its own hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Hash of the seal before; zeros before the first.
    pub prev_hash: String,
    /// Number, from 1.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The ends of the chains, as [`heads_text`] writes them.
    pub heads: String,
}

impl Seal {
    /// SHA-256 over the fields as a JSON array, the previous hash first.
    pub fn hash(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let content = json!([self.prev_hash, self.seq, at, self.heads]);
        hex(&sha256(&[content.to_string().as_bytes()]))
    }
}

/// A look at a person's record.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its row.
    pub id: i64,
    /// Person.
    pub person_id: i64,
    /// Account that looked.
    pub account_id: i64,
    /// What at.
    pub kind: &'a str,
    /// Day.
    pub on_day: NaiveDate,
    /// The first time on that day.
    pub first_at: DateTime<Utc>,
}

impl View<'_> {
    /// SHA-256 over the fields as a JSON array.
    pub fn hash(&self) -> String {
        let at = self.first_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let content = json!([self.id, self.person_id, self.account_id, self.kind, self.on_day, at]);
        hex(&sha256(&[content.to_string().as_bytes()]))
    }
}

/// The end of one chain in a seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Chain.
    pub organisation_id: i64,
    /// Position of its last event.
    pub seq: i64,
    /// Hash of its last event.
    pub hash: String,
    /// What the seal says of the events up to it; seals of old say nothing.
    pub cover: Option<Cover>,
}

/// The tree over the hashes of a run of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// Position of the last event before the run; the run ends at the head.
    pub after: i64,
    /// Root of the tree.
    pub root: String,
}

/// The ends of chains as a seal holds them: `[organisation, seq, hash, after, root]` each.
pub fn heads_text(heads: &[Head]) -> String {
    let one = |head: &Head| match &head.cover {
        None => json!([head.organisation_id, head.seq, head.hash]),
        Some(cover) => {
            json!([head.organisation_id, head.seq, head.hash, cover.after, cover.root])
        }
    };
    Value::from(heads.iter().map(one).collect::<Vec<_>>()).to_string()
}

/// Reads what [`heads_text`] or an older program wrote.
pub fn heads(text: &str) -> Option<Vec<Head>> {
    let rows: Vec<Vec<Value>> = serde_json::from_str(text).ok()?;
    let one = |row: &Vec<Value>| {
        let cover = match row.get(3..) {
            None | Some([]) => None,
            Some([after, root]) => {
                Some(Cover { after: after.as_i64()?, root: root.as_str()?.to_owned() })
            }
            Some(_) => return None,
        };
        Some(Head {
            organisation_id: row.first()?.as_i64()?,
            seq: row.get(1)?.as_i64()?,
            hash: row.get(2)?.as_str()?.to_owned(),
            cover,
        })
    };
    rows.iter().map(one).collect()
}

/// Root of the tree over these hashes, in order; `None` without any or when one is no hash.
pub fn root(hashes: &[String]) -> Option<String> {
    let mut level = leaves(hashes)?;
    while level.len() > 1 {
        level = above(&level);
    }
    level.first().map(hex)
}

/// The neighbours by which the hash at `index` leads to the root, the nearest first.
pub fn path(hashes: &[String], index: usize) -> Option<Vec<String>> {
    let (mut level, mut at) = (leaves(hashes)?, index);
    level.get(at)?;
    let mut found = Vec::new();
    while level.len() > 1 {
        found.extend(level.get(at ^ 1).map(hex));
        level = above(&level);
        at /= 2;
    }
    Some(found)
}

/// The root to which a hash leads as the one at `index` of `size`; `None` when the path is too
/// short or too long for that.
pub fn root_of(hash: &str, (index, size): (u64, u64), path: &[String]) -> Option<String> {
    if index >= size {
        return None;
    }
    let (mut node, mut at, mut width) = (leaf(hash)?, index, size);
    let mut rest = path.iter();
    while width > 1 {
        if at ^ 1 < width {
            let neighbour = unhex(rest.next()?)?;
            node = if at % 2 == 0 { join(&node, &neighbour) } else { join(&neighbour, &node) };
        }
        at /= 2;
        width = width.div_ceil(2);
    }
    rest.next().is_none().then(|| hex(&node))
}

fn leaves(hashes: &[String]) -> Option<Vec<Node>> {
    hashes.iter().map(|hash| leaf(hash)).collect()
}

/// Leaves and inner nodes are told apart, as RFC 6962 does: none passes for the other.
fn leaf(hash: &str) -> Option<Node> {
    Some(sha256(&[&[0], &unhex(hash)?]))
}

fn join(left: &Node, right: &Node) -> Node {
    sha256(&[&[1], left, right])
}

/// The next level: pairs are joined, the last of an odd number moves up as it is.
fn above(level: &[Node]) -> Vec<Node> {
    let joined = |pair: &[Node]| match pair {
        [left, right] => join(left, right),
        [alone, ..] => *alone,
        [] => [0; 32],
    };
    level.chunks(2).map(joined).collect()
}

fn sha256(parts: &[&[u8]]) -> Node {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

fn hex(node: &Node) -> String {
    node.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

fn unhex(text: &str) -> Option<Node> {
    let mut node = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in node.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(count: u8) -> Vec<String> {
        (0..count).map(|n| hex(&sha256(&[&[n]]))).collect()
    }

    #[test]
    fn every_hash_leads_to_the_root_from_its_own_place_and_from_no_other() {
        for count in 1..20_u8 {
            let all = hashes(count);
            let top = root(&all);
            for (at, hash) in (0..).zip(&all) {
                let path = path(&all, usize::from(at)).unwrap();
                let size = u64::from(count);
                for place in 0..count {
                    let led = root_of(hash, (u64::from(place), size), &path);
                    assert_eq!(led == top, place == at, "{at} as {place} of {count}");
                }
                assert_eq!(root_of(hash, (u64::from(at), 0), &path), None);
                let foreign = hashes(count + 1).pop().unwrap();
                assert_ne!(root_of(&foreign, (u64::from(at), size), &path), top);
            }
        }
        assert_eq!(root(&[]), None);
        assert_eq!(root(&["no hash".to_owned()]), None);
    }

    #[test]
    fn a_longer_or_shorter_path_leads_nowhere() {
        let all = hashes(5);
        let mut path = path(&all, 2).unwrap();
        path.push(all[0].clone());
        assert_eq!(root_of(&all[2], (2, 5), &path), None);
        path.truncate(1);
        assert_eq!(root_of(&all[2], (2, 5), &path), None);
    }

    #[test]
    fn heads_of_both_forms_read_back() {
        let hash = hashes(1).remove(0);
        let bare = Head { organisation_id: 1, seq: 7, hash: hash.clone(), cover: None };
        let cover = Some(Cover { after: 3, root: hash.clone() });
        let both = vec![bare, Head { organisation_id: 2, seq: 9, hash, cover }];
        let text = heads_text(&both);
        assert_eq!(heads(&text), Some(both));
        assert_eq!(heads("[[1,2]]"), None);
        assert_eq!(heads("[[1,2,\"x\",3]]"), None);
    }
}
