//! What verbs and objects of the log are called.

use serde_json::Value;

use crate::domain::registry::Code;
use crate::service::roster::FactKind;

/// Verbs, in the order of the filter.
const ACTIONS: &[(&str, &str)] = &[
    ("installation.set_up", "设置管理员"),
    ("installation.link_made", "生成管理员设置链接"),
    ("session.opened", "登录"),
    ("session.closed", "退出"),
    ("session.ended", "退出其他设备"),
    ("session.forced_out", "强制退出登录"),
    ("session.refused", "登录被拒"),
    ("session.locked", "账号锁定"),
    ("access.refused", "越权被拒"),
    ("account.created", "开设账号"),
    ("account.authorised", "授权账号"),
    ("account.request_refused", "退回账号申请"),
    ("account.enabling_asked", "申请启用账号"),
    ("account.duty_asked", "申请变更角色或机构"),
    ("account.reset_asked", "申请重置密码"),
    ("account.unlocked", "解锁账号"),
    ("account.disabled", "停用账号"),
    ("account.enabled", "启用账号"),
    ("confirmations.exported", "导出本人确认情况"),
    ("account.handed_over", "移交待办并停用账号"),
    ("account.duty_changed", "变更角色或机构"),
    ("account.password_changed", "修改密码"),
    ("account.password_reset", "重置密码"),
    ("organisation.created", "新增机构"),
    ("token.made", "申请接口令牌"),
    ("token.authorised", "授权接口令牌"),
    ("token.revoked", "吊销接口令牌"),
    ("api.read", "接口读取"),
    ("webhook.made", "设置事件通知"),
    ("webhook.enabled", "启用事件通知"),
    ("webhook.disabled", "停用事件通知"),
    ("webhook.switched_off", "自动停用事件通知"),
    ("webhook.secret_changed", "更换通知密钥"),
    ("webhook.deleted", "删除事件通知"),
    ("webhook.tested", "发送测试通知"),
    ("webhook.sent_again", "重发通知"),
    ("import.previewed", "上传并预览"),
    ("import.confirmed", "确认导入"),
    ("import.discarded", "放弃导入"),
    ("import.withdrawn", "撤回导入"),
    ("roster.confirmed", "确认名册"),
    ("engineer.looked_up", "按证件号码查询"),
    ("engineers.exported", "导出工程师名单"),
    ("list_version.exported", "导出清单变动"),
    ("overview.exported", "导出总览明细"),
    ("engineers.looked_up", "名单核查"),
    ("engineers.lookup_exported", "导出核查结果"),
    ("agreement.proposed", "录入一事一议决定"),
    ("agreement.accepted", "确认一事一议决定"),
    ("agreement.refused", "退回一事一议决定"),
    ("visit.planned", "登记来访计划"),
    ("visit.claim_kept", "保存来访申报"),
    ("visit.cut", "登记来访核减"),
    ("expert.proposed", "录入专家聘任"),
    ("expert.accepted", "确认专家聘任"),
    ("expert.refused", "退回专家聘任"),
    ("expert.ended", "提前结束专家聘任"),
    ("expert.exported", "导出专家聘任"),
    ("expert_service.recorded", "登记专家服务"),
    ("expert_service.corrected", "更正专家服务"),
    ("expert_service.confirmed", "确认专家服务"),
    ("expert_service.refused", "退回专家服务"),
    ("expert_service.exported", "导出专家服务"),
    ("freeze.proposed", "提出停办期"),
    ("freeze.confirmed", "确认停办期"),
    ("freeze.refused", "退回停办期"),
    ("freeze.lifted", "解除停办期"),
    ("export.asked", "申请后台导出"),
    ("export.downloaded", "下载导出文件"),
    ("engineer.departed", "登记离职"),
    ("engineer.suspended", "暂停发放"),
    ("engineer.excluded", "登记排除情形"),
    ("change.requested", "申请变更"),
    ("change.accepted", "确认变更"),
    ("change.sent_back", "退回变更申请"),
    ("fact.corrected", "更正事实"),
    ("fact.withdrawn", "撤回事实"),
    ("bank_account.changed", "变更收款账户"),
    ("bank_account.filed", "填报收款账户"),
    ("bank_account.confirmed", "确认收款账户"),
    ("bank_account.refused", "退回收款账户"),
    ("enterprise_account.filed", "填报单位账户"),
    ("enterprise_account.confirmed", "确认单位账户"),
    ("enterprise_account.refused", "退回单位账户"),
    ("duplicate.dismissed", "认定为两个人"),
    ("duplicates.exported", "导出疑似重复"),
    ("merge.proposed", "提出合并编号"),
    ("merge.confirmed", "确认合并编号"),
    ("merge.rejected", "不予合并或撤回"),
    ("merge.undo_proposed", "提出撤销合并"),
    ("merge.undone", "确认撤销合并"),
    ("own_page.code_made", "生成本人激活码"),
    ("own_page.activated", "本人激活页面"),
    ("own_page.opened", "本人登录"),
    ("own_page.closed", "本人退出"),
    ("own_page.refused", "本人登录被拒"),
    ("own_page.locked", "本人登录锁定"),
    ("own_page.passphrase_changed", "本人修改密码"),
    ("own_page.confirmed", "本人确认"),
    ("own_page.disputed", "本人提出异议"),
    ("own_page.year_disputed", "本人对金额提出异议"),
    ("own_page.declared", "本人年度申报"),
    ("own_page.pleaded", "本人陈述申辩"),
    ("own_page.data_taken", "本人下载数据"),
    ("own_page.answered", "答复本人异议"),
    ("own_page.year_answered", "答复金额异议"),
    ("attachment.added", "上传附件"),
    ("attachment.downloaded", "下载附件"),
    ("attachment.withdrawn", "撤回附件"),
    ("attachment.damaged", "附件校验不符"),
    ("case.opened", "建立办件"),
    ("case.message_written", "留言"),
    ("cosign.asked", "发起会签"),
    ("cosign.answered", "会签答复"),
    ("cosign.closed", "结束会签"),
    ("cosign.lapsed", "会签因办件流转失效"),
    ("case.moved", "办理"),
    ("case.moved_many", "批量办理"),
    ("cases.exported", "导出办件"),
    ("delegation.given", "委托代办"),
    ("delegation.ended", "结束委托"),
    ("relation.declared", "申报回避关系"),
    ("relation.ended", "终止回避关系"),
    ("mail.preferred", "设置邮件提醒"),
    ("notice.published", "发布公示"),
    ("notice.restarted", "公示重新起算"),
    ("objection.received", "收到异议"),
    ("campaign.exported", "导出年度核查"),
    ("exchange_rate.proposed", "录入外汇牌价"),
    ("exchange_rate.confirmed", "确认外汇牌价"),
    ("exchange_rate.refused", "退回外汇牌价"),
    ("calendar.proposed", "录入工作日安排"),
    ("calendar.confirmed", "确认工作日安排"),
    ("calendar.refused", "退回工作日安排"),
    ("objector.opened", "查看异议提出人"),
    ("tip.received", "收到举报"),
    ("tip.closed", "办结举报"),
    ("informant.opened", "查看举报人"),
    ("pilot.granted", "授权自主认定试点"),
    ("standard.filed", "备案认定标准"),
    ("sample.drawn", "抽取抽查名单"),
    ("sample.checked", "登记抽查结果"),
    ("sample.exported", "导出抽查名单"),
    ("pilot.suspension_proposed", "建议中止试点"),
    ("pilot.suspended", "中止试点"),
    ("pilot.suspension_dismissed", "不予中止试点"),
    ("enterprise.delisted", "移出清单"),
    ("call.published", "发布申报通知"),
    ("call.revoked", "撤销申报通知"),
    ("case.taken_over", "按清单文件建档"),
    ("year_report.filed", "提交年度报告"),
    ("annual_check.exported", "导出年度核查"),
    ("evidence.bundled", "下载证据包"),
    ("policy.loaded", "载入政策"),
    ("policy.drafted", "提出政策草稿"),
    ("policy.published", "发布政策正文"),
    ("policy.refused", "退回政策草稿"),
    ("policy.withdrawn", "撤回政策草稿"),
    ("policy.case_added", "添加标准算例"),
    ("policy.case_changed", "修改算例预期"),
    ("policy.scenario_asked", "测算政策情景"),
    ("policy.scenario_exported", "导出情景名单"),
    ("run.started", "开始核定"),
    ("run.completed", "完成核定"),
    ("run.failed", "核定中止"),
    ("run.changes_exported", "导出核定变化名单"),
    ("entitlements.exported", "导出应发台账"),
    ("budget.allocated", "登记资金指标"),
    ("budget.proposed", "提交资金指标"),
    ("budget.accepted", "确认资金指标"),
    ("budget.sent_back", "退回资金指标"),
    ("payment.held", "暂缓发放"),
    ("payment.hold_released", "解除暂缓发放"),
    ("catalogue.proposed", "提出冲突目录"),
    ("catalogue.accepted", "确认冲突目录"),
    ("catalogue.sent_back", "退回冲突目录"),
    ("programme.added", "登记人才项目"),
    ("programme.places_set", "登记单列指标"),
    ("programme.results_imported", "导入评选结果"),
    ("programme.exported", "导出人才项目申报"),
    ("nomination.filed", "申报人才项目"),
    ("nomination.withdrawn", "撤回人才项目申报"),
    ("nomination.judged", "登记评选结果"),
    ("training.planned", "登记培训计划"),
    ("training.corrected", "更正培训计划"),
    ("training.attended", "登记参训情况"),
    ("training.imported", "导入参训记录"),
    ("training.exported", "导出培训清单"),
    ("institution.licensed", "登记人力资源许可证"),
    ("institution.placed", "登记推荐就业"),
    ("institution.imported", "导入推荐就业"),
    ("institution.exported", "导出人力资源机构"),
    ("tax.proposed", "提出个税处理"),
    ("tax.accepted", "确认个税处理"),
    ("tax.sent_back", "退回个税处理"),
    ("tax.list_exported", "导出个税清单"),
    ("budget.report_exported", "导出资金报表"),
    ("budget.carry_over_exported", "导出结转清单"),
    ("budget.year_closed", "年终处理指标"),
    ("batch.create", "编制批次"),
    ("batch.freeze", "冻结批次"),
    ("batch.accounts_seen", "查看抽查账户"),
    ("batch.check", "复核批次"),
    ("batch.approve", "审批批次"),
    ("batch.send_back", "退回编制"),
    ("batch.cancel", "撤销批次"),
    ("batch.issue_file", "生成银行文件"),
    ("batch.file_downloaded", "下载银行文件"),
    ("batch.mark_sent", "登记送银行"),
    ("batch.load_return", "载入回单"),
    ("batch.confirm_return", "确认回单"),
    ("batch.resolve_suspense", "处理待查记录"),
    ("batch.close", "关闭批次"),
];

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
