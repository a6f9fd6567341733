//! The money's part of the way: lines, batches, the bank's answers, recoveries.

use super::facts::shown;
use super::load::Loaded;
use super::moments::{Moment, Place, Stage};
use crate::clock::china_time;
use crate::domain::money::Fen;
use crate::domain::payment::{Action, BankWord, Disposition, Outcome, PaymentState};
use crate::domain::registry::Code;
use crate::service::budget::{payer_name, source_name};
use crate::store::evidence::{Batch, BatchLine, BatchStep, PaymentLine};
use crate::store::recovery::EntryKind;

/// Everything about money.
pub(super) fn moments(loaded: &Loaded) -> Vec<Moment> {
    let money = &loaded.money;
    let mut all: Vec<Moment> = money.lines.iter().map(|line| due(loaded, line)).collect();
    for hold in &money.holds {
        all.push(Moment {
            stage: Stage::Line,
            at: hold.held_at,
            what: "暂缓发放".to_owned(),
            detail: match hold.released_at {
                Some(at) => format!("已于 {} 解除：{}", day(at), shown(&hold.release_reason)),
                None => "尚未解除".to_owned(),
            },
            who: loaded.holder(hold.held_by),
            document: shown(&hold.reason),
            hash: String::new(),
            place: None,
        });
    }
    for line in &money.batch_lines {
        if let Some(batch) = money.batches.iter().find(|batch| batch.id == line.batch_id) {
            all.push(batched(loaded, batch, line));
        }
    }
    for batch in &money.batches {
        all.extend(allotted(loaded, batch));
        let steps = money.steps.iter().filter(|step| step.batch_id == batch.id);
        all.extend(steps.map(|step| moved(loaded, batch, step)));
    }
    all.extend(answered(loaded));
    all.extend(recovered(loaded));
    all
}

fn day(at: chrono::DateTime<chrono::Utc>) -> String {
    china_time(at).date_naive().to_string()
}

fn yuan(fen: i64) -> String {
    format!("{} 元", Fen::new(fen).grouped())
}

fn due(loaded: &Loaded, line: &PaymentLine) -> Moment {
    let kind = if line.kind == "supplement" { "补发" } else { "年度奖补" };
    let version = loaded.results.versions.iter().find(|version| version.id == line.entitlement_id);
    let version = version.map_or_else(String::new, |v| format!("，按第 {} 版核定", v.version_no));
    let state = PaymentState::from_code(&line.state).map_or("", Code::label);
    Moment {
        stage: Stage::Line,
        at: line.recorded_at,
        what: format!("{kind} {}", line.line_no),
        detail: format!(
            "{}，{}，{}{version}，{state}",
            yuan(line.amount_fen),
            source_name(&line.source),
            payer_name(&line.payer_division)
        ),
        who: String::new(),
        document: String::new(),
        hash: String::new(),
        place: Some(Place::Year(loaded.person_no(line.person_id).to_owned(), line.award_year)),
    }
}

fn batched(loaded: &Loaded, batch: &Batch, line: &BatchLine) -> Moment {
    let of_revision =
        |step: &&BatchStep| step.batch_id == batch.id && step.revision == line.revision;
    let mut steps = loaded.money.steps.iter().filter(of_revision);
    let frozen = steps.rfind(|step| step.action == Action::Freeze.code());
    let outcome = Outcome::from_code(&line.outcome).map_or("", Code::label);
    Moment {
        stage: Stage::Batch,
        at: frozen.map_or(batch.created_at, |step| step.at),
        what: format!("编入批次 {}", batch.batch_no),
        detail: format!(
            "第 {} 笔，{}，代扣个税 {}，账户尾号 {}，{outcome}",
            line.seq,
            yuan(line.amount_fen),
            yuan(line.tax_fen),
            line.last_four
        ),
        who: frozen.map_or_else(String::new, |step| loaded.account(step.account_id)),
        document: format!("明细 {}", line.line_ref),
        hash: String::new(),
        place: Some(Place::Batch(batch.batch_no.clone())),
    }
}

/// The documents of the budget line from which a batch is paid.
fn allotted<'a>(loaded: &'a Loaded, batch: &'a Batch) -> impl Iterator<Item = Moment> + 'a {
    let of_batch = |a: &&crate::store::evidence::Allocation| {
        (a.programme.as_str(), a.source.as_str(), a.payer_division.as_str(), a.budget_year)
            == (
                batch.programme.as_str(),
                batch.source.as_str(),
                batch.payer_division.as_str(),
                batch.budget_year,
            )
    };
    loaded.money.allocations.iter().filter(move |a| of_batch(a)).map(|allocation| Moment {
        stage: Stage::Batch,
        at: allocation.recorded_at,
        what: "资金指标入账".to_owned(),
        detail: format!(
            "{} 预算年度，{}，{}",
            allocation.budget_year,
            source_name(&allocation.source),
            yuan(allocation.amount_fen)
        ),
        who: loaded.account(allocation.recorded_by),
        document: shown(&allocation.document_no),
        hash: String::new(),
        place: Some(Place::Budget),
    })
}

