//! The one search box: what it finds, for whom, and what it never tells.

use axum::http::{Method, StatusCode};
use juncai::domain::authority::Role;
use juncai::domain::registry::{EnterpriseName, PersonName, Recognition, TalentClass};
use juncai::store::fact::{self, Versions};
use juncai::store::search::{Named, rarest};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Statement,
};

use crate::browser_like::{Seen, Visitor};
use crate::directory::{RESIDENT, document};
use crate::fixture_payment::Office;
use crate::on_both;
use crate::town::{FUZHOU, Town, person_no};
use crate::world::World;

on_both! {
    any_part_of_a_name_is_found_and_an_official_number_opens_its_page => parts;
    a_former_name_is_found_and_a_withdrawn_one_is_not => former;
    nobody_finds_what_lies_outside_the_scope => scopes;
    a_common_name_says_at_least_and_a_narrow_scope_still_finds_its_own => common;
    a_batch_is_found_by_its_payer_only => batches;
    the_number_of_a_document_leaves_no_trace => private;
    the_index_made_by_the_migration_is_that_of_the_program => backfill;
    names_are_found_through_the_index => plans;
}

/// A person called so, working for an enterprise.
async fn called(town: &Town, id: i64, name: &str, enterprise: i64) {
    let row = entity::person::ActiveModel {
        id: Set(id),
        person_no: Set(person_no(id)),
        created_at: Set(town.world.app.clock.now()),
    };
    let conn = town.world.app.db.read();
    entity::person::Entity::insert(row).exec_without_returning(conn).await.unwrap();
    town.state(id, "2020-01-01", None, PersonName { name: name.to_owned() }).await;
    town.engineer(id, enterprise, "2025-12-01", None).await;
}

async fn scene(world: World) -> Town {
    let town = Town::new(world).await;
    for (id, name, enterprise) in
        [(1, "张伟", 1), (2, "张伟国", 2), (3, "欧阳建国", 3), (4, "John Smith", 1), (5, "伟张", 2)]
    {
        called(&town, id, name, enterprise).await;
    }
    town
}

/// Types into the box of the top bar, as the page has it.
async fn find(who: &mut Visitor, text: &str) -> Seen {
    who.get("/engineers").await;
    let page = who.page.clone().unwrap();
    assert!(page.form("/search").is_some(), "the box is on every page");
    who.post("/search", &[("q", text)]).await
}

/// Names of what was found.
async fn names(who: &mut Visitor, text: &str) -> Vec<String> {
    find(who, text).await.texts("tbody th")
}

async fn parts(world: World) {
    let town = scene(world).await;
    let certificate = Recognition {
        enterprise_id: Some(1),
        class: TalentClass::B,
        certificate_no: "闽人才证〔2026〕0007号".to_owned(),
    };
    town.state(4, "2026-01-01", None, certificate).await;
    let mut hr = Visitor::signed_in(&town.world.app, "hr").await;
    for (text, found) in [
        ("张伟", &["张伟", "张伟国"][..]),
        ("伟国", &["张伟国"]),
        ("建", &["欧阳建国"]),
        ("国", &["张伟国", "欧阳建国"]),
        ("欧阳 建国", &["欧阳建国"]),
        ("n sMi", &["John Smith"]),
        ("企业", &["企业1", "企业2", "企业3"]),
        ("91350128", &["企业3"]),
        ("闽人才证〔2026〕0007号", &["John Smith"]),
        ("伟大", &[]),
        ("%", &[]),
    ] {
        assert_eq!(names(&mut hr, text).await, found, "{text}");
    }
    let none = find(&mut hr, "查无此人").await;
    assert!(none.text().contains("管理范围内没有找到"), "{}", none.text());
    for (text, at) in
        [("e000003", "/engineers/E000003"), (FUZHOU, "/enterprises/913501000000000001")]
    {
        find(&mut hr, text).await;
        assert_eq!(hr.at, at);
    }
    let list = hr.get("/engineers?q=%E4%BC%9F%E5%9B%BD").await;
    assert_eq!(list.texts("tbody th"), ["张伟国"], "the list uses the same index");
}

