//! What files grant: a result with its shares and the lines that pay it, in the tables of the
//! yearly results, so that batches, books and recoveries know no difference.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::db::{insert_all, update_all};
use super::number;
use super::payment::Batch;
use crate::domain::catalogue::{PAID_BACK, STIPEND};
use crate::domain::money::Fen;

/// Kind of the lines.
const GRANT: &str = "grant";

/// What a file grants to a person for a year.
#[derive(Debug, Clone)]
pub struct NewGrant<'a> {
    /// Person.
    pub person_id: i64,
    /// Programme.
    pub programme: &'a str,
    /// Year the money is for.
    pub award_year: i64,
    /// Number of the file.
    pub subject_no: &'a str,
    /// Sum of its shares.
    pub amount: Fen,
    /// How it came about, JSON.
    pub determination: &'a str,
    /// Step by step, JSON.
    pub trace: &'a str,
    /// Hash of both.
    pub fingerprint: &'a str,
    /// Policy text.
    pub policy_document_id: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// A share of it: one source, one payer, one payee.
#[derive(Debug, Clone)]
pub struct GrantShare {
    /// The enterprise that it is about.
    pub enterprise_id: i64,
    /// Its division.
    pub division: String,
    /// The city-level unit of that.
    pub city_unit: String,
    /// Source.
    pub source: String,
    /// Division that pays.
    pub payer_division: String,
    /// Whether the enterprise is paid and not the person.
    pub to_enterprise: bool,
    /// Amount.
    pub amount: Fen,
}

/// Stores a grant and makes its lines payable: whoever calls has checked that the file allows it.
///
/// # Errors
/// When the file has granted something that stands, or the database refuses.
pub async fn insert(
    tx: &DatabaseTransaction,
    new: &NewGrant<'_>,
    shares: &[GrantShare],
) -> Result<(), DbErr> {
    let version_no = 1 + last_version(tx, new).await?;
    let row = entity::entitlement::ActiveModel {
        person_id: Set(new.person_id),
        programme: Set(new.programme.to_owned()),
        award_year: Set(new.award_year),
        version_no: Set(version_no),
        status: Set("eligible".to_owned()),
        eligible_days: Set(0),
        counted_months: Set(0),
        gross_fen: Set(new.amount.get()),
        offset_fen: Set(0),
        net_fen: Set(new.amount.get()),
        reasons: Set("[]".to_owned()),
        determination: Set(new.determination.to_owned()),
        trace: Set(new.trace.to_owned()),
        fingerprint: Set(new.fingerprint.to_owned()),
        policy_document_id: Set(new.policy_document_id),
        facts_known_at: Set(new.at),
        run_id: Set(None),
        recorded_at: Set(new.at),
        superseded_at: Set(None),
        subject_no: Set(new.subject_no.to_owned()),
        ..Default::default()
    };
    let id = entity::entitlement::Entity::insert(row).exec(tx).await?.last_insert_id;
    let share = |share: &GrantShare| entity::entitlement_share::ActiveModel {
        entitlement_id: Set(id),
        enterprise_id: Set(share.enterprise_id),
        division: Set(share.division.clone()),
        city_unit: Set(share.city_unit.clone()),
        source: Set(share.source.clone()),
        payer_division: Set(share.payer_division.clone()),
        amount_fen: Set(share.amount.get()),
        payee_enterprise_id: Set(share.to_enterprise.then_some(share.enterprise_id)),
        ..Default::default()
    };
    insert_all(tx, shares.iter().map(share)).await?;
    insert_lines(tx, new, id, shares).await
}

async fn last_version(tx: &DatabaseTransaction, new: &NewGrant<'_>) -> Result<i64, DbErr> {
    use entity::entitlement::{Column, Entity};
    let last: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::VersionNo.max(), "last")
        .filter(Column::PersonId.eq(new.person_id))
        .filter(Column::Programme.eq(new.programme))
        .filter(Column::AwardYear.eq(new.award_year))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

