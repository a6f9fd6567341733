//! Facts about a decided year that changed since it was computed.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::run::COMPLETED;
use crate::domain::catalogue::{PAID_BACK, STIPEND};
use crate::store::db::query;
use entity::year_drift::{ActiveModel, Column, Entity};

pub use entity::year_drift::Model as Drift;

/// Facts about persons that a computation reads, each with a valid period.
const OF_PERSONS: [&str; 5] =
    ["roster_entry", "employment", "suspension", "exclusion", "evidence_month"];
/// Facts about enterprises that a computation reads.
const OF_ENTERPRISES: [&str; 2] = ["listing", "enterprise_division"];

/// A decided year and what its last computation knew.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct DecidedYear {
    /// Award year.
    pub award_year: i64,
    /// Instant of knowledge of the last computation that was completed.
    pub known_at: DateTime<Utc>,
    /// When that ended.
    pub finished_at: DateTime<Utc>,
}

/// The years that were computed, the last first.
///
/// # Errors
/// When the database fails.
pub async fn decided(
    conn: &impl ConnectionTrait,
    programme: &str,
) -> Result<Vec<DecidedYear>, DbErr> {
    use entity::compute_run::{Column as Run, Entity as Runs};
    Runs::find()
        .select_only()
        .column(Run::AwardYear)
        .column_as(Run::FactsKnownAt.max(), "known_at")
        .column_as(Run::FinishedAt.max(), "finished_at")
        .filter(Run::Programme.eq(programme))
        .filter(Run::State.eq(COMPLETED))
        .group_by(Run::AwardYear)
        .order_by_desc(Run::AwardYear)
        .into_model()
        .all(conn)
        .await
}

/// How many persons have facts about a year that were stated or ended after its computation: their
/// own, and those of the enterprises on whose roster they are; and whose noted receipt of a recovery
/// waited while it was computed and is decided now.
///
/// # Errors
/// When the database fails.
pub async fn changed_since(
    conn: &impl ConnectionTrait,
    (programme, year): (&str, i32),
    decided: &DecidedYear,
) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        persons: i64,
    }
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX);
    let newer = |table: &str| format!("({table}.recorded_at > $1 OR {table}.superseded_at > $1)");
    let in_year = |table: &str| {
        format!("{table}.valid_from < $3 AND ({table}.valid_to IS NULL OR {table}.valid_to > $2)")
    };
    let own = OF_PERSONS.map(|table| {
        format!("SELECT person_id FROM {table} WHERE {} AND {}", newer(table), in_year(table))
    });
    let of_employers = OF_ENTERPRISES.map(|table| {
        format!(
            "SELECT e.person_id FROM roster_entry e JOIN {table} ON {table}.enterprise_id = \
             e.enterprise_id WHERE {} AND {} AND {}",
            newer(table),
            in_year(table),
            in_year("e")
        )
    });
    let awards = format!(
        "SELECT person_id FROM other_award WHERE {} AND award_year = $4",
        newer("other_award")
    );
    let receipts = "SELECT r.person_id FROM recovery_entry b JOIN recovery r ON r.id = b.recovery_id \
         WHERE b.kind = 'repaid' AND b.recorded_at <= $5 AND b.decided_at >= $1 AND r.award_year = $4 \
         AND r.programme = $6";
    let all: Vec<String> = own
        .into_iter()
        .chain(of_employers)
        .chain([awards, receipts.to_owned()])
        .chain(of_streams())
        .collect();
    let sql = format!("SELECT COUNT(*) AS persons FROM ({}) changed", all.join(" UNION "));
    let values = [
        decided.known_at.into(),
        day(year).into(),
        day(year + 1).into(),
        i64::from(year).into(),
        decided.finished_at.into(),
        programme.into(),
    ];
    let counted: Vec<Count> = query(conn, &sql, values).await?;
    Ok(counted.first().map_or(0, |count| count.persons))
}

/// What other streams granted or took back since, of persons who are on a roster under any of their
/// numbers, and what the conflict catalogue says since of an award that somebody has.
fn of_streams() -> [String; 3] {
    let engineer = "EXISTS (SELECT 1 FROM roster_entry e WHERE e.person_id = g.person_id \
                    OR e.person_id IN (SELECT m.leading_id FROM person_merge m \
                    WHERE m.merged_id = g.person_id AND m.undone_at IS NULL))";
    let granted = format!(
        "SELECT g.person_id FROM entitlement g WHERE g.subject_no <> '' AND g.award_year = $4 \
         AND g.programme <> '{PAID_BACK}' AND (g.recorded_at > $1 OR g.superseded_at > $1) \
         AND {engineer}"
    );
    let entry = format!(
        "FROM catalogue_entry c WHERE c.award_year = $4 AND c.counterpart = '{STIPEND}' \
         AND c.accepted AND c.decided_at > $1"
    );
    let of_awards = format!(
        "SELECT g.person_id FROM other_award g WHERE g.superseded_at IS NULL AND g.award_year = $4 \
         AND g.exclusive_group IN (SELECT c.group_code {entry})"
    );
    let of_grants = format!(
        "SELECT g.person_id FROM entitlement g WHERE g.subject_no <> '' AND g.award_year = $4 \
         AND g.superseded_at IS NULL AND g.programme IN (SELECT c.group_code {entry}) \
         AND {engineer}"
    );
    [granted, of_awards, of_grants]
}

/// Notes what was counted of a year.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &DatabaseTransaction,
    (programme, award_year): (&str, i64),
    persons: i64,
    counted_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        programme: Set(programme.to_owned()),
        award_year: Set(award_year),
        persons: Set(persons),
        counted_at: Set(counted_at),
        ..Default::default()
    };
    let again = OnConflict::columns([Column::Programme, Column::AwardYear])
        .update_columns([Column::Persons, Column::CountedAt])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// What was counted last, by year, the last first.
///
/// # Errors
/// When the database fails.
pub async fn noted(conn: &impl ConnectionTrait, programme: &str) -> Result<Vec<Drift>, DbErr> {
    let of = Entity::find().filter(Column::Programme.eq(programme));
    of.order_by_desc(Column::AwardYear).all(conn).await
}
