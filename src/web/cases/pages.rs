//! Files that move through offices.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::beside::CaseBeside;
use crate::domain::draft::DraftForm;
use crate::service::case::list::{Counts as Found, SOON};
use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, extent};

/// When the reader is asked to sign a file.
#[derive(Debug, Clone, Default)]
pub struct Signing {
    pub since: String,
    pub due: String,
    pub overdue: bool,
}

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct CaseRow {
    pub no: String,
    pub kind: String,
    pub about: String,
    pub enterprise: String,
    pub state: String,
    pub since: String,
    /// Last day, or how it is said that there is none.
    pub due: String,
    pub overdue: bool,
    /// Whether the reader must not act on it.
    pub recused: bool,
    /// When the reader is asked to sign it.
    pub signing: Option<Signing>,
    pub steps_seen: i64,
    /// Whether it is ticked for the act on many.
    pub chosen: bool,
}

/// The figures above the list.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub waiting: String,
    pub overdue: String,
    pub soon: String,
    pub all: String,
    /// Working days in which a file is due soon.
    pub days: u32,
}

impl From<Found> for Counts {
    fn from(found: Found) -> Self {
        Self {
            waiting: extent(found.waiting),
            overdue: extent(found.overdue),
            soon: extent(found.soon),
            all: extent(found.all),
            days: SOON,
        }
    }
}

/// A filter that the reader keeps.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    pub id: i64,
    pub name: String,
    pub href: String,
    pub count: String,
    pub is_default: bool,
}

/// The form of one act on many files.
#[derive(Debug, Clone, Default)]
pub struct BulkTools {
    /// None when the reader has none.
    pub acts: Vec<Choice>,
    /// Evidence given once for all: code and name.
    pub evidence: Vec<(&'static str, &'static str)>,
    /// Fields: act, remark, evidence.
    pub form: FormState,
    pub most: usize,
}

/// What became of one file.
#[derive(Debug, Clone, Default)]
pub struct BulkResult {
    pub no: String,
    pub state: String,
    /// Why nothing happened; empty when it did.
    pub fault: String,
}

/// The answer to `POST /cases/bulk`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/bulk.html")]
pub struct BulkPage {
    pub frame: Frame,
    pub act: String,
    pub rows: Vec<BulkResult>,
    pub done: usize,
    pub back_href: String,
}

/// `/cases`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/list.html")]
pub struct CaseList {
    pub frame: Frame,
    /// Fields: show, kind, state, enterprise, division, overdue.
    pub filter: FormState,
    pub kinds: Vec<Choice>,
    pub states: Vec<Choice>,
    pub divisions: Vec<Choice>,
    pub counts: Counts,
    pub kept: Vec<Kept>,
    /// Fields: name, default.
    pub keep: FormState,
    /// The filter as a part of an address.
    pub conditions: String,
    pub export_href: String,
    /// Where columns are chosen.
    pub columns_href: String,
    /// The same page with every box ticked.
    pub pick_href: String,
    pub bulk: BulkTools,
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
    /// Whether only what waits for the reader is shown.
    pub waiting: bool,
    pub may_open: bool,
    /// Whether a suspended recognition can be taken over.
    pub may_take_over: bool,
}

/// An act of the past.
#[derive(Debug, Clone, Default)]
pub struct StepRow {
    pub at: String,
    pub act: String,
    pub who: String,
    pub state: String,
    pub remark: String,
    /// Name and text.
    pub evidence: Vec<(String, String)>,
    /// Title of its paper, where it is a decision that somebody is told of.
    pub letter: &'static str,
}

/// A field of an act.
#[derive(Debug, Clone)]
pub enum ActField {
    Line { name: &'static str, label: &'static str },
    Number { name: &'static str, label: &'static str },
    Day { name: &'static str, label: &'static str },
    YesNo { name: &'static str, label: &'static str },
}

/// Something that must hold.
#[derive(Debug, Clone)]
pub struct CheckRow {
    pub label: String,
    /// Why it does not; empty when it does.
    pub fault: String,
}

/// An act that can be done.
#[derive(Debug, Clone)]
pub struct ActForm {
    pub act: &'static str,
    pub label: &'static str,
    pub elsewhere: Option<String>,
    /// The delegation under which it is done, and in whose name.
    pub in_name_of: Option<(i64, String)>,
    /// Whether defects are told with it, point by point.
    pub tells_defects: bool,
    pub fields: Vec<ActField>,
    pub checks: Vec<CheckRow>,
    /// What it says about its draft.
    pub draft: DraftNote,
    /// Opened because it came back with something to correct, or holds a draft.
    pub open: bool,
    pub form: FormState,
}

/// A fact about the file.
#[derive(Debug, Clone, Default)]
pub struct FactRow {
    pub name: String,
    pub text: String,
    /// Address of the page about it.
    pub href: Option<String>,
}