async fn insert_lines(
    tx: &DatabaseTransaction,
    new: &NewGrant<'_>,
    entitlement_id: i64,
    shares: &[GrantShare],
) -> Result<(), DbErr> {
    let paid: Vec<&GrantShare> = shares.iter().filter(|share| share.amount > Fen::ZERO).collect();
    let count = i64::try_from(paid.len()).unwrap_or(i64::MAX);
    let first = number::allocate(tx, "payment_line", count).await?;
    let row = |(component_no, share): (i64, &GrantShare)| entity::payment_line::ActiveModel {
        line_no: Set(format!("L{:08}", first + component_no - 1)),
        person_id: Set(new.person_id),
        programme: Set(new.programme.to_owned()),
        award_year: Set(new.award_year),
        source: Set(share.source.clone()),
        payer_division: Set(share.payer_division.clone()),
        component_no: Set(component_no),
        kind: Set(GRANT.to_owned()),
        amount_fen: Set(share.amount.get()),
        entitlement_id: Set(entitlement_id),
        state: Set("payable".to_owned()),
        recorded_at: Set(new.at),
        voided_at: Set(None),
        subject_no: Set(new.subject_no.to_owned()),
        payee_enterprise_id: Set(share.to_enterprise.then_some(share.enterprise_id)),
        ..Default::default()
    };
    insert_all(tx, (1..).zip(paid).map(row)).await
}

/// Takes back everything that a file granted, with its lines, while no batch holds any of them.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when a batch took a line or nothing stands.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    subject_no: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::entitlement::{Column, Entity};
    use entity::payment_line::{Column as L, Entity as Lines};
    let live = Lines::find().filter(L::SubjectNo.eq(subject_no)).filter(L::State.ne("void"));
    let live: Vec<i64> = live.select_only().column(L::Id).into_tuple().all(tx).await?;
    // Whatever a batch takes meanwhile is missing here.
    let void = Lines::update_many()
        .col_expr(L::State, Expr::value("void"))
        .col_expr(L::VoidedAt, Expr::value(at))
        .filter(L::State.eq("payable"));
    update_all(tx, &void, L::Id, &live).await?;
    let ended = Entity::update_many()
        .col_expr(Column::SupersededAt, Expr::value(at))
        .filter(Column::SubjectNo.eq(subject_no))
        .filter(Column::SupersededAt.is_null())
        .exec(tx)
        .await?;
    if ended.rows_affected == 0 { Err(DbErr::RecordNotUpdated) } else { Ok(()) }
}

/// The states of the live lines that a file granted, by the number of the file.
///
/// # Errors
/// When the database fails.
pub async fn line_states(
    conn: &impl ConnectionTrait,
    subjects: &[&str],
) -> Result<Vec<(String, String)>, DbErr> {
    use entity::payment_line::{Column, Entity};
    Entity::find()
        .select_only()
        .columns([Column::SubjectNo, Column::State])
        .filter(Column::SubjectNo.is_in(subjects.iter().copied()))
        .filter(Column::State.ne("void"))
        .into_tuple()
        .all(conn)
        .await
}

/// A line that a file granted.
#[derive(Debug, Clone, FromQueryResult)]
pub struct GrantedLine {
    /// Stream.
    pub programme: String,
    /// The enterprise that is paid; the person is when there is none.
    pub payee_enterprise_id: Option<i64>,
    /// Amount, fen.
    pub amount_fen: i64,
    /// Code of its state.
    pub state: String,
}

/// The live lines that a file granted, in order.
///
/// # Errors
/// When the database fails.
pub async fn lines_of(
    conn: &impl ConnectionTrait,
    subject_no: &str,
) -> Result<Vec<GrantedLine>, DbErr> {
    use entity::payment_line::{Column, Entity};
    Entity::find()
        .select_only()
        .columns([Column::Programme, Column::PayeeEnterpriseId, Column::AmountFen, Column::State])
        .filter(Column::SubjectNo.eq(subject_no))
        .filter(Column::State.ne("void"))
        .order_by_asc(Column::Id)
        .into_model()
        .all(conn)
        .await
}

/// The numbers of the files whose money the current revision of a batch is about.
///
/// # Errors
/// When the database fails.
pub async fn subjects_of(conn: &impl ConnectionTrait, batch: &Batch) -> Result<Vec<String>, DbErr> {
    use entity::batch_line::{Column, Entity};
    use entity::payment_line::{Column as L, Entity as Lines};
    let lines = Entity::find()
        .select_only()
        .column(Column::PaymentLineId)
        .filter(Column::BatchId.eq(batch.id))
        .filter(Column::Revision.eq(batch.revision))
        .into_query();
    Lines::find()
        .select_only()
        .column(L::SubjectNo)
        .distinct()
        .filter(L::SubjectNo.ne(super::stipend::OF_A_RUN))
        .filter(L::Id.in_subquery(lines))
        .order_by_asc(L::SubjectNo)
        .into_tuple()
        .all(conn)
        .await
}

