//! What verbs and objects of the log are called.

use serde_json::Value;

use super::verbs::ACTIONS;
use crate::domain::registry::Code;
use crate::service::roster::FactKind;

/// Kinds of objects: code, name, and where one can be read when it has a page.
const OBJECTS: &[(&str, &str, Option<&str>)] = &[
    ("case_list", "办件清单", None),
    ("delegation", "委托", None),
    ("account", "账号", None),
    ("organisation", "机构", None),
    ("act", "权限", None),
    ("batch", "批次", Some("/batches/")),
    ("engineer", "工程师", Some("/engineers/")),
    ("enterprise", "企业", Some("/enterprises/")),
    ("import", "导入", None),
    ("run", "年度核定", None),
    ("policy", "政策", Some("/policies/")),
    ("policy_draft", "政策草稿", None),
    ("scenario", "政策情景", None),
    ("roster", "确认文件", None),
    ("ledger", "应发台账", None),
    ("export", "导出文件", None),
    ("agreement", "一事一议", Some("/agreements/")),
    ("expert", "专家聘任", Some("/experts/")),
    ("expert_service", "专家服务", Some("/expert-services/")),
    ("freeze", "停办期", None),
    ("tax", "个税处理", None),
    ("catalogue", "冲突目录", None),
    ("programme", "人才项目", Some("/programmes/")),
    ("nomination", "人才项目申报", Some("/nominations/")),
    ("training", "培训", Some("/trainings/")),
    ("hr_institution", "人力资源机构", Some("/hr-institutions/")),
    ("roster_list", "工程师名单", None),
    ("budget", "指标文件", None),
    ("budget_request", "资金指标", None),
    ("list_version", "清单版本", None),
    ("overview", "总览明细", None),
    ("merge", "编号合并", None),
    ("duplicates", "疑似重复", None),
    ("case", "办件", Some("/cases/")),
    ("notice", "公示", Some("/public/notices/")),
    ("standard", "认定标准", None),
    ("campaign", "年度核查", None),
    ("exchange_rate", "外汇牌价", Some("/exchange-rates/uploads/")),
    ("calendar", "工作日安排", Some("/calendars/")),
    ("call", "申报通知", None),
    ("annual_check", "年度核查", None),
    ("token", "接口令牌", None),
    ("webhook", "事件通知", None),
    ("sample", "抽查名单", Some("/checks/")),
    ("tip", "举报线索", Some("/tips/")),
];

/// Facts beside an event.
const FACTS: &[(&str, &str)] = &[
    ("left", "剩余"),
    ("by", "方式"),
    ("days", "天数"),
    ("number", "号码"),
    ("today", "当日次数"),
    ("in_name_of", "代"),
    ("taker", "受托人"),
    ("relation", "关系"),
    ("conditions", "条件"),
    ("rhythm", "频率"),
    ("failures", "连续失败次数"),
    ("ended", "退出数"),
    ("role", "角色"),
    ("asked_by", "申请人"),
    ("organisation", "机构"),
    ("name", "姓名"),
    ("kind", "类别"),
    ("found", "是否找到"),
    ("leading", "主编号"),
    ("merged", "并入编号"),
    ("other", "另一编号"),
    ("request", "申请"),
    ("subject", "事项"),
    ("form", "格式"),
    ("size", "大小"),
    ("events", "日志记录数"),
    ("sha256", "校验值"),
    ("division", "行政区划"),
    ("before", "原"),
    ("after", "现"),
    ("from", "自"),
    ("to", "至"),
    ("through", "止于"),
    ("now", "现"),
    ("reason", "原因"),
    ("group", "类别"),
    ("with", "与"),
    ("nominee", "对象"),
    ("places", "指标"),
    ("outcome", "结果"),
    ("organiser", "举办单位"),
    ("seats", "计划人数"),
    ("passed", "合格人数"),
    ("treatment", "处理方式"),
    ("tax_treatment", "个税处理"),
    ("basis", "依据"),
    ("title", "标题"),
    ("year", "年度"),
    ("award_year", "奖补年度"),
    ("budget_year", "预算年度"),
    ("last_day", "最后一日"),
    ("report", "报告"),
    ("standing", "提交情况"),
    ("enterprise", "企业"),
    ("document_no", "文号"),
    ("source", "资金来源"),
    ("payer", "付款单位"),
    ("payer_division", "付款单位"),
    ("programme", "项目"),
    ("purpose", "用途"),
    ("policy", "政策"),
    ("case_no", "算例"),
    ("persons", "人数"),
    ("rows", "行数"),
    ("row", "行"),
    ("good", "可导入"),
    ("bad", "有误"),
    ("known", "已登记"),
    ("again", "重复上传"),
    ("facts", "事实数"),
    ("fact", "事实"),
    ("listings", "清单记录"),
    ("restored", "恢复"),
    ("replaced", "替换"),
    ("confirmed", "已确认"),
    ("refused", "未确认"),
    ("eligible", "符合"),
    ("ineligible", "不符合"),
    ("changed", "有变化"),
    ("adjusted", "有调整"),
    ("done", "已核定"),
    ("failed_persons", "出错人数"),
    ("lines", "笔数"),
    ("line", "笔"),
    ("left_out", "未列入"),
    ("revision", "版次"),
    ("return_no", "回单编号"),
    ("matched", "已对上"),
    ("repeated", "重复"),
    ("waiting", "处理中"),
    ("in_suspense", "待查"),
    ("suspense", "待查"),
    ("settled", "已结清"),
    ("failed", "退票"),
    ("format", "格式"),
    ("bank", "开户银行"),
    ("last_four", "账号末四位"),
    ("amount", "金额"),
    ("available", "可用"),
    ("paid", "已付"),
    ("total", "合计"),
    ("withdrawn_total", "撤回合计"),
    ("withdrawn_hash", "撤回校验值"),
    ("content_hash", "内容校验值"),
    ("file_sha256", "文件校验值"),
    ("bank_profile", "银行格式"),
    ("bank_no", "银行回单编号"),
    ("sha256", "文件校验值"),
    ("charset", "编码"),
    ("query", "条件"),
    ("uscc", "统一社会信用代码"),
    ("hash", "校验值"),
    ("account", "账号"),
    ("scopes", "权限"),
    ("host", "主机"),
    ("kinds", "通知类别"),
    ("message", "通知编号"),
    ("dropped", "取消待送"),
    ("seed", "随机种子"),
    ("successor", "接手人"),
    ("cases", "办件"),
    ("imports", "导入"),
    ("checked", "已核查"),
    ("certificate", "聘书编号"),
    ("conflicts", "利益冲突"),
    ("appointment", "聘任"),
    ("hours", "小时"),
    ("on_day", "日期"),
    ("note", "说明"),
];

