//! Trying measures out: which there are, what one gives for some figures. Nothing is stored, so a
//! trial is an address that can be kept or sent on.

pub mod pages;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Deserialize;

use self::pages::{MeasureList, MeasurePage, MeasureRow, ParameterRow, StepRow, Trial};
use crate::domain::edition::describe_basis;
use crate::domain::measure::{Determination, Payments, Policy, Trace, Version};
use crate::domain::region;
use crate::service::measure::{self, Typed};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/measures";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new().route(HERE, get(list)).route("/measures/{id}", get(one))
}

async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let policies = measure::measures(&who.actor)?;
    let row = |policy: &Policy| {
        let version = policy.versions().last()?;
        let rules = version.parameters().into_iter().filter(|view| {
            ["amount", "threshold", "ratio", "cap", "payments", "per"]
                .contains(&view.parameter.key())
        });
        let rules = rules.map(|view| format!("{} {}", view.parameter.label(), view.value));
        Some(MeasureRow {
            id: policy.id().to_string(),
            title: policy.title().to_owned(),
            subject: version.subject().label().to_owned(),
            rules: rules.collect::<Vec<_>>().join("；"),
            valid: valid(version),
        })
    };
    let rows = policies.iter().filter_map(row).collect();
    Ok(Page::ok(MeasureList { frame: who.frame(&site, HERE).await?, rows }).into_response())
}

fn valid(version: &Version) -> String {
    format!("{} 至 {}", version.from(), version.through())
}

/// The figures of a trial, and whether there is one.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    day: String,
    #[serde(default)]
    division: String,
    #[serde(default)]
    figure: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    trial: String,
}

/// `GET /measures/{id}`. Fields: day, division, figure, stage, before; `trial` asks for the amount.
async fn one(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let policy = measure::measure(&who.actor, &id)?;
    let Asked { day, division, figure, stage, before, trial } = asked;
    let day = if day.is_empty() { site.app.clock.today().to_string() } else { day };
    let form = FormState::new("measure")
        .with("day", &day)
        .with("division", &division)
        .with("figure", &figure)
        .with("stage", &stage)
        .with("before", &before);
    let mut page = MeasurePage {
        frame: who.frame(&site, HERE).await?,
        id,
        title: policy.title().to_owned(),
        valid: policy.versions().last().map(valid).unwrap_or_default(),
        parameters: parameters(policy),
        divisions: divisions(),
        figure: policy.versions().last().and_then(|v| v.figure()).map(str::to_owned),
        is_staged: policy.versions().last().is_some_and(|v| v.payments() == Payments::Staged),
        form,
        trial: None,
    };
    if trial.is_empty() {
        return Ok(Page::ok(page).into_response());
    }
    let typed = Typed { day, division, figure, stage, before };
    match measure::try_out(&who.actor, &page.id, &typed) {
        Ok((determination, trace)) => {
            page.trial = Some(shown(&determination, &trace));
            Ok(Page::ok(page).into_response())
        }
        Err(error) => {
            page.form = back_to_form(page.form, error)?;
            Ok(Page::retry(page).into_response())
        }
    }
}

fn divisions() -> Vec<Choice> {
    let units = region::city_units().iter();
    units.map(|(code, name)| Choice { value: code.clone(), label: name.clone() }).collect()
}

fn parameters(policy: &Policy) -> Vec<ParameterRow> {
    let views = policy.versions().last().map(Version::parameters).unwrap_or_default();
    let row = |view: crate::domain::edition::ParameterView<_>| ParameterRow {
        name: crate::domain::measure::Parameter::label(view.parameter).to_owned(),
        value: view.value,
        basis: describe_basis(&view.basis),
        is_default: view.is_default_assumption,
    };
    views.into_iter().map(row).collect()
}

fn shown(found: &Determination, trace: &Trace) -> Trial {
    let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.label()).collect();
    let step = |step: &crate::domain::measure::Step| StepRow {
        rule: step.rule().label().to_owned(),
        text: step.describe(),
        basis: step.describe_basis(),
    };
    Trial {
        amount: found.amount.grouped(),
        status: found.status.label().to_owned(),
        reasons: reasons.join("、"),
        steps: trace.steps.iter().map(step).collect(),
    }
}
