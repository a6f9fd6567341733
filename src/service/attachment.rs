//! Files that prove something. Whoever sees the subject does not thereby see its files: each kind
//! of subject decides. Contents are sealed, checked by hash on the way out, and never deleted.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Actor, Error, Outage, log};
use crate::app::App;
use crate::depot::DepotError;
use crate::domain::attachment::{FileKind, MAX_BYTES, SubjectKind, check_room, clean_name};
use crate::domain::authority::{Act, Role, Scope};
use crate::domain::registry::Code;
use crate::file::hash::sha256_hex;
use crate::file::kind::detect;
use crate::store::attachment::{self as store, Attachment, NewAttachment};
use crate::store::db::Tx;
use crate::store::directory::{account_names, own_enterprise};
use crate::vault::random_token;

/// Most characters of a note or reason.
const MAX_NOTE: usize = 200;

/// What a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Kind.
    pub kind: SubjectKind,
    /// Identity among its kind.
    pub id: i64,
    /// Kind and official number under which the log names it.
    pub object: (&'static str, String),
}

impl Subject {
    /// A person.
    pub fn person(id: i64, no: &str) -> Self {
        Self { kind: SubjectKind::Person, id, object: ("engineer", no.to_owned()) }
    }

    /// A source document.
    pub fn source_document(id: i64) -> Self {
        Self { kind: SubjectKind::SourceDocument, id, object: ("source", id.to_string()) }
    }

    /// A file that moves through offices.
    pub fn case(id: i64, no: &str) -> Self {
        Self { kind: SubjectKind::Case, id, object: ("case", no.to_owned()) }
    }
}

/// How far an actor sees into the files of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Everybody's.
    All,
    /// Everybody's; what was withdrawn cannot be taken any more.
    Standing,
    /// Those that the own organisation brought.
    Own,
}

impl Sight {
    const fn organisation(self, actor: &Actor) -> Option<i64> {
        match self {
            Self::All | Self::Standing => None,
            Self::Own => Some(actor.organisation_id),
        }
    }
}

/// What the actor sees of a subject's files. A new kind of subject adds its own rule here.
async fn sight(app: &App, actor: &Actor, subject: &Subject) -> Result<Sight, Error> {
    actor.must(match subject.kind {
        SubjectKind::Case => Act::ReadCases,
        SubjectKind::Person | SubjectKind::SourceDocument => Act::ReadRegistry,
    })?;
    match subject.kind {
        SubjectKind::Person => of_person(app, actor, subject.id).await,
        SubjectKind::SourceDocument => of_source(app, actor, subject.id).await,
        SubjectKind::Case => of_case(app, actor, &subject.object.1).await,
    }
}

/// Whoever may see the case sees its files: an enterprise thus none of an objection.
async fn of_case(app: &App, actor: &Actor, case_no: &str) -> Result<Sight, Error> {
    super::case::seen(app, actor, case_no).await?;
    let enterprise = own_enterprise(&actor.scope).is_some();
    Ok(if enterprise { Sight::Standing } else { Sight::All })
}

/// Offices see all files of persons in their scope, an enterprise what it brought itself.
async fn of_person(app: &App, actor: &Actor, person_id: i64) -> Result<Sight, Error> {
    if !store::sees_person(app.db.read(), &actor.scope, person_id).await? {
        return Err(Error::NotFound("这位工程师"));
    }
    Ok(if own_enterprise(&actor.scope).is_some() { Sight::Own } else { Sight::All })
}

/// The province sees all, everybody else what their own organisation recorded.
async fn of_source(app: &App, actor: &Actor, source_id: i64) -> Result<Sight, Error> {
    let missing = Error::NotFound("这份来源文件");
    match store::office_of_source(app.db.read(), source_id).await? {
        Some(_) if actor.scope == Scope::Province => Ok(Sight::All),
        Some(office) if office == actor.organisation_id => Ok(Sight::Own),
        _ => Err(missing),
    }
}

fn may_bring(role: Role, kind: SubjectKind) -> bool {
    match kind {
        SubjectKind::Case => role.may(Act::WorkCases),
        SubjectKind::Person => role.may(Act::FileEngineers) || role.may(Act::CorrectFacts),
        SubjectKind::SourceDocument => {
            may_bring(role, SubjectKind::Person) || role.may(Act::DraftPolicies)
        }
    }
}

/// A file on record, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentLine {
    /// Identity.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes.
    pub size: i64,
    /// Hash of the content, 64 hexadecimal digits.
    pub sha256: String,
    /// What it proves; may be empty.
    pub note: String,
    /// Name of who brought it.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When and why it was withdrawn.
    pub withdrawn: Option<(DateTime<Utc>, String)>,
    /// Whether the actor may withdraw it.
    pub may_withdraw: bool,
    /// Whether the actor may take it.
    pub may_take: bool,
}

/// The files of a subject and what the actor may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachments {
    /// The files, the latest first.
    pub lines: Vec<AttachmentLine>,
    /// Whether the actor may add one.
    pub may_add: bool,
}

