//! Reading and verifying the audit chains, and sealing them.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::heads::{self, Standing};
use super::{Actor, Error};
use crate::app::App;
use crate::clock::china_day_start;
use crate::domain::authority::{Act, LogOf, Role};
use crate::domain::registry::Code;
use crate::domain::{chain, head_line};
use crate::store::audit::{self, Break, Verification};
use crate::store::audit_log::{self, AuditEvent, Roles, Wanted};
use crate::store::db::Connection;
use crate::store::{account, account_list};

/// Rows of one page of the log.
pub const PAGE: u64 = 50;
/// Seals shown beside a verification.
const SEALS: u64 = 30;
/// A verification reads every event: one at a time.
static VERIFYING: Semaphore = Semaphore::const_new(1);

/// Which events are wanted; empty texts and `None` ask for nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of a sign-in name or of a person's name.
    pub who: String,
    /// Verb.
    pub action: String,
    /// Official number of an object.
    pub object: String,
    /// First day in China.
    pub from: Option<NaiveDate>,
    /// Last day in China, inclusive.
    pub until: Option<NaiveDate>,
}

/// One event as people read it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Position in the chain of the organisation.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Sign-in name; empty for a name that does not exist.
    pub login: String,
    /// Name of the person today.
    pub name: String,
    /// Role at the time, in Chinese.
    pub role: String,
    /// Organisation of the chain.
    pub organisation: String,
    /// Verb.
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// Official number of the object.
    pub object_no: String,
    /// Further facts, masked.
    pub detail: Value,
    /// Network address.
    pub address: String,
}

/// A page of the log.
#[derive(Debug, Clone)]
pub struct Log {
    /// Events that match.
    pub total: u64,
    /// Those of the page, the last one first.
    pub lines: Vec<Line>,
    /// All verbs that occur in the log.
    pub actions: Vec<String>,
    /// Events in all chains together.
    pub records: i64,
    /// When the chains were last sealed, and whether that left the machine.
    pub heads: Standing,
}

/// The events that match `filter` and that the actor may read, from `offset`: each of the
/// administrators reads about others ([`Role::reads_log_of`]).
///
/// # Errors
/// [`Error::Forbidden`] for everybody but those who read the log.
pub async fn list(app: &App, actor: &Actor, filter: &Filter, offset: u64) -> Result<Log, Error> {
    actor.must(Act::ReadLog)?;
    let conn = app.db.read();
    let who = filter.who.trim();
    let mut logins = Vec::new();
    if !who.is_empty() {
        let (_, found) = account_list::page(conn, who, 0, PAGE).await?;
        logins = found.into_iter().map(|full| full.account.login).collect();
        logins.push(who.to_owned());
    }
    let wanted = Wanted {
        logins,
        action: filter.action.trim().to_owned(),
        object_no: filter.object.trim().to_owned(),
        from: filter.from.map(china_day_start),
        until: filter.until.map(|day| china_day_start(day) + Duration::days(1)),
        roles: match actor.role.reads_log_of() {
            LogOf::AllBut(roles) => Roles::AllBut(codes(roles)),
            LogOf::Only(roles) => Roles::Only(codes(roles)),
        },
    };
    let (total, events) = audit_log::page(conn, &wanted, offset, PAGE).await?;
    let ends = audit_log::heads(conn).await?;
    Ok(Log {
        total,
        lines: lines(app, events).await?,
        actions: audit_log::actions(conn).await?,
        records: ends.iter().map(|end| end.seq).sum(),
        heads: heads::look(app).await?,
    })
}

fn codes(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.code()).collect()
}

async fn lines(app: &App, events: Vec<AuditEvent>) -> Result<Vec<Line>, Error> {
    let conn = app.db.read();
    let logins: Vec<&str> = events.iter().map(|event| event.login.as_str()).collect();
    let accounts = account_list::by_logins(conn, &logins).await?;
    let offices = account::organisations(conn).await?;
    let line = |event: AuditEvent| {
        let person = accounts.iter().find(|full| full.account.login == event.login);
        let office = offices.iter().find(|office| office.id == event.organisation_id);
        Line {
            name: person.map_or_else(String::new, |full| full.holder.name.clone()),
            organisation: office.map_or_else(String::new, |office| office.name.clone()),
            role: Role::from_code(&event.role)
                .map_or(event.role.clone(), |role| role.label().to_owned()),
            detail: serde_json::from_str(&event.detail).unwrap_or(Value::Null),
            seq: event.seq,
            at: event.at,
            login: event.login,
            action: event.action,
            object_kind: event.object_kind,
            object_no: event.object_no,
            address: event.address,
        }
    };
    Ok(events.into_iter().map(line).collect())
}

