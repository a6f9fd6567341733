//! The page of one batch.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::{Actor, Error};
use super::offer::{Offer, Unconfirmed, offers};
use super::{BatchItem, PAGE, Taxed, item, people, rows, state_of, taxed, visible_batch, window};
use crate::app::App;
use crate::domain::authority::Role;
use crate::domain::capital::in_capitals;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, BankWord, Disposition, Hands, Outcome, State};
use crate::domain::region;
use crate::domain::registry::Code;
use crate::file::bank::profile;
use crate::store::payment::{Batch, SampledLine, open_questions, samples};

/// Return rows shown on the page of a batch; the rest is counted.
const MAX_RETURN_ROWS: i64 = 200;

/// Words of banks that say what became of a payment.
const FINAL: &[BankWord] = &[BankWord::Paid, BankWord::Failed, BankWord::SentBack];

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Done.
    Done,
    /// What the batch waits for.
    Now,
    /// Comes later, or never for a cancelled batch.
    Later,
}

/// A step of the batch's way.
#[derive(Debug, Clone)]
pub struct StepView {
    /// What is done in it.
    pub label: &'static str,
    /// How far it is.
    pub progress: Progress,
    /// Who did it, and when.
    pub done: Option<(String, DateTime<Utc>)>,
}

/// A payment of the batch.
#[derive(Debug, Clone)]
pub struct LineView {
    /// The row.
    pub line: rows::Line,
    /// What became of it.
    pub outcome: Outcome,
}

/// Sums of a batch that went to the bank: sent = paid + failed + pending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// What the batch held when it was sent.
    pub sent: Fen,
    /// Paid.
    pub paid: Fen,
    /// Failed or sent back.
    pub failed: Fen,
    /// Without an answer.
    pub pending: Fen,
    /// Whether the sums of the lines make up what was sent.
    pub holds: bool,
}

/// A return file with how its rows were taken.
#[derive(Debug, Clone)]
pub struct ReturnView {
    /// The file.
    pub file: rows::Return,
    /// Rows that say paid and were matched.
    pub paid: i64,
    /// Rows that say failed or sent back and were matched.
    pub failed: i64,
    /// Rows that say what was known.
    pub repeated: i64,
    /// Rows about money that is still on its way.
    pub waiting: i64,
    /// Rows that nobody has matched or explained yet.
    pub suspense: i64,
    /// Sum of the matched paid rows.
    pub paid_sum: Fen,
    /// The rows that are no plain success, up to a limit.
    pub rows: Vec<ReturnRowView>,
}

/// A row of a return file that is no plain success.
#[derive(Debug, Clone)]
pub struct ReturnRowView {
    /// The row.
    pub row: rows::ReturnedRow,
    /// What the bank says.
    pub word: BankWord,
    /// How it was taken.
    pub disposition: Disposition,
}

/// The bank file of a batch.
#[derive(Debug, Clone)]
pub struct FileView {
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Name for people of the form it has.
    pub form: String,
    /// Ending of its name, without the dot.
    pub ending: &'static str,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Name of who made it.
    pub who: String,
}

/// Something that was done with the batch.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, in what role.
    pub who: String,
    /// What.
    pub what: String,
    /// Why, where a reason was asked for; else empty.
    pub reason: String,
}

fn selection(batch: &Batch) -> String {
    let city = region::full_name(&batch.city_unit).unwrap_or(&batch.city_unit);
    let parts: Vec<&str> =
        [city, &batch.enterprise_uscc].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "全部".to_owned() } else { parts.join("，") }
}

