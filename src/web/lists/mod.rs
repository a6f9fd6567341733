//! Versions of the key-enterprise list and of the roster, compared.

pub mod pages;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc};
use serde::Deserialize;

use self::pages::{CityRow, ListPage, VersionLine};
use crate::clock::china_day_start;
use crate::service::Error;
use crate::service::directory::{
    Comparison, ListKind, PAGE_SIZE, Point, VersionQuery, VersionRow, compare_versions,
    export_versions,
};
use crate::web::enterprises::handlers::city_choices;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager, second};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Pager;

const ENTERPRISES: &str = "/lists/enterprises";
const ROSTER: &str = "/lists/roster";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    let enterprises =
        async |State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>| {
            show(&site, &who, ListKind::Enterprises, &wanted).await
        };
    let roster = async |State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>| {
        show(&site, &who, ListKind::Roster, &wanted).await
    };
    let enterprises_table =
        async |State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>| {
            table(&site, &who, ListKind::Enterprises, &wanted).await
        };
    let roster_table =
        async |State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>| {
            table(&site, &who, ListKind::Roster, &wanted).await
        };
    Router::new()
        .route(ENTERPRISES, get(enterprises))
        .route(ROSTER, get(roster))
        .route("/lists/enterprises.xlsx", get(enterprises_table))
        .route("/lists/roster.xlsx", get(roster_table))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    from: String,
    from_known: String,
    to: String,
    to_known: String,
    change: String,
    city: String,
    page: Option<u64>,
}

const fn address(list: ListKind) -> &'static str {
    match list {
        ListKind::Enterprises => ENTERPRISES,
        ListKind::Roster => ROSTER,
    }
}

impl Wanted {
    fn conditions(&self) -> [(&'static str, &str); 6] {
        [
            ("from", &self.from),
            ("from_known", &self.from_known),
            ("to", &self.to),
            ("to_known", &self.to_known),
            ("change", &self.change),
            ("city", &self.city),
        ]
    }

    /// What was asked for, and the form with what is wrong in it. Without dates: from the first day
    /// of the year to today, as known now. A day of knowledge means its end.
    fn read(&self, site: &Site, list: ListKind) -> (VersionQuery, FormState) {
        let (now, today) = (site.app.clock.now(), site.app.clock.today());
        let mut form = FormState::new("versions");
        let mut day = |field: &str, text: &str| {
            let day: Option<NaiveDate> = text.trim().parse().ok();
            if day.is_none() && !text.trim().is_empty() {
                form = form.clone().wrong(field, "日期格式应为2026-06-30，且须是存在的日子");
            }
            day
        };
        let new_year = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
        let from = day("from", &self.from).unwrap_or(new_year);
        let to = day("to", &self.to).unwrap_or(today);
        let known = |day: Option<NaiveDate>| day.map_or(now, |day| end_of(day).min(now));
        let from_known = known(day("from_known", &self.from_known));
        let to_known = known(day("to_known", &self.to_known));
        form = form.with("from", from.to_string()).with("to", to.to_string());
        for (field, value) in self
            .conditions()
            .into_iter()
            .filter(|(field, _)| matches!(*field, "from_known" | "to_known" | "change" | "city"))
        {
            form = form.with(field, value);
        }
        let query = VersionQuery {
            list,
            before: Point { on: from, known_at: from_known },
            after: Point { on: to, known_at: to_known },
            change: self.change.clone(),
            city: self.city.clone(),
        };
        (query, form)
    }
}

/// The last second of a day.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    china_day_start(next) - Duration::seconds(1)
}

async fn show(site: &Site, who: &SignedIn, list: ListKind, wanted: &Wanted) -> Answer {
    let (query, form) = wanted.read(site, list);
    let from = offset(wanted.page, PAGE_SIZE);
    if form.has_errors() {
        return Ok(Page::retry(page(site, who, &query, form, None, wanted).await?).into_response());
    }
    match compare_versions(&site.app, &who.actor, &query, from, PAGE_SIZE).await {
        Ok(found) => {
            let page = page(site, who, &query, form, Some((found, from)), wanted).await?;
            Ok(Page::ok(page).into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let form = back_to_form(form, error)?;
            Ok(Page::retry(page(site, who, &query, form, None, wanted).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    site: &Site,
    who: &SignedIn,
    query: &VersionQuery,
    form: FormState,
    found: Option<(Comparison, u64)>,
    wanted: &Wanted,
) -> Result<ListPage, Failure> {
    let here = address(query.list);
    let is_roster = query.list == ListKind::Roster;
    let conditions = wanted.conditions();
    let kept: Vec<_> = conditions.iter().copied().filter(|(_, v)| !v.is_empty()).collect();
    let dates: Vec<_> =
        kept.iter().copied().filter(|(f, _)| !matches!(*f, "change" | "city")).collect();
    let with = |path: &str, fields: &[(&str, &str)]| match fields {
        [] => path.to_owned(),
        fields => format!("{path}?{}", serde_urlencoded::to_string(fields).unwrap_or_default()),
    };
    let other = if is_roster { ENTERPRISES } else { ROSTER };
    let (comparison, from) = match found {
        Some((comparison, from)) => (Some(comparison), from),
        None => (None, 0),
    };
    let pager = comparison.as_ref().map_or_else(Pager::default, |found| {
        pager((here, &conditions), found.total, (from, PAGE_SIZE, found.rows.len()))
    });
    let is_some = comparison.as_ref().is_some_and(|found| found.total > 0);
    let (before, after) = (described(query.before), described(query.after));
    Ok(ListPage {
        frame: who.frame(site, ENTERPRISES).await?,
        title: query.list.title(),
        here,
        is_roster,
        other_href: with(other, &dates),
        all_href: with(here, &dates),
        export_href: is_some.then(|| with(&format!("{here}.xlsx"), &kept)),
        form,
        changes: Choice::list(&query.list.changes()),
        change_names: query.list.changes().map(|(_, name)| name),
        cities: city_choices(),
        before,
        after,
        size_before: comparison.as_ref().map_or(0, |found| found.size_before),
        size_after: comparison.as_ref().map_or(0, |found| found.size_after),
        by_city: comparison
            .iter()
            .flat_map(|found| &found.by_city)
            .map(|count| CityRow { city: count.city.clone(), counts: count.counts })
            .collect(),
        rows: comparison
            .into_iter()
            .flat_map(|found| found.rows)
            .map(|r| line(r, is_roster))
            .collect(),
        pager,
    })
}

fn described(point: Point) -> String {
    format!("{}（截至 {} 已记录）", point.on, second(point.known_at))
}

fn line(row: VersionRow, is_roster: bool) -> VersionLine {
    let area = if is_roster { "/engineers" } else { "/enterprises" };
    VersionLine {
        change: row.label,
        href: format!("{area}/{}", row.no),
        name: row.name,
        no: row.no,
        before: row.before,
        after: row.after,
        city: row.city_name,
    }
}

async fn table(
    site: &Site,
    who: &SignedIn,
    list: ListKind,
    wanted: &Wanted,
) -> Result<Response, Failure> {
    let (query, form) = wanted.read(site, list);
    if let Some(fault) = form.field_errors.into_iter().next() {
        return Err(Error::Invalid(vec![(fault.field, fault.message)]).into());
    }
    let bytes = export_versions(&site.app, &who.actor, &query).await?;
    let name = format!("{}变动-{}至{}.xlsx", list.title(), query.before.on, query.after.on);
    Ok(download(&name, XLSX, bytes))
}
