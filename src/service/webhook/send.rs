//! Sending what waits, beside the requests.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::app::App;
use crate::courier::{Parcel, Undelivered, sign};
use crate::domain::authority::Role;
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::domain::webhook::{DeliveryState, LONGEST_FAILURE, MOST_ATTEMPTS, pause_minutes};
use crate::service::{Error, PROGRAM, log_apart, notification};
use crate::store::db::Tx;
use crate::store::webhook::{self as store, Delivery, Endpoint};
use crate::store::{account, account_list};
use crate::vault::place;

/// Endpoints that are sent to at one time: a slow one holds up nobody else.
const LANES: usize = 8;
/// Events that an endpoint is sent in one round.
const MOST_EVENTS: u64 = 100;
/// Deliveries that are over are kept so long.
const KEPT: TimeDelta = TimeDelta::days(90);

/// What a round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Events that were taken.
    pub delivered: u64,
    /// That were not taken and are tried again.
    pub put_off: u64,
    /// That were given up.
    pub given_up: u64,
}

/// Sends the events that are due, each endpoint's in their order; after one that is not taken its
/// others wait for the next round. An event that is not taken is tried again with growing pauses
/// and given up after eight attempts. Two programs at one database never make the same attempt.
///
/// # Errors
/// When the database fails.
pub async fn send_due(app: &App) -> Result<Delivered, Error> {
    let mut lanes = JoinSet::new();
    let places = Arc::new(Semaphore::new(LANES));
    for endpoint in store::due_endpoints(app.db.read(), app.clock.machine_now()).await? {
        let (app, places) = (app.clone(), Arc::clone(&places));
        lanes.spawn(async move {
            let _place = places.acquire_owned().await;
            send_to(&app, &endpoint).await
        });
    }
    let mut sum = Delivered::default();
    while let Some(ended) = lanes.join_next().await {
        let sent = ended.map_err(|fault| Error::Internal(format!("a lane: {fault}")))??;
        sum.delivered += sent.delivered;
        sum.put_off += sent.put_off;
        sum.given_up += sent.given_up;
    }
    Ok(sum)
}

async fn send_to(app: &App, endpoint: &Endpoint) -> Result<Delivered, Error> {
    let mut sent = Delivered::default();
    let now = app.clock.machine_now();
    for delivery in store::due(app.db.read(), endpoint.id, now, MOST_EVENTS).await? {
        match attempt(app, endpoint.id, &delivery).await? {
            Some(DeliveryState::Delivered) => sent.delivered += 1,
            Some(DeliveryState::GivenUp) => sent.given_up += 1,
            Some(_) => sent.put_off += 1,
            // Another program is at it.
            None => break,
        }
        if sent.put_off + sent.given_up > 0 {
            break;
        }
    }
    Ok(sent)
}

/// One attempt; `None` when it was not ours to make.
async fn attempt(
    app: &App,
    endpoint_id: i64,
    delivery: &Delivery,
) -> Result<Option<DeliveryState>, Error> {
    let number = delivery.attempts + 1;
    let now = app.clock.machine_now();
    let tx = app.db.begin().await?;
    let Some(endpoint) = in_use(&tx, endpoint_id).await? else { return Ok(None) };
    let again_at = now + TimeDelta::minutes(pause_minutes(number));
    if !store::take(&tx, delivery, (now, again_at)).await? {
        return Ok(None);
    }
    tx.commit().await?;
    let signatures = signatures(app, &endpoint, delivery, now);
    let outcome = match signatures {
        Ok(signatures) => {
            let parcel = Parcel {
                url: &endpoint.url,
                message_id: &delivery.message_id,
                timestamp: now.timestamp(),
                signatures: &signatures,
                body: &delivery.body,
            };
            app.courier.deliver(&parcel).await
        }
        Err(error) => {
            tracing::error!(endpoint = %endpoint.endpoint_no, ?error, "an event cannot be signed");
            Err(Undelivered::Broken)
        }
    };
    note(app, endpoint_id, delivery, (number, outcome)).await.map(Some)
}

/// The endpoint, locked, while it may be sent to.
async fn in_use(tx: &Tx, endpoint_id: i64) -> Result<Option<Endpoint>, Error> {
    let endpoint = store::lock_by_id(tx, endpoint_id).await?.filter(|found| found.is_enabled);
    let Some(endpoint) = endpoint else { return Ok(None) };
    let full = account::by_id(tx, endpoint.account_id).await?;
    Ok(full.filter(|full| full.account.disabled_at.is_none()).map(|_| endpoint))
}

