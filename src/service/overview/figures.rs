//! The figures. A handful of counts and sums, whatever the number of people.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::ground::{Ground, XIAMEN};
use super::{Bar, Behind, Cell, Conditions, Figure};
use crate::app::App;
use crate::domain::authority::{Act, Scope};
use crate::domain::money::Fen;
use crate::domain::overview::{OpenState, length, median, open_states};
use crate::domain::registry::{Code, TalentClass};
use crate::service::{Actor, Error};
use crate::store::directory::overview::MoneyGroup;
use crate::store::directory::overview::{self as store, CaseChoice, CaseGroup, ShareChoice};

/// Bars of a figure that could have any number of them.
const MOST: usize = 12;

/// The figures that the actor may see, within the actor's scope.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`].
pub async fn overview(app: &App, actor: &Actor) -> Result<Vec<Figure>, Error> {
    actor.must(Act::ReadRegistry)?;
    let ground = Ground::new(app, actor).await?;
    let read = app.db.read();
    let mut figures = Vec::new();
    let has_places = !matches!(actor.scope, Scope::Enterprise(_) | Scope::County(_));
    if actor.role.may(Act::ReadCases) {
        let states = open_states();
        let choice = choice_of(&states);
        let groups = store::case_groups(read, &actor.scope, &choice).await?;
        figures.push(pipeline(&ground, &states, &groups));
        if has_places {
            figures.push(cases_by_place(&ground, &groups));
        }
    }
    let money = match actor.role.may(Act::ReadEntitlements) {
        true => store::money_groups(read, &actor.scope, &ShareChoice::default()).await?,
        false => Vec::new(),
    };
    let year = i64::from(app.clock.award_year());
    let roster: HashMap<i64, i64> =
        store::roster_groups(read, &actor.scope, ground.today).await?.into_iter().collect();
    let shows_money = actor.role.may(Act::ReadEntitlements);
    if has_places {
        figures.push(by_place(&ground, &roster, shows_money.then_some((year, &money))));
    }
    figures.push(by_engineers(&ground, &roster));
    if shows_money {
        figures.push(by_money(&ground, year, &money));
    }
    if actor.role.may(Act::ReadCases) {
        figures.push(quotas(app, actor, &ground).await?);
    }
    figures.push(departures(app, actor, &ground, has_places).await?);
    if shows_money {
        figures.push(by_year(app, actor, &money).await?);
    }
    Ok(figures)
}

/// All files in these states.
pub(super) fn choice_of(states: &[OpenState]) -> CaseChoice {
    CaseChoice {
        among: states.iter().map(|state| (state.kind.code(), state.state)).collect(),
        enterprises: None,
        overdue_on: None,
    }
}

/// Lengths of the parts of bars, by the longest of them.
fn lengths(parts: &[Vec<i64>]) -> Vec<Vec<u32>> {
    let longest = parts.iter().map(|bar| bar.iter().sum::<i64>()).max().unwrap_or(0);
    parts.iter().map(|bar| bar.iter().map(|part| length(*part, longest)).collect()).collect()
}

fn rows_of(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// How many files there are, how many of them are overdue.
fn tally<'a>(ground: &Ground, groups: impl Iterator<Item = &'a CaseGroup>) -> (i64, i64) {
    groups.fold((0, 0), |(all, late), group| {
        let over = group.due_on.is_some_and(|day| day < ground.today);
        (all + group.files, late + if over { group.files } else { 0 })
    })
}

fn pipeline(ground: &Ground, states: &[OpenState], groups: &[CaseGroup]) -> Figure {
    let mut bars = Vec::new();
    let mut parts = Vec::new();
    for open in states {
        let here = |group: &&CaseGroup| group.kind == open.kind.code() && group.state == open.state;
        let (all, late) = tally(ground, groups.iter().filter(here));
        if all == 0 {
            continue;
        }
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        for group in groups.iter().filter(here) {
            *days.entry((ground.today - group.since).num_days()).or_default() += group.files;
        }
        let median = median(&days).unwrap_or(0);
        parts.push(vec![all - late, late]);
        let cells = vec![
            Cell::Text(open.waits_for.join("、")),
            Cell::Count(all),
            Cell::Count(late),
            Cell::Count(median),
        ];
        let conditions = Conditions {
            kind: open.kind.code().to_owned(),
            state: open.state.to_owned(),
            ..Conditions::default()
        };
        bars.push(Bar {
            label: open.label.to_owned(),
            group: open.kind.label(),
            parts: Vec::new(),
            value: Cell::Count(all),
            note: format!("中位 {median} 天"),
            cells,
            behind: Some((Behind::Cases, conditions)),
            count: rows_of(all),
        });
    }
    measure(&mut bars, &parts);
    Figure {
        id: "pipeline",
        title: "各环节在办办件",
        about: "每个环节正在等待办理的件数，以及已在该环节停留天数的中位数。".to_owned(),
        series: vec!["期限内", "已逾期"],
        columns: vec!["环节", "等待办理", "件数", "逾期", "停留中位天数"],
        bars,
        whole: Some((Behind::Cases, Conditions::default())),
    }
}

