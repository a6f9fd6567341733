//! A backup made while the registry holds facts, and a restore that proves it is the same.

use juncai::clock::Clock;
use juncai::depot::Depot;
use juncai::service::backup::{BackupError, backup, restore};
use juncai::store::{account, audit};
use juncai::vault::Vault;

use crate::on_both;
use crate::world::{World, fresh_postgres};

on_both! {
    a_restore_equals_its_backup_and_refuses_what_it_must => roundtrip;
}

async fn roundtrip(world: World) {
    let folder = tempfile::tempdir().unwrap();
    let new = account::NewOrganisation {
        code: "rst",
        kind: "hr_office",
        name: "福建省人力资源和社会保障厅",
        division: "350000",
        enterprise_id: None,
    };
    let tx = world.app.db.begin().await.unwrap();
    let now = world.app.clock.now();
    let organisation_id = account::ensure_organisation(&tx, &new, now).await.unwrap();
    for n in 0..3 {
        let detail = serde_json::json!({ "n": n });
        let event = audit::Event {
            organisation_id,
            at: now,
            login: "x",
            role: "auditor",
            address: "127.0.0.1",
            action: "tried",
            object_kind: "nothing",
            object_no: "",
            detail: &detail,
        };
        audit::append(&tx, &event).await.unwrap();
    }
    tx.commit().await.unwrap();

    // Given a backup, when its folder is used again, then nothing is overwritten.
    let made = backup(&world.app, &world.url, folder.path()).await.unwrap();
    assert_eq!((made.rows["organisation"], made.rows["audit_event"]), (1, 3));
    let again = backup(&world.app, &world.url, folder.path()).await;
    assert!(matches!(again, Err(BackupError::Refused(_))), "{again:?}");

    // When it is restored into a new database, then every row, chain and the key are proven.
    let vault = Vault::new(&[42; 32]);
    let files = Depot::folder(&world.folder.path().join("restored")).unwrap();
    let target = if world.app.db.is_postgres() {
        fresh_postgres_without_tables().await
    } else {
        format!("sqlite://{}", world.folder.path().join("restored.db").display())
    };
    let other_key = restore(&target, &Vault::new(&[1; 32]), &files, folder.path()).await;
    assert!(matches!(other_key, Err(BackupError::Refused(_))), "{other_key:?}");
    assert_eq!(restore(&target, &vault, &files, folder.path()).await.unwrap(), made);
    let app = juncai::app::App::open(&target, vault.clone(), Clock::system()).await.unwrap();
    assert!(audit::verify(app.db.read()).await.unwrap().breaks.is_empty());

    // Then a database that holds something is never written to, and a changed file is refused.
    let occupied = restore(&target, &vault, &files, folder.path()).await;
    assert!(matches!(occupied, Err(BackupError::Refused(_))), "{occupied:?}");
    let file = folder.path().join(&made.file);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let changed = restore(&format!("{target}2"), &vault, &files, folder.path()).await;
    assert!(matches!(changed, Err(BackupError::Refused(_))), "{changed:?}");
}

async fn fresh_postgres_without_tables() -> String {
    let url = fresh_postgres().await;
    let db = juncai::store::db::Db::connect(&url).await.unwrap();
    let sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    sea_orm::ConnectionTrait::execute_unprepared(db.read(), sql).await.unwrap();
    db.close().await.unwrap();
    url
}
