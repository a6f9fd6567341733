//! Rows per second of reading and writing 100,000 rows of 13 columns next to inflating alone, and the
//! peak memory of each step where the system tells it. Only the ratios carry over between machines.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use chrono::DateTime;
use juncai::domain::money::Fen;
use juncai::file::reader::{Limits, read_table};
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, to_csv, write_xlsx};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const ROWS: u32 = 100_000;
const TEXTS: usize = 11;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--step") {
        return step(&arguments[at + 1], Path::new(&arguments[at + 2]));
    }
    let folder = tempfile::tempdir().expect("a folder for the files");
    // Each step runs in a process of its own, or its peak memory would be that of all before it.
    for (step, file) in [
        ("write xlsx", "inline.xlsx"),
        ("write csv", "table.csv"),
        ("write xlsx with shared texts", "shared.xlsx"),
        ("read", "inline.xlsx"),
        ("read", "shared.xlsx"),
        ("read", "table.csv"),
        ("make hostile: 1,400,000 short texts", "short.xlsx"),
        ("read hostile", "short.xlsx"),
        ("make hostile: 56 MB of long texts", "long.xlsx"),
        ("read hostile", "long.xlsx"),
    ] {
        let this = std::env::current_exe().expect("this program has a path");
        let path = folder.path().join(file);
        let mut child = Command::new(this);
        let status = child.arg("--step").arg(step).arg(&path).status().expect("starts again");
        assert!(status.success(), "{step} {file}");
    }
}

fn step(name: &str, path: &Path) {
    let read_file = || std::fs::read(path).expect("an earlier step wrote it");
    let shown = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let start = Instant::now();
    let written = match name {
        "write xlsx" => write_xlsx(&table(), rows()).expect("writes"),
        "write csv" => to_csv(&table(), rows()).expect("writes"),
        "write xlsx with shared texts" => with_shared_strings(),
        "make hostile: 1,400,000 short texts" => heavy(1_400_000, 1),
        "make hostile: 56 MB of long texts" => heavy(14_000, 250),
        "read" => {
            let bytes = read_file();
            let limit = if shown.ends_with(".xlsx") { inflate(&bytes) } else { 0 };
            let inflated = start.elapsed().as_secs_f64();
            read(&bytes, &shown);
            let ratio = start.elapsed().as_secs_f64() / inflated - 1.0;
            if limit > 0 {
                println!("{shown}: {} MiB inflated in {inflated:.2} s", limit >> 20);
                println!("{shown}: reading takes {ratio:.1} x opening and inflating");
            }
            Vec::new()
        }
        _ => {
            heavy_read(&read_file());
            Vec::new()
        }
    };
    report(&format!("{shown}: {name}"), start.elapsed().as_secs_f64());
    if !written.is_empty() {
        std::fs::write(path, &written).expect("the folder takes it");
        println!("{shown}: {} KiB", written.len() >> 10);
    }
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
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(rows()) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                CellOut::Text(text) => sheet.write_string(row, column, text),
                _ => sheet.write_number(row, column, row),
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

fn inflate(bytes: &[u8]) -> u64 {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("is a zip");
    let (mut total, mut buffer) = (0, vec![0; 64 << 10]);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("is there");
        while let Ok(read @ 1..) = part.read(&mut buffer) {
            total += read as u64;
        }
    }
    total
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

fn report(name: &str, seconds: f64) {
    let peak = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        status.lines().find_map(|line| line.strip_prefix("VmHWM:").map(|kb| kb.trim().to_owned()))
    });
    let peak = peak.as_deref().unwrap_or("unknown");
    println!("{name}: {seconds:.2} s, {:.0} rows/s, peak {peak}", f64::from(ROWS) / seconds);
}
