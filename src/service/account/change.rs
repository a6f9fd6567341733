//! Changing accounts: standing, duty, initial password.

use serde_json::json;

use super::colleagues::keep_a_seal;
use super::make::{check_office, find_office, first_password, invalid, refuse_clash};
use super::{Made, role_of};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, log, password, session as sign_in};
use crate::store::account::{self, AccountInFull};
use crate::store::db::Tx;
use crate::store::{account_list, session};

/// Disables an account and ends its sessions at once.
///
/// # Errors
/// [`Error::Refused`] for one's own account, the last administrator and an enterprise's last holder
/// of the seal.
pub async fn disable(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    if full.account.disabled_at.is_some() {
        return Err(Error::Stale("该账号已是停用状态，请刷新后再看".to_owned()));
    }
    let now = app.clock.now();
    account::set_disabled(&tx, id, Some(now)).await?;
    session::revoke_of_account(&tx, id, None, now).await?;
    note(app, &tx, actor, "account.disabled", &full, &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Enables an account again, if the person holds no clashing duty meanwhile.
///
/// # Errors
/// [`Error::Refused`] when duties would clash.
pub async fn enable(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    enable_locked(&tx, &full).await?;
    note(app, &tx, actor, "account.enabled", &full, &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Enables a locked account that is disabled, unless its person holds a clashing duty meanwhile.
pub(super) async fn enable_locked(tx: &Tx, full: &AccountInFull) -> Result<(), Error> {
    if full.account.disabled_at.is_none() {
        return Err(Error::Stale("该账号已是启用状态，请刷新后再看".to_owned()));
    }
    account::lock_holder(tx, full.holder.id).await?;
    let role = role_of(&full.account)?;
    refuse_clash(tx, full.holder.id, &full.holder.name, role, Some(full.account.id))
        .await
        .map_err(|error| Error::Refused(error.to_string()))?;
    Ok(account::set_disabled(tx, full.account.id, None).await?)
}

/// Gives an account another role and organisation. Its sessions end: nobody keeps old rights.
///
/// # Errors
/// [`Error::Invalid`] when duties clash or the role does not belong to the organisation;
/// [`Error::Refused`] for one's own account and for the last administrator.
pub async fn change_duty(
    app: &App,
    actor: &Actor,
    id: i64,
    role: &str,
    organisation: &str,
) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    let Some(role) = Role::from_code(role).filter(|role| !role.is_system()) else {
        return invalid("role", "请选择角色".to_owned());
    };
    let Some(office) = find_office(app, organisation).await? else {
        return invalid("organisation", "请选择机构".to_owned());
    };
    check_office(role, &office)?;
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    refuse_system(&full)?;
    account::lock_holder(&tx, full.holder.id).await?;
    refuse_clash(&tx, full.holder.id, &full.holder.name, role, Some(id)).await?;
    account::set_duty(&tx, id, role.code(), office.id).await?;
    session::revoke_of_account(&tx, id, None, app.clock.machine_now()).await?;
    let detail = json!({
        "before": [role_of(&full.account)?.label(), full.organisation.name],
        "after": [role.label(), office.name],
    });
    note(app, &tx, actor, "account.duty_changed", &full, &detail).await?;
    Ok(tx.commit().await?)
}

/// Replaces a forgotten password by a one-time initial one, ends the sessions and the lockout.
///
/// # Errors
/// [`Error::Refused`] for one's own account.
pub async fn reset_password(app: &App, actor: &Actor, id: i64) -> Result<Made, Error> {
    actor.must(Act::ManageAccounts)?;
    if id == actor.account_id {
        return Err(own_account());
    }
    let first_password = first_password()?;
    let hash = password::hash(&first_password).await?;
    let tx = app.db.begin().await?;
    let full = account::lock(&tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    refuse_system(&full)?;
    let now = app.clock.now();
    account::set_password(&tx, id, &hash, true).await?;
    session::revoke_of_account(&tx, id, None, now).await?;
    // A success ends the count of failures; it is the administrator's, made here.
    let key = sign_in::login_key(app, &full.account.login);
    let cleared = session::record_attempt(&tx, &key, "reset", now).await?;
    session::attempt_succeeded(&tx, cleared).await?;
    note(app, &tx, actor, "account.password_reset", &full, &json!({})).await?;
    tx.commit().await?;
    Ok(Made { id, login: full.account.login, first_password })
}

/// Somebody else's account, locked, that the actor may change: not their own, not the last one that
/// can manage accounts, and not the last one that holds the seal of an enterprise.
async fn others_account(tx: &Tx, actor: &Actor, id: i64) -> Result<AccountInFull, Error> {
    actor.must(Act::ManageAccounts)?;
    if id == actor.account_id {
        return Err(own_account());
    }
    let found = account::by_id(tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    if found.account.role == Role::EnterpriseSignatory.code() {
        account::lock_organisation(tx, found.organisation.id).await?;
    }
    let full = account::lock(tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    keep_a_seal(tx, &full).await?;
    let is_administrator = full.account.role == Role::Administrator.code();
    if is_administrator && full.account.disabled_at.is_none() {
        let left = account_list::active_with_role(tx, Role::Administrator.code()).await?;
        if left <= 1 {
            return Err(Error::Refused("这是最后一个可用的管理员账号，不能停用或改任".to_owned()));
        }
    }
    Ok(full)
}

/// A program has neither a password nor another duty.
fn refuse_system(full: &AccountInFull) -> Result<(), Error> {
    if role_of(&full.account)?.is_system() {
        return Err(Error::Refused("系统账号只用令牌访问接口，没有密码，也不能改任".to_owned()));
    }
    Ok(())
}

fn own_account() -> Error {
    Error::Refused("不能变更自己的账号，请由另一位管理员办理".to_owned())
}

async fn note(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    action: &str,
    full: &AccountInFull,
    detail: &serde_json::Value,
) -> Result<(), Error> {
    log(app, tx, actor, action, ("account", &full.account.login), detail).await
}
