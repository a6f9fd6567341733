//! Exports, templates and annotated uploads.

use std::io::{Cursor, Read};

use chrono::{NaiveDate, NaiveDateTime};
use juncai::domain::money::Fen;
use juncai::file::reader::Limits;
use juncai::file::table::Cell;
use juncai::file::workbook::{
    CellOut, ColumnKind, ColumnSpec, ERROR_COLUMN, RowIssue, Table, TemplateColumn, annotate,
    template, template_csv, to_csv, write_xlsx,
};
use proptest::prelude::*;
use zip::ZipArchive;

use super::{rows, texts};

fn moment() -> NaiveDateTime {
    day(2026, 11, 23).and_hms_opt(10, 15, 0).expect("a time")
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn table(columns: &[(&str, ColumnKind)], total_row: bool) -> Table {
    let column = |(name, kind): &(&str, ColumnKind)| ColumnSpec {
        name: (*name).to_owned(),
        width: 20.0,
        kind: *kind,
    };
    Table {
        title: "发放明细".to_owned(),
        columns: columns.iter().map(column).collect(),
        total_row,
        comment: "筛选：福州市".to_owned(),
        created_at: moment(),
    }
}

fn text(text: &str) -> CellOut {
    CellOut::Text(text.to_owned())
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut content = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut content).expect("UTF-8");
    content
}

fn payments() -> (Table, Vec<Vec<CellOut>>) {
    let columns = [
        ("身份证号", ColumnKind::Text),
        ("金额", ColumnKind::Amount),
        ("日期", ColumnKind::Date),
        ("年数", ColumnKind::Integer),
    ];
    let row = |fen: i64| {
        let date = CellOut::Date(day(2026, 1, 31));
        vec![text("110105199003071234"), CellOut::Amount(Fen::new(fen)), date, CellOut::Integer(3)]
    };
    (table(&columns, true), vec![row(20_000_000), row(1), row(30)])
}

#[test]
fn an_exported_sheet_reads_back_typed_with_its_total() {
    let (table, data) = payments();
    let bytes = write_xlsx(&table, data).unwrap();
    let (_, rows) = rows(&bytes, "a.xlsx").unwrap();
    assert_eq!(rows.len(), 5);
    let amount = |text: &str| Cell::Number(text.to_owned());
    assert_eq!(
        rows[1].cells,
        [
            Cell::Text("110105199003071234".to_owned()),
            amount("200000"),
            Cell::Date(day(2026, 1, 31)),
            amount("3"),
        ]
    );
    assert_eq!(rows[4].cells, [Cell::Text("合计".to_owned()), amount("200000.31")]);
    let core = part(&bytes, "docProps/core.xml");
    for expected in ["发放明细", "骏才", "筛选：福州市", "2026-11-23T10:15:00Z"] {
        assert!(core.contains(expected), "{expected} in {core}");
    }
    assert!(part(&bytes, "xl/worksheets/sheet1.xml").contains("state=\"frozen\""));
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    let write = || {
        let (table, data) = payments();
        write_xlsx(&table, data).unwrap()
    };
    assert!(write() == write());
    let columns = [column("姓名", &[]), column("性别", &["男", "女"])];
    assert!(
        template("名册", &columns, &["x"]).unwrap() == template("名册", &columns, &["x"]).unwrap()
    );
}

#[test]
fn no_text_of_ours_becomes_a_formula() {
    let starts = ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"];
    let tails = ["1+1", "cmd|' /C calc'!A0", "HYPERLINK(\"http://x\")", "张三"];
    let columns = [("备注", ColumnKind::Text), ("金额", ColumnKind::Amount)];
    let table = table(&columns, false);
    for (start, tail) in starts.iter().flat_map(|start| tails.map(|tail| (start, tail))) {
        let risky = format!("{start}{tail}");
        let row = || [vec![text(&risky), CellOut::Amount(Fen::new(-5))]];
        let csv = String::from_utf8(to_csv(&table, row()).unwrap()).unwrap();
        let line = csv.strip_prefix("\u{FEFF}备注,金额\r\n").unwrap();
        let field = line.trim_start_matches('"');
        assert!(field.starts_with('\''), "{line:?}");
        assert!(line.ends_with(",-0.05\r\n"), "an amount stays a number: {line:?}");
        let sheet = part(&write_xlsx(&table, row()).unwrap(), "xl/worksheets/sheet1.xml");
        assert!(!sheet.contains("<f>"), "{sheet}");
    }
}

