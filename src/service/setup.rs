//! A new installation: the one-time link and the first administrator.

use serde_json::json;

use super::account::{Person, add_account, check_person};
use super::session::{Attempt, Opened, open};
use super::{Actor, Error, account as accounts, log, password};
use crate::app::App;
use crate::clock::Clock;
use crate::domain::authority::Role;
use crate::domain::duty::OrganisationKind;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::file::hash::sha256_hex;
use crate::store::account::{self, NewOrganisation};
use crate::store::db::is_unique_violation;
use crate::store::installation::{self, Purpose};
use crate::store::session;
use crate::vault::random_token;

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn answers(app: &App) -> Result<(), Error> {
    account::count(app.db.read()).await?;
    Ok(())
}

/// The application as it is served: with the real database at the machine's time, or with a database
/// that was made to test with, where the date can be set. An empty database is made for tests by the
/// first start that asks for it. Neither kind is ever opened as the other.
///
/// # Errors
/// [`Error::Refused`] when the database was made for something else.
pub async fn environment(mut app: App, test: bool) -> Result<App, Error> {
    let tx = app.db.begin().await?;
    let installed = installation::get(&tx).await?;
    let made_for_tests = installed.as_ref().is_some_and(installation::Installation::is_test);
    if !test && made_for_tests {
        let text = "这个数据库是测试环境的，不能作为正式系统打开；请加 --test-environment 启动，\
                    或换一个数据库";
        return Err(Error::Refused(text.to_owned()));
    }
    if !test {
        return Ok(app);
    }
    if !made_for_tests {
        if installed.is_some() || account::count(&tx).await? > 0 {
            let text = "这个数据库不是测试环境的，不能以 --test-environment 打开；\
                        请用一个新的空数据库";
            return Err(Error::Refused(text.to_owned()));
        }
        let made = installation::mark(&tx, Purpose::Test, app.clock.machine_now()).await;
        if let Err(error) = made
            && !is_unique_violation(&error)
        {
            return Err(error.into());
        }
        tx.commit().await?;
    }
    app.clock = Clock::Settable;
    Ok(app)
}

/// The token of a fresh setup link while there is no account; earlier links end. `None` once the
/// installation is set up.
///
/// # Errors
/// When the database fails.
pub async fn link(app: &App) -> Result<Option<String>, Error> {
    let tx = app.db.begin().await?;
    if account::count(&tx).await? > 0 {
        return Ok(None);
    }
    let token = random_token::<32>()?;
    session::replace_setup_link(&tx, &sha256_hex(token.as_bytes()), app.clock.machine_now())
        .await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Whether a setup link can still be used.
///
/// # Errors
/// When the database fails.
pub async fn is_open(app: &App, token: &str) -> Result<bool, Error> {
    let conn = app.db.read();
    let open = session::setup_link_is_open(conn, &sha256_hex(token.as_bytes())).await?;
    Ok(open && account::count(conn).await? == 0)
}

/// The first administrator as typed.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// Sign-in name.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Staff number of the person.
    pub person_key: &'a str,
    /// Password.
    pub password: &'a str,
    /// The same again.
    pub again: &'a str,
}

/// Makes the first administrator with a setup link, uses the link up and signs them in.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or never existed; [`Error::Invalid`] for each field
/// that is wrong.
pub async fn first_administrator(
    app: &App,
    token: &str,
    form: &Form<'_>,
    (address, user_agent): (&str, &str),
) -> Result<Opened, Error> {
    if !is_open(app, token).await? {
        return Err(Error::NotFound("这个设置链接"));
    }
    let mut wrong = check_person(form.login, form.name, form.person_key);
    wrong.extend(accounts::check_new(form.password, form.again, form.login));
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let hash = password::hash(form.password).await?;
    let now = app.clock.machine_now();
    let tx = app.db.begin().await?;
    let used = session::use_setup_link(&tx, &sha256_hex(token.as_bytes()), now).await;
    used.map_err(|_| Error::NotFound("这个设置链接"))?;
    let office = NewOrganisation {
        code: "administration",
        kind: OrganisationKind::Administration.code(),
        name: "系统管理机构",
        division: region::PROVINCE,
        enterprise_id: None,
    };
    let office_id = account::ensure_organisation(&tx, &office, now).await?;
    let person = Person { login: form.login, name: form.name, staff_no: form.person_key };
    let password = (hash.as_str(), false);
    let id = add_account(&tx, &person, Role::Administrator, office_id, password, now).await?;
    let full = account::lock(&tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    let actor = Actor::new(&full, address)?;
    let object = ("account", actor.login.as_str());
    log(app, &tx, &actor, "installation.set_up", object, &json!({})).await?;
    tx.commit().await?;
    let attempt = Attempt { login: form.login, password: form.password, address, user_agent };
    open(app, &full, &attempt, None).await
}
