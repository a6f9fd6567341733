//! Steps in words, for the person who checks the sum by hand.

use super::trace::*;
use crate::domain::edition::{Proration, describe_basis, source_label};
use crate::domain::money::Fen;

impl Step {
    /// The step as one or more Chinese sentences, a line per month or part where there are many.
    pub fn describe(&self) -> String {
        match self {
            Self::InForce { inputs, result, .. } => in_force(inputs, result),
            Self::EligibleDays { inputs, result, .. } => eligible_days(inputs, result),
            Self::CountedMonths { inputs, result, .. } => {
                let mut lines: Vec<String> =
                    inputs.months.iter().map(MonthLine::describe).collect();
                lines.push(format!(
                    "合计：计入 {} 个月，合格 {} 天。",
                    result.counted_months, result.eligible_days
                ));
                lines.join("\n")
            }
            Self::Gross { inputs, result, .. } => gross(inputs, result),
            Self::Offset { inputs, result, .. } => offset(inputs, result),
            Self::Portions { inputs, result, .. } => portions(inputs, result),
            Self::Funding { inputs, result, .. } => funding(inputs, result),
            Self::Adjustment { inputs, result, .. } => adjustment(inputs, result),
            Self::Reasons { result, .. } => {
                let reasons: Vec<&str> =
                    result.reasons.iter().map(|reason| reason.label()).collect();
                format!("不予发放：{}。", reasons.join("、"))
            }
        }
    }

    /// The legal basis in words; what no document fixes is called 默认参数.
    pub fn describe_basis(&self) -> String {
        describe_basis(self.basis())
    }
}

impl MonthLine {
    /// The month in one sentence: its days, whether it counts, and why not.
    pub fn describe(&self) -> String {
        let mut text = format!("{} 月：合格 {} 天", self.month, self.eligible_days);
        if let (Some(needed), Some(version)) = (self.needed_days, self.version) {
            text.push_str(&format!("（第 {version} 版，需 {needed} 天）"));
        }
        match &self.enterprise {
            Some(enterprise) => text.push_str(&format!("，计入，归属 {enterprise}")),
            None => text.push_str("，不计入"),
        }
        let missing: Vec<String> = self
            .missing
            .iter()
            .map(|(reason, days)| format!("{} {days} 天", reason.label()))
            .collect();
        if !missing.is_empty() {
            text.push_str(&format!("；不合格原因：{}", missing.join("、")));
        }
        let split: Vec<String> = self
            .split
            .iter()
            .map(|part| match part.last {
                Some(last) => format!("{} {} 天（最后一天 {last}）", part.enterprise, part.days),
                None => format!("{} {} 天", part.enterprise, part.days),
            })
            .collect();
        if !split.is_empty() {
            text.push_str(&format!("；其中 {}", split.join("、")));
        }
        text.push('。');
        text
    }
}

fn in_force(inputs: &InForceInputs, result: &InForceResult) -> String {
    let mut text = format!("{} 年度", inputs.year);
    if let Some(known_at) = inputs.known_at {
        text.push_str(&format!("，按 {} 时的记录", known_at.format("%Y-%m-%d %H:%M:%S")));
    }
    for version in &inputs.versions {
        let conditions: Vec<&str> = version.conditions.iter().map(|c| c.label()).collect();
        text.push_str(&format!(
            "；第 {} 版（{} 至 {}）在本年度生效 {} 天，标准 {} 元，月份计入需 {} 天，合格日条件：{}",
            version.version,
            version.from,
            version.through,
            version.days,
            version.amount.grouped(),
            version.month_min_days,
            conditions.join("、")
        ));
    }
    if let Some(first) = inputs.first_award_year {
        text.push_str(&format!("；首个奖补年度 {first}"));
    }
    text.push_str(&format!("。全年生效 {} 天", result.days));
    if let Some(last) = result.last_version {
        text.push_str(&format!("，最后一个合格日适用第 {last} 版"));
    }
    text.push('。');
    text
}

fn eligible_days(inputs: &EligibleDaysInputs, result: &EligibleDaysResult) -> String {
    let mut text = match &inputs.division {
        Some(division) => format!("企业 {}（行政区划 {division}）", inputs.enterprise),
        None => format!("企业 {}（未登记）", inputs.enterprise),
    };
    let conditions = [
        ("在清单内", inputs.listed),
        ("地区参照执行", Some(inputs.participating)),
        ("全职在岗", inputs.employed),
        ("在名册内", inputs.rostered),
        ("有人才认定", inputs.recognised),
        ("有佐证", inputs.evidenced),
        ("被暂停", inputs.suspended),
        ("被排除", inputs.excluded),
    ];
    for (name, days) in conditions {
        if let Some(days) = days {
            text.push_str(&format!("，{name} {days} 天"));
        }
    }
    text.push_str(&format!(
        "。全部条件同时满足 {} 天，归属本企业 {} 天",
        result.eligible, result.own
    ));
    if let (Some(first), Some(last)) = (result.first, result.last) {
        text.push_str(&format!("（{first} 至 {last}）"));
    }
    text.push('。');
    text
}

