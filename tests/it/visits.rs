//! Visits of young talents from overseas: filed by the employer, looked at by the province, claimed,
//! checked, cut, approved by another person and paid; no ticket twice, no day twice.

pub mod ground;
mod http;

use juncai::domain::registry::{PersonDocument, PersonName};
use juncai::service::roster::NewAccount;
use juncai::service::visit::{self, ALLOWANCE, TRAVEL, TypedCost, TypedCut, TypedVisitor};
use juncai::service::{Error, ledger, program};
use juncai::vault::kind;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use self::ground::{NO, claim, fare, ground, of_stream, plan, visitor};
use crate::browser_like::Visitor;
use crate::fixture_payment::{account_number, paid};
use crate::on_both;
use crate::town::day;
use crate::world::World;

on_both! {
    a_visit_is_paid_to_the_employer_and_the_visitor => journey;
    a_ticket_is_claimed_once_and_a_day_granted_once => twice;
    two_approvals_at_once_never_share_a_day => race;
    whoever_may_not_come_is_told_why => refused;
    what_is_cut_is_agreed_to_before_it_is_approved => cut;
    nobody_claims_after_the_time => expired;
    the_forms_tell_what_is_wrong_and_others_see_nothing => pages;
}

async fn journey(world: World) {
    let mut ground = ground(world).await;
    let no =
        ground.invited(&ground.year.offices.clerk.clone(), &plan("2027-03-01", "2027-03-12")).await;
    assert_eq!(no, NO);
    ground.funded().await;
    ground.at("2027-03-01");
    ground.must(ground.clerk(), NO, "arrive", "已入境").await;
    let account = NewAccount {
        account_name: "SMITH ANNA".to_owned(),
        account_number: account_number(7),
        bank_name: "中国银行福州分行".to_owned(),
        cnaps: "309391000011".to_owned(),
        from: day("2027-03-01"),
        reason: String::new(),
        document_no: String::new(),
    };
    let app = ground.year.app().clone();
    visit::change_account(&app, ground.clerk(), NO, &account).await.unwrap();
    ground.at("2027-03-20");
    let whole = claim("2027-03-12", "2027-03-01 至 2027-03-12", vec![fare("781-2400123456")]);
    let app = ground.year.app().clone();
    visit::save_claim(&app, ground.clerk(), NO, &whole).await.unwrap();
    assert_eq!(ground.due(ground.clerk(), NO).await, "13144.25 12 9600.00 22744.25");
    ground.must(ground.clerk(), NO, "claim", "申报待核").await;
    let own = ground.act(ground.approver(NO).await, NO, "check").await;
    assert!(own.is_err(), "the approver does not check");
    ground.must(ground.hr(NO).await, NO, "check", "已核验").await;
    ground.must(ground.approver(NO).await, NO, "approve", "待发放").await;
    let waiting = [
        "overseas-visit 960000 payable person".to_owned(),
        "overseas-visit-travel 1314425 payable employer".to_owned(),
    ];
    assert_eq!(ground.lines().await, waiting);

    // One of two is not all.
    ground.at("2027-04-15");
    let year = &ground.year;
    year.answered_of(of_stream(TRAVEL), |no| paid(&format!("{no}-1-00001"), "13144.25", "S1"))
        .await;
    let state = "SELECT state FROM case_file WHERE kind = 'overseas_visit'";
    assert_eq!(year.offices.town.texts(state).await, ["payable"]);
    year.answered_of(of_stream(ALLOWANCE), |no| paid(&format!("{no}-1-00001"), "9600.00", "S2"))
        .await;
    assert_eq!(year.offices.town.texts(state).await, ["paid"]);
    assert_eq!(ledger::disagreements(year.app()).await.unwrap(), []);
    let days = "SELECT CAST(COUNT(*) AS TEXT) FROM visit_day WHERE released_at IS NULL";
    assert_eq!(year.offices.town.texts(days).await, ["12"]);
}

