//! From the bank: what became of each line.

use std::collections::HashMap;

use serde_json::json;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{
    Action, BankWord, Disposition, KnownLine, Match, Outcome, Payee, ReturnedRow, Sibling, State,
    Verdict, after_return, judge, siblings,
};
use crate::domain::registry::Code;
use crate::domain::yearly::Cause;
use crate::file::bank::{BankAnswer, read_answer};
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error};
use crate::store::number::allocate;
use crate::store::payment::{self as store, BankReturn, BankReturnRow, BatchLine, NewReturn};

use crate::vault::kind;

use super::bank::profile_of;
use super::step::{Step, role_may};
use super::{Standing, required_text};

const MAX_FILE_NAME: usize = 200;
const MAX_REASON: usize = 500;
const MAX_BANK_NO: usize = 64;

/// A file that a bank sent back, as it was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnFile<'a> {
    /// Its name, which is not trusted.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// The bank's own number of it, as typed; may be empty. A status report states its own.
    pub bank_no: &'a str,
}

/// A return file and what its rows would do once confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadedReturn {
    /// Official number.
    pub return_no: String,
    /// Whether these very bytes were loaded before; then nothing has changed.
    pub already_loaded: bool,
    /// Rows that settle, fail or send back a line.
    pub matched: i64,
    /// Rows that say what is known.
    pub repeated: i64,
    /// Rows about money that is still on its way.
    pub waiting: i64,
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
/// person confirms it. The same bytes again change nothing; other bytes under a number that the
/// bank gave before are refused.
///
/// # Errors
/// [`Error::Invalid`]: `file` when the file cannot be read, with every wrong cell, or is about
/// another batch; `bank_no` when its number is taken or not the file's own. [`Error::Refused`] when
/// it was loaded for another batch; else as every step.
pub async fn load_return(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    file: &ReturnFile<'_>,
) -> Result<LoadedReturn, Error> {
    role_may(actor, Action::LoadReturn)?;
    // Read before the batch is locked: nobody waits for a large file.
    let known = store::find(app.db.read(), batch_no).await?;
    let known = known.filter(|batch| batch.payer_division == actor.division);
    let form = profile_of(&known.ok_or(Error::NotFound("该批次"))?)?;
    let answer = read_answer(form, file.name, file.bytes).map_err(|error| wrong("file", error))?;
    let sha256 = sha256_hex(file.bytes);
    let step = Step::open(app, actor, batch_no, Action::LoadReturn).await?;
    if let Some(known) = store::by_sha(&step.tx, &sha256).await? {
        return already(&step, known).await;
    }
    step.permitted(None).await?;
    step.verified().await?;
    let bank_no = numbered(&step, file, &answer).await?;
    let judged = judge_rows(&step, keyed(app, answer.rows)).await?;
    let series = format!("bank_return/{}", step.batch.budget_year);
    let number = allocate(&step.tx, &series, 1).await?;
    let return_no = format!("R{}-{number:04}", step.batch.budget_year);
    let file_name: String =
        file.name.chars().filter(|c| !c.is_control()).take(MAX_FILE_NAME).collect();
    let new = NewReturn {
        return_no: &return_no,
        batch_id: step.batch.id,
        file_name: &file_name,
        sha256: &sha256,
        bank_no: &bank_no,
        loaded_by: actor.holder_id,
        loaded_at: step.at,
    };
    store::insert_return(&step.tx, &new, &judged).await?;
    let ends = judged.iter().map(|(row, verdict)| (row.word.code(), verdict.disposition().code()));
    let loaded = LoadedReturn { return_no, ..LoadedReturn::of(ends) };
    let detail = json!({
        "return_no": loaded.return_no, "bank_no": bank_no, "sha256": sha256, "rows": judged.len(),
        "matched": loaded.matched, "repeated": loaded.repeated, "waiting": loaded.waiting,
        "suspense": loaded.suspense,
    });
    let (state, reason) = (step.state, loaded.return_no.clone());
    step.finish(state, &reason, detail).await?;
    Ok(loaded)
}

/// The rows with keyed hashes in place of account numbers, which are not kept. One that the bank masks
/// says nothing.
fn keyed(app: &App, rows: Vec<ReturnedRow>) -> Vec<ReturnedRow> {
    let key = |mut row: ReturnedRow| {
        let number = std::mem::take(&mut row.payee.account).replace([' ', '-'], "");
        if !number.is_empty() && !number.contains('*') {
            row.payee.account = app.vault.index(kind::ACCOUNT, &number);
        }
        row
    };
    rows.into_iter().map(key).collect()
}

fn wrong(field: &str, text: impl ToString) -> Error {
    Error::Invalid(vec![(field.to_owned(), text.to_string())])
}

