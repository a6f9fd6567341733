//! What a recognition is about, what the committee decided, and the places of the quota.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::db::{expect_one_row, rows_per_statement};
use crate::domain::recognition::CommitteeDecision;
use crate::domain::registry::{Code, LegalForm, TalentClass};

pub use entity::recognition_transfer::Model as TransferRow;

/// What a recognition asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognitionFile {
    /// Class.
    pub class: TalentClass,
    /// Why, in the enterprise's words.
    pub grounds: String,
    /// What the pilot of the enterprise was in law when the file was opened.
    pub form: LegalForm,
}

/// Keeps what a case asks for.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    tx: &DatabaseTransaction,
    case_id: i64,
    file: &RecognitionFile,
) -> Result<(), DbErr> {
    let row = entity::recognition_file::ActiveModel {
        case_id: Set(case_id),
        class: Set(file.class.code().to_owned()),
        grounds: Set(file.grounds.clone()),
        legal_form: Set(file.form.code().to_owned()),
        ..Default::default()
    };
    entity::recognition_file::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What a case asks for.
///
/// # Errors
/// When the database fails or holds an unknown class.
pub async fn file(conn: &impl ConnectionTrait, case_id: i64) -> Result<RecognitionFile, DbErr> {
    use entity::recognition_file::{Column, Entity};
    let found = Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await?;
    let wrong = || DbErr::Custom(format!("recognition file of case {case_id}"));
    let row = found.ok_or_else(wrong)?;
    read(row)
}

fn read(row: entity::recognition_file::Model) -> Result<RecognitionFile, DbErr> {
    let wrong = || DbErr::Custom(format!("recognition file of case {}", row.case_id));
    let class = TalentClass::from_code(&row.class).ok_or_else(wrong)?;
    let form = LegalForm::from_code(&row.legal_form).ok_or_else(wrong)?;
    Ok(RecognitionFile { class, form, grounds: row.grounds })
}

/// What some cases ask for, by case.
///
/// # Errors
/// When the database fails or holds an unknown class or form.
pub async fn files(
    conn: &impl ConnectionTrait,
    case_ids: &[i64],
) -> Result<Vec<(i64, RecognitionFile)>, DbErr> {
    use entity::recognition_file::{Column, Entity};
    let mut files = Vec::with_capacity(case_ids.len());
    for ids in case_ids.chunks(rows_per_statement(1)) {
        let rows = Entity::find().filter(Column::CaseId.is_in(ids.iter().copied()));
        for row in rows.all(conn).await? {
            files.push((row.case_id, read(row)?));
        }
    }
    Ok(files)
}

/// What the case with this number asks for; `None` when it is no recognition.
///
/// # Errors
/// As [`files`].
pub async fn file_of(
    conn: &impl ConnectionTrait,
    case_no: &str,
) -> Result<Option<RecognitionFile>, DbErr> {
    use entity::{case_file, recognition_file};
    let case = case_file::Entity::find()
        .select_only()
        .column(case_file::Column::Id)
        .filter(case_file::Column::CaseNo.eq(case_no));
    let found = recognition_file::Entity::find()
        .filter(recognition_file::Column::CaseId.in_subquery(case.into_query()));
    found.one(conn).await?.map(read).transpose()
}

/// Keeps what the committee decided.
///
/// # Errors
/// When the database refuses.
pub async fn decide(
    tx: &DatabaseTransaction,
    case_id: i64,
    decision: &CommitteeDecision,
) -> Result<(), DbErr> {
    let row = entity::recognition_decision::ActiveModel {
        case_id: Set(case_id),
        members: Set(decision.members),
        present: Set(decision.present),
        in_favour: Set(decision.in_favour),
        recused: Set(decision.recused.clone()),
        major_shareholder: Set(decision.major_shareholder),
        notice_from: Set(decision.notice_from),
        notice_through: Set(decision.notice_through),
        ..Default::default()
    };
    entity::recognition_decision::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What the committee decided; `None` before.
///
/// # Errors
/// When the database fails.
pub async fn decision(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Option<CommitteeDecision>, DbErr> {
    use entity::recognition_decision::{Column, Entity};
    let found = Entity::find().filter(Column::CaseId.eq(case_id)).one(conn).await?;
    Ok(found.map(|row| CommitteeDecision {
        members: row.members,
        present: row.present,
        in_favour: row.in_favour,
        recused: row.recused,
        major_shareholder: row.major_shareholder,
        notice_from: row.notice_from,
        notice_through: row.notice_through,
    }))
}

/// A place of an enterprise's quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Enterprise.
    pub enterprise_id: i64,
    /// Calendar year.
    pub year: i64,
    /// Class.
    pub class: TalentClass,
}

/// The numbers of the places that are taken, ascending.
///
/// # Errors
/// When the database fails.
pub async fn taken(conn: &impl ConnectionTrait, place: Place) -> Result<Vec<i64>, DbErr> {
    use entity::recognition_place::{Column, Entity};
    let mut numbers: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::PlaceNo)
        .filter(Column::EnterpriseId.eq(place.enterprise_id))
        .filter(Column::QuotaYear.eq(place.year))
        .filter(Column::Class.eq(place.class.code()))
        .filter(Column::ReleasedAt.is_null())
        .into_tuple()
        .all(conn)
        .await?;
    numbers.sort_unstable();
    Ok(numbers)
}

/// How many places of a calendar year are taken, by enterprise and class.
///
/// # Errors
/// When the database fails.
pub async fn taken_in(
    conn: &impl ConnectionTrait,
    year: i64,
) -> Result<HashMap<(i64, String), i64>, DbErr> {
    use entity::recognition_place::{Column, Entity};
    let rows: Vec<(i64, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::EnterpriseId, Column::Class])
        .column_as(Column::Id.count(), "places")
        .filter(Column::QuotaYear.eq(year))
        .filter(Column::ReleasedAt.is_null())
        .group_by(Column::EnterpriseId)
        .group_by(Column::Class)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(enterprise, class, n)| ((enterprise, class), n)).collect())
}

