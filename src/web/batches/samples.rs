//! Realistic fillings of the pages about batches.

use super::pages::{
    ActionField, Batch, BatchAction, BatchCheck, BatchDetails, BatchFile, BatchLine, BatchList,
    BatchNew, BatchPreview, BatchReturn, BatchRow, BatchStep, BatchSummary, BatchTax, CheckRow,
    ClassRow, Excluded, Reconciliation, ReturnedRow, Sampled, SignedBy, SummaryRow, SuspenseList,
    SuspenseRow,
};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::words::{Deed, Pager, Yuan};

const STEPS: [&str; 9] =
    ["编制", "冻结", "复核", "审批", "出文件", "送银行", "回单", "结清", "关闭"];
const CAPITAL: &str = "人民币陆仟万元整";
pub(super) const HASH: &str = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

pub(super) fn facts(state: &str) -> BatchRow {
    BatchRow {
        no: "2026-FJ-003".into(),
        year: 2026,
        source: "省级财政".into(),
        payer: "福建省财政厅国库处".into(),
        lines: 300,
        sum: Yuan::whole(60_000_000),
        state: state.into(),
        people: "黄颖 / 陈国栋".into(),
        changed_at: "2026-11-24 09:42".into(),
    }
}

/// See [`BatchList::samples`].
pub(super) fn lists() -> Vec<BatchList> {
    let page = |rows: Vec<BatchRow>| BatchList {
        frame: Frame::sample_finance("/batches"),
        filter: FormState::new("filter"),
        years: Choice::list(&[("2026", "2026 年度")]),
        states: Choice::list(&[("frozen", "待复核"), ("checked", "待审批")]),
        pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
        rows,
        may_create: true,
    };
    vec![
        page(vec![facts("待复核"), facts("部分退回"), facts("已关闭"), facts("编制中")]),
        page(vec![]),
    ]
}

fn sampled() -> Vec<Sampled> {
    let row = |revision, number, name: &str, finding, note: &str| Sampled {
        revision,
        number,
        name: name.into(),
        reason: "随机抽取",
        finding,
        note: note.into(),
        who: "陈国栋 2026-11-24 09:42".into(),
    };
    vec![row(2, 17, "张三", "相符", ""), row(1, 17, "张三", "不符", "账号末四位与承诺书不同")]
}

/// See [`BatchCheck::samples`].
pub(super) fn checks() -> Vec<BatchCheck> {
    let payment = |number, name: &str, reason| CheckRow {
        number,
        name: name.into(),
        no: format!("P2026-{number:06}"),
        enterprise: "福州某某智能科技有限公司".into(),
        bank: "中国建设银行福州城东支行".into(),
        cnaps: "105391000017".into(),
        account: "6217 0018 2000 1234 567".into(),
        amount: Yuan::whole(200_000),
        source: "核心工程师名册.xlsx".into(),
        recorded: "林芳 2026-11-03 10:15".into(),
        reason,
        finding: format!("finding-{number}"),
        note: format!("note-{number}"),
    };
    let page = |form: FormState| BatchCheck {
        frame: Frame::sample_finance("/batches"),
        facts: facts("待复核"),
        sum_capital: CAPITAL.into(),
        taxed: None,
        purpose: "2026核心工程师奖补".into(),
        payer_account: "财政零余额账户 3501".into(),
        hash: HASH.into(),
        version: 2,
        regions: vec![SummaryRow {
            name: "福州市".into(),
            lines: 300,
            amount: Yuan::whole(60_000_000),
        }],
        rows: vec![
            payment(3, "张三", "账户近期变更"),
            payment(17, "阿卜杜拉·艾力", "金额最大"),
            payment(120, "欧阳静怡", "随机抽取"),
        ],
        findings: Choice::list(&[("matches", "相符"), ("differs", "不符")]),
        form,
    };
    let open = FormState::new("check").with("finding-3", "differs").with("finding-17", "matches");
    let open = open.wrong("note-3", "请写明第 3 笔哪里不符".to_owned());
    vec![page(FormState::new("check")), page(open)]
}

