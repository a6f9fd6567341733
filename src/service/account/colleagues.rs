//! The accounts of one's own enterprise: its HR head invites colleagues, hands the work of somebody
//! who leaves to another, and disables accounts (domain.md 7.1). The seal never stays without a
//! holder. The administrator of accounts can do all this as well.

use serde_json::json;

use super::change::enable_locked;
use super::make::{Made, Person, add_account, check_person, first_password};
use super::{Listed, role_of, rows};
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, case, invalid, log, password};
use crate::store::account::{self, AccountInFull};
use crate::store::db::Tx;
use crate::store::{account_list, directory, session};

/// Roles that an enterprise gives its own people.
pub const ROLES: [Role; 3] =
    [Role::EnterpriseClerk, Role::EnterpriseHead, Role::EnterpriseSignatory];

/// An account of the enterprise, with the work that waits for its role.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// The account.
    pub line: Listed,
    /// Files that wait for the role.
    pub open_cases: i64,
    /// Uploads of the account that nobody has confirmed or discarded.
    pub open_imports: i64,
}

/// The accounts of the actor's enterprise, programs included, by sign-in name.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but the head of an enterprise.
pub async fn colleagues(app: &App, actor: &Actor) -> Result<Vec<Colleague>, Error> {
    actor.must(Act::ManageColleagues)?;
    let read = app.db.read();
    let found = account_list::of_organisation(read, actor.organisation_id).await?;
    let actors: Vec<Actor> =
        found.iter().map(|full| Actor::new(full, &actor.address)).collect::<Result<_, _>>()?;
    let lines = rows(app, actor, found).await?;
    let mut out = Vec::with_capacity(lines.len());
    for (line, other) in lines.into_iter().zip(&actors) {
        let (open_cases, open_imports) = open_work(app, other).await?;
        out.push(Colleague { line, open_cases, open_imports });
    }
    Ok(out)
}

/// The work that waits for an account: files of its role, and its own uploads.
async fn open_work(app: &App, of: &Actor) -> Result<(i64, i64), Error> {
    let imports = directory::count_previewed_imports(app.db.read(), of.account_id).await?;
    Ok((case::waiting_for(app, of).await?, imports))
}

/// A colleague as typed.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    /// Sign-in name.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Role code.
    pub role: &'a str,
    /// Staff number.
    pub person_key: &'a str,
}

/// Makes an account of the actor's enterprise with a one-time initial password.
///
/// # Errors
/// [`Error::Invalid`] for each field that is wrong.
pub async fn invite(app: &App, actor: &Actor, form: &Invitation<'_>) -> Result<Made, Error> {
    actor.must(Act::ManageColleagues)?;
    let mut wrong = check_person(form.login, form.name, form.person_key);
    let role = Role::from_code(form.role).filter(|role| ROLES.contains(role));
    if role.is_none() {
        wrong.push(invalid("role", "请选择角色"));
    }
    let (Some(role), true) = (role, wrong.is_empty()) else { return Err(Error::Invalid(wrong)) };
    let first_password = first_password()?;
    let hash = password::hash(&first_password).await?;
    // Staff numbers of one enterprise mean nothing to another.
    let staff_no = format!("E{}-{}", actor.organisation_id, form.person_key.trim());
    let person = Person { login: form.login, name: form.name, staff_no: &staff_no };
    let tx = app.db.begin().await?;
    let id = add_account(&tx, &person, role, actor.organisation_id, (&hash, true), app.clock.now())
        .await?;
    let login = form.login.trim().to_owned();
    let detail = json!({ "role": role.label(), "name": form.name.trim() });
    log(app, &tx, actor, "account.created", ("account", &login), &detail).await?;
    tx.commit().await?;
    Ok(Made { id, login, first_password })
}

