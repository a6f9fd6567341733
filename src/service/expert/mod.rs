//! The expert group and the advisory scientists (notice, section 九, third sentence): one person of
//! the province puts an appointment down, another accepts it; enterprise and province keep the log of
//! services, each confirming what the other put down. The funding of a term is a file of its own.

mod conflict;
mod decide;
mod served;
mod sheet;
mod typed;
mod view;

use std::collections::HashMap;

use chrono::NaiveDate;

use super::policy::Shipped;
use super::{Actor, Error};
use crate::code_list;
use crate::domain::authority::{Act, Scope};
use crate::domain::expert::{AppointmentState, Term};
use crate::store::expert::{self as store, Appointment, End, Service};

pub(super) use conflict::leading;
pub use decide::{TypedEnd, decide, end, propose};
pub use served::{TypedService, confirm, correct, record};
pub use sheet::{sheet, sheet_of_services};
pub use typed::TypedAppointment;
pub use view::{
    ConflictLine, ExpertLine, ExpertView, Filter, FundingFile, ServiceLine, ServiceView, Sum,
    expert, experts, of_person, service,
};

/// The stream of the funding.
pub const PROGRAMME: &str = "expert-funding";
/// The policy text of the stream.
pub(super) const TEXT: Shipped = Shipped {
    programme: PROGRAMME,
    text: include_str!("../../../policies/expert-funding.toml"),
    cases: None,
};

code_list! {
    /// Where a record of a service stands.
    ServiceState {
        /// Waits for the other side.
        Waiting = "waiting", "待确认";
        /// Counts.
        Confirmed = "confirmed", "已确认";
        /// The other side sent it back.
        Refused = "refused", "已退回";
        /// A confirmed correction stands in its place.
        Replaced = "replaced", "已更正";
        /// It took back what it corrects, and counts nothing.
        Withdrawn = "withdrawn", "已撤回";
    }
}

/// Whether the actor reads the money and the proposals of appointments.
fn is_of_province(actor: &Actor) -> bool {
    actor.scope == Scope::Province
}

fn must_look(actor: &Actor) -> Result<(), Error> {
    let looks = actor.role.may(Act::ReadCases) || actor.role.may(Act::ReadBatches);
    if looks { Ok(()) } else { Err(Error::Forbidden(Act::ReadCases)) }
}

/// The days of an appointment.
pub(super) fn term(row: &Appointment, end: Option<&End>) -> Result<Term, Error> {
    let inconsistent = || Error::Internal(format!("appointment {}", row.appointment_no));
    let agreed = store::agreed(row).ok_or_else(inconsistent)?;
    Ok(Term { agreed, ended_on: end.map(|end| end.last_day) })
}

fn state_of(row: &Appointment, term: &Term, today: NaiveDate) -> AppointmentState {
    match row.accepted {
        None => AppointmentState::Proposed,
        Some(false) => AppointmentState::Refused,
        Some(true) => term.state_on(today),
    }
}

/// Where each of the records of services stands; all versions must be among them.
pub(super) fn standing(services: &[Service]) -> HashMap<i64, ServiceState> {
    let confirmed = services.iter().filter(|row| row.accepted == Some(true));
    let replaced: Vec<i64> = confirmed.filter_map(|row| row.supersedes_id).collect();
    let state = |row: &Service| match row.accepted {
        None => ServiceState::Waiting,
        Some(false) => ServiceState::Refused,
        Some(true) if replaced.contains(&row.id) => ServiceState::Replaced,
        Some(true) if row.hours_tenths == 0 => ServiceState::Withdrawn,
        Some(true) => ServiceState::Confirmed,
    };
    services.iter().map(|row| (row.id, state(row))).collect()
}
