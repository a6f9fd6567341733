//! Pingtan reports to the province itself: its one office takes the steps of county and city.

use juncai::domain::registry::{RosterEntry, RosterStatus};
use juncai::service::case::{self, CaseQuery, Submitted};
use juncai::service::{Actor, Error};
use juncai::store::roster_file;
use sea_orm::EntityTrait;

use crate::on_both;
use crate::town::{Town, actor, day, employment};
use crate::world::World;

on_both! {
    the_office_takes_both_steps_and_may_ask_for_a_supplement => supplement;
}

async fn act(town: &Town, who: &Actor, no: &str, act: &str) -> Result<&'static str, Error> {
    let seen_steps = case::case_view(&town.world.app, who, no).await?.steps_seen;
    let given = [("evidence_check", "社保、个税一致"), ("defect_list", "请补交劳动合同末页")];
    let given = given.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let fields = given.into_iter().collect();
    let sent = Submitted { act: act.to_owned(), seen_steps, fields, ..Submitted::default() };
    case::act(&town.world.app, who, no, &sent).await
}

async fn inbox(town: &Town, who: &Actor) -> Vec<String> {
    let found = case::cases(&town.world.app, who, &CaseQuery::default(), 1).await.unwrap();
    found.rows.into_iter().map(|row| row.no).collect()
}

/// A person whom an enterprise declared and whose file it has confirmed.
async fn declared(town: &Town, no: &str, person: i64, enterprise: i64) {
    town.person(person).await;
    town.state(person, "2026-01-01", None, employment(enterprise)).await;
    let status = RosterStatus::Declared;
    town.state(person, "2026-06-01", None, RosterEntry { enterprise_id: enterprise, status }).await;
    let case = town.roster_file(no, (person, enterprise), 1).await;
    let entries = entity::roster_entry::Entity::find().all(town.world.app.db.read()).await.unwrap();
    let entry = entries.into_iter().find(|entry| entry.person_id == person).unwrap().id;
    let tx = town.world.app.db.begin().await.unwrap();
    roster_file::link(&tx, &[(case, entry)]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn supplement(world: World) {
    let mut town = Town::new(world).await;
    town.at("2026-06-01T09:00:00+08:00");
    declared(&town, "MC-PT", 8, 3).await;
    declared(&town, "MC-FZ", 9, 1).await;
    let pingtan = actor(&town.world, "pt", "hr_city", "350128", None).await;
    let fuzhou = actor(&town.world, "fz", "hr_city", "350100", None).await;
    let gulou = actor(&town.world, "gl", "hr_county", "350102", None).await;

    assert_eq!(inbox(&town, &pingtan).await, ["MC-PT"], "it waits for the one office");
    assert_eq!(inbox(&town, &gulou).await, ["MC-FZ"], "elsewhere for the county");
    assert!(inbox(&town, &fuzhou).await.is_empty(), "and not for the city");
    let view = case::case_view(&town.world.app, &pingtan, "MC-PT").await.unwrap();
    assert_eq!(view.waits_for, ["市级人社审核"]);
    let open: Vec<&str> = view.acts.iter().map(|form| form.act).collect();
    assert_eq!(open, ["accept_jointly"]);
    let view = case::case_view(&town.world.app, &fuzhou, "MC-FZ").await.unwrap();
    assert!(view.acts.is_empty(), "the step is not offered to a city with counties");
    let apart = act(&town, &fuzhou, "MC-FZ", "accept_jointly").await.unwrap_err();
    assert!(apart.to_string().contains("分别办理"), "{apart}");

    assert_eq!(act(&town, &pingtan, "MC-PT", "accept_jointly").await.unwrap(), "市级审核中");
    let due = case::case_view(&town.world.app, &pingtan, "MC-PT").await.unwrap().line.due_on;
    assert_eq!(due, Some(day("2026-06-15")), "ten working days for both steps");
    assert_eq!(act(&town, &pingtan, "MC-PT", "send_back").await.unwrap(), "待企业审核");
}
