//! Drawing a sample.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde_json::json;

use super::weights;
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::calendar::WorkCalendar;
use crate::domain::registry::Code;
use crate::domain::spot_check::{
    self as rules, Candidate, Drawing, LATE_WORKING_DAYS, MANY, PERCENT, Risk, sample_size,
};
use crate::file::hash::sha256_hex;
use crate::service::{Actor, Error, calendar, invalid, log};
use crate::store::spot_check::{self as store, NewItem, NewSample, Registered, Signs};
use crate::store::stipend::explain;
use crate::vault::random_token;

/// What is asked of a new sample, as typed.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Code of the way of drawing.
    pub drawing: String,
    /// Share of the population, in percent.
    pub percent: String,
    /// Code of one enterprise; empty for all in scope.
    pub uscc: String,
    /// Seed; empty to have one made.
    pub seed: String,
}

/// What is asked of a new sample, as understood.
struct Order {
    drawing: Drawing,
    percent: i64,
    seed: i64,
    enterprise_id: Option<i64>,
}

impl Order {
    async fn read(app: &App, actor: &Actor, asked: &Asked) -> Result<Self, Error> {
        let mut wrong = Vec::new();
        let drawing = Drawing::from_code(&asked.drawing);
        if drawing.is_none() {
            wrong.push(invalid("drawing", "请选择随机抽取或按风险加权抽取"));
        }
        let percent = asked.percent.trim().parse::<i64>().ok().filter(|n| PERCENT.contains(n));
        if percent.is_none() {
            wrong.push(invalid("percent", "抽查比例不低于 10%，请填写 10 至 100 的整数"));
        }
        let seed = seed_of(&asked.seed)?;
        if seed.is_none() {
            wrong.push(invalid("seed", "种子应为不超过 15 位的数字；不填则自动生成"));
        }
        let uscc = asked.uscc.trim();
        let mut enterprise_id = None;
        if !uscc.is_empty() {
            let all = explain::enterprises_in(app.db.read(), &actor.scope).await?;
            enterprise_id = all.into_iter().find(|(_, code, _)| code == uscc).map(|(id, _, _)| id);
            if enterprise_id.is_none() {
                wrong.push(invalid("uscc", "范围内没有这家企业，请核对统一社会信用代码"));
            }
        }
        match (drawing, percent, seed) {
            (Some(drawing), Some(percent), Some(seed)) if wrong.is_empty() => {
                Ok(Self { drawing, percent, seed, enterprise_id })
            }
            _ => Err(Error::Invalid(wrong)),
        }
    }
}

/// Draws a sample and keeps it; returns its official number.
///
/// # Errors
/// [`Error::Invalid`] with the fields; [`Error::Refused`] when there is nobody to draw.
pub async fn draw(app: &App, actor: &Actor, asked: &Asked) -> Result<String, Error> {
    actor.must(Act::CheckSamples)?;
    let read = app.db.read();
    let Order { drawing, percent, seed, enterprise_id } = Order::read(app, actor, asked).await?;
    crate::service::duplicate::read_new_facts(app).await?;
    let candidates = candidates(app, actor, enterprise_id).await?;
    if candidates.is_empty() {
        return Err(Error::Refused("范围内没有在册或自主认定的人员，无法抽查".to_owned()));
    }
    let size = sample_size(candidates.len(), percent);
    let weights = weights(&store::found(read, &actor.scope).await?);
    let points_of = |risk: Risk| weights.get(&risk).map_or(0, |(_, points)| *points);
    let points: BTreeMap<&str, i64> =
        weights.iter().map(|(risk, (_, points))| (risk.code(), *points)).collect();
    let chosen = choose(drawing, seed, &candidates, size, points_of);
    let item = |index: usize| {
        let candidate = &candidates[index];
        NewItem {
            person_id: candidate.person_id,
            enterprise_id: candidate.enterprise_id,
            risks: codes(&candidate.risks),
            points: candidate.points(points_of),
        }
    };
    let hash = population_hash(&candidates);
    let new = NewSample {
        drawing: drawing.code(),
        organisation_id: actor.organisation_id,
        enterprise_id,
        seed,
        population: signed(candidates.len()),
        population_hash: &hash,
        size: signed(size),
        points: &json!(points).to_string(),
        drawn_by: actor.account_id,
        drawn_at: app.clock.now(),
    };
    let items: Vec<NewItem> = chosen.into_iter().map(item).collect();
    let tx = app.db.begin().await?;
    let no = store::keep(&tx, &new, items).await?;
    let detail = json!({
        "kind": drawing.label(), "seed": seed, "persons": candidates.len(), "rows": size,
        "hash": hash,
    });
    log(app, &tx, actor, "sample.drawn", ("sample", &no), &detail).await?;
    tx.commit().await?;
    Ok(no)
}

