//! The catalogue of a year with the form for a new entry.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// How a group stands to the stipend.
#[derive(Debug, Clone, Default)]
pub struct StandingRow {
    pub group: String,
    pub code: String,
    pub relation: String,
    /// Empty where the policy text decides.
    pub entry_no: String,
    pub basis: String,
}

/// An entry.
#[derive(Debug, Clone, Default)]
pub struct EntryRow {
    pub no: String,
    pub group: String,
    pub counterpart: String,
    pub relation: String,
    pub basis: String,
    pub document_no: String,
    /// 待确认, 现行, 已被替代 or 已退回.
    pub state: String,
    pub proposed: String,
    /// Empty while it waits.
    pub decided: String,
    /// Until when it was in force; empty while it is, or never was.
    pub until: String,
    pub note: String,
    /// Fields: verdict, note. `None` for those who cannot decide it.
    pub decision: Option<FormState>,
}

/// `/catalogue`.
#[derive(Debug, Clone, Template)]
#[template(path = "catalogue/list.html")]
pub struct CataloguePage {
    pub frame: Frame,
    pub year: i32,
    pub years: Vec<Choice>,
    /// Field: year.
    pub filter: FormState,
    pub standings: Vec<StandingRow>,
    pub entries: Vec<EntryRow>,
    pub groups: Vec<Choice>,
    pub counterparts: Vec<Choice>,
    pub relations: Vec<Choice>,
    /// Fields: year, group, new_name, new_code, counterpart, relation, basis, document_no. `None`
    /// when not allowed.
    pub form: Option<FormState>,
}

impl CataloguePage {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let decisions = self.entries.iter().filter_map(|row| row.decision.as_ref());
        self.form.iter().chain(decisions).any(FormState::has_errors)
    }

    /// Every state, none, wrong forms.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, state: &str| EntryRow {
            no: no.into(),
            group: "市级人才奖补".into(),
            counterpart: "核心工程师年度奖补".into(),
            relation: "不重复享受".into(),
            basis: "省级人才专项资金管理办法第十二条".into(),
            document_no: "闽人社〔2027〕3号".into(),
            state: state.into(),
            proposed: "2027-01-18 09:12 林晓岚".into(),
            ..EntryRow::default()
        };
        let decided = || "2027-01-18 10:00 何炜".to_owned();
        let waits = |form| EntryRow { decision: Some(form), ..row("CT00004", "待确认") };
        let held = EntryRow { decided: decided(), ..row("CT00003", "现行") };
        let until = "2027-01-18 10:00".to_owned();
        let old = EntryRow { decided: decided(), until, ..row("CT00002", "已被替代") };
        let note = "文号有误".to_owned();
        let back = EntryRow { decided: decided(), note, ..row("CT00001", "已退回") };
        let standing = |group: &str, code: &str, relation: &str| StandingRow {
            group: group.into(),
            code: code.into(),
            relation: relation.into(),
            ..StandingRow::default()
        };
        let by_entry = StandingRow {
            entry_no: "CT00003".into(),
            basis: "省级人才专项资金管理办法第十二条（闽人社〔2027〕3号）".into(),
            ..standing("市级人才奖补", "city-talent", "不重复享受")
        };
        let by_text = standing("省级人才奖补", "provincial-talent", "就高补差");
        let page = |entries: Vec<EntryRow>, form: Option<FormState>| Self {
            frame: Frame::sample_hr("/catalogue"),
            year: 2026,
            years: Choice::list(&[("2025", "2025 年度"), ("2026", "2026 年度")]),
            filter: FormState::new("filter").with("year", "2026"),
            standings: vec![by_text.clone(), by_entry.clone()],
            entries,
            groups: Choice::list(&[("city-talent", "市级人才奖补"), ("new", "新类别")]),
            counterparts: Choice::list(&[("core-engineer", "核心工程师年度奖补")]),
            relations: Choice::list(&[("exclude", "不重复享受")]),
            form,
        };
        let fresh = || FormState::new("entry").with("year", "2026");
        let wrong = fresh().wrong("new_code", "该代码已用于“市级人才奖补”，请直接选择");
        let note = FormState::new("CT00004").wrong("note", "请填写退回原因");
        vec![
            page(vec![waits(FormState::new("CT00004")), held, old, back], Some(fresh())),
            page(vec![], Some(wrong)),
            page(vec![waits(note)], None),
        ]
    }
}
