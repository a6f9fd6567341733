//! Travel claims once more, written down as slowly as the contract reads and with other arithmetic:
//! decimals instead of integers, a walk over the calendar instead of comparisons. Random policies and
//! claims must give equal lines. One seed names one case.

use chrono::{Datelike, Days, NaiveDate};
use juncai::domain::travel::{Claim, Policy};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use crate::engine_random::Dice;

const ORIGINS: [&str; 5] = ["US", "JP", "HK", "DE", "XX"];

/// Versions as plain values: what the reference reads.
fn random_versions(dice: &mut Dice) -> Vec<Value> {
    let mut cuts: Vec<NaiveDate> = (0..2 + dice.roll(2) * 2).map(|_| dice.day()).collect();
    cuts.sort();
    cuts.dedup();
    if cuts.len() == 1 {
        cuts.push(cuts[0] + Days::new(300));
    }
    let version = |pair: &[NaiveDate], dice: &mut Dice| {
        let mut bands = Vec::new();
        for number in 0..1 + dice.roll(3) {
            let origins: Vec<&str> =
                (0..1 + dice.roll(2)).map(|_| dice.pick(&["US", "JP", "HK", "DE", "*"])).collect();
            let cap = format!("{}.{:02}", dice.roll(30_000), dice.roll(100));
            bands.push(json!({ "name": format!("b{number}"), "origins": origins, "cap": cap }));
        }
        json!({
            "from": pair[0], "through": pair[1].pred_opt().unwrap(),
            "max_age": 36 + dice.roll(6), "claim_within_days": dice.roll(90),
            "allowance_per_day": format!("{}.{:02}", dice.roll(900), dice.roll(100)),
            "allowance_days_per_trip": dice.roll(40), "allowance_days_per_year": dice.roll(70),
            "band": bands,
        })
    };
    cuts.windows(2).map(|pair| version(pair, dice)).collect()
}

