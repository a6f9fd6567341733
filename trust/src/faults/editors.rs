//! two people have the same record before them. Whoever comes second is told what holds now
//! and reads again what they typed; what the first did stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::Outcome;
use crate::anyform::{Form, forms, links};
use crate::crowd::hire;
use crate::database::Db;
use crate::month::Month;
use crate::registry::{Registry, Template};
use crate::report::Finding;
use crate::seed::Chance;
use crate::server::Server;
use crate::visitor::{Halt, Reply, Visitor};

/// The desks of a finance office, as a month numbers them.
const DESKS: [&str; 3] = ["finance-maker", "finance-checker", "finance-approver"];
/// Others who change records by the version they looked at.
const OTHERS: [&str; 9] = [
    "hr-province",
    "hr-province-3",
    "hr-gulou",
    "hr-fuzhou",
    "hr-fuzhou-2",
    "clerk-01",
    "head-01",
    "sign-01",
    "gx-province",
];
/// Where such forms are.
const LISTS: [&str; 4] = ["/cases", "/recoveries", "/calendars", "/key-enterprises"];
/// Hidden fields that say which version somebody looked at.
const VERSIONS: [&str; 2] = ["version", "seen_steps"];
/// Pages of one list that are looked at.
const PAGES: usize = 12;
/// Faults that are told, each of another form.
const SHOWN: usize = 12;

#[derive(Default)]
struct Tally {
    wanted: u32,
    pairs: u32,
    forms: BTreeMap<String, u32>,
    not_carried_out: BTreeSet<String>,
    texts: u32,
    faults: BTreeMap<String, String>,
}

/// Lets two people change `wanted` records.
///
/// # Errors
/// When the harness itself cannot go on.
pub async fn run(template: &mut Template, seed: u64, wanted: u32) -> Outcome<Finding> {
    let mut chance = Chance::new(seed, "editors");
    let mut tally = Tally { wanted, ..Tally::default() };
    let mut copies = 0_u64;
    while tally.pairs < wanted && tally.faults.is_empty() {
        copies += 1;
        let before = tally.pairs;
        let registry = template.copy().await?;
        play(template, &registry, seed.wrapping_add(copies), (&mut chance, &mut tally)).await?;
        template.discard(registry).await?;
        if tally.pairs == before {
            return Err("no form was carried out".to_owned());
        }
    }
    let faults = tally.faults.into_iter().map(|(form, fault)| format!("{form}: {fault}"));
    let mut finding = Finding::new(faults.take(SHOWN).collect());
    let known = |form: &String| !tally.forms.contains_key(form);
    let never: Vec<String> = tally.not_carried_out.iter().filter(|f| known(f)).cloned().collect();
    finding.figure("pairs_of_editors", tally.pairs);
    finding.figure("forms", json!(tally.forms));
    finding.figure("texts_typed_second_and_shown_again", tally.texts);
    finding.figure("forms_that_chance_could_not_carry_out", never.join(", "));
    finding.figure("copies_played", copies);
    Ok(finding)
}

async fn play(
    template: &Template,
    at: &Registry,
    seed: u64,
    (chance, tally): (&mut Chance, &mut Tally),
) -> Outcome<()> {
    let program = &template.bench().program;
    let hiring = Db::open(&at.url).await?;
    let mut colleagues = BTreeMap::new();
    for login in DESKS.iter().chain(&OTHERS) {
        let hired = hire(&hiring, at.kind, login, 1).await?;
        colleagues.extend(hired.into_iter().next().map(|name| (*login, name)));
    }
    hiring.close().await?;
    let server = Server::start(program, at).await?;
    let db = Db::open(&at.reading()).await?;
    let site = server.site();
    let mut month = Month::begin(&site, &db, seed).await?;
    let mut second = Vec::new();
    for desk in DESKS {
        second.push(enter(&site, &colleagues[desk]).await?);
    }
    while tally.pairs < tally.wanted
        && tally.faults.is_empty()
        && money(&mut month, &mut second, &db, tally).await?
    {}
    for login in OTHERS {
        if tally.pairs < tally.wanted {
            let pair = (enter(&site, login).await?, enter(&site, &colleagues[login]).await?);
            sweep(pair, chance, tally).await?;
        }
    }
    tally.faults.extend(month.faults(&db).await?.into_iter().map(|f| ("the month".to_owned(), f)));
    db.close().await?;
    server.stop().await
}

async fn enter(site: &str, login: &str) -> Outcome<Visitor> {
    let mut person = Visitor::new(site, false)?;
    person.sign_in(login).await.map_err(|halt| halt.told())?;
    Ok(person)
}

