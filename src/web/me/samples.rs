//! Invented pages of a person.

use super::pages::{Me, OfficeRow, OwnYear, RepayRow, SeenRow, StatementRow, YearPart};
use crate::web::engineers::explanation::Explanation;
use crate::web::engineers::money::sample_grants;
use crate::web::engineers::pages::{Engineer, Saying};
use crate::web::engineers::samples::full_year;
use crate::web::form::{Choice, FormState};
use crate::web::frame::{Frame, OwnFrame};
use crate::web::timeline::Timeline;
use crate::web::words::Yuan;

fn recoveries() -> Vec<RepayRow> {
    vec![
        RepayRow {
            no: "ZH000001".into(),
            year: 2026,
            payer: "福建省财政（省级财政）".into(),
            amount: Yuan::of(3_333_333),
            outstanding: Yuan::of(3_333_333),
            state: "已告知事实",
            due_on: "2027-05-25".into(),
            liable: String::new(),
            form: Some(FormState::new("plead-ZH000001")),
        },
        RepayRow {
            no: "ZH000000".into(),
            year: 2025,
            payer: "福建省财政（省级财政）".into(),
            amount: Yuan::whole(20_000),
            state: "已还清",
            liable: "泉州海丝智算科技有限公司".into(),
            ..RepayRow::default()
        },
    ]
}

fn own_year() -> Explanation {
    Explanation { frame: Frame::default(), is_own: true, ..full_year() }
}

pub(super) fn years() -> Vec<OwnYear> {
    vec![OwnYear { frame: OwnFrame::sample(), told: own_year() }]
}

pub(super) fn mes() -> Vec<Me> {
    let mut wrong = full();
    wrong.has_errors = true;
    wrong.statements[0].form = FormState::new("say-0")
        .with("agrees", "no")
        .wrong("note", "请写明哪里不属实、正确的情况是什么");
    vec![full(), empty(), wrong]
}

fn full() -> Me {
    let record = Engineer::samples().swap_remove(0);
    let told = own_year();
    let statement = |number: usize, content: &str, said| StatementRow {
        subject: format!("entry:{number}"),
        content: content.into(),
        period: "2026-05-25起".into(),
        filed_by: "泉州海丝智算科技有限公司".into(),
        said,
        form: FormState::new(&format!("say-{number}")),
    };
    let said = Saying {
        about: String::new(),
        agrees: false,
        note: "入册日期应为 2026-05-01".into(),
        at: "2026-11-20 09:12".into(),
        answer: None,
    };
    Me {
        frame: OwnFrame::sample(),
        sentence: "您在泉州海丝智算科技有限公司登记，名册状态为“在册”。".into(),
        document: "居民身份证 3501**********1234".into(),
        enterprise: "泉州海丝智算科技有限公司".into(),
        post: "算法研发".into(),
        roster_state: "在册".into(),
        joined_on: "2025-11-10".into(),
        account: Some(("兴业银行福州五一支行".into(), "6217".into())),
        account_note:
            "收款账户正在变更：黄颖于 2026-11-24 09:12 填报了尾号 9012 的账户，尚待确认。".into(),
        passphrase_since: "2026-11-01 10:00".into(),
        certificates: vec!["FJ-AI-2026000123-K".into()],
        timeline: record.timeline,
        grants: sample_grants(),
        years: vec![YearPart {
            sum: record.years.first().cloned().unwrap_or_default(),
            sentence: told.sentence,
            months: told.months,
            versions: told.versions,
            payments: told.payments,
            file: ("已核定待申报".into(), "ND2026-000001".into()),
            declared_on: "2027-03-02".into(),
            declaration: Some(FormState::new("declare-2026")),
            disputes: vec![objected()],
            dispute: Some(FormState::new("dispute-2026")),
        }],
        recoveries: recoveries(),
        statements: vec![
            statement(0, "名册：泉州海丝智算科技有限公司", Some(said)),
            statement(1, "账户：兴业银行 尾号 6217", None),
        ],
        verdicts: Choice::list(&[("yes", "属实"), ("no", "不属实")]),
        offices: vec![OfficeRow {
            enterprise: "泉州海丝智算科技有限公司".into(),
            division: "福建省泉州市丰泽区".into(),
            name: "丰泽区人力资源和社会保障局".into(),
        }],
        versions: record.versions,
        seen: vec![SeenRow {
            day: "2026-11-20".into(),
            organisation: "丰泽区人力资源和社会保障局".into(),
            role: "县区人社审核".into(),
            kind: "查看人员档案".into(),
        }],
        has_errors: false,
    }
}

fn empty() -> Me {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default();
    Me {
        sentence: "您目前没有任职企业的登记。".into(),
        enterprise: String::new(),
        account: None,
        account_note: String::new(),
        certificates: Vec::new(),
        timeline: Timeline::draw(2026, 2027, today, &[]),
        years: Vec::new(),
        grants: Vec::new(),
        recoveries: Vec::new(),
        statements: Vec::new(),
        offices: Vec::new(),
        versions: Vec::new(),
        seen: Vec::new(),
        ..full()
    }
}

/// An objection to an amount, answered.
fn objected() -> Saying {
    Saying {
        about: "2026 年度金额（第 1 版）".into(),
        agrees: false,
        note: "4 月社保已补缴，应计入".into(),
        at: "2027-03-05 09:12".into(),
        answer: Some(("2027-03-08 10:00 黄颖".into(), "已核实，重新核定后计入".into())),
    }
}
