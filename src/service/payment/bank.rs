//! To the bank: the file, and that it was sent.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, State};
use crate::file::bank::{BankError, BankLine, Charset, NeutralFile};
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error, log};
use crate::store::payment::{Batch, FrozenLine};

use super::preview::account_no;
use super::step::Step;
use super::{Standing, required_text};

const MAX_VOUCHER: usize = 64;

/// The two forms of the bank file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// For the bank or the profile made for one.
    Csv,
    /// For people.
    Xlsx,
}

/// A bank file that exists now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedFile {
    /// Where the batch stands.
    pub standing: Standing,
    /// SHA-256 of the CSV file in hexadecimal.
    pub sha256: String,
}

/// Makes the bank file. The same batch always gives the same bytes: they depend only on what was
/// frozen and on the instant kept here. `charset` is the one the bank works with; a name it cannot
/// hold stops the file and is named, nothing is replaced.
///
/// # Errors
/// [`Error::Refused`] with every problem; else as every step.
pub async fn issue_file(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    charset: Charset,
) -> Result<IssuedFile, Error> {
    let mut step = Step::begin(app, actor, batch_no, version, Action::IssueFile).await?;
    let lines = step.verified_for_release().await?;
    let csv = neutral(app, &step.batch, &lines, step.at)?.to_csv(charset).map_err(unissued)?;
    let sha256 = sha256_hex(&csv);
    step.batch.file_created_at = Some(step.at);
    step.batch.file_sha256 = sha256.clone();
    let detail = json!({ "file_sha256": sha256, "charset": charset.to_string() });
    let standing = step.finish(State::FileIssued, "", detail).await?;
    Ok(IssuedFile { standing, sha256 })
}

/// The bank file of a batch, the same bytes at every call, as (name, bytes). It holds full account
/// numbers, so that only the payer's makers get it, and every call is in the audit log.
///
/// # Errors
/// [`Error::NotFound`] before the file is issued and for other payers' batches;
/// [`Error::Refused`] when the content is not what was frozen or the bytes are not what was issued.
pub async fn file(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    format: FileFormat,
) -> Result<(String, Vec<u8>), Error> {
    actor.must(Act::MakeBatch)?;
    let step = Step::open(app, actor, batch_no, Action::IssueFile).await?;
    let created_at = step.batch.file_created_at.ok_or(Error::NotFound("银行文件"))?;
    let (neutral, csv) = issued(app, &step, created_at).await?;
    let (ending, bytes) = match format {
        FileFormat::Csv => ("csv", csv),
        FileFormat::Xlsx => {
            let local = china_time(created_at).naive_local();
            ("xlsx", neutral.to_xlsx(Charset::Gb18030, local).map_err(unissued)?)
        }
    };
    let detail = json!({ "format": ending, "file_sha256": step.batch.file_sha256 });
    log(app, &step.tx, actor, "batch.file_downloaded", ("batch", batch_no), &detail).await?;
    step.tx.commit().await?;
    Ok((format!("{batch_no}.{ending}"), bytes))
}

/// Records that the bank has the file, with the number of the payment voucher.
///
/// # Errors
/// [`Error::Invalid`] (`voucher_no`) without a number; else as every step.
pub async fn mark_sent(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    voucher_no: &str,
) -> Result<Standing, Error> {
    let mut step = Step::begin(app, actor, batch_no, version, Action::MarkSent).await?;
    let voucher_no = required_text("voucher_no", "支付凭证号", voucher_no, MAX_VOUCHER)?;
    let created_at = step
        .batch
        .file_created_at
        .ok_or_else(|| Error::Internal("an issued file without a time".to_owned()))?;
    issued(app, &step, created_at).await?;
    step.batch.voucher_no.clone_from(&voucher_no);
    step.moves(Event::Sent, Fen::new(step.batch.total_fen), None);
    let detail = json!({ "file_sha256": step.batch.file_sha256 });
    step.finish(State::Sent, &voucher_no, detail).await
}

/// The file as it was issued, and its bytes.
async fn issued(
    app: &App,
    step: &Step<'_>,
    created_at: DateTime<Utc>,
) -> Result<(NeutralFile, Vec<u8>), Error> {
    let lines = step.verified().await?;
    let neutral = neutral(app, &step.batch, &lines, created_at)?;
    // Every character was checked against the bank's charset when the file was issued.
    let csv = neutral.to_csv(Charset::Gb18030).map_err(unissued)?;
    if sha256_hex(&csv) != step.batch.file_sha256 {
        return Err(Error::Refused(format!(
            "批次 {} 的银行文件与生成时的校验值不符，已停止办理，请通知审计人员核查",
            step.batch.batch_no
        )));
    }
    Ok((neutral, csv))
}

fn unissued(error: BankError) -> Error {
    match error {
        BankError::Write(fault) => Error::Internal(fault.to_string()),
        problem => Error::Refused(problem.to_string()),
    }
}

/// What the bank pays: the amount without what is withheld.
fn net(line: &FrozenLine) -> Fen {
    Fen::new(line.amount_fen - line.tax_fen)
}

fn neutral(
    app: &App,
    batch: &Batch,
    lines: &[FrozenLine],
    created_at: DateTime<Utc>,
) -> Result<NeutralFile, Error> {
    let lines = lines
        .iter()
        .map(|line| {
            let seq = u32::try_from(line.seq)
                .map_err(|_| Error::Internal(format!("sequence number of line {}", line.id)))?;
            Ok(BankLine {
                seq,
                payee_name: line.payee_name.clone(),
                account_no: account_no(app, &line.account_cipher, &line.account_index)?,
                bank_name: line.bank_name.clone(),
                cnaps: line.cnaps.clone(),
                amount: net(line),
                purpose: batch.purpose.clone(),
                line_id: line.line_ref.clone(),
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(NeutralFile {
        batch_no: batch.batch_no.clone(),
        created_at: china_time(created_at).to_rfc3339_opts(SecondsFormat::Secs, false),
        lines,
    })
}
