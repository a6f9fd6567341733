//! From what the services know to what the pages say.

use chrono::{DateTime, Utc};

use super::actions::shown;
use super::pages::{
    Batch, BatchFile, BatchLine, BatchPreview, BatchReturn, BatchRow, BatchStep, BatchTax,
    Excluded, Reconciliation, ReturnedRow, Sampled,
};
use crate::clock::china_time;
use crate::domain::capital::in_capitals;
use crate::domain::payment::{
    Action, BankWord, Disposition, Outcome, PaymentState, SampleFinding, SampleReason,
};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::batch_pages::{
    BatchItem, BatchView, FrozenLine, LineView, PAGE, Progress, ReturnRowView, ReturnView,
    SampledLine, StepView, Taxed,
};
use crate::service::budget::{payer_name, source_name};
use crate::service::payment::Preview;
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::words::{Deed, Pager, Yuan};

/// An instant as people in China read it, to the minute.
pub fn minute(at: DateTime<Utc>) -> String {
    china_time(at).format("%Y-%m-%d %H:%M").to_string()
}

/// Where a list stands. `page` counts from 0 and has `size` rows; `query` is what else the address holds, `a=b&`.
pub(super) fn pager(
    total: i64,
    (page, size): (i64, i64),
    shown: usize,
    path: &str,
    query: &str,
) -> Pager {
    let shown = i64::try_from(shown).unwrap_or(0);
    let before = page.max(0) * size;
    let link = |page: i64| format!("{path}?{query}page={page}");
    Pager {
        total,
        is_more: false,
        first: if shown == 0 { 0 } else { before + 1 },
        last: if shown == 0 { 0 } else { before + shown },
        previous: (page > 0).then(|| link(page - 1)),
        next: (before + shown < total).then(|| link(page + 1)),
    }
}

/// A batch as lists show it.
pub(super) fn row(item: &BatchItem) -> BatchRow {
    let people = [Some(&item.maker), item.checker.as_ref(), item.approver.as_ref()];
    let people: Vec<&str> = people.into_iter().flatten().map(String::as_str).collect();
    BatchRow {
        no: item.no.clone(),
        year: item.award_year,
        source: source_name(&item.source),
        payer: payer_name(&item.payer_division),
        lines: item.lines,
        sum: Yuan(item.total),
        state: item.state.label().to_owned(),
        people: people.join(" / "),
        changed_at: minute(item.changed_at),
    }
}

fn step(step: &StepView) -> BatchStep {
    let (who, at) = match &step.done {
        Some((who, at)) => (who.clone(), china_time(*at).format("%m-%d %H:%M").to_string()),
        None => (String::new(), String::new()),
    };
    let state = match step.progress {
        Progress::Done => "done",
        Progress::Now => "now",
        Progress::Later => "later",
    };
    BatchStep { label: step.label, state, who, at }
}

/// A payment as the page shows it. It is on its way once the bank has the batch.
fn line(view: &LineView, is_sent: bool) -> BatchLine {
    let state = match view.outcome {
        Outcome::Pending if !is_sent => PaymentState::Payable.label(),
        other => other.label(),
    };
    BatchLine { state: state.to_owned(), ..payment(&view.line) }
}

