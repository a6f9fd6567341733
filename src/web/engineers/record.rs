//! The record of one engineer.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;

use super::pages::{Activation, Engineer, Saying, YearAmount};
use super::rows::fact_version;
use crate::clock::{china_instant, china_time};
use crate::domain::authority::Act;
use crate::domain::registry::Code;
use crate::domain::roster::DepartureReason;
use crate::service::attachment::Subject;
use crate::service::directory::{
    self, AsOf, EngineerRecord, FactLine, History, LaneKind, YearLine,
};
use crate::service::expert::{self, ExpertLine};
use crate::service::own_page;
use crate::web::attachments::{self, AttachmentPanel, Holder, Wrong};
use crate::web::failure::{Answer, Failure};
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::listing::{minute, second};
use crate::web::page::Page;
use crate::web::send::Filed;
use crate::web::session::SignedIn;
use crate::web::site::Site;
use crate::web::timeline::{Kind, Lane, Stretch, Timeline};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    on: String,
    known_at: String,
    known_time: String,
    /// Another number of the same person, under which the page was asked for.
    from: String,
}

impl Wanted {
    /// What was asked for, and the form with what is wrong in it. A day alone means its end.
    fn read(&self) -> (AsOf, FormState) {
        let mut form = FormState::new("as-of");
        for (field, value) in
            [("on", &self.on), ("known_at", &self.known_at), ("known_time", &self.known_time)]
        {
            form = form.with(field, value);
        }
        let mut day = |field: &str, text: &str| {
            let day: Option<NaiveDate> = text.parse().ok();
            if day.is_none() && !text.is_empty() {
                form = form.clone().wrong(field, "日期格式应为2026-06-30，且须是存在的日子");
            }
            day
        };
        let (on, known) = (day("on", &self.on), day("known_at", &self.known_at));
        let end = NaiveTime::from_hms_opt(23, 59, 59);
        let time = match self.known_time.as_str() {
            "" => end,
            text => ["%H:%M:%S", "%H:%M"]
                .iter()
                .find_map(|pattern| NaiveTime::parse_from_str(text, pattern).ok()),
        };
        if time.is_none() {
            form = form.wrong("known_time", "时刻格式应为09:30或09:30:00");
        }
        let known_at = known.zip(time).and_then(|(day, time)| china_instant(day.and_time(time)));
        (AsOf { on, known_at }, form)
    }
}

pub(super) async fn record(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (as_of, form) = wanted.read();
    let known_at = as_of.known_at;
    if let Some(leading) = directory::leading(&site.app, &who.actor, &no, known_at).await? {
        return Ok(Redirect::to(&leading_href(&leading, &no, &wanted)).into_response());
    }
    let frame = who.frame(&site, "/engineers").await?;
    if form.has_errors() {
        let record = directory::engineer(&site.app, &who.actor, &no, AsOf::default()).await?;
        let shown = with_own(&site, &who, page(frame, record.clone(), form), &record, None).await?;
        return Ok(Page::retry(shown).into_response());
    }
    let record = directory::engineer(&site.app, &who.actor, &no, as_of).await?;
    let mut page = page(frame, record.clone(), form);
    page.may_reveal = who.actor.role.may(Act::RevealNumbers) && !record.is_past;
    page.asked_as = page.merged.iter().find(|no| **no == wanted.from).cloned();
    let shown = with_own(&site, &who, page, &record, None).await?;
    Ok(Page::ok(shown).into_response())
}

/// Makes a code that opens the person's own page, and shows it once.
pub(super) async fn activate(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    _filed: Filed,
) -> Answer {
    let made = own_page::make_code(&site.app, &who.actor, &no).await?;
    let page = Activation {
        frame: who.frame(&site, "/engineers").await?,
        name: made.name,
        no: made.no,
        code: made.code,
        expires_at: minute(made.expires_at),
    };
    Ok(Page::ok(page).into_response())
}

/// Engineers, who have files.
pub(super) struct Engineers;

impl Holder for Engineers {
    const AREA: &'static str = "/engineers";

