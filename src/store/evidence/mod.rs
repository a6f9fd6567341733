//! Everything that was done about some persons or one batch, row by row, for auditors. The caller
//! has the identities from a reader with a scope.

mod proof;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::db::rows_per_statement;

pub use entity::bank_return::Model as ReturnFile;
pub use entity::bank_return_row::Model as ReturnRow;
pub use entity::batch::Model as Batch;
pub use entity::batch_line::Model as BatchLine;
pub use entity::batch_sample::Model as Sample;
pub use entity::batch_signature::Model as Signature;
pub use entity::batch_step::Model as BatchStep;
pub use entity::budget_allocation::Model as Allocation;
pub use entity::case_file::Model as CaseRow;
pub use entity::case_step::Model as CaseStep;
pub use entity::compute_run::Model as Run;
pub use entity::entitlement::Model as Entitlement;
pub use entity::entitlement_share::Model as Share;
pub use entity::payment_hold::Model as Hold;
pub use entity::payment_line::Model as PaymentLine;
pub use entity::policy_document::Model as PolicyDocument;
pub use entity::public_notice::Model as Notice;
pub use entity::public_notice_entry::Model as NoticeEntry;
pub use entity::public_notice_period::Model as NoticePeriod;
pub use entity::recovery::Model as Recovery;
pub use entity::recovery_entry::Model as RecoveryEntry;
pub use entity::source_document::Model as SourceDocument;
pub use entity::tax_ruling::Model as TaxRuling;
pub use entity::yearly_file::Model as YearlyFile;
pub use proof::{Covered, covered, events_about, events_at, made};

/// Whose money, of which award year, in which batch; `None` for all.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Every number of the persons.
    pub persons: &'a [i64],
    /// Award year.
    pub year: Option<i64>,
    /// Only this batch.
    pub batch: Option<i64>,
}

/// Files about persons with their steps.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// The files.
    pub files: Vec<CaseRow>,
    /// Their steps, by file and order.
    pub steps: Vec<CaseStep>,
    /// Whose year files are about.
    pub years: Vec<YearlyFile>,
    /// Lines of public notices about them.
    pub entries: Vec<NoticeEntry>,
    /// Those notices.
    pub notices: Vec<Notice>,
    /// Their periods.
    pub periods: Vec<NoticePeriod>,
}

/// What was determined.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// Every version, by person and number.
    pub versions: Vec<Entitlement>,
    /// Their shares.
    pub shares: Vec<Share>,
    /// The runs that made them.
    pub runs: Vec<Run>,
    /// The policy texts they rest on.
    pub policies: Vec<PolicyDocument>,
}

/// What was paid and what came back.
#[derive(Debug, Clone, Default)]
pub struct Money {
    /// Payment lines.
    pub lines: Vec<PaymentLine>,
    /// Their lines in batches.
    pub batch_lines: Vec<BatchLine>,
    /// The batches.
    pub batches: Vec<Batch>,
    /// What was done with them, in order.
    pub steps: Vec<BatchStep>,
    /// What their checkers compared with the papers.
    pub samples: Vec<Sample>,
    /// Signatures of approvers.
    pub signatures: Vec<Signature>,
    /// Documents of their budget lines.
    pub allocations: Vec<Allocation>,
    /// Files that banks gave back.
    pub returns: Vec<ReturnFile>,
    /// Rows of them: those about the batch lines; of one batch all.
    pub return_rows: Vec<ReturnRow>,
    /// Recoveries.
    pub recoveries: Vec<Recovery>,
    /// What lowered them.
    pub recovery_entries: Vec<RecoveryEntry>,
    /// What was kept back.
    pub holds: Vec<Hold>,
    /// How the tax of the years was ruled.
    pub rulings: Vec<TaxRuling>,
}

/// The rows of a table whose column holds one of many identities, by identity.
macro_rules! among {
    ($conn:expr, $table:ident . $column:ident, $ids:expr $(, $more:expr)?) => {{
        use entity::$table::{Column, Entity};
        let mut rows = Vec::new();
        for ids in $ids.chunks(rows_per_statement(1)) {
            let found = Entity::find().filter(Column::$column.is_in(ids.iter().copied()));
            $(let found = found.filter($more);)?
            rows.extend(found.order_by_asc(Column::Id).all($conn).await?);
        }
        rows
    }};
}

fn unique(ids: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The award years for which persons have a result or money, the last first.
///
/// # Errors
/// When the database fails.
pub async fn years(conn: &impl ConnectionTrait, persons: &[i64]) -> Result<Vec<i64>, DbErr> {
    use entity::entitlement::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::AwardYear)
        .distinct()
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .order_by_desc(Column::AwardYear)
        .into_tuple()
        .all(conn)
        .await
}

