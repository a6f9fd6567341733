//! The import forms on the sample workbooks: what an officer uploads on the first day.

use std::path::PathBuf;

use calamine::{Data, Reader, Xlsx, open_workbook};
use chrono::{Days, NaiveDate};
use juncai::domain::registry::Code;
use juncai::file::form::{
    CellIssue, EngineerParser, EngineerRow, EnterpriseParser, EnterpriseRow, EvidenceRow, FormRow,
    OtherAwardRow, Parser, ReturnRow, bind_header,
};
use juncai::file::table::{Cell, Row};

fn sample(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "shared", "samples", name].iter().collect()
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::Text(text.clone()),
        Data::Float(number) => Cell::Number(number.to_string()),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::DateTime(stamp) => {
            let serial = format!("{:.0}", stamp.as_f64()).parse().expect("a whole day");
            let zero = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a date");
            Cell::Date(zero + Days::new(serial))
        }
        other => Cell::Invalid(other.to_string()),
    }
}

/// Header cells and rows of the first sheet, numbered as a spreadsheet program shows them.
fn table(name: &str) -> (Vec<Cell>, Vec<Row>) {
    let mut book: Xlsx<_> = open_workbook(sample(name)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let mut rows = (1..)
        .zip(range.rows())
        .map(|(number, row)| Row { number, cells: row.iter().map(cell).collect() });
    let header = rows.next().expect("a header").cells;
    (header, rows.collect())
}

fn parse_all<R: FormRow>(name: &str) -> (Vec<R>, Vec<String>, Vec<CellIssue>) {
    let (header, rows) = table(name);
    let mut parser = Parser::<R>::new(bind_header(R::KIND, &header).expect("the sample's header"));
    let (mut records, mut warnings, mut issues) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        match parser.parse(row) {
            Ok((record, notes)) => {
                records.push(record);
                warnings.extend(notes.into_iter().map(|note| note.reason));
            }
            Err(found) => issues.extend(found),
        }
    }
    (records, warnings, issues)
}

#[test]
fn the_faulty_declaration_yields_exactly_the_expected_issues() {
    let expected = std::fs::read_to_string(sample("核心工程师申报-含错误.expected.csv"))
        .expect("the expected issues");
    let (records, _, issues) = parse_all::<EngineerRow>("核心工程师申报-含错误.xlsx");
    let mut found = String::from("行号,列,原因\n");
    for issue in &issues {
        found.push_str(&format!("{},{},{}\n", issue.row, issue.column, issue.reason));
        assert!(!issue.fix.is_empty(), "row {} says what to do", issue.row);
    }
    let expected = expected.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    assert_eq!(found.trim_end(), expected.trim_end());
    assert_eq!(records.len() + issues.len(), 24);
    let by_text = records.iter().find(|record| record.name.as_str() == "张金凤").expect("row 22");
    assert_eq!(by_text.hired.to_string(), "2024-03-01");
    let padded = records.iter().find(|record| record.name.as_str() == "楼冬梅").expect("row 23");
    assert_eq!(padded.document.number(), "350102199801263441");
    assert!(records.iter().any(|record| record.name.as_str() == "鞠红"), "row 24 is trimmed");
}

#[test]
fn stored_issues_never_hold_a_full_number() {
    let (_, _, issues) = parse_all::<EngineerRow>("核心工程师申报-含错误.xlsx");
    let shown = |row| issues.iter().find(|issue| issue.row == row).map(|i| i.shown.as_str());
    assert_eq!(shown(3), Some("35*************191"));
    assert_eq!(shown(17), Some("62**************567"));
    assert_eq!(shown(9), Some(""));
    assert_eq!(shown(13), Some("兼职"));
}

/// The samples were drawn at random: two of their 54 rows put somebody on the roster before the
/// employment began. They are the only ones refused.
#[test]
fn the_good_declarations_are_read_whole_but_for_two_early_roster_dates() {
    let (mut count, mut refused) = (0, Vec::new());
    for uscc in ["91350128MA0L23DLX8", "91350302MAEMA1Y145", "91350802MAWYLF554M"] {
        let (records, warnings, issues) =
            parse_all::<EngineerRow>(&format!("核心工程师申报-{uscc}.xlsx"));
        assert_eq!(warnings, Vec::<String>::new(), "{uscc}");
        assert_eq!(records[0].document.country(), "CHN", "a passport of Chinese form");
        count += records.len();
        refused.extend(issues.into_iter().map(|issue| (uscc, issue.row, issue.reason)));
    }
    let early = |uscc, row| (uscc, row, "入册日期早于入职日期".to_owned());
    assert_eq!(refused, [early("91350128MA0L23DLX8", 17), early("91350302MAEMA1Y145", 15)]);
    assert_eq!(count, 52);
}

