//! System accounts and the tokens of the JSON interface.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use crate::domain::duty::OrganisationKind;
use crate::domain::machine::{ApiScope, USUAL_RATE};
use crate::domain::registry::Code;
use crate::service::account;
use crate::service::machine::{self, NewToken, SystemAccount, SystemForm};
use crate::service::once::{self, Submission, Taken};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

pub(super) const HERE: &str = "/accounts/systems";

/// A token.
#[derive(Debug, Clone, Default)]
pub struct TokenRow {
    pub no: String,
    pub scopes: String,
    pub valid_through: String,
    pub per_minute: i64,
    pub made_at: String,
    pub last_used_at: String,
    /// 有效, 待授权, 已到期 or 已吊销.
    pub state: String,
}

/// A system account.
#[derive(Debug, Clone, Default)]
pub struct SystemRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub role: String,
    pub organisation: String,
    pub is_disabled: bool,
    /// Nobody has authorised it yet.
    pub is_waiting: bool,
    pub tokens: Vec<TokenRow>,
}

/// `/accounts/systems`.
#[derive(Debug, Clone, Template)]
#[template(path = "accounts/systems.html")]
pub struct SystemList {
    pub frame: Frame,
    pub rows: Vec<SystemRow>,
    /// Fields: login, name, organisation.
    pub form: FormState,
    pub organisations: Vec<Choice>,
    /// Fields: account, scopes, valid_through, per_minute.
    pub token_form: FormState,
    pub accounts: Vec<Choice>,
    pub scopes: Vec<(Choice, bool)>,
    /// First half of the secret of a token just made, shown once.
    pub secret: Option<String>,
}

impl SystemList {
    /// Some, just made, mistakes, none.
    pub fn samples() -> Vec<Self> {
        let token = |no: &str, state: &str| TokenRow {
            no: no.into(),
            scopes: "查询、登记人员和离职".into(),
            valid_through: "2026-12-31".into(),
            per_minute: 120,
            made_at: "2026-11-24 09:58".into(),
            last_used_at: "从未使用".into(),
            state: state.into(),
        };
        let row = SystemRow {
            id: 7,
            login: "hr-system".into(),
            name: "人力资源系统".into(),
            role: "企业系统账号".into(),
            organisation: "福州某某智能科技有限公司".into(),
            is_disabled: false,
            is_waiting: false,
            tokens: vec![token("AT000002", "有效"), token("AT000001", "已吊销")],
        };
        let page = |rows: Vec<SystemRow>| Self {
            frame: Frame::sample_admin("/accounts"),
            accounts: rows.iter().map(|row| choice(row.id, &row.login)).collect(),
            rows,
            form: FormState::new("system"),
            organisations: Choice::list(&[("3", "福州某某智能科技有限公司（企业）")]),
            token_form: FormState::new("token").with("per_minute", "120"),
            scopes: scopes(&[]),
            secret: None,
        };
        let mut made = page(vec![row.clone()]);
        made.secret = Some("jc_4be1f0".into());
        let mut wrong = page(vec![SystemRow { is_disabled: true, tokens: vec![], ..row.clone() }]);
        wrong.form = FormState::new("system").wrong("login", "账号 hr-system 已被使用，请换一个");
        wrong.token_form = FormState::new("token").wrong("scopes", "请至少选择一项权限");
        let waits = SystemRow {
            is_waiting: true,
            is_disabled: true,
            tokens: vec![token("AT000003", "待授权")],
            ..row.clone()
        };
        vec![page(vec![row]), made, wrong, page(vec![waits]), page(vec![])]
    }
}

fn choice(id: i64, label: &str) -> Choice {
    Choice { value: id.to_string(), label: label.to_owned() }
}

fn scopes(chosen: &[&str]) -> Vec<(Choice, bool)> {
    let one = |scope: &ApiScope| {
        let choice = Choice { value: scope.code().to_owned(), label: scope.label().to_owned() };
        (choice, chosen.contains(&scope.code()))
    };
    ApiScope::ALL.iter().map(one).collect()
}

