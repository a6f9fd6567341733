//! Nobody is handed in while it is open whether they are registered twice.

use std::collections::BTreeMap;

use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::{Code, RosterEntry, RosterStatus, TalentClass};
use juncai::service::case::{self, Submitted};
use juncai::service::duplicate;
use juncai::service::{Actor, Error};
use juncai::store::case::{self as store, NewCase};
use juncai::store::roster_file;
use sea_orm::EntityTrait;

use super::{account, mobile};
use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::{actor, day, employment, person_no};
use crate::world::World;

on_both! {
    a_likely_duplicate_is_settled_before_a_file_goes_to_an_office => settled_first;
}

/// A file of an entry that an enterprise has declared and not confirmed.
async fn declared(offices: &Offices, no: &str, person: i64) {
    let town = &offices.town;
    town.person(person).await;
    town.state(person, "2025-12-01", None, employment(1)).await;
    let declared = RosterEntry { enterprise_id: 1, status: RosterStatus::Declared };
    town.state(person, "2026-06-01", None, declared).await;
    let app = &town.world.app;
    let entries = entity::roster_entry::Entity::find().all(app.db.read()).await.unwrap();
    let entry = entries.into_iter().find(|entry| entry.person_id == person).unwrap().id;
    let new = NewCase {
        case_no: no,
        kind: "roster_entry",
        enterprise_id: Some(1),
        person_id: Some(person),
        about: "工程师",
        state: "draft",
        since: day("2026-06-01"),
        due_on: None,
        opened_by: offices.clerk.account_id,
        opened_at: app.clock.now(),
    };
    let tx = app.db.begin().await.unwrap();
    let case = store::open(&tx, &new).await.unwrap();
    roster_file::link(&tx, &[(case, entry)]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn confirm(offices: &Offices, no: &str) -> Result<&'static str, Error> {
    let app = &offices.town.world.app;
    let seen_steps = case::case_view(app, &offices.head, no).await?.steps_seen;
    let given = [Evidence::Contract, Evidence::PersonConsent];
    let fields: BTreeMap<String, String> =
        given.into_iter().map(|kind| (kind.code().to_owned(), "有".to_owned())).collect();
    let sent = Submitted { act: "confirm".to_owned(), seen_steps, fields, ..Submitted::default() };
    case::act(app, &offices.head, no, &sent).await
}

async fn suspected(offices: &Offices, who: &Actor, no: &str) -> Vec<(String, Option<String>)> {
    let view = case::case_view(&offices.town.world.app, who, no).await.unwrap();
    let about = view.facts.into_iter().filter(|fact| fact.name == "疑似重复");
    about.map(|fact| (fact.text, fact.href)).collect()
}

async fn settled_first(world: World) {
    let offices = offices(world).await;
    let (town, hr) = (&offices.town, &offices.town.hr);
    let app = &town.world.app;
    declared(&offices, "MC-8", 8).await;
    declared(&offices, "MC-9", 9).await;
    let recognition = offices.open(1, TalentClass::C).await;
    assert_eq!(suspected(&offices, hr, &recognition).await, [("无".to_owned(), None)]);
    // A telephone is shared in many families; a telephone and an account are not.
    mobile(town, 1, "13800000001").await;
    mobile(town, 2, "13800000001").await;
    for person in [8, 2] {
        account(town, person, "6228480012349999").await;
    }
    assert_eq!(confirm(&offices, "MC-8").await.unwrap(), "已提交", "an account alone");
    account(town, 1, "6228480012349999").await;
    account(town, 9, "6228480012341111").await;
    mobile(town, 9, "13800000009").await;
    assert_eq!(confirm(&offices, "MC-9").await.unwrap(), "已提交", "nothing in common");

    let held = offices.act(&offices.clerk, &recognition, "submit").await.unwrap_err().to_string();
    assert!(held.contains("手机号码相同、收款账号相同") && held.contains("人社部门"), "{held}");
    assert!(!held.contains(&person_no(2)), "the enterprise is not told who");
    let told = suspected(&offices, &offices.clerk, &recognition).await;
    assert_eq!(told, [("有，由人社部门核对".to_owned(), None)]);
    let seen = suspected(&offices, hr, &recognition).await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let strong = "E000002（手机号码相同、收款账号相同，可能性高，待处理）";
    let page = "/duplicates/pair?a=E000001&b=E000002";
    assert_eq!(seen[0], (strong.to_owned(), Some(page.to_owned())));
    assert!(seen[1].0.contains("E000008（收款账号相同，可能性中，待处理）"), "{seen:?}");
    let mut officer = Visitor::signed_in(app, "hr").await;
    let shown = officer.get(&format!("/cases/{recognition}")).await;
    assert!(shown.text().contains(strong), "{}", shown.text());
    assert!(shown.links().contains(&page.to_owned()));
    let far = actor(&town.world, "xiamen", "hr_city", "350200", None).await;
    assert!(case::case_view(app, &far, &recognition).await.is_err());

    // The same for somebody whom an enterprise puts on its roster.
    declared(&offices, "MC-7", 7).await;
    mobile(town, 7, "13800000001").await;
    account(town, 7, "6228480012349999").await;
    let held = confirm(&offices, "MC-7").await.unwrap_err().to_string();
    assert!(held.contains("可能重复登记"), "{held}");
    for (one, other) in [(1, 2), (1, 7), (2, 7)] {
        let (one, other) = (person_no(one), person_no(other));
        duplicate::dismiss(app, hr, &one, &other, "核对证件原件，系两人").await.unwrap();
    }
    assert_eq!(confirm(&offices, "MC-7").await.unwrap(), "已提交");
    assert_eq!(offices.act(&offices.clerk, &recognition, "submit").await.unwrap(), "企业评审中");
    let seen = suspected(&offices, hr, &recognition).await;
    assert!(seen[0].0.contains("已排除"), "{seen:?}");
}
