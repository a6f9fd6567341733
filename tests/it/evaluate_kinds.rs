//! `juncai evaluate` for claims of visits and applications for measures: which arguments a kind of
//! policy takes, the lines it writes, and what it says about bad lines.

use std::process::{Command, Output};

struct Bench(tempfile::TempDir);

impl Bench {
    fn new(facts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("facts.ndjson"), facts).unwrap();
        Self(folder)
    }

    fn run(&self, policy: &str, arguments: &[&str]) -> Output {
        let policy = format!("{}/policies/{policy}.toml", env!("CARGO_MANIFEST_DIR"));
        Command::new(env!("CARGO_BIN_EXE_juncai"))
            .current_dir(self.0.path())
            .args(["evaluate", "--policy", &policy])
            .args(arguments)
            .output()
            .unwrap()
    }

    fn claims(&self, extra: &[&str]) -> Output {
        self.run("overseas-visit", &[&["--claims", "facts.ndjson"], extra].concat())
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A claim with some of its members replaced or added.
fn claim(name: &str, members: &str) -> String {
    let all = [
        ("birth", "\"1990-05-01\""),
        ("origin", "\"US\""),
        ("arrival", "\"2026-05-11\""),
        ("exit", "\"2026-05-22\""),
        ("submitted", "\"2026-06-30\""),
    ];
    let kept = all.iter().filter(|(key, _)| !members.contains(&format!("\"{key}\":")));
    let kept: String = kept.map(|(key, value)| format!(",\"{key}\":{value}")).collect();
    format!("{{\"claim\":\"{name}\"{kept}{members}}}")
}

const EXAMPLE: &str = r#"{"claim":"T1","birth":"1990-05-01","origin":"US","arrival":"2026-05-11","exit":"2026-05-22","submitted":"2026-06-30","work_days":["2026-05-11","2026-05-12"],"allowance_days_used":{"2026":10},"on_roster":false,"other_payer":"0.00","lines":[{"kind":"fare","class":"economy","amount":"1850.00","currency":"USD","rate_per_100":"710.50"},{"kind":"fare","class":"business","amount":"9000.00","currency":"USD","rate_per_100":"710.50","documented_economy":"2100.00"},{"kind":"visa","amount":"500.00","currency":"CNY"}]}"#;
const ANSWER: &str = r#"{"claim":"T1","policy":"overseas-visit","status":"eligible","accepted":"28564.75","cap":"20000.00","subsidy":"20000.00","allowance_days":2,"allowance":"1600.00","total":"21600.00","reasons":[]}"#;

#[test]
fn a_claim_gives_one_line_and_with_its_steps_when_asked() {
    let bench = Bench::new(&format!("{EXAMPLE}\n"));
    let output = bench.claims(&[]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    assert_eq!(text(&output.stdout), format!("{ANSWER}\n"));

    let output = bench.claims(&["--explain", "--out", "out.ndjson"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
    let written = std::fs::read_to_string(bench.0.path().join("out.ndjson")).unwrap();
    let head = format!("{},\"trace\":[", ANSWER.strip_suffix('}').unwrap());
    assert!(written.starts_with(&head), "{written}");
    let value: serde_json::Value = serde_json::from_str(&written).unwrap();
    let rules: Vec<&str> =
        value["trace"].as_array().unwrap().iter().map(|s| s["rule"].as_str().unwrap()).collect();
    let expected =
        ["in_force", "eligibility", "lines", "subsidy", "allowance_days", "allowance", "total"];
    assert_eq!(rules, expected);
    for step in value["trace"].as_array().unwrap() {
        let keys: Vec<&String> = step.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["rule", "inputs", "result", "basis"]);
    }
}

#[test]
fn what_is_left_out_of_a_claim_is_nothing() {
    let output = Bench::new(&claim("T", "")).claims(&[]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    assert!(
        text(&output.stdout).contains(r#""status":"eligible","accepted":"0.00","cap":"20000.00""#)
    );
}

#[test]
fn a_bad_claim_is_reported_with_number_and_field_and_the_others_are_written() {
    let line = |members: &str| format!(r#","lines":[{{{members}}}]"#);
    let foreign = r#""kind":"visa","amount":"1.00","currency":"USD""#;
    let cases: Vec<(String, &str)> = vec![
        (r#","arrival":"2026-02-30""#.into(), "arrival"),
        (r#","exit":"2026-05-10""#.into(), "exit"),
        (r#","submitted":"2026-05-21""#.into(), "submitted"),
        (r#","birth":"2026-05-12""#.into(), "birth"),
        (r#","visa":true"#.into(), "visa"),
        (r#","on_roster":false,"on_roster":true"#.into(), "on_roster"),
        (r#","on_roster":"no""#.into(), "on_roster"),
        (r#","work_days":["2026-05-11","2026-5-12"]"#.into(), "work_days[1]"),
        (r#","allowance_days_used":{"2026":1,"2026":2}"#.into(), "allowance_days_used.2026"),
        (r#","allowance_days_used":{"26":1}"#.into(), "allowance_days_used.26"),
        (r#","allowance_days_used":{"2026":-1}"#.into(), "allowance_days_used.2026"),
        (r#","other_payer":"-1.00""#.into(), "other_payer"),
        (r#","other_payer":"1.001""#.into(), "other_payer"),
        (line(foreign), "lines[0].rate_per_100"),
        (line(&format!(r#"{foreign},"rate_per_100":"0.00""#)), "lines[0].rate_per_100"),
        (line(&format!(r#"{foreign},"rate_per_100":"-7""#)), "lines[0].rate_per_100"),
        (line(&format!(r#"{foreign},"rate_per_100":"7,1""#)), "lines[0].rate_per_100"),
        (line(&format!(r#"{foreign},"rate":"7""#)), "lines[0].rate"),
        (line(r#""kind":"meals","amount":"1.00","currency":"CNY""#), "lines[0].kind"),
        (line(r#""kind":"visa","amount":"-1.00","currency":"CNY""#), "lines[0].amount"),
        (line(r#""kind":"visa","amount":1,"currency":"CNY""#), "lines[0].amount"),
        (line(r#""kind":"visa","amount":"1.00""#), "lines[0].currency"),
        (
            line(
                r#""kind":"visa","amount":"92233720368547758.07","currency":"USD","rate_per_100":"200""#,
            ),
            "lines[0].amount",
        ),
        // Also where the conditions are not met, and outside the policy.
        (format!(r#","on_roster":true{}"#, line(foreign)), "lines[0].rate_per_100"),
        (format!(r#","arrival":"2025-01-01"{}"#, line(foreign)), "lines[0].rate_per_100"),
    ];
    let mut file = format!("\n{}\r\n", claim("first", ""));
    for (members, _) in &cases {
        file.push_str(&claim("bad", members));
        file.push('\n');
    }
    file.push_str(&format!("  \n{{\"claim\":\n{}", claim("last", "")));
    let output = Bench::new(&file).claims(&[]);
    assert_eq!(output.status.code(), Some(1));
    let complaints: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!(complaints.len(), cases.len() + 1, "{complaints:#?}");
    for (index, (members, field)) in cases.iter().enumerate() {
        let start = format!("facts.ndjson 第 {} 行 {field}：", index + 3);
        assert!(complaints[index].starts_with(&start), "{members}: {}", complaints[index]);
    }
    let written: Vec<bool> = text(&output.stdout)
        .lines()
        .map(|line| line.contains("\"first\"") || line.contains("\"last\""))
        .collect();
    assert_eq!(written, [true, true]);
}

#[test]
fn an_origin_without_band_is_an_error_only_while_a_version_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let policy = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/policies/overseas-visit.toml"
    ));
    let policy = policy.unwrap().replacen("origins = [\"*\"]", "origins = [\"DE\"]", 1);
    std::fs::write(folder.path().join("p.toml"), policy).unwrap();
    let outside = claim("outside", r#","arrival":"2025-01-01""#);
    let file = format!("{}\n{outside}", claim("in force", r#","on_roster":true"#));
    std::fs::write(folder.path().join("c.ndjson"), file).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_juncai"))
        .current_dir(folder.path())
        .args(["evaluate", "--policy", "p.toml", "--claims", "c.ndjson"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).starts_with("c.ndjson 第 1 行 origin："),
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stdout).contains(r#""claim":"outside""#));
    assert!(text(&output.stdout).contains(r#""reasons":["outside_policy"]"#));
}

#[test]
fn arguments_that_a_kind_of_policy_does_not_take_end_with_code_two() {
    let bench = Bench::new(EXAMPLE);
    let (facts, year) = (["--claims", "facts.ndjson"], ["--year", "2026"]);
    let stipend = ["--enterprises", "facts.ndjson", "--persons", "facts.ndjson"];
    let known = ["--known-at", "2027-01-15T00:00:00+08:00"];
    let applications = ["--applications", "facts.ndjson"];
    let cases: Vec<(&str, Vec<&str>, &str)> = vec![
        ("overseas-visit", vec![], "缺少 --claims"),
        ("overseas-visit", [&facts[..], &year].concat(), "不能使用 --year"),
        ("overseas-visit", [&facts[..], &known].concat(), "不能使用 --known-at"),
        ("overseas-visit", [&stipend[..], &year].concat(), "缺少 --claims"),
        ("overseas-visit", applications.to_vec(), "不能使用 --applications"),
        ("core-engineer", facts.to_vec(), "缺少 --year、--enterprises、--persons"),
        ("core-engineer", [&stipend[..], &year, &facts].concat(), "不能使用 --claims"),
        ("core-engineer", stipend.to_vec(), "缺少 --year"),
        ("compute-voucher", facts.to_vec(), "缺少 --applications"),
        ("compute-voucher", [&applications[..], &facts].concat(), "不能使用 --claims"),
        (
            "core-engineer",
            [&stipend[..2], &["--persons", "-", "--claims", "-"]].concat(),
            "标准输入",
        ),
    ];
    for (policy, arguments, said) in cases {
        let output = bench.run(policy, &arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn an_application_gives_one_line_and_a_bad_one_is_reported() {
    let good = r#"{"application":"A1","subject":"91350100M000100Y43","division":"350102","day":"2026-12-31","figure":"333333.33"}"#;
    let facts = [
        good,
        r#"{"application":"A2","subject":"S","division":"350102","day":"2026-12-31"}"#,
        r#"{"application":"A3","subject":"S","division":"3","day":"2026-12-31","figure":"1.00"}"#,
        r#"{"application":"A4","subject":"S","division":"350102","day":"2026-12-31","figure":"200000.00","stage":"中期"}"#,
        r#"{"application":"A5","subject":"S","division":"350102","day":"2026-12-31","figure":"200000.00","awarded_before":[{"day":"2026-01-01"}]}"#,
    ];
    let output =
        Bench::new(&facts.join("\n")).run("compute-voucher", &["--applications", "facts.ndjson"]);
    assert_eq!(output.status.code(), Some(1));
    let answer = r#"{"application":"A1","subject":"91350100M000100Y43","policy":"compute-voucher","status":"eligible","calculated":"166666.66","room":"500000.00","amount":"166666.66","reasons":[]}"#;
    assert_eq!(text(&output.stdout), format!("{answer}\n"));
    let fields =
        ["第 2 行 figure", "第 3 行 division", "第 4 行 stage", "第 5 行 awarded_before[0].amount"];
    let complaints: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!(complaints.len(), fields.len(), "{complaints:#?}");
    for (complaint, field) in complaints.iter().zip(fields) {
        assert!(complaint.contains(field), "{complaint}");
    }
}
