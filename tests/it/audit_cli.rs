//! `juncai audit verify` on databases that it must not change, without server and without key.

use std::path::Path;
use std::process::{Command, Output};

use juncai::store::db::Db;
use juncai::vault::Vault;
use sea_orm::ConnectionTrait;

use crate::on_both;
use crate::tamper::{rewrite, written};
use crate::world::World;

on_both! {
    a_copy_is_verified_by_anybody_and_stays_as_it_is => copies;
}

/// `juncai audit verify` in an empty folder, with no installation around.
fn verify(args: &[&str], database_url: Option<&str>) -> Output {
    let nowhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
    command.current_dir(nowhere.path()).args(["audit", "verify"]).args(args);
    for name in ["JUNCAI_DATA", "JUNCAI_DATABASE_URL", "JUNCAI_MASTER_KEY"] {
        command.env_remove(name);
    }
    if let Some(url) = database_url {
        command.env("JUNCAI_DATABASE_URL", url);
    }
    let output = command.output().unwrap();
    let made = std::fs::read_dir(nowhere.path()).unwrap().count();
    assert_eq!(made, 0, "a verification makes nothing");
    output
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn holds(output: &Output, words: &[&str]) {
    assert!(output.status.success(), "{}", said(output));
    for word in words {
        assert!(said(output).contains(word), "{word} in {}", said(output));
    }
}

fn fails(output: &Output, words: &[&str]) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    for word in words {
        assert!(said(output).contains(word), "{word} in {}", said(output));
    }
}

/// What `--database` is given: a copy alone in a folder that nobody may write, or the address.
async fn copy(world: &World, name: &str) -> String {
    if world.app.db.is_postgres() {
        return world.url.clone();
    }
    let folder = world.folder.path().join(name);
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("副本 1.db");
    let sql = format!("VACUUM INTO '{}'", path.display());
    world.app.db.read().execute_unprepared(&sql).await.unwrap();
    read_only(&folder);
    path.to_str().unwrap().to_owned()
}

#[cfg(unix)]
fn read_only(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o555)).unwrap();
}

#[cfg(not(unix))]
fn read_only(_folder: &Path) {}

async fn copies(mut world: World) {
    let (offices, _) = written(&mut world, 120).await;
    let heads = world.folder.path().join("heads.jsonl");
    let (heads, key) = (heads.to_str().unwrap(), world.app.vault.public_key());
    let kept =
        |copy: &str| ["--database", copy, "--heads", heads, "--key", &key].map(str::to_owned);
    let with_heads = |copy: &str| {
        let args = kept(copy);
        verify(&args.each_ref().map(String::as_str), None)
    };

    // Given a copy, then it holds and is as it was, to the byte and without a file beside it.
    let whole = copy(&world, "whole").await;
    let before = std::fs::read(&whole).ok();
    holds(&verify(&["--database", &whole], None), &["2 条日志链共 137 条记录，3 个封存点"]);
    holds(&with_heads(&whole), &["第 1 至 3 号共 3 个导出的封存值", "与数据库一致"]);
    assert_eq!(std::fs::read(&whole).ok(), before);
    if let Some(folder) = Path::new(&whole).parent().filter(|_| before.is_some()) {
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    }
    // The installation itself, while it is open, and no key is asked for.
    holds(&verify(&[], Some(&world.url)), &["全部连续且未被改动"]);
    if let Some(file) = world.url.strip_prefix("sqlite://") {
        fails(&verify(&["--database", file], None), &["-wal", "juncai backup"]);
    }
    let other = Vault::new(&[1; 32]).public_key();
    let args = ["--database", &whole, "--heads", heads, "--key", &other];
    fails(&verify(&args, None), &["签名与公钥不符"]);
    fails(&verify(&["--database", "nothing.db"], None), &["没有找到数据库文件"]);

    // Given a tail that was cut with head and seals made to fit, then only the heads tell.
    let tx = world.app.db.begin().await.unwrap();
    rewrite(&tx, offices, (95, 120), false).await;
    tx.commit().await.unwrap();
    let cut = copy(&world, "cut").await;
    holds(&verify(&["--database", &cut], None), &["全部连续且未被改动"]);
    let office = offices[0];
    fails(&with_heads(&cut), &[&format!("单位 {office} 的日志链自序号 95 起缺少")]);

    // Given one written anew from there on, then they tell between which two heads.
    let tx = world.app.db.begin().await.unwrap();
    for number in 95..=120 {
        crate::tamper::tell(&tx, office, &format!("K{number}")).await;
    }
    tx.commit().await.unwrap();
    let anew = copy(&world, "anew").await;
    holds(&verify(&["--database", &anew], None), &["全部连续且未被改动"]);
    let text =
        format!("单位 {office} 的日志链自序号 81 起与当时的封存值不符（81 至 120 之间被改写）");
    fails(&with_heads(&anew), &[&text]);

    // Given a changed row, then it is named, heads or not.
    let change =
        format!("UPDATE audit_event SET login = 'x' WHERE organisation_id = {office} AND seq = 33");
    world.app.db.read().execute_unprepared(&change).await.unwrap();
    let edited = copy(&world, "edited").await;
    let named = format!("单位 {office} 的日志链自序号 33 起不成立");
    fails(&verify(&["--database", &edited], None), &[&named]);
    fails(&with_heads(&edited), &[&named]);

    // What is no database of ours is said to be none.
    if !world.app.db.is_postgres() {
        let empty = world.folder.path().join("empty.db");
        Db::connect(&format!("sqlite://{}", empty.display())).await.unwrap().close().await.unwrap();
        std::fs::remove_file(world.folder.path().join("empty.db-wal")).ok();
        fails(&verify(&["--database", empty.to_str().unwrap()], None), &["可能不是骏才的数据库"]);
    }
}
