//! Samples that HR offices check, and what follows for the pilot.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = "
CREATE TABLE check_sample (
    id {id},
    sample_no TEXT NOT NULL UNIQUE,
    drawing TEXT NOT NULL CHECK (drawing IN ('random', 'risk')),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    enterprise_id {int} REFERENCES enterprise (id),
    seed {int} NOT NULL CHECK (seed >= 0),
    population {int} NOT NULL CHECK (population > 0),
    population_hash TEXT NOT NULL,
    size {int} NOT NULL CHECK (size > 0 AND size <= population),
    points TEXT NOT NULL,
    drawn_by {int} NOT NULL REFERENCES account (id),
    drawn_at {at} NOT NULL,
    CHECK (size * 10 >= population)
) {strict};

CREATE TABLE check_item (
    id {id},
    sample_id {int} NOT NULL REFERENCES check_sample (id),
    seq {int} NOT NULL CHECK (seq > 0),
    person_id {int} NOT NULL REFERENCES person (id),
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    risks TEXT NOT NULL,
    points {int} NOT NULL,
    finding TEXT CHECK (finding IN ('clean', 'error')),
    remark TEXT,
    checked_by {int} REFERENCES account (id),
    checked_at {at},
    CHECK ((finding IS NULL) = (checked_by IS NULL)),
    CHECK ((finding IS NULL) = (checked_at IS NULL))
) {strict};
CREATE UNIQUE INDEX check_item_seq ON check_item (sample_id, seq);
CREATE INDEX check_item_enterprise ON check_item (enterprise_id);

CREATE TABLE pilot_suspension (
    id {id},
    enterprise_id {int} NOT NULL REFERENCES enterprise (id),
    sample_id {int} NOT NULL REFERENCES check_sample (id),
    checked {int} NOT NULL,
    errors {int} NOT NULL,
    proposed_by {int} NOT NULL REFERENCES account (id),
    proposer_holder {int} NOT NULL REFERENCES account_holder (id),
    proposed_at {at} NOT NULL,
    outcome TEXT CHECK (outcome IN ('suspended', 'dismissed')),
    document_no TEXT,
    decided_by {int} REFERENCES account (id),
    decider_holder {int} REFERENCES account_holder (id),
    decided_at {at},
    CONSTRAINT suspension_two_people CHECK (decider_holder IS NULL OR decider_holder <> proposer_holder)
) {strict};
CREATE UNIQUE INDEX pilot_suspension_open
    ON pilot_suspension (enterprise_id) WHERE outcome IS NULL;
CREATE UNIQUE INDEX pilot_suspension_sample ON pilot_suspension (sample_id, enterprise_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let sample = [
            "sample_no",
            "drawing",
            "organisation_id",
            "enterprise_id",
            "seed",
            "population",
            "population_hash",
            "size",
            "points",
            "drawn_by",
            "drawn_at",
        ];
        append_only(manager, "check_sample", &sample, &[], "").await?;
        let found = ["finding", "remark", "checked_by", "checked_at"];
        let item = [
            "sample_id",
            "seq",
            "person_id",
            "enterprise_id",
            "risks",
            "points",
            "finding",
            "remark",
            "checked_by",
            "checked_at",
        ];
        append_only(manager, "check_item", &item, &found, "OLD.finding IS NULL").await?;
        let decided = ["outcome", "document_no", "decided_by", "decider_holder", "decided_at"];
        let suspension = [
            "enterprise_id",
            "sample_id",
            "checked",
            "errors",
            "proposed_by",
            "proposer_holder",
            "proposed_at",
            "outcome",
            "document_no",
            "decided_by",
            "decider_holder",
            "decided_at",
        ];
        append_only(manager, "pilot_suspension", &suspension, &decided, "OLD.outcome IS NULL").await
    }
}
