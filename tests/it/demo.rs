//! The demonstration on both databases: its sums added up again from the tables, its log sound,
//! every amount replayable, and a second run harmless.

use juncai::clock::Clock;
use juncai::demo;
use juncai::store::audit;
use sea_orm::{ConnectionTrait, Statement};

use crate::on_both;
use crate::world::World;

on_both! {
    the_story_adds_up_and_a_second_run_changes_nothing => story;
}

async fn number(world: &World, sql: &str) -> i64 {
    let conn = world.app.db.read();
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.unwrap().expect("one row");
    row.try_get_by_index(0).unwrap()
}

async fn story(mut world: World) {
    world.app.clock = Clock::system();
    let report = demo::play(&world.app).await.unwrap().expect("a first run");
    let sum = |what: &str| format!("SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) FROM ");
    let lines = |state: &str| format!("payment_line WHERE state = '{state}' AND subject_no = ''");

    // Given the printed sums, when they are added up again line by line, then they agree.
    let found = &report.figures;
    let shares = "entitlement_share s JOIN entitlement e ON e.id = s.entitlement_id \
                  WHERE e.superseded_at IS NULL AND e.subject_no = ''";
    let entitled = number(&world, &(sum("s.amount_fen") + shares)).await;
    assert_eq!(found.entitled_fen, entitled);
    assert_eq!(found.entitled_by_payer.iter().map(|(_, _, fen)| fen).sum::<i64>(), entitled);
    let [paid, frozen, payable, pending] = [
        number(&world, &(sum("amount_fen") + &lines("paid"))).await,
        number(&world, &(sum("amount_fen") + &lines("in_batch"))).await,
        number(&world, &(sum("amount_fen") + &lines("payable"))).await,
        number(&world, &(sum("amount_fen") + &lines("pending"))).await,
    ];
    assert_eq!((found.paid_fen, found.frozen_fen, found.payable_fen), (paid, frozen, payable));
    assert_eq!(found.pending_fen, pending);
    let settled = sum("amount_fen") + "batch_line WHERE outcome = 'settled'";
    assert_eq!(number(&world, &settled).await, paid);
    let recovery =
        number(&world, &(sum("amount_fen") + "recovery WHERE state <> 'cancelled'")).await;
    assert_eq!(entitled + recovery, paid + frozen + payable + pending);
    // Two departures after ten months of twelve, and an award of 80,000 yuan that came late.
    assert_eq!(recovery, 2 * 3_333_333 + 8_000_000);
    assert_eq!(found.recovery_fen, recovery - 1_000_000, "a part of the first is back");

    // Then nobody has more than one stipend, and a failed line stands in a new batch.
    let most = "SELECT CAST(MAX(fen) AS BIGINT) FROM (SELECT SUM(amount_fen) AS fen \
                FROM payment_line WHERE state <> 'void' AND subject_no = '' \
                GROUP BY person_id) AS t";
    assert_eq!(number(&world, most).await, 20_000_000);
    let reissued = "SELECT COUNT(*) FROM batch_line f JOIN batch_line l \
                    ON l.payment_line_id = f.payment_line_id AND l.live \
                    WHERE f.outcome = 'failed'";
    // The other one left in October after all: its line gave way to a smaller one.
    assert_eq!(number(&world, reissued).await, 1);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM enterprise").await, 42);
    assert!(found.persons >= 1_000 && found.eligible + found.ineligible == 1_000);
    assert!(audit::verify(world.app.db.read()).await.unwrap().breaks.is_empty());

    other_streams(&world, found).await;

    // Two engineers share a telephone: the office is shown them.
    let mut officer = crate::browser_like::Visitor::signed_in(&world.app, "hr-province").await;
    let pairs = officer.get("/duplicates").await;
    assert_eq!(pairs.texts("tbody tr").len(), 1);
    assert!(pairs.text().contains("手机号码相同"));

    // When it is started again, then it says so and nothing is different.
    let events = number(&world, "SELECT COUNT(*) FROM audit_event").await;
    assert!(demo::play(&world.app).await.unwrap().is_none());
    assert_eq!(number(&world, "SELECT COUNT(*) FROM audit_event").await, events);
}

/// What stands beside the stipends.
async fn other_streams(world: &World, found: &juncai::store::demo::Figures) {
    let sum = |what: &str| format!("SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) FROM ");
    // An agreement stands beside all that: its first tranche waits for a batch, the second for its
    // milestone.
    let tranches = "SELECT COUNT(*) FROM case_file WHERE kind = 'agreement_tranche' AND state = ";
    assert_eq!(number(world, &format!("{tranches}'payable'")).await, 1);
    assert_eq!(number(world, &format!("{tranches}'agreed'")).await, 1);
    let granted = sum("amount_fen") + "payment_line WHERE state = 'payable' AND subject_no <> ''";
    // Beside it an expert's term of 120,000.00, and a visit: 1,800.00 dollars at 710.50 and ten days.
    let all = 100_000_000 + 12_000_000 + 1_278_900 + 800_000;
    assert_eq!(number(world, &granted).await, all);
    assert_eq!((found.grants, found.granted_fen), (4, all));
    let served = "SELECT COUNT(*) FROM expert_service WHERE accepted";
    assert_eq!(number(world, served).await, 2);
    let results = "SELECT COUNT(*) FROM nomination_ruling WHERE decided_at IS NULL";
    assert_eq!(number(world, results).await, 1, "one result waits for a second person");
    assert_eq!(number(world, "SELECT COUNT(*) FROM nomination_result").await, 1);
}
