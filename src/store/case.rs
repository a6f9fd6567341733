//! Files that move through offices: where each stands, and every act on it.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, NullOrdering};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::db::expect_one_row;
use super::directory::scope;
use crate::domain::authority::Scope;

pub use entity::case_file::Model as CaseRow;
pub use entity::case_step::Model as StepRow;

/// A new file.
#[derive(Debug, Clone)]
pub struct NewCase<'a> {
    /// Official number.
    pub case_no: &'a str,
    /// Kind of file.
    pub kind: &'a str,
    /// Enterprise that it belongs to.
    pub enterprise_id: Option<i64>,
    /// Person that it is about.
    pub person_id: Option<i64>,
    /// What it is about, in words without numbers of documents.
    pub about: &'a str,
    /// First state.
    pub state: &'a str,
    /// First day.
    pub since: NaiveDate,
    /// Last day of the first state.
    pub due_on: Option<NaiveDate>,
    /// Account that opens it.
    pub opened_by: i64,
    /// When.
    pub opened_at: DateTime<Utc>,
}

/// Opens a file; returns its identity.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &DatabaseTransaction, new: &NewCase<'_>) -> Result<i64, DbErr> {
    let row = entity::case_file::ActiveModel {
        case_no: Set(new.case_no.to_owned()),
        kind: Set(new.kind.to_owned()),
        enterprise_id: Set(new.enterprise_id),
        person_id: Set(new.person_id),
        about: Set(new.about.to_owned()),
        state: Set(new.state.to_owned()),
        steps: Set(0),
        since: Set(new.since),
        due_on: Set(new.due_on),
        opened_by: Set(new.opened_by),
        opened_at: Set(new.opened_at),
        ..Default::default()
    };
    Ok(entity::case_file::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Files in scope: those of its enterprises. An enterprise is not told who objects to what.
pub(super) fn visible(scope: &Scope) -> Condition {
    use entity::case_file::Column;
    let own = scope::own_enterprise(scope).map(|_| Column::Kind.ne("objection"));
    scope::enterprises(scope, Column::EnterpriseId).add_option(own)
}

/// A file by its number, if the scope covers it.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    case_no: &str,
) -> Result<Option<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find().filter(Column::CaseNo.eq(case_no)).filter(visible(scope)).one(conn).await
}

/// Files by identity.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await
}

/// The same file once nobody else can move it.
///
/// # Errors
/// When the database fails or the file is gone.
pub async fn lock(tx: &DatabaseTransaction, id: i64) -> Result<CaseRow, DbErr> {
    let found = entity::case_file::Entity::find_by_id(id).lock(LockType::Update).one(tx).await?;
    found.ok_or_else(|| DbErr::RecordNotFound(format!("case {id}")))
}

/// The acts on a file, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn steps(conn: &impl ConnectionTrait, case_id: i64) -> Result<Vec<StepRow>, DbErr> {
    use entity::case_step::{Column, Entity};
    Entity::find().filter(Column::CaseId.eq(case_id)).order_by_asc(Column::Seq).all(conn).await
}

/// An act to be recorded.
#[derive(Debug, Clone)]
pub struct NewStep<'a> {
    /// Which.
    pub act: &'a str,
    /// From this state.
    pub from: &'a str,
    /// To this.
    pub to: &'a str,
    /// On this day.
    pub on: NaiveDate,
    /// At this instant.
    pub at: DateTime<Utc>,
    /// In which role.
    pub hand: &'a str,
    /// By whom: account and natural person; `None` by the program.
    pub by: Option<(i64, i64)>,
    /// In their words; may be empty.
    pub remark: &'a str,
    /// What was handed in, a JSON object.
    pub evidence: &'a str,
    /// First day in the state afterwards.
    pub since: NaiveDate,
    /// Last day there.
    pub due_on: Option<NaiveDate>,
}

/// Records an act and moves the file.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody else moved it first.
pub async fn step(tx: &DatabaseTransaction, row: &CaseRow, new: &NewStep<'_>) -> Result<(), DbErr> {
    use entity::case_file::{Column, Entity};
    let seq = row.steps + 1;
    let moved = Entity::update_many()
        .col_expr(Column::State, Expr::value(new.to))
        .col_expr(Column::Steps, Expr::value(seq))
        .col_expr(Column::Since, Expr::value(new.since))
        .col_expr(Column::DueOn, Expr::value(new.due_on))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Steps.eq(row.steps))
        .exec(tx)
        .await?;
    expect_one_row(moved.rows_affected)?;
    let step = entity::case_step::ActiveModel {
        case_id: Set(row.id),
        seq: Set(seq),
        act: Set(new.act.to_owned()),
        from_state: Set(new.from.to_owned()),
        to_state: Set(new.to.to_owned()),
        on_day: Set(new.on),
        at: Set(new.at),
        hand: Set(new.hand.to_owned()),
        account_id: Set(new.by.map(|(account, _)| account)),
        holder_id: Set(new.by.map(|(_, holder)| holder)),
        remark: Set(new.remark.to_owned()),
        evidence: Set(new.evidence.to_owned()),
        ..Default::default()
    };
    entity::case_step::Entity::insert(step).exec_without_returning(tx).await?;
    Ok(())
}

/// Which files to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What the reader may see.
    pub scope: Scope,
    /// Kind and states; none lets every file through.
    pub any_of: Option<Vec<(&'static str, Vec<&'static str>)>>,
    /// Enterprise.
    pub enterprise_id: Option<i64>,
    /// Only those whose time was over on this day.
    pub overdue_on: Option<NaiveDate>,
}

impl Filter {
    fn condition(&self) -> Condition {
        use entity::case_file::Column;
        let none = || Condition::any().add(Expr::val(1).eq(0));
        let among = self.any_of.as_ref().map(|kinds| {
            kinds.iter().fold(none(), |any, (kind, states)| {
                let of_kind = Condition::all().add(Column::Kind.eq(*kind));
                any.add(of_kind.add(Column::State.is_in(states.iter().copied())))
            })
        });
        visible(&self.scope)
            .add_option(among)
            .add_option(self.enterprise_id.map(|id| Column::EnterpriseId.eq(id)))
            .add_option(self.overdue_on.map(|day| Column::DueOn.lt(day)))
    }
}

/// A page of files, the most urgent first; those without a limit last.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find()
        .filter(filter.condition())
        .order_by_with_nulls(Column::DueOn, Order::Asc, NullOrdering::Last)
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(conn)
        .await
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: &Filter) -> Result<u64, DbErr> {
    entity::case_file::Entity::find().filter(filter.condition()).count(conn).await
}
