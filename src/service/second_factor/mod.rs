//! The second factor of an account: enrolling it, asking for it, and what stands in for a lost device.

mod enrol;
mod pending;

pub use enrol::{Enrolled, Enrolment, Status, again, enrol, fresh_codes, offer, status};
pub(super) use pending::pending;
pub use pending::{finish, is_pending};

use serde_json::json;

use super::{Actor, Error, log, notification};
use crate::app::App;
use crate::domain::authority::Role;
use crate::domain::notification::NotificationKind;
use crate::domain::second_factor::{
    self as rule, SecondFactorRule, is_device_code, matching_step, recovery_key,
};
use crate::store::account::AccountInFull;
use crate::store::db::Tx;
use crate::store::second_factor as store;
use crate::vault::{kind, place};

/// What a typed code was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// One of the device, never used before.
    Device,
    /// A recovery code, never used before; so many are left.
    Recovery(u64),
    /// Neither.
    Wrong,
}

/// Whether somebody with this role must enrol before anything else.
pub(super) fn must_enrol(app: &App, role: Role) -> bool {
    app.access.second_factor == SecondFactorRule::Required && role.needs_second_factor()
}

/// Looks at a typed code and uses it up. Sent twice, or by many at once, it is right once.
pub(super) async fn prove(
    app: &App,
    tx: &Tx,
    factor: &store::Factor,
    typed: &str,
) -> Result<Proof, Error> {
    let now = app.clock.machine_now();
    if is_device_code(typed) {
        let secret = app.vault.open(place::SECOND_FACTOR, &factor.secret_cipher)?;
        let now = app.clock.device_now();
        let Some(step) = matching_step(&secret, typed, now, factor.last_step) else {
            return Ok(Proof::Wrong);
        };
        let is_first = store::use_step(tx, factor.id, step).await?;
        return Ok(if is_first { Proof::Device } else { Proof::Wrong });
    }
    let Some(key) = recovery_key(typed) else { return Ok(Proof::Wrong) };
    let hash = code_hash(app, factor.id, &key);
    if !store::use_code(tx, factor.id, &hash, now).await? {
        return Ok(Proof::Wrong);
    }
    Ok(Proof::Recovery(store::codes_left(tx, factor.id).await?))
}

/// The keyed hash under which a recovery code is kept.
fn code_hash(app: &App, factor_id: i64, key: &str) -> String {
    app.vault.index(kind::RECOVERY_CODE, &format!("{factor_id}:{key}"))
}

/// Writes down that a recovery code was used, and tells the owner.
pub(super) async fn note_recovery(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (factor_id, left): (i64, u64),
) -> Result<(), Error> {
    let object = ("account", actor.login.as_str());
    log(app, tx, actor, "second_factor.recovery_used", object, &json!({ "left": left })).await?;
    let title = format!(
        "有人用恢复码代替动态验证码登录或办理了您的账号业务，恢复码还剩 {left} 个。\
         如非您本人，请立即修改密码并告知安全管理员。"
    );
    let occasion = format!("recovery:{factor_id}:{left}:{}", app.clock.machine_now().timestamp());
    tell_owner(app, tx, actor.account_id, &occasion, &title).await
}

/// Tells the owner of an account something about it.
pub(super) async fn tell_owner(
    app: &App,
    tx: &Tx,
    account_id: i64,
    occasion: &str,
    title: &str,
) -> Result<(), Error> {
    let told = notification::Plain {
        account_id,
        kind: NotificationKind::AccountSecurity,
        occasion,
        title,
        subject: "账号",
        page: "/account",
    };
    notification::plain(app, tx, &told).await
}

/// Takes the factor of somebody who lost it away, with the account locked; whether there was one.
pub(super) async fn take_away(app: &App, tx: &Tx, full: &AccountInFull) -> Result<bool, Error> {
    Ok(store::end(tx, full.account.id, app.clock.machine_now()).await?)
}

/// What users read when a code is wrong.
pub(super) fn wrong_code() -> String {
    format!(
        "验证码不正确或已用过。请等待下一个 {} 位验证码（每 {} 秒更换）后再输入，或使用恢复码。",
        rule::DIGITS,
        rule::STEP_SECONDS
    )
}
