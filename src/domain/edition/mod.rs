//! Editions of a policy: dated versions whose every parameter can name its legal basis
//! (engine.md "Policy"). Only values; reading the file is the caller's business.

mod basis;
mod overlay;
mod parameter;
mod parse;
mod reader;
mod value;

use std::fmt;

use chrono::NaiveDate;

pub(crate) use self::basis::{BasisTable, Keyed, parameters};
pub use self::basis::{DEFAULT_ASSUMPTION, ParameterView, describe_basis};
pub use self::overlay::Overlay;
pub use self::parameter::{Parameter, Rule};
pub(crate) use self::parameter::{payers, place, texts};
pub(crate) use self::parse::funding;
pub(crate) use self::reader::{Entry, InForce, Parsed, Table, basis};
use self::reader::{document, versions};
pub(crate) use self::value::vocabulary;
pub use self::value::{
    Condition, Conditions, FundingRule, GroupRelation, Kind, Percent, Proration, Rounding, Share,
    Stacking, source_label,
};
use crate::domain::determine::Text;
use crate::domain::money::Fen;
use crate::domain::period::Period;

/// Why a policy file cannot be used: where it stands and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Name of the file as the caller gave it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Key, with the tables that contain it: `version.funding.shares`.
    pub key: String,
    /// What is wrong, in Chinese.
    pub message: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} 第 {} 行 {}：{}", self.file, self.line, self.key, self.message)
    }
}

impl std::error::Error for PolicyError {}

/// The kind that a policy file says it is of; the rest of the file is not looked at.
///
/// # Errors
/// Text that is no TOML, a missing or unknown kind.
pub fn kind_of(text: &str, file_name: &str) -> Result<Kind, PolicyError> {
    reader::kind(text, file_name)
}

/// A version of a policy: what is in force for a run of days.
pub trait Dated {
    /// Whether it is in force on a day.
    fn covers(&self, day: NaiveDate) -> bool;
}

/// A policy: an identifier and versions in force one after another. Immutable.
#[derive(Debug, Clone)]
pub struct Editions<V> {
    id: Text,
    title: String,
    versions: Vec<V>,
}

impl<V: Dated> Editions<V> {
    /// Identifier, e.g. `overseas-visit`.
    pub fn id(&self) -> &Text {
        &self.id
    }

    /// Title for people; the identifier where the file gives none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The versions, oldest first, never overlapping.
    pub fn versions(&self) -> &[V] {
        &self.versions
    }

    /// The version in force on a day.
    pub fn version_on(&self, day: NaiveDate) -> Option<&V> {
        self.versions.iter().find(|version| version.covers(day))
    }
}

/// Reads a policy of a kind that knows no keys but those of all: `keys` are those of a version.
pub(crate) fn editions<V>(
    file: (&str, &str),
    kind: Kind,
    keys: &[&str],
    version: impl Fn(&Table<'_, '_>, InForce) -> Parsed<V>,
) -> Parsed<Editions<V>> {
    document(file, kind, &[], |head, root| {
        let versions = versions(root, keys, version)?;
        Ok(Editions { id: head.id, title: head.title, versions })
    })
}

/// A policy of an annual stipend: an identifier and versions in force one after another. Immutable; share it in an
/// `Arc`.
#[derive(Debug, Clone)]
pub struct Policy {
    id: Text,
    title: String,
    kind: Kind,
    first_award_year: Option<i32>,
    versions: Vec<Version>,
}

impl Policy {
    /// Reads a policy from TOML. `file_name` only serves the error message. Errors: text that is
    /// no TOML, an unknown key, condition or value, a missing parameter, overlapping versions,
    /// shares that do not sum to 100, a division twice in a version.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        parse::policy(text, file_name)
    }

    /// Identifier, e.g. `core-engineer`.
    pub fn id(&self) -> &Text {
        &self.id
    }

    /// Title for people; the identifier where the file gives none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the policy grants.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Years before this one are history and never paid.
    pub fn first_award_year(&self) -> Option<i32> {
        self.first_award_year
    }

    /// The versions, oldest first, never overlapping.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The version in force on a day.
    pub fn version_on(&self, day: NaiveDate) -> Option<&Version> {
        self.versions.iter().find(|version| version.in_force.period.covers(day))
    }
}

