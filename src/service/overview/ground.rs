//! Where enterprises lie, for whoever looks: what all figures stand on.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::Cell;
use crate::app::App;
use crate::clock::{china_day_start, china_time};
use crate::domain::authority::Scope;
use crate::domain::overview::reported_late;
use crate::domain::region;
use crate::service::{Actor, Error, calendar};
use crate::store::directory::overview::{self as store, Placed};

/// Title of the documents by which departures are reported; a test reports one to see them agree.
const DEPARTURE_REPORT: &str = "离职报告";

/// The enterprises in scope today.
pub(super) struct Ground {
    pub(super) today: NaiveDate,
    pub(super) enterprises: Vec<Placed>,
    position: HashMap<i64, usize>,
    /// Whether places are city-level units: for the province. Otherwise they are counties.
    by_city: bool,
}

/// A departure with what its time tells.
pub(super) struct Report {
    pub(super) person_id: i64,
    pub(super) enterprise_id: i64,
    pub(super) last_day: NaiveDate,
    pub(super) reported_on: NaiveDate,
    /// `None` while the working days are not known.
    pub(super) late: Option<bool>,
}

impl Ground {
    pub(super) async fn new(app: &App, actor: &Actor) -> Result<Self, Error> {
        let today = app.clock.today();
        let enterprises = store::placed(app.db.read(), &actor.scope, today).await?;
        let position = enterprises.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
        Ok(Self { today, enterprises, position, by_city: actor.scope == Scope::Province })
    }

    pub(super) fn of(&self, enterprise_id: i64) -> Option<&Placed> {
        self.position.get(&enterprise_id).and_then(|at| self.enterprises.get(*at))
    }

    /// The code of the place that an enterprise is counted in.
    pub(super) fn unit<'a>(&self, enterprise: &'a Placed) -> &'a str {
        self.unit_of(&enterprise.division, &enterprise.city_unit)
    }

    pub(super) const fn unit_of<'a>(&self, division: &'a str, city_unit: &'a str) -> &'a str {
        if self.by_city { city_unit } else { division }
    }

    /// The places to show: code and name, Xiamen last, which pays its own.
    pub(super) fn units(&self) -> Vec<(String, String)> {
        if self.by_city {
            let mut units = region::city_units().to_vec();
            units.sort_by_key(|(code, _)| code == XIAMEN);
            return units;
        }
        let mut codes: Vec<&str> = self.enterprises.iter().map(|row| self.unit(row)).collect();
        codes.sort_unstable();
        codes.dedup();
        let named = |code: &str| region::full_name(code).unwrap_or(code).to_owned();
        codes.into_iter().map(|code| (code.to_owned(), named(code))).collect()
    }

    /// The enterprises that conditions choose; `None` when they leave it open.
    pub(super) fn chosen(&self, unit: &str, uscc: &str) -> Option<Vec<i64>> {
        if unit.is_empty() && uscc.is_empty() {
            return None;
        }
        let fits = |row: &&Placed| {
            (unit.is_empty() || self.unit(row) == unit) && (uscc.is_empty() || row.uscc == uscc)
        };
        Some(self.enterprises.iter().filter(fits).map(|row| row.id).collect())
    }

    /// An enterprise as a cell.
    pub(super) fn cell(&self, enterprise_id: i64) -> Cell {
        self.of(enterprise_id)
            .map_or(Cell::None, |row| Cell::Enterprise(row.uscc.clone(), row.name.clone()))
    }

    /// The departures reported this calendar year.
    pub(super) async fn reports(&self, app: &App, actor: &Actor) -> Result<Vec<Report>, Error> {
        let new_year = NaiveDate::from_ymd_opt(self.today.year(), 1, 1).unwrap_or(self.today);
        let since = china_day_start(new_year);
        let rows = store::departures(app.db.read(), &actor.scope, DEPARTURE_REPORT, since).await?;
        let known = calendar::known(app).await?;
        let report = |(person_id, enterprise_id, day_after, at): store::Departure| {
            let last_day = day_after.pred_opt().unwrap_or(day_after);
            let reported_on = day_of(at);
            let late = reported_late(last_day, reported_on, &known);
            Report { person_id, enterprise_id, last_day, reported_on, late }
        };
        Ok(rows.into_iter().map(report).collect())
    }
}

/// The city that is not under the province's money.
pub(super) const XIAMEN: &str = "350200";

pub(super) fn day_of(at: DateTime<Utc>) -> NaiveDate {
    china_time(at).date_naive()
}
