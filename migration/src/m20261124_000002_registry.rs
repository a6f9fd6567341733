//! The registry with two times. Each fact says when it held (valid) and when it was known
//! (recorded); a correction closes the old row's recorded time and adds a new row.

use sea_orm_migration::prelude::*;

use crate::dialect::{append_only, run};
use crate::fact::{ENTERPRISE, Fact, PERSON, TEXT};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const ANCHORS: &str = "
CREATE TABLE import (
    id {id},
    import_no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN
        ('enterprises', 'engineers', 'evidence', 'other-awards')),
    organisation_id {int} NOT NULL REFERENCES organisation (id),
    enterprise_id {int} REFERENCES enterprise (id),
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content {bytes} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('previewed', 'confirmed', 'discarded', 'withdrawn')),
    rows_total {int} NOT NULL,
    rows_good {int} NOT NULL,
    rows_bad {int} NOT NULL,
    rows_known {int} NOT NULL,
    facts_added {int} NOT NULL,
    uploaded_by {int} NOT NULL REFERENCES account (id),
    uploaded_at {at} NOT NULL,
    decided_by {int} REFERENCES account (id),
    decided_at {at},
    version {int} NOT NULL
) {strict};
CREATE INDEX import_same_file ON import (sha256, kind);

CREATE TABLE import_issue (
    id {id},
    import_id {int} NOT NULL REFERENCES import (id),
    row_no {int} NOT NULL,
    column_name TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
    shown_value TEXT NOT NULL,
    reason TEXT NOT NULL,
    fix TEXT NOT NULL
) {strict};
CREATE INDEX import_issue_import ON import_issue (import_id, row_no);

CREATE TABLE source_document (
    id {id},
    kind TEXT NOT NULL CHECK (kind IN ('import', 'decision', 'declaration')),
    title TEXT NOT NULL,
    document_no TEXT NOT NULL,
    import_id {int} REFERENCES import (id),
    recorded_by {int} NOT NULL REFERENCES account (id),
    recorded_at {at} NOT NULL
) {strict};

CREATE TABLE person (
    id {id},
    person_no TEXT NOT NULL UNIQUE,
    created_at {at} NOT NULL
) {strict};
";

const FACTS: &[Fact] = &[
    Fact {
        table: "person_document",
        anchor: PERSON,
        own: &[
            ("document_type", TEXT),
            ("country", TEXT),
            ("number_index", TEXT),
            ("number_cipher", "{bytes} NOT NULL"),
            ("number_masked", TEXT),
        ],
        clashes: None,
    },
    Fact { table: "person_name", anchor: PERSON, own: &[("name", TEXT)], clashes: Some("1 = 1") },
    Fact {
        table: "person_contact",
        anchor: PERSON,
        own: &[("mobile_cipher", "{bytes} NOT NULL"), ("mobile_masked", TEXT)],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "bank_account",
        anchor: PERSON,
        own: &[
            ("account_name", TEXT),
            ("account_index", TEXT),
            ("account_cipher", "{bytes} NOT NULL"),
            ("last_four", TEXT),
            ("bank_name", TEXT),
            ("cnaps", TEXT),
        ],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "enterprise_name",
        anchor: ENTERPRISE,
        own: &[("name", TEXT)],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "enterprise_division",
        anchor: ENTERPRISE,
        own: &[("division", TEXT), ("city_unit", TEXT)],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "enterprise_profile",
        anchor: ENTERPRISE,
        own: &[("industry", TEXT), ("contact_name", TEXT), ("contact_phone", TEXT)],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "listing",
        anchor: ENTERPRISE,
        own: &[
            ("list_batch", TEXT),
            ("recognition_quota", "{int} NOT NULL CHECK (recognition_quota >= 0)"),
            ("engineer_quota", "{int} NOT NULL CHECK (engineer_quota >= 0)"),
        ],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "employment",
        anchor: PERSON,
        own: &[
            ("enterprise_id", "{int} NOT NULL REFERENCES enterprise (id)"),
            ("full_time", "{bool} NOT NULL"),
            ("post", TEXT),
            ("professional_title", TEXT),
            ("education", TEXT),
        ],
        clashes: Some(
            "o.enterprise_id = NEW.enterprise_id OR (o.full_time = TRUE AND NEW.full_time = TRUE)",
        ),
    },
    Fact {
        table: "roster_entry",
        anchor: PERSON,
        own: &[
            ("enterprise_id", "{int} NOT NULL REFERENCES enterprise (id)"),
            ("status", "TEXT NOT NULL CHECK (status IN ('declared', 'confirmed'))"),
        ],
        clashes: Some("1 = 1"),
    },
    Fact {
        table: "recognition",
        anchor: PERSON,
        own: &[
            ("enterprise_id", "{int} REFERENCES enterprise (id)"),
            ("class", "TEXT NOT NULL CHECK (class IN ('A', 'B', 'C'))"),
            ("certificate_no", TEXT),
        ],
        clashes: None,
    },
    Fact {
        table: "evidence_month",
        anchor: PERSON,
        own: &[
            ("month", TEXT),
            ("payer_uscc", TEXT),
            (
                "evidence_kind",
                "TEXT NOT NULL CHECK (evidence_kind IN \
                 ('social_insurance', 'income_tax', 'work_permit'))",
            ),
            ("paid_late", "{bool} NOT NULL"),
        ],
        clashes: Some("o.payer_uscc = NEW.payer_uscc AND o.evidence_kind = NEW.evidence_kind"),
    },
    Fact { table: "suspension", anchor: PERSON, own: &[], clashes: None },
    Fact { table: "exclusion", anchor: PERSON, own: &[("ground", TEXT)], clashes: None },
    Fact {
        table: "other_award",
        anchor: PERSON,
        own: &[
            ("programme", TEXT),
            ("exclusive_group", TEXT),
            ("award_year", "{int} NOT NULL"),
            ("amount_fen", "{int} NOT NULL CHECK (amount_fen >= 0)"),
            ("granted_by", TEXT),
            ("document_no", TEXT),
        ],
        clashes: Some(
            "o.programme = NEW.programme AND o.exclusive_group = NEW.exclusive_group \
             AND o.document_no = NEW.document_no",
        ),
    },
];

/// Indexes that are rules: one live document is one person, one live row supersedes another.
const INDEXES: &str = "
CREATE UNIQUE INDEX person_document_one_person
    ON person_document (number_index) WHERE superseded_at IS NULL;
CREATE INDEX bank_account_number ON bank_account (account_index);
CREATE INDEX person_name_name ON person_name (name);
CREATE INDEX employment_enterprise ON employment (enterprise_id, person_id);
CREATE INDEX roster_entry_enterprise ON roster_entry (enterprise_id, person_id);
CREATE INDEX enterprise_division_city ON enterprise_division (city_unit, division);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ANCHORS).await?;
        for fact in FACTS {
            fact.create(manager).await?;
        }
        let source = ["kind", "title", "document_no", "import_id", "recorded_by", "recorded_at"];
        append_only(manager, "source_document", &source, &[], "").await?;
        append_only(manager, "person", &["person_no", "created_at"], &[], "").await?;
        run(manager, INDEXES).await
    }
}
