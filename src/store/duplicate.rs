//! Likely duplicates: clues as keyed hashes, pairs that share one, and dismissed pairs.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QuerySelect,
};

use super::db::{insert_all, query, rows_per_statement};
use super::directory::scope;
use crate::domain::authority::Scope;
use crate::domain::duplicate::{Pair, Reason, reasons_of, reasons_text};
use crate::domain::registry::Code;

pub use entity::duplicate_dismissal::Model as Dismissal;

/// Pairs of one reason that are looked at; more mean that a shared number is no sign of anything.
pub const MOST_PAIRS: i64 = 20_000;

/// A name and a document of a person without a clue yet.
#[derive(Debug, FromQueryResult)]
pub struct UnreadIdentity {
    /// Person.
    pub person_id: i64,
    /// Fact that holds the document.
    pub document_id: i64,
    /// Kind of document.
    pub document_type: String,
    /// Its country.
    pub country: String,
    /// Its sealed number.
    pub number_cipher: Vec<u8>,
    /// Fact that holds the name.
    pub name_id: i64,
    /// The name.
    pub name: String,
}

/// A mobile number without a clue yet.
#[derive(Debug, FromQueryResult)]
pub struct UnreadMobile {
    /// Person.
    pub person_id: i64,
    /// Fact that holds it.
    pub contact_id: i64,
    /// Sealed number.
    pub mobile_cipher: Vec<u8>,
}

/// Live names with live documents that no clue of a kind was made of, from the document with the
/// identity `from` on, in order, at most `limit`. Of [`Reason::Namesake`] those of foreigners only:
/// a name alone says nothing of anybody else.
///
/// # Errors
/// When the database fails.
pub async fn unread_identities(
    conn: &impl ConnectionTrait,
    kind: Reason,
    from: i64,
    limit: i64,
) -> Result<Vec<UnreadIdentity>, DbErr> {
    let foreign = match kind {
        Reason::Namesake => "AND d.country NOT IN ('CHN', 'HKG', 'MAC', 'TWN', 'XXX')",
        _ => "",
    };
    let sql = format!(
        "SELECT d.person_id, d.id AS document_id, d.document_type, d.country, d.number_cipher, \
            n.id AS name_id, n.name \
        FROM person_document d JOIN person_name n ON n.person_id = d.person_id \
        WHERE d.id >= $2 AND d.superseded_at IS NULL AND n.superseded_at IS NULL {foreign} \
          AND NOT EXISTS (SELECT 1 FROM person_clue c WHERE c.kind = $3 \
              AND c.first_fact_id = d.id AND c.second_fact_id = n.id) \
        ORDER BY d.id, n.id LIMIT $1"
    );
    query(conn, &sql, vec![limit.into(), from.into(), kind.code().into()]).await
}

/// Live mobile numbers that no clue was made of, the same way.
///
/// # Errors
/// When the database fails.
pub async fn unread_mobiles(
    conn: &impl ConnectionTrait,
    from: i64,
    limit: i64,
) -> Result<Vec<UnreadMobile>, DbErr> {
    let sql = "SELECT c.person_id, c.id AS contact_id, c.mobile_cipher FROM person_contact c \
        WHERE c.id >= $2 AND c.superseded_at IS NULL AND NOT EXISTS ( \
            SELECT 1 FROM person_clue k WHERE k.kind = 'mobile' \
              AND k.first_fact_id = c.id AND k.second_fact_id = 0) \
        ORDER BY c.id LIMIT $1";
    query(conn, sql, vec![limit.into(), from.into()]).await
}

/// A clue to store.
#[derive(Debug, Clone)]
pub struct NewClue {
    /// Whose.
    pub person_id: i64,
    /// Code of the reason; accounts are indexed as facts already.
    pub kind: &'static str,
    /// The facts that it was made of; the second may be 0.
    pub facts: (i64, i64),
    /// Keyed hash; empty when the facts give none.
    pub clue: String,
}

