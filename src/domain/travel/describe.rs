//! Steps in words, for the person who checks the sum by hand.

use super::trace::*;
use crate::domain::edition::describe_basis;

impl Step {
    /// The step as Chinese sentences, a line per cost or run of days where there are many.
    pub fn describe(&self) -> String {
        match self {
            Self::InForce { inputs, result, .. } => in_force(inputs, result),
            Self::Eligibility { inputs, result, .. } => eligibility(inputs, result),
            Self::Lines { inputs, result, .. } => {
                let mut lines: Vec<String> = inputs.lines.iter().map(line).collect();
                lines.push(format!("认可费用合计 {} 元。", result.accepted));
                lines.join("\n")
            }
            Self::Subsidy { inputs, result, .. } => format!(
                "{} − 其他单位承担 {} 元，不低于 0，且不超过来源地 {}（{} 档）上限 {} 元：补贴 {} 元。",
                inputs.accepted,
                inputs.other_payer,
                inputs.origin,
                inputs.band,
                inputs.cap,
                result.subsidy
            ),
            Self::AllowanceDays { inputs, result, .. } => allowance_days(inputs, result),
            Self::Allowance { inputs, result, .. } => format!(
                "{} 天 × {} 元 = {} 元。",
                inputs.days, inputs.allowance_per_day, result.allowance
            ),
            Self::Total { inputs, result, .. } => {
                format!("{} + {} = {} 元。", inputs.subsidy, inputs.allowance, result.total)
            }
        }
    }

    /// The legal basis in words; what no document fixes is called 默认参数.
    pub fn describe_basis(&self) -> String {
        describe_basis(self.basis())
    }
}

fn in_force(inputs: &InForceInputs, result: &InForceResult) -> String {
    match (result.version, result.from, result.through) {
        (Some(version), Some(from), Some(through)) => {
            format!("{} 入境，适用第 {version} 版（{from} 至 {through}）。", inputs.arrival)
        }
        _ => format!("{} 入境，当日没有生效的版本。", inputs.arrival),
    }
}

fn eligibility(inputs: &EligibilityInputs, result: &EligibilityResult) -> String {
    let roster = if inputs.on_roster {
        "在核心工程师名册内"
    } else {
        "不在核心工程师名册内"
    };
    let last = inputs.last_day.map(|day| format!("，最迟 {day}")).unwrap_or_default();
    let found: Vec<&str> = result.reasons.iter().map(|reason| reason.label()).collect();
    let conclusion = if found.is_empty() { "符合条件".to_owned() } else { found.join("、") };
    format!(
        "{} 出生，{} 入境时 {} 周岁（上限 {} 周岁）；{roster}；{} 离境，{} 天内申报{last}，{} 提交：{conclusion}。",
        inputs.birth,
        inputs.arrival,
        inputs.age,
        inputs.max_age,
        inputs.exit,
        inputs.claim_within_days,
        inputs.submitted
    )
}

fn line(step: &LineStep) -> String {
    let class = step.class.as_ref().map(|class| format!("（{class}）")).unwrap_or_default();
    let mut text = format!("{}{class} {} {}", step.kind.label(), step.currency, step.amount);
    if step.counted != step.amount {
        text.push_str(&format!("，按经济舱票价计 {}", step.counted));
    }
    match &step.rate_per_100 {
        Some(rate) => text.push_str(&format!(" × {rate} ÷ 100 = {} 元。", step.yuan)),
        None => text.push_str(&format!("：{} 元。", step.yuan)),
    }
    text
}

fn allowance_days(inputs: &AllowanceDaysInputs, result: &AllowanceDaysResult) -> String {
    let used = inputs.used.iter().map(|used| format!("{} 年已用 {} 天", used.year, used.days));
    let mut limits = vec![
        format!("{} 至 {} 在闽", inputs.arrival, inputs.exit),
        format!("每次最多 {} 天", inputs.allowance_days_per_trip),
        format!("每年最多 {} 天", inputs.allowance_days_per_year),
    ];
    limits.extend(used);
    let mut lines = vec![format!("{}。", limits.join("；"))];
    // Days in a row with the same outcome are one line.
    for run in
        inputs.work_days.chunk_by(|a, b| a.outcome == b.outcome && a.day.succ_opt() == Some(b.day))
    {
        if let [first, .., last] = run {
            let (count, outcome) = (run.len(), first.outcome.label());
            lines.push(format!("{} 至 {}（{count} 天）：{outcome}", first.day, last.day));
        } else if let [only] = run {
            lines.push(format!("{}：{}", only.day, only.outcome.label()));
        }
    }
    lines.push(format!("计发 {} 天。", result.days));
    lines.join("\n")
}
