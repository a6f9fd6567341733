//! The steps that lead to an amount, as data and in words; enough to redo the sum by hand.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::outcome::Reason;
use super::parse::{Payments, Rule, Span};
use crate::domain::determine::Text;
use crate::domain::edition::describe_basis;
use crate::domain::money::Fen;
use crate::domain::steps::{records, steps};

/// The ordered steps of one determination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace {
    /// The steps in the order of the calculation.
    pub steps: Vec<Step>,
}

steps! {
    /// Which version decides.
    InForce(InForceInputs, InForceResult);
    /// Whether the conditions are met.
    Eligibility(EligibilityInputs, EligibilityResult);
    /// The amount before the cap.
    Calculation(CalculationInputs, CalculationResult);
    /// What the cap leaves.
    Cap(CapInputs, CapResult);
}

records! {
    /// Inputs of [`Step::InForce`].
    InForceInputs {
        /// The day that decides.
        day: NaiveDate,
    }
    /// Result of [`Step::InForce`]; none where no version is in force.
    InForceResult {
        /// Number among the versions, oldest 1.
        version: Option<u16>,
        /// Its first day.
        from: Option<NaiveDate>,
        /// Its last day.
        through: Option<NaiveDate>,
    }
    /// An earlier award that counts together with the application.
    EarlierLine {
        /// The day that it counts to.
        day: NaiveDate,
        /// How much.
        amount: Fen,
        /// For which stage.
        stage: Option<Text>,
    }
    /// Inputs of [`Step::Eligibility`].
    EligibilityInputs {
        /// What the application is about.
        subject: Text,
        /// Division of the applicant.
        division: Text,
        /// Division prefixes that do not take part.
        excluded_divisions: Vec<Text>,
        /// For what time being paid once holds.
        per: Span,
        /// Once or in stages.
        payments: Payments,
        /// The stage applied for.
        stage: Option<Text>,
        /// Earlier awards of that time.
        earlier: Vec<EarlierLine>,
        /// The stated figure.
        figure: Option<Fen>,
        /// The least that it must reach.
        threshold: Option<Fen>,
    }
    /// Result of [`Step::Eligibility`].
    EligibilityResult {
        /// What stands in the way.
        reasons: Vec<Reason>,
    }
    /// Inputs of [`Step::Calculation`]: a fixed amount has neither figure nor ratio.
    CalculationInputs {
        /// What the figure is.
        means: Text,
        /// The stated figure.
        figure: Option<Fen>,
        /// Percent of it, exact decimals; the product is rounded down.
        ratio: Option<Text>,
    }
    /// Result of [`Step::Calculation`].
    CalculationResult {
        /// The amount before the cap.
        calculated: Fen,
    }
    /// Inputs of [`Step::Cap`]: `cap − earlier`, never below zero, is the room.
    CapInputs {
        /// The amount before the cap.
        calculated: Fen,
        /// The cap.
        cap: Fen,
        /// For what time it holds.
        per: Span,
        /// Earlier awards of that time.
        earlier: Fen,
        /// What they leave.
        room: Fen,
    }
    /// Result of [`Step::Cap`].
    CapResult {
        /// The smaller of both.
        amount: Fen,
    }
}

impl Step {
    /// The step as Chinese sentences.
    pub fn describe(&self) -> String {
        match self {
            Self::InForce { inputs, result, .. } => {
                match (result.version, result.from, result.through) {
                    (Some(version), Some(from), Some(through)) => {
                        format!("{} 适用第 {version} 版（{from} 至 {through}）。", inputs.day)
                    }
                    _ => format!("{} 没有生效的版本。", inputs.day),
                }
            }
            Self::Eligibility { inputs, result, .. } => eligibility(inputs, result),
            Self::Calculation { inputs, result, .. } => match (inputs.figure, &inputs.ratio) {
                (Some(figure), Some(ratio)) => format!(
                    "{} {figure} 元 × {ratio}%，舍去不足一分的部分 = {} 元。",
                    inputs.means, result.calculated
                ),
                (Some(figure), None) => format!("{} {figure} 元。", inputs.means),
                (None, _) => format!("定额 {} 元。", result.calculated),
            },
            Self::Cap { inputs, result, .. } => format!(
                "上限（{}）{} 元 − 此前已发 {} 元，余 {} 元；与 {} 元取较小者：{} 元。",
                inputs.per.label(),
                inputs.cap,
                inputs.earlier,
                inputs.room,
                inputs.calculated,
                result.amount
            ),
        }
    }

    /// The legal basis in words; what no document fixes is called 默认参数.
    pub fn describe_basis(&self) -> String {
        describe_basis(self.basis())
    }
}

fn eligibility(inputs: &EligibilityInputs, result: &EligibilityResult) -> String {
    let mut parts = vec![format!("所在地区 {}", inputs.division)];
    let line = |award: &EarlierLine| {
        let stage = award.stage.as_ref().map(|stage| format!("（{stage}）")).unwrap_or_default();
        format!("{}{stage} {} 元", award.day, award.amount)
    };
    let earlier: Vec<String> = inputs.earlier.iter().map(line).collect();
    let said = if earlier.is_empty() { "没有".to_owned() } else { earlier.join("、") };
    parts.push(format!(
        "发放{}（{}），此前发放：{said}",
        inputs.payments.label(),
        inputs.per.label()
    ));
    if let Some((threshold, figure)) = inputs.threshold.zip(inputs.figure) {
        parts.push(format!("起点 {threshold} 元（含），填报 {figure} 元"));
    }
    let found: Vec<&str> = result.reasons.iter().map(|reason| reason.label()).collect();
    let conclusion = if found.is_empty() { "符合条件".to_owned() } else { found.join("、") };
    format!("{}：{conclusion}。", parts.join("；"))
}
