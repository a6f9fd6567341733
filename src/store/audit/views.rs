//! The looks at records under the seals: a seal takes along all that no seal covers yet.
//!
//! Which seal a look belongs to is written into its row, once. A position would not do: numbers are
//! given out before a transaction commits, so that a look may appear behind one that is sealed.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::domain::chain::{self, Head, VIEWS, View};

/// Puts all looks that no seal covers under the seal with this number. Returns the head that tells of
/// them; as it was when there are none, `None` when there never were.
pub(super) async fn seal(
    tx: &DatabaseTransaction,
    seal: i64,
    known: Option<&Head>,
) -> Result<Option<Head>, DbErr> {
    use entity::record_view::{Column, Entity};
    let taken = Entity::update_many()
        .col_expr(Column::SealedIn, Expr::value(seal))
        .filter(Column::SealedIn.is_null())
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(known.cloned());
    }
    let hashes = hashes(tx, seal).await?;
    let before = known.map_or(0, |head| head.seq);
    let seq = before + i64::try_from(hashes.len()).unwrap_or(i64::MAX - before);
    let hash = chain::root(&hashes)
        .ok_or_else(|| DbErr::Custom("looks that were just put under a seal".to_owned()))?;
    Ok(Some(Head { organisation_id: VIEWS, seq, hash, cover: None }))
}

/// The hashes of the looks under a seal, in order.
pub(super) async fn hashes(conn: &impl ConnectionTrait, seal: i64) -> Result<Vec<String>, DbErr> {
    use entity::record_view::{Column, Entity};
    let rows =
        Entity::find().filter(Column::SealedIn.eq(seal)).order_by_asc(Column::Id).all(conn).await?;
    let hash = |row: entity::record_view::Model| {
        View {
            id: row.id,
            person_id: row.person_id,
            account_id: row.account_id,
            kind: &row.kind,
            on_day: row.on_day,
            first_at: row.first_at,
        }
        .hash()
    };
    Ok(rows.into_iter().map(hash).collect())
}

/// How many looks each seal covers.
pub(super) async fn counts(conn: &impl ConnectionTrait) -> Result<BTreeMap<i64, i64>, DbErr> {
    use entity::record_view::{Column, Entity};
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .column(Column::SealedIn)
        .column_as(Column::Id.count(), "looks")
        .filter(Column::SealedIn.is_not_null())
        .group_by(Column::SealedIn)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
