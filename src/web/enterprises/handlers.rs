//! The list of enterprises and the record of one.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{EnterpriseDetail, EnterpriseList, EnterpriseRow, ListingVersion, NameVersion};
use crate::domain::authority::Act;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::directory::{
    self, EnterpriseLine, EnterpriseQuery, EnterpriseRecord, FactLine, ListingFilter, ListingLine,
    PAGE_SIZE,
};
use crate::web::engineers::record::changes;
use crate::web::engineers::rows::{engineer_row, fact_version};
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::{minute, offset, pager, pager_of};
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;

pub(super) const HERE: &str = "/enterprises";
/// Values and labels of the filter by state on the list.
const LISTINGS: &[(&str, &str)] =
    &[("listed", "在清单"), ("ended", "已移出或到期"), ("never", "未列入")];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    city: String,
    listing: String,
    account: String,
    page: Option<u64>,
}

impl Wanted {
    fn query(&self) -> EnterpriseQuery {
        EnterpriseQuery {
            text: self.q.clone(),
            city: self.city.clone(),
            listing: match self.listing.as_str() {
                "listed" => Some(ListingFilter::Listed),
                "ended" => Some(ListingFilter::Ended),
                "never" => Some(ListingFilter::Never),
                _ => None,
            },
            account_waits: self.account == "waiting",
        }
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let frame = who.frame(&site, HERE).await?;
    let from = offset(wanted.page, PAGE_SIZE);
    let query = wanted.query();
    let found = directory::enterprises(&site.app, &who.actor, &query, frame.year, from).await?;
    let conditions: [(&str, &str); 4] = [
        ("q", &wanted.q),
        ("city", &wanted.city),
        ("listing", &wanted.listing),
        ("account", &wanted.account),
    ];
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let page = EnterpriseList {
        frame,
        filter,
        cities: city_choices(),
        listings: Choice::list(LISTINGS),
        accounts: Choice::list(&[("waiting", "待确认")]),
        pager: pager((HERE, &conditions), found.total, (from, PAGE_SIZE, found.rows.len())),
        rows: found.rows.into_iter().map(row).collect(),
        may_import: who.actor.role.may(Act::ImportRegistry),
    };
    Ok(Page::ok(page).into_response())
}

/// The city-level units to choose from.
pub(crate) fn city_choices() -> Vec<Choice> {
    let choice =
        |(code, name): &(String, String)| Choice { value: code.clone(), label: name.clone() };
    region::city_units().iter().map(choice).collect()
}

fn row(line: EnterpriseLine) -> EnterpriseRow {
    EnterpriseRow {
        name: line.name,
        uscc: line.uscc,
        region: line.place,
        field: line.field,
        listing: line.standing.unwrap_or_else(|| line.listing.label()).into(),
        valid: line.period.map_or_else(String::new, |period| period.words()),
        engineers: line.engineers,
        entitled: line.entitled.into(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Paged {
    page: Option<u64>,
}

pub(super) async fn detail(
    State(site): State<Site>,
    who: SignedIn,
    Path(uscc): Path<String>,
    Query(paged): Query<Paged>,
) -> Answer {
    let frame = who.frame(&site, HERE).await?;
    let from = offset(paged.page, PAGE_SIZE);
    let record = directory::enterprise(&site.app, &who.actor, &uscc, frame.year, from).await?;
    let changes = changes(&site, &who, (false, &record.line.uscc)).await?;
    Ok(Page::ok(EnterpriseDetail { changes, ..page(frame, record, from) }).into_response())
}

fn page(frame: Frame, record: EnterpriseRecord, from: u64) -> EnterpriseDetail {
    let here = format!("{HERE}/{}", record.line.uscc);
    let engineers = record.engineers;
    let may_correct = record.may_correct;
    EnterpriseDetail {
        frame,
        known_at: format!("按截至 {} 已记录的信息显示。", minute(record.known_at)),
        names: record.names.into_iter().map(version).collect(),
        divisions: record.divisions.into_iter().map(version).collect(),
        superseded: record.superseded.into_iter().map(|line| fact_version(line, None)).collect(),
        listings: record.listings.into_iter().map(|line| listing(line, may_correct)).collect(),
        pager: pager_of((&here, &[]), engineers.extent, (from, PAGE_SIZE, engineers.rows.len())),
        engineers: engineers.rows.into_iter().map(engineer_row).collect(),
        file: record.file.map(|file| {
            let due = file.due_on.map_or_else(|| "不限时".to_owned(), |day| day.to_string());
            (file.no, file.state, file.since.to_string(), due)
        }),
        may_take_over: record.may_take_over,
        account: record.account,
        account_waits: record.account_waits,
        changes: Vec::new(),
        delisting: record.may_delist.then(|| FormState::new("delisting")),
        facts: row(record.line),
    }
}

fn version(line: FactLine) -> NameVersion {
    NameVersion {
        name: line.content,
        valid: line.period.words(),
        recorded_at: minute(line.recorded_at),
        document: line.document,
    }
}

fn listing(line: ListingLine, may_correct: bool) -> ListingVersion {
    let ListingLine { state, fact } = line;
    ListingVersion {
        state: state.label().into(),
        edition: fact.content,
        valid: fact.period.words(),
        recorded_at: minute(fact.recorded_at),
        document: fact.document,
        reason: fact.reason,
        fact: fact.fact.filter(|_| may_correct),
    }
}
