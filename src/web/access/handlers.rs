//! Signing in and out, passwords, own sessions.

use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::device;
use super::pages::{Account, ChangePassword, SessionRow, Setup, SignIn};
use super::security::ask_code;
use crate::domain::notification::MailRhythm;
use crate::domain::registry::Code;
use crate::service::account::{self, PasswordForm};
use crate::service::session::{self, Attempt, Entry, First, Opened};
use crate::service::{self, Error, mail, second_factor, setup};
use crate::web::cookie;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{day, minute};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::{Guest, SESSION, SignedIn};
use crate::web::site::Site;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Next {
    pub(super) next: Option<String>,
}

pub(super) async fn sign_in_page(
    State(site): State<Site>,
    who: Option<SignedIn>,
    guest: Guest,
    Query(query): Query<Next>,
) -> Answer {
    let next = query.next.unwrap_or_default();
    if who.is_some() {
        return Ok(Redirect::to(local(&next)).into_response());
    }
    let form = FormState::new("sign-in").with("next", next);
    Ok(guest.answer(&site, |frame| Page::ok(SignIn { frame, form }))?)
}

pub(super) async fn sign_in(
    State(site): State<Site>,
    who: Option<SignedIn>,
    guest: Guest,
    filed: Filed,
) -> Answer {
    let attempt = Attempt {
        login: filed.text("login"),
        password: filed.secret("password"),
        address: &guest.address,
        user_agent: &guest.user_agent,
    };
    match session::sign_in(&site.app, &attempt).await {
        Ok(entry) => {
            if let Some(old) = who {
                session::sign_out(&site.app, &old.actor, old.session_id).await?;
            }
            let next = local(filed.text("next"));
            Ok(match entry {
                Entry::Opened(opened) => enter(&site, &opened, next),
                Entry::CodeNeeded(note) => ask_code(&site, &note, next),
            })
        }
        Err(error) => {
            let form = back_to_form(filed.state("sign-in"), error)?;
            Ok(guest.answer(&site, |frame| Page::retry(SignIn { frame, form }))?)
        }
    }
}

/// On into the site with a new session.
pub(super) fn enter(site: &Site, opened: &Opened, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    cookie::set(site, &mut response, SESSION, &opened.token, None);
    response
}

/// A path of this site, or the workplace: sign-in leads nowhere else.
pub(super) fn local(next: &str) -> &str {
    let plain = next.chars().all(|c| !c.is_control() && c != '\\');
    let is_path = next.starts_with('/') && !next.starts_with("//");
    if plain && is_path && !next.starts_with("/sign-") { next } else { "/" }
}

pub(super) async fn sign_out(State(site): State<Site>, who: SignedIn, _filed: Filed) -> Answer {
    session::sign_out(&site.app, &who.actor, who.session_id).await?;
    let mut response = done("/sign-in", "您已安全退出。");
    cookie::set(&site, &mut response, SESSION, "", Some(0));
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

pub(super) async fn setup_page(
    State(site): State<Site>,
    guest: Guest,
    Path(token): Path<String>,
) -> Answer {
    let role = setup_role(&site, &token).await?;
    let form = FormState::new("setup");
    let hint = site.app.access.passwords.hint().to_owned();
    Ok(guest.answer(&site, |frame| Page::ok(Setup { frame, role, token, hint, form }))?)
}

/// What the setup link makes, in Chinese.
async fn setup_role(site: &Site, token: &str) -> Result<String, Error> {
    let role = setup::makes(&site.app, token).await?;
    Ok(role.ok_or(Error::NotFound("这个设置链接"))?.label().to_owned())
}

pub(super) async fn set_up(
    State(site): State<Site>,
    guest: Guest,
    Path(token): Path<String>,
    filed: Filed,
) -> Answer {
    let form = setup::Form {
        login: filed.text("login"),
        name: filed.text("name"),
        person_key: filed.text("person_key"),
        password: filed.secret("password"),
        again: filed.secret("password_again"),
    };
    let at = (guest.address.as_str(), guest.user_agent.as_str());
    match setup::set_up(&site.app, &token, &form, at).await {
        Ok(opened) => Ok(enter(&site, &opened, "/")),
        Err(error) => {
            let form = back_to_form(filed.state("setup"), error)?;
            let role = setup_role(&site, &token).await?;
            let hint = site.app.access.passwords.hint().to_owned();
            Ok(guest
                .answer(&site, |frame| Page::retry(Setup { frame, role, token, hint, form }))?)
        }
    }
}

async fn password_form(site: &Site, who: &SignedIn, form: FormState) -> Answer {
    let rules = &site.app.access;
    let forced = match who.first {
        Some(First::OwnPassword) => {
            Some("这是初始密码，设置您自己的密码后才能办理业务。".to_owned())
        }
        Some(First::OtherPassword) => {
            Some(format!("密码已使用满 {} 天，更换后才能办理业务。", rules.password_days))
        }
        _ => None,
    };
    let hint = rules.passwords.hint().to_owned();
    let frame = who.frame(site, "").await?;
    let wrong = form.has_errors();
    let page = ChangePassword { frame, forced, hint, form };
    Ok(if wrong { Page::retry(page) } else { Page::ok(page) }.into_response())
}

pub(super) async fn password_page(State(site): State<Site>, who: SignedIn) -> Answer {
    password_form(&site, &who, FormState::new("password")).await
}

pub(super) async fn change_password(
    State(site): State<Site>,
    who: SignedIn,
    guest: Guest,
    filed: Filed,
) -> Answer {
    let form = PasswordForm {
        current: filed.secret("current"),
        new: filed.secret("password"),
        again: filed.secret("password_again"),
        user_agent: &guest.user_agent,
    };
    match account::change_password(&site.app, &who.actor, &form).await {
        Ok(opened) => {
            let to = if who.first.is_some() { "/" } else { "/account" };
            let mut response = done(to, "密码已修改，其他设备上的登录已全部退出。");
            cookie::set(&site, &mut response, SESSION, &opened.token, None);
            Ok(response)
        }
        Err(error) => {
            let form = back_to_form(FormState::new("password"), error)?;
            password_form(&site, &who, form).await
        }
    }
}

pub(super) async fn account(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(account_page(&site, &who, None).await?).into_response())
}

