//! Starting a computation and following it.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::pages::{Changed, NamedSum, Run, RunList, RunRow};
use crate::clock::carried;
use crate::domain::export::ExportList;
use crate::domain::registry::Code;
use crate::domain::scenario::Which;
use crate::service::stipend::{
    self, CHANGES_A_PAGE, ChangedResult, DEFAULT_RULES, RUNS_A_PAGE, RunLine, RunState, RunView,
};
use crate::web::exports;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::policies::notes::notes;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/runs";

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    page: Option<u64>,
}

async fn page(site: &Site, who: &SignedIn, number: Option<u64>, form: FormState) -> Answer {
    let (rows, total) = stipend::runs(&site.app, &who.actor, number.unwrap_or(1)).await?;
    let from = offset(number, RUNS_A_PAGE);
    let wrong = form.has_errors();
    let changed = stipend::changed_years(&site.app, &who.actor).await?;
    let page = RunList {
        frame: who.frame(site, HERE).await?,
        notes: notes(site).await?,
        form: Some(form),
        changed: changed.into_iter().map(|changed| (changed.year, changed.persons)).collect(),
        pager: pager((HERE, &[]), total, (from, RUNS_A_PAGE, rows.len())),
        rows: rows.iter().map(row).collect(),
    };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

fn row(line: &RunLine) -> RunRow {
    let progress = &line.progress;
    RunRow {
        no: progress.run_no.clone(),
        year: progress.year,
        state: progress.state.label().to_owned(),
        persons: progress.total,
        eligible: progress.eligible,
        changed: progress.changed,
        adjusted: progress.adjusted,
        who: line.starter.clone(),
        started_at: minute(line.started_at),
        known_at: minute(line.known_at),
    }
}

/// The year that offices work on.
fn usual_year(site: &Site) -> String {
    site.app.clock.award_year().to_string()
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let form = FormState::new("run").with("year", usual_year(&site));
    page(&site, &who, wanted.page, form).await
}

pub(super) async fn start(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = filed.state("run");
    let Ok(year) = filed.text("year").parse::<i32>() else {
        let form = form.wrong("year", "请填写四位数的年度，例如 2026");
        return page(&site, &who, None, form).await;
    };
    match stipend::start_run(&site.app, &who.actor, year).await {
        Ok(run_no) => {
            let to = format!("{HERE}/{run_no}");
            let app = site.app.clone();
            tokio::spawn(carried(async move {
                if let Err(error) = stipend::execute_run(&app, &run_no).await {
                    tracing::error!(run_no, ?error, "a run was not carried out");
                }
            }));
            Ok(done(&to, "已开始核定，可以离开此页"))
        }
        Err(error) => page(&site, &who, None, back_to_form(form, error)?).await,
    }
}

/// Which of the changed results.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Changes {
    which: String,
    page: Option<u64>,
}

impl Changes {
    fn which(&self) -> Which {
        Which::from_code(&self.which).unwrap_or(Which::All)
    }
}

pub(super) async fn run(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Changes>,
) -> Answer {
    let (which, from) = (wanted.which(), offset(wanted.page, CHANGES_A_PAGE));
    let view = stipend::run_view(&site.app, &who.actor, &no, (which, from)).await?;
    let frame = who.frame(&site, HERE).await?;
    Ok(Page::ok(shown(frame, view, (which, from))).into_response())
}

/// `GET /runs/{no}/changes.xlsx?which=…`.
pub(super) async fn workbook(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Changes>,
) -> Answer {
    let which = wanted.which().code();
    let found = stipend::change_workbook(&site.app, &who.actor, (&no, which)).await?;
    Ok(match found {
        Some(bytes) => download(&format!("核定变化名单-{no}.xlsx"), XLSX, bytes),
        None => {
            let fields = [("run", no.as_str()), ("which", which)];
            exports::ask_instead(ExportList::RunChanges, &fields)
        }
    })
}

fn shown(frame: crate::web::frame::Frame, view: RunView, (which, from): (Which, u64)) -> Run {
    let at = format!("{HERE}/{}", view.line.progress.run_no);
    let progress = &view.line.progress;
    let failed = progress.state == RunState::Failed;
    let sum = |sum: stipend::NamedSum| NamedSum {
        name: sum.name,
        persons: sum.persons,
        amount: Yuan(sum.amount),
    };
    Run {
        frame,
        facts: row(&view.line),
        net: Yuan(view.net),
        done: progress.done,
        running: progress.state.is_live(),
        ineligible: progress.ineligible,
        changed: progress.changed,
        adjusted: progress.adjusted,
        default_rules: view.uses_defaults.then(|| DEFAULT_RULES.to_owned()),
        failure: failed.then(|| progress.message.clone()),
        failed_persons: progress.failed_persons,
        failures: if failed {
            Vec::new()
        } else {
            progress.message.lines().map(str::to_owned).collect()
        },
        by_status: view.by_status.into_iter().map(sum).collect(),
        by_city: view.by_city.into_iter().map(sum).collect(),
        by_source: view.by_source.into_iter().map(sum).collect(),
        pager: pager(
            (&at, &[("which", which.code())]),
            view.changes_total,
            (from, CHANGES_A_PAGE, view.changes.len()),
        ),
        changes: view.changes.into_iter().map(changed).collect(),
        which: which.code().to_owned(),
        export_href: format!("{at}/changes.xlsx?which={}", which.code()),
    }
}

fn changed(change: ChangedResult) -> Changed {
    Changed {
        difference: Yuan(change.difference()),
        name: change.name,
        no: change.person_no,
        before: Yuan(change.before),
        after: Yuan(change.after),
        reason: change.reason,
    }
}

/// For the script of the page: how far it is.
pub(super) async fn progress(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Result<Json<Value>, Failure> {
    let progress = stipend::progress(&site.app, &who.actor, &no).await?;
    Ok(Json(json!({
        "state": progress.state.code(),
        "total": progress.total,
        "done": progress.done,
        "eligible": progress.eligible,
        "ineligible": progress.ineligible,
        "changed": progress.changed,
        "adjusted": progress.adjusted,
    })))
}
