//! Many document numbers looked up at once. The numbers are sent by POST and never shown again.

pub mod pages;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use self::pages::{LookupCount, LookupPage, LookupResult, LookupRow};
use crate::domain::registry::Code;
use crate::service::directory::{
    Asked, BulkLine, BulkLookup, BulkState, PaymentRow, YearLine, bulk_lookup, bulk_lookup_export,
};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::frame::Frame;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::{Yuan, count};

const HERE: &str = "/lookups";
/// Lines shown on the page; the workbook has all.
const SHOWN: usize = 500;

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new().route(HERE, get(form).post(ask)).route("/lookups.xlsx", post(export))
}

async fn form(State(site): State<Site>, who: SignedIn) -> Answer {
    who.actor.must(crate::domain::authority::Act::ReadRegistry)?;
    let frame = who.frame(&site, HERE).await?;
    let form = FormState::new("lookups");
    Ok(Page::ok(LookupPage { frame, form, result: None }).into_response())
}

/// `POST /lookups`. Fields: purpose, numbers or file. The numbers are not sent back.
async fn ask(State(site): State<Site>, who: SignedIn, filed: FiledWithFile) -> Answer {
    let asked = Asked {
        purpose: filed.text("purpose").to_owned(),
        text: filed.text("numbers").to_owned(),
        file: filed
            .file()
            .filter(|file| !file.bytes.is_empty())
            .map(|file| (file.name.clone(), file.bytes.clone())),
    };
    let state = FormState::new("lookups").with("purpose", &asked.purpose);
    match bulk_lookup(&site.app, &who.actor, asked).await {
        Ok(found) => {
            let frame = who.frame(&site, HERE).await?;
            let result = Some(result(&frame, found));
            Ok(Page::ok(LookupPage { frame, form: state, result }).into_response())
        }
        Err(error) => {
            let form = back_to_form(state, error)?;
            let frame = who.frame(&site, HERE).await?;
            Ok(Page::retry(LookupPage { frame, form, result: None }).into_response())
        }
    }
}

/// `POST /lookups.xlsx`. Field: sealed, from the page of the result.
async fn export(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let bytes = bulk_lookup_export(&site.app, &who.actor, filed.text("sealed")).await?;
    let name = format!("名单核查-{}.xlsx", site.app.clock.today());
    Ok(download(&name, XLSX, bytes))
}

fn result(frame: &Frame, found: BulkLookup) -> LookupResult {
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let counts = BulkState::ALL.iter().map(|state| (state, found.count(*state)));
    let wrong = |line: &&BulkLine| matches!(line.state, BulkState::Malformed | BulkState::Repeated);
    LookupResult {
        counts: counts
            .filter(|(_, number)| *number > 0)
            .map(|(state, number)| LookupCount {
                state: state.label().to_owned(),
                count: whole(number),
            })
            .collect(),
        total: whole(found.lines.len()),
        faults: found
            .lines
            .iter()
            .filter(wrong)
            .take(SHOWN)
            .map(|line| format!("第 {} 行：{}", line.line, line.note))
            .collect(),
        not_shown: whole(found.lines.len().saturating_sub(SHOWN)),
        at: minute(found.at),
        purpose: found.purpose,
        sealed: found.sealed,
        leads_to_engineers: frame.leads_to("/engineers"),
        rows: found.lines.into_iter().take(SHOWN).map(row).collect(),
    }
}

fn row(line: BulkLine) -> LookupRow {
    LookupRow {
        line: i64::from(line.line),
        state: line.state.label().to_owned(),
        note: line.note,
        no: line.person_no,
        name: line.name,
        masked: line.masked,
        enterprise: line.enterprise,
        years: line.years.iter().map(year_text).collect(),
        payments: line.payments.iter().map(payment_text).collect(),
    }
}

/// `2026 年度：计入 12 个月，应发 200,000.00 元，已付`.
fn year_text(year: &YearLine) -> String {
    let months = year
        .months
        .map_or_else(|| "本企业部分".to_owned(), |months| format!("计入 {} 个月", count(months)));
    let (net, state) = (Yuan(year.net), year.state.label());
    format!("{} 年度：{months}，应发 {net} 元，{state}", year.year)
}

/// `2026 年度 200,000.00 元，2027-03-01，已付（B2027-0001）`.
fn payment_text(payment: &PaymentRow) -> String {
    let day = payment.paid_on.map_or_else(|| "银行未回".to_owned(), |day| day.to_string());
    let (amount, state) = (Yuan(payment.amount), payment.state);
    format!("{} 年度 {amount} 元，{day}，{state}（{}）", payment.year, payment.batch_no)
}
