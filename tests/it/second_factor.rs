//! The second factor: who must have one, what a code opens and how often, and what happens when the
//! device is lost.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;
use juncai::domain::second_factor::{SecondFactorRule, code, step_at};
use juncai::service::session::{self, Attempt, Entry};
use juncai::service::{Actor, Error, account, second_factor};
use juncai::store;
use sea_orm::{ConnectionTrait, Statement};

use crate::browser_like::{Seen, Visitor};
use crate::fixture_payment::Office;
use crate::on_both;
use crate::world::{PASSWORD, World};

on_both! {
    an_officer_enrols_before_anything_else_where_it_is_required => required;
    a_code_is_asked_for_on_a_second_page_and_there_is_no_session_before_it => second_page;
    a_code_is_good_once_also_when_two_use_it_at_a_time => once;
    wrong_codes_lock_like_wrong_passwords_and_a_right_password_in_between_does_not_help => locks;
    a_recovery_code_stands_in_once_and_is_stored_as_a_hash => recovery;
    a_reset_password_leaves_the_second_factor => password_reset;
    two_administrators_take_a_lost_factor_away_and_the_owner_is_told => lost;
    a_factor_is_replaced_with_a_code_of_the_old_one => replaced;
    an_approver_gives_a_fresh_code_and_the_form_goes_on => steps_up;
    whoever_has_no_factor_gives_the_password_instead => by_password;
    the_database_takes_no_step_twice => constraint;
}

/// The bytes of a base32 text.
fn unbase32(text: &str) -> Vec<u8> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base32");
        held = held << 5 | u32::try_from(value).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    out
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").join("|")
}

/// The code that the device shows, so many steps from now.
fn shown(app: &App, secret: &[u8], off: i64) -> String {
    code(secret, step_at(app.clock.machine_now()) + off)
}

/// Enrols the visitor, who is signed in, with the code of the step before this one. Gives the secret
/// and the recovery codes.
async fn enrol(app: &App, visitor: &mut Visitor) -> (Vec<u8>, Vec<String>) {
    let page = visitor.get("/account/second-factor").await;
    let secret = unbase32(&page.texts("p b.code")[0]);
    let done = visitor.post("/account/second-factor", &[("code", &*shown(app, &secret, -1))]).await;
    let codes = done.texts("ul.codes li");
    assert_eq!(codes.len(), 10, "{}", done.text());
    (secret, codes)
}

async fn sign_in(visitor: &mut Visitor, login: &str) -> Seen {
    visitor.get("/sign-in?next=/engineers").await;
    visitor.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await
}

async fn is_inside(visitor: &mut Visitor) -> bool {
    visitor.peek("/account").await.status == StatusCode::OK
}

async fn id(app: &App, login: &str) -> i64 {
    let found = store::account::by_login(app.db.read(), login).await.unwrap();
    found.expect("an account").account.id
}

async fn told(app: &App, login: &str) -> String {
    let mut visitor = Visitor::signed_in(app, login).await;
    visitor.get("/notifications").await.text()
}