fn measure(bars: &mut [Bar], parts: &[Vec<i64>]) {
    for (bar, lengths) in bars.iter_mut().zip(lengths(parts)) {
        bar.parts = lengths;
    }
}

/// A bar for a place.
fn place_bar(
    (unit, name): (String, String),
    value: i64,
    cells: Vec<Cell>,
    behind: Behind,
    late: bool,
) -> Bar {
    let group = if unit == XIAMEN { "厦门市（资金自筹，单列）" } else { "" };
    let late = if late { "1".to_owned() } else { String::new() };
    Bar {
        label: name,
        group,
        parts: Vec::new(),
        value: Cell::Count(value),
        note: String::new(),
        cells,
        behind: Some((behind, Conditions { unit, late, ..Conditions::default() })),
        count: rows_of(value),
    }
}

fn cases_by_place(ground: &Ground, groups: &[CaseGroup]) -> Figure {
    let mut bars = Vec::new();
    let mut parts = Vec::new();
    for unit in ground.units() {
        let there = |group: &&CaseGroup| {
            let enterprise = group.enterprise_id.and_then(|id| ground.of(id));
            enterprise.is_some_and(|enterprise| ground.unit(enterprise) == unit.0)
        };
        let (all, late) = tally(ground, groups.iter().filter(there));
        parts.push(vec![all - late, late]);
        let cells = vec![Cell::Count(all), Cell::Count(late)];
        bars.push(place_bar(unit, all, cells, Behind::Cases, false));
    }
    measure(&mut bars, &parts);
    Figure {
        id: "backlog",
        title: "各地区在办办件",
        about: "按企业所在地区统计的在办件数，深色部分在期限内，红色部分已逾期。".to_owned(),
        series: vec!["期限内", "已逾期"],
        columns: vec!["地区", "件数", "逾期"],
        bars,
        whole: None,
    }
}

fn by_place(
    ground: &Ground,
    roster: &HashMap<i64, i64>,
    money: Option<(i64, &Vec<MoneyGroup>)>,
) -> Figure {
    let mut bars = Vec::new();
    let mut parts = Vec::new();
    for unit in ground.units() {
        let there = || ground.enterprises.iter().filter(|row| ground.unit(row) == unit.0);
        let engineers: i64 = there().filter_map(|row| roster.get(&row.id)).sum();
        let listed = there().filter(|row| row.listed).count();
        let mut cells =
            vec![Cell::Count(engineers), Cell::Count(i64::try_from(listed).unwrap_or(0))];
        if let Some((year, groups)) = money {
            let granted = groups.iter().filter(|group| {
                group.year == year && ground.unit_of(&group.division, &group.city_unit) == unit.0
            });
            cells.push(Cell::Money(sum(granted.map(|group| group.amount))));
        }
        parts.push(vec![engineers]);
        bars.push(place_bar(unit, engineers, cells, Behind::Roster, false));
    }
    measure(&mut bars, &parts);
    let mut columns = vec!["地区", "在册工程师", "骨干企业"];
    columns.extend(money.map(|_| "本年核定（元）"));
    Figure {
        id: "places",
        title: "各地区在册工程师",
        about: "今天在册的核心工程师人数，按企业所在地区统计。".to_owned(),
        series: vec!["在册工程师"],
        columns,
        bars,
        whole: Some((Behind::Roster, Conditions::default())),
    }
}

/// The sum; beyond what money can hold it is shown as nothing rather than as something wrong.
fn sum(amounts: impl Iterator<Item = Fen>) -> Fen {
    Fen::checked_sum(amounts).unwrap_or_default()
}