/// The next form of the money month, by two officers of one desk; false when the month is over.
async fn money(
    month: &mut Month,
    second: &mut [Visitor],
    db: &Db,
    tally: &mut Tally,
) -> Outcome<bool> {
    let told = |halt: Halt| halt.told();
    let Some(ready) = month.ready(db).await.map_err(told)? else { return Ok(false) };
    let colleague = &mut second[ready.who];
    // Two new batches are two batches, and one file of a bank is the same for both.
    let is_versioned = !matches!(ready.action, "create" | "load_return" | "confirm_return");
    let late = match is_versioned {
        true => month.ready_for(colleague, db).await.map_err(told)?,
        false => None,
    };
    let mut first = month.person(ready.who).clone();
    let reply = first.send(&ready.form).await.map_err(told)?;
    if reply.status != 303 {
        return Err(Halt::Refused(ready.action.to_owned(), Box::new(reply)).told());
    }
    month.answered_for(&reply.location);
    let Some(late) = late else { return Ok(true) };
    let (field, text) = match ready.action {
        "mark_sent" => ("voucher_no", "V-第二人填写"),
        "close" => ("receipts", "2027-记-第二人填写"),
        "approve" => ("total", "1234567.89"),
        _ => ("", ""),
    };
    let late = if field.is_empty() { late } else { late.with(field, text) };
    let reply = colleague.send(&late).await.map_err(told)?;
    let name = format!("/batches/{{no}} {}", ready.action);
    tally.pairs += 1;
    *tally.forms.entry(name.clone()).or_default() += 1;
    let texts = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    judge(&name, &reply, &texts, tally);
    Ok(true)
}

/// Every form with a version on the pages that somebody's lists lead to, by two people.
async fn sweep(
    (mut first, mut second): (Visitor, Visitor),
    chance: &mut Chance,
    tally: &mut Tally,
) -> Outcome<()> {
    let told = |halt: Halt| halt.told();
    for list in LISTS {
        let shown = first.get(list).await.map_err(told)?;
        if shown.status != 200 {
            continue;
        }
        let mut pages = vec![list.to_owned()];
        let below = format!("{list}/");
        pages.extend(links(&shown.body).into_iter().filter(|link| link.starts_with(&below)));
        for page in pages.into_iter().take(PAGES) {
            let shown = first.get(&page).await.map_err(told)?;
            let count = versioned(&shown.body).len();
            for number in 0..count {
                if tally.pairs >= tally.wanted {
                    return Ok(());
                }
                pair((&mut first, &mut second), (&page, number), chance, tally).await?;
            }
        }
    }
    Ok(())
}

fn versioned(page: &str) -> Vec<Form> {
    let mut found = forms(page);
    found.retain(|form| !form.has_file && VERSIONS.iter().any(|name| form.hidden(name).is_some()));
    found
}

/// Both open a page and fill in the same form of it; the second sends after the first.
async fn pair(
    (first, second): (&mut Visitor, &mut Visitor),
    (page, number): (&str, usize),
    chance: &mut Chance,
    tally: &mut Tally,
) -> Outcome<()> {
    let told = |halt: Halt| halt.told();
    let shown = (first.get(page).await.map_err(told)?, second.get(page).await.map_err(told)?);
    let (mine, theirs) = (versioned(&shown.0.body), versioned(&shown.1.body));
    // What the first forms of the page did may have taken this one away.
    let (Some(mine), Some(theirs)) = (mine.get(number), theirs.get(number)) else { return Ok(()) };
    let name = name(mine);
    if name != self::name(theirs) {
        return Ok(());
    }
    let late = theirs.typed(chance);
    let texts = theirs.typed_texts(&late);
    let reply = first.send(&mine.typed(chance)).await.map_err(told)?;
    if reply.status != 303 {
        tally.not_carried_out.insert(name);
        return Ok(());
    }
    let reply = second.send(&late).await.map_err(told)?;
    tally.pairs += 1;
    *tally.forms.entry(name.clone()).or_default() += 1;
    judge(&name, &reply, &texts, tally);
    Ok(())
}

/// A form by its address without numbers, and its act.
fn name(form: &Form) -> String {
    let parts = form
        .action
        .split('/')
        .map(|part| if part.chars().any(|c| c.is_ascii_digit()) { "{no}" } else { part });
    let act = form.hidden("act").unwrap_or_default();
    format!("{} {act}", parts.collect::<Vec<_>>().join("/")).trim_end().to_owned()
}

/// What a page says is wrong.
fn errors(page: &str) -> String {
    let found = page.split_once("data-errors").and_then(|(_, rest)| rest.split_once("</section>"));
    let found = found.map_or(page, |(found, _)| found);
    crate::visitor::said(&format!("<main {found}"))
}

/// The second is refused, told what holds now, and reads again what they typed.
fn judge(name: &str, reply: &Reply, texts: &[String], tally: &mut Tally) {
    let mut fault = |what: String| {
        tally.faults.entry(name.to_owned()).or_insert(what);
    };
    if !matches!(reply.status, 409 | 422) {
        fault(Halt::Refused("the second".to_owned(), Box::new(reply.clone())).told());
        return;
    }
    let is_told = ["该件已于", "现为“", "办理“", "已由", "刚刚", "正在进行"];
    if !is_told.iter().any(|words| reply.body.contains(words)) {
        fault(format!("is not told what holds now: {}", errors(&reply.body)));
        return;
    }
    match texts.iter().find(|text| !reply.body.contains(*text)) {
        Some(lost) => fault(format!("{lost:?} was typed and is not shown again")),
        None => tally.texts += u32::try_from(texts.len()).unwrap_or(0),
    }
}
