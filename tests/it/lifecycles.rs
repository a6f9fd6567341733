//! Every state × act × hand of the lifecycles, against tables that an official can read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use juncai::domain::authority::Role;
use juncai::domain::calendar::WorkCalendar;
use juncai::domain::cosign;
use juncai::domain::lifecycle::{
    AgreementTranche, AutonomousRecognition, Case, CoreEngineerEntry, Deed, Evidence,
    ExpertFunding, Hand, KeyEnterprise, Lifecycle, Objection, OverseasVisit, Recovery, Refusal,
    Target, YearlyEntitlement,
};
use juncai::domain::registry::Code;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    line: Vec<Line>,
    limit: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    from: Vec<String>,
    act: String,
    to: String,
    by: Vec<String>,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    guards: Vec<String>,
    #[serde(default)]
    apart_from: Vec<String>,
    #[serde(default)]
    once: bool,
    /// Possible, but not waited for.
    #[serde(default)]
    aside: bool,
    /// Open while a signature that was asked for is missing.
    #[serde(default)]
    turns_away: bool,
}

fn hands() -> Vec<Hand> {
    let roles = Role::ALL.iter().map(|role| Hand::Role(*role));
    roles.chain([Hand::Person, Hand::System]).collect()
}

fn word(hand: Hand) -> &'static str {
    match hand {
        Hand::Role(role) => role.code(),
        Hand::Person => "person",
        Hand::System => "system",
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn target<L: Lifecycle>(to: Target<L::State>) -> String {
    match to {
        Target::State(state) => state.code().to_owned(),
        Target::Back => "back".to_owned(),
        Target::Here => "here".to_owned(),
        Target::Longer(limit) => format!("{} more", limit.words()),
    }
}

/// A file that stands in `state`, in which everything was done before by person 1.
fn standing<L: Lifecycle>(state: L::State) -> Case<L> {
    let mut case = Case::<L>::open(day("2026-03-02"), WorkCalendar::shipped());
    case.state = state;
    case.done = (L::Act::ALL.iter())
        .map(|act| juncai::domain::lifecycle::Done {
            from: L::START,
            act: *act,
            holder_id: Some(1),
            behalf: None,
        })
        .filter(|done| done.from != state)
        .collect();
    case
}

fn deed<L: Lifecycle>(act: L::Act, hand: Hand, holder_id: i64, evidence: &[Evidence]) -> Deed<L> {
    let given = evidence.iter().map(|kind| (*kind, "闽测1号".to_owned())).collect();
    let (holder_id, on) = (Some(holder_id), day("2026-03-03"));
    Deed { act, hand, holder_id, behalf: None, on, evidence: given }
}

/// Compares every cell: with everything in order an act leads where the table says; by any other
/// hand it is refused with the names of the right ones; without a line it is refused altogether.
fn compare<L: Lifecycle>(text: &str) {
    let table: Table = toml::from_str(text).unwrap();
    let mut lines = BTreeMap::new();
    for line in &table.line {
        for from in &line.from {
            let cell = (from.clone(), line.act.clone());
            assert!(lines.insert(cell.clone(), line).is_none(), "two lines for {cell:?}");
        }
    }
    let calendar = WorkCalendar::shipped();
    let mut seen = 0;
    for state in L::State::ALL {
        for act in L::Act::ALL {
            let line = lines.get(&(state.code().to_owned(), act.code().to_owned())).copied();
            seen += usize::from(line.is_some());
            for hand in hands() {
                let cell = format!("{} {} {}", state.code(), act.code(), word(hand));
                let wanted = deed::<L>(*act, hand, 2, Evidence::ALL);
                let got = standing::<L>(*state).apply(&wanted, calendar, |_| None);
                match (line, got) {
                    (None, Err(refusals)) => {
                        assert!(matches!(refusals[..], [Refusal::NotNow { .. }]), "{cell}");
                    }
                    (Some(line), Err(refusals)) => {
                        assert!(!line.by.contains(&word(hand).to_owned()), "{cell}: {refusals:?}");
                        assert!(matches!(refusals[..], [Refusal::NotYours { .. }]), "{cell}");
                    }
                    (Some(line), Ok(step)) => {
                        assert!(line.by.contains(&word(hand).to_owned()), "{cell} is allowed");
                        let after = step.case.state.code();
                        match line.to.as_str() {
                            "back" => assert_eq!(after, L::START.code(), "{cell}"),
                            "here" => assert_eq!(after, state.code(), "{cell}"),
                            to if to.ends_with(" more") => {
                                assert_eq!(after, state.code(), "{cell}")
                            }
                            to => assert_eq!(after, to, "{cell}"),
                        }
                    }
                    (None, Ok(_)) => panic!("{cell} is allowed without a line"),
                }
                if let Some(line) = line {
                    let stays = line.to == "here" || line.to.ends_with(" more");
                    let of_account = !matches!(hand, Hand::Person | Hand::System);
                    let waits = cosign::waits::<L>(L::line(*state, *act).unwrap(), hand);
                    assert_eq!(waits, of_account && !stays && !line.turns_away, "{cell} waits");
                }
            }
            if let Some(line) = line {
                conditions::<L>(*state, *act, line);
            }
        }
        let limit = table.limit.get(state.code()).map(String::as_str).unwrap_or("不限时");
        assert_eq!(L::limit(*state).words(), limit, "{}", state.code());
    }
    assert_eq!(seen, lines.len(), "the table names a state or an act that does not exist");
}

/// What a line asks for is asked for, each by itself.
fn conditions<L: Lifecycle>(state: L::State, act: L::Act, line: &Line) {
    let cell = format!("{} {}", state.code(), act.code());
    let calendar = WorkCalendar::shipped();
    let hand = hands().into_iter().find(|hand| word(*hand) == line.by[0]).expect("a known hand");
    let codes = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
    let of = |refusals: &[Refusal]| {
        let mut found = (BTreeSet::new(), BTreeSet::new());
        for refusal in refusals {
            match refusal {
                Refusal::Missing(evidence) => found.0.insert(evidence.code().to_owned()),
                Refusal::Guard(guard, _) => found.1.insert(guard.code().to_owned()),
                other => panic!("{cell}: {other}"),
            };
        }
        found
    };
    let bare = standing::<L>(state)
        .apply(&deed(act, hand, 2, &[]), calendar, |_| Some("不满足".to_owned()));
    let refusals = bare.err().unwrap_or_default();
    assert_eq!(of(&refusals), (codes(&line.evidence), codes(&line.guards)), "{cell}");

    let same = standing::<L>(state).apply(&deed(act, hand, 1, Evidence::ALL), calendar, |_| None);
    let same = same.err().unwrap_or_default();
    let labels: BTreeSet<String> = (same.iter())
        .map(|refusal| match refusal {
            Refusal::SamePerson { act } => (*act).to_owned(),
            other => panic!("{cell}: {other}"),
        })
        .collect();
    let label = |code: &String| L::Act::from_code(code).expect("a known act").label().to_owned();
    assert_eq!(labels, line.apart_from.iter().map(label).collect(), "{cell}");

    let mut again = standing::<L>(state);
    let done =
        juncai::domain::lifecycle::Done { from: state, act, holder_id: Some(3), behalf: None };
    again.done.push(done);
    let again = again.apply(&deed(act, hand, 2, Evidence::ALL), calendar, |_| None);
    assert_eq!(again.is_err(), line.once, "{cell}");
    assert_eq!(L::line(state, act).unwrap().aside, line.aside, "{cell}");
    assert_eq!(target::<L>(L::line(state, act).unwrap().to), line.to, "{cell}");
}

#[test]
fn the_key_enterprise_moves_as_its_table_says() {
    compare::<KeyEnterprise>(include_str!("../lifecycles/key-enterprise.toml"));
}

#[test]
fn the_recognition_moves_as_its_table_says() {
    compare::<AutonomousRecognition>(include_str!("../lifecycles/recognition.toml"));
}

#[test]
fn the_roster_entry_moves_as_its_table_says() {
    compare::<CoreEngineerEntry>(include_str!("../lifecycles/roster-entry.toml"));
}

#[test]
fn the_yearly_entitlement_moves_as_its_table_says() {
    compare::<YearlyEntitlement>(include_str!("../lifecycles/entitlement.toml"));
}

#[test]
fn the_objection_moves_as_its_table_says() {
    compare::<Objection>(include_str!("../lifecycles/objection.toml"));
}

#[test]
fn a_tranche_moves_as_its_table_says() {
    compare::<AgreementTranche>(include_str!("../lifecycles/agreement-tranche.toml"));
}

#[test]
fn a_visit_moves_as_its_table_says() {
    compare::<OverseasVisit>(include_str!("../lifecycles/overseas-visit.toml"));
}

#[test]
fn the_funding_of_an_expert_moves_as_its_table_says() {
    compare::<ExpertFunding>(include_str!("../lifecycles/expert-funding.toml"));
}

#[test]
fn the_recovery_moves_as_its_table_says() {
    compare::<Recovery>(include_str!("../lifecycles/recovery.toml"));
}
