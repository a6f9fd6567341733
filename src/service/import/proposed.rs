//! What machines of enterprises hand in (`service::machine`): the same checks, and the office's
//! word where the enterprise's own is not enough.

use super::ground::{Enterprise, Ground, admit};
use super::pages::{ImportSummary, summaries};
use super::preview::{ImportPreview, keep};
use super::read::Upload;
use super::run::walk;
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::file::form::ImportKind;
use crate::service::{Actor, Error};
use crate::store::import;

/// Checks a file of a form that the actor may import against the registry and keeps nothing.
///
/// # Errors
/// As [`super::preview`].
pub async fn look(
    app: &App,
    actor: &Actor,
    kind: ImportKind,
    bytes: Vec<u8>,
) -> Result<ImportPreview, Error> {
    let ground = admit(app, actor, kind, None).await?;
    let tally = walk(kind, &ground, Upload::new("rows.csv", bytes), app.db.read(), None).await?;
    Ok(ImportPreview::of(String::new(), tally))
}

/// Keeps evidence months that an enterprise hands in for its own people, when every row is good:
/// the HR office of the province then confirms or discards them like its own uploads. Whether
/// they were kept is told beside the preview.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but an enterprise that files its engineers.
pub async fn propose_evidence(
    app: &App,
    actor: &Actor,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<(ImportPreview, bool), Error> {
    actor.must(Act::FileEngineers)?;
    let Scope::Enterprise(own) = actor.scope else {
        return Err(Error::Forbidden(Act::FileEngineers));
    };
    let enterprise = Enterprise::load(app.db.read(), own, app.clock.today()).await?;
    let ground = Ground::new(app, Some(enterprise.ok_or(Error::NotFound("企业"))?));
    let (kind, upload) = (ImportKind::Evidence, Upload::new(file_name, bytes));
    let tally = walk(kind, &ground, upload.clone(), app.db.read(), None).await?;
    if tally.rows.bad > 0 {
        return Ok((ImportPreview::of(String::new(), tally), false));
    }
    Ok((keep(app, actor, kind, &ground, upload, tally).await?, true))
}

/// Where an import stands.
///
/// # Errors
/// [`Error::NotFound`] outside the actor's scope.
pub async fn status(app: &App, actor: &Actor, import_no: &str) -> Result<ImportSummary, Error> {
    actor.must(Act::ReadRegistry)?;
    let missing = || Error::NotFound("导入");
    let stored = import::by_no(app.db.read(), import_no, &actor.scope).await?;
    summaries(app, vec![stored.ok_or_else(missing)?]).await?.pop().ok_or_else(missing)
}
