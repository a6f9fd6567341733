//! Signing in and out: who gets a session, how long it lasts, and what ends it.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::service::{password, session};
use juncai::store;

use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::world::World;

const PASSWORD: &str = "武夷山的茶比去年更香了一点";

on_both! {
    the_right_password_opens_a_new_session_and_sign_out_ends_it => opens_and_closes;
    a_wrong_password_and_an_unknown_name_read_the_same => says_nothing;
    five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour => locks;
    one_address_cannot_try_names_for_ever => locks_the_address;
    a_session_ends_unused_and_ends_in_any_case => ends_by_itself;
    a_changed_password_ends_all_other_sessions => changes_the_password;
    those_who_move_money_have_one_session_at_a_time => one_session;
    one_of_ones_own_sessions_can_be_ended => one_of_several;
    a_clock_that_is_set_back_prolongs_neither_session_nor_lock => set_back;
}

/// Gives an account of this role the known password.
async fn account(app: &App, login: &str, role: Role) -> i64 {
    Visitor::with_role(app, login, role, "350000").await;
    let hash = password::hash(PASSWORD).await.expect("a hash");
    let full = store::account::by_login(app.db.read(), login).await.expect("a database");
    let id = full.expect("an account").account.id;
    let tx = app.db.begin().await.expect("a transaction");
    store::account::set_password(&tx, id, &hash, false).await.expect("a password");
    tx.commit().await.expect("committed");
    id
}

async fn sign_in(visitor: &mut Visitor, login: &str, password: &str) -> Seen {
    visitor.get("/sign-in").await;
    visitor.post("/sign-in", &[("login", login), ("password", password)]).await
}

fn errors(seen: &Seen) -> Vec<String> {
    seen.texts("[data-errors] li")
}

async fn is_inside(visitor: &mut Visitor) -> bool {
    visitor.peek("/account").await.status == StatusCode::OK
}

async fn opens_and_closes(world: World) {
    account(&world.app, "huangy", Role::HrProvince).await;
    let mut visitor = Visitor::new(&world.app);
    visitor.set_cookie("juncai", "planted");

    let seen = sign_in(&mut visitor, " HuangY ", PASSWORD).await;

    assert_eq!(visitor.at, "/", "{}", seen.text());
    let token = visitor.cookie("juncai").expect("a session").to_owned();
    assert_eq!(token.len(), 64);
    assert!(is_inside(&mut visitor).await);
    let stored = store::session::by_token_hash(world.app.db.read(), &token).await;
    assert!(stored.expect("a database").is_none(), "the token itself is not in the table");

    visitor.get("/account").await;
    let left = visitor.post("/sign-out", &[]).await;

    assert!(left.text().contains("您已安全退出"), "{}", left.text());
    assert!(!visitor.get("/sign-in").await.text().contains("您已安全退出"), "it is said once");
    visitor.set_cookie("juncai", &token);
    assert!(!is_inside(&mut visitor).await, "the old token opens nothing");
}

async fn says_nothing(world: World) {
    account(&world.app, "huangy", Role::HrProvince).await;
    let mut visitor = Visitor::new(&world.app);

    let wrong = sign_in(&mut visitor, "huangy", "not the password").await;
    let unknown = sign_in(&mut visitor, "nobody-here", "not the password").await;

    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((unknown.status, errors(&unknown)), (wrong.status, errors(&wrong)));
    assert_eq!(errors(&wrong), ["账号或密码不正确，请核对后重新输入。"]);
    assert!(!wrong.body().contains("not the password"), "a password is never shown again");
    assert!(visitor.cookie("juncai").is_none());
}

