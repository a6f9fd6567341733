//! Files that prove something about an engineer: list, upload, download, withdrawal.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use axum::extract::{Path, State};

use super::record;
use crate::service::attachment::{self, AttachmentLine, Brought, Subject};
use crate::service::directory::{self, AsOf};
use crate::service::{Actor, Error};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::send::{Filed, FiledWithFile, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// A file.
#[derive(Debug, Clone, Default)]
pub struct AttachmentRow {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub size: String,
    pub sha256: String,
    pub note: String,
    pub who: String,
    pub at: String,
    /// When and why it was withdrawn.
    pub withdrawn: Option<(String, String)>,
    pub may_take: bool,
    /// Fields: reason. `None` when it cannot be withdrawn.
    pub withdrawal: Option<FormState>,
}

/// The files of a subject and the forms about them.
#[derive(Debug, Clone, Default)]
pub struct AttachmentPanel {
    pub rows: Vec<AttachmentRow>,
    /// Fields: file, note. `None` when none can be added.
    pub upload: Option<FormState>,
}

impl AttachmentPanel {
    /// Whether a form has to be corrected.
    pub fn has_errors(&self) -> bool {
        let withdrawals = self.rows.iter().filter_map(|row| row.withdrawal.as_ref());
        self.upload.iter().chain(withdrawals).any(FormState::has_errors)
    }
}

/// The panel of a subject. `wrong` is a form to correct: that of an upload, or by identity that of
/// a withdrawal.
pub(super) async fn panel(
    site: &Site,
    actor: &Actor,
    subject: &Subject,
    wrong: Option<(Option<i64>, FormState)>,
) -> Result<AttachmentPanel, Error> {
    let found = attachment::list(&site.app, actor, subject).await?;
    let form = |id: Option<i64>, prefix: String| match &wrong {
        Some((about, form)) if *about == id => form.clone(),
        _ => FormState::new(&prefix),
    };
    let row = |line: AttachmentLine| AttachmentRow {
        withdrawal: line
            .may_withdraw
            .then(|| form(Some(line.id), format!("withdrawal-{}", line.id))),
        id: line.id,
        name: line.name,
        kind: crate::domain::registry::Code::label(line.kind).to_owned(),
        size: size_text(line.size),
        sha256: line.sha256,
        note: line.note,
        who: line.who,
        at: minute(line.at),
        withdrawn: line.withdrawn.map(|(at, why)| (minute(at), why)),
        may_take: line.may_take,
    };
    Ok(AttachmentPanel {
        rows: found.lines.into_iter().map(row).collect(),
        upload: found.may_add.then(|| form(None, "attachment".to_owned())),
    })
}

/// Kilobytes, rounded up.
fn size_text(bytes: i64) -> String {
    format!("{} KB", (bytes + 1023) / 1024)
}

async fn subject(site: &Site, who: &SignedIn, no: &str) -> Result<Subject, Failure> {
    let record = directory::engineer(&site.app, &who.actor, no, AsOf::default()).await?;
    Ok(Subject::person(record.person_id, &record.no))
}

pub(super) async fn add(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: FiledWithFile,
) -> Answer {
    let subject = subject(&site, &who, &no).await?;
    let (name, bytes) =
        filed.file().map_or(("", &[][..]), |file| (file.name.as_str(), file.bytes.as_slice()));
    let file = Brought { name, bytes, note: filed.text("note") };
    match attachment::add(&site.app, &who.actor, &subject, &file).await {
        Ok(sha256) => {
            let to = format!("/engineers/{no}#attachments");
            Ok(done(&to, &format!("附件已保存，校验值 {sha256}。")))
        }
        Err(error) => {
            let form = back_to_form(filed.state("attachment"), error)?;
            record::with_wrong_attachment(&site, &who, &no, (None, form)).await
        }
    }
}

pub(super) async fn take(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, id)): Path<(String, i64)>,
) -> Answer {
    let subject = subject(&site, &who, &no).await?;
    let taken = attachment::take(&site.app, &who.actor, &subject, id).await?;
    Ok(download(&taken.name, taken.kind.media_type(), taken.bytes))
}

pub(super) async fn withdraw(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, id)): Path<(String, i64)>,
    filed: Filed,
) -> Answer {
    let subject = subject(&site, &who, &no).await?;
    let reason = filed.text("reason");
    match attachment::withdraw(&site.app, &who.actor, &subject, id, reason).await {
        Ok(()) => {
            Ok(done(&format!("/engineers/{no}#attachments"), "附件已撤回，记录和原因保留可查。"))
        }
        Err(error) => {
            let form = back_to_form(filed.state(&format!("withdrawal-{id}")), error)?;
            record::with_wrong_attachment(&site, &who, &no, (Some(id), form)).await
        }
    }
}
