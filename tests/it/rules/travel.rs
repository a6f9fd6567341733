//! Travel subsidies and work allowances: the shared cases, and how a case in `tests/rules/travel` is
//! written.

use juncai::domain::edition::DEFAULT_ASSUMPTION;
use juncai::domain::golden::{TripCase, WrittenTrip};
use juncai::domain::travel::{Claim, Parameter, Policy};
use serde_json::Value;

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

/// A case about a visit. Here every case says its days, what is accepted, and all its reasons.
pub fn check(place: &str, table: toml::Table, text: &str, policy: &str) {
    let mut written: WrittenTrip =
        table.try_into().unwrap_or_else(|error| panic!("{place}: {error}"));
    written.reasons.get_or_insert_default();
    written.days.get_or_insert_default();
    written.accepted.get_or_insert_with(|| "0.00".to_owned());
    let place = format!("{place}: {}", written.name);
    let case = TripCase::new(written).unwrap_or_else(|error| panic!("{place}: {error}"));
    let outcome = case.check(&Policy::parse(text, policy).unwrap());
    super::holds(&place, &outcome);
}
