//! Case-by-case agreements.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::domain::draft::DraftForm;
use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Pager, Yuan};

/// An agreement.
#[derive(Debug, Clone, Default)]
pub struct AgreementRow {
    pub no: String,
    pub title: String,
    pub subject: &'static str,
    pub leader: String,
    pub leader_no: String,
    pub enterprise: String,
    pub total: Yuan,
    pub state: &'static str,
    pub decided_on: String,
}

/// `/agreements`.
#[derive(Debug, Clone, Template)]
#[template(path = "agreements/list.html")]
pub struct Agreements {
    pub frame: Frame,
    pub rows: Vec<AgreementRow>,
    pub pager: Pager,
    pub may_agree: bool,
}

fn sample_row(state: &'static str) -> AgreementRow {
    AgreementRow {
        no: "YS00001".into(),
        title: "端侧大模型推理芯片团队来闽落地".into(),
        subject: "团队",
        leader: "张三".into(),
        leader_no: "E000127".into(),
        enterprise: "福州某某智能科技有限公司".into(),
        total: Yuan::whole(3_000_000),
        state,
        decided_on: "2027-01-08".into(),
    }
}

impl Agreements {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<AgreementRow>, may_agree| Self {
            frame: Frame::sample_hr("/agreements"),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            rows,
            may_agree,
        };
        vec![
            page(["待确认", "执行中", "已退回"].map(sample_row).to_vec(), true),
            page(Vec::new(), false),
        ]
    }
}

/// `/agreements/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "agreements/new.html")]
pub struct AgreementNew {
    pub frame: Frame,
    /// Fields: title, subject, leader, members, enterprise, document_no, body, decided_on, terms,
    /// total, milestone-N, expected-N, amount-N.
    pub form: FormState,
    pub draft: DraftNote,
    pub subjects: Vec<Choice>,
    pub tranches: Vec<TrancheFields>,
}

/// Names of the fields of a tranche.
#[derive(Debug, Clone)]
pub struct TrancheFields {
    pub milestone: String,
    pub expected: String,
    pub amount: String,
}

impl TrancheFields {
    /// Those of the tranche with this number.
    pub fn of(number: usize) -> Self {
        Self {
            milestone: format!("milestone-{number}"),
            expected: format!("expected-{number}"),
            amount: format!("amount-{number}"),
        }
    }
}

impl AgreementNew {
    /// Fresh, and with errors.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self {
            frame: Frame::sample_hr("/agreements"),
            form,
            draft: DraftNote::sample(DraftForm::Agreement, ""),
            subjects: Choice::list(&[("person", "个人"), ("team", "团队")]),
            tranches: (1..=8).map(TrancheFields::of).collect(),
        };
        let fresh = || FormState::new("agreement");
        let wrong = fresh()
            .with("total", "3000000")
            .wrong("total", "各笔合计 2,000,000.00 元，与总额 3,000,000.00 元不等")
            .wrong("milestone-2", "请写明第 2 笔的达成条件，不超过 100 个字");
        vec![page(fresh()), page(wrong)]
    }
}

/// A tranche.
#[derive(Debug, Clone, Default)]
pub struct TrancheRow {
    pub seq: i64,
    pub milestone: String,
    pub expected_on: String,
    pub amount: Yuan,
    /// Number of its file; empty before the agreement is accepted.
    pub file: String,
    pub state: &'static str,
}

/// `/agreements/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "agreements/agreement.html")]
pub struct AgreementPage {
    pub frame: Frame,
    pub facts: AgreementRow,
    /// The other members; empty for a person.
    pub members: String,
    pub document: String,
    pub body: String,
    pub terms: String,
    pub tranches: Vec<TrancheRow>,
    pub paid: Yuan,
    pub proposed: String,
    /// When and by whom; empty while it waits.
    pub decided: String,
    pub note: String,
    /// The reader put it down, and nobody has decided.
    pub waits_for_another: bool,
    /// Fields: verdict, note. `None` when decided or not allowed.
    pub decision: Option<FormState>,
}

impl AgreementPage {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.decision.as_ref().is_some_and(FormState::has_errors)
    }

    /// Waiting, one's own, mistyped, under way.
    pub fn samples() -> Vec<Self> {
        let tranche = |seq, file: &str, state| TrancheRow {
            seq,
            milestone: "样片流片成功并通过第三方检测".into(),
            expected_on: "2027-06-30".into(),
            amount: Yuan::whole(1_500_000),
            file: file.into(),
            state,
        };
        let waiting = Self {
            frame: Frame::sample_hr("/agreements"),
            facts: sample_row("待确认"),
            members: "李四（E000128）、王五（E000129）".into(),
            document: "端侧大模型推理芯片团队来闽落地 闽委人才〔2027〕2号".into(),
            body: "省委人才工作领导小组".into(),
            terms: "五年内在闽完成研发并实现量产。".into(),
            tranches: vec![tranche(1, "", ""), tranche(2, "", "")],
            paid: Yuan::default(),
            proposed: "2027-01-15 09:12 林晓岚".into(),
            decided: String::new(),
            note: String::new(),
            waits_for_another: false,
            decision: Some(FormState::new("decision")),
        };
        let own = Self { waits_for_another: true, decision: None, ..waiting.clone() };
        let wrong = FormState::new("decision").wrong("note", "退回时请写明原因");
        let mistyped = Self { decision: Some(wrong), ..waiting.clone() };
        let under_way = Self {
            facts: sample_row("执行中"),
            tranches: vec![
                tranche(1, "YK2027-00001", "已发放"),
                tranche(2, "YK2027-00002", "待达成"),
            ],
            paid: Yuan::whole(1_500_000),
            decided: "2027-01-15 10:00 高振宇".into(),
            note: "与决定文件一致".into(),
            decision: None,
            ..waiting.clone()
        };
        vec![waiting, own, mistyped, under_way]
    }
}
