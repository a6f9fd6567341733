//! Another account is paid.

use chrono::NaiveDate;
use serde_json::json;

use super::{OwnPerson, document_no_fault, filing};
use crate::app::App;
use crate::domain::identity::{BankAccountNo, Cnaps};
use crate::domain::period::Period;
use crate::domain::registry::BankAccount;
use crate::domain::roster::{Action, holder_matches, replace_from, replaces_number};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};
use crate::store::account_filing::Whose;
use crate::store::db::Tx;
use crate::store::{fact, roster};
use crate::vault::{kind, place};

/// An account as somebody typed it. Not shown by `Debug` in full.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Name of the holder at the bank.
    pub account_name: String,
    /// Number, blanks allowed.
    pub account_number: String,
    /// Bank.
    pub bank_name: String,
    /// Bank code (联行号).
    pub cnaps: String,
    /// First day on which it is paid to.
    pub from: NaiveDate,
    /// Why; needed when the holder is somebody else, or the account another person's too.
    pub reason: String,
    /// Number of a document; may be empty.
    pub document_no: String,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount")
            .field("bank_name", &self.bank_name)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl NewAccount {
    /// What is wrong with the fields by themselves, by name.
    pub fn faults(&self, today: NaiveDate) -> Vec<(String, String)> {
        self.faults_of(today, Owner::Person)
    }

    /// The same for the account of an enterprise.
    pub fn enterprise_faults(&self, today: NaiveDate) -> Vec<(String, String)> {
        self.faults_of(today, Owner::Enterprise)
    }

    fn faults_of(&self, today: NaiveDate, owner: Owner) -> Vec<(String, String)> {
        match Read::new(self, today, owner) {
            Err(Error::Invalid(faults)) => faults,
            _ => Vec::new(),
        }
    }
}

/// Whose account it is: an enterprise's has another kind of number, and always a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Person,
    Enterprise,
}

/// What was recorded, and what deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChanged {
    /// Last four digits of the number.
    pub last_four: String,
    /// A check that did not hold but refuses nothing.
    pub warning: Option<String>,
    /// Official number under which it waits for another person; `None` when it holds at once.
    pub filing: Option<String>,
}

