//! Proposed policy texts and golden cases.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::db::{expect_one_row, insert_all};
use super::number;
use entity::{policy_case, policy_draft};

pub use entity::policy_case::Model as Case;
pub use entity::policy_draft::Model as Draft;

/// Published: the text applies.
pub const PUBLISHED: &str = "published";
/// Sent back by another person.
pub const REFUSED: &str = "refused";
/// Taken back by whoever proposed it.
pub const WITHDRAWN: &str = "withdrawn";

/// A text to be proposed.
#[derive(Debug, Clone)]
pub struct NewDraft<'a> {
    /// Identifier of the policy.
    pub programme: &'a str,
    /// Title for people.
    pub title: &'a str,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: &'a str,
    /// The text itself.
    pub content: &'a str,
    /// The text in force that it starts from.
    pub base_document_id: i64,
    /// Document that decides the change.
    pub source_id: i64,
    /// Why.
    pub reason: &'a str,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps a proposed text; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn propose(tx: &DatabaseTransaction, new: &NewDraft<'_>) -> Result<String, DbErr> {
    let draft_no = format!("ZC{:05}", number::allocate(tx, "policy_draft", 1).await?);
    let row = policy_draft::ActiveModel {
        draft_no: Set(draft_no.clone()),
        programme: Set(new.programme.to_owned()),
        title: Set(new.title.to_owned()),
        sha256: Set(new.sha256.to_owned()),
        content: Set(new.content.to_owned()),
        base_document_id: Set(new.base_document_id),
        source_id: Set(new.source_id),
        reason: Set(new.reason.to_owned()),
        proposed_by: Set(new.by.0),
        proposed_holder: Set(new.by.1),
        proposed_at: Set(new.at),
        ..Default::default()
    };
    policy_draft::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(draft_no)
}

/// The proposed texts of a policy, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn drafts(conn: &impl ConnectionTrait, programme: &str) -> Result<Vec<Draft>, DbErr> {
    use policy_draft::{Column, Entity};
    Entity::find().filter(Column::Programme.eq(programme)).order_by_desc(Column::Id).all(conn).await
}

/// How many texts wait that somebody else than this person proposed.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait, holder: i64) -> Result<i64, DbErr> {
    use policy_draft::{Column, Entity};
    let open = Entity::find().filter(Column::DecidedAt.is_null());
    let count = open.filter(Column::ProposedHolder.ne(holder)).count(conn).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many texts wait, by policy.
///
/// # Errors
/// When the database fails.
pub async fn open_by_policy(conn: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    use policy_draft::{Column, Entity};
    let open = Entity::find().select_only().column(Column::Programme);
    let open = open.column_as(Column::Id.count(), "waiting").group_by(Column::Programme);
    open.filter(Column::DecidedAt.is_null()).into_tuple().all(conn).await
}

/// The proposed text of a policy with this number.
///
/// # Errors
/// When the database fails.
pub async fn draft(
    conn: &impl ConnectionTrait,
    programme: &str,
    draft_no: &str,
) -> Result<Option<Draft>, DbErr> {
    numbered(programme, draft_no).one(conn).await
}

/// The policy that the proposed text with this number is of.
///
/// # Errors
/// When the database fails.
pub async fn policy_of(
    conn: &impl ConnectionTrait,
    draft_no: &str,
) -> Result<Option<String>, DbErr> {
    use policy_draft::{Column, Entity};
    let found = Entity::find().select_only().column(Column::Programme);
    found.filter(Column::DraftNo.eq(draft_no)).into_tuple().one(conn).await
}

/// The proposed text of a policy with this number, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock_draft(
    tx: &DatabaseTransaction,
    programme: &str,
    draft_no: &str,
) -> Result<Option<Draft>, DbErr> {
    numbered(programme, draft_no).lock(LockType::Update).one(tx).await
}

fn numbered(programme: &str, draft_no: &str) -> sea_orm::Select<policy_draft::Entity> {
    use policy_draft::{Column, Entity};
    Entity::find().filter(Column::Programme.eq(programme)).filter(Column::DraftNo.eq(draft_no))
}

/// What becomes of a proposed text.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// [`PUBLISHED`], [`REFUSED`] or [`WITHDRAWN`].
    pub verdict: &'a str,
    /// Why.
    pub note: &'a str,
    /// The loaded text that it became.
    pub policy_document_id: Option<i64>,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Decides a proposed text that waits.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody decided it first.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    decision: &Decision<'_>,
) -> Result<(), DbErr> {
    use policy_draft::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::DecidedBy, Expr::value(decision.by.0))
        .col_expr(Column::DecidedHolder, Expr::value(decision.by.1))
        .col_expr(Column::DecidedAt, Expr::value(decision.at))
        .col_expr(Column::Verdict, Expr::value(decision.verdict))
        .col_expr(Column::Note, Expr::value(decision.note))
        .col_expr(Column::PolicyDocumentId, Expr::value(decision.policy_document_id))
        .filter(Column::Id.eq(id))
        .filter(Column::DecidedAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// All versions of all cases of a policy, by case and version.
///
/// # Errors
/// When the database fails.
pub async fn cases(conn: &impl ConnectionTrait, programme: &str) -> Result<Vec<Case>, DbErr> {
    use policy_case::{Column, Entity};
    Entity::find()
        .filter(Column::Programme.eq(programme))
        .order_by_asc(Column::CaseNo)
        .order_by_asc(Column::Version)
        .all(conn)
        .await
}

/// With which text a case is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// A loaded text.
    Document(i64),
    /// A proposed one.
    Draft(i64),
}

/// A version of a case to be kept.
#[derive(Debug, Clone)]
pub struct NewCase<'a> {
    /// Identifier of the policy.
    pub programme: &'a str,
    /// Number of the case in the policy, and of its version.
    pub number: (i64, i64),
    /// With which text.
    pub with: With,
    /// The case itself.
    pub content: &'a str,
    /// Why it changed; empty for a first version.
    pub reason: &'a str,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps versions of cases.
///
/// # Errors
/// When the text they are kept with is decided already, or the database refuses.
pub async fn add_cases(tx: &DatabaseTransaction, new: &[NewCase<'_>]) -> Result<(), DbErr> {
    let row = |case: &NewCase<'_>| {
        let (document, draft) = match case.with {
            With::Document(id) => (Some(id), None),
            With::Draft(id) => (None, Some(id)),
        };
        policy_case::ActiveModel {
            programme: Set(case.programme.to_owned()),
            case_no: Set(case.number.0),
            version: Set(case.number.1),
            policy_document_id: Set(document),
            draft_id: Set(draft),
            content: Set(case.content.to_owned()),
            reason: Set(case.reason.to_owned()),
            recorded_by: Set(case.by.0),
            recorded_holder: Set(case.by.1),
            recorded_at: Set(case.at),
            ..Default::default()
        }
    };
    insert_all(tx, new.iter().map(row)).await
}
