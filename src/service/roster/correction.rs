//! The period of a stated fact was wrong, or the fact never was.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::change::{About, Changed};
use super::on_file::OnFile;
use super::{Grounds, OwnPerson, listing};
use crate::app::App;
use crate::clock::china_time;
use crate::code_list;
use crate::domain::authority::Act;
use crate::domain::period::Period;
use crate::domain::registry::{
    Code, Employment, Exclusion, Listing, Recognition, RosterEntry, RosterStatus, Stated,
    Suspension,
};
use crate::domain::roster::{self as rules, Action, RosterNeighbours, span};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, log};
use crate::store::account_filing::Whose;
use crate::store::db::Tx;
use crate::store::fact::{self, FactTable, Versions};
use crate::store::roster::{self, EnterpriseFacts};

code_list! {
    /// Facts whose period can be corrected; the codes are the names of the tables.
    FactKind {
        /// Entry on the roster.
        RosterEntry = "roster_entry", "名册";
        /// Employment.
        Employment = "employment", "任职";
        /// Place on the key-enterprise list.
        Listing = "listing", "清单";
        /// Recognition as high-level talent.
        Recognition = "recognition", "认定";
        /// Days that do not count.
        Suspension = "suspension", "暂停";
        /// Ground that excludes.
        Exclusion = "exclusion", "排除";
    }
}

/// One version of a fact. Sent as `table:id`; whoever corrects it says by the identity which
/// version was on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactRef {
    /// Which table.
    pub kind: FactKind,
    /// Which version.
    pub id: i64,
}

impl FactRef {
    /// Reads `table:id`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(Self { kind: FactKind::from_code(kind)?, id: id.parse().ok()? })
    }
}

impl std::fmt::Display for FactRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind.code(), self.id)
    }
}

/// A fact as a form about it names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Whom it is about.
    pub about: About,
    /// Name of that person or enterprise.
    pub name: String,
    /// What it is.
    pub kind: FactKind,
    /// When it held, days inclusive.
    pub period: Period,
}

/// The fact that somebody is about to correct or withdraw.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope; [`Error::Stale`], saying what holds now, when the
/// version was corrected by somebody else.
pub async fn held(app: &App, actor: &Actor, fact: FactRef) -> Result<Held, Error> {
    actor.must_be_able(Action::Correct)?;
    let case = Case { app, actor, fact, period: None, grounds: &Grounds::default() };
    let tx = app.db.begin().await?;
    match fact.kind {
        FactKind::Listing => {
            let (facts, held) = case.find_listing(&tx).await?;
            let name = super::enterprise_name(Some(&facts), app.clock.today());
            let about = About::Enterprise(facts.uscc);
            Ok(Held { about, name, kind: fact.kind, period: held.period })
        }
        FactKind::RosterEntry => case.shown::<RosterEntry>(&tx).await,
        FactKind::Employment => case.shown::<Employment>(&tx).await,
        FactKind::Recognition => case.shown::<Recognition>(&tx).await,
        FactKind::Suspension => case.shown::<Suspension>(&tx).await,
        FactKind::Exclusion => case.shown::<Exclusion>(&tx).await,
    }
}

/// Gives a fact another period, or withdraws it with none. The version that was held stays readable;
/// the new one carries the reason and the document.
///
/// # Errors
/// As [`held`]; [`Error::Refused`] when the new period breaks a rule of the roster, or when a file
/// has the say.
pub(super) async fn change(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (fact, period): (FactRef, Option<Period>),
    grounds: &Grounds,
) -> Result<Changed, Error> {
    actor.must_be_able(Action::Correct)?;
    let case = Case { app, actor, fact, period, grounds };
    match fact.kind {
        FactKind::Listing => case.of_enterprise(tx).await,
        FactKind::RosterEntry => case.of_person::<RosterEntry>(tx).await,
        FactKind::Employment => case.of_person::<Employment>(tx).await,
        FactKind::Recognition => case.of_person::<Recognition>(tx).await,
        FactKind::Suspension => case.of_person::<Suspension>(tx).await,
        FactKind::Exclusion => case.of_person::<Exclusion>(tx).await,
    }
}

/// A fact about a person that an office corrects.
trait PersonFact: FactTable {
    /// Whether the fact is the business of whoever answers for `person.own`.
    fn is_own(&self, person: &OwnPerson, actor: &Actor) -> bool;
    /// Whether the version `id` may hold `period`.
    fn fits(&self, id: i64, period: Period, person: &OwnPerson) -> Result<(), Error>;
    /// The files that have the say when a version that holds `held` is to hold `period` or nothing.
    fn files(&self, _held: Period, _period: Option<Period>) -> Option<OnFile> {
        None
    }
}

