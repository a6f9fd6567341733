//! How long somebody stays signed in.

use chrono::{DateTime, TimeDelta, Utc};

/// How far the machine's clock may be set back without anybody being signed out. Clocks of several
/// machines differ by less.
pub const SET_BACK: TimeDelta = TimeDelta::minutes(2);

/// When a session was used and when it ends in any case.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// The latest use, which only grows.
    pub last_seen_at: DateTime<Utc>,
    /// First instant at which it is over whatever happens.
    pub expires_at: DateTime<Utc>,
}

impl Times {
    /// Whether the session is over at `now`: unused for `idle`, at its end, or when the clock was
    /// set back beyond [`SET_BACK`] before its latest use. Nobody can tell then how long it was not
    /// used, and a session must not live twice through the same hours.
    pub fn are_over(&self, idle: TimeDelta, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
            || now >= self.last_seen_at + idle
            || now < self.last_seen_at - SET_BACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_unused_at_its_end_and_when_time_runs_back() {
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let times = Times { last_seen_at: at(60), expires_at: at(600) };
        let over = |minute| times.are_over(TimeDelta::minutes(30), at(minute));
        assert_eq!([over(58), over(60), over(89)], [false; 3]);
        assert_eq!([over(90), over(600), over(57), over(-1_000_000)], [true; 4]);
    }
}
