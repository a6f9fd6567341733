//! Who sees what: one enterprise is never told of another's people.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::money::Fen;

use super::*;
use crate::browser_like::{Seen, Visitor};
use crate::world::Backend;

on_both! {
    a_document_finds_its_holder_whoever_registered_it => lookup;
    an_enterprise_never_sees_anothers_people => foreign;
    a_shared_engineer_is_shown_as_far_as_the_time_there => shared;
    a_shared_year_is_explained_and_listed_as_far_as_the_time_there => shared_year;
    a_city_sees_its_enterprises_people_only => city;
    the_desk_shows_what_waits_for_the_role => desk;
    figures_are_those_of_the_scope => figures;
    where_offices_search_first_nobody_is_shown_before => search_first;
    the_page_of_a_record_keeps_day_and_knowledge => record_page;
}

async fn scene(world: World) -> Town {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    document(&town, 1, "resident_id", "CHN", "440524188001010014").await;
    document(&town, 2, "resident_id", "CHN", RESIDENT).await;
    document(&town, 3, "passport", "DEU", "C01X00T47").await;
    pay_to(&town, 2, "2026-01-01", None, "6228480012349999").await;
    town.insured(2, 2026, 1..=6).await;
    town.at("2026-08-01T09:00:00+08:00");
    town
}

async fn clerk_of(town: &Town, enterprise: i64) -> Visitor {
    let login = format!("clerk{enterprise}");
    Visitor::of_enterprise(&town.world.app, &login, Role::EnterpriseClerk, enterprise).await
}

async fn lookup(world: World) {
    let town = scene(world).await;
    let mut officer = Visitor::signed_in(&town.world.app, "hr").await;
    for (typed, no) in
        [(" 11010519491231002x ", "E000002"), (RESIDENT, "E000002"), ("c01x00t47", "E000003")]
    {
        officer.get("/engineers").await;
        let seen = officer.post("/engineers/lookup", &[("document_no", typed)]).await;
        assert_eq!((seen.status, officer.at.clone()), (StatusCode::OK, format!("/engineers/{no}")));
        assert!(!seen.body().contains("00T47") && !seen.body().contains("491231"), "masked only");
    }
    officer.get("/engineers").await;
    let wrong = officer.post("/engineers/lookup", &[("document_no", "110105194912310021")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.body().contains("110105194912310021"), "the number is not sent back");
    let nobody = officer.post("/engineers/lookup", &[("document_no", "E12345678")]).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);

    let log = entity_events(&town, "engineer.looked_up").await;
    assert_eq!(log.len(), 4, "every search but the mistyped one");
    assert!(log.iter().all(|line| !line.contains("4912") && !line.contains("00T47")), "{log:?}");
}

async fn entity_events(town: &Town, action: &str) -> Vec<String> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    entity::audit_event::Entity::find()
        .filter(entity::audit_event::Column::Action.eq(action))
        .all(town.world.app.db.read())
        .await
        .unwrap()
        .into_iter()
        .map(|event| format!("{} {}", event.object_no, event.detail))
        .collect()
}

fn tells_of_enterprise_two(seen: &Seen) -> Vec<&'static str> {
    // Four digits may also occur in a random token, which is never text.
    let (body, text) = (seen.body(), seen.text());
    let words = ["工程师2", "E000002", "企业2", XIAMEN, "11****2X"];
    let told = words.into_iter().filter(|word| body.contains(word));
    told.chain(["9999"].into_iter().filter(|digits| text.contains(digits))).collect()
}

async fn search_first(world: World) {
    let town = scene(world).await;
    let mut app = town.world.app.clone();
    app.search_first = true;
    let mut officer = Visitor::signed_in(&app, "hr").await;
    for query in ["", "?city=350200", "?state=active&amount=zero", "?q=E", "?missing=account"] {
        let list = officer.get(&format!("/engineers{query}")).await;
        assert_eq!(list.texts("tbody th"), [""; 0], "{query}");
        assert!(list.text().contains("先查询，后显示"), "{query}");
        let export = officer.get(&format!("/engineers.csv{query}")).await;
        assert_eq!(export.status, StatusCode::CONFLICT, "{query}");
        assert!(export.text().contains("请先按姓名、编号或企业查询"), "{query}");
    }
    let named = officer.get("/engineers?q=E000002").await;
    assert_eq!(named.texts("tbody th"), ["工程师2"]);
    let there = officer.get("/engineers?enterprise=913501000000000001").await;
    assert_eq!(there.texts("tbody th"), ["工程师1", "工程师3"]);

    let enterprise = Visitor::of_enterprise(&app, "clerk1", Role::EnterpriseClerk, 1);
    let own = enterprise.await.get("/engineers").await;
    assert_eq!(own.texts("tbody th"), ["工程师1", "工程师3"], "its own people");
}

