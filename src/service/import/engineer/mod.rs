//! 核心工程师申报: persons, their employment at the enterprise that files them, their declared
//! place on the roster and the account they are paid to.

mod decide;
mod employment;
mod roster;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::domain::lifecycle::CaseKind;
use crate::domain::period::Period;
use crate::domain::registry::{
    BankAccount, Code, Employment, PersonContact, PersonDocument, PersonName, RosterEntry,
    RosterStatus, Stated,
};
use crate::file::form::EngineerRow;
use crate::service::Error;
use crate::service::case::roster_entry;
use crate::store::account_filing::{self, NewFiling, Whose};
use crate::store::payment::holders_of;
use crate::store::registry::{self, Readable};
use crate::store::{case as cases, fact};
use crate::vault::{Vault, VaultError, kind, place};

use self::decide::{Plan, verdict};
use super::ground::{Enterprise, Ground};
use super::issue::Notes;
use super::read::Line;
use super::run::{Form, Stamp, Verdict};
use super::timeline::Change;

/// Imports the engineers of one enterprise.
#[derive(Debug)]
pub(super) struct Engineers {
    ground: Ground,
    enterprise: Enterprise,
    /// Persons whose registration was withdrawn, by document; read when first needed.
    withdrawn: Option<HashMap<String, i64>>,
    seen: Seen,
    /// Engineers on the roster, those of this file included.
    rostered: u64,
}

/// What earlier rows of the file hold, to find one person or account filed twice.
#[derive(Debug, Default)]
struct Seen {
    persons: HashMap<i64, u32>,
    accounts: HashMap<u128, u32>,
}

impl Seen {
    /// The row that had this account first, unless it is this one.
    fn account(&mut self, index: &str, row: u32) -> Option<u32> {
        // Half of a SHA-256 tells accounts apart as surely and takes a quarter of the memory.
        let key = index.get(..32).and_then(|hex| u128::from_str_radix(hex, 16).ok())?;
        earlier(self.accounts.entry(key), row)
    }

    /// The row that was about this person first, unless it is this one.
    fn person(&mut self, person: i64, row: u32) -> Option<u32> {
        earlier(self.persons.entry(person), row)
    }
}

fn earlier<K>(entry: Entry<'_, K, u32>, row: u32) -> Option<u32> {
    match entry {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(free) => {
            free.insert(row);
            None
        }
    }
}

/// Keyed hashes of a row.
#[derive(Debug)]
pub(super) struct Keys {
    document: String,
    account: String,
}

type Row = Line<EngineerRow, Keys>;

/// What the registry holds about the persons of a chunk.
#[derive(Debug, Default)]
struct Known {
    /// By keyed hash of a document.
    persons: HashMap<String, i64>,
    names: HashMap<i64, Vec<Stated<PersonName>>>,
    contacts: HashMap<i64, Vec<Stated<PersonContact>>>,
    accounts: HashMap<i64, Vec<Stated<BankAccount>>>,
    employments: HashMap<i64, Vec<Stated<Employment>>>,
    entries: HashMap<i64, Vec<Stated<RosterEntry>>>,
    /// Whose account it is, by keyed hash.
    holders: HashMap<String, Vec<i64>>,
    /// Persons in `persons` who have no live document.
    undocumented: Vec<i64>,
    /// Persons whose declaration by this enterprise an office is looking at.
    under_review: HashSet<i64>,
    /// Keyed hash and last four digits of the account that waits for a person.
    waiting: HashMap<i64, (String, String)>,
}

impl Form for Engineers {
    type Row = EngineerRow;
    type Keys = Keys;
    type Plan = Plan;

    fn new(ground: &Ground) -> Result<Self, Error> {
        let enterprise = ground.enterprise()?.clone();
        let rostered = enterprise.rostered;
        let ground = ground.clone();
        Ok(Self { ground, enterprise, withdrawn: None, seen: Seen::default(), rostered })
    }

    fn keys(row: &EngineerRow, vault: &Vault) -> Keys {
        Keys {
            document: vault.index(kind::DOCUMENT, &row.document.identity_key()),
            account: vault.index(kind::ACCOUNT, row.account.as_str()),
        }
    }

    async fn decide<C: Readable>(
        &mut self,
        conn: &C,
        lines: &[Row],
    ) -> Result<Vec<Verdict<Plan>>, Error> {
        let known = self.known(conn, lines).await?;
        let mut verdicts: Vec<Verdict<Plan>> = lines
            .par_iter()
            .map(|line| verdict(line, &known, &self.ground, &self.enterprise))
            .collect();
        for (line, verdict) in lines.iter().zip(&mut verdicts) {
            self.look_back(line, &known, verdict);
        }
        Ok(verdicts)
    }

