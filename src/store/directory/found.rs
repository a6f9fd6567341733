//! What the search box finds: a few of possibly very many, without looking at all of them.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::engineers::{Person, contains, person};
use super::enterprises::{EnterpriseKey, key};
use super::scope;
use crate::domain::authority::Scope;
use crate::store::search::{Named, Probe, rarest};

/// Rows of the index compared in the first statement: of a common name in a wide scope, enough.
const FIRST: u64 = 60;
/// Rows of the index compared in each later one.
const CHUNK: u64 = 400;
/// Rows of the index compared before a narrow scope is looked through instead: when so many give
/// too few, the scope is small.
const BUDGET: u64 = 2_000;

/// A person in scope who once had a name with this part, as a condition on `person`.
fn person_named(scope: &Scope, part: &str) -> Condition {
    use entity::{person, person_name as name};
    let names = name::Entity::find()
        .select_only()
        .column(name::Column::Id)
        .filter(name::Column::PersonId.into_expr().equals((person::Entity, person::Column::Id)))
        .filter(name::Column::SupersededAt.is_null())
        .filter(contains(name::Column::Name, part));
    Condition::all().add(Expr::exists(names.into_query())).add(scope::person_row(scope))
}

/// The same for an enterprise.
fn enterprise_named(scope: &Scope, part: &str) -> Condition {
    use entity::{enterprise, enterprise_name as name};
    let same = (enterprise::Entity, enterprise::Column::Id);
    let names = name::Entity::find()
        .select_only()
        .column(name::Column::Id)
        .filter(name::Column::EnterpriseId.into_expr().equals(same))
        .filter(name::Column::SupersededAt.is_null())
        .filter(contains(name::Column::Name, part));
    Condition::all()
        .add(Expr::exists(names.into_query()))
        .add(scope::enterprises(scope, enterprise::Column::Id))
}

/// The rows of the index in pieces, until `limit` are found or it makes no sense to go on.
struct Walk {
    probe: Probe,
    budget: Option<u64>,
    offset: u64,
    seen: std::collections::HashSet<i64>,
}

impl Walk {
    async fn new(
        conn: &impl ConnectionTrait,
        among: Named,
        part: &str,
        budget: Option<u64>,
    ) -> Result<Self, DbErr> {
        let probe = rarest(conn, among, part).await?;
        Ok(Self { probe, budget, offset: 0, seen: std::collections::HashSet::new() })
    }

    fn is_spent(&self) -> bool {
        self.budget.is_some_and(|budget| self.offset >= budget)
    }

    /// New identities to compare; `None` at the end of the index.
    async fn next(&mut self, conn: &impl ConnectionTrait) -> Result<Option<Vec<i64>>, DbErr> {
        let rows = if self.offset == 0 { FIRST } else { CHUNK };
        let ids = self.probe.next(conn, self.offset, rows).await?;
        self.offset += rows;
        let fresh: Vec<i64> = ids.iter().copied().filter(|id| self.seen.insert(*id)).collect();
        Ok((!ids.is_empty()).then_some(fresh))
    }
}

/// Up to `limit` persons in scope who once had a name that contains `part`.
///
/// # Errors
/// When the database fails.
pub async fn persons_named(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    part: &str,
    limit: usize,
) -> Result<Vec<Person>, DbErr> {
    use entity::person::{Column, Entity};
    let select = || Entity::find().filter(person_named(scope, part)).order_by_asc(Column::Id);
    let budget = match scope {
        Scope::Province => None,
        Scope::Enterprise(_) | Scope::Person(_) | Scope::Nothing => Some(0),
        Scope::City(_) | Scope::County(_) => Some(BUDGET),
    };
    let mut walk = Walk::new(conn, Named::Person, part, budget).await?;
    let mut found = Vec::new();
    while found.len() < limit {
        if walk.is_spent() {
            // The driver is the scope now: those engaged by its enterprises.
            let there = scope::persons(scope, Column::Id);
            let most = u64::try_from(limit).unwrap_or(u64::MAX);
            found = select().filter(there).limit(most).all(conn).await?;
            break;
        }
        let Some(ids) = walk.next(conn).await? else { break };
        let most = u64::try_from(limit - found.len()).unwrap_or(u64::MAX);
        found.extend(select().filter(Column::Id.is_in(ids)).limit(most).all(conn).await?);
    }
    found.truncate(limit);
    Ok(found.into_iter().map(person).collect())
}

/// Up to `limit` enterprises in scope that once had a name that contains `part`.
///
/// # Errors
/// When the database fails.
pub async fn enterprises_named(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    part: &str,
    limit: usize,
) -> Result<Vec<EnterpriseKey>, DbErr> {
    use entity::enterprise::{Column, Entity};
    let mut walk = Walk::new(conn, Named::Enterprise, part, None).await?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(ids) = walk.next(conn).await? else { break };
        let rows = Entity::find()
            .filter(Column::Id.is_in(ids))
            .filter(enterprise_named(scope, part))
            .order_by_asc(Column::Id)
            .all(conn)
            .await?;
        found.extend(rows);
    }
    found.truncate(limit);
    Ok(found.into_iter().map(key).collect())
}

/// Up to `limit` enterprises in scope whose code begins so, in order of their codes.
///
/// # Errors
/// When the database fails.
pub async fn enterprises_by_code(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    beginning: &str,
    limit: u64,
) -> Result<Vec<EnterpriseKey>, DbErr> {
    use entity::enterprise::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Uscc.starts_with(beginning))
        .filter(scope::enterprises(scope, Column::Id))
        .order_by_asc(Column::Uscc)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(key).collect())
}

/// Up to `limit` persons in scope with a live recognition under this certificate number.
///
/// # Errors
/// When the database fails.
pub async fn persons_by_certificate(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    certificate_no: &str,
    limit: u64,
) -> Result<Vec<Person>, DbErr> {
    use entity::person::{Column, Entity};
    use entity::recognition as held;
    let holders = held::Entity::find()
        .select_only()
        .column(held::Column::PersonId)
        .filter(held::Column::CertificateNo.eq(certificate_no))
        .filter(held::Column::SupersededAt.is_null());
    let rows = Entity::find()
        .filter(Column::Id.in_subquery(holders.into_query()))
        .filter(scope::person_row(scope))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(person).collect())
}
