//! The person's own page: who comes in, what they see, and what nobody else does.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::identity::{DocumentType, IdentityDocument};
use juncai::domain::registry::{BankAccount, PersonDocument};
use juncai::vault::{kind, place};

use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::town::Town;
use crate::world::World;

pub const NUMBER: &str = "35010219900307999X";
const PASSPHRASE: &str = "武夷山的茶比去年更香了一点";

on_both! {
    a_code_opens_the_page_once_and_the_passphrase_from_then_on => comes_in;
    whoever_guesses_learns_nothing_and_is_locked_out => guesses;
    neither_kind_of_session_opens_the_other_kind_of_page => apart;
    a_person_of_two_enterprises_reads_both_and_nobody_else => reads;
    a_dispute_reaches_the_office_and_its_answer_the_person => disputes;
    an_amount_is_objected_to_once_and_answered_by_the_office => amount;
    a_person_reads_which_offices_looked_at_the_record => looked;
}

/// Person 1 with a resident document, whole 2026 at enterprise 1.
async fn town(world: World) -> Town {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.full_year(2, 1).await;
    identify(&town, 1, NUMBER).await;
    town.at("2027-01-05T09:00:00+08:00");
    town.compute(2026).await;
    town
}

pub async fn identify(town: &Town, person: i64, number: &str) {
    let vault = &town.world.app.vault;
    let parsed = IdentityDocument::parse(DocumentType::ResidentId, number).unwrap().value;
    let document = PersonDocument {
        document_type: "resident_id".to_owned(),
        country: "CHN".to_owned(),
        number_cipher: vault.seal(place::DOCUMENT, number.as_bytes()).unwrap(),
        number_index: vault.index(kind::DOCUMENT, &parsed.identity_key()),
        number_masked: "3501**********999X".to_owned(),
    };
    town.state(person, "2020-01-01", None, document).await;
}

