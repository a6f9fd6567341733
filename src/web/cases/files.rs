//! Files that prove something about a case: upload, download, withdrawal.

use axum::extract::{Path, State};

use super::handlers::again_with;
use crate::service::attachment::{self, Brought, Subject};
use crate::service::case;
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::send::{Filed, FiledWithFile, done, download};
use crate::web::session::SignedIn;
use crate::web::site::Site;

async fn subject(site: &Site, who: &SignedIn, no: &str) -> Result<Subject, Failure> {
    Ok(Subject::case(case::seen(&site.app, &who.actor, no).await?, no))
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
            let to = format!("/cases/{no}#attachments");
            Ok(done(&to, &format!("附件已保存，校验值 {sha256}。")))
        }
        Err(error) => {
            let form = back_to_form(filed.state("attachment"), error)?;
            again_with(&site, &who, &no, (None, form)).await
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
    match attachment::withdraw(&site.app, &who.actor, &subject, id, filed.text("reason")).await {
        Ok(()) => Ok(done(&format!("/cases/{no}#attachments"), "附件已撤回，记录和原因保留可查。")),
        Err(error) => {
            let form = back_to_form(filed.state(&format!("withdrawal-{id}")), error)?;
            again_with(&site, &who, &no, (Some(id), form)).await
        }
    }
}
