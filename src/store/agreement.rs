//! Case-by-case agreements, their members and tranches.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal, expect_one_row, insert_all};
use super::directory::scope;
use super::number;
use crate::domain::authority::Scope;
use entity::{agreement_member, agreement_tranche, case_agreement};

pub use entity::agreement_tranche::Model as Tranche;
pub use entity::case_agreement::Model as Agreement;

/// What was agreed, to be put down.
#[derive(Debug)]
pub struct NewAgreement<'a> {
    /// What it is about.
    pub title: &'a str,
    /// `person` or `team`.
    pub subject: &'a str,
    /// Who leads, or the person.
    pub leader_id: i64,
    /// Host enterprise, and its division when it was agreed.
    pub enterprise: (i64, &'a str),
    /// Which body decided it, and when.
    pub decided: (&'a str, NaiveDate),
    /// The terms in their own words.
    pub terms: &'a str,
    /// Sum of the tranches, fen.
    pub total_fen: i64,
    /// Policy text.
    pub policy_document_id: i64,
    /// Decision document.
    pub source_id: i64,
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts an agreement down with its members and tranches (milestone, day, fen); gives its number.
///
/// # Errors
/// When the database refuses.
pub async fn propose(
    tx: &DatabaseTransaction,
    new: &NewAgreement<'_>,
    members: &[i64],
    tranches: &[(String, NaiveDate, i64)],
) -> Result<String, DbErr> {
    let agreement_no = format!("YS{:05}", number::allocate(tx, "case_agreement", 1).await?);
    let row = case_agreement::ActiveModel {
        agreement_no: Set(agreement_no.clone()),
        title: Set(new.title.to_owned()),
        subject: Set(new.subject.to_owned()),
        leader_id: Set(new.leader_id),
        enterprise_id: Set(new.enterprise.0),
        division: Set(new.enterprise.1.to_owned()),
        decided_by_body: Set(new.decided.0.to_owned()),
        decided_on: Set(new.decided.1),
        terms: Set(new.terms.to_owned()),
        total_fen: Set(new.total_fen),
        policy_document_id: Set(new.policy_document_id),
        source_id: Set(new.source_id),
        proposed_by: Set(new.by.0),
        proposed_holder: Set(new.by.1),
        proposed_at: Set(new.at),
        note: Set(String::new()),
        ..Default::default()
    };
    let id = case_agreement::Entity::insert(row).exec(tx).await?.last_insert_id;
    let member = |person: &i64| agreement_member::ActiveModel {
        agreement_id: Set(id),
        person_id: Set(*person),
        ..Default::default()
    };
    insert_all(tx, members.iter().map(member)).await?;
    let tranche = |(seq, (milestone, day, fen)): (i64, &(String, NaiveDate, i64))| {
        agreement_tranche::ActiveModel {
            agreement_id: Set(id),
            seq: Set(seq),
            milestone: Set(milestone.clone()),
            expected_on: Set(*day),
            amount_fen: Set(*fen),
            ..Default::default()
        }
    };
    insert_all(tx, (1..).zip(tranches).map(tranche)).await?;
    Ok(agreement_no)
}

/// Agreements in scope, the latest first: a page from an offset, and how many there are. An
/// enterprise sees those that were accepted.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    of: &Scope,
    (offset, limit): (u64, u64),
) -> Result<(Vec<Agreement>, u64), DbErr> {
    let select = seen(of);
    let count = select.clone().count(conn).await?;
    let page = select.order_by_desc(case_agreement::Column::Id).offset(offset).limit(limit);
    Ok((page.all(conn).await?, count))
}

fn seen(of: &Scope) -> sea_orm::Select<case_agreement::Entity> {
    use case_agreement::Column;
    let own = scope::own_enterprise(of).map(|_| Column::Accepted.eq(true));
    case_agreement::Entity::find()
        .filter(scope::enterprises(of, Column::EnterpriseId))
        .filter(Condition::all().add_option(own))
}

/// One agreement in scope.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &impl ConnectionTrait,
    of: &Scope,
    no: &str,
) -> Result<Option<Agreement>, DbErr> {
    seen(of).filter(case_agreement::Column::AgreementNo.eq(no)).one(conn).await
}

/// The same, locked.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<Agreement>, DbErr> {
    let select = case_agreement::Entity::find();
    select.filter(case_agreement::Column::AgreementNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// The persons of the team besides who leads it.
///
/// # Errors
/// When the database fails.
pub async fn members(conn: &impl ConnectionTrait, id: i64) -> Result<Vec<i64>, DbErr> {
    use agreement_member::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::AgreementId.eq(id))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await
}

/// The tranches of an agreement, in order.
///
/// # Errors
/// When the database fails.
pub async fn tranches(conn: &impl ConnectionTrait, id: i64) -> Result<Vec<Tranche>, DbErr> {
    use agreement_tranche::{Column, Entity};
    Entity::find().filter(Column::AgreementId.eq(id)).order_by_asc(Column::Seq).all(conn).await
}

/// The tranche that a file is about, with its agreement.
///
/// # Errors
/// When the database fails.
pub async fn of_case(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<(Tranche, Agreement)>, DbErr> {
    use agreement_tranche::{Column, Entity};
    let Some(tranche) = Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await? else {
        return Ok(None);
    };
    let agreement = case_agreement::Entity::find_by_id(tranche.agreement_id).one(conn).await?;
    Ok(agreement.map(|agreement| (tranche, agreement)))
}

/// Says what became of a proposed agreement.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when it was decided before.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    (accept, note): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use case_agreement::Column;
    let by = [(Column::DecidedBy, account.into()), (Column::DecidedHolder, holder.into())];
    decide_proposal::<case_agreement::Entity>(tx, id, by, Verdict { accepted: accept, note, at })
        .await
}

/// Gives a tranche its file.
///
/// # Errors
/// When it has one.
pub async fn link(tx: &DatabaseTransaction, tranche: i64, case_id: i64) -> Result<(), DbErr> {
    use agreement_tranche::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::CaseId, Expr::value(case_id))
        .filter(Column::Id.eq(tranche))
        .filter(Column::CaseId.is_null())
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
