//! Import forms: rows of an uploaded table become typed records, or say which cell is wrong, why,
//! and what to do about it. Pure: no database.
//!
//! One table of columns a form ([`ImportKind::columns`]) drives header matching, templates and
//! help. [`bind_header`] finds the columns of an uploaded header; a [`Parser`] then reads row by
//! row and remembers what it has seen, so that a repeated identity is the later row's fault.

mod award;
mod cell;
mod columns;
mod engineer;
mod enterprise;
mod evidence;
mod fields;
mod header;
mod rate;
mod returned;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::marker::PhantomData;

pub use award::{AwardGroup, OtherAwardRow};
pub use columns::{Column, ColumnKind, ImportKind};
pub use engineer::EngineerRow;
pub use enterprise::EnterpriseRow;
pub use evidence::EvidenceRow;
pub use fields::Fields;
pub use header::{Binding, HeaderIssue, bind_header, header_key};
pub use returned::{ReturnRow, ReturnStatus};

use super::table::Row;

/// One wrong cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellIssue {
    /// The row number that the user's spreadsheet program shows.
    pub row: u32,
    /// Header name of the column.
    pub column: String,
    /// What is wrong, short.
    pub reason: String,
    /// What to do about it.
    pub fix: String,
    /// What the cell holds, masked where it identifies somebody; empty for an empty cell.
    pub shown: String,
}

/// One cell that a person should look at although its row is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellWarning {
    /// The row number that the user's spreadsheet program shows.
    pub row: u32,
    /// Header name of the column.
    pub column: String,
    /// What to look at.
    pub reason: String,
    /// What the cell holds, masked where it identifies somebody.
    pub shown: String,
}

/// A record with what to look at, or every wrong cell of the row in the form's column order.
pub type Parsed<R> = Result<(R, Vec<CellWarning>), Vec<CellIssue>>;

/// A record that a row of some form becomes.
pub trait FormRow: Sized {
    /// The form.
    const KIND: ImportKind;

    /// Reads the fields of one row; `None` only when some field has reported an issue.
    fn read(fields: &mut Fields<'_>, seen: &mut Seen) -> Option<Self>;
}

/// Reads the rows of one file, in order.
#[derive(Debug)]
pub struct Parser<R> {
    binding: Binding,
    seen: Seen,
    record: PhantomData<R>,
}

/// Reads 核心工程师申报.
pub type EngineerParser = Parser<EngineerRow>;
/// Reads 骨干企业清单.
pub type EnterpriseParser = Parser<EnterpriseRow>;
/// Reads 社保个税月份.
pub type EvidenceParser = Parser<EvidenceRow>;
/// Reads 其他奖补.
pub type OtherAwardParser = Parser<OtherAwardRow>;
/// Reads 银行回单.
pub type ReturnParser = Parser<ReturnRow>;

impl<R: FormRow> Parser<R> {
    /// A parser for one file whose header was bound for the same form.
    pub fn new(binding: Binding) -> Self {
        debug_assert_eq!(binding.kind(), R::KIND, "the header was bound for another form");
        Self { binding, seen: Seen::default(), record: PhantomData }
    }

    /// Reads the next row.
    pub fn parse(&mut self, row: &Row) -> Parsed<R> {
        let mut fields = Fields::new(&self.binding, row);
        let record = R::read(&mut fields, &mut self.seen);
        fields.finish(record)
    }
}

/// What earlier rows of the same file hold, by what makes two rows the same.
#[derive(Default)]
pub struct Seen(HashMap<String, u32>);

/// The keys hold full numbers, so only their count is shown.
impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seen({})", self.0.len())
    }
}

impl Seen {
    /// The row that held `key` first, unless it is this one.
    fn earlier(&mut self, key: String, row: u32) -> Option<u32> {
        match self.0.entry(key) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(free) => {
                free.insert(row);
                None
            }
        }
    }
}

/// Whether a row holds nothing at all; such rows are layout and no parser needs to see them.
pub fn is_blank(row: &Row) -> bool {
    row.cells.iter().all(cell::is_blank)
}