/// A payment as it was frozen, whatever became of it.
pub(super) fn payment(line: &FrozenLine) -> BatchLine {
    let kind = if line.kind == "supplement" { "补发" } else { "" };
    let remark: Vec<&str> =
        [kind, line.reason_text.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    BatchLine {
        number: line.seq,
        name: line.payee_name.clone(),
        no: line.person_no.clone(),
        enterprise: line.enterprise.clone(),
        bank: line.bank_name.clone(),
        account_last4: line.last_four.clone(),
        amount: Yuan::of(line.amount_fen),
        tax: Yuan::of(line.tax_fen),
        net: Yuan::of(line.amount_fen - line.tax_fen),
        state: String::new(),
        remark: remark.join("；"),
    }
}

fn returned(view: &ReturnView) -> BatchReturn {
    let file = &view.file;
    let confirmed = file.confirmed_at.zip(file.confirmer.as_ref());
    BatchReturn {
        no: file.return_no.clone(),
        file_name: file.file_name.clone(),
        bank_no: file.bank_no.clone(),
        loaded: format!("{} {}", file.loader, minute(file.loaded_at)),
        confirmed: confirmed.map_or_else(String::new, |(at, who)| format!("{who} {}", minute(at))),
        paid: view.paid,
        paid_sum: Yuan(view.paid_sum),
        failed: view.failed,
        repeated: view.repeated,
        waiting: view.waiting,
        suspense: view.suspense,
        rows: view.rows.iter().map(returned_row).collect(),
    }
}

fn returned_row(view: &ReturnRowView) -> ReturnedRow {
    let row = &view.row;
    let state = match view.disposition {
        Disposition::Matched if view.word == BankWord::Paid => Outcome::Settled.label(),
        Disposition::Matched => Outcome::Failed.label(),
        Disposition::Repeated if view.word == BankWord::Pending => BankWord::Pending.label(),
        Disposition::Suspense if !row.resolution.is_empty() => "已处理",
        other => other.label(),
    };
    let texts = [&row.resolution, &row.query, &row.reason_text];
    let why = texts.into_iter().find(|text| !text.is_empty());
    ReturnedRow {
        row_no: row.row_no,
        line: row.seq.map_or_else(|| row.line_ref.clone(), |seq| seq.to_string()),
        payee: row.payee_name.clone().unwrap_or_default(),
        amount: Yuan::of(row.paid_fen),
        state: state.to_owned(),
        remark: why.cloned().unwrap_or_default(),
    }
}

fn sampled(found: &SampledLine) -> Sampled {
    Sampled {
        revision: found.revision,
        number: found.seq,
        name: found.payee_name.clone(),
        reason: SampleReason::from_code(&found.reason).map_or("", Code::label),
        finding: SampleFinding::from_code(&found.finding).map_or("", Code::label),
        note: found.note.clone(),
        who: format!("{} {}", found.checker, minute(found.at)),
    }
}

/// What a batch would hold.
///
/// # Errors
/// [`Error::Internal`] for a sum that has no capitals.
pub(super) fn preview(preview: &Preview) -> Result<BatchPreview, Error> {
    let capital = match preview.lines {
        0 => String::new(),
        _ => in_capitals(preview.total).map_err(|error| Error::Internal(error.to_string()))?,
    };
    let excluded = preview.excluded.iter().map(|excluded| Excluded {
        reason: excluded.reason.label().to_owned(),
        persons: excluded.persons,
        amount: Yuan(excluded.amount),
        remedy: excluded.reason.remedy().to_owned(),
        examples: excluded.examples.clone(),
    });
    Ok(BatchPreview {
        payable: preview.lines,
        sum: Yuan(preview.total),
        sum_capital: capital,
        waiting: preview.waiting,
        excluded: excluded.collect(),
        available: Yuan(preview.available),
        shortfall: Yuan(preview.shortfall),
        treatment: preview.treatment.map_or_else(String::new, |found| found.label().to_owned()),
        tax: Yuan(preview.tax),
    })
}

/// How the tax is handled, as pages show it.
pub(super) fn tax(taxed: Taxed) -> BatchTax {
    BatchTax {
        treatment: taxed.treatment.label().to_owned(),
        formula: taxed.treatment.formula().to_owned(),
        tax: Yuan(taxed.tax),
        net: Yuan(taxed.net),
    }
}

fn files(view: &BatchView, may_download: bool) -> Vec<BatchFile> {
    let Some(file) = &view.file else { return vec![] };
    let no = &view.item.no;
    let form = |name: &str, part: &str, note: &str, hash: &str| BatchFile {
        name: format!("{no}{name}"),
        href: if may_download { format!("/batches/{no}/{part}") } else { String::new() },
        note: note.to_owned(),
        hash: hash.to_owned(),
        made_at: minute(file.at),
        who: file.who.clone(),
    };
    let ending = format!(".{}", file.ending);
    let mut files = vec![
        form(&ending, &format!("file{ending}"), &file.form, &file.sha256),
        form(".xlsx", "file.xlsx", "与银行文件相同的付款明细，供人员查看", ""),
        form("-pain.001.xml", "file.xml", "ISO 20022 报文 pain.001.001.09，供直连接口", ""),
    ];
    if view.reconciliation.is_some() {
        let note = "国库支付凭证和逐笔回单字段，随回单更新";
        files.push(form("-支付凭证.xlsx", "voucher.xlsx", note, ""));
    }
    files
}

/// What a form on the page of a batch was typed as, and must be corrected in.
pub(super) type Typed = (Action, FormState);

/// The page of a batch.
pub(super) fn batch(
    frame: Frame,
    view: &BatchView,
    draft: Option<BatchPreview>,
    typed: Option<Typed>,
    page: i64,
    may_download: bool,
) -> Batch {
    let no = &view.item.no;
    let path = format!("/batches/{no}");
    let is_sent = view.reconciliation.is_some();
    let loads = view.offers.iter().find(|offer| offer.action == Action::LoadReturn);
    let return_form = loads.filter(|offer| offer.why_not.is_none()).map(|_| match &typed {
        Some((Action::LoadReturn, form)) => form.clone(),
        _ => FormState::new("returns"),
    });
    let by_form = |action| action == Action::LoadReturn && return_form.is_some();
    let actions = view.offers.iter().filter(|offer| !by_form(offer.action));
    let deed = |deed: &crate::service::batch_pages::Deed| {
        let what = match deed.reason.as_str() {
            "" => deed.what.clone(),
            reason => format!("{}：{reason}", deed.what),
        };
        Deed::new(&minute(deed.at), &deed.who, &what, None)
    };
    Batch {
        frame,
        facts: row(&view.item),
        sum_capital: view.total_capital.clone(),
        taxed: view.taxed.map(tax),
        purpose: view.purpose.clone(),
        payer_account: view.payer_account.clone(),
        selection: view.selection.clone(),
        budget_year: view.item.budget_year,
        voucher_no: view.voucher_no.clone(),
        hash: view.hash.clone(),
        version: view.version,
        steps: view.steps.iter().map(step).collect(),
        actions: actions.map(|offer| shown(no, offer, typed.as_ref())).collect(),
        sampled: view.sampled.iter().map(sampled).collect(),
        lines: view.lines.iter().map(|row| line(row, is_sent)).collect(),
        pager: pager(view.item.lines, (page, PAGE), view.lines.len(), &path, ""),
        files: files(view, may_download),
        returns: view.returns.iter().map(returned).collect(),
        return_form,
        preview: draft,
        reconciliation: view.reconciliation.map(|sums| Reconciliation {
            sent: Yuan(sums.sent),
            paid: Yuan(sums.paid),
            failed: Yuan(sums.failed),
            in_transit: Yuan(sums.pending),
            holds: sums.holds,
        }),
        deeds: view.deeds.iter().map(deed).collect(),
    }
}