/// Takes a place for a case.
///
/// # Errors
/// A unique violation when somebody else took it.
pub async fn take(
    tx: &DatabaseTransaction,
    case_id: i64,
    place: Place,
    number: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = entity::recognition_place::ActiveModel {
        case_id: Set(case_id),
        enterprise_id: Set(place.enterprise_id),
        quota_year: Set(place.year),
        class: Set(place.class.code().to_owned()),
        place_no: Set(number),
        taken_at: Set(at),
        released_at: Set(None),
        ..Default::default()
    };
    entity::recognition_place::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives back the place of a case, if it holds one.
///
/// # Errors
/// When the database fails.
pub async fn release(
    tx: &DatabaseTransaction,
    case_id: i64,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::recognition_place::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::ReleasedAt, Expr::value(at))
        .filter(Column::CaseId.eq(case_id))
        .filter(Column::ReleasedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps that an enterprise confirmed, in a step of a file, to take it over from another.
///
/// # Errors
/// When the database refuses.
pub async fn transfer(
    tx: &DatabaseTransaction,
    case_id: i64,
    step_seq: i64,
    (from_enterprise_id, enterprise_id): (i64, i64),
) -> Result<(), DbErr> {
    let row = entity::recognition_transfer::ActiveModel {
        case_id: Set(case_id),
        step_seq: Set(step_seq),
        from_enterprise_id: Set(from_enterprise_id),
        enterprise_id: Set(enterprise_id),
        ..Default::default()
    };
    entity::recognition_transfer::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The confirmations of a file, the first first.
///
/// # Errors
/// When the database fails.
pub async fn transfers(
    conn: &impl ConnectionTrait,
    case_id: i64,
) -> Result<Vec<TransferRow>, DbErr> {
    use entity::recognition_transfer::{Column, Entity};
    let rows = Entity::find().filter(Column::CaseId.eq(case_id));
    rows.order_by_asc(Column::StepSeq).all(conn).await
}

/// A file goes to the enterprise that confirmed to take it over.
///
/// # Errors
/// When the database refuses: nobody confirmed that.
pub async fn move_file(
    tx: &DatabaseTransaction,
    case_id: i64,
    enterprise_id: i64,
) -> Result<(), DbErr> {
    use entity::case_file::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::EnterpriseId, Expr::value(enterprise_id))
        .filter(Column::Id.eq(case_id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
