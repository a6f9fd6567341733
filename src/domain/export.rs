//! Lists that are written beside the requests and fetched later.

use crate::code_list;
use crate::domain::authority::Act;

code_list! {
    /// A list that can be exported.
    ExportList {
        /// Core engineers.
        Engineers = "engineers", "核心工程师";
        /// The ledger of entitlements.
        Entitlements = "entitlements", "应发台账";
        /// Files that move through offices.
        Cases = "cases", "办件";
        /// Persons whose amount another policy text would change.
        ScenarioChanges = "scenario_changes", "情景名单";
        /// Persons whose amount a run changed.
        RunChanges = "run_changes", "核定变化名单";
    }
}

code_list! {
    /// How an export stands.
    ExportState {
        /// Nobody has begun.
        Queued = "queued", "排队中";
        /// Being written.
        Running = "running", "生成中";
        /// Can be fetched.
        Ready = "ready", "可下载";
        /// Given up.
        Failed = "failed", "未生成";
        /// The file is gone.
        Expired = "expired", "已过期";
    }
}

impl ExportList {
    /// What it takes to see the list.
    pub const fn needs(self) -> Act {
        match self {
            Self::Engineers => Act::ReadRegistry,
            Self::Entitlements | Self::ScenarioChanges => Act::ReadEntitlements,
            Self::Cases => Act::ReadCases,
            Self::RunChanges => Act::Compute,
        }
    }
}

/// What a column is called in a template: its heading without the award year that it begins with, so
/// that what was chosen for one year holds for the next.
pub fn column_key(heading: &str) -> &str {
    match heading.split_once(" 年度") {
        Some((year, rest)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => heading,
    }
}

/// A part of a file, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// First byte.
    pub from: u64,
    /// Last byte.
    pub through: u64,
}

/// Which part of a file of `size` bytes a `Range` header asks for (RFC 9110, 14.2): `Ok(None)` for
/// the whole, also when the header is none that is understood, as the standard has it.
///
/// # Errors
/// When the part lies behind the end.
#[expect(clippy::result_unit_err, reason = "there is one way to be wrong")]
pub fn part_of(range: Option<&str>, size: u64) -> Result<Option<Part>, ()> {
    let Some(text) = range.and_then(|range| range.trim().strip_prefix("bytes=")) else {
        return Ok(None);
    };
    let Some((from, through)) = text.split_once('-') else { return Ok(None) };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let last = size.saturating_sub(1);
    let part = match (number(from), number(through)) {
        (Some(from), None) if through.trim().is_empty() => Part { from, through: last },
        (Some(from), Some(through)) if from <= through => Part { from, through: through.min(last) },
        (None, Some(count)) if from.trim().is_empty() => {
            if count == 0 {
                return Err(());
            }
            Part { from: size.saturating_sub(count), through: last }
        }
        // Several parts, or nothing that is known.
        _ => return Ok(None),
    };
    if part.from < size { Ok(Some(part)) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_chosen_for_every_year() {
        assert_eq!(column_key("2026 年度计入月数"), column_key("2027 年度计入月数"));
        assert_eq!(column_key("年度"), "年度");
        assert_eq!(column_key("上一 年度报告"), "上一 年度报告");
    }

    #[test]
    fn a_range_names_a_part_the_rest_or_the_end() {
        let part = |from, through| Ok(Some(Part { from, through }));
        assert_eq!(part_of(None, 100), Ok(None));
        assert_eq!(part_of(Some("bytes=0-9"), 100), part(0, 9));
        assert_eq!(part_of(Some("bytes=40-"), 100), part(40, 99));
        assert_eq!(part_of(Some("bytes=40-400"), 100), part(40, 99), "not beyond the end");
        assert_eq!(part_of(Some("bytes=-30"), 100), part(70, 99));
        assert_eq!(part_of(Some("bytes=-300"), 100), part(0, 99));
        assert_eq!(part_of(Some("bytes=100-"), 100), Err(()));
        assert_eq!(part_of(Some("bytes=-0"), 100), Err(()));
        assert_eq!(part_of(Some("bytes=0-"), 0), Err(()));
        for whole in ["bytes=9-5", "bytes=0-1,5-6", "lines=0-9", "bytes=a-b", "bytes=5"] {
            assert_eq!(part_of(Some(whole), 100), Ok(None), "{whole}");
        }
    }
}
