//! Samples and their items.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A sample in the list.
#[derive(Debug, Clone, Default)]
pub struct SampleRow {
    pub no: String,
    pub drawing: String,
    /// One enterprise, or 全部.
    pub of: String,
    pub seed: i64,
    pub population: i64,
    pub size: i64,
    pub checked: i64,
    pub errors: i64,
    pub drawn: String,
    /// 进行中 or 已核查.
    pub state: String,
}

/// A risk with what was found.
#[derive(Debug, Clone, Default)]
pub struct RiskRow {
    pub label: String,
    pub base: i64,
    pub checked: i64,
    pub errors: i64,
    /// "12%", or "不足 5 人".
    pub rate: String,
    pub points: i64,
}

/// A proposal.
#[derive(Debug, Clone, Default)]
pub struct SuspensionRow {
    pub id: i64,
    pub enterprise: String,
    /// "3/10".
    pub errors: String,
    pub proposed: String,
    pub state: String,
    pub decided: String,
    pub may_decide: bool,
}

/// `/checks`.
#[derive(Debug, Clone, Template)]
#[template(path = "checks/list.html")]
pub struct CheckList {
    pub frame: Frame,
    pub samples: Vec<SampleRow>,
    pub risks: Vec<RiskRow>,
    pub points_source: &'static str,
    pub suspensions: Vec<SuspensionRow>,
    /// Fields: drawing, percent, uscc, seed; `None` for readers.
    pub form: Option<FormState>,
    pub drawings: Vec<Choice>,
    /// What is wrong with a decision.
    pub decision: FormState,
}

impl CheckList {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.has_errors() || self.form.as_ref().is_some_and(FormState::has_errors)
    }

    /// An office at work, mistakes, an approver, nothing yet.
    pub fn samples() -> Vec<Self> {
        let sample = SampleRow {
            no: "SC000001".into(),
            drawing: "按风险加权抽取".into(),
            of: "全部".into(),
            seed: 20_261_124,
            population: 412,
            size: 42,
            checked: 40,
            errors: 5,
            drawn: "2026-11-24 09:58 林晓岚".into(),
            state: "进行中".into(),
        };
        let risk = RiskRow {
            label: "与他人共用银行账号".into(),
            base: 40,
            checked: 10,
            errors: 2,
            rate: "20%".into(),
            points: 60,
        };
        let suspension = SuspensionRow {
            id: 1,
            enterprise: "福州某某智能科技有限公司".into(),
            errors: "3/10".into(),
            proposed: "2026-11-24 09:58 林晓岚".into(),
            state: "待决定".into(),
            decided: String::new(),
            may_decide: true,
        };
        let page = |samples, suspensions, form| Self {
            frame: Frame::sample_hr("/checks"),
            samples,
            risks: vec![risk.clone()],
            points_source: "默认假设，待主管部门确定",
            suspensions,
            form,
            drawings: Choice::list(&[("random", "随机抽取"), ("risk", "按风险加权抽取")]),
            decision: FormState::new("decision"),
        };
        let form = || FormState::new("draw").with("percent", "10");
        let wrong = form().wrong("percent", "抽查比例不低于 10%，请填写 10 至 100 的整数");
        let done = SuspensionRow {
            state: "已中止".into(),
            decided: "闽人社〔2026〕9号 谢文静".into(),
            may_decide: false,
            ..suspension.clone()
        };
        vec![
            page(vec![sample.clone()], vec![done], Some(form())),
            page(vec![sample.clone()], vec![], Some(wrong)),
            page(vec![sample], vec![suspension], None),
            page(vec![], vec![], Some(form())),
        ]
    }
}

/// Somebody in a sample.
#[derive(Debug, Clone, Default)]
pub struct ItemRow {
    pub seq: i64,
    pub person_no: String,
    pub name: String,
    pub enterprise: String,
    pub risks: String,
    pub points: i64,
    /// 待核查, 属实 or 有误.
    pub state: String,
    pub remark: String,
    pub checked: String,
    pub may_check: bool,
}

/// `/checks/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "checks/sample.html")]
pub struct CheckSample {
    pub frame: Frame,
    pub sample: SampleRow,
    pub hash: String,
    /// Risk and points when it was drawn.
    pub points: Vec<(String, i64)>,
    pub items: Vec<ItemRow>,
    pub pager: Pager,
    /// What is wrong with a finding.
    pub form: FormState,
}

impl CheckSample {
    /// An office at work, a mistake, a reader.
    pub fn samples() -> Vec<Self> {
        let item = |seq, state: &str, may_check| ItemRow {
            seq,
            person_no: "E000127".into(),
            name: "张三".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            risks: "新列入清单的企业、同日登记人数多".into(),
            points: 40,
            state: state.into(),
            remark: if state == "有误" { "未在岗".into() } else { String::new() },
            checked: if may_check { String::new() } else { "2026-11-24 林晓岚".into() },
            may_check,
        };
        let page = |items: Vec<ItemRow>, form| Self {
            frame: Frame::sample_hr("/checks"),
            sample: SampleRow {
                no: "SC000001".into(),
                drawing: "随机抽取".into(),
                of: "全部".into(),
                seed: 42,
                population: 20,
                size: 2,
                drawn: "2026-11-24 09:58 林晓岚".into(),
                state: "进行中".into(),
                ..SampleRow::default()
            },
            hash: "9f86d081884c7d65".into(),
            points: vec![("新列入清单的企业".into(), 20)],
            pager: Pager::single(i64::try_from(items.len()).unwrap_or(0)),
            items,
            form,
        };
        let form = || FormState::new("finding");
        let wrong = form().with("seq", "1").refused("请写明哪里有误、依据是什么");
        vec![
            page(vec![item(1, "待核查", true), item(2, "属实", false)], form()),
            page(vec![item(1, "待核查", true)], wrong),
            page(vec![item(1, "有误", false)], form()),
        ]
    }
}