fn gross(inputs: &GrossInputs, result: &GrossResult) -> String {
    let unit = unit(inputs.proration);
    let gross = result.gross.grouped();
    if inputs.before_first_award_year {
        return format!("早于首个奖补年度，应计金额 {gross} 元。");
    }
    if inputs.reached < inputs.minimum || inputs.terms.is_empty() {
        return format!(
            "实际 {} {unit}，最低要求 {} {unit}，应计金额 {gross} 元。",
            inputs.reached, inputs.minimum
        );
    }
    let terms: Vec<String> = inputs
        .terms
        .iter()
        .map(|term| match inputs.proration {
            Proration::None => format!("{} 元", term.amount.grouped()),
            _ => format!("{} 元 × {} ÷ {}", term.amount.grouped(), term.units, inputs.divisor),
        })
        .collect();
    format!(
        "实际 {} {unit}，不少于 {} {unit}：{} = {gross} 元（{}）。",
        inputs.reached,
        inputs.minimum,
        terms.join(" + "),
        inputs.rounding.label()
    )
}

fn offset(inputs: &OffsetInputs, result: &OffsetResult) -> String {
    let mut text = inputs.stacking.label().to_owned();
    for award in &inputs.awards {
        let kind = if award.exclusive { "同类" } else { "非同类" };
        let said = award.relation.map(|relation| format!("，目录规定{}", relation.label()));
        let said = said.unwrap_or_default();
        text.push_str(&format!("；{} {} 元（{kind}{said}）", award.group, award.amount.grouped()));
    }
    text.push_str(&format!(
        "。同类合计 {} 元，扣减 {} 元：{} - {} = {} 元。",
        inputs.sum.grouped(),
        result.offset.grouped(),
        inputs.gross.grouped(),
        result.offset.grouped(),
        result.net.grouped()
    ));
    text
}

fn portions(inputs: &PortionsInputs, result: &PortionsResult) -> String {
    let unit = unit(inputs.proration);
    let lines = inputs.parts.iter().zip(&result.amounts).map(|(part, amount)| {
        let mut text = format!(
            "{}：{} 元 × {} {unit} ÷ {} = {} 元",
            part.enterprise,
            inputs.net.grouped(),
            part.weight,
            inputs.total_weight,
            amount.grouped()
        );
        if part.remainder > 0 {
            text.push_str(&format!("（余数 {}/{} 分", part.remainder, inputs.total_weight));
            text.push_str(if part.extra_fen { "，补 1 分）" } else { "）" });
        }
        text.push('。');
        text
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn funding(inputs: &FundingInputs, result: &FundingResult) -> String {
    let shares = inputs.shares.iter().zip(&result.funding).map(|(share, part)| {
        let mut text = format!(
            "{} {}% = {} 元",
            source_label(&share.source),
            share.percent,
            part.amount.grouped()
        );
        if share.remainder > 0 {
            let decimals = format!("{:014}", share.remainder);
            text.push_str(&format!("（余数 0.{} 分", decimals.trim_end_matches('0')));
            text.push_str(if share.extra_fen { "，补 1 分）" } else { "）" });
        }
        text
    });
    format!(
        "企业 {}（行政区划 {}，适用 {} 的分担规则）{} 元：{}。",
        inputs.enterprise,
        inputs.division,
        inputs.rule_division,
        inputs.amount.grouped(),
        shares.collect::<Vec<_>>().join("；")
    )
}

fn adjustment(inputs: &AdjustmentInputs, result: &AdjustmentResult) -> String {
    let (net, before) = (inputs.net.grouped(), inputs.entitled_before.grouped());
    let verdict = match result.adjustment.cmp(&Fen::ZERO) {
        std::cmp::Ordering::Greater => "尚应发放",
        std::cmp::Ordering::Equal => "无需调整",
        std::cmp::Ordering::Less => "应予追回",
    };
    format!(
        "应得 {net} 元 - 此前已核定 {before} 元 = {} 元，{verdict}。",
        result.adjustment.grouped()
    )
}

fn unit(proration: Proration) -> &'static str {
    match proration {
        Proration::Daily => "天",
        Proration::None | Proration::Monthly => "个月",
    }
}
