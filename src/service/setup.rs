//! A new installation: the one-time links and the three administrators (ADR 0023).

use chrono::TimeDelta;
use serde_json::json;

use super::account::{Person, add_account, check_person};
use super::session::{Attempt, Opened, open};
use super::{
    Actor, Error, PROGRAM, account as accounts, log, log_apart, password, talent_programme,
};
use crate::app::App;
use crate::clock::Clock;
use crate::domain::authority::Role;
use crate::domain::duty::OrganisationKind;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::file::hash::sha256_hex;
use crate::store::account::{self, NewOrganisation};
use crate::store::db::{Tx, is_unique_violation};
use crate::store::installation::{self, Purpose};
use crate::store::{account_list, session, standing};
use crate::vault::random_token;

pub use crate::store::standing::Waiting;

/// A setup link can be used for so long.
const LINK_HOURS: i64 = 24;

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn answers(app: &App) -> Result<(), Error> {
    account::count(app.db.read()).await?;
    Ok(())
}

/// Whether the database has the schema of this program, no older one.
///
/// # Errors
/// When it does not answer.
pub async fn has_own_schema(app: &App) -> Result<bool, Error> {
    Ok(app.db.pending_migrations().await? == 0)
}

/// What waits to be done by the program itself.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(app: &App) -> Result<Waiting, Error> {
    Ok(standing::waiting(app.db.read()).await?)
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

/// A link that makes one of the three administrators.
#[derive(Debug, Clone)]
pub struct Link {
    /// Which of them.
    pub role: Role,
    /// The secret part of its address.
    pub token: String,
}

/// Fresh setup links for those of the three administrators of whom there is none in use; earlier
/// links for them end. None once the installation has all three. An installation from before there
/// were three gets those that it lacks.
///
/// # Errors
/// When the database fails.
pub async fn links(app: &App) -> Result<Vec<Link>, Error> {
    let tx = app.db.begin().await?;
    let mut links = Vec::new();
    for role in Role::ADMINISTRATORS {
        if account_list::active_with_role(&tx, role.code()).await? == 0 {
            links.push(make_link(app, &tx, role).await?);
        }
    }
    tx.commit().await?;
    Ok(links)
}

/// A fresh setup link for one of the three although there are some: whoever runs the machine helps
/// when the only one cannot sign in any more. The log tells of it.
///
/// # Errors
/// [`Error::Refused`] for another role; when the database fails.
pub async fn recovery_link(app: &App, role: Role) -> Result<Link, Error> {
    if !role.is_administrator() {
        return Err(Error::Refused("只能为三类管理员生成设置链接".to_owned()));
    }
    let tx = app.db.begin().await?;
    let link = make_link(app, &tx, role).await?;
    if account::administration(&tx).await?.is_some() {
        let detail = json!({ "role": role.label() });
        let object = ("act", "setup_link");
        log_apart(app, &tx, PROGRAM, "installation.link_made", object, &detail).await?;
    }
    tx.commit().await?;
    Ok(link)
}

async fn make_link(app: &App, tx: &Tx, role: Role) -> Result<Link, Error> {
    let (token, now) = (random_token::<32>()?, app.clock.machine_now());
    session::replace_setup_link(tx, role.code(), &sha256_hex(token.as_bytes()), now).await?;
    Ok(Link { role, token })
}

/// Which of the three a setup link makes, `None` when it cannot be used any more.
///
/// # Errors
/// When the database fails.
pub async fn makes(app: &App, token: &str) -> Result<Option<Role>, Error> {
    let made_after = app.clock.machine_now() - TimeDelta::hours(LINK_HOURS);
    let hash = sha256_hex(token.as_bytes());
    let role = session::setup_link_role(app.db.read(), &hash, made_after).await?;
    Ok(role.as_deref().and_then(Role::from_code))
}

/// One of the three administrators as typed.
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

/// Makes one of the three administrators with a setup link, uses the link up and signs them in. Each
/// sets an own password: nobody knows two of the three.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or never existed; [`Error::Invalid`] for each field
/// that is wrong.
pub async fn set_up(
    app: &App,
    token: &str,
    form: &Form<'_>,
    (address, user_agent): (&str, &str),
) -> Result<Opened, Error> {
    let Some(role) = makes(app, token).await? else {
        return Err(Error::NotFound("这个设置链接"));
    };
    let mut wrong = check_person(form.login, form.name, form.person_key);
    wrong.extend(accounts::check_new(app, (form.password, form.again), form.login, &[form.name]));
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
    let id =
        add_account(&tx, &person, role, office_id, password, now).await.map_err(about_person)?;
    let full = account::lock(&tx, id).await?.ok_or(Error::NotFound("这个账号"))?;
    let actor = Actor::new(&full, address)?;
    let object = ("account", actor.login.as_str());
    let detail = json!({ "role": role.label() });
    log(app, &tx, &actor, "installation.set_up", object, &detail).await?;
    talent_programme::ensure_shipped(app, &tx).await?;
    tx.commit().await?;
    let attempt = Attempt { login: form.login, password: form.password, address, user_agent };
    open(app, &full, &attempt, (None, None)).await
}

/// The form has no field for the role: what clashes is who was entered.
fn about_person(error: Error) -> Error {
    let Error::Invalid(fields) = error else { return error };
    let field = |(name, text): (String, String)| {
        (if name == "role" { "person_key".to_owned() } else { name }, text)
    };
    Error::Invalid(fields.into_iter().map(field).collect())
}