/// Everything the page of a batch shows.
#[derive(Debug, Clone)]
pub struct BatchView {
    /// Its head.
    pub item: BatchItem,
    /// What payees read.
    pub purpose: String,
    /// Account that pays.
    pub payer_account: String,
    /// Whose money it takes: 全部, a city, the code of an enterprise.
    pub selection: String,
    /// Sum in capitals; empty for a draft.
    pub total_capital: String,
    /// How its tax is handled, once it is frozen.
    pub taxed: Option<Taxed>,
    /// Hash of what was frozen.
    pub hash: Option<String>,
    /// Number of the treasury voucher; empty until it was sent.
    pub voucher_no: String,
    /// Sent with every form: a batch that moved meanwhile is not moved again.
    pub version: i64,
    /// Its way.
    pub steps: Vec<StepView>,
    /// What can be done, the next step first.
    pub offers: Vec<Offer>,
    /// A page of its payments.
    pub lines: Vec<LineView>,
    /// What its checkers looked at, the last revision first.
    pub sampled: Vec<SampledLine>,
    /// Once it was sent.
    pub reconciliation: Option<Reconciliation>,
    /// The bank file, once there is one.
    pub file: Option<FileView>,
    /// Return files, oldest first.
    pub returns: Vec<ReturnView>,
    /// What was done, newest first.
    pub deeds: Vec<Deed>,
}

/// The page of the batch with this number. `page` of its payments counts from 0.
///
/// # Errors
/// [`Error::Forbidden`] without the right to read batches, [`Error::NotFound`] for a batch of
/// another payer.
pub async fn view(app: &App, actor: &Actor, batch_no: &str, page: i64) -> Result<BatchView, Error> {
    let batch = visible_batch(app, actor, batch_no).await?;
    let conn = app.db.read();
    let state = state_of(&batch)?;
    let steps = rows::steps(conn, batch.id).await?;
    let holders = people(&batch).into_iter().chain(steps.iter().map(|step| step.holder_id));
    let names = rows::holder_names(conn, holders).await?;
    let roles = rows::account_roles(conn, steps.iter().map(|step| step.account_id)).await?;
    let moved = steps.last().map(|step| (batch.id, step.at)).into_iter().collect();
    let returns = returns(app, batch.id).await?;
    let sums = rows::by_outcome(conn, &batch).await?;
    let reconciliation = was_sent(state).then(|| reconcile(&batch, &sums)).transpose()?;
    let unconfirmed: Vec<Unconfirmed> = returns
        .iter()
        .filter(|returned| returned.file.confirmed_at.is_none())
        .map(|returned| Unconfirmed {
            return_no: returned.file.return_no.clone(),
            loaded_by: returned.file.loaded_by,
        })
        .collect();
    let hands = hands(&batch, &steps);
    let questions = open_questions(conn, batch.id).await?;
    let hold = hold(reconciliation, unconfirmed.len(), questions);
    let offers = offers(state, actor, &hands, &unconfirmed, hold);
    let total = Fen::new(batch.total_fen);
    let is_drawn = batch.line_count > 0;
    let capital = |total| in_capitals(total).map_err(|error| Error::Internal(error.to_string()));
    Ok(BatchView {
        item: item(&batch, &names, &moved)?,
        purpose: batch.purpose.clone(),
        payer_account: batch.payer_account.clone(),
        selection: selection(&batch),
        total_capital: if is_drawn { capital(total)? } else { String::new() },
        taxed: taxed(app, &batch).await?,
        hash: (!batch.content_hash.is_empty()).then(|| batch.content_hash.clone()),
        voucher_no: batch.voucher_no.clone(),
        version: batch.version,
        steps: way(state, &steps, &names),
        offers,
        lines: lines(app, &batch, page).await?,
        sampled: samples(conn, batch.id).await?,
        reconciliation,
        file: file(&batch, issuer(&steps, &names))?,
        returns,
        deeds: deeds(&steps, &names, &roles),
    })
}

pub(super) fn file(batch: &rows::Batch, who: String) -> Result<Option<FileView>, Error> {
    let Some(at) = batch.file_created_at else { return Ok(None) };
    let form = profile(&batch.bank_profile)
        .ok_or_else(|| Error::Internal(format!("unknown bank profile of batch {}", batch.id)))?;
    Ok(Some(FileView {
        sha256: batch.file_sha256.clone(),
        form: form.title().to_owned(),
        ending: form.extension(),
        at,
        who,
    }))
}

/// Why a settled batch is not closed yet.
fn hold(sums: Option<Reconciliation>, unconfirmed: usize, questions: i64) -> Option<String> {
    if unconfirmed > 0 {
        Some(format!("还有 {unconfirmed} 份回单没有确认"))
    } else if questions > 0 {
        Some(format!("还有 {questions} 条待查退款没有处理"))
    } else {
        sums.filter(|sums| !sums.holds).map(|_| "发出、成功、失败与在途的金额不相等".to_owned())
    }
}

