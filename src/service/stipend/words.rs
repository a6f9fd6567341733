//! How results are put into words: reasons, sources, payers, differences between versions.

use std::collections::BTreeMap;

use crate::domain::determine::Reason;
use crate::domain::edition::source_label;
use crate::domain::money::Fen;
use crate::domain::region;
use crate::store::stipend::ledger::Group;

/// All reasons, in the order of the contract.
pub const REASONS: [Reason; 13] = [
    Reason::PolicyNotInForce,
    Reason::EnterpriseNotListed,
    Reason::DivisionNotParticipating,
    Reason::NotEmployedFullTime,
    Reason::NotOnRoster,
    Reason::NotRecognised,
    Reason::NoEvidence,
    Reason::Suspended,
    Reason::Excluded,
    Reason::ConditionsNeverMetTogether,
    Reason::BeforeFirstAwardYear,
    Reason::BelowMinMonths,
    Reason::BelowMinDays,
];

/// The stored code of a reason.
pub fn reason_code(reason: Reason) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The reason with a stored code.
pub(super) fn reason_from(code: &str) -> Option<Reason> {
    serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
}

/// The label of the reason with a stored code.
pub(in crate::service) fn reason_label(code: &str) -> Option<&'static str> {
    reason_from(code).map(Reason::label)
}

/// The reasons of a stored version.
pub(super) fn reasons(stored: &str) -> Vec<Reason> {
    serde_json::from_str(stored).unwrap_or_default()
}

/// The stored reasons in Chinese.
pub(super) fn reason_text(stored: &str) -> String {
    let labels: Vec<&str> = reasons(stored).into_iter().map(Reason::label).collect();
    labels.join("、")
}

/// A division by its full name; an unknown one by its code.
pub(in crate::service) fn division_name(code: &str) -> String {
    region::full_name(code).unwrap_or(code).to_owned()
}

/// Who pays: the source, and where it is not the province, whose.
pub(in crate::service) fn payer_label(source: &str, payer_division: &str) -> String {
    let label = source_label(source);
    if payer_division == region::PROVINCE {
        format!("{label}财政")
    } else {
        format!("{label}财政（{}）", division_name(payer_division))
    }
}

/// A sum under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSum {
    /// What it is for.
    pub name: String,
    /// Persons. A person with money from two places counts in both.
    pub persons: i64,
    /// The sum.
    pub amount: Fen,
}

/// Adds groups up by city-level unit and by who pays.
pub(super) fn by_city_and_source(groups: &[Group]) -> (Vec<NamedSum>, Vec<NamedSum>) {
    let mut cities: BTreeMap<&str, NamedSum> = BTreeMap::new();
    let mut sources: BTreeMap<(&str, &str), NamedSum> = BTreeMap::new();
    for group in groups {
        let empty = |name: String| NamedSum { name, persons: 0, amount: Fen::ZERO };
        let city = cities
            .entry(&group.city_unit)
            .or_insert_with(|| empty(division_name(&group.city_unit)));
        let source = sources
            .entry((&group.source, &group.payer_division))
            .or_insert_with(|| empty(payer_label(&group.source, &group.payer_division)));
        for sum in [city, source] {
            sum.persons += group.persons;
            sum.amount = Fen::new(sum.amount.get().saturating_add(group.amount));
        }
    }
    (cities.into_values().collect(), sources.into_values().collect())
}

/// What two versions of a person's year differ in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) months: i64,
    pub(super) offset: i64,
    pub(super) net: i64,
}

/// Why a version differs from the one before, in one phrase.
pub(super) fn difference(old: Figures, new: Figures, reasons: &str) -> String {
    let mut parts = Vec::new();
    if old.months != new.months {
        parts.push(format!("计入月数由 {} 个月变为 {} 个月", old.months, new.months));
    }
    if old.offset != new.offset && new.net > 0 {
        let yuan = |fen: i64| Fen::new(fen).grouped();
        parts.push(format!("同类奖补抵扣由 {} 元变为 {} 元", yuan(old.offset), yuan(new.offset)));
    }
    let text = reason_text(reasons);
    if !text.is_empty() {
        parts.push(text);
    }
    match (parts.is_empty(), old.net == new.net) {
        (false, _) => parts.join("；"),
        (true, true) => "事实有更新，金额不变".to_owned(),
        (true, false) => "适用政策或企业情况有变化".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_again_by_its_code() {
        for reason in REASONS {
            assert_eq!(reason_from(&reason_code(reason)), Some(reason));
        }
        assert_eq!(reason_text(r#"["below_min_months"]"#), "计入月数不足");
        assert_eq!(reason_from("sql"), None);
    }

    #[test]
    fn the_payer_is_named_unless_it_is_the_province() {
        assert_eq!(payer_label("province", "350000"), "省级财政");
        assert_eq!(payer_label("city", "350200"), "市级财政（厦门市）");
    }
}
