//! What is written to be sent, in the transaction of the act.

use chrono::SecondsFormat;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::webhook::{EventKind, kinds_of};
use crate::service::{Actor, Error};
use crate::store::case::CaseRow;
use crate::store::db::Tx;
use crate::store::webhook::{self as store, Endpoint, NewDelivery};
use crate::store::{account, case, directory, import};
use crate::vault::random_token;

/// Where the JSON interface lies.
const INTERFACE: &str = "/api/v1";

/// What an event says.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Kind of object.
    pub object: &'static str,
    /// Its official number.
    pub number: String,
    /// Its state, by code; empty where the interface says more.
    pub state: String,
    /// Where it is read, below the interface.
    pub path: String,
}

impl Event {
    /// The event as one endpoint is told it.
    pub(super) fn told_to(
        &self,
        app: &App,
        endpoint: &Endpoint,
        kind: &'static str,
    ) -> Result<NewDelivery, Error> {
        let message_id = format!("msg_{}", random_token::<12>()?);
        let body = json!({
            "id": message_id,
            "type": kind,
            "occurred_at": app.clock.now().to_rfc3339_opts(SecondsFormat::Secs, true),
            "object": self.object,
            "number": self.number,
            "state": self.state,
            "url": format!("{}{INTERFACE}{}", app.public_address, self.path),
        });
        Ok(NewDelivery { message_id, endpoint_id: endpoint.id, kind, body: body.to_string() })
    }
}

/// Who wants events of a kind: endpoints in use, and what their accounts see.
async fn listeners(tx: &Tx, kind: EventKind) -> Result<Vec<(Endpoint, Scope)>, Error> {
    let mut found = Vec::new();
    for endpoint in store::enabled(tx).await? {
        if !kinds_of(&endpoint.kinds).contains(&kind) {
            continue;
        }
        let Some(full) = account::by_id(tx, endpoint.account_id).await? else { continue };
        let reader = Actor::new(&full, "")?;
        let needed = match kind {
            EventKind::PaymentChanged => Act::ReadEntitlements,
            EventKind::FilingDecided => Act::ReadRegistry,
            _ => Act::ReadCases,
        };
        let may = reader.role.is_system() && reader.role.may(needed);
        if may && full.account.disabled_at.is_none() {
            found.push((endpoint, reader.scope));
        }
    }
    Ok(found)
}

async fn write(
    app: &App,
    tx: &Tx,
    endpoint: &Endpoint,
    kind: EventKind,
    events: impl Iterator<Item = &Event>,
) -> Result<(), Error> {
    let told = events.map(|event| event.told_to(app, endpoint, kind.code()));
    let told: Vec<NewDelivery> = told.collect::<Result<_, _>>()?;
    // Due by the machine's own time, whatever day somebody set to test with.
    Ok(store::write(tx, told, app.clock.machine_now()).await?)
}

/// Tells of files that lie in scope: their identities, and what is told.
async fn tell_of_files(
    app: &App,
    tx: &Tx,
    kind: EventKind,
    files: &[(i64, Event)],
) -> Result<(), Error> {
    let ids: Vec<i64> = files.iter().map(|(id, _)| *id).collect();
    for (endpoint, scope) in listeners(tx, kind).await? {
        let seen = store::files_in_scope(tx, &scope, &ids).await?;
        let told = files.iter().filter(|(id, _)| seen.contains(id)).map(|(_, event)| event);
        write(app, tx, &endpoint, kind, told).await?;
    }
    Ok(())
}

/// Files moved into these states.
pub(in crate::service) async fn moved(
    app: &App,
    tx: &Tx,
    files: impl Iterator<Item = (&CaseRow, &str)>,
) -> Result<(), Error> {
    let event = |(row, state): (&CaseRow, &str)| {
        let path = format!("/cases/{}", row.case_no);
        let (number, state) = (row.case_no.clone(), state.to_owned());
        (row.id, Event { object: "case", number, state, path })
    };
    let events: Vec<(i64, Event)> = files.map(event).collect();
    tell_of_files(app, tx, EventKind::CaseChanged, &events).await
}

/// The certificate that a file is about came into a state. It is read with its person.
pub(in crate::service) async fn certificate_changed(
    app: &App,
    tx: &Tx,
    file: &CaseRow,
    (certificate_no, state): (&str, &str),
) -> Result<(), Error> {
    let person = match file.person_id {
        Some(id) => directory::person_no(tx, id).await?.unwrap_or_default(),
        None => String::new(),
    };
    let event = Event {
        object: "certificate",
        number: certificate_no.to_owned(),
        state: state.to_owned(),
        path: format!("/engineers/{person}"),
    };
    tell_of_files(app, tx, EventKind::CertificateChanged, &[(file.id, event)]).await
}

/// Files were published in a notice: each is told of with the notice's number, so that nobody
/// learns from it who else stands there.
pub(in crate::service) async fn published(
    app: &App,
    tx: &Tx,
    notice_no: &str,
    files: &[i64],
) -> Result<(), Error> {
    let event = |row: &CaseRow| {
        let (number, state) = (notice_no.to_owned(), "published".to_owned());
        let path = format!("/cases/{}", row.case_no);
        (row.id, Event { object: "notice", number, state, path })
    };
    let rows = case::by_ids(tx, files).await?;
    let events: Vec<(i64, Event)> = rows.iter().map(event).collect();
    tell_of_files(app, tx, EventKind::NoticePublished, &events).await
}

/// The money of persons for a year moved. How it stands is read with the person.
pub(in crate::service) async fn money_moved(
    app: &App,
    tx: &Tx,
    (persons, award_year): (&[i64], i32),
) -> Result<(), Error> {
    let kind = EventKind::PaymentChanged;
    let day = |month, day| chrono::NaiveDate::from_ymd_opt(award_year, month, day);
    let year = day(1, 1).and_then(|first| Period::new(first, day(12, 31)));
    let Some(year) = year else { return Ok(()) };
    for (endpoint, scope) in listeners(tx, kind).await? {
        let event = |no: String| Event {
            object: "engineer_year",
            path: format!("/engineers/{no}?year={award_year}"),
            number: no,
            state: String::new(),
        };
        let seen = store::persons_in_scope(tx, &scope, persons, &year).await?;
        let events: Vec<Event> = seen.into_iter().map(event).collect();
        write(app, tx, &endpoint, kind, events.iter()).await?;
    }
    Ok(())
}

/// Something handed in came into a state.
pub(in crate::service) async fn filing_decided(
    app: &App,
    tx: &Tx,
    (import_no, state): (&str, &str),
) -> Result<(), Error> {
    let kind = EventKind::FilingDecided;
    for (endpoint, scope) in listeners(tx, kind).await? {
        if import::by_no(tx, import_no, &scope).await?.is_none() {
            continue;
        }
        let event = Event {
            object: "import",
            number: import_no.to_owned(),
            state: state.to_owned(),
            path: format!("/imports/{import_no}"),
        };
        write(app, tx, &endpoint, kind, [event].iter()).await?;
    }
    Ok(())
}
