//! From an empty installation to working accounts, and what keeps duties apart.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::service::setup;
use sea_orm::ConnectionTrait;

use crate::browser_like::{Seen, Visitor, authorise_all};
use crate::on_both;
use crate::world::World;

const PASSWORD: &str = "武夷山的茶比去年更香了一点";

on_both! {
    the_first_run_leads_from_a_link_to_a_working_account => first_run;
    nobody_holds_two_duties_and_roles_need_their_office => duties;
    a_disabled_account_is_out_at_once_and_an_administrator_remains => disabled;
    the_log_names_the_first_record_that_was_changed => tampered;
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").join("|")
}

/// The value of a choice with this label in the form of the last page.
fn choice(visitor: &Visitor, label: &str) -> String {
    let page = visitor.page.as_ref().expect("a page");
    let texts = page.texts("select option");
    let values = page.attributes("select option", "value");
    let at = texts.iter().position(|text| text.contains(label));
    values[at.unwrap_or_else(|| panic!("no choice {label} in {texts:?}"))].clone()
}

async fn make(
    visitor: &mut Visitor,
    login: &str,
    staff_no: &str,
    role: &str,
    office: &str,
) -> Seen {
    visitor.get("/accounts").await;
    let office = choice(visitor, office);
    let fields = [
        ("login", login),
        ("name", "陈国栋"),
        ("person_key", staff_no),
        ("role", role),
        ("organisation", &office),
    ];
    visitor.post("/accounts", &fields).await
}

async fn administrator(world: &World) -> Visitor {
    let mut visitor =
        Visitor::with_role(&world.app, "wu-zhiqiang", Role::Administrator, "350000").await;
    for (kind, name, division) in [
        ("finance_office", "福建省财政厅", "350000"),
        ("hr_office", "福州市鼓楼区人力资源和社会保障局", "350102"),
    ] {
        visitor.get("/accounts").await;
        let code = if kind == "hr_office" { "11350102003601234T" } else { "11350000003591037R" };
        let fields =
            [("kind", kind), ("office_name", name), ("division", division), ("uscc", code)];
        let seen = visitor.post("/accounts/organisations", &fields).await;
        assert!(seen.text().contains("已新增"), "{}", errors(&seen));
    }
    visitor
}

/// The address of a fresh setup link for each of the three, by the label of its role.
async fn links(world: &World) -> Vec<(&'static str, String)> {
    let links = setup::links(&world.app).await.expect("a database");
    let address = |link: setup::Link| (link.role.label(), format!("/setup/{}", link.token));
    links.into_iter().map(address).collect()
}

