//! The account of an enterprise as pages show it, masked: what is paid to, what waits, what was.

use super::account_filing::{AccountFiling, MaskedAccount, filing};
use super::facts::{FactLine, InWords, sign};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::payment::{Ineligible, payee};
use crate::domain::registry::{BankAccount, EnterpriseAccount, Stated};
use crate::domain::roster::{Action, current};
use crate::service::{Actor, Error, calendar};
use crate::store::account_filing::{self as filings, Whose};
use crate::store::batch_view::holder_names;
use crate::store::directory as store;
use crate::store::fact::{self, Versions};

/// The page of an enterprise's account.
#[derive(Debug, Clone)]
pub struct EnterpriseAccounts {
    /// Name of the enterprise today.
    pub name: String,
    /// Its code.
    pub uscc: String,
    /// The account in force today, and why nothing is paid to it yet.
    pub account: Option<(MaskedAccount, Option<Ineligible>)>,
    /// The one that waits.
    pub open: Option<AccountFiling>,
    /// Those that were decided, the latest first.
    pub decided: Vec<AccountFiling>,
    /// Every version that the registry holds or held, the last recorded first.
    pub versions: Vec<FactLine>,
    /// Whether the reader may put one down now.
    pub may_file: bool,
}

impl InWords for EnterpriseAccount {
    fn in_words(&self, enterprise: &str) -> String {
        BankAccount::from(self.clone()).in_words(enterprise)
    }
}

/// The account of the enterprise with this code.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::NotFound`] outside the actor's
/// scope, the same as for a code that nobody has.
pub async fn enterprise_accounts(
    app: &App,
    actor: &Actor,
    uscc: &str,
) -> Result<EnterpriseAccounts, Error> {
    actor.must(Act::ReadRegistry)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let missing = || Error::NotFound("这家企业");
    let key = store::enterprise(read, &actor.scope, uscc).await?.ok_or_else(missing)?;
    let mut files = store::enterprise_files(read, &[key.id], Versions::Live).await?;
    let file = files.remove(&key.id).ok_or_else(missing)?;
    let rows = filings::all_of(read, Whose::Enterprise(key.id)).await?;
    let people = rows.iter().flat_map(|row| [Some(row.filed_holder), row.decided_holder]);
    let names = holder_names(read, people.flatten().collect::<Vec<_>>()).await?;
    let lines = rows.into_iter().map(|row| filing(row, &names, Some(actor)));
    let (decided, mut open): (Vec<_>, Vec<_>) = lines.partition(|line| line.decided.is_some());
    let held = fact::facts_of::<EnterpriseAccount>(read, key.id, Versions::All).await?;
    let mut versions: Vec<FactLine> =
        held.iter().map(|s| FactLine::of("单位账户", s.fact.in_words(""), s)).collect();
    sign(&app.db, &mut versions).await?;
    versions.sort_by_key(|line| std::cmp::Reverse((line.recorded_at, line.id)));
    let open = open.pop();
    Ok(EnterpriseAccounts {
        name: current(&file.names, today)
            .map_or_else(|| key.uscc.clone(), |name| name.fact.name.clone()),
        account: in_force(app, held).await?,
        may_file: Action::ChangeAccount.is_open_to(actor.role) && open.is_none(),
        uscc: key.uscc,
        open,
        decided,
        versions,
    })
}

/// Bank and last four characters of the account that is in force today, for the enterprise's page,
/// and whether one waits. The caller has the enterprise from a reader with a scope.
pub(super) async fn summary(
    app: &App,
    enterprise_id: i64,
) -> Result<(Option<(String, String)>, bool), Error> {
    let read = app.db.read();
    let held = fact::facts_of::<EnterpriseAccount>(read, enterprise_id, Versions::Live).await?;
    let today = app.clock.today();
    let now = held.into_iter().find(|account| account.period.covers(today));
    let waits = filings::open_of(read, Whose::Enterprise(enterprise_id)).await?.is_some();
    Ok((now.map(|stated| (stated.fact.bank_name, stated.fact.last_four)), waits))
}

/// The account in force, and why a batch would leave it out.
async fn in_force(
    app: &App,
    held: Vec<Stated<EnterpriseAccount>>,
) -> Result<Option<(MaskedAccount, Option<Ineligible>)>, Error> {
    let today = app.clock.today();
    let versions: Vec<Stated<BankAccount>> =
        held.into_iter().map(|stated| stated.map(BankAccount::from)).collect();
    let standing = payee(&versions, today, &calendar::known(app).await?);
    let why = standing.err();
    let now = versions.iter().find(|account| account.is_live() && account.period.covers(today));
    let masked = |stated: &Stated<BankAccount>| MaskedAccount {
        account_name: stated.fact.account_name.clone(),
        last_four: stated.fact.last_four.clone(),
        bank_name: stated.fact.bank_name.clone(),
        cnaps: stated.fact.cnaps.clone(),
        from: stated.period.from,
    };
    Ok(now.map(|stated| (masked(stated), why)))
}
