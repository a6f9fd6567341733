//! Changes of stated facts: one person asks for them, another person makes them (ADR 0030).

use chrono::NaiveDate;
use serde_json::json;

use super::correction::{self, FactKind, FactRef};
use super::{Grounds, listing, restriction};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::{Act, Role};
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::roster::{Action, Refusal};
use crate::service::proposal::judged;
use crate::service::{Actor, Error, invalid, log};
use crate::store::account_filing::Whose;
use crate::store::change_request::{self as store, NewRequest, Request};
use crate::store::db::{Tx, Verdict};

code_list! {
    /// What can be asked for.
    ChangeAct {
        /// Another period for a stated fact.
        Correct = "correct", "更正期间";
        /// A stated fact never was.
        Withdraw = "withdraw", "撤销记录";
        /// Days do not count.
        Suspend = "suspend", "暂停名册";
        /// A ground excludes the person.
        Exclude = "exclude", "列入排除名单";
        /// An enterprise leaves the list.
        Delist = "delist", "移出清单";
    }
}

impl ChangeAct {
    /// Whether `role` may ask for this and decide it; scope comes on top. `fact` is what it is about.
    pub fn is_open_to(self, role: Role, fact: Option<FactKind>) -> bool {
        match self {
            // The list is the province's: a county office corrects people, not the list.
            Self::Delist => role.may(Act::ImportRegistry),
            _ if fact == Some(FactKind::Listing) => role.may(Act::ImportRegistry),
            Self::Correct | Self::Withdraw => Action::Correct.is_open_to(role),
            Self::Suspend => Action::Suspend.is_open_to(role),
            Self::Exclude => Action::Exclude.is_open_to(role),
        }
    }
}

/// First and last day, inclusive; without a last one it is open.
pub type Days = (NaiveDate, Option<NaiveDate>);

/// A change that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another period for a fact.
    Correct(FactRef, Days),
    /// A fact is held no longer.
    Withdraw(FactRef),
    /// Days of a person, by official number, do not count.
    Suspend(String, Days),
    /// A person, by official number, is excluded on a ground.
    Exclude(String, Days, String),
    /// An enterprise, by its code, leaves the list after this day.
    Delist(String, NaiveDate),
}

/// Whom a changed fact is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A person, by official number.
    Person(String),
    /// An enterprise, by its code.
    Enterprise(String),
}

/// What a change was made to.
pub(super) struct Changed {
    pub(super) about: About,
    pub(super) whose: Whose,
    /// The period before, of a fact that was held.
    pub(super) before: Option<Period>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Official number of the request.
    pub no: String,
    /// Whom it is about.
    pub about: About,
}

impl Change {
    /// What it is.
    pub const fn act(&self) -> ChangeAct {
        match self {
            Self::Correct(..) => ChangeAct::Correct,
            Self::Withdraw(..) => ChangeAct::Withdraw,
            Self::Suspend(..) => ChangeAct::Suspend,
            Self::Exclude(..) => ChangeAct::Exclude,
            Self::Delist(..) => ChangeAct::Delist,
        }
    }

    const fn fact(&self) -> Option<FactRef> {
        match self {
            Self::Correct(fact, _) | Self::Withdraw(fact) => Some(*fact),
            _ => None,
        }
    }

