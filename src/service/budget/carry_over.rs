//! What the end of a budget year leaves: money to carry over or to give back, what banks have not
//! answered, what came back or is kept and waits for the next year's money (domain.md 5.5 item 9,
//! 7.12).

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::{BudgetLine, lines, payer_name, source_name, visible_payer};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::State;
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind};
use crate::service::{Actor, Error, log, sheet};
use crate::store::budget::{BudgetFilter, BudgetKey};
use crate::store::budget_request;
use crate::store::money_view::{self as store, OpenBatch, WaitingLine};

/// A budget line of the year with what is proposed for its rest.
#[derive(Debug, Clone)]
pub struct RestLine {
    /// The line.
    pub line: BudgetLine,
    /// What is proposed to be carried over or given back, and not decided.
    pub proposed: Fen,
}

/// The list.
#[derive(Debug, Clone)]
pub struct CarryOver {
    /// Budget year.
    pub year: i64,
    /// Whether the year is over, so that its rest can be dealt with.
    pub is_over: bool,
    /// Its budget lines.
    pub lines: Vec<RestLine>,
    /// Batches with lines that no bank has answered.
    pub open: Vec<OpenBatch>,
    /// What a bank did not pay and that waits to be paid again; the last attempt used this year.
    pub failed: Vec<WaitingLine>,
    /// What is kept back today, of any year.
    pub held: Vec<WaitingLine>,
}

/// The list of a budget year (the last one that is over when the text names none) for the actor's
/// payer.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadBatches`].
pub async fn carry_over(app: &App, actor: &Actor, year: &str) -> Result<CarryOver, Error> {
    actor.must(Act::ReadBatches)?;
    let (conn, today) = (app.db.read(), app.clock.today());
    let year =
        year.trim().parse().ok().filter(|year| NaiveDate::from_ymd_opt(*year, 1, 1).is_some());
    let year = year.unwrap_or(today.year() - 1);
    let payer = visible_payer(actor).unwrap_or_default();
    let budget_year = i64::from(year);
    let filter = BudgetFilter {
        payer_division: visible_payer(actor).map(str::to_owned),
        budget_year: Some(budget_year),
        ..BudgetFilter::default()
    };
    let mut waiting = budget_request::all(conn, &filter).await?;
    waiting.retain(|row| row.decided_at.is_none());
    let rest = |line: BudgetLine| {
        let of_line = waiting.iter().filter(|row| budget_request::key(row) == line.key);
        let proposed = Fen::checked_sum(of_line.map(|row| Fen::new(row.amount_fen)));
        Ok(RestLine { proposed: proposed.ok_or_else(super::overflow)?, line })
    };
    let mut failed = store::failed_lines(conn, payer).await?;
    failed.retain(|line| line.budget_year == Some(budget_year));
    let lines = lines(app, actor, Some(year)).await?;
    Ok(CarryOver {
        year: budget_year,
        is_over: year < today.year(),
        lines: lines.into_iter().map(rest).collect::<Result<_, Error>>()?,
        open: store::open_batches(conn, (budget_year, payer)).await?,
        failed,
        held: store::held_lines(conn, payer).await?,
    })
}

/// What users read for the state of a batch.
pub fn batch_state(state: &str) -> &'static str {
    State::from_code(state).map_or("未知", Code::label)
}

const COLUMNS: &[sheet::Column] = &[
    ("类别", ColumnKind::Text, 16.0),
    ("资金来源", ColumnKind::Text, 14.0),
    ("付款单位", ColumnKind::Text, 20.0),
    ("凭据", ColumnKind::Text, 16.0),
    ("收款人", ColumnKind::Text, 14.0),
    ("奖补年度", ColumnKind::Text, 10.0),
    ("说明", ColumnKind::Text, 40.0),
    ("金额（元）", ColumnKind::Amount, 18.0),
];

/// The list as a workbook, with its name. That it was taken away is logged.
///
/// # Errors
/// As [`carry_over`].
pub async fn carry_over_workbook(
    app: &App,
    actor: &Actor,
    year: &str,
) -> Result<(String, Vec<u8>), Error> {
    let found = carry_over(app, actor, year).await?;
    let rests = found.lines.iter().map(rest_cells);
    let open = found.open.iter().map(open_cells);
    let failed = found.failed.iter().map(|line| waiting_cells("退票待重发", line));
    let held = found.held.iter().map(|line| waiting_cells("暂缓发放", line));
    let rows: Vec<_> = rests.chain(open).chain(failed).chain(held).collect();
    let title = format!("{} 年年终结转清单", found.year);
    let count = rows.len();
    let bytes = sheet::workbook(app, actor, &title, COLUMNS, rows.into_iter())?;
    let tx = app.db.begin().await?;
    let object = format!("{}", found.year);
    let detail = json!({ "lines": count });
    log(app, &tx, actor, "budget.carry_over_exported", ("budget", &object), &detail).await?;
    tx.commit().await?;
    Ok((format!("{title}.xlsx"), bytes))
}

fn texts(words: [String; 7], amount: Fen) -> Vec<CellOut> {
    words.map(CellOut::Text).into_iter().chain([CellOut::Amount(amount)]).collect()
}

fn rest_cells(rest: &RestLine) -> Vec<CellOut> {
    let BudgetKey { source, payer_division, .. } = &rest.line.key;
    let said = format!("待确认处理 {} 元", rest.proposed.grouped());
    let said = if rest.proposed == Fen::ZERO { String::new() } else { said };
    let words = ["余额", &source_name(source), &payer_name(payer_division), "", "", "", &said];
    texts(words.map(str::to_owned), rest.line.figures.available)
}

fn open_cells(open: &OpenBatch) -> Vec<CellOut> {
    let said = format!("{}，{} 笔银行未答复", batch_state(&open.state), open.lines);
    let words = [
        "在途和占用",
        &source_name(&open.source),
        &payer_name(&open.payer_division),
        &open.batch_no,
        "",
        "",
        &said,
    ];
    texts(words.map(str::to_owned), Fen::new(open.amount_fen))
}

fn waiting_cells(kind: &str, line: &WaitingLine) -> Vec<CellOut> {
    let words = [
        kind,
        "",
        &payer_name(&line.payer_division),
        &line.batch_no,
        &line.name,
        &line.award_year.to_string(),
        &line.reason,
    ];
    texts(words.map(str::to_owned), Fen::new(line.amount_fen))
}
