//! Scenarios: asking for one, following it, reading it, two beside each other.

pub mod pages;

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Deserialize;

use self::pages::{
    BandRow, Beside, ChangeRow, Column, NeedRow, PairRow, ScenarioList, ScenarioRow, ScenarioView,
    bands,
};
use crate::domain::authority::Act;
use crate::domain::export::ExportList;
use crate::domain::registry::Code;
use crate::service::policy as texts;
use crate::service::scenario::{
    self, CHANGES_A_PAGE, ChangeLine, NamedPair, Need, NewScenario, SCENARIOS_A_PAGE, ScenarioLine,
    ScenarioPage, ScenarioState, Which,
};
use crate::web::exports;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::policies::notes::notes;
use crate::web::send::{Filed, XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/policies";

/// The addresses of this area.
pub fn routes() -> axum::Router<Site> {
    axum::Router::new()
        .route("/policies/{id}/scenarios", get(list).post(ask))
        .route("/policies/{id}/scenarios/beside", get(beside))
        .route("/policies/{id}/scenarios/{no}", get(show))
        .route("/policies/{id}/scenarios/{no}/changes.xlsx", get(workbook))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    page: Option<u64>,
    which: Option<String>,
}

impl Wanted {
    fn which(&self) -> Which {
        self.which.as_deref().and_then(Which::from_code).unwrap_or(Which::All)
    }
}

async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let form = FormState::new("scenario").with("year", site.app.clock.award_year().to_string());
    listed(&site, &who, &id, wanted.page, form).await
}

