//! Endpoints as the administrator of accounts handles them. Each is entered for one system account,
//! and is told only of what that account may read.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use zeroize::Zeroizing;

use super::outbox::Event;
use crate::app::App;
use crate::courier::new_secret;
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::domain::webhook::{
    DeliveryState, EventKind, MOST_ENDPOINTS, OLD_SECRET_HOURS, TEST_KIND, kinds_of, kinds_text,
};
use crate::service::{Actor, Error, invalid, log};
use crate::store::account::{self, AccountInFull};
use crate::store::db::Tx;
use crate::store::webhook::{self as store, Delivery, Endpoint};
use crate::vault::place;

/// Deliveries that an endpoint shows.
const LATEST: u64 = 20;

/// A delivery as lists show it.
#[derive(Debug, Clone)]
pub struct DeliveryLine {
    /// Number under which the receiver knows it.
    pub message_id: String,
    /// Code of its kind.
    pub kind: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: i64,
    /// When it was tried last.
    pub tried_at: Option<DateTime<Utc>>,
    /// When it is tried next, while it waits.
    pub due_at: Option<DateTime<Utc>>,
    /// What the receiver answered last.
    pub response_code: Option<i64>,
    /// Why it was not taken.
    pub fault: String,
}

/// An endpoint with its latest deliveries, the latest first.
#[derive(Debug, Clone)]
pub struct EndpointLine {
    /// Official number.
    pub no: String,
    /// Where it is told.
    pub url: String,
    /// Of what.
    pub kinds: Vec<EventKind>,
    /// Whether it is in use.
    pub is_enabled: bool,
    /// Since when nothing was taken.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Until when the secret before is signed with as well.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Its latest deliveries.
    pub deliveries: Vec<DeliveryLine>,
}

/// A system account with its endpoints.
#[derive(Debug, Clone)]
pub struct SystemEndpoints {
    /// Name in the log.
    pub login: String,
    /// Organisation.
    pub organisation: String,
    /// Endpoints that are not deleted.
    pub endpoints: Vec<EndpointLine>,
}

fn is_system(full: &AccountInFull) -> bool {
    Role::from_code(&full.account.role).is_some_and(Role::is_system)
}

const NO_ACCOUNT: Error = Error::NotFound("这个系统账号");
const NO_ENDPOINT: Error = Error::NotFound("这个接收地址");

/// The endpoints of a system account.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators; [`Error::NotFound`].
pub async fn endpoints(
    app: &App,
    actor: &Actor,
    account_id: i64,
) -> Result<SystemEndpoints, Error> {
    actor.must(Act::ManageAccounts)?;
    let (read, now) = (app.db.read(), app.clock.machine_now());
    let full = account::by_id(read, account_id).await?.filter(is_system).ok_or(NO_ACCOUNT)?;
    let mut endpoints = Vec::new();
    for row in store::of_account(read, account_id).await? {
        let latest = store::latest(read, row.id, LATEST).await?;
        endpoints.push(EndpointLine {
            kinds: kinds_of(&row.kinds),
            is_enabled: row.is_enabled,
            failing_since: row.failing_since,
            made_at: row.made_at,
            old_secret_until: row.old_secret_until.filter(|until| now < *until),
            deliveries: latest.into_iter().filter_map(line).collect(),
            no: row.endpoint_no,
            url: row.url,
        });
    }
    let (login, organisation) = (full.account.login, full.organisation.name);
    Ok(SystemEndpoints { login, organisation, endpoints })
}

fn line(row: Delivery) -> Option<DeliveryLine> {
    let state = DeliveryState::from_code(&row.state)?;
    Some(DeliveryLine {
        state,
        message_id: row.message_id,
        kind: row.kind,
        written_at: row.written_at,
        attempts: row.attempts,
        tried_at: row.tried_at,
        due_at: (state == DeliveryState::Waiting).then_some(row.due_at),
        response_code: row.response_code,
        fault: row.fault.unwrap_or_default(),
    })
}

/// An endpoint as typed.
#[derive(Debug, Clone, Default)]
pub struct NewEndpoint {
    /// Where it is told.
    pub url: String,
    /// Codes of the kinds of events.
    pub kinds: Vec<String>,
}

