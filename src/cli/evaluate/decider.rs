//! What turns one line of facts into one line of an answer, by the kind of the policy.

use serde::Serialize;

use super::locate;
use crate::domain::determine::{DetermineError, PersonFacts, Run};
use crate::domain::{measure, travel};

/// One thing that is wrong with a line.
pub struct Wrong {
    /// The fact, e.g. `lines[0].amount`; empty for the whole line.
    pub field: String,
    /// What is wrong, in Chinese.
    pub message: String,
}

impl Wrong {
    fn reading(line: &[u8], error: &serde_json::Error) -> Vec<Self> {
        let (field, message) = locate::describe(line, error);
        vec![Self { field, message }]
    }

    fn writing(error: &serde_json::Error) -> Vec<Self> {
        vec![Self { field: String::new(), message: error.to_string() }]
    }
}

/// Decides the lines of one kind of facts; each line by itself.
pub trait Decider: Sync {
    /// Appends the answer to a line as one line of JSON, with its steps as last key when they are
    /// asked for. After an error `json` may end with a part of an answer.
    fn answer(&self, line: &[u8], explain: bool, json: &mut Vec<u8>) -> Result<(), Vec<Wrong>>;
}

impl Decider for Run<'_> {
    fn answer(&self, line: &[u8], explain: bool, json: &mut Vec<u8>) -> Result<(), Vec<Wrong>> {
        let person: PersonFacts =
            serde_json::from_slice(line).map_err(|error| Wrong::reading(line, &error))?;
        let wrong = |error: DetermineError| {
            vec![Wrong { field: error.field().to_owned(), message: error.to_string() }]
        };
        if explain {
            let (determination, trace) = Run::explain(self, &person).map_err(wrong)?;
            write(json, &determination, Some(&trace))
        } else {
            write(json, &self.determine(&person).map_err(wrong)?, None::<&()>)
        }
    }
}

impl Decider for travel::Policy {
    fn answer(&self, line: &[u8], explain: bool, json: &mut Vec<u8>) -> Result<(), Vec<Wrong>> {
        let claim: travel::Claim =
            serde_json::from_slice(line).map_err(|error| Wrong::reading(line, &error))?;
        let wrong = |faults: Vec<travel::Fault>| {
            let faults = faults.into_iter();
            faults
                .map(|fault| Wrong { field: fault.field, message: fault.message })
                .collect::<Vec<_>>()
        };
        if explain {
            let (determination, trace) = travel::Policy::explain(self, &claim).map_err(wrong)?;
            write(json, &determination, Some(&trace))
        } else {
            write(json, &self.decide(&claim).map_err(wrong)?, None::<&()>)
        }
    }
}

impl Decider for measure::Policy {
    fn answer(&self, line: &[u8], explain: bool, json: &mut Vec<u8>) -> Result<(), Vec<Wrong>> {
        let application: measure::Application =
            serde_json::from_slice(line).map_err(|error| Wrong::reading(line, &error))?;
        let wrong = |faults: Vec<measure::Fault>| {
            let one = |fault: measure::Fault| Wrong {
                field: fault.field.to_owned(),
                message: fault.message,
            };
            faults.into_iter().map(one).collect::<Vec<_>>()
        };
        if explain {
            let (determination, trace) =
                measure::Policy::explain(self, &application).map_err(wrong)?;
            write(json, &determination, Some(&trace))
        } else {
            write(json, &self.decide(&application).map_err(wrong)?, None::<&()>)
        }
    }
}

/// One line; the trace becomes the last key of the same object.
fn write(
    json: &mut Vec<u8>,
    determination: &impl Serialize,
    trace: Option<&impl Serialize>,
) -> Result<(), Vec<Wrong>> {
    serde_json::to_writer(&mut *json, determination).map_err(|error| Wrong::writing(&error))?;
    if let Some(trace) = trace {
        json.pop();
        json.extend_from_slice(b",\"trace\":");
        serde_json::to_writer(&mut *json, trace).map_err(|error| Wrong::writing(&error))?;
        json.push(b'}');
    }
    json.push(b'\n');
    Ok(())
}
