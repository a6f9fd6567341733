//! Merges of persons: which numbers are one person, since when, and what was proposed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::db::{expect_one_row, rows_per_statement};
use crate::store::stipend::OF_A_RUN;

/// Anything that can be asked: an open transaction or a plain connection.
pub use sea_orm::ConnectionTrait as Connection;

pub use entity::merge_request::Model as Request;
pub use entity::person_merge::Model as Merge;

/// A request that waits for a second person.
pub const OPEN: &str = "open";
/// Decided as proposed.
pub const CONFIRMED: &str = "confirmed";
/// Decided against.
pub const REJECTED: &str = "rejected";
/// A request to treat two persons as one.
pub const MERGE: &str = "merge";
/// A request to take a merge back.
pub const UNDO: &str = "undo";

/// Which persons lead and which are merged into them, at one instant.
#[derive(Debug, Clone, Default)]
pub struct Merges {
    leading: HashMap<i64, i64>,
    merged: HashMap<i64, Vec<i64>>,
}

impl Merges {
    fn of(rows: Vec<Merge>) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.leading.insert(row.merged_id, row.leading_id);
            all.merged.entry(row.leading_id).or_default().push(row.merged_id);
        }
        all
    }

    /// The person that leads this one; itself when nobody does.
    pub fn leading(&self, person: i64) -> i64 {
        self.leading.get(&person).copied().unwrap_or(person)
    }

    /// The persons that lead others, ascending.
    pub fn leaders(&self) -> impl Iterator<Item = i64> + use<> {
        let mut leaders: Vec<i64> = self.merged.keys().copied().collect();
        leaders.sort_unstable();
        leaders.into_iter()
    }

    /// Whether the person is merged into another.
    pub fn is_merged(&self, person: i64) -> bool {
        self.leading.contains_key(&person)
    }

    /// The persons merged into this one, in the order of their merges.
    pub fn merged_into(&self, person: i64) -> &[i64] {
        self.merged.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Everybody who is the same person as this one, the leading one first.
    pub fn group(&self, person: i64) -> Vec<i64> {
        let leading = self.leading(person);
        std::iter::once(leading).chain(self.merged_into(leading).iter().copied()).collect()
    }
}

/// In force at an instant, or now when none is given.
fn in_force(known_at: Option<DateTime<Utc>>) -> Condition {
    use entity::person_merge::Column;
    match known_at {
        None => Condition::all().add(Column::UndoneAt.is_null()),
        Some(at) => Condition::all()
            .add(Column::RecordedAt.lte(at))
            .add(Condition::any().add(Column::UndoneAt.is_null()).add(Column::UndoneAt.gt(at))),
    }
}

/// The merges in force at an instant, or now when none is given; they are few.
///
/// # Errors
/// When the database fails.
pub async fn merges(
    conn: &impl ConnectionTrait,
    known_at: Option<DateTime<Utc>>,
) -> Result<Merges, DbErr> {
    use entity::person_merge::{Column, Entity};
    let rows = Entity::find().filter(in_force(known_at)).order_by_asc(Column::Id).all(conn).await?;
    Ok(Merges::of(rows))
}

/// The merges in force at an instant that touch somebody of the groups of these persons.
///
/// # Errors
/// When the database fails.
pub async fn merges_about(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    known_at: Option<DateTime<Utc>>,
) -> Result<Merges, DbErr> {
    use entity::person_merge::{Column, Entity};
    let mut rows = Vec::new();
    for persons in persons.chunks(rows_per_statement(2)) {
        let leaders = Entity::find()
            .select_only()
            .column(Column::LeadingId)
            .filter(in_force(known_at))
            .filter(Column::MergedId.is_in(persons.iter().copied()));
        let about = Condition::any()
            .add(Column::LeadingId.is_in(persons.iter().copied()))
            .add(Column::LeadingId.in_subquery(sea_orm::QueryTrait::into_query(leaders)));
        let found = Entity::find().filter(in_force(known_at)).filter(about);
        rows.extend(found.order_by_asc(Column::Id).all(conn).await?);
    }
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    Ok(Merges::of(rows))
}

