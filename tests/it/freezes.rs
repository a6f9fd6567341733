//! Windows in which files rest: decided by two people, told beforehand, enforced on every act.

use juncai::domain::registry::{RosterEntry, RosterStatus};
use juncai::service::case::{self, Submitted};
use juncai::service::freeze::{NewWindow, announcements, decide, lift, propose};
use juncai::service::{Actor, Error};
use juncai::store::roster_file;
use sea_orm::EntityTrait;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, actor, day, employment};
use crate::world::World;

on_both! {
    a_window_holds_once_two_people_decided_and_stops_acts_until_its_end => journey;
    limits_stand_still_only_when_the_window_says_so => limits;
    a_window_is_proposed_confirmed_and_lifted_from_its_page => pages;
}

struct Offices {
    town: Town,
    approver: Actor,
    county: Actor,
}

async fn offices(world: World) -> Offices {
    let mut town = Town::new(world).await;
    town.at("2026-06-01T09:00:00+08:00");
    let approver = actor(&town.world, "approver", "hr_province_approver", "350000", None).await;
    let county = actor(&town.world, "gl", "hr_county", "350102", None).await;
    town.person(8).await;
    town.state(8, "2026-01-01", None, employment(1)).await;
    let declared = RosterEntry { enterprise_id: 1, status: RosterStatus::Declared };
    town.state(8, "2026-06-01", None, declared).await;
    let case = town.roster_file("MC-1", (8, 1), 1).await;
    let entries = entity::roster_entry::Entity::find().all(town.world.app.db.read()).await.unwrap();
    let tx = town.world.app.db.begin().await.unwrap();
    roster_file::link(&tx, &[(case, entries[0].id)]).await.unwrap();
    tx.commit().await.unwrap();
    Offices { town, approver, county }
}

fn window(reach: &str, limits_rest: bool) -> NewWindow {
    NewWindow {
        from: "2026-06-10".to_owned(),
        through: "2026-06-16".to_owned(),
        reason: "年度结算".to_owned(),
        kinds: vec!["roster_entry".to_owned()],
        reach: reach.to_owned(),
        limits_rest,
    }
}

impl Offices {
    async fn confirmed(&self, window: &NewWindow) -> String {
        let app = &self.town.world.app;
        let no = propose(app, &self.town.hr, window).await.unwrap();
        decide(app, &self.approver, &no, true, "").await.unwrap();
        no
    }

    async fn act(&self, who: &Actor, act: &str) -> Result<&'static str, Error> {
        let app = &self.town.world.app;
        let seen_steps = case::case_view(app, who, "MC-1").await.unwrap().steps_seen;
        let sent = Submitted { act: act.to_owned(), seen_steps, ..Submitted::default() };
        case::act(app, who, "MC-1", &sent).await
    }

    async fn due(&self) -> Option<chrono::NaiveDate> {
        let app = &self.town.world.app;
        case::case_view(app, &self.county, "MC-1").await.unwrap().line.due_on
    }
}

async fn journey(world: World) {
    let mut offices = offices(world).await;
    let app = offices.town.world.app.clone();
    let no = propose(&app, &offices.town.hr, &window("all", false)).await.unwrap();
    let own = decide(&app, &offices.town.hr, &no, true, "").await;
    assert!(matches!(&own, Err(Error::Refused(text)) if text.contains("另一人")), "{own:?}");
    let county = propose(&app, &offices.county, &window("all", false)).await;
    assert!(matches!(county, Err(Error::Forbidden(_))), "{county:?}");
    assert!(
        announcements(&app, &offices.county).await.unwrap().is_empty(),
        "one alone decides nothing"
    );
    decide(&app, &offices.approver, &no, true, "").await.unwrap();
    let told = announcements(&app, &offices.county).await.unwrap();
    assert!(told[0].contains("将于 2026-06-10 至 2026-06-16"), "{told:?}");

    offices.town.at("2026-06-16T09:00:00+08:00");
    let stopped = offices.act(&offices.county, "accept").await.unwrap_err().to_string();
    assert!(stopped.contains("2026-06-16 之后") && stopped.contains("年度结算"), "{stopped}");
    offices.town.at("2026-06-17T09:00:00+08:00");
    assert_eq!(offices.act(&offices.county, "accept").await.unwrap(), "县区审核中");
    assert!(announcements(&offices.town.world.app, &offices.county).await.unwrap().is_empty());
}

async fn limits(world: World) {
    let mut offices = offices(world).await;
    // Only what enterprises file: the county goes on, and its ten days run.
    offices.confirmed(&window("filing", false)).await;
    offices.town.at("2026-06-08T09:00:00+08:00");
    assert_eq!(offices.act(&offices.county, "accept").await.unwrap(), "县区审核中");
    assert_eq!(offices.due().await, Some(day("2026-06-23")), "the 19th is a holiday");
    // Six working days of another window stand still, for files that wait already.
    let resting = NewWindow { from: "2026-06-09".to_owned(), ..window("filing", true) };
    let no = offices.confirmed(&resting).await;
    assert_eq!(offices.due().await, Some(day("2026-07-01")), "six working days later");
    // Lifted on its second day it costs one.
    offices.town.at("2026-06-10T09:00:00+08:00");
    lift(&offices.town.world.app, &offices.approver, &no).await.unwrap();
    assert_eq!(offices.due().await, Some(day("2026-06-24")));
    let again = lift(&offices.town.world.app, &offices.approver, &no).await;
    assert!(matches!(again, Err(Error::Stale(_))), "{again:?}");
    let replayed = offices.act(&offices.county, "send_back").await;
    assert!(matches!(replayed, Err(Error::Invalid(_))), "the file is still read: {replayed:?}");
}

async fn pages(world: World) {
    let offices = offices(world).await;
    let app = &offices.town.world.app;
    let mut hr = Visitor::signed_in(app, "hr").await;
    hr.get("/freezes").await;
    let wrong =
        hr.post("/freezes", &[("from", "2026-05-01"), ("through", ""), ("reason", "")]).await;
    for said in
        ["首日不能早于今天", "请填写日期", "请填写原因", "请至少选择一类办件", "请选择停办范围"]
    {
        assert!(wrong.text().contains(said), "{said}: {}", wrong.text());
    }
    let fields = [
        ("from", "2026-06-02"),
        ("through", "2026-06-16"),
        ("reason", "年度结算"),
        ("kinds", "roster_entry"),
        ("reach", "all"),
    ];
    let proposed = hr.post("/freezes", &fields).await;
    assert!(proposed.text().contains("由另一人确认"), "{}", proposed.text());
    let mut approver = Visitor::signed_in(app, "approver").await;
    approver.get("/freezes").await;
    let at = "/freezes/FC00001/decisions";
    let blank = approver.post(at, &[("verdict", "refuse"), ("note", "")]).await;
    assert!(blank.text().contains("退回时请写明原因"), "{}", blank.text());
    let confirmed = approver.post(at, &[("verdict", "accept"), ("note", "")]).await;
    assert!(confirmed.text().contains("已确认"), "{}", confirmed.text());
    let mut county = Visitor::signed_in(app, "gl").await;
    let home = county.get("/cases").await;
    assert!(home.texts(".ribbon").iter().any(|text| text.contains("停办名册登记")), "a banner");
    assert_eq!(county.get("/freezes").await.status.as_u16(), 403);
    let lifted = approver.post("/freezes/FC00001/end", &[]).await;
    assert!(lifted.text().contains("已解除"), "{}", lifted.text());
    assert!(county.get("/cases").await.texts(".ribbon").is_empty());
}