/// See [`BatchNew::samples`].
pub(super) fn drafts() -> Vec<BatchNew> {
    let page = |form: FormState, preview| BatchNew {
        frame: Frame::sample_finance("/batches"),
        form,
        details: FormState::new("details").with("purpose", "2026核心工程师年度奖补"),
        programmes: Choice::list(&[("core-engineer", "核心工程师年度奖补")]),
        years: Choice::list(&[("2026", "2026 年度")]),
        sources: Choice::list(&[("province", "省级财政"), ("xiamen", "厦门市财政")]),
        payers: Choice::list(&[("fj", "福建省财政厅国库处")]),
        cities: Choice::list(&[("350100", "福州市")]),
        enterprises: Choice::list(&[("91350100MA2XNQ4T3K", "福州某某智能科技有限公司")]),
        budget_year: 2027,
        ready: super::ready::samples(),
        preview,
    };
    let chosen = || {
        let form = FormState::new("batch");
        form.with("award_year", "2026").with("source", "province").with("payer_division", "fj")
    };
    let left_out = |reason: &str, persons, yuan, remedy: &str| Excluded {
        reason: reason.into(),
        persons,
        amount: Yuan::whole(yuan),
        remedy: remedy.into(),
        examples: if persons < 3 {
            vec!["张三：账号应为 1 至 32 位数字".into()]
        } else {
            vec![]
        },
    };
    let excluded = vec![
        left_out("没有收款账户", 7, 1_400_000, "请企业补登账户"),
        left_out("账户 5 个工作日内变更", 3, 600_000, "二次确认后可发"),
        left_out("停发核查中", 2, 233_333, "核查结束后可发"),
    ];
    let enough = BatchPreview {
        payable: 300,
        sum: Yuan::whole(60_000_000),
        sum_capital: CAPITAL.into(),
        waiting: 0,
        excluded,
        available: Yuan::whole(78_400_000),
        shortfall: Yuan::default(),
        treatment: "偶然所得，按 20% 代扣".into(),
        tax: Yuan::whole(12_000_000),
    };
    let mut short = enough.clone();
    short.available = Yuan::whole(58_400_000);
    short.shortfall = Yuan::whole(1_600_000);
    let nobody = BatchPreview { available: Yuan::whole(78_400_000), ..BatchPreview::default() };
    vec![
        page(FormState::new("batch"), None),
        page(chosen(), Some(enough)),
        page(chosen(), Some(short)),
        page(chosen(), Some(nobody)),
        page(FormState::new("batch").wrong("payer_division", "请选择付款单位"), None),
    ]
}

fn steps(now: usize) -> Vec<BatchStep> {
    let people = ["黄颖", "黄颖", "陈国栋", "何炜", "刘芳", "刘芳", "刘芳", "系统", "何炜"];
    let step = |(index, label): (usize, &'static str)| {
        let state = match index.cmp(&now) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "later",
        };
        let (who, at) = if index < now { (people[index], "11-24 09:42") } else { ("", "") };
        BatchStep { label, state, who: who.into(), at: at.into() }
    };
    STEPS.into_iter().enumerate().map(step).collect()
}

fn lines(state: &str) -> Vec<BatchLine> {
    let line = |number, name: &str, no: &str, yuan, state: &str, remark: &str| BatchLine {
        number,
        name: name.into(),
        no: no.into(),
        enterprise: "福州某某智能科技有限公司".into(),
        bank: "兴业银行福州五一支行".into(),
        account_last4: "6217".into(),
        amount: Yuan::whole(yuan),
        tax: Yuan::whole(yuan / 5),
        net: Yuan::whole(yuan / 5 * 4),
        state: state.into(),
        remark: remark.into(),
    };
    vec![
        line(1, "张三", "E000127", 200_000, state, ""),
        line(2, "阿卜杜勒·热合曼·买买提艾力", "E000140", 200_000, state, ""),
        line(
            3,
            "陈晓",
            "E000171",
            150_000,
            if state == "已付" { "退票" } else { state },
            if state == "已付" { "户名与账号不符，已退回待付" } else { "" },
        ),
    ]
}

fn action(label: &str, key: &str, hint: &str, why_not: Option<&str>) -> BatchAction {
    BatchAction {
        label: label.into(),
        href: format!("/batches/2026-FJ-003/{key}"),
        key: key.into(),
        hint: hint.into(),
        why_not: why_not.map(str::to_owned),
        fields: vec![],
        form: FormState::new(key),
        is_page: false,
        is_main: why_not.is_none(),
        is_danger: false,
    }
}

fn send_back(form: FormState) -> BatchAction {
    let mut action = action("退回编制", "return", "退回后金额解冻，校验值作废", None);
    action.form = form;
    action.fields = vec![ActionField {
        name: "reason",
        label: "退回原因",
        is_long: true,
        ..ActionField::default()
    }];
    action.is_main = false;
    action.is_danger = true;
    action
}

