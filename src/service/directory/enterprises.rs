//! The list of enterprises and the record of one.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::engineers::{EngineerPage, EngineerQuery, Start, engineers};
use super::facts::{FactLine, InWords, place, sign};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Act;
use crate::domain::lifecycle::KeyEnterpriseState as S;
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::{Code, Listing, Stated};
use crate::domain::roster::current;
use crate::service::key_enterprise::{self, PlaceFile};
use crate::service::roster::FactKind;
use crate::service::{Actor, Error};
use crate::store::case as cases;
use crate::store::directory::{
    self as store, EnterpriseFile, EnterpriseFilter, EnterpriseKey, ListingFilter,
};
use crate::store::fact::Versions;

/// Rows of one page.
const PAGE_SIZE: u64 = super::PAGE_SIZE;
/// A listing that ends within so many days is shown as about to end; nothing depends on it.
const SOON: u64 = 60;

code_list! {
    /// Where an enterprise stands on the list.
    ListingState {
        /// A listing covers the day.
        Listed = "listed", "在清单";
        /// The same, but it ends soon.
        EndsSoon = "ends_soon", "即将到期";
        /// Its listing was cut short.
        Removed = "removed", "已移出";
        /// Its listing ran out.
        Expired = "expired", "已到期";
        /// Not listed up to the day.
        Never = "never", "未列入";
    }
}

impl ListingState {
    /// How an enterprise with these listings, as known, stands on a day.
    pub(super) fn of(listings: &[Stated<Listing>], day: NaiveDate) -> Self {
        let begun = || listings.iter().filter(|s| s.is_live() && s.period.from <= day);
        let soon = day.checked_add_days(Days::new(SOON));
        let last = |s: &Stated<Listing>| s.period.through.unwrap_or(NaiveDate::MAX);
        match begun().max_by_key(|stated| last(stated)) {
            None => Self::Never,
            Some(stated) if last(stated) < day && stated.supersedes.is_some() => Self::Removed,
            Some(stated) if last(stated) < day => Self::Expired,
            Some(stated) if soon.is_some_and(|soon| last(stated) <= soon) => Self::EndsSoon,
            Some(_) => Self::Listed,
        }
    }
}

/// What is asked of the list; nothing given leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnterpriseQuery {
    /// Part of a name or of a code.
    pub text: String,
    /// City-level unit.
    pub city: String,
    /// State on the list.
    pub listing: Option<ListingFilter>,
    /// Only those whose account waits for confirmation.
    pub account_waits: bool,
}

/// An enterprise in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseLine {
    /// Name today.
    pub name: String,
    /// Its code.
    pub uscc: String,
    /// Division, by its full name.
    pub place: String,
    /// Field of business.
    pub field: String,
    /// State on the list.
    pub listing: ListingState,
    /// The listing that the state is about.
    pub period: Option<Period>,
    /// Persons on its confirmed roster today.
    pub engineers: i64,
    /// What the year grants for the time there.
    pub entitled: Fen,
    /// What its file says of its place on the list beyond that: checked, set right, suspended.
    pub standing: Option<&'static str>,
}

/// A page of the list.
#[derive(Debug, Clone, Default)]
pub struct EnterprisePage {
    /// Rows.
    pub rows: Vec<EnterpriseLine>,
    /// How many match.
    pub total: u64,
}

/// The enterprises in the actor's scope that match, a page from `offset`, with what `year` came to.
/// A fixed number of statements.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn enterprises(
    app: &App,
    actor: &Actor,
    query: &EnterpriseQuery,
    year: i32,
    offset: u64,
) -> Result<EnterprisePage, Error> {
    actor.must(Act::ReadRegistry)?;
    let read = app.db.read();
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let filter = EnterpriseFilter {
        today: app.clock.today(),
        text: given(&query.text),
        city: given(&query.city),
        listing: query.listing,
        account_waits: query.account_waits,
    };
    let total = store::count_enterprises(read, &actor.scope, &filter).await?;
    let keys = store::enterprises(read, &actor.scope, &filter, offset, PAGE_SIZE).await?;
    let rows = lines(app, &keys, year).await?;
    Ok(EnterprisePage { rows, total: u64::try_from(total).unwrap_or(0) })
}

