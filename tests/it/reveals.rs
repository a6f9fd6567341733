//! Full numbers are shown for a purpose, so many times a day, and known to the person whose they are.

use axum::http::StatusCode;
use juncai::app::App;
use juncai::domain::authority::Role;
use juncai::domain::registry::PersonContact;
use juncai::service::reveal::{self, Asked, Of};
use juncai::service::{Actor, Error};
use juncai::store;
use juncai::vault::place;

use crate::browser_like::{Seen, Visitor};
use crate::me::{NUMBER, code, first_visit, identify};
use crate::on_both;
use crate::town::Town;
use crate::world::{PASSWORD, World};

on_both! {
    a_number_is_shown_for_a_purpose_and_its_owner_reads_it => shown;
    it_has_to_be_certain_who_asks_and_the_form_goes_on => certain;
    a_day_has_so_many_also_when_two_ask_at_a_time => limited;
    many_in_a_short_time_are_told_to_the_security_auditor => alarming;
    each_role_is_shown_what_it_needs_and_nothing_outside_its_scope => scoped;
}

const MOBILE: &str = "13800000000";

async fn town(world: World) -> Town {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.person(2).await;
    town.engineer(1, 1, "2026-01-01", None).await;
    town.engineer(2, 2, "2026-01-01", None).await;
    identify(&town, 1, NUMBER).await;
    let vault = &town.world.app.vault;
    let contact = PersonContact {
        mobile_cipher: vault.seal(place::MOBILE, MOBILE.as_bytes()).unwrap(),
        mobile_masked: "138****0000".to_owned(),
    };
    town.state(1, "2020-01-01", None, contact).await;
    town.at("2027-01-05T09:00:00+08:00");
    town
}

fn errors(seen: &Seen) -> String {
    seen.texts("[data-errors] li").join("|")
}

/// The value of the choice whose label begins so.
fn choice(page: &Seen, label: &str) -> String {
    let labels = page.texts("select[name=number] option");
    let at = labels.iter().position(|text| text.starts_with(label)).expect(label);
    page.attributes("select[name=number] option", "value")[at].clone()
}

/// The actor of an account, certain to sit there.
async fn present(app: &App, login: &str) -> Actor {
    let found = store::account::by_login(app.db.read(), login).await.unwrap();
    let actor = Actor::new(&found.expect("an account"), "127.0.0.1").unwrap();
    let until = app.clock.machine_now() + chrono::TimeDelta::minutes(5);
    Actor { stepped_up_until: Some(until), ..actor }
}

const HERE: &str = "/engineers/E000001/numbers";

async fn shown(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    let valid = code(&mut clerk, "E000001").await;
    let mut person = Visitor::new(app);
    first_visit(&mut person, NUMBER, &valid).await;
    let mut officer = Visitor::with_role(app, "gulou", Role::HrCounty, "350102").await;

    let record = officer.get("/engineers/E000001").await;
    assert!(record.links().contains(&HERE.to_owned()), "{:?}", record.links());
    let page = officer.get(HERE).await;
    assert!(!page.body().contains(NUMBER) && page.text().contains("今天已查看 0 次"));
    let number = choice(&page, "证件号码");
    let bare = officer.post(HERE, &[]).await;
    assert_eq!(errors(&bare), "请选择要查看的号码|请选择用途");
    let fields = [("number", &*number), ("purpose", "other"), ("note", "看")];
    let vague = officer.post(HERE, &fields).await;
    assert!(errors(&vague).contains("请写明用途"), "{}", vague.text());
    let note = format!("核对{NUMBER}");
    let fields = [("number", &*number), ("purpose", "papers"), ("note", &*note)];
    let telling = officer.post(HERE, &fields).await;
    assert!(errors(&telling).contains("不能出现完整的证件号码"), "{}", telling.text());
    officer.get(HERE).await;
    let done = officer.post(HERE, &[("number", &*number), ("purpose", "papers")]).await;
    assert_eq!(done.texts("p.revealed"), [NUMBER], "{}", done.text());
    let mobile = choice(&officer.get(HERE).await, "手机号码");
    let fields = [("number", &*mobile), ("purpose", "other"), ("note", "通知领取证书")];
    let done = officer.post(HERE, &fields).await;
    assert_eq!(done.texts("p.revealed"), [MOBILE], "{}", done.text());
    assert!(done.text().contains("今天已查看 2 次"), "{}", done.text());

    // The person reads who, and what for; the log says the same and holds no number.
    let own = person.get("/me").await.text();
    for line in
        ["查看完整证件号码，用途：核对证件原件", "查看完整手机号码，用途：其他（通知领取证书）"]
    {
        assert!(own.contains(line), "{line} is missing in {own}");
    }
    let mut auditor = Visitor::with_role(app, "auditor", Role::Auditor, "350000").await;
    let log = auditor.get("/audit?who=gulou").await.text();
    assert!(log.contains("查看明文") && log.contains("用途：核对证件原件"), "{log}");
    assert!(!log.contains(NUMBER) && !log.contains(MOBILE));
}

