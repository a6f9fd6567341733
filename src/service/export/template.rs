//! Templates: a list, its filter and its columns under a name, for whoever asks for it every month.

use super::lists::Wanted;
use crate::app::App;
use crate::domain::export::ExportList;
use crate::domain::registry::Code;
use crate::service::{Actor, Error, invalid};
use crate::store::export_template::{self as store, Template};

/// Longest name, in characters.
const NAME_MAX: usize = 30;
/// Templates that one account keeps.
const MOST_TEMPLATES: usize = 30;

/// A template as its owner sees it.
#[derive(Debug, Clone)]
pub struct TemplateLine {
    /// Its key.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Which list.
    pub list: ExportList,
    /// Filter and columns in words.
    pub conditions: String,
}

fn wanted(kept: &Template) -> Result<Wanted, Error> {
    let list = ExportList::from_code(&kept.list);
    let list = list.ok_or_else(|| Error::Internal(format!("template {}", kept.id)))?;
    Wanted::from_criteria(list, &kept.criteria)
}

/// The actor's templates of lists that they may see, by name.
///
/// # Errors
/// When the database fails.
pub async fn templates(app: &App, actor: &Actor) -> Result<Vec<TemplateLine>, Error> {
    let mut lines = Vec::new();
    for kept in store::of_account(app.db.read(), actor.account_id).await? {
        let wanted = wanted(&kept)?;
        if actor.must(wanted.list.needs()).is_ok() {
            let conditions = wanted.words();
            lines.push(TemplateLine {
                id: kept.id,
                name: kept.name,
                list: wanted.list,
                conditions,
            });
        }
    }
    Ok(lines)
}

/// What one of the actor's templates asks for.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn wanted_of_template(app: &App, actor: &Actor, id: i64) -> Result<Wanted, Error> {
    let kept = store::by_id(app.db.read(), actor.account_id, id).await?;
    wanted(&kept.ok_or(Error::NotFound("这个导出模板"))?)
}

/// Keeps what is asked for under a name; one of the same name is replaced.
///
/// # Errors
/// [`Error::Forbidden`] for a list that the actor does not see; [`Error::Invalid`]
/// (`template_name`) for a name that is empty or too long; [`Error::Refused`] beyond
/// 30 templates.
pub async fn keep_template(
    app: &App,
    actor: &Actor,
    name: &str,
    wanted: &Wanted,
) -> Result<(), Error> {
    actor.must(wanted.list.needs())?;
    let name = name.trim();
    if !(1..=NAME_MAX).contains(&name.chars().count()) {
        let text = format!("请填写模板名称，最多 {NAME_MAX} 个字，例如：每月在册名单");
        return Err(Error::Invalid(vec![invalid("template_name", text)]));
    }
    let tx = app.db.begin().await?;
    let kept = store::of_account(&tx, actor.account_id).await?;
    if kept.len() >= MOST_TEMPLATES && kept.iter().all(|template| template.name != name) {
        let text = format!("已有 {MOST_TEMPLATES} 个导出模板，请先删除不用的");
        return Err(Error::Refused(text));
    }
    let wanted = wanted.clone().of_any_year(app);
    let new = (name, wanted.list.code(), wanted.criteria()?);
    store::keep(&tx, actor.account_id, new, app.clock.machine_now()).await?;
    Ok(tx.commit().await?)
}

/// Drops one of the actor's templates.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn forget_template(app: &App, actor: &Actor, id: i64) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    if !store::forget(&tx, actor.account_id, id).await? {
        return Err(Error::NotFound("这个导出模板"));
    }
    Ok(tx.commit().await?)
}
