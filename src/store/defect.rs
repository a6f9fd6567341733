//! Defects of a returned file, point by point.

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use super::db::insert_all;

pub use entity::case_defect::Model as DefectRow;

/// Records the points of a step: code of the field, its name, what is wrong.
///
/// # Errors
/// When the database refuses.
pub async fn record(
    tx: &DatabaseTransaction,
    (case_id, step_seq): (i64, i64),
    points: Vec<(String, String, String)>,
) -> Result<(), DbErr> {
    let row = |(seq, (field, label, text))| entity::case_defect::ActiveModel {
        case_id: Set(case_id),
        step_seq: Set(step_seq),
        seq: Set(seq),
        field: Set(field),
        label: Set(label),
        text: Set(text),
        ..Default::default()
    };
    insert_all(tx, (1..).zip(points).map(row)).await
}

/// The points told about a file, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_case(conn: &impl ConnectionTrait, case_id: i64) -> Result<Vec<DefectRow>, DbErr> {
    use entity::case_defect::{Column, Entity};
    Entity::find()
        .filter(Column::CaseId.eq(case_id))
        .order_by_asc(Column::StepSeq)
        .order_by_asc(Column::Seq)
        .all(conn)
        .await
}
