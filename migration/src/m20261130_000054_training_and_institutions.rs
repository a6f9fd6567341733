//! Vocational training (S6) and HR institutions (S7): registers for statistics, without money.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};
use crate::fact::{Fact, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE training (
    id {id},
    training_no TEXT NOT NULL UNIQUE,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};

CREATE TABLE hr_institution (
    id {id},
    uscc TEXT NOT NULL UNIQUE,
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};
";

const DIVISION: &str = "TEXT NOT NULL CHECK (length(division) = 6)";
const SAME_ATTENDANCE: &str = "COALESCE(o.enterprise_id, 0) = COALESCE(NEW.enterprise_id, 0) \
     AND COALESCE(o.person_id, 0) = COALESCE(NEW.person_id, 0)";
const SAME_PLACEMENT: &str = "o.enterprise_id = NEW.enterprise_id \
     AND COALESCE(o.person_id, 0) = COALESCE(NEW.person_id, 0)";

const FACTS: &[Fact] = &[
    Fact {
        table: "training_plan",
        anchor: ("training", "training_id"),
        own: &[
            ("organiser", TEXT),
            ("occupation", TEXT),
            ("division", DIVISION),
            ("seats", "{int} NOT NULL CHECK (seats > 0)"),
        ],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "training_attendance",
        anchor: ("training", "training_id"),
        own: &[
            ("enterprise_id", "{int} REFERENCES enterprise (id)"),
            ("person_id", "{int} REFERENCES person (id)"),
            ("persons", "{int} NOT NULL CHECK (persons > 0)"),
            ("passed", "{int} NOT NULL CHECK (passed >= 0 AND passed <= persons)"),
        ],
        clashes: Some(SAME_ATTENDANCE),
    },
    Fact {
        table: "institution_licence",
        anchor: ("hr_institution", "institution_id"),
        own: &[("name", TEXT), ("licence_no", TEXT), ("division", DIVISION), ("services", TEXT)],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "placement",
        anchor: ("hr_institution", "institution_id"),
        own: &[
            ("enterprise_id", "{int} NOT NULL REFERENCES enterprise (id)"),
            ("person_id", "{int} REFERENCES person (id)"),
            ("persons", "{int} NOT NULL CHECK (persons > 0)"),
        ],
        clashes: Some(SAME_PLACEMENT),
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let training = &["training_no", "recorded_by", "recorded_at"];
        append_only(manager, "training", training, &[], "").await?;
        let institution = &["uscc", "recorded_by", "recorded_at"];
        append_only(manager, "hr_institution", institution, &[], "").await?;
        for fact in FACTS {
            fact.create(manager).await?;
        }
        Ok(())
    }
}