fn policy_of(versions: &[Value]) -> Policy {
    let mut text = String::from("id = \"random\"\nkind = \"travel_subsidy\"\n");
    for version in versions {
        text.push_str("[[version]]\n");
        for (key, value) in version.as_object().unwrap() {
            match key.as_str() {
                "band" => {}
                "from" | "through" => {
                    text.push_str(&format!("{key} = {}\n", value.as_str().unwrap()));
                }
                _ => text.push_str(&format!("{key} = {value}\n")),
            }
        }
        for band in version["band"].as_array().unwrap() {
            text.push_str("[[version.band]]\n");
            for (key, value) in band.as_object().unwrap() {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
    }
    Policy::parse(&text, "random").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn random_line(dice: &mut Dice) -> Value {
    let kind = dice.pick(&["fare", "fare", "visa", "ground"]);
    let currency = dice.pick(&["CNY", "USD", "JPY"]);
    let amount = format!("{}.{:02}", dice.roll(4_000), dice.roll(100));
    let mut line = json!({ "kind": kind, "amount": amount, "currency": currency });
    if currency != "CNY" || dice.one_in(3) {
        let rate = dice.pick(&["710.50", "4.8525", "90.915", "0.005", "50", "100.0000", "33.335"]);
        // A rate of a yuan line is ignored, whatever it says.
        let rate = if currency == "CNY" { dice.pick(&["0", "-3", rate]) } else { rate };
        line["rate_per_100"] = json!(rate);
    }
    if !dice.one_in(4) {
        line["class"] = json!(dice.pick(&["economy", "business", "first"]));
    }
    if dice.one_in(2) {
        line["documented_economy"] = json!(format!("{}.{:02}", dice.roll(2_000), dice.roll(100)));
    }
    line
}

fn random_claim(dice: &mut Dice) -> Value {
    let arrival = dice.day();
    let exit = arrival + Days::new(dice.roll(60));
    let birth = match dice.one_in(3) {
        // On and around a birthday that most years do not have.
        true => NaiveDate::from_ymd_opt(1984 + 4 * dice.roll(2) as i32, 2, 29).unwrap(),
        false => {
            arrival - chrono::Months::new(12 * (34 + dice.roll(9)) as u32) + Days::new(dice.roll(3))
                - Days::new(1)
        }
    };
    let arrival = if birth.month() == 2 && dice.one_in(2) {
        NaiveDate::from_ymd_opt(2026 + dice.roll(3) as i32, 2, 28).unwrap()
            + Days::new(dice.roll(2))
    } else {
        arrival
    };
    let exit = exit.max(arrival);
    let work: Vec<NaiveDate> =
        (0..dice.roll(90)).map(|_| arrival - Days::new(2) + Days::new(dice.roll(64))).collect();
    let mut used = json!({});
    for year in 2025..2030 {
        if dice.one_in(2) {
            used[year.to_string()] = json!(dice.roll(70));
        }
    }
    json!({
        "claim": "C", "birth": birth, "origin": dice.pick(&ORIGINS), "arrival": arrival,
        "exit": exit, "submitted": exit + Days::new(dice.roll(100)), "work_days": work,
        "allowance_days_used": used, "on_roster": dice.one_in(8),
        "other_payer": format!("{}.00", dice.roll(3_000)),
        "lines": (0..dice.roll(4)).map(|_| random_line(dice)).collect::<Vec<_>>(),
    })
}

fn day(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}

fn number(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// Birthdays celebrated after the day of birth and up to the day, one by one.
fn birthdays(birth: NaiveDate, until: NaiveDate) -> u64 {
    let celebrated = |day: &NaiveDate| {
        let leap = NaiveDate::from_ymd_opt(day.year(), 2, 29).is_some();
        match (birth.month(), birth.day()) {
            (2, 29) if !leap => (day.month(), day.day()) == (3, 1),
            birthday => (day.month(), day.day()) == birthday,
        }
    };
    birth.iter_days().skip(1).take_while(|day| *day <= until).filter(celebrated).count() as u64
}

fn yuan(line: &Value) -> Decimal {
    let amount = if line["kind"] == "fare" && line["class"] != "economy" {
        match &line["documented_economy"] {
            Value::Null => Decimal::ZERO,
            documented => number(documented),
        }
    } else {
        number(&line["amount"])
    };
    if line["currency"] == "CNY" {
        return amount;
    }
    let exact = amount * number(&line["rate_per_100"]) / Decimal::ONE_HUNDRED;
    exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Walks through the stay day by day.
fn allowance_days(claim: &Value, version: &Value) -> u64 {
    let worked = claim["work_days"].as_array().unwrap();
    let (mut taken, mut room) = (0, std::collections::HashMap::new());
    let mut today = day(&claim["arrival"]);
    while today <= day(&claim["exit"]) {
        let left = room.entry(today.year()).or_insert_with(|| {
            let used = claim["allowance_days_used"][today.year().to_string()].as_u64();
            version["allowance_days_per_year"].as_u64().unwrap().saturating_sub(used.unwrap_or(0))
        });
        let in_force = day(&version["from"]) <= today && today <= day(&version["through"]);
        let is_work = worked.iter().any(|work| day(work) == today);
        let trip = version["allowance_days_per_trip"].as_u64().unwrap();
        if in_force && is_work && *left > 0 && taken < trip {
            *left -= 1;
            taken += 1;
        }
        today = today + Days::new(1);
    }
    taken
}

/// The line of the contract; none where no band names the origin.
fn reference(versions: &[Value], claim: &Value) -> Option<String> {
    let arrival = day(&claim["arrival"]);
    let on = |v: &&Value| day(&v["from"]) <= arrival && arrival <= day(&v["through"]);
    let mut reasons: Vec<&str> = Vec::new();
    let mut amounts = [Decimal::ZERO; 5];
    let mut days = 0;
    if let Some(version) = versions.iter().find(on) {
        let bands = version["band"].as_array().unwrap();
        let names = |band: &&Value| {
            let origins = band["origins"].as_array().unwrap();
            origins.iter().any(|origin| *origin == claim["origin"] || *origin == "*")
        };
        let cap = number(&bands.iter().find(names)?["cap"]);
        if birthdays(day(&claim["birth"]), arrival) > version["max_age"].as_u64().unwrap() {
            reasons.push("over_age");
        }
        if claim["on_roster"] == true {
            reasons.push("on_roster");
        }
        let waited = day(&claim["submitted"]) - day(&claim["exit"]);
        if waited.num_days() > version["claim_within_days"].as_i64().unwrap() {
            reasons.push("late_claim");
        }
        if reasons.is_empty() {
            let accepted: Decimal = claim["lines"].as_array().unwrap().iter().map(yuan).sum();
            let own = accepted - number(&claim["other_payer"]);
            let subsidy = if own < Decimal::ZERO { Decimal::ZERO } else { own.min(cap) };
            days = allowance_days(claim, version);
            let allowance = number(&version["allowance_per_day"]) * Decimal::from(days);
            amounts = [accepted, cap, subsidy, allowance, subsidy + allowance];
        }
    } else {
        reasons.push("outside_policy");
    }
    let status = if reasons.is_empty() { "eligible" } else { "ineligible" };
    let [accepted, cap, subsidy, allowance, total] = amounts.map(|amount| format!("{amount:.2}"));
    Some(format!(
        r#"{{"claim":"C","policy":"random","status":"{status}","accepted":"{accepted}","cap":"{cap}","subsidy":"{subsidy}","allowance_days":{days},"allowance":"{allowance}","total":"{total}","reasons":{}}}"#,
        json!(reasons)
    ))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_claims_give_what_the_plain_reading_of_the_rules_gives(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let versions = random_versions(&mut dice);
        let policy = policy_of(&versions);
        for _ in 0..20 {
            let written = random_claim(&mut dice);
            let claim: Claim = serde_json::from_value(written.clone()).unwrap();
            let found = policy.explain(&claim);
            match reference(&versions, &written) {
                None => {
                    let fields: Vec<String> =
                        found.unwrap_err().into_iter().map(|fault| fault.field).collect();
                    assert_eq!(fields, ["origin"], "{written}");
                }
                Some(expected) => {
                    let (found, trace) = found.unwrap();
                    assert_eq!(serde_json::to_string(&found).unwrap(), expected, "{written}");
                    assert_eq!(policy.decide(&claim).unwrap(), found);
                    let json = serde_json::to_string(&trace).unwrap();
                    assert_eq!(serde_json::from_str::<juncai::domain::travel::Trace>(&json).unwrap(), trace);
                    assert!(trace.steps.iter().all(|step| !step.describe().is_empty()));
                }
            }
        }
    }
}
