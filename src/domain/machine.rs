//! Machines that talk to the registry: what a token lets them do, for how long, and how often.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use super::registry::Code;
use crate::code_list;

code_list! {
    /// What a token lets a system account do. The role of the account limits it further.
    ApiScope {
        /// Read what lies within the account's scope.
        Read = "read", "查询";
        /// Register the enterprise's own engineers and report departures.
        Register = "register", "登记人员和离职";
        /// Hand in evidence months for the office to confirm.
        Evidence = "evidence", "报送社保个税月份";
    }
}

/// Longest life of a token, in days (default assumption, to be set by the competent department).
pub const LONGEST_DAYS: u64 = 366;
/// Requests a minute that a token may make when nothing else is said.
pub const USUAL_RATE: i64 = 120;
/// Most requests a minute that can be granted.
pub const HIGHEST_RATE: i64 = 6_000;

/// The scopes in a stored text, parted by spaces; unknown ones give nothing.
pub fn scopes_of(text: &str) -> Vec<ApiScope> {
    text.split(' ').filter_map(ApiScope::from_code).collect()
}

/// The text that [`scopes_of`] reads, each scope once, in the order of the list.
pub fn scopes_text(scopes: &[ApiScope]) -> String {
    let held = ApiScope::ALL.iter().filter(|scope| scopes.contains(scope));
    held.map(|scope| scope.code()).collect::<Vec<_>>().join(" ")
}

/// Whether a token made on `today` may hold up to and including `last`.
pub fn may_last(today: NaiveDate, last: NaiveDate) -> bool {
    let longest = today.checked_add_days(Days::new(LONGEST_DAYS));
    last >= today && longest.is_some_and(|longest| last <= longest)
}

/// Counts the requests of each token by the minute.
#[derive(Debug, Default)]
pub struct Gate {
    minutes: HashMap<i64, (i64, i64)>,
}

impl Gate {
    /// Lets one more request of `token` through at `second` (since the epoch), when there were
    /// fewer than `per_minute` in this minute.
    ///
    /// # Errors
    /// The seconds after which the next one will pass, 1 to 60.
    pub fn pass(&mut self, token: i64, second: i64, per_minute: i64) -> Result<(), i64> {
        let minute = second.div_euclid(60);
        let counted = self.minutes.entry(token).or_insert((minute, 0));
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        if counted.1 >= per_minute {
            return Err(60 - second.rem_euclid(60));
        }
        counted.1 += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_passes_so_often_a_minute_and_others_are_not_held_up() {
        let mut gate = Gate::default();
        assert_eq!((gate.pass(1, 600, 2), gate.pass(1, 617, 2)), (Ok(()), Ok(())));
        assert_eq!(gate.pass(1, 617, 2), Err(43));
        assert_eq!(gate.pass(2, 617, 2), Ok(()));
        assert_eq!(gate.pass(1, 660, 2), Ok(()), "a new minute");
    }

    #[test]
    fn scopes_are_stored_in_one_order_and_strange_ones_give_nothing() {
        let text = scopes_text(&[ApiScope::Evidence, ApiScope::Read, ApiScope::Read]);
        assert_eq!(text, "read evidence");
        assert_eq!(scopes_of("read pay evidence"), [ApiScope::Read, ApiScope::Evidence]);
    }

    #[test]
    fn a_token_lasts_a_year_at_most() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(may_last(day("2026-01-05"), day("2026-01-05")));
        assert!(may_last(day("2026-01-05"), day("2027-01-06")));
        assert!(!may_last(day("2026-01-05"), day("2027-01-07")));
        assert!(!may_last(day("2026-01-05"), day("2026-01-04")));
    }
}
