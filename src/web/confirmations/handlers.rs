//! The list, and the same as a workbook.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::pages::{Unconfirmed as UnconfirmedPage, UnconfirmedRow};
use crate::domain::registry::Code;
use crate::service::directory::{self, ConfirmationQuery, PAGE_SIZE, Unconfirmed, UnconfirmedLine};
use crate::web::enterprises::handlers::city_choices;
use crate::web::failure::Answer;
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager, query_of};
use crate::web::page::Page;
use crate::web::send::{XLSX, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/confirmations";
const WHAT: &[(&str, &str)] = &[("filing", "企业申报未确认"), ("account", "收款账户未确认")];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    what: String,
    enterprise: String,
    city: String,
    page: Option<u64>,
}

impl Wanted {
    fn query(&self) -> ConfirmationQuery {
        ConfirmationQuery {
            text: self.q.clone(),
            uscc: self.enterprise.clone(),
            city: self.city.clone(),
            what: match self.what.as_str() {
                "filing" => Unconfirmed::Filing,
                "account" => Unconfirmed::Account,
                _ => Unconfirmed::Either,
            },
        }
    }

    fn conditions(&self) -> [(&'static str, &str); 4] {
        [
            ("q", &self.q),
            ("what", &self.what),
            ("enterprise", &self.enterprise),
            ("city", &self.city),
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
    let from = offset(wanted.page, PAGE_SIZE);
    let found = directory::unconfirmed(&site.app, &who.actor, &wanted.query(), from).await?;
    let own = who.actor.role.is_of_enterprise();
    let enterprises = match own {
        true => Vec::new(),
        false => directory::enterprise_choices(&site.app, &who.actor).await?,
    };
    let conditions = wanted.conditions();
    let mut filter = FormState::new("filter");
    for (field, value) in conditions {
        filter = filter.with(field, value);
    }
    let choice = |(value, label)| Choice { value, label };
    let page = UnconfirmedPage {
        frame: who.frame(&site, HERE).await?,
        filter,
        whats: Choice::list(WHAT),
        enterprises: enterprises.into_iter().map(choice).collect(),
        cities: if own { Vec::new() } else { city_choices() },
        own,
        pager: pager((HERE, &conditions), found.total, (from, PAGE_SIZE, found.rows.len())),
        export_href: (found.total > 0).then(|| wanted.export()),
        rows: found.rows.into_iter().map(row).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn row(line: UnconfirmedLine) -> UnconfirmedRow {
    let engineer = line.engineer;
    UnconfirmedRow {
        no: engineer.no,
        name: engineer.name,
        enterprise: engineer.enterprise,
        uscc: engineer.uscc,
        roster_state: engineer.standing.map_or("", Code::label).to_owned(),
        has_access: line.has_access,
        filing: line.filing.label(),
        account: line.account.label(),
    }
}

pub(super) async fn xlsx(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let bytes = directory::export_unconfirmed(&site.app, &who.actor, &wanted.query()).await?;
    let name = format!("本人确认情况-{}.xlsx", site.app.clock.today());
    Ok(download(&name, XLSX, bytes))
}