/// A seed as typed; a new one for an empty text, `None` for a wrong one.
fn seed_of(text: &str) -> Result<Option<i64>, Error> {
    let text = text.trim();
    if text.is_empty() {
        let random = random_token::<8>()?;
        let number = u64::from_str_radix(&random, 16).unwrap_or(1) % 1_000_000_000_000;
        return Ok(i64::try_from(number).ok());
    }
    let digits = text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    Ok(text.parse().ok().filter(|_| digits))
}

fn choose(
    drawing: Drawing,
    seed: i64,
    candidates: &[Candidate],
    size: usize,
    points_of: impl Fn(Risk) -> i64 + Copy,
) -> Vec<usize> {
    let weight = |candidate: &Candidate| match drawing {
        Drawing::Random => 1,
        Drawing::Weighted => 1 + candidate.points(points_of),
    };
    let weights: Vec<i64> = candidates.iter().map(weight).collect();
    rules::draw(seed, &weights, size)
}

/// Draws a sample again from its seed: the persons in the order of drawing, or `None` when the
/// population has changed since.
///
/// # Errors
/// [`Error::NotFound`] for a sample that the actor does not see.
pub async fn replay(app: &App, actor: &Actor, sample_no: &str) -> Result<Option<Vec<i64>>, Error> {
    actor.must(Act::CheckSamples)?;
    let sample = store::sample(app.db.read(), super::office(actor), sample_no).await?;
    let sample = sample.ok_or(Error::NotFound("这次抽查"))?;
    let candidates = candidates(app, actor, sample.enterprise_id).await?;
    if population_hash(&candidates) != sample.population_hash {
        return Ok(None);
    }
    let points: HashMap<String, i64> = serde_json::from_str(&sample.points).unwrap_or_default();
    let points_of = |risk: Risk| points.get(risk.code()).copied().unwrap_or(0);
    let drawing = Drawing::from_code(&sample.drawing)
        .ok_or_else(|| Error::Internal(format!("drawing of {sample_no}")))?;
    let size = usize::try_from(sample.size).unwrap_or(0);
    let chosen = choose(drawing, sample.seed, &candidates, size, points_of);
    Ok(Some(chosen.into_iter().map(|index| candidates[index].person_id).collect()))
}

fn codes(risks: &BTreeSet<Risk>) -> String {
    risks.iter().map(|risk| risk.code()).collect::<Vec<_>>().join(" ")
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Who could be drawn, and with which risks: the same list has the same hash.
fn population_hash(candidates: &[Candidate]) -> String {
    let line = |c: &Candidate| format!("{} {} {}\n", c.person_id, c.enterprise_id, codes(&c.risks));
    sha256_hex(candidates.iter().map(line).collect::<String>().as_bytes())
}

/// Everybody who can be drawn, in order of persons, with what makes a check worthwhile.
async fn candidates(
    app: &App,
    actor: &Actor,
    enterprise_id: Option<i64>,
) -> Result<Vec<Candidate>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let since = today.checked_sub_months(Months::new(12)).unwrap_or(today);
    let rows = store::registered(read, &actor.scope, enterprise_id, today).await?;
    let signs = store::signs(read, &actor.scope, since).await?;
    Ok(weigh(&rows, &signs, (today, &calendar::known(app).await?)))
}

