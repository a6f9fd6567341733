//! What is typed about the costs of a visit: tickets, receipts and what came back of them.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::TypedCost;
use super::typed::{Faults, TITLE_MAX, amount, day};
use crate::domain::exchange_rate::{Rate, YUAN};
use crate::domain::money::Fen;
use crate::domain::ticket::{is_passenger, number_key, ticket_fault, typed_legs, written_legs};
use crate::domain::travel::Expense;
use crate::service::invalid;
use crate::service::payment::text_or_fault;
use crate::store::visit::NewLine;

const NUMBER_MAX: usize = 40;
/// Fewest letters and digits of the number of a receipt: a shorter one is many papers.
const RECEIPT_MIN: usize = 4;
/// Said where a number stands in two places of one claim.
const USED_ABOVE: &str = "这个号码已在前面填写，同一张票据只能申报一次";

/// The costs, and who may travel on their tickets.
pub(super) fn costs(
    typed: &[TypedCost],
    (today, names): (NaiveDate, &[String]),
    faults: &mut Faults,
) -> Vec<NewLine> {
    let mut lines: Vec<NewLine> = Vec::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (number, cost) in (1..).zip(typed) {
        if cost.is_empty() {
            continue;
        }
        let Some(line) = line(number, cost, (today, names), faults) else { continue };
        for (field, key) in ["document", "original"].iter().zip(&line.numbers) {
            if !used.insert(key.clone()) {
                faults.push(invalid(&format!("{field}-{number}"), USED_ABOVE));
            }
        }
        lines.push(line);
    }
    lines
}

fn line(
    number: usize,
    cost: &TypedCost,
    (today, names): (NaiveDate, &[String]),
    faults: &mut Faults,
) -> Option<NewLine> {
    let at = |field: &str| format!("{field}-{number}");
    let expense = Expense::from_word(cost.expense.trim());
    if expense.is_none() {
        faults.push(invalid(&at("expense"), "请选择费用种类"));
    }
    let is_fare = expense == Some(Expense::Fare);
    let class = cost.class.trim();
    if is_fare && !["economy", "premium", "business", "first"].contains(&class) {
        faults.push(invalid(&at("class"), "请选择舱位"));
    }
    let (route, passenger) = match is_fare {
        true => ticket(number, cost, names, faults),
        false => Default::default(),
    };
    let amount = self::amount(&at("amount"), &cost.amount, faults);
    let currency = cost.currency.trim().to_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        faults.push(invalid(&at("currency"), "请填写三位币种代码，如 CNY、USD"));
    }
    let paid_on = day(&at("paid"), &cost.paid_on, faults);
    if paid_on.is_some_and(|day| day > today) {
        faults.push(invalid(&at("paid"), "支付日期不能晚于今天"));
    }
    let bank_rate = bank_rate(&at("rate"), cost, &currency, faults);
    let economy = match cost.economy.trim() {
        "" => None,
        text => self::amount(&at("economy"), text, faults),
    };
    let (refund, refund_no) = refund(number, cost, amount, faults);
    let (document_no, original_no) = papers(number, cost, is_fare, faults);
    let numbers = [&document_no, &original_no].map(|number| number_key(number));
    let ticket_key = is_fare.then(|| numbers[0].clone());
    Some(NewLine {
        expense: expense?.word(),
        class: if is_fare { class.to_owned() } else { String::new() },
        route,
        amount_fen: amount?.get(),
        currency,
        paid_on: paid_on?,
        bank_rate_millionths: bank_rate,
        documented_economy_fen: economy.filter(|_| is_fare).map(Fen::get),
        document_no,
        ticket_key,
        passenger,
        refund_fen: refund.get(),
        refund_no,
        original_no,
        numbers: numbers.into_iter().filter(|key| !key.is_empty()).collect(),
    })
}

/// Legs and passenger of a fare: nobody is paid another traveller's ticket.
fn ticket(
    number: usize,
    cost: &TypedCost,
    names: &[String],
    faults: &mut Faults,
) -> (String, String) {
    let at = |field: &str| format!("{field}-{number}");
    let legs = typed_legs(&cost.route).map(|legs| written_legs(&legs));
    let route = legs.unwrap_or_else(|text| {
        faults.push(invalid(&at("route"), text));
        String::new()
    });
    let passenger = text_or_fault(faults, (&at("passenger"), "乘机人"), &cost.passenger, TITLE_MAX);
    if !passenger.is_empty() && !names.iter().any(|name| is_passenger(&passenger, name)) {
        let text = format!("客票乘机人不是来访人（{}），他人的客票不能申报", names.join("、"));
        faults.push(invalid(&at("passenger"), text));
    }
    (route, passenger)
}

/// The number of the paper and of the ticket that it took the place of.
fn papers(number: usize, cost: &TypedCost, is_fare: bool, faults: &mut Faults) -> (String, String) {
    let at = |field: &str| format!("{field}-{number}");
    let label = if is_fare { "客票号码" } else { "票据号码" };
    let document = text_or_fault(faults, (&at("document"), label), &cost.document_no, NUMBER_MAX);
    let original = cost.original_no.trim().to_owned();
    if is_fare {
        for (field, text) in [("document", &document), ("original", &original)] {
            let fault = ticket_fault(text).filter(|_| !text.is_empty());
            faults.extend(fault.map(|fault| invalid(&at(field), fault)));
        }
    } else if !original.is_empty() {
        faults.push(invalid(&at("original"), "只有改签的客票填写原客票号码"));
    } else if !document.is_empty() && number_key(&document).chars().count() < RECEIPT_MIN {
        let text = "票据号码至少四位字母或数字；号码较短的请连同票据代码填写";
        faults.push(invalid(&at("document"), text));
    }
    if original.chars().count() > NUMBER_MAX {
        faults.push(invalid(&at("original"), format!("不超过 {NUMBER_MAX} 个字")));
    }
    (document, original)
}

/// What came back, with the slip that says so.
fn refund(
    number: usize,
    cost: &TypedCost,
    paid: Option<Fen>,
    faults: &mut Faults,
) -> (Fen, String) {
    let at = |field: &str| format!("{field}-{number}");
    let slip = cost.refund_no.trim().to_owned();
    if slip.chars().count() > NUMBER_MAX {
        faults.push(invalid(&at("refund_no"), format!("不超过 {NUMBER_MAX} 个字")));
    }
    let typed = cost.refund.trim();
    if typed.is_empty() {
        if !slip.is_empty() {
            faults.push(invalid(&at("refund"), "请填写退票金额（原币）"));
        }
        return (Fen::ZERO, slip);
    }
    let refund = amount(&at("refund"), typed, faults).unwrap_or(Fen::ZERO);
    if paid.is_some_and(|paid| refund > paid) {
        faults.push(invalid(&at("refund"), "退款不能大于申报金额"));
    }
    if slip.is_empty() {
        faults.push(invalid(&at("refund_no"), "请填写退票单或退款凭证号码"));
    }
    (refund, slip)
}

fn bank_rate(field: &str, cost: &TypedCost, currency: &str, faults: &mut Faults) -> Option<i64> {
    let text = cost.bank_rate.trim();
    if text.is_empty() || currency == YUAN {
        return None;
    }
    let rate = text.parse::<Rate>().map_err(|error| error.to_string());
    let rate = rate.and_then(|rate| rate.millionths().ok_or("汇率最多六位小数".to_owned()));
    rate.map_err(|text| faults.push(invalid(field, text))).ok()
}
