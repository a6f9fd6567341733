//! Two registries in different databases, row by row: identities are compared by their order, and
//! what no script decides (instants, keys, sealed values) is left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::Outcome;
use crate::crowd::columns;
use crate::database::{Db, Kind};

/// The text of a value that is not there.
const NOTHING: &str = "\u{2205}";

/// A table as text.
#[derive(Debug, Clone)]
struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// They lie in the order in which they were made.
    is_ordered: bool,
}

/// All tables of a registry.
#[derive(Debug)]
pub struct Dump(BTreeMap<String, Rows>);

/// What holds for the tables of every registry: which columns are instants, which name a row of
/// another table.
#[derive(Debug, Default)]
pub struct Shape {
    instants: BTreeSet<(String, String)>,
    references: BTreeMap<(String, String), String>,
}

/// What a comparison looked at.
#[derive(Debug, Default)]
pub struct Compared {
    /// Tables.
    pub tables: usize,
    /// Rows.
    pub rows: usize,
    /// Values.
    pub values: usize,
    /// Columns left out, by table; instants are not named.
    pub left_out: Vec<String>,
    /// What differs.
    pub differences: Vec<String>,
}

impl Shape {
    /// Reads the instants from a server's database and the references from an embedded one.
    ///
    /// # Errors
    /// When a database fails.
    pub async fn read(server: &Db, embedded: &Db) -> Outcome<Self> {
        let instants = server
            .rows(
                "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) \
                 FROM information_schema.columns WHERE table_schema = current_schema() \
                 AND data_type LIKE 'timestamp%'",
            )
            .await?;
        let references = embedded
            .rows(
                "SELECT s.name, f.\"from\", f.\"table\" FROM sqlite_schema s, \
                 pragma_foreign_key_list(s.name) f WHERE s.type = 'table'",
            )
            .await?;
        let pair = |row: &Vec<String>| Some((row.first()?.clone(), row.get(1)?.clone()));
        Ok(Self {
            instants: instants.iter().filter_map(pair).collect(),
            references: references
                .iter()
                .filter_map(|row| Some((pair(row)?, row.get(2)?.clone())))
                .collect(),
        })
    }
}

