//! Reading rulings and the tax list, proposing a ruling, deciding another's.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use super::pages::{RulingRow, Rulings, TaxList, TaxRow};
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::domain::tax::TaxTreatment;
use crate::service::Error;
use crate::service::budget::{payer_name, programmes, visible_payer};
use crate::service::tax::{self, LINES_A_PAGE, RulingForm, RulingLine, TaxLine};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager, query_of};
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/tax";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(rulings).post(propose))
        .route("/tax/{no}/decisions", post(decide))
        .route("/tax/list", get(list))
        .route("/tax/list.xlsx", get(xlsx))
}

async fn rulings(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(page(&site, &who, FormState::new("ruling"), None).await?).into_response())
}

/// The page; `wrong` is a decision to correct, by the number of its ruling.
async fn page(
    site: &Site,
    who: &SignedIn,
    form: FormState,
    wrong: Option<(&str, FormState)>,
) -> Result<Rulings, Error> {
    let lines = tax::rulings(&site.app, &who.actor).await?;
    let row = |line: RulingLine| {
        let decision = line.may_decide.then(|| match &wrong {
            Some((no, form)) if *no == line.row.ruling_no => form.clone(),
            _ => FormState::new(&line.row.ruling_no),
        });
        row(line, decision)
    };
    let programmes = programmes(&site.app).await?;
    let programmes: Vec<_> =
        programmes.iter().map(|(code, title)| (code.as_str(), title.as_str())).collect();
    Ok(Rulings {
        frame: who.frame(site, HERE).await?,
        rows: lines.into_iter().map(row).collect(),
        programmes: Choice::list(&programmes),
        treatments: Choice::of::<TaxTreatment>(),
        form: tax::may_propose(&who.actor).then_some(form),
    })
}

fn row(line: RulingLine, decision: Option<FormState>) -> RulingRow {
    let RulingLine { row, treatment, programme, proposer, decider, in_force, .. } = line;
    let state = match (row.accepted, in_force) {
        (None, _) => "待确认",
        (Some(false), _) => "已退回",
        (Some(true), true) => "现行",
        (Some(true), false) => "已被替代",
    };
    let decided = row.decided_at.zip(decider);
    RulingRow {
        no: row.ruling_no,
        programme,
        year: row.award_year,
        treatment: treatment.label().to_owned(),
        formula: treatment.formula().to_owned(),
        basis: row.basis,
        document_no: row.document_no,
        state: state.to_owned(),
        proposed: format!("{} {proposer}", minute(row.proposed_at)),
        decided: decided.map(|(at, name)| format!("{} {name}", minute(at))).unwrap_or_default(),
        note: row.note,
        decision,
    }
}

/// `POST /tax`. Fields: programme, year, treatment, basis, document_no.
async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = RulingForm {
        programme: filed.text("programme"),
        year: filed.text("year"),
        treatment: filed.text("treatment"),
        basis: filed.text("basis"),
        document_no: filed.text("document_no"),
    };
    let effect = async {
        let no = tax::propose(&site.app, &who.actor, &new).await?;
        Ok((HERE.to_owned(), format!("已提出 {no}，由审批人确认后生效。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = back_to_form(filed.state("ruling"), error)?;
            Ok(Page::retry(page(&site, &who, form, None).await?).into_response())
        }
    }
}

/// `POST /tax/{no}/decisions`. Fields: verdict, note.
async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match tax::decide(&site.app, &who.actor, &no, (accept, filed.text("note"))).await {
        Ok(()) => Ok(done(HERE, if accept { "已确认，即日起按此办理。" } else { "已退回。" })),
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            let fresh = FormState::new("ruling");
            Ok(Page::retry(page(&site, &who, fresh, Some((&no, form))).await?).into_response())
        }
    }
}

/// Which month, and which page of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    month: String,
    page: Option<u64>,
}

/// `GET /tax/list`.
async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let from = offset(wanted.page, LINES_A_PAGE);
    let found = tax::list(&site.app, &who.actor, &wanted.month, from).await?;
    let month = found.month.format("%Y-%m").to_string();
    let place = (from, LINES_A_PAGE, found.lines.len());
    let net = found.gross.checked_sub(found.tax).unwrap_or(Fen::ZERO);
    Ok(Page::ok(TaxList {
        frame: who.frame(&site, HERE).await?,
        filter: FormState::new("filter").with("month", &month),
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        rows: found.lines.into_iter().map(tax_row).collect(),
        count: found.count,
        gross: Yuan(found.gross),
        tax: Yuan(found.tax),
        net: Yuan(net),
        export_href: format!("/tax/list.xlsx?{}", query_of([("month", month.as_str())])),
        pager: pager(("/tax/list", &[("month", &month)]), found.count, place),
    })
    .into_response())
}

/// `GET /tax/list.xlsx`.
async fn xlsx(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let (name, bytes) = tax::workbook(&site.app, &who.actor, &wanted.month).await?;
    Ok(download(&name, XLSX, bytes))
}

fn tax_row(line: TaxLine) -> TaxRow {
    let treatment = TaxTreatment::from_code(&line.tax_treatment);
    TaxRow {
        name: line.payee_name,
        no: line.person_no,
        year: line.award_year,
        treatment: treatment.map_or("未区分", Code::label).to_owned(),
        paid_at: minute(line.paid_at),
        batch_no: line.batch_no,
        gross: Yuan::of(line.amount_fen),
        tax: Yuan::of(line.tax_fen),
        net: Yuan::of(line.amount_fen - line.tax_fen),
    }
}
