//! One person: the whole history, as of any day and as known at any time.

use chrono::{DateTime, NaiveDate, Utc};

use super::account_filing::{AccountFiling, account_change};
use super::engineers::employers;
use super::enterprises::ListingState;
use super::facts::{FactLine, SignedBy, forget_later, sign_as};
use super::lanes::{History, Known};
use super::view::View;
use super::years::{YearLine, year_line};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::money::Fen;
use crate::domain::roster::Standing;
use crate::domain::yearly::Money;
use crate::service::seen::{self, SeenKind};
use crate::service::{Actor, Error};
use crate::store::directory::{self as store, BankLine, PersonFile};
use crate::store::fact::Versions;
use crate::store::stipend::ledger::money_of;

/// What a page is asked to show; nothing given means now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AsOf {
    /// Business date.
    pub on: Option<NaiveDate>,
    /// Last instant whose knowledge is used.
    pub known_at: Option<DateTime<Utc>>,
}

/// The account a person is paid to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayeeAccount {
    /// Bank.
    pub bank: String,
    /// Last four digits.
    pub last_four: String,
    /// First day on which it is used.
    pub since: NaiveDate,
}

/// What the actor may do to the person now; nothing when the page shows the past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Report the last day in post.
    pub depart: bool,
    /// Change the account.
    pub account: bool,
    /// Correct or withdraw facts.
    pub correct: bool,
    /// Suspend.
    pub suspend: bool,
    /// Exclude.
    pub exclude: bool,
    /// Make a code that opens the person's own page.
    pub activate: bool,
}

/// A person's page.
#[derive(Debug, Clone)]
pub struct EngineerRecord {
    /// Identity; never shown.
    pub person_id: i64,
    /// Official number.
    pub no: String,
    /// Other numbers of the same person, as known then.
    pub merged: Vec<String>,
    /// What held on the day.
    pub head: Head,
    /// Business date shown.
    pub on: NaiveDate,
    /// Knowledge used.
    pub known_at: DateTime<Utc>,
    /// Whether that is another day than today or an earlier knowledge.
    pub is_past: bool,
    /// The history.
    pub history: History,
    /// Every version known, the last recorded first.
    pub versions: Vec<FactLine>,
    /// What years came to, the last first.
    pub years: Vec<YearLine>,
    /// What can be done.
    pub deeds: Deeds,
    /// Facts that can be corrected: (`table:id`, in words).
    pub correctable: Vec<(String, String)>,
    /// The change of the account that waits for another person, or the one confirmed last; `None`
    /// when the page shows the past.
    pub account_change: Option<AccountFiling>,
}

/// What held on a day, as known at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Name.
    pub name: String,
    /// Kind of document and masked number.
    pub document: String,
    /// Employer; empty when there was none.
    pub enterprise: String,
    /// Its code.
    pub uscc: String,
    /// Whether the employer was on the list.
    pub listing: ListingState,
    /// Post.
    pub post: String,
    /// State on the roster; `None` when never declared.
    pub standing: Option<Standing>,
    /// First day of the roster entry.
    pub joined_on: Option<NaiveDate>,
    /// Account, if any.
    pub account: Option<PayeeAccount>,
}

/// The person with this number, as of a day and as known at a time. A fixed number of statements.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::NotFound`] for a person outside
/// the actor's scope, the same as for one that does not exist.
pub async fn engineer(
    app: &App,
    actor: &Actor,
    no: &str,
    as_of: AsOf,
) -> Result<EngineerRecord, Error> {
    actor.must(Act::ReadRegistry)?;
    let found = record(app, &actor.scope, Some(actor), no, as_of).await?;
    seen::note_one(app, actor, SeenKind::Record, no).await?;
    Ok(found)
}

/// The record of a person as the person reads it: whole, and nothing can be done from it.
///
/// # Errors
/// When the database fails.
pub(in crate::service) async fn own_record(
    app: &App,
    person_id: i64,
    no: &str,
) -> Result<EngineerRecord, Error> {
    record(app, &Scope::Person(person_id), None, no, AsOf::default()).await
}

