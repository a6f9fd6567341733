//! The files of a batch, for those who may take them: they hold full account numbers.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, Outcome, State};
use crate::domain::registry::Code;
use crate::file::bank::{BankLine, Charset, Initiation, pain001};
use crate::file::voucher::{Receipt, Voucher, voucher_xlsx};
use crate::service::seen::note_ids_exported;
use crate::service::{Actor, Error, log};
use crate::store::budget_request;
use crate::store::payment::{self as store, Batch, FrozenLine};

use super::Criteria;
use super::bank::{Issued, issued, net, payer, profile_of, unissued};
use super::step::Step;

/// The files that can be taken of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// The bank file, in the form of the batch's profile; its bytes have the hash on record.
    Bank,
    /// The same orders as a workbook for people.
    Xlsx,
    /// The same orders as a message of ISO 20022.
    Pain001,
    /// The payment voucher with what the bank receipted, once the batch is sent.
    Voucher,
}

/// A file of a batch as (name, bytes); but for the voucher, which follows the bank's answers, the
/// same bytes at every call. It holds full account numbers, so that only the payer's makers get it,
/// and every call is in the audit log.
///
/// # Errors
/// [`Error::NotFound`] before the file is issued, or sent for the voucher, and for other payers'
/// batches; [`Error::Refused`] when the content is not what was frozen or the bytes are not what was
/// issued, and when a form cannot hold it.
pub async fn file(
    app: &App,
    actor: &Actor,
    batch_no: &str,
    format: FileFormat,
) -> Result<(String, Vec<u8>), Error> {
    actor.must(Act::MakeBatch)?;
    let step = Step::open(app, actor, batch_no, Action::IssueFile).await?;
    let created_at = step.batch.file_created_at.ok_or(Error::NotFound("银行文件"))?;
    let found = issued(app, &step, created_at).await?;
    let local = china_time(created_at).naive_local();
    let (name, bytes) = match format {
        FileFormat::Bank => {
            let ending = profile_of(&step.batch)?.extension();
            (format!("{batch_no}.{ending}"), found.bytes)
        }
        FileFormat::Xlsx => {
            let bytes = found.orders.to_xlsx(Charset::Gb18030, local).map_err(unissued)?;
            (format!("{batch_no}.xlsx"), bytes)
        }
        FileFormat::Pain001 => {
            (format!("{batch_no}-pain.001.xml"), message(&step.batch, &found, local.date())?)
        }
        FileFormat::Voucher => {
            let (voucher, receipts) = vouched(&step, &found).await?;
            let bytes = voucher_xlsx(&voucher, &receipts, local);
            let bytes = bytes.map_err(|error| Error::Internal(error.to_string()))?;
            (format!("{batch_no}-支付凭证.xlsx"), bytes)
        }
    };
    let persons = found.lines.iter().map(|line| line.person_id).collect();
    note_ids_exported(app, &step.tx, actor, persons).await?;
    let detail = json!({
        "format": format.word(),
        "bank_profile": step.batch.bank_profile,
        "file_sha256": step.batch.file_sha256,
    });
    log(app, &step.tx, actor, "batch.file_downloaded", ("batch", batch_no), &detail).await?;
    step.tx.commit().await?;
    Ok((name, bytes))
}

impl FileFormat {
    /// What the log calls it.
    const fn word(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Xlsx => "xlsx",
            Self::Pain001 => "pain.001",
            Self::Voucher => "voucher",
        }
    }
}

fn message(batch: &Batch, found: &Issued, pay_on: NaiveDate) -> Result<Vec<u8>, Error> {
    let numbers: Vec<&str> = found.lines.iter().map(|line| line.line_no.as_str()).collect();
    let initiation = Initiation {
        group: &format!("{}-{}", batch.batch_no, batch.revision),
        payer: &payer(batch),
        pay_on,
        payment_numbers: &numbers,
    };
    pain001(&found.orders, &initiation).map_err(unissued)
}

/// The voucher of a sent batch and a receipt for each line.
async fn vouched(step: &Step<'_>, found: &Issued) -> Result<(Voucher, Vec<Receipt>), Error> {
    let batch = &step.batch;
    let steps = store::steps(&step.tx, batch.id).await?;
    let sent = steps.iter().rev().find(|done| done.to_state == State::Sent.code());
    let sent = sent.ok_or(Error::NotFound("支付凭证"))?;
    let agency = payer(batch).name;
    let key = Criteria::from(batch).budget_key();
    let voucher = Voucher {
        division: batch.payer_division.clone(),
        budget_year: batch.budget_year,
        made_on: day(sent.at),
        voucher_no: batch.voucher_no.clone(),
        agency,
        payer_account: batch.payer_account.clone(),
        purpose: batch.purpose.clone(),
        batch_no: batch.batch_no.clone(),
        codes: budget_request::codes_of(&step.tx, &key).await?,
    };
    let lines = found.lines.iter().zip(&found.orders.lines);
    let receipts = lines.map(|(line, order)| receipt(line, order)).collect::<Result<_, _>>()?;
    Ok((voucher, receipts))
}

fn day(at: DateTime<Utc>) -> NaiveDate {
    china_time(at).date_naive()
}

fn receipt(line: &FrozenLine, order: &BankLine) -> Result<Receipt, Error> {
    let outcome = Outcome::from_code(&line.outcome)
        .ok_or_else(|| Error::Internal(format!("unknown outcome of batch line {}", line.id)))?;
    let paid = match outcome {
        Outcome::Settled => Some(net(line)),
        Outcome::Failed => Some(Fen::ZERO),
        Outcome::Pending | Outcome::Released => None,
    };
    Ok(Receipt {
        line_ref: line.line_ref.clone(),
        account_no: order.account_no.clone(),
        payee_name: line.payee_name.clone(),
        bank_name: line.bank_name.clone(),
        cnaps: line.cnaps.clone(),
        asked: net(line),
        paid,
        paid_on: line.paid_at.map(day),
        serial: line.bank_serial.clone(),
        reason: [line.reason_code.as_str(), &line.reason_text]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    })
}
