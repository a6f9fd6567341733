//! what was known of somebody on a day equals what is computed anew from a registry out of
//! which everything that was recorded later was taken.
//!
//! The whole registry is asked what it knew at an instant. Beside it, plain SQL takes a copy back to
//! that instant: rows that were recorded later go, and what was superseded later holds again. The
//! copy is asked twice: for its knowledge of that instant, and for what it knows now. All three
//! pages have to say the same.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::json;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::anyform::words;
use crate::crowd::columns;
use crate::database::{Db, Kind};
use crate::earlier::tables;
use crate::registry::{Registry, Template};
use crate::report::{Finding, Spread};
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Visitor, said};

/// Persons asked about for one instant.
const PER_INSTANT: u32 = 1_000;
/// Questions under way at one time.
const AT_ONCE: usize = 4;
/// The story of the demonstration begins and ends about here, in days since 1 January 2026.
const DAYS: (u64, u64) = (20, 440);
/// Differences that are told.
const SHOWN: usize = 6;

#[derive(Default)]
struct Tally {
    pairs: u32,
    instants: Vec<String>,
    taken_back: BTreeMap<String, i64>,
    not_there: u32,
    different_from_today: u32,
    took: Spread,
    faults: Vec<String>,
}

/// Asks about `wanted` pairs of a person and a day.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut chance = Chance::new(seed, "asof");
    let mut tally = Tally::default();
    let whole = template.copy().await?;
    let server = Server::start(&template.bench().program, &whole).await?;
    let mut whole_site = Visitor::new(&server.site(), false)?;
    whole_site.sign_in("auditor").await.map_err(|halt| halt.told())?;
    let begun = Instant::now();
    while tally.pairs < wanted && tally.faults.len() < SHOWN {
        // The instants of a long run are spread over the whole story.
        let day = day(DAYS.0 + chance.below(DAYS.1 - DAYS.0));
        let back = template.copy().await?;
        take_back(&back, &day, &mut tally).await?;
        let count = PER_INSTANT.min(wanted - tally.pairs);
        ask(template, &whole_site, (&back, &day, count), (&mut chance, &mut tally)).await?;
        template.discard(back).await?;
    }
    server.stop().await?;
    template.discard(whole).await?;
    let mut finding = Finding::new(tally.faults);
    finding.figure("pairs_of_person_and_day", tally.pairs);
    finding.figure("instants_of_knowledge", tally.instants.len());
    finding.figure("rows_taken_back", json!(tally.taken_back));
    finding.figure("persons_not_known_yet", tally.not_there);
    finding.figure("pairs_that_say_something_else_today", tally.different_from_today);
    finding.figure("page_ms", tally.took.figures());
    finding.figure("all_pages_s", begun.elapsed().as_secs());
    Ok(finding)
}

/// A day, counted from 1 January 2026.
fn day(number: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    (first + chrono::Days::new(number)).to_string()
}

/// Takes a registry back to the end of a day in China.
async fn take_back(at: &Registry, day: &str, tally: &mut Tally) -> Outcome<()> {
    let db = Db::open(&at.url).await?;
    let triggers = match at.kind {
        Kind::Sqlite => {
            db.run("PRAGMA foreign_keys = OFF").await?;
            db.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")
                .await?
        }
        Kind::Postgres => {
            db.run("SET session_replication_role = replica").await?;
            Vec::new()
        }
    };
    for trigger in &triggers {
        db.run(&format!("DROP TRIGGER {}", trigger[0])).await?;
    }
    // The day ends at four in the afternoon in UTC.
    let later = |column: &str| match at.kind {
        Kind::Sqlite => format!("datetime({column}) >= '{day} 16:00:00'"),
        Kind::Postgres => format!("{column} >= '{day} 16:00:00+00'"),
    };
    for table in tables(&db, at.kind).await? {
        let names = columns(&db, at.kind, &table).await?;
        let has = |name: &str| names.iter().any(|column| column == name);
        if !has("recorded_at") || !has("superseded_at") {
            continue;
        }
        let condition = later("recorded_at");
        let gone = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
        *tally.taken_back.entry(table.clone()).or_default() += db.number(&gone).await?;
        db.run(&format!("DELETE FROM {table} WHERE {condition}")).await?;
        let condition = later("superseded_at");
        // By whom and after which document it was superseded was not known either.
        let ends = names.iter().filter(|name| name.starts_with("superseded_"));
        let ends: Vec<String> = ends.map(|name| format!("{name} = NULL")).collect();
        db.run(&format!("UPDATE {table} SET {} WHERE {condition}", ends.join(", "))).await?;
    }
    for trigger in &triggers {
        db.run(&trigger[1]).await?;
    }
    db.close().await?;
    tally.instants.push(day.to_owned());
    Ok(())
}

/// Three pages about one person.
struct Asked {
    no: String,
    on: String,
    today: String,
    whole: (u16, String),
    back: (u16, String),
    back_now: (u16, String),
}

