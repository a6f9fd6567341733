//! Uploaded spreadsheets and what was wrong with them.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::db::{expect_one_row, insert_all};
use super::number;
use crate::domain::authority::Scope;

pub use entity::import_issue::Model as StoredIssue;

/// An import without its content.
#[derive(Debug, Clone, PartialEq, Eq, sea_orm::FromQueryResult)]
pub struct StoredImport {
    /// Row identity.
    pub id: i64,
    /// Official number.
    pub import_no: String,
    /// Code of the form.
    pub kind: String,
    /// Organisation that uploaded it.
    pub organisation_id: i64,
    /// Enterprise it is about, for engineers.
    pub enterprise_id: Option<i64>,
    /// Name of the file as uploaded.
    pub file_name: String,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Code of the state.
    pub state: String,
    /// Data rows.
    pub rows_total: i64,
    /// Rows that can be taken.
    pub rows_good: i64,
    /// Rows that cannot.
    pub rows_bad: i64,
    /// Good rows that add nothing.
    pub rows_known: i64,
    /// Facts stated by the confirmation.
    pub facts_added: i64,
    /// Account that uploaded.
    pub uploaded_by: i64,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// Account that confirmed, discarded or withdrew last.
    pub decided_by: Option<i64>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
}

/// An upload to keep.
#[derive(Debug, Clone)]
pub struct NewImport<'a> {
    /// Code of the form.
    pub kind: &'static str,
    /// Organisation that uploads.
    pub organisation_id: i64,
    /// Enterprise it is about.
    pub enterprise_id: Option<i64>,
    /// Name of the file.
    pub file_name: &'a str,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: &'a str,
    /// The sealed file.
    pub content: Vec<u8>,
    /// Row counts.
    pub rows: RowCounts,
    /// Account that uploads.
    pub uploaded_by: i64,
    /// When.
    pub uploaded_at: DateTime<Utc>,
}

/// What the rows of an upload are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Data rows.
    pub total: i64,
    /// Rows that can be taken.
    pub good: i64,
    /// Rows that cannot.
    pub bad: i64,
    /// Good rows that add nothing.
    pub known: i64,
}

/// One wrong or doubtful cell to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIssue {
    /// Row number in the spreadsheet.
    pub row: i64,
    /// Header of the column.
    pub column: String,
    /// Whether it is an error; otherwise a warning.
    pub is_error: bool,
    /// What the cell shows, masked.
    pub shown: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

/// Keeps an upload in state `previewed`; returns its identity and number.
///
/// # Errors
/// When the database refuses.
pub async fn create(tx: &DatabaseTransaction, new: NewImport<'_>) -> Result<(i64, String), DbErr> {
    let number = number::allocate(tx, "import", 1).await?;
    let import_no = format!("IM{number:06}");
    let row = entity::import::ActiveModel {
        id: NotSet,
        import_no: Set(import_no.clone()),
        kind: Set(new.kind.to_owned()),
        organisation_id: Set(new.organisation_id),
        enterprise_id: Set(new.enterprise_id),
        file_name: Set(new.file_name.to_owned()),
        sha256: Set(new.sha256.to_owned()),
        content: Set(new.content),
        state: Set("previewed".to_owned()),
        rows_total: Set(new.rows.total),
        rows_good: Set(new.rows.good),
        rows_bad: Set(new.rows.bad),
        rows_known: Set(new.rows.known),
        facts_added: Set(0),
        uploaded_by: Set(new.uploaded_by),
        uploaded_at: Set(new.uploaded_at),
        decided_by: Set(None),
        decided_at: Set(None),
        version: Set(1),
    };
    let id = entity::import::Entity::insert(row).exec(tx).await?.last_insert_id;
    Ok((id, import_no))
}

/// Gives a transaction that states very many facts room to keep the pages of its indexes in memory,
/// or takes the room back before it commits. SQLite's usual 2 MB would be written out and read
/// again for every few hundred rows; PostgreSQL shares one cache and needs nothing.
///
/// # Errors
/// When the database fails.
pub async fn set_bulk(tx: &DatabaseTransaction, is_bulk: bool) -> Result<(), DbErr> {
    if tx.get_database_backend() == DatabaseBackend::Sqlite {
        let kibibytes = if is_bulk { 48_000 } else { 2_000 };
        tx.execute_unprepared(&format!("PRAGMA cache_size = -{kibibytes}")).await?;
    }
    Ok(())
}

