//! Applications to the key-enterprise list, and the reports and checks of the year.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::draft::DraftForm;
use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;

/// A call for applications.
#[derive(Debug, Clone, Default)]
pub struct CallRow {
    pub no: String,
    pub title: String,
    pub document_no: String,
    pub days: String,
    pub state: &'static str,
}

/// What the enterprise of the reader can do.
#[derive(Debug, Clone, Default)]
pub struct OwnPlace {
    pub name: String,
    pub may_apply: bool,
    /// Why not, or until when.
    pub fault: String,
    /// Number and state.
    pub file: Option<(String, &'static str)>,
}

/// `/applications`.
#[derive(Debug, Clone, Template)]
#[template(path = "key_enterprises/applications.html")]
pub struct Applications {
    pub frame: Frame,
    pub calls: Vec<CallRow>,
    pub own: Option<OwnPlace>,
    /// Fields: title, document_no, opens_on, closes_on; `None` for readers who publish none.
    pub publish: Option<FormState>,
    /// Field: no.
    pub revoke: FormState,
    pub revocable: Vec<Choice>,
}

/// `/applications/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "key_enterprises/apply.html")]
pub struct Apply {
    pub frame: Frame,
    /// Fields: industry, main_business, staff, research_staff.
    pub form: FormState,
    pub draft: DraftNote,
    pub own: OwnPlace,
}

/// An enterprise in the check of the year.
#[derive(Debug, Clone, Default)]
pub struct AnnualRow {
    pub uscc: String,
    pub name: String,
    pub place: String,
    pub standing: &'static str,
    /// Number, day, what it says, what to look at.
    pub report: Option<(String, String, String, Vec<String>)>,
    /// Number and state.
    pub file: Option<(String, &'static str)>,
    pub check: &'static str,
    pub may_begin: bool,
}

/// The enterprise's own report.
#[derive(Debug, Clone, Default)]
pub struct OwnReport {
    pub name: String,
    pub due_on: String,
    pub standing: &'static str,
    pub reports: Vec<String>,
    /// Why none is handed in; empty when one can be.
    pub fault: String,
    /// Fields: staff, research_staff, insured, research, still_ai, statement.
    pub form: FormState,
    pub draft: DraftNote,
}

/// `/annual-reports`.
#[derive(Debug, Clone, Template)]
#[template(path = "key_enterprises/annual.html")]
pub struct Annual {
    pub frame: Frame,
    pub year: i32,
    pub report_due: String,
    pub check_due: String,
    pub total: usize,
    pub reported: usize,
    pub checked: usize,
    pub rows: Vec<AnnualRow>,
    /// Fields: city, standing.
    pub filter: FormState,
    pub cities: Vec<Choice>,
    pub standings: Vec<Choice>,
    pub export_href: String,
    pub may_begin: bool,
    pub begin: FormState,
    /// What became of each: name, outcome, number of the file, reason.
    pub outcomes: Vec<(String, &'static str, String, String)>,
    pub own: Option<OwnReport>,
}

impl Applications {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.revoke.has_errors() || self.publish.as_ref().is_some_and(FormState::has_errors)
    }

