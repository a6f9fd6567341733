//! Facts in bulk: everything that the results of a run of persons can depend on.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use crate::domain::dossier::{Award, Dossier, EnterpriseRecord, Entry, Job};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{
    Code, Employment, EnterpriseDivision, EvidenceMonth, Exclusion, Listing, OtherAward,
    Recognition, RosterEntry, Stated, Suspension,
};
use crate::store::benefit::{self, OfYear};
use crate::store::fact::{CommonColumn, FactTable, Versions, facts_where};
use crate::store::merge::Merges;

const MONTHS: u8 = 12;

/// How many persons the registry held at an instant.
///
/// # Errors
/// When the database fails.
pub async fn count_persons(
    conn: &impl ConnectionTrait,
    known_at: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use entity::person::{Column, Entity};
    Entity::find().filter(Column::CreatedAt.lte(known_at)).count(conn).await
}

/// The next persons after one, by identity: (identity, number).
///
/// # Errors
/// When the database fails.
pub async fn persons_after(
    conn: &impl ConnectionTrait,
    after: i64,
    known_at: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<(i64, String)>, DbErr> {
    use entity::person::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::PersonNo)
        .filter(Column::Id.gt(after))
        .filter(Column::CreatedAt.lte(known_at))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}

/// Enterprises as known at an instant: those with these identities, or all.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn enterprises(
    conn: &impl ConnectionTrait,
    known_at: DateTime<Utc>,
    ids: Option<&[i64]>,
) -> Result<Vec<EnterpriseRecord>, DbErr> {
    use entity::enterprise::{Column, Entity};
    let anchors: Vec<(i64, String)> = Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::Uscc)
        .filter(among(Column::Id, ids))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let versions = Versions::KnownAt(known_at);
    let mut divisions = by_anchor(
        facts_where::<EnterpriseDivision>(
            conn,
            among(EnterpriseDivision::column(CommonColumn::About), ids),
            versions,
        )
        .await?,
    );
    let mut listings = by_anchor(
        facts_where::<Listing>(conn, among(Listing::column(CommonColumn::About), ids), versions)
            .await?,
    );
    let record = |(id, uscc)| EnterpriseRecord {
        id,
        uscc,
        divisions: divisions.remove(&id).unwrap_or_default(),
        listings: listings.remove(&id).unwrap_or_default(),
    };
    Ok(anchors.into_iter().map(record).collect())
}

fn among(column: impl ColumnTrait, ids: Option<&[i64]>) -> Condition {
    Condition::all().add_option(ids.map(|ids| column.is_in(ids.iter().copied())))
}

fn by_anchor<T>(facts: Vec<Stated<T>>) -> HashMap<i64, Vec<Stated<T>>> {
    let mut map: HashMap<i64, Vec<Stated<T>>> = HashMap::new();
    for stated in facts {
        map.entry(stated.about).or_default().push(stated);
    }
    map
}

/// The dossiers of a run of persons for a year, as known at an instant; persons of whom nothing is
/// known are missing. Reads the columns that matter and no more: a run reads everybody's.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn dossiers(
    conn: &impl ConnectionTrait,
    persons: RangeInclusive<i64>,
    known_at: DateTime<Utc>,
    year: i32,
) -> Result<HashMap<i64, Dossier>, DbErr> {
    let mut found: HashMap<i64, Dossier> = HashMap::new();
    let bounds = (persons, known_at);
    jobs(conn, &bounds, &mut found).await?;
    entries(conn, &bounds, &mut found).await?;
    recognitions(conn, &bounds, &mut found).await?;
    months(conn, &bounds, year, &mut found).await?;
    spans::<Suspension>(conn, &bounds, &mut found, |dossier| &mut dossier.suspensions).await?;
    spans::<Exclusion>(conn, &bounds, &mut found, |dossier| &mut dossier.exclusions).await?;
    awards(conn, &bounds, year, &mut found).await?;
    grants(conn, &bounds, year, &mut found).await?;
    Ok(found)
}

