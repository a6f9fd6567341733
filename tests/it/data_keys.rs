//! The keys of a database: a new one, of either suite, comes into force while everybody works, and
//! another master key is put around them without a value being touched.

use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use juncai::app::{App, Unopened};
use juncai::clock::Clock;
use juncai::domain::registry::Code;
use juncai::service::keys::{Resealed, announce, keys, refresh, reseal, rewrap};
use juncai::store::db::Db;
use juncai::vault::{Suite, Vault, kind, place};
use sea_orm::ConnectionTrait;

use crate::directory::{RESIDENT, document};
use crate::on_both;
use crate::town::Town;
use crate::world::{Backend, World, fresh_postgres};

on_both! {
    a_new_key_seals_what_comes_and_what_was => rotation;
    a_sealed_value_gives_way_to_a_newer_key_alone => guarded;
    another_master_key_opens_the_same_values => rewrapped;
    a_new_database_may_begin_with_the_chinese_algorithms => chinese;
    the_command_lists_makes_and_wraps_keys => commands;
}

const OTHER: &str = "350102199003079981";

async fn sealed_documents(town: &Town) -> Vec<Vec<u8>> {
    use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
    entity::person_document::Entity::find()
        .select_only()
        .column(entity::person_document::Column::NumberCipher)
        .order_by_asc(entity::person_document::Column::Id)
        .into_tuple()
        .all(town.world.app.db.read())
        .await
        .unwrap()
}

fn opened(app: &App, sealed: &[u8]) -> String {
    app.vault.open_text(place::DOCUMENT, sealed).unwrap().to_string()
}

/// The number of the key that a value names; `None` for the first.
fn key_of(sealed: &[u8]) -> Option<u32> {
    (sealed[0] == 2).then(|| u32::from_be_bytes(sealed[1..5].try_into().unwrap()))
}

async fn rotation(world: World) {
    let mut town = Town::new(world).await;
    town.person(1).await;
    town.person(2).await;
    document(&town, 1, "resident_id", "CHN", RESIDENT).await;
    let (index, public_key) = {
        let vault = &town.world.app.vault;
        (vault.index(kind::DOCUMENT, RESIDENT), vault.public_key())
    };
    // Another process on the same database, with its own vault.
    let other = World::reopen(&town.world.url).await;

    let key = announce(&town.world.app, Suite::Gm).await.unwrap();
    assert_eq!((key.id, key.suite), (4, Suite::Gm), "after those for sealing, finding, signing");
    document(&town, 2, "resident_id", "CHN", OTHER).await;
    let sealed = sealed_documents(&town).await;
    assert_eq!(sealed.iter().map(|one| key_of(one)).collect::<Vec<_>>(), [None, None], "not yet");
    assert_eq!(reseal(&town.world.app).await.unwrap(), Resealed::default(), "nor resealed");

    // Two minutes later it is in force, and the other process has had time to learn of it.
    town.at("2026-01-05T09:02:00+08:00");
    refresh(&town.world.app).await.unwrap();
    refresh(&other.app).await.unwrap();
    let mail = town.world.app.vault.seal(place::DOCUMENT, b"new").unwrap();
    assert_eq!(key_of(&mail), Some(4));
    assert_eq!(opened(&other.app, &mail), "new", "whoever does not seal with it yet opens it");

    town.at("2026-01-05T09:04:00+08:00");
    let done = reseal(&town.world.app).await.unwrap();
    assert_eq!((done.values, done.broken), (2, 0));
    let sealed = sealed_documents(&town).await;
    assert!(sealed.iter().all(|one| key_of(one) == Some(4)));
    for app in [&town.world.app, &other.app] {
        assert_eq!([opened(app, &sealed[0]), opened(app, &sealed[1])], [RESIDENT, OTHER]);
    }
    assert_eq!(reseal(&town.world.app).await.unwrap(), Resealed::default(), "once");
    let vault = &town.world.app.vault;
    assert_eq!(vault.index(kind::DOCUMENT, RESIDENT), index, "found as before");
    assert_eq!(vault.public_key(), public_key, "signs as before");
    let told = "SELECT action FROM audit_event WHERE object_kind = 'data_key' ORDER BY id";
    assert_eq!(town.texts(told).await, ["key.announced", "key.resealed"]);
    // A program that starts now seals with it too.
    let late = App::open(&town.world.url, Vault::new(&[42; 32]), town.world.app.clock.clone());
    let late = late.await.unwrap();
    assert_eq!(key_of(&late.vault.seal(place::MAIL, b"x").unwrap()), Some(4));
    assert_eq!(opened(&late, &sealed[0]), RESIDENT);
}

