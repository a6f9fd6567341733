//! Honest uploads read as their spreadsheet program shows them.

use std::ops::ControlFlow;

use encoding_rs::GB18030;
use juncai::file::reader::{Limits, TableFormat, TextEncoding, read_table};
use juncai::file::table::Cell;

use super::build::{Package, inline, worksheet};
use super::{rows, shown, texts};

#[test]
fn every_kind_of_cell_keeps_what_the_sheet_says() {
    let strings =
        "<sst count='1' uniqueCount='1'><si><r><t>核心</t></r><r><t>工程师</t></r></si></sst>";
    let sheet = format!(
        "<row r='1'>{}</row><row r='3'>\
         <c r='A3' t='s'><v>0</v></c><c r='B3'><v>1.10105199003071E+17</v></c>\
         <c r='C3' s='1'><v>46349</v></c><c r='D3' t='b'><v>1</v></c>\
         <c r='E3' t='e'><v>#N/A</v></c><c r='F3'><f>1+1</f><v>2</v></c>\
         <c r='G3' t='str'><f>A3</f><v>甲&amp;乙</v></c><c r='H3' t='d'><v>2026-11-23</v></c>\
         <c r='J3'><v>0.1</v></c></row>",
        inline("A1", "姓名")
    );
    let bytes = Package::sheet(&sheet).part("xl/sharedStrings.xml", strings).zip();
    let (summary, rows) = rows(&bytes, "a.xlsx").unwrap();
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let expected = [
        Cell::Text("核心工程师".to_owned()),
        Cell::Number("110105199003071000".to_owned()),
        Cell::Date(date),
        Cell::Text("是".to_owned()),
        Cell::Invalid("#N/A".to_owned()),
        Cell::Number("2".to_owned()),
        Cell::Text("甲&乙".to_owned()),
        Cell::Date(date),
        Cell::Empty,
        Cell::Number("0.1".to_owned()),
    ];
    assert_eq!(rows[1].number, 3, "the blank row 2 counts but is not handed over");
    assert_eq!(rows[1].cells, expected);
    assert_eq!((summary.header_columns, summary.data_rows, summary.last_row), (1, 1, 3));
}

#[test]
fn the_first_visible_sheet_is_read_in_its_own_date_system() {
    let row = |text: &str| {
        format!(
            "<row r='1'>{}</row><row r='2'><c r='A2' s='1'><v>0</v></c></row>",
            inline("A1", text)
        )
    };
    let bytes = Package::workbook("date1904='1'", &["hidden", "visible"])
        .part("xl/worksheets/sheet1.xml", worksheet(&row("旧")))
        .part("xl/worksheets/sheet2.xml", worksheet(&row("日期")))
        .zip();
    let (summary, rows) = rows(&bytes, "a.xlsx").unwrap();
    assert_eq!(summary.format, TableFormat::Xlsx { sheet: "表2".to_owned() });
    let read: Vec<String> = rows.into_iter().flat_map(|row| row.cells).map(shown).collect();
    assert_eq!(read, ["日期", "1904-01-01"]);
}

#[test]
fn the_same_table_reads_alike_in_all_encodings_and_with_all_delimiters() {
    let text = "姓名;备注\r\n𬱖䶮·买买提;\"a;\"\"b\"\"\r\nc\"\r\n\r\n李四;\r\n";
    let expected = vec![
        (1, vec!["姓名".to_owned(), "备注".to_owned()]),
        (2, vec!["𬱖䶮·买买提".to_owned(), "a;\"b\"\r\nc".to_owned()]),
        (4, vec!["李四".to_owned()]),
    ];
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let files = [
        (text.as_bytes().to_vec(), TextEncoding::Utf8),
        (format!("\u{FEFF}{text}").into_bytes(), TextEncoding::Utf8),
        (GB18030.encode(text).0.into_owned(), TextEncoding::Gb18030),
        (utf16(u16::to_le_bytes), TextEncoding::Utf16),
        (utf16(u16::to_be_bytes), TextEncoding::Utf16),
    ];
    for (bytes, encoding) in files {
        let (summary, _) = rows(&bytes, "a.csv").unwrap();
        assert_eq!(summary.format, TableFormat::Csv { encoding, delimiter: ';' });
        assert_eq!(texts(&bytes, "a.csv"), expected);
    }
}

#[test]
fn the_receiver_can_stop_after_the_header() {
    let mut seen = 0;
    let summary = read_table(b"a\n1\n2\n", "a.csv", &Limits::default(), &mut |_| {
        seen += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!((seen, summary.data_rows, summary.stopped), (1, 0, true));
}
