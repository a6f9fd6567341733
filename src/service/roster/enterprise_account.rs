//! The account of an enterprise: one person puts it down, another confirms it. Until then nothing
//! is paid to it; from then on it is a fact, and the one before stays known until the day before.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::account::{Owner, Read, last_four};
use super::filing::put_down;
use super::{AccountChanged, NewAccount, enterprise_name};
use crate::app::App;
use crate::domain::period::Period;
use crate::domain::registry::{BankAccount, EnterpriseAccount, Stated};
use crate::domain::roster::{Action, enterprise_holder_matches, replace_from};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid};
use crate::store::account_filing::{self as store, Whose};
use crate::store::db::Tx;
use crate::store::fact::{self, Versions};
use crate::store::roster::{self, EnterpriseFacts};
use crate::vault::{kind, place};

/// Puts down the account to which an enterprise is paid back what it advanced, from `new.from` on,
/// once another person has confirmed it. The enterprise files its own; an office files for those
/// in its scope, listed or not.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for an enterprise outside the actor's scope;
/// [`Error::Invalid`] with the field names of [`NewAccount`]; [`Error::Refused`] when it is the same
/// account or another one waits.
pub async fn file_enterprise_account(
    app: &App,
    actor: &Actor,
    uscc: &str,
    new: &NewAccount,
) -> Result<AccountChanged, Error> {
    actor.must_be_able(Action::ChangeAccount)?;
    let today = app.clock.today();
    let read = Read::new(new, today, Owner::Enterprise)?;
    let tx = app.db.begin().await?;
    let (enterprise_id, facts) = lock(&tx, actor, uscc, today).await?;
    let name = enterprise_name(Some(&facts), today);
    if !enterprise_holder_matches(&new.account_name, &name) {
        let text = format!("户名与企业名称（{name}）不一致，单位账户须以本企业名义开立");
        return Err(Error::Invalid(vec![invalid("account_name", text)]));
    }
    let (number, reason) = (read.number.as_str(), new.reason.trim());
    let account_index = app.vault.index(kind::ACCOUNT, number);
    if reason.is_empty() && store::is_anothers(&tx, &account_index, enterprise_id).await? {
        let text = "该账号已登记在其他单位或个人名下，请核对；确属共用的请写明原因";
        return Err(Error::Invalid(vec![invalid("account_number", text)]));
    }
    let account = BankAccount {
        // Written as in the registry, so that the bank gets one spelling.
        account_name: name,
        account_index,
        account_cipher: app.vault.seal(place::ACCOUNT_FILING, number.as_bytes())?,
        last_four: last_four(number),
        bank_name: new.bank_name.trim().to_owned(),
        cnaps: read.cnaps.as_str().to_owned(),
    };
    // The same account again is refused now, not when somebody else looks at it.
    replace_from(&held(&tx, enterprise_id).await?.1, &account, new.from)?;
    let last_four = account.last_four.clone();
    let owner = (Whose::Enterprise(enterprise_id), ("enterprise", facts.uscc.as_str()));
    let words = (new.document_no.trim(), reason);
    let filing = put_down(app, &tx, actor, owner, (account, new.from, words)).await?;
    tx.commit().await?;
    Ok(AccountChanged { last_four, warning: None, filing: Some(filing) })
}

/// States the account; gives its document.
///
/// # Errors
/// [`Error::Refused`] when the enterprise has another name by now.
pub(super) async fn take_effect(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (enterprise_id, facts): (i64, &EnterpriseFacts),
    (account, from, (document_no, reason)): (BankAccount, NaiveDate, (&str, &str)),
) -> Result<i64, Error> {
    let name = enterprise_name(Some(facts), app.clock.today());
    if account.account_name != name {
        let text = format!("企业现名称为{name}，与填报的户名不一致，请退回后重新填报");
        return Err(Error::Refused(text));
    }
    let (held, plain) = held(tx, enterprise_id).await?;
    let change = replace_from(&plain, &account, from)?;
    let document = ("declaration", "单位账户变更");
    let decree = Decree::record(app, tx, actor, document, document_no, reason).await?;
    decree.shorten(tx, &held, &change.replaced).await?;
    let period = Period { from, through: None };
    let stated =
        decree.states(enterprise_id, period, EnterpriseAccount::from(account), change.corrects);
    fact::state(tx, vec![stated]).await?;
    Ok(decree.source_id)
}

/// The accounts on record, as they are stored and as rules look at them.
async fn held(
    tx: &Tx,
    enterprise_id: i64,
) -> Result<(Vec<Stated<EnterpriseAccount>>, Vec<Stated<BankAccount>>), Error> {
    let held = fact::facts_of::<EnterpriseAccount>(tx, enterprise_id, Versions::Live).await?;
    let plain = held.iter().cloned().map(|stated| stated.map(BankAccount::from)).collect();
    Ok((held, plain))
}

/// The enterprise within the actor's scope, locked: of two who file or decide at once, one waits.
async fn lock(
    tx: &Tx,
    actor: &Actor,
    uscc: &str,
    today: NaiveDate,
) -> Result<(i64, EnterpriseFacts), Error> {
    let missing = || Error::NotFound("这家企业");
    let anchor = roster::lock_enterprise(tx, uscc.trim()).await?.ok_or_else(missing)?;
    Ok((anchor.id, facts_of(tx, actor, anchor.id, today).await?))
}

/// The same by identity.
pub(super) async fn lock_by_id(
    tx: &Tx,
    actor: &Actor,
    id: i64,
    today: NaiveDate,
) -> Result<EnterpriseFacts, Error> {
    roster::lock_enterprise_id(tx, id).await?;
    facts_of(tx, actor, id, today).await
}

async fn facts_of(
    tx: &Tx,
    actor: &Actor,
    id: i64,
    today: NaiveDate,
) -> Result<EnterpriseFacts, Error> {
    let facts = roster::enterprises(tx, &BTreeSet::from([id])).await?.remove(&id);
    let facts = facts.filter(|facts| actor.covers(id, facts, today));
    facts.ok_or(Error::NotFound("这家企业"))
}
