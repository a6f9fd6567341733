//! Changing accounts. Taking a right away happens at once; giving one waits for the security
//! administrator.

use serde_json::json;

use super::authorise::tell_owner;
use super::colleagues::keep_a_seal;
use super::make::{check_office, find_office, invalid, refuse_clash};
use super::request::{Asked, Wish, ask, initial_password};
use super::role_of;
use crate::app::App;
use crate::domain::authorisation::RequestKind;
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, log, presence, second_factor, session as sign_in};
use crate::store::account::{self, AccountInFull};
use crate::store::db::Tx;
use crate::store::second_factor as factors;
use crate::store::{account_list, session};

/// Disables an account and ends its sessions at once.
///
/// # Errors
/// [`Error::Refused`] for one's own account, the last of each of the three administrators and an
/// enterprise's last holder of the seal.
pub async fn disable(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    keep_a_seal(&tx, &full).await?;
    keep_one(&tx, &full).await?;
    if full.account.disabled_at.is_some() {
        return Err(Error::Stale("该账号已是停用状态，请刷新后再看".to_owned()));
    }
    let now = app.clock.now();
    account::set_disabled(&tx, id, Some(now)).await?;
    session::revoke_of_account(&tx, id, None, now).await?;
    note(app, &tx, actor, "account.disabled", &full, &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Asks that a disabled account may be used again.
///
/// # Errors
/// [`Error::Refused`] when duties would clash, or the same waits already.
pub async fn ask_to_enable(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    presence::must_be_fresh_if_enrolled(app, actor).await?;
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    may_be_enabled(&tx, &full).await?;
    ask(app, &tx, actor, &Wish::about(RequestKind::Standing, &full)?).await?;
    note(app, &tx, actor, "account.enabling_asked", &full, &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Refuses an account that is in use, and one whose person holds a clashing duty meanwhile.
async fn may_be_enabled(tx: &Tx, full: &AccountInFull) -> Result<(), Error> {
    if full.account.disabled_at.is_none() {
        return Err(Error::Stale("该账号已是启用状态，请刷新后再看".to_owned()));
    }
    account::lock_holder(tx, full.holder.id).await?;
    let role = role_of(&full.account)?;
    refuse_clash(tx, full.holder.id, &full.holder.name, role, Some(full.account.id))
        .await
        .map_err(|error| Error::Refused(error.to_string()))
}

/// Enables a locked account that is disabled, unless its person holds a clashing duty meanwhile, or
/// it was never authorised.
pub(super) async fn enable_locked(app: &App, tx: &Tx, full: &AccountInFull) -> Result<(), Error> {
    may_be_enabled(tx, full).await?;
    Ok(account::enable(tx, full.account.id, app.clock.machine_now()).await?)
}

/// Asks for another role and organisation. Until it is authorised the account keeps what it has.
///
/// # Errors
/// [`Error::Invalid`] when duties clash or the role does not belong to the organisation;
/// [`Error::Refused`] for one's own account and for the last of each of the three administrators.
pub async fn ask_for_duty(
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
    presence::must_be_fresh_if_enrolled(app, actor).await?;
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    keep_a_seal(&tx, &full).await?;
    keep_one(&tx, &full).await?;
    refuse_system(&full)?;
    account::lock_holder(&tx, full.holder.id).await?;
    refuse_clash(&tx, full.holder.id, &full.holder.name, role, Some(id)).await?;
    let wish = Wish { role, organisation_id: office.id, ..Wish::about(RequestKind::Duty, &full)? };
    ask(app, &tx, actor, &wish).await?;
    let detail = json!({
        "before": [role_of(&full.account)?.label(), full.organisation.name],
        "after": [role.label(), office.name],
    });
    note(app, &tx, actor, "account.duty_asked", &full, &detail).await?;
    Ok(tx.commit().await?)
}

/// Asks for a one-time initial password in place of a forgotten one. The forgotten one and the
/// sessions last until it is authorised, and the owner is told: whoever did not want it can say so.
///
/// # Errors
/// [`Error::Refused`] for one's own account, or while the same waits.
pub async fn ask_for_password(app: &App, actor: &Actor, id: i64) -> Result<Asked, Error> {
    actor.must(Act::ManageAccounts)?;
    let initial = initial_password().await?;
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    refuse_system(&full)?;
    let wish = Wish {
        password_hash: Some(&initial.hash),
        half: Some(&initial.second),
        ..Wish::about(RequestKind::Password, &full)?
    };
    let request = ask(app, &tx, actor, &wish).await?;
    let title = "系统管理员申请重置您的登录密码。如非您本人提出，请立即告知安全管理员。";
    tell_owner(app, &tx, &full, (request, "asked"), title).await?;
    note(app, &tx, actor, "account.reset_asked", &full, &json!({})).await?;
    tx.commit().await?;
    Ok(Asked { id, login: full.account.login, first_half: initial.first })
}

/// Asks that the second factor of somebody who lost it is taken away. It holds until that is
/// authorised, and the owner is told: whoever did not want it can say so.
///
/// # Errors
/// [`Error::Refused`] for one's own account, for one without a second factor, or while the same waits.
pub async fn ask_for_factor_reset(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    actor.must(Act::ManageAccounts)?;
    presence::must_be_fresh_if_enrolled(app, actor).await?;
    let tx = app.db.begin().await?;
    let full = others_account(&tx, actor, id).await?;
    if factors::in_use(&tx, id).await?.is_none() {
        return Err(Error::Refused("该账号没有启用两步验证".to_owned()));
    }
    let request = ask(app, &tx, actor, &Wish::about(RequestKind::SecondFactor, &full)?).await?;
    let title = "系统管理员申请重置您的两步验证。如非您本人提出，请立即告知安全管理员。";
    let occasion = format!("factor_reset:{request}:asked");
    second_factor::tell_owner(app, &tx, id, &occasion, title).await?;
    note(app, &tx, actor, "account.factor_reset_asked", &full, &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Lets somebody who was locked out try again. A success ends the count of failures; this one is not
/// theirs, and `whence` stands for its network address.
pub(super) async fn clear_lock(
    app: &App,
    tx: &Tx,
    full: &AccountInFull,
    whence: &str,
) -> Result<(), Error> {
    let key = sign_in::login_key(app, &full.account.login);
    let now = app.clock.machine_now();
    let cleared = session::record_attempt(tx, &key, whence, now).await?;
    Ok(session::attempt_succeeded(tx, cleared).await?)
}

/// Somebody else's account, locked. Two accounts of one natural person are one pair of hands.
async fn others_account(tx: &Tx, actor: &Actor, id: i64) -> Result<AccountInFull, Error> {
    actor.must(Act::ManageAccounts)?;
    let full = lock_in_order(tx, id).await?;
    if full.holder.id == actor.holder_id {
        return Err(Error::Refused("不能变更自己的账号，请由另一位系统管理员办理".to_owned()));
    }
    Ok(full)
}

/// An account, locked; before it its organisation, where the last one of a kind must remain.
pub(super) async fn lock_in_order(tx: &Tx, id: i64) -> Result<AccountInFull, Error> {
    let missing = || Error::NotFound("这个账号");
    let found = account::by_id(tx, id).await?.ok_or_else(missing)?;
    let role = role_of(&found.account)?;
    if role == Role::EnterpriseSignatory || role.is_administrator() {
        account::lock_organisation(tx, found.organisation.id).await?;
    }
    account::lock(tx, id).await?.ok_or_else(missing)
}

/// Refuses an account in use that is the last one of one of the three administrators. The
/// organisation is locked.
pub(super) async fn keep_one(tx: &Tx, full: &AccountInFull) -> Result<(), Error> {
    let role = role_of(&full.account)?;
    let in_use = role.is_administrator() && full.account.disabled_at.is_none();
    if in_use && account_list::active_with_role(tx, role.code()).await? <= 1 {
        let label = role.label();
        return Err(Error::Refused(format!("这是最后一个可用的{label}账号，不能停用或改任")));
    }
    Ok(())
}

/// A program has neither a password nor another duty.
fn refuse_system(full: &AccountInFull) -> Result<(), Error> {
    if role_of(&full.account)?.is_system() {
        return Err(Error::Refused("系统账号只用令牌访问接口，没有密码，也不能改任".to_owned()));
    }
    Ok(())
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
