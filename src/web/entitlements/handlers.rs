//! The ledger of entitlements.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{EntitlementList, EntitlementRow, EntitlementSums};
use crate::domain::adjustment::LedgerState;
use crate::domain::export::ExportList;
use crate::domain::registry::Code;
use crate::service::stipend::{
    self, Form, Ledger, LedgerQuery, LedgerRow, LedgerStart, LedgerSums, REASONS, ROWS_A_PAGE,
    reason_code,
};
use crate::web::exports;
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::{beside, offset, pager_of, query_of};
use crate::web::page::Page;
use crate::web::policies::notes::{PolicyNotes, notes};
use crate::web::runs::pages::NamedSum;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::{Pager, Yuan};

const HERE: &str = "/entitlements";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// Not given, the year of the page; empty, every year.
    year: Option<String>,
    status: String,
    city: String,
    enterprise: String,
    reason: String,
    page: Option<u64>,
    /// Version of the row before the page.
    after: Option<i64>,
    /// Version of the row after it.
    before: Option<i64>,
    /// Given to see the sums by city and source.
    summary: Option<String>,
}

impl Wanted {
    fn query(&self) -> LedgerQuery {
        LedgerQuery::read(&self.conditions())
    }

    fn conditions(&self) -> [(&'static str, &str); 5] {
        [
            ("year", self.year.as_deref().unwrap_or_default()),
            ("status", &self.status),
            ("city", &self.city),
            ("enterprise", &self.enterprise),
            ("reason", &self.reason),
        ]
    }

    /// By the row that the link was made from, so that no page costs more than the first.
    fn from(&self) -> LedgerStart {
        match (self.after, self.before) {
            (Some(version), _) => LedgerStart::After(version),
            (None, Some(version)) => LedgerStart::Before(version),
            (None, None) => LedgerStart::Offset(offset(self.page, ROWS_A_PAGE)),
        }
    }

    fn address(&self, ending: &str) -> String {
        format!("{HERE}.{ending}?{}", query_of(self.conditions()))
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(mut wanted): Query<Wanted>,
) -> Answer {
    let frame = who.frame(&site, HERE).await?;
    wanted.year.get_or_insert_with(|| frame.year.to_string());
    let (query, with_sums) = (wanted.query(), wanted.summary.is_some());
    let found =
        stipend::entitlements(&site.app, &who.actor, &query, wanted.from(), with_sums).await?;
    let mut page = page((frame, notes(&site).await?), &wanted, found);
    if with_sums {
        let (by_city, by_source) = stipend::entitlement_sums(&site.app, &who.actor, &query).await?;
        page.by_city = by_city.into_iter().map(named_sum).collect();
        page.by_source = by_source.into_iter().map(named_sum).collect();
    }
    Ok(Page::ok(page).into_response())
}

fn named_sum(sum: stipend::NamedSum) -> NamedSum {
    NamedSum { name: sum.name, persons: sum.persons, amount: Yuan(sum.amount) }
}

fn page((frame, notes): (Frame, PolicyNotes), wanted: &Wanted, found: Ledger) -> EntitlementList {
    let conditions = wanted.conditions();
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let choice = |value: String, label: String| Choice { value, label };
    let year = |year: &i64| choice(year.to_string(), format!("{year} 年度"));
    let state = |state: &LedgerState| choice(state.code().into(), state.label().into());
    let reason = |reason: &_| {
        choice(reason_code(*reason), crate::domain::determine::Reason::label(*reason).to_owned())
    };
    let pager = pager(&conditions, wanted.page, &found);
    EntitlementList {
        frame,
        notes,
        filter,
        years: found.years.iter().map(year).collect(),
        statuses: LedgerState::ALL.iter().map(state).collect(),
        cities: stipend::cities().iter().cloned().map(|(c, name)| choice(c, name)).collect(),
        enterprises: found.enterprises.into_iter().map(|(c, name)| choice(c, name)).collect(),
        reasons: REASONS.iter().map(reason).collect(),
        pager,
        sums: found.sums.as_ref().map(sums),
        rows: found.rows.into_iter().map(|(_, line)| row(line)).collect(),
        by_city: Vec::new(),
        by_source: Vec::new(),
        summary_href: format!("{HERE}?{}&summary=1", query_of(conditions)),
        export_href: wanted.address("xlsx"),
        columns_href: exports::ask_href(ExportList::Entitlements, &conditions),
        csv_href: wanted.address("csv"),
    }
}

fn row(row: LedgerRow) -> EntitlementRow {
    EntitlementRow {
        name: row.name,
        no: row.person_no,
        year: row.year,
        enterprise: row.enterprises,
        months: row.months,
        gross: Yuan(row.gross),
        offset: Yuan(row.offset),
        net: Yuan(row.net),
        paid: row.paid.map(Yuan),
        open: row.open.map(Yuan),
        status: row.state.label().to_owned(),
        reason: row.reason,
    }
}

fn pager(conditions: &[(&str, &str)], number: Option<u64>, found: &Ledger) -> Pager {
    let (at, rows) = ((HERE, conditions), &found.rows);
    let pager = pager_of(at, found.extent, (offset(number, ROWS_A_PAGE), ROWS_A_PAGE, rows.len()));
    let key = |row: Option<&(i64, LedgerRow)>| row.map(|(version, _)| version.to_string());
    beside(pager, (key(rows.first()), key(rows.last())))
}

fn sums(sums: &LedgerSums) -> EntitlementSums {
    EntitlementSums {
        gross: Yuan(sums.gross),
        offset: Yuan(sums.offset),
        net: Yuan(sums.net),
        paid: Yuan(sums.paid),
        open: Yuan(sums.open),
    }
}

pub(super) async fn workbook(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    table(&site, &who, &wanted, (Form::Xlsx, "应发台账.xlsx", XLSX)).await
}

pub(super) async fn text(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    table(&site, &who, &wanted, (Form::Csv, "应发台账.csv", "text/csv; charset=utf-8")).await
}

async fn table(
    site: &Site,
    who: &SignedIn,
    wanted: &Wanted,
    (form, name, kind): (Form, &str, &str),
) -> Answer {
    let found = stipend::export_entitlements(&site.app, &who.actor, &wanted.query(), form).await?;
    Ok(match found {
        Some(bytes) => download(name, kind, bytes),
        None => exports::ask_instead(ExportList::Entitlements, &wanted.conditions()),
    })
}
