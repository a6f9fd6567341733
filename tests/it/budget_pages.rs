//! Money of a budget line: one officer proposes, another accepts, and only then it is booked.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::ledger::{Account, Event};
use juncai::domain::money::Fen;
use juncai::domain::registry::Code;
use juncai::domain::tax::TaxTreatment;
use juncai::service::Actor;
use juncai::service::budget::{self, AllocationForm};
use juncai::service::tax::{self, RulingForm};
use juncai::store::budget::BudgetKey;
use juncai::store::budget_request::codes_of;
use juncai::store::ledger::{NewEntry, post};
use sea_orm::ConnectionTrait;

use crate::browser_like::{Seen, Visitor};
use crate::finance_pages::{click, first_row, says, visitor};
use crate::fixture_payment::{Office, PROGRAMME, PROVINCE, RETURN_HEADER, XIAMEN, failed};
use crate::on_both;
use crate::world::World;

on_both! {
    money_is_set_aside_and_taken_back_by_documents => allocations;
    the_books_take_no_money_that_nobody_accepted => unrequested;
    money_that_is_gone_by_then_is_not_taken_back => gone;
    the_end_of_a_year_leaves_a_list_of_what_is_open => left;
}

const ACCEPT: [(&str, &str); 1] = [("verdict", "accept")];

