//! Who asks: a person about themselves. The cookie has a name of its own and is looked up among
//! the sessions of persons only, so neither kind of session opens the other kind of page.

use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use crate::service::Error;
use crate::service::own_page::{self, Myself};
use crate::vault::random_token;
use crate::web::failure::Failure;
use crate::web::frame::{Flash, OwnFrame};
use crate::web::send::Filed;
use crate::web::session::{day_with_weekday, request_id, ribbon, visit_secret};
use crate::web::site::Site;
use crate::web::{cookie, csrf, flash};

/// Cookie of the session.
pub(super) const SESSION: &str = "juncai-own";

/// The person signed in. As an argument of a handler it sends everybody else to the sign-in page.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub myself: Myself,
    pub session_id: i64,
    form_secret: String,
    flash: Option<Flash>,
    request_id: String,
}

impl Own {
    async fn known(site: &Site, parts: &Parts) -> Result<Option<Self>, Error> {
        let Some(token) = cookie::read(site, &parts.headers, SESSION) else { return Ok(None) };
        let address = site.address(&parts.headers, &parts.extensions);
        let Some(known) = own_page::recognise(&site.app, token, &address).await? else {
            return Ok(None);
        };
        if known.is_due {
            // Beside the request: a page must not wait for a writer.
            let (app, id) = (site.app.clone(), known.session_id);
            tokio::spawn(async move {
                if let Err(error) = own_page::touch(&app, id).await {
                    tracing::warn!(?error, "a session's use could not be noted");
                }
            });
        }
        Ok(Some(Self {
            myself: known.myself,
            session_id: known.session_id,
            form_secret: known.form_secret,
            flash: flash::read(site, &parts.headers),
            request_id: request_id(parts),
        }))
    }

    /// The surroundings of a page.
    pub(super) fn frame(&self, site: &Site) -> Result<OwnFrame, Error> {
        Ok(OwnFrame {
            name: self.myself.name.clone(),
            no: self.myself.no.clone(),
            csrf: csrf::token(&site.app.vault, &self.form_secret)?,
            form_key: random_token::<16>()?,
            ribbon: ribbon(site),
            today: day_with_weekday(site.app.clock.today()),
            flash: self.flash.clone(),
            request_id: self.request_id.clone(),
        })
    }
}

impl FromRequestParts<Site> for Own {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let known = Self::known(site, parts).await;
        known
            .map_err(|error| Failure::from(error).into_response())?
            .ok_or_else(|| Redirect::to("/me/sign-in").into_response())
    }
}

impl OptionalFromRequestParts<Site> for Own {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Option<Self>, Failure> {
        Ok(Self::known(site, parts).await?)
    }
}

/// A form from one of the person's pages: its token was verified against the person's session, or
/// before sign-in against the browser. A session of an account counts for nothing here.
pub(super) struct OwnFiled(pub Filed);

impl FromRequest<Site> for OwnFiled {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let secret = match Own::known(site, &parts).await? {
            Some(own) => Some(own.form_secret),
            None => visit_secret(site, &parts),
        };
        Filed::read(site, &parts, body, secret).await.map(Self)
    }
}