#[test]
fn the_enterprise_list_is_read_whole_and_twice_is_once_too_often() {
    let (header, rows) = table("骨干企业清单.xlsx");
    let binding = bind_header(EnterpriseRow::KIND, &header).expect("the sample's header");
    let mut parser = EnterpriseParser::new(binding);
    for row in &rows {
        let (enterprise, warnings) = parser.parse(row).expect("a good row");
        assert_eq!(warnings, [], "{}", enterprise.name);
        assert_eq!(
            enterprise.listed_through.map(|day| day.to_string()).as_deref(),
            Some("2028-12-31")
        );
        assert!((3..=8).contains(&enterprise.recognition_quota));
    }
    assert_eq!(rows.len(), 40);
    let again = Row { number: 42, cells: rows[0].cells.clone() };
    let issues = parser.parse(&again).expect_err("a repeated enterprise");
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0].reason, "与第2行统一社会信用代码重复");
}

#[test]
fn one_row_reports_all_its_faults_in_column_order() {
    let (header, rows) = table("核心工程师申报-含错误.xlsx");
    let reversed: Vec<Cell> = header.iter().rev().cloned().collect();
    let binding = bind_header(EngineerRow::KIND, &reversed).expect("any order");
    let mut row = rows[0].clone();
    row.cells.reverse();
    row.cells[0] = Cell::Number("6217008631662980000".to_owned());
    row.cells[5] = Cell::Text("3.50102E+17".to_owned());
    row.cells[12] = Cell::Text("王\u{e863}".to_owned());
    row.cells[10] = Cell::Text("3.50102E+17".to_owned());
    let issues = EngineerParser::new(binding).parse(&row).expect_err("four faults");
    let found: Vec<_> = issues.iter().map(|i| (i.column.as_str(), i.reason.as_str())).collect();
    assert_eq!(
        found,
        [
            ("姓名", "姓名含有私用区字符U+E863，请改用规范汉字"),
            ("证件号码", "号码是科学计数法，末尾数字已丢失"),
            ("入职日期", "日期格式错误"),
            ("银行账号", "号码不能是数字格式，Excel会丢失末尾数字"),
        ]
    );
}

fn text_row(number: u32, cells: &[&str]) -> Row {
    Row { number, cells: cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect() }
}

/// A parser for a table that has exactly the template's columns.
fn template<R: FormRow>() -> Parser<R> {
    let header: Vec<Cell> =
        R::KIND.columns().iter().map(|column| Cell::Text(column.name.to_owned())).collect();
    Parser::new(bind_header(R::KIND, &header).expect("the template"))
}

fn faults<R: FormRow + std::fmt::Debug>(parser: &mut Parser<R>, row: &Row) -> Vec<String> {
    let issues = parser.parse(row).expect_err("a bad row");
    issues.into_iter().map(|issue| format!("{}：{}", issue.column, issue.reason)).collect()
}

#[test]
fn the_example_of_every_template_is_a_good_row() {
    fn good<R: FormRow + std::fmt::Debug>() {
        let examples: Vec<&str> = R::KIND.columns().iter().map(|column| column.example).collect();
        let (_, warnings) = template::<R>().parse(&text_row(2, &examples)).expect("good");
        assert_eq!(warnings, [], "{}", R::KIND.title());
    }
    good::<EngineerRow>();
    good::<EnterpriseRow>();
    good::<EvidenceRow>();
    good::<OtherAwardRow>();
    good::<ReturnRow>();
}

#[test]
fn evidence_is_one_month_of_one_person_from_one_payer() {
    let mut parser = template::<EvidenceRow>();
    let person = ["张三", "身份证", "350102199003079981"];
    let rest = |month, source, state| {
        [&person[..], &[month, "91350100MAFAKE000K", source, state]].concat()
    };
    let (row, _) = parser.parse(&text_row(2, &rest("2026-01", "社保", ""))).expect("good");
    assert_eq!(row.month.to_string(), "2026-01-01");
    assert!(!row.paid_late);
    let (late, _) = parser.parse(&text_row(3, &rest("2026年2月", "社保", "补缴"))).expect("good");
    assert!(late.paid_late);
    parser.parse(&text_row(4, &rest("2026-01", "个税", ""))).expect("another source");
    let repeated = text_row(5, &rest("2026/1", "社保", "补缴"));
    assert_eq!(faults(&mut parser, &repeated), ["月份：与第2行同一人同月份重复"]);
    let strange = text_row(6, &rest("2026-13", "工资", "欠缴"));
    assert_eq!(
        faults(&mut parser, &strange),
        [
            "月份：月份不存在",
            "来源：只能填 社保、个税 或 工作许可",
            "缴费状态：只能填 正常 或 补缴"
        ]
    );
}

