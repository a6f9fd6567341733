//! What the engine answers. The order of the fields is the order of the keys in the contract.

use serde::{Deserialize, Serialize};

use super::text::Text;
use crate::domain::money::Fen;

/// Whether anything is due for the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Gross amount above zero.
    Eligible,
    /// Gross amount zero; the reasons say why.
    Ineligible,
}

impl Status {
    /// The name in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Eligible => "符合条件",
            Self::Ineligible => "不符合条件",
        }
    }
}

/// Why nothing is due. The order is the order of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No version of the policy is in force on any day of the year.
    PolicyNotInForce,
    /// No named enterprise is listed.
    EnterpriseNotListed,
    /// No named enterprise lies in a division that takes part.
    DivisionNotParticipating,
    /// No full-time employment.
    NotEmployedFullTime,
    /// No roster entry.
    NotOnRoster,
    /// No accepted recognition.
    NotRecognised,
    /// No evidence of work.
    NoEvidence,
    /// Suspended throughout.
    Suspended,
    /// Excluded throughout.
    Excluded,
    /// Each condition held on some day, never all together.
    ConditionsNeverMetTogether,
    /// The year lies before the first award year.
    BeforeFirstAwardYear,
    /// Too few counted months.
    BelowMinMonths,
    /// Too few eligible days.
    BelowMinDays,
}

impl Reason {
    /// The reason in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::PolicyNotInForce => "该年度政策未生效",
            Self::EnterpriseNotListed => "企业不在骨干企业清单内",
            Self::DivisionNotParticipating => "企业所在地区未参照执行",
            Self::NotEmployedFullTime => "无全职在岗记录",
            Self::NotOnRoster => "不在核心工程师名册内",
            Self::NotRecognised => "无有效的人才认定",
            Self::NoEvidence => "无社保或个税佐证",
            Self::Suspended => "名册资格暂停",
            Self::Excluded => "属于排除对象",
            Self::ConditionsNeverMetTogether => "各项条件从未同时满足",
            Self::BeforeFirstAwardYear => "早于首个奖补年度",
            Self::BelowMinMonths => "计入月数不足",
            Self::BelowMinDays => "合格天数不足",
        }
    }
}

/// The part of a portion that one source pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundingAmount {
    /// Source of the money as the policy names it.
    pub source: Text,
    /// Its part.
    pub amount: Fen,
}

/// The part of the net amount that goes with one enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portion {
    /// USCC.
    pub enterprise: Text,
    /// Its division.
    pub division: Text,
    /// Counted months that belong to it.
    pub months: u8,
    /// Eligible days that belong to it.
    pub days: u16,
    /// Its part of the net amount.
    pub amount: Fen,
    /// Who pays it; sums exactly to `amount`.
    pub funding: Vec<FundingAmount>,
}

/// The result for one person and one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determination {
    /// The person as named in the facts.
    pub person: Text,
    /// Award year.
    pub year: i32,
    /// Policy identifier.
    pub policy: Text,
    /// Whether anything is due.
    pub status: Status,
    /// Days on which all conditions held.
    pub eligible_days: u16,
    /// Months that reached the least number of days.
    pub counted_months: u8,
    /// Amount before other awards.
    pub gross: Fen,
    /// What other awards take away.
    pub offset: Fen,
    /// `gross - offset`, never negative.
    pub net: Fen,
    /// Sum of earlier decisions for the year.
    pub entitled_before: Fen,
    /// `net - entitled_before`: positive is still to be paid, negative to be recovered.
    pub adjustment: Fen,
    /// Split of the net amount; sums exactly to it.
    pub portions: Vec<Portion>,
    /// Why nothing is due; empty when something is.
    pub reasons: Vec<Reason>,
}
