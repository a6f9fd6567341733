//! The engine against written cases: the shared ones line by line, and the files of `tests/rules`,
//! which a civil servant can read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use juncai::domain::determine::*;
use juncai::domain::edition::{DEFAULT_ASSUMPTION, Parameter, Policy};
use juncai::domain::money::Fen;
use juncai::domain::period::Period;
use serde::Deserialize;
use serde_json::Value;

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

/// A file of `tests/rules`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    /// What the file is about and what it cites.
    rule: String,
    /// Policy file, from the project root.
    #[serde(default = "default_policy")]
    policy: String,
    case: Vec<Case>,
}

fn default_policy() -> String {
    "policies/core-engineer.toml".to_owned()
}

/// Facts and what they must give. Periods are written `2026-01-01..2026-06-30` or `2026-01-01..`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "year_2026")]
    year: i32,
    /// Parameters of the (only) version that differ from the file.
    #[serde(default)]
    set: toml::Table,
    /// Full-time employment and roster entry alike: `E1 2026-01-01..`.
    #[serde(default)]
    work: Vec<String>,
    #[serde(default)]
    employed: Vec<String>,
    #[serde(default)]
    part_time: Vec<String>,
    #[serde(default)]
    rostered: Vec<String>,
    /// Replaces the listing of an enterprise; `E1 void` takes it off the list altogether.
    #[serde(default)]
    listed: Vec<String>,
    /// `C 2026-01-01..`
    #[serde(default)]
    recognised: Vec<String>,
    /// Months without evidence; all others have it.
    #[serde(default)]
    no_evidence: Vec<String>,
    #[serde(default)]
    suspended: Vec<String>,
    #[serde(default)]
    excluded: Vec<String>,
    /// `provincial-talent 80000.00`
    #[serde(default)]
    awards: Vec<String>,
    /// Earlier decisions for the year.
    #[serde(default)]
    before: Vec<String>,
    /// Expected net amount.
    amount: String,
    months: u8,
    days: Option<u16>,
    gross: Option<String>,
    adjustment: Option<String>,
    /// `E1 5 83333.33`: enterprise, months, amount, in order.
    portions: Option<Vec<String>>,
    /// `province 66666.67`: over all portions, in order of first mention.
    sources: Option<Vec<String>>,
    #[serde(default)]
    reasons: Vec<String>,
}

fn year_2026() -> i32 {
    2026
}