pub async fn code(clerk: &mut Visitor, no: &str) -> String {
    clerk.get(&format!("/engineers/{no}")).await;
    let shown = clerk.post(&format!("/engineers/{no}/activation"), &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    shown.texts("dd.code").concat()
}

pub async fn first_visit(visitor: &mut Visitor, number: &str, code: &str) -> Seen {
    visitor.get("/me/activation").await;
    let fields = [
        ("document_no", number),
        ("code", code),
        ("password", PASSPHRASE),
        ("password_again", PASSPHRASE),
    ];
    visitor.post("/me/activation", &fields).await
}

async fn sign_in(visitor: &mut Visitor, number: &str, passphrase: &str) -> Seen {
    visitor.get("/me/sign-in").await;
    visitor.post("/me/sign-in", &[("document_no", number), ("password", passphrase)]).await
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").concat()
}

async fn comes_in(world: World) {
    let mut town = town(world).await;
    let app = town.world.app.clone();
    let mut clerk = Visitor::of_enterprise(&app, "clerk", Role::EnterpriseClerk, 1).await;
    let mut head = Visitor::of_enterprise(&app, "head", Role::EnterpriseHead, 1).await;
    let mut other = Visitor::of_enterprise(&app, "other", Role::EnterpriseClerk, 2).await;

    // Given two codes, when the first is used, then only the second one works, and once.
    let replaced = code(&mut clerk, "E000001").await;
    let valid = code(&mut head, "E000001").await;
    other.get("/account").await;
    let foreign = other.post("/engineers/E000001/activation", &[]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "another enterprise makes no code");
    let mut person = Visitor::new(&app);
    let refused = first_visit(&mut person, NUMBER, &replaced).await;
    assert!(errors(&refused).contains("激活码已失效"), "{}", refused.text());
    assert!(!refused.body().contains(NUMBER), "the number is not shown again");
    let inside = first_visit(&mut person, " 350102 19900307 999x", &valid.to_uppercase()).await;
    assert_eq!(person.at, "/me", "{}", inside.text());
    assert!(inside.text().contains("工程师1"), "{}", inside.text());
    let mut second = Visitor::new(&app);
    assert!(!errors(&first_visit(&mut second, NUMBER, &valid).await).is_empty(), "used up");

    // When the person comes again, then the passphrase opens and sign-out closes.
    sign_in(&mut second, NUMBER, PASSPHRASE).await;
    assert_eq!(second.at, "/me");
    let token = second.cookie("juncai-own").expect("a session").to_owned();
    second.post("/me/sign-out", &[]).await;
    second.set_cookie("juncai-own", &token);
    assert_eq!(second.peek("/me").await.location(), Some("/me/sign-in"));

    // When the passphrase changes, then other sessions end.
    sign_in(&mut second, NUMBER, PASSPHRASE).await;
    second.get("/me/password").await;
    let new = "闽江口的潮水每天都来两次呀";
    let typed = [("current", PASSPHRASE), ("password", new), ("password_again", new)];
    let changed = second.post("/me/password", &typed).await;
    assert!(changed.text().contains("密码已修改"), "{}", changed.text());
    assert_eq!(person.peek("/me").await.location(), Some("/me/sign-in"));

    // When a week passes, then a code is no longer one; half an hour unused ends a session.
    let late = code(&mut clerk, "E000001").await;
    town.at("2027-01-12T09:00:00+08:00");
    assert_eq!(
        second.clone().at_time_of(&town.world.app).peek("/me").await.location(),
        Some("/me/sign-in")
    );
    let mut person = Visitor::new(&town.world.app);
    let expired = first_visit(&mut person, NUMBER, &late).await;
    assert_eq!(errors(&expired), errors(&refused), "the same words");
    sign_in(&mut person, NUMBER, new).await;
    assert_eq!(person.at, "/me");
}

async fn guesses(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let valid = code(&mut clerk, "E000001").await;

    let mut thief = Visitor::new(app).sitting_at([192, 0, 2, 1]);
    let unknown = sign_in(&mut thief, "350102199003070012", PASSPHRASE).await;
    let never_came = sign_in(&mut thief, NUMBER, PASSPHRASE).await;
    let nonsense = sign_in(&mut thief, "张三", PASSPHRASE).await;
    let wrong_code = first_visit(&mut thief, NUMBER, "aaaa-bbbb-cccc-dddd").await;
    for seen in [&never_came, &nonsense, &wrong_code] {
        assert_eq!((seen.status, errors(seen)), (unknown.status, errors(&unknown)));
    }
    for _ in 0..3 {
        first_visit(&mut thief, NUMBER, "aaaa-bbbb-cccc-dddd").await;
    }

    let mut owner = Visitor::new(app).sitting_at([192, 0, 2, 2]);
    let locked = first_visit(&mut owner, NUMBER, &valid).await;
    assert!(errors(&locked).contains("已锁定至 09:15"), "{}", locked.text());
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit").await;
    assert!(log.text().contains("本人登录锁定"), "{}", log.text());
    assert!(!log.body().contains(NUMBER));
}

async fn apart(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(app);
    first_visit(&mut person, NUMBER, &valid).await;
    let own = person.cookie("juncai-own").expect("a session").to_owned();
    let staff = clerk.cookie("juncai").expect("a session").to_owned();

    assert_eq!(clerk.peek("/me").await.location(), Some("/me/sign-in"));
    for page in ["/engineers", "/engineers/E000001", "/account", "/entitlements"] {
        let seen = person.peek(page).await;
        assert!(seen.location().is_some_and(|to| to.starts_with("/sign-in")), "{page}");
    }
    let mut swapped = Visitor::new(app);
    swapped.set_cookie("juncai", &own);
    swapped.set_cookie("juncai-own", &staff);
    assert!(swapped.peek("/account").await.location().is_some(), "tokens are not interchangeable");
    assert_eq!(swapped.peek("/me").await.location(), Some("/me/sign-in"));
    // A form of one session is none of the other, though one browser holds both.
    clerk.set_cookie("juncai-own", &own);
    clerk.get("/account").await;
    let stale = clerk.post("/me/confirmations", &[("subject", "entry:1")]).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN, "{}", stale.text());
    assert!(stale.links().contains(&"/me".to_owned()) && !stale.body().contains("clerk"));
}