/// The persons whose money is in a batch.
///
/// # Errors
/// When the database fails.
pub async fn persons_of_batch(
    conn: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Vec<i64>, DbErr> {
    use entity::batch_line::{Column, Entity};
    let lines: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::PaymentLineId)
        .filter(Column::BatchId.eq(batch_id))
        .into_tuple()
        .all(conn)
        .await?;
    let rows: Vec<PaymentLine> = among!(conn, payment_line.Id, unique(lines));
    Ok(unique(rows.into_iter().map(|row| row.person_id)))
}

/// Files about the persons, and about the places of their employers on the list.
///
/// # Errors
/// When the database fails.
pub async fn cases(
    conn: &impl ConnectionTrait,
    wanted: Wanted<'_>,
    enterprises: &[i64],
) -> Result<Cases, DbErr> {
    let mut files: Vec<CaseRow> = among!(conn, case_file.PersonId, wanted.persons);
    let years: Vec<YearlyFile> = among!(conn, yearly_file.PersonId, wanted.persons);
    if let Some(year) = wanted.year {
        let is_other = |id| years.iter().any(|y| y.case_id == id && y.award_year != year);
        files.retain(|file| !is_other(file.id));
    }
    let places: Vec<CaseRow> = among!(
        conn,
        case_file.EnterpriseId,
        enterprises,
        Condition::all().add(Column::Kind.eq("key_enterprise"))
    );
    files.extend(places);
    let ids = unique(files.iter().map(|file| file.id));
    let mut steps: Vec<CaseStep> = among!(conn, case_step.CaseId, ids);
    steps.sort_by_key(|step| (step.case_id, step.seq));
    let entries: Vec<NoticeEntry> = among!(conn, public_notice_entry.CaseId, ids);
    let notices = unique(entries.iter().map(|entry| entry.notice_id));
    Ok(Cases {
        files,
        steps,
        years,
        entries,
        periods: among!(conn, public_notice_period.NoticeId, notices),
        notices: among!(conn, public_notice.Id, notices),
    })
}

/// All versions of results.
///
/// # Errors
/// When the database fails.
pub async fn results(conn: &impl ConnectionTrait, wanted: Wanted<'_>) -> Result<Results, DbErr> {
    let of_year = |column: entity::entitlement::Column| {
        Condition::all().add_option(wanted.year.map(|year| column.eq(year)))
    };
    let mut versions: Vec<Entitlement> =
        among!(conn, entitlement.PersonId, wanted.persons, of_year(Column::AwardYear));
    versions.sort_by_key(|row| (row.person_id, row.award_year, row.version_no));
    let ids = unique(versions.iter().map(|row| row.id));
    let runs = unique(versions.iter().filter_map(|row| row.run_id));
    let policies = unique(versions.iter().map(|row| row.policy_document_id));
    Ok(Results {
        shares: among!(conn, entitlement_share.EntitlementId, ids),
        runs: among!(conn, compute_run.Id, runs),
        policies: among!(conn, policy_document.Id, policies),
        versions,
    })
}

/// All money.
///
/// # Errors
/// When the database fails.
pub async fn money(conn: &impl ConnectionTrait, wanted: Wanted<'_>) -> Result<Money, DbErr> {
    let of_year = |column: entity::payment_line::Column| {
        Condition::all().add_option(wanted.year.map(|year| column.eq(year)))
    };
    let mut lines: Vec<PaymentLine> =
        among!(conn, payment_line.PersonId, wanted.persons, of_year(Column::AwardYear));
    let line_ids = unique(lines.iter().map(|line| line.id));
    let of_batch = |column: entity::batch_line::Column| {
        Condition::all().add_option(wanted.batch.map(|batch| column.eq(batch)))
    };
    let batch_lines: Vec<BatchLine> =
        among!(conn, batch_line.PaymentLineId, line_ids, of_batch(Column::BatchId));
    if wanted.batch.is_some() {
        lines.retain(|line| batch_lines.iter().any(|held| held.payment_line_id == line.id));
    }
    let batch_ids = match wanted.batch {
        Some(batch) => vec![batch],
        None => unique(batch_lines.iter().map(|line| line.batch_id)),
    };
    let batches: Vec<Batch> = among!(conn, batch.Id, batch_ids);
    let returns: Vec<ReturnFile> = among!(conn, bank_return.BatchId, batch_ids);
    let return_ids = unique(returns.iter().map(|file| file.id));
    let return_rows = match wanted.batch {
        Some(_) => among!(conn, bank_return_row.ReturnId, return_ids),
        None => {
            let held = unique(batch_lines.iter().map(|line| line.id));
            among!(conn, bank_return_row.BatchLineId, held)
        }
    };
    let recoveries = recoveries(conn, wanted).await?;
    let claims = unique(recoveries.iter().map(|row| row.id));
    let mut rulings: Vec<TaxRuling> = Vec::new();
    for year in unique(lines.iter().map(|line| line.award_year)) {
        rulings.extend(among!(conn, tax_ruling.AwardYear, [year]));
    }
    Ok(Money {
        steps: among!(conn, batch_step.BatchId, batch_ids),
        samples: among!(conn, batch_sample.BatchId, batch_ids),
        signatures: among!(conn, batch_signature.BatchId, batch_ids),
        allocations: allocations(conn, &batches).await?,
        recovery_entries: among!(conn, recovery_entry.RecoveryId, claims),
        holds: holds(conn, wanted).await?,
        lines,
        batch_lines,
        batches,
        returns,
        return_rows,
        recoveries,
        rulings,
    })
}

