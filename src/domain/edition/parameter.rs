//! Parameters by name, their legal basis, and how they are shown.

use serde::{Deserialize, Serialize};

use super::basis::parameters;
use super::value::source_label;
use super::{FundingRule, ParameterView, Version};
use crate::domain::determine::Text;
use crate::domain::region;

parameters! {
    /// A parameter of a version.
    Parameter {
        /// First day in force.
        From = "from", "生效日期";
        /// Last day in force.
        Through = "through", "截止日期";
        /// First paid year.
        FirstAwardYear = "first_award_year", "首个奖补年度";
        /// Amount per person and year.
        Amount = "amount", "奖补标准（每人每年）";
        /// Conditions of an eligible day.
        Conditions = "conditions", "合格日条件";
        /// Divisions that do not take part.
        ExcludedDivisions = "excluded_divisions", "未参照执行的地区";
        /// Accepted classes.
        RecognitionClasses = "recognition_classes", "认可的人才类别";
        /// Pricing of a part of a year.
        Proration = "proration", "折算方式";
        /// Days that make a month count.
        MonthMinDays = "month_min_days", "月份计入所需天数";
        /// Least months.
        MinMonths = "min_months", "最低计入月数";
        /// Least days.
        MinDays = "min_days", "最低合格天数";
        /// Rounding.
        Rounding = "rounding", "取整";
        /// Other awards.
        Stacking = "stacking", "与其他奖补的关系";
        /// Exclusive groups.
        ExclusiveGroups = "exclusive_groups", "同类奖补目录";
        /// Funding shares.
        Funding = "funding", "资金分担";
    }
}

/// A rule of the engine, the identifier of a step of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Which versions are in force.
    InForce,
    /// Which days are eligible at which enterprise.
    EligibleDays,
    /// Which months count and whose they are.
    CountedMonths,
    /// The gross amount.
    Gross,
    /// What other awards take away.
    Offset,
    /// The split over enterprises.
    Portions,
    /// The split of a portion over its sources.
    Funding,
    /// What is still to be paid or recovered.
    Adjustment,
    /// Why nothing is due.
    Reasons,
}

impl Rule {
    pub(super) const ALL: [Self; 9] = [
        Self::InForce,
        Self::EligibleDays,
        Self::CountedMonths,
        Self::Gross,
        Self::Offset,
        Self::Portions,
        Self::Funding,
        Self::Adjustment,
        Self::Reasons,
    ];

    /// The rule in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "适用版本",
            Self::EligibleDays => "合格日",
            Self::CountedMonths => "计入月份",
            Self::Gross => "应计金额",
            Self::Offset => "同类奖补扣减",
            Self::Portions => "按企业分摊",
            Self::Funding => "资金来源分担",
            Self::Adjustment => "补发或追回",
            Self::Reasons => "不予发放原因",
        }
    }

    /// The parameters that the rule reads.
    pub fn parameters(self) -> &'static [Parameter] {
        use Parameter as P;
        match self {
            Self::InForce => &[P::From, P::Through, P::FirstAwardYear],
            Self::EligibleDays => &[P::Conditions, P::ExcludedDivisions, P::RecognitionClasses],
            Self::CountedMonths => &[P::MonthMinDays],
            Self::Gross => {
                &[P::Amount, P::Proration, P::MinMonths, P::MinDays, P::FirstAwardYear, P::Rounding]
            }
            Self::Offset => &[P::Stacking, P::ExclusiveGroups],
            Self::Portions => &[P::Proration],
            Self::Funding => &[P::Funding],
            Self::Adjustment => &[P::Amount],
            Self::Reasons => &[P::Conditions, P::MinMonths, P::MinDays, P::FirstAwardYear],
        }
    }
}

pub(super) fn view(version: &Version, parameter: Parameter) -> ParameterView {
    version.basis.view(parameter, value(version, parameter))
}

fn value(version: &Version, parameter: Parameter) -> String {
    match parameter {
        Parameter::From => version.from().to_string(),
        Parameter::Through => version.through().to_string(),
        Parameter::FirstAwardYear => {
            version.first_award_year.map_or_else(|| "不限".to_owned(), |year| year.to_string())
        }
        Parameter::Amount => format!("{} 元", version.amount.grouped()),
        Parameter::Conditions => {
            join(version.conditions.iter().map(|condition| condition.label().to_owned()))
        }
        Parameter::ExcludedDivisions => texts(&version.excluded_divisions),
        Parameter::RecognitionClasses => texts(&version.recognition_classes),
        Parameter::Proration => version.proration.label().to_owned(),
        Parameter::MonthMinDays => format!("{} 天", version.month_min_days),
        Parameter::MinMonths => format!("{} 个月", version.min_months),
        Parameter::MinDays => format!("{} 天", version.min_days),
        Parameter::Rounding => version.rounding.label().to_owned(),
        Parameter::Stacking => version.stacking.label().to_owned(),
        Parameter::ExclusiveGroups => texts(&version.exclusive_groups),
        Parameter::Funding => payers(&version.funding),
    }
}

/// Who pays, division by division.
pub(crate) fn payers(funding: &[FundingRule]) -> String {
    join(funding.iter().map(|rule| {
        let shares = rule
            .shares
            .iter()
            .map(|share| format!("{} {}%", source_label(&share.source), share.percent));
        format!("{}：{}", place(&rule.division), shares.collect::<Vec<_>>().join("＋"))
    }))
}

/// A division's prefix as people call it: 3502 is 厦门市（3502）.
pub(crate) fn place(prefix: &str) -> String {
    match region::full_name(&format!("{prefix:0<6}")) {
        Some(name) => format!("{name}（{prefix}）"),
        None => prefix.to_owned(),
    }
}

pub(crate) fn texts(list: &[Text]) -> String {
    join(list.iter().map(Text::to_string))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    let joined = parts.collect::<Vec<_>>().join("、");
    if joined.is_empty() { "无".to_owned() } else { joined }
}
