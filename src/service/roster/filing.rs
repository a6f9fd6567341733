//! An account that waits for another person: put down by one, confirmed or sent back by another.

use chrono::NaiveDate;
use serde_json::json;

use super::{OwnPerson, account, enterprise_account};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::registry::BankAccount;
use crate::domain::roster::Action;
use crate::service::proposal::judged;
use crate::service::{Actor, Error, log};
use crate::store::account_filing::{self as store, Filing, NewFiling, Whose, whose};
use crate::store::db::Tx;
use crate::store::roster::EnterpriseFacts;
use crate::vault::{kind, place};

/// Puts an account down whose number is sealed for filings; its official number. The owner is
/// locked. `object` is what the log names.
pub(super) async fn put_down(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (whose, object): (Whose, (&str, &str)),
    (account, from, (document_no, reason)): (BankAccount, NaiveDate, (&str, &str)),
) -> Result<String, Error> {
    if store::open_of(tx, whose).await?.is_some() {
        return Err(Error::Refused("已有一项账户待确认，请先确认或退回".to_owned()));
    }
    let (last_four, bank) = (account.last_four.clone(), account.bank_name.clone());
    let new = NewFiling {
        whose,
        account,
        from,
        document_no,
        reason,
        brought_by: None,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    let no = store::file(tx, vec![new]).await?.pop();
    let no = no.ok_or_else(|| Error::Internal("an account was not put down".to_owned()))?;
    let detail = json!({
        "filing": no, "from": from, "last_four": last_four, "bank": bank,
        "document_no": document_no,
    });
    let [filed, ..] = verbs(whose);
    log(app, tx, actor, filed, object, &detail).await?;
    Ok(no)
}

/// What the log calls it.
const fn verbs(whose: Whose) -> [&'static str; 3] {
    match whose {
        Whose::Person(_) => {
            ["bank_account.filed", "bank_account.confirmed", "bank_account.refused"]
        }
        Whose::Enterprise(_) => [
            "enterprise_account.filed",
            "enterprise_account.confirmed",
            "enterprise_account.refused",
        ],
    }
}

/// The owner of a filing, locked: of two who decide at once, one waits.
enum Locked {
    Person(Box<OwnPerson>),
    Enterprise(i64, EnterpriseFacts),
}

impl Locked {
    async fn of(app: &App, tx: &Tx, actor: &Actor, filing: &Filing) -> Result<Self, Error> {
        let today = app.clock.today();
        Ok(match whose(filing)? {
            Whose::Person(id) => {
                Self::Person(Box::new(OwnPerson::lock(tx, actor, id, today).await?))
            }
            Whose::Enterprise(id) => {
                let facts = enterprise_account::lock_by_id(tx, actor, id, today).await?;
                Self::Enterprise(id, facts)
            }
        })
    }

    fn object(&self) -> (&'static str, &str) {
        match self {
            Self::Person(person) => ("engineer", &person.facts.person_no),
            Self::Enterprise(_, facts) => ("enterprise", &facts.uscc),
        }
    }
}

/// Confirms an account that waits, or sends it back; whoever put it down may only take it back. A
/// confirmed one is paid to from its first day on, after the days that any changed account rests.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for a person or an enterprise outside the actor's
/// scope; [`Error::Refused`] for one's own, at a former employer, and when the owner has another name by now;
/// [`Error::Stale`] when somebody decided it first; [`Error::Invalid`] (`note`) when it is sent back
/// without a reason.
pub async fn decide_account(
    app: &App,
    actor: &Actor,
    no: &str,
    (accept, note): (bool, &str),
) -> Result<(), Error> {
    if !actor.role.may(Act::ConfirmAccounts) {
        actor.must_be_able(Action::ChangeAccount)?;
    }
    let tx = app.db.begin().await?;
    let missing = || Error::NotFound("这项账户");
    let found = store::by_no(&tx, &actor.scope, no).await?.ok_or_else(missing)?;
    let locked = Locked::of(app, &tx, actor, &found).await?;
    // Read again: until the lock was held somebody could still decide it.
    let filing = store::by_no(&tx, &actor.scope, no).await?.ok_or_else(missing)?;
    let is_own = filing.filed_holder == actor.holder_id;
    if !is_own {
        actor.must(Act::ConfirmAccounts)?;
    }
    if let Locked::Person(person) = &locked {
        account::must_answer_for(actor, person, app.clock.today())?;
    }
    // Whoever put it down may take it back.
    let proposed_by = if accept { filing.filed_holder } else { 0 };
    let state = (filing.decided_at.is_some(), proposed_by);
    let note = judged(actor, state, (accept, note), ("这项账户", "账户"))?;
    let source_id =
        if accept { Some(stated(app, &tx, actor, (&locked, &filing)).await?) } else { None };
    let by = (actor.account_id, actor.holder_id);
    store::decide(&tx, filing.id, by, (accept, &note, source_id), app.clock.now()).await?;
    let [_, confirmed, refused] = verbs(whose(&filing)?);
    let verb = if accept { confirmed } else { refused };
    let detail = json!({ "filing": no, "last_four": filing.last_four, "note": note });
    log(app, &tx, actor, verb, locked.object(), &detail).await?;
    Ok(tx.commit().await?)
}

/// States the account that was put down; gives its document.
async fn stated(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (locked, filing): (&Locked, &Filing),
) -> Result<i64, Error> {
    let number = app.vault.open_text(place::ACCOUNT_FILING, &filing.account_cipher)?;
    if app.vault.index(kind::ACCOUNT, &number) != filing.account_index {
        let text = "账户的密文与登记的索引不符，已停止办理，请通知审计人员核查";
        return Err(Error::Refused(text.to_owned()));
    }
    let account = BankAccount {
        account_name: filing.account_name.clone(),
        account_index: filing.account_index.clone(),
        account_cipher: app.vault.seal(place::ACCOUNT, number.as_bytes())?,
        last_four: filing.last_four.clone(),
        bank_name: filing.bank_name.clone(),
        cnaps: filing.cnaps.clone(),
    };
    let new = (account, filing.from_day, (filing.document_no.as_str(), filing.reason.as_str()));
    match locked {
        Locked::Person(person) => account::take_effect(app, tx, actor, person, new).await,
        Locked::Enterprise(id, facts) => {
            enterprise_account::take_effect(app, tx, actor, (*id, facts), new).await
        }
    }
}

/// Takes back what an import had put down and nobody has decided, for the import is withdrawn.
///
/// # Errors
/// When the database refuses.
pub(in crate::service) async fn withdraw_of_import(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    source_id: i64,
) -> Result<(), Error> {
    let by = (actor.account_id, actor.holder_id);
    for filing in store::open_of_import(tx, source_id).await? {
        let decision = (false, "导入已撤销", None);
        store::decide(tx, filing.id, by, decision, app.clock.now()).await?;
    }
    Ok(())
}
