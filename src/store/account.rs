//! Accounts, their organisations and holders.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::db::expect_one_row;
use crate::domain::authority::Role;
use crate::domain::region;
use crate::domain::registry::Code;

pub use entity::account::Model as Account;
pub use entity::account_holder::Model as Holder;
pub use entity::organisation::Model as Organisation;

/// An account with everything that decides what it may do.
#[derive(Debug, Clone)]
pub struct AccountInFull {
    /// The account.
    pub account: Account,
    /// Its natural person.
    pub holder: Holder,
    /// Its organisation.
    pub organisation: Organisation,
}

async fn complete(
    conn: &impl ConnectionTrait,
    account: Option<Account>,
) -> Result<Option<AccountInFull>, DbErr> {
    let Some(account) = account else { return Ok(None) };
    let missing = |what: &str| DbErr::RecordNotFound(what.to_owned());
    let holder = entity::account_holder::Entity::find_by_id(account.holder_id)
        .one(conn)
        .await?
        .ok_or_else(|| missing("account holder"))?;
    let organisation = entity::organisation::Entity::find_by_id(account.organisation_id)
        .one(conn)
        .await?
        .ok_or_else(|| missing("organisation"))?;
    Ok(Some(AccountInFull { account, holder, organisation }))
}

/// The account with this sign-in name.
///
/// # Errors
/// When the database fails.
pub async fn by_login(
    conn: &impl ConnectionTrait,
    login: &str,
) -> Result<Option<AccountInFull>, DbErr> {
    let found = entity::account::Entity::find()
        .filter(entity::account::Column::Login.eq(login))
        .one(conn)
        .await?;
    complete(conn, found).await
}

/// The account with this identity.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<AccountInFull>, DbErr> {
    complete(conn, entity::account::Entity::find_by_id(id).one(conn).await?).await
}

/// All accounts, by sign-in name.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<AccountInFull>, DbErr> {
    let accounts = entity::account::Entity::find()
        .order_by_asc(entity::account::Column::Login)
        .all(conn)
        .await?;
    let mut out = Vec::with_capacity(accounts.len());
    for account in accounts {
        out.extend(complete(conn, Some(account)).await?);
    }
    Ok(out)
}

/// An organisation to create.
#[derive(Debug, Clone)]
pub struct NewOrganisation<'a> {
    /// Official code.
    pub code: &'a str,
    /// Kind, as the table lists them.
    pub kind: &'static str,
    /// Name.
    pub name: &'a str,
    /// Division it works for.
    pub division: &'a str,
    /// The enterprise it is, if it is one.
    pub enterprise_id: Option<i64>,
}

