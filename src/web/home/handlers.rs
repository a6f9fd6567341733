//! The page after sign-in.

use axum::extract::State;
use axum::response::IntoResponse;

use super::pages::{Home, Waiting, YearFigures};
use crate::domain::authority::{Act, Role};
use crate::domain::registry::Code;
use crate::service::directory::{self, EventRow, Figures, Task};
use crate::service::own_page::PERSON_ROLE;
use crate::web::audit::words;
use crate::web::failure::Answer;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Deed;

pub(super) async fn home(State(site): State<Site>, who: SignedIn) -> Answer {
    let frame = who.frame(&site, "/").await?;
    let desk = directory::home(&site.app, &who.actor, frame.year).await?;
    let role = who.actor.role;
    let page = Home {
        frame,
        waiting: desk.tasks.into_iter().map(waiting).collect(),
        figures: desk.figures.map(|totals| figures(totals, desk.paid_percent)),
        events: desk.events.iter().map(|event| deed(role, event)).collect(),
        next_date: None,
        shows_events: !role.is_administrator(),
        may_import: role.may(Act::ImportRegistry) || role.may(Act::FileEngineers),
    };
    Ok(Page::ok(page).into_response())
}

fn waiting(task: Task) -> Waiting {
    Waiting {
        label: task.label.into(),
        count: task.count,
        hint: task.hint,
        href: task.href.into(),
        urgent: task.urgent,
    }
}

fn figures(figures: Figures, paid_percent: i64) -> YearFigures {
    YearFigures {
        enterprises: figures.enterprises,
        engineers: figures.engineers,
        entitled: figures.entitled.into(),
        paid: figures.paid.into(),
        in_transit: figures.in_transit.into(),
        returned: figures.returned.into(),
        paid_percent,
    }
}

/// An event in a line; its object is linked for those who may open such a page.
fn deed(role: Role, event: &EventRow) -> Deed {
    let readable = match event.object_kind.as_str() {
        "batch" => role.may(Act::ReadBatches),
        "engineer" | "enterprise" => role.may(Act::ReadRegistry),
        _ => false,
    };
    let what = format!(
        "{}：{}",
        words::action(&event.action),
        words::object(&event.object_kind, &event.object_no)
    );
    let label = match event.role.as_str() {
        PERSON_ROLE => "本人",
        code => Role::from_code(code).map_or("", Role::label),
    };
    Deed {
        at: minute(event.at),
        who: format!("{} · {label}", event.who),
        what,
        href: words::object_href(&event.object_kind, &event.object_no).filter(|_| readable),
    }
}
