//! The heads of the log leave the machine: each seal as a signed line in a file (ADR 0022).

use chrono::{DateTime, Duration, Utc};
use tokio::task::spawn_blocking;

use super::{Actor, Error};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::chain::{self, Head};
use crate::domain::head_line::HeadLine;
use crate::file::heads::{self, Heads};
use crate::head_file::HeadFile;
use crate::store::audit::{heads_in, seal_of};
use crate::store::audit_log::{self, AuditSeal};

/// Seals that are exported at a time.
const PAGE: u64 = 200;

/// How long what happened may stay on the machine alone (in a running server it is an hour).
fn longest() -> Duration {
    Duration::hours(2)
}

/// Writes each seal that is not in the file yet. Returns how many; none when no folder is set. Why it
/// failed is kept for those who read the log.
///
/// # Errors
/// When the file cannot be written, or ends in a seal that the database does not know: then the
/// database was cut, rewritten or exchanged.
pub async fn export(app: &App) -> Result<usize, Error> {
    let Some(file) = &app.heads else { return Ok(0) };
    let mut exported = 0;
    loop {
        match export_some(app, file).await {
            Ok(0) => {
                file.note(None);
                return Ok(exported);
            }
            Ok(lines) => exported += lines,
            Err(error) => {
                file.note(Some(error.to_string()));
                return Err(error);
            }
        }
    }
}

async fn export_some(app: &App, file: &HeadFile) -> Result<usize, Error> {
    let last = in_background(file, HeadFile::last).await?;
    let conn = app.db.read();
    let after = last.as_ref().map_or(0, |(_, line)| line.seal);
    let mut known: Vec<Head> = Vec::new();
    if let Some((_, line)) = &last {
        let stored = audit_log::seals_after(conn, line.seal - 1, 1).await?.pop();
        let same = stored.filter(|seal| seal.seq == line.seal && seal.hash == line.hash);
        let seal = same.ok_or_else(|| {
            Error::Refused(format!(
                "封存值文件的最后一行（第 {} 号封存点）与数据库不符：数据库可能被截断、改写或换成了另一份，请立即校验日志；\
                 如果是从备份恢复的，请把旧的封存值文件另行存档后移走",
                line.seal
            ))
        })?;
        known = heads_in(&seal.heads)?;
    }
    let seals = audit_log::seals_after(conn, after, PAGE).await?;
    let vault = &app.vault;
    let mut lines: Vec<String> = Vec::with_capacity(seals.len());
    let text_before = last.map(|(text, _)| text);
    for row in &seals {
        let heads = heads_in(&row.heads)?;
        let before = lines.last().or(text_before.as_ref()).map(String::as_str);
        let previous = heads::hash(before);
        let line =
            HeadLine::new(&seal_of(row), (&known, &heads), previous, |text| vault.sign(text));
        if line.hash != row.hash {
            let text = format!("第 {} 号封存点的内容与校验值不符，请立即校验日志", row.seq);
            return Err(Error::Refused(text));
        }
        lines.push(heads::text(&line));
        known = heads;
    }
    let added = lines.len();
    if added == 0 {
        return Ok(0);
    }
    let written =
        in_background(file, move |file| file.append(text_before.as_deref(), &lines)).await?;
    Ok(if written { added } else { 0 })
}

/// Does something with the file beside the requests.
async fn in_background<T: Send + 'static>(
    file: &HeadFile,
    what: impl FnOnce(&HeadFile) -> std::io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let file = file.clone();
    let done = spawn_blocking(move || what(&file)).await;
    let done = done.map_err(|error| Error::Internal(error.to_string()))?;
    done.map_err(|error| Error::Refused(format!("封存值文件无法读写：{error}")))
}

/// A seal by which the whole log up to it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Number of the seal.
    pub seal: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Its hash.
    pub hash: String,
}

impl From<AuditSeal> for Sealed {
    fn from(seal: AuditSeal) -> Self {
        Self { seal: seal.seq, at: seal.at, hash: seal.hash }
    }
}