/// The bank's number of a file that was not loaded before; empty when it has none.
async fn numbered(
    step: &Step<'_>,
    file: &ReturnFile<'_>,
    answer: &BankAnswer,
) -> Result<String, Error> {
    let batch_no = &step.batch.batch_no;
    if !answer.about.is_empty() && answer.about != *batch_no {
        let told: String = answer.about.chars().take(MAX_BANK_NO).collect();
        let text = format!("这份状态报告针对 {told}，不是批次 {batch_no}，请核对文件");
        return Err(wrong("file", text));
    }
    let typed = match file.bank_no.trim() {
        "" => String::new(),
        typed => required_text("bank_no", "银行回单编号", typed, MAX_BANK_NO)?,
    };
    if !answer.bank_no.is_empty() && !typed.is_empty() && answer.bank_no != typed {
        let text = format!("文件自带的编号为 {}，与填写的不同，请核对或留空", answer.bank_no);
        return Err(wrong("bank_no", text));
    }
    let stated = if answer.bank_no.is_empty() { typed } else { answer.bank_no.clone() };
    if stated.is_empty() {
        return Ok(stated);
    }
    match store::by_bank_no(&step.tx, step.batch.id, &stated).await? {
        None => Ok(stated),
        Some(earlier) => Err(wrong(
            "bank_no",
            format!(
                "编号 {stated} 的回单已载入（{}），但内容与这份文件不同，未载入。请向银行核实哪一份有效",
                earlier.return_no
            ),
        )),
    }
}

/// What the same bytes did when they were loaded first. Nothing is written.
async fn already(step: &Step<'_>, known: BankReturn) -> Result<LoadedReturn, Error> {
    if known.batch_id != step.batch.id {
        return Err(Error::Refused(
            "这份回单已作为另一批次的回单载入，请核对文件与批次是否对应".to_owned(),
        ));
    }
    let rows = store::rows_of(&step.tx, known.id).await?;
    let ends = rows.iter().map(|row| (row.status.as_str(), row.disposition.as_str()));
    let return_no = known.return_no;
    Ok(LoadedReturn { return_no, already_loaded: true, ..LoadedReturn::of(ends) })
}

impl LoadedReturn {
    /// The counts of rows, each by its word and how it ends.
    fn of<'r>(rows: impl Iterator<Item = (&'r str, &'r str)>) -> Self {
        let mut counts = Self::default();
        for (word, end) in rows {
            *match Disposition::from_code(end) {
                Some(Disposition::Matched) => &mut counts.matched,
                Some(Disposition::Repeated) if word == BankWord::Pending.code() => {
                    &mut counts.waiting
                }
                Some(Disposition::Repeated) => &mut counts.repeated,
                Some(Disposition::Suspense) | None => &mut counts.suspense,
            } += 1;
        }
        counts
    }
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
            || matches!(verdict, Verdict::Query(_, text) if *text != row.query)
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
    let wrong = |text: &str| wrong("line", text);
    let lines = store::known_lines(&step.tx, step.batch.id).await?;
    let line = lines
        .iter()
        .find(|line| line.revision == step.batch.revision && line.seq == seq)
        .ok_or_else(|| wrong("本批次没有这个序号，请核对批次明细"))?;
    let known = known_line(line, "")?;
    // Whoever explains the row has found out whom it is about.
    let told = ReturnedRow { payee: Payee::default(), ..returned_row(row)? };
    let verdict = judge(&told, &Match::Line(&known), Sibling::None);
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
        Verdict::Query(_, why) => Err(wrong(&format!("不能对到第 {seq} 笔：{why}"))),
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
    let accounts = store::account_indexes(&step.tx, step.batch.id).await?;
    let mut known: HashMap<&str, Option<KnownLine>> = HashMap::with_capacity(lines.len());
    for line in &lines {
        let current = line.revision == step.batch.revision;
        let account = accounts.get(&line.id).map_or("", String::as_str);
        known.insert(&line.line_ref, current.then(|| known_line(line, account)).transpose()?);
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

fn known_line(line: &BatchLine, account: &str) -> Result<KnownLine, Error> {
    let outcome = Outcome::from_code(&line.outcome)
        .ok_or_else(|| Error::Internal(format!("unknown outcome of batch line {}", line.id)))?;
    Ok(KnownLine {
        id: line.id,
        amount: Fen::new(line.amount_fen - line.tax_fen),
        outcome,
        bank_serial: line.bank_serial.clone(),
        paid_at: line.paid_at,
        payee: Payee { name: line.payee_name.clone(), account: account.to_owned() },
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
        payee: Payee { name: row.payee_name.clone(), account: row.account_index.clone() },
    })
}