/// `/cases/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/case.html")]
pub struct CasePage {
    pub frame: Frame,
    pub row: CaseRow,
    pub person_no: String,
    pub facts: Vec<FactRow>,
    pub steps_seen: i64,
    pub steps: Vec<StepRow>,
    pub acts: Vec<ActForm>,
    pub waits_for: String,
    pub limit: String,
    pub certificate_no: Option<String>,
    pub award_year: Option<i64>,
    pub may_open_objector: bool,
    /// What came too late, and what was typed: name and text.
    pub late: Option<(String, Vec<(String, String)>)>,
    /// Files, defects, recusal.
    pub beside: CaseBeside,
}

/// `/recognitions/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "cases/new.html")]
pub struct RecognitionNew {
    pub frame: Frame,
    /// Fields: person_no, class, grounds.
    pub form: FormState,
    pub draft: DraftNote,
    pub classes: Vec<Choice>,
}

fn sample_row() -> CaseRow {
    CaseRow {
        no: "RD2026-00012".into(),
        kind: "自主认定".into(),
        about: "张小北（E000011），B类".into(),
        enterprise: "福州某某智能科技有限公司".into(),
        state: "县区审核中".into(),
        since: "2026-11-18".into(),
        due: "2026-12-02".into(),
        steps_seen: 3,
        ..CaseRow::default()
    }
}

fn choices() -> Vec<Choice> {
    Choice::list(&[("county_check", "县区审核中"), ("returned", "退回修改")])
}

impl BulkPage {
    /// Some done, some refused.
    pub fn samples() -> Vec<Self> {
        let row = |no: &str, state: &str, fault: &str| BulkResult {
            no: no.into(),
            state: state.into(),
            fault: fault.into(),
        };
        let late = "该件已于 11-18 14:03 由县区人社审核办理，现为“市级审核中”";
        vec![Self {
            frame: Frame::sample_hr("/cases"),
            act: "受理".into(),
            rows: vec![row("RD2026-00012", "县区审核中", ""), row("RD2026-00013", "", late)],
            done: 1,
            back_href: "/cases?show=mine".into(),
        }]
    }
}

fn sample_kept() -> Vec<Kept> {
    vec![Kept {
        id: 1,
        name: "鼓楼逾期件".into(),
        href: "/cases?division=350102&overdue=yes".into(),
        count: "3".into(),
        is_default: true,
    }]
}

impl CaseList {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.keep.has_errors() || self.bulk.form.has_errors()
    }

    /// Waiting with an overdue one, nothing waiting, everything.
    pub fn samples() -> Vec<Self> {
        let signing =
            Signing { since: "2026-11-18".into(), due: "2026-11-25".into(), overdue: true };
        let asked = CaseRow {
            signing: Some(signing),
            no: "RD2026-00015".into(),
            state: "市级审核中".into(),
            ..sample_row()
        };
        let late = CaseRow { overdue: true, due: "2026-11-20".into(), ..sample_row() };
        let recused = CaseRow { recused: true, no: "RD2026-00014".into(), ..sample_row() };
        let late = CaseRow { no: "RD2026-00011".into(), chosen: true, ..late };
        let page = |rows: Vec<CaseRow>, waiting, may_open| Self {
            frame: Frame::sample_hr("/cases"),
            filter: FormState::new("filter"),
            kinds: Choice::list(&[("recognition", "自主认定"), ("objection", "异议")]),
            states: choices(),
            divisions: Choice::list(&[("350100", "福州市"), ("350102", "　福州市鼓楼区")]),
            counts: Counts {
                waiting: "2".into(),
                overdue: "1".into(),
                soon: "1".into(),
                all: "2,000+".into(),
                days: SOON,
            },
            kept: if waiting { sample_kept() } else { Vec::new() },
            keep: FormState::new("keep"),
            conditions: "show=mine".into(),
            export_href: "/cases.xlsx?show=mine".into(),
            columns_href: "/exports/new?list=cases".into(),
            pick_href: "/cases?show=mine&pick=all".into(),
            bulk: BulkTools {
                acts: Choice::list(&[("accept", "受理")]),
                evidence: vec![("decision_document", "决定文号")],
                form: FormState::new("bulk"),
                most: 100,
            },
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            waiting,
            may_open,
            may_take_over: !may_open,
        };
        vec![
            page(vec![late, sample_row(), recused, asked], true, false),
            page(vec![], true, true),
            page(vec![sample_row()], false, true),
            CaseList {
                keep: FormState::new("keep").wrong("name", "请填写名称，最多 30 个字"),
                ..page(vec![sample_row()], true, true)
            },
        ]
    }
}

