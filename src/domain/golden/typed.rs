//! A case as an officer types it into a form: one enterprise, one stretch of each kind.

use chrono::NaiveDate;

use super::{GoldenCase, WrittenCase};
use crate::domain::money::Fen;
use crate::domain::region;

/// Longest name, in characters.
const NAME_MAX: usize = 80;

/// The fields of the form; empty ones say that there is no such fact.
#[derive(Debug, Clone, Default)]
pub struct TypedCase<'a> {
    /// A sentence.
    pub name: &'a str,
    /// Award year.
    pub year: &'a str,
    /// Division of the enterprise.
    pub division: &'a str,
    /// First and last day on the list.
    pub listed: (&'a str, &'a str),
    /// First and last day of full-time employment.
    pub employed: (&'a str, &'a str),
    /// First and last day on the roster.
    pub rostered: (&'a str, &'a str),
    /// Months with evidence: `1-7,9-12`.
    pub evidence: &'a str,
    /// Suspended days.
    pub suspended: (&'a str, &'a str),
    /// Excluded days.
    pub excluded: (&'a str, &'a str),
    /// Group and amount of another award.
    pub award: (&'a str, &'a str),
    /// Expected net amount, yuan.
    pub amount: &'a str,
    /// Expected counted months.
    pub months: &'a str,
}

/// What is wrong: field of the form, and how to mend it.
pub(super) type Fault = (String, String);

impl TypedCase<'_> {
    /// Reads the form.
    ///
    /// # Errors
    /// Everything that is wrong, by field.
    pub fn read(&self) -> Result<GoldenCase, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut case =
            WrittenCase { name: named(&mut faults, self.name), ..WrittenCase::default() };
        case.year = self.year.trim().parse().unwrap_or(0);
        if !(2025..=2100).contains(&case.year) {
            fault(&mut faults, "year", "请填写四位数的奖补年度，例如 2026");
        }
        if !region::pickable(None).any(|division| division.code == self.division) {
            fault(&mut faults, "division", "请选择企业所在县（市、区）");
        }
        case.place = vec![format!("E1 {}", self.division)];
        let mut span = |field: &str, (from, through): (&str, &str)| {
            stretch(&mut faults, field, (from.trim(), through.trim()))
        };
        let listed = span("listed", self.listed);
        case.listed = vec![format!("E1 {}", listed.unwrap_or_else(|| "void".to_owned()))];
        let at = |found: Option<String>| found.map(|days| format!("E1 {days}"));
        case.employed = at(span("employed", self.employed)).into_iter().collect();
        case.rostered = at(span("rostered", self.rostered)).into_iter().collect();
        case.suspended = span("suspended", self.suspended).into_iter().collect();
        case.excluded = span("excluded", self.excluded).into_iter().collect();
        match months(self.evidence) {
            Some(found) => {
                let missing = (1..=12).filter(|month| !found.contains(month));
                let year = case.year;
                case.no_evidence = missing.map(|month| format!("{year}-{month:02}")).collect();
            }
            None => fault(&mut faults, "evidence", "请写月份，例如 1-12 或 1-7,9-12；没有就留空"),
        }
        self.award(&mut case, &mut faults);
        let expected = expectation(self.amount, self.months);
        match expected {
            Ok((amount, months)) => (case.amount, case.months) = (amount, months),
            Err(more) => faults.extend(more),
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        GoldenCase::new(case).map_err(|error| vec![("name".to_owned(), error.to_string())])
    }

    fn award(&self, case: &mut WrittenCase, faults: &mut Vec<Fault>) {
        let (group, amount) = (self.award.0.trim(), self.award.1.trim());
        if amount.is_empty() {
            return;
        }
        if group.is_empty() || group.contains(char::is_whitespace) {
            fault(faults, "award_group", "请填写同类奖补目录中的类别，例如 provincial-talent");
        }
        match Fen::typed(amount) {
            Ok(amount) if amount >= Fen::ZERO => case.awards = vec![format!("{group} {amount}")],
            _ => fault(faults, "award", "请填写金额（元），最多两位小数"),
        }
    }
}

impl GoldenCase {
    /// The same facts with another expectation, as typed: net amount and counted months (may be
    /// empty). Only these two are compared from then on.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn expecting(&self, amount: &str, months: &str) -> Result<Self, Vec<Fault>> {
        let (amount, months) = expectation(amount, months)?;
        let mut written = self.written.clone();
        (written.amount, written.months) = (amount, months);
        (written.days, written.gross, written.adjustment) = (None, None, None);
        (written.portions, written.sources, written.reasons) = (None, None, None);
        Self::new(written).map_err(|error| vec![("amount".to_owned(), error.to_string())])
    }
}

pub(super) fn fault(faults: &mut Vec<Fault>, field: &str, text: impl Into<String>) {
    faults.push((field.to_owned(), text.into()));
}

/// The name of a case.
pub(super) fn named(faults: &mut Vec<Fault>, typed: &str) -> String {
    let name = typed.trim().to_owned();
    if !(2..=NAME_MAX).contains(&name.chars().count()) {
        fault(faults, "name", format!("请写明这个算例说明什么，2 至 {NAME_MAX} 个字"));
    }
    name
}

fn expectation(amount: &str, months: &str) -> Result<(String, Option<u8>), Vec<Fault>> {
    let mut faults = Vec::new();
    let amount = Fen::typed(amount).ok().filter(|amount| *amount >= Fen::ZERO);
    if amount.is_none() {
        fault(&mut faults, "amount", "请填写应得金额（元），最多两位小数，没有就填 0");
    }
    let months = match months.trim() {
        "" => Ok(None),
        text => text.parse().ok().filter(|months: &u8| *months <= 12).map(Some).ok_or(()),
    };
    match (amount, months) {
        (Some(amount), Ok(months)) => Ok((amount.to_string(), months)),
        (_, Err(())) => {
            fault(&mut faults, "months", "应为 0 至 12，或留空不核对");
            Err(faults)
        }
        (None, Ok(_)) => Err(faults),
    }
}

fn stretch(faults: &mut Vec<Fault>, field: &str, (from, through): (&str, &str)) -> Option<String> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    match (from, through) {
        ("", "") => None,
        ("", _) => {
            fault(faults, &format!("{field}_from"), "填写了止日，请同时填写起日");
            None
        }
        (from, through) => {
            let Some(first) = day(from) else {
                fault(faults, &format!("{field}_from"), "请填写日期，例如 2026-01-01");
                return None;
            };
            if through.is_empty() {
                return Some(format!("{first}.."));
            }
            match day(through).filter(|last| *last >= first) {
                Some(last) => Some(format!("{first}..{last}")),
                None => {
                    fault(faults, &format!("{field}_through"), "应为日期，且不早于起日");
                    None
                }
            }
        }
    }
}

/// Months as typed: `1-7,9`; nothing typed is no month.
fn months(text: &str) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let parts = text.split([',', '，', '、']).map(str::trim).filter(|part| !part.is_empty());
    for part in parts {
        let (first, last) = part.split_once(['-', '至']).unwrap_or((part, part));
        let month = |text: &str| text.trim().parse::<u8>().ok().filter(|m| (1..=12).contains(m));
        let (first, last) = (month(first)?, month(last)?);
        if last < first {
            return None;
        }
        all.extend(first..=last);
    }
    Some(all)
}
