//! Accounts of other people, and the organisations they belong to.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::pages::{AccountList, AccountRow, AccountView, RequestRow};
use crate::domain::authority::Role;
use crate::domain::duty::OrganisationKind;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::account::{
    self, AccountForm, Listed, Office, OrganisationForm, RequestLine, Standing,
};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::step_up::Confirmed;

const HERE: &str = "/accounts";

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    q: Option<String>,
    page: Option<u64>,
}

/// The forms below the list and what was just made with them.
struct Below {
    account: FormState,
    office: FormState,
    first_half: Option<(String, String)>,
}

impl Below {
    fn new() -> Self {
        Self {
            account: FormState::new("account"),
            office: FormState::new("office"),
            first_half: None,
        }
    }
}

async fn page(site: &Site, who: &SignedIn, wanted: &Wanted, below: Below) -> Answer {
    let q = wanted.q.as_deref().unwrap_or_default().trim();
    let from = offset(wanted.page, account::PAGE);
    let found = account::list(&site.app, &who.actor, q, from).await?;
    let offices = account::offices(&site.app, &who.actor).await?;
    let wrong = below.account.has_errors() || below.office.has_errors();
    let shown = found.rows.len();
    let page = AccountList {
        frame: who.frame(site, HERE).await?,
        filter: FormState::new("filter").with("q", q),
        pager: pager((HERE, &[("q", q)]), found.total, (from, account::PAGE, shown)),
        rows: found.rows.into_iter().map(row).collect(),
        form: below.account,
        roles: roles(),
        organisations: organisations(&offices),
        office_form: below.office,
        kinds: kinds(),
        divisions: divisions(),
        first_half: below.first_half,
    };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

fn row(row: Listed) -> AccountRow {
    AccountRow {
        id: row.id,
        login: row.login,
        name: row.name,
        role: row.role.label().to_owned(),
        organisation: row.organisation,
        same_person: row.same_person,
        state: state(row.standing).to_owned(),
        last_seen_at: row.last_seen_at.map_or_else(|| "从未登录".to_owned(), minute),
        may_change: !row.is_own,
        has_factor: row.has_factor,
        waits: row.waits.iter().map(|kind| kind.label().to_owned()).collect(),
    }
}

const fn state(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "正常",
        Standing::Locked => "锁定",
        Standing::Waiting => "待授权",
        Standing::Fresh => "首次登录",
        Standing::Disabled => "停用",
    }
}

fn roles() -> Vec<Choice> {
    let choice = |role: &Role| (role.code(), role.label());
    let people = Role::ALL.iter().filter(|role| !role.is_system());
    Choice::list(&people.map(choice).collect::<Vec<_>>())
}

/// The administration is made at setup and there is one; enterprises come by their credit code.
fn kinds() -> Vec<Choice> {
    let made = OrganisationKind::ALL.iter().filter(|k| **k != OrganisationKind::Administration);
    Choice::list(&made.map(|kind| (kind.code(), kind.label())).collect::<Vec<_>>())
}

fn organisations(offices: &[Office]) -> Vec<Choice> {
    let choice = |office: &Office| Choice {
        value: office.id.to_string(),
        label: format!("{}（{}）", office.name, office.kind.label()),
    };
    offices.iter().map(choice).collect()
}

fn divisions() -> Vec<Choice> {
    let province = [(region::PROVINCE.to_owned(), "福建省（省级）".to_owned())];
    let units = region::city_units().iter().cloned();
    let counties = region::pickable(None).map(|d| (d.code.clone(), d.full_name.clone()));
    let mut all: Vec<(String, String)> = province.into_iter().chain(units).collect();
    let known: Vec<String> = all.iter().map(|(code, _)| code.clone()).collect();
    all.extend(counties.filter(|(code, _)| !known.contains(code)));
    all.into_iter().map(|(value, label)| Choice { value, label }).collect()
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    page(&site, &who, &wanted, Below::new()).await
}

