//! The index of names: which pairs of characters stand in whose name. Rows are only ever added; a
//! name that was withdrawn stays in it, so what it finds is compared with the live names again.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Asterisk, Expr, Func, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::db::rows_per_statement;
use crate::domain::search::{beginning_with, grams, pairs};
use entity::search_gram::{ActiveModel, Column, Entity};

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A person.
    Person,
    /// An enterprise.
    Enterprise,
}

impl Named {
    const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Enterprise => "enterprise",
        }
    }
}

/// Enters names of persons and enterprises: (among what, identity, name).
///
/// # Errors
/// When the database refuses.
pub(super) async fn index(
    tx: &DatabaseTransaction,
    names: &[(Named, i64, String)],
) -> Result<(), DbErr> {
    let entry = |(among, id, name): &(Named, i64, String)| {
        let (among, id) = (*among, *id);
        grams(name).into_iter().map(move |gram| (among, gram, id))
    };
    let entries: BTreeSet<(Named, String, i64)> = names.iter().flat_map(entry).collect();
    let mut rows = entries.into_iter().map(|(among, gram, id)| ActiveModel {
        kind: Set(among.code().to_owned()),
        gram: Set(gram),
        object_id: Set(id),
    });
    loop {
        let chunk: Vec<ActiveModel> = rows.by_ref().take(rows_per_statement(3)).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        Entity::insert_many(chunk)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
}

fn under(among: Named, pair: &str) -> Condition {
    Condition::all().add(Column::Kind.eq(among.code())).add(Column::Gram.eq(pair))
}

/// The identities under a condition on the index, as it stands in order.
fn identities(which: Condition) -> Select<Entity> {
    Entity::find().select_only().column(Column::ObjectId).filter(which)
}

/// Those whose names hold all pairs of `part`, as a condition on a column that holds their
/// identities; `None` when the part is too short for the index.
pub(super) fn among_pairs(among: Named, part: &str, id: impl ColumnTrait) -> Option<Condition> {
    let pairs = pairs(part);
    let in_index = |pair: &String| id.in_subquery(identities(under(among, pair)).into_query());
    (!pairs.is_empty())
        .then(|| pairs.iter().take(MAX_PAIRS).map(in_index).fold(Condition::all(), Condition::add))
}

/// More pairs of a long text narrow nothing further.
const MAX_PAIRS: usize = 6;
/// Counting beyond this does not help to tell a rare pair from a common one.
const COMMON: u64 = 3_000;

/// The rows of the index to look through for names with a part: those of its rarest pair, or of
/// all pairs that begin with its only character.
///
/// # Errors
/// When the database fails.
pub async fn rarest(conn: &impl ConnectionTrait, among: Named, part: &str) -> Result<Probe, DbErr> {
    let pairs = pairs(part);
    let Some(first) = pairs.first() else {
        let (from, to) = beginning_with(part.chars().next().unwrap_or(' '));
        let which = Condition::all()
            .add(Column::Kind.eq(among.code()))
            .add(Column::Gram.gte(from))
            .add(Column::Gram.lt(to));
        return Ok(Probe { which });
    };
    let mut best = (first, i64::MAX);
    for pair in pairs.iter().take(MAX_PAIRS).filter(|_| pairs.len() > 1) {
        let many = at_most(conn, identities(under(among, pair)).limit(COMMON)).await?;
        if many < best.1 {
            best = (pair, many);
        }
    }
    Ok(Probe { which: under(among, best.0) })
}

/// How many rows a limited select has; a plain count would forget the limit.
async fn at_most(conn: &impl ConnectionTrait, select: Select<Entity>) -> Result<i64, DbErr> {
    let count = Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), "n")
        .from_subquery(select.into_query(), "limited")
        .to_owned();
    let row = conn.query_one(&count).await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Rows of the index to look through.
#[derive(Debug, Clone)]
pub struct Probe {
    which: Condition,
}

impl Probe {
    /// Up to `limit` identities after the first `offset`, in the order of the index. One may come
    /// twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(
        &self,
        conn: &impl ConnectionTrait,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<i64>, DbErr> {
        self.select(offset, limit).into_tuple().all(conn).await
    }

    /// The same as a query, for looking at its plan.
    pub fn select(&self, offset: u64, limit: u64) -> Select<Entity> {
        identities(self.which.clone())
            .order_by_asc(Column::Kind)
            .order_by_asc(Column::Gram)
            .order_by_asc(Column::ObjectId)
            .offset(offset)
            .limit(limit)
    }
}
