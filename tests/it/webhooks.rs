//! Programs are told of what happened: against a small receiver on loopback.

mod receiver;

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use juncai::courier::Courier;
use juncai::domain::authority::{Role, Scope};
use juncai::domain::period::Period;
use juncai::domain::registry::{RosterEntry, RosterStatus, TalentClass};
use juncai::domain::webhook::DeliveryState;
use juncai::file::form::ImportKind;
use juncai::service::machine::{self, SystemForm};
use juncai::service::webhook::{self, Delivered, NewEndpoint, SystemEndpoints};
use juncai::service::{Actor, Error, notification};
use juncai::store::account::NewOrganisation;
use juncai::store::webhook::persons_in_scope;
use serde_json::Value;

use self::receiver::{Receiver, is_signed};
use crate::browser_like::{Visitor, authorise_all, make_account};
use crate::fixture_payment::Office as PayOffice;
use crate::imports::ground::{self, engineer, two_enterprises};
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::{Town, actor, day};
use crate::world::World;

on_both! {
    a_file_that_moves_is_told_to_those_who_may_see_it_and_names_nobody => scoped;
    the_way_of_a_recognition_is_told_step_by_step => journey;
    what_is_not_taken_is_tried_again_given_up_and_sent_again => retries;
    two_programs_at_one_database_send_each_event_once => two_senders;
    addresses_of_our_own_network_are_refused_unless_allowed => private;
    handed_in_rows_and_money_are_told_within_the_scope => filings_and_money;
    money_that_goes_into_a_batch_is_told_without_the_sum => money;
    the_administrator_handles_endpoints_and_nobody_else => pages;
}

const ALL: [&str; 5] = [
    "case.changed",
    "certificate.changed",
    "notice.published",
    "payment.changed",
    "filing.decided",
];
const NONE: Delivered = Delivered { delivered: 0, put_off: 0, given_up: 0 };

async fn admin(world: &World) -> Actor {
    let office = NewOrganisation {
        code: "ADMIN",
        kind: "administration",
        name: "福建省数据管理中心",
        division: "350000",
        enterprise_id: None,
    };
    make_account(&world.app, "admin", Role::Administrator, &office).await;
    ground::actor(world, "admin").await
}

/// A system account of the organisation of `of`.
async fn system(world: &World, admin: &Actor, login: &str, of: &Actor) -> i64 {
    let organisation = of.organisation_id.to_string();
    let form = SystemForm { login, name: "人力资源系统", organisation: &organisation };
    let account = machine::make_account(&world.app, admin, &form).await.unwrap();
    authorise_all(&world.app).await;
    account
}

/// An endpoint at a receiver; gives its secret.
async fn listen(world: &World, admin: &Actor, account: i64, to: &Receiver) -> String {
    let kinds = ALL.iter().map(|kind| (*kind).to_owned()).collect();
    let new = NewEndpoint { url: to.url.clone(), kinds };
    webhook::make(&world.app, admin, account, &new).await.unwrap().to_string()
}

async fn shown(world: &World, admin: &Actor, account: i64) -> SystemEndpoints {
    webhook::endpoints(&world.app, admin, account).await.unwrap()
}

/// Offices with an enterprise whose system account listens.
async fn listening(mut world: World) -> (Offices, Actor, i64, Receiver, String) {
    world.app.courier = Courier::new(true);
    let mut offices = offices(world).await;
    offices.town.world.app.public_address = "https://rc.test".to_owned();
    let admin = admin(&offices.town.world).await;
    let account = system(&offices.town.world, &admin, "hr-system", &offices.clerk).await;
    let receiver = Receiver::start().await;
    let secret = listen(&offices.town.world, &admin, account, &receiver).await;
    (offices, admin, account, receiver, secret)
}

