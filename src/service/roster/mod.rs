//! The core-engineer roster: confirmation, departures, corrections, accounts to pay to, removals
//! from the list. Every change states facts under one source document and never edits.

mod account;
mod change;
mod correction;
mod declarations;
mod departure;
mod enterprise_account;
mod filing;
mod listing;
mod on_file;
mod restriction;

pub(super) use account::change_visitor_account;
pub use account::{AccountChanged, NewAccount, change_bank_account};
pub use change::{About, Asked, Change, ChangeAct, Days, decide_change, request_change};
pub use correction::{FactKind, FactRef, Held, held};
pub(super) use declarations::Files;
pub use declarations::{Declaration, Declarations, PAGE_SIZE, declarations, waiting};
pub use departure::{Departed, LastDay, end_entry};
pub use enterprise_account::file_enterprise_account;
pub use filing::decide_account;
pub(super) use filing::withdraw_of_import;
pub(super) use listing::{expire_enterprise, remove_enterprise};

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::decree::Decree;
use super::{Actor, Error, invalid};
use crate::app::App;
use crate::domain::authority::Scope;
use crate::domain::registry::Stated;
use crate::domain::roster::{Action, Author, Refusal, Shortened, current};
use crate::store::db::Tx;
use crate::store::fact::{self, FactTable};
use crate::store::merge;
use crate::store::roster::{self, EnterpriseFacts, PersonFacts};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;
/// Longest document number, in characters.
const DOCUMENT_NO_MAX: usize = 100;

/// Why a fact changes, and the document that says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grounds {
    /// In the user's words.
    pub reason: String,
    /// Official number of the document.
    pub document_no: String,
}

impl Grounds {
    /// Grounds without the blanks around them.
    pub fn new(reason: &str, document_no: &str) -> Self {
        Self { reason: reason.trim().to_owned(), document_no: document_no.trim().to_owned() }
    }

    /// What is missing or too long, by field: `reason`, `document_no`.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        if self.reason.chars().count() < 2 {
            faults.push(invalid("reason", "请写明原因和依据，至少两个字"));
        } else if self.reason.chars().count() > REASON_MAX {
            faults.push(invalid("reason", "原因不超过500字，请精简"));
        }
        faults.extend(document_no_fault(&self.document_no));
        faults
    }
}

fn document_no_fault(document_no: &str) -> Option<(String, String)> {
    if document_no.is_empty() {
        Some(invalid("document_no", "请填写依据文件编号"))
    } else if document_no.chars().count() > DOCUMENT_NO_MAX {
        Some(invalid("document_no", "依据文件编号不超过100字"))
    } else {
        None
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl Actor {
    /// Refuses unless the role may do `action` on the roster.
    fn must_be_able(&self, action: Action) -> Result<(), Error> {
        let first = action.acts().first().expect("every action names an act");
        if action.is_open_to(self.role) { Ok(()) } else { Err(Error::Forbidden(*first)) }
    }

    /// Account and natural person, to compare with whoever did the step before.
    pub(super) const fn author(&self) -> Author {
        Author { account_id: self.account_id, holder_id: self.holder_id }
    }

    /// Whether the enterprise lies within the actor's scope on `today`.
    fn covers(&self, id: i64, facts: &EnterpriseFacts, today: NaiveDate) -> bool {
        let division = current(&facts.divisions, today).map(|d| d.fact.division.as_str());
        self.scope.covers(id, division.unwrap_or_default())
    }
}

/// A person within the actor's scope, locked, and the enterprises the person is or was with.
struct OwnPerson {
    id: i64,
    /// Every number of the person.
    numbers: Vec<i64>,
    facts: PersonFacts,
    enterprises: BTreeMap<i64, EnterpriseFacts>,
    /// Those of `enterprises` that the actor answers for.
    own: BTreeSet<i64>,
}

impl OwnPerson {
    /// Loads and locks the person, under the leading number with what is recorded under the others.
    /// Accounts are the leading number's: that is where the person is paid.
    ///
    /// A person is visible to whoever has one of the enterprises in scope; to everybody else there
    /// is no such person.
    async fn lock(tx: &Tx, actor: &Actor, id: i64, today: NaiveDate) -> Result<Self, Error> {
        let person = Self::lock_any(tx, actor, id, today).await?;
        if person.own.is_empty() && actor.scope != Scope::Province {
            return Err(Error::NotFound("该人员"));
        }
        Ok(person)
    }

    /// The same whoever asks: somebody who is with none of the actor's enterprises has none of
    /// `own`.
    async fn lock_any(tx: &Tx, actor: &Actor, id: i64, today: NaiveDate) -> Result<Self, Error> {
        roster::lock_persons(tx, &merge::merges_about(tx, &[id], None).await?.group(id)).await?;
        // Read again: until the lock was held somebody could still decide a merge.
        let merges = merge::merges_about(tx, &[id], None).await?;
        let (id, group) = (merges.leading(id), merges.group(id));
        let mut persons = roster::persons(tx, &group.iter().copied().collect()).await?;
        let mut facts = persons.remove(&id).ok_or(Error::NotFound("该人员"))?;
        persons.into_values().for_each(|other| facts.absorb(other));
        let with: BTreeSet<i64> = (facts.entries.iter().map(|e| e.fact.enterprise_id))
            .chain(facts.employments.iter().map(|e| e.fact.enterprise_id))
            .collect();
        let enterprises = roster::enterprises(tx, &with).await?;
        let own: BTreeSet<i64> = enterprises
            .iter()
            .filter(|(id, facts)| actor.covers(**id, facts, today))
            .map(|(id, _)| *id)
            .collect();
        Ok(Self { id, numbers: group, facts, enterprises, own })
    }

    /// [`OwnPerson::lock`] by official number.
    async fn lock_by_no(
        tx: &Tx,
        actor: &Actor,
        person_no: &str,
        today: NaiveDate,
    ) -> Result<Self, Error> {
        let person = roster::person_by_no(tx, person_no.trim()).await?;
        let person = person.ok_or(Error::NotFound("该人员"))?;
        Self::lock(tx, actor, person.id, today).await
    }

    fn name(&self, today: NaiveDate) -> String {
        current(&self.facts.names, today).map(|name| name.fact.name.clone()).unwrap_or_default()
    }
}

/// Name of the person with this number, for a form about the person.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope.
pub async fn person_name(app: &App, actor: &Actor, person_no: &str) -> Result<String, Error> {
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    Ok(OwnPerson::lock_by_no(&tx, actor, person_no, today).await?.name(today))
}

impl Decree<'_> {
    /// Replaces versions by what is left of them.
    pub(super) async fn shorten<T: FactTable>(
        &self,
        tx: &Tx,
        versions: &[Stated<T>],
        shortened: &[Shortened],
    ) -> Result<(), Error> {
        for change in shortened {
            let old = versions.iter().find(|version| version.id == change.id).ok_or_else(|| {
                Error::Internal(format!("version {} of {} is not loaded", change.id, T::TABLE))
            })?;
            match change.period {
                Some(period) => {
                    let left = self.states(old.about, period, old.fact.clone(), Some(old.id));
                    fact::correct(tx, old.id, left).await?;
                }
                None => fact::supersede::<T>(tx, old.id, self.at, self.source_id).await?,
            }
        }
        Ok(())
    }
}

fn enterprise_name(facts: Option<&EnterpriseFacts>, today: NaiveDate) -> String {
    facts
        .and_then(|facts| current(&facts.names, today).map(|name| name.fact.name.clone()))
        .or_else(|| facts.map(|facts| facts.uscc.clone()))
        .unwrap_or_default()
}
