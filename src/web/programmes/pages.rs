//! Programmes, one programme with its nominations, one nomination.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// Places of a year for persons or teams.
#[derive(Debug, Clone, Default)]
pub struct PlacesRow {
    pub year: i64,
    pub nominee: String,
    /// Empty where none were set.
    pub places: String,
    pub ai_group: bool,
    /// Empty where none was set.
    pub target: String,
    pub nominated: i64,
    pub nominated_href: String,
    pub selected: i64,
    pub selected_href: String,
    /// Empty without nominations.
    pub actual: String,
}

/// A programme.
#[derive(Debug, Clone, Default)]
pub struct ProgrammeRow {
    pub no: String,
    pub name: String,
    pub owner: String,
    pub group: String,
    /// Nominations whose results wait for a second person.
    pub waiting: usize,
    pub places: Vec<PlacesRow>,
}

/// `/programmes`.
#[derive(Debug, Clone, Template)]
#[template(path = "programmes/list.html")]
pub struct ProgrammeList {
    pub frame: Frame,
    pub rows: Vec<ProgrammeRow>,
    pub groups: Vec<Choice>,
    /// Fields: name, owner, group. `None` when not allowed.
    pub form: Option<FormState>,
}

/// A figure that places had.
#[derive(Debug, Clone, Default)]
pub struct VersionRow {
    pub year: i64,
    pub nominee: String,
    pub said: String,
    pub document: String,
    pub since: String,
    /// 现行 or 已被替代.
    pub state: String,
}

/// Somebody nominated.
#[derive(Debug, Clone, Default)]
pub struct MemberRow {
    pub no: String,
    pub name: String,
    pub is_leader: bool,
    pub money: Option<Yuan>,
    /// Field of the result form, and its label.
    pub field: String,
    pub label: String,
}

/// A nomination.
#[derive(Debug, Clone, Default)]
pub struct NominationRow {
    pub no: String,
    pub nominee: String,
    pub title: String,
    pub enterprise: String,
    pub members: Vec<MemberRow>,
    pub at: String,
    /// 待结果, 入选, 未入选 or 已撤回.
    pub state: String,
    pub document: String,
    pub former: Vec<String>,
}

/// The result of a nomination that was put down.
#[derive(Debug, Clone, Default)]
pub struct RuledRow {
    pub nomination_no: String,
    pub outcome: &'static str,
    pub document_no: String,
    pub money: Vec<(String, Yuan)>,
}

/// Results that were put down.
#[derive(Debug, Clone, Default)]
pub struct RulingRow {
    pub no: String,
    pub results: Vec<RuledRow>,
    pub sum: Yuan,
    pub proposed: String,
    /// Empty while they wait.
    pub decided: String,
    pub note: String,
    /// 待确认, 已确认 or 已退回.
    pub state: &'static str,
    /// Field: note. `None` when not allowed.
    pub decision: Option<FormState>,
}

/// `/programmes/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "programmes/programme.html")]
pub struct ProgrammePage {
    pub frame: Frame,
    pub line: ProgrammeRow,
    pub year: i64,
    /// Fields: year, nominee, outcome.
    pub filter: FormState,
    pub nominees: Vec<Choice>,
    pub outcomes: Vec<Choice>,
    pub yes_no: Vec<Choice>,
    pub versions: Vec<VersionRow>,
    pub rows: Vec<NominationRow>,
    pub pager: Pager,
    /// Empty when not allowed.
    pub export_href: String,
    /// Fields: year, nominee, places, ai_group, target, document_no. `None` when not allowed.
    pub places_form: Option<FormState>,
    /// Field: file. `None` when not allowed.
    pub results_form: Option<FormState>,
    /// The latest first.
    pub rulings: Vec<RulingRow>,
    /// Fields: year, nominee, title, members. `None` when not allowed.
    pub nomination_form: Option<FormState>,
}

impl ProgrammePage {
    fn forms(&self) -> impl Iterator<Item = &FormState> {
        let decisions = self.rulings.iter().flat_map(|ruling| &ruling.decision);
        let forms = self.places_form.iter().chain(&self.results_form).chain(&self.nomination_form);
        forms.chain(decisions)
    }

    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.forms().any(FormState::has_errors)
    }
}

/// `/nominations/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "programmes/nomination.html")]
pub struct NominationPage {
    pub frame: Frame,
    pub programme_no: String,
    pub programme: String,
    pub year: i64,
    pub row: NominationRow,
    pub outcomes: Vec<Choice>,
    /// The number under which a result waits for a second person; empty without one.
    pub waits: String,
    /// Fields: outcome, document_no, and one of money a member. `None` when not allowed.
    pub form: Option<FormState>,
    /// No field. `None` when not allowed.
    pub withdrawal: Option<FormState>,
}

impl NominationPage {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.iter().chain(&self.withdrawal).any(FormState::has_errors)
    }
}

fn sample_line() -> ProgrammeRow {
    let row = |nominee: &str| PlacesRow {
        year: 2026,
        nominee: nominee.into(),
        places: "10".into(),
        ai_group: true,
        target: "30%".into(),
        nominated: 8,
        nominated_href: "/programmes/PR001?year=2026".into(),
        selected: 1,
        selected_href: "/programmes/PR001?year=2026&outcome=selected".into(),
        actual: "12.5%".into(),
    };
    ProgrammeRow {
        no: "PR001".into(),
        name: "省引才“百人计划”".into(),
        owner: "福建省委组织部".into(),
        group: "省级人才奖补".into(),
        waiting: 2,
        places: vec![row("个人"), PlacesRow { places: String::new(), ..row("团队") }],
    }
}

