//! The lists behind the figures.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::figures::choice_of;
use super::ground::{Ground, day_of};
use super::{Behind, Cell, Conditions, Rows};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::money::Fen;
use crate::domain::overview::open_states;
use crate::domain::region;
use crate::domain::registry::{Code, TalentClass};
use crate::domain::roster::current;
use crate::service::budget::source_name;
use crate::service::{Actor, Error};
use crate::store::directory as persons;
use crate::store::directory::overview::{self as store, MoneyRow, ShareChoice};

/// Rows of one page.
pub const ROWS_A_PAGE: u64 = 50;

/// One list being read.
struct Reading<'a> {
    app: &'a App,
    actor: &'a Actor,
    ground: Ground,
    wanted: &'a Conditions,
    /// From which row, how many at most.
    page: (u64, u64),
}

/// The list that `what` names under its conditions, `limit` rows from `offset`.
///
/// # Errors
/// [`Error::Forbidden`] without the right to read what it shows.
pub async fn behind(
    app: &App,
    actor: &Actor,
    what: Behind,
    wanted: &Conditions,
    page: (u64, u64),
) -> Result<Rows, Error> {
    actor.must(Act::ReadRegistry)?;
    match what {
        Behind::Cases | Behind::Places => actor.must(Act::ReadCases)?,
        Behind::Entitled | Behind::Paid => actor.must(Act::ReadEntitlements)?,
        Behind::Roster | Behind::Enterprises | Behind::Departures => {}
    }
    let ground = Ground::new(app, actor).await?;
    let reading = Reading { app, actor, ground, wanted, page };
    let (columns, rows, total) = match what {
        Behind::Cases => reading.cases().await?,
        Behind::Roster => reading.roster().await?,
        Behind::Enterprises => reading.enterprises().await?,
        Behind::Places => reading.places().await?,
        Behind::Departures => reading.departures().await?,
        Behind::Entitled => reading.entitled().await?,
        Behind::Paid => reading.paid().await?,
    };
    Ok(Rows { title: reading.title(what), columns, rows, total })
}

