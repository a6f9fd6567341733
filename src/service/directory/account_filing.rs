//! Accounts that one person put down and another looks at, as pages show them: masked.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::registry::{BankAccount, EnterpriseAccount, Stated};
use crate::domain::roster::current;
use crate::service::{Actor, Error};
use crate::store::account_filing::{self as store, Filing, Whose, whose};
use crate::store::batch_view::holder_names;
use crate::store::directory;
use crate::store::fact::{self, Versions};

/// Filings of one page.
pub const FILINGS_A_PAGE: u64 = 50;

/// An account that is or was to be paid to; only the end of its number is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedAccount {
    /// Name of the holder at the bank.
    pub account_name: String,
    /// Last four characters of the number.
    pub last_four: String,
    /// Bank.
    pub bank_name: String,
    /// Bank code.
    pub cnaps: String,
    /// First day on which it is paid to.
    pub from: NaiveDate,
}

impl MaskedAccount {
    fn of(stated: &Stated<BankAccount>) -> Self {
        Self {
            account_name: stated.fact.account_name.clone(),
            last_four: stated.fact.last_four.clone(),
            bank_name: stated.fact.bank_name.clone(),
            cnaps: stated.fact.cnaps.clone(),
            from: stated.period.from,
        }
    }
}

/// An account as somebody put it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFiling {
    /// Official number.
    pub no: String,
    /// The account.
    pub account: MaskedAccount,
    /// Number of the document; may be empty.
    pub document_no: String,
    /// Why; may be empty.
    pub reason: String,
    /// Whether an import brought it.
    pub imported: bool,
    /// Who put it down, and when.
    pub filed: (String, DateTime<Utc>),
    /// Who decided it, when, whether it holds, and the remark; `None` while it waits.
    pub decided: Option<(String, DateTime<Utc>, bool, String)>,
    /// Whether the reader put it down.
    pub is_own: bool,
    /// Whether the reader may confirm it or send it back now.
    pub may_confirm: bool,
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOwner {
    /// Whether it is a person.
    pub is_person: bool,
    /// Official number of the person, code of the enterprise.
    pub no: String,
    /// Name today.
    pub name: String,
}

/// A filing with its owner and the account that is paid to until it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedFiling {
    /// Whose.
    pub owner: AccountOwner,
    /// The filing.
    pub filing: AccountFiling,
    /// The account in force today.
    pub now: Option<MaskedAccount>,
}

/// Whether the reader sees filings at all: those who put them down, confirm them or audit.
fn must_read(actor: &Actor) -> Result<(), Error> {
    let any = [Act::ConfirmAccounts, Act::FileEngineers, Act::CorrectFacts, Act::ReadAudit];
    if any.iter().any(|act| actor.role.may(*act)) {
        return Ok(());
    }
    actor.must(Act::ConfirmAccounts)
}

/// Filings in the actor's scope that wait, the oldest first, or those that were decided, the latest
/// first; [`FILINGS_A_PAGE`] from `offset`, and how many there are.
///
/// # Errors
/// [`Error::Forbidden`] for those who have nothing to do with accounts.
pub async fn account_filings(
    app: &App,
    actor: &Actor,
    waiting: bool,
    offset: u64,
) -> Result<(u64, Vec<OwnedFiling>), Error> {
    must_read(actor)?;
    let read = app.db.read();
    let piece = (offset, FILINGS_A_PAGE);
    let (total, rows) = store::page(read, &actor.scope, waiting, piece).await?;
    Ok((total, owned(app, actor, rows).await?))
}

/// One filing by its official number.
///
/// # Errors
/// As [`account_filings`]; [`Error::NotFound`] outside the actor's scope.
pub async fn account_filing(app: &App, actor: &Actor, no: &str) -> Result<OwnedFiling, Error> {
    must_read(actor)?;
    let row = store::by_no(app.db.read(), &actor.scope, no).await?;
    let missing = || Error::NotFound("这项账户");
    owned(app, actor, vec![row.ok_or_else(missing)?]).await?.pop().ok_or_else(missing)
}

