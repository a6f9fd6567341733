//! System accounts and their tokens, as the administrator of accounts handles them.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::app::App;
use crate::domain::authorisation::{RequestKind, halves};
use crate::domain::authority::{Act, Role};
use crate::domain::duty::OrganisationKind;
use crate::domain::machine::{
    ApiScope, HIGHEST_RATE, LONGEST_DAYS, may_last, scopes_of, scopes_text,
};
use crate::domain::registry::Code;
use crate::file::hash::sha256_hex;
use crate::service::account::{
    Person, Wish, add_account, ask, check_person, take_out_of_use_and_ask,
};
use crate::service::{Actor, Error, invalid, log, password};
use crate::store::machine::{self as store, Token};
use crate::store::{account, account_list, account_request};
use crate::vault::random_token;

/// Begins every secret, so that a leaked one is recognised as what it is.
const PREFIX: &str = "jc_";

/// A system account as typed.
#[derive(Debug, Clone, Copy)]
pub struct SystemForm<'a> {
    /// Name in the log.
    pub login: &'a str,
    /// What the program is called.
    pub name: &'a str,
    /// Identity of the organisation, as text.
    pub organisation: &'a str,
}

/// A token as lists show it.
#[derive(Debug, Clone)]
pub struct TokenLine {
    /// Official number.
    pub no: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// Last day.
    pub valid_through: NaiveDate,
    /// Requests a minute.
    pub per_minute: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When it was used last.
    pub last_used_at: Option<DateTime<Utc>>,
    /// 有效, 待授权, 已到期 or 已吊销.
    pub state: &'static str,
}

/// A system account with its tokens, the newest first.
#[derive(Debug, Clone)]
pub struct SystemAccount {
    /// Identity.
    pub id: i64,
    /// Name in the log.
    pub login: String,
    /// What the program is called.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Organisation.
    pub organisation: String,
    /// Whether it is disabled.
    pub is_disabled: bool,
    /// Whether nobody has authorised it yet.
    pub is_waiting: bool,
    /// Its tokens.
    pub tokens: Vec<TokenLine>,
}

/// All system accounts.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators.
pub async fn system_accounts(app: &App, actor: &Actor) -> Result<Vec<SystemAccount>, Error> {
    actor.must(Act::ManageAccounts)?;
    let (read, today) = (app.db.read(), app.clock.machine_today());
    let roles: Vec<&str> =
        Role::ALL.iter().filter(|role| role.is_system()).map(|role| role.code()).collect();
    let found = store::accounts(read, &roles).await?;
    let ids: Vec<i64> = found.iter().map(|full| full.account.id).collect();
    let tokens = store::of_accounts(read, &ids).await?;
    let open = account_request::open_of(read, &ids).await?;
    let waits =
        |id| open.iter().any(|r| r.account_id == id && r.kind == RequestKind::Account.code());
    let account = |full: account::AccountInFull| {
        let own = tokens.iter().filter(|token| token.account_id == full.account.id);
        Some(SystemAccount {
            id: full.account.id,
            role: Role::from_code(&full.account.role)?,
            login: full.account.login,
            name: full.holder.name,
            organisation: full.organisation.name,
            is_disabled: full.account.disabled_at.is_some(),
            is_waiting: waits(full.account.id),
            tokens: own.map(|token| line(token, today)).collect(),
        })
    };
    Ok(found.into_iter().filter_map(account).collect())
}

fn line(token: &Token, today: NaiveDate) -> TokenLine {
    TokenLine {
        no: token.token_no.clone(),
        scopes: scopes_of(&token.scopes),
        valid_through: token.valid_through,
        per_minute: token.per_minute,
        made_at: token.made_at,
        last_used_at: token.last_used_at,
        state: match () {
            () if token.revoked_at.is_some() => "已吊销",
            () if token.authorised_at.is_none() => "待授权",
            () if token.valid_through < today => "已到期",
            () => "有效",
        },
    }
}

