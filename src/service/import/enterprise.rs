//! 骨干企业清单: which enterprises are on the list, from when to when, and what they are called.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::period::Period;
use crate::domain::region;
use crate::domain::registry::{
    EnterpriseDivision, EnterpriseName, EnterpriseProfile, Listing, Stated,
};
use crate::file::form::EnterpriseRow;
use crate::service::Error;
use crate::store::registry::{self, Readable};
use crate::vault::Vault;

use super::ground::Ground;
use super::issue::Notes;
use super::read::Line;
use super::run::{Form, Stamp, Verdict};
use super::timeline::{Change, Step, day_before, holds_from, live, replaced};

/// Imports the list.
#[derive(Debug)]
pub(super) struct Enterprises {
    today: NaiveDate,
}

/// What a row states about an enterprise.
#[derive(Debug)]
pub(super) struct Plan {
    /// `None` for a new one.
    enterprise: Option<i64>,
    name: Change<EnterpriseName>,
    division: Change<EnterpriseDivision>,
    profile: Change<EnterpriseProfile>,
    profile_fact: EnterpriseProfile,
    listing: Change<Listing>,
}

type Row = Line<EnterpriseRow, ()>;

/// What the registry holds about the enterprises of a chunk.
#[derive(Debug, Default)]
struct Known {
    ids: HashMap<String, i64>,
    names: HashMap<i64, Vec<Stated<EnterpriseName>>>,
    divisions: HashMap<i64, Vec<Stated<EnterpriseDivision>>>,
    profiles: HashMap<i64, Vec<Stated<EnterpriseProfile>>>,
    listings: HashMap<i64, Vec<Stated<Listing>>>,
}

impl Known {
    async fn load(conn: &impl Readable, lines: &[Row]) -> Result<Self, Error> {
        let codes: Vec<&str> = lines.iter().map(|line| line.record.uscc.as_str()).collect();
        let ids = registry::enterprises_by_uscc(conn, &codes).await?;
        let about: Vec<i64> = ids.values().copied().collect();
        Ok(Self {
            names: registry::histories(conn, &about).await?,
            divisions: registry::histories(conn, &about).await?,
            profiles: registry::histories(conn, &about).await?,
            listings: registry::histories(conn, &about).await?,
            ids,
        })
    }
}

fn of<T>(histories: &HashMap<i64, Vec<Stated<T>>>, id: Option<i64>) -> &[Stated<T>] {
    id.and_then(|id| histories.get(&id)).map_or(&[], Vec::as_slice)
}

impl Form for Enterprises {
    type Row = EnterpriseRow;
    type Keys = ();
    type Plan = Plan;

    fn new(ground: &Ground) -> Result<Self, Error> {
        Ok(Self { today: ground.today })
    }

    fn keys(_row: &EnterpriseRow, _vault: &Vault) {}

    async fn decide<C: Readable>(
        &mut self,
        conn: &C,
        lines: &[Row],
    ) -> Result<Vec<Verdict<Plan>>, Error> {
        let known = Known::load(conn, lines).await?;
        Ok(lines.iter().map(|line| self.verdict(line, &known)).collect())
    }

    async fn write(&mut self, stamp: &Stamp<'_>, rows: Vec<(Row, Plan)>) -> Result<u64, Error> {
        let codes: Vec<&str> = rows
            .iter()
            .filter(|(_, plan)| plan.enterprise.is_none())
            .map(|(line, _)| line.record.uscc.as_str())
            .collect();
        let made = registry::create_enterprises(stamp.tx, &codes, stamp.at).await?;
        let (mut names, mut divisions) = (Vec::new(), Vec::new());
        let (mut profiles, mut listings) = (Vec::new(), Vec::new());
        for (line, plan) in rows {
            let row = line.record;
            let id = plan.enterprise.or_else(|| made.get(row.uscc.as_str()).copied());
            let id = id.ok_or_else(|| Error::Internal("an enterprise was not made".to_owned()))?;
            let listing = listing_of(&row);
            names.push((id, plan.name, Some(EnterpriseName { name: row.name })));
            divisions.push((id, plan.division, Some(division_of(&row.division))));
            profiles.push((id, plan.profile, Some(plan.profile_fact)));
            listings.push((id, plan.listing, Some(listing)));
        }
        Ok(stamp.apply(names).await?
            + stamp.apply(divisions).await?
            + stamp.apply(profiles).await?
            + stamp.apply(listings).await?)
    }
}