/// What a file granted and what became of its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Number of the file.
    pub subject_no: String,
    /// Stream.
    pub programme: String,
    /// Year the money is for.
    pub award_year: i64,
    /// What each part is about and comes to: enterprise, amount.
    pub parts: Vec<(i64, Fen)>,
    /// The live lines: state, amount.
    pub lines: Vec<(String, Fen)>,
}

/// What files granted to these persons and what stands, the last year first. Three statements.
///
/// # Errors
/// When the database fails.
pub async fn granted_to(
    conn: &impl ConnectionTrait,
    persons: &[i64],
) -> Result<Vec<Granted>, DbErr> {
    use entity::entitlement::{Column, Entity};
    use entity::entitlement_share::{Column as S, Entity as Shares};
    use entity::payment_line::{Column as L, Entity as Lines};
    let found: Vec<(i64, String, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SubjectNo, Column::Programme, Column::AwardYear])
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .filter(Column::SubjectNo.ne(super::stipend::OF_A_RUN))
        .filter(Column::SupersededAt.is_null())
        .order_by_desc(Column::AwardYear)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let ids = || found.iter().map(|row| row.0);
    let parts: Vec<(i64, i64, i64)> = Shares::find()
        .select_only()
        .columns([S::EntitlementId, S::EnterpriseId, S::AmountFen])
        .filter(S::EntitlementId.is_in(ids()))
        .order_by_asc(S::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let lines: Vec<(i64, String, i64)> = Lines::find()
        .select_only()
        .columns([L::EntitlementId, L::State, L::AmountFen])
        .filter(L::EntitlementId.is_in(ids()))
        .filter(L::State.ne("void"))
        .order_by_asc(L::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let granted = |(id, subject_no, programme, award_year): (i64, String, String, i64)| {
        let mine = parts.iter().filter(|part| part.0 == id);
        let paying = lines.iter().filter(|line| line.0 == id);
        Granted {
            subject_no,
            programme,
            award_year,
            parts: mine.map(|part| (part.1, Fen::new(part.2))).collect(),
            lines: paying.map(|line| (line.1.clone(), Fen::new(line.2))).collect(),
        }
    };
    Ok(found.into_iter().map(granted).collect())
}

/// A year as known at an instant.
#[derive(Debug, Clone, Copy)]
pub struct OfYear {
    /// Award year.
    pub award_year: i64,
    /// Instant of knowledge.
    pub known_at: DateTime<Utc>,
}

/// What files granted for a year to persons of a range, as it stood at an instant: person, stream,
/// amount. Costs that are paid back are no award and are missing.
///
/// # Errors
/// When the database fails.
pub async fn awards(
    conn: &impl ConnectionTrait,
    persons: RangeInclusive<i64>,
    of: OfYear,
) -> Result<Vec<(i64, String, Fen)>, DbErr> {
    use entity::entitlement::Column;
    let rows: Vec<(i64, String, i64)> = standing(of)
        .filter(Column::PersonId.between(*persons.start(), *persons.end()))
        .select_only()
        .columns([Column::PersonId, Column::Programme, Column::NetFen])
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, stream, fen)| (id, stream, Fen::new(fen))).collect())
}

/// The results of files of a year that count as awards and stood at an instant.
fn standing(of: OfYear) -> Select<entity::entitlement::Entity> {
    use entity::entitlement::{Column, Entity};
    let stands = Condition::any()
        .add(Column::SupersededAt.is_null())
        .add(Column::SupersededAt.gt(of.known_at));
    Entity::find()
        // Written out, or the database cannot tell that the index of granted rows holds them all.
        .filter(Expr::cust("entitlement.subject_no <> ''"))
        .filter(Column::AwardYear.eq(of.award_year))
        .filter(Column::Programme.is_not_in([STIPEND, PAID_BACK]))
        .filter(Column::RecordedAt.lte(of.known_at))
        .filter(stands)
}

/// An award that a file granted.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct GrantedAward {
    /// Stream.
    pub programme: String,
    /// Number of the file.
    pub subject_no: String,
    /// Amount, fen.
    pub net_fen: i64,
    /// When it was granted.
    pub recorded_at: DateTime<Utc>,
}

/// What files granted for a year to these persons, as it stood at an instant, in order.
///
/// # Errors
/// When the database fails.
pub async fn awards_of(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    of: OfYear,
) -> Result<Vec<GrantedAward>, DbErr> {
    use entity::entitlement::Column;
    standing(of)
        .filter(Column::PersonId.is_in(persons.iter().copied()))
        .select_only()
        .columns([Column::Programme, Column::SubjectNo, Column::NetFen, Column::RecordedAt])
        .order_by_asc(Column::Id)
        .into_model()
        .all(conn)
        .await
}
