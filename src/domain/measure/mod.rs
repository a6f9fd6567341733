//! The money of the other sections of the notice: grants by project, product, platform, enterprise,
//! park and year, each a composition of the same few primitives (docs/measures.md). One pure
//! function from a policy and an application to an amount.

mod decide;
mod facts;
mod outcome;
mod parse;
mod shipped;
mod trace;

use chrono::NaiveDate;

pub use self::facts::{Application, EarlierAward, Fault};
pub use self::outcome::{Determination, Reason};
pub use self::parse::{Parameter, Payments, Rule, Span, Subject};
pub use self::shipped::shipped;
pub use self::trace::{
    CalculationInputs, CalculationResult, CapInputs, CapResult, EarlierLine, EligibilityInputs,
    EligibilityResult, InForceInputs, InForceResult, Step, Trace,
};
use crate::domain::determine::Text;
use crate::domain::edition::{
    BasisTable, Dated, Editions, InForce, ParameterView, Percent, PolicyError,
};
use crate::domain::money::Fen;

/// A measure: an identifier and versions in force one after another.
pub type Policy = Editions<Version>;

impl Policy {
    /// Reads a measure from TOML. `file_name` only serves the error message. Errors: text that is
    /// no TOML, another kind, an unknown key or value, parameters that do not go together,
    /// overlapping versions.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        parse::policy(text, file_name)
    }

    /// The result for one application. Pure: equal arguments give equal results.
    ///
    /// # Errors
    /// Everything that is wrong with the application, each with its field.
    pub fn decide(&self, application: &Application) -> Result<Determination, Vec<Fault>> {
        Ok(decide::Calculation::of(self, application)?.determination())
    }

    /// As [`Policy::decide`], with the steps that lead to the result.
    ///
    /// # Errors
    /// As [`Policy::decide`].
    pub fn explain(&self, application: &Application) -> Result<(Determination, Trace), Vec<Fault>> {
        let calculation = decide::Calculation::of(self, application)?;
        Ok((calculation.determination(), calculation.trace()))
    }
}

/// How the amount comes about before the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The same for everybody; nothing is stated.
    Fixed(Fen),
    /// What the office decided, as stated.
    Stated,
    /// A part of the stated figure, rounded down to the fen.
    Ratio(Percent),
}

/// The parameters in force for a run of days.
#[derive(Debug, Clone)]
pub struct Version {
    in_force: InForce,
    subject: Subject,
    form: Form,
    /// What the stated figure is, in words; empty for a fixed amount.
    figure: String,
    threshold: Option<Fen>,
    cap: Fen,
    span: Span,
    payments: Payments,
    excluded_divisions: Vec<Text>,
    basis: BasisTable<Parameter>,
}

impl Dated for Version {
    fn covers(&self, day: NaiveDate) -> bool {
        self.in_force.period.covers(day)
    }
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

    /// What the money is for.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// How the amount comes about.
    pub fn form(&self) -> Form {
        self.form
    }

    /// What the stated figure is; `None` for a fixed amount, which needs none.
    pub fn figure(&self) -> Option<&str> {
        (!self.figure.is_empty()).then_some(self.figure.as_str())
    }

    /// Most that a subject gets in a span, all awards together.
    pub fn cap(&self) -> Fen {
        self.cap
    }

    /// Once or in stages.
    pub fn payments(&self) -> Payments {
        self.payments
    }

    /// For what time the cap holds.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The legal basis that the file gives for a parameter.
    pub fn basis(&self, parameter: Parameter) -> Option<&str> {
        self.basis.of(parameter)
    }

    /// The parameters that the version sets, with value and basis, for display.
    pub fn parameters(&self) -> Vec<ParameterView<Parameter>> {
        let view =
            |parameter: &Parameter| Some(self.basis.view(*parameter, parameter.value(self)?));
        Parameter::ALL.iter().filter_map(view).collect()
    }
}
