//! Versions of the key-enterprise list and of the roster: what lies between two days, as known.

use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use juncai::domain::authority::Role;
use juncai::domain::registry::{EnterpriseName, Listing, PersonName, RosterEntry, RosterStatus};
use juncai::store::fact::{self, FactTable, Versions};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::town::{Town, person_no};
use crate::world::World;

on_both! {
    two_versions_of_the_list_show_who_came_who_went_and_who_is_called_otherwise => enterprises;
    a_version_is_what_was_known_then => known;
    two_versions_of_the_roster_show_who_came_left_and_moved => roster;
    an_enterprise_and_a_city_see_their_own_part => scopes;
    a_long_comparison_is_counted_filtered_paged_and_taken_away => long;
}

/// Enterprise 2 leaves the list after February, 3 is renamed in April; 4 is recorded in March as
/// having been listed all along. Person 2 leaves, 3 goes from 1 to 2, 4 comes.
async fn scene(world: World) -> Town {
    let mut town = Town::new(world).await;
    for person in 1..=4 {
        town.person(person).await;
    }
    town.engineer(1, 1, "2025-12-01", None).await;
    town.engineer(2, 2, "2025-12-01", Some("2026-03-31")).await;
    town.engineer(3, 1, "2025-12-01", Some("2026-05-10")).await;
    town.engineer(3, 2, "2026-05-25", None).await;
    town.engineer(4, 1, "2026-05-01", None).await;
    town.at("2026-03-05T09:00:00+08:00");
    ends::<Listing>(&town, 2, "2026-02-28").await;
    ends::<EnterpriseName>(&town, 3, "2026-03-31").await;
    town.state(3, "2026-04-01", None, EnterpriseName { name: "岚岛智能".to_owned() }).await;
    town.enterprise(4, "913501000000000004", Some(("350102", "350100"))).await;
    town.at("2026-07-01T09:00:00+08:00");
    town
}

/// The only live fact of this kind ends earlier than recorded.
async fn ends<T: FactTable>(town: &Town, about: i64, last_day: &str) {
    let tx = town.world.app.db.begin().await.unwrap();
    let old = fact::facts_of::<T>(&tx, about, Versions::Live).await.unwrap().remove(0);
    let from = old.period.from.to_string();
    let shorter = town.stated(about, &from, Some(last_day), old.fact.clone());
    fact::correct(&tx, old.id, shorter).await.unwrap();
    tx.commit().await.unwrap();
}

/// Kind, name, before, after of every difference on a page.
fn differences(seen: &Seen) -> Vec<[String; 4]> {
    let names = seen.texts(".dense tbody th");
    let cells = seen.texts(".dense tbody td");
    let row = |(name, cells): (String, &[String])| {
        [cells[1].clone(), name, cells[2].clone(), cells[3].clone()]
    };
    names.into_iter().zip(cells.chunks(5)).map(row).collect()
}

fn rows<const N: usize>(expected: [[&str; 4]; N]) -> Vec<[String; 4]> {
    expected.map(|row| row.map(str::to_owned)).to_vec()
}

async fn enterprises(world: World) {
    let town = scene(world).await;
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    let seen = hr.get("/lists/enterprises?from=2026-01-31&to=2026-06-30").await;
    let expected =
        rows([["移出", "企业2", "企业2", "—"], ["更名", "岚岛智能", "企业3", "岚岛智能"]]);
    assert_eq!(differences(&seen), expected, "{}", seen.text());
    assert_eq!(seen.texts(".compact tbody th"), ["厦门市", "平潭综合实验区"]);
    assert_eq!(seen.texts(".compact tbody td"), ["0", "1", "0", "0", "0", "1"]);
    let text = seen.text();
    assert!(text.contains("已记录）：4 家") && text.contains("已记录）：3 家"), "{text}");
    let back = hr.get("/lists/enterprises?from=2026-06-30&to=2026-01-31").await;
    assert_eq!(differences(&back)[0], ["新增", "企业2", "—", "企业2"].map(str::to_owned));
    let same = hr.get("/lists/enterprises?from=2026-06-30&to=2026-06-30").await;
    assert!(same.text().contains("两个版本没有差别"));
    let wrong = hr.get("/lists/enterprises?from=2026-02-30").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(hr.get("/").await.links().contains(&"/lists/enterprises".to_owned()));
}

async fn known(world: World) {
    let mut town = scene(world).await;
    town.left(1, "2026-06-15").await;
    town.at("2026-08-01T09:00:00+08:00");
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    let then = "from=2026-01-31&from_known=2026-01-31";
    let seen = hr.get(&format!("/lists/enterprises?{then}&to=2026-01-31")).await;
    let expected = rows([["新增", "企业4", "—", "企业4"]]);
    assert_eq!(differences(&seen), expected, "recorded later for the same day");
    let departed = "from=2026-06-30&from_known=2026-06-30&to=2026-06-30";
    let seen = hr.get(&format!("/lists/roster?{departed}")).await;
    assert_eq!(differences(&seen), rows([["离开", "工程师1", "企业1", "—"]]));
    let seen = hr.get(&format!("/lists/roster?{departed}&to_known=2026-06-30")).await;
    assert!(seen.text().contains("两个版本没有差别"), "nobody knew it then");
}

