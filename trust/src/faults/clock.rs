//! the wall clock jumps. Days are days in China, the log is in the order of its sequence, no
//! session lives longer, and what was asked for is still done.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::Outcome;
use crate::database::Db;
use crate::month::today;
use crate::process::wait_until;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::review;
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Visitor, fill};
use crate::wall::Wall;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;
/// Ten years and their leap days.
const TEN_YEARS: i64 = 3_652 * DAY;
/// The clock is set so long before midnight.
const BEFORE_MIDNIGHT: i64 = 12;
/// The page shows the next day within this time.
const TURN: Duration = Duration::from_secs(20);
/// What was asked for before a jump is done within this time.
const DONE: Duration = Duration::from_secs(90);
/// Scenes of one copy: each kind once.
const SCENES: u32 = 6;

/// The last second of a day in China is at 15:59:59 UTC: that instant, the day, the next day.
const MIDNIGHTS: [(&str, &str, &str); 4] = [
    ("2027-12-31T15:59:59Z", "2027-12-31", "2028-01-01"),
    ("2028-02-28T15:59:59Z", "2028-02-28", "2028-02-29"),
    ("2028-02-29T15:59:59Z", "2028-02-29", "2028-03-01"),
    ("2027-06-30T15:59:59Z", "2027-06-30", "2027-07-01"),
];

struct Tally {
    chance: Chance,
    scenes: BTreeMap<&'static str, u32>,
    days: u32,
    sessions: u32,
    events: u32,
    backwards: i64,
    jobs: Spread,
    faults: Vec<String>,
}

impl Tally {
    fn count(&self) -> u32 {
        self.scenes.values().sum()
    }
}

/// Lets the clock jump in `wanted` scenes.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut tally = Tally {
        chance: Chance::new(seed, "clock"),
        scenes: BTreeMap::new(),
        days: 0,
        sessions: 0,
        events: 0,
        backwards: 0,
        jobs: Spread::default(),
        faults: Vec::new(),
    };
    while tally.count() < wanted && tally.faults.is_empty() {
        let registry = template.copy().await?;
        let count = SCENES.min(wanted - tally.count());
        play(template, &registry, count, &mut tally).await?;
        template.discard(registry).await?;
    }
    let mut finding = Finding::new(tally.faults);
    finding.figure("scenes", json!(tally.scenes));
    finding.figure("days_shown_and_written", tally.days);
    finding.figure("sessions_looked_at", tally.sessions);
    finding.figure("events_in_order_of_sequence", tally.events);
    finding.figure("events_of_an_earlier_time_than_the_one_before", tally.backwards);
    finding.figure("asked_for_before_a_jump_and_done_ms", tally.jobs.figures());
    Ok(finding)
}

async fn play(template: &Template, at: &Registry, count: u32, tally: &mut Tally) -> Outcome<()> {
    let program = &template.bench().program;
    let db = Db::open(&at.reading()).await?;
    let wall = Wall::hang(&at.data, &db).await?;
    let server = Server::start_under(&wall, program, at).await?;
    let site = server.site();
    for number in 0..count {
        let name = match number % SCENES {
            0 => midnight(&site, &wall, (&db, 0), tally).await?,
            1 => {
                let which = 1 + usize::try_from(tally.chance.below(3)).unwrap_or(0);
                midnight(&site, &wall, (&db, which), tally).await?
            }
            2 => jump(&site, &wall, -YEAR, tally).await?,
            3 => jump(&site, &wall, TEN_YEARS, tally).await?,
            4 => idle(&site, &wall, tally).await?,
            _ => job(&site, &wall, &db, tally).await?,
        };
        *tally.scenes.entry(name).or_default() += 1;
        if !tally.faults.is_empty() {
            tally.faults.push(format!("the server said: {}", server.said()));
            break;
        }
    }
    wall.shift(0)?;
    order(&site, &db, tally).await?;
    db.close().await?;
    server.stop().await?;
    if let Err(fault) = at.verify_log(program) {
        tally.faults.push(format!("the audit log: {fault}"));
    }
    Ok(())
}

