//! The keys of the database: which there are, a new one in force while everybody works, and another
//! master key around them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Error, PROGRAM, log_apart};
use crate::app::App;
use crate::domain::registry::Code;
use crate::store::account;
use crate::store::data_key::{self as store, DataKey, SEALED, SealedColumn};
use crate::store::db::Tx;
use crate::vault::{KeyPurpose, Suite, Vault, WrappedKey};

/// A new key seals after this time: every process looks for new keys more often than that, and so
/// knows it before it meets a value that it sealed.
pub const SETTLE: TimeDelta = TimeDelta::minutes(2);

/// A key of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its algorithms.
    pub suite: Suite,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// From when on it is used.
    pub starts_at: DateTime<Utc>,
    /// When everything sealed before had been sealed with it; `None` for the first and until then.
    pub resealed_at: Option<DateTime<Utc>>,
}

fn unwrapped(row: &DataKey) -> Result<WrappedKey, Error> {
    store::wrapped(row).ok_or_else(|| Error::Internal(format!("data key {}", row.id)))
}

/// All keys, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn keys(app: &App) -> Result<Vec<KeyLine>, Error> {
    let line = |row: &DataKey| {
        let key = unwrapped(row)?;
        Ok(KeyLine {
            id: row.id,
            purpose: key.purpose,
            suite: key.suite,
            made_at: row.made_at,
            starts_at: row.starts_at,
            resealed_at: row.resealed_at,
        })
    };
    store::all(app.db.read()).await?.iter().map(line).collect()
}

/// Takes up the keys that other processes made.
///
/// # Errors
/// When the database fails, or its keys were wrapped by another master key since this process
/// started: it goes on with those that it knows.
pub async fn refresh(app: &App) -> Result<(), Error> {
    if app.take_up_keys().await? {
        return Ok(());
    }
    Err(Error::Internal("the keys are wrapped by another master key: start again with it".into()))
}

/// No key changes where nobody keeps a log of it yet.
async fn must_be_logged(tx: &Tx) -> Result<(), Error> {
    if account::count(tx).await? == 0 {
        let text = "系统尚未设置管理员，不能更换密钥；新系统的算法用 JUNCAI_CRYPTO_SUITE 选定";
        return Err(Error::Refused(text.to_owned()));
    }
    Ok(())
}

/// Makes a key that seals from [`SETTLE`] from now on.
///
/// # Errors
/// When the database or the machine fails.
pub async fn announce(app: &App, suite: Suite) -> Result<KeyLine, Error> {
    let now = app.clock.machine_now();
    let tx = app.db.begin().await?;
    must_be_logged(&tx).await?;
    let newest = store::all(&tx).await?.iter().map(|key| key.id).max().unwrap_or_default();
    let id = u32::try_from(newest + 1).map_err(|_| Error::Internal("too many keys".into()))?;
    let key = app.vault.next_key(id, suite, now + SETTLE)?;
    let row = store::row(key, now);
    store::keep(&tx, vec![row.clone()]).await?;
    // Two who make one at the same time give it the same number, and one of them comes first.
    if !store::all(&tx).await?.contains(&row) {
        return Err(Error::Stale("另一人刚刚生成了新的密钥，请查看后再办".to_owned()));
    }
    let detail = json!({ "suite": suite.code(), "starts_at": row.starts_at.to_rfc3339() });
    log_apart(app, &tx, PROGRAM, "key.announced", ("data_key", &id.to_string()), &detail).await?;
    tx.commit().await?;
    refresh(app).await?;
    let line = keys(app).await?.into_iter().find(|line| line.id == i64::from(id));
    line.ok_or_else(|| Error::Internal("the new key is gone".into()))
}

/// What was sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Values.
    pub values: u64,
    /// Values that open with no key: they stay as they are, and the key is not noted as done.
    pub broken: u64,
}

/// Seals everything with the newest key, piece by piece, while others work; does nothing when that
/// was done, or when not every process can know the key yet. Several may do it at once, and one that
/// is interrupted goes on with what is left.
///
/// # Errors
/// When the database fails.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    let newest = keys(app).await?.into_iter().rfind(|key| key.purpose == KeyPurpose::Seal);
    let now = app.clock.machine_now();
    let is_due = |key: &KeyLine| {
        key.resealed_at.is_none() && key.made_at != key.starts_at && key.starts_at + SETTLE <= now
    };
    let Some(key) = newest.filter(is_due) else { return Ok(done) };
    refresh(app).await?;
    for column in SEALED {
        reseal_column(app, column, &mut done).await?;
    }
    if done.broken == 0 {
        let tx = app.db.begin().await?;
        store::note_resealed(&tx, key.id, now).await?;
        let detail = json!({ "values": done.values });
        let object = ("data_key", &*key.id.to_string());
        log_apart(app, &tx, PROGRAM, "key.resealed", object, &detail).await?;
        tx.commit().await?;
    }
    Ok(done)
}

async fn reseal_column(app: &App, of: SealedColumn, done: &mut Resealed) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let values = store::sealed_after(app.db.read(), of, after).await?;
        let Some(last) = values.last() else { return Ok(()) };
        after = last.id;
        let mut anew = Vec::new();
        for value in values {
            match app.vault.resealed(of.place, &value.sealed) {
                Ok(Some(sealed)) => anew.push((value, sealed)),
                Ok(None) => {}
                Err(_) => {
                    tracing::error!(
                        table = of.table,
                        id = value.id,
                        "a sealed value does not open"
                    );
                    done.broken += 1;
                }
            }
        }
        if anew.is_empty() {
            continue;
        }
        done.values += u64::try_from(anew.len()).unwrap_or(0);
        let tx = app.db.begin().await?;
        for (value, sealed) in anew {
            store::replace(&tx, of, value, sealed).await?;
        }
        tx.commit().await?;
    }
}

/// Puts the master key of another vault around all keys: from then on the database opens with that
/// one alone. Processes that run go on with the keys that they know. Returns how many keys it were.
///
/// # Errors
/// [`Error::Stale`] when somebody else did so at the same time.
pub async fn rewrap(app: &App, other: &Vault) -> Result<usize, Error> {
    let tx = app.db.begin().await?;
    must_be_logged(&tx).await?;
    let rows = store::all(&tx).await?;
    for row in &rows {
        let wrapped = app.vault.rewrapped(&unwrapped(row)?, other)?;
        store::rewrap(&tx, row, wrapped).await?;
    }
    let detail = json!({ "keys": rows.len() });
    log_apart(app, &tx, PROGRAM, "key.rewrapped", ("data_key", ""), &detail).await?;
    tx.commit().await?;
    Ok(rows.len())
}
