//! Proposed policy texts.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::case_pages::{CaseRow, sample};
use crate::domain::registry::Code;
use crate::service::policy::Verdict;
use crate::web::attachments::AttachmentPanel;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// A proposed text.
#[derive(Debug, Clone, Default)]
pub struct DraftRow {
    pub no: String,
    pub title: String,
    /// 待发布, 已发布, 已退回 or 已撤回.
    pub state: String,
    pub document: String,
    pub reason: String,
    pub proposed: String,
    /// When and by whom; empty while it waits.
    pub decided: String,
    pub note: String,
    pub sha256: String,
    pub is_own: bool,
}

/// A parameter under both texts.
#[derive(Debug, Clone, Default)]
pub struct ChangeRow {
    pub name: String,
    pub before: String,
    pub after: String,
    pub basis_before: String,
    pub basis: String,
}

/// Days on which one version of each text is in force.
#[derive(Debug, Clone, Default)]
pub struct StretchRow {
    pub period: String,
    /// Nothing is in force under the text before.
    pub is_new: bool,
    /// Nothing is in force under the new text.
    pub is_gone: bool,
    pub changed: Vec<ChangeRow>,
    pub same: Vec<ChangeRow>,
}

/// `/policies/{id}/drafts/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/draft_new.html")]
pub struct DraftNew {
    pub frame: Frame,
    pub id: String,
    /// Fields: title, document_no, reason, text, file.
    pub form: FormState,
}

/// `/policies/{id}/drafts/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/draft.html")]
pub struct DraftView {
    pub frame: Frame,
    pub id: String,
    pub facts: DraftRow,
    /// Whether the text it starts from is still in force.
    pub base_is_current: bool,
    pub stretches: Vec<StretchRow>,
    pub text: String,
    /// Whether the policy computes, so that cases can show what the text gives.
    pub has_cases: bool,
    pub cases: Vec<CaseRow>,
    /// Cases that do not hold.
    pub failing: usize,
    /// Whether cases may be added and changed.
    pub may_change: bool,
    /// Fields: verdict, note. `None` when decided or not allowed.
    pub decision: Option<FormState>,
    /// Files of the document behind it; `None` for readers without the registry.
    pub attachments: Option<AttachmentPanel>,
}

impl DraftNew {
    /// Fresh, and with a wrong text.
    pub fn samples() -> Vec<Self> {
        let page =
            |form| Self { frame: Frame::sample_hr("/policies"), id: "core-engineer".into(), form };
        let form = || FormState::new("draft").with("text", "id = \"core-engineer\"\n");
        let wrong = form().wrong("document_no", "请填写依据文件的文号").wrong(
            "text",
            "第 9 行 version.proration：未知的取值 \"weekly\"，应为：none、monthly、daily",
        );
        vec![page(form()), page(wrong)]
    }
}

fn sample_stretches() -> Vec<StretchRow> {
    let change = |name: &str, before: &str, after: &str| ChangeRow {
        name: name.into(),
        before: before.into(),
        after: after.into(),
        basis_before: "默认假设，待主管部门确定".into(),
        basis: "闽人社〔2027〕0号 第二条".into(),
    };
    let same = vec![change("折算方式", "按月折算", "按月折算")];
    vec![
        StretchRow {
            period: "2025-11-04 至 2028-12-31".into(),
            changed: vec![change("最低计入月数", "6 个月", "9 个月")],
            same: same.clone(),
            ..StretchRow::default()
        },
        StretchRow {
            period: "2029-01-01 至 2030-12-31".into(),
            is_new: true,
            changed: vec![change("折算方式", "未生效", "按月折算")],
            ..StretchRow::default()
        },
    ]
}

impl DraftView {
    /// Where it is read.
    pub fn address(&self) -> String {
        format!("/policies/{}/drafts/{}", self.id, self.facts.no)
    }

    /// What the reader can do.
    pub fn verdicts(&self) -> Vec<Choice> {
        let can: &[Verdict] = match self.facts.is_own {
            true => &[Verdict::Withdraw],
            false => &[Verdict::Publish, Verdict::Refuse],
        };
        let choice = |verdict: &Verdict| (verdict.code(), verdict.label());
        Choice::list(&can.iter().map(choice).collect::<Vec<_>>())
    }

    /// Waiting with a failing case, one's own, mistyped, stale, published, of agreed amounts.
    pub fn samples() -> Vec<Self> {
        let facts = DraftRow {
            no: "ZC00001".into(),
            title: "核心工程师年度奖补".into(),
            state: "待发布".into(),
            document: "关于调整核心工程师奖补口径的通知 闽人社〔2027〕0号".into(),
            reason: "最低计入月数由 6 个月调整为 9 个月".into(),
            proposed: "2027-02-01 09:30 林晓岚".into(),
            sha256: "66c7f0f462eeedd9d1f2d46bdc10e4e2".into(),
            ..DraftRow::default()
        };
        let waiting = Self {
            frame: Frame::sample_hr("/policies"),
            id: "core-engineer".into(),
            facts: facts.clone(),
            base_is_current: true,
            stretches: sample_stretches(),
            text: "id = \"core-engineer\"\n".into(),
            has_cases: true,
            cases: vec![sample("全年在岗", true), sample("6月15日离职，正好6个月", false)],
            failing: 1,
            may_change: true,
            decision: Some(FormState::new("decision")),
            attachments: Some(AttachmentPanel {
                rows: Vec::new(),
                upload: Some(FormState::new("attachment")),
            }),
        };
        let mut own = waiting.clone();
        own.facts.is_own = true;
        let mut wrong = waiting.clone();
        wrong.decision = wrong.decision.map(|form| form.refused("有 1 个算例没有通过"));
        let mut stale = waiting.clone();
        stale.base_is_current = false;
        let mut published = waiting.clone();
        published.facts = DraftRow {
            state: "已发布".into(),
            decided: "2027-02-02 10:00 高振宇".into(),
            note: "与文件一致".into(),
            ..facts
        };
        (published.may_change, published.decision, published.failing) = (false, None, 0);
        published.cases.truncate(1);
        let mut agreed = waiting.clone();
        (agreed.id, agreed.facts.title) = ("case-agreement".into(), "一事一议支持".into());
        (agreed.has_cases, agreed.failing) = (false, 0);
        agreed.cases.clear();
        vec![waiting, own, wrong, stale, published, agreed]
    }

    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.as_ref().is_some_and(FormState::has_errors)
            || self.attachments.as_ref().is_some_and(AttachmentPanel::has_errors)
    }
}