async fn certain(world: World) {
    let mut town = town(world).await;
    let officer = Visitor::with_role(&town.world.app, "gulou", Role::HrCounty, "350102").await;
    town.at("2027-01-05T09:05:00+08:00");
    let mut officer = officer.at_time_of(&town.world.app);

    let number = choice(&officer.get(HERE).await, "证件号码");
    let fields = [("number", &*number), ("purpose", "dispute"), ("note", "本人来访")];
    let asked = officer.post(HERE, &fields).await;
    assert!(asked.text().contains("确认是您本人"), "{}", asked.text());
    assert!(!asked.body().contains(NUMBER));
    let done = officer.post(HERE, &[("step_up_password", PASSWORD)]).await;
    assert_eq!(done.texts("p.revealed"), [NUMBER], "{}", done.text());
    assert!(done.text().contains("用途：处理异议或投诉"), "{}", done.text());
    // For five minutes nobody asks again.
    officer.get(HERE).await;
    let again = officer.post(HERE, &fields).await;
    assert_eq!(again.texts("p.revealed"), [NUMBER], "{}", again.text());

    let app = &town.world.app;
    let bare = Actor { stepped_up_until: None, ..present(app, "gulou").await };
    let asked = Asked { number: &number, purpose: "papers", note: "" };
    let refused = reveal::reveal(app, &bare, Of::Person("E000001"), asked).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "the service asks as well");
}

async fn limited(world: World) {
    let mut town = town(world).await;
    town.world.app.access.reveals_a_day = 2;
    let app = town.world.app.clone();
    Visitor::with_role(&app, "gulou", Role::HrCounty, "350102").await;
    let officer = present(&app, "gulou").await;
    let of = Of::Person("E000001");
    let key = reveal::offer(&app, &officer, of).await.unwrap().numbers[0].0.clone();
    let asked = Asked { number: &key, purpose: "papers", note: "" };
    reveal::reveal(&app, &officer, of, asked).await.expect("the first");

    let (one, other) = tokio::join!(
        reveal::reveal(&app, &officer, of, asked),
        reveal::reveal(&app, &officer, of, asked),
    );
    let refused: Vec<String> =
        [one, other].into_iter().filter_map(Result::err).map(|e| e.to_string()).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("达到每日上限 2 次"), "{refused:?}");
    let offer = reveal::offer(&app, &officer, of).await.unwrap();
    assert_eq!((offer.today, offer.most), (2, 2));

    // Another officer has an own count, and the next day begins anew.
    Visitor::with_role(&app, "fuzhou", Role::HrCity, "350100").await;
    let colleague = present(&app, "fuzhou").await;
    reveal::reveal(&app, &colleague, of, asked).await.expect("another's count");
    town.at("2027-01-06T00:00:00+08:00");
    let app = &town.world.app;
    let officer = present(app, "gulou").await;
    reveal::reveal(app, &officer, of, asked).await.expect("the next day");
}

async fn alarming(world: World) {
    let mut town = town(world).await;
    let app = town.world.app.clone();
    let mut watch = Visitor::with_role(&app, "watch", Role::SecurityAuditor, "350000").await;
    Visitor::with_role(&app, "gulou", Role::HrCounty, "350102").await;
    let of = Of::Person("E000001");
    let officer = present(&app, "gulou").await;
    let key = reveal::offer(&app, &officer, of).await.unwrap().numbers[0].0.clone();
    let asked = Asked { number: &key, purpose: "papers", note: "" };
    for _ in 0..5 {
        reveal::reveal(&app, &officer, of, asked).await.unwrap();
    }
    assert!(!watch.get("/notifications").await.text().contains("查看明文"), "five are usual");
    town.at("2027-01-05T09:09:59+08:00");
    let app = town.world.app.clone();
    let officer = present(&app, "gulou").await;
    for _ in 0..2 {
        reveal::reveal(&app, &officer, of, asked).await.unwrap();
    }
    let told = watch.clone().at_time_of(&app).get("/notifications").await.texts("tbody th");
    let told: Vec<&String> = told.iter().filter(|text| text.contains("查看明文")).collect();
    assert_eq!(told.len(), 1, "once, not with each one after that: {told:?}");
    assert!(told[0].contains("10 分钟内查看明文 6 次") && told[0].contains("gulou"), "{told:?}");
}

async fn scoped(world: World) {
    let town = town(world).await;
    let app = &town.world.app;
    let kinds = async |login: &str| {
        let actor = present(app, login).await;
        let offer = reveal::offer(app, &actor, Of::Person("E000001")).await;
        offer.map(|offer| {
            let kinds = offer.numbers.iter();
            kinds.map(|(key, _)| key.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
        })
    };
    Visitor::with_role(app, "gulou", Role::HrCounty, "350102").await;
    assert_eq!(kinds("gulou").await.unwrap(), ["document", "mobile"]);
    Visitor::with_role(app, "maker", Role::FinanceMaker, "350000").await;
    assert_eq!(
        kinds("maker").await.unwrap(),
        [] as [&str; 0],
        "an account only, and there is none"
    );
    Visitor::with_role(app, "siming", Role::HrCounty, "350203").await;
    assert!(matches!(kinds("siming").await, Err(Error::NotFound(_))), "another county");
    Visitor::of_enterprise(app, "head", Role::EnterpriseHead, 1).await;
    assert_eq!(kinds("head").await.unwrap(), ["document", "mobile"], "own people");
    Visitor::of_enterprise(app, "other", Role::EnterpriseHead, 2).await;
    assert!(matches!(kinds("other").await, Err(Error::NotFound(_))), "another enterprise");
    let mut clerk = Visitor::of_enterprise(app, "clerk", Role::EnterpriseClerk, 1).await;
    assert_eq!(clerk.get(HERE).await.status, StatusCode::FORBIDDEN);
    let record = clerk.get("/engineers/E000001").await;
    assert!(!record.links().contains(&HERE.to_owned()), "no button for those who may not");
}
