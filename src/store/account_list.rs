//! Lists of accounts, and what they are chosen from.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationDef,
};

use super::account::{Account, AccountInFull, Organisation};

fn holder_of_account() -> RelationDef {
    entity::account::Entity::belongs_to(entity::account_holder::Entity)
        .from(entity::account::Column::HolderId)
        .to(entity::account_holder::Column::Id)
        .into()
}

/// Accounts whose sign-in name or holder's name contains `text`, by sign-in name; all for an
/// empty text. Returns how many there are and those from `offset`, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    text: &str,
    offset: u64,
    limit: u64,
) -> Result<(u64, Vec<AccountInFull>), DbErr> {
    use entity::{account, account_holder};
    let mut query = account::Entity::find().join(JoinType::InnerJoin, holder_of_account());
    if !text.is_empty() {
        let low = text.to_lowercase();
        let holds = |column: Expr| Func::lower(column).like(containing(&low));
        query = query.filter(
            Condition::any()
                .add(holds(Expr::col((account::Entity, account::Column::Login))))
                .add(holds(Expr::col((account_holder::Entity, account_holder::Column::Name)))),
        );
    }
    let total = query.clone().count(conn).await?;
    let accounts =
        query.order_by_asc(account::Column::Login).offset(offset).limit(limit).all(conn).await?;
    Ok((total, complete(conn, accounts).await?))
}

/// A pattern for texts that contain `text` literally.
fn containing(text: &str) -> LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

async fn complete(
    conn: &impl ConnectionTrait,
    accounts: Vec<Account>,
) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::{account_holder, organisation};
    let holder_ids: Vec<i64> = accounts.iter().map(|a| a.holder_id).collect();
    let office_ids: Vec<i64> = accounts.iter().map(|a| a.organisation_id).collect();
    let holders = account_holder::Entity::find()
        .filter(account_holder::Column::Id.is_in(holder_ids))
        .all(conn)
        .await?;
    let offices = organisation::Entity::find()
        .filter(organisation::Column::Id.is_in(office_ids))
        .all(conn)
        .await?;
    let in_full = |account: Account| {
        let holder = holders.iter().find(|h| h.id == account.holder_id)?.clone();
        let organisation = offices.iter().find(|o| o.id == account.organisation_id)?.clone();
        Some(AccountInFull { account, holder, organisation })
    };
    Ok(accounts.into_iter().filter_map(in_full).collect())
}

/// Sign-in names of all accounts of these natural persons: (holder, account, sign-in name).
///
/// # Errors
/// When the database fails.
pub async fn of_holders(
    conn: &impl ConnectionTrait,
    holders: &[i64],
) -> Result<Vec<Account>, DbErr> {
    use entity::account::{Column, Entity};
    Entity::find()
        .filter(Column::HolderId.is_in(holders.iter().copied()))
        .order_by_asc(Column::Login)
        .all(conn)
        .await
}

/// The accounts with these sign-in names.
///
/// # Errors
/// When the database fails.
pub async fn by_logins(
    conn: &impl ConnectionTrait,
    logins: &[&str],
) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::account::{Column, Entity};
    let accounts =
        Entity::find().filter(Column::Login.is_in(logins.iter().copied())).all(conn).await?;
    complete(conn, accounts).await
}

/// The accounts with these identities.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::account::{Column, Entity};
    let accounts = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await?;
    complete(conn, accounts).await
}

/// All accounts of an organisation, by sign-in name.
///
/// # Errors
/// When the database fails.
pub async fn of_organisation(
    conn: &impl ConnectionTrait,
    organisation_id: i64,
) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::account::{Column, Entity};
    let accounts = Entity::find()
        .filter(Column::OrganisationId.eq(organisation_id))
        .order_by_asc(Column::Login)
        .all(conn)
        .await?;
    complete(conn, accounts).await
}

/// How many accounts with this role are not disabled.
///
/// # Errors
/// When the database fails.
pub async fn active_with_role(conn: &impl ConnectionTrait, role: &str) -> Result<u64, DbErr> {
    use entity::account::{Column, Entity};
    Entity::find()
        .filter(Column::Role.eq(role))
        .filter(Column::DisabledAt.is_null())
        .count(conn)
        .await
}

