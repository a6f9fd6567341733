//! Forms that need to be certain who sits there. One extractor for all of them: without a fresh
//! confirmation it answers with a page that asks for it and carries the form along, so that what was
//! typed is not lost; with it the form goes on as if nothing had been asked.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::pages::StepUp;
use super::cookie;
use super::failure::{Failure, back_to_form};
use super::form::FormState;
use super::page::Page;
use super::send::Filed;
use super::session::{SESSION, SignedIn};
use super::site::Site;
use crate::domain::second_factor::STEP_UP;
use crate::service::presence::{self, Way};

const CODE: &str = "step_up_code";
const PASSWORD: &str = "step_up_password";

/// A form from somebody of whom it is certain that they sit there, and who they are.
pub(super) struct Confirmed {
    pub who: SignedIn,
    pub filed: Filed,
}

/// The same, where whoever has no second factor types the password into the form itself.
pub(super) struct ConfirmedByCode {
    pub who: SignedIn,
    pub filed: Filed,
}

impl FromRequest<Site> for Confirmed {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let (who, filed) = confirmed(request, site, false).await?;
        Ok(Self { who, filed })
    }
}

impl FromRequest<Site> for ConfirmedByCode {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let (who, filed) = confirmed(request, site, true).await?;
        Ok(Self { who, filed })
    }
}

async fn confirmed(
    request: Request,
    site: &Site,
    by_code_only: bool,
) -> Result<(SignedIn, Filed), Response> {
    let (mut parts, body) = request.into_parts();
    let mut who = SignedIn::from_request_parts(&mut parts, site).await?;
    let refuse = |failure: Failure| failure.into_response();
    let secret = Some(who.form_secret.clone());
    let filed = Filed::read(site, &parts, body, secret).await.map_err(refuse)?;
    if presence::is_fresh(&site.app, &who.actor) {
        return Ok((who, filed.without(&[CODE, PASSWORD])));
    }
    let way = presence::way(&site.app, &who.actor).await.map_err(|e| refuse(e.into()))?;
    if by_code_only && way == Way::Password {
        return Ok((who, filed));
    }
    let field = if way == Way::Code { CODE } else { PASSWORD };
    let typed = filed.secret(field).to_owned();
    let filed = filed.without(&[CODE, PASSWORD]);
    let action = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let form = FormState::new("step-up");
    if typed.is_empty() {
        return Err(ask(site, &who, (&action, &filed), (way, form)).await);
    }
    match presence::step_up(&site.app, &who.actor, who.session_id, &typed).await {
        Ok(token) => {
            if let Some(renewal) = parts.extensions.get::<Renewal>() {
                renewal.put(token);
            }
            who.actor.stepped_up_until = Some(site.app.clock.machine_now() + STEP_UP);
            Ok((who, filed))
        }
        Err(error) => {
            let form = back_to_form(form, error).map_err(refuse)?;
            Err(ask(site, &who, (&action, &filed), (way, form)).await)
        }
    }
}

/// The page that asks, with the form that needed it.
async fn ask(
    site: &Site,
    who: &SignedIn,
    (action, filed): (&str, &Filed),
    (way, form): (Way, FormState),
) -> Response {
    let frame = match who.frame(site, "").await {
        Ok(frame) => frame,
        Err(error) => return Failure::from(error).into_response(),
    };
    let wrong = form.has_errors();
    let page = StepUp {
        frame,
        action: action.to_owned(),
        carried: filed.carried(),
        by_code: way == Way::Code,
        form,
    };
    if wrong { Page::retry(page).into_response() } else { Page::ok(page).into_response() }
}

/// Where a handler puts the new token of the session of its request.
#[derive(Debug, Clone, Default)]
pub(super) struct Renewal(Arc<Mutex<Option<String>>>);

impl Renewal {
    /// The session has this token from now on.
    pub(super) fn put(&self, token: String) {
        // A token is whole whoever panicked beside it.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }
}

/// Sends the new token of a session along with whatever the handler answers.
pub(super) async fn carry(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let renewal = Renewal::default();
    request.extensions_mut().insert(renewal.clone());
    let mut response = next.run(request).await;
    let token = renewal.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(token) = token {
        cookie::set(&site, &mut response, SESSION, &token, None);
    }
    response
}