async fn record(
    app: &App,
    scope: &Scope,
    actor: Option<&Actor>,
    no: &str,
    as_of: AsOf,
) -> Result<EngineerRecord, Error> {
    let read = app.db.read();
    let person = store::engineer(read, scope, no).await?;
    let person = person.ok_or(Error::NotFound("这位工程师"))?;
    let (now, today) = (app.clock.now(), app.clock.today());
    let (at, on) = (as_of.known_at.unwrap_or(now).min(now), as_of.on.unwrap_or(today));
    let known = (at < now).then_some(at);
    let file = store::file_as_one(read, scope, person, Versions::All, known).await?;
    let file = &file.ok_or(Error::NotFound("这位工程师"))?;
    let employers = employers(std::slice::from_ref(file));
    let enterprises = store::enterprise_files(read, &employers, Versions::All).await?;
    let view = View { file, enterprises: &enterprises, at, on };
    let is_past = at < now || on != today;
    // What was paid for the time at one enterprise cannot be told from what was paid in all.
    let sees_all = store::own_enterprise(scope).is_none();
    let mut payments = Vec::new();
    for number in file.numbers().into_iter().filter(|_| sees_all) {
        payments.extend(store::bank_lines(read, number).await?);
    }
    let mut versions = view.versions();
    forget_later(&mut versions, at);
    let by = if actor.is_some() { SignedBy::Name } else { SignedBy::Office };
    sign_as(&app.db, &mut versions, by).await?;
    let known = Known { file, enterprises: &enterprises, payments: &payments, at, on };
    let deeds = match actor {
        Some(actor) if !is_past => view.deeds(actor),
        _ => Deeds::default(),
    };
    let earlier = (at < now).then_some(at);
    Ok(EngineerRecord {
        person_id: file.person.id,
        no: file.person.no.clone(),
        merged: file.merged.iter().map(|person| person.no.clone()).collect(),
        head: view.head(),
        on,
        known_at: at,
        is_past,
        history: known.history(),
        years: years(app, scope, file, &payments, earlier).await?,
        account_change: if is_past { None } else { account_change(app, file.person.id).await? },
        correctable: if deeds.correct { view.correctable() } else { Vec::new() },
        versions,
        deeds,
    })
}

/// The number that this one led to at an instant, when it was another; `None` also outside the
/// actor's scope.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn leading(
    app: &App,
    actor: &Actor,
    no: &str,
    known_at: Option<DateTime<Utc>>,
) -> Result<Option<String>, Error> {
    actor.must(Act::ReadRegistry)?;
    let found = store::leading(app.db.read(), &actor.scope, no, known_at).await?;
    Ok(found.map(|person| person.no))
}

/// What years came to as known at an instant, `None` meaning now.
async fn years(
    app: &App,
    scope: &Scope,
    file: &PersonFile,
    payments: &[BankLine],
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<YearLine>, Error> {
    let (read, id) = (app.db.read(), file.person.id);
    let rows = store::years(read, &[id], None, known_at).await?;
    let money = money_of(read, &[id]).await?;
    let own = store::own_enterprise(scope);
    let mut out = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut money = money.get(&(id, row.award_year)).copied().unwrap_or_default();
        if let Some(at) = known_at {
            // Lines do not say when they changed; what the bank had answered by then does.
            let settled = payments.iter().filter(|line| {
                line.award_year == row.award_year
                    && line.outcome == "settled"
                    && line.answered_at.or(line.paid_at).is_some_and(|told| told <= at)
            });
            let paid = Fen::checked_sum(settled.map(|line| line.amount)).unwrap_or_default();
            let open = row.net.get().saturating_sub(paid.get());
            money = Money {
                payable: Fen::new(open.max(0)),
                paid,
                recovery: Fen::new(open.saturating_neg().max(0)),
                ..Money::default()
            };
        }
        out.extend(year_line(row, money, own, file)?);
    }
    Ok(out)
}