/// Signed with the secret, and for a day after it was changed with the one before as well.
fn signatures(
    app: &App,
    endpoint: &Endpoint,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let old = endpoint.old_secret_cipher.as_ref();
    let old = old.filter(|_| endpoint.old_secret_until.is_some_and(|until| now < until));
    let mut signed = Vec::with_capacity(2);
    for sealed in std::iter::once(&endpoint.secret_cipher).chain(old) {
        let secret = app.vault.open_text(place::WEBHOOK, sealed)?;
        signed.push(sign(&secret, &delivery.message_id, now.timestamp(), &delivery.body)?);
    }
    Ok(signed.join(" "))
}

/// Notes how an attempt ended, and what that says of the endpoint.
async fn note(
    app: &App,
    endpoint_id: i64,
    delivery: &Delivery,
    (number, outcome): (i64, Result<u16, Undelivered>),
) -> Result<DeliveryState, Error> {
    let now = app.clock.machine_now();
    let (state, code, fault) = match outcome {
        Ok(code) => (DeliveryState::Delivered, Some(code), None),
        Err(why) => {
            let over = number >= MOST_ATTEMPTS;
            let state = if over { DeliveryState::GivenUp } else { DeliveryState::Waiting };
            let code = if let Undelivered::Status(code) = why { Some(code) } else { None };
            tracing::warn!(message = %delivery.message_id, number, %why, "an event was not taken");
            (state, code, Some(why.to_string()))
        }
    };
    let tx = app.db.begin().await?;
    let closed = (state != DeliveryState::Waiting).then_some((state.code(), now));
    store::note(&tx, delivery.id, (code.map(i64::from), fault.clone()), closed).await?;
    if let Some(mut endpoint) = store::lock_by_id(&tx, endpoint_id).await? {
        let before = endpoint.failing_since;
        endpoint.failing_since = fault.is_some().then(|| before.unwrap_or(now));
        let given_up = state == DeliveryState::GivenUp;
        let long = endpoint.failing_since.is_some_and(|since| now - since >= LONGEST_FAILURE);
        let switched_off = given_up && long && endpoint.is_enabled;
        if switched_off {
            endpoint.is_enabled = false;
            let object = ("webhook", endpoint.endpoint_no.as_str());
            let detail = json!({ "reason": fault.clone().unwrap_or_default() });
            log_apart(app, &tx, PROGRAM, "webhook.switched_off", object, &detail).await?;
        }
        if before != endpoint.failing_since || switched_off {
            store::save(&tx, &endpoint).await?;
        }
        if given_up {
            tell(app, &tx, &endpoint, delivery, switched_off).await?;
        }
    }
    tx.commit().await?;
    Ok(state)
}

/// Tells the administrators that an event was given up.
async fn tell(
    app: &App,
    tx: &Tx,
    endpoint: &Endpoint,
    delivery: &Delivery,
    switched_off: bool,
) -> Result<(), Error> {
    let login = account::by_id(tx, endpoint.account_id).await?.map(|full| full.account.login);
    let off = if switched_off { "，接收地址已自动停用" } else { "" };
    let title = format!(
        "{}（系统账号 {}）连续 {MOST_ATTEMPTS} 次没有收下通知 {}{off}",
        endpoint.endpoint_no,
        login.unwrap_or_default(),
        delivery.message_id,
    );
    let kind = NotificationKind::WebhookFailed;
    let occasion = format!("{}:{}:{}", kind.code(), delivery.id, delivery.due_at.timestamp());
    for admin in account_list::active_in_roles(tx, &[Role::Administrator.code()]).await? {
        let told = notification::Plain {
            account_id: admin.account.id,
            kind,
            occasion: &occasion,
            title: &title,
            subject: &endpoint.endpoint_no,
            page: "/accounts/systems",
        };
        notification::plain(app, tx, &told).await?;
    }
    Ok(())
}

/// Forgets deliveries that are long over; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, Error> {
    let tx = app.db.begin().await?;
    let gone = store::forget(&tx, app.clock.machine_now() - KEPT).await?;
    tx.commit().await?;
    Ok(gone)
}
