//! A case as it is written: short lines of TOML.

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{CaseError, Expected};
use crate::domain::determine::{
    Employment, EnterpriseFacts, Enterprises, EntitledBefore, EvidenceMonth, ExclusionSpan,
    Listing, OtherAward, PersonFacts, Reason, RecognitionSpan, RosterSpan, Stamps, SuspensionSpan,
    Text,
};
use crate::domain::money::Fen;
use crate::domain::period::Period;

/// The enterprises that every case knows: name, division, whether it is on the list.
pub(super) const STANDARD: [(&str, &str, bool); 5] = [
    ("E1", "350102", true),
    ("E2", "350503", true),
    ("X1", "350203", true),
    ("P1", "350128", true),
    ("U1", "350102", false),
];
/// From when the standard enterprises are on the list: the day of the notice.
const LISTED_FROM: &str = "2025-11-04..";

/// A file of cases of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile<C> {
    /// What the file is about and what it cites.
    pub rule: String,
    /// The cases.
    pub case: Vec<C>,
}

impl<C: DeserializeOwned> CaseFile<C> {
    /// Reads a file of cases.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        toml::from_str(text).map_err(unreadable)
    }
}

/// Facts and what they must give. Periods are written `2026-01-01..2026-06-30` or `2026-01-01..`;
/// enterprises are E1 (福州), E2 (泉州), X1 (厦门), P1 (平潭), on the list from the first day, and
/// U1 (福州), known and not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenCase {
    /// A sentence.
    pub name: String,
    /// Award year; 2026 when it is not said.
    #[serde(default = "usual_year")]
    pub year: i32,
    /// Another division of an enterprise: `E1 350582`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub place: Vec<String>,
    /// Full-time employment and roster entry alike: `E1 2026-01-01..`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<String>,
    /// Full-time employment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub employed: Vec<String>,
    /// Part-time employment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_time: Vec<String>,
    /// Roster entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rostered: Vec<String>,
    /// Replaces the listing of an enterprise; `E1 void` takes it off the list altogether.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<String>,
    /// `C 2026-01-01..`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recognised: Vec<String>,
    /// Months without evidence, `2026-08`; all others of the year have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_evidence: Vec<String>,
    /// Suspended days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<String>,
    /// Excluded days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// Other awards of the year: `provincial-talent 80000.00`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<String>,
    /// Earlier decisions for the year, yuan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// Expected net amount, yuan.
    pub amount: String,
    /// Expected counted months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u8>,
    /// Expected eligible days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// Expected amount before other awards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<String>,
    /// Expected difference to what was decided before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjustment: Option<String>,
    /// As [`Expected::portions`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portions: Option<Vec<String>>,
    /// As [`Expected::sources`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
    /// As [`Expected::reasons`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<Reason>>,
}

fn usual_year() -> i32 {
    2026
}

pub(super) fn unreadable(error: toml::de::Error) -> CaseError {
    let message = error.to_string();
    CaseError { case: String::new(), field: "toml", message }
}

/// A word and what follows it.
pub(super) fn pair(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ')
}

/// A period as cases write it.
pub(super) fn period(text: &str) -> Option<Period> {
    let (from, through) = text.split_once("..")?;
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let through = if through.is_empty() { None } else { Some(day(through)?) };
    Period::new(day(from)?, through)
}

type Read<T> = Result<T, CaseError>;

impl WrittenCase {
    pub(super) fn read(text: &str) -> Read<Self> {
        toml::from_str(text).map_err(unreadable)
    }

    pub(super) fn text(&self) -> Read<String> {
        toml::to_string(self).map_err(|error| self.wrong("toml", error.to_string()))
    }

    fn wrong(&self, field: &'static str, message: impl Into<String>) -> CaseError {
        CaseError { case: self.name.clone(), field, message: message.into() }
    }

    fn periods(&self, field: &'static str, list: &[String]) -> Read<Vec<Period>> {
        let read = |text: &String| {
            period(text).ok_or_else(|| self.wrong(field, format!("“{text}”不是一段日期")))
        };
        list.iter().map(read).collect()
    }

