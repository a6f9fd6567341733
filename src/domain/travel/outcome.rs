//! What the engine answers. The order of the fields is the order of the keys in the contract.

use serde::{Deserialize, Serialize};

use crate::domain::determine::{Status, Text};
use crate::domain::edition::vocabulary;
use crate::domain::money::Fen;

vocabulary! {
    /// Why nothing is due. The order is the order of the contract.
    Reason {
        /// No version is in force on the day of arrival.
        OutsidePolicy = "outside_policy", "入境日期不在政策有效期内";
        /// Too old on the day of arrival.
        OverAge = "over_age", "入境当日超过年龄上限";
        /// On a core-engineer roster.
        OnRoster = "on_roster", "已在核心工程师名册内";
        /// Handed in too late.
        LateClaim = "late_claim", "超过申报期限";
    }
}

/// The result for one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determination {
    /// The claim as named in the facts.
    pub claim: Text,
    /// Policy identifier.
    pub policy: Text,
    /// Whether the conditions are met; the total may still be zero.
    pub status: Status,
    /// Sum of the lines in yuan.
    pub accepted: Fen,
    /// Cap of the band.
    pub cap: Fen,
    /// What is due for the costs.
    pub subsidy: Fen,
    /// Days with an allowance.
    pub allowance_days: u32,
    /// What is due for them.
    pub allowance: Fen,
    /// Both together.
    pub total: Fen,
    /// Why the conditions are not met; empty when they are.
    pub reasons: Vec<Reason>,
}