/// Asks both registries about persons on days.
async fn ask(
    template: &Template,
    whole: &Visitor,
    (back, known, count): (&Registry, &str, u32),
    (chance, tally): (&mut Chance, &mut Tally),
) -> Outcome<()> {
    let db = Db::open(&back.reading()).await?;
    let persons: Vec<String> =
        db.rows("SELECT person_no FROM person ORDER BY id").await?.into_iter().flatten().collect();
    db.close().await?;
    let server = Server::start(&template.bench().program, back).await?;
    let mut visitor = Visitor::new(&server.site(), false)?;
    visitor.sign_in("auditor").await.map_err(|halt| halt.told())?;
    let mut left = count;
    let mut under_way = JoinSet::new();
    while left > 0 || !under_way.is_empty() {
        while left > 0 && under_way.len() < AT_ONCE {
            left -= 1;
            let at = usize::try_from(chance.below(persons.len() as u64)).unwrap_or(0);
            let no = persons[at].clone();
            let on = day(chance.below(DAYS.1));
            let (whole, visitor) = (whole.clone(), visitor.clone());
            under_way.spawn(three(whole, visitor, (no, on, known.to_owned())));
        }
        if let Some(asked) = under_way.join_next().await {
            let begun = asked.map_err(|error| error.to_string())??;
            judge(&begun.0, known, tally);
            tally.took.add(begun.1);
        }
    }
    server.stop().await
}

async fn three(
    mut whole: Visitor,
    mut back: Visitor,
    (no, on, known): (String, String, String),
) -> Outcome<(Asked, std::time::Duration)> {
    let begun = Instant::now();
    let past = format!("/engineers/{no}?on={on}&known_at={known}");
    let now = format!("/engineers/{no}?on={on}");
    let mut pages = Vec::with_capacity(4);
    for (who, path) in [(&mut whole, &past), (&mut back, &past)] {
        let reply = who.get(path).await.map_err(|halt| halt.told())?;
        pages.push((reply.status, reply.body));
    }
    for who in [&mut back, &mut whole] {
        let reply = who.get(&now).await.map_err(|halt| halt.told())?;
        pages.push((reply.status, reply.body));
    }
    let today = pages.pop().unwrap_or_default().1;
    let back_now = pages.pop().unwrap_or_default();
    let back = pages.pop().unwrap_or_default();
    let whole = pages.pop().unwrap_or_default();
    Ok((Asked { no, on, today, whole, back, back_now }, begun.elapsed() / 4))
}

fn judge(asked: &Asked, known: &str, tally: &mut Tally) {
    tally.pairs += 1;
    let Asked { no, on, .. } = asked;
    let mut fault = |what: String| {
        if tally.faults.len() < SHOWN {
            tally.faults.push(format!("{no} on {on} as known on {known}: {what}"));
        }
    };
    if asked.whole.0 != asked.back.0 {
        fault(format!("{} and {}", asked.whole.0, asked.back.0));
        return;
    }
    if asked.whole.0 != 200 {
        tally.not_there += 1;
        if asked.whole.0 != 404 {
            fault(format!("{} {}", asked.whole.0, said(&asked.whole.1)));
        }
        return;
    }
    let (whole, back) = (said_of(&asked.whole.1), said_of(&asked.back.1));
    if whole != back {
        fault(parted(&whole, &back));
        return;
    }
    let (whole, anew) = (facts(&asked.whole.1), facts(&asked.back_now.1));
    if whole != anew {
        fault(format!("computed anew: {}", parted(&whole, &anew)));
        return;
    }
    tally.different_from_today += u32::from(whole != facts(&asked.today));
}

/// All that a page says below the name. The name over it is today's by design: it is whose page this
/// is; the versions further down say since when it is known.
fn said_of(page: &str) -> String {
    let below = page.split_once("<h1>").and_then(|(_, rest)| rest.split_once("<span"));
    let below = below.map_or(page, |(_, rest)| rest);
    words(&format!("<main <span{below}"))
}

/// What a page says of the person: what held on the day, and every version of every fact.
fn facts(page: &str) -> String {
    let between = |from: &str, to: &str| {
        let found = page.split_once(from).and_then(|(_, rest)| rest.split_once(to));
        found.map(|(found, _)| format!("<main>{found}")).unwrap_or_default()
    };
    let head = between("</h1>", "<p class=\"actions\">");
    let held = between("<dl class=\"facts\">", "</dl>");
    let versions = between("<caption class=\"vh\">事实版本与记录时间</caption>", "</table>");
    format!("{} | {} | {}", words(&head), words(&held), words(&versions))
}

/// Where two texts part.
fn parted(one: &str, two: &str) -> String {
    let same = one.chars().zip(two.chars()).take_while(|(a, b)| a == b).count();
    let around =
        |text: &str| text.chars().skip(same.saturating_sub(30)).take(90).collect::<String>();
    format!("{:?} and {:?}", around(one), around(two))
}
