//! 外汇牌价: what a bank quoted for currencies by day.

use super::cell::{self, Problem, words};
use super::{Fields, FormRow, ImportKind, Seen};
use crate::domain::exchange_rate::{Quotation, Rate, RateError, foreign_currency};
use crate::domain::identity::half_width;
use crate::file::table::Cell;

impl FormRow for Quotation {
    const KIND: ImportKind = ImportKind::ExchangeRates;

    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self> {
        let currency = fields.value("币种", |cell| {
            foreign_currency(&cell::text(cell)?).ok_or_else(|| {
                Problem::new("不是外币的三位字母代码", "请填写代码，例如 USD；人民币不需要牌价")
            })
        });
        let quoted_on = fields.value("报价日期", cell::date);
        let rate = fields.value("现汇卖出价", rate);
        let quotation = Self { currency: currency?, quoted_on: quoted_on?, rate: rate? };
        let key = format!("{} {}", quotation.currency, quotation.quoted_on);
        if let Some(first) = seen.earlier(key, fields.row_number()) {
            let reason = format!("与第{first}行同一币种同一日期重复");
            fields.refuse("报价日期", Problem::new(reason, "每个币种每天只保留一个牌价"));
        }
        Some(quotation)
    }
}

/// Yuan for 100 units, above zero, at most six decimals.
fn rate(cell: &Cell) -> Result<Rate, Problem> {
    const PLAIN: &str = "请填写每100外币折合的人民币数，最多六位小数，例如 710.50";
    let text: String = words(cell).chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let rate: Rate =
        text.parse().map_err(|error: RateError| Problem::new(error.to_string(), PLAIN))?;
    if rate.millionths().is_none() {
        return Err(Problem::new("牌价最多六位小数", PLAIN));
    }
    Ok(rate)
}
