//! Money that is to come back.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::cases::pages::{ActField, ActForm, CheckRow, StepRow};
use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct RecoveryRow {
    pub no: String,
    pub name: String,
    pub person_no: String,
    /// The enterprise that pays it back; empty for the person.
    pub liable: String,
    pub year: i64,
    pub payer: String,
    pub source: String,
    pub amount: Yuan,
    pub outstanding: Yuan,
    pub state: String,
    pub due: String,
    pub overdue: bool,
    pub opened: String,
}

/// `/recoveries`.
#[derive(Debug, Clone, Template)]
#[template(path = "recoveries/list.html")]
pub struct RecoveryList {
    pub frame: Frame,
    /// Field: state.
    pub filter: FormState,
    pub states: Vec<Choice>,
    pub payer: String,
    pub receivable: Yuan,
    pub recovered: Yuan,
    pub written_off: Yuan,
    pub rows: Vec<RecoveryRow>,
    pub pager: Pager,
}

/// How the amount came about.
#[derive(Debug, Clone, Default)]
pub struct ReckoningRow {
    pub paid: Yuan,
    pub due: Yuan,
    /// Decided to come back before; zero as a rule.
    pub before: Yuan,
    pub amount: Yuan,
}

/// Something that came back or was given up.
#[derive(Debug, Clone, Default)]
pub struct EntryRow {
    pub kind: String,
    pub on_day: String,
    pub amount: Yuan,
    pub document_no: String,
    pub recorder: String,
    pub decider: String,
    pub state: String,
}

/// `/recoveries/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "recoveries/recovery.html")]
pub struct RecoveryPage {
    pub frame: Frame,
    pub row: RecoveryRow,
    /// The page of the file, where the reader has one.
    pub file_href: Option<String>,
    /// Why an act that is not open any more was not done; empty as a rule.
    pub late: String,
    pub reckoning: ReckoningRow,
    pub capital: String,
    pub sentence: String,
    pub since: String,
    pub limit: String,
    pub waits_for: String,
    pub steps_seen: i64,
    pub steps: Vec<StepRow>,
    pub acts: Vec<ActForm>,
    /// Last day and amount of each instalment.
    pub plan: Vec<(String, Yuan)>,
    pub entries: Vec<EntryRow>,
    /// Code and title.
    pub letters: Vec<(&'static str, &'static str)>,
}

impl RecoveryPage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        !self.late.is_empty() || self.acts.iter().any(|act| act.form.has_errors())
    }
}

/// `/recoveries/{no}/letters/{kind}`.
#[derive(Debug, Clone, Template)]
#[template(path = "recoveries/letter.html")]
pub struct LetterPage {
    pub frame: Frame,
    pub letter: &'static str,
    pub title: &'static str,
    /// Number of the document; empty before it is sent.
    pub number: String,
    pub ground: String,
    pub findings: String,
    /// Who files nothing for a time, in sentences.
    pub bans: Vec<String>,
    pub row: RecoveryRow,
    pub sentence: String,
    pub capital: String,
    pub paid: Yuan,
    pub due: Yuan,
    pub before: Yuan,
}

fn sample_row() -> RecoveryRow {
    RecoveryRow {
        no: "ZH000001".into(),
        name: "张三".into(),
        person_no: "E000127".into(),
        year: 2026,
        liable: String::new(),
        payer: "福建省财政".into(),
        source: "省级".into(),
        amount: Yuan::of(3_333_333),
        outstanding: Yuan::of(2_333_333),
        state: "部分归还".into(),
        due: "2027-06-30".into(),
        overdue: false,
        opened: "2027-05-12".into(),
    }
}

impl RecoveryList {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        let late = RecoveryRow {
            no: "ZH000002".into(),
            state: "逾期未还".into(),
            liable: "泉州海丝智算科技有限公司".into(),
            overdue: true,
            ..sample_row()
        };
        let page = |rows: Vec<RecoveryRow>| Self {
            frame: Frame::sample_finance("/recoveries"),
            filter: FormState::new("filter"),
            states: Choice::list(&[("opened", "已立案"), ("overdue", "逾期未还")]),
            payer: "福建省财政".into(),
            receivable: Yuan::of(2_333_333),
            recovered: Yuan::of(1_000_000),
            written_off: Yuan::default(),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
        };
        vec![page(vec![late, sample_row()]), page(vec![])]
    }
}