/// `POST /account/mail`. Fields: rhythm, address.
pub(super) async fn prefer_mail(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let (rhythm, address) = (filed.text("rhythm"), filed.text("address"));
    match mail::prefer(&site.app, &who.actor, rhythm, address).await {
        Ok(()) => Ok(done("/account", "邮件提醒已保存。")),
        Err(error) => {
            let form = back_to_form(filed.state("mail"), error)?;
            let page = account_page(&site, &who, Some(form)).await?;
            Ok(Page::retry(page).into_response())
        }
    }
}

/// The page; `wrong` is the form about mail that came back.
async fn account_page(
    site: &Site,
    who: &SignedIn,
    wrong: Option<FormState>,
) -> Result<Account, Error> {
    let wish = mail::wish(&site.app, &who.actor).await?;
    let said = || {
        let form = FormState::new("mail").with("rhythm", wish.rhythm.code());
        form.with("address", wish.address.clone())
    };
    let own = session::own(&site.app, &who.actor).await?;
    let factor = second_factor::status(&site.app, &who.actor).await?;
    let changed = service::account::password_changed_at(&site.app, &who.actor).await?;
    let row = |row: session::OwnSession| SessionRow {
        is_this: row.id == who.session_id,
        id: row.id,
        device: device::name(&row.user_agent),
        address: row.address,
        signed_in_at: minute(row.opened_at),
        last_seen_at: minute(row.last_seen_at),
    };
    Ok(Account {
        frame: who.frame(site, "").await?,
        login: who.actor.login.clone(),
        roles: vec![format!("{} · {}", who.actor.role.label(), who.actor.organisation)],
        factor: factor.enrolled.map(|(at, _)| day(at)),
        password_changed_on: changed.map_or_else(|| "尚未修改过".to_owned(), day),
        sessions: own.into_iter().map(row).collect(),
        mail: wrong.unwrap_or_else(said),
        rhythms: Choice::of::<MailRhythm>(),
        mail_is_on: wish.is_on,
    })
}

pub(super) async fn end_other_sessions(
    State(site): State<Site>,
    who: SignedIn,
    _filed: Filed,
) -> Answer {
    let ended = session::end_others(&site.app, &who.actor, who.session_id).await?;
    Ok(done("/account", &format!("已退出其他 {ended} 处登录。")))
}

pub(super) async fn end_session(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    _filed: Filed,
) -> Answer {
    session::end_own(&site.app, &who.actor, id).await?;
    Ok(done("/account", "已退出该设备上的登录。"))
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn sign_in_never_leads_to_another_site() {
        for bad in ["", "//evil.test", "https://evil.test", "/\\evil.test", "/a\nb", "/sign-out"] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
        assert_eq!(local("/batches?year=2026"), "/batches?year=2026");
    }
}
