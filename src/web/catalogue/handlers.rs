//! Reading the catalogue, proposing an entry, deciding another's.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{CataloguePage, EntryRow, StandingRow};
use crate::domain::catalogue::{CatalogueWord, STIPEND};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::catalogue::{self, EntryForm, EntryLine, Group, NEW_GROUP, Standing};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/catalogue";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(read).post(propose))
        .route("/catalogue/{no}/decisions", post(decide))
        .route("/catalogue/policy.toml", get(text))
}

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    year: String,
}

async fn read(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    Ok(Page::ok(page(&site, &who, &wanted.year, (None, None)).await?).into_response())
}

/// A form to correct: a new entry, or a decision by the number of its entry.
type Wrong<'a> = (Option<FormState>, Option<(&'a str, FormState)>);

async fn page(
    site: &Site,
    who: &SignedIn,
    year: &str,
    (form, decision): Wrong<'_>,
) -> Result<CataloguePage, Error> {
    let found = catalogue::catalogue(&site.app, &who.actor, year).await?;
    let row = |line: EntryLine| {
        let own = line.may_decide.then(|| match &decision {
            Some((no, form)) if *no == line.row.entry_no => form.clone(),
            _ => FormState::new(&line.row.entry_no),
        });
        row(line, own)
    };
    let year = found.year.to_string();
    let fresh = || FormState::new("entry").with("year", &year).with("counterpart", STIPEND);
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let group = |group: &Group| choice(&group.code, group.name.clone());
    let stipend = choice(STIPEND, "核心工程师年度奖补".to_owned());
    let others =
        found.groups.iter().map(|other| choice(&other.code, format!("类别：{}", other.name)));
    let new = choice(NEW_GROUP, "新类别（在下面填写名称和代码）".to_owned());
    Ok(CataloguePage {
        frame: who.frame(site, HERE).await?,
        year: found.year,
        years: found.years.iter().map(|y| choice(&y.to_string(), format!("{y} 年度"))).collect(),
        filter: FormState::new("filter").with("year", &year),
        standings: found.standings.into_iter().map(standing).collect(),
        entries: found.entries.into_iter().map(row).collect(),
        groups: found.groups.iter().map(group).chain([new]).collect(),
        counterparts: [stipend].into_iter().chain(others).collect(),
        relations: Choice::of::<CatalogueWord>(),
        form: found.may_propose.then(|| form.unwrap_or_else(fresh)),
    })
}

fn standing(standing: Standing) -> StandingRow {
    StandingRow {
        group: standing.group.name,
        code: standing.group.code,
        relation: standing.stacking.label().to_owned(),
        entry_no: standing.entry_no,
        basis: standing.basis,
    }
}

fn row(line: EntryLine, decision: Option<FormState>) -> EntryRow {
    let EntryLine { row, word, counterpart, proposer, decider, in_force, superseded_at, .. } = line;
    let state = match (row.accepted, in_force) {
        (None, _) => "待确认",
        (Some(false), _) => "已退回",
        (Some(true), true) => "现行",
        (Some(true), false) => "已被替代",
    };
    let decided = row.decided_at.zip(decider);
    EntryRow {
        no: row.entry_no,
        group: row.group_name,
        counterpart,
        relation: word.label().to_owned(),
        basis: row.basis,
        document_no: row.document_no,
        state: state.to_owned(),
        proposed: format!("{} {proposer}", minute(row.proposed_at)),
        decided: decided.map(|(at, name)| format!("{} {name}", minute(at))).unwrap_or_default(),
        until: superseded_at.map(minute).unwrap_or_default(),
        note: row.note,
        decision,
    }
}

/// `POST /catalogue`. Fields: year, group, new_name, new_code, counterpart, relation, basis,
/// document_no.
async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = EntryForm {
        year: filed.text("year"),
        group: filed.text("group"),
        new_name: filed.text("new_name"),
        new_code: filed.text("new_code"),
        counterpart: filed.text("counterpart"),
        relation: filed.text("relation"),
        basis: filed.text("basis"),
        document_no: filed.text("document_no"),
    };
    let effect = async {
        let no = catalogue::propose(&site.app, &who.actor, &new).await?;
        let here = format!("{HERE}?year={}", new.year);
        Ok((here, format!("已提出 {no}，由另一人确认后生效。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = back_to_form(filed.state("entry"), error)?;
            let page = page(&site, &who, new.year, (Some(form), None)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `POST /catalogue/{no}/decisions`. Fields: year, verdict, note.
async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match catalogue::decide(&site.app, &who.actor, &no, (accept, filed.text("note"))).await {
        Ok(()) => {
            let here = format!("{HERE}?year={}", filed.text("year"));
            let told = "已确认。此后的核定按此办理，已核定的年度重新核定后生效。";
            Ok(done(&here, if accept { told } else { "已退回。" }))
        }
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            let wrong = (None, Some((no.as_str(), form)));
            Ok(Page::retry(page(&site, &who, filed.text("year"), wrong).await?).into_response())
        }
    }
}

/// `GET /catalogue/policy.toml`: the policy text of a year with the catalogue in it.
async fn text(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let (name, text) = catalogue::applied_text(&site.app, &who.actor, &wanted.year).await?;
    Ok(download(&name, "application/toml", text.into_bytes()))
}