fn by_engineers(ground: &Ground, roster: &HashMap<i64, i64>) -> Figure {
    let mut rows: Vec<_> = ground
        .enterprises
        .iter()
        .filter_map(|row| roster.get(&row.id).map(|engineers| (*engineers, row)))
        .collect();
    rows.sort_by_key(|(engineers, row)| (std::cmp::Reverse(*engineers), row.id));
    rows.truncate(MOST);
    let parts: Vec<Vec<i64>> = rows.iter().map(|(engineers, _)| vec![*engineers]).collect();
    let bar = |(engineers, row): (i64, &store::Placed)| Bar {
        label: row.name.clone(),
        group: "",
        parts: Vec::new(),
        value: Cell::Count(engineers),
        note: String::new(),
        cells: vec![Cell::Count(engineers)],
        behind: Some((
            Behind::Roster,
            Conditions { uscc: row.uscc.clone(), ..Conditions::default() },
        )),
        count: rows_of(engineers),
    };
    let mut bars: Vec<Bar> = rows.into_iter().map(bar).collect();
    measure(&mut bars, &parts);
    Figure {
        id: "engineers",
        title: "企业在册人数",
        about: format!("今天在册核心工程师最多的企业，至多 {MOST} 家。"),
        series: vec!["在册工程师"],
        columns: vec!["企业", "在册工程师"],
        bars,
        whole: Some((Behind::Enterprises, Conditions::default())),
    }
}

fn by_money(ground: &Ground, year: i64, money: &[MoneyGroup]) -> Figure {
    let mut sums: BTreeMap<i64, (Fen, i64)> = BTreeMap::new();
    for group in money.iter().filter(|group| group.year == year) {
        let (amount, shares) = sums.entry(group.enterprise_id).or_default();
        *amount = sum([*amount, group.amount].into_iter());
        *shares += group.shares;
    }
    let mut rows: Vec<_> = sums
        .into_iter()
        .filter_map(|(id, (amount, shares))| Some((amount, shares, ground.of(id)?)))
        .collect();
    rows.sort_by_key(|(amount, _, row)| (std::cmp::Reverse(*amount), row.id));
    rows.truncate(MOST);
    let parts: Vec<Vec<i64>> = rows.iter().map(|(amount, ..)| vec![amount.get()]).collect();
    let bar = |(amount, shares, row): (Fen, i64, &store::Placed)| Bar {
        label: row.name.clone(),
        group: "",
        parts: Vec::new(),
        value: Cell::Money(amount),
        note: String::new(),
        cells: vec![Cell::Count(shares), Cell::Money(amount)],
        behind: Some((
            Behind::Entitled,
            Conditions { uscc: row.uscc.clone(), year: year.to_string(), ..Conditions::default() },
        )),
        count: rows_of(shares),
    };
    let mut bars: Vec<Bar> = rows.into_iter().map(bar).collect();
    measure(&mut bars, &parts);
    Figure {
        id: "amounts",
        title: "企业核定金额",
        about: format!("{year} 年度核定金额最多的企业，至多 {MOST} 家，单位为元。"),
        series: vec!["核定金额"],
        columns: vec!["企业", "笔数", "金额（元）"],
        bars,
        whole: Some((Behind::Enterprises, Conditions::default())),
    }
}

async fn quotas(app: &App, actor: &Actor, ground: &Ground) -> Result<Figure, Error> {
    let year = i64::from(ground.today.year());
    let quotas = store::quotas(app.db.read(), &actor.scope, ground.today).await?;
    let places = store::taken_places(app.db.read(), &actor.scope, year).await?;
    let mut rows = Vec::new();
    for (id, quota) in quotas {
        for (class, quota) in TalentClass::ALL.iter().zip(quota) {
            let of = |p: &&store::TakenPlace| p.enterprise_id == id && p.class == class.code();
            let taken = i64::try_from(places.iter().filter(of).count()).unwrap_or(0);
            if let Some(row) = ground.of(id).filter(|_| quota > 0 || taken > 0) {
                rows.push((row, *class, taken, (quota - taken).max(0), quota));
            }
        }
    }
    rows.sort_by_key(|(row, class, taken, ..)| (std::cmp::Reverse(*taken), row.id, *class));
    rows.truncate(2 * MOST);
    let parts: Vec<Vec<i64>> =
        rows.iter().map(|(_, _, taken, free, _)| vec![*taken, *free]).collect();
    let bar =
        |(row, class, taken, free, quota): (&store::Placed, TalentClass, i64, i64, i64)| Bar {
            label: format!("{} {}", row.name, class.label()),
            group: "",
            parts: Vec::new(),
            value: Cell::Count(taken),
            note: format!("共 {quota} 个"),
            cells: vec![Cell::Count(taken), Cell::Count(free), Cell::Count(quota)],
            behind: Some((
                Behind::Places,
                Conditions {
                    uscc: row.uscc.clone(),
                    class: class.code().to_owned(),
                    ..Conditions::default()
                },
            )),
            count: rows_of(taken),
        };
    let mut bars: Vec<Bar> = rows.into_iter().map(bar).collect();
    measure(&mut bars, &parts);
    Ok(Figure {
        id: "quotas",
        title: "认定名额使用",
        about: format!("{year} 年自主认定试点企业各类别的名额：已用和剩余。"),
        series: vec!["已用", "剩余"],
        columns: vec!["企业和类别", "已用", "剩余", "名额"],
        bars,
        whole: Some((Behind::Places, Conditions::default())),
    })
}