async fn allocations(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(50_000_000).await;
    let no = office.draft().await;
    office.freeze(&no).await.expect("frozen");
    let mut maker = visitor(&office, "maker").await;
    let good = [
        ("year", "2027"),
        ("source", "province"),
        ("payer", PROVINCE),
        ("amount", "-300000"),
        ("document_no", "闽财指〔2027〕9 号"),
        ("function_code", "2080799"),
        ("project_code", "35000026T000001"),
    ];
    for (field, typed, told) in [
        ("amount", "-300000.01", "可冲减的余额为 300,000.00 元"),
        ("amount", "5000万", "最多两位小数"),
        ("amount", "0", "金额不能为 0"),
        ("amount", "99999999999999999", "超出可处理的范围"),
        ("year", "2019", "预算年度应为"),
        ("source", "city", "请选择资金来源"),
        ("payer", XIAMEN, "只能登记本级财政的指标"),
        ("document_no", "", "请填写指标文号"),
        ("project_code", "项目一", "编码为不超过 30 位的数字、字母或连字符"),
    ] {
        maker.get("/budget").await;
        let fields = good.map(|(name, value)| (name, if name == field { typed } else { value }));
        let page = click(&mut maker, "/budget", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {typed}");
        says(&page, told);
    }
    maker.get("/budget").await;
    let page = click(&mut maker, "/budget", &good).await;
    says(&page, "-300,000.00");
    maker.get("/budget").await;
    let page = click(&mut maker, "/budget", &good).await;
    says(&page, "已经登记过");
    let line = |page: &Seen| [3, 10].map(|column| first_row(page)[column].clone());
    assert_eq!(line(&page), ["500,000.00", "300,000.00"], "nothing moves before another looked");

    // Whoever proposed it does not decide it, and the database would not let them.
    let decided = decision("ZB000002");
    assert!(page.form(&decided).is_none());
    assert_eq!(maker.post(&decided, &ACCEPT).await.status, StatusCode::FORBIDDEN);
    let both = "UPDATE budget_request SET decided_by = proposed_by, accepted = TRUE, \
                decided_at = proposed_at WHERE request_no = 'ZB000002'";
    let refused = office.world.app.db.read().execute_unprepared(both).await.unwrap_err();
    assert!(refused.to_string().contains("budget_request_two_people"), "{refused}");

    let mut approver = visitor(&office, "approver").await;
    approver.get("/budget").await;
    let page = approver.post(&decided, &[("verdict", "refuse")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&page, "请填写退回原因");
    let page = accepts(&mut approver, "ZB000002").await;
    assert_eq!(line(&page), ["200,000.00", "0.00"]);
    says(&page, "功能 2080799 · 项目 35000026T000001");
    let codes = codes_of(office.world.app.db.read(), &self::line()).await.unwrap();
    assert_eq!((codes.agency.as_str(), codes.function.as_str()), ("", "2080799"));
    let page = approver.post(&decided, &ACCEPT).await;
    assert_eq!(page.status, StatusCode::CONFLICT);

    let mut checker = visitor(&office, "checker").await;
    let page = checker.get("/budget").await;
    assert!(page.form("/budget").is_none());
    let page = checker.post("/budget", &good).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

/// Settles how the tax of the award year 2026 is handled.
pub async fn settle_tax(app: &App, (maker, approver): (&Actor, &Actor), to: TaxTreatment) {
    let form = RulingForm {
        programme: PROGRAMME,
        year: "2026",
        treatment: to.code(),
        basis: "税务部门复函",
        document_no: "闽税函〔2027〕3号",
    };
    let no = tax::propose(app, maker, &form).await.expect("a ruling");
    tax::decide(app, approver, &no, (true, "")).await.expect("a decided ruling");
}

/// Money that one proposes and another accepts.
pub async fn allot(app: &App, (maker, approver): (&Actor, &Actor), form: &AllocationForm<'_>) {
    let no = budget::propose_allocation(app, maker, form).await.unwrap();
    budget::decide_request(app, approver, &no, (true, "")).await.unwrap();
}

/// The approver accepts money that another proposed; the page then.
pub async fn accepts(approver: &mut Visitor, no: &str) -> Seen {
    approver.get("/budget").await;
    let page = approver.post(&decision(no), &ACCEPT).await;
    says(&page, "已确认，指标已入账");
    page
}

fn decision(no: &str) -> String {
    format!("/budget/requests/{no}/decisions")
}

fn line() -> BudgetKey {
    BudgetKey {
        programme: PROGRAMME.to_owned(),
        source: "province".to_owned(),
        payer_division: PROVINCE.to_owned(),
        budget_year: 2027,
    }
}

async fn unrequested(world: World) {
    let office = Office::new(world).await;
    office.allot(100).await;
    let (app, key) = (&office.world.app, line());
    use Account::{Allotted, Budget, Carried};
    for (event, path, fen, no) in [
        (Event::Allotted, (Allotted, Budget), 100, "闽财指〔2027〕1号"),
        // Accepted, and booked already.
        (Event::Allotted, (Allotted, Budget), 100, "ZB000001"),
        (Event::Allotted, (Allotted, Budget), 99, "ZB000001"),
        (Event::Allotted, (Budget, Allotted), 100, "ZB000001"),
        (Event::Lapsed, (Budget, Allotted), 100, "ZB000001"),
        (Event::CarriedOver, (Carried, Budget), 100, "ZB000001"),
    ] {
        let entry = NewEntry {
            key: &key,
            event,
            path,
            amount: Fen::new(fen),
            award_year: None,
            paid_on: None,
            about: ("budget_request", no),
            recorded_by: office.approver.account_id,
            recorded_at: app.clock.now(),
        };
        let tx = app.db.begin().await.unwrap();
        let refused = post(&tx, &[entry]).await.expect_err(event.label()).to_string();
        let known = ["ledger_unrequested", "ledger_request_once", "ledger_entry.object_no"];
        assert!(known.iter().any(|name| refused.contains(name)), "{event:?} {no}: {refused}");
        tx.rollback().await.unwrap();
    }
}

async fn gone(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(30_000_000).await;
    let mut maker = visitor(&office, "maker").await;
    let mut approver = visitor(&office, "approver").await;
    maker.get("/budget").await;
    let back = [
        ("year", "2027"),
        ("source", "province"),
        ("amount", "-100000"),
        ("document_no", "闽财指〔2027〕9 号"),
    ];
    click(&mut maker, "/budget", &back).await;
    says(&approver.get("/").await, "指标待确认");
    office.payees(2, &[5_000_000]).await;
    let decided = decision("ZB000002");
    approver.get("/budget").await;
    let page = approver.post(&decided, &ACCEPT).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&page, "余额中有 250,000.00 元已核定待付，不能冲减；可冲减 50,000.00 元");
    let app = &office.world.app;
    let left = budget::left_of(app, &office.maker, &line()).await.unwrap();
    assert_eq!(left, Fen::new(30_000_000), "nothing was booked");
    approver.get("/budget").await;
    let page = approver.post(&decided, &[("verdict", "refuse"), ("note", "已用完")]).await;
    says(&page, "已退回");
    // Sent back, the document may be put down again.
    maker.get("/budget").await;
    let less = back.map(|(name, value)| (name, if name == "amount" { "-50000" } else { value }));
    says(&click(&mut maker, "/budget", &less).await, "已提交 ZB000003");
}

async fn left(world: World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(50_000_000).await;
    let no = office.sent_batch().await;
    let answer = failed(&format!("{no}-1-00001"), "账户已销户");
    office.answer(&no, &format!("{RETURN_HEADER}{answer}")).await;
    office.world.set_time("2028-01-10T09:00:00+08:00");
    let mut maker = visitor(&office, "maker").await;
    let page = maker.get("/budget/carry-over").await;
    says(&page, "2027 年年终结转清单");
    let rows: Vec<String> = page.texts("tbody tr");
    let told = |row: &String, words: &[&str]| words.iter().all(|word| row.contains(word));
    let rest = ["省级财政", "150,000.00", "350,000.00"];
    assert!(rows.iter().any(|row| told(row, &rest)), "in transit and free: {rows:?}");
    let open = ["在途和占用", &no, "1 笔", "150,000.00"];
    assert!(rows.iter().any(|row| told(row, &open)), "{rows:?}");
    let back = ["退票待重发", &no, "账户已销户", "200,000.00"];
    assert!(rows.iter().any(|row| told(row, &back)), "{rows:?}");

    // Its rest goes on once another person accepts that.
    maker.get("/budget/year-end?programme=core-engineer&source=province&year=2027").await;
    let typed = [("how", "carry_over"), ("amount", "350000"), ("document_no", "闽财指〔2028〕1号")];
    says(&click(&mut maker, "/budget/year-end", &typed).await, "已提交 ZB000002");
    let page = maker.get("/budget/carry-over?year=2027").await;
    let waits = ["省级财政", "350,000.00", "350,000.00"];
    assert!(page.texts("tbody tr").iter().any(|row| told(row, &waits)), "{}", page.text());
    accepts(&mut visitor(&office, "approver").await, "ZB000002").await;
    assert_eq!(first_row(&maker.get("/budget").await)[4], "350,000.00", "carried into 2028");
    assert!(maker.peek("/budget/carry-over.xlsx?year=2027").await.bytes.starts_with(b"PK"));
    says(&maker.get("/budget/carry-over?year=2028").await, "还没有结束");
}
