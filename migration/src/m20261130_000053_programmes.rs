//! Talent programmes of the province with their separate places a year (S1), who was nominated,
//! and what came of it.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};
use crate::fact::{Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE talent_programme (
    id {id},
    programme_no TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    owner TEXT NOT NULL CHECK (owner <> ''),
    group_code TEXT NOT NULL CHECK (group_code <> ''),
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};

CREATE TABLE nomination (
    id {id},
    nomination_no TEXT NOT NULL UNIQUE,
    programme_id {int} NOT NULL REFERENCES talent_programme (id),
    award_year {int} NOT NULL,
    nominee TEXT NOT NULL CHECK (nominee IN ('person', 'team')),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    title TEXT NOT NULL CHECK (title <> ''),
    nominated_by {int} NOT NULL REFERENCES account (id),
    nominated_at {at} NOT NULL,
    withdrawn_by {int} REFERENCES account (id),
    withdrawn_at {at},
    CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
) {strict};
CREATE INDEX nomination_list ON nomination (programme_id, award_year, id);
CREATE INDEX nomination_enterprise ON nomination (enterprise_id);

CREATE TABLE nomination_member (
    id {id},
    nomination_id {int} NOT NULL REFERENCES nomination (id),
    person_id {int} NOT NULL REFERENCES person (id),
    is_leader {bool} NOT NULL,
    UNIQUE (nomination_id, person_id)
) {strict};
CREATE UNIQUE INDEX nomination_one_leader ON nomination_member (nomination_id) WHERE is_leader;
CREATE INDEX nomination_member_person ON nomination_member (person_id);
";

const FACTS: &[Fact] = &[
    Fact {
        table: "programme_places",
        anchor: ("talent_programme", "programme_id"),
        own: &[
            ("award_year", "{int} NOT NULL"),
            ("nominee", "TEXT NOT NULL CHECK (nominee IN ('person', 'team'))"),
            ("places", "{int} NOT NULL CHECK (places >= 0)"),
            ("ai_group", "{bool} NOT NULL"),
            (
                "target_permille",
                "{int} CHECK (target_permille IS NULL OR target_permille BETWEEN 1 AND 1000)",
            ),
        ],
        clashes: Some("o.award_year = NEW.award_year AND o.nominee = NEW.nominee"),
    },
    Fact {
        table: "nomination_result",
        anchor: ("nomination", "nomination_id"),
        own: &[
            ("outcome", "TEXT NOT NULL CHECK (outcome IN ('selected', 'not_selected'))"),
            ("document_no", TEXT),
        ],
        clashes: Some("1 = 1"),
    },
];

const PROGRAMME: &[&str] =
    &["programme_no", "name", "owner", "group_code", "recorded_by", "recorded_at"];

const NOMINATION: &[&str] = &[
    "nomination_no",
    "programme_id",
    "award_year",
    "nominee",
    "enterprise_id",
    "title",
    "nominated_by",
    "nominated_at",
    "withdrawn_by",
    "withdrawn_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        append_only(manager, "talent_programme", PROGRAMME, &[], "").await?;
        let ends = &["withdrawn_by", "withdrawn_at"];
        let open = "OLD.withdrawn_at IS NULL";
        append_only(manager, "nomination", NOMINATION, ends, open).await?;
        let members = &["nomination_id", "person_id", "is_leader"];
        append_only(manager, "nomination_member", members, &[], "").await?;
        for fact in FACTS {
            fact.create(manager).await?;
        }
        Ok(())
    }
}
