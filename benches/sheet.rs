//! Rows per second of reading and writing 100,000 rows of 13 columns, as ratios to inflating alone,
//! and the peak memory of each step where the system tells it.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::time::Instant;

use chrono::DateTime;
use juncai::domain::money::Fen;
use juncai::file::reader::{Limits, read_table};
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, to_csv, write_xlsx};
use zip::ZipArchive;

const ROWS: u32 = 100_000;
const TEXTS: usize = 11;

fn main() {
    let (table, mut inflated) = (table(), 0);
    let (written, xlsx) = measure(|| write_xlsx(&table, rows()).expect("writes"));
    report("write xlsx (constant memory)", written, None);
    let (csv_written, csv) = measure(|| to_csv(&table, rows()).expect("writes"));
    report("write csv", csv_written, None);
    let (limit, ()) = measure(|| inflated = inflate(&xlsx));
    report("inflate alone", limit, Some(limit));
    let (inline, ()) = measure(|| read(&xlsx, "a.xlsx"));
    report("read xlsx, inline texts", inline, Some(limit));
    let shared = with_shared_strings();
    let (limit, ()) = measure(|| inflated = inflate(&shared));
    report("inflate alone, shared texts", limit, Some(limit));
    let (read_shared, ()) = measure(|| read(&shared, "a.xlsx"));
    report("read xlsx, shared texts", read_shared, Some(limit));
    let (read_csv, ()) = measure(|| read(&csv, "a.csv"));
    report("read csv", read_csv, None);
    let sizes = [xlsx.len(), shared.len(), csv.len()].map(|bytes| bytes >> 20);
    println!("MiB: xlsx inline, shared, csv {sizes:?}; shared inflated {}", inflated >> 20);
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

fn measure<T>(work: impl FnOnce() -> T) -> (f64, T) {
    // Writing 5 resets the peak, where the system allows it.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let start = Instant::now();
    let result = work();
    (start.elapsed().as_secs_f64(), result)
}

fn report(name: &str, seconds: f64, limit: Option<f64>) {
    let peak = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        status.lines().find_map(|line| line.strip_prefix("VmHWM:").map(|kb| kb.trim().to_owned()))
    });
    let ratio = limit.map(|limit| format!(", {:.1} x inflating", seconds / limit));
    println!(
        "{name}: {:.2} s, {:.0} rows/s{}, peak {}",
        seconds,
        f64::from(ROWS) / seconds,
        ratio.unwrap_or_default(),
        peak.as_deref().unwrap_or("unknown")
    );
}
