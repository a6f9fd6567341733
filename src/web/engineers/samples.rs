//! Realistic fillings of the explanation of an amount.

use super::explanation::{
    EntitlementVersion, Explanation, InputFact, Month, ParameterUsed, PaymentRow, Share, Step,
};
use crate::web::frame::Frame;
use crate::web::words::{Deed, Yuan};

pub(super) const E1: &str = "福州某某智能科技有限公司";
pub(super) const LONG: &str =
    "福建省海峡两岸融合发展人工智能与数字经济产业技术创新研究院（集团）股份有限公司";

/// See [`Explanation::samples`].
pub(super) fn explanations() -> Vec<Explanation> {
    vec![full_year(), moved(), zero()]
}

fn parameters() -> Vec<ParameterUsed> {
    let given = |name: &str, value: &str, clause: &str| ParameterUsed {
        name: name.into(),
        value: value.into(),
        clause: clause.into(),
        is_default: clause.is_empty(),
    };
    vec![
        given("奖补标准", "每人每年 200,000.00 元", "措施第九条“给予每人每年20万元奖补”"),
        given("政策有效期", "2025-11-04 至 2028-12-31", "措施末款“自印发之日起实施”"),
        given("适用人员", "骨干企业清单内企业的名册在册人员", "措施第九条"),
        given("按月折算", "计入月数 ÷ 12", ""),
        given("计入月份的最少天数", "15 天", ""),
        given("最少计入月数", "6 个月", ""),
    ]
}

fn inputs() -> Vec<InputFact> {
    let input = |cells: [&str; 5]| {
        let [subject, content, period, source, recorded_at] = cells.map(str::to_owned);
        InputFact { subject, content, period, source, recorded_at }
    };
    vec![
        input(["任职", E1, "2025-03-01 至今", "劳动合同 FZ-2025-031", "2025-11-12"]),
        input(["名册", "在册", "2025-11-10 至今", "名册确认书 2025-011", "2025-11-14"]),
        input(["清单", "首批清单", "2025-11-04 至今", "闽工信人工智能〔2025〕12 号", "2025-11-06"]),
        input(["社保", "12 个月", "2026-01 至 2026-12", "省社保中心比对", "2027-01-08"]),
    ]
}

