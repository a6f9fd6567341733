//! What an application to the key-enterprise list must say, what experts must be, and when the
//! reports of the years are due (domain.md 7.4).

use chrono::{Datelike, NaiveDate};

use super::money::Fen;
use crate::code_list;

/// Fewest experts of a review; their number is odd.
pub const FEWEST_EXPERTS: i64 = 5;
/// Fewest characters of a statement of the main business.
pub const SHORTEST_STATEMENT: usize = 20;
/// Most of anything that is counted in heads.
pub const MOST_PEOPLE: i64 = 1_000_000;

/// The last day on which an enterprise can be listed: the measures hold no longer (last article of
/// the seed text).
pub fn last_listed_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2028, 12, 31).expect("the day exists")
}

/// What an enterprise says of itself when it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Field of business.
    pub industry: String,
    /// Main business in artificial intelligence.
    pub main_business: String,
    /// People employed.
    pub staff: i64,
    /// Of them in research.
    pub research_staff: i64,
}

impl Application {
    /// What is wrong, by field.
    pub fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if self.industry.is_empty() || self.industry.chars().count() > 50 {
            faults.push(("industry", "请填写所属领域，不超过50字"));
        }
        let length = self.main_business.chars().count();
        if !(SHORTEST_STATEMENT..=2_000).contains(&length) {
            faults.push(("main_business", "请写明人工智能主营业务，20 至 2000 字"));
        }
        faults.extend(people_faults(self.staff, self.research_staff));
        faults
    }
}

fn people_faults(staff: i64, research_staff: i64) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    if !(1..=MOST_PEOPLE).contains(&staff) {
        faults.push(("staff", "请填写职工人数"));
    }
    if !(0..=staff.max(0)).contains(&research_staff) {
        faults.push(("research_staff", "研发人员人数不能超过职工人数"));
    }
    faults
}

/// What the experts did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertReview {
    /// Experts who judged.
    pub experts: i64,
    /// Score sheets handed in.
    pub score_sheets: i64,
    /// In favour.
    pub in_favour: i64,
    /// Who withdrew, and why; "无" when nobody had to.
    pub withdrew: String,
}

impl ExpertReview {
    /// Why the review does not count: at least five experts, an odd number, a sheet from each, more
    /// than half in favour (the majority is a default assumption).
    pub fn fault(&self) -> Option<String> {
        let Self { experts, score_sheets, in_favour, .. } = *self;
        if experts < FEWEST_EXPERTS || experts % 2 == 0 {
            return Some(format!("专家 {experts} 人，应不少于 {FEWEST_EXPERTS} 人且为单数"));
        }
        if score_sheets != experts {
            return Some(format!("专家 {experts} 人，评分表 {score_sheets} 份，应每人一份"));
        }
        if in_favour < 0 || in_favour > experts {
            return Some("同意人数与专家人数不符，请核对评分表".to_owned());
        }
        (in_favour * 2 <= experts).then(|| format!("同意 {in_favour} 人，未过半数"))
    }
}

/// The report of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearReport {
    /// The calendar year that it is about.
    pub year: i32,
    /// People employed at its end.
    pub staff: i64,
    /// Of them in research.
    pub research_staff: i64,
    /// People for whom social insurance is paid.
    pub insured: i64,
    /// Spent on research in the year.
    pub research: Fen,
    /// Whether artificial intelligence is still the main business.
    pub still_ai: bool,
    /// What happened in the year.
    pub statement: String,
}

impl YearReport {
    /// What is wrong, by field.
    pub fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = people_faults(self.staff, self.research_staff);
        if !(0..=MOST_PEOPLE).contains(&self.insured) {
            faults.push(("insured", "请填写年末社保参保人数"));
        }
        if self.research < Fen::ZERO {
            faults.push(("research", "研发投入不能为负数"));
        }
        let length = self.statement.chars().count();
        if !(SHORTEST_STATEMENT..=2_000).contains(&length) {
            faults.push(("statement", "请写明年度经营和研发情况，20 至 2000 字"));
        }
        faults
    }

    /// What an office should look at, in words; nothing stops the report.
    pub fn hints(&self) -> Vec<&'static str> {
        let mut hints = Vec::new();
        if !self.still_ai {
            hints.push("主营业务已不是人工智能");
        }
        if self.insured < self.staff {
            hints.push("参保人数少于职工人数");
        }
        if self.research == Fen::ZERO {
            hints.push("当年没有研发投入");
        }
        hints
    }
}

/// The year whose report is due in the year of `today`.
pub fn reported_year(today: NaiveDate) -> i32 {
    today.year() - 1
}

/// Last day for the report of a year: 31 March of the next.
pub fn report_due(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year.saturating_add(1), 3, 31).unwrap_or(NaiveDate::MAX)
}

/// Last day for the check of a year: 30 June of the next.
pub fn check_due(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year.saturating_add(1), 6, 30).unwrap_or(NaiveDate::MAX)
}

code_list! {
    /// How an enterprise stands with the report of a year.
    ReportStanding {
        /// There is still time.
        Waiting = "waiting", "待提交";
        /// Handed in by the last day.
        InTime = "in_time", "已提交";
        /// Handed in later.
        Late = "late", "逾期提交";
        /// Not handed in, and the last day is over.
        Overdue = "overdue", "逾期未提交";
    }
}

impl ReportStanding {
    /// By the day of the first report of the year, if there is one.
    pub fn of(year: i32, filed_on: Option<NaiveDate>, today: NaiveDate) -> Self {
        let last = report_due(year);
        match filed_on {
            Some(day) if day <= last => Self::InTime,
            Some(_) => Self::Late,
            None if today <= last => Self::Waiting,
            None => Self::Overdue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn five_or_more_experts_of_an_odd_number_each_with_a_sheet_carry_by_majority() {
        let review = |experts, score_sheets, in_favour| {
            let withdrew = "无".to_owned();
            ExpertReview { experts, score_sheets, in_favour, withdrew }.fault()
        };
        assert_eq!((review(5, 5, 3), review(7, 7, 7)), (None, None));
        for (experts, sheets, in_favour, why) in [
            (3, 3, 3, "不少于 5 人"),
            (6, 6, 6, "单数"),
            (7, 6, 7, "每人一份"),
            (5, 5, 2, "未过半数"),
            (5, 5, 6, "不符"),
        ] {
            let told = review(experts, sheets, in_favour).expect("a fault");
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_report_is_due_through_the_last_of_march() {
        let standing =
            |filed: Option<&str>, today| ReportStanding::of(2026, filed.map(day), day(today));
        assert_eq!(standing(None, "2027-03-31"), ReportStanding::Waiting);
        assert_eq!(standing(None, "2027-04-01"), ReportStanding::Overdue);
        assert_eq!(standing(Some("2027-03-31"), "2027-05-01"), ReportStanding::InTime);
        assert_eq!(standing(Some("2027-04-01"), "2027-05-01"), ReportStanding::Late);
        assert_eq!((reported_year(day("2027-01-01")), check_due(2026)), (2026, day("2027-06-30")));
    }
}