    const fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match self {
            Self::Correct(_, (from, through))
            | Self::Suspend(_, (from, through))
            | Self::Exclude(_, (from, through), _) => (Some(*from), *through),
            Self::Delist(_, last_day) => (None, Some(*last_day)),
            Self::Withdraw(_) => (None, None),
        }
    }

    fn ground(&self) -> &str {
        if let Self::Exclude(_, _, ground) = self { ground.trim() } else { "" }
    }

    /// What is wrong by itself, with the fields `until`, `reason` and `document_no`.
    fn check(&self, grounds: &Grounds) -> Result<(), Error> {
        let mut faults = grounds.faults();
        if let (Some(from), Some(through)) = self.days()
            && Period::new(from, Some(through)).is_none()
        {
            faults.push(invalid("until", Refusal::Reversed.to_string()));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    /// Makes the change as `actor`.
    async fn make(
        &self,
        app: &App,
        tx: &Tx,
        actor: &Actor,
        grounds: &Grounds,
    ) -> Result<Changed, Error> {
        match self {
            Self::Correct(fact, days) => {
                let to = (*fact, Some(period(*days)?));
                correction::change(app, tx, actor, to, grounds).await
            }
            Self::Withdraw(fact) => {
                correction::change(app, tx, actor, (*fact, None), grounds).await
            }
            Self::Suspend(no, days) => {
                restriction::suspend(app, tx, actor, (no, period(*days)?), grounds).await
            }
            Self::Exclude(no, days, ground) => {
                let what = (no.as_str(), period(*days)?, ground.as_str());
                restriction::exclude(app, tx, actor, what, grounds).await
            }
            Self::Delist(uscc, last_day) => {
                listing::end_listing(app, tx, actor, (uscc, *last_day), grounds).await
            }
        }
    }

    /// The change that a row asks for about whoever has the number `no`.
    fn of(row: &Request, no: &str) -> Result<Self, Error> {
        let unread = || Error::Internal(format!("request {} cannot be read", row.request_no));
        let fact = row.fact_id.zip(FactKind::from_code(&row.fact_kind));
        let fact = fact.map(|(id, kind)| FactRef { kind, id });
        let no = no.to_owned();
        let days = || Ok::<_, Error>((row.first_day.ok_or_else(unread)?, row.last_day));
        Ok(match ChangeAct::from_code(&row.act).ok_or_else(unread)? {
            ChangeAct::Correct => Self::Correct(fact.ok_or_else(unread)?, days()?),
            ChangeAct::Withdraw => Self::Withdraw(fact.ok_or_else(unread)?),
            ChangeAct::Suspend => Self::Suspend(no, days()?),
            ChangeAct::Exclude => Self::Exclude(no, days()?, row.ground.clone()),
            ChangeAct::Delist => Self::Delist(no, row.last_day.ok_or_else(unread)?),
        })
    }
}

fn period((from, through): Days) -> Result<Period, Error> {
    let reversed = || Error::Invalid(vec![invalid("until", Refusal::Reversed.to_string())]);
    Period::new(from, through).ok_or_else(reversed)
}

/// Asks for a change. It is tried out and taken back at once, so that whoever types it learns what
/// stands against it; nothing holds until [`decide_change`].
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the actor's scope; [`Error::Stale`], saying what
/// holds now, when the version was changed by somebody else; [`Error::Invalid`] with the fields
/// `until`, `ground`, `reason` and `document_no`; [`Error::Refused`] when the change breaks a rule
/// of the roster, a file has the say, or another request about the same waits.
pub async fn request_change(
    app: &App,
    actor: &Actor,
    change: &Change,
    grounds: &Grounds,
) -> Result<Asked, Error> {
    if !change.act().is_open_to(actor.role, change.fact().map(|fact| fact.kind)) {
        return Err(Error::Forbidden(Act::CorrectFacts));
    }
    change.check(grounds)?;
    let trial = app.db.begin().await?;
    let tried = change.make(app, &trial, actor, grounds).await?;
    trial.rollback().await?;
    let tx = app.db.begin().await?;
    let fact = change.fact().map(|fact| (fact.kind.code(), fact.id));
    let act = change.act().code();
    if let Some(open) = store::open_beside(&tx, act, fact, tried.whose).await? {
        let text = format!("已有变更申请 {} 待另一人核对，请先确认或退回", open.request_no);
        return Err(Error::Refused(text));
    }
    let new = NewRequest {
        act,
        fact,
        whose: tried.whose,
        days: change.days(),
        held: tried.before,
        ground: change.ground(),
        reason: &grounds.reason,
        document_no: &grounds.document_no,
        by: (actor.account_id, actor.holder_id),
        at: app.clock.now(),
    };
    let no = store::ask(&tx, &new).await?;
    let asked = Asked { no, about: tried.about };
    let detail = json!({
        "request": asked.no,
        "act": act,
        "fact": change.fact().map(|fact| fact.to_string()),
        "from": new.days.0,
        "through": new.days.1,
        "document_no": grounds.document_no,
    });
    log(app, &tx, actor, "change.requested", object(&asked.about), &detail).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Makes a change that another person asked for, or sends it back; whoever asked may take it back.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope; [`Error::Forbidden`] for whoever could not ask for
/// it; [`Error::Refused`] for one's own and when it cannot be made any more;
/// [`Error::Stale`] when somebody decided it first or changed the fact meanwhile;
/// [`Error::Invalid`] (`note`) when it is sent back without a reason.
pub async fn decide_change(
    app: &App,
    actor: &Actor,
    no: &str,
    (accept, note): (bool, &str),
) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, &actor.scope, no).await?;
    let row = row.ok_or(Error::NotFound("这项变更申请"))?;
    let is_own = row.asked_holder == actor.holder_id;
    let subject = store::subject_no(&tx, &row).await?;
    let change = Change::of(&row, &subject)?;
    if !change.act().is_open_to(actor.role, change.fact().map(|fact| fact.kind)) {
        return Err(Error::Forbidden(Act::CorrectFacts));
    }
    // Whoever asked may take it back.
    let asked_by = if is_own && !accept { 0 } else { row.asked_holder };
    let state = (row.decided_at.is_some(), asked_by);
    let note = judged(actor, state, (accept, note), ("这项变更申请", "变更申请"))?;
    if accept {
        let grounds = Grounds::new(&row.reason, &row.document_no);
        change.make(app, &tx, actor, &grounds).await?;
    }
    let verdict = Verdict { accepted: accept, note: &note, at: app.clock.now() };
    store::decide(&tx, row.id, (actor.account_id, actor.holder_id), verdict).await?;
    let verb = if accept { "change.accepted" } else { "change.sent_back" };
    let detail = json!({ "request": no, "act": row.act, "note": note });
    let about = match row.person_id {
        Some(_) => About::Person(subject),
        None => About::Enterprise(subject),
    };
    log(app, &tx, actor, verb, object(&about), &detail).await?;
    Ok(tx.commit().await?)
}

fn object(about: &About) -> (&'static str, &str) {
    match about {
        About::Person(no) => ("engineer", no),
        About::Enterprise(uscc) => ("enterprise", uscc),
    }
}