/// Makes an endpoint; returns the secret, which is told here and nowhere else.
///
/// # Errors
/// [`Error::Invalid`] with the fields `url` and `kinds`; [`Error::NotFound`] when there is no such
/// system account; [`Error::Refused`] when it is disabled or has enough endpoints.
pub async fn make(
    app: &App,
    actor: &Actor,
    account_id: i64,
    new: &NewEndpoint,
) -> Result<Zeroizing<String>, Error> {
    actor.must(Act::ManageAccounts)?;
    let chosen: Vec<EventKind> =
        new.kinds.iter().filter_map(|code| EventKind::from_code(code)).collect();
    let mut wrong = Vec::new();
    let url = app.courier.address(&new.url);
    if let Err(text) = &url {
        wrong.push(invalid("url", text.clone()));
    }
    if chosen.is_empty() {
        wrong.push(invalid("kinds", "请至少选择一类通知"));
    }
    let (Ok(url), true) = (url, wrong.is_empty()) else { return Err(Error::Invalid(wrong)) };
    let secret = new_secret()?;
    let tx = app.db.begin().await?;
    let full = account::lock(&tx, account_id).await?.filter(is_system).ok_or(NO_ACCOUNT)?;
    if full.account.disabled_at.is_some() {
        return Err(Error::Refused("该系统账号已停用，请先在账号管理中启用".to_owned()));
    }
    if store::of_account(&tx, account_id).await?.len() >= MOST_ENDPOINTS {
        let text = format!("每个系统账号最多 {MOST_ENDPOINTS} 个接收地址，请先删除不用的");
        return Err(Error::Refused(text));
    }
    let kinds = kinds_text(&chosen);
    let row = store::NewEndpoint {
        account_id,
        url: url.as_str(),
        kinds: &kinds,
        secret_cipher: app.vault.seal(place::WEBHOOK, secret.as_bytes())?,
        made_by: actor.account_id,
        made_at: app.clock.now(),
    };
    let no = store::make(&tx, row).await?;
    // The rest of the address may hold what only its receiver should know.
    let detail = json!({ "account": full.account.login, "host": url.host_str(), "kinds": kinds });
    log(app, &tx, actor, "webhook.made", ("webhook", &no), &detail).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The endpoint of this account, locked.
async fn lock(tx: &Tx, account_id: i64, no: &str) -> Result<Endpoint, Error> {
    let found = store::lock_by_no(tx, no).await?;
    found.filter(|endpoint| endpoint.account_id == account_id).ok_or(NO_ENDPOINT)
}

/// Switches an endpoint on or off. While it is off nothing is written for it; what waits is sent
/// once it is on again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it stands so already.
pub async fn set_enabled(
    app: &App,
    actor: &Actor,
    (account_id, no): (i64, &str),
    on: bool,
) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    let tx = app.db.begin().await?;
    let mut endpoint = lock(&tx, account_id, no).await?;
    if endpoint.is_enabled == on {
        let state = if on { "启用" } else { "停用" };
        return Err(Error::Stale(format!("接收地址 {no} 已经{state}，无需再次办理")));
    }
    endpoint.is_enabled = on;
    endpoint.failing_since = endpoint.failing_since.filter(|_| !on);
    store::save(&tx, &endpoint).await?;
    let action = if on { "webhook.enabled" } else { "webhook.disabled" };
    log(app, &tx, actor, action, ("webhook", no), &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Gives an endpoint a new secret, told here and nowhere else. For a day events are signed with
/// the one before as well, so that the receiver loses none.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rotate(
    app: &App,
    actor: &Actor,
    (account_id, no): (i64, &str),
) -> Result<Zeroizing<String>, Error> {
    actor.must(Act::ManageAccounts)?;
    let secret = new_secret()?;
    let tx = app.db.begin().await?;
    let mut endpoint = lock(&tx, account_id, no).await?;
    let sealed = app.vault.seal(place::WEBHOOK, secret.as_bytes())?;
    endpoint.old_secret_cipher = Some(std::mem::replace(&mut endpoint.secret_cipher, sealed));
    let until = app.clock.machine_now() + TimeDelta::hours(OLD_SECRET_HOURS);
    endpoint.old_secret_until = Some(until);
    store::save(&tx, &endpoint).await?;
    log(app, &tx, actor, "webhook.secret_changed", ("webhook", no), &json!({})).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Deletes an endpoint: it stays in the history, its secret does not.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(app: &App, actor: &Actor, (account_id, no): (i64, &str)) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    let tx = app.db.begin().await?;
    let mut endpoint = lock(&tx, account_id, no).await?;
    let dropped = store::drop_waiting(&tx, endpoint.id, app.clock.machine_now()).await?;
    endpoint.secret_cipher = Vec::new();
    endpoint.old_secret_cipher = None;
    endpoint.old_secret_until = None;
    endpoint.is_enabled = false;
    endpoint.deleted_by = Some(actor.account_id);
    endpoint.deleted_at = Some(app.clock.now());
    store::save(&tx, &endpoint).await?;
    let detail = json!({ "dropped": dropped });
    log(app, &tx, actor, "webhook.deleted", ("webhook", no), &detail).await?;
    Ok(tx.commit().await?)
}

/// Writes an event that only proves that the way is open.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] while the endpoint is off.
pub async fn test(app: &App, actor: &Actor, (account_id, no): (i64, &str)) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    let tx = app.db.begin().await?;
    let endpoint = lock(&tx, account_id, no).await?;
    if !endpoint.is_enabled {
        return Err(Error::Refused(format!("接收地址 {no} 已停用，请先启用")));
    }
    let event = Event {
        object: "endpoint",
        number: no.to_owned(),
        state: "enabled".to_owned(),
        path: "/token".to_owned(),
    };
    let told = event.told_to(app, &endpoint, TEST_KIND)?;
    store::write(&tx, vec![told], app.clock.machine_now()).await?;
    log(app, &tx, actor, "webhook.tested", ("webhook", no), &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Lets a delivery that is over be sent once more, under its own number.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it waits already; [`Error::Refused`] while the
/// endpoint is off.
pub async fn send_again(
    app: &App,
    actor: &Actor,
    (account_id, no): (i64, &str),
    message_id: &str,
) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    let tx = app.db.begin().await?;
    let endpoint = lock(&tx, account_id, no).await?;
    if !endpoint.is_enabled {
        return Err(Error::Refused(format!("接收地址 {no} 已停用，请先启用")));
    }
    let delivery = store::by_message(&tx, message_id).await?;
    let delivery = delivery.filter(|delivery| delivery.endpoint_id == endpoint.id);
    let delivery = delivery.ok_or(Error::NotFound("这条通知"))?;
    store::again(&tx, delivery.id, app.clock.machine_now()).await?;
    let detail = json!({ "message": message_id });
    log(app, &tx, actor, "webhook.sent_again", ("webhook", no), &detail).await?;
    Ok(tx.commit().await?)
}