/// The files of a subject as far as the actor sees them.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::NotFound`] outside the scope.
pub async fn list(app: &App, actor: &Actor, subject: &Subject) -> Result<Attachments, Error> {
    let sight = sight(app, actor, subject).await?;
    let of = (subject.kind.code(), subject.id);
    let rows = store::of_subject(app.db.read(), of, sight.organisation(actor)).await?;
    let by: Vec<i64> = rows.iter().map(|row| row.uploaded_by).collect();
    let names = account_names(app.db.read(), &by).await?;
    let line = |row: Attachment| {
        let who = names.get(&row.uploaded_by).cloned().unwrap_or_default();
        let withdrawn = row.withdrawn_at.zip(row.withdrawal_reason.clone());
        Ok(AttachmentLine {
            id: row.id,
            kind: kind_of(&row)?,
            may_withdraw: withdrawn.is_none() && may_withdraw(actor, subject.kind, &row),
            may_take: may_take(sight, &row),
            name: row.file_name,
            size: row.size_bytes,
            sha256: row.sha256,
            note: row.note,
            at: row.uploaded_at,
            who,
            withdrawn,
        })
    };
    let lines = rows.into_iter().map(line).collect::<Result<_, Error>>()?;
    Ok(Attachments { lines, may_add: may_bring(actor.role, subject.kind) })
}

fn kind_of(row: &Attachment) -> Result<FileKind, Error> {
    FileKind::from_code(&row.file_type)
        .ok_or_else(|| Error::Internal(format!("attachment {} of unknown type", row.id)))
}

fn may_withdraw(actor: &Actor, kind: SubjectKind, row: &Attachment) -> bool {
    may_bring(actor.role, kind) && row.organisation_id == actor.organisation_id
}

/// What was withdrawn is kept for the offices that may have relied on it.
fn may_take(sight: Sight, row: &Attachment) -> bool {
    row.withdrawn_at.is_none() || sight == Sight::All
}

/// A file as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// What it proves.
    pub note: &'a str,
}

fn invalid<T>(field: &str, text: impl Into<String>) -> Result<T, Error> {
    Err(Error::Invalid(vec![(field.to_owned(), text.into())]))
}

/// What is wrong with a file, or its kind and clean name.
async fn inspect(file: &Brought<'_>) -> Result<(FileKind, String), Error> {
    if file.bytes.is_empty() {
        return invalid("file", "请选择文件；空文件不能上传");
    }
    if file.bytes.len() > MAX_BYTES {
        let limit = MAX_BYTES >> 20;
        return invalid("file", format!("文件超过 {limit} MB，请压缩或拆分后再上传"));
    }
    if file.note.trim().chars().count() > MAX_NOTE {
        return invalid("note", "说明最多 200 个字，请缩短");
    }
    let bytes = file.bytes.to_vec();
    let found = tokio::task::spawn_blocking(move || detect(&bytes)).await;
    let found = found.map_err(|e| Error::Internal(format!("looking into a file: {e}")))?;
    let kind = match found {
        Ok(kind) => kind,
        Err(text) => return invalid("file", text),
    };
    let name = clean_name(file.name);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    if !ending.is_some_and(|ending| kind.endings().contains(&ending.as_str())) {
        let text = format!("文件名后缀与内容不符：内容是 {}，请改正文件名后再上传", kind.label());
        return invalid("file", text);
    }
    Ok((kind, name))
}

/// Keeps a file for a subject. Returns the hash of its content.
///
/// # Errors
/// [`Error::Invalid`] for `file` or `note`; [`Error::Forbidden`]; [`Error::NotFound`] outside the
/// scope; [`Error::Refused`] when there is no room, or the same content is there already.
pub async fn add(
    app: &App,
    actor: &Actor,
    subject: &Subject,
    file: &Brought<'_>,
) -> Result<String, Error> {
    if !may_bring(actor.role, subject.kind) {
        return Err(Error::Forbidden(match subject.kind {
            SubjectKind::Case => Act::WorkCases,
            SubjectKind::Person | SubjectKind::SourceDocument => Act::FileEngineers,
        }));
    }
    sight(app, actor, subject).await?;
    let (kind, name) = inspect(file).await?;
    let sha256 = sha256_hex(file.bytes);
    let store_name = random_token::<16>()?;
    let sealed = app.vault.seal(&place(&store_name), file.bytes)?;
    // The content first: a row without content would be a promise that cannot be kept.
    app.files.put(&store_name, sealed).await?;
    let new = NewAttachment {
        store_name: &store_name,
        subject: (subject.kind.code(), subject.id),
        organisation_id: actor.organisation_id,
        file_name: &name,
        file_type: kind.code(),
        size_bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        sha256: &sha256,
        note: file.note.trim(),
        uploaded_by: actor.account_id,
        uploaded_at: app.clock.now(),
    };
    let recorded = record(app, actor, subject, &new).await;
    if recorded.is_err()
        && let Err(error) = app.files.drop_unrecorded(&store_name).await
    {
        tracing::warn!(%error, "an unrecorded file could not be dropped");
    }
    recorded.map(|()| sha256)
}

/// The place for which a content is sealed: exchanged files do not open.
fn place(store_name: &str) -> String {
    format!("attachment.{store_name}")
}