impl RecoveryPage {
    /// Something to do, something to correct, too late.
    pub fn samples() -> Vec<Self> {
        let act = |form: FormState| ActForm {
            act: "receive",
            label: "登记归还",
            elsewhere: None,
            in_name_of: None,
            tells_defects: false,
            fields: vec![
                ActField::Line { name: "treasury_receipt", label: "国库收款凭证号" },
                ActField::Line { name: "amount", label: "归还金额（元）" },
                ActField::Day { name: "on_day", label: "国库到账日期" },
            ],
            checks: vec![CheckRow {
                label: "金额不超过应追回余额".into(), fault: String::new()
            }],
            draft: DraftNote::default(),
            open: form.has_errors(),
            form,
        };
        let step = StepRow {
            at: "2027-05-12 09:30".into(),
            act: "告知事实".into(),
            who: "林静 · 省级人社审核".into(),
            state: "已告知事实".into(),
            remark: String::new(),
            evidence: vec![("事由".into(), "离职晚报".into())],
            ..StepRow::default()
        };
        let entry = EntryRow {
            kind: "归还".into(),
            on_day: "2027-06-01".into(),
            amount: Yuan::of(1_000_000),
            document_no: "GK2027-118".into(),
            recorder: "陈明".into(),
            decider: "王芳".into(),
            state: "已确认".into(),
        };
        let page = |acts: Vec<ActForm>, late: &str| Self {
            frame: Frame::sample_finance("/recoveries"),
            row: sample_row(),
            file_href: None,
            late: late.into(),
            reckoning: ReckoningRow {
                paid: Yuan::whole(200_000),
                due: Yuan::of(16_666_667),
                before: Yuan::default(),
                amount: Yuan::of(3_333_333),
            },
            capital: "人民币叁万叁仟叁佰叁拾叁元叁角叁分".into(),
            sentence: "2026 年计入 10 个月，应发 166,666.67 元".into(),
            since: "2027-06-01".into(),
            limit: "30 日".into(),
            waits_for: "财务经办".into(),
            steps_seen: 6,
            steps: vec![step.clone()],
            acts,
            plan: vec![("2027-06-30".into(), Yuan::of(1_166_667))],
            entries: vec![entry.clone()],
            letters: vec![("facts", "追回事实告知书"), ("decision", "追回决定书")],
        };
        let wrong =
            FormState::new("receive").wrong("amount", "归还金额超过尚欠的 23,333.33 元，请核对");
        vec![
            page(vec![act(FormState::new("receive"))], ""),
            page(vec![act(wrong)], ""),
            page(vec![], "该件已于 06-01 14:03 由财务复核办理，现为“已还清”"),
        ]
    }
}

impl LetterPage {
    /// The three letters.
    pub fn samples() -> Vec<Self> {
        let letters =
            [("facts", "追回事实告知书"), ("decision", "追回决定书"), ("reminder", "催告书")];
        let page = |(letter, title): (&'static str, &'static str)| Self {
            frame: Frame::sample_finance("/recoveries"),
            letter,
            title,
            number: "闽人社追〔2027〕3号".into(),
            ground: "2026 年 10 月 31 日离职，2027 年 5 月才报告".into(),
            findings: "离职日期有社保停缴记录印证".into(),
            bans: vec!["本人2027-05-11 至 2030-05-10不得申报".into()],
            row: sample_row(),
            sentence: "2026 年计入 10 个月，应发 166,666.67 元".into(),
            capital: "人民币叁万叁仟叁佰叁拾叁元叁角叁分".into(),
            paid: Yuan::whole(200_000),
            due: Yuan::of(16_666_667),
            before: Yuan::default(),
        };
        letters.into_iter().map(page).collect()
    }
}
