//! The expert group and the advisory scientists (notice, section 九, third sentence): for how long
//! somebody is appointed, what is done for whom, and where an expert's own employer is on the list.

use chrono::NaiveDate;

use super::period::Period;
use crate::code_list;

code_list! {
    /// As what somebody is appointed.
    ExpertKind {
        /// Member of the expert group of the industry chain.
        GroupExpert = "group_expert", "特聘专家";
        /// Advisory scientist.
        Advisor = "advisor", "顾问科学家";
    }
}

code_list! {
    /// What an expert does for an enterprise.
    ServiceKind {
        /// Guides a project.
        Guidance = "guidance", "项目指导";
        /// Helps with technology.
        Technical = "technical", "技术支持";
        /// Brings partners, people or means.
        Resources = "resources", "资源导入";
    }
}

code_list! {
    /// Who put a service down; the other side confirms it.
    ServiceSide {
        /// The enterprise that was served.
        Enterprise = "enterprise", "企业";
        /// The office of the province.
        Province = "province", "省级";
    }
}

code_list! {
    /// Where an appointment stands on a day.
    AppointmentState {
        /// Waits for another person.
        Proposed = "proposed", "待确认";
        /// Accepted; its first day is ahead.
        Ahead = "ahead", "未开始";
        /// Within its term.
        Serving = "serving", "在聘";
        /// Its last day is over.
        Over = "over", "已到期";
        /// Ended before the last day that was agreed.
        EndedEarly = "ended_early", "提前结束";
        /// Sent back.
        Refused = "refused", "已退回";
    }
}

code_list! {
    /// How an employer came to be known.
    EmployerSource {
        /// Named when the appointment was put down.
        Named = "named", "聘任时填写";
        /// An employment in the registry.
        Registered = "registered", "登记的任职";
    }
}

/// The days of an appointment: as agreed, and the last one when it was ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// First and last day agreed.
    pub agreed: Period,
    /// Last day after an early end.
    pub ended_on: Option<NaiveDate>,
}

impl Term {
    /// The days on which the appointment holds.
    pub fn held(&self) -> Period {
        Period { from: self.agreed.from, through: self.ended_on.or(self.agreed.through) }
    }

    /// Where an accepted appointment stands on a day.
    pub fn state_on(&self, day: NaiveDate) -> AppointmentState {
        let held = self.held();
        if day < held.from {
            AppointmentState::Ahead
        } else if held.covers(day) {
            AppointmentState::Serving
        } else if self.ended_on.is_some() {
            AppointmentState::EndedEarly
        } else {
            AppointmentState::Over
        }
    }
}

/// Days on which an expert's employer is on the key-enterprise list within the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The employer.
    pub enterprise_id: i64,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub through: NaiveDate,
    /// How the employer is known.
    pub source: EmployerSource,
}

/// An employer of an expert: the enterprise, when, and how it is known.
pub type Employer = (i64, Period, EmployerSource);

/// Where an employer is on the list on a day of the term, by employer and first day; `listed` gives
/// the listings of an enterprise.
pub fn conflicts<'a>(
    term: Period,
    employers: &[Employer],
    listed: impl Fn(i64) -> &'a [Period],
) -> Vec<Conflict> {
    let mut found = Vec::new();
    for (enterprise_id, employed, source) in employers {
        let Some(employed) = term.common(employed) else { continue };
        for listing in listed(*enterprise_id) {
            let Some(both) = employed.common(listing) else { continue };
            let Some(through) = both.through else { continue };
            let (enterprise_id, source) = (*enterprise_id, *source);
            found.push(Conflict { enterprise_id, from: both.from, through, source });
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Most of a service, in tenths of an hour: a whole day.
pub const MOST_TENTHS: i64 = 240;

/// Hours as people type them, with at most one decimal, in tenths: `3.5` gives 35. `None` for
/// everything else and for more than a day.
pub fn hours_tenths(text: &str) -> Option<i64> {
    let (hours, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(tenth) || tenth.len() > 1 || hours.len() > 2 {
        return None;
    }
    let tenths = hours.parse::<i64>().ok()? * 10 + tenth.parse::<i64>().ok()?;
    (tenths <= MOST_TENTHS).then_some(tenths)
}

/// Tenths of an hour as people read them: 35 gives `3.5`, 40 gives `4`.
pub fn hours(tenths: i64) -> String {
    if tenths % 10 == 0 {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(from: &str, through: &str) -> Period {
        Period::new(day(from), (!through.is_empty()).then(|| day(through))).unwrap()
    }

    #[test]
    fn a_conflict_lasts_while_term_employment_and_listing_do() {
        let term = days("2027-01-01", "2028-12-31");
        let listings = [days("2025-11-04", "2027-06-30"), days("2028-01-01", "")];
        let listed = |id: i64| if id == 7 { &listings[..] } else { &[] };
        let named = (7, term, EmployerSource::Named);
        let left = (7, days("2026-01-01", "2027-03-31"), EmployerSource::Registered);
        let elsewhere = (8, days("2026-01-01", ""), EmployerSource::Registered);
        let found = conflicts(term, &[left, named, elsewhere], listed);
        let told: Vec<_> =
            found.iter().map(|c| (c.from.to_string(), c.through.to_string(), c.source)).collect();
        assert_eq!(
            told,
            [
                ("2027-01-01".to_owned(), "2027-03-31".to_owned(), EmployerSource::Registered),
                ("2027-01-01".to_owned(), "2027-06-30".to_owned(), EmployerSource::Named),
                ("2028-01-01".to_owned(), "2028-12-31".to_owned(), EmployerSource::Named),
            ]
        );
        let one_day = days("2027-06-30", "2027-06-30");
        assert_eq!(conflicts(one_day, &[named], listed).len(), 1, "the last listed day counts");
        let none = days("2027-07-01", "2027-12-31");
        assert!(conflicts(none, &[named], listed).is_empty());
    }

    #[test]
    fn a_term_that_was_ended_early_keeps_what_was_agreed() {
        let agreed = days("2027-01-01", "2027-12-31");
        let term = Term { agreed, ended_on: None };
        assert_eq!(term.state_on(day("2026-12-31")), AppointmentState::Ahead);
        assert_eq!(term.state_on(day("2027-12-31")), AppointmentState::Serving);
        assert_eq!(term.state_on(day("2028-01-01")), AppointmentState::Over);
        let ended = Term { agreed, ended_on: Some(day("2027-03-31")) };
        assert_eq!(ended.state_on(day("2027-03-31")), AppointmentState::Serving);
        assert_eq!(ended.state_on(day("2027-04-01")), AppointmentState::EndedEarly);
        assert_eq!(ended.agreed, agreed);
    }

    #[test]
    fn hours_have_one_decimal_and_a_day_has_no_more_than_24() {
        let read: Vec<_> = ["3.5", " 4 ", "24", "0", "24.1", "3.55", "-1", "", ".5", "100"]
            .map(hours_tenths)
            .into();
        let none = None;
        assert_eq!(
            read,
            [Some(35), Some(40), Some(240), Some(0), none, none, none, none, none, none]
        );
        assert_eq!((hours(35), hours(40)), ("3.5".to_owned(), "4".to_owned()));
    }
}
