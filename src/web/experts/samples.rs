//! Samples of the pages of experts.

use super::pages::{
    CertificatePage, ConflictRow, ExpertNew, ExpertPage, ExpertRow, Experts, ServicePage,
    ServiceRow, SumRow,
};
use crate::domain::draft::DraftForm;
use crate::web::drafts::DraftNote;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Yuan;

fn frame() -> Frame {
    Frame::sample_hr("/experts")
}

fn kinds() -> Vec<Choice> {
    Choice::list(&[("group_expert", "特聘专家"), ("advisor", "顾问科学家")])
}

fn service_kinds() -> Vec<Choice> {
    Choice::list(&[("guidance", "项目指导"), ("technical", "技术支持")])
}

fn row(state: &'static str) -> ExpertRow {
    ExpertRow {
        no: "ZJ00001".into(),
        kind: "特聘专家",
        name: "张三".into(),
        person_no: "E000127".into(),
        field: "大模型推理芯片".into(),
        employer: "福州某某智能科技有限公司".into(),
        host: "福建某某人工智能研究院".into(),
        days: "2027-01-01 至 2027-12-31".into(),
        ended_on: String::new(),
        funding: Some(Yuan::whole(120_000)),
        state,
        services: 2,
        hours: "7.5".into(),
    }
}

fn record(no: &str, state: &'static str) -> ServiceRow {
    ServiceRow {
        no: no.into(),
        enterprise: "福州某某智能科技有限公司".into(),
        served_on: "2027-03-05".into(),
        kind: "项目指导",
        hours: "3.5".into(),
        content: "评审推理芯片的验证方案".into(),
        side: "企业",
        state,
        in_conflict: true,
        recorded: "2027-03-06 09:12 王敏".into(),
        decided: String::new(),
        note: String::new(),
        corrects: String::new(),
    }
}

impl Experts {
    /// Some and none.
    pub fn samples() -> Vec<Self> {
        let page = |rows: Vec<ExpertRow>, export: Option<&str>, may_appoint| Self {
            frame: frame(),
            filter: FormState::new("filter"),
            kinds: kinds(),
            states: Choice::list(&[("serving", "在聘")]),
            rows,
            export_href: export.map(str::to_owned),
            may_appoint,
        };
        let states = ["待确认", "未开始", "在聘", "已到期", "提前结束", "已退回"];
        let foreign = ExpertRow { funding: None, ..row("在聘") };
        vec![
            page(states.map(row).to_vec(), Some("/experts.xlsx?"), true),
            page(vec![foreign], None, false),
            page(Vec::new(), None, false),
        ]
    }
}

impl ExpertNew {
    /// Fresh, and with errors.
    pub fn samples() -> Vec<Self> {
        let draft = || DraftNote::sample(DraftForm::Expert, "");
        let page = |form| Self { frame: frame(), form, draft: draft(), kinds: kinds() };
        let fresh = || FormState::new("expert");
        let wrong = fresh()
            .with("person", "E999999")
            .wrong("person", "没有编号为 E999999 的人员，请先登记")
            .wrong("from", "请填写首日和末日，例如 2026-06-30，末日不能早于首日");
        vec![page(fresh()), page(wrong)]
    }
}

/// An appointment that waits for the reader.
fn waiting() -> ExpertPage {
    let conflict = ConflictRow {
        enterprise: "福州某某智能科技有限公司".into(),
        source: "聘任时填写",
        from: "2027-01-01".into(),
        through: "2027-12-31".into(),
    };
    ExpertPage {
        frame: frame(),
        facts: row("待确认"),
        employer_uscc: "91350100M000100Y43".into(),
        opens_person: true,
        body: "福建省人力资源和社会保障厅".into(),
        document_no: "闽人社聘〔2027〕1号".into(),
        certificate_no: String::new(),
        end_reason: String::new(),
        conflicts: vec![conflict],
        services: Vec::new(),
        by_kind: Vec::new(),
        by_enterprise: Vec::new(),
        file: String::new(),
        file_state: "",
        proposed: "2027-01-05 09:12 林晓岚".into(),
        decided: String::new(),
        note: String::new(),
        waits_for_another: false,
        kinds: service_kinds(),
        names_enterprise: true,
        decision: Some(FormState::new("decision").wrong("note", "退回时请写明原因")),
        service: None,
        ending: None,
    }
}

