//! Realistic fillings of the list of engineers and of the record of one.

use chrono::NaiveDate;

use super::pages::{Engineer, EngineerList, EngineerRow, FactVersion, Saying, YearAmount};
use super::samples::{E1, LONG};
use crate::web::attachments::{AttachmentPanel, AttachmentRow};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::timeline::{Kind, Lane, Stretch, Timeline};
use crate::web::words::{Pager, Yuan};

const E2: &str = "泉州海丝人工智能研究院有限公司";
const USCC: &str = "91350100MA2XNQ4T3K";

fn row(cells: [&str; 7], months: Option<i64>, yuan: i64, status: &str) -> EngineerRow {
    let (kind, masked) = cells[2].split_once(' ').unwrap_or_default();
    let [name, no, _, enterprise, post, state, joined_on] = cells.map(str::to_owned);
    EngineerRow {
        name,
        no,
        document_kind: kind.into(),
        document_masked: masked.into(),
        enterprise,
        enterprise_uscc: USCC.into(),
        post,
        roster_state: state,
        joined_on,
        months,
        entitled: months.map(|_| Yuan::whole(yuan)),
        status: status.into(),
    }
}

fn rows() -> Vec<EngineerRow> {
    let id = "身份证 3501**********1234";
    let card = "永居证 9358***********81";
    vec![
        row(
            ["张三", "E000127", id, E1, "算法研发", "在册", "2025-11-10"],
            Some(12),
            200_000,
            "已付",
        ),
        row(
            ["李思源", "E000131", id, E1, "模型训练", "在册", "2026-04-10"],
            Some(9),
            150_000,
            "在途",
        ),
        row(
            [
                "阿卜杜勒·热合曼·买买提艾力",
                "E000140",
                id,
                LONG,
                "具身智能系统架构与可靠性工程",
                "在册",
                "2026-01-01",
            ],
            Some(12),
            200_000,
            "待付",
        ),
        row(
            [
                "Jonathan A. Whitfield-Montgomery",
                "E000152",
                card,
                E2,
                "算法研发",
                "暂停",
                "2026-02-01",
            ],
            Some(7),
            116_667,
            "冻结",
        ),
        row(["王五", "E000166", id, E2, "数据工程", "出册", "2026-01-01"], Some(5), 0, "零额"),
        row(
            ["陈晓", "E000171", id, E1, "算法研发", "在册", "2026-01-01"],
            Some(12),
            200_000,
            "退票",
        ),
        row(["欧阳明月", "E000205", id, E1, "芯片适配", "在册", "2026-11-01"], None, 0, "未开始"),
    ]
}