const fn was_sent(state: State) -> bool {
    matches!(state, State::Sent | State::PartReturned | State::Settled | State::Closed)
}

/// The natural persons who had a hand in the current revision: who made the batch, and who froze
/// it as it stands.
pub(super) fn hands(batch: &rows::Batch, steps: &[rows::Step]) -> Hands {
    let mut makers = vec![batch.made_by];
    let freezes = steps
        .iter()
        .filter(|step| step.revision == batch.revision && step.action == Action::Freeze.code());
    makers.extend(freezes.map(|step| step.holder_id));
    Hands { makers, checker: batch.checked_by, loader: None }
}

fn reconcile(batch: &rows::Batch, sums: &[rows::Sum]) -> Result<Reconciliation, Error> {
    let of = |outcome: Outcome| {
        let found = sums.iter().find(|sum| sum.heading == outcome.code());
        Fen::new(found.map_or(0, |sum| sum.amount_fen))
    };
    let (paid, failed) = (of(Outcome::Settled), of(Outcome::Failed));
    let pending = of(Outcome::Pending);
    let answered = Fen::checked_sum([paid, failed, pending])
        .ok_or_else(|| Error::Internal("a reconciliation overflows".to_owned()))?;
    let sent = Fen::new(batch.total_fen);
    Ok(Reconciliation { sent, paid, failed, pending, holds: answered == sent })
}

pub(super) fn issuer(steps: &[rows::Step], names: &BTreeMap<i64, String>) -> String {
    let step = steps.iter().rev().find(|step| step.action == Action::IssueFile.code());
    step.and_then(|step| names.get(&step.holder_id).cloned()).unwrap_or_default()
}

/// The step that moved a batch on from the version that a page showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What was done; `None` for something this program does not know.
    pub action: Option<Action>,
    /// Name of who did it.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was this very account.
    pub is_own: bool,
}

/// Who moved the batch on from `version`; `None` when nobody did. Every step counts the version
/// up by one, beginning with the drawing up.
///
/// # Errors
/// As [`view`].
pub async fn moved_since(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
) -> Result<Option<Move>, Error> {
    let batch = visible_batch(app, actor, batch_no).await?;
    if batch.version == version {
        return Ok(None);
    }
    let conn = app.db.read();
    let steps = rows::steps(conn, batch.id).await?;
    let step = usize::try_from(version).ok().and_then(|at| steps.get(at)).or(steps.last());
    let Some(step) = step else { return Ok(None) };
    let names = rows::holder_names(conn, [step.holder_id]).await?;
    Ok(Some(Move {
        action: Action::from_code(&step.action),
        who: names.get(&step.holder_id).cloned().unwrap_or_default(),
        at: step.at,
        is_own: step.account_id == actor.account_id,
    }))
}

async fn lines(app: &App, batch: &rows::Batch, page: i64) -> Result<Vec<LineView>, Error> {
    let offset = i64::try_from(window(page).0).unwrap_or(0);
    let found = rows::lines(app.db.read(), batch, rows::Pick::Page { offset, limit: PAGE }).await?;
    let view = |line: rows::Line| {
        let outcome = Outcome::from_code(&line.outcome)
            .ok_or_else(|| Error::Internal(format!("unknown outcome in batch {}", batch.id)))?;
        Ok(LineView { line, outcome })
    };
    found.into_iter().map(view).collect()
}

