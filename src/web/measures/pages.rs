//! Measures and trials of them.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// A measure.
#[derive(Debug, Clone, Default)]
pub struct MeasureRow {
    pub id: String,
    pub title: String,
    pub subject: String,
    pub rules: String,
    pub valid: String,
}

/// A parameter with its basis.
#[derive(Debug, Clone, Default)]
pub struct ParameterRow {
    pub name: String,
    pub value: String,
    pub basis: String,
    pub is_default: bool,
}

/// A step of the calculation.
#[derive(Debug, Clone, Default)]
pub struct StepRow {
    pub rule: String,
    pub text: String,
    pub basis: String,
}

/// What a measure gives.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    pub amount: String,
    pub status: String,
    /// Empty when something is due.
    pub reasons: String,
    pub steps: Vec<StepRow>,
}

/// `/measures`.
#[derive(Debug, Clone, Template)]
#[template(path = "measures/list.html")]
pub struct MeasureList {
    pub frame: Frame,
    pub rows: Vec<MeasureRow>,
}

/// `/measures/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "measures/measure.html")]
pub struct MeasurePage {
    pub frame: Frame,
    pub id: String,
    pub title: String,
    pub valid: String,
    pub parameters: Vec<ParameterRow>,
    pub divisions: Vec<Choice>,
    /// What has to be stated; `None` for a fixed amount.
    pub figure: Option<String>,
    pub is_staged: bool,
    /// Fields: day, division, figure, stage, before.
    pub form: FormState,
    pub trial: Option<Trial>,
}

impl MeasureList {
    /// The list.
    pub fn samples() -> Vec<Self> {
        let row = MeasureRow {
            id: "compute-voucher".into(),
            title: "购买算力服务补助".into(),
            subject: "企业".into(),
            rules: "起点（含本数） 100,000.00 元；上限 500,000.00 元".into(),
            valid: "2025-11-04 至 2028-12-31".into(),
        };
        vec![Self { frame: Frame::sample_hr("/measures"), rows: vec![row] }]
    }
}

impl MeasurePage {
    /// Fresh, with an amount, with nothing due, with errors.
    pub fn samples() -> Vec<Self> {
        let article = "福建省推动人工智能产业发展和赋能应用若干措施 第七条（按照不超过50%的比例）";
        let parameter = |is_default: bool| ParameterRow {
            name: "比例（舍去不足一分的部分）".into(),
            value: "不超过 50%".into(),
            basis: article.into(),
            is_default,
        };
        let step = StepRow {
            rule: "计算金额".into(),
            text:
                "当年实际购买算力服务费用 333333.33 元 × 50%，舍去不足一分的部分 = 166666.66 元。"
                    .into(),
            basis: article.into(),
        };
        let due = Trial {
            amount: "166,666.66".into(),
            status: "符合条件".into(),
            reasons: String::new(),
            steps: vec![step],
        };
        let nothing = Trial {
            amount: "0.00".into(),
            status: "不符合条件".into(),
            reasons: "未达到起点金额".into(),
            ..due.clone()
        };
        let form = || FormState::new("measure").with("day", "2026-11-24");
        let wrong = form().wrong("division", "请选择所在地区").wrong("figure", "金额不能为负");
        let page = |form: FormState, is_staged: bool, trial: Option<Trial>| Self {
            frame: Frame::sample_hr("/measures"),
            id: "compute-voucher".into(),
            title: "购买算力服务补助".into(),
            valid: "2025-11-04 至 2028-12-31".into(),
            parameters: vec![parameter(false), parameter(true)],
            divisions: Choice::list(&[("350100", "福州市"), ("350200", "厦门市")]),
            figure: (!is_staged).then(|| "当年实际购买算力服务费用".into()),
            is_staged,
            form,
            trial,
        };
        vec![
            page(form(), false, None),
            page(form(), false, Some(due)),
            page(form(), true, Some(nothing)),
            page(wrong, false, None),
        ]
    }
}
