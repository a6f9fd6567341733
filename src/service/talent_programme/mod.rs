//! Talent programmes that keep separate places for artificial intelligence (S1): the register and
//! its places a year, nominations by enterprises, results, and the shares that were selected. Results
//! take two people. Money that comes with a selection is stated as an award of another programme in the
//! same transaction, so that the next run of the year finds it by itself.

mod nominate;
mod register;
mod results;
mod ruling;
mod shipped;
mod view;

pub use nominate::{NewTeam, nominate, withdraw};
pub use register::{NewPlaces, NewProgramme, add, set_places};
pub use results::{Entered, import, record};
pub use ruling::{RuledLine, RulingLine, decide_results, results_waiting};
pub(super) use shipped::ensure_shipped;
pub use shipped::keep_shipped;
pub use view::{
    Detail, Filter, MemberLine, NominationLine, OneNomination, PlacesLine, PlacesVersion,
    ProgrammeLine, ROWS_A_PAGE, detail, nomination, overview, sheet,
};

use super::{Actor, Error, invalid};
use crate::domain::authority::Act;
use crate::domain::region;

/// Whether the actor keeps programmes, places and results.
pub fn may_keep(actor: &Actor) -> bool {
    actor.role.may(Act::ImportRegistry) && actor.division == region::PROVINCE
}

/// Whether the actor nominates for an enterprise.
pub fn may_nominate(actor: &Actor) -> bool {
    actor.role.may(Act::FileEngineers)
}

fn must_keep(actor: &Actor) -> Result<(), Error> {
    actor.must(Act::ImportRegistry)
}

/// A year as it is typed, 2025 to the year after next; 0 with a fault otherwise.
fn typed_year(text: &str, this_year: i32, faults: &mut Vec<(String, String)>) -> i32 {
    let year = text.trim().parse().ok().filter(|year| (2025..=this_year + 2).contains(year));
    year.unwrap_or_else(|| {
        faults.push(invalid("year", format!("年度应为 2025 至 {} 年", this_year + 2)));
        0
    })
}