async fn scoped(world: World) {
    let (offices, admin, _, own, secret) = listening(world).await;
    let world = &offices.town.world;
    let (foreign, county, far) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let other = actor(world, "other", "enterprise_clerk", "350203", Some(2)).await;
    let xiamen = actor(world, "siming", "hr_county", "350203", None).await;
    for (login, of, to) in [
        ("other-system", &other, &foreign),
        ("county-system", &offices.county, &county),
        ("far-system", &xiamen, &far),
    ] {
        let account = system(world, &admin, login, of).await;
        listen(world, &admin, account, to).await;
    }
    let no = offices.open(1, TalentClass::C).await;
    assert_eq!(webhook::send_due(&world.app).await.unwrap(), NONE, "a draft is nobody's affair");

    offices.act(&offices.clerk, &no, "submit").await.unwrap();
    let sent = webhook::send_due(&world.app).await.unwrap();

    assert_eq!(sent, Delivered { delivered: 2, ..NONE });
    let told = own.taken().await;
    assert_eq!((told.len(), county.taken().await.len()), (1, 1));
    assert!(foreign.taken().await.is_empty() && far.taken().await.is_empty());
    let event: Value = serde_json::from_str(&told[0].body).unwrap();
    assert_eq!(event["id"], told[0].headers["webhook-id"]);
    assert_eq!(event["type"], "case.changed");
    assert_eq!(event["occurred_at"], "2026-06-01T01:00:00Z");
    assert_eq!((&event["object"], &event["number"]), (&"case".into(), &no.as_str().into()));
    assert_eq!(event["state"], "ent_review");
    assert_eq!(event["url"], format!("https://rc.test/api/v1/cases/{no}"));
    assert_eq!(event.as_object().unwrap().len(), 7, "nothing else: {event}");
    assert!(is_signed(&told[0], &secret));
    assert!(!is_signed(&county.taken().await[0], &secret), "each endpoint has its own secret");
    let bent = receiver::Taken { body: told[0].body.replace("ent_review", "x"), ..told[0].clone() };
    assert!(!is_signed(&bent, &secret));
    assert_eq!(webhook::send_due(&world.app).await.unwrap(), NONE, "once");
    let stored = offices.town.texts("SELECT body FROM webhook_delivery").await.concat();
    assert!(!stored.contains("工程师1") && !stored.contains("企业1"), "{stored}");
}

async fn journey(world: World) {
    let (mut offices, _, _, own, _) = listening(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&no).await;
    let notice = offices.publish(&[&no]).await;
    offices.town.at("2026-06-17T09:00:00+08:00");
    offices.act(&offices.approver, &no, "recognise").await.unwrap();
    webhook::send_due(&offices.town.world.app).await.unwrap();
    let events: Vec<Value> =
        own.taken().await.iter().map(|told| serde_json::from_str(&told.body).unwrap()).collect();
    let said = |event: &Value| {
        let text = |field: &str| event[field].as_str().unwrap().to_owned();
        format!("{} {}", text("type"), text("state"))
    };
    let way: Vec<String> = events.iter().map(said).collect();
    assert_eq!(
        way,
        [
            "case.changed ent_review",
            "case.changed ent_notice",
            "case.changed filed",
            "case.changed county_check",
            "case.changed city_check",
            "case.changed city_check",
            "case.changed prov_check",
            "case.changed public_notice",
            "notice.published published",
            "certificate.changed issued",
            "case.changed recognised",
        ]
    );
    assert_eq!(events[8]["number"], notice.as_str());
    let certificate = offices.certificate(1).await;
    assert_eq!(events[9]["number"], certificate[0].certificate_no.as_str());
    assert_eq!(events[9]["url"], "https://rc.test/api/v1/engineers/E000001");
}

async fn retries(world: World) {
    let (mut offices, admin, account, own, _) = listening(world).await;
    own.status.store(500, Ordering::SeqCst);
    let no = offices.open(1, TalentClass::C).await;
    offices.act(&offices.clerk, &no, "submit").await.unwrap();
    let (later, now) = (Delivered { put_off: 1, ..NONE }, "2026-06-01T09:00");
    assert_eq!(webhook::send_due(&offices.town.world.app).await.unwrap(), later);
    assert_eq!(webhook::send_due(&offices.town.world.app).await.unwrap(), NONE, "not yet: {now}");
    // After 1, 5, 30, 120, 300 and 600 minutes; a redirect is no answer either.
    for (time, status) in [
        ("06-01T09:01", 500),
        ("06-01T09:06", 302),
        ("06-01T09:36", 404),
        ("06-01T11:36", 500),
        ("06-01T16:36", 500),
        ("06-02T02:36", 500),
    ] {
        own.status.store(status, Ordering::SeqCst);
        offices.town.at(&format!("2026-{time}:00+08:00"));
        let sent = webhook::send_due(&offices.town.world.app).await.unwrap();
        assert_eq!(sent, later, "{time}");
    }
    let world = &offices.town.world;
    let line = shown(world, &admin, account).await.endpoints[0].deliveries[0].clone();
    assert_eq!((line.attempts, line.response_code), (7, Some(500)));
    assert_eq!(line.due_at.unwrap().to_rfc3339(), "2026-06-02T12:36:00+00:00");

    offices.town.at("2026-06-02T20:36:00+08:00");
    let over = webhook::send_due(&offices.town.world.app).await.unwrap();

    assert_eq!(over, Delivered { given_up: 1, ..NONE });
    let world = &offices.town.world;
    let endpoint = shown(world, &admin, account).await.endpoints.remove(0);
    assert_eq!(endpoint.deliveries[0].state, DeliveryState::GivenUp);
    assert!(!endpoint.is_enabled, "off after a day and a half of failures");
    let (_, told) = notification::messages(&world.app, &admin, true, 0).await.unwrap();
    assert!(told[0].told.title.contains("WH000001（系统账号 hr-system）"), "{told:?}");
    assert!(told[0].told.title.contains("已自动停用"), "{told:?}");
    // While it is off nothing is written; on again, the administrator sends once more.
    offices.act(&offices.head, &no, "decide").await.unwrap();
    let which = (account, "WH000001");
    let message = endpoint.deliveries[0].message_id.clone();
    let off = webhook::send_again(&world.app, &admin, which, &message).await.unwrap_err();
    assert!(off.to_string().contains("请先启用"), "{off}");
    webhook::set_enabled(&world.app, &admin, which, true).await.unwrap();
    own.status.store(204, Ordering::SeqCst);
    webhook::send_again(&world.app, &admin, which, &message).await.unwrap();
    let sent = webhook::send_due(&world.app).await.unwrap();
    assert_eq!(sent, Delivered { delivered: 1, ..NONE });
    let taken = own.taken().await;
    assert_eq!(taken.len(), 9, "eight attempts and one more");
    assert!(taken.iter().all(|told| told.headers["webhook-id"] == message), "one number");
    let second = |at: usize| taken[at].headers["webhook-timestamp"].parse::<i64>().unwrap();
    assert_eq!(second(1) - second(0), 60);
}