    async fn write(&mut self, stamp: &Stamp<'_>, rows: Vec<(Row, Plan)>) -> Result<u64, Error> {
        let unregistered = rows.iter().filter(|(_, plan)| plan.person.is_none()).count();
        let mut made =
            registry::create_persons(stamp.tx, unregistered, stamp.at).await?.into_iter();
        let mut persons = Vec::with_capacity(rows.len());
        for (_, plan) in &rows {
            let person = plan.person.or_else(|| made.next());
            persons
                .push(person.ok_or_else(|| Error::Internal("a person was not made".to_owned()))?);
        }
        let enterprise = self.enterprise.id;
        let vault = &self.ground.vault;
        let facts: Vec<Facts> = rows
            .into_par_iter()
            .zip(persons)
            .map(|((line, plan), person)| Facts::of(line, plan, person, enterprise, vault))
            .collect::<Result<_, VaultError>>()?;
        state_all(stamp, facts).await
    }
}

impl Engineers {
    async fn known<C: Readable>(&mut self, conn: &C, lines: &[Row]) -> Result<Known, Error> {
        let documents: Vec<&str> = lines.iter().map(|line| line.keys.document.as_str()).collect();
        let accounts: Vec<&str> = lines.iter().map(|line| line.keys.account.as_str()).collect();
        let mut persons = registry::persons_by_document(conn, &documents).await?;
        let mut undocumented = Vec::new();
        if persons.len() < documents.len() {
            if self.withdrawn.is_none() {
                self.withdrawn = Some(registry::persons_without_document(conn).await?);
            }
            let withdrawn = self.withdrawn.iter().flat_map(|by_document| {
                documents.iter().filter_map(|index| by_document.get_key_value(*index))
            });
            let again: Vec<_> = withdrawn.map(|(index, id)| (index.clone(), *id)).collect();
            undocumented.extend(again.iter().map(|(_, id)| *id));
            persons.extend(again);
        }
        let ids: Vec<i64> = persons.values().copied().collect();
        let (kind, review) = (CaseKind::RosterEntry.code(), roster_entry::under_review());
        // Side by side: outside a transaction each has a connection of its own.
        let (names, contacts, accounts_of, employments, entries, holders, reviewed, waiting) = tokio::try_join!(
            registry::histories(conn, &ids),
            registry::histories(conn, &ids),
            registry::histories(conn, &ids),
            registry::histories(conn, &ids),
            registry::histories(conn, &ids),
            registry::account_holders(conn, &accounts, self.ground.today),
            cases::about_persons(conn, kind, &review, &ids),
            account_filing::open_of_persons(conn, &ids),
        )?;
        let of_own = |row: cases::CaseRow| {
            row.person_id.filter(|_| row.enterprise_id == Some(self.enterprise.id))
        };
        let under_review = reviewed.into_iter().filter_map(of_own).collect();
        Ok(Known {
            persons,
            names,
            contacts,
            accounts: accounts_of,
            employments,
            entries,
            holders,
            undocumented,
            under_review,
            waiting,
        })
    }

    /// Checks a row against the rows before it.
    fn look_back(&mut self, line: &Row, known: &Known, verdict: &mut Verdict<Plan>) {
        let mut notes = Notes::new(line.row);
        let row = &line.record;
        let person = known.persons.get(&line.keys.document);
        if let Some(first) = person.and_then(|person| self.seen.person(*person, line.row)) {
            notes.error(
                "证件号码",
                row.document.masked(),
                format!("与第{first}行是同一人的不同证件"),
                "同一人只保留一行，请删除多余的行",
            );
        }
        if let Some(first) = self.seen.account(&line.keys.account, line.row) {
            notes.error(
                "银行账号",
                row.account.masked(),
                format!("与第{first}行银行账号重复"),
                "每人应填写本人的账户，请核对后更正",
            );
        }
        if notes.refuses() {
            verdict.plan = None;
        } else if verdict.plan.as_ref().is_some_and(Plan::enters_the_roster) {
            self.rostered += 1;
            let listing = self.enterprise.listing_on(row.rostered);
            let quota = listing.map_or(0, |listing| listing.fact.engineer_quota);
            if u64::try_from(quota).is_ok_and(|quota| self.rostered > quota) {
                let reason = format!("名册人数将超过企业的核心工程师名额（{quota}人）");
                notes.warning("入册日期", row.rostered.to_string(), reason);
            }
        }
        verdict.issues.extend(notes.into_issues());
    }
}

/// Everything that one row states, sealed.
struct Facts {
    person: i64,
    document: Option<(Period, PersonDocument)>,
    name: (Change<PersonName>, PersonName),
    contact: (Change<PersonContact>, Option<PersonContact>),
    account: (Change<BankAccount>, Option<BankAccount>),
    /// First day of `account` when it waits for another person instead of being stated.
    files_account: Option<NaiveDate>,
    employment: (Change<Employment>, Employment),
    entry: (Change<RosterEntry>, RosterEntry),
}

