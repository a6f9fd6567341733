//! The overview: each figure counts exactly the list behind it, and nobody sees beyond their scope.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::{Code, LegalForm, PilotAuthorisation, TalentClass};
use juncai::domain::roster::DepartureReason;
use juncai::service::Actor;
use juncai::service::case::{self, NewRecognition};
use juncai::service::overview::{Behind, Cell, Conditions, Figure, behind, export, overview};
use juncai::service::roster::{LastDay, end_entry};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{FUZHOU, Town, actor, day, person_no};
use crate::world::World;

on_both! {
    every_figure_counts_the_list_behind_it_for_every_office => counts;
    a_list_is_shown_exported_and_refused_by_role_and_place => pages;
}

/// Three enterprises, people at each, a recognition under way, a late and a timely departure.
async fn busy(world: World) -> (Town, Actor) {
    let mut town = Town::new(world).await;
    for (person, enterprise) in [(1, 1), (2, 1), (3, 2), (4, 3), (5, 1)] {
        town.full_year(person, enterprise).await;
    }
    let pilot =
        PilotAuthorisation { legal_form: LegalForm::Filing, quota_a: 0, quota_b: 1, quota_c: 2 };
    town.state(1, "2026-01-01", Some("2028-12-31"), pilot).await;
    town.at("2026-06-01T09:00:00+08:00");
    let clerk = actor(&town.world, "clerk", "enterprise_clerk", "350102", Some(1)).await;
    let new = NewRecognition {
        person_no: person_no(1),
        class: TalentClass::C,
        grounds: "主持省级重点研发项目，符合标准第三条".to_owned(),
    };
    case::open_recognition(&town.world.app, &clerk, &new).await.unwrap();
    for (person, last) in [(2, "2026-03-31"), (5, "2026-05-29")] {
        let end = LastDay {
            last_day: day(last),
            reason: DepartureReason::Resigned,
            note: String::new(),
            document_no: "离〔2026〕1号".to_owned(),
        };
        end_entry(&town.world.app, &town.hr, &person_no(person), &end).await.unwrap();
    }
    town.at("2027-01-10T09:00:00+08:00");
    town.compute(2026).await;
    town.freeze_all("in_batch").await;
    town.freeze_all("paid").await;
    town.at("2026-06-02T09:00:00+08:00");
    (town, clerk)
}

async fn counts(world: World) {
    let (town, clerk) = busy(world).await;
    let app = &town.world.app;
    let mut readers = vec![town.hr.clone(), clerk];
    for (login, role, division) in [
        ("fuzhou", "hr_city", "350100"),
        ("gulou", "hr_county", "350102"),
        ("money", "finance_maker", "350000"),
        ("industry", "industry_province", "350000"),
    ] {
        readers.push(actor(&town.world, login, role, division, None).await);
    }
    let mut seen = 0;
    for reader in &readers {
        for figure in overview(app, reader).await.unwrap() {
            for bar in &figure.bars {
                assert_eq!(bar.cells.len() + 1, figure.columns.len(), "{}", figure.id);
                let Some((what, wanted)) = &bar.behind else { continue };
                let list = behind(app, reader, *what, wanted, (0, 2)).await.unwrap();
                let about = format!("{} {} {}", reader.login, figure.id, bar.label);
                assert_eq!(list.total, bar.count, "{about}");
                assert!(list.rows.iter().all(|row| row.len() == list.columns.len()), "{about}");
                seen += bar.count;
            }
        }
    }
    assert!(seen > 20, "figures that count nothing prove nothing: {seen}");

    let province = overview(app, &town.hr).await.unwrap();
    let city = overview(app, &readers[2]).await.unwrap();
    assert_eq!(value(&province, "places", "福州市"), Some(Cell::Count(1)));
    assert_eq!(value(&province, "places", "厦门市"), Some(Cell::Count(1)));
    assert_eq!(value(&city, "places", "厦门市"), None, "Fuzhou does not see Xiamen");
    assert_eq!(value(&province, "departures", "福州市"), Some(Cell::Count(1)), "one of two late");
    let groups = |id: &str| {
        let figure = province.iter().find(|figure| figure.id == id).unwrap();
        figure.bars.iter().filter(|bar| !bar.group.is_empty()).count()
    };
    assert_eq!(groups("places"), 1, "Xiamen stands apart");
    assert!(
        overview(app, &readers[5])
            .await
            .unwrap()
            .iter()
            .all(|figure| { !["years", "amounts"].contains(&figure.id) })
    );
}

fn value(figures: &[Figure], id: &str, label: &str) -> Option<Cell> {
    let figure = figures.iter().find(|figure| figure.id == id)?;
    figure.bars.iter().find(|bar| bar.label == label).map(|bar| bar.value.clone())
}

async fn pages(world: World) {
    let (town, clerk) = busy(world).await;
    let app = &town.world.app;
    let mut officer = Visitor::signed_in(app, "hr").await;
    let page = officer.get("/overview").await;
    assert_eq!(page.status, StatusCode::OK);
    let links = page.links();
    let mut opened = 0;
    for link in links.iter().filter(|link| link.starts_with("/overview/")) {
        let list = officer.get(link).await;
        assert_eq!(list.status, StatusCode::OK, "{link}");
        opened += 1;
    }
    assert!(opened > 10, "figures lead to lists");
    for drawing in page.attributes("svg.chart", "aria-labelledby") {
        assert_eq!(drawing.split(' ').count(), 2, "a title and a description");
    }

    let wanted = Conditions { uscc: FUZHOU.to_owned(), ..Conditions::default() };
    let (title, bytes) = export(app, &town.hr, Behind::Roster, &wanted).await.unwrap();
    assert!(title.contains("企业1") && bytes.starts_with(b"PK"));
    let sheet = officer.get(&format!("/overview/roster.xlsx?uscc={FUZHOU}")).await;
    assert!(sheet.bytes.starts_with(b"PK"));
    let logged = town.texts("SELECT action FROM audit_event WHERE action = 'overview.exported'");
    assert_eq!(logged.await.len(), 2, "each export is logged");

    let mut own = Visitor::signed_in(app, &clerk.login).await;
    let theirs = own.get("/overview/roster").await.text();
    assert!(theirs.contains("企业1") && !theirs.contains("企业2"), "{theirs}");
    let mut industry = Visitor::with_role(app, "ind", Role::IndustryProvince, "350000").await;
    assert_eq!(industry.get("/overview/cases").await.status, StatusCode::OK);
    assert_eq!(industry.get("/overview/paid").await.status, StatusCode::FORBIDDEN);
    assert_eq!(industry.get("/overview/nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(Behind::ALL.len(), 7);
}