/// Stores clues; those stored meanwhile by somebody else stay.
///
/// # Errors
/// When the database refuses.
pub async fn add_clues(tx: &DatabaseTransaction, clues: Vec<NewClue>) -> Result<(), DbErr> {
    use entity::person_clue::{ActiveModel, Entity};
    use sea_orm::sea_query::OnConflict;
    let row = |new: &NewClue| ActiveModel {
        id: NotSet,
        person_id: Set(new.person_id),
        kind: Set(new.kind.to_owned()),
        first_fact_id: Set(new.facts.0),
        second_fact_id: Set(new.facts.1),
        clue: Set(new.clue.clone()),
    };
    for clues in clues.chunks(rows_per_statement(6)) {
        Entity::insert_many(clues.iter().map(row))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

#[derive(Debug, FromQueryResult)]
struct Shared {
    low: i64,
    high: i64,
}

const SHARED_IDENTITY: &str = "SELECT DISTINCT a.person_id AS low, b.person_id AS high \
    FROM person_clue a \
    JOIN person_clue b ON b.kind = a.kind AND b.clue = a.clue AND a.person_id {order} b.person_id \
    JOIN person_document da ON da.id = a.first_fact_id AND da.superseded_at IS NULL \
    JOIN person_document db ON db.id = b.first_fact_id AND db.superseded_at IS NULL \
    JOIN person_name na ON na.id = a.second_fact_id AND na.superseded_at IS NULL \
    JOIN person_name nb ON nb.id = b.second_fact_id AND nb.superseded_at IS NULL \
    WHERE a.kind = 'identity' AND a.clue <> ''";
const SHARED_NAME: &str = "SELECT DISTINCT a.person_id AS low, b.person_id AS high \
    FROM person_clue a \
    JOIN person_clue b ON b.kind = a.kind AND b.clue = a.clue AND a.person_id {order} b.person_id \
    JOIN person_document da ON da.id = a.first_fact_id AND da.superseded_at IS NULL \
    JOIN person_document db ON db.id = b.first_fact_id AND db.superseded_at IS NULL \
    JOIN person_name na ON na.id = a.second_fact_id AND na.superseded_at IS NULL \
    JOIN person_name nb ON nb.id = b.second_fact_id AND nb.superseded_at IS NULL \
    WHERE a.kind = 'namesake' \
      AND (da.document_type = 'passport' OR db.document_type = 'passport')";
const SHARED_MOBILE: &str = "SELECT DISTINCT a.person_id AS low, b.person_id AS high \
    FROM person_clue a \
    JOIN person_clue b ON b.kind = a.kind AND b.clue = a.clue AND a.person_id {order} b.person_id \
    JOIN person_contact ca ON ca.id = a.first_fact_id AND ca.superseded_at IS NULL \
    JOIN person_contact cb ON cb.id = b.first_fact_id AND cb.superseded_at IS NULL \
    WHERE a.kind = 'mobile' AND a.clue <> ''";
const SHARED_ACCOUNT: &str = "SELECT DISTINCT a.person_id AS low, b.person_id AS high \
    FROM bank_account a \
    JOIN bank_account b ON b.account_index = a.account_index AND a.person_id {order} b.person_id \
    WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL";

/// Which pairs are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a> {
    /// All.
    All,
    /// This one.
    Pair(Pair),
    /// Those with one of these persons.
    Of(&'a [i64]),
}

impl Among<'_> {
    /// Whether a pair is one of them.
    pub fn holds(&self, pair: &Pair) -> bool {
        match self {
            Self::All => true,
            Self::Pair(only) => only == pair,
            Self::Of(persons) => [pair.low, pair.high].iter().any(|id| persons.contains(id)),
        }
    }
}

/// The pairs of persons that share something, as the facts stand now; at most [`MOST_PAIRS`] of all,
/// or of each few of some persons.
///
/// # Errors
/// When the database fails.
pub async fn sharing(
    conn: &impl ConnectionTrait,
    reason: Reason,
    among: Among<'_>,
) -> Result<Vec<Pair>, DbErr> {
    let shared = match reason {
        Reason::Identity => SHARED_IDENTITY,
        Reason::Namesake => SHARED_NAME,
        Reason::Mobile => SHARED_MOBILE,
        Reason::Account => SHARED_ACCOUNT,
    };
    let limit = || vec![sea_orm::Value::from(MOST_PAIRS)];
    let rows: Vec<Shared> = match among {
        Among::All => {
            let sql = format!("{shared} ORDER BY 1, 2 LIMIT $1").replace("{order}", "<");
            query(conn, &sql, limit()).await?
        }
        Among::Pair(Pair { low, high }) => {
            let only = "AND a.person_id = $2 AND b.person_id = $3";
            let sql = format!("{shared} {only} ORDER BY 1, 2 LIMIT $1").replace("{order}", "<");
            query(conn, &sql, [limit(), vec![low.into(), high.into()]].concat()).await?
        }
        Among::Of(persons) => {
            let mut rows = Vec::new();
            for persons in persons.chunks(rows_per_statement(1)) {
                let marks: Vec<String> = (2..persons.len() + 2).map(|n| format!("${n}")).collect();
                let only = format!("AND a.person_id IN ({})", marks.join(", "));
                let sql =
                    format!("{shared} {only} ORDER BY 1, 2 LIMIT $1").replace("{order}", "<>");
                let values = limit().into_iter().chain(persons.iter().map(|id| (*id).into()));
                rows.extend(query::<Shared>(conn, &sql, values).await?);
            }
            rows
        }
    };
    let mut pairs: Vec<Pair> =
        rows.into_iter().filter_map(|Shared { low, high }| Pair::of(low, high)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// Those of the persons whom the scope covers.
///
/// # Errors
/// When the database fails.
pub async fn within(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    persons: &[i64],
) -> Result<HashSet<i64>, DbErr> {
    use entity::person::{Column, Entity};
    let mut found = HashSet::new();
    for persons in persons.chunks(rows_per_statement(1)) {
        let rows: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(persons.iter().copied()))
            .filter(scope::persons(scope, Column::Id))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Records that two persons are different.
///
/// # Errors
/// When the database refuses.
pub async fn dismiss(
    tx: &DatabaseTransaction,
    pair: Pair,
    reasons: &std::collections::BTreeSet<Reason>,
    explanation: &str,
    (recorded_by, recorded_at): (i64, DateTime<Utc>),
) -> Result<(), DbErr> {
    let row = entity::duplicate_dismissal::ActiveModel {
        id: NotSet,
        low_id: Set(pair.low),
        high_id: Set(pair.high),
        reasons: Set(reasons_text(reasons)),
        explanation: Set(explanation.to_owned()),
        recorded_by: Set(recorded_by),
        recorded_at: Set(recorded_at),
    };
    insert_all(tx, [row]).await
}

/// Everything that was ever dismissed, in order.
///
/// # Errors
/// When the database fails.
pub async fn dismissals(
    conn: &impl ConnectionTrait,
    among: Among<'_>,
) -> Result<Vec<Dismissal>, DbErr> {
    use entity::duplicate_dismissal::{Column, Entity};
    use sea_orm::QueryOrder;
    let select = Entity::find().order_by_asc(Column::Id);
    match among {
        Among::All => select.all(conn).await,
        Among::Pair(Pair { low, high }) => {
            select.filter(Column::LowId.eq(low)).filter(Column::HighId.eq(high)).all(conn).await
        }
        Among::Of(persons) => {
            let mut rows = Vec::new();
            for ids in persons.chunks(rows_per_statement(2)) {
                let one = Column::LowId.is_in(ids.iter().copied());
                let either = one.or(Column::HighId.is_in(ids.iter().copied()));
                rows.extend(select.clone().filter(either).all(conn).await?);
            }
            rows.sort_unstable_by_key(|row| row.id);
            rows.dedup_by_key(|row| row.id);
            Ok(rows)
        }
    }
}

/// The reasons that were known when the pair was dismissed.
pub fn known_reasons(dismissal: &Dismissal) -> std::collections::BTreeSet<Reason> {
    reasons_of(&dismissal.reasons)
}