/// Keeps issues of an upload.
///
/// # Errors
/// When the database refuses.
pub async fn add_issues(
    tx: &DatabaseTransaction,
    import_id: i64,
    issues: &[NewIssue],
) -> Result<(), DbErr> {
    let rows: Vec<_> = issues
        .iter()
        .map(|issue| entity::import_issue::ActiveModel {
            id: NotSet,
            import_id: Set(import_id),
            row_no: Set(issue.row),
            column_name: Set(issue.column.clone()),
            severity: Set(if issue.is_error { "error" } else { "warning" }.to_owned()),
            shown_value: Set(issue.shown.clone()),
            reason: Set(issue.reason.clone()),
            fix: Set(issue.fix.clone()),
        })
        .collect();
    insert_all(tx, rows).await
}

/// Replaces the issues and row counts of an upload whose registry has moved on.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody else changed it first.
pub async fn preview_again(
    tx: &DatabaseTransaction,
    import: &StoredImport,
    rows: RowCounts,
    issues: &[NewIssue],
) -> Result<(), DbErr> {
    entity::import_issue::Entity::delete_many()
        .filter(entity::import_issue::Column::ImportId.eq(import.id))
        .exec(tx)
        .await?;
    add_issues(tx, import.id, issues).await?;
    let change = entity::import::ActiveModel {
        rows_total: Set(rows.total),
        rows_good: Set(rows.good),
        rows_bad: Set(rows.bad),
        rows_known: Set(rows.known),
        ..Default::default()
    };
    change_row(tx, import, change).await
}

/// What was decided about an upload.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// Code of the new state.
    pub state: &'static str,
    /// Facts stated, when it was confirmed.
    pub facts_added: Option<i64>,
    /// Good rows that added nothing, when it was confirmed.
    pub rows_known: Option<i64>,
    /// Whether the stored file is given up.
    pub forget_content: bool,
    /// Account that decided.
    pub by: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Records a decision about an upload.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody else changed it first.
pub async fn decide(
    tx: &DatabaseTransaction,
    import: &StoredImport,
    decision: &Decision,
) -> Result<(), DbErr> {
    let mut change = entity::import::ActiveModel {
        state: Set(decision.state.to_owned()),
        decided_by: Set(Some(decision.by)),
        decided_at: Set(Some(decision.at)),
        ..Default::default()
    };
    if let Some(added) = decision.facts_added {
        change.facts_added = Set(added);
    }
    if let Some(known) = decision.rows_known {
        change.rows_known = Set(known);
    }
    if decision.forget_content {
        change.content = Set(Vec::new());
    }
    change_row(tx, import, change).await
}

async fn change_row(
    tx: &DatabaseTransaction,
    import: &StoredImport,
    mut change: entity::import::ActiveModel,
) -> Result<(), DbErr> {
    use entity::import::{Column, Entity};
    change.version = Set(import.version + 1);
    let mut update = Entity::update_many().set(change);
    update = update.filter(Column::Id.eq(import.id)).filter(Column::Version.eq(import.version));
    expect_one_row(update.exec(tx).await?.rows_affected)
}

fn without_content() -> Select<entity::import::Entity> {
    use entity::import::Column;
    entity::import::Entity::find().select_only().columns([
        Column::Id,
        Column::ImportNo,
        Column::Kind,
        Column::OrganisationId,
        Column::EnterpriseId,
        Column::FileName,
        Column::Sha256,
        Column::State,
        Column::RowsTotal,
        Column::RowsGood,
        Column::RowsBad,
        Column::RowsKnown,
        Column::FactsAdded,
        Column::UploadedBy,
        Column::UploadedAt,
        Column::DecidedBy,
        Column::DecidedAt,
        Column::Version,
    ])
}

/// Narrows imports to those that someone with `scope` may see: an enterprise its own, the province
/// all. Nobody else works with imports.
fn within(select: Select<entity::import::Entity>, scope: &Scope) -> Select<entity::import::Entity> {
    use entity::import::Column;
    match scope {
        Scope::Province => select,
        Scope::Enterprise(id) => select.filter(Column::EnterpriseId.eq(*id)),
        Scope::City(_) | Scope::County(_) | Scope::Person(_) | Scope::Nothing => {
            select.filter(Column::Id.eq(0))
        }
    }
}