/// A merge to record.
#[derive(Debug, Clone)]
pub struct NewMerge<'a> {
    /// Official number.
    pub merge_no: &'a str,
    /// Who leads from now on.
    pub leading_id: i64,
    /// Whose number leads there.
    pub merged_id: i64,
    /// Why.
    pub reason: &'a str,
    /// The document that says so.
    pub source_id: i64,
    /// Who confirmed it.
    pub recorded_by: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Records a merge; returns its identity.
///
/// # Errors
/// When the merged person is merged already, or somebody would be merged into a merged person.
pub async fn record(tx: &DatabaseTransaction, new: &NewMerge<'_>) -> Result<i64, DbErr> {
    let row = entity::person_merge::ActiveModel {
        id: NotSet,
        merge_no: Set(new.merge_no.to_owned()),
        leading_id: Set(new.leading_id),
        merged_id: Set(new.merged_id),
        recorded_at: Set(new.recorded_at),
        recorded_by: Set(new.recorded_by),
        source_id: Set(new.source_id),
        reason: Set(new.reason.to_owned()),
        undone_at: Set(None),
        undone_source_id: Set(None),
    };
    Ok(entity::person_merge::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Ends a merge.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was undone before.
pub async fn undo(
    tx: &DatabaseTransaction,
    id: i64,
    at: DateTime<Utc>,
    source_id: i64,
) -> Result<(), DbErr> {
    use entity::person_merge::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::UndoneAt, Expr::value(at))
        .col_expr(Column::UndoneSourceId, Expr::value(source_id))
        .filter(Column::Id.eq(id))
        .filter(Column::UndoneAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The merge that a request led to.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, merge_no: &str) -> Result<Option<Merge>, DbErr> {
    use entity::person_merge::{Column, Entity};
    Entity::find().filter(Column::MergeNo.eq(merge_no)).one(conn).await
}

/// All merges ever, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Merge>, DbErr> {
    use entity::person_merge::{Column, Entity};
    Entity::find().order_by_desc(Column::Id).all(conn).await
}

/// A request to store.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// Official number.
    pub request_no: &'a str,
    /// [`MERGE`] or [`UNDO`].
    pub kind: &'static str,
    /// Who leads.
    pub leading_id: i64,
    /// Who is merged.
    pub merged_id: i64,
    /// The merge to undo.
    pub merge_id: Option<i64>,
    /// Why.
    pub reason: &'a str,
    /// Official number of the document.
    pub document_no: &'a str,
    /// Account that proposes, and the natural person behind it.
    pub proposed_by: (i64, i64),
    /// When.
    pub proposed_at: DateTime<Utc>,
}

/// Stores a request.
///
/// # Errors
/// When another one about the merged person is open.
pub async fn propose(tx: &DatabaseTransaction, new: &NewRequest<'_>) -> Result<(), DbErr> {
    let row = entity::merge_request::ActiveModel {
        id: NotSet,
        request_no: Set(new.request_no.to_owned()),
        kind: Set(new.kind.to_owned()),
        leading_id: Set(new.leading_id),
        merged_id: Set(new.merged_id),
        merge_id: Set(new.merge_id),
        reason: Set(new.reason.to_owned()),
        document_no: Set(new.document_no.to_owned()),
        proposed_by: Set(new.proposed_by.0),
        proposed_holder: Set(new.proposed_by.1),
        proposed_at: Set(new.proposed_at),
        state: Set(OPEN.to_owned()),
        decided_by: Set(None),
        decided_holder: Set(None),
        decided_at: Set(None),
        decision: Set(String::new()),
    };
    entity::merge_request::Entity::insert(row).exec(tx).await.map(|_| ())
}