/// Rows of a list, in the order of `keys`: eight statements however many rows.
pub(in crate::service) async fn lines(
    app: &App,
    keys: &[EnterpriseKey],
    year: i32,
) -> Result<Vec<EnterpriseLine>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    let files = store::enterprise_files(read, &ids, Versions::Live).await?;
    let persons = store::on_roster_counts(read, &ids, today).await?;
    let shares = store::share_sums(read, &ids, i64::from(year)).await?;
    let places = cases::places(read, &ids).await?;
    let line = |id: &i64| {
        let file = files.get(id)?;
        Some(EnterpriseLine {
            standing: places.get(id).and_then(|place| standing(&place.state)),
            engineers: persons.get(id).copied().unwrap_or(0),
            entitled: shares.get(id).copied().unwrap_or_default(),
            ..head(file, today)
        })
    };
    Ok(ids.iter().filter_map(line).collect())
}

/// What a file says of an enterprise that is on the list.
fn standing(state: &str) -> Option<&'static str> {
    let state = S::from_code(state)?;
    matches!(state, S::AnnualCheck | S::Rectifying | S::Suspended).then(|| state.label())
}

/// Rows that say what an enterprise is, without counts and sums: five statements however many rows.
/// What an enterprise's people came to takes longer than finding the enterprise.
pub(in crate::service) async fn heads(
    app: &App,
    keys: &[EnterpriseKey],
) -> Result<Vec<EnterpriseLine>, Error> {
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    let files = store::enterprise_files(app.db.read(), &ids, Versions::Live).await?;
    let today = app.clock.today();
    Ok(ids.iter().filter_map(|id| Some(head(files.get(id)?, today))).collect())
}

fn head(file: &EnterpriseFile, today: NaiveDate) -> EnterpriseLine {
    let name = current(&file.names, today).map(|name| name.fact.name.clone());
    EnterpriseLine {
        name: name.unwrap_or_else(|| file.key.uscc.clone()),
        uscc: file.key.uscc.clone(),
        place: current(&file.divisions, today)
            .map(|division| place(&division.fact.division))
            .unwrap_or_default(),
        field: current(&file.profiles, today)
            .map(|profile| profile.fact.industry.clone())
            .unwrap_or_default(),
        listing: ListingState::of(&file.listings, today),
        period: current(&file.listings, today).map(|listing| listing.period),
        engineers: 0,
        entitled: Fen::ZERO,
        standing: None,
    }
}

/// A stretch on the list, as held now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingLine {
    /// State today, seen by this stretch alone.
    pub state: ListingState,
    /// The version.
    pub fact: FactLine,
}

/// An enterprise's page.
#[derive(Debug, Clone)]
pub struct EnterpriseRecord {
    /// The enterprise.
    pub line: EnterpriseLine,
    /// Up to when knowledge is used.
    pub known_at: DateTime<Utc>,
    /// Names held now, the last first.
    pub names: Vec<FactLine>,
    /// Divisions held now, the last first.
    pub divisions: Vec<FactLine>,
    /// Listings held now, the last first.
    pub listings: Vec<ListingLine>,
    /// Versions of all these that are no longer held, the last recorded first.
    pub superseded: Vec<FactLine>,
    /// Persons who are or were with it.
    pub engineers: EngineerPage,
    /// Whether the actor may take it off the list.
    pub may_delist: bool,
    /// Its file about its place on the list, for those who read files.
    pub file: Option<PlaceFile>,
    /// Whether the actor may make one.
    pub may_take_over: bool,
    /// Whether the actor may correct its listings.
    pub may_correct: bool,
    /// Bank and last four characters of the account that it is paid back to today.
    pub account: Option<(String, String)>,
    /// Whether another account waits for confirmation.
    pub account_waits: bool,
}

