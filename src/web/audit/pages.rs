//! The audit log and its verification.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::Pager;

/// A line of the log.
#[derive(Debug, Clone, Default)]
pub struct AuditRow {
    /// Position in the chain of the organisation.
    pub seq: i64,
    pub at: String,
    pub who: String,
    pub role: String,
    pub organisation: String,
    pub action: String,
    pub object: String,
    pub object_href: Option<String>,
    /// 成功 or 失败.
    pub outcome: String,
    /// Further facts in one line, masked.
    pub detail: String,
    pub address: String,
}

/// `/audit`.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/log.html")]
pub struct AuditLog {
    pub frame: Frame,
    /// Fields: who, action, object, from, until.
    pub filter: FormState,
    pub actions: Vec<Choice>,
    pub rows: Vec<AuditRow>,
    pub pager: Pager,
    /// How much there is and when it was sealed, in one sentence.
    pub sealed: String,
    /// Whose deeds are shown, in one sentence; empty for everybody's.
    pub about: String,
    /// Hash of the last seal; empty before there is one.
    pub head: String,
    /// Why the heads do not leave the machine; empty when they do.
    pub alarm: String,
}

impl AuditLog {
    /// Some, none under these conditions while no head leaves the machine.
    pub fn samples() -> Vec<Self> {
        let row = |seq, action: &str, object: &str, outcome: &str, detail: &str| AuditRow {
            seq,
            at: "2026-11-24 09:42:07".into(),
            who: "陈国栋".into(),
            role: "财务复核".into(),
            organisation: "福建省财政厅".into(),
            action: action.into(),
            object: object.into(),
            object_href: Some("/batches/2026-FJ-003".into()),
            outcome: outcome.into(),
            detail: detail.into(),
            address: "10.21.4.17".into(),
        };
        let page = |rows: Vec<AuditRow>| Self {
            frame: Frame::sample_auditor("/audit"),
            filter: FormState::new("filter").with("from", "2026-11-01"),
            actions: Choice::list(&[("check", "复核批次"), ("reveal", "查看明文")]),
            pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
            alarm: if rows.is_empty() { sample_alarm() } else { String::new() },
            rows,
            sealed: "各机构共 184,221 条，最近一次封存：第 7 号，2026-11-24 09:00。".into(),
            head: "4167c4875cf2f7a2297da02b8f4ba8e0".into(),
            about: String::new(),
        };
        let mut security = page(vec![row(184_217, "登录被拒", "账号 chengd", "失败", "")]);
        security.frame = Frame::sample_security("/audit");
        security.rows[0].object_href = None;
        security.about = "这里只列业务用户的操作。".into();
        vec![
            security,
            page(vec![
                row(184_221, "复核批次", "批次 2026-FJ-003", "成功", ""),
                row(184_219, "查看明文", "张三的收款账户", "成功", "企业来电核对账号"),
                row(184_218, "审批批次", "批次 2026-FJ-003", "失败", "同一人不能既复核又审批"),
            ]),
            page(vec![]),
        ]
    }
}

fn sample_alarm() -> String {
    "自 2026-11-24 06:00 起的日志还没有导出封存值，已超过两小时".into()
}

/// The chain of one organisation.
#[derive(Debug, Clone, Default)]
pub struct ChainResult {
    pub organisation: String,
    pub records: i64,
    /// 完整 or 校验失败.
    pub state: String,
    pub first_bad: Option<i64>,
    pub problem: String,
    pub head: String,
}

/// A seal over the heads of all chains.
#[derive(Debug, Clone, Default)]
pub struct Seal {
    pub no: i64,
    pub at: String,
    pub records: i64,
    pub hash: String,
    /// 完整 or 校验失败.
    pub state: String,
}

/// How far the heads have left the machine.
#[derive(Debug, Clone, Default)]
pub struct HeadsPanel {
    /// Whether a folder is set.
    pub is_on: bool,
    /// Empty when all is well.
    pub alarm: String,
    /// Number, time and hash of the last seal in the file.
    pub exported: Option<(i64, String, String)>,
    /// Lines of the file that this page held against the database.
    pub held: i64,
    /// By which lines and bundles are checked.
    pub key: String,
}

/// `/audit/verification`.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/verification.html")]
pub struct AuditVerification {
    pub frame: Frame,
    pub checked_at: String,
    pub chains: Vec<ChainResult>,
    pub seals: Vec<Seal>,
    pub all_whole: bool,
    /// What is wrong with seals and with the file of heads.
    pub faults: Vec<String>,
    pub heads: HeadsPanel,
}

impl AuditVerification {
    /// Whole, broken, nothing yet.
    pub fn samples() -> Vec<Self> {
        let chain = |organisation: &str, state: &str, first_bad: Option<i64>| ChainResult {
            organisation: organisation.into(),
            records: 92_110,
            state: state.into(),
            first_bad,
            problem: first_bad.map_or(String::new(), |_| "记录内容与校验值不符".into()),
            head: "4167c4875cf2f7a2297da02b8f4ba8e0".into(),
        };
        let hash = || "66c7f0f462eeedd9d1f2d46bdc10e4e2".to_owned();
        let seal = |at: &str| Seal {
            no: 7,
            at: at.into(),
            records: 184_220,
            hash: hash(),
            state: "完整".into(),
        };
        let page = |chains: Vec<ChainResult>, all_whole| Self {
            frame: Frame::sample_auditor("/audit/verification"),
            checked_at: "2026-11-24 10:02".into(),
            seals: if chains.is_empty() {
                vec![]
            } else {
                vec![seal("2026-11-24 02:00"), seal("2026-11-23 02:00")]
            },
            faults: if all_whole {
                vec![]
            } else {
                vec!["第 5 号封存点起不成立，或与已经导出的封存值不符".into()]
            },
            heads: HeadsPanel {
                is_on: !chains.is_empty(),
                alarm: if all_whole { String::new() } else { sample_alarm() },
                exported: all_whole.then(|| (7, "2026-11-24 02:00".into(), hash())),
                held: 7,
                key: hash(),
            },
            chains,
            all_whole,
        };
        let good = || chain("福建省人力资源和社会保障厅", "完整", None);
        vec![
            page(vec![good(), chain("福建省财政厅", "完整", None)], true),
            page(vec![good(), chain("福建省财政厅", "校验失败", Some(90_113))], false),
            page(vec![], true),
        ]
    }
}