    /// A word with a period each.
    fn spans(&self, field: &'static str, list: &[String]) -> Read<Vec<(Text, Period)>> {
        let read = |text: &String| {
            let found = pair(text).and_then(|(word, rest)| Some((Text::from(word), period(rest)?)));
            found.ok_or_else(|| self.wrong(field, format!("“{text}”应为名称和一段日期")))
        };
        list.iter().map(read).collect()
    }

    fn amount_of(&self, field: &'static str, text: &str) -> Read<Fen> {
        text.parse().map_err(|_| self.wrong(field, format!("“{text}”不是金额")))
    }

    pub(super) fn facts(&self) -> Read<PersonFacts> {
        let (stamps, year) = (Stamps::default(), self.year);
        let mut person = PersonFacts { person: "P".into(), ..PersonFacts::default() };
        let jobs = [
            ("work", &self.work, true),
            ("employed", &self.employed, true),
            ("part_time", &self.part_time, false),
        ];
        for (field, list, full_time) in jobs {
            let spans = self.spans(field, list)?.into_iter();
            let job = |(enterprise, period)| Employment { enterprise, period, full_time, stamps };
            person.employments.extend(spans.map(job));
        }
        for (field, list) in [("work", &self.work), ("rostered", &self.rostered)] {
            let spans = self.spans(field, list)?.into_iter();
            let entry = |(enterprise, period)| RosterSpan { enterprise, period, stamps };
            person.roster.extend(spans.map(entry));
        }
        let classes = self.spans("recognised", &self.recognised)?.into_iter();
        let recognition = |(class, period)| RecognitionSpan { class, period, stamps };
        person.recognitions.extend(classes.map(recognition));
        for month in 1..=12 {
            if !self.no_evidence.contains(&format!("{year}-{month:02}")) {
                person.evidence.push(EvidenceMonth {
                    year,
                    month,
                    enterprise: "E1".into(),
                    stamps,
                });
            }
        }
        let suspended = self.periods("suspended", &self.suspended)?.into_iter();
        person.suspensions.extend(suspended.map(|period| SuspensionSpan { period, stamps }));
        let excluded = self.periods("excluded", &self.excluded)?.into_iter();
        let exclusion = |period| ExclusionSpan { period, reason: "shareholder".into(), stamps };
        person.exclusions.extend(excluded.map(exclusion));
        for text in &self.awards {
            let found = pair(text).and_then(|(group, rest)| Some((group, rest.parse().ok()?)));
            let (group, amount) =
                found.ok_or_else(|| self.wrong("awards", format!("“{text}”应为奖补类别和金额")))?;
            person.other_awards.push(OtherAward { group: group.into(), year, amount, stamps });
        }
        for text in &self.before {
            let amount = self.amount_of("before", text)?;
            person.entitled_before.push(EntitledBefore { year, amount, stamps });
        }
        Ok(person)
    }

    pub(super) fn enterprises(&self) -> Read<Enterprises> {
        let mut all = Vec::with_capacity(STANDARD.len());
        for (uscc, division, listed) in STANDARD {
            let of = |list: &[String]| -> Vec<String> {
                let same = list.iter().filter_map(|text| pair(text)).filter(|(u, _)| *u == uscc);
                same.map(|(_, rest)| rest.to_owned()).collect()
            };
            let mut given = of(&self.listed);
            if given.is_empty() && listed {
                given.push(LISTED_FROM.to_owned());
            }
            given.retain(|text| text != "void");
            let stamps = Stamps::default();
            let periods = self.periods("listed", &given)?.into_iter();
            let place = of(&self.place).pop();
            all.push(EnterpriseFacts {
                uscc: uscc.into(),
                division: Text::from(place.as_deref().unwrap_or(division)),
                listings: periods.map(|period| Listing { period, stamps }).collect(),
            });
        }
        Enterprises::new(all).map_err(|error| self.wrong("place", error.to_string()))
    }

    pub(super) fn expected(&self) -> Read<Expected> {
        let optional = |field: &'static str, text: &Option<String>| {
            text.as_deref().map(|text| self.amount_of(field, text)).transpose()
        };
        Ok(Expected {
            amount: self.amount_of("amount", &self.amount)?,
            months: self.months,
            days: self.days,
            gross: optional("gross", &self.gross)?,
            adjustment: optional("adjustment", &self.adjustment)?,
            portions: self.portions.clone(),
            sources: self.sources.clone(),
            reasons: self.reasons.clone(),
        })
    }
}
