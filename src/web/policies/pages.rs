//! Policy editions and their parameters.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::draft_pages::{DraftRow, DraftView};
use crate::web::frame::Frame;

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct PolicyRow {
    pub id: String,
    pub title: String,
    pub document_no: String,
    pub valid: String,
    pub defaults: i64,
    /// That it is near its end; empty while it is not.
    pub ending: String,
    /// Texts that wait for another person.
    pub waiting: i64,
}

/// `/policies`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/list.html")]
pub struct PolicyList {
    pub frame: Frame,
    pub rows: Vec<PolicyRow>,
}

impl PolicyList {
    /// One and none.
    pub fn samples() -> Vec<Self> {
        let row = PolicyRow {
            id: "core-engineer".into(),
            title: "核心工程师奖补".into(),
            document_no: "福建省促进人工智能产业发展若干措施第九条".into(),
            valid: "2025-11-04 至 2028-12-31".into(),
            defaults: 3,
            ending: "政策适用到 2028-12-31，还有 60 天，之后的年度不能核定。".into(),
            waiting: 1,
        };
        let page = |rows| Self { frame: Frame::sample_hr("/policies"), rows };
        vec![page(vec![row]), page(vec![])]
    }
}

/// A dated edition.
#[derive(Debug, Clone, Default)]
pub struct EditionRow {
    pub label: String,
    pub valid: String,
    pub recorded_at: String,
    pub document: String,
    /// Document behind the text; empty for the one that comes with the program.
    pub origin: String,
    /// The proposal it was; `None` for the one that comes with the program.
    pub draft_no: Option<String>,
    pub hash: String,
    /// 现行 or 历史.
    pub state: String,
}

/// A parameter of the edition shown.
#[derive(Debug, Clone, Default)]
pub struct PolicyParameter {
    pub name: String,
    pub value: String,
    pub valid: String,
    /// Clause it rests on; empty for a default.
    pub basis: String,
    pub is_default: bool,
}

/// `/policies/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "policies/policy.html")]
pub struct PolicyView {
    pub frame: Frame,
    pub facts: PolicyRow,
    pub editions: Vec<EditionRow>,
    pub parameters: Vec<PolicyParameter>,
    /// Proposed texts, for offices of the province.
    pub drafts: Vec<DraftRow>,
    /// Whether the reader may propose one.
    pub may_draft: bool,
    /// Whether its texts have golden cases.
    pub has_cases: bool,
    /// The policy whose text this one shares; changes are proposed there.
    pub changed_at: Option<String>,
    /// Whether the reader may look at scenarios.
    pub sees_scenarios: bool,
    /// The clause itself.
    pub text: String,
    /// Name of the rule set the defaults come from.
    pub default_rules: Option<String>,
}

impl PolicyView {
    /// With defaults, with everything settled, and one that shares a text and has not begun.
    pub fn samples() -> Vec<Self> {
        let parameter = |name: &str, value: &str, basis: &str| PolicyParameter {
            name: name.into(),
            value: value.into(),
            valid: "2025-11-04 至 2028-12-31".into(),
            basis: basis.into(),
            is_default: basis.is_empty(),
        };
        let edition = |label: &str, state: &str| EditionRow {
            label: label.into(),
            valid: "2025-11-04 至今".into(),
            recorded_at: "2025-11-06 14:00".into(),
            document: "措施全文（2025-11-04 印发）".into(),
            origin: String::new(),
            draft_no: (state == "现行").then(|| "ZC00001".into()),
            hash: "66c7f0f462eeedd9d1f2d46bdc10e4e2".into(),
            state: state.into(),
        };
        let with_defaults = Self {
            frame: Frame::sample_auditor("/policies"),
            facts: PolicyList::samples().remove(0).rows.remove(0),
            editions: vec![edition("第 2 版", "现行"), edition("第 1 版", "历史")],
            parameters: vec![
                parameter("奖补标准", "每人每年 200,000.00 元", "第九条“给予每人每年20万元奖补”"),
                parameter("按月折算", "计入月数 ÷ 12，四舍五入到分", ""),
                parameter("计入月份的最少天数", "15 天", ""),
                parameter("最少计入月数", "6 个月", ""),
            ],
            drafts: DraftView::samples().into_iter().map(|page| page.facts).collect(),
            may_draft: true,
            has_cases: true,
            changed_at: None,
            sees_scenarios: true,
            text: "建立人工智能骨干企业清单，试点开展省级高层次人才自主认定，建立核心工程师名册，给予每人每年20万元奖补。".into(),
            default_rules: Some("RS-1".into()),
        };
        let mut settled = with_defaults.clone();
        settled.parameters.truncate(1);
        (settled.drafts, settled.may_draft, settled.has_cases) = (vec![], false, false);
        settled.default_rules = None;
        settled.facts.defaults = 0;
        let mut shared = settled.clone();
        shared.changed_at = Some("overseas-visit".into());
        shared.editions.clear();
        vec![with_defaults, settled, shared]
    }
}
