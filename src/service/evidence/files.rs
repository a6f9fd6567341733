//! The readable files of a bundle.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::facts::shown;
use super::load::{Loaded, grouped};
use super::money_files;
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::Code;
use crate::file::evidence::{BANK, BATCHES};
use crate::service::case::told_step;
use crate::store::attachment::Attachment;
use crate::store::evidence::{CaseRow, CaseStep, Entitlement, Share};

/// The files in the order of the archive, with what they hold.
pub(super) fn all(loaded: &Loaded, attachments: &[Attachment]) -> Vec<(&'static str, Value)> {
    vec![
        ("facts.json", facts(loaded)),
        ("documents.json", documents(loaded, attachments)),
        ("results.json", entitlements(loaded)),
        ("decisions.json", decisions(loaded)),
        ("payments.json", money_files::payments(loaded)),
        (BATCHES, money_files::batches(loaded)),
        (BANK, money_files::bank(loaded)),
        ("recoveries.json", money_files::recoveries(loaded)),
    ]
}

pub(super) fn at(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339()
}

/// JSON that a table holds as text; the text itself when it is none.
fn stored(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn facts(loaded: &Loaded) -> Value {
    let fact = |fact: &super::facts::FactRecord| {
        json!({
            "类别": fact.kind,
            "版本标识": fact.id,
            "对象": fact.whose,
            "内容": fact.content,
            "有效首日": fact.from.to_string(),
            "有效末日": fact.through.map(|day| day.to_string()),
            "记录时间": at(fact.recorded_at),
            "被取代时间": fact.superseded_at.map(at),
            "取代的版本": fact.replaces,
            "登记人": loaded.account(fact.recorded_by),
            "来源文件": fact.source_id,
            "原因": fact.reason,
        })
    };
    let head = loaded.file.as_ref().map(|file| {
        let merged: Vec<&str> = file.merged.iter().map(|person| person.no.as_str()).collect();
        json!({ "编号": file.person.no, "已并入的编号": merged })
    });
    let enterprises = loaded.enterprises.values();
    json!({
        "人员": head,
        "编号": loaded.persons.values().collect::<Vec<_>>(),
        "企业": enterprises.map(|(uscc, name)| json!({
            "统一社会信用代码": uscc,
            "名称": name,
        })).collect::<Vec<_>>(),
        "事实": loaded.facts.iter().map(fact).collect::<Vec<_>>(),
    })
}

fn documents(loaded: &Loaded, attachments: &[Attachment]) -> Value {
    let source = |source: &crate::store::evidence::SourceDocument| {
        let import = loaded.import_of(source).map(|import| {
            json!({
                "导入编号": import.import_no,
                "类别": import.kind,
                "文件名": shown(&import.file_name),
                "文件校验值": import.sha256,
                "状态": import.state,
                "上传人": loaded.account(import.uploaded_by),
                "上传时间": at(import.uploaded_at),
                "确认人": import.decided_by.map(|id| loaded.account(id)),
                "确认时间": import.decided_at.map(at),
            })
        });
        json!({
            "标识": source.id,
            "类别": source.kind,
            "名称": shown(&source.title),
            "文号": shown(&source.document_no),
            "登记人": loaded.account(source.recorded_by),
            "登记时间": at(source.recorded_at),
            "导入": import,
        })
    };
    let attachment = |file: &Attachment| {
        json!({
            "所属": file.subject_kind,
            "文件名": shown(&file.file_name),
            "说明": shown(&file.note),
            "大小": file.size_bytes,
            "文件校验值": file.sha256,
            "上传时间": at(file.uploaded_at),
            "撤回时间": file.withdrawn_at.map(at),
        })
    };
    let policy = |policy: &crate::store::evidence::PolicyDocument| {
        json!({
            "标识": policy.id,
            "项目": policy.programme,
            "名称": policy.title,
            "文件校验值": policy.sha256,
            "登记人": loaded.account(policy.recorded_by),
            "登记时间": at(policy.recorded_at),
        })
    };
    json!({
        "来源文件": loaded.sources.values().map(source).collect::<Vec<_>>(),
        "附件": attachments.iter().map(attachment).collect::<Vec<_>>(),
        "政策文件": loaded.results.policies.iter().map(policy).collect::<Vec<_>>(),
    })
}

fn entitlements(loaded: &Loaded) -> Value {
    let results = &loaded.results;
    let shares = grouped(&results.shares, |share| share.entitlement_id);
    let one = |version: &Entitlement| {
        entitlement(loaded, version, shares.get(&version.id).map_or(&[], Vec::as_slice))
    };
    results.versions.iter().map(one).collect()
}

fn entitlement(loaded: &Loaded, version: &Entitlement, shares: &[&Share]) -> Value {
    let results = &loaded.results;
    let run = results.runs.iter().find(|run| Some(run.id) == version.run_id);
    let policy = results.policies.iter().find(|policy| policy.id == version.policy_document_id);
    let shares = shares.iter().map(|share| {
        let enterprise = loaded.enterprises.get(&share.enterprise_id);
        json!({
            "企业": enterprise.map(|(uscc, _)| uscc),
            "行政区划": share.division,
            "资金来源": share.source,
            "出资单位": share.payer_division,
            "金额（分）": share.amount_fen,
        })
    });
    json!({
        "人员": loaded.person_no(version.person_id),
        "项目": version.programme,
        "奖补年度": version.award_year,
        "版本": version.version_no,
        "结论": version.status,
        "合格天数": version.eligible_days,
        "计入月数": version.counted_months,
        "应计（分）": version.gross_fen,
        "抵扣（分）": version.offset_fen,
        "净额（分）": version.net_fen,
        "不予发放的原因": stored(&version.reasons),
        "核定结果": stored(&version.determination),
        "计算过程": stored(&version.trace),
        "输入指纹": version.fingerprint,
        "政策文件": policy.map(|policy| json!({
            "名称": policy.title,
            "文件校验值": policy.sha256,
        })),
        "所依据信息的时间": at(version.facts_known_at),
        "核定": run.map(|run| json!({
            "编号": run.run_no,
            "发起人": loaded.account(run.started_by),
            "发起时间": at(run.started_at),
        })),
        "记录时间": at(version.recorded_at),
        "被取代时间": version.superseded_at.map(at),
        "分摊": shares.collect::<Vec<_>>(),
    })
}

fn decisions(loaded: &Loaded) -> Value {
    let cases = &loaded.cases;
    let numbers: BTreeMap<i64, &str> =
        cases.files.iter().map(|file| (file.id, file.case_no.as_str())).collect();
    let steps = grouped(&cases.steps, |step| step.case_id);
    let years: BTreeMap<i64, i64> =
        cases.years.iter().map(|year| (year.case_id, year.award_year)).collect();
    let files = cases.files.iter().map(|file| {
        let steps = steps.get(&file.id).map_or(&[] as &[_], Vec::as_slice);
        case(loaded, file, steps, years.get(&file.id).copied())
    });
    let notice = |notice: &crate::store::evidence::Notice| {
        let periods = cases.periods.iter().filter(|period| period.notice_id == notice.id);
        let periods = periods.map(|period| {
            json!({
                "首日": period.starts_on.to_string(),
                "末日": period.ends_on.to_string(),
                "工作日": period.working_days,
                "原因": shown(&period.reason),
                "登记人": loaded.account(period.recorded_by),
                "登记时间": at(period.recorded_at),
            })
        });
        let entries = cases.entries.iter().filter(|entry| entry.notice_id == notice.id);
        let entries = entries.map(|entry| {
            let no = numbers.get(&entry.case_id);
            json!({
                "序号": entry.seq,
                "办件": no,
                "姓名": entry.name_masked,
                "企业": entry.enterprise,
            })
        });
        json!({
            "编号": notice.notice_no,
            "标题": shown(&notice.title),
            "依据": shown(&notice.basis),
            "发布人": loaded.account(notice.published_by),
            "发布时间": at(notice.published_at),
            "公示期": periods.collect::<Vec<_>>(),
            "有关的行": entries.collect::<Vec<_>>(),
        })
    };
    json!({
        "办件": files.collect::<Vec<_>>(),
        "公示": cases.notices.iter().map(notice).collect::<Vec<_>>(),
        "批次": money_files::batch_decisions(loaded),
        "个税处理": money_files::rulings(loaded),
    })
}

fn case(loaded: &Loaded, file: &CaseRow, steps: &[&CaseStep], year: Option<i64>) -> Value {
    let steps = steps.iter().map(|step| {
        let told = told_step(&file.kind, step, loaded.account_names());
        let evidence = told.evidence.iter();
        let evidence: serde_json::Map<String, Value> =
            evidence.map(|(name, text)| ((*name).to_owned(), shown(text).into())).collect();
        json!({
            "序号": step.seq,
            "办理": told.act,
            "办理日": step.on_day.to_string(),
            "时间": at(step.at),
            "办理人": step.account_id.map(|id| loaded.account(id)),
            "岗位": told.who.rsplit(" · ").next(),
            "代": step.for_account_id.map(|id| loaded.account(id)),
            "原状态": step.from_state,
            "办后状态": step.to_state,
            "说明": shown(&told.remark),
            "材料": evidence,
        })
    });
    let enterprise = file.enterprise_id.and_then(|id| loaded.enterprises.get(&id));
    json!({
        "编号": file.case_no,
        "类别": CaseKind::from_code(&file.kind).map(Code::label),
        "人员": file.person_id.map(|id| loaded.person_no(id)),
        "企业": enterprise.map(|(uscc, _)| uscc),
        "奖补年度": year,
        "状态": file.state,
        "建立时间": at(file.opened_at),
        "办理过程": steps.collect::<Vec<_>>(),
    })
}