type Found = (Vec<&'static str>, Vec<Vec<Cell>>, u64);

impl Reading<'_> {
    /// The list and what restricts it, in words.
    fn title(&self, what: Behind) -> String {
        let Conditions { kind, state, unit, uscc, class, year, late } = self.wanted;
        let open = open_states();
        let open = open.iter().find(|s| s.kind.code() == kind && s.state == state);
        let enterprise = self.ground.enterprises.iter().find(|row| row.uscc == *uscc);
        let words = [
            region::full_name(unit).map(str::to_owned),
            enterprise.map(|row| row.name.clone()),
            open.map(|state| format!("{}·{}", state.kind.label(), state.label)),
            TalentClass::from_code(class).map(|class| class.label().to_owned()),
            year.parse::<i32>().ok().map(|year| format!("{year} 年度")),
            (!late.is_empty()).then(|| "超过期限".to_owned()),
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        match words.as_slice() {
            [] => what.label().to_owned(),
            words => format!("{}：{}", what.label(), words.join("，")),
        }
    }

    fn chosen(&self) -> Option<Vec<i64>> {
        self.ground.chosen(&self.wanted.unit, &self.wanted.uscc)
    }

    /// The page of rows that are all at hand.
    fn cut(&self, rows: Vec<Vec<Cell>>) -> (Vec<Vec<Cell>>, u64) {
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = rows.into_iter().skip(size(self.page.0)).take(size(self.page.1));
        (page.collect(), total)
    }

    /// Persons as cells.
    async fn people(&self, ids: impl Iterator<Item = i64>) -> Result<HashMap<i64, Cell>, Error> {
        let mut ids: Vec<i64> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let now = self.app.clock.now();
        let found = persons::numbers_and_names(self.app.db.read(), &ids, now).await?;
        let cell = |(id, (person, names)): (i64, (persons::Person, Vec<_>))| {
            let live: Vec<_> =
                names.into_iter().filter(crate::domain::registry::Stated::is_live).collect();
            let name = current(&live, self.ground.today);
            let name = name.map(
                |name: &crate::domain::registry::Stated<crate::domain::registry::PersonName>| {
                    name.fact.name.clone()
                },
            );
            (id, Cell::Person(person.no, name.unwrap_or_default()))
        };
        Ok(found.into_iter().map(cell).collect())
    }

    async fn cases(&self) -> Result<Found, Error> {
        let mut states = open_states();
        let wanted = self.wanted;
        states.retain(|open| {
            (wanted.kind.is_empty() || open.kind.code() == wanted.kind)
                && (wanted.state.is_empty() || open.state == wanted.state)
        });
        let mut choice = choice_of(&states);
        choice.enterprises = self.chosen();
        choice.overdue_on = (!wanted.late.is_empty()).then_some(self.ground.today);
        let read = self.app.db.read();
        let (rows, total) = store::open_cases(read, &self.actor.scope, &choice, self.page).await?;
        let row = |row: crate::store::case::CaseRow| {
            let open = states.iter().find(|s| s.kind.code() == row.kind && s.state == row.state);
            vec![
                Cell::Case(row.case_no),
                open.map_or(Cell::None, |open| Cell::Text(open.kind.label().to_owned())),
                Cell::Text(row.about),
                row.enterprise_id.map_or(Cell::None, |id| self.ground.cell(id)),
                open.map_or(Cell::None, |open| Cell::State(open.label)),
                Cell::Day(row.since),
                Cell::Count((self.ground.today - row.since).num_days()),
                row.due_on.map_or(Cell::None, Cell::Day),
            ]
        };
        let columns = vec!["编号", "类型", "事项", "企业", "状态", "进入日期", "天数", "期限"];
        Ok((columns, rows.into_iter().map(row).collect(), total))
    }

    async fn roster(&self) -> Result<Found, Error> {
        let (ground, chosen) = (&self.ground, self.chosen());
        let (rows, total) = store::roster_rows(
            self.app.db.read(),
            &self.actor.scope,
            ground.today,
            chosen.as_deref(),
            self.page,
        )
        .await?;
        let mut people = self.people(rows.iter().map(|(person, ..)| *person)).await?;
        let row = |(person, enterprise, from)| {
            let place = ground.of(enterprise).and_then(|row| region::full_name(&row.division));
            vec![
                people.remove(&person).unwrap_or(Cell::None),
                ground.cell(enterprise),
                place.map_or(Cell::None, |place| Cell::Text(place.to_owned())),
                Cell::Day(from),
            ]
        };
        let rows = rows.into_iter().map(row).collect();
        Ok((vec!["姓名", "企业", "地区", "在册自"], rows, total))
    }

    async fn enterprises(&self) -> Result<Found, Error> {
        let (read, scope) = (self.app.db.read(), &self.actor.scope);
        let roster: HashMap<i64, i64> =
            store::roster_groups(read, scope, self.ground.today).await?.into_iter().collect();
        let shows_money = self.actor.role.may(Act::ReadEntitlements);
        let year = i64::from(self.app.clock.award_year());
        let mut sums: BTreeMap<i64, Fen> = BTreeMap::new();
        if shows_money {
            let choice = ShareChoice { year: Some(year), ..ShareChoice::default() };
            for group in store::money_groups(read, scope, &choice).await? {
                let sum = sums.entry(group.enterprise_id).or_default();
                *sum = sum.checked_add(group.amount).unwrap_or(*sum);
            }
        }
        let chosen = self.chosen();
        let mut rows: Vec<_> = self.ground.enterprises.iter().collect();
        rows.retain(|row| chosen.as_ref().is_none_or(|ids| ids.contains(&row.id)));
        rows.sort_by_key(|row| std::cmp::Reverse(roster.get(&row.id).copied().unwrap_or(0)));
        let row = |row: &store::Placed| {
            let mut cells = vec![
                Cell::Enterprise(row.uscc.clone(), row.name.clone()),
                Cell::Text(region::full_name(&row.division).unwrap_or_default().to_owned()),
                Cell::State(if row.listed { "在清单内" } else { "未列入" }),
                Cell::Count(roster.get(&row.id).copied().unwrap_or(0)),
            ];
            if shows_money {
                cells.push(Cell::Money(sums.get(&row.id).copied().unwrap_or_default()));
            }
            cells
        };
        let (rows, total) = self.cut(rows.into_iter().map(row).collect());
        let mut columns = vec!["企业", "地区", "清单状态", "在册工程师"];
        columns.extend(shows_money.then_some("本年核定（元）"));
        Ok((columns, rows, total))
    }

    async fn places(&self) -> Result<Found, Error> {
        let year = i64::from(self.ground.today.year());
        let mut places = store::taken_places(self.app.db.read(), &self.actor.scope, year).await?;
        let (chosen, class) = (self.chosen(), &self.wanted.class);
        places.retain(|place| {
            chosen.as_ref().is_none_or(|ids| ids.contains(&place.enterprise_id))
                && (class.is_empty() || place.class == *class)
        });
        let row = |place: store::TakenPlace| {
            let class = TalentClass::from_code(&place.class).map_or("", Code::label);
            vec![
                Cell::Case(place.case_no),
                self.ground.cell(place.enterprise_id),
                Cell::Text(class.to_owned()),
                Cell::Count(place.place_no),
                Cell::Text(place.about),
                Cell::Day(day_of(place.taken_at)),
            ]
        };
        let (rows, total) = self.cut(places.into_iter().map(row).collect());
        Ok((vec!["办件编号", "企业", "类别", "名额序号", "事项", "占用日期"], rows, total))
    }

    async fn departures(&self) -> Result<Found, Error> {
        let mut reports = self.ground.reports(self.app, self.actor).await?;
        let chosen = self.chosen();
        let only_late = !self.wanted.late.is_empty();
        reports.retain(|report| {
            chosen.as_ref().is_none_or(|ids| ids.contains(&report.enterprise_id))
                && (!only_late || report.late == Some(true))
        });
        let people = self.people(reports.iter().map(|report| report.person_id)).await?;
        let row = |report: super::ground::Report| {
            vec![
                people.get(&report.person_id).cloned().unwrap_or(Cell::None),
                self.ground.cell(report.enterprise_id),
                Cell::Day(report.last_day),
                Cell::Day(report.reported_on),
                Cell::Text(
                    match report.late {
                        Some(true) => "迟报",
                        Some(false) => "按时",
                        None => "工作日安排未载入",
                    }
                    .to_owned(),
                ),
            ]
        };
        let (rows, total) = self.cut(reports.into_iter().map(row).collect());
        Ok((vec!["姓名", "企业", "最后在岗日", "报告日期", "是否迟报"], rows, total))
    }

    fn year(&self) -> Option<i64> {
        self.wanted.year.parse().ok()
    }

    async fn entitled(&self) -> Result<Found, Error> {
        self.shares(false).await
    }

    async fn shares(&self, paid: bool) -> Result<Found, Error> {
        let known = |row: &&store::Placed| row.uscc == self.wanted.uscc;
        let enterprise_id = match self.wanted.uscc.as_str() {
            "" => None,
            _ => Some(self.ground.enterprises.iter().find(known).map_or(0, |row| row.id)),
        };
        let choice = ShareChoice { year: self.year(), enterprise_id, paid };
        let read = self.app.db.read();
        let (rows, total) = store::share_rows(read, &self.actor.scope, &choice, self.page).await?;
        self.money(rows, total).await
    }

    async fn paid(&self) -> Result<Found, Error> {
        if self.actor.scope != Scope::Province {
            return self.shares(true).await;
        }
        let year = self.year().unwrap_or_else(|| i64::from(self.app.clock.award_year()));
        let (rows, total) = store::paid_rows(self.app.db.read(), year, self.page).await?;
        self.money(rows, total).await
    }

    async fn money(&self, rows: Vec<MoneyRow>, total: u64) -> Result<Found, Error> {
        let people = self.people(rows.iter().map(|row| row.person_id)).await?;
        let row = |row: MoneyRow| {
            vec![
                people.get(&row.person_id).cloned().unwrap_or(Cell::None),
                row.enterprise_id.map_or(Cell::None, |id| self.ground.cell(id)),
                Cell::Text(format!("{} 年度", row.year)),
                Cell::Text(source_name(&row.source)),
                Cell::Money(row.amount),
            ]
        };
        let columns = vec!["姓名", "企业", "年度", "资金来源", "金额（元）"];
        Ok((columns, rows.into_iter().map(row).collect(), total))
    }
}