/// The same with merged persons as one, as known at the instant: the dossier of a leading person
/// holds the facts of all its numbers, and the others have none. `merges` are those in force at the
/// instant.
///
/// # Errors
/// As [`dossiers`].
pub async fn dossiers_as_one(
    conn: &impl ConnectionTrait,
    persons: RangeInclusive<i64>,
    (known_at, year): (DateTime<Utc>, i32),
    merges: &Merges,
) -> Result<HashMap<i64, Dossier>, DbErr> {
    let mut found = dossiers(conn, persons.clone(), known_at, year).await?;
    found.retain(|person, _| !merges.is_merged(*person));
    for leading in merges.leaders().filter(|person| persons.contains(person)) {
        let group = merges.group(leading);
        for merged in &group[1..] {
            let mut theirs = dossiers(conn, *merged..=*merged, known_at, year).await?;
            found.entry(leading).or_default().absorb(theirs.remove(merged).unwrap_or_default());
        }
        let awards = awards_as_one(conn, &group, known_at, year).await?;
        found.entry(leading).or_default().awards = awards;
    }
    Ok(found)
}

/// The awards of several numbers of one person: one that was recorded under two counts once.
async fn awards_as_one(
    conn: &impl ConnectionTrait,
    group: &[i64],
    known_at: DateTime<Utc>,
    year: i32,
) -> Result<Vec<Award>, DbErr> {
    let column = OtherAward::column(CommonColumn::About);
    let among = column.is_in(group.iter().copied());
    let facts = facts_where::<OtherAward>(conn, among, Versions::KnownAt(known_at)).await?;
    let mut seen = std::collections::HashSet::new();
    let of_year = facts.into_iter().filter(|s| s.fact.award_year == i64::from(year));
    let first = of_year.filter(|stated| {
        let fact = &stated.fact;
        let key = [&fact.programme, &fact.exclusive_group, &fact.document_no].map(String::clone);
        seen.insert(key)
    });
    Ok(first.map(|s| Award { group: s.fact.exclusive_group, amount: s.fact.amount_fen }).collect())
}

/// Persons and the instant of knowledge.
type Bounds = (RangeInclusive<i64>, DateTime<Utc>);
type Found = HashMap<i64, Dossier>;

/// The rows of a fact table about some persons as known at an instant, without any column yet.
fn known<T: FactTable>((persons, at): &Bounds) -> Select<T::Entity> {
    let column = T::column;
    let superseded = column(CommonColumn::SupersededAt);
    T::Entity::find()
        .select_only()
        .column(column(CommonColumn::About))
        .filter(column(CommonColumn::About).between(*persons.start(), *persons.end()))
        .filter(column(CommonColumn::RecordedAt).lte(*at))
        .filter(Condition::any().add(superseded.is_null()).add(superseded.gt(*at)))
}

/// The same with the valid period.
fn dated<T: FactTable>(bounds: &Bounds) -> Select<T::Entity> {
    known::<T>(bounds)
        .column(T::column(CommonColumn::ValidFrom))
        .column(T::column(CommonColumn::ValidTo))
}

fn period(from: NaiveDate, to: Option<NaiveDate>, table: &str) -> Result<Period, DbErr> {
    let inconsistent = || DbErr::Custom(format!("inconsistent period in {table}"));
    Period::from_stored(from, to).ok_or_else(inconsistent)
}

fn code<C: Code>(text: &str, table: &str) -> Result<C, DbErr> {
    C::from_code(text).ok_or_else(|| DbErr::Custom(format!("inconsistent code in {table}")))
}

async fn jobs(conn: &impl ConnectionTrait, bounds: &Bounds, all: &mut Found) -> Result<(), DbErr> {
    use entity::employment::Column;
    let rows: Vec<(i64, NaiveDate, Option<NaiveDate>, i64, bool)> = dated::<Employment>(bounds)
        .columns([Column::EnterpriseId, Column::FullTime])
        .into_tuple()
        .all(conn)
        .await?;
    for (person, from, to, enterprise_id, full_time) in rows {
        let period = period(from, to, Employment::TABLE)?;
        all.entry(person).or_default().jobs.push(Job { enterprise_id, period, full_time });
    }
    Ok(())
}

