//! The list of engineers: filters, exact search, export.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::pages::EngineerList;
use super::rows::engineer_row;
use crate::domain::authority::Act;
use crate::domain::export::ExportList;
use crate::domain::roster::Standing;
use crate::service::Error;
use crate::service::directory::{
    self, EngineerLine, EngineerPage, EngineerQuery, Form, PAGE_SIZE, Start,
};
use crate::web::enterprises::handlers::city_choices;
use crate::web::exports;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{beside, offset, pager_of, query_of};
use crate::web::page::Page;
use crate::web::send::{Filed, XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Pager;

const HERE: &str = "/engineers";
const CSV: &str = "text/csv; charset=utf-8";
const AMOUNTS: &[(&str, &str)] = &[("some", "有应发"), ("zero", "零额"), ("undecided", "未核定")];
const GAPS: &[(&str, &str)] = &[("evidence", "两个月无证据"), ("account", "没有收款账户")];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    enterprise: String,
    city: String,
    state: String,
    amount: String,
    missing: String,
    page: Option<u64>,
    after: String,
    before: String,
}

impl Wanted {
    fn query(&self) -> EngineerQuery {
        EngineerQuery::read(&self.conditions())
    }

    /// By the row that the link was made from, so that no page costs more than the first.
    fn from(&self) -> Start {
        if !self.after.is_empty() {
            Start::After(self.after.clone())
        } else if !self.before.is_empty() {
            Start::Before(self.before.clone())
        } else {
            Start::Offset(offset(self.page, PAGE_SIZE))
        }
    }

    fn conditions(&self) -> [(&'static str, &str); 6] {
        [
            ("q", &self.q),
            ("enterprise", &self.enterprise),
            ("city", &self.city),
            ("state", &self.state),
            ("amount", &self.amount),
            ("missing", &self.missing),
        ]
    }

    fn export(&self) -> String {
        format!("{HERE}.xlsx?{}", query_of(self.conditions()))
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let page = page(&site, &who, &wanted, FormState::new("exact")).await?;
    Ok(Page::ok(page).into_response())
}

async fn page(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    exact: FormState,
) -> Result<EngineerList, Failure> {
    let frame = who.frame(site, HERE).await?;
    let query = wanted.query();
    let found =
        directory::engineers(&site.app, &who.actor, &query, frame.year, &wanted.from()).await?;
    let enterprises = directory::enterprise_choices(&site.app, &who.actor).await?;
    let conditions = wanted.conditions();
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let (role, year) = (who.actor.role, frame.year.to_string());
    let exported = conditions.into_iter().chain([("year", year.as_str())]);
    let exported: Vec<_> = exported.filter(|(_, value)| !value.is_empty()).collect();
    Ok(EngineerList {
        frame,
        filter,
        enterprises: enterprises
            .into_iter()
            .map(|(value, label)| Choice { value, label })
            .collect(),
        cities: city_choices(),
        states: Choice::of::<Standing>(),
        amounts: Choice::list(AMOUNTS),
        gaps: Choice::list(GAPS),
        exact,
        pager: pager(&conditions, wanted.page, &found),
        export_href: (found.extent.rows > 0).then(|| wanted.export()),
        columns_href: exports::ask_href(ExportList::Engineers, &exported),
        must_search: found.must_search,
        rows: found.rows.into_iter().map(engineer_row).collect(),
        may_import: role.may(Act::FileEngineers) || role.may(Act::ImportRegistry),
    })
}

fn pager(conditions: &[(&str, &str)], number: Option<u64>, found: &EngineerPage) -> Pager {
    let (at, rows) = ((HERE, conditions), &found.rows);
    let pager = pager_of(at, found.extent, (offset(number, PAGE_SIZE), PAGE_SIZE, rows.len()));
    let key = |row: Option<&EngineerLine>| row.map(|row| row.no.clone());
    beside(pager, (key(rows.first()), key(rows.last())))
}

/// `POST /engineers/lookup`. Field: document_no, which is never sent back.
pub(super) async fn lookup(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let exact = FormState::new("exact");
    let (status, exact) =
        match directory::lookup(&site.app, &who.actor, filed.text("document_no")).await {
            Ok(Some(no)) => return Ok(Redirect::to(&format!("{HERE}/{no}")).into_response()),
            Ok(None) => {
                let text = "管理范围内没有持有该证件的人员，请核对号码";
                (StatusCode::NOT_FOUND, exact.wrong("document_no", text))
            }
            Err(error @ Error::Invalid(_)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, back_to_form(exact, error)?)
            }
            Err(error) => return Err(error.into()),
        };
    let page = page(&site, &who, &Wanted::default(), exact).await?;
    Ok(Page(status, page).into_response())
}

pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    export(&site, &who, &wanted, Form::Xlsx).await
}

pub(super) async fn csv(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    export(&site, &who, &wanted, Form::Csv).await
}

async fn export(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    form: Form,
) -> Result<Response, Failure> {
    let year = who.frame(site, HERE).await?.year;
    let query = wanted.query();
    let found = directory::export_engineers(&site.app, &who.actor, &query, year, form).await?;
    let Some(bytes) = found else {
        let year = year.to_string();
        let fields: Vec<_> = wanted.conditions().into_iter().chain([("year", &*year)]).collect();
        return Ok(exports::ask_instead(ExportList::Engineers, &fields));
    };
    let (ending, kind) = match form {
        Form::Xlsx => ("xlsx", XLSX),
        Form::Csv => ("csv", CSV),
    };
    let name = format!("核心工程师-{}.{ending}", site.app.clock.today());
    Ok(download(&name, kind, bytes))
}
