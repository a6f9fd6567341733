//! Reads a travel policy; its parameters and what each rule reads of them.

use serde::{Deserialize, Serialize};

use super::{Band, Policy, Version};
use crate::domain::edition::{
    BasisTable, Entry, InForce, Kind, Parsed, Table, basis, editions, funding, parameters, payers,
    texts,
};

parameters! {
    /// A parameter of a version.
    Parameter {
        /// First day in force.
        From = "from", "生效日期";
        /// Last day in force.
        Through = "through", "截止日期";
        /// Most completed years on arrival.
        MaxAge = "max_age", "年龄上限";
        /// Days to claim in.
        ClaimWithinDays = "claim_within_days", "离境后申报期限";
        /// Allowance of a day.
        AllowancePerDay = "allowance_per_day", "工作津贴（每天）";
        /// Days of a trip.
        AllowanceDaysPerTrip = "allowance_days_per_trip", "每次来闽津贴天数上限";
        /// Days of a year.
        AllowanceDaysPerYear = "allowance_days_per_year", "每年津贴天数上限";
        /// Caps by origin.
        Band = "band", "差旅补贴每次上限（按来源地）";
        /// Who pays, by division; a text without it decides claims and pays none.
        Funding = "funding", "资金分担";
        /// Divisions that do not follow.
        ExcludedDivisions = "excluded_divisions", "未参照执行的地区";
    }
}

impl Parameter {
    /// The value in a version, in Chinese.
    pub(super) fn value(self, version: &Version) -> String {
        match self {
            Self::From => version.in_force.period.from.to_string(),
            Self::Through => version.in_force.through.to_string(),
            Self::MaxAge => format!("入境当日不超过 {} 周岁", version.max_age),
            Self::ClaimWithinDays => format!("{} 个自然日", version.claim_within_days),
            Self::AllowancePerDay => format!("{} 元", version.allowance_per_day.grouped()),
            Self::AllowanceDaysPerTrip => format!("{} 天", version.allowance_days_per_trip),
            Self::AllowanceDaysPerYear => format!("{} 天", version.allowance_days_per_year),
            Self::Funding => payers(&version.funding),
            Self::ExcludedDivisions => texts(&version.excluded_divisions),
            Self::Band => {
                let band = |band: &Band| {
                    let origins = texts(&band.origins).replace('*', "其他");
                    format!("{origins} {} 元", band.cap.grouped())
                };
                version.bands.iter().map(band).collect::<Vec<_>>().join("；")
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
    /// Whether the visitor and the claim meet the conditions.
    Eligibility,
    /// What each cost counts in yuan.
    Lines,
    /// The subsidy under the cap.
    Subsidy,
    /// Which days an allowance is due for.
    AllowanceDays,
    /// The allowance.
    Allowance,
    /// The sum.
    Total,
}

impl Rule {
    const ALL: [Self; 7] = [
        Self::InForce,
        Self::Eligibility,
        Self::Lines,
        Self::Subsidy,
        Self::AllowanceDays,
        Self::Allowance,
        Self::Total,
    ];

    /// The rule in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "适用版本",
            Self::Eligibility => "申报条件",
            Self::Lines => "费用折算",
            Self::Subsidy => "差旅补贴",
            Self::AllowanceDays => "津贴天数",
            Self::Allowance => "工作津贴",
            Self::Total => "合计",
        }
    }

    /// The parameters that the rule reads.
    pub fn parameters(self) -> &'static [Parameter] {
        use Parameter as P;
        match self {
            Self::InForce => &[P::From, P::Through],
            Self::Eligibility => &[P::MaxAge, P::ClaimWithinDays],
            Self::Lines | Self::Total => &[],
            Self::Subsidy => &[P::Band],
            Self::AllowanceDays => &[P::AllowanceDaysPerTrip, P::AllowanceDaysPerYear, P::Through],
            Self::Allowance => &[P::AllowancePerDay],
        }
    }
}

const KEYS: &[&str] = &[
    "from",
    "through",
    "max_age",
    "claim_within_days",
    "allowance_per_day",
    "allowance_days_per_trip",
    "allowance_days_per_year",
    "band",
    "funding",
    "excluded_divisions",
    "basis",
];

/// Reads the file.
pub(super) fn policy(text: &str, file: &str) -> Parsed<Policy> {
    editions((text, file), Kind::TravelSubsidy, KEYS, version)
}

fn version(table: &Table<'_, '_>, in_force: InForce) -> Parsed<Version> {
    Ok(Version {
        in_force,
        max_age: table.need("max_age")?.integer(0..=200)?,
        claim_within_days: table.need("claim_within_days")?.integer(0..=3660)?,
        allowance_per_day: table.need("allowance_per_day")?.amount()?,
        allowance_days_per_trip: table.need("allowance_days_per_trip")?.integer(0..=3660)?,
        allowance_days_per_year: table.need("allowance_days_per_year")?.integer(0..=3660)?,
        bands: bands(&table.need("band")?)?,
        funding: table.get("funding").map(|entry| funding(&entry)).transpose()?.unwrap_or_default(),
        excluded_divisions: table.or("excluded_divisions", Vec::new(), |e| e.divisions())?,
        basis: BasisTable::new(basis(table)?, Rule::ALL.iter().map(|rule| rule.parameters())),
    })
}

fn bands(entry: &Entry<'_, '_>) -> Parsed<Vec<Band>> {
    let mut bands = Vec::new();
    for item in entry.list()? {
        let table = item.table("version.band", &["name", "origins", "cap"])?;
        bands.push(Band {
            name: table.need("name")?.text()?,
            origins: table.need("origins")?.texts()?,
            cap: table.need("cap")?.amount()?,
        });
    }
    if bands.is_empty() {
        return Err(entry.error("至少需要一档上限"));
    }
    Ok(bands)
}