fn period(text: &str) -> Period {
    let (from, through) = text.split_once("..").unwrap_or_else(|| panic!("period {text:?}"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_else(|_| panic!("day {text:?}"));
    Period::new(day(from), (!through.is_empty()).then(|| day(through))).unwrap()
}

fn pairs(list: &[String]) -> impl Iterator<Item = (Text, &str)> {
    list.iter().map(|text| {
        let (word, rest) = text.split_once(' ').unwrap_or_else(|| panic!("{text:?}"));
        (Text::from(word), rest)
    })
}

impl Case {
    fn facts(&self) -> PersonFacts {
        let stamps = Stamps::default();
        let mut person = PersonFacts { person: "P".into(), ..PersonFacts::default() };
        let jobs = [(&self.work, true), (&self.employed, true), (&self.part_time, false)];
        for (list, full_time) in jobs {
            person.employments.extend(pairs(list).map(|(enterprise, text)| Employment {
                enterprise,
                period: period(text),
                full_time,
                stamps,
            }));
        }
        for list in [&self.work, &self.rostered] {
            person.roster.extend(pairs(list).map(|(enterprise, text)| RosterSpan {
                enterprise,
                period: period(text),
                stamps,
            }));
        }
        let classes = pairs(&self.recognised);
        person.recognitions.extend(classes.map(|(class, text)| RecognitionSpan {
            class,
            period: period(text),
            stamps,
        }));
        for month in 1..=12 {
            if !self.no_evidence.contains(&format!("{}-{month:02}", self.year)) {
                let (year, enterprise) = (self.year, "E1".into());
                person.evidence.push(EvidenceMonth { year, month, enterprise, stamps });
            }
        }
        let spans = self.suspended.iter().map(|text| period(text));
        person.suspensions.extend(spans.map(|period| SuspensionSpan { period, stamps }));
        let spans = self.excluded.iter().map(|text| period(text));
        person.exclusions.extend(spans.map(|period| {
            let reason = "shareholder".into();
            ExclusionSpan { period, reason, stamps }
        }));
        person.other_awards.extend(pairs(&self.awards).map(|(group, text)| OtherAward {
            group,
            year: self.year,
            amount: text.parse().unwrap(),
            stamps,
        }));
        let before = self.before.iter().map(|text| text.parse().unwrap());
        let year = self.year;
        person.entitled_before.extend(before.map(|amount| EntitledBefore { year, amount, stamps }));
        person
    }

    /// E1 福州, E2 泉州, X1 厦门, P1 平潭: listed from the first day; U1 福州: known, not listed.
    fn enterprises(&self) -> Enterprises {
        let standard = [
            ("E1", "350102", true),
            ("E2", "350503", true),
            ("X1", "350203", true),
            ("P1", "350128", true),
            ("U1", "350102", false),
        ];
        let list = standard.map(|(uscc, division, listed)| {
            let given: Vec<&str> =
                pairs(&self.listed).filter(|(u, _)| *u == uscc).map(|(_, text)| text).collect();
            let periods = match (given.is_empty(), listed) {
                (true, true) => vec![period("2025-11-04..")],
                _ => given.iter().filter(|t| **t != "void").map(|t| period(t)).collect(),
            };
            let listings =
                periods.into_iter().map(|period| Listing { period, stamps: Stamps::default() });
            let (uscc, division) = (uscc.into(), division.into());
            EnterpriseFacts { uscc, division, listings: listings.collect() }
        });
        Enterprises::new(list.to_vec()).unwrap()
    }

    fn policy(&self, text: &str, name: &str) -> Policy {
        let mut table: toml::Table = toml::from_str(text).unwrap();
        let versions = table.get_mut("version").and_then(toml::Value::as_array_mut).unwrap();
        if !self.set.is_empty() {
            assert_eq!(versions.len(), 1, "`set` needs a policy of one version");
            let version = versions[0].as_table_mut().unwrap();
            version.extend(self.set.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        Policy::parse(&toml::to_string(&table).unwrap(), name).unwrap()
    }

    fn check(&self, place: &str, policy: &Policy) {
        let place = format!("{place}: {}", self.name);
        let (enterprises, facts) = (self.enterprises(), self.facts());
        let (found, trace) = explain(policy, &enterprises, &facts, self.year, None).unwrap();
        let steps: Vec<String> = trace.steps.iter().map(Step::describe).collect();
        let place = format!("{place}\n{}", steps.join("\n"));
        let fen = |text: &str| text.parse::<Fen>().unwrap();
        assert_eq!(found.net, fen(&self.amount), "{place}");
        assert_eq!(found.counted_months, self.months, "{place}");
        assert!(self.days.is_none_or(|days| days == found.eligible_days), "{place}");
        assert!(self.gross.as_ref().is_none_or(|gross| fen(gross) == found.gross), "{place}");
        let adjustment = self.adjustment.as_ref();
        assert!(adjustment.is_none_or(|a| fen(a) == found.adjustment), "{place}");
        let reasons: Vec<Reason> = self
            .reasons
            .iter()
            .map(|reason| serde_json::from_value(Value::from(reason.as_str())).unwrap())
            .collect();
        assert_eq!(found.reasons, reasons, "{place}");
        if let Some(portions) = &self.portions {
            let shown = |p: &Portion| format!("{} {} {}", p.enterprise, p.months, p.amount);
            let found: Vec<String> = found.portions.iter().map(shown).collect();
            assert_eq!(found, *portions, "{place}");
        }
        if let Some(sources) = &self.sources {
            let mut order = Vec::new();
            let mut sums: BTreeMap<Text, Fen> = BTreeMap::new();
            for part in found.portions.iter().flat_map(|portion| &portion.funding) {
                if !order.contains(&part.source) {
                    order.push(part.source.clone());
                }
                let sum = sums.entry(part.source.clone()).or_default();
                *sum = sum.checked_add(part.amount).unwrap();
            }
            let found: Vec<String> = order.iter().map(|s| format!("{s} {}", sums[s])).collect();
            assert_eq!(found, *sources, "{place}");
        }
    }
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
        for case in &file.case {
            case.check(&name, &case.policy(&text, &file.policy));
        }
    }
}