/// A request by number, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock_request(
    tx: &DatabaseTransaction,
    request_no: &str,
) -> Result<Option<Request>, DbErr> {
    use entity::merge_request::{Column, Entity};
    let found = Entity::find().filter(Column::RequestNo.eq(request_no));
    found.lock(LockType::Update).one(tx).await
}

/// A request by number.
///
/// # Errors
/// When the database fails.
pub async fn request(
    conn: &impl ConnectionTrait,
    request_no: &str,
) -> Result<Option<Request>, DbErr> {
    use entity::merge_request::{Column, Entity};
    Entity::find().filter(Column::RequestNo.eq(request_no)).one(conn).await
}

/// The requests to undo a merge, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn undo_requests(
    conn: &impl ConnectionTrait,
    merge_id: i64,
) -> Result<Vec<Request>, DbErr> {
    use entity::merge_request::{Column, Entity};
    Entity::find()
        .filter(Column::Kind.eq(UNDO))
        .filter(Column::MergeId.eq(merge_id))
        .order_by_desc(Column::Id)
        .all(conn)
        .await
}

/// The open requests, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open_requests(conn: &impl ConnectionTrait) -> Result<Vec<Request>, DbErr> {
    use entity::merge_request::{Column, Entity};
    Entity::find().filter(Column::State.eq(OPEN)).order_by_asc(Column::Id).all(conn).await
}

/// What a second person decided.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// [`CONFIRMED`] or [`REJECTED`].
    pub state: &'static str,
    /// The merge that it led to or ended.
    pub merge_id: Option<i64>,
    /// Account that decides, and the natural person behind it.
    pub decided_by: (i64, i64),
    /// When.
    pub decided_at: DateTime<Utc>,
    /// In the decider's words; may be empty.
    pub text: &'a str,
}

/// Decides an open request.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody decided it first; when the proposer confirms.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    decision: &Decision<'_>,
) -> Result<(), DbErr> {
    use entity::merge_request::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(decision.state))
        .col_expr(Column::MergeId, Expr::value(decision.merge_id))
        .col_expr(Column::DecidedBy, Expr::value(decision.decided_by.0))
        .col_expr(Column::DecidedHolder, Expr::value(decision.decided_by.1))
        .col_expr(Column::DecidedAt, Expr::value(decision.decided_at))
        .col_expr(Column::Decision, Expr::value(decision.text))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(OPEN))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// A year with a standing result of one of these persons, and whether a complete run of it has
/// used knowledge of `since` or later.
///
/// # Errors
/// When the database fails.
pub async fn affected_years(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    since: DateTime<Utc>,
) -> Result<Vec<(i64, bool)>, DbErr> {
    use entity::compute_run::{Column as R, Entity as Runs};
    use entity::entitlement::{Column as E, Entity as Entitlements};
    let years: Vec<i64> = Entitlements::find()
        .select_only()
        .column(E::AwardYear)
        .distinct()
        .filter(E::PersonId.is_in(persons.iter().copied()))
        .filter(E::SupersededAt.is_null())
        .filter(E::SubjectNo.eq(OF_A_RUN))
        .order_by_desc(E::AwardYear)
        .into_tuple()
        .all(conn)
        .await?;
    let done: Vec<i64> = Runs::find()
        .select_only()
        .column(R::AwardYear)
        .distinct()
        .filter(R::State.eq("completed"))
        .filter(R::FactsKnownAt.gte(since))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(years.into_iter().map(|year| (year, done.contains(&year))).collect())
}

/// Whether any computation is queued or under way, or uses knowledge of this very second: what is
/// recorded now could then be taken for part of it.
///
/// # Errors
/// When the database fails.
pub async fn is_computing(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    use entity::compute_run::{Column, Entity};
    let live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(
            Condition::any()
                .add(Column::State.is_in(["queued", "running"]))
                .add(Column::FactsKnownAt.gte(now)),
        )
        .into_tuple::<i64>()
        .one(conn)
        .await?;
    Ok(live.is_some())
}