fn moved(loaded: &Loaded, batch: &Batch, step: &BatchStep) -> Moment {
    let action = Action::from_code(&step.action);
    let is_issued = action == Some(Action::IssueFile);
    let signed = loaded.money.signatures.iter().any(|signature| {
        action == Some(Action::Approve)
            && signature.batch_id == batch.id
            && signature.revision == step.revision
    });
    let document = match action {
        Some(Action::IssueFile) => format!("银行文件（格式 {}）", batch.bank_profile),
        Some(Action::MarkSent) => format!("支付凭证 {}", shown(&batch.voucher_no)),
        _ if signed => "附电子签名".to_owned(),
        _ => shown(&step.reason),
    };
    Moment {
        stage: Stage::Batch,
        at: step.at,
        what: action.map_or("编制", Code::label).to_owned(),
        detail: format!(
            "批次 {} 第 {} 版，{} 笔，{}",
            batch.batch_no,
            step.revision,
            batch.line_count,
            yuan(batch.total_fen)
        ),
        who: loaded.account(step.account_id),
        document,
        hash: if is_issued { batch.file_sha256.clone() } else { step.content_hash.clone() },
        place: Some(Place::Batch(batch.batch_no.clone())),
    }
}

fn answered(loaded: &Loaded) -> Vec<Moment> {
    let money = &loaded.money;
    let mut all = Vec::new();
    for row in &money.return_rows {
        let Some(file) = money.returns.iter().find(|file| file.id == row.return_id) else {
            continue;
        };
        let batch = money.batches.iter().find(|batch| batch.id == file.batch_id);
        let batch_no = batch.map_or("", |batch| batch.batch_no.as_str());
        let word = BankWord::from_code(&row.status).map_or("", Code::label);
        let taken = Disposition::from_code(&row.disposition).map_or("", Code::label);
        let paid_at = row.paid_at.map_or_else(String::new, |at| format!("，付款 {}", day(at)));
        let reason = shown(&row.reason_text);
        let reason = if reason.is_empty() { reason } else { format!("，{reason}") };
        let serial = match row.bank_serial.as_str() {
            "" => String::new(),
            serial => format!("银行流水号 {serial}，"),
        };
        let confirmed = match (file.confirmed_by, file.confirmed_at) {
            (Some(by), Some(at)) => format!("；{} 于 {} 确认", loaded.holder(by), day(at)),
            _ => "；尚未确认".to_owned(),
        };
        all.push(Moment {
            stage: Stage::Bank,
            at: file.loaded_at,
            what: format!("{word}（{taken}）"),
            detail: format!("{serial}{}{paid_at}{reason}", yuan(row.paid_fen)),
            who: format!("{} 载入{confirmed}", loaded.holder(file.loaded_by)),
            document: format!(
                "回单 {} 第 {} 行{}",
                file.return_no,
                row.row_no,
                match file.bank_no.as_str() {
                    "" => String::new(),
                    no => format!("，银行编号 {}", shown(no)),
                }
            ),
            hash: file.sha256.clone(),
            place: Some(Place::Batch(batch_no.to_owned())),
        });
    }
    all
}

fn recovered(loaded: &Loaded) -> Vec<Moment> {
    let money = &loaded.money;
    let mut all = Vec::new();
    for recovery in &money.recoveries {
        // A proposal has no file of its own yet; it is told where the year is explained.
        let has_file = loaded.cases.files.iter().any(|file| file.case_no == recovery.recovery_no);
        let person_no = loaded.person_no(recovery.person_id);
        let place = || {
            Some(if has_file {
                Place::Recovery(recovery.recovery_no.clone())
            } else {
                Place::Year(person_no.to_owned(), recovery.award_year)
            })
        };
        all.push(Moment {
            stage: Stage::Recovery,
            at: recovery.recorded_at,
            what: format!("待追回 {}", recovery.recovery_no),
            detail: format!(
                "{} 年度，{}，{}",
                recovery.award_year,
                yuan(recovery.amount_fen),
                payer_name(&recovery.payer_division)
            ),
            who: String::new(),
            document: String::new(),
            hash: String::new(),
            place: place(),
        });
        let entries = money.recovery_entries.iter().filter(|e| e.recovery_id == recovery.id);
        for entry in entries {
            let kind = EntryKind::from_code(&entry.kind).map_or("", Code::label);
            let state = match entry.accepted {
                Some(true) => "已确认",
                Some(false) => "已退回",
                None => "待确认",
            };
            let by = [entry.recorded_by, entry.decided_by];
            let by: Vec<String> = by.into_iter().flatten().map(|id| loaded.holder(id)).collect();
            all.push(Moment {
                stage: Stage::Recovery,
                at: entry.recorded_at,
                what: kind.to_owned(),
                detail: format!("{}，{}，{state}", yuan(entry.amount_fen), entry.on_day),
                who: by.join("；"),
                document: shown(&entry.document_no),
                hash: String::new(),
                place: place(),
            });
        }
    }
    all
}