async fn recoveries(
    conn: &impl ConnectionTrait,
    wanted: Wanted<'_>,
) -> Result<Vec<Recovery>, DbErr> {
    let of_year = |column: entity::recovery::Column| {
        Condition::all().add_option(wanted.year.map(|year| column.eq(year)))
    };
    Ok(among!(conn, recovery.PersonId, wanted.persons, of_year(Column::AwardYear)))
}

async fn holds(conn: &impl ConnectionTrait, wanted: Wanted<'_>) -> Result<Vec<Hold>, DbErr> {
    let of_year = |column: entity::payment_hold::Column| {
        Condition::all().add_option(wanted.year.map(|year| column.eq(year)))
    };
    Ok(among!(conn, payment_hold.PersonId, wanted.persons, of_year(Column::AwardYear)))
}

async fn allocations(
    conn: &impl ConnectionTrait,
    batches: &[Batch],
) -> Result<Vec<Allocation>, DbErr> {
    use entity::budget_allocation::{Column, Entity};
    if batches.is_empty() {
        return Ok(Vec::new());
    }
    let any = batches.iter().fold(Condition::any(), |any, batch| {
        any.add(
            Condition::all()
                .add(Column::Programme.eq(batch.programme.as_str()))
                .add(Column::Source.eq(batch.source.as_str()))
                .add(Column::PayerDivision.eq(batch.payer_division.as_str()))
                .add(Column::BudgetYear.eq(batch.budget_year)),
        )
    });
    Entity::find().filter(any).order_by_asc(Column::Id).all(conn).await
}

/// An import without its content.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ImportHead {
    /// Identity.
    pub id: i64,
    /// Official number.
    pub import_no: String,
    /// What it brings.
    pub kind: String,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Who uploaded it: account.
    pub uploaded_by: i64,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// Who confirmed or withdrew it: account.
    pub decided_by: Option<i64>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: String,
}

/// Source documents and the imports that some of them are.
///
/// # Errors
/// When the database fails.
pub async fn sources(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<(BTreeMap<i64, SourceDocument>, BTreeMap<i64, ImportHead>), DbErr> {
    use entity::import::{Column, Entity};
    let sources: Vec<SourceDocument> = among!(conn, source_document.Id, ids);
    let named = unique(sources.iter().filter_map(|source| source.import_id));
    let mut imports = BTreeMap::new();
    for ids in named.chunks(rows_per_statement(1)) {
        let rows: Vec<ImportHead> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::ImportNo, Column::Kind, Column::FileName, Column::Sha256])
            .columns([Column::UploadedBy, Column::UploadedAt, Column::DecidedBy])
            .columns([Column::DecidedAt, Column::State])
            .filter(Column::Id.is_in(ids.iter().copied()))
            .into_model()
            .all(conn)
            .await?;
        imports.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok((sources.into_iter().map(|row| (row.id, row)).collect(), imports))
}

/// Files that prove something about these persons, source documents and cases.
///
/// # Errors
/// When the database fails.
pub async fn attachments(
    conn: &impl ConnectionTrait,
    subjects: [(&str, &[i64]); 3],
) -> Result<Vec<entity::attachment::Model>, DbErr> {
    let mut rows = Vec::new();
    for (kind, ids) in subjects {
        rows.extend(among!(conn, attachment.SubjectId, ids, Column::SubjectKind.eq(kind)));
    }
    Ok(rows)
}
