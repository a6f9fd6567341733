//! What is wrong with single cells, and what to look at.

use crate::file::form::{CellIssue, CellWarning};
use crate::store::import::NewIssue;

/// One cell that cannot be taken, or that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The row number that the spreadsheet program shows.
    pub row: u32,
    /// Header of the column.
    pub column: String,
    /// Whether the row is refused for it; otherwise it is only pointed out.
    pub is_error: bool,
    /// What is wrong, short.
    pub reason: String,
    /// What to do; may be empty for a warning.
    pub fix: String,
    /// What the cell holds, masked where it identifies a person or an account.
    pub shown: String,
}

impl From<CellIssue> for Issue {
    fn from(issue: CellIssue) -> Self {
        let CellIssue { row, column, reason, fix, shown } = issue;
        Self { row, column, is_error: true, reason, fix, shown }
    }
}

impl From<CellWarning> for Issue {
    fn from(warning: CellWarning) -> Self {
        let CellWarning { row, column, reason, shown } = warning;
        Self { row, column, is_error: false, reason, fix: String::new(), shown }
    }
}

impl From<&Issue> for NewIssue {
    fn from(issue: &Issue) -> Self {
        Self {
            row: i64::from(issue.row),
            column: issue.column.clone(),
            is_error: issue.is_error,
            shown: issue.shown.clone(),
            reason: issue.reason.clone(),
            fix: issue.fix.clone(),
        }
    }
}

/// Gathers what one row meets in the registry.
#[derive(Debug)]
pub(super) struct Notes {
    row: u32,
    issues: Vec<Issue>,
}

impl Notes {
    pub(super) const fn new(row: u32) -> Self {
        Self { row, issues: Vec::new() }
    }

    /// Refuses the row for a column.
    pub(super) fn error(
        &mut self,
        column: &str,
        shown: impl Into<String>,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.push(column, true, shown.into(), reason.into(), fix.into());
    }

    /// Points something out.
    pub(super) fn warning(
        &mut self,
        column: &str,
        shown: impl Into<String>,
        reason: impl Into<String>,
    ) {
        self.push(column, false, shown.into(), reason.into(), String::new());
    }

    fn push(&mut self, column: &str, is_error: bool, shown: String, reason: String, fix: String) {
        let column = column.to_owned();
        self.issues.push(Issue { row: self.row, column, is_error, reason, fix, shown });
    }

    /// Whether the row is refused.
    pub(super) fn refuses(&self) -> bool {
        self.issues.iter().any(|issue| issue.is_error)
    }

    pub(super) fn into_issues(self) -> Vec<Issue> {
        self.issues
    }
}
