//! Leases of jobs: whoever works on one holds it, and lengthens its hold from piece to piece.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition};

use crate::domain::session::SET_BACK;

/// How long a job belongs to whoever works on it. Together with the pause between two looks for
/// jobs it stays below the minute in which the job of a program that was killed goes on.
pub const LEASE: TimeDelta = TimeDelta::seconds(45);

/// Whether nobody holds a job any more: its lease has ended, or lies further ahead than any lease
/// that could have been given. The clock was set back then, and nobody waits for it to catch up.
pub fn is_over(until: impl ColumnTrait, now: DateTime<Utc>) -> Condition {
    Condition::any().add(until.lte(now)).add(until.gt(now + LEASE + SET_BACK))
}

/// The same for a lease that was read.
pub fn has_ended(until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    until <= now || until > now + LEASE + SET_BACK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_ends_with_its_time_and_when_the_clock_is_set_back() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(365);
        assert!(!has_ended(now + LEASE, now) && has_ended(now, now));
        assert!(!has_ended(now + LEASE, now - TimeDelta::minutes(1)), "clocks differ a little");
        assert!(has_ended(now + LEASE, now - TimeDelta::hours(1)));
    }
}