async fn reads(world: World) {
    let mut town = town(world).await;
    town.at("2027-02-01T09:00:00+08:00");
    town.left(1, "2026-06-30").await;
    town.engineer(1, 2, "2026-07-01", None).await;
    town.compute(2026).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 2).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(app);

    let page = first_visit(&mut person, NUMBER, &valid).await;

    let text = page.text();
    assert!(text.contains("企业1") && text.contains("企业2"), "{text}");
    assert!(text.contains("第 2 版") && text.contains("12 月"), "{text}");
    assert!(!text.contains("工程师2") && !text.contains("E000002"), "only their own");
    assert!(!page.body().contains(NUMBER), "masked");
    let year = person.get("/me/years/2026").await;
    assert_eq!(year.status, StatusCode::OK);
    assert!(
        year.text().contains("计算步骤") && year.text().contains("逐步一致"),
        "{}",
        year.text()
    );
    let nav = year.links();
    assert!(nav.iter().all(|to| !to.starts_with("/engineers") && !to.starts_with("/batches")));
    assert_eq!(person.get("/me/years/2025").await.status, StatusCode::NOT_FOUND);

    let json = person.peek("/me/data.json").await;
    let data: serde_json::Value = serde_json::from_slice(&json.bytes).unwrap();
    assert_eq!(data["编号"], "E000001");
    assert_eq!(data["年度"][0]["逐月"].as_array().map(Vec::len), Some(12));
    assert_eq!(data["年度"][0]["版本"].as_array().map(Vec::len), Some(2));
    assert!(!json.body().contains(NUMBER) && !json.body().contains("工程师2"));
    let sheet = person.peek("/me/data.xlsx").await;
    assert!(sheet.bytes.starts_with(b"PK"));
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    assert!(auditor.get("/audit").await.text().contains("本人下载数据"));
}

async fn disputes(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let account = BankAccount {
        account_name: "工程师1".to_owned(),
        account_cipher: app.vault.seal(place::ACCOUNT, b"6222020000000000000").unwrap(),
        account_index: app.vault.index(kind::ACCOUNT, "6222020000000000000"),
        last_four: "0000".to_owned(),
        bank_name: "兴业银行".to_owned(),
        cnaps: "309391000011".to_owned(),
    };
    town.state(1, "2026-01-01", None, account).await;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(app);
    let page = first_visit(&mut person, NUMBER, &valid).await;
    let subjects = page.attributes("input[name=subject]", "value");
    let entry = subjects.iter().find(|s| s.starts_with("entry:")).expect("an entry").clone();
    let account = subjects.iter().find(|s| s.starts_with("account:")).expect("an account").clone();

    let say = async |person: &mut Visitor, subject: &str, agrees: &str, note: &str| {
        person.get("/me").await;
        let fields = [("subject", subject), ("agrees", agrees), ("note", note)];
        person.post("/me/confirmations", &fields).await
    };
    assert!(errors(&say(&mut person, &entry, "no", " ").await).contains("请写明哪里不属实"));
    let foreign = say(&mut person, "entry:2", "yes", "").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "another person's entry");
    say(&mut person, &account, "yes", "").await;
    say(&mut person, &entry, "no", "入册日期应为 2026-01-15").await;
    say(&mut person, &entry, "no", "入册日期应为 2026-01-15").await;

    let record = clerk.get("/engineers/E000001").await.text();
    assert!(record.contains("本人有异议") && record.contains("2026-01-15"), "{record}");
    assert!(record.contains("本人已确认"), "{record}");
    let mut other = Visitor::with_role(app, "county2", Role::HrCounty, "350203").await;
    assert!(!other.get("/").await.text().contains("本人异议待处理"), "another county");
    let mut county = Visitor::with_role(app, "county", Role::HrCounty, "350102").await;
    assert!(county.get("/").await.text().contains("本人异议待处理"));
    let list = county.get("/disputes").await;
    let action = list.attributes("form[action^='/disputes/']", "action").concat();
    assert_eq!(list.attributes("form[action^='/disputes/']", "action").len(), 1, "said once");
    other.get("/disputes").await;
    let denied = other.post(&action, &[("note", "不管")]).await;
    assert_eq!(denied.status, StatusCode::NOT_FOUND);
    let answered = county.post(&action, &[("note", "已核对合同，入册日期无误")]).await;
    assert!(answered.text().contains("没有待处理的异议"), "{}", answered.text());
    assert!(person.get("/me").await.text().contains("已核对合同，入册日期无误"));

    // A new objection is settled by a correction of the fact.
    say(&mut person, &entry, "no", "还是不对").await;
    assert!(county.get("/disputes").await.text().contains("还是不对"));
    town.left(1, "2026-12-31").await;
    assert!(!county.get("/disputes").await.text().contains("还是不对"));
}

