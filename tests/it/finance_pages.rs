//! Three officers, their pages, and nothing but what the pages show.

use axum::http::{Method, StatusCode};
use juncai::domain::authority::Role;
use juncai::service::Error;
use juncai::service::case::mandate::{self, NewMandate};
use juncai::service::payment::{self, FileFormat};
use sea_orm::EntityTrait;

use crate::browser_like::{HOST, Seen, Visitor};
use crate::budget_pages::accepts;
use crate::fixture_payment::{Office, PROVINCE, RETURN_HEADER, XIAMEN, failed, paid, sign_in};
use crate::on_both;
use crate::world::{PASSWORD, World};

on_both! {
    three_officers_take_a_batch_from_draft_to_closed => whole_way;
    the_approver_must_type_the_right_total => wrong_total;
    nobody_does_the_step_of_another => separation;
    another_office_sees_nothing_of_the_batch => other_office;
    a_double_click_and_a_second_window_do_no_harm => twice;
    a_missing_budget_is_named_to_the_fen => shortfall;
    a_batch_is_sent_back_and_given_up_with_a_reason => sent_back;
    nobody_pays_in_the_name_of_another => not_delegated;
}

/// A filled form that the page really has; anything else fails the test.
pub async fn click(who: &mut Visitor, form: &str, fields: &[(&str, &str)]) -> Seen {
    let page = who.page.clone().expect("a page");
    let shown = page.form(form);
    let shown = shown.unwrap_or_else(|| panic!("no form {form} on {}: {}", who.at, page.text()));
    for (name, _) in fields {
        assert!(shown.iter().any(|(field, _)| field == name), "no field {name} in {form}");
    }
    who.post(form, fields).await
}

pub fn says(page: &Seen, text: &str) {
    assert!(page.text().contains(text), "{text} is missing in: {}", page.text());
}

fn says_not(page: &Seen, text: &str) {
    assert!(!page.text().contains(text), "{text} stands in: {}", page.text());
}

/// The cells of the first row of the first table of a page.
pub fn first_row(page: &Seen) -> Vec<String> {
    page.texts("table:first-of-type tbody tr:first-child > *").into_iter().take(11).collect()
}

pub async fn visitor(office: &Office, login: &str) -> Visitor {
    Visitor::signed_in(&office.world.app, login).await
}

const NEW: &str = "/batches/new?programme=core-engineer&award_year=2026&source=province\
                   &payer_division=350000&max_lines=1000";
const CHOICE: [&str; 7] =
    ["programme", "award_year", "source", "payer_division", "city_unit", "enterprise", "max_lines"];

