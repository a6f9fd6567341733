//! The ten checks: green over honest books, each red with its row when somebody bent something.

use juncai::domain::tax::TaxTreatment;
use juncai::service::Error;
use juncai::service::reconciliation::{Wanted, reconcile};

use crate::browser_like::Visitor;
use crate::fixture_payment::{Office, RETURN_HEADER, failed, paid};
use crate::on_both;
use crate::town::actor;
use crate::world::World;
use crate::yearly::{Year, year};

on_both! {
    honest_books_agree_in_all_ten_checks_and_bent_ones_in_none => bent;
    money_that_nobody_announced_is_named => unannounced;
    more_than_the_last_notice_announced_is_named => announced;
    what_is_at_the_bank_after_its_budget_year_is_named => year_end;
    each_office_reconciles_its_own => own;
}

/// The numbers of the checks that do not agree, with the first object of each.
async fn wrong(year: &Year, wanted: Wanted<'_>) -> Vec<(u8, String)> {
    let found = reconcile(year.app(), &year.finance[0], wanted).await.unwrap();
    assert_eq!(
        found.checks.iter().map(|check| check.number).collect::<Vec<_>>(),
        (1..=10).collect::<Vec<_>>()
    );
    let red = found.checks.into_iter().filter(|check| !check.rows.is_empty());
    red.map(|check| (check.number, check.rows[0].object.clone())).collect()
}

/// A year of which one line is paid and one has failed.
async fn half_paid(world: World) -> Year {
    let mut year = year(world).await;
    year.through_offices().await;
    year.must(&year.offices.approver, "release").await;
    year.answered(|no| {
        paid(&format!("{no}-1-00001"), "200000.00", "S1")
            + &failed(&format!("{no}-1-00002"), "户名不符")
    })
    .await;
    year
}

const ENTRY: &str = "INSERT INTO ledger_entry (event, from_account, to_account, programme, source, \
    payer_division, budget_year, award_year, amount_fen, object_kind, object_no, recorded_at) \
    SELECT 'opened', {path}, programme, source, payer_division, budget_year, 2026, 7, 'batch', \
    'X', recorded_at FROM ledger_entry WHERE event = 'settled' LIMIT 1";

async fn bent(world: World) {
    let year = half_paid(world).await;
    let all = Wanted::default();
    assert_eq!(wrong(&year, all).await, []);
    let batch = Wanted { batch_no: "B2027-0001", ..all };
    assert_eq!(wrong(&year, batch).await, []);
    let town = &year.offices.town;
    let change = async |sql: &str| town.sql(sql).await;

    change("UPDATE batch SET total_fen = total_fen + 1").await;
    assert_eq!(wrong(&year, all).await, [(2, "B2027-0001".to_owned())]);
    assert_eq!(wrong(&year, Wanted { award_year: Some(2025), ..all }).await, []);
    change("UPDATE batch SET total_fen = total_fen - 1, line_count = line_count + 1").await;
    let numbers: Vec<u8> =
        wrong(&year, batch).await.into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [2, 4], "a line too few");
    change("UPDATE batch SET line_count = line_count - 1").await;
    change("UPDATE bank_return_row SET paid_fen = paid_fen - 1 WHERE status = 'S'").await;
    let numbers: Vec<u8> = wrong(&year, all).await.into_iter().map(|(number, _)| number).collect();
    assert_eq!(
        numbers,
        [3, 7],
        "the bank paid a fen less than the voucher, and no tax explains it"
    );
    change("UPDATE bank_return_row SET paid_fen = paid_fen + 1 WHERE status = 'S'").await;
    assert_eq!(wrong(&year, all).await, []);

    change(&ENTRY.replace("{path}", "'claims', 'receivable'")).await;
    assert_eq!(wrong(&year, all).await, [(8, "350000 province 2027".to_owned())]);
    change(&ENTRY.replace("{path}", "'receivable', 'claims'")).await;
    change(&ENTRY.replace("{path}", "'budget', 'committed'")).await;
    let red = wrong(&year, all).await;
    assert!(red.len() == 1 && red[0].0 == 5 && red[0].1.contains("占用"), "{red:?}");
    change(&ENTRY.replace("{path}", "'committed', 'budget'")).await;

    change(
        "INSERT INTO recovery (recovery_no, person_id, programme, award_year, source, \
         payer_division, amount_fen, entitlement_id, state, recorded_at) \
         SELECT 'ZH999999', person_id, programme, award_year, source, payer_division, 5, \
         entitlement_id, 'proposed', recorded_at FROM payment_line WHERE person_id = 1",
    )
    .await;
    assert_eq!(wrong(&year, all).await, [(6, "E000001".to_owned())], "five fen too many asked for");
}

