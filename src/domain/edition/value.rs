//! The closed vocabularies of a policy file.

use serde::{Deserialize, Serialize};

use crate::domain::determine::Text;

/// Gives an enumeration its file words and Chinese labels.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// All of them, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in a policy file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The name in Chinese.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// All words, for a message.
            pub fn words() -> String {
                Self::ALL.iter().map(|one| one.word()).collect::<Vec<_>>().join("、")
            }

            /// From the word in a policy file.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use vocabulary;

vocabulary! {
    /// What a policy grants.
    Kind {
        /// A fixed amount per person and calendar year.
        AnnualStipend = "annual_stipend", "年度奖补";
        /// Travel subsidy and work allowance of a visit.
        TravelSubsidy = "travel_subsidy", "差旅补贴和工作津贴";
        /// Money of another section of the notice, for an enterprise, project, product or park.
        Measure = "measure", "惠企政策";
        /// An amount that a decision agreed on.
        AgreedAmount = "agreed_amount", "约定金额";
    }
}

vocabulary! {
    /// A condition of an eligible day.
    Condition {
        /// The enterprise is on the list of key enterprises.
        Listed = "listed", "企业在骨干企业清单内";
        /// Full-time employment at the enterprise.
        Employed = "employed", "在企业全职工作";
        /// On the roster at the enterprise.
        Rostered = "rostered", "在核心工程师名册内";
        /// Recognised in an accepted class.
        Recognised = "recognised", "具有人才认定";
        /// Evidence for the calendar month.
        Evidenced = "evidenced", "当月有社保或个税佐证";
        /// Not suspended.
        NotSuspended = "not_suspended", "未被暂停";
        /// Not excluded.
        NotExcluded = "not_excluded", "不属于排除对象";
    }
}

vocabulary! {
    /// How a part of a year is priced.
    Proration {
        /// The whole amount once the least number of months counts.
        None = "none", "不折算，达到最低月数发全额";
        /// A twelfth a counted month.
        Monthly = "monthly", "按月折算";
        /// One 365th or 366th an eligible day.
        Daily = "daily", "按日折算";
    }
}

vocabulary! {
    /// Unit of the one rounding, half up, of the gross amount.
    Rounding {
        /// To 0.01 yuan.
        Fen = "fen", "四舍五入到分";
        /// To whole yuan.
        Yuan = "yuan", "四舍五入到元";
    }
}

vocabulary! {
    /// What awards of an exclusive group in the same year take away.
    Stacking {
        /// Nothing.
        Stack = "stack", "可叠加";
        /// Their sum, at most all.
        TopUp = "top_up", "就高补差";
        /// Everything.
        Exclude = "exclude", "不重复享受";
    }
}

/// A set of [`Condition`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions(u8);

impl Conditions {
    /// With one more.
    #[must_use]
    pub fn with(self, condition: Condition) -> Self {
        Self(self.0 | 1 << condition as u8)
    }

    /// Whether it is among them.
    pub fn has(self, condition: Condition) -> bool {
        self.0 >> condition as u8 & 1 == 1
    }

    /// Those in the set, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = Condition> {
        Condition::ALL.iter().copied().filter(move |condition| self.has(*condition))
    }
}

/// A percentage, exact to twelve decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u64);

impl Percent {
    const DECIMALS: usize = 12;
    /// One hundred percent.
    pub const HUNDRED: Self = Self(100_000_000_000_000);

    /// From digits with at most twelve decimals, between 0 and 100.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > Self::DECIMALS {
            return None;
        }
        let scale = 10_u64.pow(Self::DECIMALS as u32);
        let fraction =
            decimals.parse::<u64>().ok()? * 10_u64.pow((Self::DECIMALS - decimals.len()) as u32);
        let units = whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(fraction)?;
        (units <= Self::HUNDRED.0).then_some(Self(units))
    }

    /// As a whole number of 10⁻¹² percent.
    pub fn units(self) -> u64 {
        self.0
    }
}

/// Plain decimals without trailing zeros: `33.33`, `100`.
impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = 10_u64.pow(Self::DECIMALS as u32);
        let (whole, fraction) = (self.0 / scale, self.0 % scale);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:012}").trim_end_matches('0'))
    }
}

/// One source and its share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Source of the money, e.g. `province`.
    pub source: Text,
    /// Its share.
    pub percent: Percent,
    text: Text,
}

impl Share {
    /// A source with its share.
    pub fn new(source: Text, percent: Percent) -> Self {
        Self { source, percent, text: Text::from(percent.to_string()) }
    }

    /// The share in plain decimals, kept for traces.
    pub fn percent_text(&self) -> &Text {
        &self.text
    }
}

/// Who pays in the divisions that begin with `division`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingRule {
    /// Division prefix.
    pub division: Text,
    /// Shares in the order of the file; they sum to 100.
    pub shares: Vec<Share>,
}

/// What an award of one group takes away, in the place of the version's own words: an entry of the
/// conflict catalogue (A9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRelation {
    /// Award group.
    pub group: Text,
    /// What its awards take away.
    pub stacking: Stacking,
    /// Document and number of the entry; a trace cites it.
    pub basis: Text,
}

/// The Chinese name of a funding source; unknown ones keep their own.
pub fn source_label(source: &str) -> &str {
    match source {
        "province" => "省级",
        "city" => "市级",
        "county" => "县（区）级",
        "pingtan" => "平潭综合实验区",
        other => other,
    }
}