    async fn subject(site: &Site, who: &SignedIn, no: &str) -> Result<Subject, Failure> {
        let record = directory::engineer(&site.app, &who.actor, no, AsOf::default()).await?;
        Ok(Subject::person(record.person_id, &record.no))
    }

    async fn again(site: &Site, who: &SignedIn, no: &str, wrong: Wrong) -> Answer {
        let record = directory::engineer(&site.app, &who.actor, no, AsOf::default()).await?;
        let frame = who.frame(site, Self::AREA).await?;
        let page = page(frame, record.clone(), FormState::new("as-of"));
        let page = with_own(site, who, page, &record, Some(wrong)).await?;
        Ok(Page::retry(page).into_response())
    }
}

/// The page with what stands beside the record itself: the person's own words, files.
async fn with_own(
    site: &Site,
    who: &SignedIn,
    mut page: Engineer,
    record: &EngineerRecord,
    wrong: Option<Wrong>,
) -> Result<Engineer, Failure> {
    let said = own_page::said_of(&site.app, record).await?;
    page.sayings = said.into_iter().map(saying).collect();
    page.changes = changes(site, who, (true, &record.no)).await?;
    page.may_answer = who.actor.role.may(Act::CorrectFacts);
    let appointments = expert::of_person(&site.app, &who.actor, record.person_id).await?;
    page.appointments = appointments.iter().map(appointment).collect();
    let subject = Subject::person(record.person_id, &record.no);
    page.attachments = attachments::panel(site, &who.actor, &subject, wrong).await?;
    Ok(page)
}

/// The change requests that wait about a person (`true`) or an enterprise, as its page names them.
pub(in crate::web) async fn changes(
    site: &Site,
    who: &SignedIn,
    about: (bool, &str),
) -> Result<Vec<(String, &'static str)>, Failure> {
    let waiting = directory::changes_waiting(&site.app, &who.actor, about).await?;
    Ok(waiting.into_iter().map(|(no, act)| (no, act.label())).collect())
}

fn appointment(line: &ExpertLine) -> (String, String) {
    (line.no.clone(), format!("{}，{}", line.kind.label(), line.term.held().words()))
}

/// What the person said, in words.
pub(crate) fn saying(said: own_page::Said) -> Saying {
    Saying {
        about: said.about,
        agrees: said.agrees,
        note: said.note,
        at: minute(said.at),
        answer: said.answer.map(|(at, by, text)| (format!("{} {by}", minute(at)), text)),
    }
}

fn page(frame: Frame, record: EngineerRecord, as_of: FormState) -> Engineer {
    let note = record.is_past.then(|| {
        let known = second(record.known_at);
        format!("显示 {} 当天的情况，仅采用截至 {known} 已掌握的信息。", record.on)
    });
    let today = if record.is_past { "业务日" } else { "今天" };
    let drawn = Timeline { today_label: today, ..timeline(&record.history, record.on) };
    let (no, on, deeds) = (record.no.clone(), record.on, record.deeds);
    let shown_on = record.is_past.then_some(on);
    let fact = |mut line: FactLine| {
        let is_held = line.superseded_at.is_none();
        line.fact = line.fact.filter(|_| deeds.correct && is_held);
        let href = known_href(&no, line.recorded_at, shown_on);
        fact_version(line, Some(href))
    };
    let versions = record.versions.into_iter().map(fact).collect();
    let head = record.head;
    let (bank, last_four, since) = match head.account {
        Some(account) => {
            (Some(account.bank), Some(account.last_four), Some(account.since.to_string()))
        }
        None => (None, None, None),
    };
    let facts = record.correctable.into_iter().map(|(value, label)| Choice { value, label });
    Engineer {
        certificates: certificates(&record.history),
        appointments: Vec::new(),
        frame,
        name: head.name,
        no: record.no,
        merged: record.merged,
        asked_as: None,
        document: head.document,
        enterprise: head.enterprise,
        enterprise_uscc: head.uscc,
        post: head.post,
        roster_state: head.standing.map_or("未入册", Code::label).into(),
        joined_on: head.joined_on.map_or_else(|| "无".into(), |day| day.to_string()),
        listing_state: head.listing.label().into(),
        bank,
        account_last4: last_four,
        account_changed_on: since,
        account_waits: record
            .account_change
            .filter(|change| change.decided.is_none())
            .map(|change| (change.account.last_four, change.no)),
        as_of,
        as_of_note: note,
        timeline: drawn,
        versions,
        years: record.years.into_iter().map(year).collect(),
        leave: deeds.depart.then(|| FormState::new("leave")),
        leave_reasons: Choice::of::<DepartureReason>(),
        bank_form: deeds.account.then(|| FormState::new("bank")),
        may_activate: deeds.activate,
        sayings: Vec::new(),
        changes: Vec::new(),
        may_answer: false,
        attachments: AttachmentPanel::default(),
        may_reveal: false,
        may_suspend: deeds.suspend,
        may_exclude: deeds.exclude,
        correction: deeds.correct.then(|| FormState::new("correction")),
        facts: facts.collect(),
    }
}

