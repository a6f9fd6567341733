//! The account of an enterprise: one person puts it down, another confirms it. Until then nothing
//! is paid to it; from then on it is a fact, and the one before stays known until the day before.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::json;

use super::account::{Owner, Read, last_four};
use super::{AccountChanged, NewAccount, enterprise_name};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::registry::{BankAccount, EnterpriseAccount, Stated};
use crate::domain::roster::{Action, enterprise_holder_matches, replace_from};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};
use crate::store::db::Tx;
use crate::store::enterprise_account::{self as store, Filing, NewFiling};
use crate::store::fact::{self, Versions};
use crate::store::roster::{self, EnterpriseFacts};
use crate::vault::{kind, place};

const OPEN: &str = "该企业已有一项单位账户待确认，请先确认或退回";

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
    if store::open_of(&tx, enterprise_id).await?.is_some() {
        return Err(Error::Refused(OPEN.to_owned()));
    }
    let last_four = last_four(number);
    let account = BankAccount {
        // Written as in the registry, so that the bank gets one spelling.
        account_name: name,
        account_index,
        account_cipher: app.vault.seal(place::ACCOUNT_FILING, number.as_bytes())?,
        last_four: last_four.clone(),
        bank_name: new.bank_name.trim().to_owned(),
        cnaps: read.cnaps.as_str().to_owned(),
    };
    // The same account again is refused now, not when somebody else looks at it.
    replace_from(&held(&tx, enterprise_id).await?.1, &account, new.from)?;
    let filing = NewFiling {
        enterprise_id,
        account,
        from: new.from,
        document_no: new.document_no.trim(),
        reason,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    let no = store::file(&tx, filing).await?;
    let detail = json!({
        "filing": no, "from": new.from, "last_four": last_four, "bank": read.cnaps.bank(),
        "document_no": new.document_no.trim(),
    });
    let object = ("enterprise", facts.uscc.as_str());
    log(app, &tx, actor, "enterprise_account.filed", object, &detail).await?;
    tx.commit().await?;
    Ok(AccountChanged { last_four, warning: None })
}

/// Confirms the account that waits for an enterprise, or sends it back; whoever put it down may
/// only take it back. A confirmed one is paid to from its first day on, after the days that any
/// changed account rests.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for an enterprise outside the actor's scope;
/// [`Error::Refused`] for one's own and when the enterprise has another name by now;
/// [`Error::Stale`] when somebody decided it first; [`Error::Invalid`] (`note`) when it is sent back
/// without a reason.
pub async fn decide_enterprise_account(
    app: &App,
    actor: &Actor,
    (uscc, filing_no): (&str, &str),
    accept: bool,
    note: &str,
) -> Result<(), Error> {
    if !actor.role.may(Act::ConfirmAccounts) {
        actor.must_be_able(Action::ChangeAccount)?;
    }
    let (today, note) = (app.clock.today(), note.trim());
    let tx = app.db.begin().await?;
    let (enterprise_id, facts) = lock(&tx, actor, uscc, today).await?;
    let open = store::open_of(&tx, enterprise_id).await?;
    let open = open
        .filter(|open| open.filing_no == filing_no)
        .ok_or_else(|| Error::Stale("这项单位账户已由他人办理，请刷新页面后再看".to_owned()))?;
    let is_own = open.filed_holder == actor.holder_id;
    if accept && is_own {
        return Err(Error::Refused("您填报的单位账户须由另一人确认".to_owned()));
    }
    if !is_own {
        actor.must(Act::ConfirmAccounts)?;
    }
    if !accept && note.is_empty() {
        return Err(Error::Invalid(vec![invalid("note", "退回时请写明原因")]));
    }
    let source_id = if accept {
        let name = enterprise_name(Some(&facts), today);
        if open.account_name != name {
            let text = format!("企业现名称为{name}，与填报的户名不一致，请退回后重新填报");
            return Err(Error::Refused(text));
        }
        Some(take_effect(app, &tx, actor, &open).await?)
    } else {
        None
    };
    let by = (actor.account_id, actor.holder_id);
    store::decide(&tx, open.id, by, (accept, note, source_id), app.clock.now()).await?;
    let action = if accept { "enterprise_account.confirmed" } else { "enterprise_account.refused" };
    let detail = json!({ "filing": filing_no, "last_four": open.last_four, "note": note });
    log(app, &tx, actor, action, ("enterprise", &facts.uscc), &detail).await?;
    Ok(tx.commit().await?)
}

/// States the account; gives its document.
async fn take_effect(app: &App, tx: &Tx, actor: &Actor, open: &Filing) -> Result<i64, Error> {
    let number = app.vault.open_text(place::ACCOUNT_FILING, &open.account_cipher)?;
    if app.vault.index(kind::ACCOUNT, &number) != open.account_index {
        let text = "单位账户的密文与登记的索引不符，已停止办理，请通知审计人员核查";
        return Err(Error::Refused(text.to_owned()));
    }
    let account = EnterpriseAccount {
        account_name: open.account_name.clone(),
        account_index: open.account_index.clone(),
        account_cipher: app.vault.seal(place::ACCOUNT, number.as_bytes())?,
        last_four: open.last_four.clone(),
        bank_name: open.bank_name.clone(),
        cnaps: open.cnaps.clone(),
    };
    let (held, plain) = held(tx, open.enterprise_id).await?;
    let change = replace_from(&plain, &BankAccount::from(account.clone()), open.from_day)?;
    let document = ("declaration", "单位账户变更");
    let decree = Decree::record(app, tx, actor, document, &open.document_no, &open.reason).await?;
    decree.shorten(tx, &held, &change.replaced).await?;
    let period = Period { from: open.from_day, through: None };
    let stated = decree.states(open.enterprise_id, period, account, change.corrects);
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
    let facts = roster::enterprises(tx, &BTreeSet::from([anchor.id])).await?.remove(&anchor.id);
    let facts = facts.filter(|facts| actor.covers(anchor.id, facts, today)).ok_or_else(missing)?;
    Ok((anchor.id, facts))
}
