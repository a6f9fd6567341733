//! Random facts, stored and computed, against the engine asked directly in the words of its
//! contract.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use juncai::domain::determine::{EnterpriseFacts, Enterprises, PersonFacts, determine};
use juncai::domain::edition::Policy;
use juncai::domain::money::Fen;
use juncai::domain::registry::{
    Employment, EnterpriseDivision, EvidenceKind, EvidenceMonth, Exclusion, OtherAward,
    Recognition, RosterEntry, RosterStatus, Stated, Suspension, TalentClass,
};
use juncai::store::fact;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::engine_random::Dice;
use crate::on_both;
use crate::town::{FUZHOU, PINGTAN, Town, XIAMEN, employment, person_no};
use crate::world::World;

const PERSONS: i64 = 60;
/// On no list.
const OTHER: &str = "913503000000000004";
const USCC: [&str; 4] = [FUZHOU, XIAMEN, PINGTAN, OTHER];

on_both! {
    what_is_stored_is_what_the_engine_says => stored_as_decided;
}

/// Facts to store, by kind, and the same facts as lines of the engine's contract.
#[derive(Default)]
struct Drawn {
    employments: Vec<Stated<Employment>>,
    roster: Vec<Stated<RosterEntry>>,
    recognitions: Vec<Stated<Recognition>>,
    evidence: Vec<Stated<EvidenceMonth>>,
    suspensions: Vec<Stated<Suspension>>,
    exclusions: Vec<Stated<Exclusion>>,
    awards: Vec<Stated<OtherAward>>,
    lines: Vec<Value>,
}

type Span = (NaiveDate, Option<NaiveDate>);

/// Up to four spans, one after the other.
fn in_turn(dice: &mut Dice) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut from = NaiveDate::from_ymd_opt(2025, 6, 1).unwrap() + Days::new(dice.roll(300));
    for _ in 0..=dice.roll(4) {
        if dice.one_in(3) {
            spans.push((from, None));
            break;
        }
        let last = from + Days::new(dice.roll(220));
        spans.push((from, Some(last)));
        from = last + Days::new(1 + dice.roll(25));
    }
    spans
}

fn span(dice: &mut Dice) -> Span {
    let from = dice.day();
    (from, (!dice.one_in(4)).then(|| from + Days::new(dice.roll(40))))
}

fn stated<T>(town: &Town, person: i64, (from, through): Span, what: T) -> Stated<T> {
    let through = through.map(|day| day.to_string());
    town.stated(person, &from.to_string(), through.as_deref(), what)
}

impl Drawn {
    fn person(&mut self, town: &Town, person: i64, dice: &mut Dice) {
        let work = self.work(town, person, dice);
        let months = self.months(town, person, dice);
        let mut recognitions = Vec::new();
        let mut suspensions = Vec::new();
        let mut exclusions = Vec::new();
        let mut awards = Vec::new();
        if dice.one_in(4) {
            let (from, through) = span(dice);
            let fact = Recognition {
                enterprise_id: Some(1),
                class: TalentClass::B,
                certificate_no: String::new(),
            };
            self.recognitions.push(stated(town, person, (from, through), fact));
            recognitions.push(json!({ "class": "B", "from": from, "through": through }));
        }
        for _ in 0..dice.roll(3) {
            let (from, through) = span(dice);
            self.suspensions.push(stated(town, person, (from, through), Suspension {}));
            suspensions.push(json!({ "from": from, "through": through }));
        }
        if dice.one_in(6) {
            let (from, through) = span(dice);
            let fact = Exclusion { ground: "shareholder".to_owned() };
            self.exclusions.push(stated(town, person, (from, through), fact));
            exclusions.push(json!({ "from": from, "through": through, "reason": "shareholder" }));
        }
        for number in 0..dice.roll(3) {
            let group = dice.pick(&["provincial-talent", "city"]);
            let (year, fen) = (2025 + dice.roll(2) as i32, dice.roll(9_000_000) as i64);
            let fact = OtherAward {
                programme: "八闽英才".to_owned(),
                exclusive_group: group.to_owned(),
                award_year: year.into(),
                amount_fen: Fen::new(fen),
                granted_by: String::new(),
                document_no: number.to_string(),
            };
            let days = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let whole = (days, NaiveDate::from_ymd_opt(year, 12, 31));
            self.awards.push(stated(town, person, whole, fact));
            let amount = Fen::new(fen).to_string();
            awards.push(json!({ "group": group, "year": year, "amount": amount }));
        }
        self.lines.push(json!({
            "person": person_no(person), "employments": work.0, "roster": work.1,
            "recognitions": recognitions, "evidence": months, "suspensions": suspensions,
            "exclusions": exclusions, "other_awards": awards,
        }));
    }

    fn work(&mut self, town: &Town, person: i64, dice: &mut Dice) -> (Vec<Value>, Vec<Value>) {
        let (mut jobs, mut entries) = (Vec::new(), Vec::new());
        let apart = dice.one_in(4);
        let days = in_turn(dice);
        for (from, through) in &days {
            let at = dice.roll(4);
            let fact = employment(at as i64 + 1);
            self.employments.push(stated(town, person, (*from, *through), fact));
            let enterprise = USCC[at as usize];
            jobs.push(json!({ "enterprise": enterprise, "from": from, "through": through }));
            // Mostly the roster follows the employment.
            if !apart {
                self.entry(town, person, at, (*from, *through), dice, &mut entries);
            }
        }
        if apart {
            for days in in_turn(dice) {
                let at = dice.roll(4);
                self.entry(town, person, at, days, dice, &mut entries);
            }
        }
        (jobs, entries)
    }