async fn two_senders(world: World) {
    let (offices, admin, account, own, _) = listening(world).await;
    let app = &offices.town.world.app;
    for _ in 0..12 {
        webhook::test(app, &admin, (account, "WH000001")).await.unwrap();
    }
    let other = app.clone();
    let (one, two) = tokio::join!(webhook::send_due(app), webhook::send_due(&other));
    let (one, two) = (one.unwrap(), two.unwrap());
    let rest = webhook::send_due(app).await.unwrap();
    assert_eq!(one.delivered + two.delivered + rest.delivered, 12);
    let mut numbers: Vec<String> =
        own.taken().await.iter().map(|told| told.headers["webhook-id"].clone()).collect();
    assert_eq!(numbers.len(), 12);
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 12, "none came twice");
}

async fn private(world: World) {
    let (mut offices, admin, account, own, _) = listening(world).await;
    offices.town.world.app.courier = Courier::default();
    let world = &offices.town.world;
    for url in [own.url.as_str(), "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/"] {
        let new = NewEndpoint { url: url.to_owned(), kinds: vec!["case.changed".to_owned()] };
        let refused = webhook::make(&world.app, &admin, account, &new).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(wrong) if wrong[0].0 == "url"), "{refused:?}");
    }
    // One that was allowed before is not any more.
    webhook::test(&world.app, &admin, (account, "WH000001")).await.unwrap();
    let sent = webhook::send_due(&world.app).await.unwrap();
    assert_eq!(sent, Delivered { put_off: 1, ..NONE });
    let endpoints = shown(world, &admin, account).await.endpoints;
    assert_eq!(endpoints[0].deliveries[0].fault, "地址指向内部网络，已拒绝");
    assert!(own.taken().await.is_empty(), "not even a connection");
}