async fn amount(world: World) {
    let mut town = town(world).await;
    town.at("2027-02-01T09:00:00+08:00");
    town.compute(2026).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(app);
    first_visit(&mut person, NUMBER, &valid).await;
    let to = "/me/years/2026/dispute";
    assert!(errors(&person.post(to, &[("note", " ")]).await).contains("请写明金额哪里不对"));
    let never = person.clone().post("/me/years/2020/dispute", &[("note", "没有算")]).await;
    assert_eq!(never.status, StatusCode::NOT_FOUND, "{}", never.text());
    person.get("/me").await;
    let told = person.post(to, &[("note", "4 月社保已补缴")]).await;
    assert!(told.text().contains("4 月社保已补缴"), "{}", told.text());
    assert!(told.form(to).is_none(), "one waits at a time");

    let mut other = Visitor::with_role(app, "county2", Role::HrCounty, "350203").await;
    assert!(!other.get("/disputes").await.text().contains("社保已补缴"), "another county");
    let mut county = Visitor::with_role(app, "county", Role::HrCounty, "350102").await;
    assert!(county.get("/").await.text().contains("本人异议待处理"));
    let list = county.get("/disputes").await;
    assert!(list.links().iter().any(|to| to == "/engineers/E000001/years/2026"), "explained");
    let action = list.attributes("form[action^='/disputes/years/']", "action").concat();
    let denied = other.post(&action, &[("note", "不管")]).await;
    assert_eq!(denied.status, StatusCode::NOT_FOUND);
    let blank = county.post(&action, &[("note", "")]).await;
    assert!(errors(&blank).contains("请写明核实结果"), "{}", blank.text());
    county.post(&action, &[("note", "已核实，补缴月份重新核定后计入")]).await;
    assert_eq!(county.at, "/disputes");
    let page = person.get("/me").await;
    assert!(page.text().contains("补缴月份重新核定后计入") && page.form(to).is_some());
}

async fn looked(world: World) {
    let mut town = town(world).await;
    town.at("2027-02-01T09:00:00+08:00");
    town.compute(2026).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(app);
    first_visit(&mut person, NUMBER, &valid).await;
    let mut county = Visitor::with_role(app, "gulou", Role::HrCounty, "350102").await;
    for _ in 0..2 {
        county.get("/engineers/E000001").await;
        county.get("/engineers/E000001/years/2026").await;
    }
    county.get("/engineers/E000002").await;
    let mut elsewhere = Visitor::with_role(app, "xiamen", Role::HrCounty, "350203").await;
    assert_eq!(elsewhere.get("/engineers/E000001").await.status, StatusCode::NOT_FOUND);

    let page = person.get("/me").await;

    // The clerk's visit for the code is there as well; whoever was refused saw nothing.
    let rows = page.texts("#seen tbody tr");
    assert_eq!(rows.len(), 3, "once a day each: {rows:?}");
    assert!(rows[0].contains("县区人社审核") && rows[0].contains("查看年度核定说明"), "{rows:?}");
    assert!(rows[1].contains("县区人社审核") && rows[1].contains("查看人员档案"), "{rows:?}");
    assert!(rows[2].contains("企业经办") && rows[2].contains("2027-02-01"), "{rows:?}");
    let json = person.peek("/me/data.json").await;
    let data: serde_json::Value = serde_json::from_slice(&json.bytes).unwrap();
    assert_eq!(data["查看记录"].as_array().map(Vec::len), Some(3));
    county.peek("/engineers.xlsx").await;
    county.peek("/entitlements.xlsx?year=2026").await;
    let rows = person.get("/me").await.texts("#seen tbody tr");
    assert!(rows.len() == 4 && rows[0].contains("随名单导出"), "{rows:?}");
    let files = town.texts("SELECT case_no FROM case_file WHERE person_id = 1").await;
    county.get(&format!("/cases/{}", files[0])).await;
    let rows = person.get("/me").await.texts("#seen tbody tr");
    assert!(rows.len() == 5 && rows[0].contains("查看办件"), "{rows:?}");
    let forged = "UPDATE record_view SET kind = 'exported'";
    assert!(town.try_sql(forged).await.unwrap_err().contains("append_only"));
}
