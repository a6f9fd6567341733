//! Reading the list and one recovery, doing an act on it.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::letters::Letter;
use super::pages::{EntryRow, ReckoningRow, RecoveryList, RecoveryPage, RecoveryRow};
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::lifecycle::RecoveryState;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::service::budget::{payer_name, source_name, visible_payer};
use crate::service::recovery::{self, EntryLine, RECOVERIES_A_PAGE, RecoveryLine, RecoveryView};
use crate::web::cases::{act_form, step, submitted};
use crate::web::drafts::DraftNote;
use crate::web::failure::{Answer, back_to_form};
use crate::web::form::{Choice, FormState};
use crate::web::listing::{offset, pager};
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::words::Yuan;

const HERE: &str = "/recoveries";

/// Which recoveries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    page: Option<u64>,
    state: String,
}

pub(super) async fn list(
    State(site): State<Site>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let state = RecoveryState::from_code(&wanted.state);
    let from = offset(wanted.page, RECOVERIES_A_PAGE);
    let found = recovery::list(&site.app, &who.actor, state, from).await?;
    let place = (from, RECOVERIES_A_PAGE, found.rows.len());
    let conditions = [("state", state.map_or("", Code::code))];
    Ok(Page::ok(RecoveryList {
        frame: who.frame(&site, HERE).await?,
        filter: FormState::new("filter").with("state", conditions[0].1),
        states: Choice::of::<RecoveryState>(),
        payer: visible_payer(&who.actor).map_or_else(|| "全部付款单位".to_owned(), payer_name),
        receivable: Yuan(found.sums.receivable),
        recovered: Yuan(found.sums.recovered),
        written_off: Yuan(found.sums.written_off),
        rows: found.rows.into_iter().map(row).collect(),
        pager: pager((HERE, &conditions), found.count, place),
    })
    .into_response())
}

pub(super) fn row(line: RecoveryLine) -> RecoveryRow {
    RecoveryRow {
        no: line.row.recovery_no,
        name: line.name,
        person_no: line.person_no,
        liable: line.liable.unwrap_or_default(),
        year: line.row.award_year,
        payer: payer_name(&line.row.payer_division),
        source: source_name(&line.row.source),
        amount: Yuan::of(line.row.amount_fen),
        outstanding: Yuan(line.outstanding),
        state: line.state.to_owned(),
        due: line.due_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        overdue: line.overdue,
        opened: china_time(line.row.recorded_at).date_naive().to_string(),
    }
}

pub(super) async fn view(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    let found = recovery::view(&site.app, &who.actor, &no).await?;
    Ok(Page::ok(page(&site, &who, found, None).await?).into_response())
}

/// The page; `wrong` is the form that came back, with its act.
async fn page(
    site: &Site,
    who: &SignedIn,
    found: RecoveryView,
    wrong: Option<(&str, FormState)>,
) -> Result<RecoveryPage, Error> {
    let form = |act: &str| match &wrong {
        Some((sent, form)) if *sent == act => (true, form.clone()),
        _ => (false, FormState::new(act)),
    };
    // Offices do their acts on the page of the file, where drafts and co-signing are.
    let is_finance = who.actor.role.may(Act::ReadBatches);
    let acts = found.file.acts.iter().filter(|_| is_finance).map(|act| {
        let (open, state) = form(act.act);
        act_form(act, (open, state, DraftNote::default()))
    });
    let acts: Vec<_> = acts.collect();
    let late = wrong.as_ref().filter(|(sent, _)| acts.iter().all(|act| act.act != *sent));
    let letters = Letter::ALL.iter().map(|letter| (letter.code(), letter.label()));
    Ok(RecoveryPage {
        late: late.map(|(_, form)| form.form_errors.join("；")).unwrap_or_default(),
        frame: who.frame(site, HERE).await?,
        file_href: who
            .actor
            .role
            .may(Act::ReadCases)
            .then(|| format!("/cases/{}", found.line.row.recovery_no)),
        reckoning: reckoning(&found),
        capital: found.capital,
        sentence: found.sentence,
        waits_for: found.file.waits_for.join("、"),
        limit: found.file.limit,
        since: found.file.line.since.to_string(),
        steps_seen: found.file.steps_seen,
        steps: found.file.steps.into_iter().map(step).collect(),
        acts,
        letters: letters.collect(),
        plan: found.plan.iter().map(|p| (p.due_on.to_string(), Yuan(p.amount))).collect(),
        entries: found.entries.into_iter().map(entry).collect(),
        row: row(found.line),
    })
}

fn reckoning(found: &RecoveryView) -> ReckoningRow {
    let reckoning = found.reckoning;
    ReckoningRow {
        paid: Yuan(reckoning.paid),
        due: Yuan(reckoning.due),
        before: Yuan(reckoning.before),
        amount: Yuan(reckoning.amount),
    }
}

fn entry(line: EntryLine) -> EntryRow {
    let state = match line.row.accepted {
        None => "待确认",
        Some(true) => "已确认",
        Some(false) => "已退回",
    };
    EntryRow {
        kind: line.kind.to_owned(),
        on_day: line.row.on_day.to_string(),
        amount: Yuan::of(line.row.amount_fen),
        document_no: line.row.document_no,
        recorder: if line.recorder.is_empty() { "系统".to_owned() } else { line.recorder },
        decider: line.decider,
        state: state.to_owned(),
    }
}

/// `POST /recoveries/{no}/steps`. Fields: act, seen_steps, remark and what the act asks for.
pub(super) async fn act(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let sent = submitted(&filed);
    match recovery::act(&site.app, &who.actor, &no, &sent).await {
        Ok(state) => Ok(done(&format!("{HERE}/{no}"), &format!("已办理，现为“{state}”"))),
        Err(error) => {
            let form = back_to_form(filed.state(&sent.act), error)?;
            let found = recovery::view(&site.app, &who.actor, &no).await?;
            Ok(Page::retry(page(&site, &who, found, Some((&sent.act, form))).await?)
                .into_response())
        }
    }
}
