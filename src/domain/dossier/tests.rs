//! The dossier's own tests.

use super::*;
use crate::domain::edition::Stacking;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn stated<T>(id: i64, from: &str, through: Option<&str>, fact: T) -> Stated<T> {
    Stated {
        id,
        about: 1,
        period: Period::new(day(from), through.map(day)).unwrap(),
        fact,
        recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
        recorded_by: 1,
        source_id: 1,
        reason: String::new(),
        supersedes: None,
        superseded_at: None,
    }
}

fn enterprise(id: i64, division: Option<&str>) -> EnterpriseRecord {
    let placed = |code: &str| EnterpriseDivision {
        division: code.to_owned(),
        city_unit: "350100".to_owned(),
    };
    let listing = Listing { list_batch: "1".to_owned(), recognition_quota: 0, engineer_quota: 0 };
    EnterpriseRecord {
        id,
        uscc: format!("9135010000000000{id:02}"),
        divisions: division.map(|c| stated(1, "2020-01-01", None, placed(c))).into_iter().collect(),
        listings: vec![stated(1, "2025-11-04", None, listing)],
    }
}

fn known(records: &[EnterpriseRecord]) -> KnownEnterprises {
    KnownEnterprises::new(records, 2026).unwrap().unwrap()
}

fn period(from: &str, through: Option<&str>) -> Period {
    Period::new(day(from), through.map(day)).unwrap()
}

fn job(enterprise_id: i64, from: &str, through: Option<&str>) -> Job {
    Job { enterprise_id, period: period(from, through), full_time: true }
}

fn dossier() -> Dossier {
    let entry = |enterprise_id, from: &str, status| Entry {
        enterprise_id,
        period: period(from, None),
        status,
    };
    Dossier {
        jobs: vec![job(2, "2026-06-01", None), job(1, "2024-03-01", Some("2026-05-31"))],
        entries: vec![
            entry(1, "2025-12-01", RosterStatus::Confirmed),
            entry(2, "2026-02-01", RosterStatus::Declared),
        ],
        recognitions: vec![(TalentClass::C, period("2026-03-01", Some("2031-02-28")))],
        months: BTreeSet::from([1]),
        awards: vec![Award { group: "provincial-talent".to_owned(), amount: Fen::new(8_000_000) }],
        ..Dossier::default()
    }
}

fn canonical(dossier: &Dossier, records: &[EnterpriseRecord]) -> String {
    let known = known(records);
    dossier.canonical(&dossier.facts("E1", &known).unwrap(), &known, ("abc", &[])).unwrap()
}

fn both() -> [EnterpriseRecord; 2] {
    [enterprise(1, Some("350102")), enterprise(2, Some("350128"))]
}

#[test]
fn only_confirmed_roster_entries_reach_the_engine() {
    let facts = dossier().facts("E1", &known(&both())).unwrap();
    let roster: Vec<&str> = facts.roster.iter().map(|span| span.enterprise.as_str()).collect();
    assert_eq!(roster, ["913501000000000001"]);
    assert_eq!(facts.employments[0].period.from, day("2024-03-01"));
    assert_eq!((facts.evidence[0].year, facts.evidence[0].month), (2026, 1));
}

#[test]
fn what_the_year_does_not_depend_on_leaves_the_text_as_it_is() {
    let before = canonical(&dossier(), &both());
    let mut other = dossier();
    other.jobs.swap(0, 1);
    other.jobs[1].period.through = Some(day("2027-06-30"));
    other.recognitions[0].1.through = Some(day("2028-02-28"));
    other.entries[1].period.from = day("2026-04-01");
    let mut records = both();
    records[0].listings[0].period.through = Some(day("2026-12-31"));
    assert_eq!(canonical(&other, &records), before);
}

#[test]
fn whatever_the_year_depends_on_changes_the_text() {
    let before = canonical(&dossier(), &both());
    let edits: [fn(&mut Dossier, &mut [EnterpriseRecord; 2]); 10] = [
        |d, _| d.jobs[1].period.through = Some(day("2026-12-30")),
        |d, _| d.jobs[0].full_time = false,
        |d, _| d.entries[0].period.from = day("2025-12-02"),
        |d, _| d.entries[1].status = RosterStatus::Confirmed,
        |d, _| d.months = BTreeSet::from([2]),
        |d, _| d.recognitions[0].1.from = day("2026-03-02"),
        |d, _| d.awards[0].amount = Fen::new(1),
        |d, _| d.grants.push(d.awards[0].clone()),
        |d, _| d.suspensions.push(period("2026-12-31", None)),
        |_, e| e[1].divisions[0].fact.division = "350203".to_owned(),
    ];
    for (number, edit) in edits.iter().enumerate() {
        let (mut changed, mut records) = (dossier(), both());
        edit(&mut changed, &mut records);
        assert_ne!(canonical(&changed, &records), before, "edit {number}");
    }
}

#[test]
fn grants_are_awards_to_the_engine_and_make_nobody_an_engineer() {
    let mut with = dossier();
    with.grants = vec![Award { group: "case-agreement".to_owned(), amount: Fen::new(7) }];
    let facts = with.facts("E1", &known(&both())).unwrap();
    let awards: Vec<&str> = facts.other_awards.iter().map(|award| award.group.as_str()).collect();
    assert_eq!(awards, ["case-agreement", "provincial-talent"]);
    assert_eq!(with.without_grants(), dossier());
    let alone = Dossier { grants: with.grants, ..Dossier::default() };
    assert!(alone.is_empty() && !dossier().is_empty());
}

#[test]
fn of_the_catalogue_only_what_concerns_an_award_of_the_year_is_in_the_text() {
    let known = known(&both());
    let text = |group: &str, stacking| {
        let (dossier, basis) = (dossier(), "目录 CT00001".into());
        let relations = [GroupRelation { group: group.into(), stacking, basis }];
        dossier.canonical(&dossier.facts("E1", &known).unwrap(), &known, ("abc", &relations))
    };
    let plain = canonical(&dossier(), &both());
    assert_eq!(text("city-talent", Stacking::Exclude).unwrap(), plain);
    let excluded = text("provincial-talent", Stacking::Exclude).unwrap();
    assert_ne!(excluded, plain);
    assert_ne!(excluded, text("provincial-talent", Stacking::TopUp).unwrap());
}

#[test]
fn an_enterprise_that_nobody_can_be_asked_to_pay_for_stops_its_person_only() {
    let records = [enterprise(1, Some("350102")), enterprise(2, None)];
    let known = known(&records);
    let error = dossier().facts("E1", &known).unwrap_err();
    assert_eq!(error, DossierError::NoDivision("913501000000000002".into()));
    let mut stayed = dossier();
    stayed.jobs.remove(0);
    assert!(stayed.facts("E1", &known).is_ok());
}

#[test]
fn the_division_at_the_end_of_the_year_decides() {
    let mut record = enterprise(1, Some("350102"));
    let moved =
        EnterpriseDivision { division: "350203".to_owned(), city_unit: "350200".to_owned() };
    record.divisions[0].period.through = Some(day("2026-12-30"));
    record.divisions.push(stated(2, "2026-12-31", None, moved));
    let in_year = |year: i32| {
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        record.division_in(last).unwrap().division.as_str()
    };
    assert_eq!((in_year(2025), in_year(2026), in_year(2010)), ("350102", "350203", "350102"));
}