fn china_day(at: DateTime<Utc>) -> NaiveDate {
    china_time(at).date_naive()
}

/// Puts signs and persons together.
fn weigh(
    rows: &[Registered],
    signs: &Signs,
    (today, known): (NaiveDate, &WorkCalendar),
) -> Vec<Candidate> {
    let mut a_day: HashMap<(i64, NaiveDate), usize> = HashMap::new();
    for row in rows.iter().filter(|row| !row.is_recognition) {
        *a_day.entry((row.enterprise_id, china_day(row.recorded_at))).or_default() += 1;
    }
    let ends = signs.ended.iter().filter(|end| is_late(end.1, end.2, known));
    let late: BTreeSet<i64> = ends.map(|end| end.0).collect();
    let a_year_ago = today.checked_sub_months(Months::new(12)).unwrap_or(today);
    let mut all: BTreeMap<(i64, i64), BTreeSet<Risk>> = BTreeMap::new();
    for row in rows {
        let risks = all.entry((row.person_id, row.enterprise_id)).or_default();
        let mut when = |holds: bool, risk: Risk| {
            if holds {
                risks.insert(risk);
            }
        };
        let listed = signs.listed_since.get(&row.enterprise_id);
        let same_day = a_day.get(&(row.enterprise_id, china_day(row.recorded_at)));
        when(listed.is_some_and(|day| *day > a_year_ago), Risk::NewEmployer);
        when(row.is_recognition, Risk::SelfRecognised);
        when(!row.is_recognition && same_day.is_some_and(|n| *n >= MANY), Risk::ManyAtOnce);
        when(signs.shared_account.contains(&row.person_id), Risk::SharedAccount);
        when(signs.shared_mobile.contains(&row.person_id), Risk::SharedMobile);
        when(!row.is_recognition && is_short(row, signs, today), Risk::ShortInsurance);
        when(late.contains(&row.enterprise_id), Risk::LateDeparture);
    }
    let candidate =
        |((person_id, enterprise_id), risks)| Candidate { person_id, enterprise_id, risks };
    all.into_iter().map(candidate).collect()
}

/// Whether an end, told by the first day after it, was recorded too late.
fn is_late(ended: NaiveDate, recorded_at: DateTime<Utc>, known: &WorkCalendar) -> bool {
    let Some(last) = ended.pred_opt() else { return false };
    let due = known.add_working_days(last, LATE_WORKING_DAYS);
    // A year without a published calendar: two weeks hold ten working days.
    let due = due.unwrap_or_else(|_| last.checked_add_days(Days::new(14)).unwrap_or(last));
    china_day(recorded_at) > due
}

/// Whether less than half of the complete months on the roster, of the last twelve, have evidence.
/// Nothing can be said of fewer than two months, nor of the last one, whose evidence may be under
/// way.
fn is_short(row: &Registered, signs: &Signs, today: NaiveDate) -> bool {
    use chrono::Datelike;
    let first_of = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    let this = first_of(today);
    let end = this.checked_sub_months(Months::new(1)).unwrap_or(this);
    let since = this.checked_sub_months(Months::new(12)).unwrap_or(this);
    let mut month = first_of(row.from).max(since);
    if row.from.day() > 1 && month == first_of(row.from) {
        month = month.checked_add_months(Months::new(1)).unwrap_or(month);
    }
    let known = signs.months.get(&row.person_id);
    let (mut all, mut proven) = (0, 0);
    while month < end {
        all += 1;
        proven += i32::from(known.is_some_and(|months| months.contains(&month)));
        month = month.checked_add_months(Months::new(1)).unwrap_or(end);
    }
    all >= 2 && proven * 2 < all
}
