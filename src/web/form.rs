//! What a person typed and what is wrong with it: a mistyped form is shown again, not refused.

use std::collections::BTreeMap;

use crate::domain::registry::Code;

/// One message beside one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field in the form.
    pub field: String,
    /// What is wrong and how to put it right, in the words shown in the summary and at the field.
    pub message: String,
}

/// Values and errors of one form. Errors keep the order in which they were found, which is the
/// order of the fields on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    /// Prefix of the element ids, so that several forms can share a page.
    pub prefix: String,
    /// What was typed, by field name. Never holds passwords.
    pub values: BTreeMap<String, String>,
    /// What is wrong with single fields.
    pub field_errors: Vec<FieldError>,
    /// What is wrong with the whole.
    pub form_errors: Vec<String>,
}

impl FormState {
    /// An untouched form whose element ids start with `prefix`.
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..Self::default() }
    }

    /// The filter of a list with what is asked for.
    pub fn filter(conditions: &[(&str, &str)]) -> Self {
        let fresh = Self::new("filter");
        conditions.iter().fold(fresh, |form, (field, value)| form.with(field, *value))
    }

    /// This form, or what was typed when it is the one that has to be corrected.
    #[must_use]
    pub fn or_typed(self, wrong: Option<&Self>) -> Self {
        match wrong {
            Some(typed) if typed.prefix == self.prefix => typed.clone(),
            _ => self,
        }
    }

    /// Puts a value into a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.insert(field.to_owned(), value.into());
        self
    }

    /// Adds a message beside a field.
    #[must_use]
    pub fn wrong(mut self, field: &str, message: impl Into<String>) -> Self {
        self.field_errors.push(FieldError { field: field.to_owned(), message: message.into() });
        self
    }

    /// Adds a message about the whole form.
    #[must_use]
    pub fn refused(mut self, message: impl Into<String>) -> Self {
        self.form_errors.push(message.into());
        self
    }

    /// The text of a field, empty when nothing was typed.
    pub fn value(&self, field: impl AsRef<str>) -> &str {
        self.values.get(field.as_ref()).map_or("", String::as_str)
    }

    /// Whether a choice is the one that was made.
    pub fn chosen(&self, field: impl AsRef<str>, option: impl AsRef<str>) -> bool {
        self.value(field) == option.as_ref()
    }

    /// The first message of a field.
    pub fn error(&self, field: impl AsRef<str>) -> Option<&str> {
        let wanted = field.as_ref();
        self.field_errors.iter().find(|e| e.field == wanted).map(|e| e.message.as_str())
    }

    /// The element id of a field.
    pub fn id(&self, field: impl AsRef<str>) -> String {
        format!("{}-{}", self.prefix, field.as_ref())
    }

    /// Whether anything has to be corrected.
    pub fn has_errors(&self) -> bool {
        !self.field_errors.is_empty() || !self.form_errors.is_empty()
    }
}

/// A choice in a drop-down list or a group of radio buttons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Value sent with the form.
    pub value: String,
    /// Text shown.
    pub label: String,
}

impl Choice {
    /// The values of a closed list, by their stored codes.
    pub fn of<C: Code>() -> Vec<Self> {
        let choice = |one: &C| Self { value: one.code().into(), label: one.label().into() };
        C::ALL.iter().map(choice).collect()
    }

    /// Makes a list of choices from value and label.
    pub fn list(pairs: &[(&str, &str)]) -> Vec<Self> {
        pairs
            .iter()
            .map(|(value, label)| Self { value: (*value).into(), label: (*label).into() })
            .collect()
    }
}
