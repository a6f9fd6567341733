//! The lists: how many rows a filter finds, what it is in words, and the rows piece by piece.

use crate::app::App;
use crate::domain::adjustment::LedgerState;
use crate::domain::export::{ExportList, column_key};
use crate::domain::lifecycle::CaseKind;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::domain::roster::Standing;
use crate::file::workbook::{CellOut, ColumnSpec, Table};
use crate::service::case::{self, CaseQuery};
use crate::service::directory::{self, EngineerQuery};
use crate::service::scenario::{self, Which};
use crate::service::stipend::{self, LedgerQuery};
use crate::service::{Actor, Error};

/// Rows read at a time.
const PIECE: u64 = 1_000;

/// Fields with few values: name, value, words.
const CHOICES: &[(&str, &str, &str)] = &[
    ("amount", "some", "有应发"),
    ("amount", "zero", "零额"),
    ("amount", "undecided", "未核定"),
    ("missing", "evidence", "两个月无证据"),
    ("missing", "account", "没有收款账户"),
    ("overdue", "yes", "已逾期"),
    ("overdue", "soon", "三个工作日内到期或已逾期"),
    ("show", "all", "范围内全部办件"),
];

/// The scenario and which of its persons.
fn chosen<'a>(fields: &[(&str, &'a str)]) -> (&'a str, &'a str) {
    (super::value_of(fields, "scenario"), super::value_of(fields, "which"))
}

/// The run and which of its persons.
fn of_run<'a>(fields: &[(&str, &'a str)]) -> (&'a str, &'a str) {
    (super::value_of(fields, "run"), super::value_of(fields, "which"))
}

/// The field that names a column to be written; it occurs often, or never for all of them.
const COLUMN: &str = "column";

/// A list, its filter and which of its columns: the fields of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which list.
    pub list: ExportList,
    fields: Vec<(String, String)>,
}

impl Wanted {
    /// A list with the fields of its filter; empty ones are left out.
    pub fn new(list: ExportList, fields: Vec<(String, String)>) -> Self {
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        Self { list, fields }
    }

    /// The fields.
    pub fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(super) fn criteria(&self) -> Result<String, Error> {
        serde_json::to_string(&self.fields).map_err(|error| Error::Internal(error.to_string()))
    }

    pub(super) fn from_criteria(list: ExportList, criteria: &str) -> Result<Self, Error> {
        let fields = serde_json::from_str(criteria);
        let fields = fields.map_err(|error| Error::Internal(format!("criteria: {error}")))?;
        Ok(Self { list, fields })
    }

    fn year(&self, app: &App) -> i32 {
        let year = super::value_of(&self.fields(), "year").parse().ok();
        year.unwrap_or_else(|| app.clock.award_year())
    }