async fn enter(site: &str, login: &str) -> Outcome<Visitor> {
    let mut person = Visitor::new(site, false)?;
    person.sign_in(login).await.map_err(|halt| halt.told())?;
    Ok(person)
}

/// Midnight in China passes: the day that is shown and the day that is written turn, eight hours
/// after those of UTC.
async fn midnight(
    site: &str,
    wall: &Wall,
    (db, which): (&Db, usize),
    tally: &mut Tally,
) -> Outcome<&'static str> {
    let (last, day, next) = MIDNIGHTS[which];
    let last = chrono::DateTime::parse_from_rfc3339(last).map_err(|error| error.to_string())?;
    wall.show(last.timestamp() - BEFORE_MIDNIGHT)?;
    let mut officer = enter(site, "hr-province").await?;
    decide_on(&mut officer, (db, day), tally).await?;
    let mut shown = Vec::new();
    let turned = async || match officer.page("/cases").await {
        Ok(page) => {
            let now = today(&page).unwrap_or_default();
            if shown.last() != Some(&now) {
                shown.push(now.clone());
            }
            now == next
        }
        Err(halt) => {
            shown.push(halt.told());
            false
        }
    };
    if wait_until(TURN, turned).await.is_err() || shown != [day, next] {
        tally.faults.push(format!("around midnight after {day} pages showed {shown:?}"));
    }
    tally.days += 2;
    decide_on(&mut officer, (db, next), tally).await?;
    Ok(if which == 0 { "end of the year" } else { "end of a day, leap days among them" })
}

/// Somebody decides, and the step is written on this day.
async fn decide_on(who: &mut Visitor, (db, day): (&Db, &str), tally: &mut Tally) -> Outcome<()> {
    let case = review::waiting(db).await?;
    let form = review::form(who, &case).await?;
    let reply = who.send(&form).await.map_err(|halt| halt.told())?;
    if reply.status != 303 {
        tally.faults.push(Halt::Refused(format!("{} on {day}", case.act), Box::new(reply)).told());
        return Ok(());
    }
    let written = format!(
        "SELECT CAST(s.on_day AS TEXT) FROM case_step s JOIN case_file f ON f.id = s.case_id \
         WHERE f.case_no = '{}' ORDER BY s.seq DESC LIMIT 1",
        case.no
    );
    let written = db.rows(&written).await?.into_iter().flatten().next().unwrap_or_default();
    tally.days += 1;
    if written != day {
        tally.faults.push(format!("a step of {day} in China was written on {written}"));
    }
    Ok(())
}

/// Whether somebody is still let in.
async fn is_in(who: &mut Visitor) -> Outcome<bool> {
    let reply = who.get("/cases").await.map_err(|halt| halt.told())?;
    match reply.status {
        200 => Ok(true),
        303 => Ok(false),
        _ => Err(Halt::Refused("GET /cases".to_owned(), Box::new(reply)).told()),
    }
}

/// The clock jumps and comes back: nobody's session survives either jump, everybody can sign in
/// anew, and work goes on.
async fn jump(site: &str, wall: &Wall, far: i64, tally: &mut Tally) -> Outcome<&'static str> {
    wall.shift(0)?;
    let mut before = enter(site, "hr-province").await?;
    wall.shift(far)?;
    look(&mut before, false, "a session of before the jump", tally).await?;
    let mut after = enter(site, "hr-province-2").await?;
    for hours in [9, 11] {
        // Wherever the clock goes from there, the first session has been away for too long.
        wall.shift(far + hours * HOUR)?;
        look(&mut before, false, "a session of before the jump, hours later", tally).await?;
    }
    wall.shift(0)?;
    look(&mut after, false, "a session of the jump, when the clock is back", tally).await?;
    let mut again = enter(site, "hr-province").await?;
    look(&mut again, true, "a session of now", tally).await?;
    Ok(if far < 0 { "back by a year" } else { "ahead by ten years" })
}

