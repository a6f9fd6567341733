//! Facts in bulk: everything that the results of a run of persons can depend on.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::domain::dossier::{Dossier, EnterpriseRecord};
use crate::domain::registry::{EnterpriseDivision, Listing, Stated};
use crate::store::fact::{CommonColumn, FactTable, Versions, facts_in, facts_where};

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

/// The dossiers of a run of persons as known at an instant; persons of whom nothing is known
/// are missing.
///
/// # Errors
/// When the database fails or holds an inconsistent row.
pub async fn dossiers(
    conn: &impl ConnectionTrait,
    persons: RangeInclusive<i64>,
    known_at: DateTime<Utc>,
) -> Result<HashMap<i64, Dossier>, DbErr> {
    let mut found: HashMap<i64, Dossier> = HashMap::new();
    let range = || persons.clone();
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.employments).await?;
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.roster).await?;
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.recognitions).await?;
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.evidence).await?;
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.suspensions).await?;
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.exclusions).await?;
    fill(conn, range(), known_at, &mut found, |dossier| &mut dossier.awards).await?;
    Ok(found)
}

async fn fill<T: FactTable>(
    conn: &impl ConnectionTrait,
    persons: RangeInclusive<i64>,
    known_at: DateTime<Utc>,
    found: &mut HashMap<i64, Dossier>,
    list: impl Fn(&mut Dossier) -> &mut Vec<Stated<T>>,
) -> Result<(), DbErr> {
    for stated in facts_in::<T>(conn, persons, Versions::KnownAt(known_at)).await? {
        list(found.entry(stated.about).or_default()).push(stated);
    }
    Ok(())
}