/// How a chain fails to be what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// A row was changed, removed, inserted or moved.
    Changed,
    /// Its end is gone.
    Cut,
    /// It holds in itself but is not what was sealed, somewhere up to this sequence number.
    Rewritten(i64),
    /// Looks at records are not those that a seal took along; the number is the seal's.
    Looks,
}

/// What a verification says about one chain.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Organisation.
    pub organisation: String,
    /// Events checked.
    pub records: i64,
    /// First sequence number that does not hold, and how.
    pub first_bad: Option<(i64, Harm)>,
    /// Hash at the end of the chain.
    pub head: String,
}

/// A seal over all chains.
#[derive(Debug, Clone)]
pub struct Seal {
    /// Number.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Events that it covers.
    pub records: i64,
    /// Its hash.
    pub hash: String,
    /// Whether it holds.
    pub holds: bool,
}

/// The whole verification.
#[derive(Debug, Clone)]
pub struct Verified {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Every chain, then the looks at records that seals cover.
    pub chains: Vec<Chain>,
    /// The last seals, the last one first.
    pub seals: Vec<Seal>,
    /// The first seal that does not hold.
    pub bad_seal: Option<i64>,
    /// Lines of the file of signed heads that were held against the database.
    pub exported: usize,
    /// What is wrong with that file.
    pub file_fault: Option<String>,
    /// Whether everything holds.
    pub is_whole: bool,
}

/// Recomputes every chain and every seal, and holds them against the heads that were exported.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but auditors.
pub async fn verify(app: &App, actor: &Actor) -> Result<Verified, Error> {
    actor.must(Act::VerifyLog)?;
    let _turn = VERIFYING.acquire().await.map_err(|e| Error::Internal(e.to_string()))?;
    let file = heads::checked(app).await;
    let conn = &app.db.begin_snapshot().await?;
    let mut found = audit::verify(conn).await?;
    let (exported, file_fault) = match file {
        None => (0, None),
        Some(Err(fault)) => (0, Some(fault)),
        Some(Ok(file)) => {
            audit::against(conn, &file.lines, &mut found).await?;
            (file.lines.len(), None)
        }
    };
    let bad_seal = found.breaks.iter().find_map(|b| match b {
        Break::Seal { seq } => Some(*seq),
        _ => None,
    });
    let seal = |row: audit_log::AuditSeal| Seal {
        records: head_line::events(&chain::heads(&row.heads).unwrap_or_default()),
        holds: bad_seal.is_none_or(|bad| row.seq < bad),
        seq: row.seq,
        at: row.at,
        hash: row.hash,
    };
    Ok(Verified {
        at: app.clock.now(),
        chains: chains(conn, &found).await?,
        seals: audit_log::seals(conn, SEALS).await?.into_iter().map(seal).collect(),
        bad_seal,
        exported,
        is_whole: found.breaks.is_empty() && file_fault.is_none(),
        file_fault,
    })
}

async fn chains(conn: &impl Connection, found: &Verification) -> Result<Vec<Chain>, Error> {
    let offices = account::organisations(conn).await?;
    let ends = audit_log::heads(conn).await?;
    let chain = |(id, records): &(i64, i64)| {
        let bad = found.breaks.iter().filter(|b| b.link().is_some_and(|(chain, _)| chain == *id));
        let bad = bad.filter_map(|b| {
            let harm = match b {
                Break::Cut { .. } => Harm::Cut,
                Break::Rewritten { through, .. } => Harm::Rewritten(*through),
                Break::Link { .. } | Break::Seal { .. } | Break::Views { .. } => Harm::Changed,
            };
            Some((b.link()?.1, harm))
        });
        let office = offices.iter().find(|office| office.id == *id);
        let end = ends.iter().find(|end| end.organisation_id == *id);
        Chain {
            organisation: office.map_or_else(|| format!("机构 {id}"), |o| o.name.clone()),
            records: *records,
            first_bad: bad.min_by_key(|(seq, _)| *seq),
            head: end.map_or_else(String::new, |end| end.hash.clone()),
        }
    };
    let mut chains: Vec<Chain> = found.chains.iter().map(chain).collect();
    let bad_looks = found.breaks.iter().find_map(|b| match b {
        Break::Views { seal } => Some((*seal, Harm::Looks)),
        _ => None,
    });
    if found.looks > 0 || bad_looks.is_some() {
        chains.push(Chain {
            organisation: "查看档案记录（谁看过谁）".to_owned(),
            records: found.looks,
            first_bad: bad_looks,
            head: String::new(),
        });
    }
    Ok(chains)
}

/// Seals all chains together. Returns whether any of them had grown; a new installation has none.
///
/// # Errors
/// When the database refuses.
pub async fn seal(app: &App) -> Result<bool, Error> {
    let tx = app.db.begin().await?;
    if audit_log::heads(&tx).await?.is_empty() {
        return Ok(false);
    }
    let grown = audit::seal(&tx, app.clock.now()).await?;
    tx.commit().await?;
    Ok(grown)
}
