//! 100,000 rows of 13 columns written and read, beside a writer and a reader that do nothing else; and
//! what hostile workbooks cost.

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use calamine::{Reader, Xlsx};
use chrono::DateTime;
use juncai::domain::money::Fen;
use juncai::file::reader::{Limits, read_table};
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, to_csv, write_xlsx};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::figure::{Figure, say};
use crate::place::{Place, peak_megabytes};

const ROWS: u32 = 100_000;
const TEXTS: usize = 11;

pub const STEPS: &[&str] = &[
    "write",
    "write csv",
    "shared",
    "read inline.xlsx",
    "read shared.xlsx",
    "read table.csv",
    "make short.xlsx",
    "hostile short.xlsx",
    "make long.xlsx",
    "hostile long.xlsx",
];

pub fn run(step: &str, place: &Place) {
    let keep = |name: &str, bytes: Vec<u8>| {
        std::fs::write(place.folder.join(name), bytes).expect("the folder takes it");
    };
    match step.split_once(' ') {
        None if step == "write" => keep("inline.xlsx", write()),
        None => keep("shared.xlsx", with_shared_strings()),
        Some(("write", _)) => {
            let start = Instant::now();
            keep("table.csv", to_csv(&table(), rows()).expect("writes"));
            println!("csv written in {:.2} s", start.elapsed().as_secs_f64());
        }
        Some(("make", "short.xlsx")) => keep("short.xlsx", heavy(1_400_000, 1)),
        Some(("make", name)) => keep(name, heavy(14_000, 250)),
        Some((kind, name)) => {
            let bytes = std::fs::read(place.folder.join(name)).expect("an earlier step wrote it");
            if kind == "hostile" { heavy_read(&bytes) } else { read_both(&bytes, name) }
        }
    }
}

/// Ours first, or the memory would not be its own.
fn write() -> Vec<u8> {
    let start = Instant::now();
    let bytes = write_xlsx(&table(), rows()).expect("writes");
    let (seconds, peak) = (start.elapsed().as_secs_f64(), peak_megabytes());
    let start = Instant::now();
    let plain = plain_workbook(true);
    let limit = (start.elapsed().as_secs_f64(), "constant-memory writer alone");
    println!("{} KiB, plain {} KiB", bytes.len() >> 10, plain.len() >> 10);
    let rows = |figure: Figure| say(&Figure { size: u64::from(ROWS), ..figure });
    rows(Figure::cost("export of a workbook", seconds, "s", limit).goal(0.67));
    rows(Figure::cost("export, peak memory", peak, "MB", (50.0, "wanted")));
    bytes
}

fn read_both(bytes: &[u8], name: &str) {
    let start = Instant::now();
    read(bytes, name);
    let (seconds, peak) = (start.elapsed().as_secs_f64(), peak_megabytes());
    println!("{name} read in {seconds:.2} s, peak {peak:.0} MB");
    if name.ends_with(".xlsx") {
        let start = Instant::now();
        walk(bytes);
        let limit = (start.elapsed().as_secs_f64(), "walking over the cells");
        let figure = Figure::cost(&format!("read {name}"), seconds, "s", limit).goal(0.5);
        say(&Figure { size: u64::from(ROWS), ..figure });
    }
}

/// Looks at every cell of a workbook and keeps nothing.
pub fn walk(bytes: &[u8]) {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = workbook.sheet_names().first().cloned().expect("a sheet");
    let mut cells = workbook.worksheet_cells_reader(&sheet).expect("cells");
    let mut seen = 0_usize;
    while let Some(cell) = cells.next_cell().expect("a sound workbook") {
        seen += usize::from(cell.get_position().0 > 0);
    }
    assert!(seen > 0, "cells");
}

fn table() -> Table {
    let column = |index: usize| {
        let kind = if index < TEXTS { ColumnKind::Text } else { ColumnKind::Amount };
        ColumnSpec { name: format!("列{index}"), width: 16.0, kind }
    };
    Table {
        title: "名册".to_owned(),
        columns: (0..TEXTS + 2).map(column).collect(),
        total_row: true,
        comment: String::new(),
        created_at: DateTime::UNIX_EPOCH.naive_utc(),
    }
}

fn rows() -> impl Iterator<Item = Vec<CellOut>> {
    (1..ROWS).map(|number| {
        let mut cells: Vec<_> =
            (0..TEXTS).map(|index| CellOut::Text(format!("某某{index}公司{number:06}"))).collect();
        cells.push(CellOut::Amount(Fen::new(i64::from(number) * 101)));
        cells.push(CellOut::Amount(Fen::new(20_000_000)));
        cells
    })
}

/// The same rows the way Excel stores them: every text in a table that readers hold in memory.
fn with_shared_strings() -> Vec<u8> {
    plain_workbook(false)
}

/// The same rows by the library alone.
fn plain_workbook(in_constant_memory: bool) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = if in_constant_memory {
        workbook.add_worksheet_with_constant_memory().expect("a sheet")
    } else {
        workbook.add_worksheet()
    };
    for (row, cells) in (0..).zip(rows()) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                CellOut::Text(text) => sheet.write_string(row, column, text),
                _ => sheet.write_number(row, column, f64::from(row) * 1.01),
            }
            .expect("fits a sheet");
        }
    }
    workbook.save_to_buffer().expect("writes")
}

/// A workbook whose shared texts are as many or as long as the reader lets pass: `count` of them,
/// each `length` times 16 digits that do not repeat.
fn heavy(count: u64, length: u64) -> Vec<u8> {
    let part = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut texts = String::from("<sst>");
    for text in 0..count {
        texts.push_str("<si><t>");
        for piece in 0..length {
            let digits = (text * length + piece).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let _ = write!(texts, "{digits:016x}");
        }
        texts.push_str("</t></si>");
    }
    texts.push_str("</sst>");
    let parts = [
        ("[Content_Types].xml", format!("<Types><Default ContentType='{part}'/></Types>")),
        (
            "_rels/.rels",
            format!(
                "<Relationships><Relationship Type='{relation}/officeDocument' \
                 Target='xl/workbook.xml'/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='a' id='r1'/></sheets></workbook>".into(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id='r1' Type='{relation}/worksheet' \
                 Target='sheet1.xml'/></Relationships>"
            ),
        ),
        (
            "xl/sheet1.xml",
            "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData>\
             </worksheet>"
                .into(),
        ),
        ("xl/sharedStrings.xml", texts),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a new part");
        zip.write_all(content.as_bytes()).expect("writes to memory");
    }
    zip.finish().expect("writes to memory").into_inner()
}

fn heavy_read(bytes: &[u8]) {
    // Either outcome is fine; the point is what it costs.
    let result =
        read_table(bytes, "a.xlsx", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    println!("hostile: {}", result.map_or_else(|error| error.to_string(), |_| "read".to_owned()));
}

fn read(bytes: &[u8], name: &str) {
    let mut cells = 0;
    let summary = read_table(bytes, name, &Limits::default(), &mut |row| {
        cells += row.cells.len();
        ControlFlow::Continue(())
    })
    .expect("reads");
    assert!(summary.data_rows >= ROWS - 2 && cells > 12 * summary.data_rows as usize);
}