const SPRING: &str = "/lists/roster?from=2026-01-31&to=2026-06-30";

async fn roster(world: World) {
    let town = scene(world).await;
    let mut audit = Visitor::with_role(&town.world.app, "audit", Role::Auditor, "350000").await;
    let seen = audit.get(SPRING).await;
    let expected = rows([
        ["离开", "工程师2", "企业2", "—"],
        ["变更单位", "工程师3", "企业1", "企业2"],
        ["新增", "工程师4", "—", "企业1"],
    ]);
    assert_eq!(differences(&seen), expected, "{}", seen.text());
    let gap = audit.get("/lists/roster?from=2026-01-31&to=2026-05-15").await;
    assert_eq!(differences(&gap)[1], ["离开", "工程师3", "企业1", "—"].map(str::to_owned));
    let entry = RosterEntry { enterprise_id: 3, status: RosterStatus::Declared };
    town.person(5).await;
    town.state(5, "2026-06-01", None, entry).await;
    let seen = audit.get(SPRING).await;
    assert_eq!(differences(&seen).len(), 3, "a declared entry is on no roster yet");
}

async fn scopes(world: World) {
    let town = scene(world).await;
    let app = &town.world.app;
    let mut first = Visitor::of_enterprise(app, "clerk1", Role::EnterpriseClerk, 1).await;
    let mut second = Visitor::of_enterprise(app, "clerk2", Role::EnterpriseHead, 2).await;
    let mut city = Visitor::with_role(app, "fz", Role::HrCity, "350100").await;
    let of_first = [["离开", "工程师3", "企业1", "—"], ["新增", "工程师4", "—", "企业1"]];
    let of_second = [["离开", "工程师2", "企业2", "—"], ["新增", "工程师3", "—", "企业2"]];
    for (who, expected, foreign) in [
        (&mut first, of_first, "企业2"),
        (&mut second, of_second, "企业1"),
        (&mut city, of_first, "企业2"),
    ] {
        let seen = who.get(SPRING).await;
        assert_eq!(differences(&seen), rows(expected));
        assert!(!seen.texts("main td").iter().any(|cell| cell == foreign), "{}", seen.text());
    }
    let list = "/lists/enterprises?from=2026-01-31&to=2026-06-30";
    assert_eq!(differences(&second.get(list).await), rows([["移出", "企业2", "企业2", "—"]]));
    assert!(first.get(list).await.text().contains("两个版本没有差别"));
    let mut admin = Visitor::with_role(app, "admin", Role::Administrator, "350000").await;
    assert_eq!(admin.get(list).await.status, StatusCode::FORBIDDEN);
}

async fn long(world: World) {
    let town = scene(world).await;
    let app = &town.world.app;
    let people = (100..170).map(|id| entity::person::ActiveModel {
        id: Set(id),
        person_no: Set(person_no(id)),
        created_at: Set(app.clock.now()),
    });
    let tx = app.db.begin().await.unwrap();
    juncai::store::db::insert_all(&tx, people).await.unwrap();
    let entry = RosterEntry { enterprise_id: 3, status: RosterStatus::Confirmed };
    let joined = (100..170).map(|id| town.stated(id, "2026-06-01", None, entry.clone()));
    fact::state(&tx, joined.collect()).await.unwrap();
    let named = |id| town.stated(id, "2020-01-01", None, PersonName { name: format!("新人{id}") });
    fact::state(&tx, (100..170).map(named).collect()).await.unwrap();
    tx.commit().await.unwrap();

    let mut hr = Visitor::signed_in(app, "hr").await;
    let seen = hr.get(SPRING).await;
    assert_eq!(differences(&seen).len(), 50);
    assert!(seen.text().contains("第 1–50 条，共 73 条"), "{}", seen.text());
    let next = seen.links().into_iter().find(|link| link.contains("page=2")).unwrap();
    assert_eq!(differences(&hr.get(&next).await).len(), 23);
    let filtered = hr.get(&format!("{SPRING}&city=350128&change=joined&page=2")).await;
    assert_eq!(differences(&filtered).len(), 20);
    let export = filtered.links().into_iter().find(|link| link.contains(".xlsx")).unwrap();
    let bytes = hr.peek(&export).await.bytes;
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let lines: Vec<Vec<String>> =
        sheet.rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
    assert_eq!(lines.len(), 71, "the header and all that match, not a page");
    let first = ["新增", "新人100", "E000100", "", "岚岛智能", "平潭综合实验区"];
    assert_eq!(lines[1], first.map(str::to_owned));
    let logged = entity::audit_event::Entity::find()
        .filter(entity::audit_event::Column::Action.eq("list_version.exported"))
        .all(app.db.read())
        .await
        .unwrap();
    assert!(logged.len() == 1 && logged[0].detail.contains("\"rows\":70"), "{logged:?}");
}
