//! What offices ask to be changed about stated facts, before and after another person looked.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::account_filing::Whose;
use super::db::{Verdict, decide as decide_proposal};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use crate::domain::period::Period;
use entity::change_request::{ActiveModel, Column, Entity};

pub use entity::change_request::Model as Request;

/// Something asked for.
#[derive(Debug)]
pub struct NewRequest<'a> {
    /// Code of what is to be done.
    pub act: &'static str,
    /// Table and version of the fact it is about, when it is about one.
    pub fact: Option<(&'static str, i64)>,
    /// Whose fact it is.
    pub whose: Whose,
    /// First and last day that are asked for, as far as the act has them.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// The period that held when it was asked for.
    pub held: Option<Period>,
    /// What excludes; empty for anything else.
    pub ground: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Number of the document.
    pub document_no: &'a str,
    /// Account and natural person who ask.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts a request down; its official number.
///
/// # Errors
/// When another one about the same fact, or the same act about the same owner, waits; when the
/// database refuses.
pub async fn ask(tx: &DatabaseTransaction, new: &NewRequest<'_>) -> Result<String, DbErr> {
    let no = format!("BG{:06}", number::allocate(tx, "change_request", 1).await?);
    let (person_id, enterprise_id) = match new.whose {
        Whose::Person(id) => (Some(id), None),
        Whose::Enterprise(id) => (None, Some(id)),
    };
    let row = ActiveModel {
        request_no: Set(no.clone()),
        act: Set(new.act.to_owned()),
        fact_kind: Set(new.fact.map_or("", |(kind, _)| kind).to_owned()),
        fact_id: Set(new.fact.map(|(_, id)| id)),
        person_id: Set(person_id),
        enterprise_id: Set(enterprise_id),
        first_day: Set(new.days.0),
        last_day: Set(new.days.1),
        held_from: Set(new.held.map(|held| held.from)),
        held_through: Set(new.held.and_then(|held| held.through)),
        ground: Set(new.ground.to_owned()),
        reason: Set(new.reason.to_owned()),
        document_no: Set(new.document_no.to_owned()),
        asked_by: Set(new.by.0),
        asked_holder: Set(new.by.1),
        asked_at: Set(new.at),
        note: Set(String::new()),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(no)
}

/// The request that stands in the way of another one: about the same fact, or for the same act
/// about the same owner.
///
/// # Errors
/// When the database fails.
pub async fn open_beside(
    conn: &impl ConnectionTrait,
    act: &str,
    fact: Option<(&str, i64)>,
    whose: Whose,
) -> Result<Option<Request>, DbErr> {
    let same = match fact {
        Some((kind, id)) => {
            Condition::all().add(Column::FactKind.eq(kind)).add(Column::FactId.eq(id))
        }
        None => of(whose).add(Column::Act.eq(act)).add(Column::FactId.is_null()),
    };
    open().filter(same).one(conn).await
}

/// A request by its number within a scope.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    no: &str,
) -> Result<Option<Request>, DbErr> {
    Entity::find().filter(Column::RequestNo.eq(no)).filter(within(scope)).one(conn).await
}

/// The same, locked for the rest of the transaction: of two who decide at once, one waits.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    tx: &DatabaseTransaction,
    scope: &Scope,
    no: &str,
) -> Result<Option<Request>, DbErr> {
    let Some(found) = by_no(tx, scope, no).await? else { return Ok(None) };
    Entity::find_by_id(found.id).lock(LockType::Update).one(tx).await
}

/// How many requests a scope has, waiting or decided, and some of them: those that wait longest
/// first, the last decided first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    waiting: bool,
    (offset, limit): (u64, u64),
) -> Result<(u64, Vec<Request>), DbErr> {
    let all = if waiting { open() } else { Entity::find().filter(Column::DecidedAt.is_not_null()) };
    let all = all.filter(within(scope));
    let total = all.clone().count(conn).await?;
    let ordered = if waiting {
        all.order_by_asc(Column::Id)
    } else {
        all.order_by_desc(Column::DecidedAt).order_by_desc(Column::Id)
    };
    Ok((total, ordered.offset(offset).limit(limit).all(conn).await?))
}

/// How many wait in a scope that somebody else than `holder` asked for.
///
/// # Errors
/// When the database fails.
pub async fn count_open(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    holder: i64,
) -> Result<i64, DbErr> {
    let of_others = open().filter(Column::AskedHolder.ne(holder)).filter(within(scope));
    Ok(i64::try_from(of_others.count(conn).await?).unwrap_or(i64::MAX))
}

/// What waits about a person or an enterprise, by official number, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open_about(
    conn: &impl ConnectionTrait,
    (is_person, no): (bool, &str),
) -> Result<Vec<Request>, DbErr> {
    use entity::{enterprise, person};
    let about = if is_person {
        let id = person::Entity::find().select_only().column(person::Column::Id);
        let id = id.filter(person::Column::PersonNo.eq(no)).into_query();
        Column::PersonId.in_subquery(id)
    } else {
        let id = enterprise::Entity::find().select_only().column(enterprise::Column::Id);
        let id = id.filter(enterprise::Column::Uscc.eq(no)).into_query();
        Column::EnterpriseId.in_subquery(id)
    };
    open().filter(about).order_by_asc(Column::Id).all(conn).await
}

/// The official number of whom a request is about.
///
/// # Errors
/// When the row names nobody.
pub async fn subject_no(conn: &impl ConnectionTrait, row: &Request) -> Result<String, DbErr> {
    let missing = || DbErr::RecordNotFound(format!("subject of request {}", row.request_no));
    match whose(row)? {
        Whose::Person(id) => {
            let found = entity::person::Entity::find_by_id(id).one(conn).await?;
            Ok(found.ok_or_else(missing)?.person_no)
        }
        Whose::Enterprise(id) => {
            let found = entity::enterprise::Entity::find_by_id(id).one(conn).await?;
            Ok(found.ok_or_else(missing)?.uscc)
        }
    }
}

/// Whom a request is about.
///
/// # Errors
/// When the row names nobody.
pub fn whose(row: &Request) -> Result<Whose, DbErr> {
    let person = row.person_id.map(Whose::Person);
    person
        .or_else(|| row.enterprise_id.map(Whose::Enterprise))
        .ok_or_else(|| DbErr::Custom(format!("subject of request {}", row.request_no)))
}

/// Accepts one or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    verdict: Verdict<'_>,
) -> Result<(), DbErr> {
    let with = [(Column::DecidedBy, account.into()), (Column::DecidedHolder, holder.into())];
    decide_proposal::<Entity>(tx, id, with, verdict).await
}

fn of(whose: Whose) -> Condition {
    match whose {
        Whose::Person(id) => Condition::all().add(Column::PersonId.eq(id)),
        Whose::Enterprise(id) => Condition::all().add(Column::EnterpriseId.eq(id)),
    }
}

/// Those about persons and enterprises in scope; they are few, so each is probed.
fn within(scope: &Scope) -> Condition {
    scope::owner_named(scope, Entity, (Column::PersonId, Column::EnterpriseId))
}

fn open() -> Select<Entity> {
    Entity::find().filter(Column::DecidedAt.is_null())
}