async fn locks(mut world: World) {
    account(&world.app, "huangy", Role::HrProvince).await;
    let mut thief = Visitor::new(&world.app).sitting_at([192, 0, 2, 1]);
    for _ in 0..5 {
        let seen = sign_in(&mut thief, "huangy", "guess guess guess").await;
        assert_eq!(errors(&seen), ["账号或密码不正确，请核对后重新输入。"]);
    }

    let mut owner = Visitor::new(&world.app).sitting_at([192, 0, 2, 2]);
    let seen = sign_in(&mut owner, "huangy", PASSWORD).await;
    let said = errors(&seen).concat();
    assert!(said.contains("已锁定至 09:15"), "{said}");
    let unknown = sign_in(&mut owner, "nobody-here", "guess guess guess").await;
    assert_eq!(errors(&unknown), ["账号或密码不正确，请核对后重新输入。"], "others are not locked");

    world.set_time("2026-01-05T09:15:00+08:00");
    let mut owner = owner.at_time_of(&world.app);
    sign_in(&mut owner, "huangy", PASSWORD).await;
    assert!(is_inside(&mut owner).await, "the lock ends by itself");

    let mut auditor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit?who=huangy").await.text();
    assert!(
        log.contains("登录被拒") && log.contains("账号锁定") && log.contains("192.0.2.1"),
        "{log}"
    );
}

async fn locks_the_address(world: World) {
    account(&world.app, "huangy", Role::HrProvince).await;
    let key = |n: usize| format!("key-{n}");
    let tx = world.app.db.begin().await.expect("a transaction");
    for n in 0..50 {
        let now = world.app.clock.now();
        store::session::record_attempt(&tx, &key(n), "192.0.2.1", now).await.expect("an attempt");
    }
    tx.commit().await.expect("committed");

    let mut there = Visitor::new(&world.app).sitting_at([192, 0, 2, 1]);
    let mut elsewhere = Visitor::new(&world.app).sitting_at([192, 0, 2, 2]);
    let refused = sign_in(&mut there, "huangy", PASSWORD).await;
    sign_in(&mut elsewhere, "huangy", PASSWORD).await;

    assert!(errors(&refused).concat().contains("该网络地址输错次数过多"), "{}", refused.text());
    assert!(is_inside(&mut elsewhere).await);
}

async fn ends_by_itself(mut world: World) {
    let officer = Visitor::with_role(&world.app, "officer", Role::HrProvince, "350000").await;
    let maker = Visitor::with_role(&world.app, "maker", Role::FinanceMaker, "350000").await;
    let token = officer.cookie("juncai").expect("a session").to_owned();
    let known = session::recognise(&world.app, &token, "").await.expect("a database");
    let id = known.expect("a session").session_id;

    world.set_time("2026-01-05T09:15:00+08:00");
    assert!(!is_inside(&mut maker.at_time_of(&world.app)).await, "money: a quarter of an hour");
    assert!(is_inside(&mut officer.clone().at_time_of(&world.app)).await);
    world.set_time("2026-01-05T18:59:00+08:00");
    assert!(!is_inside(&mut officer.clone().at_time_of(&world.app)).await, "half an hour");
    session::touch(&world.app, id).await.expect("noted");
    assert!(is_inside(&mut officer.clone().at_time_of(&world.app)).await, "in use until now");
    world.set_time("2026-01-05T19:00:00+08:00");
    assert!(!is_inside(&mut officer.clone().at_time_of(&world.app)).await, "ten hours are over");
}

async fn changes_the_password(world: World) {
    account(&world.app, "huangy", Role::HrProvince).await;
    let (mut here, mut there) = (Visitor::new(&world.app), Visitor::new(&world.app));
    sign_in(&mut here, "huangy", PASSWORD).await;
    sign_in(&mut there, "huangy", PASSWORD).await;
    let old = here.cookie("juncai").expect("a session").to_owned();
    let new = "闽江口的潮水每天都来两次呀";

    here.get("/password").await;
    let fields = |current, password, again| {
        [("current", current), ("password", password), ("password_again", again)]
    };
    let short = here.post("/password", &fields(PASSWORD, "short", "shorter")).await;
    assert_eq!(errors(&short).len(), 2, "{}", short.text());
    let wrong = here.post("/password", &fields("guess guess guess", new, new)).await;
    assert_eq!(errors(&wrong), ["当前密码不正确，请重新输入"]);
    assert!(is_inside(&mut there).await, "nothing has changed yet");
    let done = here.post("/password", &fields(PASSWORD, new, new)).await;

    assert!(done.text().contains("密码已修改"), "{}", done.text());
    assert!(is_inside(&mut here).await && !is_inside(&mut there).await);
    assert_ne!(here.cookie("juncai"), Some(old.as_str()), "the session has a new token");
    let refused = sign_in(&mut there, "huangy", PASSWORD).await;
    assert_eq!(errors(&refused).len(), 1);
    sign_in(&mut there, "huangy", new).await;
    assert!(is_inside(&mut there).await);

    here.get("/account").await;
    here.post("/account/sessions/sign-out", &[]).await;
    assert!(is_inside(&mut here).await && !is_inside(&mut there).await, "others can be ended");
}

