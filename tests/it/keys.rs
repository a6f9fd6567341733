//! A database opens with its own master key only, and no command makes another one for it.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use juncai::app::{App, Unopened};
use juncai::clock::Clock;
use juncai::store::account::NewOrganisation;
use juncai::store::key_check;
use juncai::vault::{Vault, place};
use sea_orm::{ConnectionTrait, Statement};

use crate::on_both;
use crate::world::{World, employ};

on_both! {
    no_command_opens_a_database_with_another_key_or_makes_one_for_it => commands;
    an_installation_brings_its_own_bank_forms => own_forms;
    a_database_of_old_is_bound_to_the_key_that_opens_what_is_sealed => of_old;
}

async fn opened(world: &World, key: u8) -> Result<App, Unopened> {
    App::open(&world.url, Vault::new(&[key; 32]), Clock::system()).await
}

/// Runs the program on the world's database, with its data folder elsewhere.
fn run(world: &World, data: &Path, key: Option<u8>, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
    command.args(args).env("JUNCAI_DATABASE_URL", &world.url).env("JUNCAI_DATA", data);
    command.env_remove("JUNCAI_MASTER_KEY");
    if let Some(key) = key {
        command.env("JUNCAI_MASTER_KEY", BASE64.encode([key; 32]));
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn commands(world: World) {
    assert!(matches!(opened(&world, 1).await, Err(Unopened::OtherKey)));
    let changed = world.app.db.read().execute_unprepared("UPDATE key_check SET value = 'x'").await;
    assert!(changed.unwrap_err().to_string().contains("key_check_is_append_only"));

    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let (sheet, copy) = (folder.path().join("list.csv"), copy.to_str().unwrap().to_owned());
    std::fs::write(&sheet, "企业名称\n").unwrap();
    let sheet = sheet.to_str().unwrap();
    // An address that is nobody's here: a server that got so far would say something else.
    for args in [
        &["serve", "--listen", "192.0.2.1:1"][..],
        &["tick"],
        &["compute", "--year", "2026"],
        &["import", "enterprises", sheet, "--as", "lin"],
        &["backup", &copy],
    ] {
        let missing = run(&world, &data, None, args);
        assert!(!missing.status.success(), "{args:?}");
        assert!(said(&missing).contains("没有找到主密钥"), "{args:?}: {}", said(&missing));
        assert!(said(&missing).contains("请放回原来的 master.key"), "{}", said(&missing));
        assert!(!data.join("master.key").exists(), "{args:?} made a key");
        let other = run(&world, &data, Some(1), args);
        assert!(!other.status.success(), "{args:?}");
        let text = said(&other);
        assert!(text.contains("不是这个数据库使用的主密钥"), "{args:?}: {text}");
    }
    let check = ["import", "enterprises", sheet, "--check"];
    assert!(said(&run(&world, &data, Some(1), &check)).contains("不是这个数据库使用的主密钥"));
    let own = run(&world, &data, Some(42), &["tick"]);
    assert!(own.status.success(), "{}", said(&own));
}

async fn own_forms(world: World) {
    let folder = tempfile::tempdir().unwrap();
    let (data, forms) = (folder.path().join("data"), folder.path().join("forms"));
    std::fs::create_dir_all(forms.join("bank")).unwrap();
    let tick = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
        command.arg("tick").env("JUNCAI_DATABASE_URL", &world.url).env("JUNCAI_DATA", &data);
        command.env("JUNCAI_MASTER_KEY", BASE64.encode([42; 32])).env("JUNCAI_PROFILES", &forms);
        command.output().unwrap()
    };
    let shipped = std::fs::read_to_string("profiles/bank/ccb-1.toml").unwrap();
    let put = |file: &str, text: &str| std::fs::write(forms.join(file), text).unwrap();
    // A form of one's own and the treasury's codes are read.
    put("bank/boc.toml", &shipped.replacen("ccb-1", "boc-1", 1));
    put("voucher.toml", "FundTypeCode = \"11\"");
    let good = tick();
    assert!(good.status.success(), "{}", said(&good));
    // What is wrong with one stops the start and is named.
    for (file, text, why) in [
        ("bank/ccb.toml", shipped.as_str(), "no other profile"),
        ("bank/ccb.toml", "name = 1", "ccb.toml"),
        ("voucher.toml", "PayAmt = \"1\"", "PayAmt"),
    ] {
        put(file, text);
        let wrong = tick();
        assert!(!wrong.status.success() && said(&wrong).contains(why), "{}", said(&wrong));
        if file == "bank/ccb.toml" {
            std::fs::remove_file(forms.join(file)).unwrap();
        }
    }
}

async fn of_old(world: World) {
    let db = &world.app.db;
    for table in ["key_check", "data_key"] {
        let on = if db.is_postgres() { format!(" ON {table}") } else { String::new() };
        let trigger = format!("DROP TRIGGER {table}_no_delete{on}");
        db.read().execute_unprepared(&trigger).await.unwrap();
    }
    let forget = "DELETE FROM data_key; DELETE FROM key_check";
    // Given nothing that is sealed, then any key will do, once.
    db.read().execute_unprepared(forget).await.unwrap();
    opened(&world, 1).await.unwrap();
    assert!(matches!(opened(&world, 42).await, Err(Unopened::OtherKey)));

    // Given a sealed value, then only the key that opens it.
    db.read().execute_unprepared(forget).await.unwrap();
    let tx = db.begin().await.unwrap();
    let office = NewOrganisation {
        code: "HR",
        kind: "hr_office",
        name: "人社",
        division: "350000",
        enterprise_id: None,
    };
    let now = world.app.clock.now();
    let account =
        employ(&tx, &office, ("S1", "林一"), ("lin", "hr_province"), now).await.account_id;
    let sealed = world.app.vault.seal(place::MAIL, b"lin@example.org").unwrap();
    let sql = "INSERT INTO mail_preference (account_id, rhythm, address_cipher, changed_at) \
               VALUES ($1, 'each', $2, $3)";
    let values = [account.into(), sealed.into(), now.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await.unwrap();
    tx.commit().await.unwrap();
    assert!(key_check::is_bound(db.read()).await.unwrap());
    assert!(matches!(opened(&world, 1).await, Err(Unopened::OtherKey)));
    assert_eq!(key_check::known(db.read()).await.unwrap(), None, "nothing was written");
    opened(&world, 42).await.unwrap();
    assert!(key_check::known(db.read()).await.unwrap().is_some());
}