/// The enterprise with this code and a page of its engineers from `offset`.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::NotFound`] outside the actor's
/// scope, the same as for a code that nobody has.
pub async fn enterprise(
    app: &App,
    actor: &Actor,
    uscc: &str,
    year: i32,
    offset: u64,
) -> Result<EnterpriseRecord, Error> {
    actor.must(Act::ReadRegistry)?;
    let (read, today) = (app.db.read(), app.clock.today());
    let key = store::enterprise(read, &actor.scope, uscc).await?;
    let key = key.ok_or(Error::NotFound("这家企业"))?;
    let line = lines(app, std::slice::from_ref(&key), year).await?.pop();
    let line = line.ok_or(Error::NotFound("这家企业"))?;
    let mut files = store::enterprise_files(read, &[key.id], Versions::All).await?;
    let file = files.remove(&key.id).ok_or(Error::NotFound("这家企业"))?;
    let query = EngineerQuery { uscc: key.uscc.clone(), ..EngineerQuery::default() };
    let mut facts = versions(&file);
    sign(&app.db, &mut facts).await?;
    facts.sort_by_key(|line| std::cmp::Reverse((line.period.from, line.recorded_at)));
    let (held, mut superseded): (Vec<_>, Vec<_>) =
        facts.into_iter().partition(|line| line.superseded_at.is_none());
    superseded.sort_by_key(|line| std::cmp::Reverse(line.recorded_at));
    let of = |subject: &str| held.iter().filter(|f| f.subject == subject).cloned().collect();
    let is_listed = matches!(line.listing, ListingState::Listed | ListingState::EndsSoon);
    let place = key_enterprise::place_of(read, key.id).await?;
    let ends = [S::Removed, S::Expired, S::Rejected, S::Withdrawn].map(Code::label);
    let (account, account_waits) = super::enterprise_account::summary(app, key.id).await?;
    let has_file = place.as_ref().is_some_and(|file| !ends.contains(&file.state));
    Ok(EnterpriseRecord {
        known_at: app.clock.now(),
        names: of(NAME),
        divisions: of(PLACE),
        listings: listings(&file, of(LISTING), today),
        superseded,
        engineers: engineers(app, actor, &query, year, &Start::Offset(offset)).await?,
        may_delist: actor.role.may(Act::ImportRegistry) && is_listed && !has_file,
        may_take_over: actor.role.may(Act::KeepEnterpriseFiles) && is_listed && !has_file,
        file: place.filter(|_| actor.role.may(Act::ReadCases)),
        may_correct: actor.role.may(Act::CorrectFacts),
        account,
        account_waits,
        line,
    })
}

const NAME: &str = "名称";
const PLACE: &str = "地区";
const LISTING: &str = "清单";

fn versions(file: &EnterpriseFile) -> Vec<FactLine> {
    let names = file.names.iter().map(|s| FactLine::of(NAME, s.fact.name.clone(), s));
    let places = file.divisions.iter().map(|s| FactLine::of(PLACE, s.fact.in_words(""), s));
    let listings = file.listings.iter().map(|s| {
        FactLine::of(LISTING, s.fact.in_words(""), s).correctable(FactKind::Listing, s.id)
    });
    let profiles = file.profiles.iter().map(|s| FactLine::of("领域", s.fact.industry.clone(), s));
    names.chain(places).chain(listings).chain(profiles).collect()
}

fn listings(file: &EnterpriseFile, lines: Vec<FactLine>, today: NaiveDate) -> Vec<ListingLine> {
    let state = |line: &FactLine| {
        let same = file.listings.iter().filter(|s| {
            s.is_live() && s.period == line.period && s.recorded_at == line.recorded_at
        });
        ListingState::of(&same.cloned().collect::<Vec<_>>(), today)
    };
    lines.into_iter().map(|fact| ListingLine { state: state(&fact), fact }).collect()
}