/// Another account of the actor's enterprise, locked.
async fn own_colleague(tx: &Tx, actor: &Actor, id: i64) -> Result<AccountInFull, Error> {
    if id == actor.account_id {
        let text = "不能变更自己的账号，请由另一位审核人员或系统管理员办理".to_owned();
        return Err(Error::Refused(text));
    }
    let full = account::lock(tx, id).await?;
    let own = full.filter(|full| full.organisation.id == actor.organisation_id);
    own.ok_or(Error::NotFound("本企业的这个账号"))
}

/// Refuses an account in use that is the last one of its organisation to hold the seal. The
/// organisation is locked.
pub(super) async fn keep_a_seal(tx: &Tx, full: &AccountInFull) -> Result<(), Error> {
    let seal = Role::EnterpriseSignatory.code();
    if full.account.role != seal || full.account.disabled_at.is_some() {
        return Ok(());
    }
    let all = account_list::of_organisation(tx, full.organisation.id).await?;
    let holds = |other: &AccountInFull| {
        other.account.id != full.account.id
            && other.account.role == seal
            && other.account.disabled_at.is_none()
    };
    if all.iter().any(holds) {
        return Ok(());
    }
    let text = "这是该企业最后一位授权签字人，请先开设另一位授权签字人的账号";
    Err(Error::Refused(text.to_owned()))
}

/// Disables a colleague's account and ends its sessions. The work that waits is the role's, so it
/// goes on with `successor`, another active account of the same role; without one only when
/// nothing waits. The last holder of the seal stays.
///
/// # Errors
/// [`Error::Invalid`] for `successor`; [`Error::Refused`] for one's own account and the last
/// holder of the seal; [`Error::NotFound`] outside the enterprise.
pub async fn hand_over(app: &App, actor: &Actor, id: i64, successor: &str) -> Result<(), Error> {
    actor.must(Act::ManageColleagues)?;
    let tx = app.db.begin().await?;
    account::lock_organisation(&tx, actor.organisation_id).await?;
    let full = own_colleague(&tx, actor, id).await?;
    if full.account.disabled_at.is_some() {
        return Err(Error::Stale("该账号已是停用状态，请刷新后再看".to_owned()));
    }
    let role = role_of(&full.account)?;
    keep_a_seal(&tx, &full).await?;
    let others = account_list::of_organisation(&tx, actor.organisation_id).await?;
    let able: Vec<&AccountInFull> = others
        .iter()
        .filter(|other| other.account.id != id && other.account.disabled_at.is_none())
        .filter(|other| other.account.role == role.code())
        .collect();
    let heir = able.iter().find(|other| other.account.id.to_string() == successor.trim());
    let (cases, imports) = open_work(app, &Actor::new(&full, &actor.address)?).await?;
    if heir.is_none() && (!successor.trim().is_empty() || cases + imports > 0) {
        let label = role.label();
        let text = format!(
            "该账号有待办（办件 {cases} 件、导入 {imports} 份），请选择另一位在用的{label}接手"
        );
        return Err(Error::Invalid(vec![invalid("successor", text)]));
    }
    let now = app.clock.now();
    account::set_disabled(&tx, id, Some(now)).await?;
    session::revoke_of_account(&tx, id, None, now).await?;
    let detail = json!({
        "successor": heir.map(|heir| heir.account.login.as_str()),
        "cases": cases,
        "imports": imports,
    });
    let object = ("account", full.account.login.as_str());
    log(app, &tx, actor, "account.handed_over", object, &detail).await?;
    Ok(tx.commit().await?)
}

/// Enables a colleague's account again.
///
/// # Errors
/// As [`hand_over`]; [`Error::Refused`] when the person holds a clashing duty meanwhile.
pub async fn take_back(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    actor.must(Act::ManageColleagues)?;
    let tx = app.db.begin().await?;
    let full = own_colleague(&tx, actor, id).await?;
    enable_locked(app, &tx, &full).await?;
    let object = ("account", full.account.login.as_str());
    log(app, &tx, actor, "account.enabled", object, &json!({})).await?;
    Ok(tx.commit().await?)
}
