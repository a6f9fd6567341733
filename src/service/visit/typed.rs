//! What is typed about a visit, and what is wrong with it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::costs::costs;
use crate::domain::identity::{DocumentType, IdentityDocument, PersonName};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::visit::{
    CostBearer, OverseasBasis, VisitClaim, VisitPlan, typed_days, written_days,
};
use crate::service::payment::text_or_fault;
use crate::service::{Error, invalid};
use crate::store::visit::NewLine;

/// Most costs of a claim.
pub const MOST_COSTS: usize = 12;
/// Longest trip, in days.
const MOST_DAYS: i64 = 366;
pub(super) const TITLE_MAX: usize = 100;

/// Field and text.
pub(super) type Faults = Vec<(String, String)>;

/// Who comes, as it is typed.
#[derive(Clone, Default)]
pub struct TypedVisitor {
    /// Name as in the passport.
    pub name: String,
    /// Country that issued the passport, three letters.
    pub country: String,
    /// Number of the passport.
    pub passport: String,
    /// Birth date.
    pub birth: String,
}

/// What is planned, as it is typed.
#[derive(Debug, Clone, Default)]
pub struct TypedPlan {
    /// Country or region of departure, two letters.
    pub origin: String,
    /// First day here.
    pub arrival: String,
    /// Last day here.
    pub exit: String,
    /// What for.
    pub purpose: String,
    /// Code of [`OverseasBasis`].
    pub basis: String,
    /// Employer and post, or university and year.
    pub detail: String,
    /// Yuan.
    pub budget: String,
}

/// A cost as it is typed.
#[derive(Debug, Clone, Default)]
pub struct TypedCost {
    /// What for: `fare`, `visa` or `ground`.
    pub expense: String,
    /// `economy` or another class; for fares.
    pub class: String,
    /// The legs of a fare, one a line.
    pub route: String,
    /// Passenger as printed on the ticket, for fares.
    pub passenger: String,
    /// Amount in its currency.
    pub amount: String,
    /// Three letters.
    pub currency: String,
    /// When it was paid.
    pub paid_on: String,
    /// Yuan for 100 units by the bank statement; may be empty.
    pub bank_rate: String,
    /// Economy fare of the same flight and day; may be empty.
    pub economy: String,
    /// Number of the ticket or receipt.
    pub document_no: String,
    /// Number of the ticket that it took the place of; may be empty.
    pub original_no: String,
    /// What the carrier gave back, in the currency; may be empty.
    pub refund: String,
    /// Number of the refund slip; may be empty.
    pub refund_no: String,
}

impl TypedCost {
    pub(super) fn is_empty(&self) -> bool {
        [&self.expense, &self.amount, &self.document_no].iter().all(|text| text.trim().is_empty())
    }
}

/// A claim as it is typed.
#[derive(Debug, Clone, Default)]
pub struct TypedClaim {
    /// Country or region of departure, two letters.
    pub origin: String,
    /// Day of exit.
    pub exit: String,
    /// Days with a work record.
    pub work_days: String,
    /// What others pay, yuan; may be empty.
    pub other_payer: String,
    /// Code of [`CostBearer`].
    pub costs_by: String,
    /// The costs; empty ones are left out.
    pub costs: Vec<TypedCost>,
}

/// Who comes, read.
pub(super) struct Visitor {
    pub(super) name: PersonName,
    pub(super) passport: IdentityDocument,
    pub(super) birth: NaiveDate,
}

pub(super) fn day(field: &str, text: &str, faults: &mut Faults) -> Option<NaiveDate> {
    let day = text.trim().parse().ok();
    if day.is_none() {
        faults.push(invalid(field, "请填写日期，如 2026-05-11"));
    }
    day
}

fn origin(text: &str, faults: &mut Faults) -> String {
    let code = text.trim().to_uppercase();
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
        faults.push(invalid(
            "origin",
            "请填写首次登机机场所在国家或地区的两位字母代码，如 US、JP、HK",
        ));
    }
    code
}

/// The days from one to another.
fn trip(from: Option<NaiveDate>, exit: Option<NaiveDate>, faults: &mut Faults) -> Option<Period> {
    let (from, exit) = from.zip(exit)?;
    let period = Period::new(from, Some(exit)).filter(|_| (exit - from).num_days() < MOST_DAYS);
    if period.is_none() {
        faults.push(invalid("exit", "离境日期不能早于入境日期，且在闽不超过一年"));
    }
    period
}

