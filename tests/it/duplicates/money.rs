//! A merged person is computed as one and paid once.

use juncai::service::stipend::{self, Execution};
use juncai::store::payment::{Scope, lowered_persons};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::*;

on_both! {
    what_was_paid_to_the_other_number_is_not_paid_again_and_undoing_restores_all => paid_once;
    an_open_line_of_the_other_number_moves_to_the_leading_one => moved;
    an_award_recorded_under_both_numbers_is_taken_off_once => award;
    nothing_is_paid_to_a_merged_person_before_the_year_is_computed_again => held_back;
    a_merge_waits_for_a_computation_under_way => waits;
    a_passport_until_march_and_a_card_from_april_are_one_year => case_14;
}

const ALL: i64 = 20_000_000;

/// Person 1 worked at enterprise 1 to August, person 2 since September: too short for a stipend.
async fn split_year(world: World) -> Town {
    let town = Town::new(world).await;
    town.person(1).await;
    town.engineer(1, 1, "2025-12-01", Some("2026-08-31")).await;
    town.insured(1, 2026, 1..=8).await;
    town.person(2).await;
    town.engineer(2, 1, "2026-09-01", None).await;
    town.insured(2, 2026, 9..=12).await;
    town
}

/// Lines and proposed recoveries: (person, component, fen, state).
async fn books(town: &Town) -> Vec<(i64, i64, i64, String)> {
    let conn = town.world.app.db.read();
    let lines = entity::payment_line::Entity::find()
        .filter(entity::payment_line::Column::State.ne("void"))
        .order_by_asc(entity::payment_line::Column::Id)
        .all(conn)
        .await
        .unwrap();
    let back = entity::recovery::Entity::find()
        .filter(entity::recovery::Column::State.eq("proposed"))
        .all(conn)
        .await
        .unwrap();
    let line =
        |l: entity::payment_line::Model| (l.person_id, l.component_no, l.amount_fen, l.state);
    let recovery = |r: entity::recovery::Model| (r.person_id, -1, -r.amount_fen, r.state);
    lines.into_iter().map(line).chain(back.into_iter().map(recovery)).collect()
}

/// Standing results: (person, months, fen).
async fn results(town: &Town) -> Vec<(i64, i64, i64)> {
    let rows = entity::entitlement::Entity::find()
        .filter(entity::entitlement::Column::SupersededAt.is_null())
        .order_by_asc(entity::entitlement::Column::PersonId)
        .all(town.world.app.db.read())
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.person_id, row.counted_months, row.net_fen)).collect()
}

fn line(person: i64, component: i64, fen: i64, state: &str) -> (i64, i64, i64, String) {
    (person, component, fen, state.to_owned())
}

/// Every version of both comes out again from the facts known when it was computed.
async fn replays(town: &Town) {
    for row in entity::entitlement::Entity::find().all(town.world.app.db.read()).await.unwrap() {
        let (no, version) = (person_no(row.person_id), row.version_no);
        let same = stipend::replay(&town.world.app, &town.hr, &no, 2026, version).await.unwrap();
        assert!(same, "{no} version {version}");
    }
}