async fn guarded(world: World) {
    let town = Town::new(world).await;
    town.person(1).await;
    document(&town, 1, "resident_id", "CHN", RESIDENT).await;
    // Sealed with the same key, or not sealed at all.
    let vault = &town.world.app.vault;
    let same = hex_of(&vault.seal(place::DOCUMENT, OTHER.as_bytes()).unwrap());
    let literal = |hex: &str| match town.world.backend() {
        Backend::Sqlite => format!("x'{hex}'"),
        Backend::Postgres => format!("decode('{hex}', 'hex')"),
    };
    for value in [same.replacen("01", "00", 1), "00".to_owned()] {
        let sql = format!("UPDATE person_document SET number_cipher = {}", literal(&value));
        let refused = town.try_sql(&sql).await.unwrap_err();
        assert!(refused.contains("person_document_number_cipher_is_sealed"), "{refused}");
    }
    let also = "UPDATE person_document SET number_masked = 'x'";
    let refused = town.try_sql(also).await.unwrap_err();
    assert!(refused.contains("person_document_is_append_only"), "{refused}");
    let keys = town.try_sql("UPDATE data_key SET suite = 'gm'").await.unwrap_err();
    assert!(keys.contains("data_key_is_append_only"), "{keys}");
}

fn hex_of(bytes: &[u8]) -> String {
    juncai::vault::hex(bytes)
}

async fn rewrapped(world: World) {
    let town = Town::new(world).await;
    town.person(1).await;
    document(&town, 1, "resident_id", "CHN", RESIDENT).await;
    let app = &town.world.app;
    let (before, public_key) = (sealed_documents(&town).await, app.vault.public_key());

    let new = Vault::new(&[9; 32]);
    assert_eq!(rewrap(app, &new).await.unwrap(), 3);

    let open = |key: u8| App::open(&town.world.url, Vault::new(&[key; 32]), Clock::system());
    assert!(matches!(open(42).await, Err(Unopened::OtherKey)), "the old one opens nothing");
    let opened_anew = open(9).await.unwrap();
    assert_eq!(sealed_documents(&town).await, before, "no value was touched");
    assert_eq!(opened(&opened_anew, &before[0]), RESIDENT);
    assert_eq!(opened_anew.vault.public_key(), public_key);
    // Whoever runs goes on with what it knows, and is told.
    assert!(refresh(app).await.is_err());
    assert_eq!(opened(app, &before[0]), RESIDENT);
}

async fn chinese(world: World) {
    // A database of the same kind in which nothing is sealed yet.
    let folder = tempfile::tempdir().unwrap();
    let url = match world.backend() {
        Backend::Sqlite => format!("sqlite://{}", folder.path().join("gm.db").display()),
        Backend::Postgres => empty_postgres().await,
    };
    let vault = || Vault::new(&[42; 32]).preferring(Suite::Gm);
    let app = App::open(&url, vault(), Clock::system()).await.unwrap();
    assert!(keys(&app).await.unwrap().iter().all(|key| key.suite == Suite::Gm));
    let sealed = app.vault.seal(place::MAIL, b"lin@example.org").unwrap();
    assert_eq!(key_of(&sealed), Some(3));
    let index = app.vault.index(kind::DOCUMENT, RESIDENT);
    assert_ne!(index, world.app.vault.index(kind::DOCUMENT, RESIDENT));
    // What was chosen when it was made holds, whatever a later start prefers.
    let again = App::open(&url, Vault::new(&[42; 32]), Clock::system()).await.unwrap();
    assert_eq!(again.vault.index(kind::DOCUMENT, RESIDENT), index);
    assert_eq!(*again.vault.open(place::MAIL, &sealed).unwrap(), b"lin@example.org");
    assert!(matches!(
        App::open(&url, Vault::new(&[1; 32]), Clock::system()).await,
        Err(Unopened::OtherKey)
    ));
    again.db.close().await.unwrap();
    app.db.close().await.unwrap();
    if world.backend() == Backend::Postgres {
        crate::world::drop_postgres(&url).await;
    }
}

/// A database on the test server in which nothing was ever sealed.
async fn empty_postgres() -> String {
    let url = fresh_postgres().await;
    let db = Db::connect(&url).await.unwrap();
    for table in ["key_check", "data_key"] {
        let sql = format!("DROP TRIGGER {table}_no_delete ON {table}; DELETE FROM {table};");
        db.read().execute_unprepared(&sql).await.unwrap();
    }
    db.close().await.unwrap();
    url
}

async fn commands(world: World) {
    let town = Town::new(world).await;
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("master.key");
    std::fs::write(&key_file, BASE64.encode([42; 32])).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&key_file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    let run = |args: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
        command.args(args).env("JUNCAI_DATABASE_URL", &town.world.url);
        command.env("JUNCAI_DATA", folder.path()).env_remove("JUNCAI_MASTER_KEY").output().unwrap()
    };
    let said = |args: &[&str]| {
        let output = run(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = said(&["key", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.contains(Suite::Intl.label()), "{listed}");
    let made = said(&["key", "new", "--suite", "gm"]);
    assert!(made.contains(Suite::Gm.label()) && made.contains("2 分钟后启用"), "{made}");
    assert!(said(&["key", "reseal"]).contains("0 项"), "it has not begun");
    let first = std::fs::read_to_string(&key_file).unwrap();
    let wrapped = said(&["key", "rewrap"]);
    assert!(wrapped.contains("4 个密钥"), "{wrapped}");
    let second = std::fs::read_to_string(&key_file).unwrap();
    assert_ne!(first, second);
    let old = std::fs::read_to_string(folder.path().join("master.key.old")).unwrap();
    assert_eq!(old, first, "an old backup opens with it");
    assert_eq!(said(&["key", "list"]).lines().count(), 4);
    assert!(!run(&["key", "new", "--suite", "rot13"]).status.success());
}