/// The last seal, to be printed where paper leaves the office. It tells nothing about anybody.
///
/// # Errors
/// When the database fails.
pub async fn last_sealed(app: &App) -> Result<Option<Sealed>, Error> {
    Ok(audit_log::seals(app.db.read(), 1).await?.pop().map(Sealed::from))
}

/// How far the heads have left the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether a folder is set.
    pub is_on: bool,
    /// The last seal in the file.
    pub exported: Option<Sealed>,
    /// The last seal in the database.
    pub sealed: Option<Sealed>,
    /// Since when something is on this machine alone, when that is longer than two hours.
    pub late_since: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
    /// The key by which the lines are checked.
    pub public_key: String,
}

impl Standing {
    /// Whether somebody must look after it.
    pub const fn is_alarming(&self) -> bool {
        self.failure.is_some() || self.late_since.is_some()
    }
}

/// How far the heads have left the machine, for those who read the log.
///
/// # Errors
/// [`Error::Forbidden`] for everybody else.
pub async fn standing(app: &App, actor: &Actor) -> Result<Standing, Error> {
    actor.must(Act::VerifyLog)?;
    look(app).await
}

/// The same for the program, which warns in its own log.
///
/// # Errors
/// When the database fails.
pub async fn look(app: &App) -> Result<Standing, Error> {
    let mut standing = Standing {
        is_on: app.heads.is_some(),
        exported: None,
        sealed: last_sealed(app).await?,
        late_since: None,
        failure: None,
        public_key: app.vault.public_key(),
    };
    let Some(file) = &app.heads else { return Ok(standing) };
    match in_background(file, HeadFile::last).await {
        Ok(last) => {
            standing.exported =
                last.map(|(_, line)| Sealed { seal: line.seal, at: line.at, hash: line.hash });
            standing.failure = file.failure();
        }
        Err(error) => standing.failure = Some(error.to_string()),
    }
    let since = waiting_since(app, standing.exported.as_ref()).await?;
    let limit = app.clock.machine_now() - longest();
    // Where the date can be set, times of seals and events say nothing.
    standing.late_since = since.filter(|since| *since < limit && !app.clock.is_settable());
    Ok(standing)
}

/// Since when something is not in the file: the first seal after the last line, else the first event
/// after the last seal.
async fn waiting_since(
    app: &App,
    exported: Option<&Sealed>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let conn = app.db.read();
    let after = exported.map_or(0, |sealed| sealed.seal);
    if let Some(seal) = audit_log::seals_after(conn, after, 1).await?.pop() {
        return Ok(Some(seal.at));
    }
    let last = audit_log::seals(conn, 1).await?.pop();
    let sealed = last.and_then(|seal| chain::heads(&seal.heads)).unwrap_or_default();
    let position = |organisation_id: i64| {
        sealed.iter().find(|head| head.organisation_id == organisation_id).map_or(0, |h| h.seq)
    };
    let ends = audit_log::heads(conn).await?;
    let grown: Vec<(i64, i64)> = ends
        .iter()
        .map(|end| (end.organisation_id, position(end.organisation_id), end.seq))
        .filter(|(_, sealed, end)| sealed < end)
        .map(|(organisation_id, sealed, _)| (organisation_id, sealed))
        .collect();
    Ok(audit_log::first_after(conn, &grown).await?)
}

/// The file as it is, to be taken along.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but those who read the log; [`Error::NotFound`] before there is
/// a line.
pub async fn take(app: &App, actor: &Actor) -> Result<String, Error> {
    actor.must(Act::VerifyLog)?;
    let missing = || Error::NotFound("封存值文件");
    let file = app.heads.as_ref().ok_or_else(missing)?;
    let text = in_background(file, HeadFile::read).await?;
    if text.is_empty() { Err(missing()) } else { Ok(text) }
}

/// What is in the file, checked with the installation's own key; `None` before there is a line, the
/// fault as a sentence, also when it cannot be read.
pub(super) async fn checked(app: &App) -> Option<Result<Heads, String>> {
    match in_background(app.heads.as_ref()?, HeadFile::read).await {
        Err(error) => Some(Err(error.to_string())),
        Ok(text) if text.is_empty() => None,
        Ok(text) => Some(heads::check(&text, &app.vault.public_key())),
    }
}
