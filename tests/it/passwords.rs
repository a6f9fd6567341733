//! How old a password may be, which ones come not again, who is told of a displaced session, and
//! what becomes of accounts that nobody uses.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::password::Profile;
use juncai::service::{Actor, account, password, session};
use juncai::store;

use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::world::World;

on_both! {
    an_old_password_is_changed_before_anything_else_with_one_profile_only => ages;
    the_last_five_passwords_come_not_again => remembered;
    names_of_the_office_make_no_password => names;
    the_owner_of_a_displaced_session_is_told => displaced;
    accounts_that_nobody_uses_are_disabled_and_the_guard_is_told => idle;
}

const FIRST: &str = "Wuyi-shan de cha 1";

/// An officer whose password is [`FIRST`], signed in.
async fn officer(app: &App, login: &str, role: Role) -> Visitor {
    Visitor::with_role(app, login, role, "350000").await;
    let hash = password::hash(FIRST).await.unwrap();
    let tx = app.db.begin().await.unwrap();
    store::account::set_password(&tx, id(app, login).await, &hash, false).await.unwrap();
    tx.commit().await.unwrap();
    Visitor::signed_in(app, login).await
}

async fn id(app: &App, login: &str) -> i64 {
    let found = store::account::by_login(app.db.read(), login).await.unwrap();
    found.expect("an account").account.id
}

async fn change(visitor: &mut Visitor, from: &str, to: &str) -> Seen {
    visitor.get("/password").await;
    let fields = [("current", from), ("password", to), ("password_again", to)];
    visitor.post("/password", &fields).await
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").join("|")
}

async fn ages(mut world: World) {
    world.app.access.passwords = Profile::Dengbao3;
    world.app.access.password_days = 90;
    officer(&world.app, "huangy", Role::HrProvince).await;
    let at = async |world: &mut World, day: &str, profile: Profile| {
        world.set_time(&format!("{day}T09:00:00+08:00"));
        world.app.access.passwords = profile;
        let mut visitor = Visitor::signed_in(&world.app, "huangy").await;
        visitor.get("/engineers").await;
        visitor
    };
    assert_eq!(at(&mut world, "2026-04-04", Profile::Dengbao3).await.at, "/engineers");
    let mut late = at(&mut world, "2026-04-05", Profile::Dengbao3).await;
    assert_eq!(late.at, "/password");
    assert!(late.get("/password").await.text().contains("密码已使用满 90 天"));
    assert_eq!(at(&mut world, "2027-04-05", Profile::Asvs).await.at, "/engineers", "never by ASVS");
    let mut late = at(&mut world, "2026-04-05", Profile::Dengbao3).await;
    let weak = change(&mut late, FIRST, "wuyi-shan de cha er").await;
    assert!(errors(&weak).contains("至少三类"), "{}", weak.text());
    change(&mut late, FIRST, "Wuyi-shan de cha 2").await;
    late.get("/engineers").await;
    assert_eq!(late.at, "/engineers");
    assert_eq!(at(&mut world, "2026-07-03", Profile::Dengbao3).await.at, "/engineers");
    assert_eq!(at(&mut world, "2026-07-04", Profile::Dengbao3).await.at, "/password", "and again");
    world.app.access.password_days = 0;
    assert_eq!(at(&mut world, "2029-07-04", Profile::Dengbao3).await.at, "/engineers", "0 is off");
}

async fn remembered(mut world: World) {
    world.app.access.passwords = Profile::Dengbao3;
    let mut visitor = officer(&world.app, "huangy", Role::HrProvince).await;
    let mut current = FIRST.to_owned();
    for n in 2..=6 {
        let next = format!("Wuyi-shan de cha {n}");
        let done = change(&mut visitor, &current, &next).await;
        assert!(done.text().contains("密码已修改"), "{}", done.text());
        current = next;
    }
    let old = change(&mut visitor, &current, FIRST).await;
    assert!(errors(&old).contains("最近 5 次用过的密码"), "{}", old.text());
    change(&mut visitor, &current, "Wuyi-shan de cha 7").await;
    let back = change(&mut visitor, "Wuyi-shan de cha 7", FIRST).await;
    assert!(back.text().contains("密码已修改"), "five others lie between: {}", back.text());
    world.app.access.passwords = Profile::Asvs;
    let mut free = visitor.at_time_of(&world.app);
    let again = change(&mut free, FIRST, "Wuyi-shan de cha 7").await;
    assert!(again.text().contains("密码已修改"), "{}", again.text());
}