fn withheld() -> BatchTax {
    BatchTax {
        treatment: "偶然所得，按 20% 代扣".into(),
        formula: "代扣 = 应发 × 20%，四舍五入到分".into(),
        tax: Yuan::whole(12_000_000),
        net: Yuan::whole(48_000_000),
    }
}

fn batch(state: &str, now: usize, line_state: &str, actions: Vec<BatchAction>) -> Batch {
    Batch {
        frame: Frame::sample_finance("/batches"),
        facts: facts(state),
        sum_capital: CAPITAL.into(),
        taxed: (now > 1).then(withheld),
        purpose: "2026核心工程师年度奖补".into(),
        payer_account: "财政零余额账户 3501".into(),
        selection: "福州市".into(),
        budget_year: 2027,
        voucher_no: if now > 5 { "GK20270012".into() } else { String::new() },
        version: 3,
        preview: None,
        returns: vec![],
        hash: (now > 1).then(|| HASH.to_owned()),
        steps: steps(now),
        sampled: if now > 3 { sampled() } else { vec![] },
        actions,
        lines: lines(line_state),
        pager: Pager {
            total: 300,
            is_more: false,
            first: 1,
            last: 3,
            previous: None,
            next: Some("?after=3".into()),
        },
        files: vec![],
        return_form: None,
        reconciliation: None,
        deeds: vec![
            Deed::new("2026-11-23 16:20", "黄颖 · 财务经办", "冻结 300 笔，60,000,000.00 元", None),
            Deed::new("2026-11-23 15:02", "黄颖 · 财务经办", "编制批次", None),
        ],
    }
}

/// See [`Batch::samples`].
pub(super) fn batches() -> Vec<Batch> {
    let check = || action("复核通过", "check", "确认人数、金额、账户抽查无误", None);
    let approve = action("审批", "approval", "审批后可出银行文件", Some("须先由复核人复核通过"));
    let freeze = action("冻结", "freeze", "固定人数、金额和校验值，此后不能改动", None);
    let own = action(
        "复核通过",
        "check",
        "确认人数、金额、账户抽查无误",
        Some("您是本批次经办人，不能复核；请由其他人员办理"),
    );
    let empty_reason = FormState::new("return").wrong("reason", "请写明退回原因");

    let draft = batch("编制中", 1, "待付", vec![freeze]);
    let waiting = batch(
        "待复核",
        2,
        "待付",
        vec![check(), send_back(FormState::new("return")), approve.clone()],
    );
    let mine = batch("待复核", 2, "待付", vec![own, approve]);
    let wrong = batch("待复核", 2, "待付", vec![check(), send_back(empty_reason)]);
    let mut returned = batch(
        "部分退回",
        6,
        "已付",
        vec![action("确认回单", "settlement", "确认后退票的人员回到待付", None)],
    );
    returned.return_form = Some(FormState::new("return-file"));
    returned.files = vec![BatchFile {
        name: "2026-FJ-003-代发.csv".into(),
        href: "/batches/2026-FJ-003/files/1".into(),
        note: "通用格式（UTF-8 CSV）".into(),
        hash: HASH.into(),
        made_at: "2026-11-24 11:02".into(),
        who: "刘芳".into(),
    }];
    returned.returns = vec![bank_return()];
    returned.reconciliation = Some(Reconciliation {
        sent: Yuan::whole(60_000_000),
        paid: Yuan::whole(59_450_000),
        failed: Yuan::whole(150_000),
        in_transit: Yuan::whole(400_000),
        holds: true,
    });
    let mut closed = batch("已关闭", 9, "已付", vec![]);
    closed.reconciliation = returned.reconciliation.clone().map(|mut r| {
        r.holds = false;
        r
    });
    vec![draft, waiting, mine, returned, closed, wrong]
}

fn bank_return() -> BatchReturn {
    BatchReturn {
        no: "R2026-0001".into(),
        file_name: "回单0103.csv".into(),
        bank_no: "HD20261125001".into(),
        loaded: "刘芳 2026-11-25 09:30".into(),
        confirmed: String::new(),
        paid: 297,
        paid_sum: Yuan::whole(59_450_000),
        failed: 1,
        repeated: 0,
        waiting: 3,
        suspense: 1,
        rows: vec![
            ReturnedRow {
                row_no: 4,
                line: "3".into(),
                payee: "陈晓".into(),
                amount: Yuan::whole(0),
                state: "退票".into(),
                remark: "户名与账号不符".into(),
            },
            ReturnedRow {
                row_no: 9,
                line: "X-1".into(),
                payee: String::new(),
                amount: Yuan::whole(150_000),
                state: "待处理".into(),
                remark: "系统中没有该行标识，请向银行核实收款人和来源".into(),
            },
        ],
    }
}

