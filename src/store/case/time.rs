//! Files by what time makes of them: limits that are not known yet, files that are ripe, what was
//! done since a day.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Months, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::{CaseRow, scope};
use crate::domain::authority::Scope;
use crate::store::db::{expect_one_row, rows_per_statement};

/// The last file of each of these enterprises about its place on the list, by enterprise.
///
/// # Errors
/// When the database fails.
pub async fn places(
    conn: &impl ConnectionTrait,
    enterprises: &[i64],
) -> Result<HashMap<i64, CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    let mut found = HashMap::new();
    for ids in enterprises.chunks(rows_per_statement(1)) {
        let rows = Entity::find()
            .filter(Column::Kind.eq("key_enterprise"))
            .filter(Column::EnterpriseId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Id)
            .all(conn)
            .await?;
        found.extend(rows.into_iter().filter_map(|row| Some((row.enterprise_id?, row))));
    }
    Ok(found)
}

/// Which of these files saw one of some acts on `day` or later.
///
/// # Errors
/// When the database fails.
pub async fn done_since(
    conn: &impl ConnectionTrait,
    files: &[i64],
    acts: &[&str],
    day: NaiveDate,
) -> Result<HashSet<i64>, DbErr> {
    use entity::case_step::{Column, Entity};
    let mut found = HashSet::new();
    for ids in files.chunks(rows_per_statement(1)) {
        let rows: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::CaseId)
            .distinct()
            .filter(Column::CaseId.is_in(ids.iter().copied()))
            .filter(Column::Act.is_in(acts.iter().copied()))
            .filter(Column::OnDay.gte(day))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Files of a kind in some states whose limit is not known, locked.
///
/// # Errors
/// When the database fails.
pub async fn without_limit(
    tx: &DatabaseTransaction,
    kind: &str,
    states: &[&str],
) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::State.is_in(states.iter().copied()))
        .filter(Column::DueOn.is_null())
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .all(tx)
        .await
}

/// Writes down the limit of a file that had none.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody moved the file.
pub async fn set_limit(
    tx: &DatabaseTransaction,
    id: i64,
    steps: i64,
    last: NaiveDate,
) -> Result<(), DbErr> {
    use entity::case_file::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::DueOn, Expr::value(last))
        .filter(Column::Id.eq(id))
        .filter(Column::Steps.eq(steps))
        .filter(Column::DueOn.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// The files of a kind whose last day is `day` or later, locked in one order.
///
/// # Errors
/// When the database fails.
pub async fn due_from(
    tx: &DatabaseTransaction,
    kind: &str,
    day: NaiveDate,
) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    let rows = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::DueOn.gte(day));
    rows.order_by_asc(Column::Id).lock(LockType::Update).all(tx).await
}

/// Writes down another last day of a file.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody moved the file.
pub async fn move_limit(
    tx: &DatabaseTransaction,
    id: i64,
    steps: i64,
    last: Option<NaiveDate>,
) -> Result<(), DbErr> {
    use entity::case_file::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::DueOn, Expr::value(last))
        .filter(Column::Id.eq(id))
        .filter(Column::Steps.eq(steps))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Files that time may have made ripe for an act of the program.
#[derive(Debug, Clone, Default)]
pub struct Ripe<'a> {
    /// Kind.
    pub kind: &'a str,
    /// State.
    pub state: &'a str,
    /// Only those whose time in the state was over before this day.
    pub due_before: Option<NaiveDate>,
    /// Only those that were opened before this instant.
    pub opened_before: Option<DateTime<Utc>>,
    /// Only those about persons without any evidence in a stretch of time.
    pub unproven: Option<Unproven<'a>>,
}

/// A stretch of time for which the evidence of a city was read in.
#[derive(Debug, Clone, Copy)]
pub struct Unproven<'a> {
    /// The unit of the city in which the enterprises of the files lie.
    pub city_unit: &'a str,
    /// First day.
    pub from: NaiveDate,
    /// The first day after it.
    pub to: NaiveDate,
}

impl Unproven<'_> {
    fn condition(&self) -> Condition {
        use entity::case_file::{Column as File, Entity as Files};
        use entity::evidence_month::{Column, Entity};
        let there = Scope::City(self.city_unit.to_owned());
        let proved = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::PersonId.into_expr().equals((Files, File::PersonId)))
            .filter(Column::SupersededAt.is_null())
            .filter(Column::ValidFrom.gte(self.from))
            .filter(Column::ValidFrom.lt(self.to));
        Condition::all()
            .add(Expr::exists(proved.into_query()).not())
            .add(scope::enterprises(&there, File::EnterpriseId))
    }
}

/// Whether evidence of every month of the stretch was read in for somebody on the roster of the
/// city's enterprises.
///
/// # Errors
/// When the database fails.
pub async fn are_read_in(
    conn: &impl ConnectionTrait,
    wanted: &Unproven<'_>,
) -> Result<bool, DbErr> {
    use entity::evidence_month::{Column, Entity};
    use entity::roster_entry::{Column as Entry, Entity as Entries};
    let there = Scope::City(wanted.city_unit.to_owned());
    let on_roster = Entries::find()
        .select_only()
        .column(Entry::Id)
        .filter(Entry::PersonId.into_expr().equals((Entity, Column::PersonId)))
        .filter(Entry::SupersededAt.is_null())
        .filter(scope::enterprises(&there, Entry::EnterpriseId));
    let of_city = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::SupersededAt.is_null())
        .filter(Expr::exists(on_roster.into_query()))
        .limit(1);
    let mut first = wanted.from;
    while first < wanted.to {
        let of_month = of_city.clone().filter(Column::ValidFrom.eq(first));
        if of_month.into_tuple::<i64>().one(conn).await?.is_none() {
            return Ok(false);
        }
        let Some(next) = first.checked_add_months(Months::new(1)) else { break };
        first = next;
    }
    Ok(true)
}

/// The next of them after an identity, in order of identity: identities only.
///
/// # Errors
/// When the database fails.
pub async fn ripe(
    conn: &impl ConnectionTrait,
    wanted: &Ripe<'_>,
    after: i64,
    limit: u64,
) -> Result<Vec<i64>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Kind.eq(wanted.kind))
        .filter(Column::State.eq(wanted.state))
        .filter(
            Condition::all()
                .add_option(wanted.due_before.map(|day| Column::DueOn.lt(day)))
                .add_option(wanted.opened_before.map(|at| Column::OpenedAt.lt(at)))
                .add_option(wanted.unproven.map(|unproven| unproven.condition())),
        )
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}
