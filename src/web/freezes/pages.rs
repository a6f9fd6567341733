//! Windows in which files rest.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// A window.
#[derive(Debug, Clone, Default)]
pub struct FreezeRow {
    pub no: String,
    pub from: String,
    pub through: String,
    pub kinds: String,
    pub reason: String,
    pub reach: String,
    /// Whether limits stand still.
    pub limits: String,
    pub state: String,
    pub proposed: String,
    /// When and by whom; empty while it waits.
    pub decided: String,
    pub note: String,
    /// From when and by whom; empty unless it was.
    pub lifted: String,
    pub is_own: bool,
    /// Fields: verdict, note. `None` when it cannot be decided by the reader.
    pub decision: Option<FormState>,
    pub may_lift: bool,
}

/// `/freezes`.
#[derive(Debug, Clone, Template)]
#[template(path = "freezes/list.html")]
pub struct Freezes {
    pub frame: Frame,
    pub rows: Vec<FreezeRow>,
    pub kinds: Vec<Choice>,
    pub reaches: Vec<Choice>,
    /// Fields: from, through, reason, kinds, reach, limits_rest. `None` when not allowed.
    pub form: Option<FormState>,
}

impl Freezes {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let decisions = self.rows.iter().filter_map(|row| row.decision.as_ref());
        self.form.iter().chain(decisions).any(FormState::has_errors)
    }

    /// Whether a kind was ticked in a form that came back.
    pub fn ticked(&self, kind: &str) -> bool {
        self.form.as_ref().is_some_and(|form| form.value(format!("kinds-{kind}")) == "yes")
    }

    /// Every state, none, wrong forms.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, state: &str| FreezeRow {
            no: no.into(),
            from: "2026-12-20".into(),
            through: "2026-12-31".into(),
            kinds: "名册登记、年度奖补".into(),
            reason: "2026 年度结算".into(),
            reach: "企业不能提交，机关不能办理".into(),
            limits: "照常计算".into(),
            state: state.into(),
            proposed: "2026-11-24 09:12 林晓岚".into(),
            ..FreezeRow::default()
        };
        let decided = || "2026-11-24 10:00 郑审批".to_owned();
        let waits =
            |form: FormState| FreezeRow { decision: Some(form), ..row("FC00004", "待确认") };
        let held = FreezeRow { decided: decided(), may_lift: true, ..row("FC00003", "已确认") };
        let back = FreezeRow {
            decided: decided(),
            note: "与申报期重叠".into(),
            ..row("FC00002", "已退回")
        };
        let lifted = FreezeRow {
            decided: decided(),
            lifted: "2026-12-28 林晓岚".into(),
            ..row("FC00001", "已解除")
        };
        let page = |rows: Vec<FreezeRow>, form: Option<FormState>| {
            let mut frame = Frame::sample_hr("/freezes");
            frame.notices =
                vec!["将于 2026-12-20 至 2026-12-31 停办名册登记（2026 年度结算）".into()];
            Self {
                frame,
                rows,
                kinds: Choice::list(&[("roster_entry", "名册登记"), ("entitlement", "年度奖补")]),
                reaches: Choice::list(&[("filing", "企业和个人不能提交，机关照常办理")]),
                form,
            }
        };
        let fresh = || FormState::new("freeze");
        let own = FreezeRow { is_own: true, ..row("FC00005", "待确认") };
        let wrong = fresh().wrong("kinds", "请至少选择一类办件").with("kinds-entitlement", "yes");
        let note = FormState::new("FC00004").wrong("note", "退回时请写明原因");
        vec![
            page(vec![own, waits(FormState::new("FC00004")), held, back, lifted], Some(fresh())),
            page(vec![], Some(wrong)),
            page(vec![waits(note)], None),
        ]
    }
}