impl PersonFact for RosterEntry {
    fn is_own(&self, person: &OwnPerson, _actor: &Actor) -> bool {
        person.own.contains(&self.enterprise_id)
    }

    fn fits(&self, id: i64, period: Period, person: &OwnPerson) -> Result<(), Error> {
        let none = EnterpriseFacts::default();
        let enterprise = person.enterprises.get(&self.enterprise_id).unwrap_or(&none);
        let neighbours = RosterNeighbours {
            entries: &person.facts.entries,
            employments: &person.facts.employments,
            listings: &enterprise.listings,
        };
        let confirmed = self.status == RosterStatus::Confirmed;
        let against = rules::roster_entry_fits(id, self, period, neighbours, confirmed);
        if against.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = against.iter().map(ToString::to_string).collect();
        Err(Error::Refused(texts.join("；")))
    }

    fn files(&self, _held: Period, period: Option<Period>) -> Option<OnFile> {
        let none = period.is_none();
        none.then(|| OnFile::entry(self.enterprise_id, self.status == RosterStatus::Declared))
    }
}

impl PersonFact for Employment {
    fn is_own(&self, person: &OwnPerson, _actor: &Actor) -> bool {
        person.own.contains(&self.enterprise_id)
    }

    fn fits(&self, id: i64, period: Period, person: &OwnPerson) -> Result<(), Error> {
        Ok(rules::employment_fits(id, self, period, &person.facts.employments)?)
    }
}

impl PersonFact for Recognition {
    fn is_own(&self, person: &OwnPerson, actor: &Actor) -> bool {
        match self.enterprise_id {
            Some(id) => person.own.contains(&id) || actor.role.may(Act::ConfirmRoster),
            None => actor.role.may(Act::ConfirmRoster),
        }
    }

    fn fits(&self, _id: i64, _period: Period, _person: &OwnPerson) -> Result<(), Error> {
        Ok(())
    }

    fn files(&self, _held: Period, period: Option<Period>) -> Option<OnFile> {
        period.is_none().then(OnFile::recognition)
    }
}

impl PersonFact for Suspension {
    fn is_own(&self, _person: &OwnPerson, actor: &Actor) -> bool {
        Action::Suspend.is_open_to(actor.role)
    }

    fn fits(&self, id: i64, period: Period, person: &OwnPerson) -> Result<(), Error> {
        Ok(rules::no_same_period(id, self, period, &person.facts.suspensions)?)
    }

    fn files(&self, held: Period, period: Option<Period>) -> Option<OnFile> {
        let ends = period.is_none_or(|period| period.through.is_some());
        (held.through.is_none() && ends).then(OnFile::suspension)
    }
}

impl PersonFact for Exclusion {
    fn is_own(&self, _person: &OwnPerson, actor: &Actor) -> bool {
        Action::Exclude.is_open_to(actor.role)
    }

    fn fits(&self, id: i64, period: Period, person: &OwnPerson) -> Result<(), Error> {
        Ok(rules::no_same_period(id, self, period, &person.facts.exclusions)?)
    }
}

/// One correction under way.
struct Case<'a> {
    app: &'a App,
    actor: &'a Actor,
    fact: FactRef,
    /// The new period; `None` withdraws.
    period: Option<Period>,
    grounds: &'a Grounds,
}