/// Pays the person to another account from `new.from` on; the account before stays known until
/// the day before. The enterprise changes those of its present people. Another number than those on
/// record holds only once another person has confirmed it ([`super::decide_account`]).
///
/// # Errors
/// [`Error::NotFound`] for a person outside the actor's scope, [`Error::Invalid`] with the field
/// names of [`NewAccount`], [`Error::Refused`] when it is the same account or the person has left.
pub async fn change_bank_account(
    app: &App,
    actor: &Actor,
    person_no: &str,
    new: &NewAccount,
) -> Result<AccountChanged, Error> {
    actor.must_be_able(Action::ChangeAccount)?;
    let today = app.clock.today();
    Read::new(new, today, Owner::Person)?;
    let tx = app.db.begin().await?;
    let person = OwnPerson::lock_by_no(&tx, actor, person_no, today).await?;
    must_answer_for(actor, &person, today)?;
    let changed = record(app, &tx, actor, &person, new).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Pays a visitor to another account; whoever calls knows that the actor invited the person.
///
/// # Errors
/// [`Error::Invalid`] with the field names of [`NewAccount`]; [`Error::Refused`] when it is the same
/// account, or when somebody employs the person, who then answers for the account.
pub(in crate::service) async fn change_visitor_account(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    person_id: i64,
    new: &NewAccount,
) -> Result<AccountChanged, Error> {
    let today = app.clock.today();
    Read::new(new, today, Owner::Person)?;
    let person = OwnPerson::lock_any(tx, actor, person_id, today).await?;
    if !person.enterprises.is_empty() {
        let text = "该来访人在闽另有登记单位，收款账户请由该单位或人社部门变更";
        return Err(Error::Refused(text.to_owned()));
    }
    record(app, tx, actor, &person, new).await
}

/// The first account of a person holds at once; one with another number than those on record is
/// put down, and holds once another person has confirmed it.
async fn record(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    person: &OwnPerson,
    new: &NewAccount,
) -> Result<AccountChanged, Error> {
    let today = app.clock.today();
    let read = Read::new(new, today, Owner::Person)?;
    let number = read.number.as_str();
    let account_index = app.vault.index(kind::ACCOUNT, number);
    let (reason, name) = (new.reason.trim(), person.name(today));
    let is_own = holder_matches(&new.account_name, &name);
    if reason.is_empty() {
        if !is_own {
            let text = format!("户名与姓名（{name}）不一致，请更正；确属他人代领的请写明原因");
            return Err(Error::Invalid(vec![invalid("account_name", text)]));
        }
        if roster::account_is_anothers(tx, &account_index, &person.numbers).await? {
            let text = "该账号已登记在另一人名下，请核对；确属共用的请写明原因";
            return Err(Error::Invalid(vec![invalid("account_number", text)]));
        }
    }
    let waits = replaces_number(&person.facts.accounts, &account_index, today);
    let place = if waits { place::ACCOUNT_FILING } else { place::ACCOUNT };
    let account = BankAccount {
        // Written as in the registry, so that the bank gets one spelling.
        account_name: if is_own { name } else { new.account_name.trim().to_owned() },
        account_index,
        account_cipher: app.vault.seal(place, number.as_bytes())?,
        last_four: last_four(number),
        bank_name: new.bank_name.trim().to_owned(),
        cnaps: read.cnaps.as_str().to_owned(),
    };
    let last_four = account.last_four.clone();
    let words = (new.document_no.trim(), reason);
    let filing = if waits {
        // The same account again is refused now, not when somebody else looks at it.
        replace_from(&person.facts.accounts, &account, new.from)?;
        let object = ("engineer", person.facts.person_no.as_str());
        let whose = Whose::Person(person.id);
        Some(filing::put_down(app, tx, actor, (whose, object), (account, new.from, words)).await?)
    } else {
        take_effect(app, tx, actor, person, (account, new.from, words)).await?;
        None
    };
    Ok(AccountChanged { last_four, warning: read.warning, filing })
}

/// States the account of a person; gives its document.
pub(super) async fn take_effect(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    person: &OwnPerson,
    (account, from, (document_no, reason)): (BankAccount, NaiveDate, (&str, &str)),
) -> Result<i64, Error> {
    let held = |id: i64| person.facts.accounts.iter().find(|stated| stated.id == id);
    let change = replace_from(&person.facts.accounts, &account, from)?;
    let document = ("declaration", "收款账户变更");
    let decree = Decree::record(app, tx, actor, document, document_no, reason).await?;
    decree.shorten(tx, &person.facts.accounts, &change.replaced).await?;
    let before = change
        .corrects
        .and_then(held)
        .map(|stated| json!({ "last_four": stated.fact.last_four, "bank": stated.fact.bank_name }));
    let detail = json!({
        "before": before,
        "from": from,
        "last_four": account.last_four,
        "bank": account.bank_name,
        "replaced": change.replaced.len(),
    });
    let period = Period { from, through: None };
    let stated = decree.states(person.id, period, account, change.corrects);
    fact::state(tx, vec![stated]).await?;
    let object = ("engineer", person.facts.person_no.as_str());
    log(app, tx, actor, "bank_account.changed", object, &detail).await?;
    Ok(decree.source_id)
}

/// An account whose fields are sound by themselves.
pub(super) struct Read {
    pub(super) number: BankAccountNo,
    pub(super) cnaps: Cnaps,
    warning: Option<String>,
}

impl Read {
    /// Everything that is wrong at once, by field.
    pub(super) fn new(new: &NewAccount, today: NaiveDate, owner: Owner) -> Result<Self, Error> {
        let mut faults = Vec::new();
        if !(2..=60).contains(&new.account_name.trim().chars().count()) {
            faults.push(invalid("account_name", "户名应为2至60个字"));
        }
        let parsed = match owner {
            Owner::Person => BankAccountNo::parse(&new.account_number),
            Owner::Enterprise => BankAccountNo::parse_corporate(&new.account_number),
        };
        let number = parsed
            .map_err(|e| faults.push(invalid("account_number", format!("{e}，{}", e.advice()))));
        if !(2..=60).contains(&new.bank_name.trim().chars().count()) {
            faults.push(invalid("bank_name", "请填写开户行名称，2至60个字"));
        }
        let cnaps = Cnaps::parse(&new.cnaps)
            .map_err(|e| faults.push(invalid("cnaps", format!("{e}，请向开户银行查询12位联行号"))));
        if new.from > today {
            faults.push(invalid("from", "生效日不能晚于今天，到期再办"));
        }
        if new.reason.trim().chars().count() > super::REASON_MAX {
            faults.push(invalid("reason", "原因不超过500字，请精简"));
        }
        let document_no = new.document_no.trim();
        let needs_document = owner == Owner::Enterprise;
        let document_no = Some(document_no).filter(|no| needs_document || !no.is_empty());
        faults.extend(document_no.and_then(document_no_fault));
        match (number, cnaps) {
            (Ok(number), Ok(cnaps)) if faults.is_empty() => Ok(Self {
                warning: number.warning.map(|warning| warning.to_string()),
                number: number.value,
                cnaps: cnaps.value,
            }),
            _ => Err(Error::Invalid(faults)),
        }
    }
}

/// A former employer sees the person but answers for the account no longer; an office does.
pub(super) fn must_answer_for(
    actor: &Actor,
    person: &OwnPerson,
    today: NaiveDate,
) -> Result<(), Error> {
    if !matches!(actor.scope, crate::domain::authority::Scope::Enterprise(_)) {
        return Ok(());
    }
    let is_now = |enterprise_id: i64, period: &Period| {
        person.own.contains(&enterprise_id) && period.through.is_none_or(|last| today <= last)
    };
    let present = person.facts.entries.iter().any(|e| is_now(e.fact.enterprise_id, &e.period))
        || person.facts.employments.iter().any(|e| is_now(e.fact.enterprise_id, &e.period));
    if present {
        return Ok(());
    }
    Err(Error::Refused("该人员已离开本企业，收款账户请由现企业或人社部门变更".to_owned()))
}

pub(super) fn last_four(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}
