//! An agreement as it is typed, and what is wrong with it.

use chrono::NaiveDate;

use super::AgreementSubject;
use crate::domain::money::Fen;
use crate::domain::registry::Code;
use crate::service::{Error, invalid};

/// Most tranches of an agreement.
pub const MOST_TRANCHES: usize = 8;
const TITLE_MAX: usize = 100;
const TERMS_MAX: usize = 4_000;

/// A tranche as it is typed.
#[derive(Debug, Clone, Default)]
pub struct TypedTranche {
    /// What has to be reached.
    pub milestone: String,
    /// When that is expected.
    pub expected_on: String,
    /// Yuan.
    pub amount: String,
}

/// An agreement as it is typed.
#[derive(Debug, Clone, Default)]
pub struct TypedAgreement {
    /// What it is about.
    pub title: String,
    /// Code of [`AgreementSubject`].
    pub subject: String,
    /// Number of the person, or of who leads the team.
    pub leader: String,
    /// Numbers of the other members.
    pub members: String,
    /// Code of the host enterprise.
    pub enterprise: String,
    /// Number of the decision document.
    pub document_no: String,
    /// Body that decided.
    pub body: String,
    /// Day of the decision.
    pub decided_on: String,
    /// The terms in their own words.
    pub terms: String,
    /// Yuan; the tranches add up to it.
    pub total: String,
    /// The tranches; empty ones are left out.
    pub tranches: Vec<TypedTranche>,
}

/// What was typed, read.
pub(super) struct Read {
    pub(super) subject: AgreementSubject,
    pub(super) decided_on: NaiveDate,
    pub(super) total: Fen,
    pub(super) tranches: Vec<(String, NaiveDate, i64)>,
}

/// Reads a day and says what is wrong with it.
fn day(field: &str, text: &str, faults: &mut Vec<(String, String)>) -> Option<NaiveDate> {
    let day = text.trim().parse().ok();
    if day.is_none() {
        faults.push(invalid(field, "请填写日期，如2027-06-30"));
    }
    day
}

/// Reads an amount above zero and says what is wrong with it.
fn amount(field: &str, text: &str, faults: &mut Vec<(String, String)>) -> Option<Fen> {
    let amount = Fen::typed(text.trim()).ok().filter(|amount| *amount > Fen::ZERO);
    if amount.is_none() {
        faults.push(invalid(field, "请填写金额（元），如 1500000.00"));
    }
    amount
}

pub(super) fn read(typed: &TypedAgreement, today: NaiveDate) -> Result<Read, Error> {
    let mut faults = Vec::new();
    for (field, text, label, most) in [
        ("title", &typed.title, "事项名称", TITLE_MAX),
        ("document_no", &typed.document_no, "决定文号", TITLE_MAX),
        ("body", &typed.body, "决定机构", TITLE_MAX),
        ("terms", &typed.terms, "约定内容", TERMS_MAX),
    ] {
        let length = text.trim().chars().count();
        if length == 0 || length > most {
            faults.push(invalid(field, format!("请填写{label}，不超过 {most} 个字")));
        }
    }
    let subject = AgreementSubject::from_code(typed.subject.trim());
    if subject.is_none() {
        faults.push(invalid("subject", "请选择个人或团队"));
    }
    if subject == Some(AgreementSubject::Person) && !typed.members.trim().is_empty() {
        faults.push(invalid("members", "对象为个人时不填其他成员"));
    }
    let decided_on = day("decided_on", &typed.decided_on, &mut faults);
    if decided_on.is_some_and(|day| day > today) {
        faults.push(invalid("decided_on", "决定日期不能晚于今天"));
    }
    let total = amount("total", &typed.total, &mut faults);
    let tranches = read_tranches(typed, &mut faults);
    let sum = Fen::checked_sum(tranches.iter().map(|(_, _, fen)| Fen::new(*fen)));
    if faults.is_empty() && sum != total {
        let (sum, total) = (sum.unwrap_or_default(), total.unwrap_or_default());
        let text = format!("各笔合计 {} 元，与总额 {} 元不等", sum.grouped(), total.grouped());
        faults.push(invalid("total", text));
    }
    match (subject, decided_on, total, faults.is_empty()) {
        (Some(subject), Some(decided_on), Some(total), true) => {
            Ok(Read { subject, decided_on, total, tranches })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

fn read_tranches(
    typed: &TypedAgreement,
    faults: &mut Vec<(String, String)>,
) -> Vec<(String, NaiveDate, i64)> {
    let mut tranches = Vec::new();
    for (number, tranche) in (1..).zip(&typed.tranches) {
        let milestone = tranche.milestone.trim();
        let parts = [milestone, tranche.expected_on.trim(), tranche.amount.trim()];
        if parts.iter().all(|part| part.is_empty()) {
            continue;
        }
        if milestone.is_empty() || milestone.chars().count() > TITLE_MAX {
            let text = format!("请写明第 {number} 笔的达成条件，不超过 {TITLE_MAX} 个字");
            faults.push(invalid(&format!("milestone-{number}"), text));
        }
        let day = day(&format!("expected-{number}"), &tranche.expected_on, faults);
        let amount = amount(&format!("amount-{number}"), &tranche.amount, faults);
        if let (Some(day), Some(amount)) = (day, amount) {
            tranches.push((milestone.to_owned(), day, amount.get()));
        }
    }
    if tranches.is_empty() && faults.is_empty() {
        faults.push(invalid("milestone-1", "请至少填写一笔款项"));
    }
    tranches
}
