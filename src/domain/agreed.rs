//! Policies whose amounts are agreed and not computed (notice, section 九: 一事一议): from when to
//! when, and who pays. There is no engine: the amount is in the decision document.

use chrono::NaiveDate;

use super::determine::Text;
use super::edition::{
    BasisTable, Dated, Editions, FundingRule, InForce, Kind, ParameterView, Parsed, PolicyError,
    Table, basis, editions, funding, parameters, participates, payers, texts,
};
use super::period::Period;

parameters! {
    /// A parameter of a version.
    Parameter {
        /// First day in force.
        From = "from", "生效日期";
        /// Last day in force.
        Through = "through", "截止日期";
        /// Who pays.
        Funding = "funding", "资金分担";
        /// Divisions that do not follow.
        ExcludedDivisions = "excluded_divisions", "未参照执行的地区";
    }
}

/// A policy of agreed amounts. Immutable.
pub type AgreedPolicy = Editions<AgreedVersion>;

/// What is in force for a run of days.
#[derive(Debug, Clone)]
pub struct AgreedVersion {
    in_force: InForce,
    /// Who pays, by division.
    pub funding: Vec<FundingRule>,
    excluded_divisions: Vec<Text>,
    basis: BasisTable<Parameter>,
}

impl AgreedPolicy {
    /// Reads a policy from TOML. `file_name` only serves the error message.
    ///
    /// # Errors
    /// Text that is no TOML, another kind, an unknown key, overlapping versions, shares that do
    /// not sum to 100.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        editions((text, file_name), Kind::AgreedAmount, KEYS, version)
    }
}

impl Dated for AgreedVersion {
    fn covers(&self, day: NaiveDate) -> bool {
        self.in_force.period.covers(day)
    }
}

impl AgreedVersion {
    /// The days in force.
    pub fn period(&self) -> &Period {
        &self.in_force.period
    }

    /// The legal basis that the file gives for a parameter.
    pub fn basis(&self, parameter: Parameter) -> Option<&str> {
        self.basis.of(parameter)
    }

    /// Whether an enterprise in a division can be paid: not where the division does not follow.
    pub fn participates(&self, division: &str) -> bool {
        participates(&self.excluded_divisions, division)
    }

    /// Its parameters with their basis, for display.
    pub fn parameters(&self) -> Vec<ParameterView<Parameter>> {
        let value = |parameter: Parameter| match parameter {
            Parameter::From => self.in_force.period.from.to_string(),
            Parameter::Through => self.in_force.through.to_string(),
            Parameter::Funding => payers(&self.funding),
            Parameter::ExcludedDivisions => texts(&self.excluded_divisions),
        };
        Parameter::ALL.iter().map(|one| self.basis.view(*one, value(*one))).collect()
    }
}

const KEYS: &[&str] = &["from", "through", "funding", "excluded_divisions", "basis"];

fn version(table: &Table<'_, '_>, in_force: InForce) -> Parsed<AgreedVersion> {
    Ok(AgreedVersion {
        in_force,
        funding: funding(&table.need("funding")?)?,
        excluded_divisions: table.or("excluded_divisions", Vec::new(), |e| e.divisions())?,
        basis: BasisTable::new(basis::<Parameter>(table)?, std::iter::empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../policies/case-agreement.toml");

    #[test]
    fn the_shipped_text_lets_the_province_pay_and_xiamen_pay_its_own() {
        let policy = AgreedPolicy::parse(SHIPPED, "case-agreement.toml").unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(policy.version_on(day("2025-11-03")).is_none());
        let version = policy.version_on(day("2028-12-31")).unwrap();
        let sources: Vec<(&str, &str)> = version
            .funding
            .iter()
            .map(|rule| (rule.division.as_str(), rule.shares[0].source.as_str()))
            .collect();
        assert_eq!(sources, [("35", "province"), ("3502", "city")]);
        let basis = version.parameters();
        assert!(basis[2].is_default_assumption && !basis[0].is_default_assumption);
    }

    #[test]
    fn another_kind_or_key_is_refused_with_its_place() {
        let wrong = SHIPPED.replace("agreed_amount", "annual_stipend");
        assert_eq!(AgreedPolicy::parse(&wrong, "p").unwrap_err().key, "kind");
        let wrong = SHIPPED.replace("from = 2025-11-04", "amount = \"1.00\"\nfrom = 2025-11-04");
        assert_eq!(AgreedPolicy::parse(&wrong, "p").unwrap_err().key, "version.amount");
    }
}