pub(super) async fn create(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = AccountForm {
        login: filed.text("login"),
        name: filed.text("name"),
        role: filed.text("role"),
        organisation: filed.text("organisation"),
        person_key: filed.text("person_key"),
    };
    let mut below = Below::new();
    match account::ask_for_account(&site.app, &who.actor, &form).await {
        Ok(asked) => below.first_half = Some((asked.login, asked.first_half)),
        Err(error) => below.account = back_to_form(filed.state("account"), error)?,
    }
    page(&site, &who, &Wanted::default(), below).await
}

pub(super) async fn create_organisation(
    State(site): State<Site>,
    who: SignedIn,
    filed: Filed,
) -> Answer {
    let form = OrganisationForm {
        kind: filed.text("kind"),
        name: filed.text("office_name"),
        division: filed.text("division"),
        uscc: filed.text("uscc"),
    };
    match account::create_organisation(&site.app, &who.actor, &form).await {
        Ok(_) => Ok(done(HERE, &format!("机构“{}”已新增，可以为它开设账号。", form.name))),
        Err(error) => {
            let office = back_to_form(filed.state("office"), error)?;
            page(&site, &who, &Wanted::default(), Below { office, ..Below::new() }).await
        }
    }
}

fn request_row(line: RequestLine) -> RequestRow {
    RequestRow {
        kind: line.kind.label().to_owned(),
        asked_at: minute(line.asked_at),
        state: line.outcome.map_or("待授权", Code::label).to_owned(),
        reason: line.reason,
    }
}

async fn view_page(
    site: &Site,
    who: &SignedIn,
    id: i64,
    form: Option<FormState>,
    first_half: Option<String>,
) -> Answer {
    let listed = account::get(&site.app, &who.actor, id).await?;
    let offices = account::offices(&site.app, &who.actor).await?;
    let requests = account::requests(&site.app, &who.actor, id).await?;
    let form = form.unwrap_or_else(|| {
        FormState::new("duty")
            .with("role", listed.role.code())
            .with("organisation", listed.organisation_id.to_string())
    });
    let wrong = form.has_errors();
    let page = AccountView {
        frame: who.frame(site, HERE).await?,
        staff_no: listed.staff_no.clone(),
        account: row(listed),
        form,
        roles: roles(),
        organisations: organisations(&offices),
        requests: requests.into_iter().map(request_row).collect(),
        first_half,
    };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn view(State(site): State<Site>, who: SignedIn, Path(id): Path<i64>) -> Answer {
    view_page(&site, &who, id, None, None).await
}

pub(super) async fn change_duty(
    State(site): State<Site>,
    Path(id): Path<i64>,
    Confirmed { who, filed }: Confirmed,
) -> Answer {
    let (role, organisation) = (filed.text("role"), filed.text("organisation"));
    match account::ask_for_duty(&site.app, &who.actor, id, role, organisation).await {
        Ok(()) => Ok(done(&format!("{HERE}/{id}"), "已申请变更，安全管理员授权后生效。")),
        Err(error) => {
            let form = back_to_form(filed.state("duty"), error)?;
            view_page(&site, &who, id, Some(form), None).await
        }
    }
}

pub(super) async fn reset_password(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    let asked = account::ask_for_password(&site.app, &who.actor, id).await?;
    view_page(&site, &who, id, None, Some(asked.first_half)).await
}

pub(super) async fn disable(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Result<Response, Failure> {
    account::disable(&site.app, &who.actor, id).await?;
    Ok(done(HERE, "账号已停用，其登录已全部退出。"))
}

/// `POST /accounts/{id}/second-factor-reset`.
pub(super) async fn reset_factor(
    State(site): State<Site>,
    Path(id): Path<i64>,
    Confirmed { who, .. }: Confirmed,
) -> Result<Response, Failure> {
    account::ask_for_factor_reset(&site.app, &who.actor, id).await?;
    let text = "已申请重置两步验证，安全管理员授权后生效，已提醒本人。";
    Ok(done(&format!("{HERE}/{id}"), text))
}

pub(super) async fn enable(
    State(site): State<Site>,
    Path(id): Path<i64>,
    Confirmed { who, .. }: Confirmed,
) -> Result<Response, Failure> {
    account::ask_to_enable(&site.app, &who.actor, id).await?;
    Ok(done(HERE, "已申请启用，安全管理员授权后生效。"))
}