async fn filings_and_money(mut world: World) {
    world.app.courier = Courier::new(true);
    world.set_time("2026-02-05T09:00:00+08:00");
    let (hr, clerk, other) = two_enterprises(&world).await;
    let admin = admin(&world).await;
    let (own, foreign, office) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    for (login, of, to) in [
        ("own-system", &clerk, &own),
        ("other-system", &other, &foreign),
        ("hr-system", &hr, &office),
    ] {
        let account = system(&world, &admin, login, of).await;
        listen(&world, &admin, account, to).await;
    }
    let row = engineer("张三", crate::api::ID, "2023-06-27", "2026-01-05");
    ground::import(&world, &clerk, ImportKind::Engineers, &[&row]).await.unwrap();
    webhook::send_due(&world.app).await.unwrap();
    let filings = |told: &[receiver::Taken]| {
        let events = told.iter().map(|told| serde_json::from_str::<Value>(&told.body).unwrap());
        let of_imports = events.filter(|event| event["type"] == "filing.decided");
        of_imports.map(|event| event["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(filings(&own.taken().await), ["confirmed"]);
    assert_eq!(filings(&office.taken().await), ["confirmed"]);
    assert!(foreign.taken().await.is_empty(), "another enterprise hears nothing");

    // Money: whoever worked there in the year, and nobody else's.
    let town = Town::new(World::new(world.backend()).await).await;
    for (person, enterprise, from, through) in [
        (1, 1, "2026-01-01", None),
        (2, 2, "2026-01-01", None),
        (3, 1, "2025-01-01", Some("2025-12-31")),
    ] {
        town.person(person).await;
        let status = RosterStatus::Confirmed;
        town.state(person, from, through, RosterEntry { enterprise_id: enterprise, status }).await;
    }
    let year = Period::new(day("2026-01-01"), Some(day("2026-12-31"))).unwrap();
    let read = town.world.app.db.read();
    let seen = async |scope| persons_in_scope(read, &scope, &[1, 2, 3], &year).await.unwrap();
    assert_eq!(seen(Scope::Enterprise(1)).await, ["E000001"]);
    assert_eq!(seen(Scope::Enterprise(2)).await, ["E000002"]);
    assert_eq!(seen(Scope::City("350200".to_owned())).await, ["E000002"]);
    assert!(seen(Scope::Nothing).await.is_empty());
    town.world.leave().await;
}

async fn money(world: World) {
    let mut office = PayOffice::new(world).await;
    office.world.app.courier = Courier::new(true);
    let admin = admin(&office.world).await;
    let account = system(&office.world, &admin, "hr-system", &office.hr).await;
    let receiver = Receiver::start().await;
    listen(&office.world, &admin, account, &receiver).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(60_000_000).await;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    assert_eq!(webhook::send_due(&office.world.app).await.unwrap().delivered, 2);
    let told = receiver.taken().await;
    let event: Value = serde_json::from_str(&told[0].body).unwrap();
    assert_eq!(event["type"], "payment.changed");
    assert!(event["url"].as_str().unwrap().ends_with("?year=2026"), "{event}");
    let said: String = told.iter().map(|told| told.body.as_str()).collect();
    assert!(!said.contains("工程师") && !said.contains("20000000"), "neither name nor sum: {said}");
}

async fn pages(world: World) {
    let (offices, _, account, own, first_secret) = listening(world).await;
    let app = &offices.town.world.app;
    let here = format!("/accounts/systems/{account}/webhooks");
    let mut visitor = Visitor::signed_in(app, "admin").await;
    let systems = visitor.get("/accounts/systems").await;
    assert!(systems.links().contains(&here));
    let list = visitor.get(&here).await;
    assert!(list.text().contains("WH000001") && !list.body().contains(&first_secret));
    let bad = visitor.post(&here, &[("url", "http://hr.example.com/")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text().contains("以 https:// 开头") && bad.text().contains("至少选择一类"));
    let fields = [("url", own.url.as_str()), ("kinds", "case.changed")];
    let made = visitor.post(&here, &fields).await;
    let secret = made.texts("p.note code")[0].clone();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    visitor.get(&here).await;
    let test = visitor.post(&format!("{here}/WH000002/test"), &[]).await;
    assert!(test.text().contains("已排队"), "{}", test.text());
    webhook::send_due(app).await.unwrap();
    let list = visitor.get(&here).await;
    assert!(list.text().contains("测试通知") && list.text().contains("已送达"), "{}", list.text());
    assert!(!list.body().contains(&secret), "it is shown once");
    assert!(is_signed(&own.taken().await[0], &secret));

    let changed = visitor.post(&format!("{here}/WH000002/secret"), &[]).await;
    let newer = changed.texts("p.note code")[0].clone();
    assert_ne!(newer, secret);
    visitor.get(&here).await;
    visitor.post(&format!("{here}/WH000002/test"), &[]).await;
    webhook::send_due(app).await.unwrap();
    let told = own.taken().await.remove(1);
    assert!(is_signed(&told, &newer) && is_signed(&told, &secret), "both for a day");

    for (act, said) in
        [("suspension", "已停用"), ("reactivation", "已启用"), ("deletion", "已删除")]
    {
        let done = visitor.post(&format!("{here}/WH000002/{act}"), &[]).await;
        assert!(done.text().contains(said), "{}", done.text());
    }
    assert!(!visitor.get(&here).await.text().contains("WH000002 "));
    let gone = visitor.post(&format!("{here}/WH000002/test"), &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let kept = offices.town.texts("SELECT url FROM webhook_endpoint").await;
    assert_eq!(kept.len(), 2, "history stays");
    let log = offices.town.texts("SELECT detail FROM audit_event").await.concat();
    assert!(!log.contains("whsec_") && !log.contains("/hook"), "{log}");
    for (login, path) in [("hr", here.as_str()), ("clerk", here.as_str())] {
        let seen = Visitor::signed_in(app, login).await.get(path).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{login}");
    }
    let refused = webhook::rotate(app, &offices.clerk, (account, "WH000001")).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let foreign = webhook::test(app, &offices.clerk, (account, "WH000001")).await;
    assert!(matches!(foreign, Err(Error::Forbidden(_))));
}
