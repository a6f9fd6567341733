//! The years, one year, and the two people who load it.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use chrono::NaiveDate;

use super::pages::{CalendarList, CalendarYear, DayRow, VersionRow, YearRow};
use crate::domain::arrangement::Arrangement;
use crate::domain::authority::Act;
use crate::file::reader::plain_text;
use crate::service::Error;
use crate::service::calendar::{self, Calendars, NewYear, VersionLine};
use crate::web::failure::{Answer, Failure, back_to_form};
use crate::web::form::FormState;
use crate::web::listing::minute;
use crate::web::page::Page;
use crate::web::send::{Filed, FiledWithFile, done};
use crate::web::session::{SignedIn, day_with_weekday};
use crate::web::site::Site;

const HERE: &str = "/calendars";

pub(super) async fn list(State(site): State<Site>, who: SignedIn) -> Answer {
    Ok(Page::ok(page(&site, &who, FormState::new("calendar")).await?).into_response())
}

async fn page(site: &Site, who: &SignedIn, form: FormState) -> Result<CalendarList, Error> {
    let found = calendar::calendars(&site.app, &who.actor).await?;
    let may_load = who.actor.role.may(Act::LoadCalendars);
    let waiting = found.versions.iter().filter(|version| version.decided.is_none());
    Ok(CalendarList {
        frame: who.frame(site, HERE).await?,
        waiting: waiting.map(version).collect(),
        years: found.years.iter().map(year_row).collect(),
        form: may_load.then_some(form),
    })
}

fn year_row(line: &calendar::YearLine) -> YearRow {
    YearRow {
        year: line.year,
        title: line.source.title.clone(),
        announced_on: line.source.published.to_string(),
        loaded_on: line.source.loaded.to_string(),
        working_days: line.arrangement.working_days(),
    }
}

fn version(line: &VersionLine) -> VersionRow {
    let (state, decided, note) = match &line.decided {
        None => ("待确认", String::new(), String::new()),
        Some((by, at, accepted, note)) => {
            let state = if *accepted { "已确认" } else { "退回修改" };
            (state, format!("{} {by}", minute(*at)), note.clone())
        }
    };
    VersionRow {
        year: line.year,
        version: line.version,
        document: line.document.clone(),
        announced_on: line.announced_on.to_string(),
        working_days: line.arrangement.working_days(),
        proposed: format!("{} {}", minute(line.proposed.1), line.proposed.0),
        state: state.to_owned(),
        decided,
        note,
        is_own: line.is_own,
        days: days(&line.arrangement),
        concerns: line.arrangement.concerns(),
    }
}

/// Days off as stretches and make-up days, in the order of the year.
fn days(arrangement: &Arrangement) -> Vec<DayRow> {
    let off = arrangement.stretches().into_iter().map(|(from, through)| {
        let count = (through - from).num_days() + 1;
        let text = match from == through {
            true => day_with_weekday(from),
            false => format!("{} 至 {}", day_with_weekday(from), day_with_weekday(through)),
        };
        (from, DayRow { days: text, kind: "休".to_owned(), count })
    });
    let work = arrangement.work.iter().map(|day| {
        (*day, DayRow { days: day_with_weekday(*day), kind: "班".to_owned(), count: 1 })
    });
    let mut rows: Vec<(NaiveDate, DayRow)> = off.chain(work).collect();
    rows.sort_by_key(|(day, _)| *day);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// `POST /calendars`. Fields: year, title, document_no, announced_on, days; or a file instead.
pub(super) async fn propose(
    State(site): State<Site>,
    who: SignedIn,
    filed: FiledWithFile,
) -> Answer {
    let mut form = filed.state("calendar");
    let text = |field: &str| filed.text(field).to_owned();
    let mut new = NewYear {
        year: text("year"),
        title: text("title"),
        document_no: text("document_no"),
        announced_on: text("announced_on"),
        days: text("days"),
    };
    let mut unread = None;
    if let Some(file) = filed.file() {
        match plain_text(&file.bytes) {
            Ok(read) => new.days = read,
            Err(error) => unread = Some(error.to_string()),
        }
        form = form.with("days", new.days.clone());
    }
    let outcome = match unread {
        Some(why) => {
            Err(Error::Invalid(vec![("file".to_owned(), format!("文件读不出文字：{why}"))]))
        }
        None => calendar::propose(&site.app, &who.actor, &new).await,
    };
    match outcome {
        Ok(year) => {
            let text = format!("已录入 {year} 年工作日安排，须由另一人确认后生效");
            Ok(done(&format!("{HERE}/{year}"), &text))
        }
        Err(error) => {
            let form = back_to_form(form, error)?;
            Ok(Page::retry(page(&site, &who, form).await?).into_response())
        }
    }
}

pub(super) async fn year(
    State(site): State<Site>,
    who: SignedIn,
    Path(year): Path<String>,
) -> Answer {
    let page = year_page(&site, &who, &year, FormState::new("decision")).await?;
    Ok(Page::ok(page).into_response())
}

async fn year_page(
    site: &Site,
    who: &SignedIn,
    year: &str,
    form: FormState,
) -> Result<CalendarYear, Error> {
    let missing = || Error::NotFound("这一年的工作日安排");
    let year: i32 = year.parse().map_err(|_| missing())?;
    let Calendars { years, versions } = calendar::calendars(&site.app, &who.actor).await?;
    let live = years.iter().find(|line| line.year == year);
    let versions: Vec<VersionRow> =
        versions.iter().filter(|line| line.year == year).map(version).collect();
    if live.is_none() && versions.is_empty() {
        return Err(missing());
    }
    let may = who.actor.role.may(Act::LoadCalendars);
    Ok(CalendarYear {
        frame: who.frame(site, HERE).await?,
        year,
        live: live.map(year_row),
        days: live.map(|line| days(&line.arrangement)).unwrap_or_default(),
        decision: (may && versions.iter().any(|row| row.decided.is_empty())).then_some(form),
        versions,
    })
}

/// `POST /calendars/{year}/decisions`. Fields: version, verdict (accept or refuse), note.
pub(super) async fn decide(
    State(site): State<Site>,
    who: SignedIn,
    Path(year): Path<String>,
    filed: Filed,
) -> Answer {
    let missing = || Failure::from(Error::NotFound("这份工作日安排"));
    let number = year.parse::<i32>().map_err(|_| missing())?;
    let version = filed.text("version").parse::<i64>().map_err(|_| missing())?;
    let accept = match filed.text("verdict") {
        "accept" => Ok(true),
        "refuse" => Ok(false),
        _ => Err(Error::Invalid(vec![("verdict".to_owned(), "请选择确认或退回".to_owned())])),
    };
    let outcome = match accept {
        Ok(accept) => {
            let note = filed.text("note");
            calendar::decide(&site.app, &who.actor, (number, version), accept, note).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(done(&format!("{HERE}/{year}"), "已办理")),
        Err(error) => {
            let form = back_to_form(filed.state("decision"), error)?;
            Ok(Page::retry(year_page(&site, &who, &year, form).await?).into_response())
        }
    }
}
