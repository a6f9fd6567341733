//! Installations that are made to test with: the date can be set, for a request or a browser. All
//! others pay no heed to it.

use axum::http::{Method, StatusCode};
use juncai::app::App;
use juncai::clock::{self, Clock};
use juncai::domain::authority::Role;
use juncai::service::machine::{self, NewToken, SystemForm};
use juncai::service::{Error, setup};
use juncai::store::installation::{self, Purpose};
use juncai::store::{account, audit};

use crate::api::Office;
use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::world::{World, at};

on_both! {
    a_header_moves_the_day_of_one_request => header;
    a_browser_keeps_its_day_and_its_session => browser;
    elsewhere_header_and_cookie_mean_nothing => elsewhere;
    a_database_is_made_for_tests_once_and_never_changes_sides => sides;
    the_log_holds_when_days_go_back_and_forth => log;
    a_token_lives_by_the_real_time => tokens;
}

async fn test_app(world: &World) -> App {
    setup::environment(world.app.clone(), true).await.unwrap()
}

fn told(seen: &Seen) -> &str {
    seen.headers.get("x-juncai-date").map_or("", |value| value.to_str().unwrap())
}

async fn asked(visitor: &mut Visitor, path: &str, date: &str) -> Seen {
    visitor.send(Method::GET, path, None, &[("x-juncai-date", date)]).await
}

async fn header(world: World) {
    let app = test_app(&world).await;
    let mut guest = Visitor::new(&app);
    let then = asked(&mut guest, "/sign-in", "2037-03-05").await;
    assert!(then.texts(".ribbon")[0].contains("测试环境 · 系统日期 2037-03-05"));
    assert!(told(&then).starts_with("2037-03-0"), "{}", told(&then));
    let instant = asked(&mut guest, "/sign-in", "2037-03-05T23:30:00+08:00").await;
    assert_eq!(told(&instant), "2037-03-05T15:30:00Z");
    let now = guest.peek("/sign-in").await;
    assert!(!now.texts(".ribbon")[0].contains("2037") && !told(&now).starts_with("2037"));
    for bad in ["2037-02-30", "morgen", "1866-01-01", "2037-03-05T25:00:00Z"] {
        let seen = asked(&mut guest, "/sign-in", bad).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(seen.body().contains("X-Juncai-Date"), "{}", seen.body());
    }
    let document = asked(&mut guest, "/api/v1/openapi.json", "2037-03-05T00:00:00Z").await;
    assert_eq!(told(&document), "2037-03-05T00:00:00Z", "the interface as well");
}

async fn browser(world: World) {
    let app = test_app(&world).await;
    let mut visitor = Visitor::with_role(&app, "auditor", Role::Auditor, "350000").await;
    visitor.get("/account").await;
    let set = visitor.get("/test-date?day=2039-05-06").await;
    assert!(set.text().contains("本浏览器的系统日期已设为 2039-05-06"), "{}", set.text());
    for path in ["/", "/audit", "/no/such/page", "/public/notices", "/me/sign-in", "/policies"] {
        let seen = visitor.get(path).await;
        assert!(seen.texts(".ribbon")[0].contains("2039-05-06"), "{path}");
        assert_eq!(seen.attributes("form.ribbon input[name=day]", "value"), ["2039-05-06"]);
    }
    // Fifteen minutes without a request end a session, thirteen years of another date do not.
    assert_eq!(visitor.get("/account").await.status, StatusCode::OK);
    assert!(visitor.get("/account").await.text().contains("2039-05-06 星期五"));
    let mut other = Visitor::new(&app);
    assert!(!other.get("/sign-in").await.texts(".ribbon")[0].contains("2039"), "one's own only");
    let wins = asked(&mut visitor, "/account", "2038-01-02").await;
    assert!(wins.texts(".ribbon")[0].contains("2038-01-02"), "a header goes before the cookie");
    let wrong = visitor.peek("/test-date?day=2039-99-99").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let from = [("sec-fetch-site", "cross-site")];
    let foreign = visitor.send(Method::GET, "/test-date?day=2040-01-01", None, &from).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let back = visitor.get("/test-date?day=2039-05-06&day=").await;
    assert!(!back.texts(".ribbon")[0].contains("2039"), "{}", back.text());
}

