//! The registry's two times, kept by the database itself.

use chrono::NaiveDate;
use juncai::domain::period::Period;
use juncai::domain::registry::{RosterEntry, RosterStatus, Stated};
use juncai::store::fact::{self, Versions};
use juncai::store::{account, audit, source};
use sea_orm::ConnectionTrait;

use crate::on_both;
use crate::world::{World, at, employ};

on_both! {
    overlapping_live_roster_entries_are_refused_by_the_database => overlap;
    a_fact_can_be_superseded_once_and_never_edited_or_deleted => append_only;
    what_was_known_at_an_instant_is_answered_for_any_instant => known_at;
    a_changed_audit_row_is_named => tampering;
}

/// Two enterprises, one person, an account and a document: the ids of person, enterprises, source.
struct Ground {
    person: i64,
    enterprises: [i64; 2],
    source: i64,
    account: i64,
    organisation: i64,
}

async fn ground(world: &World) -> Ground {
    let now = world.app.clock.now();
    let tx = world.app.db.begin().await.unwrap();
    let office = account::NewOrganisation {
        code: "HR-350000",
        kind: "hr_office",
        name: "福建省人力资源和社会保障厅",
        division: "350000",
        enterprise_id: None,
    };
    let hr = employ(&tx, &office, ("S1", "林一"), ("lin", "hr_province"), now).await;
    let (organisation, account) = (hr.organisation_id, hr.account_id);
    let document = source::NewSource {
        kind: "decision",
        title: "测试",
        document_no: "",
        import_id: None,
        recorded_by: account,
        recorded_at: now,
    };
    let source = source::record(&tx, &document).await.unwrap();
    tx.execute_unprepared(
        "INSERT INTO person (id, person_no, created_at) VALUES (1, 'P1', '2026-01-05T01:00:00+00:00')",
    )
    .await
    .unwrap();
    for (id, uscc) in [(1, "91350100MAFAKE000K"), (2, "91350200MAFAKE019M")] {
        tx.execute_unprepared(&format!(
            "INSERT INTO enterprise (id, uscc, created_at) \
             VALUES ({id}, '{uscc}', '2026-01-05T01:00:00+00:00')"
        ))
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    Ground { person: 1, enterprises: [1, 2], source, account, organisation }
}

fn entry(
    ground: &Ground,
    enterprise: usize,
    from: &str,
    through: Option<&str>,
    recorded: &str,
) -> Stated<RosterEntry> {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    Stated {
        id: 0,
        about: ground.person,
        period: Period::new(day(from), through.map(day)).unwrap(),
        fact: RosterEntry {
            enterprise_id: ground.enterprises[enterprise],
            status: RosterStatus::Confirmed,
        },
        recorded_at: at(recorded),
        recorded_by: ground.account,
        source_id: ground.source,
        reason: String::new(),
        supersedes: None,
        superseded_at: None,
    }
}

async fn overlap(world: World) {
    let ground = ground(&world).await;
    let recorded = "2026-01-05T09:00:00+08:00";
    let tx = world.app.db.begin().await.unwrap();
    let first = entry(&ground, 0, "2026-01-01", Some("2026-05-31"), recorded);
    fact::state(&tx, vec![first]).await.unwrap();
    tx.commit().await.unwrap();

    for (from, through, allowed) in [
        ("2026-05-31", None, false),
        ("2025-01-01", Some("2026-01-01"), false),
        ("2025-01-01", None, false),
        ("2026-02-01", Some("2026-02-01"), false),
        ("2025-01-01", Some("2025-12-31"), true),
        ("2026-06-01", None, true),
    ] {
        let tx = world.app.db.begin().await.unwrap();
        let second = entry(&ground, 1, from, through, recorded);
        let stated = fact::state(&tx, vec![second]).await;
        assert_eq!(stated.is_ok(), allowed, "{from}..{through:?}: {stated:?}");
        if let Err(refusal) = stated {
            assert!(refusal.to_string().contains("roster_entry_overlap"), "{refusal}");
        }
        tx.rollback().await.unwrap();
    }
}

async fn append_only(world: World) {
    let ground = ground(&world).await;
    let tx = world.app.db.begin().await.unwrap();
    let first = entry(&ground, 0, "2026-01-01", None, "2026-01-05T09:00:00+08:00");
    fact::state(&tx, vec![first]).await.unwrap();
    tx.commit().await.unwrap();
    let id =
        fact::facts_of::<RosterEntry>(world.app.db.read(), 1, Versions::Live).await.unwrap()[0].id;

    for edit in [
        "UPDATE roster_entry SET valid_from = '2025-12-01'",
        "UPDATE roster_entry SET status = 'declared'",
        "UPDATE roster_entry SET recorded_at = '2020-01-01T00:00:00+00:00'",
        "DELETE FROM roster_entry",
    ] {
        let refused = world.app.db.read().execute_unprepared(edit).await.unwrap_err();
        assert!(refused.to_string().contains("roster_entry_is_append_only"), "{edit}: {refused}");
    }
    let later = at("2026-02-01T09:00:00+08:00");
    let tx = world.app.db.begin().await.unwrap();
    fact::supersede::<RosterEntry>(&tx, id, later, ground.source).await.unwrap();
    assert!(fact::supersede::<RosterEntry>(&tx, id, later, ground.source).await.is_err());
    tx.commit().await.unwrap();
    let reopen = "UPDATE roster_entry SET superseded_at = NULL, superseded_source_id = NULL";
    assert!(world.app.db.read().execute_unprepared(reopen).await.is_err());
}

async fn known_at(world: World) {
    let ground = ground(&world).await;
    let tx = world.app.db.begin().await.unwrap();
    let first = entry(&ground, 0, "2026-01-01", None, "2026-01-05T09:00:00+08:00");
    fact::state(&tx, vec![first]).await.unwrap();
    let id = fact::facts_of::<RosterEntry>(&tx, 1, Versions::Live).await.unwrap()[0].id;
    let ended = entry(&ground, 0, "2026-01-01", Some("2026-03-31"), "2026-04-10T09:00:00+08:00");
    fact::correct(&tx, id, ended).await.unwrap();
    tx.commit().await.unwrap();

    let through_as_known = async |instant: &str| {
        let versions = Versions::KnownAt(at(instant));
        let facts = fact::facts_of::<RosterEntry>(world.app.db.read(), 1, versions).await.unwrap();
        facts.iter().map(|stated| stated.period.through).collect::<Vec<_>>()
    };
    let march = NaiveDate::from_ymd_opt(2026, 3, 31);
    assert_eq!(through_as_known("2026-01-05T08:59:59+08:00").await, vec![]);
    assert_eq!(through_as_known("2026-01-05T09:00:00+08:00").await, vec![None]);
    assert_eq!(through_as_known("2026-04-10T08:59:59+08:00").await, vec![None]);
    assert_eq!(through_as_known("2026-04-10T09:00:00+08:00").await, vec![march]);
}

async fn tampering(world: World) {
    let ground = ground(&world).await;
    let detail = serde_json::json!({"rows": 3});
    for number in 1..=6 {
        let tx = world.app.db.begin().await.unwrap();
        let event = audit::Event {
            organisation_id: ground.organisation,
            at: world.app.clock.now(),
            login: "lin",
            role: "hr_province",
            address: "127.0.0.1",
            action: "import.confirmed",
            object_kind: "import",
            object_no: &format!("I{number}"),
            detail: &detail,
        };
        audit::append(&tx, &event).await.unwrap();
        if number == 4 {
            audit::seal(&tx, world.app.clock.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let whole = audit::verify(world.app.db.read()).await.unwrap();
    assert_eq!(
        (whole.chains, whole.seals, whole.breaks),
        (vec![(ground.organisation, 6)], 1, vec![])
    );
    let refused =
        world.app.db.read().execute_unprepared("UPDATE audit_event SET login = 'x'").await;
    assert!(refused.unwrap_err().to_string().contains("audit_event_is_append_only"));

    // Whoever owns the database can drop the guard; the chain still tells.
    let drop = |trigger: &str| {
        if world.app.db.is_postgres() {
            format!("DROP TRIGGER {trigger} ON audit_event")
        } else {
            format!("DROP TRIGGER {trigger}")
        }
    };
    for trigger in ["audit_event_no_update", "audit_event_no_delete"] {
        world.app.db.read().execute_unprepared(&drop(trigger)).await.unwrap();
    }
    let tampered = async |change: &str, undo: &[&str]| {
        let conn = world.app.db.read();
        conn.execute_unprepared(change).await.unwrap();
        let found = audit::verify(conn).await.unwrap().breaks;
        for sql in undo {
            conn.execute_unprepared(sql).await.unwrap();
        }
        found
    };
    let link = |seq| vec![audit::Break::Link { organisation_id: ground.organisation, seq }];
    let keep = "CREATE TABLE kept AS SELECT * FROM audit_event";
    world.app.db.read().execute_unprepared(keep).await.unwrap();
    let restore = ["DELETE FROM audit_event", "INSERT INTO audit_event SELECT * FROM kept"];
    for (change, seq) in [
        ("UPDATE audit_event SET object_no = 'I9' WHERE seq = 3", 3),
        ("DELETE FROM audit_event WHERE seq = 2", 2),
        ("DELETE FROM audit_event WHERE seq = 6", 6),
        ("UPDATE audit_event SET seq = 100 WHERE seq = 5", 5),
    ] {
        assert_eq!(tampered(change, &restore).await, link(seq), "{change}");
    }
    assert_eq!(audit::verify(world.app.db.read()).await.unwrap().breaks, vec![]);
    // An end cut off together with its head is found by the seal that knew it.
    let cut = "DELETE FROM audit_event WHERE seq > 3; UPDATE audit_head SET seq = 3, hash = \
               (SELECT hash FROM audit_event WHERE seq = 3)";
    let found = tampered(cut, &[]).await;
    assert_eq!(found, vec![audit::Break::Cut { organisation_id: ground.organisation, seq: 4 }]);
}
