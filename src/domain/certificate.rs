//! What stands on a certificate, and when it holds (domain.md 7.3, 7.5).

use chrono::NaiveDate;

use super::identity::PersonName;
use super::period::Period;
use super::registry::{Recognition, Stated, TalentClass};

/// What is printed: whoever changes one of these makes another certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Number.
    pub no: String,
    /// Name of the person, normalised.
    pub name: String,
    /// Class.
    pub class: TalentClass,
    /// First day, and last day inclusive.
    pub period: Period,
}

impl Printed {
    /// The certificate that live facts under one number make for somebody of this name. A suspension
    /// in between does not change what is printed: it runs from the first day to the last.
    /// `None` without facts.
    pub fn of(name: &str, facts: &[&Stated<Recognition>]) -> Option<Self> {
        let first = facts.iter().min_by_key(|stated| stated.period.from)?;
        let through = facts.iter().map(|stated| stated.period.through).max_by_key(|last| {
            // An open end is the last of all.
            last.unwrap_or(NaiveDate::MAX)
        })?;
        Some(Self {
            no: first.fact.certificate_no.clone(),
            name: normalised(name),
            class: first.fact.class,
            period: Period { from: first.period.from, through },
        })
    }

    /// The text over which the mark of a certificate is made. Its parts cannot run into each other:
    /// none of them holds a line break.
    pub fn signed_text(&self) -> String {
        use super::registry::Code;
        let through = self.period.through.map(|last| last.to_string()).unwrap_or_default();
        let from = self.period.from.to_string();
        let parts = ["1", &self.no, &self.name, self.class.code(), &from, &through];
        parts.map(|part| part.replace('\n', " ")).join("\n")
    }
}

/// A name as it is compared: as the registry writes it, or as it was typed when it is none.
pub fn normalised(name: &str) -> String {
    match PersonName::parse(name) {
        Ok(checked) => checked.value.as_str().to_owned(),
        Err(_) => name.trim().to_owned(),
    }
}

/// Whether a certificate holds on a day: one of its live facts covers it. A suspended, revoked,
/// upgraded or lapsed recognition has none that does.
pub fn holds(facts: &[&Stated<Recognition>], on: NaiveDate) -> bool {
    facts.iter().any(|stated| stated.is_live() && stated.period.covers(on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn fact(from: &str, through: Option<&str>) -> Stated<Recognition> {
        Stated {
            id: 1,
            about: 1,
            period: Period::new(day(from), through.map(day)).expect("a period"),
            fact: Recognition {
                enterprise_id: Some(1),
                class: TalentClass::B,
                certificate_no: "FJ-AI-2026000001-X".to_owned(),
            },
            recorded_at: DateTime::UNIX_EPOCH,
            recorded_by: 1,
            source_id: 1,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    #[test]
    fn a_suspension_leaves_the_print_but_not_the_force() {
        let facts =
            [fact("2026-06-17", Some("2026-09-01")), fact("2027-01-05", Some("2031-06-16"))];
        let facts: Vec<_> = facts.iter().collect();
        let printed = Printed::of("张　三", &facts).expect("a certificate");
        assert_eq!(
            printed.period,
            Period { from: day("2026-06-17"), through: Some(day("2031-06-16")) }
        );
        assert_eq!(printed.name, "张三");
        assert!(holds(&facts, day("2026-09-01")) && holds(&facts, day("2027-01-05")));
        assert!(!holds(&facts, day("2026-09-02")) && !holds(&facts, day("2031-06-17")));
        assert!(Printed::of("张三", &[]).is_none());
    }

    #[test]
    fn whatever_is_altered_alters_the_signed_text() {
        let facts = [fact("2026-06-17", Some("2031-06-16"))];
        let facts: Vec<_> = facts.iter().collect();
        let printed = Printed::of("张三", &facts).expect("a certificate");
        let text = printed.signed_text();
        let longer = Period { through: None, ..printed.period };
        for altered in [
            Printed { name: "张四".to_owned(), ..printed.clone() },
            Printed { class: TalentClass::A, ..printed.clone() },
            Printed { no: "FJ-AI-2026000002-X".to_owned(), ..printed.clone() },
            Printed { period: longer, ..printed.clone() },
        ] {
            assert_ne!(altered.signed_text(), text, "{altered:?}");
        }
    }
}
