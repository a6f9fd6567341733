//! Windows in which files rest: what was decided, proposing one, confirming another's.

pub mod pages;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};

use self::pages::{FreezeRow, Freezes};
use crate::domain::authority::Act;
use crate::domain::freeze::FreezeReach;
use crate::domain::lifecycle::CaseKind;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::freeze::{self, NewWindow, WindowLine};
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::minute;
use crate::web::once::once;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

const HERE: &str = "/freezes";

/// The addresses of this area.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(HERE, get(list).post(propose))
        .route("/freezes/{no}/decisions", post(decide))
        .route("/freezes/{no}/end", post(lift))
}

async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(page(&site, &who, FormState::new("freeze"), None).await?).into_response())
}

/// The page; `wrong` is a decision to correct, by the number of its window.
async fn page(
    site: &Site,
    who: &SignedIn,
    form: FormState,
    wrong: Option<(&str, FormState)>,
) -> Result<Freezes, Error> {
    let lines = freeze::windows(&site.app, &who.actor).await?;
    let may = who.actor.role.may(Act::FreezeFiles);
    let today = site.app.clock.today();
    let row = |line: WindowLine| {
        let decision = (may && line.decided.is_none() && !line.is_own).then(|| match &wrong {
            Some((no, form)) if *no == line.no => form.clone(),
            _ => FormState::new(&line.no),
        });
        let may_lift = may
            && line.lifted.is_none()
            && line.decided.as_ref().is_some_and(|(.., accepted, _)| *accepted)
            && today <= line.window.through;
        row(line, decision, may_lift)
    };
    Ok(Freezes {
        frame: who.frame(site, HERE).await?,
        rows: lines.into_iter().map(row).collect(),
        kinds: Choice::of::<CaseKind>(),
        reaches: Choice::of::<FreezeReach>(),
        form: may.then_some(form),
    })
}

fn row(line: WindowLine, decision: Option<FormState>, may_lift: bool) -> FreezeRow {
    let WindowLine { no, window, proposed, decided, lifted, is_own } = line;
    let kinds: Vec<&str> = window.kinds.iter().map(|kind| kind.label()).collect();
    let state = match (&decided, &lifted) {
        (_, Some(_)) => "已解除",
        (Some((.., true, _)), None) => "已确认",
        (Some((.., false, _)), None) => "已退回",
        (None, None) => "待确认",
    };
    let by = |(name, at): (String, chrono::DateTime<chrono::Utc>)| format!("{} {name}", minute(at));
    FreezeRow {
        no,
        from: window.from.to_string(),
        through: window.through.to_string(),
        kinds: kinds.join("、"),
        reason: window.reason,
        reach: window.reach.label().to_owned(),
        limits: if window.limits_rest { "顺延" } else { "照常计算" }.to_owned(),
        state: state.to_owned(),
        proposed: by(proposed),
        note: decided.as_ref().map(|(.., note)| note.clone()).unwrap_or_default(),
        decided: decided.map(|(name, at, ..)| by((name, at))).unwrap_or_default(),
        lifted: lifted.map(|(day, name)| format!("{day} {name}")).unwrap_or_default(),
        is_own,
        decision,
        may_lift,
    }
}

/// `POST /freezes`. Fields: from, through, reason, kinds (often), reach, limits_rest.
async fn propose(State(site): State<Site>, who: SignedIn, filed: Filed) -> Answer {
    let text = |field: &str| filed.text(field).to_owned();
    let new = NewWindow {
        from: text("from"),
        through: text("through"),
        reason: text("reason"),
        kinds: filed.all("kinds").into_iter().map(str::to_owned).collect(),
        reach: text("reach"),
        limits_rest: filed.text("limits_rest") == "yes",
    };
    let effect = async {
        let no = freeze::propose(&site.app, &who.actor, &new).await?;
        Ok((HERE.to_owned(), format!("已提出 {no}，另一人确认后生效。")))
    };
    match once(&site, &who, &filed, effect).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let mut form = back_to_form(filed.state("freeze"), error)?;
            // A field that occurs often is told apart by its value.
            for kind in &new.kinds {
                form = form.with(&format!("kinds-{kind}"), "yes");
            }
            Ok(Page::retry(page(&site, &who, form, None).await?).into_response())
        }
    }
}

/// `POST /freezes/{no}/decisions`. Fields: verdict, note.
async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let accept = filed.text("verdict") == "accept";
    match freeze::decide(&site.app, &who.actor, &no, accept, filed.text("note")).await {
        Ok(()) => {
            let said = if accept { "已确认，按期生效。" } else { "已退回。" };
            Ok(done(HERE, said))
        }
        Err(error) => {
            let form = back_to_form(filed.state(&no), error)?;
            let fresh = FormState::new("freeze");
            Ok(Page::retry(page(&site, &who, fresh, Some((&no, form))).await?).into_response())
        }
    }
}

/// `POST /freezes/{no}/end`.
async fn lift(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    _filed: Filed,
) -> Answer {
    freeze::lift(&site.app, &who.actor, &no).await?;
    Ok(done(HERE, "已解除，今天起恢复办理。"))
}