async fn names(world: World) {
    let mut visitor = officer(&world.app, "huangy", Role::HrProvince).await;
    for (new, why) in [
        ("hr_office 350000!Ab", "主要由"),
        ("Rencai@2026#A", "主要由"),
        ("xx-HuangY-9 yy zz", "不能包含账号"),
        ("Password1234", "太常见"),
    ] {
        let seen = change(&mut visitor, FIRST, new).await;
        assert!(errors(&seen).contains(why), "{new}: {}", seen.text());
    }
}

async fn displaced(world: World) {
    let app = &world.app;
    for (login, role, most) in [
        ("maker", Role::FinanceMaker, 1),
        ("system", Role::Administrator, 1),
        ("hr", Role::HrCity, 3),
    ] {
        officer(app, login, role).await;
        let mut visitors = Vec::new();
        for n in 0..=most {
            let mut visitor = Visitor::new(app).sitting_at([192, 0, 2, n]);
            visitor.get("/sign-in").await;
            visitor.post("/sign-in", &[("login", login), ("password", FIRST)]).await;
            visitors.push(visitor);
        }
        let mut inside = 0;
        for visitor in &mut visitors {
            inside += u8::from(visitor.peek("/account").await.status == StatusCode::OK);
        }
        assert_eq!(inside, most, "{login}");
        let told = visitors.last_mut().unwrap().get("/notifications").await.text();
        assert!(told.contains("超过同时登录数已自动退出"), "{login}: {told}");
    }
}

async fn idle(mut world: World) {
    world.app.access.idle_days = 90;
    let app = world.app.clone();
    for (login, role) in [
        ("used", Role::HrProvince),
        ("unused", Role::HrCity),
        ("maker", Role::FinanceMaker),
        ("system", Role::Administrator),
        ("system-two", Role::Administrator),
        ("security", Role::SecurityAdministrator),
    ] {
        Visitor::with_role(&app, login, role, "350000").await;
    }
    let is_disabled = async |app: &App, login: &str| {
        let found = store::account::by_login(app.db.read(), login).await.unwrap();
        found.expect("an account").account.disabled_at.is_some()
    };
    assert_eq!(account::disable_idle(&app).await.unwrap(), 0);
    world.set_time("2026-03-01T09:00:00+08:00");
    Visitor::signed_in(&world.app, "used").await;
    world.set_time("2026-04-05T08:59:59+08:00");
    assert_eq!(account::disable_idle(&world.app).await.unwrap(), 0, "a second before");
    world.set_time("2026-04-05T09:00:01+08:00");
    let app = world.app.clone();

    let done = account::disable_idle(&app).await.unwrap();

    // One of two system administrators goes, the last one and the only guard stay.
    assert_eq!(done, 3);
    assert!(is_disabled(&app, "unused").await && is_disabled(&app, "maker").await);
    assert!(!is_disabled(&app, "used").await && !is_disabled(&app, "security").await);
    assert!(is_disabled(&app, "system").await != is_disabled(&app, "system-two").await);
    assert_eq!(account::disable_idle(&app).await.unwrap(), 0, "once");
    let mut security = Visitor::signed_in(&app, "security").await;
    let told = security.get("/notifications").await.text();
    assert!(told.contains("账号 unused 已 90 天没有登录，系统已自动停用"), "{told}");
    let mut auditor = Visitor::with_role(&app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit?action=account.idle_disabled").await.text();
    assert!(log.contains("自动停用久未登录账号"), "{log}");

    // Enabled again it has its time before it.
    let full = store::account::by_login(app.db.read(), "unused").await.unwrap().unwrap();
    let tx = app.db.begin().await.unwrap();
    store::account::enable(&tx, full.account.id, app.clock.machine_now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(account::disable_idle(&app).await.unwrap(), 0);
    let actor = Actor::new(&full, "127.0.0.1").unwrap();
    assert!(session::own(&app, &actor).await.unwrap().is_empty());
    world.app.access.idle_days = 0;
    world.set_time("2036-04-05T09:00:01+08:00");
    assert_eq!(account::disable_idle(&world.app).await.unwrap(), 0, "0 is off");
}
