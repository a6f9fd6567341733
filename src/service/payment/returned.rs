//! From the bank: what became of each line.

use std::collections::HashMap;
use std::ops::ControlFlow;

use chrono::{DateTime, Duration, NaiveDateTime, SubsecRound, Utc};
use serde_json::json;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{
    Action, BankWord, Disposition, KnownLine, Match, Outcome, ReturnedRow, Sibling, State, Verdict,
    after_return, judge, siblings,
};
use crate::domain::registry::Code;
use crate::domain::yearly::Cause;
use crate::file::form::{Binding, ImportKind, ReturnParser, ReturnRow, bind_header};
use crate::file::hash::sha256_hex;
use crate::file::reader::{Limits, read_table};
use crate::file::table::Row;
use crate::service::{Actor, Error};
use crate::store::number::allocate;
use crate::store::payment::{self as store, BankReturn, BankReturnRow, BatchLine, NewReturn};

use super::step::{Step, role_may};
use super::{Standing, required_text};

/// China Standard Time, in which banks write their times.
const CHINA_OFFSET_SECONDS: i64 = 8 * 3600;
/// Wrong cells named in one message.
const NAMED: usize = 10;
const MAX_FILE_NAME: usize = 200;
const MAX_REASON: usize = 500;

/// A return file and what its rows would do once confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedReturn {
    /// Official number.
    pub return_no: String,
    /// Whether these very bytes were loaded before; then nothing has changed.
    pub already_loaded: bool,
    /// Rows that settle, fail or send back a line.
    pub matched: i64,
    /// Rows that say what is known.
    pub repeated: i64,
    /// Rows in suspense.
    pub suspense: i64,
}

/// A confirmed return file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Where the batch stands.
    pub standing: Standing,
    /// Lines that are paid.
    pub settled: u64,
    /// Lines that are not paid or came back; their money is payable again.
    pub failed: u64,
    /// Rows kept in suspense.
    pub suspense: i64,
}

/// How a row in suspense ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Position in the batch of the line that the row is about; `None` when it is about none of
    /// this batch.
    pub line_seq: Option<i64>,
    /// What was found out, 1 to 500 characters.
    pub reason: String,
}

/// Stores a return file for a batch and says what its rows would do. It takes effect when another
/// person confirms it. The same bytes again change nothing.
///
/// # Errors
/// [`Error::Invalid`] (`file`) when the file cannot be read, with every wrong cell;
/// [`Error::Refused`] when it was loaded for another batch; else as every step.
pub async fn load_return(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    file_name: &str,
    bytes: &[u8],
) -> Result<LoadedReturn, Error> {
    role_may(actor, Action::LoadReturn)?;
    let rows = read_rows(file_name, bytes)?;
    let sha256 = sha256_hex(bytes);
    let step = Step::open(app, actor, batch_no, Action::LoadReturn).await?;
    if let Some(known) = store::by_sha(&step.tx, &sha256).await? {
        return already(&step, known).await;
    }
    step.permitted(None).await?;
    step.verified().await?;
    let judged = judge_rows(&step, rows).await?;
    let series = format!("bank_return/{}", step.batch.budget_year);
    let number = allocate(&step.tx, &series, 1).await?;
    let return_no = format!("R{}-{number:04}", step.batch.budget_year);
    let file_name: String =
        file_name.chars().filter(|c| !c.is_control()).take(MAX_FILE_NAME).collect();
    let new = NewReturn {
        return_no: &return_no,
        batch_id: step.batch.id,
        file_name: &file_name,
        sha256: &sha256,
        loaded_by: actor.holder_id,
        loaded_at: step.at,
    };
    store::insert_return(&step.tx, &new, &judged).await?;
    let ends = |end| count(judged.iter().filter(|(_, verdict)| verdict.disposition() == end));
    let loaded = LoadedReturn {
        return_no,
        already_loaded: false,
        matched: ends(Disposition::Matched),
        repeated: ends(Disposition::Repeated),
        suspense: ends(Disposition::Suspense),
    };
    let detail = json!({
        "return_no": loaded.return_no, "sha256": sha256, "rows": judged.len(),
        "matched": loaded.matched, "repeated": loaded.repeated, "suspense": loaded.suspense,
    });
    let (state, reason) = (step.state, loaded.return_no.clone());
    step.finish(state, &reason, detail).await?;
    Ok(loaded)
}

