//! Accounts that nobody uses are disabled by the program (GB/T 22239-2019 8.1.4.2 c).

use chrono::TimeDelta;
use serde_json::json;

use super::change::{keep_one, lock_in_order};
use super::colleagues::keep_a_seal;
use crate::app::App;
use crate::domain::authority::Role;
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::service::notification::{self, Plain};
use crate::service::{Error, PROGRAM, log_apart};
use crate::store::db::Tx;
use crate::store::{account, account_list, session};

/// Disables the accounts without a sign-in for as long as the operator set, and tells the security
/// administrators. The last of each of the three administrators and the last holder of an
/// enterprise's seal stay. Returns how many were disabled; nothing happens where it is not set.
///
/// # Errors
/// When the database fails. What cannot be disabled stops no other.
pub async fn disable_idle(app: &App) -> Result<u64, Error> {
    let days = app.access.idle_days;
    if days == 0 {
        return Ok(0);
    }
    let before = app.clock.machine_now() - TimeDelta::days(i64::from(days));
    let systems: Vec<&str> =
        Role::ALL.iter().filter(|role| role.is_system()).map(|role| role.code()).collect();
    let mut disabled = 0;
    for id in account_list::unused_since(app.db.read(), before, &systems).await? {
        let tx = app.db.begin().await?;
        // Signed in, or disabled, a moment ago?
        if !account_list::unused_since(&tx, before, &systems).await?.contains(&id) {
            continue;
        }
        if disable_one(app, &tx, id, days).await? {
            tx.commit().await?;
            disabled += 1;
        }
    }
    Ok(disabled)
}

async fn disable_one(app: &App, tx: &Tx, id: i64, days: u32) -> Result<bool, Error> {
    let full = lock_in_order(tx, id).await?;
    let stays = |kept: Result<(), Error>| match kept {
        Ok(()) => Ok(false),
        Err(Error::Refused(_)) => Ok(true),
        Err(error) => Err(error),
    };
    let is_gone = full.account.disabled_at.is_some();
    if is_gone || stays(keep_one(tx, &full).await)? || stays(keep_a_seal(tx, &full).await)? {
        return Ok(false);
    }
    let now = app.clock.machine_now();
    account::set_disabled(tx, id, Some(now)).await?;
    session::revoke_of_account(tx, id, None, now).await?;
    let login = full.account.login.as_str();
    let detail = json!({ "name": full.holder.name, "days": days });
    log_apart(app, tx, PROGRAM, "account.idle_disabled", ("account", login), &detail).await?;
    let title = format!(
        "账号 {login} 已 {days} 天没有登录，系统已自动停用。需要继续使用的，请按启用程序办理。"
    );
    let roles = [Role::SecurityAdministrator.code()];
    for guard in account_list::active_in_roles(tx, &roles).await? {
        let told = Plain {
            account_id: guard.account.id,
            kind: NotificationKind::AccountSecurity,
            occasion: &format!("idle:{id}:{}", now.timestamp()),
            title: &title,
            subject: "账号停用",
            page: "/notifications",
        };
        notification::plain(app, tx, &told).await?;
    }
    Ok(true)
}
