//! Registries as earlier versions of the program left them: the schema after some of its
//! migrations, with the demonstration's rows in the tables and columns that it had then.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::crowd::columns;
use crate::database::{Db, Kind};
use crate::registry::{Registry, Template};

/// Where the demonstration's own tables are, beside the earlier ones.
const HEAD: &str = "head";
/// What the migrations keep account of themselves in.
const OWN: &str = "seaql_migrations";

/// The rows of a table as texts, by the columns that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows, sorted.
    pub rows: Vec<Vec<String>>,
}

/// A registry whose schema had `steps` migrations.
///
/// # Errors
/// When the schema or the rows cannot be made.
pub async fn registry(template: &mut Template, demo: &Registry, steps: u32) -> Outcome<Registry> {
    let kind = template.kind();
    let (made, db) = match kind {
        Kind::Sqlite => {
            let made = template.blank(demo).await?;
            let db = Db::open(&format!("{}?mode=rwc", made.url)).await?;
            db.run("PRAGMA journal_mode = WAL").await?;
            db.migrate_to(steps).await?;
            let file = demo.data.join("juncai.db");
            db.run(&format!("ATTACH '{}' AS {HEAD}", file.display())).await?;
            db.run("PRAGMA foreign_keys = OFF").await?;
            (made, db)
        }
        Kind::Postgres => {
            let made = template.copy().await?;
            let db = Db::open(&made.url).await?;
            db.run(&format!("ALTER SCHEMA public RENAME TO {HEAD}; CREATE SCHEMA public")).await?;
            db.migrate_to(steps).await?;
            db.run("SET session_replication_role = replica").await?;
            (made, db)
        }
    };
    fill(&db, kind).await?;
    if kind == Kind::Postgres {
        db.run(&format!("DROP SCHEMA {HEAD} CASCADE")).await?;
    }
    db.close().await?;
    Ok(made)
}

/// The tables of a database.
///
/// # Errors
/// When the database fails.
pub async fn tables(db: &Db, kind: Kind) -> Outcome<Vec<String>> {
    let names = match kind {
        Kind::Sqlite => {
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
        Kind::Postgres => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
        }
    };
    let mut names: Vec<String> = db.rows(names).await?.into_iter().flatten().collect();
    names.retain(|name| name != OWN);
    Ok(names)
}

/// Brings the rows over that the earlier schema can hold.
async fn fill(db: &Db, kind: Kind) -> Outcome<()> {
    let tables = tables(db, kind).await?;
    let triggers = match kind {
        Kind::Sqlite => {
            db.rows(
                "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid",
            )
            .await?
        }
        Kind::Postgres => Vec::new(),
    };
    for trigger in &triggers {
        db.run(&format!("DROP TRIGGER main.{}", trigger[0])).await?;
    }
    for table in &tables {
        let earlier = columns(db, kind, table).await?;
        let now = head_columns(db, kind, table).await?;
        let both: Vec<String> = earlier
            .iter()
            .filter(|name| now.contains(name))
            .map(|name| format!("\"{name}\""))
            .collect();
        if !both.is_empty() {
            copy(db, kind, table, &both.join(", ")).await?;
        }
    }
    drop_orphans(db, kind, &tables).await?;
    for trigger in &triggers {
        db.run(&trigger[1]).await?;
    }
    if kind == Kind::Postgres {
        for table in &tables {
            if columns(db, kind, table).await?.iter().any(|name| name == "id") {
                db.run(&format!(
                    "SELECT setval(pg_get_serial_sequence('public.\"{table}\"', 'id'), \
                     GREATEST((SELECT MAX(id) FROM public.\"{table}\"), 1)) \
                     WHERE pg_get_serial_sequence('public.\"{table}\"', 'id') IS NOT NULL"
                ))
                .await?;
            }
        }
    }
    Ok(())
}

async fn head_columns(db: &Db, kind: Kind, table: &str) -> Outcome<Vec<String>> {
    let names = match kind {
        Kind::Sqlite => format!("SELECT name FROM pragma_table_info('{table}', '{HEAD}')"),
        Kind::Postgres => format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = '{HEAD}' AND table_name = '{table}'"
        ),
    };
    Ok(db.rows(&names).await?.into_iter().flatten().collect())
}