impl Facts {
    fn of(
        line: Row,
        plan: Plan,
        person: i64,
        enterprise_id: i64,
        vault: &Vault,
    ) -> Result<Self, VaultError> {
        let (row, keys) = (line.record, line.keys);
        let document = if plan.states_document {
            let fact = PersonDocument {
                document_type: row.document.kind().code().to_owned(),
                country: row.document.country().to_owned(),
                number_index: keys.document,
                number_cipher: vault.seal(place::DOCUMENT, row.document.number().as_bytes())?,
                number_masked: row.document.masked(),
            };
            Some((Period { from: plan.since, through: None }, fact))
        } else {
            None
        };
        let contact = match plan.contact.new {
            None => None,
            Some(_) => Some(PersonContact {
                mobile_cipher: vault.seal(place::MOBILE, row.mobile.as_str().as_bytes())?,
                mobile_masked: row.mobile.masked(),
            }),
        };
        let files_account =
            plan.account.new.as_ref().filter(|_| plan.account_waits).map(|(period, _)| period.from);
        let sealed_for =
            if files_account.is_some() { place::ACCOUNT_FILING } else { place::ACCOUNT };
        let account = match plan.account.new {
            None => None,
            Some(_) => Some(BankAccount {
                account_name: row.name.as_str().to_owned(),
                account_index: keys.account,
                account_cipher: vault.seal(sealed_for, row.account.as_str().as_bytes())?,
                last_four: last_four(row.account.as_str()),
                bank_name: row.bank_name,
                cnaps: row.cnaps.as_str().to_owned(),
            }),
        };
        let employment = Employment {
            enterprise_id,
            full_time: row.full_time,
            post: row.post,
            professional_title: row.professional_title,
            education: row.education,
        };
        let entry = RosterEntry { enterprise_id, status: RosterStatus::Declared };
        Ok(Self {
            person,
            document,
            name: (plan.name, PersonName { name: row.name.as_str().to_owned() }),
            contact: (plan.contact, contact),
            account: (plan.account, account),
            files_account,
            employment: (plan.employment, employment),
            entry: (plan.entry, entry),
        })
    }
}

async fn state_all(stamp: &Stamp<'_>, all: Vec<Facts>) -> Result<u64, Error> {
    let mut documents = Vec::new();
    let (mut names, mut contacts, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
    let mut filings = Vec::new();
    let (mut employments, mut entries) = (Vec::new(), Vec::new());
    for facts in all {
        let person = facts.person;
        if let Some((period, document)) = facts.document {
            documents.push(stamp.stated(person, period, None, document));
        }
        names.push((person, facts.name.0, Some(facts.name.1)));
        contacts.push((person, facts.contact.0, facts.contact.1));
        match (facts.files_account, facts.account) {
            (Some(from), (_, Some(account))) => filings.push((person, from, account)),
            (_, account) => accounts.push((person, account.0, account.1)),
        }
        employments.push((person, facts.employment.0, Some(facts.employment.1)));
        entries.push((person, facts.entry.0, Some(facts.entry.1)));
    }
    let count = (documents.len() + filings.len()) as u64;
    fact::state(stamp.tx, documents).await?;
    file_accounts(stamp, filings).await?;
    Ok(count
        + stamp.apply(names).await?
        + stamp.apply(contacts).await?
        + stamp.apply(accounts).await?
        + stamp.apply(employments).await?
        + stamp.apply(entries).await?)
}

/// Puts down the accounts that wait for another person.
async fn file_accounts(
    stamp: &Stamp<'_>,
    accounts: Vec<(i64, NaiveDate, BankAccount)>,
) -> Result<(), Error> {
    if accounts.is_empty() {
        return Ok(());
    }
    let holders = holders_of(stamp.tx, [stamp.by]).await?;
    let holder = holders.first().map(|(_, holder)| *holder);
    let holder = holder.ok_or_else(|| Error::Internal(format!("holder of {}", stamp.by)))?;
    let filing = |(person, from, account)| NewFiling {
        whose: Whose::Person(person),
        account,
        from,
        document_no: "",
        reason: "",
        brought_by: Some(stamp.source_id),
        by: (stamp.by, holder),
        at: stamp.at,
    };
    account_filing::file(stamp.tx, accounts.into_iter().map(filing).collect()).await?;
    Ok(())
}

/// The last four digits of an account number; all of a shorter one.
fn last_four(number: &str) -> String {
    number.chars().skip(number.chars().count().saturating_sub(4)).collect()
}