async fn twice(world: World) {
    let mut ground = ground(world).await;
    let (clerk, other) = (ground.year.offices.clerk.clone(), ground.other.clone());
    let first = ground.invited(&clerk, &plan("2027-03-01", "2027-03-12")).await;
    let second = ground.invited(&other, &plan("2027-03-01", "2027-03-20")).await;
    ground.at("2027-03-01");
    ground.must(&clerk, &first, "arrive", "已入境").await;
    ground.must(&other, &second, "arrive", "已入境").await;
    ground.at("2027-03-25");
    let app = ground.year.app().clone();
    let whole = claim("2027-03-12", "2027-03-01 至 2027-03-12", vec![fare("781-2400123456")]);
    ground.checked(&clerk, &first, &whole).await;

    // The same ticket, spelled otherwise, behind an empty row.
    let typed = claim(
        "2027-03-20",
        "2027-03-08 至 2027-03-14",
        vec![TypedCost::default(), fare("7812400 123456")],
    );
    let taken = visit::save_claim(&app, &other, &second, &typed).await.unwrap_err();
    let Error::Invalid(faults) = taken else { panic!("{taken:?}") };
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].0 == "document-2" && faults[0].1.contains("已在另一件来访申报中使用"));
    let forced = "INSERT INTO visit_line (claim_id, seq, expense, class, route, amount_fen, currency, paid_on, \
                  document_no, ticket_key) SELECT claim_id, 9, expense, class, route, amount_fen, currency, \
                  paid_on, document_no, ticket_key FROM visit_line WHERE ticket_key IS NOT NULL";
    assert!(ground.year.offices.town.try_sql(forced).await.is_err(), "nor by hand");

    // Days that the first was granted are not granted again; the year counts them.
    ground.must(ground.approver(&first).await, &first, "approve", "待发放").await;
    let typed = claim("2027-03-20", "2027-03-08 至 2027-03-14", vec![]);
    visit::save_claim(&app, &other, &second, &typed).await.unwrap();
    assert_eq!(ground.due(&other, &second).await, "0.00 2 1600.00 1600.00");

    // Taken back, both are free again.
    ground.must(ground.approver(&first).await, &first, "revoke", "不予支持").await;
    assert_eq!(ground.lines().await, [""; 0]);
    let typed = claim("2027-03-20", "2027-03-08 至 2027-03-14", vec![fare("781-2400123456")]);
    visit::save_claim(&app, &other, &second, &typed).await.unwrap();
    assert_eq!(ground.due(&other, &second).await, "13144.25 7 5600.00 18744.25");
}