#[test]
fn other_awards_name_their_group_and_an_exact_amount() {
    let mut parser = template::<OtherAwardRow>();
    let row = |year, amount| {
        let person = ["张三", "居民身份证", "350102199003079981"];
        [&person[..], &["八闽英才", "省级人才奖补", year, amount, "省人社厅", ""]].concat()
    };
    let (award, _) = parser.parse(&text_row(2, &row("2026", "80,000"))).expect("good");
    assert_eq!(award.group, "省级人才奖补");
    assert_eq!((award.year, award.amount.to_string().as_str()), (2026, "80000.00"));
    assert_eq!(
        faults(&mut parser, &text_row(3, &row("2026年", "1"))),
        ["奖补项目：与第2行同一人同年度同项目重复"]
    );
    assert_eq!(
        faults(&mut parser, &text_row(4, &row("26", "0.001"))),
        ["所属年度：所属年度应为四位年份", "金额：金额最多两位小数"]
    );
}

#[test]
fn a_bank_return_says_what_became_of_each_line() {
    let mut parser = template::<ReturnRow>();
    let paid = ["PL-1", "S", "200000.00", "ICBC1", "2027-03-15 10:20:30", "", ""];
    let (row, _) = parser.parse(&text_row(2, &paid)).expect("good");
    assert_eq!((row.status.code(), row.paid_amount.get()), ("S", 20_000_000));
    assert_eq!(row.paid_at.map(|at| at.to_string()).as_deref(), Some("2027-03-15 10:20:30"));
    let failed = ["PL-2", "F", "0.00", "", "", "", "户名不符"];
    let (row, _) = parser.parse(&text_row(3, &failed)).expect("good");
    assert_eq!((row.paid_amount.get(), row.paid_at), (0, None));
    parser.parse(&text_row(4, &["PL-3", "R", "", "", "", "", ""])).expect("sent back later");
    for (cells, expected) in [
        (
            ["PL-4", "S", "", "", "", "", ""],
            &[
                "paid_amount：成功行的paid_amount必填",
                "bank_serial：成功行的bank_serial必填",
                "paid_at：成功行的paid_at必填",
            ][..],
        ),
        (
            ["PL-5", "S", "0", "A1", "2027-03-15", "", ""],
            &["paid_amount：成功行的paid_amount应大于0"],
        ),
        (
            ["PL-6", "F", "1", "", "", "", ""],
            &["paid_amount：失败行的paid_amount应为0或不填", "reason_code：失败行应填写原因"],
        ),
        (["PL-7", "X", "", "", "", "", ""], &["status：只能填 S、F 或 R"]),
        (["PL-2", "F", "", "", "", "E1", ""], &["line_id：与第3行line_id重复"]),
        (["", "S", "1", "A1", "2027-03-15", "", ""], &["line_id：line_id必填"]),
    ] {
        assert_eq!(faults(&mut parser, &text_row(5, &cells)), expected, "{cells:?}");
    }
}

#[test]
fn a_division_is_a_county_in_use_and_the_place_only_cross_checks_it() {
    let row = |code, place| {
        let mut cells: Vec<&str> =
            EnterpriseRow::KIND.columns().iter().map(|column| column.example).collect();
        cells[2] = code;
        cells[3] = place;
        template::<EnterpriseRow>().parse(&text_row(2, &cells))
    };
    let (_, warnings) = row("350128", "平潭综合实验区").expect("good");
    assert_eq!(warnings, []);
    let (_, warnings) = row("350102", "厦门市思明区").expect("good, but look");
    assert_eq!(warnings[0].reason, "与区划代码不一致：350102是福州市鼓楼区");
    for (code, reason) in [
        ("350402", "区划代码已停用"),
        ("110101", "区划代码不在福建省区划内"),
        ("350100", "应填写县级区划代码"),
        ("3501", "区划代码应为6位数字"),
    ] {
        let issues = row(code, "").expect_err("refused");
        assert_eq!((issues.len(), issues[0].reason.as_str()), (1, reason), "{code}");
    }
}
