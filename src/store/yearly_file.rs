//! Files of years: whose year each is about, and what stands for it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::case::CaseRow;
use super::db::{insert_all, rows_per_statement};
use super::payment::Batch;
use crate::domain::money::Fen;
use crate::domain::period::Period;

pub use entity::yearly_file::Model as YearlyFile;

/// Says whose year files are about: (file, person).
///
/// # Errors
/// When the year of a person has a file already.
pub async fn link(
    tx: &DatabaseTransaction,
    programme: &str,
    award_year: i64,
    pairs: &[(i64, i64)],
) -> Result<(), DbErr> {
    let row = |(case, person): &(i64, i64)| entity::yearly_file::ActiveModel {
        case_id: Set(*case),
        person_id: Set(*person),
        programme: Set(programme.to_owned()),
        award_year: Set(award_year),
        ..Default::default()
    };
    insert_all(tx, pairs.iter().map(row)).await
}

/// Whose year each file is about, by file.
///
/// # Errors
/// When the database fails.
pub async fn of_cases(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<HashMap<i64, YearlyFile>, DbErr> {
    use entity::yearly_file::{Column, Entity};
    let mut found = HashMap::with_capacity(case_ids.len());
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let rows = Entity::find().filter(Column::CaseId.is_in(ids.iter().copied()));
        found.extend(rows.all(conn).await?.into_iter().map(|row| (row.case_id, row)));
    }
    Ok(found)
}

/// The files of a year of these persons, by person.
///
/// # Errors
/// When the database fails.
pub async fn of_persons(
    conn: &impl ConnectionTrait,
    programme: &str,
    award_year: i64,
    persons: &[i64],
) -> Result<BTreeMap<i64, CaseRow>, DbErr> {
    use entity::case_file::{Column as CaseColumn, Entity as Cases};
    use entity::yearly_file::{Column, Entity};
    let mut found = BTreeMap::new();
    for persons in persons.chunks(rows_per_statement(1)) {
        let files = Entity::find()
            .select_only()
            .column(Column::CaseId)
            .filter(Column::Programme.eq(programme))
            .filter(Column::AwardYear.eq(award_year))
            .filter(Column::PersonId.is_in(persons.iter().copied()))
            .into_query();
        let rows = Cases::find().filter(CaseColumn::Id.in_subquery(files)).all(conn).await?;
        found.extend(rows.into_iter().filter_map(|row| Some((row.person_id?, row))));
    }
    Ok(found)
}

/// The files of all years of a person: programme, year and file, the last year first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    conn: &impl ConnectionTrait,
    person_id: i64,
) -> Result<Vec<(YearlyFile, CaseRow)>, DbErr> {
    use entity::yearly_file::{Column, Entity};
    let files = Entity::find()
        .filter(Column::PersonId.eq(person_id))
        .order_by_desc(Column::AwardYear)
        .all(conn)
        .await?;
    let ids: Vec<i64> = files.iter().map(|file| file.case_id).collect();
    let rows = super::case::by_ids(conn, &ids).await?;
    let with_row = |file: YearlyFile| {
        let row = rows.iter().find(|row| row.id == file.case_id).cloned()?;
        Some((file, row))
    };
    Ok(files.into_iter().filter_map(with_row).collect())
}

/// What the standing versions of a year grant, by person.
///
/// # Errors
/// When the database fails.
pub async fn granted(
    conn: &impl ConnectionTrait,
    programme: &str,
    award_year: i64,
    persons: &[i64],
) -> Result<HashMap<i64, Fen>, DbErr> {
    use entity::entitlement::{Column, Entity};
    let mut found = HashMap::with_capacity(persons.len());
    for persons in persons.chunks(rows_per_statement(1)) {
        let rows: Vec<(i64, i64)> = Entity::find()
            .select_only()
            .columns([Column::PersonId, Column::NetFen])
            .filter(Column::Programme.eq(programme))
            .filter(Column::AwardYear.eq(award_year))
            .filter(Column::PersonId.is_in(persons.iter().copied()))
            .filter(Column::SupersededAt.is_null())
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows.into_iter().map(|(person, net)| (person, Fen::new(net))));
    }
    Ok(found)
}

