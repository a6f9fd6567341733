//! What each role can open.

use crate::domain::authority::{Act, Role};

/// Addresses of the menu and what it takes to open them; everyone signed in opens the others.
const NEEDS: &[(&str, &[Act])] = &[
    ("/", &[]),
    ("/overview", &[Act::ReadRegistry]),
    ("/enterprises", &[Act::ReadRegistry]),
    ("/engineers", &[Act::ReadRegistry]),
    ("/lists/enterprises", &[Act::ReadRegistry]),
    ("/roster/declarations", &[Act::ConfirmRoster]),
    ("/confirmations", &[Act::FileEngineers, Act::CorrectFacts]),
    (
        "/account-filings",
        &[Act::ConfirmAccounts, Act::FileEngineers, Act::CorrectFacts, Act::ReadAudit],
    ),
    ("/change-requests", &[Act::CorrectFacts, Act::ReadAudit]),
    ("/cases", &[Act::ReadCases]),
    ("/campaigns", &[Act::ReadCases]),
    ("/delegations", &[Act::WorkCases]),
    ("/notifications", &[]),
    ("/applications", &[Act::ReadCases]),
    ("/annual-reports", &[Act::ReadCases]),
    ("/pilots", &[Act::ReadCases]),
    ("/programmes", &[Act::ReadRegistry]),
    ("/trainings", &[Act::ReadRegistry]),
    ("/hr-institutions", &[Act::ReadRegistry]),
    ("/agreements", &[Act::ReadCases, Act::ReadBatches]),
    ("/visits", &[Act::ReadCases, Act::ReadBatches]),
    ("/experts", &[Act::ReadCases, Act::ReadBatches]),
    ("/checks", &[Act::CheckSamples, Act::DecidePilots, Act::ReadAudit]),
    ("/notices", &[Act::PublishNotices]),
    ("/tips", &[Act::HandleTips, Act::ReadAudit]),
    ("/duplicates", &[Act::ReviewDuplicates]),
    ("/imports", &[Act::ImportRegistry, Act::FileEngineers]),
    ("/runs", &[Act::Compute]),
    ("/entitlements", &[Act::ReadEntitlements]),
    ("/batches", &[Act::ReadBatches]),
    ("/suspense", &[Act::ReadBatches]),
    ("/holds", &[Act::ReadBatches]),
    ("/tax", &[Act::ReadBatches]),
    ("/recoveries", &[Act::ReadBatches]),
    ("/budget", &[Act::ReadBatches]),
    ("/reconciliation", &[Act::ReadBatches]),
    ("/measures", &[Act::ReadRegistry]),
    ("/lookups", &[Act::ReadRegistry]),
    ("/exports", &[Act::ReadRegistry]),
    ("/policies", &[Act::ReadEntitlements]),
    ("/catalogue", &[Act::DraftPolicies, Act::ReadBatches]),
    ("/calendars", &[Act::ReadRegistry]),
    ("/exchange-rates", &[Act::ReadRegistry]),
    ("/freezes", &[Act::FreezeFiles, Act::ReadAudit]),
    ("/audit", &[Act::ReadLog]),
    ("/audit/verification", &[Act::VerifyLog]),
    ("/colleagues", &[Act::ManageColleagues]),
    ("/accounts", &[Act::ManageAccounts]),
    ("/authorisations", &[Act::AuthoriseAccounts]),
    ("/sessions", &[Act::AuthoriseAccounts]),
];

/// The addresses of the menu that `role` may open, in the order of the menu.
pub fn allowed(role: Role) -> Vec<&'static str> {
    NEEDS
        .iter()
        .filter(|(_, acts)| acts.is_empty() || acts.iter().any(|act| role.may(*act)))
        .map(|(href, _)| *href)
        .collect()
}

/// What an act is called where it is refused.
pub const fn act_name(act: Act) -> &'static str {
    match act {
        Act::ReadRegistry => "查看企业和人员",
        Act::ImportRegistry => "导入企业清单、证明和其他奖补",
        Act::FileEngineers => "申报本企业工程师",
        Act::ConfirmRoster => "确认名册",
        Act::CorrectFacts => "更正登记事实",
        Act::ConfirmAccounts => "确认收款账户",
        Act::ReviewDuplicates => "处理疑似重复人员",
        Act::MergePersons => "合并人员编号",
        Act::Compute => "年度核定",
        Act::DraftPolicies => "拟订和发布政策版本",
        Act::ReadEntitlements => "查看应发台账",
        Act::ReadBatches => "查看发放批次和资金指标",
        Act::MakeBatch => "编制批次",
        Act::CheckBatch => "复核批次",
        Act::ApproveBatch => "审批批次",
        Act::ReadCases => "查看办件",
        Act::WorkCases => "办理办件",
        Act::FileRecognitions => "发起自主认定",
        Act::FileStandards => "备案认定标准",
        Act::GrantPilots => "授权自主认定试点",
        Act::CheckSamples => "抽查核实",
        Act::DecidePilots => "决定中止试点",
        Act::PublishNotices => "发布公示",
        Act::HandleTips => "办理举报线索",
        Act::LoadCalendars => "载入工作日安排",
        Act::FreezeFiles => "设定停办期",
        Act::AgreeCases => "录入一事一议决定",
        Act::AppointExperts => "聘任专家、办理服务记录",
        Act::RecordServices => "登记专家服务",
        Act::ConfirmServices => "确认专家服务",
        Act::FileKeyEnterprise => "申报骨干企业、提交年度报告",
        Act::CallApplications => "发布骨干企业申报通知",
        Act::KeepEnterpriseFiles => "建立企业档案、开始年度核查",
        Act::RevealNumbers => "查看明文",
        Act::ReadAudit => "查看证据链",
        Act::ManageColleagues => "管理本企业账号",
        Act::ManageAccounts => "管理账号",
        Act::AuthoriseAccounts => "授权账号事项、管理登录",
        Act::ReadLog => "查看审计日志",
        Act::VerifyLog => "校验审计日志",
    }
}
