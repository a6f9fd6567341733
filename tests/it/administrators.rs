//! The three administrators: what one asks for another authorises, nobody is two of them, and none
//! of them can sign in as somebody else.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::service::{Actor, Error, account, password, setup};
use juncai::store;
use juncai::store::account::NewOrganisation;

use crate::browser_like::{Seen, Visitor, make_account};
use crate::on_both;
use crate::world::{PASSWORD, World, employ};

on_both! {
    a_new_account_opens_when_it_is_authorised_with_both_halves => inert;
    a_reset_password_works_when_authorised_and_its_owner_is_told => reset;
    what_is_refused_never_holds_and_says_why => refused;
    duties_that_clash_meanwhile_are_refused_at_the_authorisation => clash;
    the_database_lets_nobody_be_two_of_the_three => constraint;
    nobody_decides_about_themselves => oneself;
    each_console_is_closed_to_the_two_others => consoles;
    each_administrator_reads_what_the_others_did => logs;
    an_older_installation_is_given_what_it_lacks => older;
    the_security_administrator_ends_sessions_and_locks => sessions;
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").join("|")
}

fn office(kind: &'static str) -> NewOrganisation<'static> {
    NewOrganisation { code: kind, kind, name: kind, division: "350000", enterprise_id: None }
}

async fn id(app: &App, login: &str) -> i64 {
    let found = store::account::by_login(app.db.read(), login).await.unwrap();
    found.expect("an account").account.id
}

async fn actor(app: &App, login: &str) -> Actor {
    let found = store::account::by_login(app.db.read(), login).await.unwrap();
    Actor::new(&found.expect("an account"), "127.0.0.1").unwrap()
}

/// The system administrator, the security administrator and the security auditor.
async fn three(world: &World) -> [Visitor; 3] {
    let app = &world.app;
    [
        Visitor::with_role(app, "system", Role::Administrator, "350000").await,
        Visitor::with_role(app, "security", Role::SecurityAdministrator, "350000").await,
        Visitor::with_role(app, "watch", Role::SecurityAuditor, "350000").await,
    ]
}

/// The system administrator asks for an account of a finance office; gives the half that is told.
async fn ask_for(world: &World, login: &str, staff_no: &str, role: Role) -> String {
    let app = &world.app;
    let tx = app.db.begin().await.unwrap();
    let at = app.clock.now();
    let organisation =
        store::account::ensure_organisation(&tx, &office("finance_office"), at).await.unwrap();
    tx.commit().await.unwrap();
    let form = account::AccountForm {
        login,
        name: "陈国栋",
        role: role.code(),
        organisation: &organisation.to_string(),
        person_key: staff_no,
    };
    let asked = account::ask_for_account(app, &actor(app, "system").await, &form).await.unwrap();
    asked.first_half
}

/// Opens the oldest request that waits and authorises it.
async fn authorise(security: &mut Visitor) -> Seen {
    let list = security.get("/authorisations").await;
    let at = list.attributes("tbody th a", "href")[0].clone();
    security.get(&at).await;
    security.post(&format!("{at}/authorisation"), &[]).await
}

/// The half of a secret that a page tells.
fn half(seen: &Seen) -> String {
    let told = seen.texts("p.note code");
    assert_eq!(told.len(), 1, "{}", seen.text());
    told[0].clone()
}

/// Where a sign-in leads.
async fn sign_in(app: &App, login: &str, password: &str) -> String {
    let mut visitor = Visitor::new(app);
    visitor.get("/sign-in").await;
    visitor.post("/sign-in", &[("login", login), ("password", password)]).await;
    visitor.at
}

async fn inert(world: World) {
    let [mut system, mut security, _] = three(&world).await;
    let app = &world.app;

    let first = ask_for(&world, "chengd", "FJ-0017", Role::FinanceApprover).await;

    assert_eq!(first.len(), 9);
    assert_eq!(sign_in(app, "chengd", &first).await, "/sign-in");
    let list = system.get("/accounts?q=chengd").await;
    assert_eq!(list.texts("tbody .tag"), ["待授权"]);
    assert!(system.get("/").await.text().contains("已申请，待安全管理员授权"));
    let direct = {
        let tx = app.db.begin().await.unwrap();
        store::account::set_disabled(&tx, id(app, "chengd").await, None).await
    };
    assert!(direct.unwrap_err().to_string().contains("account_not_authorised"));
    let more = format!("/accounts/{}/reactivation", id(app, "chengd").await);
    let more = system.post(&more, &[]).await;
    assert!(more.text().contains("待安全管理员授权"), "asking for more does not help");

    let home = security.get("/").await;
    assert!(home.text().contains("账号事项待授权"), "{}", home.text());
    let told = authorise(&mut security).await;

    let second = half(&told);
    assert!(!security.get("/authorisations").await.body().contains(&second), "told once");
    assert_eq!(sign_in(app, "chengd", &first).await, "/sign-in");
    assert_eq!(sign_in(app, "chengd", &second).await, "/sign-in");
    assert_eq!(sign_in(app, "chengd", &format!("{first}{second}")).await, "/password");
    let kept = store::account_request::decided(app.db.read(), 9).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].half_cipher.is_none() && kept[0].password_hash.is_none(), "secrets go");
}

