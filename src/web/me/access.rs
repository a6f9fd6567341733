//! Coming in, going out, changing the passphrase. What was typed as document number is never
//! shown again.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Redirect, Response};

use super::pages::{Activate, ChangePassphrase, SignIn};
use super::session::{Own, OwnFiled, SESSION};
use crate::service::own_page::{self, Attempt, FirstVisit, NewPassphrase, Opened};
use crate::web::cookie;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::done;
use crate::web::session::Guest;
use crate::web::site::Site;

pub(super) async fn sign_in_page(
    State(site): State<Site>,
    own: Option<Own>,
    guest: Guest,
) -> Answer {
    if own.is_some() {
        return Ok(Redirect::to("/me").into_response());
    }
    let form = FormState::new("sign-in");
    Ok(guest.answer(&site, |frame| Page::ok(SignIn { frame, form }))?)
}

pub(super) async fn sign_in(
    State(site): State<Site>,
    guest: Guest,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    let attempt = from(&guest, filed.text("document_no"));
    match own_page::sign_in(&site.app, &attempt, filed.secret("password")).await {
        Ok(opened) => Ok(enter(&site, &opened)),
        Err(error) => {
            let form = back_to_form(FormState::new("sign-in"), error)?;
            Ok(guest.answer(&site, |frame| Page::retry(SignIn { frame, form }))?)
        }
    }
}

fn from<'a>(guest: &'a Guest, document_no: &'a str) -> Attempt<'a> {
    Attempt { document_no, address: &guest.address, user_agent: &guest.user_agent }
}

fn enter(site: &Site, opened: &Opened) -> Response {
    let mut response = Redirect::to("/me").into_response();
    cookie::set(site, &mut response, SESSION, &opened.token, None);
    response
}

pub(super) async fn activation_page(
    State(site): State<Site>,
    own: Option<Own>,
    guest: Guest,
) -> Answer {
    if own.is_some() {
        return Ok(Redirect::to("/me").into_response());
    }
    let form = FormState::new("activation");
    Ok(guest.answer(&site, |frame| Page::ok(Activate { frame, form }))?)
}

pub(super) async fn activate(
    State(site): State<Site>,
    guest: Guest,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    let attempt = from(&guest, filed.text("document_no"));
    let visit = FirstVisit {
        code: filed.text("code"),
        new: filed.secret("password"),
        again: filed.secret("password_again"),
    };
    match own_page::activate(&site.app, &attempt, &visit).await {
        Ok(opened) => Ok(enter(&site, &opened)),
        Err(error) => {
            let form = back_to_form(FormState::new("activation"), error)?;
            Ok(guest.answer(&site, |frame| Page::retry(Activate { frame, form }))?)
        }
    }
}

pub(super) async fn sign_out(State(site): State<Site>, own: Own, _filed: OwnFiled) -> Answer {
    own_page::sign_out(&site.app, &own.myself, own.session_id).await?;
    let mut response = done("/me/sign-in", "您已安全退出。");
    cookie::set(&site, &mut response, SESSION, "", Some(0));
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

pub(super) async fn password_page(State(site): State<Site>, own: Own) -> Answer {
    let form = FormState::new("password");
    Ok(Page::ok(ChangePassphrase { frame: own.frame(&site)?, form }).into_response())
}

pub(super) async fn change_password(
    State(site): State<Site>,
    own: Own,
    guest: Guest,
    OwnFiled(filed): OwnFiled,
) -> Answer {
    let form = NewPassphrase {
        current: filed.secret("current"),
        new: filed.secret("password"),
        again: filed.secret("password_again"),
        user_agent: &guest.user_agent,
    };
    match own_page::change_passphrase(&site.app, &own.myself, &form).await {
        Ok(opened) => {
            let mut response = done("/me", "密码已修改，其他设备上的登录已全部退出。");
            cookie::set(&site, &mut response, SESSION, &opened.token, None);
            Ok(response)
        }
        Err(error) => {
            let form = back_to_form(FormState::new("password"), error)?;
            Ok(Page::retry(ChangePassphrase { frame: own.frame(&site)?, form }).into_response())
        }
    }
}
