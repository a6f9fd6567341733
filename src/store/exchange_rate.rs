//! Exchange rates and the files they came from.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::db::{Verdict, decide as decide_proposal, insert_all, update_all};
use super::number;
use crate::domain::exchange_rate::{Direction, Quotation, Rate};
use crate::domain::registry::Code;
use entity::{exchange_rate, exchange_rate_upload};

pub use entity::exchange_rate::Model as RateRow;
pub use entity::exchange_rate_upload::Model as UploadRow;

/// A file to be read in.
#[derive(Debug, Clone, Copy)]
pub struct NewUpload<'a> {
    /// Its name.
    pub file_name: &'a str,
    /// Its hash.
    pub content_sha256: &'a str,
    /// Where the rates come from.
    pub rate_source: &'a str,
    /// What it says.
    pub quotations: &'a [Quotation],
    /// Account and natural person.
    pub by: (i64, i64),
    /// When.
    pub at: DateTime<Utc>,
}

/// Currency, day and millionths, as an upload keeps them.
type Written = (String, NaiveDate, i64);

fn broken(what: &str) -> DbErr {
    DbErr::Custom(format!("exchange rate: {what}"))
}

/// Keeps a file that nobody confirmed yet; returns its official number.
///
/// # Errors
/// When the database refuses, or a rate has more decimals than are kept.
pub async fn propose(tx: &DatabaseTransaction, new: &NewUpload<'_>) -> Result<String, DbErr> {
    let upload_no = format!("ER{:05}", number::allocate(tx, "exchange_rate", 1).await?);
    let written = |one: &Quotation| -> Option<Written> {
        Some((one.currency.clone(), one.quoted_on, one.rate.millionths()?))
    };
    let written: Option<Vec<Written>> = new.quotations.iter().map(written).collect();
    let written = written.ok_or_else(|| broken("too many decimals"))?;
    let row = exchange_rate_upload::ActiveModel {
        upload_no: Set(upload_no.clone()),
        file_name: Set(new.file_name.to_owned()),
        content_sha256: Set(new.content_sha256.to_owned()),
        rate_source: Set(new.rate_source.to_owned()),
        quotation_count: Set(i64::try_from(written.len()).unwrap_or(i64::MAX)),
        quotations: Set(serde_json::to_string(&written).map_err(|e| broken(&e.to_string()))?),
        proposed_by: Set(new.by.0),
        proposed_holder: Set(new.by.1),
        proposed_at: Set(new.at),
        ..Default::default()
    };
    exchange_rate_upload::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(upload_no)
}

/// What a file says.
///
/// # Errors
/// When what is kept cannot be read.
pub fn quotations(row: &UploadRow) -> Result<Vec<Quotation>, DbErr> {
    let written: Vec<Written> =
        serde_json::from_str(&row.quotations).map_err(|error| broken(&error.to_string()))?;
    let read = |(currency, quoted_on, millionths): Written| {
        let rate = Rate::from_millionths(millionths).ok_or_else(|| broken("not positive"))?;
        Ok(Quotation { currency, quoted_on, rate })
    };
    written.into_iter().map(read).collect()
}

/// The last `limit` files, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn uploads(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<UploadRow>, DbErr> {
    use exchange_rate_upload::{Column, Entity};
    Entity::find().order_by_desc(Column::Id).limit(limit).all(conn).await
}

/// A file by its number.
///
/// # Errors
/// When the database fails.
pub async fn upload(conn: &impl ConnectionTrait, no: &str) -> Result<Option<UploadRow>, DbErr> {
    use exchange_rate_upload::{Column, Entity};
    Entity::find().filter(Column::UploadNo.eq(no)).one(conn).await
}

/// The same, locked for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, no: &str) -> Result<Option<UploadRow>, DbErr> {
    use exchange_rate_upload::{Column, Entity};
    Entity::find().filter(Column::UploadNo.eq(no)).lock(LockType::Update).one(tx).await
}

/// Whether a file with this content was confirmed or waits; its number.
///
/// # Errors
/// When the database fails.
pub async fn same_content(
    conn: &impl ConnectionTrait,
    content_sha256: &str,
) -> Result<Option<String>, DbErr> {
    use exchange_rate_upload::{Column, Entity};
    let kept = Condition::any().add(Column::Accepted.is_null()).add(Column::Accepted.eq(true));
    let found = Entity::find().filter(Column::ContentSha256.eq(content_sha256)).filter(kept);
    Ok(found.one(conn).await?.map(|row| row.upload_no))
}

/// Confirms a file or sends it back.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when somebody decided it first.
pub async fn decide(
    tx: &DatabaseTransaction,
    id: i64,
    (account, holder): (i64, i64),
    (accepted, note): (bool, &str),
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use exchange_rate_upload::{Column, Entity};
    let by = [(Column::DecidedBy, account.into()), (Column::DecidedHolder, holder.into())];
    decide_proposal::<Entity>(tx, id, by, Verdict { accepted, note, at }).await
}