async fn race(world: World) {
    let mut ground = ground(world).await;
    let (clerk, other) = (ground.year.offices.clerk.clone(), ground.other.clone());
    let mut files = Vec::new();
    for who in [&clerk, &other] {
        files.push(ground.invited(who, &plan("2027-03-01", "2027-03-20")).await);
    }
    ground.at("2027-03-01");
    for (who, no) in [&clerk, &other].into_iter().zip(&files) {
        ground.must(who, no, "arrive", "已入境").await;
    }
    ground.at("2027-03-25");
    for (who, no) in [&clerk, &other].into_iter().zip(&files) {
        let typed = claim("2027-03-20", "2027-03-01 至 2027-03-20", vec![]);
        ground.checked(who, no, &typed).await;
    }
    let (fuzhou, xiamen) = (ground.approver(&files[0]).await, ground.approver(&files[1]).await);
    let (one, two) = tokio::join!(
        ground.act(fuzhou, &files[0], "approve"),
        ground.act(xiamen, &files[1], "approve")
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let days = "SELECT CAST(COUNT(*) AS TEXT) FROM visit_day WHERE released_at IS NULL";
    assert_eq!(ground.year.offices.town.texts(days).await, ["20"]);
}

fn why(outcome: Result<&'static str, Error>) -> String {
    outcome.unwrap_err().to_string()
}

async fn refused(world: World) {
    let ground = ground(world).await;
    let clerk = ground.clerk();
    let soon = ground.begun(clerk, &plan("2027-01-20", "2027-01-30")).await;
    let told = why(ground.act(clerk, &soon, "file").await);
    assert!(told.contains("至少 10 个工作日"), "{told}");
    let app = ground.year.app();
    visit::change_plan(app, clerk, &soon, &plan("2027-03-01", "2027-03-02")).await.unwrap();
    ground.must(clerk, &soon, "file", "邀请待审").await;
    let late = visit::change_plan(app, clerk, &soon, &plan("2027-03-02", "2027-03-03")).await;
    assert!(matches!(late, Err(Error::Stale(_))), "{late:?}");

    // Older than 40 on arrival; after the policy's last day.
    for (birth, arrival, passport, reason) in [
        ("1986-02-28", "2027-03-01", "B12345678", "超过年龄上限"),
        ("1990-01-01", "2029-01-08", "C12345678", "不在政策有效期内"),
    ] {
        let who =
            TypedVisitor { birth: birth.to_owned(), passport: passport.to_owned(), ..visitor() };
        let no = visit::begin(app, clerk, &who, &plan(arrival, arrival)).await.unwrap();
        if arrival < "2028" {
            ground.must(clerk, &no, "file", "邀请待审").await;
            let told = why(ground.act(ground.hr(&no).await, &no, "agree").await);
            assert!(told.contains(reason), "{told}");
        }
    }

    // Somebody on the roster is no visitor.
    let passport = PersonDocument {
        document_type: "passport".to_owned(),
        country: "USA".to_owned(),
        number_index: app.vault.index(kind::DOCUMENT, "passport:USA:D12345678"),
        number_cipher: vec![1],
        number_masked: "D1****78".to_owned(),
    };
    let town = &ground.year.offices.town;
    let row = entity::person::ActiveModel {
        id: Set(900),
        person_no: Set("E000900".to_owned()),
        created_at: Set(app.clock.now()),
    };
    entity::person::Entity::insert(row).exec_without_returning(app.db.read()).await.unwrap();
    let name = PersonName { name: "王小明".to_owned() };
    town.state(900, "2020-01-01", None, name).await;
    town.state(900, "2020-01-01", None, passport).await;
    town.engineer(900, 1, "2026-01-01", None).await;
    let who =
        TypedVisitor {
            name: "王小明".to_owned(), passport: "D12345678".to_owned(), ..visitor()
        };
    let no =
        visit::begin(app, &ground.other, &who, &plan("2027-03-01", "2027-03-02")).await.unwrap();
    let told = why(ground.act(&ground.other, &no, "file").await);
    assert!(told.contains("在核心工程师名册内"), "{told}");
    let misnamed = TypedVisitor { name: "别人".to_owned(), ..who };
    let told = visit::begin(app, &ground.other, &misnamed, &plan("2027-03-01", "2027-03-02")).await;
    assert!(told.unwrap_err().to_string().contains("姓名不一致"));
}

async fn cut(world: World) {
    let mut ground = ground(world).await;
    let clerk = ground.year.offices.clerk.clone();
    let no = ground.invited(&clerk, &plan("2027-03-01", "2027-03-12")).await;
    ground.at("2027-03-01");
    ground.must(&clerk, &no, "arrive", "已入境").await;
    ground.at("2027-03-20");
    let app = ground.year.app().clone();
    let whole = claim("2027-03-12", "2027-03-01", vec![fare("781-2400123456")]);
    visit::save_claim(&app, &clerk, &no, &whole).await.unwrap();
    ground.must(&clerk, &no, "claim", "申报待核").await;
    let hr = ground.hr(&no).await;
    assert!(why(ground.act(hr, &no, "cut").await).contains("尚未登记核减"));
    let typed = TypedCut { line: "1", accepted: "1000.00", reason: "含他人票款" };
    let over = TypedCut { accepted: "1850.01", ..typed };
    assert!(matches!(visit::cut(&app, hr, &no, &over).await, Err(Error::Invalid(_))));
    assert!(matches!(visit::cut(&app, &clerk, &no, &typed).await, Err(Error::Forbidden(_))));
    visit::cut(&app, hr, &no, &typed).await.unwrap();
    assert_eq!(ground.due(hr, &no).await, "7105.00 1 800.00 7905.00");
    assert!(why(ground.act(hr, &no, "check").await).contains("已登记核减"));
    ground.must(hr, &no, "cut", "核减待确认").await;
    assert!(
        ground.act(ground.approver(&no).await, &no, "approve").await.is_err(),
        "not agreed to yet"
    );
    ground.must(&clerk, &no, "contest", "申报待核").await;
    let less = TypedCut { line: "1", accepted: "1800.00", reason: "燃油费重复" };
    visit::cut(&app, hr, &no, &less).await.unwrap();
    ground.must(hr, &no, "cut", "核减待确认").await;
    ground.must(&clerk, &no, "accept", "核减已确认").await;
    ground.must(ground.approver(&no).await, &no, "approve", "待发放").await;
    let lines = ground.lines().await;
    assert_eq!(
        lines[1], "overseas-visit-travel 1278900 payable employer",
        "1800.00 × 710.50 ÷ 100"
    );
    let kept = "SELECT CAST(COUNT(*) AS TEXT) FROM visit_cut";
    assert_eq!(ground.year.offices.town.texts(kept).await, ["2"], "every word stays on record");
}

async fn expired(world: World) {
    let mut ground = ground(world).await;
    let clerk = ground.year.offices.clerk.clone();
    let no = ground.invited(&clerk, &plan("2027-03-01", "2027-03-12")).await;
    ground.at("2027-03-01");
    ground.must(&clerk, &no, "arrive", "已入境").await;
    ground.at("2027-05-11");
    program::round(ground.year.app()).await.unwrap();
    let state = "SELECT state FROM case_file WHERE kind = 'overseas_visit'";
    assert_eq!(
        ground.year.offices.town.texts(state).await,
        ["travelled"],
        "60 days after the exit"
    );
    ground.at("2027-05-12");
    let app = ground.year.app().clone();
    let late = claim("2027-03-12", "2027-03-01", vec![]);
    visit::save_claim(&app, &clerk, &no, &late).await.unwrap();
    assert!(why(ground.act(&clerk, &no, "claim").await).contains("最迟 2027-05-11"));
    program::round(&app).await.unwrap();
    assert_eq!(ground.year.offices.town.texts(state).await, ["expired"]);
}

async fn pages(world: World) {
    let mut ground = ground(world).await;
    let clerk = ground.year.offices.clerk.clone();
    let mut browser = Visitor::signed_in(ground.year.app(), "clerk").await;
    browser.get("/visits/new").await;
    let back = browser.post("/visits", &[("name", "SMITH ANNA"), ("country", "美国")]).await;
    assert_eq!(back.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("计划入境日期") && back.text().contains("两位字母代码"));
    let no = ground.invited(&clerk, &plan("2027-03-01", "2027-03-12")).await;
    ground.at("2027-03-01");
    ground.must(&clerk, &no, "arrive", "已入境").await;
    ground.at("2027-03-20");
    let mut browser = Visitor::signed_in(ground.year.app(), "clerk").await;
    let at = format!("/visits/{no}");
    browser.get(&format!("{at}/claim")).await;
    let begun = [("draft_form", "visit_claim"), ("draft_subject", no.as_str())];
    let costs = [begun[0], begun[1], ("origin", ""), ("document-12", "CX978")];
    let kept = browser.post("/drafts", &costs).await;
    assert!(browser.at.ends_with("/claim") && kept.text().contains("草稿已保存于"));
    let again = browser.get(&format!("{at}/claim")).await;
    assert_eq!(again.attributes("input[name=document-12]", "value"), ["CX978"]);
    assert!(again.attributes("input[name=origin]", "value").concat().is_empty(), "as cleared");
    let filled = [
        ("origin", "US"),
        ("exit", "2027-03-12"),
        ("work_days", "2027-03-01 至 2027-03-12"),
        ("costs_by", "employer"),
        ("expense-1", "fare"),
        ("class-1", "business"),
        ("route-1", "2027-02-28 波士顿—香港 CX811\n2027-03-01 香港—福州 MF382"),
        ("passenger-1", "SMITH/ANNA"),
        ("amount-1", "5000"),
        ("currency-1", "USD"),
        ("paid-1", "2027-02-20"),
        ("economy-1", "1850"),
        ("document-1", "781-2400123456"),
        ("document-12", ""),
    ];
    let saved = browser.post(&format!("{at}/claim"), &filled).await;
    assert!(saved.text().contains("已保存申报"), "{}", saved.text());
    let left = "SELECT form FROM form_draft";
    assert_eq!(ground.year.offices.town.texts(left).await, [""; 0], "sent, it is gone");
    let page = browser.get(&at).await;
    assert!(page.text().contains("22,744.25"), "{}", page.text());
    assert!(page.text().contains("公务舱") && page.text().contains("12 天"));
    assert!(!page.text().contains("A12345678"), "the passport is masked");
    assert!(page.links().contains(&format!("/cases/{no}")));

    let app = ground.year.app();
    let mut stranger = Visitor::signed_in(app, "other").await;
    assert!(!stranger.get("/visits").await.text().contains("SMITH"));
    assert_eq!(stranger.get(&at).await.status, axum::http::StatusCode::NOT_FOUND);
    let mut hr = Visitor::signed_in(app, "hr").await;
    assert_eq!(hr.get("/visits/new").await.status, axum::http::StatusCode::FORBIDDEN);
    assert!(hr.get("/visits?state=travelled").await.text().contains("SMITH ANNA"));
    assert!(!hr.get("/visits?state=draft").await.text().contains("SMITH ANNA"));
}
