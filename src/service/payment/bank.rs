//! To the bank: the file, and that it was sent.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::ledger::Event;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, State};
use crate::file::bank::{BankError, BankLine, NeutralFile, Payer, Profile, profile};
use crate::file::hash::sha256_hex;
use crate::service::budget::payer_name;
use crate::service::{Actor, Error};
use crate::store::payment::{Batch, FrozenLine};

use super::preview::account_no;
use super::step::Step;
use super::{Standing, required_text};

const MAX_VOUCHER: usize = 64;

/// A bank file that exists now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedFile {
    /// Where the batch stands.
    pub standing: Standing,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
}

/// Makes the bank file in the form of the profile with this name, which the batch keeps. The same
/// batch always gives the same bytes: they depend only on what was frozen, on the profile and on
/// the instant kept here. A name that the profile cannot hold stops the file and is named, nothing
/// is replaced.
///
/// # Errors
/// [`Error::Invalid`] (`profile`) for an unknown profile; [`Error::Refused`] with every problem;
/// else as every step.
pub async fn issue_file(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    version: i64,
    profile_name: &str,
) -> Result<IssuedFile, Error> {
    let mut step = Step::begin(app, actor, batch_no, version, Action::IssueFile).await?;
    let unknown = || Error::Invalid(vec![("profile".to_owned(), "请选择银行格式".to_owned())]);
    let form = profile(profile_name).ok_or_else(unknown)?;
    let lines = step.verified_for_release().await?;
    let file = orders(app, &step.batch, &lines, step.at)?;
    let bytes = form.write(&file, &payer(&step.batch)).map_err(unissued)?;
    let sha256 = sha256_hex(&bytes);
    step.batch.file_created_at = Some(step.at);
    step.batch.file_sha256 = sha256.clone();
    form.name().clone_into(&mut step.batch.bank_profile);
    let detail = json!({ "file_sha256": sha256, "bank_profile": form.name() });
    let standing = step.finish(State::FileIssued, "", detail).await?;
    Ok(IssuedFile { standing, sha256 })
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

/// A bank file as it was issued.
pub(super) struct Issued {
    /// The lines of the batch, as frozen.
    pub lines: Vec<FrozenLine>,
    /// What they order.
    pub orders: NeutralFile,
    /// The file in the form of the batch's profile.
    pub bytes: Vec<u8>,
}

/// The file as it was issued, once it is certain that its bytes are the same.
pub(super) async fn issued(
    app: &App,
    step: &Step<'_>,
    created_at: DateTime<Utc>,
) -> Result<Issued, Error> {
    let batch = &step.batch;
    let lines = step.verified().await?;
    let orders = orders(app, batch, &lines, created_at)?;
    let bytes = profile_of(batch)?.write(&orders, &payer(batch)).map_err(unissued)?;
    if sha256_hex(&bytes) != batch.file_sha256 {
        return Err(Error::Refused(format!(
            "批次 {} 的银行文件与生成时的校验值不符，已停止办理，请通知审计人员核查",
            batch.batch_no
        )));
    }
    Ok(Issued { lines, orders, bytes })
}

/// The form that a batch keeps.
pub(super) fn profile_of(batch: &Batch) -> Result<&'static Profile, Error> {
    profile(&batch.bank_profile)
        .ok_or_else(|| Error::Internal(format!("unknown bank profile of batch {}", batch.id)))
}

/// Who pays a batch, as bank files name them.
pub(super) fn payer(batch: &Batch) -> Payer {
    Payer { name: payer_name(&batch.payer_division), account: batch.payer_account.clone() }
}

pub(super) fn unissued(error: BankError) -> Error {
    match error {
        BankError::Write(fault) => Error::Internal(fault.to_string()),
        problem => Error::Refused(problem.to_string()),
    }
}

/// What the bank pays: the amount without what is withheld.
pub(super) fn net(line: &FrozenLine) -> Fen {
    Fen::new(line.amount_fen - line.tax_fen)
}

/// What the bank is asked to pay.
fn orders(
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