/// A verb in Chinese; one that is unknown stays as it is.
pub fn action(code: &str) -> &str {
    ACTIONS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

/// The known verbs in their order, then the others.
pub fn order(code: &str) -> usize {
    ACTIONS.iter().position(|(known, _)| *known == code).unwrap_or(ACTIONS.len())
}

/// Whether the verb tells of something that was not let happen.
pub fn is_refusal(code: &str) -> bool {
    code.ends_with(".refused") || code.ends_with(".locked")
}

/// An object in Chinese.
pub fn object(kind: &str, no: &str) -> String {
    let name =
        OBJECTS.iter().find(|(known, _, _)| *known == kind).map_or(kind, |(_, name, _)| name);
    if no.is_empty() { name.to_owned() } else { format!("{name} {no}") }
}

/// Where an object can be read by those who read the log.
pub fn object_href(kind: &str, no: &str) -> Option<String> {
    let (_, _, page) = OBJECTS.iter().find(|(known, _, _)| *known == kind)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let usable = !no.is_empty() && no.chars().all(plain);
    page.filter(|_| usable).map(|page| format!("{page}{no}"))
}

/// The facts beside an event in one line; those without a value are left out.
pub fn detail(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fact = |(key, value): (&String, &Value)| {
                let name = FACTS.iter().find(|(known, _)| known == key);
                let name = name.map_or(key.as_str(), |(_, name)| name);
                let text = match value.as_str().filter(|_| key == "fact") {
                    Some(code) => {
                        FactKind::from_code(code).map_or(code, |kind| kind.label()).to_owned()
                    }
                    None => detail(value),
                };
                // Old and new values stand apart from the facts around them.
                if value.is_object() {
                    format!("{name}（{text}）")
                } else {
                    format!("{name}：{text}")
                }
            };
            let told = fields.iter().filter(|(_, value)| !value.is_null());
            told.map(fact).collect::<Vec<_>>().join("；")
        }
        Value::Array(values) => values.iter().map(detail).collect::<Vec<_>>().join("、"),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_as_a_sentence_and_unknown_ones_stay() {
        let value =
            serde_json::json!({ "before": ["财务经办", "甲"], "after": "乙", "x": 3, "y": true });
        assert_eq!(detail(&value), "原：财务经办、甲；现：乙；x：3；y：是");
        assert_eq!(detail(&serde_json::json!({})), "");
        let corrected = serde_json::json!({
            "fact": "employment",
            "before": { "from": "2026-01-01", "through": null },
            "now": { "from": "2026-01-01", "through": "2026-10-31" },
        });
        let told = "事实：任职；原（自：2026-01-01）；现（自：2026-01-01；止于：2026-10-31）";
        assert_eq!(detail(&corrected), told);
    }

    #[test]
    fn an_object_is_linked_only_when_its_number_makes_a_plain_path() {
        assert_eq!(object_href("batch", "2026-FJ-003").as_deref(), Some("/batches/2026-FJ-003"));
        assert_eq!(object_href("batch", "../accounts"), None);
        assert_eq!(object_href("account", "linxl"), None);
    }
}
