//! The second page of signing in, and one's own second factor.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::handlers::{Next, enter, local};
use super::pages::{RecoveryCodes, Security, SignInCode};
use crate::file::qr;
use crate::service::Error;
use crate::service::second_factor::{self, Enrolment};
use crate::web::cookie;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::FormState;
use crate::web::frame::Flash;
use crate::web::listing::day;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::{Guest, SESSION, SignedIn};
use crate::web::site::Site;
use crate::web::step_up::Confirmed;

/// Cookie of somebody whose password was right, until the code is typed.
const PENDING: &str = "juncai-code";
/// It is good for so many seconds; what it says is judged by the server.
const SECONDS: u32 = 300;

/// On to the second page.
pub(super) fn ask_code(site: &Site, note: &str, next: &str) -> Response {
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    let to =
        if next == "/" { "/sign-in/code".to_owned() } else { format!("/sign-in/code?{query}") };
    let mut response = Redirect::to(&to).into_response();
    cookie::set(site, &mut response, PENDING, note, Some(SECONDS));
    response
}

fn begin_anew() -> Response {
    let mut response = Redirect::to("/sign-in").into_response();
    let text = "登录已超时，请重新输入账号和密码。".to_owned();
    response.extensions_mut().insert(Flash { kind: "bad", text });
    response
}

pub(super) async fn code_page(
    State(site): State<Site>,
    guest: Guest,
    Query(query): Query<Next>,
) -> Answer {
    match guest.cookie(&site, PENDING) {
        Some(note) if second_factor::is_pending(&site.app, &note) => {
            let form = FormState::new("code").with("next", query.next.unwrap_or_default());
            Ok(guest.answer(&site, |frame| Page::ok(SignInCode { frame, form }))?)
        }
        _ => Ok(begin_anew()),
    }
}

/// `POST /sign-in/code`. Fields: code, next.
pub(super) async fn check_code(State(site): State<Site>, guest: Guest, filed: Filed) -> Answer {
    let note = guest.cookie(&site, PENDING).unwrap_or_default();
    let at = (guest.address.as_str(), guest.user_agent.as_str());
    match second_factor::finish(&site.app, &note, filed.text("code"), at).await {
        Ok(opened) => {
            let mut response = enter(&site, &opened, local(filed.text("next")));
            cookie::set(&site, &mut response, PENDING, "", Some(0));
            Ok(response)
        }
        Err(Error::Stale(_)) => Ok(begin_anew()),
        Err(error) => {
            let state = FormState::new("code").with("next", filed.text("next"));
            let form = back_to_form(state, error)?;
            Ok(guest.answer(&site, |frame| Page::retry(SignInCode { frame, form }))?)
        }
    }
}

/// The page of one's own second factor; with `offer` it begins one.
async fn page(site: &Site, who: &SignedIn, offer: Option<Enrolment>, form: FormState) -> Answer {
    let status = second_factor::status(&site.app, &who.actor).await?;
    let wrong = form.has_errors();
    let offer = offer.map(|offer| (qr::draw(&offer.uri), offer));
    let page = Security {
        frame: who.frame(site, "").await?,
        enrolled: status.enrolled.map(|(at, left)| (day(at), left)),
        must: status.must,
        offer: offer
            .map(|(qr, offer)| (qr.unwrap_or_default(), groups(&offer.secret), offer.sealed)),
        form,
    };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

/// A text in groups of four, as people read it.
fn groups(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

pub(super) async fn security(State(site): State<Site>, who: SignedIn) -> Answer {
    let status = second_factor::status(&site.app, &who.actor).await?;
    let offer = match status.enrolled {
        Some(_) => None,
        None => Some(second_factor::offer(&site.app, &who.actor)?),
    };
    page(&site, &who, offer, FormState::new("enrol")).await
}

pub(super) async fn replacement(State(site): State<Site>, who: SignedIn) -> Answer {
    let offer = second_factor::offer(&site.app, &who.actor)?;
    page(&site, &who, Some(offer), FormState::new("enrol")).await
}

/// `POST /account/second-factor`. Fields: sealed, code.
pub(super) async fn enrol(State(site): State<Site>, Confirmed { who, filed }: Confirmed) -> Answer {
    let typed = (filed.text("sealed"), filed.text("code"));
    match second_factor::enrol(&site.app, &who.actor, who.session_id, typed).await {
        Ok(enrolled) => {
            let mut response = codes(&site, &who, enrolled.codes).await?;
            cookie::set(&site, &mut response, SESSION, &enrolled.token, None);
            Ok(response)
        }
        Err(error) => {
            let form = back_to_form(FormState::new("enrol"), error)?;
            let offer = second_factor::again(&site.app, &who.actor, filed.text("sealed"))?;
            page(&site, &who, Some(offer), form).await
        }
    }
}

/// `POST /account/second-factor/codes`.
pub(super) async fn fresh_codes(
    State(site): State<Site>,
    Confirmed { who, .. }: Confirmed,
) -> Answer {
    let made = second_factor::fresh_codes(&site.app, &who.actor).await?;
    codes(&site, &who, made).await
}

async fn codes(site: &Site, who: &SignedIn, codes: Vec<String>) -> Answer {
    let frame = who.frame(site, "").await?;
    Ok(Page::ok(RecoveryCodes { frame, codes }).into_response())
}

/// `GET /account/second-factor/codes`: what was shown there is shown once.
pub(super) async fn codes_gone(_who: SignedIn) -> Answer {
    Ok(done("/account/second-factor", "恢复码只显示一次；没有保存的，可以重新生成。"))
}
