//! Who does what in the demonstration's year: who moves, who leaves, whose months are missing.

use chrono::{Datelike, NaiveDate};

use crate::domain::identity::{DocumentType, IdentityDocument};
use crate::domain::money::Fen;

use super::enterprises::Enterprise;
use super::people::{self, Engineer};
use super::sheets::{Award, MonthPaid};

/// Engineers each enterprise files in all.
pub(super) const PER_ENTERPRISE: usize = 25;
/// The enterprise that leaves the list on 30 June.
pub(super) const DELISTED: usize = 8;

/// An engineer and the turns of their year.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) number: usize,
    pub(super) home: usize,
    pub(super) engineer: Engineer,
    /// The next enterprise, from 16 May.
    pub(super) moves_to: Option<usize>,
    /// Last day in post at the home enterprise, told in time.
    pub(super) last_day: Option<NaiveDate>,
}

/// A day of 2026.
pub(super) fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a date in the calendar")
}

fn first_of_june_before() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 6, 1).expect("a date in the calendar")
}

/// The thousand engineers, the same on every run.
pub(super) fn lives(enterprises: usize) -> Vec<Life> {
    (0..enterprises)
        .flat_map(|home| {
            let engineers = people::of_enterprise(home, PER_ENTERPRISE);
            engineers.into_iter().enumerate().map(move |(i, engineer)| {
                let number = home * PER_ENTERPRISE + i;
                Life::new(number, home, enterprises, engineer)
            })
        })
        .collect()
}

impl Life {
    fn new(number: usize, home: usize, enterprises: usize, mut engineer: Engineer) -> Self {
        if home == DELISTED {
            // It files nobody after the spring.
            engineer.employed_from = engineer.employed_from.min(first_of_june_before());
            engineer.rostered_from = day(1, 1);
        }
        let moves_to = (number % 100 == 3).then_some((home + 1) % enterprises);
        let left = [day(5, 31), day(8, 31), day(10, 14)];
        let last_day = match moves_to {
            Some(_) => Some(day(5, 15)),
            None => (number % 50 == 11).then(|| left[number / 50 % left.len()]),
        };
        Self { number, home, engineer, moves_to, last_day }
    }

    /// Whether the enterprise files this person in September only.
    pub(super) fn begins_in_year(&self) -> bool {
        self.engineer.rostered_from > day(1, 1)
    }

    /// The same person as the next enterprise files them.
    pub(super) fn as_newcomer(&self) -> Engineer {
        let first = day(5, 16);
        Engineer { employed_from: first, rostered_from: first, ..self.engineer.clone() }
    }

    /// Whether the insurer reports no August: every fortieth person.
    pub(super) fn lacks_august(&self) -> bool {
        self.number % 40 == 5 && !self.begins_in_year()
    }

    /// Whether that August is proven after all, the year after.
    pub(super) fn august_arrives_late(&self) -> bool {
        self.lacks_august() && self.number % 80 == 45
    }

    /// Whether the departure on 31 October is told only after the money was paid.
    pub(super) fn left_unreported(&self) -> bool {
        self.number % 400 == 20
    }

    /// What the identity document is found by.
    pub(super) fn document_key(&self) -> Option<String> {
        let kind = DocumentType::from_label(self.engineer.document_type)?;
        let read = IdentityDocument::parse(kind, &self.engineer.document_no).ok()?;
        Some(read.value.identity_key())
    }

    fn paid_months(&self, enterprises: &[Enterprise]) -> Vec<MonthPaid> {
        let first = self.engineer.employed_from.max(day(1, 1)).month();
        let last = match self.moves_to {
            Some(_) => 12,
            None => self.last_day.map_or(12, |last| last.month()),
        };
        let months = (first..=last).filter(|month| !(self.lacks_august() && *month == 8));
        months.map(|month| self.month(month, enterprises, false)).collect()
    }

    /// The record of one month of 2026.
    pub(super) fn month(&self, month: u32, enterprises: &[Enterprise], late: bool) -> MonthPaid {
        let payer = self.moves_to.filter(|_| month > 5).unwrap_or(self.home);
        MonthPaid {
            name: self.engineer.name.clone(),
            document_type: self.engineer.document_type,
            document_no: self.engineer.document_no.clone(),
            month: format!("2026-{month:02}"),
            payer_uscc: enterprises[payer].uscc.clone(),
            kind: "社保",
            paid_late: late,
        }
    }
}

/// What the insurer reports in July: the first half-year of everybody who is filed by then.
pub(super) fn first_report(lives: &[Life], enterprises: &[Enterprise]) -> Vec<MonthPaid> {
    let known = lives.iter().filter(|life| !life.begins_in_year());
    known
        .flat_map(|life| life.paid_months(enterprises))
        .filter(|paid| paid.month.as_str() <= "2026-06")
        .collect()
}

/// What it reports the January after: everything else.
pub(super) fn second_report(lives: &[Life], enterprises: &[Enterprise]) -> Vec<MonthPaid> {
    lives
        .iter()
        .flat_map(|life| {
            let late = life.begins_in_year();
            let months = life.paid_months(enterprises).into_iter();
            months.filter(move |paid| late || paid.month.as_str() > "2026-06")
        })
        .collect()
}

/// The first two months of 2027 of everybody who is still there; a few are missing.
pub(super) fn winter_report(lives: &[Life], enterprises: &[Enterprise]) -> Vec<MonthPaid> {
    let there = lives.iter().filter(|life| {
        let left = life.last_day.is_some() && life.moves_to.is_none();
        !(left || life.left_unreported() || life.number % 150 == 70)
    });
    there
        .flat_map(|life| {
            let december = life.month(12, enterprises, false);
            ["2027-01", "2027-02"]
                .map(|month| MonthPaid { month: month.into(), ..december.clone() })
        })
        .collect()
}

/// Money of another provincial programme that some people have for the same year.
pub(super) fn other_awards(lives: &[Life]) -> Vec<Award> {
    let some = lives.iter().filter(|life| life.number % 125 == 60);
    some.enumerate()
        .map(|(i, life)| {
            let amount = Fen::new(if i % 3 == 0 { 30_000_000 } else { 8_000_000 });
            award(life, amount, format!("闽人社奖〔2026〕{:03}号", 11 + i))
        })
        .collect()
}

/// An award that is granted only after the stipend was paid.
pub(super) fn late_award(lives: &[Life]) -> Vec<Award> {
    let one = lives.iter().filter(|life| life.number == 31);
    one.map(|life| award(life, Fen::new(8_000_000), "闽人社奖〔2027〕002号".to_owned())).collect()
}

fn award(life: &Life, amount: Fen, decision_no: String) -> Award {
    Award {
        name: life.engineer.name.clone(),
        document_type: life.engineer.document_type,
        document_no: life.engineer.document_no.clone(),
        programme: "省级高层次人才生活补助",
        group: "省级人才奖补",
        amount,
        granted_by: "福建省人力资源和社会保障厅",
        decision_no,
    }
}