impl Enterprises {
    fn verdict(&self, line: &Row, known: &Known) -> Verdict<Plan> {
        let (mut notes, row) = (Notes::new(line.row), &line.record);
        let id = known.ids.get(row.uscc.as_str()).copied();
        let listings = of(&known.listings, id);
        // A list says what holds when it begins; the same list handed in again, what holds now.
        let again = listings.iter().any(|stated| stated.period.from == row.listed_from);
        let day = if again { self.today.max(row.listed_from) } else { row.listed_from };
        let first = row.listed_from.min(self.today);
        let mut settle = Settle { notes: &mut notes, first, day };
        let name = settle
            .value("企业名称", &row.name, of(&known.names, id), |fact| fact.name == row.name);
        let place = division_of(&row.division);
        let divisions = of(&known.divisions, id);
        let division =
            settle.value("区划代码", &row.division, divisions, |fact| *fact == place);
        let profiles = of(&known.profiles, id);
        let profile_fact = profile_of(row, profiles);
        let profile =
            settle.value("联系人", &row.industry, profiles, |fact| *fact == profile_fact);
        let listing = self.listing(row, listings, &mut notes);
        let plan = Plan { enterprise: id, name, division, profile, profile_fact, listing };
        let is_known = id.is_some()
            && plan.name.is_empty()
            && plan.division.is_empty()
            && plan.profile.is_empty()
            && plan.listing.is_empty();
        Verdict { issues: notes.into_issues(), plan: Some(plan), is_known }
    }

    /// A listing replaces the rest of an earlier one and ends where a later one begins.
    fn listing(
        &self,
        row: &EnterpriseRow,
        history: &[Stated<Listing>],
        notes: &mut Notes,
    ) -> Change<Listing> {
        let fact = listing_of(row);
        let live = live(history);
        let later = live.iter().find(|old| old.period.from > row.listed_from);
        let until = later.and_then(|old| day_before(old.period.from));
        let through = match (row.listed_through, until) {
            (Some(filed), Some(free)) => Some(filed.min(free)),
            (filed, free) => filed.or(free),
        };
        let period = Period { from: row.listed_from, through };
        let says_it = |old: &Stated<Listing>| old.period == period && old.fact == fact;
        let filed = Period { through: row.listed_through, ..period };
        let said_it = |old: &Stated<Listing>| old.period == filed && old.fact == fact;
        let shown = row.listed_from.to_string();
        if let Some(same) = live.iter().find(|old| old.period.from == row.listed_from) {
            if says_it(same) {
                return Change::default();
            }
            if replaced(history).into_iter().any(said_it) {
                notes.warning("列入日期", shown, "这段清单期间已在其后更正，本行不再更改");
                return Change::default();
            }
            return Change::correcting(same.id, period);
        }
        if history.iter().any(said_it) {
            notes.warning("列入日期", shown, "这段清单期间曾被撤销，导入后重新列入");
        }
        let mut change = Change::adding(period);
        if let (Some(old), Some(last)) =
            (live.iter().find(|old| old.period.overlaps(&period)), day_before(row.listed_from))
        {
            change.shift(old, Period { through: Some(last), ..old.period });
        }
        change
    }
}

/// Settles values of which one holds at a time.
struct Settle<'a> {
    notes: &'a mut Notes,
    first: NaiveDate,
    day: NaiveDate,
}

impl Settle<'_> {
    fn value<T: Clone>(
        &mut self,
        column: &str,
        shown: &str,
        history: &[Stated<T>],
        same: impl Fn(&T) -> bool,
    ) -> Change<T> {
        match holds_from(history, self.first, self.day, same) {
            // A list that begins earlier than anything known reaches back with what it says.
            Step::Known => match live(history).first() {
                Some(earliest) if earliest.period.from > self.first => {
                    let mut change = Change::default();
                    change.shift(earliest, Period { from: self.first, ..earliest.period });
                    change
                }
                _ => Change::default(),
            },
            Step::Former => {
                self.notes.warning(column, shown, "登记内容已在其后更改，本行不再更改");
                Change::default()
            }
            Step::Change(change) => change,
        }
    }
}

fn listing_of(row: &EnterpriseRow) -> Listing {
    Listing {
        list_batch: row.list_batch.clone(),
        recognition_quota: i64::from(row.recognition_quota),
        engineer_quota: i64::from(row.engineer_quota),
    }
}

fn division_of(code: &str) -> EnterpriseDivision {
    EnterpriseDivision { division: code.to_owned(), city_unit: region::city_unit(code) }
}

/// What the row says of the profile; an empty cell leaves what is registered.
fn profile_of(row: &EnterpriseRow, history: &[Stated<EnterpriseProfile>]) -> EnterpriseProfile {
    let registered = live(history).last().map(|stated| &stated.fact);
    let or = |filed: &str, old: fn(&EnterpriseProfile) -> &String| match registered {
        Some(profile) if filed.is_empty() => old(profile).clone(),
        _ => filed.to_owned(),
    };
    let contact = row.contact_name.as_ref().map_or("", |name| name.as_str());
    EnterpriseProfile {
        industry: or(&row.industry, |profile| &profile.industry),
        contact_name: or(contact, |profile| &profile.contact_name),
        contact_phone: or(&row.contact_phone, |profile| &profile.contact_phone),
    }
}
