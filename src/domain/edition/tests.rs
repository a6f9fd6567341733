//! A policy file with one mistake is refused with the line and the key of that mistake.

use super::*;

const GOOD: &str = r#"id = "p"
title = "标题"
kind = "annual_stipend"
first_award_year = 2026
[[version]]
from = 2027-05-01
through = 2028-12-31
amount = "180000.00"
conditions = ["employed"]
proration = "daily"
[[version.funding]]
division = "35"
shares = [{ source = "province", percent = "33.33" }, { source = "city", percent = "66.67" }]
[[version]]
from = 2025-11-04
through = 2027-04-30
amount = "200000.00"
conditions = ["listed", "rostered"]
proration = "monthly"
min_months = 6
[[version.funding]]
division = "35"
shares = [{ source = "province", percent = "100" }]
[[version.funding]]
division = "3502"
shares = [{ source = "city", percent = "100.000" }]
[version.basis]
amount = "某办法 第九条"
proration = "default assumption"
"#;

#[test]
fn versions_come_oldest_first_with_their_defaults_and_basis() {
    let policy = Policy::parse(GOOD, "p.toml").unwrap();
    let [first, second] = policy.versions() else { panic!("two versions") };
    assert_eq!((first.amount(), second.amount()), (Fen::new(20_000_000), Fen::new(18_000_000)));
    assert_eq!((second.month_min_days(), second.min_months(), second.min_days()), (15, 0, 0));
    assert_eq!((second.rounding(), second.stacking()), (Rounding::Fen, Stacking::Stack));
    assert_eq!(second.recognition_classes(), ["A", "B", "C"].map(Text::from));
    assert_eq!(first.funding_for("350203").unwrap().division, "3502");
    assert_eq!(first.funding_for("350102").unwrap().division, "35");
    assert!(first.funding_for("36").is_none());
    assert_eq!(first.basis(Parameter::Amount), Some("某办法 第九条"));
    let views = first.parameters();
    let default = |parameter| {
        views.iter().find(|view| view.parameter == parameter).unwrap().is_default_assumption
    };
    assert!(!default(Parameter::Amount));
    assert!(default(Parameter::Proration) && default(Parameter::MinMonths));
}

#[test]
fn a_mistake_is_named_by_line_and_key() {
    let cases = [
        ("id = \"p\"", "", 1, "id"),
        ("id = \"p\"", "id = \"\"", 1, "id"),
        ("kind = \"annual_stipend\"", "kind = \"loan\"", 3, "kind"),
        ("first_award_year = 2026", "first_year = 2026", 4, "first_year"),
        ("first_award_year = 2026", "first_award_year = \"2026\"", 4, "first_award_year"),
        ("from = 2027-05-01", "from = 2027-04-30", 6, "version.from"),
        ("from = 2027-05-01", "from = \"2027-05-01\"", 6, "version.from"),
        ("from = 2027-05-01", "from = 2029-01-01", 7, "version.through"),
        ("through = 2027-04-30", "", 14, "version.through"),
        ("\"180000.00\"", "180000", 8, "version.amount"),
        ("\"180000.00\"", "\"180000.001\"", 8, "version.amount"),
        ("\"180000.00\"", "\"-1.00\"", 8, "version.amount"),
        ("[\"employed\"]", "[\"employd\"]", 9, "version.conditions"),
        ("[\"employed\"]", "[\"listed\"]", 9, "version.conditions"),
        ("\"daily\"", "\"weekly\"", 10, "version.proration"),
        ("proration = \"daily\"", "", 5, "version.proration"),
        (
            "proration = \"daily\"",
            "proration = \"daily\"\nrounding = \"jiao\"",
            11,
            "version.rounding",
        ),
        ("min_months = 6", "min_months = -1", 20, "version.min_months"),
        ("min_months = 6", "min_month = 6", 20, "version.min_month"),
        ("min_months = 6", "min_months = 6\nmin_months = 6", 21, "min_months"),
        ("\"66.67\"", "\"66.66\"", 13, "version.funding.shares"),
        ("\"66.67\"", "66.67", 13, "version.funding.shares.percent"),
        ("division = \"3502\"", "division = \"35\"", 25, "version.funding.division"),
        ("division = \"3502\"", "division = \"x\"", 25, "version.funding.division"),
        ("amount = \"某办法 第九条\"", "amout = \"某办法\"", 28, "version.basis.amout"),
    ];
    for (good, bad, line, key) in cases {
        assert!(GOOD.contains(good), "{good}");
        let text = GOOD.replacen(good, bad, 1);
        let error = Policy::parse(&text, "p.toml").expect_err(bad);
        assert_eq!((error.line, error.key.as_str()), (line, key), "{bad}: {error}");
        assert!(error.to_string().starts_with("p.toml "), "{error}");
    }
}

#[test]
fn percentages_are_exact() {
    for (text, shown) in [("33.33", "33.33"), ("100", "100"), ("0.5", "0.5"), ("007.10", "7.1")] {
        assert_eq!(Percent::parse(text).unwrap().to_string(), shown);
    }
    for text in ["", "-1", "+1", "1.", ".5", "100.01", "1e1", "1.0000000000001"] {
        assert_eq!(Percent::parse(text), None, "{text}");
    }
}
