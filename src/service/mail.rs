//! Mail to those who want it: what they want, what waits, and sending it. Nothing is sent within
//! an act: the act writes the mail beside its own rows, the sender takes it from there.

use chrono::{TimeDelta, Timelike};
use serde_json::json;

use super::{Actor, Error, invalid, log};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::notification::{MOST_ATTEMPTS, MailRhythm, is_mail_address, pause_minutes};
use crate::domain::registry::Code;
use crate::store::mail::{self as store, Mail, Preference};
use crate::store::notification as told;
use crate::vault::place;

/// Mails that one round sends.
const MOST_MAILS: u64 = 200;
/// Hour of the day, in China, from which the daily mail is written.
const DIGEST_HOUR: u32 = 8;
/// Lines of a daily mail.
const MOST_LINES: usize = 100;

/// What an account wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWish {
    /// Whether the installation sends mail at all.
    pub is_on: bool,
    /// When.
    pub rhythm: MailRhythm,
    /// Where; empty when never said.
    pub address: String,
}

/// What the actor wants.
///
/// # Errors
/// When the database fails.
pub async fn wish(app: &App, actor: &Actor) -> Result<MailWish, Error> {
    let said = store::preference(app.db.read(), actor.account_id).await?;
    let rhythm = said.as_ref().and_then(|said| MailRhythm::from_code(&said.rhythm));
    let address = match said.and_then(|said| said.address_cipher) {
        Some(sealed) => app.vault.open_text(place::MAIL, &sealed)?.to_string(),
        None => String::new(),
    };
    let rhythm = rhythm.unwrap_or(MailRhythm::None);
    Ok(MailWish { is_on: app.post.is_on(), rhythm, address })
}

/// Notes what the actor wants.
///
/// # Errors
/// [`Error::Invalid`] for `rhythm` or `address`.
pub async fn prefer(app: &App, actor: &Actor, rhythm: &str, address: &str) -> Result<(), Error> {
    let address = address.trim();
    let rhythm = MailRhythm::from_code(rhythm)
        .ok_or_else(|| Error::Invalid(vec![invalid("rhythm", "请选择是否发邮件")]))?;
    if (rhythm != MailRhythm::None || !address.is_empty()) && !is_mail_address(address) {
        let text = "请填写一个邮箱地址，如 name@example.gov.cn";
        return Err(Error::Invalid(vec![invalid("address", text)]));
    }
    let sealed = match address {
        "" => None,
        address => Some(app.vault.seal(place::MAIL, address.as_bytes())?),
    };
    let tx = app.db.begin().await?;
    let now = app.clock.now();
    store::prefer(&tx, actor.account_id, (rhythm.code(), sealed), now).await?;
    let detail = json!({ "rhythm": rhythm.code() });
    log(app, &tx, actor, "mail.preferred", ("account", &actor.login), &detail).await?;
    Ok(tx.commit().await?)
}

/// What a round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Mails that the server took.
    pub sent: u64,
    /// That it did not take and that are tried again.
    pub put_off: u64,
    /// That were given up.
    pub given_up: u64,
}

/// Writes the daily mails whose time has come and sends what waits; does nothing without a server.
/// A mail that is not taken is tried again later, and given up after six attempts. Two programs at
/// one database do not send a mail twice.
///
/// # Errors
/// When the database fails.
pub async fn send_due(app: &App) -> Result<Sent, Error> {
    let mut sent = Sent::default();
    if !app.post.is_on() {
        return Ok(sent);
    }
    write_digests(app).await?;
    let now = app.clock.machine_now();
    for mail in store::due(app.db.read(), now, MOST_MAILS).await? {
        send(app, &mail, &mut sent).await?;
    }
    Ok(sent)
}

async fn send(app: &App, mail: &Mail, sent: &mut Sent) -> Result<(), Error> {
    let attempt = mail.attempts + 1;
    let again_at = app.clock.machine_now() + TimeDelta::minutes(pause_minutes(attempt));
    let tx = app.db.begin().await?;
    let mine = store::take(&tx, mail, again_at).await?;
    tx.commit().await?;
    if !mine {
        return Ok(());
    }
    let outcome = match app.vault.open_text(place::MAIL, &mail.address_cipher) {
        Ok(address) => {
            let posted = app.post.send(&address, &mail.subject, &mail.body).await;
            posted.map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    let closed = match &outcome {
        Ok(()) => "sent",
        Err(error) => {
            tracing::warn!(mail = mail.id, attempt, %error, "a mail was not taken");
            if attempt < MOST_ATTEMPTS {
                sent.put_off += 1;
                return Ok(());
            }
            "given_up"
        }
    };
    let tx = app.db.begin().await?;
    store::close(&tx, mail.id, closed, app.clock.machine_now()).await?;
    tx.commit().await?;
    if outcome.is_ok() {
        sent.sent += 1;
    } else {
        sent.given_up += 1;
    }
    Ok(())
}

/// One mail a day to everybody who wants that and has news.
async fn write_digests(app: &App) -> Result<(), Error> {
    if china_time(app.clock.now()).hour() < DIGEST_HOUR {
        return Ok(());
    }
    let today = app.clock.today();
    for reader in store::daily_readers(app.db.read(), today).await? {
        if told::undigested(app.db.read(), reader.account_id).await?.is_empty() {
            continue;
        }
        write_digest(app, &reader).await?;
    }
    Ok(())
}

async fn write_digest(app: &App, reader: &Preference) -> Result<(), Error> {
    use crate::domain::notification::NotificationKind as Kind;
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    if !store::claim_day(&tx, reader.account_id, today).await? {
        return Ok(());
    }
    let news = told::undigested(&tx, reader.account_id).await?;
    let ids: Vec<i64> = news.iter().map(|told| told.id).collect();
    let files: Vec<i64> = news.iter().filter_map(|told| told.case_id).collect();
    let files = crate::store::case::by_ids(&tx, &files).await?;
    let mut body = format!("您有 {} 条新消息：\n\n", news.len());
    // Numbers only: what the program shows may name people.
    for told in news.iter().take(MOST_LINES) {
        let no = files.iter().find(|row| Some(row.id) == told.case_id);
        let no = no.map_or("", |row| row.case_no.as_str());
        let kind = Kind::from_code(&told.kind).map_or("", Code::label);
        body.push_str(&format!("- {kind}：办件 {no}\n"));
    }
    body.push_str(&format!("\n请登录后查看：{}/notifications\n", app.post.site()));
    let subject = format!("骏才：{today} 消息汇总（{} 条）", news.len());
    store::write(&tx, reader, (&subject, &body), app.clock.machine_now()).await?;
    told::mark_digested(&tx, &ids).await?;
    Ok(tx.commit().await?)
}