fn months(enterprise: impl Fn(i64) -> (bool, i64, &'static str)) -> Vec<Month> {
    let month = |number| {
        let (counted, days, text) = enterprise(number);
        let (enterprise, reason) = if counted { (text, "") } else { ("", text) };
        Month { number, counted, days, enterprise: enterprise.into(), reason: reason.into() }
    };
    (1..=12).map(month).collect()
}

fn step(text: &str, formula: &str, result: &str) -> Step {
    Step {
        text: text.into(),
        lines: vec![format!("{formula}{result}")],
        result: result.into(),
        basis: "措施第九条".into(),
    }
}

pub(crate) fn full_year() -> Explanation {
    let share = |source: &str, amount| Share {
        enterprise: E1.into(),
        source: source.into(),
        months: 12,
        amount,
    };
    Explanation {
        is_own: false,
        is_part: false,
        hold_href: Some("/holds?person_no=E000127&year=2026".into()),
        frame: Frame::sample_finance("/engineers"),
        name: "张三".into(),
        no: "E000127".into(),
        year: 2026,
        net: Yuan::whole(200_000),
        status: "已付".into(),
        sentence: "2026 年全年在册，所在企业全年在骨干企业清单内，12 个月均计入，按每人每年 20 万元足额核定。".into(),
        default_rules: Some("RS-1".into()),
        edition: "福建省促进人工智能产业发展若干措施，2025-11-04 印发，第 1 版".into(),
        parameters: parameters(),
        inputs: inputs(),
        months: months(|n| (true, if n == 2 { 28 } else { 31 }, "福州某某")),
        steps: vec![
            step("认定计入月数", "逐月满 15 天且有社保或个税", "12 个月"),
            step("按月折算毛额", "200,000.00 × 12 ÷ 12 = ", "200,000.00 元"),
            step("减去同类奖补", "200,000.00 − 0.00 = ", "200,000.00 元"),
        ],
        offset: None,
        shares: vec![share("省级财政", Yuan::whole(200_000))],
        versions: vec![EntitlementVersion {
            version: 1,
            computed_at: "2027-01-15 09:20".into(),
            known_at: "2027-01-15".into(),
            net: Yuan::whole(200_000),
            change: Yuan::default(),
            reason: "年度核定".into(),
            is_current: true,
            is_shown: true,
        }],
        adjustment: None,
        payments: vec![PaymentRow {
            area: "/batches",
            batch_no: "2027-FJ-001".into(),
            amount: Yuan::whole(200_000),
            account_last4: "6217".into(),
            state: "已付".into(),
            bank_reply: "交易成功".into(),
            replied_on: "2027-05-28".into(),
        }],
        deeds: vec![
            Deed::new("2027-01-15 09:20", "林晓岚 · 人社经办", "完成 2026 年度核定", None),
            Deed::new("2027-05-18 10:06", "黄颖 · 财务经办", "编入批次 2027-FJ-001", None),
            Deed::new("2027-05-20 15:11", "陈国栋 · 财务复核", "复核通过", None),
            Deed::new("2027-05-22 08:47", "何炜 · 财务审批", "审批通过", None),
        ],
        hash: "66c7f0f4-62eeedd9-d1f2d46b-dc10e4e2".into(),
        is_reproduced: true,
    }
}

fn moved() -> Explanation {
    let mut page = full_year();
    page.net = Yuan::of(16_666_667);
    page.status = "补发".into();
    page.sentence = "2026 年 12 个月中计入 10 个月：8 月、9 月没有社保或个税记录，不计；按 20 万元 × 10 ÷ 12 核定。".into();
    page.months = months(|n| match n {
        8 | 9 => (false, 31, "无社保、个税记录"),
        1..=5 => (true, 31, "福州某某"),
        _ => (true, 30, "泉州海丝"),
    });
    page.steps = vec![
        step("认定计入月数", "1–7 月、10–12 月计入", "10 个月"),
        step("按月折算毛额，四舍五入到分", "200,000.00 × 10 ÷ 12 = ", "166,666.67 元"),
        step("减去同类奖补", "166,666.67 − 0.00 = ", "166,666.67 元"),
    ];
    page.offset =
        Some("已核对省级人才奖补目录：没有同一年度、同一类别的省级以上奖补，抵扣 0.00 元。".into());
    let share = |enterprise: &str, months, fen| Share {
        enterprise: enterprise.into(),
        source: "省级财政".into(),
        months,
        amount: Yuan::of(fen),
    };
    page.shares = vec![share(E1, 5, 8_333_334), share(LONG, 5, 8_333_333)];
    let version = |version, net, change, reason: &str, is_shown| EntitlementVersion {
        version,
        computed_at: "2027-01-15 09:20".into(),
        known_at: "2027-01-15".into(),
        net: Yuan::of(net),
        change: Yuan::of(change),
        reason: reason.into(),
        is_current: is_shown,
        is_shown,
    };
    page.versions = vec![
        version(2, 16_666_667, 1_666_667, "补录 10 月社保", true),
        version(1, 15_000_000, 0, "年度核定", false),
    ];
    page.adjustment = Some("第 1 版已发放 150,000.00 元，本版差额 16,666.67 元列入补发。".into());
    page
}

fn zero() -> Explanation {
    let mut page = full_year();
    page.name = "王五".into();
    page.no = "E000166".into();
    page.net = Yuan::default();
    page.status = "零额".into();
    page.sentence = "2026 年计入 5 个月，少于最少 6 个月，本年度不予奖补。".into();
    page.months = months(|n| if n < 6 { (true, 30, "泉州海丝") } else { (false, 0, "已离职") });
    page.steps = vec![
        step("认定计入月数", "1–5 月计入", "5 个月"),
        step("与最少月数比较", "5 < 6", "不予奖补"),
    ];
    page.shares.clear();
    page.payments.clear();
    page.inputs.clear();
    page
}