/// The import with this number within a scope.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    import_no: &str,
    scope: &Scope,
) -> Result<Option<StoredImport>, DbErr> {
    within(without_content(), scope)
        .filter(entity::import::Column::ImportNo.eq(import_no))
        .into_model()
        .one(conn)
        .await
}

/// The same, locked against other decisions for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    tx: &DatabaseTransaction,
    import_no: &str,
    scope: &Scope,
) -> Result<Option<StoredImport>, DbErr> {
    within(without_content(), scope)
        .filter(entity::import::Column::ImportNo.eq(import_no))
        .lock(LockType::Update)
        .into_model()
        .one(tx)
        .await
}

/// The sealed file of an import; empty when it was given up.
///
/// # Errors
/// When the database fails or there is no such import.
pub async fn content(conn: &impl ConnectionTrait, id: i64) -> Result<Vec<u8>, DbErr> {
    use entity::import::Column;
    let found: Option<Vec<u8>> = entity::import::Entity::find_by_id(id)
        .select_only()
        .column(Column::Content)
        .into_tuple()
        .one(conn)
        .await?;
    found.ok_or_else(|| DbErr::RecordNotFound("import".to_owned()))
}

/// Imports within a scope, the newest first, and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    offset: u64,
    limit: u64,
) -> Result<(Vec<StoredImport>, u64), DbErr> {
    let total = within(entity::import::Entity::find(), scope).count(conn).await?;
    let rows = within(without_content(), scope)
        .order_by_desc(entity::import::Column::Id)
        .offset(offset)
        .limit(limit)
        .into_model()
        .all(conn)
        .await?;
    Ok((rows, total))
}

/// Numbers and states of up to `limit` imports within a scope whose number begins so, newest first.
///
/// # Errors
/// When the database fails.
pub async fn numbered(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    beginning: &str,
    limit: u64,
) -> Result<Vec<StoredImport>, DbErr> {
    within(without_content(), scope)
        .filter(entity::import::Column::ImportNo.starts_with(beginning))
        .order_by_desc(entity::import::Column::Id)
        .limit(limit)
        .into_model()
        .all(conn)
        .await
}

/// The last other import of the same file and form that was confirmed and still holds.
///
/// # Errors
/// When the database fails.
pub async fn same_file(
    conn: &impl ConnectionTrait,
    import: &StoredImport,
) -> Result<Option<StoredImport>, DbErr> {
    use entity::import::Column;
    let enterprise = match import.enterprise_id {
        Some(id) => Column::EnterpriseId.eq(id),
        None => Column::EnterpriseId.is_null(),
    };
    without_content()
        .filter(Column::Sha256.eq(&import.sha256))
        .filter(Column::Kind.eq(&import.kind))
        .filter(enterprise)
        .filter(Column::State.eq("confirmed"))
        .filter(Column::Id.ne(import.id))
        .order_by_desc(Column::Id)
        .into_model()
        .one(conn)
        .await
}

/// The first issues of an import: the errors by row, then the warnings.
///
/// # Errors
/// When the database fails.
pub async fn issues(
    conn: &impl ConnectionTrait,
    import_id: i64,
    limit: Option<u64>,
) -> Result<Vec<StoredIssue>, DbErr> {
    use entity::import_issue::{Column, Entity};
    Entity::find()
        .filter(Column::ImportId.eq(import_id))
        .order_by_asc(Column::Severity)
        .order_by_asc(Column::RowNo)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// How many errors and warnings are kept of an import.
///
/// # Errors
/// When the database fails.
pub async fn issue_counts(
    conn: &impl ConnectionTrait,
    import_id: i64,
) -> Result<(u64, u64), DbErr> {
    use entity::import_issue::{Column, Entity};
    let of = |severity: &str| {
        Entity::find()
            .filter(Column::ImportId.eq(import_id))
            .filter(Column::Severity.eq(severity))
            .count(conn)
    };
    Ok((of("error").await?, of("warning").await?))
}

/// The document under which an import stated its facts; `None` when it stated none.
///
/// # Errors
/// When the database fails.
pub async fn source_of(conn: &impl ConnectionTrait, import_id: i64) -> Result<Option<i64>, DbErr> {
    use entity::source_document::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ImportId.eq(import_id))
        .filter(Column::Kind.eq("import"))
        .into_tuple()
        .one(conn)
        .await
}
