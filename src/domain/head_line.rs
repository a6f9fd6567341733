//! What a seal said, as a line that leaves the machine (ADR 0022).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::chain::{Head, Seal, VIEWS};

/// The form of a line. It begins what is signed, so that no signature over something else passes for
/// one over a line.
pub const FORM: &str = "juncai-head/1";

/// A line of the file of heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadLine {
    /// Number of the seal.
    pub seal: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Its hash, which is over the ends of all chains and the seal before.
    pub hash: String,
    /// Events in all chains together.
    pub events: i64,
    /// The chains that grew since the seal before: organisation, position and hash of the end.
    pub ends: Vec<(i64, i64, String)>,
    /// SHA-256 of the line before; zeros in the first.
    pub previous: String,
    /// Ed25519 over [`HeadLine::signed_text`], in hexadecimal.
    pub signature: String,
}

impl HeadLine {
    /// The line of a seal with these heads after one with the heads `before`; `sign` signs it.
    pub fn new(
        seal: &Seal,
        (before, heads): (&[Head], &[Head]),
        previous: String,
        sign: impl Fn(&[u8]) -> String,
    ) -> Self {
        let grown = heads.iter().filter(|head| !before.contains(head));
        let mut line = Self {
            seal: seal.seq,
            at: seal.at,
            hash: seal.hash(),
            events: events(heads),
            ends: grown.map(|head| (head.organisation_id, head.seq, head.hash.clone())).collect(),
            previous,
            signature: String::new(),
        };
        line.signature = sign(line.signed_text().as_bytes());
        line
    }

    /// What is signed: the form and all fields but the signature, as a JSON array.
    pub fn signed_text(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        json!([FORM, self.seal, at, self.hash, self.events, self.ends, self.previous]).to_string()
    }
}

/// Events that heads stand for; looks at records are none.
pub fn events(heads: &[Head]) -> i64 {
    heads.iter().filter(|head| head.organisation_id != VIEWS).map(|head| head.seq).sum()
}