async fn returns(app: &App, batch_id: i64) -> Result<Vec<ReturnView>, Error> {
    let conn = app.db.read();
    let files = rows::returns(conn, batch_id).await?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let sums = rows::return_sums(conn, batch_id).await?;
    let notable = rows::notable_return_rows(conn, batch_id, MAX_RETURN_ROWS).await?;
    let unknown = || Error::Internal(format!("unknown code in a return row of batch {batch_id}"));
    let mut views = Vec::with_capacity(files.len());
    for file in files {
        let count = |disposition: Disposition, words: &[BankWord]| {
            let wanted = |sum: &&rows::ReturnSum| {
                let is_answered = disposition == Disposition::Suspense && sum.is_resolved;
                sum.return_id == file.id
                    && !is_answered
                    && sum.disposition == disposition.code()
                    && words.iter().any(|word| word.code() == sum.status)
            };
            sums.iter().filter(wanted).fold((0, Some(Fen::ZERO)), |(rows, fen), sum| {
                (rows + sum.rows, fen.and_then(|fen| fen.checked_add(Fen::new(sum.paid_fen))))
            })
        };
        let (paid, paid_sum) = count(Disposition::Matched, &[BankWord::Paid]);
        let mut rows = Vec::new();
        for row in notable.iter().filter(|row| row.return_id == file.id) {
            rows.push(ReturnRowView {
                word: BankWord::from_code(&row.status).ok_or_else(unknown)?,
                disposition: Disposition::from_code(&row.disposition).ok_or_else(unknown)?,
                row: row.clone(),
            });
        }
        views.push(ReturnView {
            paid,
            failed: count(Disposition::Matched, &[BankWord::Failed, BankWord::SentBack]).0,
            repeated: count(Disposition::Repeated, FINAL).0,
            waiting: count(Disposition::Repeated, &[BankWord::Pending]).0,
            suspense: count(Disposition::Suspense, BankWord::ALL).0,
            paid_sum: paid_sum.ok_or_else(|| Error::Internal("a return overflows".to_owned()))?,
            rows,
            file,
        });
    }
    Ok(views)
}

/// The nine steps; each is named after the state it leads to.
const WAY: [(&str, State); 9] = [
    ("编制", State::Draft),
    ("冻结", State::Frozen),
    ("复核", State::Checked),
    ("审批", State::Approved),
    ("出文件", State::FileIssued),
    ("送银行", State::Sent),
    ("回单", State::PartReturned),
    ("结清", State::Settled),
    ("关闭", State::Closed),
];

fn way(state: State, steps: &[rows::Step], names: &BTreeMap<i64, String>) -> Vec<StepView> {
    // A batch that was sent back begins anew: what came after does not stand any more.
    let mut reached: BTreeMap<&str, &rows::Step> = BTreeMap::new();
    for step in steps {
        if step.to_state == State::Draft.code() {
            reached.retain(|to, _| *to == State::Draft.code());
            reached.entry(State::Draft.code()).or_insert(step);
        } else if step.action == Action::LoadReturn.code() {
            // An answer to every line settles a batch at once: the first file tells when it came.
            reached.entry(State::PartReturned.code()).or_insert(step);
        } else if step.from_state != step.to_state && step.to_state != State::PartReturned.code() {
            reached.insert(&step.to_state, step);
        }
    }
    let at = WAY.iter().position(|(_, reached)| *reached == state);
    let views = WAY.iter().enumerate().map(|(index, (label, to))| {
        let progress = match at {
            Some(at) if index <= at => Progress::Done,
            Some(at) if index == at + 1 => Progress::Now,
            None if reached.contains_key(to.code()) => Progress::Done,
            _ => Progress::Later,
        };
        let step = reached.get(to.code()).filter(|_| progress == Progress::Done);
        let who = |holder: i64| names.get(&holder).cloned().unwrap_or_default();
        StepView { label, progress, done: step.map(|step| (who(step.holder_id), step.at)) }
    });
    views.collect()
}

fn deeds(
    steps: &[rows::Step],
    names: &BTreeMap<i64, String>,
    roles: &BTreeMap<i64, String>,
) -> Vec<Deed> {
    let deed = |step: &rows::Step| {
        let name = names.get(&step.holder_id).map_or("", String::as_str);
        let role = roles.get(&step.account_id).and_then(|role| Role::from_code(role));
        let what = match Action::from_code(&step.action) {
            Some(action) => action.label(),
            None => "编制批次",
        };
        Deed {
            at: step.at,
            who: role.map_or_else(|| name.to_owned(), |role| format!("{name} · {}", role.label())),
            what: what.to_owned(),
            reason: step.reason.clone(),
        }
    };
    steps.iter().rev().map(deed).collect()
}
