//! Days that do not count, and grounds that exclude: decided by the province.

use serde_json::json;

use super::change::{About, Changed};
use super::on_file::OnFile;
use super::{Grounds, OwnPerson};
use crate::app::App;
use crate::domain::period::Period;
use crate::domain::registry::{Exclusion, Suspension};
use crate::domain::roster::{Action, Standing, no_same_period};
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};
use crate::store::account_filing::Whose;
use crate::store::db::Tx;
use crate::store::fact::{self, FactTable};

/// States that the days of a period do not count for the person.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope; [`Error::Refused`] when nothing is confirmed, the
/// period is already suspended, or a file has the say.
pub(super) async fn suspend(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (person_no, period): (&str, Period),
    grounds: &Grounds,
) -> Result<Changed, Error> {
    actor.must_be_able(Action::Suspend)?;
    let today = app.clock.today();
    let person = OwnPerson::lock_by_no(tx, actor, person_no, today).await?;
    let confirmed = person.facts.entries.iter().any(|entry| {
        Action::Suspend.is_possible(Standing::of(entry, &person.facts.suspensions, today))
    });
    if !confirmed {
        let why = "该人员没有已确认的名册记录，没有可以暂停的期间";
        return Err(Error::Refused(why.to_owned()));
    }
    if period.through.is_none() {
        OnFile::suspending().must_have_none(tx, &person.numbers).await?;
    }
    no_same_period(0, &Suspension {}, period, &person.facts.suspensions)?;
    let stated = (period, Suspension {});
    state(app, tx, actor, &person, ("暂停名册", "engineer.suspended"), stated, grounds).await
}

/// States a ground that excludes the person (RS-1 A13), in the words of `ground`.
///
/// # Errors
/// As [`suspend`]; [`Error::Invalid`] with the field `ground`.
pub(super) async fn exclude(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (person_no, period, ground): (&str, Period, &str),
    grounds: &Grounds,
) -> Result<Changed, Error> {
    actor.must_be_able(Action::Exclude)?;
    let ground = ground.trim();
    if !(2..=100).contains(&ground.chars().count()) {
        let fault = invalid("ground", "请写明排除情形，2至100字");
        return Err(Error::Invalid(vec![fault]));
    }
    let fact = Exclusion { ground: ground.to_owned() };
    let person = OwnPerson::lock_by_no(tx, actor, person_no, app.clock.today()).await?;
    no_same_period(0, &fact, period, &person.facts.exclusions)?;
    let words = ("列入排除名单", "engineer.excluded");
    state(app, tx, actor, &person, words, (period, fact), grounds).await
}

/// States a fact about the person under a decision with this title; `action` is what the log calls
/// it.
async fn state<T: FactTable>(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    person: &OwnPerson,
    (title, action): (&str, &str),
    (period, fact): (Period, T),
    grounds: &Grounds,
) -> Result<Changed, Error> {
    let Grounds { reason, document_no } = grounds;
    let document = ("decision", title);
    let decree = Decree::record(app, tx, actor, document, document_no, reason).await?;
    fact::state(tx, vec![decree.states(person.id, period, fact, None)]).await?;
    let detail = json!({
        "from": period.from,
        "through": period.through,
        "document_no": document_no,
    });
    let no = person.facts.person_no.clone();
    log(app, tx, actor, action, ("engineer", &no), &detail).await?;
    Ok(Changed { about: About::Person(no), whose: Whose::Person(person.id), before: None })
}
