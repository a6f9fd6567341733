//! The files of a bundle that are about money.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::shown;
use super::files::at;
use super::load::{Loaded, grouped};
use crate::file::evidence::{BANK_FILE, BATCH_NO, RETURN_FILE};
use crate::store::evidence::{Batch, BatchLine, Hold, PaymentLine};

fn batch_no(loaded: &Loaded, id: i64) -> &str {
    let found = loaded.money.batches.iter().find(|batch| batch.id == id);
    found.map_or("", |batch| batch.batch_no.as_str())
}

pub(super) fn payments(loaded: &Loaded) -> Value {
    let money = &loaded.money;
    let beside = Beside {
        versions: loaded.results.versions.iter().map(|v| (v.id, v.version_no)).collect(),
        held: grouped(&money.batch_lines, |held| held.payment_line_id),
        kept: grouped(&money.holds, |hold| hold.person_id),
    };
    money.lines.iter().map(|line| payment(loaded, &beside, line)).collect()
}

/// What stands beside payments, by where it belongs.
struct Beside<'a> {
    /// Numbers of versions by their identity.
    versions: BTreeMap<i64, i64>,
    /// Lines in batches by payment line.
    held: BTreeMap<i64, Vec<&'a BatchLine>>,
    /// Holds by person.
    kept: BTreeMap<i64, Vec<&'a Hold>>,
}

fn payment(loaded: &Loaded, beside: &Beside<'_>, line: &PaymentLine) -> Value {
    let held = beside.held.get(&line.id).into_iter().flatten();
    let held = held.map(|held| batch_line(loaded, held));
    let kept = beside.kept.get(&line.person_id).into_iter().flatten().filter(|hold| {
        hold.award_year == line.award_year && hold.payer_division == line.payer_division
    });
    let kept = kept.map(|hold| {
        json!({
            "原因": shown(&hold.reason),
            "办理人": loaded.holder(hold.held_by),
            "时间": at(hold.held_at),
            "解除人": hold.released_by.map(|id| loaded.holder(id)),
            "解除时间": hold.released_at.map(at),
            "解除原因": shown(&hold.release_reason),
        })
    });
    json!({
        "编号": line.line_no,
        "人员": loaded.person_no(line.person_id),
        "奖补年度": line.award_year,
        "类别": line.kind,
        "资金来源": line.source,
        "出资单位": line.payer_division,
        "分项": line.component_no,
        "金额（分）": line.amount_fen,
        "状态": line.state,
        "核定版本": beside.versions.get(&line.entitlement_id),
        "记录时间": at(line.recorded_at),
        "作废时间": line.voided_at.map(at),
        "批次中的各笔": held.collect::<Vec<_>>(),
        "暂缓": kept.collect::<Vec<_>>(),
    })
}

fn batch_line(loaded: &Loaded, line: &BatchLine) -> Value {
    json!({
        BATCH_NO: batch_no(loaded, line.batch_id),
        "版次": line.revision,
        "序号": line.seq,
        "明细编号": line.line_ref,
        "收款人": line.payee_name,
        "账号末四位": line.last_four,
        "金额（分）": line.amount_fen,
        "代扣个税（分）": line.tax_fen,
        "结果": line.outcome,
        "银行流水号": line.bank_serial,
        "付款时间": line.paid_at.map(at),
        "银行说明": shown(&line.reason_text),
        "在批次中有效": line.live,
    })
}

pub(super) fn batches(loaded: &Loaded) -> Value {
    let money = &loaded.money;
    let budget = |batch: &Batch| {
        let of_batch = money.allocations.iter().filter(|allocation| {
            allocation.programme == batch.programme
                && allocation.source == batch.source
                && allocation.payer_division == batch.payer_division
                && allocation.budget_year == batch.budget_year
        });
        let told = of_batch.map(|allocation| {
            json!({
                "文号": shown(&allocation.document_no),
                "金额（分）": allocation.amount_fen,
                "登记人": loaded.account(allocation.recorded_by),
                "登记时间": at(allocation.recorded_at),
            })
        });
        told.collect::<Vec<_>>()
    };
    let one = |batch: &Batch| {
        json!({
            BATCH_NO: batch.batch_no,
            "项目": batch.programme,
            "奖补年度": batch.award_year,
            "预算年度": batch.budget_year,
            "资金来源": batch.source,
            "出资单位": batch.payer_division,
            "用途": shown(&batch.purpose),
            "状态": batch.state,
            "版次": batch.revision,
            "笔数": batch.line_count,
            "合计（分）": batch.total_fen,
            "内容校验值": batch.content_hash,
            "冻结时间": batch.frozen_at.map(at),
            "银行格式": batch.bank_profile,
            BANK_FILE: batch.file_sha256,
            "出文件时间": batch.file_created_at.map(at),
            "支付凭证号": shown(&batch.voucher_no),
            "个税处理": batch.tax_treatment,
            "编制时间": at(batch.created_at),
            "资金指标": budget(batch),
        })
    };
    money.batches.iter().map(one).collect()
}

