//! Reading institutions, keeping their licences, recording placements.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{
    InstitutionList, InstitutionPage, InstitutionRow, LicenceRow, PlacementRow, SumRow,
};
use crate::domain::region;
use crate::domain::registry::Stated;
use crate::domain::training::InstitutionLicence;
use crate::service::Error;
use crate::service::hr_institution::{
    self, CityYear, Filter, InstitutionLine, NewLicence, NewPlacement, PlacementLine,
};
use crate::service::training::may_keep;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::{minute, query_of};
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::trainings::places;

const HERE: &str = "/hr-institutions";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(set_licence))
        .route("/hr-institutions.xlsx", get(xlsx))
        .route("/hr-institutions/placements", post(import))
        .route("/hr-institutions/{uscc}", get(read))
        .route("/hr-institutions/{uscc}/placements", post(place))
}

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    year: String,
    city: String,
    q: String,
}

impl Wanted {
    fn filter(&self) -> Filter {
        Filter { year: self.year.clone(), city: self.city.clone(), q: self.q.clone() }
    }
}

async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    Ok(Page::ok(list_page(&site, &who, &wanted, None).await?).into_response())
}

async fn list_page(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    wrong: Option<FormState>,
) -> Result<InstitutionList, Error> {
    let found = hr_institution::list(&site.app, &who.actor, &wanted.filter()).await?;
    let conditions =
        [("year", wanted.year.as_str()), ("city", wanted.city.as_str()), ("q", wanted.q.as_str())];
    let keeps = may_keep(&who.actor);
    let form = |name: &str| keeps.then(|| FormState::new(name).or_typed(wrong.as_ref()));
    let sum = |sum: CityYear| SumRow {
        year: sum.year,
        city: sum.city,
        placements: sum.placements,
        persons: sum.persons,
    };
    let (cities, divisions) = places();
    Ok(InstitutionList {
        frame: who.frame(site, HERE).await?,
        filter: FormState::filter(&conditions),
        cities,
        divisions,
        rows: found.lines.iter().map(row).collect(),
        sums: found.sums.into_iter().map(sum).collect(),
        export_href: format!("{HERE}.xlsx?{}", query_of(conditions)),
        form: form("licence"),
        upload: form("upload"),
    })
}

fn row(line: &InstitutionLine) -> InstitutionRow {
    let fact = &line.licence.fact;
    InstitutionRow {
        uscc: line.uscc.clone(),
        name: fact.name.clone(),
        licence_no: fact.licence_no.clone(),
        place: region::full_name(&fact.division).unwrap_or_default().to_owned(),
        term: line.licence.period.words(),
        state: if line.is_valid { "有效" } else { "已到期" }.to_owned(),
        services: fact.services.clone(),
        placed: line.placed,
    }
}

async fn xlsx(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let (name, bytes) = hr_institution::sheet(&site.app, &who.actor, &wanted.filter()).await?;
    Ok(download(&name, XLSX, bytes))
}

/// `POST /hr-institutions`. Fields: uscc, name, licence_no, division, from, through, services.
async fn set_licence(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = NewLicence {
        uscc: filed.text("uscc"),
        name: filed.text("name"),
        licence_no: filed.text("licence_no"),
        division: filed.text("division"),
        from: filed.text("from"),
        through: filed.text("through"),
        services: filed.text("services"),
    };
    match hr_institution::set_licence(&site.app, &who.actor, &new).await {
        Ok(uscc) => Ok(done(&format!("{HERE}/{uscc}"), "已登记许可证。")),
        Err(error) => {
            let form = back_to_form(filed.state("licence"), error)?;
            let page = list_page(&site, &who, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /hr-institutions/placements`. Field: file.
async fn import(State(site): State<Site>, who: SignedIn, filed: FiledWithFile) -> Answer {
    let read = match filed.table() {
        Ok(file) => hr_institution::import(&site.app, &who.actor, file).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(changed) => Ok(done(HERE, &format!("已登记 {changed} 行推荐就业记录。"))),
        Err(error) => {
            let form = back_to_form(filed.state("upload"), error)?;
            let page = list_page(&site, &who, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

async fn read(State(site): State<Site>, who: SignedIn, Path(uscc): Path<String>) -> Answer {
    Ok(Page::ok(page(&site, &who, &uscc, FormState::new("placement")).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    uscc: &str,
    form: FormState,
) -> Result<InstitutionPage, Error> {
    let found = hr_institution::detail(&site.app, &who.actor, uscc).await?;
    let placed = |line: PlacementLine| PlacementRow {
        day: line.day.to_string(),
        enterprise: line.enterprise,
        person: line.person,
        persons: line.persons,
    };
    let licence = |stated: Stated<InstitutionLicence>| LicenceRow {
        term: stated.period.words(),
        at: minute(stated.recorded_at),
        state: if stated.is_live() { "现行" } else { "已被替代" }.to_owned(),
        name: stated.fact.name,
        licence_no: stated.fact.licence_no,
    };
    Ok(InstitutionPage {
        frame: who.frame(site, HERE).await?,
        row: row(&found.line),
        licences: found.licences.into_iter().map(licence).collect(),
        placements: found.placements.into_iter().map(placed).collect(),
        form: may_keep(&who.actor).then_some(form),
    })
}

/// `POST /hr-institutions/{uscc}/placements`. Fields: day, enterprise, person, persons.
async fn place(
    State(site): State<Site>,
    who: SignedIn,
    Path(uscc): Path<String>,
    filed: Filed,
) -> Answer {
    let new = NewPlacement {
        day: filed.text("day"),
        enterprise: filed.text("enterprise"),
        person: filed.text("person"),
        persons: filed.text("persons"),
    };
    match hr_institution::place(&site.app, &who.actor, &uscc, &new).await {
        Ok(()) => Ok(done(&format!("{HERE}/{uscc}"), "已登记推荐就业。")),
        Err(error) => {
            let form = back_to_form(filed.state("placement"), error)?;
            Ok(Page::retry(page(&site, &who, &uscc, form).await?).into_response())
        }
    }
}