    /// The province, with a mistake; an enterprise that may apply; one on its way; a reader.
    pub fn samples() -> Vec<Self> {
        let call = CallRow {
            no: "SB2026-001".into(),
            title: "关于组织申报2026年第二批人工智能骨干企业的通知".into(),
            document_no: "闽工信人工智能〔2026〕21号".into(),
            days: "2026-11-01 至 2026-11-30".into(),
            state: "申报中",
        };
        let page = |calls, own, publish| Self {
            frame: Frame::sample_hr("/applications"),
            calls,
            own,
            publish,
            revoke: FormState::new("revoke"),
            revocable: Choice::list(&[("SB2026-001", "SB2026-001 申报通知")]),
        };
        let free = OwnPlace {
            name: "厦门鹭江视觉科技有限公司".into(),
            may_apply: true,
            fault: "申报期到 2026-11-30 为止".into(),
            file: None,
        };
        let busy = OwnPlace {
            may_apply: false,
            fault: "企业已有办件 QY2026-00007，请在该件中办理".into(),
            file: Some(("QY2026-00007".into(), "县区审核中")),
            ..free.clone()
        };
        let wrong = FormState::new("call").wrong("opens_on", "请填写申报首日和末日");
        vec![
            page(vec![call.clone()], None, Some(FormState::new("call"))),
            page(vec![], None, Some(wrong)),
            Self { revocable: vec![], ..page(vec![call.clone()], Some(free), None) },
            Self { revocable: vec![], ..page(vec![call], Some(busy), None) },
            Self { revocable: vec![], ..page(vec![], None, None) },
        ]
    }
}

impl Apply {
    /// Untouched, with a mistake, and closed.
    pub fn samples() -> Vec<Self> {
        let own = |may_apply, fault: &str| OwnPlace {
            name: "厦门鹭江视觉科技有限公司".into(),
            may_apply,
            fault: fault.into(),
            file: None,
        };
        let page = |form, own| Self {
            frame: Frame::sample_hr("/applications"),
            form,
            draft: DraftNote::sample(DraftForm::Application, ""),
            own,
        };
        let form = || FormState::new("application");
        let open = "申报期到 2026-11-30 为止";
        vec![
            page(form(), own(true, open)),
            page(form().wrong("industry", "请填写所属领域，不超过50字"), own(true, open)),
            page(form(), own(false, "今天不在申报期内")),
        ]
    }
}

impl Annual {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.begin.has_errors() || self.own.as_ref().is_some_and(|own| own.form.has_errors())
    }

    /// An office, with outcomes, with a mistake; an enterprise; nothing found.
    pub fn samples() -> Vec<Self> {
        let row = AnnualRow {
            uscc: "91350100MA2XNQ4T3K".into(),
            name: "福州某某智能科技有限公司".into(),
            place: "福建省福州市鼓楼区".into(),
            standing: "已提交",
            report: Some((
                "NB2026-00012".into(),
                "2027-03-20".into(),
                "职工 120 人，研发 80 人，参保 118 人，研发投入 12,000,000.00 元".into(),
                vec!["参保人数少于职工人数".into()],
            )),
            file: Some(("QY2027-00003".into(), "年度核查")),
            check: "未核查",
            may_begin: false,
        };
        let late = AnnualRow {
            uscc: "91350200MA8RFE1D5H".into(),
            name: "厦门鹭江视觉科技有限公司".into(),
            standing: "逾期未提交",
            report: None,
            file: None,
            check: "逾期未核查",
            may_begin: true,
            ..row.clone()
        };
        let page = |rows: Vec<AnnualRow>, own| Self {
            frame: Frame::sample_hr("/annual-reports"),
            year: 2026,
            report_due: "2027-03-31".into(),
            check_due: "2027-06-30".into(),
            total: rows.len(),
            reported: 1,
            checked: 0,
            may_begin: rows.iter().any(|row| row.may_begin),
            rows,
            filter: FormState::new("filter"),
            cities: Choice::list(&[("350100", "福州市")]),
            standings: Choice::list(&[("overdue", "逾期未提交")]),
            export_href: "/annual-reports.xlsx?city=&standing=".into(),
            begin: FormState::new("begin"),
            outcomes: vec![],
            own,
        };
        let own = OwnReport {
            name: "福州某某智能科技有限公司".into(),
            due_on: "2027-03-31".into(),
            standing: "待提交",
            reports: vec!["NB2026-00012（2027-03-20 提交）：职工 120 人".into()],
            fault: String::new(),
            form: FormState::new("report").wrong("staff", "请填写职工人数"),
            draft: DraftNote::sample(DraftForm::YearReport, ""),
        };
        let mut begun = page(vec![row.clone()], None);
        begun.outcomes = vec![
            ("福州某某智能科技有限公司".into(), "已开始", "QY2027-00003".into(), String::new()),
            ("厦门鹭江".into(), "未办理", String::new(), "今年已核查".into()),
        ];
        let mut wrong = page(vec![late.clone()], None);
        wrong.begin = wrong.begin.refused("请选择要开始年度核查的企业");
        vec![
            page(vec![row.clone(), late], None),
            begun,
            wrong,
            page(vec![row], Some(own)),
            page(vec![], None),
        ]
    }
}
