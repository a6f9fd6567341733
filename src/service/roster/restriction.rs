//! Days that do not count, and grounds that exclude: decided by the province.

use chrono::NaiveDate;
use serde_json::json;

use super::{Grounds, OwnPerson};
use crate::app::App;
use crate::domain::period::Period;
use crate::domain::registry::{Exclusion, Stated, Suspension};
use crate::domain::roster::{Action, Refusal, Standing, no_same_period};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};
use crate::store::fact::{self, FactTable};

/// From when to when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive; `None` is open.
    pub through: Option<NaiveDate>,
    /// Why, and the document that says so.
    pub grounds: Grounds,
}

impl Restriction {
    fn check(&self) -> Result<Period, Error> {
        let mut faults = self.grounds.faults();
        let period = Period::new(self.from, self.through);
        if period.is_none() {
            faults.push(invalid("until", Refusal::Reversed.to_string()));
        }
        match period {
            Some(period) if faults.is_empty() => Ok(period),
            _ => Err(Error::Invalid(faults)),
        }
    }
}

/// States that the days of a period do not count for the person.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope, [`Error::Invalid`] with the fields `until`,
/// `reason` and `document_no`, [`Error::Refused`] when nothing is confirmed or the period is
/// already suspended.
pub async fn suspend(
    app: &App,
    actor: &Actor,
    person_no: &str,
    restriction: &Restriction,
) -> Result<(), Error> {
    actor.must_be_able(Action::Suspend)?;
    let period = restriction.check()?;
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    let person = OwnPerson::lock_by_no(&tx, actor, person_no, today).await?;
    let confirmed = person.facts.entries.iter().any(|entry| {
        Action::Suspend.is_possible(Standing::of(entry, &person.facts.suspensions, today))
    });
    if !confirmed {
        let why = "该人员没有已确认的名册记录，没有可以暂停的期间";
        return Err(Error::Refused(why.to_owned()));
    }
    no_same_period(0, &Suspension {}, period, &person.facts.suspensions)?;
    let decree = decree(app, &tx, actor, "暂停名册", &restriction.grounds).await?;
    let stated = decree.states(person.id, period, Suspension {}, None);
    save(app, &tx, actor, &person, "engineer.suspended", stated, &restriction.grounds).await?;
    Ok(tx.commit().await?)
}

/// States a ground that excludes the person (RS-1 A13), in the words of `ground`.
///
/// # Errors
/// As [`suspend`]; [`Error::Invalid`] also with the field `ground`.
pub async fn exclude(
    app: &App,
    actor: &Actor,
    person_no: &str,
    ground: &str,
    restriction: &Restriction,
) -> Result<(), Error> {
    actor.must_be_able(Action::Exclude)?;
    let period = restriction.check()?;
    let ground = ground.trim();
    if !(2..=100).contains(&ground.chars().count()) {
        let fault = invalid("ground", "请写明排除情形，2至100字");
        return Err(Error::Invalid(vec![fault]));
    }
    let fact = Exclusion { ground: ground.to_owned() };
    let tx = app.db.begin().await?;
    let person = OwnPerson::lock_by_no(&tx, actor, person_no, app.clock.today()).await?;
    no_same_period(0, &fact, period, &person.facts.exclusions)?;
    let decree = decree(app, &tx, actor, "列入排除名单", &restriction.grounds).await?;
    let stated = decree.states(person.id, period, fact, None);
    save(app, &tx, actor, &person, "engineer.excluded", stated, &restriction.grounds).await?;
    Ok(tx.commit().await?)
}

async fn decree<'a>(
    app: &App,
    tx: &crate::store::db::Tx,
    actor: &Actor,
    title: &str,
    grounds: &'a Grounds,
) -> Result<Decree<'a>, Error> {
    let document = ("decision", title);
    Decree::record(app, tx, actor, document, &grounds.document_no, &grounds.reason).await
}

async fn save<T: FactTable>(
    app: &App,
    tx: &crate::store::db::Tx,
    actor: &Actor,
    person: &OwnPerson,
    action: &str,
    stated: Stated<T>,
    grounds: &Grounds,
) -> Result<(), Error> {
    let detail = json!({
        "from": stated.period.from,
        "through": stated.period.through,
        "document_no": grounds.document_no,
    });
    fact::state(tx, vec![stated]).await?;
    log(app, tx, actor, action, ("engineer", &person.facts.person_no), &detail).await
}