fn sample_row(state: &str) -> NominationRow {
    let member = |no: &str, is_leader| MemberRow {
        no: no.into(),
        name: "张三".into(),
        is_leader,
        money: is_leader.then(|| Yuan::whole(80_000)),
        field: format!("money-{no}"),
        label: format!("{no} 张三的个人资金（元）"),
    };
    NominationRow {
        no: "NM2026-0001".into(),
        nominee: "团队".into(),
        title: "多模态大模型团队".into(),
        enterprise: "福州智算科技有限公司".into(),
        members: vec![member("E000127", true), member("E000128", false)],
        at: "2026-05-06 09:12".into(),
        state: state.into(),
        document: if state == "入选" {
            "闽委人才〔2026〕1号".into()
        } else {
            String::new()
        },
        former: if state == "入选" {
            vec!["未入选（闽委人才〔2026〕0号）".into()]
        } else {
            vec![]
        },
    }
}

/// One that waits, with a decision to be corrected; one confirmed, one sent back.
fn sample_rulings() -> Vec<RulingRow> {
    let result = RuledRow {
        nomination_no: "NM2026-0001".into(),
        outcome: "入选",
        document_no: "闽委人才〔2026〕1号".into(),
        money: vec![("E000127".into(), Yuan::whole(80_000))],
    };
    let waits = RulingRow {
        no: "PX00003".into(),
        results: vec![result],
        sum: Yuan::whole(80_000),
        proposed: "2026-06-01 09:00 林晓岚".into(),
        state: "待确认",
        decision: Some(FormState::new("PX00003").wrong("note", "请填写退回原因")),
        ..RulingRow::default()
    };
    let decided = |state: &'static str| RulingRow {
        no: "PX00002".into(),
        decided: "2026-06-02 09:00 高振宇".into(),
        note: if state == "已退回" { "文号有误".into() } else { String::new() },
        state,
        decision: None,
        ..waits.clone()
    };
    vec![waits.clone(), decided("已确认"), decided("已退回")]
}

impl ProgrammeList {
    /// Some, none, a wrong form.
    pub fn samples() -> Vec<Self> {
        let page = |rows, form| Self {
            frame: Frame::sample_hr("/programmes"),
            rows,
            groups: Choice::list(&[("provincial-talent", "省级人才奖补")]),
            form,
        };
        let wrong = FormState::new("programme").wrong("name", "已有同名项目");
        vec![page(vec![sample_line()], None), page(vec![], Some(wrong))]
    }
}

impl ProgrammePage {
    /// What an officer and a clerk see, with wrong forms.
    pub fn samples() -> Vec<Self> {
        let version = |state: &str| VersionRow {
            year: 2026,
            nominee: "个人".into(),
            said: "单列 10 个，单设分组，目标 30%".into(),
            document: "闽委人才〔2026〕0号".into(),
            since: "2026-03-01 09:00".into(),
            state: state.into(),
        };
        let page = |rows: Vec<NominationRow>, forms: [Option<FormState>; 3]| {
            let [places_form, results_form, nomination_form] = forms;
            Self {
                frame: Frame::sample_hr("/programmes"),
                line: sample_line(),
                year: 2026,
                filter: FormState::new("filter").with("year", "2026"),
                nominees: Choice::list(&[("person", "个人"), ("team", "团队")]),
                outcomes: Choice::list(&[("open", "待结果"), ("selected", "入选")]),
                yes_no: Choice::list(&[("yes", "是"), ("no", "否")]),
                versions: vec![version("现行"), version("已被替代")],
                pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
                rows,
                export_href: "/programmes/PR001/nominations.xlsx?year=2026".into(),
                places_form,
                results_form,
                rulings: sample_rulings(),
                nomination_form,
            }
        };
        let places = FormState::new("places").wrong("places", "请填写 0 至 10000 的指标数");
        let results = FormState::new("results").wrong("file", "第 3 行 结果：应填“入选”或“未入选”");
        let filed = FormState::new("nomination").wrong("members", "E000001 目前不在本企业任职");
        let all = ["待结果", "入选", "未入选"].map(sample_row).to_vec();
        vec![
            page(all, [Some(places), Some(results), None]),
            page(vec![], [None, None, Some(filed)]),
        ]
    }
}

impl NominationPage {
    /// To be judged, to be taken back, taken back.
    pub fn samples() -> Vec<Self> {
        let page = |state: &str, form, withdrawal| Self {
            frame: Frame::sample_hr("/programmes"),
            programme_no: "PR001".into(),
            programme: "省引才“百人计划”".into(),
            year: 2026,
            row: sample_row(state),
            outcomes: Choice::list(&[("selected", "入选")]),
            waits: if state == "待结果" { "PX00003".into() } else { String::new() },
            form,
            withdrawal,
        };
        let form = FormState::new("result").wrong("money-E000127", "未入选的不填个人资金");
        vec![
            page("待结果", Some(form), None),
            page("待结果", None, Some(FormState::new("withdrawal"))),
            page("入选", Some(FormState::new("result")), None),
            page("已撤回", None, None),
        ]
    }
}
