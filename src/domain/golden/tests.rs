//! What is typed becomes a case, what is wrong is told by field.

use super::*;

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
    let file = CaseFile::read(include_str!("../../../policies/core-engineer.cases.toml")).unwrap();
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
    assert_eq!(found.found.unwrap().0.net, Fen::ZERO);
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