async fn record(
    app: &App,
    actor: &Actor,
    subject: &Subject,
    new: &NewAttachment<'_>,
) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    store::lock_organisation(&tx, actor.organisation_id).await?;
    check_quota(app, &tx, actor, new).await?;
    store::record(&tx, new).await?;
    let detail = json!({
        "title": new.file_name,
        "sha256": new.sha256,
        "size": new.size_bytes,
    });
    log(app, &tx, actor, "attachment.added", (subject.object.0, &subject.object.1), &detail)
        .await?;
    Ok(tx.commit().await?)
}

/// Room at the subject and at the organisation, of whom nobody else adds at the same time.
async fn check_quota(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    new: &NewAttachment<'_>,
) -> Result<(), Error> {
    let mut rows = store::of_subject(tx, new.subject, Some(actor.organisation_id)).await?;
    rows.retain(|row| row.withdrawn_at.is_none());
    if rows.iter().any(|row| row.sha256 == new.sha256) {
        return Err(Error::Refused("相同内容的附件已经上传，不需要重复上传".to_owned()));
    }
    let bytes = rows.iter().map(|row| row.size_bytes).sum();
    check_room(rows.len(), bytes, new.size_bytes).map_err(Error::Refused)?;
    let kept = store::bytes_of_organisation(tx, actor.organisation_id).await?;
    if kept.saturating_add(new.size_bytes) > app.files.organisation_quota {
        return Err(Error::Refused(
            "本单位的附件空间已用完，请撤回不再需要的附件，或联系系统管理员调整".to_owned(),
        ));
    }
    Ok(())
}

/// A file to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its content, the same to the last bit.
    pub bytes: Vec<u8>,
}

/// Hands a file over. Every time is logged.
///
/// # Errors
/// [`Error::NotFound`] outside what the actor sees; [`Error::Refused`] when the content is not what
/// was brought: that is logged as well.
pub async fn take(app: &App, actor: &Actor, subject: &Subject, id: i64) -> Result<Taken, Error> {
    let sight = sight(app, actor, subject).await?;
    let row = find(app, actor, subject, sight, id).await?;
    if !may_take(sight, &row) {
        return Err(Error::NotFound("这个附件"));
    }
    let stored = app.files.get(&row.store_name).await?;
    let opened = stored.and_then(|sealed| app.vault.open(&place(&row.store_name), &sealed).ok());
    let whole = opened.filter(|plain| sha256_hex(plain) == row.sha256);
    let action = if whole.is_some() { "attachment.downloaded" } else { "attachment.damaged" };
    let detail = json!({ "title": row.file_name, "sha256": row.sha256 });
    let tx = app.db.begin().await?;
    log(app, &tx, actor, action, (subject.object.0, &subject.object.1), &detail).await?;
    tx.commit().await?;
    let Some(plain) = whole else {
        tracing::error!(attachment = row.id, "a stored file is missing or not what was brought");
        return Err(Error::Refused(
            "附件内容缺失或与上传时的校验值不符，已停止下载并记入日志。请联系系统管理员核查文件存储"
                .to_owned(),
        ));
    };
    Ok(Taken { kind: kind_of(&row)?, bytes: plain.to_vec(), name: row.file_name })
}

async fn find(
    app: &App,
    actor: &Actor,
    subject: &Subject,
    sight: Sight,
    id: i64,
) -> Result<Attachment, Error> {
    let of = (subject.kind.code(), subject.id);
    let rows = store::of_subject(app.db.read(), of, sight.organisation(actor)).await?;
    rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound("这个附件"))
}

/// Withdraws a file of the actor's own organisation; it stays on record with the reason.
///
/// # Errors
/// [`Error::Invalid`] for `reason`; [`Error::NotFound`] for a file that the actor does not see;
/// [`Error::Refused`] for one of another organisation; [`Error::Stale`] when it is withdrawn.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    subject: &Subject,
    id: i64,
    reason: &str,
) -> Result<(), Error> {
    let sight = sight(app, actor, subject).await?;
    let row = find(app, actor, subject, sight, id).await?;
    if !may_withdraw(actor, subject.kind, &row) {
        return Err(Error::Refused("只能撤回本单位上传的附件".to_owned()));
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_NOTE {
        return invalid("reason", "请写明撤回原因，最多 200 个字");
    }
    let tx = app.db.begin().await?;
    store::withdraw(&tx, id, (actor.account_id, reason), app.clock.now()).await?;
    let detail = json!({ "title": row.file_name, "sha256": row.sha256, "reason": reason });
    let object = (subject.object.0, subject.object.1.as_str());
    log(app, &tx, actor, "attachment.withdrawn", object, &detail).await?;
    Ok(tx.commit().await?)
}

impl From<DepotError> for Error {
    fn from(error: DepotError) -> Self {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(inner) = cause {
            let of_disk = inner.downcast_ref::<std::io::Error>();
            if of_disk.is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull) {
                return Self::Outage(Outage::Full, error.to_string());
            }
            cause = inner.source();
        }
        Self::Internal(error.to_string())
    }
}