async fn former(world: World) {
    let mut town = scene(world).await;
    let app = town.world.app.clone();
    town.at("2026-02-01T09:00:00+08:00");
    let tx = app.db.begin().await.unwrap();
    let old = fact::facts_of::<PersonName>(&tx, 1, Versions::Live).await.unwrap().remove(0);
    let wrong = town.stated(1, "2020-01-01", None, PersonName { name: "章炜".to_owned() });
    fact::correct(&tx, old.id, wrong).await.unwrap();
    let old = fact::facts_of::<EnterpriseName>(&tx, 1, Versions::Live).await.unwrap().remove(0);
    let first = EnterpriseName { name: "企业1".to_owned() };
    fact::correct(&tx, old.id, town.stated(1, "2020-01-01", Some("2025-12-31"), first))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    town.state(1, "2026-01-01", None, EnterpriseName { name: "闽江智能科技".to_owned() }).await;

    let mut hr = Visitor::signed_in(&app, "hr").await;
    assert_eq!(names(&mut hr, "张伟").await, ["张伟国"], "corrected: it never was the name");
    assert_eq!(names(&mut hr, "章炜").await, ["章炜"]);
    for part in ["企业1", "闽江智能", "江智"] {
        assert_eq!(names(&mut hr, part).await, ["闽江智能科技"], "{part}");
    }
}

async fn scopes(world: World) {
    let town = scene(world).await;
    let app = &town.world.app;
    let mut clerk = Visitor::of_enterprise(app, "clerk1", Role::EnterpriseClerk, 1).await;
    assert_eq!(names(&mut clerk, "张伟").await, ["张伟"]);
    assert_eq!(names(&mut clerk, "企业").await, ["企业1"]);
    for foreign in ["E000002", "913502000000000002", "欧阳", "HD2026-001", "IM000001", "B2026-0001"]
    {
        let seen = find(&mut clerk, foreign).await;
        assert!(seen.texts("tbody th").is_empty(), "{foreign}: {}", seen.text());
        assert!(clerk.at.starts_with("/search?q="), "like a number that nobody has: {}", clerk.at);
    }
    let mut xiamen = Visitor::with_role(app, "xiamen", Role::HrCity, "350200").await;
    assert_eq!(names(&mut xiamen, "伟").await, ["张伟国", "伟张"]);
    let mut county = Visitor::with_role(app, "gulou", Role::HrCounty, "350102").await;
    assert_eq!(names(&mut county, "张").await, ["张伟"]);
    let mut admin = Visitor::with_role(app, "admin", Role::Administrator, "350000").await;
    assert!(admin.get("/").await.form("/search").is_none(), "no box that leads nowhere");
    assert_eq!(admin.get("/search?q=%E5%BC%A0%E4%BC%9F").await.status, StatusCode::FORBIDDEN);
}

async fn common(world: World) {
    let town = scene(world).await;
    let app = &town.world.app;
    let at = app.clock.now();
    // As many namesakes as the index is looked through before a narrow scope is, and some.
    let people = (100..2_700).map(|id| entity::person::ActiveModel {
        id: Set(id),
        person_no: Set(person_no(id)),
        created_at: Set(at),
    });
    let tx = app.db.begin().await.unwrap();
    juncai::store::db::insert_all(&tx, people).await.unwrap();
    let name = |id| town.stated(id, "2020-01-01", None, PersonName { name: "陈静".to_owned() });
    fact::state(&tx, (100..2_700).map(name).collect()).await.unwrap();
    tx.commit().await.unwrap();
    town.engineer(100, 2, "2025-12-01", None).await;
    town.engineer(2_699, 3, "2025-12-01", None).await;

    let mut hr = Visitor::signed_in(app, "hr").await;
    let seen = find(&mut hr, "陈静").await;
    assert!(seen.text().contains("核心工程师 至少 20 人"), "{}", seen.text());
    assert!(seen.links().contains(&"/engineers?q=%E9%99%88%E9%9D%99".to_owned()));
    for (login, division, no) in [("xm", "350200", "E000100"), ("pt", "350128", "E002699")] {
        let mut city = Visitor::with_role(app, login, Role::HrCity, division).await;
        for part in ["陈", "陈静", "静"] {
            let seen = find(&mut city, part).await;
            assert_eq!(seen.texts("tbody td.code"), [no], "{part} in {division}");
        }
    }
}