/// Texts that people do write: names with rare characters, separators, quotes, breaks, spaces.
fn cell_text() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "𬱖",
        "䶮",
        "㛃",
        "·",
        "张",
        ",",
        ";",
        "\"",
        "\"\"",
        "\n",
        "\t",
        " ",
        "'",
        "=",
        "&",
        "<",
        ">",
        "_x0041_",
        "_",
        "x",
        "0",
        "110105199003071234",
        "🙂",
        "\u{202E}",
        "é",
        "]]>",
    ]);
    prop::collection::vec(plain, 1..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn texts_survive_a_workbook(cells in prop::collection::vec(cell_text(), 1..5)) {
        let columns: Vec<_> = (0..=cells.len()).map(|_| ("列", ColumnKind::Text)).collect();
        let mut row = vec![text("1")];
        row.extend(cells.iter().map(|cell| text(cell)));
        let bytes = write_xlsx(&table(&columns, false), [row]).unwrap();
        prop_assert_eq!(&texts(&bytes, "a.xlsx")[1].1[1..], &cells[..]);
    }

    #[test]
    fn texts_survive_a_csv_but_for_the_mark_before_formulas(
        cells in prop::collection::vec(cell_text(), 1..5)
    ) {
        let columns: Vec<_> = (0..=cells.len()).map(|_| ("列", ColumnKind::Text)).collect();
        let mut row = vec![text("1")];
        row.extend(cells.iter().map(|cell| text(cell)));
        let bytes = to_csv(&table(&columns, false), [row]).unwrap();
        let marked = cells.iter().map(|cell| {
            if cell.starts_with(['=', '\t']) { format!("'{cell}") } else { cell.clone() }
        });
        prop_assert_eq!(&texts(&bytes, "a.csv")[1].1[1..], &marked.collect::<Vec<_>>()[..]);
    }
}

fn column<'a>(name: &'a str, choices: &'a [&'a str]) -> TemplateColumn<'a> {
    TemplateColumn {
        name,
        hint: "与身份证一致",
        required: true,
        choices,
        example: "张三",
        kind: ColumnKind::Text,
    }
}

#[test]
fn a_template_holds_only_the_header_and_offers_the_choices() {
    let columns = [column("姓名", &[]), column("证件类型", &["居民身份证", "护照"])];
    let bytes = template("核心工程师名册", &columns, &["模板版本 2026.1"]).unwrap();
    let header = vec![(1, vec!["姓名".to_owned(), "证件类型".to_owned()])];
    assert_eq!(texts(&bytes, "a.xlsx"), header);
    assert_eq!(texts(&template_csv(&columns), "a.csv"), header);
    let workbook = part(&bytes, "xl/workbook.xml");
    let at = |name: &str| workbook.find(&format!("name=\"{name}\"")).unwrap();
    assert!(at("核心工程师名册") < at("填表说明") && at("填表说明") < at("字典"));
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("sqref=\"B2:B100001\""), "{sheet}");
    assert!(sheet.contains("'字典'!$B$2:$B$3"), "{sheet}");
    let notes = part(&bytes, "xl/comments1.xml");
    assert!(notes.contains("与身份证一致") && notes.contains("必填"), "{notes}");
}

#[test]
fn an_annotated_upload_keeps_its_rows_and_says_what_is_wrong() {
    let original = "姓名,身份证号\r\n张三,110105199003071234\r\n\r\n,35\r\n";
    let issue = |row, column: &str, reason: &str, fix: &str| RowIssue {
        row,
        column: column.to_owned(),
        reason: reason.to_owned(),
        fix: fix.to_owned(),
    };
    let issues = [
        issue(4, "姓名", "姓名未填写", "请填写姓名"),
        issue(4, "身份证号", "身份证号码应为 18 位", "请核对"),
    ];
    let limits = Limits::default();
    let once = annotate(original.as_bytes(), "a.csv", &limits, &issues).unwrap();
    let read = texts(&once, "a.xlsx");
    assert_eq!(read[0], (1, ["姓名", "身份证号", ERROR_COLUMN].map(str::to_owned).to_vec()));
    assert_eq!(read[1], (2, ["张三", "110105199003071234"].map(str::to_owned).to_vec()));
    assert_eq!(read[2].0, 4, "the blank row 3 is still there");
    let explained = "【姓名】姓名未填写；请填写姓名\n【身份证号】身份证号码应为 18 位；请核对";
    assert_eq!(read[2].1, ["", "35", explained]);
    let notes = part(&once, "xl/comments1.xml");
    assert!(notes.contains("ref=\"A4\"") && notes.contains("ref=\"B4\""), "{notes}");
    assert!(part(&once, "xl/styles.xml").contains("FFFFC7CE"), "red cells");

    let twice = annotate(&once, "a.xlsx", &limits, &issues[1..]).unwrap();
    let read = texts(&twice, "a.xlsx");
    assert_eq!(read[0].1.len(), 3, "the earlier column is replaced, not doubled");
    assert_eq!(read[2].1, ["", "35", "【身份证号】身份证号码应为 18 位；请核对"]);
}
