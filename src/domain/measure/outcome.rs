//! What the engine answers. The order of the fields is the order of the keys in docs/measures.md.

use serde::{Deserialize, Serialize};

use crate::domain::determine::{Status, Text};
use crate::domain::edition::vocabulary;
use crate::domain::money::Fen;

vocabulary! {
    /// Why nothing is due, in the order in which reasons are given.
    Reason {
        /// No version is in force on the day.
        OutsidePolicy = "outside_policy", "不在政策有效期内";
        /// The division does not take part.
        DivisionNotParticipating = "division_not_participating", "所在地区未参照执行";
        /// Paid once, and that was before.
        AlreadyAwarded = "already_awarded", "已经发放过，不重复发放";
        /// The stage was paid before.
        StageAlreadyAwarded = "stage_already_awarded", "该阶段已经发放过";
        /// The figure does not reach the threshold.
        BelowThreshold = "below_threshold", "未达到起点金额";
        /// Earlier awards have used the cap up.
        CapUsedUp = "cap_used_up", "上限已用完";
        /// The figure gives no whole fen.
        NothingDue = "nothing_due", "计算结果为零";
    }
}

/// The result for one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determination {
    /// The application as named in the facts.
    pub application: Text,
    /// What it is about.
    pub subject: Text,
    /// Policy identifier.
    pub policy: Text,
    /// Whether anything is due.
    pub status: Status,
    /// The amount before the cap.
    pub calculated: Fen,
    /// What earlier awards leave of the cap.
    pub room: Fen,
    /// What is due: the smaller of both.
    pub amount: Fen,
    /// Why nothing is due; empty when something is.
    pub reasons: Vec<Reason>,
}