/// See [`BatchSummary::samples`].
pub(super) fn summaries() -> Vec<BatchSummary> {
    let row = |name: &str, lines, yuan| SummaryRow {
        name: name.into(),
        lines,
        amount: Yuan::whole(yuan),
    };
    vec![BatchSummary {
        frame: Frame::sample_finance("/batches"),
        facts: facts("已审批"),
        sum_capital: CAPITAL.into(),
        taxed: Some(withheld()),
        purpose: "2026 年度核心工程师奖补".into(),
        policy: "福建省促进人工智能产业发展若干措施第九条".into(),
        payer_account: "财政零余额账户 3501".into(),
        budget_year: 2027,
        voucher_no: String::new(),
        hash: HASH.into(),
        rows: vec![
            row("福州市", 160, 32_000_000),
            row("泉州市", 90, 18_000_000),
            row("平潭综合实验区", 50, 10_000_000),
        ],
        signed: signed(),
    }]
}

fn signed() -> SignedBy {
    SignedBy {
        made_by: "黄颖 2026-11-23 16:20".into(),
        checked_by: "陈国栋 2026-11-24 09:42".into(),
        approved_by: "何炜 2026-11-24 10:15".into(),
        is_good: Some(true),
    }
}

/// See [`BatchDetails::samples`].
pub(super) fn details() -> Vec<BatchDetails> {
    let sheet = |taxed: Option<BatchTax>| BatchDetails {
        frame: Frame::sample_finance("/batches"),
        facts: facts("已审批"),
        sum_capital: CAPITAL.into(),
        taxed,
        purpose: "2026 年度核心工程师奖补".into(),
        hash: HASH.into(),
        signed: signed(),
        lines: lines(""),
        sheet: 2,
        sheets: 2,
        amount: Yuan::whole(400_000),
        tax: Yuan::whole(80_000),
        net: Yuan::whole(320_000),
        pager: Pager {
            total: 502,
            is_more: false,
            first: 501,
            last: 502,
            previous: Some("/batches/2026-FJ-003/details?page=0".into()),
            next: None,
        },
    };
    vec![sheet(Some(withheld())), sheet(None)]
}

/// See [`SuspenseList::samples`].
pub(super) fn suspense() -> Vec<SuspenseList> {
    let row = |id, state: &str, form| SuspenseRow {
        id,
        batch_no: "2026-FJ-003".into(),
        place: format!("回单 R2026-0001 第 {id} 行"),
        line_ref: "B2026-0003-1-00003".into(),
        received_on: "2026-11-24".into(),
        payee: "陈 晓".into(),
        account_last4: "0093".into(),
        amount: Yuan::whole(150_000),
        bank_text: "账户状态异常，退回".into(),
        class: "收款人或账号不符",
        problem: "金额一致，但账号尾号不同（批次中为 6217）".into(),
        state: state.into(),
        resolution: if state == "已处理" {
            "对应第 3 笔，黄颖，2026-11-24".into()
        } else {
            String::new()
        },
        form,
    };
    let page = |rows: Vec<SuspenseRow>| SuspenseList {
        frame: Frame::sample_finance("/suspense"),
        filter: FormState::new("filter"),
        choices: Choice::list(&[("other_payee", "收款人或账号不符")]),
        classes: if rows.is_empty() {
            vec![]
        } else {
            vec![ClassRow {
                label: "收款人或账号不符",
                code: "other_payee",
                open: 1,
                open_sum: Yuan::whole(150_000),
                explained: 1,
            }]
        },
        total: Yuan::whole(if rows.is_empty() { 0 } else { 150_000 }),
        pager: Pager::single(i64::try_from(rows.len()).unwrap_or(0)),
        rows,
    };
    let wrong = FormState::new("suspense-1").with("line", "3").wrong("reason", "请写明核对依据");
    vec![
        page(vec![row(1, "待处理", Some(FormState::new("suspense-1"))), row(2, "已处理", None)]),
        page(vec![]),
        page(vec![row(1, "待处理", Some(wrong))]),
    ]
}