/// A session that nobody uses ends after its time, and a clock that is set back by a moment neither
/// ends it nor makes it longer.
async fn idle(site: &str, wall: &Wall, tally: &mut Tally) -> Outcome<&'static str> {
    const UNUSED: i64 = 30 * MINUTE;
    wall.shift(0)?;
    let mut officer = enter(site, "hr-fuzhou").await?;
    wall.shift(-MINUTE)?;
    look(&mut officer, true, "a session with the clock set back by a minute", tally).await?;
    let back = 3 * MINUTE + i64::try_from(tally.chance.below(600)).unwrap_or(0) * MINUTE;
    wall.shift(-back)?;
    look(&mut officer, false, "a session with the clock set back by minutes", tally).await?;
    wall.shift(UNUSED - 2 * MINUTE)?;
    look(&mut officer, true, "a session unused for less than its time", tally).await?;
    // That was a use; it is noted at most once a minute.
    let late = UNUSED + i64::try_from(tally.chance.below(600)).unwrap_or(0) * MINUTE;
    wall.shift(UNUSED + late)?;
    look(&mut officer, false, "a session unused for its time", tally).await?;
    wall.shift(11 * HOUR)?;
    look(&mut officer, false, "a session after ten hours", tally).await?;
    Ok("sessions unused")
}

async fn look(who: &mut Visitor, wanted: bool, what: &str, tally: &mut Tally) -> Outcome<()> {
    tally.sessions += 1;
    if is_in(who).await? != wanted {
        let is = if wanted { "is over" } else { "is still let in" };
        tally.faults.push(format!("{what} {is}"));
    }
    Ok(())
}

/// A list is asked for right before the clock is set back: it is written all the same.
async fn job(site: &str, wall: &Wall, db: &Db, tally: &mut Tally) -> Outcome<&'static str> {
    let told = |halt: Halt| halt.told();
    let (from, to) = if tally.chance.coin() { (TEN_YEARS, 0) } else { (0, -YEAR) };
    wall.shift(from)?;
    let mut officer = enter(site, "hr-province").await?;
    let page = officer.page("/exports/new?list=engineers").await.map_err(told)?;
    let form = fill(&page, "/exports", &[("purpose", "核对名单")]).map_err(told)?;
    let reply = officer.send(&form).await.map_err(told)?;
    wall.shift(to)?;
    if reply.status != 303 {
        return Err(Halt::Refused("a list".to_owned(), Box::new(reply)).told());
    }
    let ended = async || {
        let open = "SELECT COUNT(*) FROM export_job WHERE state IN ('queued', 'running')";
        db.number(open).await == Ok(0)
    };
    match wait_until(DONE, ended).await {
        Ok(took) => tally.jobs.add(took),
        Err(late) => tally.faults.push(format!(
            "a list that was asked for before the clock was set back is not written: {late}"
        )),
    }
    Ok("back while a list waits")
}

/// The log shows the events of an office in the order of their sequence, whatever their times: those
/// of the jumps are among them, since everybody signed in at each.
async fn order(site: &str, db: &Db, tally: &mut Tally) -> Outcome<()> {
    let mut auditor = enter(site, "auditor").await?;
    let page = auditor.page("/audit?who=hr-province").await.map_err(|halt| halt.told())?;
    let numbers = page.split("data-label=\"链序号\">").skip(1);
    let numbers = numbers.filter_map(|rest| rest.split('<').next());
    let numbers: Vec<i64> =
        numbers.filter_map(|number| number.replace([',', ' '], "").parse().ok()).collect();
    tally.events += u32::try_from(numbers.len()).unwrap_or(0);
    if numbers.is_empty() || numbers.windows(2).any(|pair| pair[0] <= pair[1]) {
        tally.faults.push(format!("the log is in another order: {numbers:?}"));
    }
    let back = "SELECT COUNT(*) FROM audit_event a JOIN audit_event b \
        ON b.organisation_id = a.organisation_id AND b.seq = a.seq + 1 AND b.at < a.at";
    tally.backwards += db.number(back).await?;
    let torn = "SELECT COUNT(*) FROM audit_event a JOIN audit_event b \
        ON b.organisation_id = a.organisation_id AND b.seq = a.seq + 1 AND b.id < a.id";
    if db.number(torn).await? != 0 {
        tally.faults.push("a later event of a chain was written before an earlier one".to_owned());
    }
    Ok(())
}