async fn unannounced(world: World) {
    // Lines that were put straight into the database.
    let office = Office::untaxed(world).await;
    office.settle_tax(TaxTreatment::Incidental).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let no = office.sent_batch().await;
    let rows = format!("{RETURN_HEADER}{}", paid(&format!("{no}-1-00001"), "160000.00", "S1"));
    office.answer(&no, &rows).await;
    let found = reconcile(&office.world.app, &office.checker, Wanted::default()).await.unwrap();
    let red: Vec<_> = found.checks.iter().filter(|check| !check.rows.is_empty()).collect();
    assert_eq!(red.iter().map(|check| check.number).collect::<Vec<_>>(), [1]);
    assert_eq!(red[0].rows[0].found, 20_000_000);
    let mut checker = Visitor::signed_in(&office.world.app, "checker").await;
    let page = checker.get("/reconciliation?year=2026").await;
    assert!(
        page.text().contains("1 项不一致") && page.text().contains("200,000.00"),
        "{}",
        page.text()
    );
}

async fn announced(world: World) {
    let year = half_paid(world).await;
    let town = &year.offices.town;
    let rewritten = "UPDATE public_notice_entry SET amount_fen = 1";
    let refused = town.try_sql(rewritten).await.unwrap_err();
    assert!(refused.contains("public_notice_entry_is_append_only"), "{refused}");
    town.sql(
        "INSERT INTO public_notice_entry (notice_id, seq, case_id, name_masked, enterprise, \
         detail, amount_fen) SELECT notice_id, seq + 10, case_id, name_masked, enterprise, \
         detail, amount_fen - 1 FROM public_notice_entry WHERE amount_fen = 20000000 AND seq = 1",
    )
    .await;
    let found = wrong(&year, Wanted::default()).await;
    assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1], "{found:?}");
}

async fn year_end(world: World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let no = office.sent_batch().await;
    let in_transit = async |office: &Office| {
        let found = reconcile(&office.world.app, &office.maker, Wanted::default()).await.unwrap();
        found.checks[8].rows.iter().map(|row| row.object.clone()).collect::<Vec<_>>()
    };
    assert_eq!(in_transit(&office).await, Vec::<String>::new());
    office.world.set_time("2028-01-05T09:00:00+08:00");
    assert_eq!(in_transit(&office).await, [no]);
}

async fn own(world: World) {
    let year = half_paid(world).await;
    year.offices.town.sql("UPDATE batch SET total_fen = total_fen + 1").await;
    let world = &year.offices.town.world;
    let city = actor(world, "xm", "finance_maker", "350200", None).await;
    let found = reconcile(year.app(), &city, Wanted::default()).await.unwrap();
    assert!(found.batches == 0 && found.checks.iter().all(|check| check.rows.is_empty()));
    let foreign = Wanted { batch_no: "B2027-0001", ..Wanted::default() };
    let foreign = reconcile(year.app(), &city, foreign).await.map(|found| found.batches);
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    let auditor = actor(world, "audit", "auditor", "350000", None).await;
    let found = reconcile(year.app(), &auditor, Wanted::default()).await.unwrap();
    assert_eq!((found.batches, found.checks[1].rows.len()), (1, 1));
    let hr = reconcile(year.app(), &year.offices.town.hr, Wanted::default()).await.map(|f| f.total);
    assert!(matches!(hr, Err(Error::Forbidden(_))));
}
