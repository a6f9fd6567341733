//! What the public says of a line: an objection while its notice runs, a tip afterwards.

use serde_json::json;

use super::NoticeStanding;
use crate::app::App;
use crate::domain::lifecycle::{Case, Lifecycle, Objection};
use crate::domain::registry::Code;
use crate::service::{Actor, Error, calendar, invalid, log, tip};
use crate::store::case::{self as cases, NewCase};
use crate::store::db::Tx;
use crate::store::notice::{self as store, EntryRow, NewObjection, NoticeRow};
use crate::store::{account, number};
use crate::vault::place;

/// What somebody objects to.
#[derive(Debug, Clone, Default)]
pub struct NewObjectionText {
    /// Line of the notice.
    pub seq: String,
    /// Name; empty for an anonymous lead.
    pub name: String,
    /// Phone or mail; needed with a name.
    pub contact: String,
    /// What is said.
    pub content: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Number of the objection, or of the tip.
    pub no: String,
    /// Whether it came while the notice ran, so that it is an objection.
    pub in_time: bool,
}

/// Receives what the public says of a line: an objection in the days of the notice, a tip
/// afterwards (domain.md 7.10). Name and contact are sealed: whoever handles it opens them one by
/// one, which is logged.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with the field.
pub async fn object(app: &App, no: &str, text: &NewObjectionText) -> Result<Received, Error> {
    let tx = app.db.begin().await?;
    let (notice, entry) = checked(&tx, no, text).await?;
    let announced = NoticeStanding::load(&tx, &[entry.case_id]).await?;
    let in_time = announced.running_fault(entry.case_id, app.clock.today()).is_some();
    let (name, contact, content) = said(text);
    let (no, action) = if in_time {
        (open(app, &tx, (&notice, &entry), text).await?, ("objection.received", "case"))
    } else {
        let tip_no = tip::keep(app, &tx, entry.id, (name, contact, content)).await?;
        (tip_no, ("tip.received", "tip"))
    };
    // The public has no chain of its own: the office that published the notice tells of it.
    let office = account::by_id(&tx, notice.published_by).await?;
    let office = office.ok_or_else(|| Error::Internal("no publisher".to_owned()))?;
    let mut witness = Actor::new(&office, "public")?;
    witness.login = "public".to_owned();
    let detail = json!({ "named": !name.is_empty(), "notice": notice.notice_no });
    log(app, &tx, &witness, action.0, (action.1, &no), &detail).await?;
    tx.commit().await?;
    Ok(Received { no, in_time })
}

/// Name, contact and content without space around them.
fn said(text: &NewObjectionText) -> (&str, &str, &str) {
    (text.name.trim(), text.contact.trim(), text.content.trim())
}

/// The notice and the line that the form is about.
async fn checked(
    tx: &Tx,
    no: &str,
    text: &NewObjectionText,
) -> Result<(NoticeRow, EntryRow), Error> {
    let (name, contact, content) = said(text);
    let mut faults = Vec::new();
    if !(20..=2_000).contains(&content.chars().count()) {
        faults.push(invalid("content", "请写明事实和理由，20 至 2000 字"));
    }
    if !name.is_empty() && contact.is_empty() {
        faults.push(invalid("contact", "实名的请填写联系方式，以便答复"));
    }
    let notice = store::by_no(tx, no).await?.ok_or(Error::NotFound("这份公示"))?;
    let entries = store::entries(tx, notice.id).await?;
    let seq = text.seq.trim().parse::<i64>().ok();
    let entry = entries.into_iter().find(|entry| Some(entry.seq) == seq);
    if entry.is_none() {
        faults.push(invalid("seq", "请选择针对哪一项"));
    }
    let withdrawn = store::withdrawals(tx, notice.id).await?;
    if entry.as_ref().is_some_and(|entry| withdrawn.contains_key(&entry.id)) {
        faults.push(invalid("seq", "该项已撤出公示，不再受理异议"));
    }
    let entry = entry.filter(|_| faults.is_empty());
    entry.map(|entry| (notice, entry)).ok_or(Error::Invalid(faults))
}

/// Opens the file of an objection; gives its number.
async fn open(
    app: &App,
    tx: &Tx,
    (notice, entry): (&NoticeRow, &EntryRow),
    text: &NewObjectionText,
) -> Result<String, Error> {
    use chrono::Datelike;
    let (name, contact, content) = said(text);
    let today = app.clock.today();
    let target = cases::by_ids(tx, &[entry.case_id]).await?.pop();
    let nothing = || Error::Internal(format!("entry {} of {}", entry.seq, notice.notice_no));
    let target = target.ok_or_else(nothing)?;
    let serial = number::allocate(tx, "objection", 1).await?;
    let case_no = format!("YY{}-{serial:05}", today.year());
    let fresh = Case::<Objection>::open(today, &calendar::within(tx).await?);
    let new = NewCase {
        case_no: &case_no,
        kind: Objection::KIND.code(),
        enterprise_id: target.enterprise_id,
        person_id: None,
        about: &format!("{} 第 {} 项", notice.notice_no, entry.seq),
        state: fresh.state.code(),
        since: fresh.since,
        due_on: fresh.due.day(),
        opened_by: notice.published_by,
        opened_at: app.clock.now(),
    };
    let case_id = cases::open(tx, &new).await?;
    let objection = NewObjection {
        case_id,
        entry_id: entry.id,
        named: !name.is_empty(),
        objector_cipher: app.vault.seal(place::OBJECTOR, name.as_bytes())?,
        contact_cipher: app.vault.seal(place::OBJECTOR_CONTACT, contact.as_bytes())?,
        content: content.to_owned(),
        received_at: app.clock.now(),
    };
    store::object(tx, objection).await?;
    Ok(case_no)
}