async fn first_run(mut world: World) {
    let old = links(&world).await;
    let links_now = links(&world).await;
    let roles: Vec<&str> = links_now.iter().map(|(role, _)| *role).collect();
    assert_eq!(roles, ["系统管理员", "安全管理员", "安全审计员"]);
    let mut visitor = Visitor::new(&world.app);
    assert_eq!(visitor.get(&old[0].1).await.status, StatusCode::NOT_FOUND, "a newer one is there");
    let fields = |login, person, password| {
        [
            ("login", login),
            ("name", "吴志强"),
            ("person_key", person),
            ("password", password),
            ("password_again", password),
        ]
    };
    let path = links_now[0].1.as_str();
    let page = visitor.get(path).await;
    assert_eq!(page.texts("h1"), ["设置系统管理员"]);
    let wrong = visitor.post(path, &fields("管理员", "FJ-0001", "short")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(errors(&wrong).contains("账号以小写字母开头") && errors(&wrong).contains("至少 12 个"));

    let seen = visitor.post(path, &fields("wu-zhiqiang", "FJ-0001", PASSWORD)).await;

    assert_eq!((visitor.at.as_str(), seen.status), ("/", StatusCode::OK));
    assert!(seen.links().contains(&"/accounts".to_owned()), "{:?}", seen.links());
    assert_eq!(Visitor::new(&world.app).get(path).await.status, StatusCode::NOT_FOUND, "used up");
    let mut second = Visitor::new(&world.app);
    let path = links_now[1].1.as_str();
    second.get(path).await;
    let same = second.post(path, &fields("qian-an", "fj-0001", PASSWORD)).await;
    assert!(errors(&same).contains("同一自然人不能再任安全管理员"), "{}", errors(&same));
    let seen = second.post(path, &fields("qian-an", "FJ-0002", PASSWORD)).await;
    assert!(seen.links().contains(&"/authorisations".to_owned()), "{}", seen.text());
    assert_eq!(links(&world).await.len(), 1, "only the auditor is missing");
    let third = links(&world).await.remove(0).1;
    world.set_time("2026-01-06T09:00:00+08:00");
    let mut late = Visitor::new(&world.app);
    assert_eq!(late.get(&third).await.status, StatusCode::NOT_FOUND, "over after a day");
    let third = links(&world).await.remove(0).1;
    late.get(&third).await;
    late.post(&third, &fields("shen-jing", "FJ-0003", PASSWORD)).await;
    assert_eq!(late.get("/audit").await.status, StatusCode::OK);
    assert!(late.get("/audit").await.text().contains("设置管理员"));
    assert_eq!(links(&world).await, [], "all three are there");
}

async fn duties(world: World) {
    let mut admin = administrator(&world).await;
    let finance = "福建省财政厅";

    let made = make(&mut admin, "chengd", "FJ-0017", "finance_maker", finance).await;
    assert!(made.text().contains("账号 chengd 已申请开设"), "{}", errors(&made));
    authorise_all(&world.app).await;
    let clash = make(&mut admin, "chengd-2", "fj-0017", "finance_checker", finance).await;
    assert!(errors(&clash).contains("同一自然人不能再任财务复核"), "{}", errors(&clash));
    let same = make(&mut admin, "chengd-3", "FJ-0017", "finance_maker", finance).await;
    assert!(same.text().contains("账号 chengd-3 已申请"), "the same duty twice is allowed");
    authorise_all(&world.app).await;
    let level = make(&mut admin, "linxl", "FJ-0018", "hr_city", "鼓楼区").await;
    assert!(errors(&level).contains("不能设置市级人社审核"), "{}", errors(&level));
    let kind = make(&mut admin, "linxl", "FJ-0018", "auditor", finance).await;
    assert!(errors(&kind).contains("不能设置审计"), "{}", errors(&kind));
    let taken = make(&mut admin, "chengd", "FJ-0019", "finance_maker", finance).await;
    assert!(errors(&taken).contains("账号 chengd 已被使用"), "{}", errors(&taken));
    let number = make(&mut admin, "zhaol", "350102199003079981", "auditor", finance).await;
    assert!(errors(&number).contains("不能是身份证号"), "{}", errors(&number));

    admin.get("/accounts?q=chengd-3").await;
    let rows = admin.page.as_ref().expect("a page").texts("tbody tr");
    assert_eq!(rows.len(), 1);
    let link = admin.page.as_ref().expect("a page").attributes("tbody th a", "href")[0].clone();
    admin.get(&link).await;
    let office = choice(&admin, finance);
    let fields = [("role", "finance_checker"), ("organisation", office.as_str())];
    let changed = admin.post(&format!("{link}/duty"), &fields).await;
    assert!(errors(&changed).contains("同一自然人不能再任"), "{}", errors(&changed));

    make(&mut admin, "huangy", "FJ-0020", "finance_maker", finance).await;
    authorise_all(&world.app).await;
    let link = admin.get("/accounts?q=huangy").await.attributes("tbody th a", "href")[0].clone();
    let mut moved = Visitor::signed_in(&world.app, "huangy").await;
    admin.get(&link).await;
    let changed = admin.post(&format!("{link}/duty"), &fields).await;
    assert!(changed.text().contains("已申请变更"), "{}", errors(&changed));
    assert!(changed.texts("dd").contains(&"财务经办".to_owned()), "not before it is authorised");
    let still = moved.peek("/account").await;
    assert_eq!(still.location(), Some("/password"), "signed in, with an initial password");
    authorise_all(&world.app).await;
    assert!(admin.get(&link).await.texts("dd").contains(&"财务复核".to_owned()));
    let out = moved.peek("/account").await;
    assert_eq!(out.location(), Some("/sign-in?next=%2Faccount"), "old rights end at once");
}

async fn disabled(world: World) {
    let mut admin = administrator(&world).await;
    let mut clerk = Visitor::with_role(&world.app, "huangy", Role::FinanceMaker, "350000").await;
    let id = |login: &'static str| {
        let app = world.app.clone();
        async move {
            let found = juncai::store::account::by_login(app.db.read(), login).await;
            found.expect("a database").expect("an account").account.id
        }
    };
    assert_eq!(clerk.peek("/account").await.status, StatusCode::OK);

    admin.get("/accounts").await;
    let path = format!("/accounts/{}/suspension", id("huangy").await);
    let seen = admin.post(&path, &[]).await;

    assert!(seen.text().contains("账号已停用"), "{}", seen.text());
    assert_eq!(clerk.peek("/account").await.status, StatusCode::SEE_OTHER, "out at once");
    let twice = admin.post(&path, &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    admin.get("/accounts").await;
    let own = admin.post(&format!("/accounts/{}/suspension", id("wu-zhiqiang").await), &[]).await;
    assert!(own.text().contains("不能变更自己的账号"), "{}", own.text());

    let mut second =
        Visitor::with_role(&world.app, "wu-second", Role::Administrator, "350000").await;
    second.get("/accounts").await;
    let path = format!("/accounts/{}/suspension", id("wu-zhiqiang").await);
    second.post(&path, &[]).await;
    assert_eq!(admin.peek("/accounts").await.status, StatusCode::SEE_OTHER);
    let (app, last) = (&world.app, id("wu-second").await);
    let tx = app.db.begin().await.expect("a transaction");
    juncai::store::account::set_disabled(&tx, id("wu-zhiqiang").await, None).await.expect("back");
    tx.commit().await.expect("committed");
    let mut third = Visitor::signed_in(app, "wu-zhiqiang").await;
    third.get("/accounts").await;
    assert!(
        third.post(&format!("/accounts/{last}/suspension"), &[]).await.text().contains("已停用")
    );
    Visitor::with_role(app, "qian-an", Role::SecurityAdministrator, "350000").await;
    third.get("/accounts").await;
    let path = format!("/accounts/{}/suspension", id("qian-an").await);
    let kept = third.post(&path, &[]).await;
    assert!(kept.text().contains("最后一个可用的安全管理员"), "{}", kept.text());
    let mut auditor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("停用账号") && log.contains("账号 huangy"), "{log}");
}

