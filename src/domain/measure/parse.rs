//! Reads a measure; its parameters and what each rule reads of them.

use serde::{Deserialize, Serialize};

use super::{Form, Policy, Version};
use crate::domain::edition::{
    BasisTable, Entry, InForce, Kind, Parsed, Percent, Table, basis, editions, parameters, place,
    vocabulary,
};
use crate::domain::money::Fen;

vocabulary! {
    /// What the money is for; awards are counted by it.
    Subject {
        /// A project.
        Project = "project", "项目";
        /// A product.
        Product = "product", "产品";
        /// A platform.
        Platform = "platform", "平台";
        /// An enterprise.
        Enterprise = "enterprise", "企业";
        /// A park.
        Park = "park", "产业园";
    }
}

vocabulary! {
    /// The time for which the cap, and being paid once, hold.
    Span {
        /// For ever.
        Life = "life", "终身";
        /// A calendar year.
        Year = "year", "每个自然年度";
    }
}

vocabulary! {
    /// How often a subject is paid in a span.
    Payments {
        /// Once.
        Once = "once", "一次";
        /// In stages, together at most the cap.
        Staged = "staged", "分阶段，合计不超过上限";
    }
}

parameters! {
    /// A parameter of a version.
    Parameter {
        /// First day in force.
        From = "from", "生效日期";
        /// Last day in force.
        Through = "through", "截止日期";
        /// What the money is for.
        Subject = "subject", "补助对象";
        /// Fixed amount.
        Amount = "amount", "定额";
        /// What the stated figure is.
        Figure = "figure", "填报数";
        /// Least figure.
        Threshold = "threshold", "起点（含本数）";
        /// Part of the figure.
        Ratio = "ratio", "比例（舍去不足一分的部分）";
        /// Most in a span.
        Cap = "cap", "上限";
        /// For what time the cap holds.
        Per = "per", "上限和次数的期间";
        /// How often.
        Payments = "payments", "发放次数";
        /// Divisions that do not take part.
        ExcludedDivisions = "excluded_divisions", "未参照执行的地区";
    }
}

impl Parameter {
    /// The value in a version, in Chinese; `None` where the version does not use it.
    pub(super) fn value(self, version: &Version) -> Option<String> {
        let yuan = |amount: Fen| format!("{} 元", amount.grouped());
        match self {
            Self::From => Some(version.in_force.period.from.to_string()),
            Self::Through => Some(version.in_force.through.to_string()),
            Self::Subject => Some(version.subject.label().to_owned()),
            Self::Amount => match version.form {
                Form::Fixed(amount) => Some(yuan(amount)),
                _ => None,
            },
            Self::Figure => version.figure().map(str::to_owned),
            Self::Threshold => version.threshold.map(yuan),
            Self::Ratio => match version.form {
                Form::Ratio(percent) => Some(format!("不超过 {percent}%")),
                _ => None,
            },
            Self::Cap => (!matches!(version.form, Form::Fixed(_))).then(|| yuan(version.cap)),
            Self::Per => Some(version.span.label().to_owned()),
            Self::Payments => Some(version.payments.label().to_owned()),
            Self::ExcludedDivisions => {
                let names: Vec<String> =
                    version.excluded_divisions.iter().map(|prefix| place(prefix)).collect();
                Some(if names.is_empty() { "无".to_owned() } else { names.join("、") })
            }
        }
    }
}

/// A rule of the engine, the identifier of a step of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Which version decides.
    InForce,
    /// Whether the application meets the conditions.
    Eligibility,
    /// The amount before the cap.
    Calculation,
    /// What the cap leaves.
    Cap,
}

impl Rule {
    const ALL: [Self; 4] = [Self::InForce, Self::Eligibility, Self::Calculation, Self::Cap];

    /// The rule in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "适用版本",
            Self::Eligibility => "申报条件",
            Self::Calculation => "计算金额",
            Self::Cap => "上限",
        }
    }

    /// The parameters that the rule reads.
    pub fn parameters(self) -> &'static [Parameter] {
        use Parameter as P;
        match self {
            Self::InForce => &[P::From, P::Through],
            Self::Eligibility => &[P::ExcludedDivisions, P::Per, P::Payments, P::Threshold],
            Self::Calculation => &[P::Amount, P::Figure, P::Ratio],
            Self::Cap => &[P::Cap, P::Per],
        }
    }
}

const KEYS: &[&str] = &[
    "from",
    "through",
    "subject",
    "amount",
    "figure",
    "threshold",
    "ratio",
    "cap",
    "per",
    "payments",
    "excluded_divisions",
    "basis",
];

/// Reads the file.
pub(super) fn policy(text: &str, file: &str) -> Parsed<Policy> {
    editions((text, file), Kind::Measure, KEYS, version)
}

fn version(table: &Table<'_, '_>, in_force: InForce) -> Parsed<Version> {
    let (form, figure, cap) = form(table)?;
    let given: Vec<(Parameter, _)> = basis(table)?;
    let used = |rule: Rule| -> &'static [Parameter] { rule.parameters() };
    Ok(Version {
        in_force,
        subject: table.need("subject")?.word(Subject::from_word, &Subject::words())?,
        form,
        figure,
        threshold: table.or("threshold", None, |entry| entry.amount().map(Some))?,
        cap,
        span: table.need("per")?.word(Span::from_word, &Span::words())?,
        payments: table.need("payments")?.word(Payments::from_word, &Payments::words())?,
        excluded_divisions: table.or("excluded_divisions", Vec::new(), |e| e.divisions())?,
        basis: BasisTable::new(given, Rule::ALL.into_iter().map(used)),
    })
}

/// A fixed amount is its own cap and goes with no figure; everything else needs a figure and a cap.
fn form(table: &Table<'_, '_>) -> Parsed<(Form, String, Fen)> {
    if let Some(entry) = table.get("amount") {
        for key in ["figure", "threshold", "ratio", "cap"] {
            if let Some(other) = table.get(key) {
                return Err(other.error("已有定额（amount），请去掉这一项"));
            }
        }
        let amount = entry.amount()?;
        return Ok((Form::Fixed(amount), String::new(), amount));
    }
    let ratio = |entry: Entry<'_, '_>| {
        entry.word(Percent::parse, "0 至 100 的数字，最多十二位小数").map(Form::Ratio)
    };
    let form = table.or("ratio", Form::Stated, ratio)?;
    Ok((form, table.need("figure")?.text()?.to_string(), table.need("cap")?.amount()?))
}
