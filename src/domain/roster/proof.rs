//! What imported months prove about whoever is filed: paid by the enterprise that files, by another
//! one, or by nobody (peers row 25).

use chrono::{Datelike, Months, NaiveDate};

use super::super::registry::{Employment, EvidenceMonth, Stated};

/// Months looked back.
const LOOKED_AT: u32 = 3;

/// What the last months say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// No month of the person was ever imported, or none since the post began.
    Unknown,
    /// All months looked at are paid by the enterprise, from the first to the last (`YYYY-MM`).
    Whole(String, String),
    /// Months that nobody paid, and months that others paid with their codes.
    Lacking {
        /// Months without any payer.
        missing: Vec<String>,
        /// Month and code of the payer.
        elsewhere: Vec<(String, String)>,
    },
}

impl Proof {
    /// Whether somebody should ask.
    pub const fn deserves_a_look(&self) -> bool {
        matches!(self, Self::Lacking { .. })
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("任职以来没有导入过社保、个税记录"),
            Self::Whole(first, last) if first == last => write!(f, "{first} 由本企业缴纳"),
            Self::Whole(first, last) => write!(f, "{first} 至 {last} 均由本企业缴纳"),
            Self::Lacking { missing, elsewhere } => {
                let mut texts = Vec::new();
                if !missing.is_empty() {
                    texts.push(format!("{} 没有社保、个税记录", missing.join("、")));
                }
                texts.extend(
                    elsewhere.iter().map(|(month, payer)| format!("{month} 由 {payer} 缴纳")),
                );
                f.write_str(&texts.join("；"))
            }
        }
    }
}

/// What the last three months say about a person in the post that covers `first` at an enterprise,
/// as far as months were imported: later ones are not due yet. A month counts from the first full
/// one in the post on.
pub fn proof(
    evidence: &[Stated<EvidenceMonth>],
    employments: &[Stated<Employment>],
    (enterprise_id, uscc): (i64, &str),
    first: NaiveDate,
) -> Proof {
    let post = employments.iter().find(|post| {
        post.is_live() && post.fact.enterprise_id == enterprise_id && post.period.covers(first)
    });
    let known: Vec<&EvidenceMonth> =
        evidence.iter().filter(|month| month.is_live()).map(|month| &month.fact).collect();
    let last = known.iter().map(|month| month.month.as_str()).max();
    let last = last.and_then(|month| format!("{month}-01").parse::<NaiveDate>().ok());
    let (Some(post), Some(last)) = (post, last) else { return Proof::Unknown };
    let whole = |month: &NaiveDate| {
        *month >= post.period.from && post.period.through.is_none_or(|through| *month <= through)
    };
    let months = (0..LOOKED_AT).rev().filter_map(|back| last.checked_sub_months(Months::new(back)));
    let months: Vec<String> = months
        .filter(whole)
        .map(|month| format!("{}-{:02}", month.year(), month.month()))
        .collect();
    let (Some(from), Some(through)) = (months.first(), months.last()) else {
        return Proof::Unknown;
    };
    let (mut missing, mut elsewhere) = (Vec::new(), Vec::new());
    for month in &months {
        let mut payers = known.iter().filter(|known| known.month == *month);
        match (payers.clone().any(|known| known.payer_uscc == uscc), payers.next()) {
            (true, _) => {}
            (false, Some(other)) => elsewhere.push((month.clone(), other.payer_uscc.clone())),
            (false, None) => missing.push(month.clone()),
        }
    }
    if missing.is_empty() && elsewhere.is_empty() {
        return Proof::Whole(from.clone(), through.clone());
    }
    Proof::Lacking { missing, elsewhere }
}
