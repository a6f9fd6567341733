//! Sets of days of one calendar year as bits: a period becomes one range of bits, a condition one
//! set, "all conditions at once" one intersection. No step of the engine walks single days.

use chrono::{Datelike, NaiveDate};

use crate::domain::period::Period;

const WORDS: usize = 6;

/// A set of days of a year; day 0 is 1 January.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Days([u64; WORDS]);

impl Days {
    pub(super) const EMPTY: Self = Self([0; WORDS]);

    /// The days `from..to`, `to` exclusive; empty when `to <= from`.
    pub(super) fn range(from: u16, to: u16) -> Self {
        let mut words = [0; WORDS];
        if from < to {
            let (first, last) = (usize::from(from / 64), usize::from((to - 1) / 64));
            for word in &mut words[first..=last] {
                *word = u64::MAX;
            }
            words[first] &= u64::MAX << (from % 64);
            words[last] &= u64::MAX >> (63 - (to - 1) % 64);
        }
        Self(words)
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a &= b;
        }
        self
    }

    pub(super) fn or(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a |= b;
        }
        self
    }

    pub(super) fn minus(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a &= !b;
        }
        self
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn count(self) -> u16 {
        // At most 384, so the sum fits.
        self.0.iter().map(|word| word.count_ones() as u16).sum()
    }

    pub(super) fn first(self) -> Option<u16> {
        let at = self.0.iter().position(|word| *word != 0)?;
        Some(at as u16 * 64 + self.0[at].trailing_zeros() as u16)
    }

    pub(super) fn last(self) -> Option<u16> {
        let at = self.0.iter().rposition(|word| *word != 0)?;
        Some(at as u16 * 64 + 63 - self.0[at].leading_zeros() as u16)
    }

    /// The days of one month as the low bits of a word.
    pub(super) fn slice(self, span: (u16, u16)) -> u64 {
        let (from, to) = span;
        let (word, shift) = (usize::from(from / 64), from % 64);
        let mut bits = self.0[word] >> shift;
        if shift > 0 && word + 1 < WORDS {
            bits |= self.0[word + 1] << (64 - shift);
        }
        bits & ((1 << (to - from)) - 1)
    }
}

/// One calendar year: its length, its months, and where a date falls in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Year {
    pub(super) number: i32,
    starts: [u16; 13],
}

impl Year {
    /// `None` when the calendar has no such year.
    pub(super) fn new(number: i32) -> Option<Self> {
        let last = NaiveDate::from_ymd_opt(number, 12, 31)?;
        let leap = u16::from(last.ordinal() == 366);
        let mut starts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
        for start in &mut starts[2..] {
            *start += leap;
        }
        Some(Self { number, starts })
    }

    /// 365 or 366.
    pub(super) fn days(&self) -> u16 {
        self.starts[12]
    }

    /// First day and the day after the last one of month `0..12`.
    pub(super) fn month(&self, month: usize) -> (u16, u16) {
        (self.starts[month], self.starts[month + 1])
    }

    /// The part of a period inside the year, end exclusive; `from >= to` when there is none.
    pub(super) fn clip(&self, period: &Period) -> (u16, u16) {
        (self.offset(period.from, 0), period.through.map_or(self.days(), |day| self.offset(day, 1)))
    }

    /// The days of a period inside the year.
    pub(super) fn set(&self, period: &Period) -> Days {
        let (from, to) = self.clip(period);
        Days::range(from, to)
    }

    /// The days of all months whose bit is set.
    pub(super) fn months(&self, mut bits: u16) -> Days {
        let mut days = Days::EMPTY;
        let mut start = 0;
        while bits != 0 {
            start += bits.trailing_zeros() as usize;
            let run = (bits >> bits.trailing_zeros()).trailing_ones() as usize;
            days = days.or(Days::range(self.starts[start], self.starts[start + run]));
            bits = (bits >> bits.trailing_zeros()) >> run;
            start += run;
        }
        days
    }

    fn offset(&self, day: NaiveDate, after: u16) -> u16 {
        match day.year().cmp(&self.number) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => day.ordinal0() as u16 + after,
            std::cmp::Ordering::Greater => self.days(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_exactly_its_days() {
        for (from, to) in [(0, 0), (5, 5), (9, 3), (0, 1), (63, 64), (60, 70), (0, 366), (365, 366)]
        {
            let days = Days::range(from, to);
            let expected: Vec<u16> = (from..to).collect();
            let found: Vec<u16> =
                (0..366).filter(|day| !days.and(Days::range(*day, day + 1)).is_empty()).collect();
            assert_eq!(found, expected);
            assert_eq!(usize::from(days.count()), expected.len());
            assert_eq!(
                (days.first(), days.last()),
                (expected.first().copied(), expected.last().copied())
            );
        }
    }

    #[test]
    fn months_join_into_runs_of_days() {
        let year = Year::new(2028).unwrap();
        for bits in [0_u16, 0xfff, 0b1, 0b1000_0000_0000, 0b1010_0110_0101] {
            let mut expected = Days::EMPTY;
            for month in (0..12).filter(|month| bits >> month & 1 == 1) {
                let (from, to) = year.month(month);
                expected = expected.or(Days::range(from, to));
            }
            assert_eq!(year.months(bits), expected);
        }
        assert_eq!(year.days(), 366);
        assert_eq!(Days::range(0, 366).slice(year.month(1)).count_ones(), 29);
    }
}
