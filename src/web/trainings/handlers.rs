//! Reading trainings, planning them, recording who attended.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{AttendanceRow, SumRow, TrainingList, TrainingPage, TrainingRow};
use crate::domain::region;
use crate::domain::registry::Stated;
use crate::domain::training::TrainingPlan;
use crate::service::Error;
use crate::service::training::{
    self, AttendanceLine, CityYear, Filter, NewAttendance, NewPlan, TrainingLine, may_keep,
};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, query_of};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/trainings";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(add))
        .route("/trainings.xlsx", get(xlsx))
        .route("/trainings/attendance", post(import))
        .route("/trainings/{no}", get(read))
        .route("/trainings/{no}/plan", post(correct))
        .route("/trainings/{no}/attendance", post(attend))
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

/// Cities, and all divisions that a form offers.
pub(crate) fn places() -> (Vec<Choice>, Vec<Choice>) {
    let choice = |code: &str| Choice {
        value: code.to_owned(),
        label: region::full_name(code).unwrap_or(code).to_owned(),
    };
    let cities: Vec<Choice> = region::city_units().iter().map(|(code, _)| choice(code)).collect();
    let mut divisions = cities.clone();
    for division in region::pickable(None) {
        if !divisions.iter().any(|known| known.value == division.code) {
            divisions.push(choice(&division.code));
        }
    }
    (cities, divisions)
}

async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    Ok(Page::ok(list_page(&site, &who, &wanted, None).await?).into_response())
}

async fn list_page(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    wrong: Option<FormState>,
) -> Result<TrainingList, Error> {
    let found = training::list(&site.app, &who.actor, &wanted.filter()).await?;
    let conditions =
        [("year", wanted.year.as_str()), ("city", wanted.city.as_str()), ("q", wanted.q.as_str())];
    let keeps = may_keep(&who.actor);
    let form = |name: &str| keeps.then(|| FormState::new(name).or_typed(wrong.as_ref()));
    let (cities, divisions) = places();
    let sum = |sum: CityYear| SumRow {
        year: sum.year,
        city: sum.city,
        trainings: sum.trainings,
        seats: sum.seats,
        attended: sum.attended,
        passed: sum.passed,
    };
    Ok(TrainingList {
        frame: who.frame(site, HERE).await?,
        filter: FormState::filter(&conditions),
        cities,
        divisions,
        rows: found.lines.iter().map(row).collect(),
        sums: found.sums.into_iter().map(sum).collect(),
        export_href: format!("{HERE}.xlsx?{}", query_of(conditions)),
        form: form("plan"),
        upload: form("upload"),
    })
}

fn place(code: &str) -> String {
    region::full_name(code).unwrap_or(code).to_owned()
}

fn row(line: &TrainingLine) -> TrainingRow {
    let fact = &line.plan.fact;
    TrainingRow {
        no: line.no.clone(),
        organiser: fact.organiser.clone(),
        occupation: fact.occupation.clone(),
        place: place(&fact.division),
        days: line.plan.period.words(),
        seats: fact.seats,
        attended: line.attended,
        passed: line.passed,
    }
}

async fn xlsx(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let (name, bytes) = training::sheet(&site.app, &who.actor, &wanted.filter()).await?;
    Ok(download(&name, XLSX, bytes))
}

fn plan(filed: &Filed) -> NewPlan<'_> {
    NewPlan {
        organiser: filed.text("organiser"),
        occupation: filed.text("occupation"),
        division: filed.text("division"),
        from: filed.text("from"),
        through: filed.text("through"),
        seats: filed.text("seats"),
        document_no: filed.text("document_no"),
    }
}

/// `POST /trainings`. Fields: organiser, occupation, division, from, through, seats, document_no.
async fn add(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = plan(&filed);
    let effect = async {
        let no = training::add(&site.app, &who.actor, &new).await?;
        Ok((format!("{HERE}/{no}"), format!("已登记培训 {no}。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = back_to_form(filed.state("plan"), error)?;
            let page = list_page(&site, &who, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /trainings/attendance`. Field: file.
async fn import(State(site): State<Site>, who: SignedIn, filed: FiledWithFile) -> Answer {
    let read = match filed.table() {
        Ok(file) => training::import(&site.app, &who.actor, file).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(changed) => Ok(done(HERE, &format!("已登记 {changed} 行参训记录。"))),
        Err(error) => {
            let form = back_to_form(filed.state("upload"), error)?;
            let page = list_page(&site, &who, &Wanted::default(), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

async fn read(State(site): State<Site>, who: SignedIn, Path(no): Path<String>) -> Answer {
    Ok(Page::ok(page(&site, &who, &no, None).await?).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    wrong: Option<FormState>,
) -> Result<TrainingPage, Error> {
    let found = training::detail(&site.app, &who.actor, no).await?;
    let keeps = may_keep(&who.actor);
    let plan = &found.line.plan;
    let fresh = |name: &str| match name {
        "plan" => FormState::new("plan")
            .with("organiser", &plan.fact.organiser)
            .with("occupation", &plan.fact.occupation)
            .with("division", &plan.fact.division)
            .with("from", plan.period.from.to_string())
            .with("through", plan.period.through.map(|day| day.to_string()).unwrap_or_default())
            .with("seats", plan.fact.seats.to_string()),
        name => FormState::new(name),
    };
    let form = |name: &str| keeps.then(|| fresh(name).or_typed(wrong.as_ref()));
    let attended = |line: AttendanceLine| AttendanceRow {
        enterprise: line.enterprise,
        person: line.person,
        persons: line.persons,
        passed: line.passed,
        at: minute(line.recorded_at),
    };
    let former = |old: &Stated<TrainingPlan>| {
        format!("{}，{}，计划 {} 人", place(&old.fact.division), old.period.words(), old.fact.seats)
    };
    Ok(TrainingPage {
        frame: who.frame(site, HERE).await?,
        divisions: places().1,
        form: form("attendance"),
        plan: form("plan"),
        former: found.former.iter().map(former).collect(),
        row: row(&found.line),
        attendance: found.attendance.into_iter().map(attended).collect(),
    })
}

/// `POST /trainings/{no}/plan`. Fields as in `POST /trainings`.
async fn correct(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    match training::correct(&site.app, &who.actor, &no, &plan(&filed)).await {
        Ok(()) => Ok(done(&format!("{HERE}/{no}"), "已更正，原来的计划留存。")),
        Err(error) => {
            let form = back_to_form(filed.state("plan"), error)?;
            Ok(Page::retry(page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}

/// `POST /trainings/{no}/attendance`. Fields: uscc, person, persons, passed, document_no.
async fn attend(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let new = NewAttendance {
        uscc: filed.text("uscc"),
        person: filed.text("person"),
        persons: filed.text("persons"),
        passed: filed.text("passed"),
        document_no: filed.text("document_no"),
    };
    match training::attend(&site.app, &who.actor, &no, &new).await {
        Ok(()) => Ok(done(&format!("{HERE}/{no}"), "已登记参训情况。")),
        Err(error) => {
            let form = back_to_form(filed.state("attendance"), error)?;
            Ok(Page::retry(page(&site, &who, &no, Some(form)).await?).into_response())
        }
    }
}