async fn one_session(world: World) {
    account(&world.app, "maker", Role::FinanceMaker).await;
    let (mut first, mut second) = (Visitor::new(&world.app), Visitor::new(&world.app));

    sign_in(&mut first, "maker", PASSWORD).await;
    sign_in(&mut second, "maker", PASSWORD).await;

    assert!(!is_inside(&mut first).await);
    assert!(is_inside(&mut second).await);
}

async fn one_of_several(world: World) {
    account(&world.app, "huangy", Role::HrProvince).await;
    let (mut here, mut there) = (Visitor::new(&world.app), Visitor::new(&world.app));
    sign_in(&mut there, "huangy", PASSWORD).await;
    sign_in(&mut here, "huangy", PASSWORD).await;
    let mut other = Visitor::with_role(&world.app, "other", Role::HrProvince, "350000").await;

    let list = here.get("/account").await;
    let end = list.attributes("form[action^='/account/sessions/']", "action");
    let end = end.iter().find(|action| action.as_str() != "/account/sessions/sign-out");
    let end = end.expect("the other session").clone();
    other.get("/account").await;
    assert_eq!(other.post(&end, &[]).await.status, StatusCode::NOT_FOUND, "not one of theirs");
    assert!(is_inside(&mut there).await);
    let done = here.post(&end, &[]).await;

    assert!(done.text().contains("已退出该设备"), "{}", done.text());
    assert!(is_inside(&mut here).await && !is_inside(&mut there).await);
    assert_eq!(here.post(&end, &[]).await.status, StatusCode::NOT_FOUND, "it is over");
}

async fn set_back(mut world: World) {
    world.set_time("2026-01-05T09:00:00+08:00");
    account(&world.app, "huangy", Role::HrProvince).await;
    let officer = Visitor::signed_in(&world.app, "huangy").await;
    let token = officer.cookie("juncai").expect("a session").to_owned();
    let known = session::recognise(&world.app, &token, "").await.expect("a database");
    let id = known.expect("a session").session_id;
    let mut thief = Visitor::new(&world.app).sitting_at([192, 0, 2, 1]);
    for _ in 0..5 {
        sign_in(&mut thief, "huangy", "guess guess guess").await;
    }

    world.set_time("2026-01-05T08:59:00+08:00");
    assert!(is_inside(&mut officer.clone().at_time_of(&world.app)).await, "clocks differ a little");
    session::touch(&world.app, id).await.expect("noted");
    let row = store::session::by_id(world.app.db.read(), id).await.expect("a database");
    let seen = row.expect("a session").last_seen_at;
    assert_eq!(seen, crate::world::at("2026-01-05T09:00:00+08:00"), "the latest use only grows");
    let mut owner = Visitor::new(&world.app).sitting_at([192, 0, 2, 2]);
    let locked = sign_in(&mut owner, "huangy", PASSWORD).await;
    assert!(errors(&locked).concat().contains("已锁定至 09:15"), "{}", locked.text());

    world.set_time("2025-01-05T09:00:00+08:00");
    assert!(!is_inside(&mut officer.clone().at_time_of(&world.app)).await, "a year more of it");
    let mut owner = owner.at_time_of(&world.app);
    sign_in(&mut owner, "huangy", PASSWORD).await;
    assert!(is_inside(&mut owner).await, "nobody is locked out for a year");
}
