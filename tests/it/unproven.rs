//! Nothing proves two months in a row: the program suspends the entry, until somebody proves it.

use std::collections::BTreeMap;

use juncai::domain::registry::Suspension;
use juncai::service::case::{self, Submitted};
use juncai::service::program::{self, Round};
use juncai::store::fact::{Versions, facts_of};
use juncai::store::roster_file;
use sea_orm::EntityTrait;

use crate::on_both;
use crate::town::{Town, actor, person_no};
use crate::world::World;

on_both! {
    an_entry_rests_when_nothing_proves_two_months_in_a_row => rests;
}

/// On the roster by a file since December, with evidence of these months of 2026.
async fn on_roster(
    town: &Town,
    person: i64,
    enterprise: i64,
    months: impl IntoIterator<Item = u32>,
) {
    town.person(person).await;
    town.engineer(person, enterprise, "2025-12-01", None).await;
    town.insured(person, 2026, months).await;
    let case = town.roster_file(&format!("MC-{person}"), (person, enterprise), 5).await;
    let entries = entity::roster_entry::Entity::find().all(town.world.app.db.read()).await.unwrap();
    let entry = entries.into_iter().find(|entry| entry.person_id == person).unwrap().id;
    let tx = town.world.app.db.begin().await.unwrap();
    roster_file::link(&tx, &[(case, entry)]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn round(town: &Town) -> Vec<(&'static str, &'static str, usize)> {
    let Round { done, failed } = program::round(&town.world.app).await.unwrap();
    assert_eq!(failed, 0);
    done
}

async fn suspended(town: &Town, person: i64) -> Vec<String> {
    let held = facts_of::<Suspension>(town.world.app.db.read(), person, Versions::Live);
    let words = |held: &juncai::domain::registry::Stated<Suspension>| {
        format!("{} {:?} {}", held.period.from, held.period.through, held.reason)
    };
    held.await.unwrap().iter().map(words).collect()
}

async fn states(town: &Town) -> Vec<String> {
    town.texts("SELECT case_no || ' ' || state FROM case_file ORDER BY case_no").await
}

async fn rests(world: World) {
    let mut town = Town::new(world).await;
    on_roster(&town, 1, 1, 1..=4).await;
    on_roster(&town, 2, 1, 1..=9).await;
    on_roster(&town, 4, 1, 1..=5).await;
    // Nothing of May and June was read in for Xiamen: there nobody can lack it.
    on_roster(&town, 3, 2, 1..=4).await;
    let clerk = actor(&town.world, "clerk", "enterprise_clerk", "350102", Some(1)).await;
    let city = actor(&town.world, "fuzhou", "hr_city", "350100", None).await;

    town.at("2026-07-15T23:00:00+08:00");
    assert_eq!(round(&town).await, [], "evidence of June may still come in");
    town.at("2026-07-16T00:10:00+08:00");
    assert_eq!(round(&town).await, [("名册登记", "证据断档暂停", 1)]);
    assert_eq!(round(&town).await, [], "once");
    let all = ["MC-1 suspended", "MC-2 active", "MC-3 active", "MC-4 active"];
    assert_eq!(states(&town).await, all, "one month alone is no gap");
    let why = "2026-05-01 None 2026-05-01 至 2026-06-30 没有社保、个税或工作许可记录";
    assert_eq!(suspended(&town, 1).await, [why]);
    let app = &town.world.app;
    let view = case::case_view(app, &clerk, "MC-1").await.unwrap();
    let last = view.steps.last().unwrap();
    assert_eq!((last.act.as_str(), last.who.as_str()), ("证据断档暂停", "系统"));
    assert_eq!(view.line.due_on.unwrap().to_string(), "2027-01-16", "six months");
    let told = "SELECT n.title FROM notification n JOIN account a ON a.id = n.account_id \
                WHERE a.login = 'clerk'";
    let told = town.texts(told).await;
    assert!(told.len() == 1 && told[0].contains("已暂停"), "the enterprise is told: {told:?}");
    assert!(!told[0].contains(&person_no(2)));

    // Proved on paper, it counts again from the day that was missing, and rests no second time for
    // the same months.
    let fields = BTreeMap::from([
        ("month_proof".to_owned(), "社保经办机构补缴证明".to_owned()),
        ("resumes_on".to_owned(), "2026-05-01".to_owned()),
    ]);
    let seen_steps = view.steps_seen;
    let sent =
        Submitted { act: "reinstate".to_owned(), seen_steps, fields, ..Submitted::default() };
    assert_eq!(case::act(app, &city, "MC-1", &sent).await.unwrap(), "在册");
    assert_eq!(suspended(&town, 1).await, Vec::<String>::new());
    assert_eq!(round(&town).await, []);
    town.at("2026-08-16T09:00:00+08:00");
    assert_eq!(round(&town).await, [("名册登记", "证据断档暂停", 1)], "June and July of another");
    assert_eq!(states(&town).await[3], "MC-4 suspended");
    town.at("2026-10-15T09:00:00+08:00");
    assert_eq!(round(&town).await, [], "July had begun when it was taken up");
    town.at("2026-10-16T09:00:00+08:00");
    assert_eq!(round(&town).await, [("名册登记", "证据断档暂停", 1)]);
    let again = &suspended(&town, 1).await[0];
    assert!(again.starts_with("2026-08-01 None"), "two months after it was taken up: {again}");
}