async fn elsewhere(world: World) {
    let mut visitor = Visitor::with_role(&world.app, "auditor", Role::Auditor, "350000").await;
    visitor.set_cookie("juncai-date", "2039-05-06");
    let seen = asked(&mut visitor, "/account", "2038-01-02").await;
    assert!(seen.text().contains("2026-01-05 星期一"), "{}", seen.text());
    assert!(seen.texts(".ribbon").is_empty() && told(&seen).is_empty());
    let bad = asked(&mut visitor, "/account", "nonsense").await;
    assert_eq!(bad.status, StatusCode::OK);
    assert_eq!(visitor.peek("/test-date?day=2039-05-06").await.status, StatusCode::NOT_FOUND);
}

fn refusal(outcome: Result<App, Error>) -> String {
    match outcome {
        Err(Error::Refused(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("not refused"),
    }
}

async fn sides(world: World) {
    // A test installation stays one, and is not served as the real one.
    let made = test_app(&world).await;
    assert!(made.clock.is_settable() && !world.app.clock.is_settable());
    assert!(test_app(&world).await.clock.is_settable(), "again");
    let served = refusal(setup::environment(world.app.clone(), false).await);
    assert!(served.contains("测试环境") && served.contains("--test-environment"), "{served}");
    // One with an account and without the mark is real.
    let real = World::new(world.backend()).await;
    assert!(!setup::environment(real.app.clone(), false).await.unwrap().clock.is_settable());
    Visitor::with_role(&real.app, "auditor", Role::Auditor, "350000").await;
    let refused = refusal(setup::environment(real.app.clone(), true).await);
    assert!(refused.contains("不是测试环境"), "{refused}");
    // So is a demonstration.
    let demo = World::new(world.backend()).await;
    let tx = demo.app.db.begin().await.unwrap();
    let purpose = Purpose::Demonstration(chrono::Duration::days(3));
    installation::mark(&tx, purpose, demo.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(refusal(setup::environment(demo.app.clone(), true).await).contains("不是测试环境"));
    for world in [real, demo] {
        world.leave().await;
    }
}

async fn log(world: World) {
    let app = test_app(&world).await;
    for (login, day) in [("first", "2037-03-05"), ("second", "2031-07-01"), ("third", "2044-12-31")]
    {
        let office = account::NewOrganisation {
            code: "audit",
            kind: "audit_office",
            name: "审计厅",
            division: "350000",
            enterprise_id: None,
        };
        crate::browser_like::make_account(&app, login, Role::Auditor, &office).await;
        let mut visitor = Visitor::signed_in(&app, login).await;
        visitor.set_cookie("juncai-date", day);
        // A page that is refused is written into the log, at the day that is set.
        assert_eq!(visitor.get("/accounts").await.status, StatusCode::FORBIDDEN);
    }
    juncai::service::audit::seal(&app).await.unwrap();
    let found = audit::verify(app.db.read()).await.unwrap();
    assert!(found.breaks.is_empty(), "{found:?}");
    assert_eq!((found.chains[0].1, found.seals), (3, 1));
    use sea_orm::{EntityTrait, QueryOrder};
    let events = entity::audit_event::Entity::find()
        .order_by_asc(entity::audit_event::Column::Seq)
        .all(app.db.read())
        .await
        .unwrap();
    let years: Vec<String> = events.iter().map(|event| event.at.format("%Y").to_string()).collect();
    assert_eq!(years, ["2037", "2031", "2044"]);
}

async fn tokens(world: World) {
    let office = Office::new(world).await;
    let mut app = office.world.app.clone();
    app.clock = Clock::Settable;
    let organisation = office.clerk.organisation_id.to_string();
    let form = SystemForm { login: "hr-system", name: "系统", organisation: &organisation };
    let account = machine::make_account(&app, &office.admin, &form).await.unwrap();
    crate::browser_like::authorise_all(&app).await;
    let last = app.clock.machine_today() + chrono::Days::new(30);
    let new = NewToken {
        scopes: vec!["read".to_owned()],
        valid_through: last.to_string(),
        per_minute: "60".to_owned(),
    };
    let half = machine::make_token(&app, &office.admin, account, &new).await.unwrap();
    let secret = half + &crate::browser_like::authorise_all(&app).await.concat();
    let then = at("2096-01-01T09:00:00+08:00");
    let known = clock::at(then, machine::recognise(&app, &secret, "")).await.unwrap();
    assert!(known.is_some(), "long over by the day that is set, not by the real one");
    let mut later = app.clone();
    later.clock = Clock::Fixed(then);
    assert!(machine::recognise(&later, &secret, "").await.unwrap().is_none());
}
