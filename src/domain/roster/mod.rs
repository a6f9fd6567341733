//! Decisions about the core-engineer roster: who may do what to an entry, what stands against it,
//! and how its period changes (domain.md 7.6, as far as a roster that is declared by the
//! enterprise and confirmed by the province needs it).

mod change;
mod departure;
pub mod filing;
mod payee;
mod proof;
mod review;

pub use change::{
    EmploymentNeighbours, RosterNeighbours, current, employment_fits, latest, listing_fits,
    new_period, no_same_period, roster_entry_fits,
};
pub use departure::{Departure, DepartureReason, Shortened, delist, depart, leave_with_enterprise};
pub use payee::{
    AccountChange, enterprise_holder_matches, holder_matches, replace_from, replaces_number,
};
pub use proof::{Proof, proof};
pub use review::{Author, Candidate, Finding, review};

use chrono::NaiveDate;

use super::authority::{Act, Role};
use super::registry::{RosterEntry, RosterStatus, Stated, Suspension};
use crate::code_list;

code_list! {
    /// Where a person's roster entry stands on a day.
    Standing {
        /// Filed by the enterprise, not yet decided.
        Declared = "declared", "待确认";
        /// Confirmed and running.
        Active = "active", "在册";
        /// Confirmed, but the days do not count.
        Suspended = "suspended", "暂停";
        /// Its last day is over.
        Ended = "ended", "出册";
    }
}

code_list! {
    /// What is done to an entry or to the person on it.
    Action {
        /// A declared entry becomes a confirmed one.
        Confirm = "confirm", "确认名册";
        /// The last day in post is reported.
        Depart = "depart", "办理离职";
        /// The period of a stated fact is corrected or the fact withdrawn.
        Correct = "correct", "更正";
        /// Another account is paid from some day on.
        ChangeAccount = "change_account", "变更收款账户";
        /// Days are declared not to count.
        Suspend = "suspend", "暂停";
        /// A ground that excludes the person is recorded.
        Exclude = "exclude", "列入排除名单";
    }
}

impl Standing {
    /// How `entry` stands on `day`. An entry that begins later stands as if it had begun.
    pub fn of(
        entry: &Stated<RosterEntry>,
        suspensions: &[Stated<Suspension>],
        day: NaiveDate,
    ) -> Self {
        if entry.period.through.is_some_and(|last| last < day) {
            return Self::Ended;
        }
        if entry.fact.status == RosterStatus::Declared {
            return Self::Declared;
        }
        let suspended = suspensions.iter().any(|s| s.is_live() && s.period.covers(day));
        if suspended { Self::Suspended } else { Self::Active }
    }
}

impl Action {
    /// The acts of which a role needs one.
    pub const fn acts(self) -> &'static [Act] {
        match self {
            Self::Confirm | Self::Suspend | Self::Exclude => &[Act::ConfirmRoster],
            Self::Depart | Self::ChangeAccount => &[Act::FileEngineers, Act::CorrectFacts],
            Self::Correct => &[Act::CorrectFacts],
        }
    }

    /// Whether `role` may do this at all; scope and the declarer come on top.
    pub fn is_open_to(self, role: Role) -> bool {
        self.acts().iter().any(|act| role.may(*act))
    }

    /// Whether an entry that stands so can undergo this.
    ///
    /// What is over can still be corrected, suspended or excluded backwards: the money of past
    /// years depends on it. A declaration that nobody confirmed has no days to suspend.
    pub const fn is_possible(self, standing: Standing) -> bool {
        match self {
            Self::Confirm => matches!(standing, Standing::Declared),
            Self::Suspend => !matches!(standing, Standing::Declared),
            Self::Depart | Self::Correct | Self::ChangeAccount | Self::Exclude => true,
        }
    }
}

/// Why a change of the roster is refused, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody was in post on the last day that was given.
    #[error("该人员在{0}不在职，请核对最后在职日")]
    NotInPost(NaiveDate),
    /// The end that was given is recorded already.
    #[error("已登记的最后日就是{0}，无需再办")]
    AlreadyEnded(NaiveDate),
    /// An end too far in the future is a slip of the pen.
    #[error("日期{0}过晚，最多可提前90天办理")]
    TooFarAhead(NaiveDate),
    /// A later entry at the same enterprise would be left without a post.
    #[error("该人员另有自{0}起的名册记录，请先由人社部门撤销或更正后再办理离职")]
    LaterEntry(NaiveDate),
    /// The end comes before the beginning.
    #[error("末日早于首日，请核对两个日期")]
    Reversed,
    /// The correction changes nothing.
    #[error("与现有记录的起止日期相同，没有需要更正的内容")]
    Unchanged,
    /// Two roster entries of one person.
    #[error("该人员在{}已有名册记录，同一时间只能在一家企业的名册内", span(.0))]
    RosterOverlap(super::period::Period),
    /// Two full-time employments, or two employments at one enterprise.
    #[error("该人员在{}已有任职记录，全职任职不能重叠", span(.0))]
    EmploymentOverlap(super::period::Period),
    /// Two listings of one enterprise.
    #[error("该企业在{}已在清单内，两段不能重叠", span(.0))]
    ListingOverlap(super::period::Period),
    /// Two equal statements about overlapping days.
    #[error("{}已有相同记录，请更正原记录", span(.0))]
    SameOverlap(super::period::Period),
    /// The enterprise was not on the list on the first day.
    #[error("企业在入册首日{0}不在骨干企业清单内，不能入册")]
    NotListed(NaiveDate),
    /// No full-time employment on the first day.
    #[error("入册首日{0}没有在该企业的全职任职记录，请先补充或更正任职")]
    NotEmployed(NaiveDate),
    /// The enterprise was not on the list on the day given.
    #[error("该企业在{0}不在清单内，请核对最后一日")]
    NotOnList(NaiveDate),
    /// The account is already the person's.
    #[error("与现有收款账户完全相同，没有需要变更的内容")]
    SameAccount,
}

/// A period as users read it, both days inclusive.
pub fn span(period: &super::period::Period) -> String {
    match period.through {
        Some(last) => format!("{}至{last}", period.from),
        None => format!("{}起", period.from),
    }
}

#[cfg(test)]
mod tests;