/// What was done with the batches, what checkers looked at, and the signatures of approvers.
pub(super) fn batch_decisions(loaded: &Loaded) -> Value {
    let money = &loaded.money;
    let one = |batch: &Batch| {
        let steps = money.steps.iter().filter(|step| step.batch_id == batch.id);
        let steps = steps.map(|step| {
            json!({
                "版次": step.revision,
                "办理": step.action,
                "原状态": step.from_state,
                "办后状态": step.to_state,
                "办理人": loaded.account(step.account_id),
                "时间": at(step.at),
                "原因": shown(&step.reason),
                "内容校验值": step.content_hash,
            })
        });
        let signatures = money.signatures.iter().filter(|signed| signed.batch_id == batch.id);
        let signatures = signatures.map(|signed| {
            json!({
                "版次": signed.revision,
                "内容校验值": signed.content_hash,
                "合计（分）": signed.total_fen,
                "审批人": loaded.holder(signed.holder_id),
                "时间": at(signed.signed_at),
                "签名": signed.signature,
            })
        });
        let samples = money.samples.iter().filter(|sample| sample.batch_id == batch.id);
        let samples = samples.map(|sample| {
            json!({
                "版次": sample.revision,
                "序号": sample.seq,
                "抽取原因": sample.reason,
                "核对结果": sample.finding,
                "说明": shown(&sample.note),
                "复核人": loaded.holder(sample.holder_id),
                "时间": at(sample.at),
            })
        });
        json!({
            BATCH_NO: batch.batch_no,
            "办理过程": steps.collect::<Vec<_>>(),
            "复核抽查": samples.collect::<Vec<_>>(),
            "审批签名": signatures.collect::<Vec<_>>(),
        })
    };
    money.batches.iter().map(one).collect()
}

/// How the tax of the years was ruled.
pub(super) fn rulings(loaded: &Loaded) -> Value {
    let one = |ruling: &crate::store::evidence::TaxRuling| {
        json!({
            "编号": ruling.ruling_no,
            "项目": ruling.programme,
            "奖补年度": ruling.award_year,
            "处理方式": ruling.treatment,
            "依据": shown(&ruling.basis),
            "文号": shown(&ruling.document_no),
            "提出人": loaded.holder(ruling.proposed_by),
            "提出时间": at(ruling.proposed_at),
            "确认人": ruling.decided_by.map(|id| loaded.holder(id)),
            "确认时间": ruling.decided_at.map(at),
            "确认": ruling.accepted,
        })
    };
    loaded.money.rulings.iter().map(one).collect()
}

pub(super) fn bank(loaded: &Loaded) -> Value {
    let money = &loaded.money;
    let one = |file: &crate::store::evidence::ReturnFile| {
        let rows = money.return_rows.iter().filter(|row| row.return_id == file.id);
        let rows = rows.map(|row| {
            json!({
                "行": row.row_no,
                "明细编号": row.line_ref,
                "结果": row.status,
                "金额（分）": row.paid_fen,
                "银行流水号": row.bank_serial,
                "付款时间": row.paid_at.map(at),
                "银行说明": shown(&row.reason_text),
                "处理": row.disposition,
                "待查原因": shown(&row.query),
                "查明结果": shown(&row.resolution),
                "查明人": row.resolved_by.map(|id| loaded.holder(id)),
                "查明时间": row.resolved_at.map(at),
            })
        });
        json!({
            "回单编号": file.return_no,
            BATCH_NO: batch_no(loaded, file.batch_id),
            "文件名": shown(&file.file_name),
            RETURN_FILE: file.sha256,
            "银行编号": shown(&file.bank_no),
            "载入人": loaded.holder(file.loaded_by),
            "载入时间": at(file.loaded_at),
            "确认人": file.confirmed_by.map(|id| loaded.holder(id)),
            "确认时间": file.confirmed_at.map(at),
            "有关的行": rows.collect::<Vec<_>>(),
        })
    };
    money.returns.iter().map(one).collect()
}

pub(super) fn recoveries(loaded: &Loaded) -> Value {
    let money = &loaded.money;
    let one = |recovery: &crate::store::evidence::Recovery| {
        let entries = money.recovery_entries.iter().filter(|e| e.recovery_id == recovery.id);
        let entries = entries.map(|entry| {
            json!({
                "类别": entry.kind,
                "金额（分）": entry.amount_fen,
                "日期": entry.on_day.to_string(),
                "文号": shown(&entry.document_no),
                "登记人": entry.recorded_by.map(|id| loaded.holder(id)),
                "登记时间": at(entry.recorded_at),
                "确认人": entry.decided_by.map(|id| loaded.holder(id)),
                "确认时间": entry.decided_at.map(at),
                "确认": entry.accepted,
            })
        });
        json!({
            "编号": recovery.recovery_no,
            "人员": loaded.person_no(recovery.person_id),
            "奖补年度": recovery.award_year,
            "资金来源": recovery.source,
            "出资单位": recovery.payer_division,
            "金额（分）": recovery.amount_fen,
            "状态": recovery.state,
            "记录时间": at(recovery.recorded_at),
            "撤销时间": recovery.cancelled_at.map(at),
            "归还抵扣核销": entries.collect::<Vec<_>>(),
        })
    };
    money.recoveries.iter().map(one).collect()
}