async fn listed(
    site: &Site,
    who: &SignedIn,
    id: &str,
    number: Option<u64>,
    form: FormState,
) -> Answer {
    let from = offset(number, SCENARIOS_A_PAGE);
    let (total, rows) = scenario::scenarios(&site.app, &who.actor, id, from).await?;
    let drafts = texts::drafts(&site.app, &who.actor, id).await?;
    let choice = |draft: &texts::DraftLine| Choice {
        value: draft.no.clone(),
        label: format!("{}（{}）{}", draft.no, draft.state.label(), draft.reason),
    };
    let wrong = form.has_errors();
    let page = ScenarioList {
        frame: who.frame(site, HERE).await?,
        notes: notes(site).await?,
        id: id.to_owned(),
        drafts: drafts.iter().map(choice).collect(),
        form: who.actor.role.may(Act::DraftPolicies).then_some(form),
        pager: pager(
            (&format!("{HERE}/{id}/scenarios"), &[]),
            total,
            (from, SCENARIOS_A_PAGE, rows.len()),
        ),
        rows: rows.iter().map(row).collect(),
    };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

fn row(line: &ScenarioLine) -> ScenarioRow {
    ScenarioRow {
        no: line.no.clone(),
        name: line.name.clone(),
        conditions: line.conditions.clone(),
        year: line.year,
        state: line.state.label().to_owned(),
        total: line.progress.0,
        done: line.progress.1,
        asked: format!("{} {}", minute(line.asked.1), line.asked.0),
        known_at: minute(line.known_at),
        message: line.message.clone(),
        before: Yuan(line.paid.before.1),
        after: Yuan(line.paid.after.1),
        difference: Yuan(line.paid.difference()),
        is_done: line.state == ScenarioState::Completed,
    }
}

/// `POST /policies/{id}/scenarios`. Fields: name, year, draft, amount, min_months, proration,
/// stacking, share_province, share_city, share_county.
async fn ask(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
    filed: Filed,
) -> Answer {
    let new = NewScenario {
        name: filed.text("name"),
        year: filed.text("year"),
        draft: filed.text("draft"),
        amount: filed.text("amount"),
        min_months: filed.text("min_months"),
        proration: filed.text("proration"),
        stacking: filed.text("stacking"),
        shares: ["share_province", "share_city", "share_county"].map(|field| filed.text(field)),
    };
    let effect = async {
        let no = scenario::ask(&site.app, &who.actor, &id, &new).await?;
        Ok((format!("{HERE}/{id}/scenarios/{no}"), format!("已开始测算 {no}，可以离开此页")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let form = back_to_form(filed.state("scenario"), error)?;
            listed(&site, &who, &id, None, form).await
        }
    }
}

async fn show(
    State(site): State<Site>,
    who: SignedIn,
    Path((id, no)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (which, from) = (wanted.which(), offset(wanted.page, CHANGES_A_PAGE));
    let found = scenario::page(&site.app, &who.actor, &no, (which, from)).await?;
    let at = format!("{HERE}/{id}/scenarios/{no}");
    let mut others = scenario::scenarios(&site.app, &who.actor, &id, 0).await?.1;
    others.retain(|line| line.year == found.line.year && line.no != no);
    let choice = |line: &ScenarioLine| Choice {
        value: line.no.clone(),
        label: format!("{} {}", line.no, line.name),
    };
    let page = ScenarioView {
        frame: who.frame(&site, HERE).await?,
        notes: notes(&site).await?,
        export_href: format!("{at}/changes.xlsx?which={}", which.code()),
        pager: pager(
            (&at, &[("which", which.code())]),
            found.changes_total,
            (from, CHANGES_A_PAGE, found.changes.len()),
        ),
        running: found.line.state.is_live(),
        others: others.iter().map(choice).collect(),
        which: which.code().to_owned(),
        changes: found.changes.iter().map(change).collect(),
        column: column(&found),
        id,
    };
    Ok(Page::ok(page).into_response())
}

fn change(line: &ChangeLine) -> ChangeRow {
    ChangeRow {
        no: line.person_no.clone(),
        name: line.name.clone(),
        before: Yuan(line.before),
        after: Yuan(line.after),
        difference: Yuan(line.after.checked_sub(line.before).unwrap_or_default()),
        reason: line.reason.clone(),
    }
}

fn column(page: &ScenarioPage) -> Column {
    let pair = |named: &NamedPair| PairRow {
        name: named.name.clone(),
        persons_before: named.pair.before.0,
        before: Yuan(named.pair.before.1),
        persons_after: named.pair.after.0,
        after: Yuan(named.pair.after.1),
        difference: Yuan(named.pair.difference()),
    };
    let need = |need: &Need| NeedRow {
        name: need.name.clone(),
        given: Yuan(need.cover.given),
        before: Yuan(need.before),
        after: Yuan(need.after),
        free: Yuan(need.cover.free),
        lacking: Yuan(need.lacking()),
    };
    let all = NamedPair { name: "合计".to_owned(), pair: page.line.paid };
    let band = |(label, before, after): &(String, i64, i64)| BandRow {
        label: label.clone(),
        before: *before,
        after: *after,
    };
    let rows: Vec<BandRow> = page.bands.iter().map(band).collect();
    Column {
        facts: row(&page.line),
        total: pair(&all),
        gain: (page.gain.0, Yuan(page.gain.1)),
        loss: (page.loss.0, Yuan(page.loss.1)),
        unchanged: page.unchanged,
        failed: page.failed,
        failures: page.failures.clone(),
        by_city: page.by_city.iter().map(pair).collect(),
        by_source: page.by_source.iter().map(pair).collect(),
        needs: page.needs.iter().map(need).collect(),
        drawing: bands(&page.line.no, &rows),
        bands: rows,
    }
}

#[derive(Debug, Default, Deserialize)]
struct Two {
    #[serde(default)]
    one: String,
    #[serde(default)]
    other: String,
}

/// `GET /policies/{id}/scenarios/beside?one=…&other=…`.
async fn beside(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(two): Query<Two>,
) -> Answer {
    let pair = (two.one.as_str(), two.other.as_str());
    let (one, other) = scenario::beside(&site.app, &who.actor, pair).await?;
    let frame = who.frame(&site, HERE).await?;
    let columns = vec![column(&one), column(&other)];
    Ok(Page::ok(Beside { frame, id, columns }).into_response())
}

async fn workbook(
    State(site): State<Site>,
    who: SignedIn,
    Path((_, no)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let which = wanted.which().code();
    let found = scenario::change_workbook(&site.app, &who.actor, (&no, which)).await?;
    Ok(match found {
        Some(bytes) => download(&format!("情景名单-{no}.xlsx"), XLSX, bytes),
        None => {
            let fields = [("scenario", no.as_str()), ("which", which)];
            exports::ask_instead(ExportList::ScenarioChanges, &fields)
        }
    })
}