pub(super) fn visitor(typed: &TypedVisitor, today: NaiveDate) -> Result<Visitor, Error> {
    let mut faults = Vec::new();
    let name = PersonName::parse(&typed.name)
        .map_err(|error| faults.push(invalid("name", error.to_string())));
    let passport = IdentityDocument::parse(DocumentType::Passport, &typed.passport)
        .map_err(|error| faults.push(invalid("passport", error.to_string())))
        .and_then(|checked| {
            let country = checked.value.issued_by(&typed.country);
            country.map_err(|error| faults.push(invalid("country", error.to_string())))
        });
    let birth = day("birth", &typed.birth, &mut faults);
    if birth.is_some_and(|day| day >= today) {
        faults.push(invalid("birth", "出生日期应早于今天"));
    }
    match (name, passport, birth, faults.is_empty()) {
        (Ok(name), Ok(passport), Some(birth), true) => {
            Ok(Visitor { name: name.value, passport, birth })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

pub(super) fn plan(typed: &TypedPlan) -> Result<(Period, VisitPlan), Error> {
    let mut faults = Vec::new();
    let origin = origin(&typed.origin, &mut faults);
    let from = day("arrival", &typed.arrival, &mut faults);
    let exit = day("exit", &typed.exit, &mut faults);
    let period = trip(from, exit, &mut faults);
    let purpose =
        text_or_fault(&mut faults, ("purpose", "交流合作内容"), &typed.purpose, TITLE_MAX);
    let basis = OverseasBasis::from_code(typed.basis.trim());
    if basis.is_none() {
        faults.push(invalid("basis", "请选择海外身份依据"));
    }
    let detail = text_or_fault(&mut faults, ("detail", "海外单位或院校"), &typed.detail, TITLE_MAX);
    let budget = amount("budget", &typed.budget, &mut faults);
    match (period, basis, budget, faults.is_empty()) {
        (Some(period), Some(overseas_basis), Some(budget_fen), true) => {
            let plan =
                VisitPlan { origin, purpose, overseas_basis, overseas_detail: detail, budget_fen };
            Ok((period, plan))
        }
        _ => Err(Error::Invalid(faults)),
    }
}

pub(super) fn amount(field: &str, text: &str, faults: &mut Faults) -> Option<Fen> {
    let amount = Fen::typed(text).ok().filter(|amount| *amount > Fen::ZERO);
    if amount.is_none() {
        faults.push(invalid(field, "请填写大于零的金额，最多两位小数"));
    }
    amount
}

/// A claim of a visitor who arrived on a day and has these names.
pub(super) fn claim(
    typed: &TypedClaim,
    (arrived, today): (NaiveDate, NaiveDate),
    names: &[String],
) -> Result<(Period, VisitClaim, Vec<NewLine>), Error> {
    let mut faults = Vec::new();
    let origin = origin(&typed.origin, &mut faults);
    let exit = day("exit", &typed.exit, &mut faults);
    if exit.is_some_and(|exit| exit > today) {
        faults.push(invalid("exit", "离境日期不能晚于今天，离境后再申报"));
    }
    let period = trip(Some(arrived), exit, &mut faults);
    let days = work_days(&typed.work_days, period.as_ref(), &mut faults);
    let other = match typed.other_payer.trim() {
        "" => Some(Fen::ZERO),
        text => Fen::typed(text).ok().filter(|amount| *amount >= Fen::ZERO),
    };
    if other.is_none() {
        faults.push(invalid("other_payer", "请填写其他单位承担的金额（元），没有可不填"));
    }
    let costs_by = CostBearer::from_code(typed.costs_by.trim());
    if costs_by.is_none() {
        faults.push(invalid("costs_by", "请选择费用由谁支付"));
    }
    let lines = costs(&typed.costs, (today, names), &mut faults);
    if lines.is_empty() && days.is_empty() && faults.is_empty() {
        faults.push(invalid("work_days", "请至少填写一个工作日或一项费用"));
    }
    match (period, other, costs_by, faults.is_empty()) {
        (Some(period), Some(other_payer_fen), Some(costs_by), true) => {
            let work_days = written_days(&days);
            Ok((period, VisitClaim { origin, work_days, other_payer_fen, costs_by }, lines))
        }
        _ => Err(Error::Invalid(faults)),
    }
}

fn work_days(text: &str, period: Option<&Period>, faults: &mut Faults) -> BTreeSet<NaiveDate> {
    match typed_days(text) {
        Err(part) => {
            let text = format!("“{part}”不是日期，请写成 2026-05-11 或 2026-05-11 至 2026-05-22");
            faults.push(invalid("work_days", text));
            BTreeSet::new()
        }
        Ok(days) => {
            let outside = days.iter().find(|day| period.is_some_and(|trip| !trip.covers(**day)));
            if let Some(day) = outside {
                let text = format!("{day} 不在入境至离境期间，请核对");
                faults.push(invalid("work_days", text));
            }
            days
        }
    }
}
