//! A text made from another one by a few parameters, to see what they would change.

use toml::{Table, Value};

use super::{GroupRelation, Policy, PolicyError, Proration, Stacking};
use crate::domain::money::Fen;

/// Basis of every parameter that a scenario sets.
const ASSUMED: &str = "情景假设，没有依据";
/// Division of the funding rule that the shares of a scenario replace: the province without Xiamen.
const WHOLE_PROVINCE: &str = "35";

/// Parameters of all versions; `None` leaves one as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Amount per person and year.
    pub amount: Option<Fen>,
    /// Least counted months.
    pub min_months: Option<u8>,
    /// Pricing of a part of a year.
    pub proration: Option<Proration>,
    /// Other awards.
    pub stacking: Option<Stacking>,
    /// Sources and percents for the whole province but Xiamen.
    pub shares: Option<Vec<(&'static str, String)>>,
    /// What the conflict catalogue of a year says of groups; an entry takes the place of what the
    /// text says of its group, and every other group stays as it is.
    pub relations: Vec<GroupRelation>,
}

impl Overlay {
    /// The text with these parameters; the very text when there are none.
    ///
    /// # Errors
    /// When the result is no policy, for instance shares that do not sum to 100.
    pub fn over(&self, text: &str) -> Result<String, PolicyError> {
        if *self == Self::default() {
            return Ok(text.to_owned());
        }
        let wrong = |message: String| PolicyError {
            file: "情景".to_owned(),
            line: 1,
            key: "version".to_owned(),
            message,
        };
        let mut table: Table = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let versions = table.get_mut("version").and_then(Value::as_array_mut);
        for version in versions.into_iter().flatten().filter_map(Value::as_table_mut) {
            self.set(version);
        }
        let text = toml::to_string(&table).map_err(|error| wrong(error.to_string()))?;
        Policy::parse(&text, "情景")?;
        Ok(text)
    }

    fn set(&self, version: &mut Table) {
        let mut keys = Vec::new();
        let mut put = |version: &mut Table, key: &'static str, value: Option<Value>| {
            if let Some(value) = value {
                version.insert(key.to_owned(), value);
                keys.push(key);
            }
        };
        put(version, "amount", self.amount.map(|amount| Value::from(amount.to_string())));
        put(version, "min_months", self.min_months.map(|months| Value::from(i64::from(months))));
        put(version, "proration", self.proration.map(|found| Value::from(found.word())));
        put(version, "stacking", self.stacking.map(|found| Value::from(found.word())));
        if let Some(shares) = &self.shares {
            let share = |(source, percent): &(&str, String)| {
                let mut one = Table::new();
                one.insert("source".to_owned(), Value::from(*source));
                one.insert("percent".to_owned(), Value::from(percent.as_str()));
                Value::Table(one)
            };
            let list = Value::Array(shares.iter().map(share).collect());
            let rules = version.get_mut("funding").and_then(Value::as_array_mut);
            let mut rules = rules.into_iter().flatten().filter_map(Value::as_table_mut);
            let of_province = |rule: &&mut Table| {
                rule.get("division").and_then(Value::as_str) == Some(WHOLE_PROVINCE)
            };
            if let Some(rule) = rules.find(of_province) {
                rule.insert("shares".to_owned(), list);
                keys.push("funding");
            }
        }
        self.relate(version);
        let basis = version.entry("basis").or_insert_with(|| Value::Table(Table::new()));
        if let Some(basis) = basis.as_table_mut() {
            for key in keys {
                basis.insert(key.to_owned(), Value::from(ASSUMED));
            }
        }
    }

    fn relate(&self, version: &mut Table) {
        if self.relations.is_empty() {
            return;
        }
        let list = version.entry("relation").or_insert_with(|| Value::Array(Vec::new()));
        let Some(list) = list.as_array_mut() else { return };
        for relation in &self.relations {
            let group = relation.group.as_str();
            list.retain(|one| one.get("group").and_then(Value::as_str) != Some(group));
            let words = [
                ("group", group),
                ("stacking", relation.stacking.word()),
                ("basis", relation.basis.as_str()),
            ];
            let one = words.map(|(key, word)| (key.to_owned(), Value::from(word)));
            list.push(Value::Table(one.into_iter().collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edition::Parameter;
    use crate::domain::policy_text::{PolicyText, compare};

    const SHIPPED: &str = include_str!("../../../policies/core-engineer.toml");

    #[test]
    fn exactly_the_named_parameters_change_and_say_that_they_are_assumed() {
        let overlay = Overlay {
            amount: Some(Fen::new(24_000_000)),
            min_months: Some(3),
            shares: Some(vec![("province", "60".into()), ("city", "40".into())]),
            ..Overlay::default()
        };
        let text = overlay.over(SHIPPED).unwrap();
        let (old, new) = (Policy::parse(SHIPPED, "p").unwrap(), Policy::parse(&text, "p").unwrap());
        let read = |policy: &Policy| PolicyText::Stipend(Box::new(policy.clone()));
        let found = compare(&read(&old), &read(&new));
        let changed: Vec<&str> =
            found[0].changes.iter().filter(|c| c.is_changed()).map(|c| c.name).collect();
        let expected = [Parameter::Amount, Parameter::MinMonths, Parameter::Funding];
        assert_eq!(changed, expected.map(Parameter::label));
        assert_eq!(new.versions()[0].basis(Parameter::Amount), Some(ASSUMED));
        assert_eq!(new.versions()[0].funding_for("350203").unwrap().shares.len(), 1);
        assert_eq!(Overlay::default().over(SHIPPED).unwrap(), SHIPPED);
        let related = |stacking| GroupRelation {
            group: "city-talent".into(),
            stacking,
            basis: "目录 CT00001".into(),
        };
        let once = Overlay { relations: vec![related(Stacking::Stack)], ..Overlay::default() };
        let twice = Overlay { relations: vec![related(Stacking::Exclude)], ..Overlay::default() };
        let text = twice.over(&once.over(SHIPPED).unwrap()).unwrap();
        let related_policy = Policy::parse(&text, "p").unwrap();
        let version = &related_policy.versions()[0];
        assert_eq!(version.relations(), [related(Stacking::Exclude)]);
        assert_eq!(version.stacking_of(&"provincial-talent".into()), Some(Stacking::TopUp));
        assert_eq!(version.stacking_of(&"other".into()), None);
        let short = Overlay { shares: Some(vec![("province", "60".into())]), ..Overlay::default() };
        assert!(short.over(SHIPPED).unwrap_err().message.contains("100"));
    }
}
