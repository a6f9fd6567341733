//! The engine against written cases: the shared ones line by line, and the files of `tests/rules`,
//! which a civil servant can read.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use juncai::domain::determine::*;
use juncai::domain::edition::{DEFAULT_ASSUMPTION, Kind, Parameter, Policy, kind_of};
use juncai::domain::golden::{GoldenCase, Outcome, WrittenCase};
use serde::Deserialize;
use serde_json::Value;

mod measure;
mod travel;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn policy_of(path: &Path) -> Policy {
    Policy::parse(&read(path), &path.display().to_string()).unwrap()
}

/// Runs `expected-<policy>-<year>[-known-<date>].ndjson` against the persons beside it.
fn run_expected(file: &Path) -> usize {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let name = name.strip_prefix("expected-").unwrap();
    let (name, known) = match name.split_once("-known-") {
        Some((name, date)) => (name, Some(format!("{date}T00:00:00+08:00"))),
        None => (name, None),
    };
    let known = known.map(|text| DateTime::parse_from_rfc3339(&text).unwrap());
    let (policy, year) = name.rsplit_once('-').unwrap();
    let folder = file.parent().unwrap();
    let beside = folder.join(format!("{policy}.toml"));
    let path = if beside.exists() {
        beside
    } else {
        folder.join("policies").join(format!("{policy}.toml"))
    };
    let policy = policy_of(&path);
    let lines = |name: &str| read(&folder.join(name));
    let enterprises = lines("enterprises.ndjson");
    let enterprises = enterprises.lines().map(|line| serde_json::from_str(line).unwrap());
    let enterprises = Enterprises::new(enterprises.collect()).unwrap();
    let run = Run::new(&policy, &enterprises, year.parse().unwrap(), known).unwrap();
    let (persons, expected) = (lines("persons.ndjson"), read(file));
    assert_eq!(persons.lines().count(), expected.lines().count(), "{}", file.display());
    for (number, (person, expected)) in persons.lines().zip(expected.lines()).enumerate() {
        let facts: PersonFacts = serde_json::from_str(person).unwrap();
        let found = serde_json::to_string(&run.determine(&facts).unwrap()).unwrap();
        let value: Value = serde_json::from_str(expected).unwrap();
        // The written order of the keys counts as well.
        assert_eq!(found, value.to_string(), "{} line {}", file.display(), number + 1);
    }
    expected.lines().count()
}

#[test]
fn the_shared_cases_agree_in_every_field_of_every_line() {
    for (folder, files) in [("engine", 13), ("engine-edges", 16)] {
        let folder = root().join("../shared/cases").join(folder);
        let mut seen = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("expected-") {
                assert!(run_expected(&path) > 0);
                seen += 1;
            }
        }
        assert!(seen >= files, "only {seen} files in {}", folder.display());
    }
}

#[test]
fn every_parameter_of_the_shipped_policy_names_its_basis() {
    let policy = policy_of(&root().join("policies/core-engineer.toml"));
    for version in policy.versions() {
        for parameter in Parameter::ALL {
            assert!(version.basis(*parameter).is_some(), "{}", parameter.key());
        }
        let fixed: Vec<&str> = version
            .parameters()
            .iter()
            .filter(|view| !view.is_default_assumption)
            .map(|view| view.parameter.key())
            .collect();
        assert_eq!(fixed, ["from", "through", "amount"]);
        assert_eq!(version.basis(Parameter::Proration), Some(DEFAULT_ASSUMPTION));
    }
}

/// A file of `tests/rules`: cases for one policy, each with the parameters that differ from it. The
/// kind of the policy says how a case is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    /// What the file is about and what it cites.
    rule: String,
    /// Policy file, from the project root.
    #[serde(default = "default_policy")]
    policy: String,
    case: Vec<toml::Table>,
}

fn default_policy() -> String {
    "policies/core-engineer.toml".to_owned()
}

/// The text of the policy with other parameters of its (only) version.
fn text_with(set: &toml::Table, text: &str) -> String {
    let mut table: toml::Table = toml::from_str(text).unwrap();
    let versions = table.get_mut("version").and_then(toml::Value::as_array_mut).unwrap();
    if !set.is_empty() {
        assert_eq!(versions.len(), 1, "`set` needs a policy of one version");
        let version = versions[0].as_table_mut().unwrap();
        version.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    toml::to_string(&table).unwrap()
}

/// Runs one case with the engine of its policy.
fn check(place: &str, mut table: toml::Table, text: &str, policy: &str) {
    let set = match table.remove("set") {
        Some(toml::Value::Table(set)) => set,
        other => other.map_or_else(toml::Table::new, |_| panic!("{place}: `set`")),
    };
    let text = text_with(&set, text);
    match kind_of(&text, policy).unwrap() {
        Kind::AnnualStipend => check_stipend(place, table, &text, policy),
        Kind::TravelSubsidy => travel::check(place, table, &text, policy),
        Kind::Measure => measure::check(place, table, &text, policy),
        Kind::AgreedAmount => panic!("{place}: nothing computes an agreed amount"),
    }
}

/// A case about a stipend. Here every case says its months, and all its reasons.
fn check_stipend(place: &str, table: toml::Table, text: &str, policy: &str) {
    let mut written: WrittenCase =
        table.try_into().unwrap_or_else(|error| panic!("{place}: {error}"));
    written.reasons.get_or_insert_default();
    let place = format!("{place}: {}", written.name);
    assert!(written.months.is_some(), "{place}");
    let case = GoldenCase::new(written).unwrap_or_else(|error| panic!("{place}: {error}"));
    holds(&place, &case.check(&Policy::parse(text, policy).unwrap()));
}

fn holds(place: &str, outcome: &Outcome) {
    let steps: Vec<&str> = outcome.steps.iter().map(|(_, text)| text.as_str()).collect();
    assert!(outcome.holds(), "{place}: {:?}\n{}", outcome.differences, steps.join("\n"));
}

fn rule_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rule_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn the_written_rules_give_the_written_amounts() {
    let mut files = Vec::new();
    rule_files(&root().join("tests/rules"), &mut files);
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        let file: RuleFile =
            toml::from_str(&read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!file.rule.is_empty() && !file.case.is_empty(), "{name}");
        let text = read(&root().join(&file.policy));
        for case in file.case {
            check(&name, case, &text, &file.policy);
        }
    }
}