async fn owned(app: &App, actor: &Actor, rows: Vec<Filing>) -> Result<Vec<OwnedFiling>, Error> {
    let names = people(app, &rows).await?;
    let persons: Vec<i64> = rows.iter().filter_map(|row| row.person_id).collect();
    let enterprises: Vec<i64> = rows.iter().filter_map(|row| row.enterprise_id).collect();
    let owners = owners(app, (&persons, &enterprises)).await?;
    let now = accounts_in_force(app, (&persons, &enterprises)).await?;
    let line = |row: Filing| {
        let whose = whose(&row)?;
        let owner = owners.get(&whose).cloned();
        Ok(OwnedFiling {
            owner: owner
                .ok_or_else(|| Error::Internal(format!("owner of filing {}", row.filing_no)))?,
            now: now.get(&whose).cloned(),
            filing: filing(row, &names, Some(actor)),
        })
    };
    rows.into_iter().map(line).collect()
}

/// Names of those who put accounts down or decided them.
async fn people(app: &App, rows: &[Filing]) -> Result<BTreeMap<i64, String>, Error> {
    let people = rows.iter().flat_map(|row| [Some(row.filed_holder), row.decided_holder]);
    Ok(holder_names(app.db.read(), people.flatten().collect::<Vec<_>>()).await?)
}

pub(in crate::service) async fn owners(
    app: &App,
    (persons, enterprises): (&[i64], &[i64]),
) -> Result<HashMap<Whose, AccountOwner>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let mut owners = HashMap::new();
    let known = directory::numbers_and_names(read, persons, app.clock.now()).await?;
    for (id, (person, names)) in known {
        let name = current(&names, today).map(|stated| stated.fact.name.clone());
        let name = name.unwrap_or_default();
        owners.insert(Whose::Person(id), AccountOwner { is_person: true, no: person.no, name });
    }
    let files = directory::enterprise_files(read, enterprises, Versions::Live).await?;
    for (id, file) in files {
        let no = file.key.uscc;
        let name = current(&file.names, today).map(|stated| stated.fact.name.clone());
        let name = name.unwrap_or_default();
        owners.insert(Whose::Enterprise(id), AccountOwner { is_person: false, no, name });
    }
    Ok(owners)
}

/// The accounts that are paid to today.
async fn accounts_in_force(
    app: &App,
    (persons, enterprises): (&[i64], &[i64]),
) -> Result<HashMap<Whose, MaskedAccount>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let mut found = HashMap::new();
    for (id, held) in fact::facts_among::<BankAccount>(read, persons, Versions::Live).await? {
        let now = held.iter().find(|stated| stated.period.covers(today));
        found.extend(now.map(|stated| (Whose::Person(id), MaskedAccount::of(stated))));
    }
    let held = fact::facts_among::<EnterpriseAccount>(read, enterprises, Versions::Live).await?;
    for (id, held) in held {
        let now = held.into_iter().find(|stated| stated.period.covers(today));
        let now = now.map(|stated| MaskedAccount::of(&stated.map(BankAccount::from)));
        found.extend(now.map(|account| (Whose::Enterprise(id), account)));
    }
    Ok(found)
}

/// As `reader` sees it; the person it is about decides nothing.
pub(super) fn filing(
    row: Filing,
    names: &BTreeMap<i64, String>,
    reader: Option<&Actor>,
) -> AccountFiling {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let decided = row.decided_holder.zip(row.decided_at);
    let is_own = reader.is_some_and(|actor| row.filed_holder == actor.holder_id);
    let confirms = reader.is_some_and(|actor| actor.role.may(Act::ConfirmAccounts));
    AccountFiling {
        may_confirm: decided.is_none() && !is_own && confirms,
        decided: decided.map(|(by, at)| (name(by), at, row.accepted == Some(true), row.note)),
        filed: (name(row.filed_holder), row.filed_at),
        account: MaskedAccount {
            account_name: row.account_name,
            last_four: row.last_four,
            bank_name: row.bank_name,
            cnaps: row.cnaps,
            from: row.from_day,
        },
        imported: row.brought_by.is_some(),
        no: row.filing_no,
        document_no: row.document_no,
        reason: row.reason,
        is_own,
    }
}

/// The change of a person's account that waits, or the one confirmed last: told to the person.
///
/// # Errors
/// When the database fails.
pub(super) async fn account_change(
    app: &App,
    person_id: i64,
) -> Result<Option<AccountFiling>, Error> {
    let mut rows = store::all_of(app.db.read(), Whose::Person(person_id)).await?;
    rows.retain(|row| row.accepted != Some(false));
    rows.truncate(1);
    let names = people(app, &rows).await?;
    Ok(rows.pop().map(|row| filing(row, &names, None)))
}
