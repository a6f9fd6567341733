//! Golden cases: those in force, adding one, changing what one expects.

use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::case_pages::{CaseForm, CaseList, CaseView, VersionRow, case_row, divisions};
use super::drafts::must_draft;
use crate::domain::authority::Act;
use crate::domain::edition::Kind;
use crate::domain::golden::{TypedCase, TypedExpectation, TypedTrip};
use crate::service::Error;
use crate::service::policy::{self, CaseVersion, DraftState, Typed};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/policies";

pub(super) async fn in_force(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let cases = policy::cases_in_force(&site.app, &who.actor, &id).await?;
    let frame = who.frame(&site, HERE).await?;
    let cases = cases.into_iter().map(case_row).collect();
    Ok(Page::ok(CaseList { frame, id, cases }).into_response())
}

pub(super) async fn new(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no)): Path<(String, String)>,
) -> Answer {
    must_draft(&who)?;
    policy::draft_page(&site.app, &who.actor, (&id, &no)).await?;
    let year = site.app.clock.award_year().to_string();
    let first = format!("{year}-01-01");
    let form = FormState::new("case");
    let form = match is_trip(&id)? {
        true => form.with("on_roster", "no").with("subsidy", "0.00").with("allowance", "0.00"),
        false => form
            .with("division", "350102")
            .with("listed_from", "2025-11-04")
            .with("employed_from", first.as_str())
            .with("rostered_from", first)
            .with("evidence", "1-12")
            .with("award_group", "provincial-talent")
            .with("year", year),
    };
    Ok(Page::ok(form_page(&site, &who, (id, no), form).await?).into_response())
}

/// Whether the cases of a policy are visits.
fn is_trip(id: &str) -> Result<bool, Error> {
    Ok(policy::kind_of_cases(id)? == Kind::TravelSubsidy)
}

async fn form_page(
    site: &Site,
    who: &SignedIn,
    (id, no): (String, String),
    form: FormState,
) -> Result<CaseForm, Error> {
    let (frame, is_trip) = (who.frame(site, HERE).await?, is_trip(&id)?);
    Ok(CaseForm { frame, id, no, form, is_trip, divisions: divisions() })
}

fn typed_trip(filed: &Filed) -> TypedTrip<'_> {
    TypedTrip {
        name: filed.text("name"),
        birth: filed.text("birth"),
        origin: filed.text("origin"),
        stay: (filed.text("arrival"), filed.text("exit")),
        submitted: filed.text("submitted"),
        work: (filed.text("work_from"), filed.text("work_through")),
        used: filed.text("used"),
        on_roster: filed.text("on_roster"),
        costs: (filed.text("costs"), filed.text("other_payer")),
        subsidy: filed.text("subsidy"),
        allowance: filed.text("allowance"),
    }
}

fn typed_year(filed: &Filed) -> TypedCase<'_> {
    let span =
        |name: &str| (filed.text(&format!("{name}_from")), filed.text(&format!("{name}_through")));
    TypedCase {
        name: filed.text("name"),
        year: filed.text("year"),
        division: filed.text("division"),
        listed: span("listed"),
        employed: span("employed"),
        rostered: span("rostered"),
        evidence: filed.text("evidence"),
        suspended: span("suspended"),
        excluded: span("excluded"),
        award: (filed.text("award_group"), filed.text("award")),
        amount: filed.text("amount"),
        months: filed.text("months"),
    }
}

/// `POST /policies/{id}/drafts/{no}/cases`. Fields as in [`TypedCase`] or [`TypedTrip`].
pub(super) async fn add(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no)): Path<(String, String)>,
    filed: Filed,
) -> Answer {
    let typed = match is_trip(&id)? {
        true => Typed::Trip(typed_trip(&filed)),
        false => Typed::Year(typed_year(&filed)),
    };
    let effect = async {
        let case = policy::add_case(&site.app, &who.actor, (&id, &no), &typed).await?;
        Ok((format!("{HERE}/{id}/drafts/{no}#case-{case}"), format!("已添加算例 {case}")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("case"), error)?;
            Ok(Page::retry(form_page(&site, &who, (id, no), form).await?).into_response())
        }
    }
}

fn case_of(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| Error::NotFound("这个算例"))
}

pub(super) async fn history(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no, case)): Path<(String, String, String)>,
) -> Answer {
    let page = case_page(&site, &who, (&id, &no, case_of(&case)?), None).await?;
    Ok(Page::ok(page).into_response())
}

async fn case_page(
    site: &Site,
    who: &SignedIn,
    (id, no, case): (&str, &str, i64),
    form: Option<FormState>,
) -> Result<CaseView, Error> {
    let app = &site.app;
    let found = policy::case_history(app, &who.actor, (id, no), case).await?;
    let draft = policy::draft_page(app, &who.actor, (id, no)).await?.line;
    let may = who.actor.role.may(Act::DraftPolicies) && draft.state == DraftState::Open;
    let typed = found.typed.into_iter();
    let fresh = || {
        typed.fold(FormState::new("expectation"), |form, (field, value)| form.with(field, value))
    };
    Ok(CaseView {
        frame: who.frame(site, HERE).await?,
        id: id.to_owned(),
        no: no.to_owned(),
        is_trip: is_trip(id)?,
        case: case_row(found.line),
        versions: found.versions.into_iter().map(version).collect(),
        form: may.then(|| form.unwrap_or_else(fresh)),
    })
}

fn version(version: CaseVersion) -> VersionRow {
    VersionRow {
        version: version.version,
        expected: version.expected,
        reason: version.reason,
        recorded: format!("{} {}", minute(version.recorded.1), version.recorded.0),
        draft_no: version.draft_no.unwrap_or_else(|| "随程序提供".to_owned()),
    }
}

/// `POST /policies/{id}/drafts/{no}/cases/{case}`. Fields: amount and months, or
/// subsidy and allowance; reason.
pub(super) async fn change(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no, case)): Path<(String, String, String)>,
    filed: Filed,
) -> Answer {
    let number = case_of(&case)?;
    let typed = TypedExpectation {
        amount: filed.text("amount"),
        months: filed.text("months"),
        subsidy: filed.text("subsidy"),
        allowance: filed.text("allowance"),
    };
    let changed = (&typed, filed.text("reason"));
    match policy::change_case(&site.app, &who.actor, (&id, &no), number, changed).await {
        Ok(()) => {
            let to = format!("{HERE}/{id}/drafts/{no}/cases/{number}");
            Ok(done(&to, "已形成算例的新版本，原版本保留"))
        }
        Err(error) => {
            let form = back_to_form(filed.state("expectation"), error)?;
            let page = case_page(&site, &who, (&id, &no, number), Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}