/// The organisation with this identity.
///
/// # Errors
/// When the database fails.
pub async fn organisation(
    conn: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<Organisation>, DbErr> {
    entity::organisation::Entity::find_by_id(id).one(conn).await
}

/// The organisation with this code or this name.
///
/// # Errors
/// When the database fails.
pub async fn organisation_like(
    conn: &impl ConnectionTrait,
    code: &str,
    name: &str,
) -> Result<Option<Organisation>, DbErr> {
    use entity::organisation::{Column, Entity};
    let same = Condition::any().add(Column::Code.eq(code)).add(Column::Name.eq(name));
    Entity::find().filter(same).one(conn).await
}

/// The enterprise of the registry with this credit code, with the organisation it already is.
///
/// # Errors
/// When the database fails.
pub async fn enterprise(
    conn: &impl ConnectionTrait,
    uscc: &str,
) -> Result<Option<(i64, Option<Organisation>)>, DbErr> {
    let found = entity::enterprise::Entity::find()
        .filter(entity::enterprise::Column::Uscc.eq(uscc))
        .one(conn)
        .await?;
    let Some(found) = found else { return Ok(None) };
    let office = entity::organisation::Entity::find()
        .filter(entity::organisation::Column::EnterpriseId.eq(found.id))
        .one(conn)
        .await?;
    Ok(Some((found.id, office)))
}

/// The natural person with this staff number.
///
/// # Errors
/// When the database fails.
pub async fn holder(
    conn: &impl ConnectionTrait,
    staff_no: &str,
) -> Result<Option<super::account::Holder>, DbErr> {
    entity::account_holder::Entity::find()
        .filter(entity::account_holder::Column::StaffNo.eq(staff_no))
        .one(conn)
        .await
}

/// When each of these accounts was last seen: (account, instant).
///
/// # Errors
/// When the database fails.
pub async fn last_seen(
    conn: &impl ConnectionTrait,
    accounts: &[i64],
) -> Result<Vec<(i64, DateTime<Utc>)>, DbErr> {
    use entity::session::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::AccountId)
        .column_as(Column::LastSeenAt.max(), "seen")
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .group_by(Column::AccountId)
        .into_tuple()
        .all(conn)
        .await
}

/// The accounts of people in use that were made, enabled and last used before an instant.
///
/// # Errors
/// When the database fails.
pub async fn unused_since(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    systems: &[&str],
) -> Result<Vec<i64>, DbErr> {
    use entity::{account, session};
    let used = session::Entity::find()
        .select_only()
        .column(session::Column::AccountId)
        .filter(session::Column::LastSeenAt.gte(before));
    account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::DisabledAt.is_null())
        .filter(account::Column::Role.is_not_in(systems.iter().copied()))
        .filter(account::Column::CreatedAt.lt(before))
        .filter(
            Condition::any()
                .add(account::Column::InUseSince.is_null())
                .add(account::Column::InUseSince.lt(before)),
        )
        .filter(account::Column::Id.not_in_subquery(sea_orm::QueryTrait::into_query(used)))
        .order_by_asc(account::Column::Id)
        .into_tuple()
        .all(conn)
        .await
}

/// The accounts in use of an office (organisation, role code).
///
/// # Errors
/// When the database fails.
pub async fn active_of_office(
    conn: &impl ConnectionTrait,
    (organisation_id, role): (i64, &str),
) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::account::{Column, Entity};
    let accounts = Entity::find()
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::Role.eq(role))
        .filter(Column::DisabledAt.is_null())
        .order_by_asc(Column::Login)
        .all(conn)
        .await?;
    complete(conn, accounts).await
}

/// The accounts in use of an enterprise.
///
/// # Errors
/// When the database fails.
pub async fn ids_of_enterprise(
    conn: &impl ConnectionTrait,
    enterprise_id: i64,
) -> Result<Vec<i64>, DbErr> {
    use entity::{account, organisation};
    let offices: Vec<i64> = organisation::Entity::find()
        .select_only()
        .column(organisation::Column::Id)
        .filter(organisation::Column::EnterpriseId.eq(enterprise_id))
        .into_tuple()
        .all(conn)
        .await?;
    account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::OrganisationId.is_in(offices))
        .filter(account::Column::DisabledAt.is_null())
        .into_tuple()
        .all(conn)
        .await
}

/// The accounts in use with one of these roles.
///
/// # Errors
/// When the database fails.
pub async fn active_in_roles(
    conn: &impl ConnectionTrait,
    roles: &[&str],
) -> Result<Vec<AccountInFull>, DbErr> {
    use entity::account::{Column, Entity};
    let accounts = Entity::find()
        .filter(Column::Role.is_in(roles.iter().copied()))
        .filter(Column::DisabledAt.is_null())
        .order_by_asc(Column::Id)
        .all(conn)
        .await?;
    complete(conn, accounts).await
}