/// The parameters in force for a run of days.
#[derive(Debug, Clone)]
pub struct Version {
    pub(super) in_force: InForce,
    pub(super) amount: Fen,
    pub(super) conditions: Conditions,
    pub(super) excluded_divisions: Vec<Text>,
    pub(super) recognition_classes: Vec<Text>,
    pub(super) proration: Proration,
    pub(super) month_min_days: u8,
    pub(super) min_months: u8,
    pub(super) min_days: u16,
    pub(super) rounding: Rounding,
    pub(super) stacking: Stacking,
    pub(super) exclusive_groups: Vec<Text>,
    pub(super) relations: Vec<GroupRelation>,
    pub(super) funding: Vec<FundingRule>,
    pub(super) first_award_year: Option<i32>,
    pub(super) basis: BasisTable<Parameter>,
}

impl Version {
    /// First day in force.
    pub fn from(&self) -> NaiveDate {
        self.in_force.period.from
    }

    /// Last day in force (inclusive).
    pub fn through(&self) -> NaiveDate {
        self.in_force.through
    }

    /// The days in force as a period.
    pub fn period(&self) -> &Period {
        &self.in_force.period
    }

    /// Amount per person and calendar year.
    pub fn amount(&self) -> Fen {
        self.amount
    }

    /// The conditions of an eligible day.
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Division prefixes that do not take part.
    pub fn excluded_divisions(&self) -> &[Text] {
        &self.excluded_divisions
    }

    /// Accepted recognition classes.
    pub fn recognition_classes(&self) -> &[Text] {
        &self.recognition_classes
    }

    /// How a part of a year is priced.
    pub fn proration(&self) -> Proration {
        self.proration
    }

    /// Eligible days that make a month count.
    pub fn month_min_days(&self) -> u8 {
        self.month_min_days
    }

    /// Counted months below which nothing is due (`none`, `monthly`).
    pub fn min_months(&self) -> u8 {
        self.min_months
    }

    /// Eligible days below which nothing is due (`daily`).
    pub fn min_days(&self) -> u16 {
        self.min_days
    }

    /// Rounding of the gross amount.
    pub fn rounding(&self) -> Rounding {
        self.rounding
    }

    /// What other awards of the year take away.
    pub fn stacking(&self) -> Stacking {
        self.stacking
    }

    /// Award groups that count for [`Version::stacking`].
    pub fn exclusive_groups(&self) -> &[Text] {
        &self.exclusive_groups
    }

    /// Groups whose awards go by a word of their own, whatever the version says of others.
    pub fn relations(&self) -> &[GroupRelation] {
        &self.relations
    }

    /// The word that a group has of its own.
    pub fn relation(&self, group: &Text) -> Option<&GroupRelation> {
        self.relations.iter().find(|relation| relation.group == *group)
    }

    /// What an award of a group takes away; `None` when it does not count at all.
    pub fn stacking_of(&self, group: &Text) -> Option<Stacking> {
        match self.relation(group) {
            Some(relation) => Some(relation.stacking).filter(|found| *found != Stacking::Stack),
            None => self.exclusive_groups.contains(group).then_some(self.stacking),
        }
    }

    /// The funding rules in the order of the file.
    pub fn funding(&self) -> &[FundingRule] {
        &self.funding
    }

    /// The funding rule whose division is the longest prefix of `division`.
    pub fn funding_for(&self, division: &str) -> Option<&FundingRule> {
        self.funding
            .iter()
            .filter(|rule| division.starts_with(rule.division.as_str()))
            .max_by_key(|rule| rule.division.len())
    }

    /// Whether enterprises of a division take part.
    pub fn participates(&self, division: &str) -> bool {
        participates(&self.excluded_divisions, division)
    }

    /// The legal basis that the file gives for a parameter.
    pub fn basis(&self, parameter: Parameter) -> Option<&str> {
        self.basis.of(parameter)
    }

    /// The basis of all parameters that a rule uses, as one text for a trace.
    pub fn rule_basis(&self, rule: Rule) -> &Text {
        self.basis.rule(rule as usize)
    }

    /// All parameters in a fixed order with value and basis, for display.
    pub fn parameters(&self) -> Vec<ParameterView> {
        Parameter::ALL.iter().map(|parameter| parameter::view(self, *parameter)).collect()
    }
}

#[cfg(test)]
mod tests;

/// Whether a division follows a text that leaves out divisions with these prefixes: Xiamen may follow,
/// and says so (notice, last sentence).
pub(crate) fn participates(excluded: &[Text], division: &str) -> bool {
    !excluded.iter().any(|prefix| division.starts_with(prefix.as_str()))
}
