//! Showing a full number of somebody (查看明文): with a purpose, to somebody of whom it is certain who
//! they are, so many times a day, and known to the person whose it is.

use chrono::NaiveDate;
use serde_json::json;

use super::notification::{self, Plain};
use super::{Actor, Error, directory, invalid, log, presence};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::{Act, Role};
use crate::domain::notification::NotificationKind;
use crate::domain::registry::{BankAccount, Code, EnterpriseAccount, Stated};
use crate::domain::reveal::{
    ALERT_ABOVE, ALERT_WITHIN, RevealPurpose, RevealedNumber as Number, note_fault,
};
use crate::store::account_filing::{self as filings, Filing, Whose, whose};
use crate::store::db::Tx;
use crate::store::directory::{self as registry, PersonFile};
use crate::store::fact::{Versions, facts_of};
use crate::store::reveal::{self as store, NewReveal};
use crate::store::{account, account_list};
use crate::vault::place;

/// Whose number is wanted, by official number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// Of a person.
    Person(&'a str),
    /// Of an enterprise, by its code.
    Enterprise(&'a str),
    /// Of an account that waits for confirmation.
    Filing(&'a str),
}

/// A number that can be shown.
#[derive(Debug, Clone)]
struct Hidden {
    /// Names it on the page, also when there are several of a kind.
    key: String,
    number: Number,
    /// What the page shows of it anyway.
    masked: String,
    place: &'static str,
    cipher: Vec<u8>,
}

/// Somebody and their numbers.
struct Subject {
    whose: Whose,
    kind: &'static str,
    no: String,
    name: String,
    numbers: Vec<Hidden>,
}

/// What can be shown, and how often the actor may still ask today.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Official number of the person, code of the enterprise.
    pub no: String,
    /// Name.
    pub name: String,
    /// Key and words of each number.
    pub numbers: Vec<(String, String)>,
    /// How many were shown today.
    pub today: u64,
    /// How many may be shown in a day.
    pub most: u32,
}

/// What of somebody can be shown to the actor.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::RevealNumbers`]; [`Error::NotFound`] outside the actor's scope.
pub async fn offer(app: &App, actor: &Actor, of: Of<'_>) -> Result<Offer, Error> {
    let subject = subject(app, actor, of).await?;
    let words = |hidden: &Hidden| format!("{} {}", hidden.number.label(), hidden.masked);
    let day = china_time(app.clock.machine_now()).date_naive();
    Ok(Offer {
        no: subject.no,
        name: subject.name,
        numbers: subject.numbers.iter().map(|one| (one.key.clone(), words(one))).collect(),
        today: store::of_day(app.db.read(), actor.account_id, day).await?,
        most: app.access.reveals_a_day,
    })
}

/// What somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Key of the number.
    pub number: &'a str,
    /// Code of the purpose.
    pub purpose: &'a str,
    /// In their words.
    pub note: &'a str,
}

/// A number in full; for the page, and nowhere else.
#[derive(Clone)]
pub struct Revealed {
    /// Which.
    pub number: Number,
    /// What for.
    pub purpose: RevealPurpose,
    /// The number.
    pub text: String,
}

/// Shows one number. Every look is written down with its purpose, in the log and for the person.
///
/// # Errors
/// As [`offer`]; [`Error::Invalid`] (`number`, `purpose`, `note`); [`Error::Refused`] when it is not
/// certain who sits there, and after as many as a day has.
pub async fn reveal(
    app: &App,
    actor: &Actor,
    of: Of<'_>,
    asked: Asked<'_>,
) -> Result<Revealed, Error> {
    let subject = subject(app, actor, of).await?;
    let (hidden, purpose, note) = checked(&subject, &asked)?;
    presence::must_be_fresh(app, actor)?;
    let text = app.vault.open_text(hidden.place, &hidden.cipher)?.as_str().to_owned();
    let (person_id, enterprise_id) = match subject.whose {
        Whose::Person(id) => (Some(id), None),
        Whose::Enterprise(id) => (None, Some(id)),
    };
    let look = Look { person_id, enterprise_id, number: hidden.number, purpose, note };
    let object = (subject.kind, subject.no.as_str());
    let tx = app.db.begin().await?;
    let taken = take(app, &tx, actor, look).await;
    if let Err(Error::Refused(_)) = &taken {
        tx.rollback().await?;
        let tx = app.db.begin().await?;
        let detail = json!({ "number": hidden.number.label() });
        log(app, &tx, actor, "number.refused", object, &detail).await?;
        tx.commit().await?;
        return Err(taken.err().unwrap_or(Error::NotFound("这个号码")));
    }
    let detail = json!({
        "number": hidden.number.label(),
        "purpose": purpose.label(),
        "note": Some(note).filter(|note| !note.is_empty()),
        "today": taken?,
    });
    log(app, &tx, actor, "number.revealed", object, &detail).await?;
    tx.commit().await?;
    Ok(Revealed { number: hidden.number, purpose, text })
}

