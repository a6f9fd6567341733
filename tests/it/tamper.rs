//! Whoever owns the database changes its log at seeded random places; the verifier names the first
//! number that does not hold (S-14). `JUNCAI_TEST_TAMPER` makes it 10,000 events, `JUNCAI_TEST_SEED`
//! chooses the places.

use juncai::app::App;
use juncai::domain::head_line::HeadLine;
use juncai::file::heads;
use juncai::head_file::HeadFile;
use juncai::service::heads::export;
use juncai::store::account;
use juncai::store::audit::{self, Break, Verification, link_hash};
use juncai::store::db::Tx;
use juncai::store::record_view::{Look, note};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use crate::engine_random::Dice;
use crate::on_both;
use crate::world::{World, at, employ};

on_both! {
    the_first_bad_number_is_named_wherever_a_row_is_changed => anywhere;
    a_rewriting_that_holds_in_itself_is_found_by_the_exported_heads => consistent;
    looks_at_records_are_under_the_seals => looks;
}

/// An office to write events for.
pub async fn office(world: &World, code: &str) -> i64 {
    let office = account::NewOrganisation {
        code,
        kind: "hr_office",
        name: code,
        division: "350000",
        enterprise_id: None,
    };
    let tx = world.app.db.begin().await.unwrap();
    let id = account::ensure_organisation(&tx, &office, world.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Writes an event of an office.
pub async fn tell(tx: &Tx, organisation_id: i64, object_no: &str) {
    let event = audit::Event {
        organisation_id,
        at: at("2026-01-05T09:00:00+08:00"),
        login: "lin",
        role: "hr_province",
        address: "127.0.0.1",
        action: "import.confirmed",
        object_kind: "import",
        object_no,
        detail: &serde_json::json!({ "rows": 3 }),
    };
    audit::append(tx, &event).await.unwrap();
}

/// Lets the owner of the database do what they like.
pub async fn disarm(app: &App) {
    for (table, name) in [
        ("audit_event", "audit_event_no_update"),
        ("audit_event", "audit_event_no_delete"),
        ("audit_seal", "audit_seal_no_update"),
        ("audit_seal", "audit_seal_no_delete"),
        ("record_view", "record_view_no_update"),
        ("record_view", "record_view_no_delete"),
        ("record_view", "record_view_sealed_once"),
    ] {
        let on = if app.db.is_postgres() { format!(" ON {table}") } else { String::new() };
        let sql = format!("DROP TRIGGER {name}{on}");
        app.db.read().execute_unprepared(&sql).await.unwrap();
    }
}

/// How many events, how many places for each kind of change, and the dice.
fn size() -> (i64, u64, Dice, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("JUNCAI_TEST_SEED").unwrap_or(14);
    let is_full = std::env::var_os("JUNCAI_TEST_TAMPER").is_some();
    let (events, places) = if is_full { (10_000, 40) } else { (240, 8) };
    (events, places, Dice(seed), seed)
}

/// Two chains of which the first has `events` events, sealed every few dozen; the offices, and the
/// lines of the exported heads.
pub async fn written(world: &mut World, events: i64) -> ([i64; 2], Vec<HeadLine>) {
    let offices = [office(world, "A").await, office(world, "B").await];
    let tx = world.app.db.begin().await.unwrap();
    for number in 1..=events {
        tell(&tx, offices[0], &format!("I{number}")).await;
        if number % 7 == 0 {
            tell(&tx, offices[1], &format!("J{number}")).await;
        }
        if number % 40 == 0 {
            audit::seal(&tx, at("2026-01-05T09:00:00+08:00")).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let file = HeadFile::in_folder(world.folder.path());
    world.app.heads = Some(file.clone());
    export(&world.app).await.unwrap();
    let heads = heads::check(&file.read().unwrap(), &world.app.vault.public_key()).unwrap();
    assert_eq!(heads.lines.len() as i64, events / 40);
    disarm(&world.app).await;
    (offices, heads.lines)
}

/// The events of a chain from a number on.
async fn from(tx: &Tx, office: i64, seq: i64) -> Vec<entity::audit_event::Model> {
    use entity::audit_event::{Column, Entity};
    let rows =
        Entity::find().filter(Column::OrganisationId.eq(office)).filter(Column::Seq.gte(seq));
    rows.order_by_asc(Column::Seq).all(tx).await.unwrap()
}

/// One of the ways to change a chain at a number; returns the number that must be named.
async fn change(tx: &Tx, kind: u64, office: i64, seq: i64, other: i64) -> i64 {
    let run = async |sql: String| tx.execute_unprepared(&sql).await.unwrap();
    let here = format!("organisation_id = {office}");
    let both = [seq.min(other), seq.max(other)];
    match kind {
        0 => {
            run(format!("UPDATE audit_event SET object_no = 'I0' WHERE {here} AND seq = {seq}"))
                .await;
            seq
        }
        1 => {
            run(format!("DELETE FROM audit_event WHERE {here} AND seq = {seq}")).await;
            seq
        }
        2 => {
            // Room is made, and a row put in that has its right hash: the next one betrays it.
            let mut forged = from(tx, office, seq).await.remove(0);
            run(format!("UPDATE audit_event SET seq = seq + 100000 WHERE {here} AND seq >= {seq}"))
                .await;
            run(format!("UPDATE audit_event SET seq = seq - 99999 WHERE {here} AND seq > 100000"))
                .await;
            "I0".clone_into(&mut forged.object_no);
            forged.hash = link_hash(&forged);
            let mut forged = forged.into_active_model().reset_all();
            forged.id = sea_orm::ActiveValue::NotSet;
            forged.insert(tx).await.unwrap();
            seq + 1
        }
        3 => {
            let [low, high] = both;
            run(format!("UPDATE audit_event SET seq = 100000 WHERE {here} AND seq = {low}")).await;
            run(format!("UPDATE audit_event SET seq = {low} WHERE {here} AND seq = {high}")).await;
            run(format!("UPDATE audit_event SET seq = {high} WHERE {here} AND seq = 100000")).await;
            low
        }
        4 => {
            run(format!("DELETE FROM audit_event WHERE {here} AND seq >= {seq}")).await;
            seq
        }
        _ => {
            // The end is cut off, and the head put back as if it had always been the end.
            run(format!("DELETE FROM audit_event WHERE {here} AND seq >= {seq}")).await;
            put_head_back(tx, office, seq - 1).await;
            seq
        }
    }
}

async fn put_head_back(tx: &Tx, office: i64, seq: i64) {
    let sql = format!(
        "UPDATE audit_head SET seq = {seq}, hash = COALESCE((SELECT hash FROM audit_event e \
         WHERE e.organisation_id = {office} AND e.seq = {seq}), '{}') \
         WHERE organisation_id = {office}",
        "0".repeat(64)
    );
    tx.execute_unprepared(&sql).await.unwrap();
}

fn named(found: &Verification, office: i64) -> Vec<i64> {
    let links = found.breaks.iter().filter_map(Break::link);
    links.filter(|(chain, _)| *chain == office).map(|(_, seq)| seq).collect()
}

async fn anywhere(mut world: World) {
    let (events, places, mut dice, seed) = size();
    let (offices, lines) = written(&mut world, events).await;
    for kind in 0..6 {
        for _ in 0..places {
            let mut seq = || 1 + dice.roll(events as u64) as i64;
            let (first, mut second) = (seq(), seq());
            if first == second {
                second = if first == 1 { 2 } else { first - 1 };
            }
            let tx = world.app.db.begin().await.unwrap();
            let expected = change(&tx, kind, offices[0], first, second).await;
            let mut found = audit::verify(&tx).await.unwrap();
            let case = format!("seed {seed}: change {kind} at {first} (and {second})");
            // Of a row put in where a seal ends, the seal tells as well.
            let bad = named(&found, offices[0]);
            assert!(bad.contains(&expected), "{case}: {:?}", found.breaks);
            assert!(kind == 2 || found.breaks.len() == 1, "{case}: {:?}", found.breaks);
            // The exported heads add nothing that is known already.
            audit::against(&tx, &lines, &mut found).await.unwrap();
            assert_eq!(named(&found, offices[0]), bad, "{case}");
            tx.rollback().await.unwrap();
        }
    }
    let whole = audit::verify(world.app.db.read()).await.unwrap();
    assert_eq!((whole.breaks, whole.seals), (vec![], events / 40));
}

/// Takes everything back from `seq` on, seals included, and with `again` writes it anew with one
/// thing changed, as the program itself would have: nothing in the database contradicts itself.
pub async fn rewrite(tx: &Tx, offices: [i64; 2], (seq, events): (i64, i64), again: bool) {
    let kept = from(tx, offices[0], seq).await;
    let sealed_before = (seq - 1) / 40;
    let run = async |sql: String| tx.execute_unprepared(&sql).await.unwrap();
    run(format!("DELETE FROM audit_seal WHERE seq > {sealed_before}")).await;
    run(format!("DELETE FROM audit_event WHERE organisation_id = {} AND seq >= {seq}", offices[0]))
        .await;
    put_head_back(tx, offices[0], seq - 1).await;
    if !again {
        audit::seal(tx, at("2026-01-05T09:00:00+08:00")).await.unwrap();
        return;
    }
    for (number, row) in (seq..=events).zip(kept) {
        let object_no = if number == seq { "I0".to_owned() } else { row.object_no };
        tell(tx, offices[0], &object_no).await;
        if number % 40 == 0 {
            audit::seal(tx, at("2026-01-05T09:00:00+08:00")).await.unwrap();
        }
    }
}

async fn consistent(mut world: World) {
    let (events, places, mut dice, seed) = size();
    let (offices, lines) = written(&mut world, events).await;
    for again in [true, false] {
        for _ in 0..places {
            let seq = 1 + dice.roll(events as u64) as i64;
            let case = format!("seed {seed}: again {again}, from {seq}");
            let tx = world.app.db.begin().await.unwrap();
            rewrite(&tx, offices, (seq, events), again).await;
            let mut found = audit::verify(&tx).await.unwrap();
            assert_eq!(found.breaks, vec![], "{case}: the database alone cannot tell");
            audit::against(&tx, &lines, &mut found).await.unwrap();
            let bad = found.breaks.iter().find(|b| b.link().is_some_and(|(c, _)| c == offices[0]));
            match bad {
                Some(Break::Rewritten { seq: first, through, .. }) if again => {
                    // Heads leave the machine every so often: between two of them is the place.
                    let sealed_before = (seq - 1) / 40 * 40;
                    assert_eq!((*first, *through), (sealed_before + 1, sealed_before + 40));
                }
                Some(Break::Cut { seq: first, .. }) if !again => assert_eq!(*first, seq, "{case}"),
                other => panic!("{case}: {other:?} of {:?}", found.breaks),
            }
            tx.rollback().await.unwrap();
        }
    }
    // Seals alone, cut or written anew at another time.
    let tx = world.app.db.begin().await.unwrap();
    tx.execute_unprepared("DELETE FROM audit_seal WHERE seq > 3").await.unwrap();
    let mut found = audit::verify(&tx).await.unwrap();
    assert_eq!(found.breaks, vec![]);
    audit::against(&tx, &lines, &mut found).await.unwrap();
    assert_eq!(found.breaks, vec![Break::Seal { seq: 4 }]);
    tx.rollback().await.unwrap();
}

async fn looks(world: World) {
    let app = &world.app;
    let now = app.clock.now();
    let tx = app.db.begin().await.unwrap();
    let hr = account::NewOrganisation {
        code: "HR",
        kind: "hr_office",
        name: "人社",
        division: "350000",
        enterprise_id: None,
    };
    let account_id = employ(&tx, &hr, ("S1", "林一"), ("lin", "hr_province"), now).await.account_id;
    for no in 1..=5 {
        let sql = format!(
            "INSERT INTO person (id, person_no, created_at) \
             VALUES ({no}, 'E{no}', '2026-01-05T01:00:00+00:00')"
        );
        tx.execute_unprepared(&sql).await.unwrap();
    }
    let look = |kind| Look { account_id, kind, day: app.clock.today(), at: now };
    note(&tx, look("record"), &["E1", "E2", "E3"]).await.unwrap();
    assert!(audit::seal(&tx, now).await.unwrap());
    assert!(!audit::seal(&tx, now).await.unwrap(), "nothing new");
    note(&tx, look("exported"), &["E4", "E5"]).await.unwrap();
    assert!(audit::seal(&tx, now).await.unwrap());
    tx.commit().await.unwrap();
    let whole = audit::verify(app.db.read()).await.unwrap();
    assert_eq!((whole.looks, whole.seals, whole.breaks), (5, 2, vec![]));
    let forged = "UPDATE record_view SET sealed_in = NULL";
    let refused = app.db.read().execute_unprepared(forged).await.unwrap_err().to_string();
    assert!(refused.contains("record_view_sealed_once"), "{refused}");

    disarm(app).await;
    for (change, seal) in [
        ("UPDATE record_view SET kind = 'year' WHERE person_id = 2", 1),
        ("DELETE FROM record_view WHERE person_id = 4", 2),
        ("UPDATE record_view SET sealed_in = NULL WHERE person_id = 3", 1),
        ("UPDATE record_view SET sealed_in = 2 WHERE person_id = 1", 1),
        ("UPDATE record_view SET account_id = account_id, on_day = '2026-01-01'", 1),
    ] {
        let tx = app.db.begin().await.unwrap();
        tx.execute_unprepared(change).await.unwrap();
        let found = audit::verify(&tx).await.unwrap().breaks;
        assert_eq!(found, vec![Break::Views { seal }], "{change}");
        tx.rollback().await.unwrap();
    }
}
