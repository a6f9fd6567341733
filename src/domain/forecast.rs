//! What years that nobody has decided yet would cost: everybody on the roster stays, works every
//! month and has no other award. The engine itself computes it, so that a changed policy changes
//! the forecast as it would change the money.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::determine::{
    DetermineError, Employment, Enterprises, EvidenceMonth, PersonFacts, RecognitionSpan,
    RosterSpan, Run, Stamps, Text,
};
use super::edition::Policy;
use super::funding::payer_division;
use super::money::Fen;
use super::period::Period;

/// Persons whose places on the roster are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Code of the enterprise.
    pub enterprise: Text,
    /// First and last day.
    pub period: Period,
    /// How many.
    pub persons: i64,
}

/// What would be due from a source at a payer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// Persons with something due.
    pub persons: i64,
    /// Sum.
    pub amount: Fen,
}

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForecastError {
    /// The engine has no result.
    #[error(transparent)]
    Engine(#[from] DetermineError),
    /// A sum does not fit.
    #[error("预测合计超出可处理的范围")]
    Overflow,
}

/// What the persons in `places` would be due for `year`, by source and payer.
///
/// # Errors
/// When the engine has no result for somebody, or a sum does not fit.
pub fn forecast(
    policy: &Policy,
    enterprises: &Enterprises,
    places: &[Places],
    year: i32,
) -> Result<BTreeMap<(String, String), Due>, ForecastError> {
    let run = Run::new(policy, enterprises, year, None)?;
    let mut sums: BTreeMap<(String, String), Due> = BTreeMap::new();
    for place in places {
        let found = run.determine(&facts(policy, place, year))?;
        for portion in &found.portions {
            for part in &portion.funding {
                let payer = payer_division(&part.source, &portion.division);
                let key = (part.source.to_string(), payer.unwrap_or_default());
                let due = sums.entry(key).or_default();
                let fen = part.amount.get().checked_mul(place.persons);
                let fen = fen.and_then(|fen| due.amount.checked_add(Fen::new(fen)));
                due.amount = fen.ok_or(ForecastError::Overflow)?;
                due.persons += place.persons;
            }
        }
    }
    Ok(sums)
}

/// One of them, as the engine is told.
fn facts(policy: &Policy, place: &Places, year: i32) -> PersonFacts {
    let (enterprise, period, stamps) = (&place.enterprise, place.period, Stamps::default());
    let class = policy.versions().last().and_then(|version| version.recognition_classes().first());
    let months = (1..=12).filter(|month| {
        Period::month(year, u32::from(*month)).is_some_and(|days| days.overlaps(&period))
    });
    PersonFacts {
        person: Text::from(""),
        employments: vec![Employment {
            enterprise: enterprise.clone(),
            period,
            full_time: true,
            stamps,
        }],
        roster: vec![RosterSpan { enterprise: enterprise.clone(), period, stamps }],
        recognitions: class
            .map(|class| RecognitionSpan { class: class.clone(), period, stamps })
            .into_iter()
            .collect(),
        evidence: months
            .map(|month| EvidenceMonth { year, month, enterprise: enterprise.clone(), stamps })
            .collect(),
        ..PersonFacts::default()
    }
}

/// The award years of a policy, first to last.
pub fn award_years(policy: &Policy) -> std::ops::RangeInclusive<i32> {
    let first = policy.versions().first().map_or(0, |version| version.from().year());
    let last = policy.versions().last().map_or(0, |version| version.through().year());
    policy.first_award_year().unwrap_or(first).max(first)..=last
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::determine::{EnterpriseFacts, Listing};

    const POLICY: &str = include_str!("../../policies/core-engineer.toml");

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn enterprises() -> Enterprises {
        let of = |uscc: &str, division: &str| EnterpriseFacts {
            uscc: Text::from(uscc),
            division: Text::from(division),
            listings: vec![Listing {
                period: Period::new(day("2026-01-01"), None).expect("a period"),
                stamps: Stamps::default(),
            }],
        };
        Enterprises::new(vec![of("F", "350102"), of("X", "350203")]).expect("enterprises")
    }

    fn places(enterprise: &str, from: &str, through: Option<&str>, persons: i64) -> Places {
        let period = Period::new(day(from), through.map(day)).expect("a period");
        Places { enterprise: Text::from(enterprise), period, persons }
    }

    #[test]
    fn everybody_who_stays_is_due_the_year_from_who_pays_there() {
        let policy = Policy::parse(POLICY, "policy").expect("the policy");
        assert_eq!(award_years(&policy), 2026..=2028);
        let roster = [
            places("F", "2026-02-01", None, 10),
            places("X", "2026-02-01", None, 3),
            // Leaves in May: five months are too few.
            places("F", "2026-02-01", Some("2028-05-31"), 7),
        ];
        let found = forecast(&policy, &enterprises(), &roster, 2028).expect("a forecast");
        let of = |source: &str, payer: &str| found[&(source.to_owned(), payer.to_owned())];
        assert_eq!(of("province", "350000"), Due { persons: 10, amount: Fen::new(200_000_000) });
        assert_eq!(of("city", "350200"), Due { persons: 3, amount: Fen::new(60_000_000) });
        // In 2027 they all stay; after the policy's end nobody is due anything.
        let before = forecast(&policy, &enterprises(), &roster, 2027).expect("a forecast");
        assert_eq!(before[&("province".to_owned(), "350000".to_owned())].persons, 17);
        assert_eq!(forecast(&policy, &enterprises(), &roster, 2029).expect("none").len(), 0);
    }
}
