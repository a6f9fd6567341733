//! When somebody who guesses has to wait.

use chrono::{DateTime, TimeDelta, Utc};

use super::session::SET_BACK;

/// So many failures within a time close the door for a while.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Failures that close the door.
    pub failures: usize,
    /// The time within which they count together, in minutes.
    pub window_minutes: i64,
    /// How long the door stays closed after the last of them, in minutes.
    pub closed_minutes: i64,
}

/// For one sign-in name: five failures in 15 minutes close it for 15 minutes
/// (GB/T 22239-2019 8.1.4.1 b asks for a limit and leaves the numbers to the operator).
pub const PER_LOGIN: Limit = Limit { failures: 5, window_minutes: 15, closed_minutes: 15 };

/// For one network address, whatever names are tried.
pub const PER_ADDRESS: Limit = Limit { failures: 50, window_minutes: 15, closed_minutes: 15 };

impl Limit {
    /// First instant at which another try is allowed, `None` when nothing stands in the way at
    /// `now`. `failures` are the latest ones, the last one first. Nobody is counted while locked
    /// out, so that a stranger cannot keep an owner out for ever. A failure that lies in the future
    /// counts no more: the clock was set back, and nobody stays locked until it has caught up.
    pub fn closed_until(
        &self,
        failures: &[DateTime<Utc>],
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let last = failures.first()?;
        let decisive = failures.get(self.failures.checked_sub(1)?)?;
        if failures.iter().take(self.failures).any(|at| *at > now + SET_BACK) {
            return None;
        }
        let together = *last - *decisive <= TimeDelta::minutes(self.window_minutes);
        let until = *last + TimeDelta::minutes(self.closed_minutes);
        (together && now < until).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn until(minutes: &[i64], now: i64) -> Option<DateTime<Utc>> {
        let latest_first: Vec<_> = minutes.iter().rev().map(|m| minute(*m)).collect();
        PER_LOGIN.closed_until(&latest_first, minute(now))
    }

    #[test]
    fn five_failures_within_a_quarter_of_an_hour_close_the_door_for_a_quarter() {
        assert_eq!(until(&[0, 1, 2, 3], 3), None);
        assert_eq!(until(&[0, 1, 2, 3, 15], 15), Some(minute(30)));
        assert_eq!(until(&[0, 1, 2, 3, 15], 29), Some(minute(30)));
        assert_eq!(until(&[0, 1, 2, 3, 15], 30), None);
    }

    #[test]
    fn failures_far_apart_close_nothing() {
        assert_eq!(until(&[0, 4, 8, 12, 16], 16), None);
        assert_eq!(until(&[0, 1, 2, 3, 4, 19], 19), None);
    }

    #[test]
    fn a_clock_that_is_set_back_prolongs_no_lock() {
        assert_eq!(until(&[100, 101, 102, 103, 104], 103), Some(minute(119)), "by a minute only");
        assert_eq!(until(&[100, 101, 102, 103, 104], 50), None);
        assert_eq!(until(&[100, 50, 51, 52, 53, 54], 55), Some(minute(69)), "five more close it");
    }
}
