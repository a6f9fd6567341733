//! Talent programmes, nominations and their members. Places and results are facts
//! ([`super::fact`]); what is live of them is joined here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationDef,
};

use super::db::{expect_one_row, insert_all, rows_per_statement};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use crate::domain::registry::Code;
use crate::domain::talent_programme::{Nominee, Outcome};
use entity::{nomination, nomination_member, nomination_result, person, talent_programme};

pub use entity::nomination::Model as Nomination;
pub use entity::talent_programme::Model as Programme;

/// A programme to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewProgramme<'a> {
    /// Name.
    pub name: &'a str,
    /// Who runs it.
    pub owner: &'a str,
    /// Group of the conflict catalogue that its money belongs to.
    pub group_code: &'a str,
    /// Account that keeps it.
    pub by: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps a programme; returns its official number.
///
/// # Errors
/// When the name is taken, or the database refuses.
pub async fn add(tx: &DatabaseTransaction, new: &NewProgramme<'_>) -> Result<String, DbErr> {
    let programme_no = format!("PR{:03}", number::allocate(tx, "programme", 1).await?);
    let row = talent_programme::ActiveModel {
        programme_no: Set(programme_no.clone()),
        name: Set(new.name.to_owned()),
        owner: Set(new.owner.to_owned()),
        group_code: Set(new.group_code.to_owned()),
        recorded_by: Set(new.by),
        recorded_at: Set(new.at),
        ..Default::default()
    };
    talent_programme::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(programme_no)
}

/// All programmes, by number.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Programme>, DbErr> {
    talent_programme::Entity::find().order_by_asc(talent_programme::Column::Id).all(conn).await
}

/// A programme by its number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(conn: &impl ConnectionTrait, no: &str) -> Result<Option<Programme>, DbErr> {
    talent_programme::Entity::find()
        .filter(talent_programme::Column::ProgrammeNo.eq(no))
        .one(conn)
        .await
}

/// A nomination to file.
#[derive(Debug, Clone, Copy)]
pub struct NewNomination<'a> {
    /// Programme.
    pub programme_id: i64,
    /// Year.
    pub award_year: i64,
    /// A person or a team.
    pub nominee: Nominee,
    /// Who nominates.
    pub enterprise_id: i64,
    /// Name of the team, or the field of the person.
    pub title: &'a str,
    /// Account that files it.
    pub by: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Files a nomination of these persons, the leader first; returns its official number.
///
/// # Errors
/// When the database refuses.
pub async fn nominate(
    tx: &DatabaseTransaction,
    new: &NewNomination<'_>,
    members: &[i64],
) -> Result<String, DbErr> {
    let series = format!("nomination-{}", new.award_year);
    let number = number::allocate(tx, &series, 1).await?;
    let nomination_no = format!("NM{}-{number:04}", new.award_year);
    let row = nomination::ActiveModel {
        nomination_no: Set(nomination_no.clone()),
        programme_id: Set(new.programme_id),
        award_year: Set(new.award_year),
        nominee: Set(new.nominee.code().to_owned()),
        enterprise_id: Set(new.enterprise_id),
        title: Set(new.title.to_owned()),
        nominated_by: Set(new.by),
        nominated_at: Set(new.at),
        ..Default::default()
    };
    let id = nomination::Entity::insert(row).exec(tx).await?.last_insert_id;
    let member = |(place, person): (usize, &i64)| nomination_member::ActiveModel {
        nomination_id: Set(id),
        person_id: Set(*person),
        is_leader: Set(place == 0),
        ..Default::default()
    };
    insert_all(tx, members.iter().enumerate().map(member)).await?;
    Ok(nomination_no)
}