async fn reset(world: World) {
    let [mut system, mut security, _] = three(&world).await;
    let app = &world.app;
    let mut owner = Visitor::with_role(app, "owner", Role::FinanceApprover, "350000").await;
    let at = format!("/accounts/{}", id(app, "owner").await);
    for _ in 0..5 {
        sign_in(app, "owner", "guess guess guess").await;
    }
    let list = system.get("/accounts?q=owner").await;
    assert_eq!(list.texts("tbody .tag"), ["锁定"]);

    system.get(&at).await;
    let first = half(&system.post(&format!("{at}/initial-password"), &[]).await);

    let told = owner.get("/notifications").await.text();
    assert!(told.contains("系统管理员申请重置您的登录密码"), "{told}");
    let stored = store::account::by_login(app.db.read(), "owner").await.unwrap().unwrap();
    assert!(password::verify(PASSWORD, Some(&stored.account.password_hash)).await.unwrap());
    system.get(&at).await;
    let twice = system.post(&format!("{at}/initial-password"), &[]).await;
    assert!(twice.text().contains("待安全管理员授权"), "{}", twice.text());

    let second = half(&authorise(&mut security).await);

    assert_eq!(owner.peek("/account").await.status, StatusCode::SEE_OTHER, "signed out");
    assert_eq!(sign_in(app, "owner", PASSWORD).await, "/sign-in", "the old one is over");
    assert_eq!(sign_in(app, "owner", &first).await, "/sign-in", "half is nothing");
    assert_eq!(sign_in(app, "owner", &format!("{first}{second}")).await, "/password");
    let mut owner = Visitor::signed_in(app, "owner").await;
    let tx = app.db.begin().await.unwrap();
    store::account::set_password(&tx, id(app, "owner").await, "x", false).await.unwrap();
    tx.commit().await.unwrap();
    assert!(owner.get("/notifications").await.text().contains("您的登录密码已重置"));
}

