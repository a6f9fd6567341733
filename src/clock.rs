//! Time is an argument. Only this file asks the machine what time it is.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound, Utc};

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
}

impl Clock {
    /// The machine's clock as it is.
    pub const fn system() -> Self {
        Self::System { offset: Duration::zero() }
    }

    /// Now, in whole seconds: both databases keep those exactly.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System { offset } => (Utc::now() + *offset).trunc_subsecs(0),
            Self::Fixed(instant) => *instant,
        }
    }

    /// Today in China.
    pub fn today(&self) -> NaiveDate {
        china_time(self.now()).date_naive()
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

/// The instant of a time on a clock in China; `None` beyond the range of instants.
pub fn china_instant(time: NaiveDateTime) -> Option<DateTime<Utc>> {
    let utc = time.checked_sub_signed(Duration::seconds(i64::from(CHINA_OFFSET_SECONDS)))?;
    Some(utc.and_utc())
}