/// Copies a table's rows; those that the earlier rules refuse stay behind.
async fn copy(db: &Db, kind: Kind, table: &str, columns: &str) -> Outcome<()> {
    if kind == Kind::Sqlite {
        return db
            .run(&format!(
                "DELETE FROM main.\"{table}\"; INSERT OR IGNORE INTO main.\"{table}\" ({columns}) \
                 SELECT {columns} FROM {HEAD}.\"{table}\""
            ))
            .await;
    }
    let insert = |which: &str| {
        format!(
            "INSERT INTO public.\"{table}\" ({columns}) SELECT {columns} FROM {HEAD}.\"{table}\"{which}"
        )
    };
    db.run(&format!(
        "DELETE FROM public.\"{table}\"; DO $$ DECLARE r RECORD; BEGIN BEGIN {}; \
         EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN \
         FOR r IN SELECT ctid AS place FROM {HEAD}.\"{table}\" LOOP BEGIN {}; \
         EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN NULL; \
         END; END LOOP; END; END $$",
        insert(""),
        insert(" WHERE ctid = r.place")
    ))
    .await
}

/// Takes rows away that refer to rows that stayed behind.
async fn drop_orphans(db: &Db, kind: Kind, tables: &[String]) -> Outcome<()> {
    let mut references: Vec<[String; 4]> = Vec::new();
    for table in tables {
        let found = match kind {
            Kind::Sqlite => format!(
                "SELECT \"from\", \"table\", COALESCE(\"to\", 'id') FROM pragma_foreign_key_list('{table}')"
            ),
            Kind::Postgres => format!(
                "SELECT CAST(a.attname AS TEXT), CAST(t.relname AS TEXT), CAST(b.attname AS TEXT) \
                 FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid \
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
                 JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] \
                 WHERE c.contype = 'f' AND c.conrelid = 'public.\"{table}\"'::regclass"
            ),
        };
        for row in db.rows(&found).await? {
            if let [from, target, to] = row.as_slice() {
                references.push([table.clone(), from.clone(), target.clone(), to.clone()]);
            }
        }
    }
    let schema = if kind == Kind::Sqlite { "main" } else { "public" };
    loop {
        let mut gone = 0;
        for [table, from, target, to] in &references {
            let orphans = format!(
                "FROM {schema}.\"{table}\" WHERE \"{from}\" IS NOT NULL AND \"{from}\" NOT IN \
                 (SELECT \"{to}\" FROM {schema}.\"{target}\")"
            );
            gone += db.number(&format!("SELECT COUNT(*) {orphans}")).await?;
            db.run(&format!("DELETE {orphans}")).await?;
        }
        if gone == 0 {
            return Ok(());
        }
    }
}

/// All rows of all tables, in columns that are given or in all.
///
/// # Errors
/// When the database fails.
pub async fn kept(
    db: &Db,
    kind: Kind,
    of: Option<&BTreeMap<String, Kept>>,
) -> Outcome<BTreeMap<String, Kept>> {
    let mut all = BTreeMap::new();
    for table in tables(db, kind).await? {
        let now = columns(db, kind, &table).await?;
        let columns: Vec<String> = match of.map(|before| before.get(&table)) {
            Some(None) => continue,
            Some(Some(before)) => {
                before.columns.iter().filter(|name| now.contains(name)).cloned().collect()
            }
            None => now,
        };
        let texts = columns.iter().map(|name| match kind {
            Kind::Sqlite => format!("quote(\"{name}\")"),
            Kind::Postgres => format!("COALESCE(CAST(\"{name}\" AS TEXT), '')"),
        });
        let texts: Vec<String> = texts.collect();
        let mut rows = db.rows(&format!("SELECT {} FROM \"{table}\"", texts.join(", "))).await?;
        rows.sort_unstable();
        all.insert(table, Kept { columns, rows });
    }
    Ok(all)
}

/// The schema as text: tables, columns, rules, indexes and triggers, in any order.
///
/// # Errors
/// When the database fails.
pub async fn schema(db: &Db, kind: Kind) -> Outcome<Vec<String>> {
    let question = match kind {
        Kind::Sqlite => {
            "SELECT COALESCE(sql, name) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1"
        }
        Kind::Postgres => {
            "SELECT * FROM (SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || \
                 is_nullable || ' ' || COALESCE(column_default, '') FROM information_schema.columns \
                 WHERE table_schema = 'public' \
             UNION ALL SELECT CAST(conrelid::regclass AS TEXT) || ' ' || conname || ' ' || \
                 pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
             UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c \
                 ON c.oid = t.tgrelid WHERE NOT t.tgisinternal \
                 AND c.relnamespace = 'public'::regnamespace) s(line) ORDER BY 1"
        }
    };
    Ok(db.rows(question).await?.into_iter().flatten().collect())
}