/// See [`EngineerList::samples`].
pub(super) fn lists() -> Vec<EngineerList> {
    let page = |rows: Vec<EngineerRow>, filter, exact, pager| EngineerList {
        frame: Frame::sample_hr("/engineers"),
        filter,
        enterprises: Choice::list(&[(USCC, E1), ("91350500MA2YKQ8X1C", LONG)]),
        cities: Choice::list(&[("350100", "福州市"), ("350500", "泉州市")]),
        states: Choice::list(&[("在册", "在册"), ("出册", "出册")]),
        amounts: Choice::list(&[("some", "有应发"), ("zero", "零额")]),
        gaps: Choice::list(&[("account", "没有收款账户")]),
        may_import: true,
        exact,
        columns_href: "/exports/new?list=engineers&year=2026".into(),
        export_href: (!rows.is_empty()).then(|| "/engineers.xlsx".to_owned()),
        must_search: false,
        rows,
        pager,
    };
    let none = || FormState::new("filter");
    let exact = || FormState::new("exact");
    let pager = Pager {
        total: 1_284,
        is_more: false,
        first: 51,
        last: 57,
        previous: Some("/engineers?before=E000127".into()),
        next: Some("/engineers?after=E000205".into()),
    };
    let wrong = exact().wrong("document_no", "身份证号码第 18 位校验不符，请核对后重新输入");
    vec![
        page(rows(), none(), exact(), pager),
        page(vec![], none().with("q", "诸葛"), exact(), Pager::default()),
        page(vec![], none(), exact(), Pager::default()),
        page(rows(), none().with("state", "在册"), wrong, Pager::single(7)),
        EngineerList { must_search: true, ..page(vec![], none(), exact(), Pager::default()) },
    ]
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn stretch(from: &str, to: &str, kind: Kind, label: &str, note: &str) -> Stretch {
    let to = (!to.is_empty()).then(|| day(to));
    Stretch { from: day(from), to, label: label.into(), kind, note: note.into() }
}

fn lane(label: &'static str, stretches: Vec<Stretch>) -> Lane {
    Lane { label, stretches }
}

fn lanes() -> Vec<Lane> {
    let mut lanes = lanes_of_work();
    lanes.extend(lanes_of_money());
    lanes
}

fn lanes_of_work() -> Vec<Lane> {
    use Kind::{Gap, Listed, Roster, Work};
    vec![
        lane(
            "任职",
            vec![
                stretch("2025-03-01", "2026-05-11", Work, E1, "劳动合同 FZ-2025-031"),
                stretch("2026-05-11", "2026-05-25", Gap, "未任职 14 天", "两段任职之间没有登记"),
                stretch("2026-05-25", "", Work, E2, "劳动合同 QZ-2026-107"),
            ],
        ),
        lane(
            "名册",
            vec![
                stretch("2025-11-10", "2026-05-11", Roster, "在册", "名册确认书 2025-011"),
                stretch("2026-05-11", "2026-05-25", Gap, "不在册", "前一企业办理离职"),
                stretch("2026-05-25", "", Roster, "在册", "名册确认书 2026-052"),
            ],
        ),
        lane(
            "清单",
            vec![
                stretch(
                    "2025-11-04",
                    "2026-05-11",
                    Listed,
                    "首批清单",
                    "闽工信人工智能〔2025〕12 号",
                ),
                stretch(
                    "2026-05-25",
                    "2027-01-01",
                    Listed,
                    "第二批清单",
                    "闽工信人工智能〔2026〕3 号",
                ),
            ],
        ),
    ]
}

fn lanes_of_money() -> Vec<Lane> {
    use Kind::{Evidence, Gap, Hold, Paid, Recognised};
    vec![
        lane(
            "认定",
            vec![stretch(
                "2026-03-01",
                "2031-03-01",
                Recognised,
                "C 类高层次人才",
                "自主认定备案 2026-C-044",
            )],
        ),
        lane(
            "社保个税",
            vec![
                stretch(
                    "2025-03-01",
                    "2026-08-01",
                    Evidence,
                    "社保连续 17 个月",
                    "省社保中心 2026-11 比对",
                ),
                stretch("2026-08-01", "2026-10-01", Gap, "缺 2 个月", "无社保也无个税记录"),
                stretch("2026-10-01", "2026-11-01", Evidence, "1 个月", "省社保中心 2026-11 比对"),
            ],
        ),
        lane(
            "停发排除",
            vec![stretch(
                "2026-10-08",
                "2026-11-10",
                Hold,
                "停发核查",
                "连续 2 个月无证据，福人社核〔2026〕17 号",
            )],
        ),
        lane(
            "发放",
            vec![stretch(
                "2026-06-15",
                "2026-07-15",
                Paid,
                "2025",
                "批次 2026-FJ-001，0.00 元，2025 年不计发",
            )],
        ),
    ]
}

fn fact(cells: [&str; 7], superseded: Option<&str>) -> FactVersion {
    let [subject, content, valid_from, valid_until, recorded_at, document, who] =
        cells.map(str::to_owned);
    FactVersion {
        subject,
        content,
        valid_from,
        valid_until,
        recorded_at,
        known_href: Some("/engineers/E000127?known_at=2026-06-02&known_time=10:14:00".into()),
        superseded_at: superseded.map(str::to_owned),
        document,
        who,
        fact: superseded.is_none().then(|| "employment:2".into()),
    }
}

fn year(
    year: i32,
    months: i64,
    net: Yuan,
    paid: Yuan,
    status: &str,
    why: Option<&str>,
) -> YearAmount {
    let reason = why.map(str::to_owned);
    let (gross, offset, status) = (net, Yuan::default(), status.to_owned());
    let (months, paid) = (Some(months), Some(paid));
    YearAmount { year, months, gross, offset, net, paid, status, reason, version: 2 }
}

/// See [`Engineer::samples`].
pub(super) fn records() -> Vec<Engineer> {
    let mut past = record();
    past.as_of_note =
        Some("显示 2026-06-30 当天的情况，仅采用截至 2026-07-15 已掌握的信息。".into());
    past.as_of = FormState::new("as-of").with("on", "2026-06-30").with("known_at", "2026-07-15");
    (past.leave, past.bank_form, past.correction) = (None, None, None);
    past.frame = Frame::sample_auditor("/engineers");

    let mut wrong = record();
    wrong.leave = Some(
        FormState::new("leave")
            .with("last_day", "2027-02-30")
            .with("document_no", "QZ-2026-L009")
            .wrong("last_day", "2027-02-30 不存在，请按 2026-11-20 的样式填写")
            .wrong("reason", "请选择离职原因"),
    );

    let mut fresh = record();
    fresh.name = "欧阳明月".into();
    fresh.enterprise = LONG.into();
    fresh.account_last4 = None;
    fresh.account_changed_on = None;
    fresh.versions.clear();
    fresh.years.clear();
    fresh.timeline = Timeline::draw(2025, 2027, day("2026-11-24"), &[]);
    vec![record(), past, wrong, fresh]
}

fn versions() -> Vec<FactVersion> {
    let who = "林晓岚";
    vec![
        fact(
            ["任职", E2, "2026-05-25", "至今", "2026-06-02 10:14", "劳动合同 QZ-2026-107", who],
            None,
        ),
        fact(
            [
                "任职",
                E1,
                "2025-03-01",
                "2026-05-10",
                "2026-05-20 09:30",
                "解除证明 FZ-2026-L021",
                who,
            ],
            None,
        ),
        fact(
            [
                "任职",
                E1,
                "2025-03-01",
                "2026-05-31",
                "2026-05-12 16:08",
                "企业来函 2026-05-12",
                "郑海",
            ],
            Some("2026-05-20 09:30"),
        ),
        fact(
            [
                "名册",
                "在册 · 算法研发",
                "2026-05-25",
                "至今",
                "2026-06-05 11:02",
                "名册确认书 2026-052",
                who,
            ],
            None,
        ),
        fact(
            [
                "认定",
                "C 类高层次人才",
                "2026-03-01",
                "2031-02-28",
                "2026-03-18 15:40",
                "自主认定备案 2026-C-044",
                "郑海",
            ],
            None,
        ),
    ]
}

fn attachments() -> AttachmentPanel {
    let row = |id, name: &str, withdrawn: Option<(&str, &str)>| AttachmentRow {
        id,
        name: name.into(),
        kind: "PDF".into(),
        size: "812 KB".into(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        note: "2026 年劳动合同".into(),
        who: "陈建华".into(),
        at: "2026-11-18 16:02".into(),
        may_take: withdrawn.is_none(),
        defects: Vec::new(),
        withdrawal: withdrawn.is_none().then(|| FormState::new(&format!("withdrawal-{id}"))),
        withdrawn: withdrawn.map(|(at, why)| (at.into(), why.into())),
    };
    AttachmentPanel {
        rows: vec![
            row(2, "劳动合同.pdf", None),
            row(1, "合同.pdf", Some(("2026-11-18 16:01", "传错文件"))),
        ],
        upload: Some(FormState::new("attachment")),
    }
}

fn record() -> Engineer {
    let reasons = [
        ("resign", "本人辞职"),
        ("expire", "合同到期"),
        ("dismiss", "解除合同"),
        ("death", "死亡"),
    ];
    let held = [
        ("employment:2", "任职：泉州海丝，2026-05-25 起"),
        ("roster_entry:2", "名册：在册，2026-05-25 起"),
    ];
    let early = Some("2025 年早于首个奖补年度，只记履历");
    Engineer {
        frame: Frame::sample_hr("/engineers"),
        name: "张三".into(),
        no: "E000127".into(),
        merged: vec!["E000385".into()],
        asked_as: Some("E000385".into()),
        document: "身份证 3501**********1234".into(),
        enterprise: E2.into(),
        enterprise_uscc: "91350500MA2YKQ8X1C".into(),
        post: "算法研发".into(),
        roster_state: "在册".into(),
        joined_on: "2025-11-10".into(),
        listing_state: "在清单".into(),
        bank: Some("兴业银行福州五一支行".into()),
        account_last4: Some("6217".into()),
        account_changed_on: Some("2026-11-20".into()),
        account_waits: Some(("9012".into(), "DZ000003".into())),
        certificates: vec!["FJ-AI-2026000123-K".into()],
        appointments: vec![("ZJ00001".into(), "顾问科学家，2026-01-01 至 2026-12-31".into())],
        as_of: FormState::new("as-of").with("on", "2026-11-24").with("known_at", "2026-11-24"),
        as_of_note: None,
        timeline: Timeline::draw(2025, 2027, day("2026-11-24"), &lanes()),
        versions: versions(),
        years: vec![
            year(2026, 10, Yuan::of(16_666_667), Yuan::default(), "待付", None),
            year(2025, 0, Yuan::default(), Yuan::default(), "零额", early),
        ],
        leave: Some(FormState::new("leave")),
        leave_reasons: Choice::list(&reasons),
        bank_form: Some(FormState::new("bank")),
        may_activate: false,
        changes: vec![("BG000004".into(), "更正期间")],
        sayings: vec![
            Saying {
                about: "名册：泉州海丝".into(),
                agrees: false,
                note: "入册日期应为 2026-05-01".into(),
                at: "2026-11-20 09:12".into(),
                answer: Some(("2026-11-21 10:00 林晓岚".into(), "已请企业更正".into())),
            },
            Saying {
                about: "账户：兴业银行 尾号 6217".into(),
                agrees: true,
                note: String::new(),
                at: "2026-11-20 09:10".into(),
                answer: None,
            },
        ],
        may_answer: true,
        attachments: attachments(),
        may_reveal: true,
        may_suspend: true,
        may_exclude: true,
        correction: Some(FormState::new("correction")),
        facts: Choice::list(&held),
    }
}