async fn foreign(world: World) {
    let town = scene(world).await;
    let mut clerk = clerk_of(&town, 1).await;
    for page in [
        "/",
        "/engineers",
        "/enterprises",
        "/engineers?q=工程师&state=active",
        "/engineers?city=350200",
        "/engineers/E000001",
        "/engineers/E000003",
        "/enterprises/913501000000000001",
        "/engineers.csv",
    ] {
        let page = page.replace("工程师", "%E5%B7%A5%E7%A8%8B%E5%B8%88");
        let seen = clerk.get(&page).await;
        assert_eq!(seen.status, StatusCode::OK, "{page}");
        assert_eq!(tells_of_enterprise_two(&seen), [""; 0], "{page}");
    }
    let list = clerk.get("/engineers").await;
    assert_eq!(list.texts("tbody th"), ["工程师1", "工程师3"]);
    for query in ["enterprise=913502000000000002", "city=350200", "q=E000002"] {
        let seen = clerk.get(&format!("/engineers?{query}")).await;
        assert_eq!(seen.texts("tbody th"), [""; 0], "{query}");
    }
    for page in ["/engineers/E000002", "/engineers/E999999", "/enterprises/913502000000000002"] {
        let seen = clerk.get(page).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{page}");
    }
    let (theirs, none) = (clerk.get("/engineers/E000002").await, clerk.get("/engineers/E9").await);
    let says = |seen: &Seen| (seen.texts("h1"), seen.texts("main p")[..3].to_vec());
    assert_eq!(says(&theirs), says(&none), "like a number that nobody has");

    clerk.get("/engineers").await;
    let found = clerk.post("/engineers/lookup", &[("document_no", RESIDENT)]).await;
    assert_eq!(found.status, StatusCode::NOT_FOUND);
    assert_eq!(tells_of_enterprise_two(&found), [""; 0]);
    let export = clerk.get("/engineers.csv").await;
    assert!(export.body().contains("工程师1") && export.body().contains("工程师3"));
    assert_eq!(entity_events(&town, "engineers.exported").await.len(), 2);

    let mut admin =
        Visitor::with_role(&town.world.app, "root", Role::Administrator, "350000").await;
    for page in ["/engineers", "/enterprises", "/engineers/E000001", "/engineers.xlsx"] {
        assert_eq!(admin.get(page).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    assert_eq!(admin.get("/").await.texts("#year"), [""; 0], "no business figures");
}

async fn shared(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.insured(3, 2026, 1..=12).await;
    pay_to(&town, 3, "2026-06-01", None, "6228480012349999").await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    let app = &town.world.app;
    let whole = directory::engineer(app, &town.hr, "E000003", AsOf::default()).await.unwrap();
    let clerks = [
        actor(&town.world, "c1", "enterprise_clerk", "350102", Some(1)).await,
        actor(&town.world, "c2", "enterprise_clerk", "350203", Some(2)).await,
    ];
    let mut parts = Vec::new();
    for clerk in &clerks {
        let record = directory::engineer(app, clerk, "E000003", AsOf::default()).await.unwrap();
        let year = &record.years[0];
        assert_eq!((year.months, year.paid), (None, None), "what others owe is not told");
        parts.push(year.net);
        let named: Vec<_> = record.versions.iter().filter(|v| v.content.contains("企业")).collect();
        assert_eq!(named.len(), 2, "one employment and one entry: {named:?}");
    }
    assert_eq!(Fen::checked_sum(parts), Some(whole.years[0].net));
    let left = directory::engineer(app, &clerks[0], "E000003", AsOf::default()).await.unwrap();
    assert_eq!((left.head.standing, left.head.account), (Some(Standing::Ended), None));
    assert_eq!(left.head.uscc, FUZHOU);
    let stays = directory::engineer(app, &clerks[1], "E000003", AsOf::default()).await.unwrap();
    assert_eq!(stays.head.account.unwrap().last_four, "9999");
    assert!(left.deeds == directory::Deeds::default() && stays.deeds.depart);
}

/// Engineer 3 leaves enterprise 1 for enterprise 2 in 2026, and an award is set off; engineer 4
/// works for enterprise 1 in 2026 and for enterprise 2 in 2027.
async fn shared_year(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.insured(3, 2026, 1..=12).await;
    town.award(3, "city", 5_000_000).await;
    town.person(4).await;
    town.engineer(4, 1, "2025-12-01", Some("2026-12-31")).await;
    town.engineer(4, 2, "2027-01-01", None).await;
    town.insured(4, 2026, 1..=12).await;
    pay_to(&town, 3, "2026-06-01", None, "6228480012349999").await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    town.release().await;
    town.sql("UPDATE payment_line SET state = 'paid' WHERE person_id = 3").await;
    let mut whole = Visitor::signed_in(&town.world.app, "hr").await;
    let page = whole.get("/engineers/E000003/years/2026").await;
    let says = |seen: &Seen, word: &str| seen.text().contains(word);
    assert!(says(&page, "企业1") && says(&page, "企业2") && says(&page, "四、计算步骤"));
    let net = |seen: &Seen| -> Fen { seen.texts("h1 .num")[0].replace(',', "").parse().unwrap() };
    let mut parts = Vec::new();
    let mut before = clerk_of(&town, 1).await;
    let mut after = clerk_of(&town, 2).await;
    for (clerk, own, other) in [(&mut before, 1, 2), (&mut after, 2, 1)] {
        let page = clerk.get("/engineers/E000003/years/2026").await;
        assert!(
            says(&page, &format!("企业{own}")) && !page.body().contains(&format!("企业{other}"))
        );
        assert!(says(&page, "只显示与本企业有关的部分"));
        assert!(!says(&page, "四、计算步骤") && !says(&page, "9999"));
        parts.push(net(&page));

        let list = clerk.get("/entitlements?year=2026").await;
        let sum = page.texts("h1 .num")[0].clone();
        let row = list.texts("tbody tr").into_iter().find(|row| row.contains("E000003")).unwrap();
        assert!(row.contains(&sum) && !row.contains(&format!("企业{other}")), "{row}");
        let table = clerk.get("/entitlements.csv?year=2026").await;
        let line = table.body().lines().find(|line| line.contains("E000003")).unwrap().to_owned();
        assert!(line.contains(&sum.replace(',', "")) || line.contains(&sum), "{line}");
        assert!(!table.body().contains(&format!("企业{other}")), "{line}");
    }
    assert_eq!(Fen::checked_sum(parts), Some(net(&page)));
    // A year at the enterprise before is nothing to the one after; a whole year is told whole.
    assert_eq!(after.get("/engineers/E000004").await.status, StatusCode::OK);
    let foreign = after.get("/engineers/E000004/years/2026").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(!after.get("/entitlements").await.body().contains("E000004"));
    let own = before.get("/engineers/E000004/years/2026").await;
    assert!(says(&own, "四、计算步骤") && !own.body().contains("企业2"));
}

async fn city(world: World) {
    let town = scene(world).await;
    let xiamen = actor(&town.world, "xm", "hr_city", "350200", None).await;
    let app = &town.world.app;
    let page =
        directory::engineers(app, &xiamen, &EngineerQuery::default(), 2026, &Start::Offset(0))
            .await;
    let names: Vec<_> = page.unwrap().rows.into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["工程师2", "工程师3"]);
    let refused = directory::engineer(app, &xiamen, "E000001", AsOf::default()).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
    let refused = directory::enterprise(app, &xiamen, FUZHOU, 2026, 0).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
    // Whoever was with an enterprise of the city is seen with the whole history.
    let moved = directory::engineer(app, &xiamen, "E000003", AsOf::default()).await.unwrap();
    assert!(moved.versions.iter().any(|version| version.content.contains("企业1")));
}

async fn desk(world: World) {
    let mut town = scene(world).await;
    town.person(5).await;
    declare(&town, 5, 1, "2026-07-01").await;
    town.at("2026-08-15T09:00:00+08:00");
    let app = &town.world.app;
    let tasks = async |actor: &Actor| {
        let desk = directory::home(app, actor, 2026).await.unwrap();
        desk.tasks.into_iter().map(|task| (task.label, task.count)).collect::<Vec<_>>()
    };
    let province = [("名册待确认", 1), ("证据月份断档", 2), ("未登记收款账户", 2)];
    assert_eq!(tasks(&town.hr).await, province);
    let badges = directory::badges(app, &town.hr).await.unwrap();
    assert_eq!(badges, [("/roster/declarations", 1)]);
    let clerk = actor(&town.world, "c2", "enterprise_clerk", "350203", Some(2)).await;
    let own = [("证据月份断档", 1), ("未登记收款账户", 1), ("本人尚未确认", 2)];
    assert_eq!(tasks(&clerk).await, own);
    for (login, role, division) in
        [("aud", "auditor", "350000"), ("adm", "administrator", "350000")]
    {
        let nobody = actor(&town.world, login, role, division, None).await;
        assert_eq!(tasks(&nobody).await, []);
        assert_eq!(directory::badges(app, &nobody).await.unwrap(), []);
    }
}

async fn figures(world: World) {
    let mut town = Town::new(world).await;
    three_engineers(&town).await;
    town.insured(3, 2026, 1..=12).await;
    town.full_year(4, 1).await;
    town.full_year(5, 2).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    town.release().await;
    town.sql("UPDATE payment_line SET state = 'paid' WHERE person_id = 4").await;
    town.sql("UPDATE payment_line SET state = 'in_batch' WHERE person_id = 5").await;
    let app = &town.world.app;
    let of = async |actor: &Actor| directory::home(app, actor, 2026).await.unwrap();
    let all = of(&town.hr).await;
    let province = all.figures.unwrap();
    assert_eq!((province.enterprises, province.engineers), (3, 5));
    assert_eq!((province.paid.get(), province.in_transit.get()), (20_000_000, 20_000_000));
    assert_eq!((province.entitled.get(), all.paid_percent), (60_000_000, 33));

    let xiamen = actor(&town.world, "xm", "hr_city", "350200", None).await;
    let clerk = actor(&town.world, "c1", "enterprise_clerk", "350102", Some(1)).await;
    let (city, own) = (of(&xiamen).await.figures.unwrap(), of(&clerk).await.figures.unwrap());
    assert_eq!((city.enterprises, city.engineers, own.engineers), (1, 3, 2));
    assert_eq!(Fen::checked_sum([city.entitled, own.entitled]), Some(province.entitled));
    assert_eq!((city.paid.get(), city.in_transit.get()), (0, 20_000_000));
    assert_eq!((own.paid.get(), own.in_transit.get()), (20_000_000, 0));
}

async fn record_page(world: World) {
    let town = scene(world).await;
    let mut officer = Visitor::signed_in(&town.world.app, "hr").await;
    let now = officer.get("/engineers/E000003").await;
    assert_eq!(now.texts("h1")[0].split_whitespace().collect::<Vec<_>>(), ["工程师3", "在册"]);
    assert!(now.form("/engineers/E000003/departures").is_some());
    let facts = now.attributes("#correction-fact option", "value");
    assert!(
        facts.iter().filter(|fact| fact.starts_with("roster_entry:")).count() == 2,
        "{facts:?}"
    );
    assert_eq!(now.texts("svg .lane")[..3], ["任职", "名册", "清单"]);

    let past = officer.get("/engineers/E000003?on=2026-05-12&known_at=2026-08-01").await;
    assert_eq!(past.texts("h1")[0].split_whitespace().collect::<Vec<_>>(), ["工程师3", "在册"]);
    let before = officer.get("/engineers/E000003?known_at=2026-01-05&known_time=08:59").await;
    assert!(before.texts("h1")[0].contains("未入册"), "{:?}", before.texts("h1"));
    assert!(before.text().contains("仅采用截至 2026-01-05 08:59:00 已掌握的信息"));
    assert!(before.form("/engineers/E000003/departures").is_none(), "the past is not changed");
    let wrong = officer.get("/engineers/E000003?on=2026-02-30").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attributes("#as-of-on", "value"), ["2026-02-30"], "kept as typed");

    let link = now.links().into_iter().find(|link| link.contains("known_time")).unwrap();
    assert!(officer.get(&link).await.text().contains("2026-01-05 09:00:00"), "{link}");
}

#[tokio::test]
async fn a_long_list_is_shown_page_by_page_in_a_fixed_order() {
    let town = Town::new(World::new(Backend::Sqlite).await).await;
    for person in 1..=53 {
        town.person(person).await;
        town.engineer(person, 1, "2025-12-01", None).await;
    }
    let mut clerk = clerk_of(&town, 1).await;
    let first = clerk.get("/engineers?state=active").await;
    let next = first.attributes("a[rel=next]", "href");
    assert_eq!(next, ["/engineers?state=active&page=2&after=E000050"]);
    let second = clerk.get(&next[0]).await;
    assert_eq!((first.texts("tbody th").len(), second.texts("tbody th").len()), (50, 3));
    assert_eq!(second.texts("tbody th"), ["工程师51", "工程师52", "工程师53"]);
    assert!(second.text().contains("第 51–53 人，共 53 人"), "{}", second.text());
}
