//! Many rows into one table, by the fastest way that each database has through the same connection: on
//! SQLite a prepared statement of many rows, on PostgreSQL a whole column as one argument.

use sea_orm::sea_query::ArrayType;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, EntityName,
    EntityTrait, IdenStatic, Iterable, Statement, Value,
};

use super::db::rows_per_statement;

/// Rows of one statement where a column is one argument.
const COLUMN_ROWS: usize = 5_000;

/// Inserts rows in as few statements as both databases take.
///
/// # Errors
/// When a constraint refuses one; the transaction is lost then.
pub async fn insert_all<A>(
    tx: &DatabaseTransaction,
    rows: impl IntoIterator<Item = A>,
) -> Result<(), DbErr>
where
    A: ActiveModelTrait + Send,
{
    let width = <A::Entity as EntityTrait>::Column::iter().count();
    let most = match tx.get_database_backend() {
        DatabaseBackend::Postgres => COLUMN_ROWS,
        _ => rows_per_statement(width),
    };
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let rows: Vec<A> = rows.by_ref().take(most).collect();
        match statement(tx.get_database_backend(), &rows) {
            Some(statement) => {
                tx.execute_raw(statement).await?;
            }
            // Rows of different shapes, which nobody writes many of.
            None => {
                for row in rows {
                    A::Entity::insert(row).exec_without_returning(tx).await?;
                }
            }
        }
    }
    Ok(())
}

/// The statement that inserts these rows; `None` when some leave a column out that others have, or when a
/// column is of a kind that it cannot be made for.
fn statement<A: ActiveModelTrait>(backend: DatabaseBackend, rows: &[A]) -> Option<Statement> {
    let columns = columns(rows)?;
    match backend {
        DatabaseBackend::Postgres => by_column(rows, &columns),
        _ => Some(by_row(backend, rows, &columns)),
    }
}

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// The columns that all rows have.
fn columns<A: ActiveModelTrait>(rows: &[A]) -> Option<Vec<Column<A>>> {
    let first = rows.first()?;
    let has = |row: &A, column: Column<A>| !row.is_not_set(column);
    let alike = |column| rows.iter().all(|row| has(row, column) == has(first, column));
    let all: Vec<Column<A>> = Column::<A>::iter().collect();
    let same = all.iter().all(|column| alike(*column));
    same.then(|| all.into_iter().filter(|column| has(first, *column)).collect())
}

/// `INSERT INTO "table" ("column", …)`.
fn into<A: ActiveModelTrait>(columns: &[Column<A>]) -> String {
    let names: Vec<String> =
        columns.iter().map(|column| format!("\"{}\"", column.as_str())).collect();
    format!("INSERT INTO \"{}\" ({})", A::Entity::default().table_name(), names.join(", "))
}

/// Values row by row.
fn by_row<A: ActiveModelTrait>(
    backend: DatabaseBackend,
    rows: &[A],
    columns: &[Column<A>],
) -> Statement {
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    let sql =
        format!("{} VALUES {}", into::<A>(columns), vec![row.as_str(); rows.len()].join(", "));
    let cells = rows.iter().flat_map(|row| columns.iter().map(|column| value(row, *column)));
    Statement::from_sql_and_values(backend, sql, cells)
}

/// The value of a column that the row has.
fn value<A: ActiveModelTrait>(row: &A, column: Column<A>) -> Value {
    row.get(column).into_value().unwrap_or(Value::BigInt(None))
}

/// Values column by column. An argument that is a list holds no missing values: a second list says where
/// they are.
fn by_column<A: ActiveModelTrait>(rows: &[A], columns: &[Column<A>]) -> Option<Statement> {
    let (mut picked, mut lists, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut values: Vec<Value> = Vec::new();
    let mut list = |name: String, kind: ArrayType, cells: Vec<Value>| {
        values.push(Value::Array(kind.clone(), Some(Box::new(cells))));
        lists.push(format!("${}::{}[]", values.len(), type_name(&kind)?));
        names.push(format!("\"{name}\""));
        Some(())
    };
    for column in columns {
        let name = column.as_str();
        let mut cells: Vec<Value> = rows.iter().map(|row| value(row, *column)).collect();
        let kind = cells.first()?.array_type();
        let missing: Vec<bool> = cells.iter().map(|cell| !cell.is_some()).collect();
        if missing.iter().all(|is| *is) {
            picked.push(format!("NULL::{}", type_name(&kind)?));
            continue;
        }
        if missing.iter().any(|is| *is) {
            picked.push(format!("CASE WHEN \"no {name}\" THEN NULL ELSE \"{name}\" END"));
            for (cell, _) in cells.iter_mut().zip(&missing).filter(|(_, missing)| **missing) {
                *cell = cell.dummy_value();
            }
            let missing = missing.into_iter().map(Value::from).collect();
            list(format!("no {name}"), ArrayType::Bool, missing)?;
        } else {
            picked.push(format!("\"{name}\""));
        }
        list(name.to_owned(), kind, cells)?;
    }
    let sql = format!(
        "{} SELECT {} FROM UNNEST({}) AS r ({})",
        into::<A>(columns),
        picked.join(", "),
        lists.join(", "),
        names.join(", ")
    );
    Some(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values))
}

/// What PostgreSQL calls the kinds that our tables have.
const fn type_name(kind: &ArrayType) -> Option<&'static str> {
    Some(match kind {
        ArrayType::Bool => "boolean",
        ArrayType::Int => "integer",
        ArrayType::BigInt => "bigint",
        ArrayType::String => "text",
        ArrayType::Bytes => "bytea",
        ArrayType::ChronoDate => "date",
        ArrayType::ChronoDateTimeUtc => "timestamptz",
        _ => return None,
    })
}
