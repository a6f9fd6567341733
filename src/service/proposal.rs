//! What one person proposes and another decides: the checks that all such things share.

use super::payment::required_text;
use super::{Actor, Error};

/// Longest reason for sending something back, in characters.
const MAX_REASON: usize = 500;

/// The remark of a decision, once nothing stands against it: nobody decided before, and whoever
/// proposed it is somebody else. Sending back asks for a reason. `this` and `name` are what the
/// reader calls it: 这条目录, 目录.
///
/// # Errors
/// [`Error::Stale`]; [`Error::Refused`]; [`Error::Invalid`] (`note`).
pub(super) fn judged(
    actor: &Actor,
    (is_decided, proposed_by): (bool, i64),
    (accept, note): (bool, &str),
    (this, name): (&str, &str),
) -> Result<String, Error> {
    if is_decided {
        return Err(Error::Stale(format!("{this}已由他人确认或退回")));
    }
    if proposed_by == actor.holder_id {
        return Err(Error::Refused(format!("您提出的{name}须由另一人确认或退回")));
    }
    match note.trim() {
        "" if accept => Ok(String::new()),
        typed => required_text("note", "退回原因", typed, MAX_REASON),
    }
}