/// Makes a system account of an enterprise or an HR office, which nobody can use before it is
/// authorised; returns its identity.
///
/// # Errors
/// [`Error::Invalid`] for each field that is wrong.
pub async fn make_account(app: &App, actor: &Actor, form: &SystemForm<'_>) -> Result<i64, Error> {
    actor.must(Act::ManageAccounts)?;
    let login = form.login.trim();
    let staff_no = format!("SYS-{}", login.to_uppercase());
    let mut wrong = check_person(login, form.name, &staff_no);
    wrong.retain(|(field, _)| field != "person_key");
    let office = match form.organisation.trim().parse() {
        Ok(id) => account_list::organisation(app.db.read(), id).await?,
        Err(_) => None,
    };
    let kind = office.as_ref().and_then(|office| OrganisationKind::from_code(&office.kind));
    let role = match kind {
        Some(OrganisationKind::Enterprise) => Some(Role::EnterpriseSystem),
        Some(OrganisationKind::HrOffice) => Some(Role::OfficeSystem),
        _ => None,
    };
    if role.is_none() {
        wrong.push(invalid("organisation", "请选择企业或人社部门，系统账号只为它们开设"));
    }
    let (Some(office), Some(role), true) = (office, role, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let tx = app.db.begin().await?;
    let person = Person { login, name: form.name, staff_no: &staff_no };
    // No password fits, and the sign-in page refuses the role besides.
    let nobody = (password::NOBODY, false);
    let id = add_account(&tx, &person, role, office.id, nobody, app.clock.now()).await?;
    take_out_of_use_and_ask(app, &tx, actor, id, None).await?;
    let detail = json!({ "role": role.label(), "organisation": office.name, "name": form.name });
    log(app, &tx, actor, "account.created", ("account", login), &detail).await?;
    tx.commit().await?;
    Ok(id)
}

/// A token as typed.
#[derive(Debug, Clone, Default)]
pub struct NewToken {
    /// Codes of what it may do.
    pub scopes: Vec<String>,
    /// Last day.
    pub valid_through: String,
    /// Requests a minute.
    pub per_minute: String,
}

/// Makes a token that opens nothing before it is authorised; returns the first half of the secret,
/// which is told here and nowhere else. Whoever authorises it is told the second.
///
/// # Errors
/// [`Error::Invalid`] with the fields `scopes`, `valid_through`, `per_minute`;
/// [`Error::NotFound`] when there is no such system account; [`Error::Refused`] when it is disabled.
pub async fn make_token(
    app: &App,
    actor: &Actor,
    account_id: i64,
    new: &NewToken,
) -> Result<String, Error> {
    actor.must(Act::ManageAccounts)?;
    let chosen: Vec<ApiScope> =
        new.scopes.iter().filter_map(|code| ApiScope::from_code(code)).collect();
    let last = new.valid_through.trim().parse::<NaiveDate>().ok();
    let last = last.filter(|last| may_last(app.clock.machine_today(), *last));
    let rate = new.per_minute.trim().parse::<i64>().ok();
    let rate = rate.filter(|rate| (1..=HIGHEST_RATE).contains(rate));
    let mut wrong = Vec::new();
    if chosen.is_empty() {
        wrong.push(invalid("scopes", "请至少选择一项权限"));
    }
    if last.is_none() {
        let text = format!("请填写今天起 {LONGEST_DAYS} 天以内的日期，例如 2026-12-31");
        wrong.push(invalid("valid_through", text));
    }
    if rate.is_none() {
        wrong.push(invalid("per_minute", format!("请填写 1 至 {HIGHEST_RATE} 的整数")));
    }
    let (Some(valid_through), Some(per_minute), true) = (last, rate, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let secret = format!("{PREFIX}{}", random_token::<32>()?);
    let (first, second) = halves(&secret);
    let scopes = scopes_text(&chosen);
    let tx = app.db.begin().await?;
    let full = account::lock(&tx, account_id).await?;
    let is_system = |full: &account::AccountInFull| {
        Role::from_code(&full.account.role).is_some_and(Role::is_system)
    };
    let full = full.filter(is_system).ok_or(Error::NotFound("这个系统账号"))?;
    if full.account.disabled_at.is_some() {
        let text = "该系统账号尚未启用，请等安全管理员授权，或先在账号管理中申请启用";
        return Err(Error::Refused(text.to_owned()));
    }
    let row = store::NewToken {
        account_id,
        token_hash: &sha256_hex(secret.as_bytes()),
        scopes: &scopes,
        valid_through,
        per_minute,
        made_by: actor.account_id,
        made_at: app.clock.now(),
    };
    let (token_id, no) = store::make(&tx, &row).await?;
    let wish = Wish {
        token_id: Some(token_id),
        half: Some(second),
        ..Wish::about(RequestKind::Token, &full)?
    };
    ask(app, &tx, actor, &wish).await?;
    let detail =
        json!({ "account": full.account.login, "scopes": scopes, "through": valid_through });
    log(app, &tx, actor, "token.made", ("token", &no), &detail).await?;
    tx.commit().await?;
    Ok(first.to_owned())
}

/// Ends a token at once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it was revoked before.
pub async fn revoke(app: &App, actor: &Actor, token_no: &str) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    let tx = app.db.begin().await?;
    let token = store::by_no(&tx, token_no).await?.ok_or(Error::NotFound("这个令牌"))?;
    store::revoke(&tx, token.id, actor.account_id, app.clock.now()).await?;
    log(app, &tx, actor, "token.revoked", ("token", token_no), &json!({})).await?;
    Ok(tx.commit().await?)
}
