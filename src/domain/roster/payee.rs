//! The account a person or an enterprise is paid to.

use chrono::NaiveDate;

use super::super::identity::{PersonName, compact};
use super::super::registry::{BankAccount, Stated};
use super::Refusal;
use super::departure::{Shortened, shorten};

/// What happens to the accounts that are on record when another one takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// Accounts that end, or that the new one replaces altogether.
    pub replaced: Vec<Shortened>,
    /// The version that the new one corrects: the account that held on its first day.
    pub corrects: Option<i64>,
}

/// Lets an account take over from `from` on, for ever: what held before stays known until the day
/// before, what was to begin later falls away.
///
/// # Errors
/// When the account that holds that day is the same one.
pub fn replace_from(
    accounts: &[Stated<BankAccount>],
    new: &BankAccount,
    from: NaiveDate,
) -> Result<AccountChange, Refusal> {
    let live = || accounts.iter().filter(|account| account.is_live());
    let holding = live().find(|account| account.period.covers(from));
    if holding.is_some_and(|held| is_same(&held.fact, new) && held.period.through.is_none()) {
        return Err(Refusal::SameAccount);
    }
    let replaced = match from.pred_opt() {
        Some(before) => {
            live().filter_map(|account| shorten(account.id, account.period, before)).collect()
        }
        None => live().map(|account| Shortened { id: account.id, period: None }).collect(),
    };
    Ok(AccountChange { replaced, corrects: holding.map(|held| held.id) })
}

/// Whether an account would take the place of another number than the one paid to on a day, or to
/// which was paid last: then a second person looks at it, for it sends money elsewhere.
pub fn replaces_number(
    accounts: &[Stated<BankAccount>],
    account_index: &str,
    on: NaiveDate,
) -> bool {
    let live = || accounts.iter().filter(|account| account.is_live());
    let held = live().find(|account| account.period.covers(on));
    let last = held.or_else(|| live().max_by_key(|account| account.period.from));
    last.is_some_and(|account| account.fact.account_index != account_index)
}

fn is_same(one: &BankAccount, other: &BankAccount) -> bool {
    one.account_index == other.account_index
        && one.account_name == other.account_name
        && one.bank_name == other.bank_name
        && one.cnaps == other.cnaps
}

/// Whether an account's name is the person's, however dots and blanks are written.
pub fn holder_matches(account_name: &str, person_name: &str) -> bool {
    let read = |text: &str| PersonName::parse(text).ok().map(|name| name.value);
    read(account_name).is_some_and(|name| Some(name) == read(person_name))
}

/// Whether an account's name is the enterprise's: brackets of any width, blanks and hyphens aside.
pub fn enterprise_holder_matches(account_name: &str, enterprise_name: &str) -> bool {
    let read = compact(account_name);
    !read.is_empty() && read == compact(enterprise_name)
}
