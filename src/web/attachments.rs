//! Files that prove something: the panel that every page with files has, and what its forms do.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};

use super::failure::{Answer, Failure, back_to_form};
use super::form::FormState;
use super::listing::minute;
use super::send::{Filed, FiledWithFile, done, download};
use super::session::SignedIn;
use super::site::Site;
use crate::service::attachment::{self, AttachmentLine, Brought, Subject};
use crate::service::{Actor, Error};

/// A form to correct: that of an upload, or by identity that of a withdrawal.
pub(super) type Wrong = (Option<i64>, FormState);

/// What can have files: where its page is, who may see it, how the page comes back.
pub(super) trait Holder: Send + Sync + 'static {
    /// The address of its area: `/engineers`.
    const AREA: &'static str;

    /// The subject with this number, if the reader may see it.
    fn subject(
        site: &Site,
        who: &SignedIn,
        no: &str,
    ) -> impl Future<Output = Result<Subject, Failure>> + Send;

    /// Its page, with a form to correct.
    fn again(
        site: &Site,
        who: &SignedIn,
        no: &str,
        wrong: Wrong,
    ) -> impl Future<Output = Answer> + Send;
}

/// The addresses of the files of a kind of subject.
pub(super) fn routes<H: Holder>() -> Router<Site> {
    let at = place(H::AREA, "{no}");
    Router::new()
        .route(&at, post(add::<H>))
        .route(&format!("{at}/{{id}}"), get(take::<H>))
        .route(&format!("{at}/{{id}}/withdrawal"), post(withdraw::<H>))
}

fn panel_of<H: Holder>(no: &str) -> String {
    format!("{}/{no}#attachments", H::AREA)
}

async fn add<H: Holder>(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: FiledWithFile,
) -> Answer {
    let subject = H::subject(&site, &who, &no).await?;
    let (name, bytes) =
        filed.file().map_or(("", &[][..]), |file| (file.name.as_str(), file.bytes.as_slice()));
    let file = Brought { name, bytes, note: filed.text("note") };
    match attachment::add(&site.app, &who.actor, &subject, &file).await {
        Ok(sha256) => Ok(done(&panel_of::<H>(&no), &format!("附件已保存，校验值 {sha256}。"))),
        Err(error) => {
            let form = back_to_form(filed.state("attachment"), error)?;
            H::again(&site, &who, &no, (None, form)).await
        }
    }
}

async fn take<H: Holder>(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, id)): Path<(String, i64)>,
) -> Answer {
    let subject = H::subject(&site, &who, &no).await?;
    let taken = attachment::take(&site.app, &who.actor, &subject, id).await?;
    Ok(download(&taken.name, taken.kind.media_type(), taken.bytes))
}

async fn withdraw<H: Holder>(
    State(site): State<Site>,
    who: SignedIn,
    Path((no, id)): Path<(String, i64)>,
    filed: Filed,
) -> Answer {
    let subject = H::subject(&site, &who, &no).await?;
    match attachment::withdraw(&site.app, &who.actor, &subject, id, filed.text("reason")).await {
        Ok(()) => Ok(done(&panel_of::<H>(&no), "附件已撤回，记录和原因保留可查。")),
        Err(error) => {
            let form = back_to_form(filed.state(&format!("withdrawal-{id}")), error)?;
            H::again(&site, &who, &no, (Some(id), form)).await
        }
    }
}

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

/// The panel of a subject. `wrong` is a form to correct.
pub(super) async fn panel(
    site: &Site,
    actor: &Actor,
    subject: &Subject,
    wrong: Option<Wrong>,
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
