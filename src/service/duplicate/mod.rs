//! Persons who were registered twice: a list of likely pairs, and merges that two people decide
//! and can take back.

mod clues;
mod list;
mod merge;
mod pair;
mod suspect;
mod view;

pub(super) use clues::read_new_facts;
pub use list::{DuplicateLine, DuplicatePage, DuplicateQuery, PAGE_SIZE, duplicates, export};
pub use merge::{NewMerge, confirm, propose, propose_undo, reject};
pub use pair::{Comparison, Dismissed, PairView, Side, dismiss, pair};
pub(super) use suspect::{Suspects, facts as suspicions, fresh};
pub use view::{MergeState, MergeStep, MergeView, merge_view};

use crate::service::Error;
use crate::service::roster::Grounds;

/// What is wrong with reason and document number, by field.
fn check(grounds: &Grounds) -> Result<(), Error> {
    let faults = grounds.faults();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
