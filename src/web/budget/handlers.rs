//! Reading budget lines and recording money set aside.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use chrono::Datelike;

use super::pages::{BudgetList, BudgetRow, RequestRow};
use super::{books, carry_over, monthly, overview, year_end};
use crate::domain::authority::Act;
use crate::domain::ledger::BudgetCodes;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::budget::{
    self, AllocationForm, BudgetKey, BudgetLine, RequestLine, budget_codes, payer_name, source_name,
};
use crate::web::batches::minute;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::query_of;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/budget", get(list).post(propose))
        .route("/budget/requests/{no}/decisions", post(decide))
        .route("/budget/entries", get(books::entries))
        .route("/budget/overview", get(overview::overview))
        .route("/budget/forecast", get(overview::forecast))
        .route("/budget/monthly", get(monthly::view))
        .route("/budget/monthly.xlsx", get(monthly::xlsx))
        .route("/budget/carry-over", get(carry_over::view))
        .route("/budget/carry-over.xlsx", get(carry_over::xlsx))
        .route("/budget/year-end", get(year_end::form).post(year_end::close))
}

async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    let year = site.app.clock.today().year().to_string();
    let form = FormState::new("budget").with("year", year).with("payer", &who.actor.division);
    Ok(Page::ok(page(&site, &who, form, None).await?).into_response())
}

/// The page; `wrong` is a decision to correct, by the number of its request.
async fn page(
    site: &Site,
    who: &SignedIn,
    mut form: FormState,
    wrong: Option<(&str, FormState)>,
) -> Result<BudgetList, Error> {
    let lines = budget::lines(&site.app, &who.actor, None).await?;
    let may_record = who.actor.role.may(Act::MakeBatch);
    let sources = if may_record { budget::sources(&site.app, &who.actor).await? } else { vec![] };
    let programmes = budget::programmes(&site.app).await?;
    let this_year = i64::from(site.app.clock.today().year());
    if form.value("programme").is_empty() {
        let first = programmes.keys().next().cloned().unwrap_or_default();
        form = form.with("programme", first);
    }
    if let ([only], false) = (sources.as_slice(), form.has_errors()) {
        form = form.with("source", only);
    }
    let payer = &who.actor.division;
    let requests = budget::requests(&site.app, &who.actor).await?;
    let request = |line: RequestLine| {
        let decision = line.may_decide.then(|| match &wrong {
            Some((no, form)) if *no == line.row.request_no => form.clone(),
            _ => FormState::new(&line.row.request_no),
        });
        request_row(line, &programmes, decision)
    };
    Ok(BudgetList {
        frame: who.frame(site, "/budget").await?,
        rows: lines
            .iter()
            .map(|line| {
                let own = may_record && line.key.payer_division == who.actor.division;
                row(line, &programmes, own && line.key.budget_year < this_year)
            })
            .collect(),
        requests: requests.into_iter().map(request).collect(),
        form: may_record.then_some(form),
        sources: sources
            .into_iter()
            .map(|source| Choice { label: source_name(&source), value: source })
            .collect(),
        programmes: programmes
            .iter()
            .map(|(value, label)| Choice { value: value.clone(), label: label.clone() })
            .collect(),
        payers: vec![Choice { value: payer.clone(), label: payer_name(payer) }],
    })
}

/// The budget line as a part of an address.
pub(super) fn line_query(key: &BudgetKey) -> String {
    let year = key.budget_year.to_string();
    query_of([
        ("year", year.as_str()),
        ("programme", &key.programme),
        ("source", &key.source),
        ("payer", &key.payer_division),
    ])
}

fn row(line: &BudgetLine, programmes: &BTreeMap<String, String>, may_close: bool) -> BudgetRow {
    let (key, figures) = (&line.key, &line.figures);
    let rest = may_close && figures.available > Fen::ZERO;
    BudgetRow {
        year: key.budget_year,
        entries_href: format!("/budget/entries?{}", line_query(key)),
        year_end_href: rest.then(|| format!("/budget/year-end?{}", line_query(key))),
        programme: programmes.get(&key.programme).unwrap_or(&key.programme).clone(),
        source: source_name(&key.source),
        payer: payer_name(&key.payer_division),
        allotted: Yuan(figures.allocated),
        carried: Yuan(figures.carried),
        frozen: Yuan(figures.frozen),
        sent: Yuan(figures.sent),
        paid: Yuan(figures.paid),
        failed: Yuan(figures.failed),
        returned: Yuan(figures.returned),
        balance: Yuan(figures.available),
    }
}

fn request_row(
    line: RequestLine,
    programmes: &BTreeMap<String, String>,
    decision: Option<FormState>,
) -> RequestRow {
    let RequestLine { row, act, proposer, decider, .. } = line;
    let decided = row.decided_at.zip(decider);
    RequestRow {
        act: act.label(),
        state: match row.accepted {
            None => "待确认",
            Some(true) => "已入账",
            Some(false) => "已退回",
        },
        year: row.budget_year,
        programme: programmes.get(&row.programme).unwrap_or(&row.programme).clone(),
        source: source_name(&row.source),
        payer: payer_name(&row.payer_division),
        codes: codes(&budget_codes(&row)),
        document_no: row.document_no,
        amount: Yuan::of(row.amount_fen),
        proposed: format!("{} {proposer}", minute(row.proposed_at)),
        decided: decided.map(|(at, name)| format!("{} {name}", minute(at))).unwrap_or_default(),
        note: row.note,
        no: row.request_no,
        decision,
    }
}

fn codes(codes: &BudgetCodes) -> String {
    let named = [("单位", &codes.agency), ("功能", &codes.function), ("项目", &codes.project)];
    let given = named.iter().filter(|(_, code)| !code.is_empty());
    given.map(|(name, code)| format!("{name} {code}")).collect::<Vec<_>>().join(" · ")
}

/// `POST /budget`. Fields: programme, year, source, payer, amount, document_no,
/// agency_code, function_code, project_code.
async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = AllocationForm {
        programme: filed.text("programme"),
        source: filed.text("source"),
        payer_division: filed.text("payer"),
        budget_year: filed.text("year"),
        amount: filed.text("amount"),
        document_no: filed.text("document_no"),
        agency_code: filed.text("agency_code"),
        function_code: filed.text("function_code"),
        project_code: filed.text("project_code"),
    };
    let proposed = once(&site, &who, &filed, async {
        let no = budget::propose_allocation(&site.app, &who.actor, &form).await?;
        Ok(("/budget".to_owned(), proposed(&no)))
    });
    match proposed.await {
        Ok(response) => Ok(response),
        Err(error) => {
            let state = back_to_form(filed.state("budget"), error)?;
            Ok(Page::retry(page(&site, &who, state, None).await?).into_response())
        }
    }
}

/// What is said once something waits for another person.
pub(super) fn proposed(no: &str) -> String {
    format!("已提交 {no}，由审批人确认后入账。")
}

/// `POST /budget/requests/{no}/decisions`. Fields: verdict, note.
async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    let decision = (accept, filed.text("note"));
    match budget::decide_request(&site.app, &who.actor, &no, decision).await {
        // The form is gone by then.
        Err(error @ Error::Stale(_)) => Err(error.into()),
        Ok(()) => Ok(done("/budget", if accept { "已确认，指标已入账。" } else { "已退回。" })),
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            let year = site.app.clock.today().year().to_string();
            let fresh = FormState::new("budget").with("year", year);
            Ok(Page::retry(page(&site, &who, fresh, Some((&no, form))).await?).into_response())
        }
    }
}
