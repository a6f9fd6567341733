//! The commands that check identifiers, count working days and write capitals, as a shell sees
//! them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn juncai(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_juncai"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("the program reads");
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn printed(args: &[&str], input: &str) -> String {
    let output = juncai(args, input);
    assert!(output.status.success(), "{args:?}");
    assert!(output.stderr.is_empty(), "{args:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn complaint(args: &[&str]) -> String {
    let output = juncai(args, "");
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn identifiers_are_judged_line_by_line_and_bad_ones_are_no_failure() {
    let answers = printed(
        &["check", "resident-id"],
        "350102199003079981\n\n350203850101998\n35010219900307998\n",
    );
    assert_eq!(
        answers.lines().collect::<Vec<_>>(),
        [
            "ok",
            "error: 未填写",
            "error: 15位身份证号码已停用，对应的18位号码为350203198501019989",
            "error: 身份证号码应为18位",
        ]
    );
    assert_eq!(
        printed(&["check", "uscc"], "91350100MAFAKE001N\n"),
        "ok: warning 主体标识码（第9至17位）校验不符，请核对\n"
    );
    assert_eq!(printed(&["check", "bank-card"], "6217000000000000120\n"), "error: 校验码错误\n");
}

#[test]
fn the_last_day_of_a_notice_is_printed_or_refused() {
    let notice = ["workdays", "--from", "2026-02-12", "--count", "5"];
    assert_eq!(printed(&notice, ""), "2026-02-26\n");
    let counted = [&notice[..], &["--count-first-day"]].concat();
    assert_eq!(printed(&counted, ""), "2026-02-25\n");
    let refused = complaint(&["workdays", "--from", "2026-12-29", "--count", "5"]);
    assert_eq!(refused, "尚未载入2027年的工作日安排，无法计算\n");
}

#[test]
fn amounts_are_written_in_capitals_or_refused() {
    assert_eq!(printed(&["capital", "200000.00"], ""), "人民币贰拾万元整\n");
    assert_eq!(printed(&["capital", "-0.05"], ""), "人民币负伍分\n");
    assert!(complaint(&["capital", "1.234"]).contains("最多两位小数"));
    assert!(complaint(&["capital", "1000000000000"]).contains("超出"));
}
