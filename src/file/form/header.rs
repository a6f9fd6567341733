//! Which column of an uploaded table is which column of the form.

use super::cell::words;
use super::{Column, ImportKind};
use crate::domain::identity::half_width;
use crate::file::table::Cell;

/// Where the columns of a form are in an uploaded table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    kind: ImportKind,
    /// By index in the form's columns: the position in the table.
    positions: Vec<Option<usize>>,
    unknown: Vec<String>,
}

/// Why a header does not fit the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderIssue {
    /// A required column is not there.
    #[error("缺少必填列“{0}”，请使用最新模板")]
    Missing(&'static str),
    /// Two columns with the same meaning.
    #[error("列“{0}”出现了两次，请只保留一列")]
    Repeated(&'static str),
}

impl Binding {
    /// The form.
    pub const fn kind(&self) -> ImportKind {
        self.kind
    }

    /// Headers that the form does not know; their cells are ignored, which the user should be
    /// told.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Position in the uploaded table of a form's column; `None` for an optional one left out.
    pub fn position(&self, column: &str) -> Option<usize> {
        let index = self.kind.columns().iter().position(|known| known.name == column)?;
        self.positions[index]
    }
}

/// Finds the columns of a form whatever their order; spaces, full width, stars and a note that a
/// column is required do not matter. Unknown columns are kept aside, missing optional ones read as
/// empty.
pub fn bind_header(kind: ImportKind, header: &[Cell]) -> Result<Binding, Vec<HeaderIssue>> {
    let columns = kind.columns();
    let mut positions = vec![None; columns.len()];
    let mut unknown = Vec::new();
    let mut issues = Vec::new();
    for (position, cell) in header.iter().enumerate() {
        let shown = words(cell);
        let name = plain(&shown);
        if name.is_empty() {
            continue;
        }
        match columns.iter().position(|column| means(column, &name)) {
            None => unknown.push(shown),
            Some(index) if positions[index].is_some() => {
                issues.push(HeaderIssue::Repeated(columns[index].name));
            }
            Some(index) => positions[index] = Some(position),
        }
    }
    for (column, position) in columns.iter().zip(&positions) {
        if column.required && position.is_none() {
            issues.push(HeaderIssue::Missing(column.name));
        }
    }
    if issues.is_empty() { Ok(Binding { kind, positions, unknown }) } else { Err(issues) }
}

/// What a header says, however it is typed: two headers with the same key mean the same.
pub fn header_key(cell: &Cell) -> String {
    plain(&words(cell))
}

fn means(column: &Column, name: &str) -> bool {
    std::iter::once(&column.name).chain(column.aliases).any(|known| plain(known) == name)
}

fn plain(header: &str) -> String {
    let text: String = header
        .chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect();
    text.strip_suffix("(必填)").or_else(|| text.strip_suffix("(选填)")).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<Cell> {
        names.iter().map(|name| Cell::Text((*name).to_owned())).collect()
    }

    fn names(kind: ImportKind) -> Vec<&'static str> {
        kind.columns().iter().map(|column| column.name).collect()
    }

    #[test]
    fn every_template_header_binds_in_order() {
        for kind in ImportKind::ALL {
            let binding = bind_header(kind, &header(&names(kind))).expect("the template");
            for (position, name) in names(kind).into_iter().enumerate() {
                assert_eq!(binding.position(name), Some(position));
            }
            assert!(binding.unknown().is_empty());
        }
    }

    #[test]
    fn order_spaces_notes_and_extra_columns_do_not_matter() {
        let mut changed = names(ImportKind::Engineers);
        changed.reverse();
        changed[0] = " 银行 账号＊";
        changed[1] = "联行号（必填）";
        changed[10] = "身份证号";
        changed.push("备注");
        changed.push("");
        let binding = bind_header(ImportKind::Engineers, &header(&changed)).expect("tolerated");
        assert_eq!(binding.position("银行账号"), Some(0));
        assert_eq!(binding.position("联行号"), Some(1));
        assert_eq!(binding.position("证件号码"), Some(10));
        assert_eq!(binding.unknown(), ["备注"]);
        assert_eq!(binding.position("备注"), None);
        let upper = header(&["LINE_ID", "Status"]);
        let returned = bind_header(ImportKind::BankReturn, &upper).expect("optional ones left out");
        assert_eq!(returned.position("paid_amount"), None);
    }

    #[test]
    fn missing_and_repeated_columns_are_named() {
        let mut changed = names(ImportKind::Engineers);
        changed[2] = "备注";
        changed.push("姓名");
        assert_eq!(
            bind_header(ImportKind::Engineers, &header(&changed)),
            Err(vec![HeaderIssue::Repeated("姓名"), HeaderIssue::Missing("证件号码")])
        );
        let missing = HeaderIssue::Missing("证件号码").to_string();
        assert_eq!(missing, "缺少必填列“证件号码”，请使用最新模板");
    }
}
