//! Handlers of forms that make something new: a double click makes it once.

use axum::response::{IntoResponse, Redirect, Response};

use super::drafts;
use super::send::{Filed, done};
use super::session::SignedIn;
use super::site::Site;
use crate::service::once::{self, Submission, Taken};
use crate::service::{Error, Outage};

/// Runs `effect` unless this very form was sent before. `effect` gives the address to go on to and
/// the message to show there; the second submission is led to the same address.
///
/// # Errors
/// Those of `effect`, after which the form may be sent again, unless nobody knows whether it had its
/// effect; [`Error::Stale`] while the first
/// submission is under way.
pub async fn once<E>(
    site: &Site,
    who: &SignedIn,
    filed: &Filed,
    effect: E,
) -> Result<Response, Error>
where
    E: Future<Output = Result<(String, String), Error>>,
{
    if filed.key().is_empty() {
        let text = "表单已失效，请刷新页面后重新填写".to_owned();
        return Err(Error::Invalid(vec![("form".to_owned(), text)]));
    }
    let content = serde_json::to_string(&filed.state("once").values)
        .map_err(|error| Error::Internal(error.to_string()))?;
    let submission = Submission::new(&who.actor, filed.key(), &content);
    match once::take(&site.app, &submission).await? {
        Taken::Earlier(to) => Ok(Redirect::to(&to).into_response()),
        Taken::New => match effect.await {
            Ok((to, text)) => {
                once::settle(&site.app, &submission, &to).await?;
                drafts::sent(site, &who.actor, filed).await;
                Ok(done(&to, &text))
            }
            // The effect may have arrived and only its answer not: it is never simply done again.
            Err(error @ Error::Outage(Outage::Unreachable | Outage::Disk, _)) => Err(error),
            Err(error) => {
                once::release(&site.app, &submission).await?;
                Err(error)
            }
        },
    }
}