/// The page of the leading number, asked for by another number of the same person.
fn leading_href(leading: &str, from: &str, wanted: &Wanted) -> String {
    let fields = [
        ("from", from),
        ("on", &wanted.on),
        ("known_at", &wanted.known_at),
        ("known_time", &wanted.known_time),
    ];
    let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(fields).unwrap_or_default();
    format!("/engineers/{leading}?{query}")
}

/// The page as it was known right when a version was recorded.
fn known_href(no: &str, at: DateTime<Utc>, on: Option<NaiveDate>) -> String {
    let at = china_time(at).naive_local();
    let mut fields = vec![
        ("known_at", at.date().to_string()),
        ("known_time", at.time().format("%H:%M:%S").to_string()),
    ];
    fields.extend(on.map(|day| ("on", day.to_string())));
    let query = serde_urlencoded::to_string(fields).unwrap_or_default();
    format!("/engineers/{no}?{query}")
}

/// Numbers of the certificates in a history, each once, the latest first.
pub(crate) fn certificates(history: &History) -> Vec<String> {
    let stretches = history.lanes.iter().flat_map(|lane| &lane.stretches);
    let held = stretches.filter(|stretch| stretch.kind == LaneKind::Recognised);
    let mut numbers: Vec<String> = held.map(|stretch| stretch.note.clone()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.reverse();
    numbers
}

pub(crate) fn timeline(history: &History, on: NaiveDate) -> Timeline {
    let kind = |kind: LaneKind| match kind {
        LaneKind::Work => Kind::Work,
        LaneKind::Roster => Kind::Roster,
        LaneKind::Declared | LaneKind::Hold => Kind::Hold,
        LaneKind::Listed => Kind::Listed,
        LaneKind::Recognised => Kind::Recognised,
        LaneKind::Evidence => Kind::Evidence,
        LaneKind::Paid => Kind::Paid,
        LaneKind::Gap => Kind::Gap,
    };
    let stretch = |stretch: &directory::Stretch| Stretch {
        from: stretch.period.from,
        to: stretch.period.stored_to(),
        label: stretch.label.clone(),
        kind: kind(stretch.kind),
        note: stretch.note.clone(),
    };
    let lane = |lane: &directory::Lane| Lane {
        label: lane.label,
        stretches: lane.stretches.iter().map(stretch).collect(),
    };
    let lanes: Vec<Lane> = history.lanes.iter().map(lane).collect();
    Timeline::draw(history.first_year, history.last_year, on, &lanes)
}

pub(crate) fn year(line: YearLine) -> YearAmount {
    YearAmount {
        year: line.year,
        months: line.months,
        gross: line.gross.into(),
        offset: line.offset.into(),
        net: line.net.into(),
        paid: line.paid.map(Into::into),
        status: line.state.label().into(),
        reason: (!line.reason.is_empty()).then_some(line.reason),
        version: line.version,
    }
}
