//! Time is an argument. Only this file asks the machine what time it is.

use chrono::{
    DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound, Utc,
};

/// Official time is China Standard Time; days begin and end by it.
const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock, moved by an offset (zero except in a demonstration).
    System {
        /// Added to the machine's time.
        offset: Duration,
    },
    /// A clock that stands still, for tests and for scripted histories.
    Fixed(DateTime<Utc>),
    /// The machine's clock, unless somebody set another time for what is done now: in an
    /// installation that was made to test with, and nowhere else.
    Settable,
}

tokio::task_local! {
    /// The time that was set for the task at hand.
    static SET: DateTime<Utc>;
}

/// Does something at another time than the machine's, as far as a [`Clock::Settable`] goes.
pub async fn at<F: Future>(instant: DateTime<Utc>, what: F) -> F::Output {
    SET.scope(instant.trunc_subsecs(0), what).await
}

/// The same work, to be done by another task at the time that is set for this one.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let set = SET.try_with(|instant| *instant).ok();
    async move {
        match set {
            Some(instant) => at(instant, work).await,
            None => work.await,
        }
    }
}

impl Clock {
    /// The machine's clock as it is.
    pub const fn system() -> Self {
        Self::System { offset: Duration::zero() }
    }

    /// Now, in whole seconds: both databases keep those exactly.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Settable => SET.try_with(|instant| *instant).ok(),
            Self::System { .. } | Self::Fixed(_) => None,
        }
        .unwrap_or_else(|| self.machine_now())
    }

    /// Now, whatever time is set: for sessions, tokens, throttles, leases and everything that
    /// must not begin or end because somebody tries another day.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn machine_now(&self) -> DateTime<Utc> {
        match self {
            Self::System { offset } => (Utc::now() + *offset).trunc_subsecs(0),
            Self::Fixed(instant) => *instant,
            Self::Settable => Utc::now().trunc_subsecs(0),
        }
    }

    /// Now as devices elsewhere read it, also in a demonstration: for codes that both sides reckon.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn device_now(&self) -> DateTime<Utc> {
        match self {
            Self::Fixed(instant) => *instant,
            Self::System { .. } | Self::Settable => Utc::now().trunc_subsecs(0),
        }
    }

    /// Whether another time can be set.
    pub const fn is_settable(&self) -> bool {
        matches!(self, Self::Settable)
    }

    /// Today in China, whatever time is set.
    pub fn machine_today(&self) -> NaiveDate {
        china_time(self.machine_now()).date_naive()
    }

    /// Today in China.
    pub fn today(&self) -> NaiveDate {
        china_time(self.now()).date_naive()
    }

    /// The award year that offices work on today: until the last claims of a year close on 30 June
    /// of the next (domain.md 8.1, A16), that year is the one on the desk.
    pub fn award_year(&self) -> i32 {
        let today = self.today();
        if today.month() <= 6 { today.year() - 1 } else { today.year() }
    }
}

/// The same instant on a clock in China.
pub fn china_time(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset =
        FixedOffset::east_opt(CHINA_OFFSET_SECONDS).expect("eight hours is a valid offset");
    instant.with_timezone(&offset)
}

/// The instant at which a day begins in China.
pub fn china_day_start(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    midnight - Duration::seconds(i64::from(CHINA_OFFSET_SECONDS))
}

/// The instant at which a clock in China shows another day and the same time of day.
pub fn same_time_on(day: NaiveDate, instant: DateTime<Utc>) -> DateTime<Utc> {
    let since_midnight = china_time(instant).time() - chrono::NaiveTime::MIN;
    china_day_start(day) + since_midnight
}

/// The instant of a time on a clock in China; `None` beyond the range of instants.
pub fn china_instant(time: NaiveDateTime) -> Option<DateTime<Utc>> {
    let utc = time.checked_sub_signed(Duration::seconds(i64::from(CHINA_OFFSET_SECONDS)))?;
    Some(utc.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_set_time_holds_for_one_task_and_only_where_it_can_be_set() {
        let then = china_day_start(NaiveDate::from_ymd_opt(2037, 3, 5).unwrap());
        let clock = Clock::Settable;
        let seen = at(then, async { (clock.now(), clock.machine_now() < then) }).await;
        assert_eq!(seen, (then, true), "the machine's time goes on beside it");
        let fixed = Clock::Fixed(then + Duration::days(1));
        assert_eq!(at(then, async { fixed.today().to_string() }).await, "2037-03-06");
        let away = async { tokio::spawn(carried(async { Clock::Settable.now() })).await };
        assert_eq!(at(then, away).await.unwrap(), then, "carried to another task");
        let bare = async { tokio::spawn(async { Clock::Settable.now() }).await };
        assert!(at(then, bare).await.unwrap() < then);
        assert!(clock.now() < then, "over with the task");
    }
}