fn sample_beside() -> CaseBeside {
    use crate::web::attachments::{AttachmentPanel, AttachmentRow};
    let file = AttachmentRow {
        id: 7,
        name: "劳动合同.pdf".into(),
        kind: "PDF".into(),
        size: "214 KB".into(),
        sha256: "9f".repeat(32),
        who: "陈某".into(),
        at: "2026-11-18 09:10".into(),
        may_take: true,
        defects: vec!["缺第 3 页".into()],
        ..AttachmentRow::default()
    };
    CaseBeside {
        attachments: AttachmentPanel {
            rows: vec![file],
            upload: Some(FormState::new("attachment")),
        },
        talk: super::talk::TalkPanel::sample(),
        cosign: super::cosign::CosignPanel::sample(),
        hand_over: FormState::new("hand-over"),
        defects: vec![("认定类别".into(), "与标准不符".into())],
        defect_fields: Choice::list(&[
            ("class", "认定类别"),
            ("attachment:7", "附件：劳动合同.pdf"),
        ]),
        points: CaseBeside::point_names(),
        ..CaseBeside::default()
    }
}

fn sample_step() -> StepRow {
    StepRow {
        at: "2026-11-18 09:12".into(),
        act: "提交备案".into(),
        who: "陈某 · 企业授权签字人".into(),
        state: "已提交".into(),
        remark: "材料齐全".into(),
        evidence: vec![("企业内部公示记录".into(), "闽江智行公示〔2026〕3号".into())],
        letter: "不予认定决定书",
    }
}

impl CasePage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.late.is_some()
            || self.beside.has_errors()
            || self.acts.iter().any(|act| act.form.has_errors())
    }

    /// With acts, with a mistake to correct, and at its end.
    pub fn samples() -> Vec<Self> {
        let form = |prefix: &str| FormState::new(prefix);
        let pass = ActForm {
            act: "pass_county",
            label: "县区审核通过",
            elsewhere: None,
            in_name_of: Some((4, "林某（县区人社审核）".into())),
            tells_defects: true,
            fields: vec![
                ActField::Line { name: "evidence_check", label: "身份、社保核查" },
                ActField::Number { name: "members", label: "评审会成员人数" },
                ActField::Day { name: "notice_from", label: "公示首日" },
                ActField::YesNo { name: "major_shareholder", label: "是否为前三大股东" },
            ],
            checks: vec![
                CheckRow { label: "人员身份已核实".into(), fault: String::new() },
                CheckRow {
                    label: "公示期满".into(), fault: "公示到 2026-12-02 为止".into()
                },
            ],
            draft: DraftNote::sample(DraftForm::CaseAct, "RD2026-000001/pass_county-4"),
            open: false,
            form: form("pass_county"),
        };
        let publish = ActForm {
            act: "publish",
            label: "发布公示",
            elsewhere: Some("/notices/new".to_owned()),
            in_name_of: None,
            tells_defects: false,
            fields: vec![],
            checks: vec![],
            draft: DraftNote::default(),
            open: false,
            form: form("publish"),
        };
        let page = |acts, waits_for: &str| Self {
            frame: Frame::sample_hr("/cases"),
            row: sample_row(),
            person_no: "E000011".into(),
            facts: sample_facts(),
            steps_seen: 1,
            steps: vec![sample_step()],
            acts,
            waits_for: waits_for.into(),
            limit: "10 个工作日".into(),
            certificate_no: Some("FJ-AI-2026000123-K".into()),
            award_year: Some(2026),
            may_open_objector: true,
            late: None,
            beside: sample_beside(),
        };
        let wrong = ActForm {
            open: true,
            form: form("pass_county")
                .refused("该件已于 11-18 14:03 由县区人社审核办理")
                .wrong("evidence_check", "请填写身份、社保核查"),
            ..pass.clone()
        };
        let mut late = page(vec![], "");
        let typed = vec![("办理意见".into(), "同意".into())];
        late.late = Some(("该件已于 11-18 14:03 由县区人社审核办理".into(), typed));
        late.beside.recused = "已申报与本件企业的关系：近亲属".into();
        late.beside.colleagues = "陈某".into();
        late.beside.cosign = super::cosign::CosignPanel::sample_ask();
        vec![page(vec![pass, publish], "县区人社审核"), page(vec![wrong], "县区人社审核"), late]
    }
}

impl RecognitionNew {
    /// Untouched and with mistakes.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: Frame::sample_hr("/cases"),
            form,
            draft: DraftNote::sample(DraftForm::Recognition, ""),
            classes: Choice::list(&[("A", "A类"), ("B", "B类")]),
        };
        let form = || FormState::new("recognition");
        vec![
            page(form()),
            page(form().with("person_no", "E1").wrong("grounds", "请写明认定理由，不少于10个字")),
        ]
    }
}

fn sample_facts() -> Vec<FactRow> {
    vec![
        FactRow { name: "认定类别".into(), text: "B类".into(), href: None },
        FactRow {
            name: "一事一议事项".into(),
            text: "YS00001 端侧大模型推理芯片团队来闽落地".into(),
            href: Some("/agreements/YS00001".into()),
        },
    ]
}