    fn entry(
        &mut self,
        town: &Town,
        person: i64,
        at: u64,
        (from, through): Span,
        dice: &mut Dice,
        entries: &mut Vec<Value>,
    ) {
        let confirmed = !dice.one_in(6);
        let status = if confirmed { RosterStatus::Confirmed } else { RosterStatus::Declared };
        let fact = RosterEntry { enterprise_id: at as i64 + 1, status };
        self.roster.push(stated(town, person, (from, through), fact));
        if confirmed {
            let enterprise = USCC[at as usize];
            entries.push(json!({ "enterprise": enterprise, "from": from, "through": through }));
        }
    }

    fn months(&mut self, town: &Town, person: i64, dice: &mut Dice) -> Vec<Value> {
        let mut lines = Vec::new();
        let gaps = 2 + dice.roll(10);
        for number in 0..16_i32 {
            if dice.one_in(gaps) {
                continue;
            }
            let (year, month) = (2025 + (number + 10) / 12, (number + 10) as u32 % 12 + 1);
            let mut fact = town.evidence(person, year, month);
            if dice.one_in(3) {
                fact.fact.evidence_kind = EvidenceKind::IncomeTax;
            }
            lines.push(json!({ "month": fact.fact.month, "enterprise": fact.fact.payer_uscc }));
            self.evidence.push(fact);
        }
        lines
    }

    async fn store(self, town: &Town) -> Vec<Value> {
        let tx = town.world.app.db.begin().await.unwrap();
        fact::state(&tx, self.employments).await.unwrap();
        fact::state(&tx, self.roster).await.unwrap();
        fact::state(&tx, self.recognitions).await.unwrap();
        fact::state(&tx, self.evidence).await.unwrap();
        fact::state(&tx, self.suspensions).await.unwrap();
        fact::state(&tx, self.exclusions).await.unwrap();
        fact::state(&tx, self.awards).await.unwrap();
        tx.commit().await.unwrap();
        self.lines
    }
}

/// What was believed before and taken back, and what will only be learnt later: neither counts.
async fn noise(town: &mut Town, person: i64) {
    let old: BTreeSet<i64> = suspension_ids(town).await;
    town.at("2026-06-01T09:00:00+08:00");
    town.suspend(person, "2025-01-01", None).await;
    town.at("2026-06-02T09:00:00+08:00");
    let tx = town.world.app.db.begin().await.unwrap();
    for id in suspension_ids(town).await.difference(&old) {
        let now = town.world.app.clock.now();
        fact::supersede::<Suspension>(&tx, *id, now, 1).await.unwrap();
    }
    tx.commit().await.unwrap();
    town.at("2027-06-01T09:00:00+08:00");
    town.exclude(person, "2025-01-01").await;
}

async fn suspension_ids(town: &Town) -> BTreeSet<i64> {
    let rows = entity::suspension::Entity::find().all(town.world.app.db.read()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

async fn stored_as_decided(world: World) {
    let mut town = Town::new(world).await;
    town.enterprise(4, OTHER, None).await;
    town.sql("UPDATE listing SET superseded_at = recorded_at, superseded_source_id = 1 WHERE enterprise_id = 4").await;
    let placed =
        EnterpriseDivision { division: "350302".to_owned(), city_unit: "350300".to_owned() };
    town.state(4, "2020-01-01", None, placed).await;
    let mut drawn = Drawn::default();
    for person in 1..=PERSONS {
        town.person(person).await;
        drawn.person(&town, person, &mut Dice(person as u64));
    }
    let lines = drawn.store(&town).await;
    for person in [1, 7, 20] {
        noise(&mut town, person).await;
    }
    town.at("2027-01-15T09:20:00+08:00");
    let enterprises: Vec<EnterpriseFacts> = USCC
        .iter()
        .zip(["350102", "350203", "350128", "350302"])
        .map(|(uscc, division)| {
            let listed = json!([{ "from": "2025-11-04" }]);
            let listings = if *uscc == OTHER { json!([]) } else { listed };
            let line = json!({ "uscc": uscc, "division": division, "listings": listings });
            serde_json::from_value(line).unwrap()
        })
        .collect();
    let enterprises = Enterprises::new(enterprises).unwrap();
    let text = include_str!("../../policies/core-engineer.toml");
    let policy = Policy::parse(text, "core-engineer.toml").unwrap();
    let mut paid = 0;
    for year in [2025, 2026] {
        let run = town.compute(year).await;
        assert_eq!((run.done, run.failed_persons), (PERSONS, 0), "{}", run.message);
        let rows = entity::entitlement::Entity::find().all(town.world.app.db.read()).await.unwrap();
        for line in &lines {
            let person: PersonFacts = serde_json::from_value(line.clone()).unwrap();
            let said = determine(&policy, &enterprises, &person, year, None).unwrap();
            let said = serde_json::to_string(&said).unwrap();
            let number = line["person"].as_str().unwrap();
            let id: i64 = number[1..].parse().unwrap();
            let mine = |row: &&entity::entitlement::Model| {
                row.person_id == id && row.award_year == i64::from(year)
            };
            let stored = rows.iter().find(mine).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(stored.determination, said, "{line}");
            paid += i64::from(stored.net_fen > 0);
        }
    }
    assert!((10..110).contains(&paid), "the draw is one-sided: {paid}");
}
