//! Travel subsidies and work allowances: the shared cases, and how a case in `tests/rules/travel` is
//! written.

use std::collections::BTreeMap;

use juncai::domain::edition::DEFAULT_ASSUMPTION;
use juncai::domain::travel::{Claim, Parameter, Policy};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{read, root};

#[test]
fn the_shared_claims_agree_in_every_field_of_every_line() {
    let folder = root().join("../shared/cases/travel");
    let policy = Policy::parse(&read(&folder.join("policy.toml")), "policy.toml").unwrap();
    let shipped = read(&root().join("policies/overseas-visit.toml"));
    let shipped = Policy::parse(&shipped, "overseas-visit.toml").unwrap();
    let (claims, expected) =
        (read(&folder.join("claims.ndjson")), read(&folder.join("expected.ndjson")));
    assert_eq!(claims.lines().count(), expected.lines().count());
    assert!(claims.lines().count() >= 300);
    for (number, (line, expected)) in claims.lines().zip(expected.lines()).enumerate() {
        let claim: Claim = serde_json::from_str(line).unwrap();
        let value: Value = serde_json::from_str(expected).unwrap();
        for policy in [&policy, &shipped] {
            let found = serde_json::to_string(&policy.decide(&claim).unwrap()).unwrap();
            // The written order of the keys counts as well.
            assert_eq!(found, value.to_string(), "line {}", number + 1);
        }
    }
}

#[test]
fn the_notice_fixes_nothing_but_the_days_of_the_travel_policy() {
    let text = read(&root().join("policies/overseas-visit.toml"));
    let policy = Policy::parse(&text, "overseas-visit.toml").unwrap();
    for version in policy.versions() {
        for parameter in Parameter::ALL {
            assert!(version.basis(*parameter).is_some(), "{}", parameter.key());
        }
        let views = version.parameters();
        let fixed = views.iter().filter(|view| !view.is_default_assumption);
        let fixed: Vec<&str> = fixed.map(|view| view.parameter.key()).collect();
        assert_eq!(fixed, ["from", "through"]);
        assert_eq!(version.basis(Parameter::Band), Some(DEFAULT_ASSUMPTION));
    }
}

#[test]
fn a_mistake_in_a_travel_policy_is_named_by_line_and_key() {
    let good = read(&root().join("../shared/cases/travel/policy.toml"));
    let cases = [
        ("kind = \"travel_subsidy\"", "kind = \"annual_stipend\"", 3, "kind"),
        ("through = 2028-12-31", "through = 2025-11-03", 6, "version.through"),
        ("max_age = 40", "", 4, "version.max_age"),
        ("max_age = 40", "max_age = \"40\"", 7, "version.max_age"),
        ("claim_within_days", "claim_in_days", 8, "version.claim_in_days"),
        ("\"800.00\"", "\"-1.00\"", 9, "version.allowance_per_day"),
        ("cap = \"5000.00\"", "", 12, "version.band.cap"),
        ("origins = [\"*\"]", "origins = \"*\"", 22, "version.band.origins"),
        ("name = \"asia\"", "label = \"asia\"", 17, "version.band.label"),
    ];
    for (old, new, line, key) in cases {
        assert!(good.contains(old), "{old}");
        let error = Policy::parse(&good.replacen(old, new, 1), "p.toml").expect_err(new);
        assert_eq!((error.line, error.key.as_str()), (line, key), "{new}: {error}");
    }
}

/// A claim as a clerk would note it down. What is left out: a visitor from the United States, born
/// 1990-05-01, who claims on the day of exit and worked on no day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "birth")]
    birth: String,
    #[serde(default = "origin")]
    origin: String,
    /// `2026-05-11..2026-05-22`.
    stay: String,
    submitted: Option<String>,
    /// Days and runs of days.
    #[serde(default)]
    work: Vec<String>,
    #[serde(default)]
    used: BTreeMap<String, u32>,
    #[serde(default)]
    on_roster: bool,
    #[serde(default = "nothing")]
    other_payer: String,
    /// `fare business 9000.00 USD @710.50 economy=2100.00`, `visa 500.00 CNY`.
    #[serde(default)]
    costs: Vec<String>,
    /// Only where the conditions are met.
    #[serde(default = "nothing")]
    accepted: String,
    #[serde(default = "nothing")]
    subsidy: String,
    #[serde(default)]
    days: u32,
    #[serde(default = "nothing")]
    allowance: String,
    #[serde(default)]
    reasons: Vec<String>,
}

fn birth() -> String {
    "1990-05-01".to_owned()
}

fn origin() -> String {
    "US".to_owned()
}

fn nothing() -> String {
    "0.00".to_owned()
}

fn cost(text: &str) -> Value {
    let mut line = Map::new();
    for (at, word) in text.split_whitespace().enumerate() {
        let is_amount = word.contains('.') && word.as_bytes()[0].is_ascii_digit();
        let key = match word.chars().next() {
            Some('@') => "rate_per_100",
            _ if at == 0 => "kind",
            _ if word.starts_with("economy=") => "documented_economy",
            _ if is_amount => "amount",
            _ if word.chars().all(|c| c.is_ascii_uppercase()) => "currency",
            _ => "class",
        };
        let value = word.trim_start_matches('@').trim_start_matches("economy=");
        // The class itself is called `economy`.
        let value = if key == "class" { word } else { value };
        assert!(line.insert(key.to_owned(), json!(value)).is_none(), "{text}: {key}");
    }
    Value::Object(line)
}

fn days(text: &str) -> Vec<chrono::NaiveDate> {
    let (from, through) = text.split_once("..").unwrap_or((text, text));
    let last: chrono::NaiveDate = through.parse().unwrap();
    from.parse::<chrono::NaiveDate>().unwrap().iter_days().take_while(|day| *day <= last).collect()
}

pub fn check(place: &str, table: toml::Table, text: &str, policy: &str) {
    let case: Case = table.try_into().unwrap_or_else(|error| panic!("{place}: {error}"));
    let place = format!("{place}: {}", case.name);
    let (arrival, exit) = case.stay.split_once("..").unwrap();
    let work: Vec<_> = case.work.iter().flat_map(|run| days(run)).collect();
    let claim = json!({
        "claim": "T", "birth": case.birth, "origin": case.origin, "arrival": arrival, "exit": exit,
        "submitted": case.submitted.as_deref().unwrap_or(exit), "work_days": work,
        "allowance_days_used": case.used, "on_roster": case.on_roster,
        "other_payer": case.other_payer,
        "lines": case.costs.iter().map(|text| cost(text)).collect::<Vec<_>>(),
    });
    let claim: Claim = serde_json::from_value(claim).unwrap_or_else(|e| panic!("{place}: {e}"));
    let policy = Policy::parse(text, policy).unwrap();
    let (found, trace) = policy.explain(&claim).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    let steps: Vec<String> = trace.steps.iter().map(|step| step.describe()).collect();
    let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.word()).collect();
    let found = (
        found.accepted.to_string(),
        found.subsidy.to_string(),
        found.allowance_days,
        found.allowance.to_string(),
        reasons.iter().map(|reason| (*reason).to_owned()).collect::<Vec<_>>(),
    );
    let expected = (case.accepted, case.subsidy, case.days, case.allowance, case.reasons);
    assert_eq!(found, expected, "{place}\n{}", steps.join("\n"));
}
