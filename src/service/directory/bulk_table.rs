//! The answer to a bulk look-up as a workbook: a row for every payment, year, or line without one.

use chrono::NaiveDateTime;

use super::bulk::{BulkLine, PaymentRow};
use super::years::YearLine;
use crate::domain::adjustment::LedgerState;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, WriteError, write_xlsx};

/// Writes the table.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(
    lines: &[BulkLine],
    comment: String,
    created_at: NaiveDateTime,
) -> Result<Vec<u8>, WriteError> {
    let column = |(name, width, kind): (&str, f64, ColumnKind)| ColumnSpec {
        name: name.to_owned(),
        width,
        kind,
    };
    let columns = [
        ("行号", 8.0, ColumnKind::Integer),
        ("核查结果", 10.0, ColumnKind::Text),
        ("说明", 28.0, ColumnKind::Text),
        ("编号", 12.0, ColumnKind::Text),
        ("姓名", 10.0, ColumnKind::Text),
        ("证件号码", 22.0, ColumnKind::Text),
        ("企业", 32.0, ColumnKind::Text),
        ("年度", 8.0, ColumnKind::Integer),
        ("计入月数", 10.0, ColumnKind::Integer),
        ("应发（元）", 16.0, ColumnKind::Amount),
        ("年度状态", 10.0, ColumnKind::Text),
        ("批次", 14.0, ColumnKind::Text),
        ("发放金额（元）", 16.0, ColumnKind::Amount),
        ("发放日期", 12.0, ColumnKind::Date),
        ("发放结果", 10.0, ColumnKind::Text),
    ];
    let table = Table {
        title: "名单核查".to_owned(),
        columns: columns.into_iter().map(column).collect(),
        total_row: false,
        comment,
        created_at,
    };
    write_xlsx(&table, lines.iter().flat_map(rows))
}

/// The rows of a line. What a year came to stands beside its first payment only.
fn rows(line: &BulkLine) -> Vec<Vec<CellOut>> {
    let mut rows = Vec::new();
    for year in &line.years {
        let paid: Vec<&PaymentRow> =
            line.payments.iter().filter(|p| p.year == i64::from(year.year)).collect();
        rows.push(row(line, Some(year), paid.first().copied()));
        rows.extend(paid.iter().skip(1).map(|payment| row(line, None, Some(payment))));
    }
    let decided =
        |payment: &&PaymentRow| line.years.iter().any(|year| i64::from(year.year) == payment.year);
    let others = line.payments.iter().filter(|payment| !decided(payment));
    rows.extend(others.map(|payment| row(line, None, Some(payment))));
    if rows.is_empty() {
        rows.push(row(line, None, None));
    }
    rows
}

fn row(line: &BulkLine, year: Option<&YearLine>, payment: Option<&PaymentRow>) -> Vec<CellOut> {
    let text = |text: &str| {
        if text.is_empty() { CellOut::Empty } else { CellOut::Text(text.to_owned()) }
    };
    let number = |number: Option<i64>| number.map_or(CellOut::Empty, CellOut::Integer);
    let amount = |amount: Option<Fen>| amount.map_or(CellOut::Empty, CellOut::Amount);
    let award_year = year.map(|year| i64::from(year.year)).or(payment.map(|p| p.year));
    vec![
        CellOut::Integer(i64::from(line.line)),
        text(line.state.label()),
        text(&line.note),
        text(&line.person_no),
        text(&line.name),
        text(&line.masked),
        text(&line.enterprise),
        number(award_year),
        number(year.and_then(|year| year.months)),
        amount(year.map(|year| year.net)),
        text(year.map_or("", |year| LedgerState::label(year.state))),
        text(payment.map_or("", |payment| payment.batch_no.as_str())),
        amount(payment.map(|payment| payment.amount)),
        payment.and_then(|payment| payment.paid_on).map_or(CellOut::Empty, CellOut::Date),
        text(payment.map_or("", |payment| payment.state)),
    ]
}