/// What the same bytes did when they were loaded first. Nothing is written.
async fn already(step: &Step<'_>, known: BankReturn) -> Result<LoadedReturn, Error> {
    if known.batch_id != step.batch.id {
        return Err(Error::Refused(
            "这份回单已作为另一批次的回单载入，请核对文件与批次是否对应".to_owned(),
        ));
    }
    let rows = store::rows_of(&step.tx, known.id).await?;
    let ends = |end: Disposition| count(rows.iter().filter(|row| row.disposition == end.code()));
    Ok(LoadedReturn {
        return_no: known.return_no,
        already_loaded: true,
        matched: ends(Disposition::Matched),
        repeated: ends(Disposition::Repeated),
        suspense: ends(Disposition::Suspense),
    })
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}

/// Lets a return file take effect: paid lines are settled, failed and sent back lines are payable
/// again, everything else stays in suspense. Its rows are judged anew by what is known now.
///
/// # Errors
/// [`Error::Refused`] for whoever loaded the file, or when it is confirmed already; else as every
/// step.
pub async fn confirm_return(app: &App, actor: &Actor, return_no: &str) -> Result<Confirmed, Error> {
    role_may(actor, Action::ConfirmReturn)?;
    let found = store::find_return(app.db.read(), return_no).await?;
    let found = found.ok_or(Error::NotFound("该回单"))?;
    let mut step = open_by_id(app, actor, found.batch_id, Action::ConfirmReturn).await?;
    let file = store::lock_return(&step.tx, found.id).await?;
    if file.confirmed_by.is_some() {
        return Err(Error::Stale(format!("回单 {return_no} 已确认，无需再次办理")));
    }
    step.permitted(Some(file.loaded_by)).await?;
    step.verified().await?;
    let stored = store::rows_of(&step.tx, file.id).await?;
    let rows = stored.iter().map(returned_row).collect::<Result<Vec<_>, _>>()?;
    let judged = judge_rows(&step, rows).await?;
    let mut suspense = 0;
    for (row, (_, verdict)) in stored.iter().zip(&judged) {
        if verdict.disposition() == Disposition::Suspense {
            suspense += 1;
            step.moves(Event::Queried, claimed(row), None);
        }
        if row.disposition != verdict.disposition().code()
            || row.batch_line_id != verdict.line()
            || matches!(verdict, Verdict::Query(text) if *text != row.query)
        {
            store::set_disposition(&step.tx, row.id, verdict).await?;
        }
    }
    let (settled, failed) = apply(&mut step, file.id, None).await?;
    store::confirm(&step.tx, file.id, actor.holder_id, step.at).await?;
    step.files_follow(Cause::Bank).await?;
    let to = state_after(&step).await?;
    let detail = json!({
        "return_no": return_no, "settled": settled, "failed": failed, "in_suspense": suspense,
    });
    let standing = step.finish(to, return_no, detail).await?;
    Ok(Confirmed { standing, settled, failed, suspense })
}

/// What the bank says it paid with a row about which nothing is known.
fn claimed(row: &BankReturnRow) -> Fen {
    let paid = row.status == BankWord::Paid.code();
    if paid { Fen::new(row.paid_fen) } else { Fen::ZERO }
}

/// Lets rows of a return file take effect on their lines, and notes what they move: returns how
/// many were settled and how many were not paid or came back.
async fn apply(
    step: &mut Step<'_>,
    return_id: i64,
    only: Option<i64>,
) -> Result<(u64, u64), Error> {
    for answer in store::answers(&step.tx, return_id, only).await? {
        let event = match (answer.was_paid, answer.word) {
            (false, BankWord::Paid) => Event::Settled,
            (true, _) => Event::CameBack,
            (false, _) => Event::Failed,
        };
        let paid_on = answer.paid_at.map(|at| china_time(at).date_naive());
        step.moves(event, answer.amount, paid_on.filter(|_| event != Event::Failed));
    }
    Ok(store::apply_to_lines(&step.tx, return_id, only).await?)
}