/// A draft made by clicking; gives its address.
async fn drawn_up(maker: &mut Visitor) -> String {
    maker.get(NEW).await;
    let page = click(maker, "/batches", &[("payer_account", "财政零余额账户")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    maker.at.clone()
}

/// What an approver types.
fn approving(total: &str) -> [(&'static str, &str); 2] {
    [("total", total), ("password", PASSWORD)]
}

/// The checker finds that all three payments match; the hash that was checked.
async fn checks(checker: &mut Visitor, at: &str) -> String {
    let page = checker.get(at).await;
    let hash = page.texts("code.hash").first().cloned().expect("a hash");
    assert_eq!(hash.len(), 64);
    let form = format!("{at}/check");
    assert!(page.links().contains(&form));
    checker.get(&form).await;
    let matching = [("finding-1", "matches"), ("finding-2", "matches"), ("finding-3", "matches")];
    let page = click(checker, &form, &matching).await;
    says(&page, "已复核");
    hash
}

/// Half a million, proposed by the maker and accepted by the approver.
async fn has_money(maker: &mut Visitor, approver: &mut Visitor) {
    maker.get("/budget").await;
    let document = [
        ("year", "2027"),
        ("source", "province"),
        ("amount", "500,000.00"),
        ("document_no", "闽财指〔2027〕88 号"),
    ];
    let page = click(maker, "/budget", &document).await;
    says(&page, "已提交 ZB000001，由审批人确认后入账");
    accepts(approver, "ZB000001").await;
}

async fn whole_way(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 11_666_667, 15_000_000]).await;
    let mut maker = visitor(&office, "maker").await;
    let mut checker = visitor(&office, "checker").await;
    let mut approver = visitor(&office, "approver").await;

    has_money(&mut maker, &mut approver).await;

    let page = maker.get("/batches").await;
    assert!(page.links().contains(&"/batches/new".to_owned()));
    let page = maker.get("/batches/new").await;
    let names = page.attributes("form[action='/batches/new'] [name]", "name");
    assert_eq!(names, CHOICE);
    let at = drawn_up(&mut maker).await;
    let page = maker.page.clone().expect("the draft");
    says(&page, "编制中");
    says(&page, "466,666.67");
    let page = click(&mut maker, &format!("{at}/freeze"), &[]).await;
    says(&page, "已冻结 3 笔，合计 466,666.67 元");
    says(&page, "人民币肆拾陆万陆仟陆佰陆拾陆元陆角柒分");
    says(&page, "由财务复核办理");
    let steps = page.texts("ol.stepper li.done");
    assert!(steps.len() == 2 && steps.iter().all(|s| s.contains("黄颖")), "{steps:?}");
    assert!(page.texts("tbody .tag").iter().all(|state| state == "待付"));

    let hash = checks(&mut checker, &at).await;
    for (paper, row) in [("summary", "福州市"), ("details", "全部 3 笔合计")] {
        let paper = approver.get(&format!("{at}/{paper}")).await;
        says(&paper, "人民币肆拾陆万陆仟陆佰陆拾陆元陆角柒分");
        says(&paper, row);
        says(&paper, &hash);
        says_not(&paper, "6217000000000000001");
    }
    approver.get(&at).await;
    let page = click(&mut approver, &format!("{at}/approve"), &approving("466,666.67")).await;
    says(&page, "已审批");

    maker.get(&at).await;
    let page = click(&mut maker, &format!("{at}/file"), &[]).await;
    let link = format!("{at}/file.csv");
    assert!(page.links().contains(&link), "{:?}", page.links());
    let file = maker.peek(&link).await;
    let batch_no = at.trim_start_matches("/batches/");
    let (name, bytes) =
        payment::file(&office.world.app, &office.maker_two, batch_no, FileFormat::Bank)
            .await
            .expect("the file");
    assert_eq!(file.bytes, bytes);
    let stated = file.headers["content-disposition"].to_str().unwrap_or_default();
    assert!(stated.starts_with("attachment") && stated.contains(&name), "{stated}");
    let sheet = maker.peek(&format!("{at}/file.xlsx")).await;
    assert!(sheet.bytes.starts_with(b"PK"));
    says_not(&page, "6217000000000000001");
    maker.get(&at).await;
    let page = click(&mut maker, &format!("{at}/sent"), &[("voucher_no", "GK2027-0012")]).await;
    says(&page, "GK2027-0012");
    let states = page.texts("table.dense tbody .tag");
    assert!(states.len() == 3 && states.iter().all(|state| state == "在途"), "{states:?}");

    bank_answers(&office, &at, [&mut maker, &mut checker, &mut approver]).await;
}

/// The rest of the way: a part paid, one failed, one row unexplained, then all of it.
async fn bank_answers(office: &Office, at: &str, who: [&mut Visitor; 3]) {
    let [maker, checker, approver] = who;
    let batch_no = at.trim_start_matches("/batches/");
    let line = |seq: u32| format!("{batch_no}-1-{seq:05}");
    let first = format!(
        "{RETURN_HEADER}{}{}{}",
        paid(&line(1), "200000.00", "S1"),
        failed(&line(2), "户名不符"),
        paid("WRONG-1", "150000.00", "S3"),
    );
    let returns = format!("{at}/returns");
    let upload = |csv: String| csv.into_bytes();
    maker.get(at).await;
    let page = maker.post_file(&returns, &[], ("file", "回单.csv", &upload(first.clone()))).await;
    says(&page, "匹配 2 行，重复 0 行，待查 1 行");
    says(&page, "待确认");
    let page = maker.post_file(&returns, &[], ("file", "回单.csv", &upload(first))).await;
    says(&page, "已经载入过");

    let page = checker.get(at).await;
    let forms = page.attributes("form[action$='/confirmation']", "action");
    let page = click(checker, &forms[0], &[]).await;
    says(&page, "1 笔已付，1 笔失败或退回，1 行待查");
    says(&page, "部分退回");
    says(&page, "户名不符");

    let page = maker.get("/suspense").await;
    says(&page, "150,000.00");
    assert!(page.attributes("form[action^='/suspense/']", "action").is_empty());
    let page = checker.get("/suspense").await;
    let form = page.attributes("form[action^='/suspense/']", "action")[0].clone();
    let page = click(checker, &form, &[("line", ""), ("reason", "银行来函")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = click(checker, &form, &[("line", "3"), ("reason", "银行来函")]).await;
    says(&page, "对应第 3 笔。银行来函");

    let page = approver.get(at).await;
    says(&page, "已结清");
    says(&page, "发出 466,666.67");
    says(&page, "待查 0 行");
    says(&click(approver, &format!("{at}/close"), &[]).await, "电子回单的归档编号");
    let page = click(approver, &format!("{at}/close"), &[("receipts", "2027-记-0315")]).await;
    says(&page, "已关闭");
    says(&page, "没有需要您办理的事项");
    assert_eq!(office.states().await, ["paid", "payable", "paid"]);
    let page = maker.get("/budget").await;
    let expected = [
        "2027",
        "省级财政核心工程师年度奖补",
        "福建省财政",
        "500,000.00",
        "0.00",
        "0.00",
        "0.00",
        "350,000.00",
        "116,666.67",
        "0.00",
        "150,000.00",
    ];
    assert_eq!(first_row(&page), expected);
    the_books_show_it(&page, maker, at).await;
}

/// The entries behind the one budget line, and the way from them to the batch.
async fn the_books_show_it(page: &Seen, maker: &mut Visitor, at: &str) {
    let books = page.links().into_iter().find(|link| link.starts_with("/budget/entries"));
    let books = maker.get(&books.expect("a link to the entries")).await;
    let events = books.texts("tbody td[data-label='事由']");
    let in_order = [
        "支付成功",
        "待查销账",
        "支付失败",
        "支付成功",
        "列入待查",
        "送银行",
        "批次冻结",
        "指标下达",
    ];
    assert_eq!(events, in_order, "the latest first");
    assert!(books.links().iter().any(|link| link == at), "{:?}", books.links());
}

async fn wrong_total(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(50_000_000).await;
    let no = office.draft().await;
    office.freeze(&no).await.expect("frozen");
    office.check(&no).await.expect("checked");
    let at = format!("/batches/{no}");
    let mut approver = visitor(&office, "approver").await;
    for (typed, told) in [
        ("20000000", "输入的金额与批次合计不同"),
        ("200000.001", "请输入合计金额"),
        ("", "请输入合计金额"),
    ] {
        approver.get(&at).await;
        let page = click(&mut approver, &format!("{at}/approve"), &approving(typed)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        says(&page, told);
        assert!(page.text().contains("错误："), "the title tells");
        assert_eq!(office.batch(&no).await.state, "checked");
    }
    let page = click(&mut approver, &format!("{at}/approve"), &approving("200000")).await;
    says(&page, "已审批");
}

async fn separation(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(50_000_000).await;
    let no = office.draft().await;
    office.freeze(&no).await.expect("frozen");
    let at = format!("/batches/{no}");

    let mut maker = visitor(&office, "maker").await;
    let page = maker.get(&at).await;
    assert!(!page.links().contains(&format!("{at}/check")));
    let page = maker.post(&format!("{at}/check"), &[("version", "2")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    says(&page, "复核批次");
    says(&page, "财务复核");

    // The same natural person with a second account.
    sign_in(&office.world, "huang2", "黄颖", "finance_checker", PROVINCE).await;
    let mut second = visitor(&office, "huang2").await;
    let page = second.get(&at).await;
    says(&page, "您已经办理过本批次的“经办”");
    assert!(!page.links().contains(&format!("{at}/check")));
    let batch = office.batch(&no).await;
    let version = batch.version.to_string();
    let fields = [("version", version.as_str()), ("hash", batch.content_hash.as_str())];
    let page = second.post(&format!("{at}/check"), &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    says(&page, "须由另一人办理");
    assert_eq!(office.batch(&no).await.state, "frozen");
}

async fn other_office(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(50_000_000).await;
    let no = office.draft().await;
    office.freeze(&no).await.expect("frozen");
    let at = format!("/batches/{no}");
    sign_in(&office.world, "xiamen", "厦门甲", "finance_checker", XIAMEN).await;
    sign_in(&office.world, "xiamen-maker", "厦门乙", "finance_maker", XIAMEN).await;

    for login in ["xiamen", "xiamen-maker"] {
        let mut stranger = visitor(&office, login).await;
        let page = stranger.get("/batches").await;
        says_not(&page, &no);
        says_not(&stranger.get("/budget").await, "500,000.00");
        for path in [
            at.clone(),
            format!("{at}/summary"),
            format!("{at}/details"),
            "/batches/B2027-9999".to_owned(),
        ] {
            let page = stranger.get(&path).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
            says_not(&page, "200,000.00");
        }
        for act in ["freeze", "check", "approve", "cancel", "file", "sent", "close"] {
            stranger.get("/batches").await;
            let page = stranger.post(&format!("{at}/{act}"), &[("version", "2")]).await;
            let refused = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN];
            assert!(refused.contains(&page.status), "{login} {act}: {}", page.status);
        }
    }
    let mut stranger = visitor(&office, "xiamen-maker").await;
    assert_eq!(stranger.get(&format!("{at}/file.csv")).await.status, StatusCode::NOT_FOUND);
    let app = &office.world.app;
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, PROVINCE).await;
    let page = auditor.get(&at).await;
    says(&page, "200,000.00");
    assert!(page.attributes("main form[method=post]", "action").is_empty());
    says(&auditor.get("/budget").await, "500,000.00");
    let mut hr = visitor(&office, "hr").await;
    for path in ["/batches", "/budget", "/suspense", at.as_str()] {
        assert_eq!(hr.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(office.batch(&no).await.state, "frozen");
}

/// Sends the form of the page again, byte for byte, and gives the status and where it leads.
async fn again(who: &mut Visitor, page: &Seen, form: &str, typed: &[(&str, &str)]) -> Seen {
    let mut fields = page.form(form).expect("the form");
    for (name, value) in typed {
        for field in fields.iter_mut().filter(|(field, _)| field == name) {
            (*value).clone_into(&mut field.1);
        }
    }
    let body = serde_urlencoded::to_string(&fields).expect("a form");
    let origin = format!("http://{HOST}");
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    who.send(Method::POST, form, Some(body.into_bytes()), &headers).await
}

async fn twice(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(50_000_000).await;
    let mut maker = visitor(&office, "maker").await;
    let page = maker.get(NEW).await;
    let typed = [("payer_account", "财政零余额账户")];
    let first = again(&mut maker, &page, "/batches", &typed).await;
    let second = again(&mut maker, &page, "/batches", &typed).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text());
    assert_eq!(first.location(), second.location());
    let conn = office.world.app.db.read();
    assert_eq!(entity::batch::Entity::find().all(conn).await.unwrap().len(), 1);

    let at = first.location().expect("an address").to_owned();
    let freeze = format!("{at}/freeze");
    let page = maker.get(&at).await;
    let mut other = visitor(&office, "maker2").await;
    let same_page = other.get(&at).await;
    for _ in 0..2 {
        let answer = again(&mut maker, &page, &freeze, &[]).await;
        assert_eq!(answer.location(), Some(at.as_str()));
    }
    says(&maker.get(&at).await, "没有重复办理");
    let late = again(&mut other, &same_page, &freeze, &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    says(&late, "已于 2027-03-01 09:00 由黄颖办理“冻结”");
    let no = at.trim_start_matches("/batches/");
    assert_eq!((office.batch(no).await.version, office.batch(no).await.revision), (2, 1));

    let page = maker.get("/budget").await;
    let typed = [("year", "2027"), ("source", "province"), ("amount", "1"), ("document_no", "D")];
    for _ in 0..2 {
        let answer = again(&mut maker, &page, "/budget", &typed).await;
        assert_eq!(answer.location(), Some("/budget"), "{}", answer.text());
    }
    accepts(&mut visitor(&office, "approver").await, "ZB000002").await;
    says(&maker.get("/budget").await, "500,001.00");
}

async fn shortfall(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 11_666_667]).await;
    office.payees_of(9, &[5_000_000], "province", PROVINCE).await;
    office.allot(30_000_001).await;
    let mut maker = visitor(&office, "maker").await;
    let page = maker.get(NEW).await;
    says(&page, "需要 316,666.67 元，可用 300,000.01 元，缺 16,666.66 元");
    says(&page, "没有收款账户");
    says(&page, "50,000.00");
    let at = drawn_up(&mut maker).await;
    let page = click(&mut maker, &format!("{at}/freeze"), &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    says(&page, "缺 16,666.66 元");
    assert!(page.links().contains(&at), "a way back: {:?}", page.links());

    maker.get("/budget").await;
    let document =
        [("year", "2027"), ("source", "province"), ("amount", "16666.66"), ("document_no", "B")];
    click(&mut maker, "/budget", &document).await;
    accepts(&mut visitor(&office, "approver").await, "ZB000002").await;
    maker.get(&at).await;
    let page = click(&mut maker, &format!("{at}/freeze"), &[]).await;
    says(&page, "已冻结 2 笔");
    assert_eq!(first_row(&maker.get("/budget").await)[10], "0.00");
}

async fn sent_back(world: World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(50_000_000).await;
    let no = office.draft().await;
    office.freeze(&no).await.expect("frozen");
    let at = format!("/batches/{no}");
    let mut checker = visitor(&office, "checker").await;
    checker.get(&at).await;
    let back = format!("{at}/return-to-maker");
    let page = click(&mut checker, &back, &[("reason", " ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&page, "请填写退回原因");
    let page = click(&mut checker, &back, &[("reason", "抽查账户有误")]).await;
    says(&page, "编制中");
    says(&page, "退回编制：抽查账户有误");
    says(&page, "由财务经办办理");
    assert_eq!(office.states().await, ["payable"]);
    let page = checker.get(&format!("{at}/summary")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    says(&page, "冻结后才有审批表");

    let mut approver = visitor(&office, "approver").await;
    approver.get(&at).await;
    let page = click(&mut approver, &format!("{at}/cancel"), &[("reason", "改由下月发放")]).await;
    says(&page, "已撤销");
    says(&page, "没有需要您办理的事项");
    let page = approver.get("/batches?state=cancelled").await;
    says(&page, &no);
    says_not(&approver.get("/batches?state=frozen").await, &no);
}

async fn not_delegated(world: World) {
    let office = Office::new(world).await;
    let order = NewMandate {
        taker: "checker".to_owned(),
        from: "2027-03-01".to_owned(),
        through: "2027-03-31".to_owned(),
        document_no: "闽财办〔2027〕7号".to_owned(),
        reason: "出差".to_owned(),
    };
    for giver in [&office.maker, &office.checker, &office.approver] {
        let refused = mandate::delegate(&office.world.app, giver, &order).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let mut visitor = visitor(&office, &giver.login).await;
        assert_eq!(visitor.get("/delegations").await.status, StatusCode::FORBIDDEN);
    }
}
