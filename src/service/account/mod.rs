//! Accounts of other people, and one's own password.

mod authorise;
mod change;
mod colleagues;
mod idle;
mod make;
mod own;
mod request;
mod sessions;

use chrono::{DateTime, TimeDelta, Utc};

pub use authorise::{Authorised, Proposal, authorise, one_proposal, proposals, refuse};
pub use change::{ask_for_duty, ask_for_factor_reset, ask_for_password, ask_to_enable, disable};
pub use colleagues::{Colleague, Invitation, ROLES, colleagues, hand_over, invite, take_back};
pub use idle::disable_idle;
pub use make::{AccountForm, Made, OrganisationForm, ask_for_account, create_organisation};
pub(super) use make::{Person, add_account, check_person, first_password};
pub use own::{PasswordForm, change_password, password_changed_at};
pub(super) use own::{check_new, must_be_present};
pub use request::{Asked, RequestLine, requests};
pub(super) use request::{Wish, ask, count_waiting, take_out_of_use_and_ask};
pub use sessions::{LiveSession, LockedOut, end_session, live_sessions, locked_out, unlock};

use super::{Actor, Error, session};
use crate::app::App;
use crate::domain::authorisation::RequestKind;
use crate::domain::authority::{Act, Role};
use crate::domain::duty::OrganisationKind;
use crate::domain::lockout::PER_LOGIN;
use crate::domain::registry::Code;
use crate::store::account::{self, AccountInFull};
use crate::store::second_factor as factors;
use crate::store::session::{Attempt, attempts_since};
use crate::store::{account_list, account_request};

/// Rows of one page of the list.
pub const PAGE: u64 = 50;

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Active,
    /// Too many wrong passwords, for some minutes.
    Locked,
    /// It was asked for, and nobody has authorised it yet.
    Waiting,
    /// Its owner has not signed in with the initial password yet.
    Fresh,
    /// Somebody disabled it.
    Disabled,
}

/// A line of the list of accounts.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Identity.
    pub id: i64,
    /// Sign-in name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Staff number of the person.
    pub staff_no: String,
    /// Role.
    pub role: Role,
    /// Identity of the organisation.
    pub organisation_id: i64,
    /// Name of the organisation.
    pub organisation: String,
    /// Other accounts of the same natural person.
    pub same_person: Vec<String>,
    /// Whether it can be used.
    pub standing: Standing,
    /// When it was last used, if ever.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// What waits for the security administrator.
    pub waits: Vec<RequestKind>,
    /// Whether it has a second factor.
    pub has_factor: bool,
    /// Whether it is the actor's own, which nobody changes here.
    pub is_own: bool,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct List {
    /// Accounts that match.
    pub total: u64,
    /// Those of the page.
    pub rows: Vec<Listed>,
}

/// Accounts whose sign-in name or person's name contains `text`, from `offset`.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators.
pub async fn list(app: &App, actor: &Actor, text: &str, offset: u64) -> Result<List, Error> {
    actor.must(Act::ManageAccounts)?;
    let (total, found) = account_list::page(app.db.read(), text.trim(), offset, PAGE).await?;
    Ok(List { total, rows: rows(app, actor, found).await? })
}

/// One account.
///
/// # Errors
/// [`Error::NotFound`] when there is none with this identity.
pub async fn get(app: &App, actor: &Actor, id: i64) -> Result<Listed, Error> {
    actor.must(Act::ManageAccounts)?;
    let found = account::by_id(app.db.read(), id).await?.ok_or(Error::NotFound("这个账号"))?;
    rows(app, actor, vec![found]).await?.pop().ok_or(Error::NotFound("这个账号"))
}

async fn rows(app: &App, actor: &Actor, found: Vec<AccountInFull>) -> Result<Vec<Listed>, Error> {
    let conn = app.db.read();
    let now = app.clock.machine_now();
    let ids: Vec<i64> = found.iter().map(|full| full.account.id).collect();
    let holders: Vec<i64> = found.iter().map(|full| full.holder.id).collect();
    let same = account_list::of_holders(conn, &holders).await?;
    let seen = account_list::last_seen(conn, &ids).await?;
    let remember = PER_LOGIN.window_minutes + PER_LOGIN.closed_minutes;
    let attempts = attempts_since(conn, now - TimeDelta::minutes(remember)).await?;
    let open = account_request::open_of(conn, &ids).await?;
    let enrolled = factors::enrolled_among(conn, &ids).await?;
    let row = |full: AccountInFull| {
        let account = full.account;
        let key = session::login_key(app, &account.login);
        let waits: Vec<RequestKind> = open
            .iter()
            .filter(|request| request.account_id == account.id)
            .filter_map(|request| RequestKind::from_code(&request.kind))
            .collect();
        let locked = closed_until(&attempts, &key, now).is_some();
        let standing = match () {
            () if waits.contains(&RequestKind::Account) => Standing::Waiting,
            () if account.disabled_at.is_some() => Standing::Disabled,
            () if locked => Standing::Locked,
            () if account.must_change_password => Standing::Fresh,
            () => Standing::Active,
        };
        let others = same.iter().filter(|a| a.holder_id == full.holder.id && a.id != account.id);
        Ok(Listed {
            id: account.id,
            role: role_of(&account)?,
            name: full.holder.name,
            staff_no: full.holder.staff_no,
            organisation_id: full.organisation.id,
            organisation: full.organisation.name,
            same_person: others.map(|a| a.login.clone()).collect(),
            standing,
            last_seen_at: seen.iter().find(|(id, _)| *id == account.id).map(|(_, at)| *at),
            waits,
            has_factor: enrolled.contains(&account.id),
            is_own: full.holder.id == actor.holder_id,
            login: account.login,
        })
    };
    found.into_iter().map(row).collect()
}

fn role_of(account: &account::Account) -> Result<Role, Error> {
    Role::from_code(&account.role)
        .ok_or_else(|| Error::Internal(format!("unknown role of account {}", account.id)))
}

/// First instant at which a sign-in name may be tried again, `None` when it may be now. `attempts`
/// are the latest ones, the last one first.
fn closed_until(attempts: &[Attempt], key: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let of_login = attempts.iter().filter(|attempt| attempt.login_key == key);
    let failures: Vec<_> =
        of_login.take_while(|attempt| !attempt.succeeded).map(|attempt| attempt.at).collect();
    PER_LOGIN.closed_until(&failures, now)
}

/// An organisation that accounts can belong to.
#[derive(Debug, Clone)]
pub struct Office {
    /// Identity.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// Division it works for.
    pub division: String,
}

/// All organisations, by name.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators.
pub async fn offices(app: &App, actor: &Actor) -> Result<Vec<Office>, Error> {
    actor.must(Act::ManageAccounts)?;
    let office = |row: account::Organisation| {
        Some(Office {
            kind: OrganisationKind::from_code(&row.kind)?,
            id: row.id,
            name: row.name,
            division: row.division,
        })
    };
    let rows = account::organisations(app.db.read()).await?;
    Ok(rows.into_iter().filter_map(office).collect())
}
