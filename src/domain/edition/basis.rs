//! Where parameters come from: the same for every kind of policy.

use crate::domain::determine::Text;

/// Basis of a parameter that no document fixes. Pages show it as 默认参数.
pub const DEFAULT_ASSUMPTION: &str = "default assumption, to be set by the competent department";

/// Declares the parameters of a kind of policy.
macro_rules! parameters {
    ($(#[$set_doc:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $key:literal, $label:literal;)+ }) => {
        $(#[$set_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All, in the order of display.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The key in the policy file.
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// The name in Chinese.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// From the key in the policy file.
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)+ _ => None }
            }
        }

        impl $crate::domain::edition::Keyed for $name {
            const ALL: &'static [Self] = $name::ALL;

            fn key(self) -> &'static str {
                self.key()
            }

            fn label(self) -> &'static str {
                self.label()
            }
        }
    };
}
pub(crate) use parameters;

/// One parameter ready for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterView<P = super::Parameter> {
    /// Which one; gives key and label.
    pub parameter: P,
    /// Its value in Chinese.
    pub value: String,
    /// Its basis: document and article, or [`DEFAULT_ASSUMPTION`].
    pub basis: String,
    /// Whether no document fixes it.
    pub is_default_assumption: bool,
}

/// The basis of each parameter and, joined once, of each rule that reads parameters.
#[derive(Debug, Clone)]
pub(crate) struct BasisTable<P> {
    given: Vec<(P, Text)>,
    rules: Vec<Text>,
}

impl<P: Keyed> BasisTable<P> {
    /// From what the file gives and the parameters of each rule, in the order of the rules.
    pub(crate) fn new(given: Vec<(P, Text)>, rules: impl Iterator<Item = &'static [P]>) -> Self {
        let join = |parameters: &'static [P]| {
            let parts = parameters.iter().map(|parameter| {
                let found = given.iter().find(|(named, _)| named == parameter);
                let basis = found.map_or(DEFAULT_ASSUMPTION, |(_, text)| text.as_str());
                format!("{}：{basis}", parameter.label())
            });
            Text::from(parts.collect::<Vec<_>>().join("；"))
        };
        let rules = rules.map(join).collect();
        Self { given, rules }
    }

    /// What the file gives for a parameter.
    pub(crate) fn of(&self, parameter: P) -> Option<&str> {
        self.given.iter().find(|(named, _)| *named == parameter).map(|(_, text)| text.as_str())
    }

    /// The basis of all parameters of the rule with this number.
    pub(crate) fn rule(&self, number: usize) -> &Text {
        &self.rules[number]
    }

    /// A parameter with its value, for display.
    pub(crate) fn view(&self, parameter: P, value: String) -> ParameterView<P> {
        let given = self.of(parameter);
        ParameterView {
            parameter,
            value,
            basis: given.unwrap_or(DEFAULT_ASSUMPTION).to_owned(),
            is_default_assumption: given.is_none_or(|text| text.starts_with("default assumption")),
        }
    }
}

/// A basis in words; what no document fixes is called 默认参数.
pub fn describe_basis(basis: &str) -> String {
    let text = basis.replace(DEFAULT_ASSUMPTION, "默认参数（待主管部门确定）");
    text.replace("default assumption", "默认参数")
}

/// A closed set of parameters, as [`parameters!`] declares it.
pub(crate) trait Keyed: Copy + PartialEq + 'static {
    /// All, in the order of display.
    const ALL: &'static [Self];

    /// The key in the policy file.
    fn key(self) -> &'static str;

    /// The name in Chinese.
    fn label(self) -> &'static str;
}
