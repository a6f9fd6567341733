//! What is long overdue is told to the next level, once.

use juncai::domain::registry::TalentClass;
use juncai::service::notification::{messages, remind_due};
use juncai::service::{Actor, program};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::actor;
use crate::world::World;

on_both! {
    a_file_that_is_five_working_days_overdue_is_told_to_the_next_level_once => escalated;
}

async fn told(offices: &Offices, who: &Actor) -> Vec<String> {
    let app = &offices.town.world.app;
    let (_, rows) = messages(app, who, false, 0).await.unwrap();
    rows.into_iter().map(|row| row.told.kind).collect()
}

async fn escalated(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    let elsewhere = actor(&offices.town.world, "xiamen", "hr_city", "350200", None).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    // Filed on 9 June with ten working days, the Dragon Boat holiday not counted: through 24 June.
    offices.town.at("2026-06-30T09:00:00+08:00");
    assert_eq!(remind_due(&offices.town.world.app).await.unwrap(), 1);
    assert_eq!(told(&offices, &offices.county).await, ["overdue"]);
    assert_eq!(told(&offices, &offices.city).await, Vec::<String>::new(), "four days");
    offices.town.at("2026-07-01T09:00:00+08:00");
    assert_eq!(remind_due(&offices.town.world.app).await.unwrap(), 1);
    assert_eq!(told(&offices, &offices.city).await, ["escalated"]);
    for nobody in [&offices.city_approver, &offices.town.hr, &elsewhere] {
        assert_eq!(told(&offices, nobody).await, Vec::<String>::new(), "{}", nobody.login);
    }
    offices.town.at("2026-07-10T09:00:00+08:00");
    assert_eq!(remind_due(&offices.town.world.app).await.unwrap(), 0, "once");
    program::round(&offices.town.world.app).await.unwrap();
    let mut city = Visitor::signed_in(&offices.town.world.app, "fuzhou").await;
    let page = city.get("/notifications").await;
    assert!(page.text().contains("逾期督办") && page.text().contains(&no), "{}", page.text());

    // Another stay in another state is another occasion, and one level higher.
    offices.act(&offices.county, &no, "accept").await.unwrap();
    offices.act(&offices.county, &no, "pass_county").await.unwrap();
    offices.town.at("2026-08-03T09:00:00+08:00");
    remind_due(&offices.town.world.app).await.unwrap();
    assert_eq!(told(&offices, &offices.city).await, ["overdue", "escalated"]);
    assert_eq!(told(&offices, &offices.city_approver).await, ["overdue"], "it waits for both");
    assert_eq!(told(&offices, &offices.town.hr).await, ["escalated"]);
}