/// A nomination by its number within a scope, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    tx: &DatabaseTransaction,
    scope: &Scope,
    no: &str,
) -> Result<Option<Nomination>, DbErr> {
    nomination::Entity::find()
        .filter(nomination::Column::NominationNo.eq(no))
        .filter(scope::enterprises(scope, nomination::Column::EnterpriseId))
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// A nomination by its number within a scope.
///
/// # Errors
/// When the database fails.
pub async fn nomination(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    no: &str,
) -> Result<Option<Nomination>, DbErr> {
    nomination::Entity::find()
        .filter(nomination::Column::NominationNo.eq(no))
        .filter(scope::enterprises(scope, nomination::Column::EnterpriseId))
        .one(conn)
        .await
}

/// Takes a nomination back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was before.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    id: i64,
    (by, at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let done = nomination::Entity::update_many()
        .col_expr(nomination::Column::WithdrawnBy, Expr::value(by))
        .col_expr(nomination::Column::WithdrawnAt, Expr::value(at))
        .filter(nomination::Column::Id.eq(id))
        .filter(nomination::Column::WithdrawnAt.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Which nominations of a programme.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Programme.
    pub programme_id: i64,
    /// Year.
    pub award_year: i64,
    /// Persons or teams; all when none is given.
    pub nominee: Option<Nominee>,
    /// `None` all, `Some(None)` those without a result, `Some(Some(…))` those with this one.
    pub outcome: Option<Option<Outcome>>,
    /// Whose.
    pub scope: &'a Scope,
}

/// The nominations with a live result, or with a live result of one kind.
fn with_result(outcome: Option<Outcome>) -> SelectStatement {
    use nomination_result::Column;
    let live = nomination_result::Entity::find()
        .select_only()
        .column(Column::NominationId)
        .filter(Column::SupersededAt.is_null());
    match outcome {
        Some(outcome) => live.filter(Column::Outcome.eq(outcome.code())).into_query(),
        None => live.into_query(),
    }
}

fn conditions(wanted: Wanted<'_>) -> Condition {
    use nomination::Column;
    let judged = wanted.outcome.map(|outcome| match outcome {
        None => Column::Id.not_in_subquery(with_result(None)),
        one => Column::Id.in_subquery(with_result(one)),
    });
    Condition::all()
        .add(Column::ProgrammeId.eq(wanted.programme_id))
        .add(Column::AwardYear.eq(wanted.award_year))
        .add(Column::WithdrawnAt.is_null())
        .add(scope::enterprises(wanted.scope, Column::EnterpriseId))
        .add_option(wanted.nominee.map(|nominee| Column::Nominee.eq(nominee.code())))
        .add_option(judged)
}

/// A page of nominations by number, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn nominations(
    conn: &impl ConnectionTrait,
    wanted: Wanted<'_>,
    (offset, limit): (u64, u64),
) -> Result<(Vec<Nomination>, u64), DbErr> {
    let all = nomination::Entity::find().filter(conditions(wanted));
    let total = all.clone().count(conn).await?;
    let page = all.order_by_asc(nomination::Column::Id).offset(offset).limit(limit);
    Ok((page.all(conn).await?, total))
}

/// How many of a programme, year and kind of nominee.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Count {
    /// Programme.
    pub programme_id: i64,
    /// Year.
    pub award_year: i64,
    /// Code of the nominee.
    pub nominee: String,
    /// Nominations.
    pub number: i64,
}

/// How many nominations stand within a scope, or how many of them have this result.
///
/// # Errors
/// When the database fails.
pub async fn counts(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    outcome: Option<Outcome>,
) -> Result<Vec<Count>, DbErr> {
    use nomination::Column;
    let judged = outcome.map(|outcome| Column::Id.in_subquery(with_result(Some(outcome))));
    nomination::Entity::find()
        .select_only()
        .columns([Column::ProgrammeId, Column::AwardYear, Column::Nominee])
        .column_as(Column::Id.count(), "number")
        .filter(Column::WithdrawnAt.is_null())
        .filter(scope::enterprises(scope, Column::EnterpriseId))
        .filter(Condition::all().add_option(judged))
        .group_by(Column::ProgrammeId)
        .group_by(Column::AwardYear)
        .group_by(Column::Nominee)
        .into_model()
        .all(conn)
        .await
}

/// Somebody who is nominated.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Member {
    /// Nomination.
    pub nomination_id: i64,
    /// Person.
    pub person_id: i64,
    /// Official number of the person.
    pub person_no: String,
    /// Whether the person leads the team; true for a single one.
    pub is_leader: bool,
}

/// The members of nominations, each one's leader first.
///
/// # Errors
/// When the database fails.
pub async fn members(
    conn: &impl ConnectionTrait,
    nominations: &[i64],
) -> Result<HashMap<i64, Vec<Member>>, DbErr> {
    use nomination_member::Column;
    let to_person: RelationDef = nomination_member::Entity::belongs_to(person::Entity)
        .from(Column::PersonId)
        .to(person::Column::Id)
        .into();
    let mut found: HashMap<i64, Vec<Member>> = HashMap::new();
    for ids in nominations.chunks(rows_per_statement(1)) {
        let rows: Vec<Member> = nomination_member::Entity::find()
            .select_only()
            .columns([Column::NominationId, Column::PersonId, Column::IsLeader])
            .column(person::Column::PersonNo)
            .join(JoinType::InnerJoin, to_person.clone())
            .filter(Column::NominationId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Id)
            .into_model()
            .all(conn)
            .await?;
        for row in rows {
            found.entry(row.nomination_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// Which of these persons stand in a nomination of the programme and year already, with its
/// number.
///
/// # Errors
/// When the database fails.
pub async fn standing(
    conn: &impl ConnectionTrait,
    (programme_id, award_year, nominee): (i64, i64, Nominee),
    persons: &[i64],
) -> Result<Vec<(i64, String)>, DbErr> {
    use nomination::Column;
    let to_nomination: RelationDef = nomination_member::Entity::belongs_to(nomination::Entity)
        .from(nomination_member::Column::NominationId)
        .to(Column::Id)
        .into();
    nomination_member::Entity::find()
        .select_only()
        .column(nomination_member::Column::PersonId)
        .column(Column::NominationNo)
        .join(JoinType::InnerJoin, to_nomination)
        .filter(Column::ProgrammeId.eq(programme_id))
        .filter(Column::AwardYear.eq(award_year))
        .filter(Column::Nominee.eq(nominee.code()))
        .filter(Column::WithdrawnAt.is_null())
        .filter(nomination_member::Column::PersonId.is_in(persons.iter().copied()))
        .into_tuple()
        .all(conn)
        .await
}
