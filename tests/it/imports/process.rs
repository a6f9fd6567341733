//! `juncai import` as a process.

use std::process::{Command, Output};

use base64::Engine;
use juncai::file::form::ImportKind;

use super::ground::*;
use crate::on_both;
use crate::world::World;

on_both! {
    the_command_prints_the_expected_list_and_saves_nothing => checks;
    the_command_imports_for_an_account => imports;
}

const FAULTY: &str = "核心工程师申报-含错误.xlsx";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
    command.arg("import").args(arguments).env_remove("JUNCAI_DATABASE_URL");
    command
}

fn path(name: &str) -> String {
    format!("{}/../shared/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs the command against the installation of `world`.
fn run(world: &World, arguments: &[&str]) -> Output {
    let key = base64::engine::general_purpose::STANDARD.encode([42_u8; 32]);
    command(arguments)
        .env("JUNCAI_DATABASE_URL", &world.url)
        .env("JUNCAI_MASTER_KEY", key)
        .env("JUNCAI_DATA", world.folder.path())
        .output()
        .expect("the program runs")
}

async fn checks(world: World) {
    two_enterprises(&world).await;
    let expected = sample("核心工程师申报-含错误.expected.csv");
    let file = path(FAULTY);
    let asked = ["engineers", "--enterprise", E1, "--check", "--format", "csv", &file];

    let against_registry = run(&world, &asked);
    assert_eq!(against_registry.stdout, expected);
    assert_eq!(against_registry.status.code(), Some(1), "the file has errors");
    let stranger =
        ["engineers", "--enterprise", "91350802MAWYLF554M", "--check", "--format", "csv"];
    assert_eq!(run(&world, &[&stranger[..], &[&file]].concat()).stdout, expected);
    assert_eq!((persons(&world).await, sources(&world).await), (0, 1), "only the list is there");

    let nowhere = world.folder.path().join("nowhere");
    let alone = command(&asked).env("JUNCAI_DATA", &nowhere).output().expect("the program runs");
    assert_eq!(alone.stdout, expected);
    assert!(!nowhere.exists(), "a check makes no folder");
    let list = run(&world, &["enterprises", "--check", &path("骨干企业清单.xlsx")]);
    assert_eq!(list.status.code(), Some(0));
    let told = String::from_utf8(list.stdout).unwrap();
    assert_eq!(told.trim_end(), "共40行：可导入40行（其中0行登记中已有），有误0行");
}

async fn imports(world: World) {
    two_enterprises(&world).await;
    let file = path(FAULTY);
    let nobody = run(&world, &["engineers", &file]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("--as"));
    let filed = ["engineers", &file, "--enterprise", E1, "--as", E1];

    let refused = run(&world, &filed);
    assert_eq!((refused.status.code(), persons(&world).await), (Some(1), 0));

    let accepted = run(&world, &[&filed[..], &["--accept-good-rows"]].concat());
    let told = String::from_utf8_lossy(&accepted.stderr).into_owned();
    assert_eq!(accepted.status.code(), Some(0), "{told}");
    assert!(told.contains("已导入 13 行") && told.contains("11 行有误未导入"), "{told}");
    assert_eq!(persons(&world).await, 13);

    let template = world.folder.path().join("模板.csv");
    std::fs::write(&template, csv(ImportKind::Engineers, &[])).unwrap();
    let empty = run(&world, &["engineers", template.to_str().unwrap(), "--as", E1]);
    assert!(String::from_utf8_lossy(&empty.stderr).contains("没有数据行"));
}
