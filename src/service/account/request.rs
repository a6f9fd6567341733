//! What the system administrator asks for. Nobody has it before the security administrator has
//! authorised it (`super::authorise`), and nobody knows a whole secret of somebody else.

use chrono::{DateTime, Utc};

use super::make::first_password;
use crate::app::App;
use crate::domain::authorisation::{Outcome, RequestKind, halves};
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, password};
use crate::store::account::{self, AccountInFull};
use crate::store::account_request::{self as store, NewRequest, Request};
use crate::store::db::Tx;
use crate::vault::place;

/// What somebody asked for, with what they are told of it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Identity of the account.
    pub id: i64,
    /// Sign-in name.
    pub login: String,
    /// First half of the initial password; it is told once and kept nowhere.
    pub first_half: String,
}

/// An initial password that two people hand over.
pub(in crate::service) struct Initial {
    /// Hash of the whole.
    pub(in crate::service) hash: String,
    /// What the system administrator hands over.
    pub(in crate::service) first: String,
    /// What waits, sealed, for the security administrator.
    pub(in crate::service) second: String,
}

/// A fresh initial password: two parts that are typed one behind the other.
pub(in crate::service) async fn initial_password() -> Result<Initial, Error> {
    let groups = first_password()?;
    let groups: Vec<&str> = groups.split('-').collect();
    let parts: Vec<String> = groups.chunks(2).map(|pair| pair.join("-")).collect();
    let whole = parts.concat();
    let (first, second) = halves(&whole);
    let hash = password::hash(&whole).await?;
    Ok(Initial { hash, first: first.to_owned(), second: second.to_owned() })
}

/// What shall hold once it is authorised.
pub(in crate::service) struct Wish<'a> {
    pub(in crate::service) kind: RequestKind,
    /// The account, locked.
    pub(in crate::service) full: &'a AccountInFull,
    pub(in crate::service) role: Role,
    pub(in crate::service) organisation_id: i64,
    pub(in crate::service) token_id: Option<i64>,
    pub(in crate::service) password_hash: Option<&'a str>,
    /// Half of a secret for whoever authorises.
    pub(in crate::service) half: Option<&'a str>,
}

impl<'a> Wish<'a> {
    /// A wish that leaves role and organisation of the account as they are.
    pub(in crate::service) fn about(
        kind: RequestKind,
        full: &'a AccountInFull,
    ) -> Result<Self, Error> {
        let (role, organisation_id) = (super::role_of(&full.account)?, full.organisation.id);
        let (token_id, password_hash, half) = (None, None, None);
        Ok(Self { kind, full, role, organisation_id, token_id, password_hash, half })
    }
}

/// Keeps a wish until somebody decides; returns its identity. The caller writes the log.
///
/// # Errors
/// [`Error::Refused`] while one of the kind waits, or the account itself does.
pub(in crate::service) async fn ask(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    wish: &Wish<'_>,
) -> Result<i64, Error> {
    let account_id = wish.full.account.id;
    for open in store::open_of(tx, &[account_id]).await? {
        if open.kind == RequestKind::Account.code() || open.kind == wish.kind.code() {
            let what = RequestKind::from_code(&open.kind).map_or("", Code::label);
            let text = format!("该账号已有一项“{what}”待安全管理员授权，请等它办结后再申请");
            return Err(Error::Refused(text));
        }
    }
    let sealed = wish.half.map(|half| app.vault.seal(place::REQUEST_HALF, half.as_bytes()));
    let sealed = sealed.transpose()?;
    let new = NewRequest {
        kind: wish.kind.code(),
        account_id,
        holder_id: wish.full.holder.id,
        role: wish.role.code(),
        organisation_id: wish.organisation_id,
        token_id: wish.token_id,
        password_hash: wish.password_hash,
        half_cipher: sealed.as_deref(),
        requested_by: actor.account_id,
        requested_holder: actor.holder_id,
        at: app.clock.now(),
    };
    Ok(store::file(tx, &new).await?)
}

/// Takes an account just made out of use and asks that it may be used, with a password that two
/// people hand over unless a program has it.
///
/// # Errors
/// As [`ask`].
pub(in crate::service) async fn take_out_of_use_and_ask(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: i64,
    initial: Option<&Initial>,
) -> Result<(), Error> {
    account::set_disabled(tx, id, Some(app.clock.now())).await?;
    let full = account::lock(tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    let wish = Wish {
        password_hash: initial.map(|initial| initial.hash.as_str()),
        half: initial.map(|initial| initial.second.as_str()),
        ..Wish::about(RequestKind::Account, &full)?
    };
    ask(app, tx, actor, &wish).await.map(|_| ())
}

/// A request about an account, as its page shows it.
#[derive(Debug, Clone)]
pub struct RequestLine {
    /// What was asked for.
    pub kind: RequestKind,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What became of it, `None` while it waits.
    pub outcome: Option<Outcome>,
    /// Why not.
    pub reason: String,
}

/// What was asked for an account, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but system administrators.
pub async fn requests(app: &App, actor: &Actor, id: i64) -> Result<Vec<RequestLine>, Error> {
    actor.must(Act::ManageAccounts)?;
    let found = store::of_account(app.db.read(), id).await?;
    Ok(found.into_iter().filter_map(line).collect())
}

fn line(request: Request) -> Option<RequestLine> {
    Some(RequestLine {
        kind: RequestKind::from_code(&request.kind)?,
        asked_at: request.requested_at,
        outcome: request.outcome.as_deref().and_then(Outcome::from_code),
        reason: request.reason,
    })
}

/// How many requests wait for a decision, for those who ask and for those who decide.
///
/// # Errors
/// When the database fails.
pub(in crate::service) async fn count_waiting(app: &App) -> Result<i64, Error> {
    let count = store::count_open(app.db.read()).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}
