//! Reading rates, reading a file in, deciding another's.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{QuotationRow, RateList, RateRow, UploadPage, UploadRow};
use crate::domain::authority::Act;
use crate::domain::exchange_rate::Direction;
use crate::domain::registry::Code;
use crate::file::form::ImportKind;
use crate::service::exchange_rate::{
    self, Beside, Filter, RATES_A_PAGE, RateLine, Rates, UploadLine,
};
use crate::service::{Error, import};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, XLSX, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/exchange-rates";
/// Rows of a file shown on its page.
const SHOWN: usize = 500;

/// A filter as the address says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    currency: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    history: String,
    page: Option<u64>,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            currency: self.currency.clone(),
            day: self.day.clone(),
            history: self.history == "yes",
        }
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let upload = FormState::new("upload");
    match page(&site, &who, &asked, upload.clone()).await {
        Ok(page) => Ok(Page::ok(page).into_response()),
        Err(error) => {
            let filter = back_to_form(filter_state(&asked), error)?;
            let mut page = page(&site, &who, &Asked::default(), upload).await?;
            page.filter = filter;
            Ok(Page::retry(page).into_response())
        }
    }
}

fn filter_state(asked: &Asked) -> FormState {
    FormState::new("filter")
        .with("currency", &asked.currency)
        .with("day", &asked.day)
        .with("history", &asked.history)
}

async fn page(
    site: &Site,
    who: &SignedIn,
    asked: &Asked,
    upload: FormState,
) -> Result<RateList, Error> {
    let begin = offset(asked.page, RATES_A_PAGE);
    let Rates { lines, total, applies } =
        exchange_rate::rates(&site.app, &who.actor, &asked.filter(), begin).await?;
    let uploads = exchange_rate::uploads(&site.app, &who.actor).await?;
    let conditions = [
        ("currency", asked.currency.as_str()),
        ("day", asked.day.as_str()),
        ("history", asked.history.as_str()),
    ];
    Ok(RateList {
        frame: who.frame(site, HERE).await?,
        pager: pager((HERE, &conditions), total, (begin, RATES_A_PAGE, lines.len())),
        rows: lines.iter().map(row).collect(),
        applies: applies.as_ref().map(row),
        filter: filter_state(asked),
        uploads: uploads.iter().map(upload_row).collect(),
        upload: exchange_rate::may_propose(&who.actor).then_some(upload),
    })
}

fn row(line: &RateLine) -> RateRow {
    RateRow {
        currency: line.currency.clone(),
        quoted_on: line.quoted_on.to_string(),
        rate: line.rate.to_string(),
        direction: Direction::SpotSell.label().to_owned(),
        source: line.source.clone(),
        upload_no: line.upload_no.clone(),
        recorded_at: minute(line.recorded_at),
        superseded_at: line.superseded_at.map(minute),
    }
}

fn upload_row(line: &UploadLine) -> UploadRow {
    let row = &line.row;
    let state = match row.accepted {
        None => "待确认",
        Some(true) => "已确认",
        Some(false) => "已退回",
    };
    let decided = row.decided_at.zip(line.decider.as_ref());
    UploadRow {
        no: row.upload_no.clone(),
        file_name: row.file_name.clone(),
        source: row.rate_source.clone(),
        count: row.quotation_count,
        state: state.to_owned(),
        proposed: format!("{} {}", minute(row.proposed_at), line.proposer),
        decided: decided.map(|(at, name)| format!("{} {name}", minute(at))).unwrap_or_default(),
        note: row.note.clone().unwrap_or_default(),
    }
}

/// `POST /exchange-rates/uploads`. Fields: source, file.
pub(super) async fn propose(
    State(site): State<Site>,
    who: SignedIn,
    filed: FiledWithFile,
) -> Answer {
    let file = filed.file().filter(|file| !file.bytes.is_empty());
    let file = file.map(|file| (file.name.as_str(), file.bytes.clone()));
    match exchange_rate::propose(&site.app, &who.actor, filed.text("source"), file).await {
        Ok(no) => Ok(done(&format!("{HERE}/uploads/{no}"), "已录入牌价文件，须由另一人确认后生效")),
        Err(error) => {
            let upload = back_to_form(filed.state("upload"), error)?;
            let page = page(&site, &who, &Asked::default(), upload).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// `GET /exchange-rates/templates/rates.xlsx` or `.csv`.
pub(super) async fn template(who: SignedIn, Path(file): Path<String>) -> Answer {
    who.actor.must(Act::ReadRegistry)?;
    let (as_csv, kind) = match file.as_str() {
        "rates.xlsx" => (false, XLSX),
        "rates.csv" => (true, "text/csv; charset=utf-8"),
        _ => return Err(Error::NotFound("模板").into()),
    };
    let (name, bytes) = import::template(ImportKind::ExchangeRates, as_csv)?;
    Ok(download(&name, kind, bytes))
}

pub(super) async fn upload(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let page = upload_page(&site, &who, &no, FormState::new("decision")).await?;
    Ok(Page::ok(page).into_response())
}

async fn upload_page(
    site: &Site,
    who: &SignedIn,
    no: &str,
    form: FormState,
) -> Result<UploadPage, Error> {
    let (line, quotations) = exchange_rate::upload(&site.app, &who.actor, no).await?;
    let waits = line.row.decided_at.is_none();
    Ok(UploadPage {
        frame: who.frame(site, HERE).await?,
        facts: upload_row(&line),
        sha256: line.row.content_sha256.clone(),
        is_own: line.is_own,
        not_shown: i64::try_from(quotations.len().saturating_sub(SHOWN)).unwrap_or(i64::MAX),
        rows: quotations.iter().take(SHOWN).map(|beside| quotation(beside, waits)).collect(),
        decision: line.may_decide.then_some(form),
    })
}

/// What confirming would do is said only while it can be done.
fn quotation(beside: &Beside, waits: bool) -> QuotationRow {
    let Beside { quotation, live } = beside;
    let effect = match live {
        _ if !waits => String::new(),
        None => "新增".to_owned(),
        Some(live) if *live == quotation.rate => "与现行相同，不变".to_owned(),
        Some(live) => format!("更正现行 {live}"),
    };
    QuotationRow {
        currency: quotation.currency.clone(),
        quoted_on: quotation.quoted_on.to_string(),
        rate: quotation.rate.to_string(),
        effect,
    }
}

/// `POST /exchange-rates/uploads/{no}/decisions`. Fields: verdict (accept or refuse), note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match exchange_rate::decide(&site.app, &who.actor, &no, accept, filed.text("note")).await {
        Ok(()) => {
            let said =
                if accept { "已确认，牌价从现在起有效。" } else { "已退回。" };
            Ok(done(&format!("{HERE}/uploads/{no}"), said))
        }
        Err(error) => {
            let form = back_to_form(filed.state("decision"), error)?;
            Ok(Page::retry(upload_page(&site, &who, &no, form).await?).into_response())
        }
    }
}