fn row(account: SystemAccount) -> SystemRow {
    let token = |line: machine::TokenLine| TokenRow {
        scopes: line.scopes.iter().map(|scope| scope.label()).collect::<Vec<_>>().join("、"),
        valid_through: line.valid_through.to_string(),
        per_minute: line.per_minute,
        made_at: minute(line.made_at),
        last_used_at: line.last_used_at.map_or_else(|| "从未使用".to_owned(), minute),
        state: line.state.to_owned(),
        no: line.no,
    };
    SystemRow {
        id: account.id,
        login: account.login,
        name: account.name,
        role: account.role.label().to_owned(),
        organisation: account.organisation,
        is_disabled: account.is_disabled,
        is_waiting: account.is_waiting,
        tokens: account.tokens.into_iter().map(token).collect(),
    }
}

/// The forms as they were typed.
#[derive(Default)]
struct Typed {
    account: Option<FormState>,
    token: Option<(FormState, Vec<String>)>,
    secret: Option<String>,
}

async fn page(site: &Site, who: &SignedIn, typed: Typed) -> Answer {
    let found = machine::system_accounts(&site.app, &who.actor).await?;
    let offices = account::offices(&site.app, &who.actor).await?;
    let able = [OrganisationKind::Enterprise, OrganisationKind::HrOffice];
    let organisations = offices.iter().filter(|office| able.contains(&office.kind));
    let label = |office: &account::Office| format!("{}（{}）", office.name, office.kind.label());
    let chosen = typed.token.as_ref().map(|(_, chosen)| chosen.as_slice()).unwrap_or_default();
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let usual = || FormState::new("token").with("per_minute", USUAL_RATE.to_string());
    let rows: Vec<SystemRow> = found.into_iter().map(row).collect();
    let page = SystemList {
        frame: who.frame(site, "/accounts").await?,
        form: typed.account.unwrap_or_else(|| FormState::new("system")),
        organisations: organisations.map(|office| choice(office.id, &label(office))).collect(),
        scopes: scopes(&chosen),
        token_form: typed.token.map_or_else(usual, |(form, _)| form),
        accounts: rows
            .iter()
            .filter(|row| !row.is_disabled)
            .map(|row| choice(row.id, &format!("{}（{}）", row.login, row.organisation)))
            .collect(),
        rows,
        secret: typed.secret,
    };
    let wrong = page.form.has_errors() || page.token_form.has_errors();
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    page(&site, &who, Typed::default()).await
}

/// `POST /accounts/systems`.
pub(super) async fn create(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let form = SystemForm {
        login: filed.text("login"),
        name: filed.text("name"),
        organisation: filed.text("organisation"),
    };
    match machine::make_account(&site.app, &who.actor, &form).await {
        Ok(_) => Ok(done(HERE, "系统账号已申请开设，安全管理员授权后可以为它申请令牌。")),
        Err(error) => {
            let account = Some(back_to_form(filed.state("system"), error)?);
            page(&site, &who, Typed { account, ..Typed::default() }).await
        }
    }
}

/// `POST /accounts/systems/tokens`: the secret is on the answer and nowhere else, so a second
/// click leads to the list without one.
pub(super) async fn make_token(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let new = NewToken {
        scopes: filed.all("scopes").into_iter().map(str::to_owned).collect(),
        valid_through: filed.text("valid_through").to_owned(),
        per_minute: filed.text("per_minute").to_owned(),
    };
    let submission = Submission::new(&who.actor, filed.key(), filed.text("account"));
    if let Taken::Earlier(to) = once::take(&site.app, &submission).await? {
        return Ok(Redirect::to(&to).into_response());
    }
    let account = filed.text("account").parse().unwrap_or(0);
    match machine::make_token(&site.app, &who.actor, account, &new).await {
        Ok(secret) => {
            once::settle(&site.app, &submission, HERE).await?;
            page(&site, &who, Typed { secret: Some(secret), ..Typed::default() }).await
        }
        Err(error) => {
            once::release(&site.app, &submission).await?;
            let form = match error {
                crate::service::Error::NotFound(_) => {
                    filed.state("token").wrong("account", "请选择系统账号")
                }
                error => back_to_form(filed.state("token"), error)?,
            };
            page(&site, &who, Typed { token: Some((form, new.scopes)), ..Typed::default() }).await
        }
    }
}

/// `POST /accounts/systems/tokens/{no}/revocation`.
pub(super) async fn revoke(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    _filed: Filed,
) -> Answer {
    machine::revoke(&site.app, &who.actor, &no).await?;
    Ok(done(HERE, &format!("令牌 {no} 已吊销，立即失效。")))
}
