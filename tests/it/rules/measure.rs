//! Measures of the other sections: how a case in `tests/rules/measures` is written, and what the
//! shipped texts say of their basis.

use juncai::domain::edition::DEFAULT_ASSUMPTION;
use juncai::domain::measure::{Application, Policy, shipped};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{read, root};

#[test]
fn every_shipped_measure_names_the_article_of_its_figures() {
    let articles = ["第一条", "第二条", "第三条", "第五条", "第六条", "第七条"];
    assert_eq!(shipped().len(), articles.len());
    for (policy, article) in shipped().iter().zip(articles) {
        for view in policy.versions().iter().flat_map(|version| version.parameters()) {
            let (id, key) = (policy.id(), view.parameter.key());
            assert!(policy.versions()[0].basis(view.parameter).is_some(), "{id}: {key}");
            if ["amount", "cap", "ratio", "threshold"].contains(&key) {
                assert!(view.basis.contains(article), "{id}: {key}: {}", view.basis);
            }
            if key == "excluded_divisions" {
                assert_eq!(view.value.contains("厦门"), id.as_str() != "industrial-park", "{id}");
            }
        }
    }
    // What the office decides is nobody's figure yet.
    let graded = shipped().iter().find(|policy| policy.id().as_str() == "quality-enterprise");
    let views = graded.unwrap().versions()[0].parameters();
    let figure = views.iter().find(|view| view.parameter.key() == "figure").unwrap();
    assert_eq!(figure.basis, DEFAULT_ASSUMPTION);
}

#[test]
fn parameters_that_do_not_go_together_are_named_by_line_and_key() {
    let ratio = read(&root().join("policies/compute-voucher.toml"));
    let fixed = read(&root().join("policies/quality-product.toml"));
    let cases = [
        (&ratio, "ratio = \"50\"", "ratio = \"150\"", "version.ratio"),
        (&ratio, "ratio = \"50\"", "ratio = \"50\"\namount = \"1.00\"", "version.figure"),
        (&ratio, "cap = \"500000.00\"", "", "version.cap"),
        (&ratio, "figure = \"当年实际购买算力服务费用\"", "", "version.figure"),
        (&ratio, "per = \"year\"", "per = \"month\"", "version.per"),
        (&ratio, "payments = \"once\"", "", "version.payments"),
        (&ratio, "threshold = \"100000.00\"", "threshold = \"1e5\"", "version.threshold"),
        (&fixed, "amount = \"500000.00\"", "amount = \"500000.00\"\ncap = \"1.00\"", "version.cap"),
        (&fixed, "subject = \"product\"", "subject = \"car\"", "version.subject"),
    ];
    for (good, old, new, key) in cases {
        assert!(good.contains(old), "{old}");
        let error = Policy::parse(&good.replacen(old, new, 1), "p.toml").expect_err(new);
        assert_eq!(error.key, key, "{new}: {error}");
    }
}

/// An application as a clerk would note it down. What is left out: an enterprise of Fuzhou on the
/// last day of 2026, nothing awarded before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "fuzhou")]
    division: String,
    #[serde(default = "day")]
    day: String,
    figure: Option<String>,
    stage: Option<String>,
    /// `2025-12-31 50000.00`, and a stage behind it where there are some.
    #[serde(default)]
    before: Vec<String>,
    #[serde(default = "nothing")]
    amount: String,
    #[serde(default)]
    reasons: Vec<String>,
}

fn fuzhou() -> String {
    "350102".to_owned()
}

fn day() -> String {
    "2026-12-31".to_owned()
}

fn nothing() -> String {
    "0.00".to_owned()
}

fn award(text: &str) -> Value {
    let words: Vec<&str> = text.split_whitespace().collect();
    json!({ "day": words[0], "amount": words[1], "stage": words.get(2) })
}

pub fn check(place: &str, table: toml::Table, text: &str, policy: &str) {
    let case: Case = table.try_into().unwrap_or_else(|error| panic!("{place}: {error}"));
    let place = format!("{place}: {}", case.name);
    let application = json!({
        "application": "A", "subject": "S", "division": case.division, "day": case.day,
        "figure": case.figure, "stage": case.stage,
        "awarded_before": case.before.iter().map(|text| award(text)).collect::<Vec<_>>(),
    });
    let application: Application =
        serde_json::from_value(application).unwrap_or_else(|error| panic!("{place}: {error}"));
    let policy = Policy::parse(text, policy).unwrap();
    let found = policy.explain(&application);
    let (found, trace) = found.unwrap_or_else(|faults| panic!("{place}: {faults:?}"));
    let steps: Vec<String> = trace.steps.iter().map(|step| step.describe()).collect();
    let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.word()).collect();
    assert_eq!(
        (found.amount.to_string(), reasons),
        (case.amount, case.reasons.iter().map(String::as_str).collect()),
        "{place}\n{}",
        steps.join("\n")
    );
}