async fn departures(
    app: &App,
    actor: &Actor,
    ground: &Ground,
    has_places: bool,
) -> Result<Figure, Error> {
    let reports = ground.reports(app, actor).await?;
    let units = match has_places {
        true => ground.units(),
        false => ground.enterprises.iter().map(|e| (e.uscc.clone(), e.name.clone())).collect(),
    };
    let mut bars = Vec::new();
    let mut parts = Vec::new();
    for unit in units {
        let there = || {
            reports.iter().filter(|report| {
                ground.of(report.enterprise_id).is_some_and(|row| match has_places {
                    true => ground.unit(row) == unit.0,
                    false => row.uscc == unit.0,
                })
            })
        };
        let all = i64::try_from(there().count()).unwrap_or(0);
        let late = i64::try_from(there().filter(|r| r.late == Some(true)).count()).unwrap_or(0);
        if !has_places && all == 0 {
            continue;
        }
        parts.push(vec![all - late, late]);
        let cells = vec![Cell::Count(all), Cell::Count(late)];
        let mut bar = place_bar(unit, late, cells, Behind::Departures, true);
        if let (false, Some((_, conditions))) = (has_places, &mut bar.behind) {
            conditions.uscc = std::mem::take(&mut conditions.unit);
        }
        bar.note = format!("共 {all} 人");
        bars.push(bar);
    }
    measure(&mut bars, &parts);
    bars.truncate(2 * MOST);
    Ok(Figure {
        id: "departures",
        title: "迟报离职",
        about: "本年登记的离职中，企业超过 10 个工作日才报告的人数。".to_owned(),
        series: vec!["其他", "迟报"],
        columns: vec![if has_places { "地区" } else { "企业" }, "离职报告", "迟报"],
        bars,
        whole: Some((Behind::Departures, Conditions::default())),
    })
}

async fn by_year(app: &App, actor: &Actor, money: &[MoneyGroup]) -> Result<Figure, Error> {
    let mut years: BTreeMap<i64, [(i64, Fen); 2]> = BTreeMap::new();
    let mut add = |year: i64, which: usize, count: i64, amount: Fen| {
        let (counted, summed) = &mut years.entry(year).or_default()[which];
        *counted += count;
        *summed = sum([*summed, amount].into_iter());
    };
    for group in money {
        add(group.year, 0, group.shares, group.amount);
    }
    if actor.scope == Scope::Province {
        for (year, lines, amount) in store::paid_groups(app.db.read()).await? {
            add(year, 1, lines, amount);
        }
    } else {
        let paid = ShareChoice { paid: true, ..ShareChoice::default() };
        for group in store::money_groups(app.db.read(), &actor.scope, &paid).await? {
            add(group.year, 1, group.shares, group.amount);
        }
    }
    let mut bars = Vec::new();
    let mut parts = Vec::new();
    for (year, sums) in years {
        for (which, (count, amount)) in sums.into_iter().enumerate() {
            let (behind, word) = [(Behind::Entitled, "核定"), (Behind::Paid, "已付")][which.min(1)];
            parts.push(if which == 0 { vec![amount.get(), 0] } else { vec![0, amount.get()] });
            let conditions = Conditions { year: year.to_string(), ..Conditions::default() };
            bars.push(Bar {
                label: format!("{year} 年度{word}"),
                group: "",
                parts: Vec::new(),
                value: Cell::Money(amount),
                note: String::new(),
                cells: vec![Cell::Count(count), Cell::Money(amount)],
                behind: Some((behind, conditions)),
                count: rows_of(count),
            });
        }
    }
    measure(&mut bars, &parts);
    Ok(Figure {
        id: "years",
        title: "各年度核定与已付",
        about: "每个奖补年度核定的金额和已经付出的金额，单位为元。".to_owned(),
        series: vec!["核定", "已付"],
        columns: vec!["年度", "笔数", "金额（元）"],
        bars,
        whole: None,
    })
}
