//! What is typed becomes a case, what is wrong is told by field.

use super::*;
use crate::domain::edition::Kind;
use crate::domain::policy_text::PolicyText;

fn policy() -> Policy {
    let text = include_str!("../../../policies/core-engineer.toml");
    Policy::parse(text, "core-engineer.toml").unwrap()
}

fn typed() -> TypedCase<'static> {
    TypedCase {
        name: "泉州企业，8月没有社保",
        year: "2026",
        division: "350503",
        listed: ("2025-11-04", ""),
        employed: ("2026-01-01", ""),
        rostered: ("2026-01-01", "2026-12-31"),
        evidence: "1-7, 9至12",
        award: ("provincial-talent", "80,000"),
        amount: "103,333.33",
        months: "11",
        ..TypedCase::default()
    }
}

#[test]
fn the_shipped_cases_hold_under_the_shipped_policy() {
    let file =
        CaseFile::<WrittenCase>::read(include_str!("../../../policies/core-engineer.cases.toml"))
            .unwrap();
    assert!(file.case.len() >= 20 && !file.rule.is_empty());
    for written in file.case {
        let case = GoldenCase::new(written).unwrap();
        let checked = case.check(&policy());
        assert!(checked.holds(), "{}: {:?}", case.name(), checked.differences);
        let again = GoldenCase::read(&case.text().unwrap()).unwrap();
        assert_eq!(again.written(), case.written());
        assert!(!case.lines().is_empty() && !case.expectation().is_empty());
    }
}

#[test]
fn a_typed_case_is_computed_and_says_what_differs() {
    let case = typed().read().unwrap();
    assert!(case.check(&policy()).holds(), "{:?}", case.check(&policy()).differences);
    let lines = case.lines().concat();
    assert!(lines.contains("E1（泉州市丰泽区）2026-01-01 起"), "{lines}");
    assert!(lines.contains("2026-08") && lines.contains("80,000.00 元"), "{lines}");
    let other = case.expecting("120000", "").unwrap();
    let differences = other.check(&policy()).differences;
    assert_eq!(differences, ["净额应为 120,000.00 元，算得 103,333.33 元"]);
    let never = TypedCase { listed: ("", ""), evidence: "", ..typed() };
    let found = never.read().unwrap().check(&policy());
    assert!(found.found.starts_with("0.00 元"), "{}", found.found);
}

fn travel() -> PolicyText {
    let text = include_str!("../../../policies/overseas-visit.toml");
    PolicyText::parse(text, "overseas-visit.toml").unwrap()
}

#[test]
fn the_shipped_visits_hold_under_the_shipped_policy() {
    let file = include_str!("../../../policies/overseas-visit.cases.toml");
    let cases = Case::read_all(Kind::TravelSubsidy, file).unwrap();
    assert!(cases.len() >= 14);
    for case in cases {
        let outcome = case.check(&travel());
        assert!(outcome.holds(), "{}: {:?}", case.name(), outcome.differences);
        assert!(outcome.steps.len() > 1 || outcome.found.contains("有效期"), "{}", case.name());
        let again = Case::read(Kind::TravelSubsidy, &case.text().unwrap()).unwrap();
        assert!(again.is_as(&case), "{}", case.name());
        assert!(!case.lines().is_empty() && !case.expectation().is_empty());
        let stipend = PolicyText::Stipend(Box::new(policy()));
        assert!(!case.check(&stipend).holds(), "a text of another kind");
    }
}

fn visit() -> TypedTrip<'static> {
    TypedTrip {
        name: "来自香港，两天津贴",
        birth: "1990-05-01",
        origin: "hk",
        stay: ("2026-05-11", "2026-05-22"),
        submitted: "2026-05-30",
        work: ("2026-05-12", "2026-05-15"),
        used: "58",
        on_roster: "no",
        costs: ("6,000", "500"),
        subsidy: "5000",
        allowance: "1600",
    }
}

#[test]
fn a_typed_visit_is_computed_and_says_what_differs() {
    let case = Case::from(visit().read().unwrap());
    assert!(case.check(&travel()).holds(), "{:?}", case.check(&travel()).differences);
    let facts = case.lines().concat();
    assert!(facts.contains("2026 年 58 天") && facts.contains("500.00 元"), "{facts}");
    let other = TypedExpectation { subsidy: "5500", allowance: "800", ..Default::default() };
    let differences = case.expecting(&other).unwrap().check(&travel()).differences;
    assert_eq!(
        differences,
        ["差旅补贴应为 5,500.00 元，算得 5,000.00 元", "工作津贴应为 800.00 元，算得 1,600.00 元"]
    );
    assert!(case.expecting(&TypedExpectation::default()).is_err());
}

#[test]
fn everything_wrong_with_a_typed_visit_is_told_by_field() {
    let wrong = TypedTrip {
        name: "",
        birth: "2030-01-01",
        origin: "香港",
        stay: ("2026-05-11", "2026-05-01"),
        submitted: "2026-04-30",
        work: ("2026-05-12", "2026-05-11"),
        used: "-1",
        on_roster: "",
        costs: ("许多", "-1"),
        subsidy: "",
        allowance: "1.005",
    };
    let fields: Vec<String> =
        wrong.read().unwrap_err().into_iter().map(|(field, _)| field).collect();
    let expected = [
        "name",
        "origin",
        "birth",
        "exit",
        "submitted",
        "work_through",
        "used",
        "costs",
        "other_payer",
        "subsidy",
        "allowance",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn everything_wrong_is_told_by_field() {
    let wrong = TypedCase {
        name: "",
        year: "26",
        division: "350100",
        listed: ("", "2026-01-01"),
        employed: ("2026-05-01", "2026-04-30"),
        rostered: ("1月1日", ""),
        evidence: "13",
        award: ("", "许多"),
        amount: "-1",
        months: "13",
        ..TypedCase::default()
    };
    let fields: Vec<String> =
        wrong.read().unwrap_err().into_iter().map(|(field, _)| field).collect();
    let expected = [
        "name",
        "year",
        "division",
        "listed_from",
        "employed_through",
        "rostered_from",
        "evidence",
        "award_group",
        "award",
        "amount",
        "months",
    ];
    assert_eq!(fields, expected);
}