async fn batches(world: World) {
    let office = Office::new(world).await;
    let app = &office.world.app;
    office.allot(50_000_000).await;
    office.payees(1, &[20_000_000]).await;
    let batch_no = office.draft().await;
    let mut maker = Visitor::with_role(app, "fm", Role::FinanceMaker, "350000").await;
    find(&mut maker, &batch_no.to_lowercase()).await;
    assert_eq!(maker.at, format!("/batches/{batch_no}"));
    let part = names(&mut maker, &batch_no[..5]).await;
    assert_eq!(part.len(), 1, "{part:?}");
    let mut xiamen = Visitor::with_role(app, "xm", Role::FinanceMaker, "350200").await;
    let mut hr = Visitor::with_role(app, "hr9", Role::HrProvince, "350000").await;
    for who in [&mut xiamen, &mut hr] {
        assert!(names(who, &batch_no).await.is_empty());
    }
}

async fn private(world: World) {
    let town = scene(world).await;
    document(&town, 1, "resident_id", "CHN", RESIDENT).await;
    let app = &town.world.app;
    let mut hr = Visitor::signed_in(app, "hr").await;
    find(&mut hr, " 110105 19491231 002x").await;
    assert_eq!(hr.at, "/engineers/E000001");
    for (typed, status) in [
        ("440524188001010014", StatusCode::NOT_FOUND),
        ("110105194912310021", StatusCode::NOT_FOUND),
        ("13800138000", StatusCode::NOT_FOUND),
        ("E12345678", StatusCode::NOT_FOUND),
    ] {
        let seen = find(&mut hr, typed).await;
        assert_eq!((seen.status, hr.at.as_str()), (status, "/search"), "{typed}");
        assert!(!seen.body().contains(typed), "{typed} is not sent back");
    }
    let typed_into_the_address = hr.get(&format!("/search?q={RESIDENT}")).await;
    assert_eq!(typed_into_the_address.status, StatusCode::OK);
    assert!(!typed_into_the_address.body().contains("49123"), "not even there");
    assert!(typed_into_the_address.form("/engineers/lookup").is_some(), "the way to do it");

    let events = entity::audit_event::Entity::find()
        .filter(entity::audit_event::Column::Action.eq("engineer.looked_up"))
        .all(app.db.read())
        .await
        .unwrap();
    assert!(!events.is_empty());
    for event in events {
        assert!(!event.detail.contains("4912") && !event.object_no.contains("4912"));
    }
    let foreign = hr.send(Method::POST, "/search", Some(b"q=E000001".to_vec()), &[]).await;
    assert_ne!(foreign.status, StatusCode::SEE_OTHER, "a form of another site is refused");
}

async fn backfill(world: World) {
    let town = scene(world).await;
    called(&town, 9, "ÉLISE o'Neil Anna", 1).await;
    let app = &town.world.app;
    let index = async || {
        entity::search_gram::Entity::find()
            .order_by_asc(entity::search_gram::Column::Kind)
            .order_by_asc(entity::search_gram::Column::Gram)
            .order_by_asc(entity::search_gram::Column::ObjectId)
            .all(app.db.read())
            .await
            .unwrap()
    };
    let before = index().await;
    assert!(before.len() > 20);
    town.sql("DROP TABLE search_gram").await;
    town.sql("DROP INDEX recognition_certificate").await;
    town.sql("DELETE FROM seaql_migrations WHERE version LIKE '%000007_search'").await;
    app.db.migrate().await.unwrap();
    assert_eq!(index().await, before);
}

async fn plans(world: World) {
    let town = scene(world).await;
    let db = &town.world.app.db;
    let tx = db.begin().await.unwrap();
    let head = if db.is_postgres() {
        // So few rows are read faster without an index; a million are not.
        tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        tx.execute_unprepared("SET LOCAL enable_bitmapscan = off").await.unwrap();
        "EXPLAIN"
    } else {
        "EXPLAIN QUERY PLAN"
    };
    for (among, part) in
        [(Named::Person, "张"), (Named::Person, "张伟国"), (Named::Enterprise, "企业1")]
    {
        let select = rarest(&tx, among, part).await.unwrap().select(0, 400);
        let asked = select.build(tx.get_database_backend());
        let explain = format!("{head} {}", asked.sql);
        let values = asked.values.unwrap_or(sea_orm::Values(vec![]));
        let statement =
            Statement::from_sql_and_values(tx.get_database_backend(), explain, values.0);
        let column = if db.is_postgres() { "QUERY PLAN" } else { "detail" };
        let rows = tx.query_all_raw(statement).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
        let plan = plan.join("\n");
        assert!(
            plan.contains(if db.is_postgres() { "search_gram_pkey" } else { "PRIMARY KEY" }),
            "{plan}"
        );
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{part}: {plan}");
    }
}