impl Dump {
    /// Reads all tables.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &Db, kind: Kind, shape: &Shape) -> Outcome<Self> {
        let names = match kind {
            Kind::Sqlite => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            }
            Kind::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' \
                 ORDER BY table_name"
            }
        };
        let mut tables = BTreeMap::new();
        for name in db.rows(names).await?.into_iter().flatten() {
            let columns = columns(db, kind, &name).await?;
            let is_ordered = columns.iter().any(|column| column == "id");
            let mut values = Vec::with_capacity(columns.len());
            for column in &columns {
                values.push(as_text(db, kind, (&name, column)).await?);
            }
            let order = if is_ordered { " ORDER BY id" } else { "" };
            let all = format!("SELECT {} FROM \"{name}\"{order}", values.join(", "));
            let rows = db.rows(&all).await?;
            tables.insert(name, Rows { columns, rows, is_ordered });
        }
        let mut dump = Self(tables);
        dump.rank(shape);
        Ok(dump)
    }

    /// Puts the place of a row in its table for its identity: numbers of rolled back rows leave
    /// gaps on a server.
    fn rank(&mut self, shape: &Shape) {
        let mut places: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (name, table) in &self.0 {
            let Some(at) = table.columns.iter().position(|column| column == "id") else { continue };
            let numbered = table.rows.iter().enumerate();
            let of = numbered.map(|(place, row)| (row[at].clone(), (place + 1).to_string()));
            places.insert(name.clone(), of.collect());
        }
        for (name, table) in &mut self.0 {
            for (at, column) in table.columns.iter().enumerate() {
                let target = match column.as_str() {
                    "id" => Some(name.as_str()),
                    _ => shape.references.get(&(name.clone(), column.clone())).map(String::as_str),
                };
                let Some(known) = target.and_then(|target| places.get(target)) else { continue };
                for row in &mut table.rows {
                    if let Some(place) = known.get(&row[at]) {
                        row[at].clone_from(place);
                    }
                }
            }
        }
    }

    /// Compares with a twin; left out are instants and what `undecided` says.
    pub fn compare(
        &self,
        other: &Self,
        shape: &Shape,
        undecided: &BTreeSet<(String, String)>,
    ) -> Compared {
        let left_out = undecided.iter().map(|(table, name)| format!("{table}.{name}"));
        let mut compared = Compared { left_out: left_out.collect(), ..Compared::default() };
        let names: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        for name in names {
            let (Some(left), Some(right)) = (self.0.get(name), other.0.get(name)) else {
                compared.differences.push(format!("only one has the table {name}"));
                continue;
            };
            if left.rows.len() != right.rows.len() {
                let (one, two) = (left.rows.len(), right.rows.len());
                compared.differences.push(format!("{name} has {one} rows and {two}"));
                continue;
            }
            let kept = |column: &&String| {
                let key = (name.clone(), (*column).clone());
                !shape.instants.contains(&key) && !undecided.contains(&key)
            };
            let columns: Vec<&String> = left.columns.iter().filter(kept).collect();
            let (one, two) = (left.only(&columns), right.only(&columns));
            compared.tables += 1;
            compared.rows += one.len();
            compared.values += one.len() * columns.len();
            for (place, (one, two)) in one.iter().zip(&two).enumerate() {
                for (at, column) in columns.iter().enumerate() {
                    if one[at] != two[at] {
                        let short = |text: &str| text.chars().take(80).collect::<String>();
                        let (one, two) = (short(&one[at]), short(&two[at]));
                        let row = place + 1;
                        compared
                            .differences
                            .push(format!("{name}.{column} of row {row}: {one:?} and {two:?}"));
                    }
                }
            }
        }
        compared
    }

    /// Columns that are not decided by what was done: they differ between two registries in which
    /// the same was done, in one kind of database.
    pub fn undecided(&self, other: &Self, shape: &Shape) -> BTreeSet<(String, String)> {
        let differences = self.compare(other, shape, &BTreeSet::new()).differences;
        let place = |text: &String| {
            let (column, _) = text.split_once(" of row ")?;
            let (table, column) = column.split_once('.')?;
            Some((table.to_owned(), column.to_owned()))
        };
        differences.iter().filter_map(place).collect()
    }
}

impl Rows {
    /// These columns of all rows; sorted where rows have no order.
    fn only(&self, columns: &[&String]) -> Vec<Vec<String>> {
        let at: Vec<Option<usize>> = columns
            .iter()
            .map(|name| self.columns.iter().position(|column| column == *name))
            .collect();
        let value = |row: &Vec<String>, at: &Option<usize>| {
            at.and_then(|at| row.get(at)).cloned().unwrap_or_else(|| NOTHING.to_owned())
        };
        let rows = self.rows.iter().map(|row| at.iter().map(|at| value(row, at)).collect());
        let mut rows: Vec<Vec<String>> = rows.collect();
        if !self.is_ordered {
            rows.sort_unstable();
        }
        rows
    }
}

/// A column as the same text in both databases.
async fn as_text(db: &Db, kind: Kind, (table, column): (&str, &str)) -> Outcome<String> {
    let text = match kind {
        Kind::Sqlite => format!(
            "CASE WHEN typeof(\"{column}\") = 'blob' THEN lower(hex(\"{column}\")) \
             ELSE CAST(\"{column}\" AS TEXT) END"
        ),
        Kind::Postgres => {
            let kind = format!(
                "SELECT CAST(data_type AS TEXT) FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = '{table}' \
                 AND column_name = '{column}'"
            );
            match db.rows(&kind).await?.into_iter().flatten().next().as_deref() {
                Some("boolean") => format!("CAST(CAST(\"{column}\" AS INTEGER) AS TEXT)"),
                Some("bytea") => format!("encode(\"{column}\", 'hex')"),
                _ => format!("CAST(\"{column}\" AS TEXT)"),
            }
        }
    };
    Ok(format!("COALESCE({text}, '{NOTHING}')"))
}