async fn texts(app: &App, sql: &str) -> Vec<String> {
    let conn = app.db.read();
    let statement = Statement::from_string(conn.get_database_backend(), sql.to_owned());
    let rows = conn.query_all_raw(statement).await.unwrap();
    rows.into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Makes the installation require a second factor.
fn require(world: &mut World) {
    world.app.access.second_factor = SecondFactorRule::Required;
}

async fn required(mut world: World) {
    require(&mut world);
    let app = world.app.clone();
    let mut officer = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;

    let page = officer.get("/engineers").await;
    assert_eq!(officer.at, "/account/second-factor", "{}", page.text());
    assert!(page.text().contains("您的岗位须启用两步验证"), "{}", page.text());
    assert_eq!(page.texts("svg.qr").len(), 1);
    let elsewhere = officer.peek("/batches").await;
    assert_eq!(elsewhere.location(), Some("/account/second-factor"));
    let wrong = officer.post("/account/second-factor", &[("code", "000000")]).await;
    assert!(errors(&wrong).contains("验证码不正确"), "{}", wrong.text());
    assert_eq!(wrong.texts("p b.code"), page.texts("p b.code"), "the same secret again");
    enrol(&app, &mut officer).await;
    officer.get("/engineers").await;
    assert_eq!(officer.at, "/engineers");

    for role in Role::ALL.iter().filter(|role| !role.is_system()) {
        let mut other = crate::app::visitor(&world, *role).await;
        other.get("/notifications").await;
        let must = other.at == "/account/second-factor";
        assert_eq!(must, !role.is_of_enterprise(), "{role:?} lands at {}", other.at);
    }
    world.app.access.second_factor = SecondFactorRule::Offered;
    let mut free = Visitor::with_role(&world.app, "free", Role::Auditor, "350000").await;
    free.get("/audit").await;
    assert_eq!(free.at, "/audit", "offered: nobody has to");
}

async fn second_page(mut world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let (secret, _) = enrol(&app, &mut owner).await;
    let stored = texts(&app, "SELECT action FROM audit_event ORDER BY id DESC LIMIT 1").await;
    assert_eq!(stored, ["second_factor.enrolled"]);

    let mut visitor = Visitor::new(&app);
    let page = sign_in(&mut visitor, "huangy").await;
    assert!(visitor.at.starts_with("/sign-in/code"), "{}", page.text());
    assert!(visitor.cookie("juncai").is_none(), "no session before the code");
    assert!(!is_inside(&mut visitor).await);
    let wrong = visitor.post("/sign-in/code", &[("code", "000000")]).await;
    assert!(errors(&wrong).contains("验证码不正确"), "{}", wrong.text());
    assert!(visitor.cookie("juncai").is_none());
    visitor.post("/sign-in/code", &[("code", &*shown(&app, &secret, 0))]).await;
    assert_eq!(visitor.at, "/engineers", "on to where it should lead");
    assert!(is_inside(&mut visitor).await);

    // An unknown name, and a known one with and without a factor, read the same until the password is
    // right.
    Visitor::with_role(&app, "plain", Role::HrProvince, "350000").await;
    let mut said = Vec::new();
    for login in ["huangy", "plain", "nobody-here"] {
        let mut thief = Visitor::new(&app);
        thief.get("/sign-in").await;
        let seen = thief.post("/sign-in", &[("login", login), ("password", "guess guess")]).await;
        said.push((seen.status, errors(&seen), thief.cookie("juncai-code").is_some()));
    }
    assert!(said.iter().all(|one| *one == said[0]) && !said[0].2, "{said:?}");

    // The note of the right password is nothing after five minutes, and nothing when it is bent.
    let mut late = Visitor::new(&app);
    sign_in(&mut late, "huangy").await;
    world.set_time("2026-01-05T09:05:00+08:00");
    let mut late = late.at_time_of(&world.app);
    let next = shown(&world.app, &secret, 0);
    late.post("/sign-in/code", &[("code", &*next)]).await;
    assert_eq!(late.at, "/sign-in");
    late.set_cookie("juncai-code", &"00".repeat(60));
    late.get("/sign-in/code").await;
    assert_eq!(late.at, "/sign-in");
}

async fn right_password(app: &App, login: &str) -> String {
    let attempt = Attempt { login, password: PASSWORD, address: "192.0.2.1", user_agent: "test" };
    match session::sign_in(app, &attempt).await.unwrap() {
        Entry::CodeNeeded(note) => note,
        Entry::Opened(_) => panic!("{login} has a second factor"),
    }
}

async fn once(world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let (secret, _) = enrol(&app, &mut owner).await;

    // The code that enrolled it is used up.
    let note = right_password(&app, "huangy").await;
    let at = ("192.0.2.1", "test");
    let used = second_factor::finish(&app, &note, &shown(&app, &secret, -1), at).await;
    assert!(matches!(used, Err(Error::Refused(_))), "{used:?}");

    let notes = [right_password(&app, "huangy").await, right_password(&app, "huangy").await];
    let fresh = shown(&app, &secret, 0);
    let (one, other) = tokio::join!(
        second_factor::finish(&app, &notes[0], &fresh, at),
        second_factor::finish(&app, &notes[1], &fresh, at),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
    let again = second_factor::finish(&app, &notes[0], &fresh, at).await;
    assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");
    let earlier = second_factor::finish(&app, &notes[0], &shown(&app, &secret, -1), at).await;
    assert!(earlier.is_err(), "an earlier one neither");
    let next = second_factor::finish(&app, &notes[0], &shown(&app, &secret, 1), at).await;
    assert!(next.is_ok(), "{next:?}");
}

async fn locks(mut world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let (secret, _) = enrol(&app, &mut owner).await;
    let at = ("192.0.2.1", "test");
    for n in 0..5 {
        let note = right_password(&app, "huangy").await;
        let wrong = second_factor::finish(&app, &note, "000000", at).await;
        let text = wrong.unwrap_err().to_string();
        assert!(text.contains("验证码不正确"), "{n}: {text}");
    }
    let attempt =
        Attempt { login: "huangy", password: PASSWORD, address: "192.0.2.2", user_agent: "" };
    let locked = session::sign_in(&app, &attempt).await.unwrap_err().to_string();
    assert!(locked.contains("已锁定至 09:15"), "{locked}");
    world.set_time("2026-01-05T09:15:00+08:00");
    let note = right_password(&world.app, "huangy").await;
    let right = shown(&world.app, &secret, 0);
    second_factor::finish(&world.app, &note, &right, at).await.expect("the lock ends");
}

async fn recovery(world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let (secret, codes) = enrol(&app, &mut owner).await;
    let kept = texts(&app, "SELECT code_hash FROM recovery_code").await;
    let plain = codes[0].replace('-', "");
    assert!(kept.len() == 10 && kept.iter().all(|hash| !hash.contains(&plain)));
    let sealed = store::second_factor::in_use(app.db.read(), id(&app, "huangy").await).await;
    let cipher = sealed.unwrap().expect("a factor").secret_cipher;
    assert!(!cipher.windows(secret.len()).any(|part| part == secret), "the secret is sealed");
    let gone = owner.get("/account/second-factor/codes").await;
    assert!(!gone.body().contains(&codes[0]), "shown once");

    let at = ("192.0.2.1", "test");
    let typed = codes[0].to_lowercase().replace('-', " ");
    let notes = [right_password(&app, "huangy").await, right_password(&app, "huangy").await];
    let (one, other) = tokio::join!(
        second_factor::finish(&app, &notes[0], &typed, at),
        second_factor::finish(&app, &notes[1], &typed, at),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
    assert!(told(&app, "huangy").await.contains("恢复码还剩 9 个"));
    let status = owner.get("/account/second-factor").await.text();
    assert!(status.contains("9 个"), "{status}");

    // Fresh ones end those that were left.
    owner.get("/account/second-factor").await;
    let fresh = owner.post("/account/second-factor/codes", &[]).await.texts("ul.codes li");
    assert!(fresh.len() == 10 && !fresh.contains(&codes[1]));
    let note = right_password(&app, "huangy").await;
    assert!(second_factor::finish(&app, &note, &codes[1], at).await.is_err());
    assert!(second_factor::finish(&app, &note, &fresh[1], at).await.is_ok());
}

async fn password_reset(world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    enrol(&app, &mut owner).await;
    let mut system = Visitor::with_role(&app, "system", Role::Administrator, "350000").await;
    let page = format!("/accounts/{}", id(&app, "huangy").await);
    system.get(&page).await;
    let asked = system.post(&format!("{page}/initial-password"), &[]).await;
    let first = asked.texts("p.note code").concat();
    let second = crate::browser_like::authorise_all(&app).await.concat();

    let mut visitor = Visitor::new(&app);
    visitor.get("/sign-in").await;
    let password = format!("{first}{second}");
    visitor.post("/sign-in", &[("login", "huangy"), ("password", &*password)]).await;
    assert_eq!(visitor.at, "/sign-in/code", "the new password alone opens nothing");
}

async fn lost(world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let mut system = Visitor::with_role(&app, "system", Role::Administrator, "350000").await;
    let mut security =
        Visitor::with_role(&app, "security", Role::SecurityAdministrator, "350000").await;
    let page = format!("/accounts/{}", id(&app, "huangy").await);
    assert!(!system.get(&page).await.body().contains("second-factor-reset"), "nothing to reset");
    let none = system.post(&format!("{page}/second-factor-reset"), &[]).await;
    assert!(none.text().contains("没有启用两步验证"), "{}", none.text());
    enrol(&app, &mut owner).await;

    let before = system.get(&page).await;
    assert!(before.texts("dd .tag").contains(&"已启用".to_owned()), "{}", before.text());
    let asked = system.post(&format!("{page}/second-factor-reset"), &[]).await;
    assert!(asked.text().contains("安全管理员授权后生效"), "{}", asked.text());
    assert!(is_inside(&mut owner).await, "nothing has happened yet");
    right_password(&app, "huangy").await;
    let list = security.get("/authorisations").await;
    let request = list.attributes("tbody th a", "href")[0].clone();
    assert!(list.text().contains("重置两步验证"), "{}", list.text());
    security.get(&request).await;
    let done = security.post(&format!("{request}/authorisation"), &[]).await;
    assert!(done.text().contains("已授权"), "{}", done.text());

    assert!(!is_inside(&mut owner).await, "its sessions end");
    let told = told(&app, "huangy").await;
    assert!(told.contains("申请重置您的两步验证") && told.contains("您的两步验证已重置"), "{told}");
    let acts = "SELECT action FROM audit_event WHERE action LIKE 'account.factor%' ORDER BY id";
    let acts = texts(&app, acts).await;
    assert_eq!(acts, ["account.factor_reset_asked", "account.factor_reset"]);
    let mut visitor = Visitor::new(&app);
    sign_in(&mut visitor, "huangy").await;
    assert_eq!(visitor.at, "/engineers", "the password alone, as before");
}

async fn replaced(mut world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let (old, old_codes) = enrol(&app, &mut owner).await;
    world.set_time("2026-01-05T09:06:00+08:00");
    let app = world.app.clone();
    let mut owner = owner.at_time_of(&app);

    let page = owner.get("/account/second-factor/replacement").await;
    let new = unbase32(&page.texts("p b.code")[0]);
    let fresh = shown(&app, &new, -1);
    let asked = owner.post("/account/second-factor", &[("code", &*fresh)]).await;
    assert!(asked.text().contains("确认是您本人"), "{}", asked.text());
    let proof = shown(&app, &old, 0);
    let done = owner.post("/account/second-factor", &[("step_up_code", &*proof)]).await;
    assert_eq!(done.texts("ul.codes li").len(), 10, "{}", done.text());

    let at = ("192.0.2.1", "test");
    let note = right_password(&app, "huangy").await;
    assert!(second_factor::finish(&app, &note, &shown(&app, &old, 1), at).await.is_err());
    assert!(second_factor::finish(&app, &note, &old_codes[0], at).await.is_err());
    assert!(second_factor::finish(&app, &note, &shown(&app, &new, 0), at).await.is_ok());
    assert!(told(&app, "huangy").await.contains("两步验证已更换"));
}

async fn steps_up(world: World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    office.check(&batch_no).await.unwrap();
    let app = office.world.app.clone();
    let mut approver = Visitor::signed_in(&app, "approver").await;
    let (secret, _) = enrol(&app, &mut approver).await;
    office.world.set_time("2027-03-01T09:05:00+08:00");
    let app = office.world.app.clone();
    let mut approver = approver.at_time_of(&app);
    let act = format!("/batches/{batch_no}/approve");

    let page = approver.get(&format!("/batches/{batch_no}")).await;
    let form = page.form(&act).expect("a form");
    assert!(form.iter().all(|(name, _)| name != "password"), "a code in its place: {form:?}");
    let before = approver.cookie("juncai").expect("a session").to_owned();
    let asked = approver.post(&act, &[("total", "200000.00")]).await;
    assert!(asked.text().contains("确认是您本人"), "{}", asked.text());
    let carried = asked.form(&act).expect("the form goes on");
    assert!(carried.contains(&("total".to_owned(), "200000.00".to_owned())), "{carried:?}");
    assert_eq!(texts(&app, "SELECT state FROM batch").await, ["checked"]);
    let wrong = approver.post(&act, &[("step_up_code", "000000")]).await;
    assert!(errors(&wrong).contains("验证码不正确"), "{}", wrong.text());
    assert_eq!(texts(&app, "SELECT state FROM batch").await, ["checked"]);
    let done = approver.post(&act, &[("step_up_code", &*shown(&app, &secret, 0))]).await;
    assert!(done.text().contains("已审批并签名"), "{}", done.text());
    assert_eq!(texts(&app, "SELECT state FROM batch").await, ["approved"]);

    // The session has a new token, and the old one opens nothing.
    let after = approver.cookie("juncai").expect("a session").to_owned();
    assert_ne!(before, after);
    assert!(is_inside(&mut approver).await);
    let mut thief = Visitor::new(&app);
    thief.set_cookie("juncai", &before);
    assert!(!is_inside(&mut thief).await);
    let stepped = "SELECT action FROM audit_event WHERE action = 'session.stepped_up'";
    assert_eq!(texts(&app, stepped).await.len(), 1);

    // The service asks as well, whatever page was used: an actor without a fresh code is refused.
    let full = store::account::by_login(app.db.read(), "approver").await.unwrap().unwrap();
    let bare = Actor::new(&full, "127.0.0.1").unwrap();
    let approval = crate::fixture_payment::approval("200000.00");
    let refused =
        juncai::service::payment::approve(&app, &bare, &batch_no, 1, approval).await.unwrap_err();
    assert!(refused.to_string().contains("确认是您本人"), "{refused}");
}

async fn by_password(mut world: World) {
    let app = world.app.clone();
    Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    let system = Visitor::with_role(&app, "system", Role::Administrator, "350000").await;
    let security =
        Visitor::with_role(&app, "security", Role::SecurityAdministrator, "350000").await;
    let huangy = id(&app, "huangy").await;
    account::disable(&app, &actor(&app, "system").await, huangy).await.unwrap();
    world.set_time("2026-01-05T09:05:00+08:00");
    let app = world.app.clone();
    let (mut system, mut security) = (system.at_time_of(&app), security.at_time_of(&app));

    let page = format!("/accounts/{huangy}");
    let act = format!("{page}/reactivation");
    system.get(&page).await;
    let asked = system.post(&act, &[]).await;
    assert!(asked.text().contains("登录密码"), "{}", asked.text());
    let wrong = system.post(&act, &[("step_up_password", "guess guess")]).await;
    assert!(errors(&wrong).contains("登录密码不正确"), "{}", wrong.text());
    assert!(!wrong.body().contains("guess guess"), "never shown again");
    let done = system.post(&act, &[("step_up_password", PASSWORD)]).await;
    assert!(done.text().contains("已申请启用"), "{}", done.text());

    let request = security.get("/authorisations").await.attributes("tbody th a", "href")[0].clone();
    security.get(&request).await;
    let act = format!("{request}/authorisation");
    let asked = security.post(&act, &[]).await;
    assert!(asked.text().contains("确认是您本人"), "{}", asked.text());
    let done = security.post(&act, &[("step_up_password", PASSWORD)]).await;
    assert!(done.text().contains("已授权"), "{}", done.text());
}

async fn actor(app: &App, login: &str) -> Actor {
    let found = store::account::by_login(app.db.read(), login).await.unwrap();
    Actor::new(&found.expect("an account"), "127.0.0.1").unwrap()
}

async fn constraint(world: World) {
    let app = world.app.clone();
    let mut owner = Visitor::with_role(&app, "huangy", Role::HrProvince, "350000").await;
    enrol(&app, &mut owner).await;
    for (sql, named) in [
        ("UPDATE second_factor SET last_step = last_step", "second_factor_code_used"),
        ("UPDATE second_factor SET last_step = last_step - 1", "second_factor_code_used"),
        ("UPDATE second_factor SET enrolled_at = NULL", "second_factor_is_append_only"),
        ("DELETE FROM second_factor", "second_factor_is_append_only"),
        ("DELETE FROM recovery_code", "recovery_code_is_append_only"),
        ("DELETE FROM earlier_password", ""),
    ] {
        let done = app.db.read().execute_unprepared(sql).await;
        match named {
            "" => assert!(done.is_ok(), "{sql}: an empty table refuses nothing"),
            named => {
                let text = done.expect_err(sql).to_string();
                assert!(text.contains(named), "{sql}: {text}");
            }
        }
    }
}