/// The organisation with this code, made when missing. Returns its identity.
///
/// # Errors
/// When the database refuses.
pub async fn ensure_organisation(
    tx: &DatabaseTransaction,
    new: &NewOrganisation<'_>,
    at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    use entity::organisation::{ActiveModel, Column, Entity};
    if let Some(found) = Entity::find().filter(Column::Code.eq(new.code)).one(tx).await? {
        return Ok(found.id);
    }
    let row = ActiveModel {
        code: Set(new.code.to_owned()),
        kind: Set(new.kind.to_owned()),
        name: Set(new.name.to_owned()),
        division: Set(new.division.to_owned()),
        enterprise_id: Set(new.enterprise_id),
        created_at: Set(at),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The natural person with this staff number, made when missing. Returns the identity.
///
/// # Errors
/// When the database refuses.
pub async fn ensure_holder(
    tx: &DatabaseTransaction,
    staff_no: &str,
    name: &str,
    at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    use entity::account_holder::{ActiveModel, Column, Entity};
    if let Some(found) = Entity::find().filter(Column::StaffNo.eq(staff_no)).one(tx).await? {
        return Ok(found.id);
    }
    let row = ActiveModel {
        name: Set(name.to_owned()),
        staff_no: Set(staff_no.to_owned()),
        created_at: Set(at),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// Sign-in name.
    pub login: &'a str,
    /// Natural person.
    pub holder_id: i64,
    /// Organisation.
    pub organisation_id: i64,
    /// Role code.
    pub role: &'a str,
    /// PHC string of the password.
    pub password_hash: &'a str,
    /// Whether the first sign-in must change it.
    pub must_change_password: bool,
}

/// Creates an account; returns its identity.
///
/// # Errors
/// When the sign-in name is taken.
pub async fn create(
    tx: &DatabaseTransaction,
    new: &NewAccount<'_>,
    at: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = entity::account::ActiveModel {
        login: Set(new.login.to_owned()),
        holder_id: Set(new.holder_id),
        organisation_id: Set(new.organisation_id),
        role: Set(new.role.to_owned()),
        password_hash: Set(new.password_hash.to_owned()),
        must_change_password: Set(new.must_change_password),
        disabled_at: Set(None),
        created_at: Set(at),
        ..Default::default()
    };
    Ok(entity::account::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Sign-in name of the account of the program; nobody can ask for one that looks like it.
pub const PROGRAM_LOGIN: &str = "system:program";

/// The account under which stands what the program decides by itself, made when missing. Nobody
/// signs in with it: it is out of use from the start and has no password.
///
/// # Errors
/// When the database refuses, or another process makes it at this moment.
pub async fn of_program(tx: &DatabaseTransaction, at: DateTime<Utc>) -> Result<i64, DbErr> {
    if let Some(found) = by_login(tx, PROGRAM_LOGIN).await? {
        return Ok(found.account.id);
    }
    let organisation_id = match administration(tx).await? {
        Some(office) => office.id,
        None => {
            let office = NewOrganisation {
                code: PROGRAM_LOGIN,
                kind: "administration",
                name: "骏才系统",
                division: region::PROVINCE,
                enterprise_id: None,
            };
            ensure_organisation(tx, &office, at).await?
        }
    };
    let new = NewAccount {
        login: PROGRAM_LOGIN,
        holder_id: ensure_holder(tx, PROGRAM_LOGIN, "系统", at).await?,
        organisation_id,
        role: Role::OfficeSystem.code(),
        password_hash: "",
        must_change_password: false,
    };
    let id = create(tx, &new, at).await?;
    let disabled = entity::account::ActiveModel {
        id: Unchanged(id),
        disabled_at: Set(Some(at)),
        ..Default::default()
    };
    entity::account::Entity::update(disabled).exec(tx).await?;
    Ok(id)
}

/// How many accounts there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
    entity::account::Entity::find().count(conn).await
}

/// The account, locked against concurrent changes for the rest of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &DatabaseTransaction, id: i64) -> Result<Option<AccountInFull>, DbErr> {
    let found = entity::account::Entity::find_by_id(id).lock(LockType::Update).one(tx).await?;
    complete(tx, found).await
}

/// The natural person, locked, so that two accounts of one person cannot be made at once.
///
/// # Errors
/// When there is no such person.
pub async fn lock_holder(tx: &DatabaseTransaction, id: i64) -> Result<Holder, DbErr> {
    entity::account_holder::Entity::find_by_id(id)
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("account holder".to_owned()))
}

/// Locks an organisation, so that its accounts change one after the other.
///
/// # Errors
/// When the database fails.
pub async fn lock_organisation(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    entity::organisation::Entity::find_by_id(id).lock(LockType::Update).one(tx).await?;
    Ok(())
}

/// The accounts of one natural person that are not disabled.
///
/// # Errors
/// When the database fails.
pub async fn active_of_holder(
    conn: &impl ConnectionTrait,
    holder_id: i64,
) -> Result<Vec<Account>, DbErr> {
    entity::account::Entity::find()
        .filter(entity::account::Column::HolderId.eq(holder_id))
        .filter(entity::account::Column::DisabledAt.is_null())
        .all(conn)
        .await
}

/// The organisation that manages accounts, `None` before the installation is set up.
///
/// # Errors
/// When the database fails.
pub async fn administration(conn: &impl ConnectionTrait) -> Result<Option<Organisation>, DbErr> {
    entity::organisation::Entity::find()
        .filter(entity::organisation::Column::Kind.eq("administration"))
        .order_by_asc(entity::organisation::Column::Id)
        .one(conn)
        .await
}

/// All organisations, by name.
///
/// # Errors
/// When the database fails.
pub async fn organisations(conn: &impl ConnectionTrait) -> Result<Vec<Organisation>, DbErr> {
    entity::organisation::Entity::find()
        .order_by_asc(entity::organisation::Column::Name)
        .order_by_asc(entity::organisation::Column::Id)
        .all(conn)
        .await
}

/// Gives the account another password.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is no such account.
pub async fn set_password(
    tx: &DatabaseTransaction,
    id: i64,
    password_hash: &str,
    must_change: bool,
) -> Result<(), DbErr> {
    use entity::account::Column;
    let done = entity::account::Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(password_hash))
        .col_expr(Column::MustChangePassword, Expr::value(must_change))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Notes that a password was replaced by one that its owner chose.
///
/// # Errors
/// When the database refuses.
pub async fn note_password(
    tx: &DatabaseTransaction,
    id: i64,
    replaced: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use entity::account::Column;
    let row = entity::earlier_password::ActiveModel {
        account_id: Set(id),
        password_hash: Set(replaced.to_owned()),
        replaced_at: Set(at),
        ..Default::default()
    };
    entity::earlier_password::Entity::insert(row).exec_without_returning(tx).await?;
    let done = entity::account::Entity::update_many()
        .col_expr(Column::PasswordSetAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Hashes of the passwords that an account had before, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn earlier_passwords(
    conn: &impl ConnectionTrait,
    id: i64,
    limit: u64,
) -> Result<Vec<String>, DbErr> {
    use entity::earlier_password::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::PasswordHash)
        .filter(Column::AccountId.eq(id))
        .order_by_desc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}

/// Disables the account at an instant, or enables it again.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is no such account.
pub async fn set_disabled(
    tx: &DatabaseTransaction,
    id: i64,
    disabled_at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    use entity::account::Column;
    let done = entity::account::Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(disabled_at))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Lets the account be used from an instant on.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is no such account.
pub async fn enable(tx: &DatabaseTransaction, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    use entity::account::Column;
    set_disabled(tx, id, None).await?;
    let done = entity::account::Entity::update_many()
        .col_expr(Column::InUseSince, Expr::value(at))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}

/// Gives the account another role and organisation.
///
/// # Errors
/// [`DbErr::RecordNotUpdated`] when there is no such account.
pub async fn set_duty(
    tx: &DatabaseTransaction,
    id: i64,
    role: &str,
    organisation_id: i64,
) -> Result<(), DbErr> {
    use entity::account::Column;
    let done = entity::account::Entity::update_many()
        .col_expr(Column::Role, Expr::value(role))
        .col_expr(Column::OrganisationId, Expr::value(organisation_id))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    expect_one_row(done.rows_affected)
}