/// A look at a full number: whose it is, unless somebody's from the public, which, and what for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) person_id: Option<i64>,
    pub(super) enterprise_id: Option<i64>,
    pub(super) number: Number,
    pub(super) purpose: RevealPurpose,
    pub(super) note: &'a str,
}

/// Takes one look of the day; returns the how many-th it is. The caller writes the log.
///
/// # Errors
/// [`Error::Refused`] after as many as a day has.
pub(super) async fn take(app: &App, tx: &Tx, actor: &Actor, look: Look<'_>) -> Result<u64, Error> {
    let now = app.clock.machine_now();
    let day = china_time(now).date_naive();
    // Looks of one account stand in line: none sees an old count.
    account::lock(tx, actor.account_id).await?;
    let (today, most) = (store::of_day(tx, actor.account_id, day).await?, app.access.reveals_a_day);
    if u64::from(most) <= today {
        let text =
            format!("今天已查看明文 {today} 次，达到每日上限 {most} 次，请明天再办或由他人办理");
        return Err(Error::Refused(text));
    }
    let new = NewReveal {
        account_id: actor.account_id,
        person_id: look.person_id,
        enterprise_id: look.enterprise_id,
        number: look.number.code(),
        purpose: look.purpose.code(),
        note: look.note,
        day,
        at: now,
    };
    store::note(tx, &new).await?;
    alert(app, tx, actor, store::since(tx, actor.account_id, now - ALERT_WITHIN).await?).await?;
    Ok(today + 1)
}

/// Takes one look at how to reach somebody from the public, for a reason that was written down.
///
/// # Errors
/// As [`take`]; [`Error::Refused`] when whoever has a second factor gave no fresh code.
pub(super) async fn take_contact(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    reason: &str,
) -> Result<(), Error> {
    presence::must_be_fresh_if_enrolled(app, actor).await?;
    let look = Look {
        person_id: None,
        enterprise_id: None,
        number: Number::Contact,
        purpose: RevealPurpose::Dispute,
        note: reason,
    };
    take(app, tx, actor, look).await.map(|_| ())
}

fn checked<'a>(
    subject: &'a Subject,
    asked: &Asked<'a>,
) -> Result<(&'a Hidden, RevealPurpose, &'a str), Error> {
    let mut wrong = Vec::new();
    let hidden = subject.numbers.iter().find(|hidden| hidden.key == asked.number);
    if hidden.is_none() {
        wrong.push(invalid("number", "请选择要查看的号码"));
    }
    let purpose = RevealPurpose::from_code(asked.purpose);
    let note = asked.note.trim();
    match purpose {
        None => wrong.push(invalid("purpose", "请选择用途")),
        Some(purpose) => {
            wrong.extend(note_fault(purpose, note).map(|text| invalid("note", text)));
        }
    }
    match (hidden, purpose) {
        (Some(hidden), Some(purpose)) if wrong.is_empty() => Ok((hidden, purpose, note)),
        _ => Err(Error::Invalid(wrong)),
    }
}

/// Tells the security auditors of somebody who was shown many in a short time: when the count passes
/// the bound, not with each one after that.
async fn alert(app: &App, tx: &Tx, actor: &Actor, lately: u64) -> Result<(), Error> {
    if lately != ALERT_ABOVE + 1 {
        return Ok(());
    }
    let (login, office) = (&actor.login, &actor.organisation);
    let minutes = ALERT_WITHIN.num_minutes();
    let title = format!("账号 {login}（{office}）{minutes} 分钟内查看明文 {lately} 次，请核查。");
    let occasion = format!("reveals:{}:{}", actor.account_id, app.clock.machine_now().timestamp());
    let roles = [Role::SecurityAuditor.code()];
    for auditor in account_list::active_in_roles(tx, &roles).await? {
        let told = Plain {
            account_id: auditor.account.id,
            kind: NotificationKind::ManyReveals,
            occasion: &occasion,
            title: &title,
            subject: "敏感信息",
            page: "/notifications",
        };
        notification::plain(app, tx, &told).await?;
    }
    Ok(())
}

