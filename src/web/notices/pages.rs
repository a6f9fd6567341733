//! Public notices.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::{Frame, PublicFrame};

/// A notice in a list.
#[derive(Debug, Clone, Default)]
pub struct NoticeRow {
    pub no: String,
    pub title: String,
    pub kind: String,
    pub starts_on: String,
    pub ends_on: String,
    /// 公示中 or 已结束.
    pub state: String,
}

/// `/notices`.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/list.html")]
pub struct NoticeList {
    pub frame: Frame,
    pub rows: Vec<NoticeRow>,
    /// Kinds of files that the reader announces.
    pub kinds: Vec<Choice>,
    /// Fields: no, reason, title, basis, contact.
    pub restart: FormState,
    /// Notices that run today.
    pub running: Vec<Choice>,
}

/// A file that waits for a notice.
#[derive(Debug, Clone, Default)]
pub struct CandidateRow {
    pub no: String,
    pub name: String,
    pub enterprise: String,
    pub detail: String,
    pub chosen: bool,
}

/// Something that goes with the publication into every file.
#[derive(Debug, Clone, Copy)]
pub struct EvidenceField {
    pub name: &'static str,
    pub label: &'static str,
}

/// `/notices/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/new.html")]
pub struct NoticeNew {
    pub frame: Frame,
    /// Code of the kind of files.
    pub kind: &'static str,
    pub kind_label: &'static str,
    pub evidence: Vec<EvidenceField>,
    /// Fields: title, basis, contact, working_days, count_first_day and those of `evidence`.
    pub form: FormState,
    pub rows: Vec<CandidateRow>,
}

/// `/public/notices`.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/public_list.html")]
pub struct PublicNoticeList {
    pub frame: PublicFrame,
    pub rows: Vec<NoticeRow>,
}

/// A line as the public reads it.
#[derive(Debug, Clone, Default)]
pub struct EntryRow {
    pub seq: i64,
    pub name: String,
    pub enterprise: String,
    pub detail: String,
}

/// `/public/notices/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/public_notice.html")]
pub struct PublicNotice {
    pub frame: PublicFrame,
    pub row: NoticeRow,
    pub basis: String,
    pub contact: String,
    /// Why it was started again.
    pub restarts: Vec<String>,
    /// What it said before it was corrected: until when, title, basis and contact.
    pub earlier: Vec<[String; 4]>,
    pub entries: Vec<EntryRow>,
    /// Whether the days are over, so that the form is for tips.
    pub is_over: bool,
    /// Fields: seq, name, contact, content.
    pub form: FormState,
    pub choices: Vec<Choice>,
    /// Receipt of the objection just received.
    pub receipt: String,
    /// Number of the tip just received.
    pub tip_no: String,
}

fn sample() -> NoticeRow {
    NoticeRow {
        no: "GS2026-0003".into(),
        title: "2026年第三批省级高层次人才自主认定公示".into(),
        kind: "自主认定".into(),
        starts_on: "2026-11-18".into(),
        ends_on: "2026-11-25".into(),
        state: "公示中".into(),
    }
}

impl NoticeList {
    /// With notices and without.
    pub fn samples() -> Vec<Self> {
        let page = |rows, restart| Self {
            frame: Frame::sample_hr("/notices"),
            rows,
            kinds: Choice::list(&[("recognition", "自主认定")]),
            restart,
            running: Choice::list(&[("GS2026-0003", "GS2026-0003 自主认定公示")]),
        };
        let over = NoticeRow { state: "已结束".into(), ..sample() };
        let wrong = FormState::new("restart").wrong("reason", "请写明重新公示的原因");
        vec![
            page(vec![sample(), over], FormState::new("restart")),
            page(vec![], FormState::new("restart")),
            page(vec![sample()], wrong),
        ]
    }
}

impl NoticeNew {
    /// With files, with a mistake, with none.
    pub fn samples() -> Vec<Self> {
        let row = CandidateRow {
            no: "RD2026-00012".into(),
            name: "张*北".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            detail: "省级高层次人才 B类".into(),
            chosen: true,
        };
        let page = |rows, form| Self {
            frame: Frame::sample_hr("/notices"),
            kind: "recognition",
            kind_label: "自主认定",
            evidence: vec![EvidenceField { name: "sample_audit", label: "抽查结果" }],
            form,
            rows,
        };
        let wrong = FormState::new("notice").wrong("title", "请填写公示标题");
        vec![
            page(vec![row.clone()], FormState::new("notice")),
            page(vec![row], wrong),
            page(vec![], FormState::new("notice")),
        ]
    }
}

impl PublicNoticeList {
    /// With notices and without.
    pub fn samples() -> Vec<Self> {
        let page = |rows| Self { frame: PublicFrame::sample(), rows };
        vec![page(vec![sample()]), page(vec![])]
    }
}

impl PublicNotice {
    /// Whether something has to be corrected.
    pub fn has_errors(&self) -> bool {
        self.form.has_errors()
    }

    /// Running, with a mistake, over, and with what those are told who sent the form.
    pub fn samples() -> Vec<Self> {
        let entry = EntryRow {
            seq: 1,
            name: "张*北".into(),
            enterprise: "福州某某智能科技有限公司".into(),
            detail: "省级高层次人才 B类".into(),
        };
        let page = |is_over, form, (receipt, tip_no): (&str, &str)| Self {
            frame: PublicFrame::sample(),
            row: sample(),
            basis: "闽人社文〔2026〕12号".into(),
            contact: "福建省人社厅 0591-00000000".into(),
            restarts: vec!["2026-11-10 至 2026-11-17：网页中断".into()],
            earlier: vec![
                ["2026-11-18", "2026年第二批公示", "闽人社文〔2026〕11号", "0591-00000000"]
                    .map(str::to_owned),
            ],
            entries: vec![entry.clone()],
            is_over,
            form,
            choices: Choice::list(&[("1", "第 1 项 张*北")]),
            receipt: receipt.into(),
            tip_no: tip_no.into(),
        };
        let form = || FormState::new("objection");
        vec![
            page(false, form(), ("", "")),
            page(false, form().wrong("content", "请写明事实和理由"), ("", "")),
            page(false, form(), ("YY2026-00007-0A1B2C3D4E5F", "")),
            page(true, form(), ("", "")),
            page(true, form(), ("", "JB2026-00003")),
        ]
    }
}
