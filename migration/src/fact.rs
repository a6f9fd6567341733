//! Fact tables: whom a fact is about, its own columns, and the two times common to all.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, no_overlap, run};

pub(crate) const PERSON: (&str, &str) = ("person", "person_id");
pub(crate) const ENTERPRISE: (&str, &str) = ("enterprise", "enterprise_id");
pub(crate) const TEXT: &str = "TEXT NOT NULL";

/// A fact table: its own columns, and the guard against overlapping live rows.
pub(crate) struct Fact {
    pub(crate) table: &'static str,
    pub(crate) anchor: (&'static str, &'static str),
    /// `name type` pairs; the anchor and the two times are common to all.
    pub(crate) own: &'static [(&'static str, &'static str)],
    /// Condition between `NEW` and the other row `o` under which overlapping is refused.
    pub(crate) clashes: Option<&'static str>,
}

impl Fact {
    /// The table, its guards against changes and against overlapping.
    pub(crate) async fn create(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        run(manager, &self.ddl()).await?;
        let closing = ["superseded_at", "superseded_source_id"];
        append_only(manager, self.table, &self.columns(), &closing, "OLD.superseded_at IS NULL")
            .await?;
        let Some(same) = self.clashes else { return Ok(()) };
        let name = format!("{}_overlap", self.table);
        no_overlap(manager, self.table, self.anchor, &name, same).await
    }

    fn ddl(&self) -> String {
        let table = self.table;
        let (anchor_table, anchor) = self.anchor;
        let own: String = self.own.iter().map(|(name, kind)| format!("{name} {kind}, ")).collect();
        format!(
            "CREATE TABLE {table} (
                id {{id}},
                {anchor} {{int}} NOT NULL REFERENCES {anchor_table} (id),
                {own}
                valid_from {{date}} NOT NULL,
                valid_to {{date}},
                recorded_at {{at}} NOT NULL,
                recorded_by {{int}} NOT NULL REFERENCES account (id),
                source_id {{int}} NOT NULL REFERENCES source_document (id),
                reason TEXT NOT NULL,
                supersedes_id {{int}} REFERENCES {table} (id),
                superseded_at {{at}},
                superseded_source_id {{int}} REFERENCES source_document (id),
                CHECK (valid_to IS NULL OR valid_to > valid_from),
                CHECK ((superseded_at IS NULL) = (superseded_source_id IS NULL))
            ) {{strict}};
            CREATE INDEX {table}_anchor ON {table} ({anchor}, valid_from);
            CREATE INDEX {table}_source ON {table} (source_id);"
        )
    }

    fn columns(&self) -> Vec<&'static str> {
        let mut columns = vec![
            self.anchor.1,
            "valid_from",
            "valid_to",
            "recorded_at",
            "recorded_by",
            "source_id",
            "reason",
            "supersedes_id",
            "superseded_at",
            "superseded_source_id",
        ];
        columns.extend(self.own.iter().map(|(name, _)| *name));
        columns
    }
}