async fn entries(
    conn: &impl ConnectionTrait,
    bounds: &Bounds,
    all: &mut Found,
) -> Result<(), DbErr> {
    use entity::roster_entry::Column;
    let rows: Vec<(i64, NaiveDate, Option<NaiveDate>, i64, String)> = dated::<RosterEntry>(bounds)
        .columns([Column::EnterpriseId, Column::Status])
        .into_tuple()
        .all(conn)
        .await?;
    for (person, from, to, enterprise_id, status) in rows {
        let period = period(from, to, RosterEntry::TABLE)?;
        let status = code(&status, RosterEntry::TABLE)?;
        all.entry(person).or_default().entries.push(Entry { enterprise_id, period, status });
    }
    Ok(())
}

async fn recognitions(
    conn: &impl ConnectionTrait,
    bounds: &Bounds,
    all: &mut Found,
) -> Result<(), DbErr> {
    let rows: Vec<(i64, NaiveDate, Option<NaiveDate>, String)> = dated::<Recognition>(bounds)
        .column(entity::recognition::Column::Class)
        .into_tuple()
        .all(conn)
        .await?;
    for (person, from, to, class) in rows {
        let period = period(from, to, Recognition::TABLE)?;
        let class = code(&class, Recognition::TABLE)?;
        all.entry(person).or_default().recognitions.push((class, period));
    }
    Ok(())
}

/// One row a person: bit n is month n + 1. Twelve rows a person would be most of what a run reads.
async fn months(
    conn: &impl ConnectionTrait,
    bounds: &Bounds,
    year: i32,
    all: &mut Found,
) -> Result<(), DbErr> {
    use entity::evidence_month::Column;
    let bit = |month: u8| {
        let is_month = Column::Month.eq(format!("{year:04}-{month:02}"));
        let bit = Expr::case(is_month, 1_i64 << (month - 1)).finally(0_i64);
        SimpleExpr::from(Func::max(bit))
    };
    let bits = (2..=MONTHS).fold(bit(1), |bits, month| bits.add(bit(month)));
    let first = NaiveDate::from_ymd_opt(year, 1, 1);
    let last = NaiveDate::from_ymd_opt(year, 12, 31);
    let rows: Vec<(i64, i64)> = known::<EvidenceMonth>(bounds)
        .column_as(bits, "bits")
        .filter(Column::ValidFrom.gte(first))
        .filter(Column::ValidFrom.lte(last))
        .group_by(Column::PersonId)
        .into_tuple()
        .all(conn)
        .await?;
    for (person, bits) in rows {
        let months = (1..=MONTHS).filter(|month| bits >> (month - 1) & 1 == 1);
        all.entry(person).or_default().months = months.collect();
    }
    Ok(())
}

async fn spans<T: FactTable>(
    conn: &impl ConnectionTrait,
    bounds: &Bounds,
    all: &mut Found,
    list: impl Fn(&mut Dossier) -> &mut Vec<Period>,
) -> Result<(), DbErr> {
    let rows: Vec<(i64, NaiveDate, Option<NaiveDate>)> =
        dated::<T>(bounds).into_tuple().all(conn).await?;
    for (person, from, to) in rows {
        list(all.entry(person).or_default()).push(period(from, to, T::TABLE)?);
    }
    Ok(())
}

async fn awards(
    conn: &impl ConnectionTrait,
    bounds: &Bounds,
    year: i32,
    all: &mut Found,
) -> Result<(), DbErr> {
    use entity::other_award::Column;
    let rows: Vec<(i64, String, i64)> = known::<OtherAward>(bounds)
        .columns([Column::ExclusiveGroup, Column::AmountFen])
        .filter(Column::AwardYear.eq(i64::from(year)))
        .into_tuple()
        .all(conn)
        .await?;
    for (person, group, amount) in rows {
        let award = Award { group, amount: Fen::new(amount) };
        all.entry(person).or_default().awards.push(award);
    }
    Ok(())
}

/// What files of other streams granted for the year, as it stood at the instant.
async fn grants(
    conn: &impl ConnectionTrait,
    (persons, at): &Bounds,
    year: i32,
    all: &mut Found,
) -> Result<(), DbErr> {
    let of = OfYear { award_year: year.into(), known_at: *at };
    for (person, group, amount) in benefit::awards(conn, persons.clone(), of).await? {
        all.entry(person).or_default().grants.push(Award { group, amount });
    }
    Ok(())
}
