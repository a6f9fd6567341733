//! Somebody leaves.

use chrono::NaiveDate;
use serde_json::json;

use super::{OwnPerson, enterprise_name};
use crate::app::App;
use crate::domain::registry::Code;
use crate::domain::roster::{self as rules, Action, DepartureReason};
use crate::service::case::roster_entry;
use crate::service::decree::Decree;
use crate::service::{Actor, Error, invalid, log};

/// A reported end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDay {
    /// Last day in post; it still counts.
    pub last_day: NaiveDate,
    /// Why.
    pub reason: DepartureReason,
    /// More about it; may be empty.
    pub note: String,
    /// Number of the document that proves the end of the contract.
    pub document_no: String,
}

/// What was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departed {
    /// Name of the enterprise that the person left.
    pub enterprise: String,
    /// Whether a roster entry was ended.
    pub entry_ended: bool,
    /// Whether an employment was ended.
    pub employment_ended: bool,
}

/// Records the last day in post: it ends the roster entry and the employment of that day. The
/// enterprise reports its own people; an HR office those within its scope.
///
/// # Errors
/// [`Error::NotFound`] for a person outside the actor's scope, [`Error::Invalid`] with the fields
/// `note` and `document_no`, [`Error::Refused`] when nobody was in post that day.
pub async fn end_entry(
    app: &App,
    actor: &Actor,
    person_no: &str,
    end: &LastDay,
) -> Result<Departed, Error> {
    actor.must_be_able(Action::Depart)?;
    let (reason, document_no) = check(end)?;
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    let person = OwnPerson::lock_by_no(&tx, actor, person_no, today).await?;
    let departure = rules::depart(
        &person.facts.entries,
        &person.facts.employments,
        |enterprise_id| person.own.contains(&enterprise_id),
        end.last_day,
        today,
    )?;
    let document = ("declaration", "离职报告");
    let decree = Decree::record(app, &tx, actor, document, &document_no, &reason).await?;
    decree.shorten(&tx, &person.facts.entries, departure.entry.as_slice()).await?;
    decree.shorten(&tx, &person.facts.employments, departure.employment.as_slice()).await?;
    if departure.entry.is_some() {
        let gone: Vec<(i64, i64)> =
            person.numbers.iter().map(|number| (*number, departure.enterprise_id)).collect();
        roster_entry::left(app, &tx, Some(actor), &gone, &reason).await?;
    }
    let enterprise = person.enterprises.get(&departure.enterprise_id);
    let detail = json!({
        "uscc": enterprise.map(|facts| facts.uscc.as_str()),
        "last_day": end.last_day,
        "reason": end.reason.code(),
        "document_no": document_no,
    });
    let object = ("engineer", person.facts.person_no.as_str());
    log(app, &tx, actor, "engineer.departed", object, &detail).await?;
    tx.commit().await?;
    Ok(Departed {
        enterprise: enterprise_name(enterprise, today),
        entry_ended: departure.entry.is_some(),
        employment_ended: departure.employment.is_some(),
    })
}

/// The reason in words, and the document number.
fn check(end: &LastDay) -> Result<(String, String), Error> {
    let (note, document_no) = (end.note.trim(), end.document_no.trim());
    let mut faults = Vec::new();
    if note.chars().count() > super::REASON_MAX {
        faults.push(invalid("note", "说明不超过500字，请精简"));
    }
    faults.extend(super::document_no_fault(document_no));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let label = end.reason.label();
    let reason = if note.is_empty() { label.to_owned() } else { format!("{label}：{note}") };
    Ok((reason, document_no.to_owned()))
}
