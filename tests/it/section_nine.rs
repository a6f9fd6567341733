//! Every sentence of section 九 has a page that serves it (docs/section-nine.md).

use std::collections::BTreeSet;

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::Code;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::Town;
use crate::world::World;

on_both! {
    every_sentence_has_a_page_that_answers_its_role => pages;
}

const TABLE: &str = include_str!("../../docs/section-nine.md");

/// The lines of the table: sentence, address, role.
fn lines() -> Vec<(String, String, Role)> {
    let rows = TABLE.lines().filter(|line| line.starts_with('|')).skip(2);
    let line = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [sentence, _, page, role] = cells.as_slice() else { panic!("four cells: {row}") };
        let role = Role::from_code(role).unwrap_or_else(|| panic!("a role: {role}"));
        ((*sentence).to_owned(), page.trim_matches('`').to_owned(), role)
    };
    rows.map(line).collect()
}

async fn pages(world: World) {
    let mut town = Town::new(world).await;
    town.full_year(1, 1).await;
    town.at("2027-01-15T09:00:00+08:00");
    let app = town.world.app.clone();
    let lines = lines();
    assert!(lines.len() >= 20, "{}", lines.len());
    let mut seen = BTreeSet::new();
    for (sentence, page, role) in lines {
        let login = format!("who-{}", role.code());
        let first = seen.insert(login.clone());
        let division = match role {
            Role::HrCounty => "350102",
            Role::HrCityApprover => "350100",
            _ => "350000",
        };
        let mut visitor = match (first, role.is_of_enterprise()) {
            (false, _) => Visitor::signed_in(&app, &login).await,
            (true, true) => Visitor::of_enterprise(&app, &login, role, 1).await,
            (true, false) => Visitor::with_role(&app, &login, role, division).await,
        };
        let answer = visitor.get(&page).await;
        assert_eq!(answer.status, StatusCode::OK, "{sentence} {page} {}", role.code());
        assert!(answer.texts("h1").len() == 1, "{sentence} {page}");
        // And somebody in that role finds it: from the menu, or one link from a page of the menu.
        let area = page.split('/').nth(1).unwrap_or_default();
        let home = visitor.get("/").await.links();
        let of_area = |link: &String| link.split(['/', '?']).nth(1) == Some(area);
        assert!(
            home.iter().any(of_area),
            "{sentence}: nothing leads to {page} for {}",
            role.code()
        );
    }
}