/// Records what a row in suspense turned out to be. With a line, the row takes effect on it as if
/// the bank had named it; without, it stays on record as answered.
///
/// # Errors
/// [`Error::Refused`] when the file is not confirmed, the row is answered already, or the row
/// cannot be about that line; [`Error::Invalid`] (`line`, `reason`); else as every step.
pub async fn resolve_suspense(
    app: &App,
    actor: &Actor,
    row_id: i64,
    resolution: &Resolution,
) -> Result<Standing, Error> {
    role_may(actor, Action::ResolveSuspense)?;
    let found = store::return_row(app.db.read(), row_id).await?;
    let (_, file) = found.ok_or(Error::NotFound("该待查记录"))?;
    let mut step = open_by_id(app, actor, file.batch_id, Action::ResolveSuspense).await?;
    let found = store::return_row(&step.tx, row_id).await?;
    let (row, file) = found.ok_or(Error::NotFound("该待查记录"))?;
    step.permitted(Some(file.loaded_by)).await?;
    if file.confirmed_by.is_none() {
        return Err(Error::Refused("该回单尚未确认，请先确认回单".to_owned()));
    }
    if row.disposition != Disposition::Suspense.code() || row.resolved_by.is_some() {
        return Err(Error::Stale("该待查记录已处理，请刷新页面".to_owned()));
    }
    let reason = required_text("reason", "核对依据", &resolution.reason, MAX_REASON)?;
    step.verified().await?;
    step.moves(Event::Explained, claimed(&row), None);
    let text = match resolution.line_seq {
        None => format!("不属于本批次。{reason}"),
        Some(seq) => {
            apply_resolved(&mut step, &row, seq).await?;
            format!("对应第 {seq} 笔。{reason}")
        }
    };
    store::resolve(&step.tx, row_id, &text, actor.holder_id, step.at).await?;
    let to = state_after(&step).await?;
    let detail = json!({
        "return_no": file.return_no, "row": row.row_no, "line": resolution.line_seq,
    });
    step.finish(to, &text, detail).await
}

async fn apply_resolved(step: &mut Step<'_>, row: &BankReturnRow, seq: i64) -> Result<(), Error> {
    let wrong = |text: &str| Error::Invalid(vec![("line".to_owned(), text.to_owned())]);
    let lines = store::known_lines(&step.tx, step.batch.id).await?;
    let line = lines
        .iter()
        .find(|line| line.revision == step.batch.revision && line.seq == seq)
        .ok_or_else(|| wrong("本批次没有这个序号，请核对批次明细"))?;
    let known = known_line(line)?;
    let verdict = judge(&returned_row(row)?, &Match::Line(&known), Sibling::None);
    match &verdict {
        Verdict::Settle(_) | Verdict::Fail(_) => {
            store::set_disposition(&step.tx, row.id, &verdict).await?;
            apply(step, row.return_id, Some(row.id)).await?;
            step.files_follow(Cause::Bank).await
        }
        Verdict::Repeat(_) => {
            store::set_disposition(&step.tx, row.id, &verdict).await?;
            Ok(())
        }
        Verdict::Query(why) => Err(wrong(&format!("不能对到第 {seq} 笔：{why}"))),
    }
}

/// Opens a step on the batch of a return file.
async fn open_by_id<'a>(
    app: &'a App,
    actor: &'a Actor,
    batch_id: i64,
    action: Action,
) -> Result<Step<'a>, Error> {
    let batch = store::find_by_id(app.db.read(), batch_id).await?;
    let batch = batch.ok_or(Error::NotFound("该批次"))?;
    Step::open(app, actor, &batch.batch_no, action).await
}

async fn state_after(step: &Step<'_>) -> Result<State, Error> {
    let sums = store::sums(&step.tx, &step.batch).await?;
    Ok(after_return(step.state, sums.pending_lines, step.batch.line_count))
}

/// Every row with what it does, by what is known of the batch's lines now.
async fn judge_rows(
    step: &Step<'_>,
    rows: Vec<ReturnedRow>,
) -> Result<Vec<(ReturnedRow, Verdict)>, Error> {
    let lines = store::known_lines(&step.tx, step.batch.id).await?;
    let mut known: HashMap<&str, Option<KnownLine>> = HashMap::with_capacity(lines.len());
    for line in &lines {
        let current = line.revision == step.batch.revision;
        known.insert(&line.line_ref, if current { Some(known_line(line)?) } else { None });
    }
    let strangers: Vec<&str> = rows
        .iter()
        .map(|row| row.line_ref.as_str())
        .filter(|line_ref| !known.contains_key(line_ref))
        .collect();
    let elsewhere: HashMap<String, i64> =
        store::line_owner(&step.tx, &strangers).await?.into_iter().collect();
    let siblings = siblings(&rows);
    let verdicts: Vec<Verdict> = rows
        .iter()
        .zip(siblings)
        .map(|(row, sibling)| {
            let found = match known.get(row.line_ref.as_str()) {
                Some(Some(line)) => Match::Line(line),
                Some(None) => Match::Withdrawn,
                None if elsewhere.contains_key(&row.line_ref) => Match::OtherBatch,
                None => Match::Unknown,
            };
            judge(row, &found, sibling)
        })
        .collect();
    Ok(rows.into_iter().zip(verdicts).collect())
}