    /// How many rows the filter finds for the actor.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn count(&self, app: &App, actor: &Actor) -> Result<u64, Error> {
        let fields = self.fields();
        match self.list {
            ExportList::Engineers => {
                let query = EngineerQuery::read(&fields);
                directory::count_engineers(app, actor, &query, self.year(app)).await
            }
            ExportList::Entitlements => {
                stipend::ledger_count(app, actor, &LedgerQuery::read(&fields)).await
            }
            ExportList::Cases => case::list::count(app, actor, &CaseQuery::read(&fields)).await,
            ExportList::ScenarioChanges => {
                scenario::change_count(app, actor, chosen(&fields)).await
            }
            ExportList::RunChanges => stipend::change_count(app, actor, of_run(&fields)).await,
        }
    }

    /// The filter in words, and the columns when only some are wanted.
    pub fn words(&self) -> String {
        let words: Vec<String> =
            self.fields.iter().filter_map(|(name, value)| self.word(name, value)).collect();
        let filter = match (self.list, words.is_empty()) {
            (_, false) => words.join("；"),
            (ExportList::Cases, true) => "待我办理".to_owned(),
            (_, true) => "管理范围内全部".to_owned(),
        };
        let columns: Vec<&str> = self.wanted_columns().collect();
        if columns.is_empty() {
            filter
        } else {
            format!("{filter}；列：{}", columns.join("、"))
        }
    }

    fn wanted_columns(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|(name, _)| name == COLUMN).map(|(_, value)| value.as_str())
    }

    /// The columns of the list by their keys ([`column_key`]), left to right, and whether each is
    /// wanted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn columns(&self, app: &App, actor: &Actor) -> Result<Vec<(String, bool)>, Error> {
        let whole = self.whole_table(app, actor).await?;
        let picked = self.picked(&whole);
        let headings = whole.columns.iter().enumerate();
        let column = |(at, column): (usize, &ColumnSpec)| {
            (column_key(&column.name).to_owned(), picked.contains(&at))
        };
        Ok(headings.map(column).collect())
    }

    /// The same list and filter with these columns alone.
    #[must_use]
    pub fn only(mut self, columns: &[&str]) -> Self {
        self.fields.retain(|(name, _)| name != COLUMN);
        self.fields.extend(columns.iter().map(|key| (COLUMN.to_owned(), (*key).to_owned())));
        self
    }

    /// The same list as a template keeps it: without the year that it is about by itself, so that next
    /// year it is about that one.
    pub(super) fn of_any_year(mut self, app: &App) -> Self {
        if self.list == ExportList::Engineers {
            let current = app.clock.award_year().to_string();
            self.fields.retain(|(name, value)| name != "year" || *value != current);
        }
        self
    }

    /// Places of the wanted columns: all of them when none is named that there is.
    fn picked(&self, whole: &Table) -> Vec<usize> {
        let is_wanted = |at: &usize| {
            let key = whole.columns.get(*at).map(|column| column_key(&column.name));
            self.wanted_columns().any(|wanted| Some(wanted) == key)
        };
        let all = 0..whole.columns.len();
        let picked: Vec<usize> = all.clone().filter(is_wanted).collect();
        if picked.is_empty() { all.collect() } else { picked }
    }

    fn word(&self, name: &str, value: &str) -> Option<String> {
        let chosen = CHOICES.iter().find(|(field, code, _)| *field == name && *code == value);
        if let Some((_, _, label)) = chosen {
            return Some((*label).to_owned());
        }
        let place = || region::full_name(value).unwrap_or(value).to_owned();
        Some(match (self.list, name) {
            (_, "q") => format!("姓名含“{value}”或编号为该文字"),
            (_, "year") => format!("{value} 年度"),
            (_, "enterprise") => format!("企业 {value}"),
            (_, "city" | "division") => place(),
            (ExportList::Engineers, "state") => Standing::from_code(value)?.label().to_owned(),
            (ExportList::Entitlements, "status") => {
                LedgerState::from_code(value)?.label().to_owned()
            }
            (ExportList::Entitlements, "reason") => stipend::reason_label(value)?.to_owned(),
            (ExportList::ScenarioChanges, "scenario") => format!("情景 {value}"),
            (ExportList::RunChanges, "run") => format!("核定 {value}"),
            (_, "which") => Which::from_code(value)?.label().to_owned(),
            (ExportList::Cases, "kind") => CaseKind::from_code(value)?.label().to_owned(),
            (ExportList::Cases, "state") => case::list::state_words(value)?,
            _ => return None,
        })
    }

    /// The table without its rows, and the places of its columns in the rows of
    /// [`piece`](Self::piece).
    pub(super) async fn table(
        &self,
        app: &App,
        actor: &Actor,
        purpose: &str,
    ) -> Result<(Table, Vec<usize>), Error> {
        let mut table = self.whole_table(app, actor).await?;
        let places = self.picked(&table);
        table.columns = picked_of(&table.columns, &places);
        table.comment = format!("{}；用途：{purpose}；条件：{}", table.comment, self.words());
        Ok((table, places))
    }

    async fn whole_table(&self, app: &App, actor: &Actor) -> Result<Table, Error> {
        Ok(match self.list {
            ExportList::Engineers => directory::engineer_table(app, actor, self.year(app)),
            ExportList::Entitlements => stipend::ledger_table(app, actor).await?,
            ExportList::Cases => case::list::table(app, actor, &self.words()),
            ExportList::ScenarioChanges => {
                scenario::change_table(app, actor, chosen(&self.fields()).0)
            }
            ExportList::RunChanges => stipend::change_table(app, actor, of_run(&self.fields()).0),
        })
    }

    /// The next rows after a place, and the place of the last; `None` when there are no more.
    pub(super) async fn piece(
        &self,
        app: &App,
        actor: &Actor,
        after: i64,
    ) -> Result<Option<(Vec<Vec<CellOut>>, i64)>, Error> {
        let (fields, place) = (self.fields(), (after, PIECE));
        match self.list {
            ExportList::Engineers => {
                let query = EngineerQuery::read(&fields);
                directory::engineer_piece(app, actor, (&query, self.year(app)), place).await
            }
            ExportList::Entitlements => {
                stipend::ledger_piece(app, actor, &LedgerQuery::read(&fields), place).await
            }
            ExportList::Cases => {
                case::list::piece(app, actor, &CaseQuery::read(&fields), place).await
            }
            ExportList::ScenarioChanges => {
                scenario::change_piece(app, actor, chosen(&fields), place).await
            }
            ExportList::RunChanges => {
                stipend::change_piece(app, actor, of_run(&fields), place).await
            }
        }
    }
}

/// What lies at these places.
pub(super) fn picked_of<T: Clone>(row: &[T], places: &[usize]) -> Vec<T> {
    places.iter().filter_map(|place| row.get(*place).cloned()).collect()
}