async fn tampered(world: World) {
    let mut admin = administrator(&world).await;
    make(&mut admin, "chengd", "FJ-0017", "finance_maker", "福建省财政厅").await;
    juncai::service::audit::seal(&world.app).await.expect("sealed");
    let mut auditor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    let whole = auditor.get("/audit/verification").await;
    assert!(whole.text().contains("全部记录完整"), "{}", whole.text());
    assert!(auditor.get("/audit?action=account.created").await.text().contains("开设账号"));
    assert!(auditor.get("/audit?from=yesterday").await.text().contains("日期写作"));

    let undo = if world.app.db.is_postgres() {
        "DROP TRIGGER audit_event_no_update ON audit_event"
    } else {
        "DROP TRIGGER audit_event_no_update"
    };
    let conn = world.app.db.read();
    conn.execute_unprepared(undo).await.expect("a database administrator can do this");
    let change = "UPDATE audit_event SET login = 'somebody' WHERE action = 'account.created'";
    conn.execute_unprepared(change).await.expect("changed");
    let broken = auditor.get("/audit/verification").await;

    assert!(broken.text().contains("发现被改动或缺失的记录"), "{}", broken.text());
    assert_eq!(broken.texts("tr.row-bad td:nth-of-type(3)"), ["3"], "{}", broken.text());
}

/// Verbs written as one literal in the services; places of sealed values look alike.
fn verbs() -> Vec<String> {
    fn walk(folder: &std::path::Path, texts: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, texts);
            } else {
                texts.push_str(&std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    const SUBJECTS: [&str; 16] = [
        "installation",
        "session",
        "access",
        "account",
        "organisation",
        "import",
        "roster",
        "engineer",
        "fact",
        "enterprise",
        "policy",
        "run",
        "entitlements",
        "evidence",
        "budget",
        "batch",
    ];
    let mut texts = String::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service"), &mut texts);
    let verb = |text: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        text.split_once('.').is_some_and(|(subject, verb)| {
            SUBJECTS.contains(&subject) && verb != "content" && verb.chars().all(plain)
        })
    };
    texts.split('"').filter(verb).map(str::to_owned).collect()
}

#[test]
fn every_verb_of_the_log_has_its_word() {
    let verbs = verbs();
    assert!(verbs.len() > 15, "the services name their verbs");
    let strange: Vec<_> =
        verbs.iter().filter(|verb| juncai::web::audit::words::action(verb) == *verb).collect();
    assert!(strange.is_empty(), "no word in web::audit::words for {strange:?}");
}