/// The live rates of the days that some quotations are about.
///
/// # Errors
/// When the database fails.
pub async fn live_beside(
    conn: &impl ConnectionTrait,
    quotations: &[Quotation],
) -> Result<Vec<RateRow>, DbErr> {
    use exchange_rate::{Column, Entity};
    let days = || quotations.iter().map(|one| one.quoted_on);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    Entity::find()
        .filter(Column::SupersededAt.is_null())
        .filter(Column::QuotedOn.between(first, last))
        .all(conn)
        .await
}

/// States what a confirmed file says: new quotations are added, changed ones supersede the live
/// row, equal ones change nothing. Returns how many were added and how many superseded.
///
/// # Errors
/// When the database refuses.
pub async fn state(
    tx: &DatabaseTransaction,
    upload: &UploadRow,
    at: DateTime<Utc>,
) -> Result<(usize, usize), DbErr> {
    use exchange_rate::{ActiveModel, Column, Entity};
    let quotations = quotations(upload)?;
    let live = live_beside(tx, &quotations).await?;
    let (mut fresh, mut changed) = (Vec::new(), Vec::new());
    for one in quotations {
        let millionths = one.rate.millionths().ok_or_else(|| broken("too many decimals"))?;
        let same = |row: &&RateRow| row.currency == one.currency && row.quoted_on == one.quoted_on;
        match live.iter().find(same) {
            Some(row) if row.rate_millionths == millionths => continue,
            Some(row) => changed.push(row.id),
            None => {}
        }
        fresh.push(ActiveModel {
            currency: Set(one.currency),
            quoted_on: Set(one.quoted_on),
            direction: Set(Direction::SpotSell.code().to_owned()),
            rate_millionths: Set(millionths),
            rate_source: Set(upload.rate_source.clone()),
            upload_id: Set(upload.id),
            recorded_at: Set(at),
            superseded_at: Set(None),
            superseded_upload_id: Set(None),
            ..Default::default()
        });
    }
    let end = Entity::update_many()
        .col_expr(Column::SupersededAt, Expr::value(at))
        .col_expr(Column::SupersededUploadId, Expr::value(upload.id))
        .filter(Column::SupersededAt.is_null());
    update_all(tx, &end, Column::Id, &changed).await?;
    let added = fresh.len() - changed.len();
    insert_all(tx, fresh).await?;
    Ok((added, changed.len()))
}

/// The rate of a day, or of the last day before it that has one. With `known_at`, as the register
/// knew it then; without, as it knows it now.
///
/// # Errors
/// When the database fails.
pub async fn rate_on(
    conn: &impl ConnectionTrait,
    currency: &str,
    day: NaiveDate,
    known_at: Option<DateTime<Utc>>,
) -> Result<Option<RateRow>, DbErr> {
    use exchange_rate::{Column, Entity};
    let known = match known_at {
        None => Condition::all().add(Column::SupersededAt.is_null()),
        Some(at) => Condition::all().add(Column::RecordedAt.lte(at)).add(
            Condition::any().add(Column::SupersededAt.is_null()).add(Column::SupersededAt.gt(at)),
        ),
    };
    Entity::find()
        .filter(Column::Currency.eq(currency))
        .filter(Column::Direction.eq(Direction::SpotSell.code()))
        .filter(Column::QuotedOn.lte(day))
        .filter(known)
        .order_by_desc(Column::QuotedOn)
        .one(conn)
        .await
}

/// Which rates a list shows.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// One currency; all when empty.
    pub currency: String,
    /// One day; all when there is none.
    pub quoted_on: Option<NaiveDate>,
    /// Whether superseded ones are shown as well.
    pub with_superseded: bool,
}

/// Up to `limit` rates after the first `offset`, the latest day first, and how many there are.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &impl ConnectionTrait,
    wanted: &Wanted,
    (offset, limit): (u64, u64),
) -> Result<(Vec<RateRow>, u64), DbErr> {
    use exchange_rate::{Column, Entity};
    let mut asked = Condition::all();
    if !wanted.currency.is_empty() {
        asked = asked.add(Column::Currency.eq(wanted.currency.as_str()));
    }
    if let Some(day) = wanted.quoted_on {
        asked = asked.add(Column::QuotedOn.eq(day));
    }
    if !wanted.with_superseded {
        asked = asked.add(Column::SupersededAt.is_null());
    }
    let found = Entity::find().filter(asked);
    let total = found.clone().count(conn).await?;
    let rows = found
        .order_by_desc(Column::QuotedOn)
        .order_by_asc(Column::Currency)
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit);
    Ok((rows.all(conn).await?, total))
}

/// The numbers of the files with these identities.
///
/// # Errors
/// When the database fails.
pub async fn upload_numbers(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    use exchange_rate_upload::{Column, Entity};
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::UploadNo])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await
}
