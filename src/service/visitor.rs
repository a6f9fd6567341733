//! Whoever asks without signing in: guessing is slowed down like at sign-in.

use super::Error;
use crate::app::App;
use crate::clock::china_time;
use crate::domain::lockout::{PER_ADDRESS, PER_LOGIN};
use crate::store::session as attempts;

/// Counts a try of somebody who is not signed in as failed before anything is compared, apart from
/// the tries to sign in: a wrong certificate number locks nobody out of their work.
///
/// # Errors
/// [`Error::Refused`] after too many failures.
pub(super) async fn admit(app: &App, about: &str, of: &str, address: &str) -> Result<i64, Error> {
    let now = app.clock.machine_now();
    let place = format!("public {address}");
    let key = app.vault.index("public", &format!("{about}\n{of}\n{address}"));
    let tx = app.db.begin().await?;
    let of_key = attempts::failures_of_login(&tx, &key, PER_LOGIN.failures).await?;
    let of_place = attempts::failures_of_address(&tx, &place, PER_ADDRESS.failures).await?;
    let closed = PER_LOGIN.closed_until(&of_key, now);
    if let Some(until) = closed.or_else(|| PER_ADDRESS.closed_until(&of_place, now)) {
        let until = china_time(until).format("%H:%M");
        return Err(Error::Refused(format!("查询未成功的次数过多，{until} 后才能再试")));
    }
    let id = attempts::record_attempt(&tx, &key, &place, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Notes that a try was right; earlier wrong ones about the same thing count no more.
///
/// # Errors
/// When the database fails.
pub(super) async fn succeeded(app: &App, attempt: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    attempts::attempt_succeeded(&tx, attempt).await?;
    Ok(tx.commit().await?)
}
