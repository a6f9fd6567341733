//! Policies whose amounts are agreed and not computed (notice, section 九: 一事一议): from when to
//! when, and who pays. There is no engine: the amount is in the decision document.

use chrono::NaiveDate;

use super::edition::{
    BasisTable, Dated, Editions, FundingRule, InForce, Kind, ParameterView, Parsed, PolicyError,
    Table, basis, editions, funding, parameters,
};

parameters! {
    /// A parameter of a version.
    Parameter {
        /// First day in force.
        From = "from", "生效日期";
        /// Last day in force.
        Through = "through", "截止日期";
        /// Who pays.
        Funding = "funding", "资金分担";
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
    /// Its parameters with their basis, for display.
    pub fn parameters(&self) -> Vec<ParameterView<Parameter>> {
        let value = |parameter: Parameter| match parameter {
            Parameter::From => self.in_force.period.from.to_string(),
            Parameter::Through => self.in_force.through.to_string(),
            Parameter::Funding => {
                let divisions: Vec<&str> =
                    self.funding.iter().map(|rule| rule.division.as_str()).collect();
                divisions.join("、")
            }
        };
        Parameter::ALL.iter().map(|one| self.basis.view(*one, value(*one))).collect()
    }
}

const KEYS: &[&str] = &["from", "through", "funding", "basis"];

fn version(table: &Table<'_, '_>, in_force: InForce) -> Parsed<AgreedVersion> {
    Ok(AgreedVersion {
        in_force,
        funding: funding(&table.need("funding")?)?,
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
