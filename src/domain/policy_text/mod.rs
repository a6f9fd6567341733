//! The text of a policy of any kind, read by its own kind: what pages show of it, and two texts beside
//! each other.

mod compare;
mod ending;

pub use self::compare::{Change, Stretch, compare};
pub use self::ending::Ending;
use crate::domain::agreed::{self, AgreedPolicy};
use crate::domain::edition::{
    Keyed, Kind, Parameter, ParameterView, Policy, PolicyError, Version, kind_of,
};
use crate::domain::period::Period;
use crate::domain::travel;

/// A text that the registry keeps. Measures are tried out and pay nothing: theirs are not kept.
#[derive(Debug, Clone)]
pub enum PolicyText {
    /// An annual stipend.
    Stipend(Box<Policy>),
    /// Travel subsidy and work allowance of a visit.
    Travel(travel::Policy),
    /// Amounts that a decision agreed on.
    Agreed(AgreedPolicy),
}

/// A parameter of a version, whatever the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownParameter {
    /// Key in the text.
    pub key: &'static str,
    /// Name in Chinese.
    pub name: &'static str,
    /// Value in Chinese.
    pub value: String,
    /// Document and article; empty for a default assumption.
    pub basis: String,
    /// Whether no document fixes it.
    pub is_default: bool,
}

/// A version, whatever the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownVersion {
    /// The days in force.
    pub valid: Period,
    /// Its parameters without the days.
    pub parameters: Vec<ShownParameter>,
}

impl From<&Version> for ShownVersion {
    fn from(version: &Version) -> Self {
        shown(version.period(), version.parameters())
    }
}

/// A version as pages show it, without its days, which stand beside it.
fn shown<P: Keyed>(valid: &Period, views: Vec<ParameterView<P>>) -> ShownVersion {
    let row = |view: ParameterView<P>| {
        let (key, name) = (view.parameter.key(), view.parameter.label());
        (!["from", "through"].contains(&key)).then(|| ShownParameter {
            key,
            name,
            value: view.value,
            basis: if view.is_default_assumption { String::new() } else { view.basis },
            is_default: view.is_default_assumption,
        })
    };
    ShownVersion { valid: *valid, parameters: views.into_iter().filter_map(row).collect() }
}

impl PolicyText {
    /// Reads a text by the kind that it says it is of. `file_name` only serves the error message.
    ///
    /// # Errors
    /// As the kind's own reading; a measure.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        match kind_of(text, file_name)? {
            Kind::AnnualStipend => Ok(Self::Stipend(Box::new(Policy::parse(text, file_name)?))),
            Kind::TravelSubsidy => travel::Policy::parse(text, file_name).map(Self::Travel),
            Kind::AgreedAmount => AgreedPolicy::parse(text, file_name).map(Self::Agreed),
            Kind::Measure => {
                let line = text.lines().position(|line| line.trim_start().starts_with("kind"));
                Err(PolicyError {
                    file: file_name.to_owned(),
                    line: line.unwrap_or_default() + 1,
                    key: "kind".to_owned(),
                    message: "这类政策只供试算，不保存正文".to_owned(),
                })
            }
        }
    }

    /// Identifier, e.g. `core-engineer`.
    pub fn id(&self) -> &str {
        match self {
            Self::Stipend(policy) => policy.id(),
            Self::Travel(policy) => policy.id(),
            Self::Agreed(policy) => policy.id(),
        }
    }

    /// Title for people.
    pub fn title(&self) -> &str {
        match self {
            Self::Stipend(policy) => policy.title(),
            Self::Travel(policy) => policy.title(),
            Self::Agreed(policy) => policy.title(),
        }
    }

    /// What the policy grants.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Stipend(_) => Kind::AnnualStipend,
            Self::Travel(_) => Kind::TravelSubsidy,
            Self::Agreed(_) => Kind::AgreedAmount,
        }
    }

    /// Whether amounts are computed, so that cases can show what a text gives; otherwise they are
    /// agreed.
    pub fn computes(&self) -> bool {
        self.kind() != Kind::AgreedAmount
    }

    /// Document and article that the last version rests on; empty where none is given.
    pub fn basis(&self) -> &str {
        let basis = match self {
            Self::Stipend(policy) => {
                policy.versions().last().and_then(|version| version.basis(Parameter::Amount))
            }
            Self::Travel(policy) => {
                policy.versions().last().and_then(|version| version.basis(travel::Parameter::From))
            }
            Self::Agreed(policy) => {
                policy.versions().last().and_then(|version| version.basis(agreed::Parameter::From))
            }
        };
        basis.unwrap_or_default()
    }

    /// The versions, oldest first.
    pub fn versions(&self) -> Vec<ShownVersion> {
        match self {
            Self::Stipend(policy) => policy.versions().iter().map(ShownVersion::from).collect(),
            Self::Travel(policy) => {
                policy.versions().iter().map(|v| shown(v.period(), v.parameters())).collect()
            }
            Self::Agreed(policy) => {
                policy.versions().iter().map(|v| shown(v.period(), v.parameters())).collect()
            }
        }
    }

    /// The days in force over all versions.
    pub fn valid(&self) -> Period {
        let versions = self.versions();
        Period {
            from: versions.first().map(|version| version.valid.from).unwrap_or_default(),
            through: versions.last().and_then(|version| version.valid.through),
        }
    }
}