/// An accepted one with services and two mistyped forms.
fn in_force() -> ExpertPage {
    let sum = |name: &str| SumRow { name: name.into(), services: 1, hours: "3.5".into() };
    let correction = ServiceRow { corrects: "FW000001".into(), ..record("FW000002", "待确认") };
    ExpertPage {
        facts: row("在聘"),
        certificate_no: "FJ-ZJ-2027-00001".into(),
        services: vec![record("FW000001", "已确认"), correction],
        by_kind: vec![sum("项目指导")],
        by_enterprise: vec![sum("福州某某智能科技有限公司")],
        file: "ZF2027-00001".into(),
        file_state: "待报告",
        decided: "2027-01-05 10:00 高振宇".into(),
        note: "与文件一致".into(),
        decision: None,
        service: Some(FormState::new("service").wrong("served_on", "服务日期不在聘期内")),
        ending: Some(FormState::new("end").wrong("reason", "请填写原因")),
        ..waiting()
    }
}

impl ExpertPage {
    /// Waiting, one's own, in force with mistyped forms, ended, as an enterprise reads it.
    pub fn samples() -> Vec<Self> {
        let own = Self { waits_for_another: true, decision: None, ..waiting() };
        let ended = Self {
            facts: ExpertRow { ended_on: "2027-06-30".into(), ..row("提前结束") },
            end_reason: "闽人社聘〔2027〕9号，本人申请".into(),
            conflicts: Vec::new(),
            ending: None,
            service: None,
            file_state: "已终止",
            ..in_force()
        };
        let of_enterprise = Self {
            facts: ExpertRow { funding: None, ..row("在聘") },
            opens_person: false,
            file: String::new(),
            proposed: String::new(),
            decided: String::new(),
            note: String::new(),
            names_enterprise: false,
            service: Some(FormState::new("service")),
            ending: None,
            ..in_force()
        };
        vec![waiting(), own, in_force(), ended, of_enterprise]
    }
}

impl ServicePage {
    /// To be confirmed, to be corrected, corrected.
    pub fn samples() -> Vec<Self> {
        let page = |row, decision, correction| Self {
            frame: frame(),
            row,
            expert: "张三（特聘专家）".into(),
            appointment_no: "ZJ00001".into(),
            kinds: service_kinds(),
            decision,
            correction,
        };
        let decided = |state| ServiceRow {
            decided: "2027-03-07 10:00 林晓岚".into(),
            note: "属实".into(),
            in_conflict: false,
            ..record("FW000001", state)
        };
        let wrong = FormState::new("correction").wrong("hours", "请填写小时数");
        let correction =
            ServiceRow { corrects: "FW000001".into(), ..record("FW000002", "待确认") };
        vec![
            page(correction, Some(FormState::new("decision")), None),
            page(decided("已确认"), None, Some(wrong)),
            page(decided("已更正"), None, None),
            page(decided("已撤回"), None, None),
        ]
    }
}

impl CertificatePage {
    /// One that holds, one that was ended.
    pub fn samples() -> Vec<Self> {
        let page = |ended_on: &str| Self {
            frame: frame(),
            no: "ZJ00001".into(),
            certificate_no: "FJ-ZJ-2027-00001".into(),
            name: "张三".into(),
            kind: "特聘专家",
            field: "大模型推理芯片".into(),
            from: "2027年1月1日".into(),
            through: "2027年12月31日".into(),
            body: "福建省人力资源和社会保障厅".into(),
            document_no: "闽人社聘〔2027〕1号".into(),
            ended_on: ended_on.into(),
        };
        vec![page(""), page("2027年6月30日")]
    }
}
