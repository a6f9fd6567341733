//! Files that prove something: the panel that every page with files has.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use super::form::FormState;
use super::listing::minute;
use super::site::Site;
use crate::service::attachment::{self, AttachmentLine, Subject};
use crate::service::{Actor, Error};

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
    /// What is wrong with it, as told when the case was returned.
    pub defects: Vec<String>,
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
        defects: Vec::new(),
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

/// Where the files of something lie: `/engineers/E000001/attachments`.
pub fn place(area: &str, no: impl AsRef<str>) -> String {
    format!("{area}/{}/attachments", no.as_ref())
}