async fn subject(app: &App, actor: &Actor, of: Of<'_>) -> Result<Subject, Error> {
    actor.must(Act::RevealNumbers)?;
    let mut subject = match of {
        Of::Person(no) => person(app, actor, no).await?,
        Of::Enterprise(uscc) => enterprise(app, actor, uscc).await?,
        Of::Filing(no) => filing(app, actor, no).await?,
    };
    subject.numbers.retain(|hidden| actor.role.may_reveal(hidden.number));
    Ok(subject)
}

async fn person(app: &App, actor: &Actor, no: &str) -> Result<Subject, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let missing = || Error::NotFound("这位工程师");
    let found = registry::engineer(read, &actor.scope, no).await?.ok_or_else(missing)?;
    let file = registry::file_as_one(read, &actor.scope, found, Versions::Live, None).await?;
    let file: PersonFile = file.ok_or_else(missing)?;
    let mut numbers = Vec::new();
    for stated in file.documents.iter().filter(|stated| stated.period.covers(today)) {
        let fact = &stated.fact;
        numbers.push(Hidden {
            key: format!("document:{}", stated.id),
            number: Number::Document,
            masked: format!(
                "{} {}",
                directory::document_kind(&fact.document_type),
                fact.number_masked
            ),
            place: place::DOCUMENT,
            cipher: fact.number_cipher.clone(),
        });
    }
    for stated in file.contacts.iter().filter(|stated| stated.period.covers(today)) {
        numbers.push(Hidden {
            key: format!("mobile:{}", stated.id),
            number: Number::Mobile,
            masked: stated.fact.mobile_masked.clone(),
            place: place::MOBILE,
            cipher: stated.fact.mobile_cipher.clone(),
        });
    }
    numbers.extend(account_in_force(&file.accounts, today));
    let name = file.names.iter().find(|stated| stated.period.covers(today));
    Ok(Subject {
        whose: Whose::Person(file.person.id),
        kind: "engineer",
        no: file.person.no.clone(),
        name: name.map(|stated| stated.fact.name.clone()).unwrap_or_default(),
        numbers,
    })
}

fn account_in_force(held: &[Stated<BankAccount>], today: NaiveDate) -> Option<Hidden> {
    let now = held.iter().find(|stated| stated.period.covers(today))?;
    Some(Hidden {
        key: format!("account:{}", now.id),
        number: Number::Account,
        masked: format!("尾号 {}", now.fact.last_four),
        place: place::ACCOUNT,
        cipher: now.fact.account_cipher.clone(),
    })
}

async fn enterprise(app: &App, actor: &Actor, uscc: &str) -> Result<Subject, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let missing = || Error::NotFound("这家企业");
    let key = registry::enterprise(read, &actor.scope, uscc).await?.ok_or_else(missing)?;
    let held = facts_of::<EnterpriseAccount>(read, key.id, Versions::Live).await?;
    let held: Vec<Stated<BankAccount>> =
        held.into_iter().map(|stated| stated.map(BankAccount::from)).collect();
    let owners = directory::owners(app, (&[], &[key.id])).await?;
    let name = owners.get(&Whose::Enterprise(key.id)).map(|owner| owner.name.clone());
    Ok(Subject {
        whose: Whose::Enterprise(key.id),
        kind: "enterprise",
        no: uscc.to_owned(),
        name: name.unwrap_or_default(),
        numbers: account_in_force(&held, today).into_iter().collect(),
    })
}

async fn filing(app: &App, actor: &Actor, no: &str) -> Result<Subject, Error> {
    let missing = || Error::NotFound("这项账户");
    let row: Filing = filings::by_no(app.db.read(), &actor.scope, no).await?.ok_or_else(missing)?;
    let whose = whose(&row)?;
    let (persons, enterprises) = (row.person_id.as_slice(), row.enterprise_id.as_slice());
    let mut owners = directory::owners(app, (persons, enterprises)).await?;
    let owner = owners.remove(&whose).ok_or_else(missing)?;
    Ok(Subject {
        whose,
        kind: if owner.is_person { "engineer" } else { "enterprise" },
        no: owner.no,
        name: owner.name,
        numbers: vec![Hidden {
            key: format!("filed_account:{}", row.id),
            number: Number::FiledAccount,
            masked: format!("尾号 {}", row.last_four),
            place: place::ACCOUNT_FILING,
            cipher: row.account_cipher,
        }],
    })
}