fn known_line(line: &BatchLine) -> Result<KnownLine, Error> {
    let outcome = Outcome::from_code(&line.outcome)
        .ok_or_else(|| Error::Internal(format!("unknown outcome of batch line {}", line.id)))?;
    Ok(KnownLine {
        id: line.id,
        amount: Fen::new(line.amount_fen - line.tax_fen),
        outcome,
        bank_serial: line.bank_serial.clone(),
        paid_at: line.paid_at,
    })
}

fn returned_row(row: &BankReturnRow) -> Result<ReturnedRow, Error> {
    let word = BankWord::from_code(&row.status)
        .ok_or_else(|| Error::Internal(format!("unknown status of return row {}", row.id)))?;
    Ok(ReturnedRow {
        row_no: row.row_no,
        line_ref: row.line_ref.clone(),
        word,
        paid: Fen::new(row.paid_fen),
        bank_serial: row.bank_serial.clone(),
        paid_at: row.paid_at,
        reason_code: row.reason_code.clone(),
        reason_text: row.reason_text.clone(),
    })
}

/// Reads a return file. Each row is read by a parser of its own: that a line comes twice is for
/// the batch to judge, since no row may be passed over.
fn read_rows(file_name: &str, bytes: &[u8]) -> Result<Vec<ReturnedRow>, Error> {
    let invalid = |text: String| Error::Invalid(vec![("file".to_owned(), text)]);
    let mut rows: Vec<Row> = Vec::new();
    read_table(bytes, file_name, &Limits::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })
    .map_err(|error| invalid(error.to_string()))?;
    let Some((header, rows)) = rows.split_first() else {
        return Err(invalid("回单中没有内容".to_owned()));
    };
    let binding = bind_header(ImportKind::BankReturn, &header.cells).map_err(|issues| {
        let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
        invalid(issues.join("；"))
    })?;
    if rows.is_empty() {
        return Err(invalid("回单中没有明细".to_owned()));
    }
    let mut returned = Vec::with_capacity(rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        match read_row(&binding, row) {
            Ok(row) => returned.push(row),
            Err(problems) => wrong.extend(problems),
        }
    }
    if wrong.is_empty() {
        return Ok(returned);
    }
    let more =
        if wrong.len() > NAMED { format!("……共 {} 处", wrong.len()) } else { String::new() };
    wrong.truncate(NAMED);
    Err(invalid(format!("回单有误，未载入：{}{more}", wrong.join("；"))))
}

fn read_row(binding: &Binding, row: &Row) -> Result<ReturnedRow, Vec<String>> {
    let named = |issue: crate::file::form::CellIssue| {
        format!("第 {} 行 {}：{}，{}", issue.row, issue.column, issue.reason, issue.fix)
    };
    let (read, _) = ReturnParser::new(binding.clone())
        .parse(row)
        .map_err(|issues| issues.into_iter().map(named).collect::<Vec<_>>())?;
    let at_row = |text: &str| vec![format!("第 {} 行：{text}", row.number)];
    let word = BankWord::from_code(read.status.code()).ok_or_else(|| at_row("状态无法识别"))?;
    let ReturnRow { line_id, paid_amount, bank_serial, paid_at, reason_code, reason_text, .. } =
        read;
    Ok(ReturnedRow {
        row_no: i64::from(row.number),
        line_ref: line_id,
        word,
        paid: paid_amount,
        bank_serial,
        paid_at: paid_at.map(from_china),
        reason_code,
        reason_text,
    })
}

/// The instant of a time on a clock in China, in whole seconds.
fn from_china(local: NaiveDateTime) -> DateTime<Utc> {
    (local.and_utc() - Duration::seconds(CHINA_OFFSET_SECONDS)).trunc_subsecs(0)
}