/// The key enterprise that each person was with last in a period, else the last employer.
///
/// # Errors
/// When the database fails.
pub async fn last_employers(
    conn: &impl ConnectionTrait,
    period: &Period,
    persons: &[i64],
) -> Result<HashMap<i64, i64>, DbErr> {
    let after = period.stored_to();
    macro_rules! last {
        ($table:ident, $found:expr) => {
            use entity::$table::{Column, Entity};
            for persons in persons.chunks(rows_per_statement(3)) {
                let rows: Vec<(i64, i64)> = Entity::find()
                    .select_only()
                    .columns([Column::PersonId, Column::EnterpriseId])
                    .filter(Column::PersonId.is_in(persons.iter().copied()))
                    .filter(Column::SupersededAt.is_null())
                    .filter(Condition::all().add_option(after.map(|day| Column::ValidFrom.lt(day))))
                    .filter(Column::ValidTo.is_null().or(Column::ValidTo.gt(period.from)))
                    .order_by_asc(Column::ValidFrom)
                    .order_by_asc(Column::Id)
                    .into_tuple()
                    .all(conn)
                    .await?;
                $found.extend(rows);
            }
        };
    }
    let mut found: HashMap<i64, i64> = HashMap::new();
    {
        last!(employment, found);
    }
    {
        last!(roster_entry, found);
    }
    Ok(found)
}

/// Lets the pending lines of some persons and a year be paid.
///
/// # Errors
/// When the database refuses.
pub async fn release(
    tx: &DatabaseTransaction,
    programme: &str,
    award_year: i64,
    persons: &[i64],
) -> Result<(), DbErr> {
    turn(tx, (programme, award_year), persons, ("pending", "payable")).await
}

/// Takes back what no batch has taken yet.
///
/// # Errors
/// When the database refuses.
pub async fn hold_back(
    tx: &DatabaseTransaction,
    programme: &str,
    award_year: i64,
    persons: &[i64],
) -> Result<(), DbErr> {
    turn(tx, (programme, award_year), persons, ("payable", "pending")).await
}

async fn turn(
    tx: &DatabaseTransaction,
    (programme, award_year): (&str, i64),
    persons: &[i64],
    (from, to): (&str, &str),
) -> Result<(), DbErr> {
    use entity::payment_line::{Column, Entity};
    for persons in persons.chunks(rows_per_statement(1)) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(to))
            .filter(Column::Programme.eq(programme))
            .filter(Column::AwardYear.eq(award_year))
            .filter(Column::PersonId.is_in(persons.iter().copied()))
            .filter(Column::State.eq(from))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The persons whose money the current revision of a batch is about, whatever became of it.
///
/// # Errors
/// When the database fails.
pub async fn persons_of_batch(
    conn: &impl ConnectionTrait,
    batch: &Batch,
) -> Result<Vec<i64>, DbErr> {
    use entity::batch_line::{Column, Entity};
    use entity::payment_line::{Column as LineColumn, Entity as Lines};
    let lines = Entity::find()
        .select_only()
        .column(Column::PaymentLineId)
        .filter(Column::BatchId.eq(batch.id))
        .filter(Column::Revision.eq(batch.revision))
        .into_query();
    Lines::find()
        .select_only()
        .column(LineColumn::PersonId)
        .distinct()
        .filter(LineColumn::Id.in_subquery(lines))
        .order_by_asc(LineColumn::PersonId)
        .into_tuple()
        .all(conn)
        .await
}

/// The last four digits of the account of each person that has one on a day, by person.
///
/// # Errors
/// When the database fails.
pub async fn accounts_on(
    conn: &impl ConnectionTrait,
    persons: &[i64],
    day: NaiveDate,
) -> Result<HashMap<i64, String>, DbErr> {
    use entity::bank_account::{Column, Entity};
    let mut found = HashMap::with_capacity(persons.len());
    for persons in persons.chunks(rows_per_statement(3)) {
        let rows: Vec<(i64, String)> = Entity::find()
            .select_only()
            .columns([Column::PersonId, Column::LastFour])
            .filter(Column::PersonId.is_in(persons.iter().copied()))
            .filter(Column::SupersededAt.is_null())
            .filter(Column::ValidFrom.lte(day))
            .filter(Column::ValidTo.is_null().or(Column::ValidTo.gt(day)))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