async fn refused(world: World) {
    let [mut system, mut security, _] = three(&world).await;
    let app = &world.app;
    let first = ask_for(&world, "chengd", "FJ-0017", Role::FinanceMaker).await;
    let list = security.get("/authorisations").await;
    let at = list.attributes("tbody th a", "href")[0].clone();
    security.get(&at).await;
    let silent = security.post(&format!("{at}/refusal"), &[("reason", "不")]).await;
    assert!(errors(&silent).contains("请写明退回原因"), "{}", silent.text());

    let done = security.post(&format!("{at}/refusal"), &[("reason", "任职文件尚未印发")]).await;

    assert!(done.text().contains("申请已退回"), "{}", done.text());
    security.get(&at).await;
    let late = security.post(&format!("{at}/authorisation"), &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(sign_in(app, "chengd", &first).await, "/sign-in");
    let account = format!("/accounts/{}", id(app, "chengd").await);
    let page = system.get(&account).await;
    assert!(page.text().contains("任职文件尚未印发"), "{}", page.text());
    assert_eq!(page.texts("h1 .tag"), ["停用"]);
    // Asked for again and authorised, it has a standing; a password is the next thing to ask for.
    system.post(&format!("{account}/reactivation"), &[]).await;
    authorise(&mut security).await;
    assert_eq!(system.get(&account).await.texts("h1 .tag"), ["首次登录"]);
    let first = half(&system.post(&format!("{account}/initial-password"), &[]).await);
    let second = half(&authorise(&mut security).await);
    assert_eq!(sign_in(app, "chengd", &format!("{first}{second}")).await, "/password");
}

async fn clash(world: World) {
    let [_, mut security, _] = three(&world).await;
    let app = &world.app;
    ask_for(&world, "chengd", "FJ-0017", Role::FinanceMaker).await;
    ask_for(&world, "chengd-2", "FJ-0017", Role::FinanceChecker).await;
    authorise(&mut security).await;

    let refused = authorise(&mut security).await;

    assert!(refused.text().contains("同一自然人不能再任财务复核"), "{}", refused.text());
    let full = store::account::by_login(app.db.read(), "chengd-2").await.unwrap().unwrap();
    assert!(full.account.disabled_at.is_some());
    let open = store::account_request::open(app.db.read(), 9).await.unwrap();
    assert_eq!(open.len(), 1, "nothing was saved, so it waits");
}

/// Gives the holder of a staff number an account in use; says what the database says.
async fn employed(world: &World, staff_no: &str, login: &str, role: Role) -> Result<(), String> {
    let (app, now) = (&world.app, world.app.clock.now());
    let tx = app.db.begin().await.unwrap();
    let office = if role.is_administrator() { "administration" } else { "finance_office" };
    let organisation_id =
        store::account::ensure_organisation(&tx, &self::office(office), now).await.unwrap();
    let holder_id = store::account::ensure_holder(&tx, staff_no, "钱安", now).await.unwrap();
    let new = store::account::NewAccount {
        login,
        holder_id,
        organisation_id,
        role: role.code(),
        password_hash: "x",
        must_change_password: false,
    };
    store::account::create(&tx, &new, now).await.map_err(|error| error.to_string())?;
    tx.commit().await.map_err(|error| error.to_string())
}

async fn constraint(world: World) {
    let said = |result: Result<(), String>| result.unwrap_err();
    let all = [
        ("P1", Role::Administrator, Role::SecurityAdministrator),
        ("P2", Role::SecurityAdministrator, Role::SecurityAuditor),
        ("P3", Role::SecurityAuditor, Role::Administrator),
        ("P4", Role::FinanceMaker, Role::SecurityAuditor),
        ("P5", Role::SecurityAdministrator, Role::FinanceApprover),
    ];
    for (person, held, wanted) in all {
        let (first, second) = (format!("{person}-a"), format!("{person}-b"));
        employed(&world, person, &first, held).await.unwrap();
        let refused = said(employed(&world, person, &second, wanted).await);
        assert!(refused.contains("account_one_administrator"), "{refused}");
        employed(&world, person, &second, held).await.expect("the same duty twice");
        let tx = world.app.db.begin().await.unwrap();
        let (id, place) = (id(&world.app, &second).await, actor(&world.app, &second).await);
        let duty = store::account::set_duty(&tx, id, wanted.code(), place.organisation_id).await;
        let refused = duty.unwrap_err().to_string();
        assert!(refused.contains("account_one_administrator"), "{refused}");
    }
    // Whoever left one duty may have the other, but not come back to the first.
    employed(&world, "P6", "p6-a", Role::SecurityAdministrator).await.unwrap();
    let (app, now) = (&world.app, world.app.clock.now());
    let first = id(app, "p6-a").await;
    let tx = app.db.begin().await.unwrap();
    store::account::set_disabled(&tx, first, Some(now)).await.unwrap();
    tx.commit().await.unwrap();
    employed(&world, "P6", "p6-b", Role::FinanceMaker).await.unwrap();
    let tx = app.db.begin().await.unwrap();
    let back = store::account::set_disabled(&tx, first, None).await;
    assert!(back.unwrap_err().to_string().contains("account_one_administrator"));
}

async fn oneself(world: World) {
    let [mut system, _, _] = three(&world).await;
    let app = &world.app;
    // The security administrator has a second account of the same duty, and forgot its password.
    let tx = app.db.begin().await.unwrap();
    let person = ("staff-security", "security的持有人");
    let second = ("security-2", Role::SecurityAdministrator.code());
    employ(&tx, &office("administration"), person, second, app.clock.now()).await;
    tx.commit().await.unwrap();
    let at = format!("/accounts/{}", id(app, "security-2").await);
    system.get(&at).await;
    half(&system.post(&format!("{at}/initial-password"), &[]).await);
    let security = actor(app, "security").await;
    let (waiting, _) = account::proposals(app, &security).await.unwrap();
    let request = waiting[0].id;

    let own = account::authorise(app, &security, request).await;

    assert!(matches!(&own, Err(Error::Refused(why)) if why.contains("自己的账号")), "{own:?}");
    let mut visitor = Visitor::signed_in(app, "security").await;
    let page = visitor.get(&format!("/authorisations/{request}")).await;
    assert!(page.form(&format!("/authorisations/{request}/authorisation")).is_none());
    let tx = app.db.begin().await.unwrap();
    let decision = store::account_request::Decision {
        by: security.account_id,
        holder: security.holder_id,
        outcome: "authorised",
        reason: "",
        at: app.clock.now(),
    };
    let direct = store::account_request::decide(&tx, request, &decision).await.unwrap_err();
    assert!(direct.to_string().contains("account_request_two_people"), "{direct}");
    drop(tx);
    make_account(app, "other", Role::SecurityAdministrator, &office("administration")).await;
    account::authorise(app, &actor(app, "other").await, request).await.expect("another may");
    // One's own account is one's own under whatever name.
    let me = actor(app, "system").await;
    let own = account::ask_for_password(app, &me, me.account_id).await;
    assert!(matches!(own, Err(Error::Refused(_))));
}

async fn consoles(world: World) {
    let [mut system, mut security, mut watch] = three(&world).await;
    ask_for(&world, "chengd", "FJ-0017", Role::FinanceMaker).await;
    let id = id(&world.app, "chengd").await;
    let pages = [
        ("/accounts".to_owned(), [true, false, false]),
        ("/accounts/systems".to_owned(), [true, false, false]),
        (format!("/accounts/{id}"), [true, false, false]),
        ("/authorisations".to_owned(), [false, true, false]),
        ("/authorisations/1".to_owned(), [false, true, false]),
        ("/sessions".to_owned(), [false, true, false]),
        ("/audit".to_owned(), [false, true, true]),
        ("/audit/verification".to_owned(), [false, false, true]),
        ("/audit/persons?no=E000001".to_owned(), [false; 3]),
        ("/engineers".to_owned(), [false; 3]),
        ("/batches".to_owned(), [false; 3]),
    ];
    for (path, may) in pages {
        for (visitor, may) in [&mut system, &mut security, &mut watch].into_iter().zip(may) {
            let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(visitor.peek(&path).await.status, expected, "{path}");
        }
    }
    for path in ["/authorisations/1/authorisation", "/authorisations/1/refusal", "/sessions/1/end"]
    {
        for visitor in [&mut system, &mut watch] {
            visitor.get("/").await;
            let seen = visitor.post(path, &[("reason", "不同意这样办")]).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    for path in ["initial-password", "suspension", "reactivation", "duty"] {
        let path = format!("/accounts/{id}/{path}");
        for visitor in [&mut security, &mut watch] {
            visitor.get("/").await;
            assert_eq!(visitor.post(&path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let open = store::account_request::open(world.app.db.read(), 9).await.unwrap();
    assert_eq!(open.len(), 1, "nothing happened");
}

async fn logs(world: World) {
    let [mut system, mut security, mut watch] = three(&world).await;
    let mut clerk = Visitor::with_role(&world.app, "maker", Role::FinanceMaker, "350000").await;
    clerk.get("/accounts").await;
    ask_for(&world, "chengd", "FJ-0017", Role::FinanceMaker).await;
    authorise(&mut security).await;
    watch.get("/accounts").await;
    sign_in(&world.app, "nobody-here", "guess guess guess").await;

    let rows = |seen: Seen| seen.texts("tbody tr").join("\n");
    let of_users = rows(security.get("/audit").await);
    let of_two = rows(watch.get("/audit").await);
    let mut auditor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    let of_all = rows(auditor.get("/audit").await);

    assert!(of_users.contains("maker") && of_users.contains("不存在的账号"), "{of_users}");
    for hidden in ["开设账号", "授权账号", "watch"] {
        assert!(!of_users.contains(hidden), "{hidden}: {of_users}");
    }
    assert!(of_two.contains("开设账号") && of_two.contains("授权账号"), "{of_two}");
    assert!(!of_two.contains("maker") && !of_two.contains("watch"), "{of_two}");
    for said in ["开设账号", "授权账号", "maker", "watch"] {
        assert!(of_all.contains(said), "{said}: {of_all}");
    }
    let asked = rows(watch.get("/audit?who=maker").await);
    assert!(!asked.contains("越权"), "asking by name opens nothing: {asked}");
    assert_eq!(system.get("/audit").await.status, StatusCode::FORBIDDEN);
    let home = system.get("/").await.text();
    assert!(!home.contains("授权账号") && !home.contains("最近动态"), "{home}");
    assert!(watch.get("/audit/verification").await.text().contains("全部记录完整"));
}

async fn older(world: World) {
    let app = &world.app;
    make_account(app, "wu-zhiqiang", Role::Administrator, &office("administration")).await;

    let links = setup::links(app).await.unwrap();

    let roles: Vec<Role> = links.iter().map(|link| link.role).collect();
    assert_eq!(roles, [Role::SecurityAdministrator, Role::SecurityAuditor]);
    let form = setup::Form {
        login: "qian-an",
        name: "钱安",
        person_key: "FJ-0002",
        password: "闽江口的潮水每天都来两次呀",
        again: "闽江口的潮水每天都来两次呀",
    };
    setup::set_up(app, &links[0].token, &form, ("", "")).await.unwrap();
    let twice = setup::set_up(app, &links[0].token, &form, ("", "")).await;
    assert!(matches!(twice, Err(Error::NotFound(_))));
    // The only one forgot the password: whoever runs the machine makes a link for another.
    assert_eq!(setup::links(app).await.unwrap().len(), 1);
    let link = setup::recovery_link(app, Role::SecurityAdministrator).await.unwrap();
    let form = setup::Form { login: "qian-ping", person_key: "FJ-0004", ..form };
    setup::set_up(app, &link.token, &form, ("", "")).await.unwrap();
    assert!(setup::recovery_link(app, Role::FinanceApprover).await.is_err());
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("生成管理员设置链接") && log.contains("设置管理员"), "{log}");
}

async fn sessions(world: World) {
    let [_, mut security, _] = three(&world).await;
    let app = &world.app;
    let mut maker = Visitor::with_role(app, "maker", Role::FinanceMaker, "350000").await;
    let mut officer = Visitor::with_role(app, "officer", Role::HrProvince, "350000").await;
    for _ in 0..5 {
        sign_in(app, "maker", "guess guess guess").await;
    }

    let list = security.get("/sessions?q=maker").await;

    assert_eq!(list.texts("tbody th"), ["maker", "maker"], "a lock and a session");
    let end = list.attributes("form[action$='/end']", "action");
    assert!(end[0].starts_with("/sessions/locks/") && !end[1].contains("locks"), "{end:?}");
    let done = security.post(&end[1], &[]).await;
    assert!(done.text().contains("已强制退出"), "{}", done.text());
    assert_eq!(maker.peek("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.peek("/account").await.status, StatusCode::OK, "others go on");
    let again = security.post(&end[1], &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    assert_eq!(sign_in(app, "maker", PASSWORD).await, "/sign-in", "locked");
    security.get("/sessions").await;
    let done = security.post(&end[0], &[]).await;
    assert!(done.text().contains("已解锁"), "{}", done.text());
    assert_eq!(sign_in(app, "maker", PASSWORD).await, "/");
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("强制退出登录") && log.contains("解锁账号"), "{log}");
}