async fn paid_once(world: World) {
    let mut town = split_year(world).await;
    let officer = second(&town).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    town.freeze_all("paid").await;
    let (before, due) = (books(&town).await, results(&town).await);
    assert_eq!(before, [line(1, 0, 13_333_333, "paid")]);
    assert_eq!(due, [(1, 8, 13_333_333), (2, 4, 0)]);

    // The paid number is the one that is merged: its money counts as paid to the other.
    town.at("2027-02-01T09:00:00+08:00");
    let no = merge(&town, &officer, 2, 1).await;
    let view = duplicate::merge_view(&town.world.app, &town.hr, &no).await.unwrap();
    assert_eq!(view.years, [(2026, false)]);
    town.at("2027-02-02T09:00:00+08:00");
    assert_eq!(town.compute(2026).await.adjusted, 1);
    let together = vec![line(1, 0, 13_333_333, "paid"), line(2, 1, ALL - 13_333_333, "pending")];
    assert_eq!(books(&town).await, together);
    assert_eq!(results(&town).await, [(1, 0, 0), (2, 12, ALL)]);
    let view = duplicate::merge_view(&town.world.app, &town.hr, &no).await.unwrap();
    assert_eq!(view.years, [(2026, true)]);

    // Computing again, one person a transaction, changes nothing.
    town.at("2027-02-03T09:00:00+08:00");
    let run = stipend::start_run(&town.world.app, &town.hr, 2026).await.unwrap();
    let mut execution = Execution::claim(&town.world.app, &run, 1).await.unwrap();
    while execution.next_chunk().await.unwrap() {}
    assert_eq!(books(&town).await, together);
    replays(&town).await;

    town.at("2027-03-01T09:00:00+08:00");
    undo(&town, &officer, &no).await;
    town.at("2027-03-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!((books(&town).await, results(&town).await), (before, due), "as before the merge");
    replays(&town).await;

    // Merged again and paid in full; then taken back: exactly the supplement is to come back.
    town.at("2027-04-01T09:00:00+08:00");
    let no = merge(&town, &officer, 2, 1).await;
    town.at("2027-04-02T09:00:00+08:00");
    town.compute(2026).await;
    town.freeze_all("paid").await;
    town.at("2027-04-03T09:00:00+08:00");
    undo(&town, &officer, &no).await;
    town.at("2027-04-04T09:00:00+08:00");
    town.compute(2026).await;
    let back = line(2, -1, 13_333_333 - ALL, "proposed");
    assert_eq!(books(&town).await.last(), Some(&back));
    replays(&town).await;
}

async fn moved(world: World) {
    let mut town = split_year(world).await;
    let officer = second(&town).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    town.at("2027-02-01T09:00:00+08:00");
    merge(&town, &officer, 2, 1).await;
    town.at("2027-02-02T09:00:00+08:00");
    let run = stipend::start_run(&town.world.app, &town.hr, 2026).await.unwrap();
    let mut execution = Execution::claim(&town.world.app, &run, 1).await.unwrap();
    while execution.next_chunk().await.unwrap() {}
    assert_eq!(books(&town).await, [line(2, 0, ALL, "pending")]);
}

async fn award(world: World) {
    let mut town = split_year(world).await;
    let officer = second(&town).await;
    town.award(1, "provincial-talent", 3_000_000).await;
    town.award(2, "provincial-talent", 3_000_000).await;
    town.award(2, "provincial-talent", 1_000_000).await;
    town.at("2027-01-15T09:00:00+08:00");
    merge(&town, &officer, 1, 2).await;
    town.at("2027-01-16T09:00:00+08:00");
    town.compute(2026).await;
    let found = results(&town).await;
    let separately = {
        // What one number with the same two awards gets.
        town.full_year(3, 1).await;
        town.award(3, "provincial-talent", 3_000_000).await;
        town.award(3, "provincial-talent", 1_000_000).await;
        town.at("2027-01-17T09:00:00+08:00");
        town.compute(2026).await;
        results(&town).await.into_iter().find(|row| row.0 == 3).unwrap()
    };
    let one = found.iter().find(|row| row.0 == 1).unwrap();
    assert_eq!((one.1, one.2), (separately.1, separately.2));
}

async fn lowered(town: &Town) -> Vec<i64> {
    let scope = Scope {
        programme: "core-engineer".to_owned(),
        award_year: 2026,
        source: "province".to_owned(),
        payer_division: "350000".to_owned(),
        city_unit: String::new(),
        enterprise_uscc: String::new(),
    };
    lowered_persons(town.world.app.db.read(), &scope).await.unwrap()
}

async fn held_back(world: World) {
    let mut town = split_year(world).await;
    let officer = second(&town).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(lowered(&town).await, Vec::<i64>::new());
    town.at("2027-02-01T09:00:00+08:00");
    let no = merge(&town, &officer, 1, 2).await;
    assert_eq!(lowered(&town).await, [1, 2]);
    town.at("2027-02-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(lowered(&town).await, Vec::<i64>::new());
    town.at("2027-02-03T09:00:00+08:00");
    undo(&town, &officer, &no).await;
    assert_eq!(lowered(&town).await, [1, 2]);
}

async fn waits(world: World) {
    let mut town = split_year(world).await;
    let officer = second(&town).await;
    town.at("2027-01-15T09:00:00+08:00");
    let no = propose(&town, 1, 2).await.unwrap();
    let app = &town.world.app;
    let run = stipend::start_run(app, &town.hr, 2026).await.unwrap();
    assert!(refusal(duplicate::confirm(app, &officer, &no).await).contains("核定正在进行"));
    stipend::execute_run(app, &run).await.unwrap();
    town.at("2027-01-15T09:00:01+08:00");
    duplicate::confirm(&town.world.app, &officer, &no).await.unwrap();
}

/// Case 14 of domain.md 8.2: a passport of the USA until 31 March, a permanent residence card from
/// 1 April, registered as two persons.
async fn case_14(world: World) {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.engineer(1, 1, "2025-12-01", Some("2026-03-31")).await;
    town.insured(1, 2026, 1..=3).await;
    document(&town, 1, "passport", "C01X00T47").await;
    town.person(2).await;
    town.engineer(2, 1, "2026-04-01", None).await;
    town.insured(2, 2026, 4..=12).await;
    document(&town, 2, "permanent_residence", NEW_CARD).await;
    for person in [1, 2] {
        renamed(&town, person, "约翰·史密斯").await;
    }
    let told = seen(&town, &town.hr, open()).await;
    assert_eq!(
        told,
        [(1, 2, set(&[Reason::Namesake]), Strength::Middle, PairState::Open)],
        "name and nationality; the passport tells no birth date"
    );
    let officer = second(&town).await;
    town.at("2027-01-15T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(results(&town).await, [(1, 3, 0), (2, 9, 15_000_000)], "unmerged");
    town.at("2027-02-01T09:00:00+08:00");
    let no = merge(&town, &officer, 2, 1).await;
    town.at("2027-02-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(results(&town).await, [(1, 0, 0), (2, 12, ALL)]);
    let numbers = "SELECT person_no FROM person ORDER BY id";
    assert_eq!(town.texts(numbers).await, ["E000001", "E000002"], "both numbers stay");
    town.at("2027-03-01T09:00:00+08:00");
    undo(&town, &officer, &no).await;
    town.at("2027-03-02T09:00:00+08:00");
    town.compute(2026).await;
    assert_eq!(results(&town).await, [(1, 3, 0), (2, 9, 15_000_000)], "as before");
}
