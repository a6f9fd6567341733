//! What the reader was told: the list behind the bell.

pub mod pages;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use self::pages::{MessageRow, Messages};
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::service::notification::{self, MESSAGES_A_PAGE, Message};
use crate::web::failure::Answer;
use crate::web::listing::{minute, offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/notifications";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list))
        .route("/notifications/read", post(read_all))
        .route("/notifications/{id}/read", post(read))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    show: String,
    page: Option<u64>,
}

async fn list(State(site): State<Site>, who: SignedIn, Query(wanted): Query<Wanted>) -> Answer {
    let only_unread = wanted.show == "unread";
    let from = offset(wanted.page, MESSAGES_A_PAGE);
    let (total, found) = notification::messages(&site.app, &who.actor, only_unread, from).await?;
    let conditions = [("show", wanted.show.as_str())];
    let page = Messages {
        frame: who.frame(&site, HERE).await?,
        only_unread,
        pager: pager((HERE, &conditions), total, (from, MESSAGES_A_PAGE, found.len())),
        rows: found.into_iter().map(row).collect(),
    };
    Ok(Page::ok(page).into_response())
}

fn row(message: Message) -> MessageRow {
    let kind = NotificationKind::from_code(&message.told.kind);
    MessageRow {
        id: message.told.id,
        kind: kind.map_or("", Code::label).to_owned(),
        title: message.told.title,
        at: minute(message.told.at),
        unread: message.told.read_at.is_none(),
        case_no: message.case_no.unwrap_or_default(),
        link: match kind {
            Some(NotificationKind::ExportReady | NotificationKind::ExportFailed) => {
                Some(("exports", "查看导出文件"))
            }
            Some(NotificationKind::PasswordReset) => Some(("account", "查看我的账号")),
            Some(NotificationKind::WebhookFailed) => Some(("systems", "查看系统账号")),
            _ => None,
        },
    }
}

async fn read_all(State(site): State<Site>, who: SignedIn, _filed: Filed) -> Answer {
    let count = notification::mark_read(&site.app, &who.actor, None).await?;
    Ok(done(HERE, &format!("已将 {count} 条消息标为已读。")))
}

/// Marks one as read, and leads to what it is about.
async fn read(
    State(site): State<Site>,
    who: SignedIn,
    Path(id): Path<i64>,
    filed: Filed,
) -> Answer {
    notification::mark_read(&site.app, &who.actor, Some(id)).await?;
    let no = filed.text("case_no");
    let plain = !no.is_empty() && no.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let to = match filed.text("to") {
        "exports" => "/exports".to_owned(),
        "systems" => "/accounts/systems".to_owned(),
        "account" => "/account".to_owned(),
        _ if plain => format!("/cases/{no}"),
        _ => HERE.to_owned(),
    };
    Ok(axum::response::Redirect::to(&to).into_response())
}
