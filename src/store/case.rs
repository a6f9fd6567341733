//! Files that move through offices: where each stands, and every act on it.

pub mod cosign;
pub mod message;
mod time;

pub use time::{
    Ripe, Unproven, are_read_in, done_since, due_from, move_limit, places, ripe, set_limit,
    without_limit,
};

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, NullOrdering};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::db::{insert_all, rows_per_statement, update_all};
use super::directory::scope;
use super::extent::{Extent, extent};
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
    Ok(entity::case_file::Entity::insert(row_of(new)).exec(tx).await?.last_insert_id)
}

fn row_of(new: &NewCase<'_>) -> entity::case_file::ActiveModel {
    entity::case_file::ActiveModel {
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
    }
}

/// Opens many files; returns their identities in the same order.
///
/// # Errors
/// When the database refuses.
pub async fn open_all(tx: &DatabaseTransaction, new: &[NewCase<'_>]) -> Result<Vec<i64>, DbErr> {
    use entity::case_file::{Column, Entity};
    insert_all(tx, new.iter().map(row_of)).await?;
    let mut ids = HashMap::with_capacity(new.len());
    for chunk in new.chunks(rows_per_statement(1)) {
        let numbers = chunk.iter().map(|case| case.case_no);
        let found: Vec<(String, i64)> = Entity::find()
            .select_only()
            .columns([Column::CaseNo, Column::Id])
            .filter(Column::CaseNo.is_in(numbers))
            .into_tuple()
            .all(tx)
            .await?;
        ids.extend(found);
    }
    let missing = |no: &str| DbErr::RecordNotFound(format!("case {no}"));
    new.iter()
        .map(|case| ids.get(case.case_no).copied().ok_or_else(|| missing(case.case_no)))
        .collect()
}

/// Files in scope: those of its enterprises. An enterprise is not told who objects to what, nor what
/// a person owes: another employer may have a part in it.
pub(super) fn visible(scope: &Scope) -> Condition {
    use entity::case_file::Column;
    let own =
        scope::own_enterprise(scope).map(|_| Column::Kind.is_not_in(["objection", "recovery"]));
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

/// Those of these numbers whose files the scope covers.
///
/// # Errors
/// When the database fails.
pub async fn visible_among(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    case_nos: &[&str],
) -> Result<Vec<String>, DbErr> {
    use entity::case_file::{Column, Entity};
    let wanted = visible(scope).add(Column::CaseNo.is_in(case_nos.iter().copied()));
    let numbers = Entity::find().select_only().column(Column::CaseNo).filter(wanted);
    numbers.into_tuple().all(conn).await
}

/// Kind of the file with a number.
///
/// # Errors
/// When the database fails.
pub async fn kind_of(conn: &impl ConnectionTrait, case_no: &str) -> Result<Option<String>, DbErr> {
    use entity::case_file::{Column, Entity};
    let kind = Entity::find().select_only().column(Column::Kind);
    kind.filter(Column::CaseNo.eq(case_no)).into_tuple().one(conn).await
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

/// The files with these numbers in scope, locked in one order, by number.
///
/// # Errors
/// When the database fails.
pub async fn lock_by_no(
    tx: &DatabaseTransaction,
    scope: &Scope,
    case_nos: &[&str],
) -> Result<BTreeMap<String, CaseRow>, DbErr> {
    use entity::case_file::Column;
    let mut rows = BTreeMap::new();
    for numbers in case_nos.chunks(rows_per_statement(1)) {
        let wanted = visible(scope).add(Column::CaseNo.is_in(numbers.iter().copied()));
        rows.extend(locked(tx, wanted).await?.into_iter().map(|row| (row.case_no.clone(), row)));
    }
    Ok(rows)
}

/// The files with these identities, locked in one order.
///
/// # Errors
/// When the database fails.
pub async fn lock_all(tx: &DatabaseTransaction, ids: &[i64]) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::Column;
    let mut rows = Vec::with_capacity(ids.len());
    for ids in ids.chunks(rows_per_statement(1)) {
        let wanted = Condition::all().add(Column::Id.is_in(ids.iter().copied()));
        rows.extend(locked(tx, wanted).await?);
    }
    Ok(rows)
}

async fn locked(tx: &DatabaseTransaction, wanted: Condition) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    Entity::find().filter(wanted).order_by_asc(Column::Id).lock(LockType::Update).all(tx).await
}

/// The acts on many files, oldest first, by file.
///
/// # Errors
/// When the database fails.
pub async fn steps_of(
    conn: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<StepRow>>, DbErr> {
    use entity::case_step::{Column, Entity};
    let mut steps: HashMap<i64, Vec<StepRow>> = HashMap::new();
    for ids in ids.chunks(rows_per_statement(1)) {
        let of = Entity::find().filter(Column::CaseId.is_in(ids.iter().copied()));
        for step in of.order_by_asc(Column::Seq).all(conn).await? {
            steps.entry(step.case_id).or_default().push(step);
        }
    }
    Ok(steps)
}

/// The files of a kind about these persons, in these states.
///
/// # Errors
/// When the database fails.
pub async fn about_persons(
    conn: &impl ConnectionTrait,
    kind: &str,
    states: &[&str],
    person_ids: &[i64],
) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    let mut rows = Vec::new();
    for ids in person_ids.chunks(rows_per_statement(1)) {
        let found = Entity::find()
            .filter(Column::Kind.eq(kind))
            .filter(Column::State.is_in(states.iter().copied()))
            .filter(Column::PersonId.is_in(ids.iter().copied()));
        rows.extend(found.order_by_asc(Column::Id).all(conn).await?);
    }
    Ok(rows)
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
    /// In whose name: account and natural person; `None` in one's own.
    pub behalf: Option<(i64, i64)>,
    /// In their words; may be empty.
    pub remark: &'a str,
    /// What was handed in, a JSON object.
    pub evidence: &'a str,
    /// First day in the state afterwards.
    pub since: NaiveDate,
    /// Last day there.
    pub due_on: Option<NaiveDate>,
}

/// Records an act on each of some files and moves them.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody else moved one of them first.
pub async fn step_all(
    tx: &DatabaseTransaction,
    moved: &[(&CaseRow, NewStep<'_>)],
) -> Result<(), DbErr> {
    use entity::case_file::{Column, Entity};
    let mut alike: BTreeMap<(&str, i64, NaiveDate, Option<NaiveDate>), Vec<i64>> = BTreeMap::new();
    for (row, new) in moved {
        alike.entry((new.to, row.steps, new.since, new.due_on)).or_default().push(row.id);
    }
    for ((to, steps, since, due_on), ids) in alike {
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value(to))
            .col_expr(Column::Steps, Expr::value(steps + 1))
            .col_expr(Column::Since, Expr::value(since))
            .col_expr(Column::DueOn, Expr::value(due_on))
            .filter(Column::Steps.eq(steps));
        update_all(tx, &update, Column::Id, &ids).await?;
    }
    let step = |(row, new): &(&CaseRow, NewStep<'_>)| entity::case_step::ActiveModel {
        case_id: Set(row.id),
        seq: Set(row.steps + 1),
        act: Set(new.act.to_owned()),
        from_state: Set(new.from.to_owned()),
        to_state: Set(new.to.to_owned()),
        on_day: Set(new.on),
        at: Set(new.at),
        hand: Set(new.hand.to_owned()),
        account_id: Set(new.by.map(|(account, _)| account)),
        holder_id: Set(new.by.map(|(_, holder)| holder)),
        for_account_id: Set(new.behalf.map(|(account, _)| account)),
        for_holder_id: Set(new.behalf.map(|(_, holder)| holder)),
        remark: Set(new.remark.to_owned()),
        evidence: Set(new.evidence.to_owned()),
        ..Default::default()
    };
    insert_all(tx, moved.iter().map(step)).await
}

/// Kinds and their states.
pub type KindStates = Vec<(&'static str, Vec<&'static str>)>;

/// What somebody sees in one capacity.
#[derive(Debug, Clone)]
pub struct Desk {
    /// What may be seen.
    pub scope: Scope,
    /// Kind and states; none lets every file through.
    pub any_of: Option<KindStates>,
    /// Only this file.
    pub case_id: Option<i64>,
    /// Only files that this account is asked to sign and has not answered.
    pub signer: Option<i64>,
}

impl Desk {
    /// `due_before`: only what has to be done before this day, here by the limit of the file, for
    /// a signer by that of the request.
    fn condition(&self, due_before: Option<NaiveDate>) -> Condition {
        use entity::case_file::Column;
        let seen = visible(&self.scope)
            .add_option(self.any_of.as_ref().map(among))
            .add_option(self.case_id.map(|id| Column::Id.eq(id)));
        match self.signer {
            Some(account) => seen.add(Column::Id.in_subquery(cosign::asked(account, due_before))),
            None => seen.add_option(due_before.map(|day| Column::DueOn.lt(day))),
        }
    }
}

fn among(kinds: &KindStates) -> Condition {
    use entity::case_file::Column;
    let none = Condition::any().add(Expr::val(1).eq(0));
    kinds.iter().fold(none, |any, (kind, states)| {
        let of_kind = Condition::all().add(Column::Kind.eq(*kind));
        any.add(of_kind.add(Column::State.is_in(states.iter().copied())))
    })
}

/// Which files to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What the reader sees in each capacity; a file of any of them is listed.
    pub desks: Vec<Desk>,
    /// Among these kinds and states.
    pub among: Option<KindStates>,
    /// Code or part of the name of the enterprise.
    pub enterprise: Option<String>,
    /// Only of enterprises in this region.
    pub region: Option<Scope>,
    /// Only those whose last day, for whoever looks at them, is before this one.
    pub due_before: Option<NaiveDate>,
}

impl Filter {
    fn condition(&self) -> Condition {
        use entity::case_file::Column;
        let nothing = Condition::any().add(Expr::val(1).eq(0));
        let due = self.due_before;
        let desks = self.desks.iter().fold(nothing, |any, desk| any.add(desk.condition(due)));
        Condition::all()
            .add(desks)
            .add_option(self.among.as_ref().map(among))
            .add_option(self.enterprise.as_deref().map(of_enterprise))
            .add_option(self.region.as_ref().map(|r| scope::enterprises(r, Column::EnterpriseId)))
    }
}

/// Of enterprises with this code, or with this text in a name they have.
fn of_enterprise(text: &str) -> Condition {
    use entity::case_file::Column;
    let coded = entity::enterprise::Entity::find()
        .select_only()
        .column(entity::enterprise::Column::Id)
        .filter(entity::enterprise::Column::Uscc.eq(text));
    let named = entity::enterprise_name::Entity::find()
        .select_only()
        .column(entity::enterprise_name::Column::EnterpriseId)
        .filter(entity::enterprise_name::Column::SupersededAt.is_null())
        .filter(entity::enterprise_name::Column::Name.contains(text));
    Condition::any()
        .add(Column::EnterpriseId.in_subquery(coded.into_query()))
        .add(Column::EnterpriseId.in_subquery(named.into_query()))
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

/// Up to `limit` files opened after the one with the identity `after`, in that order: for reading
/// everything.
///
/// # Errors
/// When the database fails.
pub async fn after(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    after: i64,
    limit: u64,
) -> Result<Vec<CaseRow>, DbErr> {
    use entity::case_file::{Column, Entity};
    let rest = Entity::find().filter(filter.condition()).filter(Column::Id.gt(after));
    rest.order_by_asc(Column::Id).limit(limit).all(conn).await
}

/// How long the list is.
///
/// # Errors
/// When the database fails.
pub async fn length(conn: &impl ConnectionTrait, filter: &Filter) -> Result<Extent, DbErr> {
    extent(conn, entity::case_file::Entity::find().filter(filter.condition())).await
}

/// How many there are, all of them counted.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: &Filter) -> Result<u64, DbErr> {
    entity::case_file::Entity::find().filter(filter.condition()).count(conn).await
}