impl Case<'_> {
    /// The person and the version that the registry still holds, both the actor's business.
    async fn find<T: PersonFact>(&self, tx: &Tx) -> Result<(OwnPerson, Stated<T>), Error> {
        let missing = || Error::NotFound("这段记录");
        let seen = fact::fact::<T>(tx, self.fact.id).await?.ok_or_else(missing)?;
        let today = self.app.clock.today();
        let person = OwnPerson::lock(tx, self.actor, seen.about, today).await;
        let person = person.map_err(|error| match error {
            Error::NotFound(_) => missing(),
            other => other,
        })?;
        if !seen.fact.is_own(&person, self.actor) {
            return Err(missing());
        }
        let held = self.still_held::<T>(tx, seen.about).await?;
        Ok((person, held))
    }

    async fn shown<T: PersonFact>(&self, tx: &Tx) -> Result<Held, Error> {
        let (person, held) = self.find::<T>(tx).await?;
        let name = person.name(self.app.clock.today());
        let about = About::Person(person.facts.person_no);
        Ok(Held { about, name, kind: self.fact.kind, period: held.period })
    }

    async fn of_person<T: PersonFact>(&self, tx: &Tx) -> Result<Changed, Error> {
        let (person, held) = self.find::<T>(tx).await?;
        if let Some(files) = held.fact.files(held.period, self.period) {
            files.must_have_none(tx, &person.numbers).await?;
        }
        if let Some(period) = self.period {
            rules::new_period(held.period, period.from, period.through)?;
            held.fact.fits(held.id, period, &person)?;
        }
        self.save(tx, &held).await?;
        let about = About::Person(person.facts.person_no.clone());
        self.tell(tx, &about, held.period).await?;
        let whose = Whose::Person(person.id);
        Ok(Changed { about, whose, before: Some(held.period) })
    }

    async fn find_listing(&self, tx: &Tx) -> Result<(EnterpriseFacts, Stated<Listing>), Error> {
        // The list is the province's: a county office corrects people, not the list.
        self.actor.must(Act::ImportRegistry)?;
        let missing = || Error::NotFound("这段记录");
        let seen = fact::fact::<Listing>(tx, self.fact.id).await?.ok_or_else(missing)?;
        let id = seen.about;
        roster::lock_enterprise_id(tx, id).await?.ok_or_else(missing)?;
        let facts = roster::enterprises(tx, &BTreeSet::from([id])).await?.remove(&id);
        let today = self.app.clock.today();
        let facts =
            facts.filter(|facts| self.actor.covers(id, facts, today)).ok_or_else(missing)?;
        let held = self.still_held::<Listing>(tx, id).await?;
        Ok((facts, held))
    }

    async fn of_enterprise(&self, tx: &Tx) -> Result<Changed, Error> {
        let (facts, held) = self.find_listing(tx).await?;
        if self.period.is_none() {
            listing::must_be_without_file(tx, held.about).await?;
        }
        if let Some(period) = self.period {
            rules::new_period(held.period, period.from, period.through)?;
            rules::listing_fits(held.id, period, &facts.listings)?;
        }
        self.save(tx, &held).await?;
        let about = About::Enterprise(facts.uscc);
        self.tell(tx, &about, held.period).await?;
        let whose = Whose::Enterprise(held.about);
        Ok(Changed { about, whose, before: Some(held.period) })
    }

    /// The version that was on the screen, if the registry still holds it (domain.md case 45).
    async fn still_held<T: FactTable>(&self, tx: &Tx, about: i64) -> Result<Stated<T>, Error> {
        let mut versions = fact::facts_of::<T>(tx, about, Versions::All).await?;
        let position = versions.iter().position(|version| version.id == self.fact.id);
        let position = position.ok_or(Error::NotFound("这段记录"))?;
        if versions[position].is_live() {
            return Ok(versions.swap_remove(position));
        }
        let seen = &versions[position];
        let was = span(&seen.period);
        let text = match rules::latest(&versions, self.fact.id) {
            Some(now) => format!(
                "这段记录刚刚已被他人更改：您看到的是{was}，现为{}（{}记录）。请刷新后再办。",
                span(&now.period),
                china_time(now.recorded_at).format("%Y-%m-%d %H:%M"),
            ),
            None => format!("这段记录（{was}）已被撤销。请刷新后再办。"),
        };
        Err(Error::Stale(text))
    }

    async fn save<T: FactTable>(&self, tx: &Tx, held: &Stated<T>) -> Result<(), Error> {
        let title = match self.period {
            Some(_) => format!("更正{}期间", self.fact.kind.label()),
            None => format!("撤销{}记录", self.fact.kind.label()),
        };
        let Grounds { reason, document_no } = self.grounds;
        let document = ("decision", title.as_str());
        let decree =
            Decree::record(self.app, tx, self.actor, document, document_no, reason).await?;
        let change = rules::Shortened { id: held.id, period: self.period };
        decree.shorten(tx, std::slice::from_ref(held), &[change]).await
    }

    async fn tell(&self, tx: &Tx, about: &About, before: Period) -> Result<(), Error> {
        let days = |period: Period| json!({"from": period.from, "through": period.through});
        let detail = json!({
            "fact": self.fact.kind.code(),
            "before": days(before),
            "now": self.period.map_or(Value::Null, days),
            "document_no": self.grounds.document_no,
        });
        let object = match about {
            About::Person(no) => ("engineer", no.as_str()),
            About::Enterprise(uscc) => ("enterprise", uscc.as_str()),
        };
        let action = if self.period.is_some() { "fact.corrected" } else { "fact.withdrawn" };
        log(self.app, tx, self.actor, action, object, &detail).await
    }
}
