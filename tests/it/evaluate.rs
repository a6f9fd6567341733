//! `juncai evaluate` as a process: exit codes, streams, and what it says about bad input.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const ENTERPRISES: &str = r#"{"uscc":"E1","division":"350102","listings":[{"from":"2025-11-04"}]}"#;

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(enterprises: &str, persons: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("e.ndjson"), enterprises).unwrap();
        std::fs::write(folder.path().join("p.ndjson"), persons).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
        let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/core-engineer.toml");
        command.current_dir(self.folder.path());
        command.args(["evaluate", "--year", "2026", "--enterprises", "e.ndjson"]);
        command.args(["--policy", policy]);
        command
    }

    fn run(&self, extra: &[&str]) -> Output {
        self.command().args(["--persons", "p.ndjson"]).args(extra).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A person who works the whole year, with a variable tail of further keys.
fn person(name: &str, tail: &str) -> String {
    let evidence: Vec<String> = (1..=12)
        .map(|month| format!(r#"{{"month":"2026-{month:02}","enterprise":"E1"}}"#))
        .collect();
    format!(
        r#"{{"person":"{name}","employments":[{{"enterprise":"E1","from":"2026-01-01"}}],"roster":[{{"enterprise":"E1","from":"2026-01-01","through":null}}],"evidence":[{}]{tail}}}"#,
        evidence.join(",")
    )
}

const WHOLE: &str = concat!(
    r#"{"person":"P","year":2026,"policy":"core-engineer","status":"eligible","eligible_days":365,"#,
    r#""counted_months":12,"gross":"200000.00","offset":"0.00","net":"200000.00","#,
    r#""entitled_before":"0.00","adjustment":"200000.00","portions":[{"enterprise":"E1","#,
    r#""division":"350102","months":12,"days":365,"amount":"200000.00","#,
    r#""funding":[{"source":"province","amount":"200000.00"}]}],"reasons":[]}"#
);

#[test]
fn a_sound_file_gives_one_line_a_person_in_the_order_of_the_contract() {
    let bench = Bench::new(ENTERPRISES, person("P", "").as_bytes());
    let output = bench.run(&[]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    assert_eq!(text(&output.stdout), format!("{WHOLE}\n"));

    // And: to a file, with the trace as the last key.
    let output = bench.run(&["--explain", "--out", "out.ndjson"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
    let written = std::fs::read_to_string(bench.path("out.ndjson")).unwrap();
    let head = format!("{},\"trace\":[", WHOLE.strip_suffix('}').unwrap());
    assert!(written.starts_with(&head), "{written}");
    let value: serde_json::Value = serde_json::from_str(&written).unwrap();
    for step in value["trace"].as_array().unwrap() {
        let keys: Vec<&String> = step.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["rule", "inputs", "result", "basis"]);
    }
}

#[test]
fn a_bad_line_is_reported_with_number_and_field_and_the_others_are_written() {
    let good = |name: &str| person(name, "");
    let cases: &[(&str, &str)] = &[
        (r#","suspensions":[{"from":"2026-02-29"}]"#, "suspensions[0].from"),
        (
            r#","suspensions":[{"from":"2026-03-02","through":"2026-03-01"}]"#,
            "suspensions[0].through",
        ),
        (r#","suspensions":[{"from":"2026-03-01","till":null}]"#, "suspensions[0].till"),
        (r#","roster":[]"#, "roster"),
        (
            r#","other_awards":[{"group":"g","year":2026,"amount":"-1.00"}]"#,
            "other_awards[0].amount",
        ),
        (
            r#","other_awards":[{"group":"g","year":2026,"amount":"1.001"}]"#,
            "other_awards[0].amount",
        ),
        (r#","entitled_before":[{"year":2026,"amount":1}]"#, "entitled_before[0].amount"),
        (
            r#","entitled_before":[{"year":2026,"amount":"-92233720368547758.07"}]"#,
            "entitled_before",
        ),
        (
            r#","exclusions":[{"from":"2026-03-01","reason":"x","recorded_at":"2026-03-01T00:00:00"}]"#,
            "exclusions[0].recorded_at",
        ),
    ];
    let mut file = format!("\n{}\r\n", good("first"));
    for (tail, _) in cases {
        file.push_str(&person("bad", tail));
        file.push('\n');
    }
    file.push_str("  \n{\"person\":\n");
    file.push_str(&good("last"));
    let output = Bench::new(ENTERPRISES, file.as_bytes()).run(&[]);
    assert_eq!(output.status.code(), Some(1));
    let complaints: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!(complaints.len(), cases.len() + 1, "{complaints:#?}");
    for (index, (_, field)) in cases.iter().enumerate() {
        let start = format!("p.ndjson 第 {} 行 {field}：", index + 3);
        assert!(complaints[index].starts_with(&start), "{start} {}", complaints[index]);
    }
    assert!(complaints[cases.len()].contains(&format!("第 {} 行", cases.len() + 4)));
    let persons: Vec<bool> = text(&output.stdout)
        .lines()
        .map(|line| line.contains("\"first\"") || line.contains("\"last\""))
        .collect();
    assert_eq!(persons, [true, true]);
}

#[test]
fn a_division_without_funding_rule_is_an_error_only_where_it_gets_a_portion() {
    let enterprises = r#"{"uscc":"E1","division":"440301","listings":[{"from":"2025-11-04"}]}"#;
    let idle = r#"{"person":"idle","roster":[{"enterprise":"E1","from":"2026-01-01"}]}"#;
    let file = format!("{}\n{idle}", person("paid", ""));
    let output = Bench::new(enterprises, file.as_bytes()).run(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("第 1 行 division："), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with(r#"{"person":"idle""#));
}

#[test]
fn any_bad_enterprise_line_stops_everything_and_all_are_reported() {
    let file = format!(
        "{ENTERPRISES}\n{{\"uscc\":\"E2\",\"division\":\"3\"}}\n\n{ENTERPRISES}\n{{\"uscc\":\"E3\"}}"
    );
    let bench = Bench::new(&file, person("P", "").as_bytes());
    let output = bench.run(&["--out", "out.ndjson"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
    let complaints: Vec<&str> = text(&output.stderr).lines().collect();
    let places = ["第 2 行 division：", "第 4 行 uscc：", "第 5 行 division："];
    assert_eq!(complaints.len(), places.len(), "{complaints:#?}");
    for (complaint, place) in complaints.iter().zip(places) {
        assert!(complaint.contains(place), "{complaint}");
    }
    assert!(!bench.path("out.ndjson").exists());
}

#[test]
fn a_policy_error_ends_the_run_with_code_two() {
    let bench = Bench::new(ENTERPRISES, person("P", "").as_bytes());
    std::fs::write(bench.path("bad.toml"), "id = \"p\"\nkindd = \"x\"\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_juncai"))
        .current_dir(bench.folder.path())
        .args(["evaluate", "--policy", "bad.toml", "--year", "2026"])
        .args(["--enterprises", "e.ndjson", "--persons", "p.ndjson"])
        .output()
        .unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""));
    assert!(text(&output.stderr).starts_with("bad.toml 第 2 行 kindd："));
    assert_eq!(bench.run(&["--known-at", "2027-01-15T00:00:00"]).status.code(), Some(2));
}

#[test]
fn a_long_stream_keeps_its_order_from_standard_input() {
    let bench = Bench::new(ENTERPRISES, b"");
    let mut child = bench
        .command()
        .args(["--persons", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let count = 20_000;
    let writer = std::thread::spawn(move || {
        for number in 0..count {
            writeln!(stdin, "{}", person(&format!("N{number}"), "")).unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut lines = 0;
    for (number, line) in text(&output.stdout).lines().enumerate() {
        assert!(line.starts_with(&format!("{{\"person\":\"N{number}\",")), "{line}");
        lines += 1;
    }
    assert_eq!(lines, count);
}
