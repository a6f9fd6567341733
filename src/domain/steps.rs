//! The form of a trace, the same for every engine: ordered steps, each with its rule, what went in,
//! what came out, and the basis of the parameters that the rule reads.

/// Declares the steps of an engine; the caller has a `Rule` with a variant of each name.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident($inputs:ident, $result:ident);)+) => {
        /// One step: the rule, what went in, what came out, and the legal basis.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "rule", rename_all = "snake_case")]
        pub enum Step {
            $($(#[$doc])* $name {
                /// What went in.
                inputs: $inputs,
                /// What came out.
                result: $result,
                /// Basis of the parameters that the rule reads.
                basis: $crate::domain::determine::Text,
            },)+
        }

        impl Step {
            /// The rule of the step.
            pub fn rule(&self) -> Rule {
                match self { $(Self::$name { .. } => Rule::$name,)+ }
            }

            /// The basis of the parameters that the rule reads, as recorded.
            pub fn basis(&self) -> &$crate::domain::determine::Text {
                match self { $(Self::$name { basis, .. } => basis,)+ }
            }
        }
    };
}
pub(crate) use steps;

/// Declares records of plain fields.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)+ })+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)+ })+
    };
}
pub(crate) use records;
