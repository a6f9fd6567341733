//! An auditor sees one person's way on one screen, takes it along and checks it without the server.

use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Output};

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::file::evidence::{
    BATCHES, EVENTS, HashedSeal, MANIFEST, Manifest, ProvedEvent, SEALS, SIGNATURE, Signature,
    check, signed_text, written,
};
use juncai::file::hash::sha256_hex;
use juncai::store::audit;
use juncai::vault::Vault;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::browser_like::{Seen, Visitor};
use crate::fixture_payment::{account_number, paid};
use crate::on_both;
use crate::world::World;
use crate::yearly::{Year, year};

on_both! {
    one_screen_leads_from_the_list_document_to_the_bank_serial => screen;
    a_bundle_is_checked_without_the_server_and_any_change_is_named => bundle;
    a_bundle_of_a_batch_holds_all_its_persons => batch;
    events_that_somebody_else_signs_anew_prove_nothing => forged;
    only_auditors_see_chains_and_take_bundles => others;
    seals_of_an_older_program_stay_good => old_seals;
}

const PERSON: &str = "/audit/persons/E000001";
const BUNDLE: &str = "/audit/persons/E000001/bundle";

/// Both persons are paid; then it turns out that the first left in October.
async fn paid_and_corrected(world: World) -> Year {
    let mut year = year(world).await;
    year.through_offices().await;
    year.must(&year.offices.approver, "release").await;
    year.answered(|no| {
        let row = |seq: u8, serial| paid(&format!("{no}-1-0000{seq}"), "200000.00", serial);
        row(1, "YH20270310001") + &row(2, "YH20270310002")
    })
    .await;
    year.offices.town.at("2027-05-11T09:00:00+08:00");
    year.offices.town.left(1, "2026-10-31").await;
    year.offices.town.compute(2026).await;
    year
}

async fn auditor(year: &Year) -> Visitor {
    Visitor::with_role(year.app(), "auditor", Role::Auditor, "350000").await
}

async fn taken(auditor: &mut Visitor, page: &str, action: &str) -> Vec<u8> {
    auditor.get(page).await;
    let seen = auditor.post(action, &[("purpose", "2026 年度奖补专项审计")]).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text());
    assert_eq!(seen.headers["content-type"], "application/zip");
    seen.bytes.to_vec()
}

fn says(seen: &Seen, words: &[&str]) {
    let text = seen.text();
    for word in words {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
}

async fn screen(world: World) {
    let year = paid_and_corrected(world).await;
    let mut auditor = auditor(&year).await;
    let batch_no = year.offices.town.texts("SELECT batch_no FROM batch").await.remove(0);
    let file = year.offices.town.texts("SELECT file_sha256 FROM batch").await.remove(0);
    let returned = year.offices.town.texts("SELECT sha256 FROM bank_return").await.remove(0);
    let policy = year.offices.town.texts("SELECT sha256 FROM policy_document").await.remove(0);

    // From the log to the person by number, however it is typed.
    auditor.get("/audit").await;
    let seen = auditor.get("/audit/persons?no=e000001+").await;
    assert_eq!(auditor.at, PERSON);
    says(
        &seen,
        &[
            "闽测〔2026〕1号",
            "企业1，首批",
            "算法研发",
            "社保月份 12 个月",
            "企业申报",
            "县区核验通过",
            "市级核验通过",
            "省级批准",
            "2026年度核心工程师奖补公示",
            "2026 年度第 1 版（已被取代）",
            "2026 年度第 2 版（现行）",
            "闽财指〔2027〕1号",
            "附电子签名",
            "支付凭证 PZ-1",
            "银行流水号 YH20270310001",
            "待追回",
            &format!("编入批次 {batch_no}"),
            &file,
            &returned,
            &policy,
        ],
    );
    // The correction shows the old days and the new ones.
    says(&seen, &["更正：任职", "（2025-12-01起）；现：", "2025-12-01至2026-10-31"]);
    let order: Vec<String> = seen.texts("section h2");
    let place = |part: &str| order.iter().position(|title| title.ends_with(part)).unwrap();
    assert!(place("清单文件") < place("核定结果") && place("核定结果") < place("银行回单"));
    // Every link leads somewhere that the auditor may read.
    for href in seen.attributes("td a[href]", "href") {
        let led = auditor.get(&href).await;
        assert_eq!(led.status, StatusCode::OK, "{href}");
    }
    let person = auditor.get("/engineers/E000001").await;
    assert!(person.attributes("a", "href").contains(&PERSON.to_owned()));
    let lines = auditor.get(&format!("/batches/{batch_no}")).await;
    assert!(lines.attributes("a", "href").contains(&format!("{PERSON}?year=2026")));
    // Nothing about another year; nobody under another number.
    let other = auditor.get(&format!("{PERSON}?year=2024")).await;
    says(&other, &["没有记录"]);
    assert!(!other.text().contains("YH20270310001"));
    assert_eq!(auditor.get("/audit/persons/E999999").await.status, StatusCode::NOT_FOUND);
}

/// The files of an archive, in order.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().to_string();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.push((name, content));
    }
    files
}

fn packed(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// `juncai audit verify --bundle`, in a folder without any database.
fn verified(bytes: &[u8], key: Option<&str>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    std::fs::write(&path, bytes).unwrap();
    run(folder.path(), &path, key)
}

fn run(folder: &Path, bundle: &Path, key: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_juncai"));
    command.current_dir(folder).args(["audit", "verify", "--bundle"]).arg(bundle);
    if let Some(key) = key {
        command.args(["--key", key]);
    }
    command.output().unwrap()
}

fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn bundle(world: World) {
    let year = paid_and_corrected(world).await;
    let mut auditor = auditor(&year).await;
    // A purpose is asked for, and it is no place for a number.
    auditor.get(PERSON).await;
    for wrong in ["", "查", "核查 350102199003079981 的发放"] {
        let refused = auditor.post(BUNDLE, &[("purpose", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let bytes = taken(&mut auditor, PERSON, BUNDLE).await;
    let key = year.app().vault.public_key();
    let good = verified(&bytes, Some(&key));
    assert!(good.status.success(), "{}", words(&good));
    for word in ["公钥与给定的一致", "个文件与清单的校验值一致", "逐条证明", "证据包完整"]
    {
        assert!(words(&good).contains(word), "{}", words(&good));
    }
    let unknown = verified(&bytes, None);
    assert!(unknown.status.success() && words(&unknown).contains("请核对公钥"));
    let foreign = verified(&bytes, Some(&Vault::new(&[9; 32]).public_key()));
    assert!(!foreign.status.success() && words(&foreign).contains("不是该系统签发的"));

    // It recognises itself in the log, and shows no full number.
    let again = auditor.get(PERSON).await;
    says(&again, &["已制作的证据包", "2026 年度奖补专项审计", &sha256_hex(&bytes)]);
    says(&auditor.get("/audit?action=evidence.bundled").await, &["下载证据包", "E000001"]);
    let files = unpacked(&bytes);
    for (name, content) in &files {
        let text = String::from_utf8(content.clone()).unwrap();
        assert!(!text.contains(&account_number(1)), "{name}");
        assert!(!text.contains("E000002"), "{name} tells of somebody else");
    }
    let text = |name: &str| {
        let (_, content) = files.iter().find(|(held, _)| held == name).unwrap();
        String::from_utf8(content.clone()).unwrap()
    };
    assert!(text("bank.json").contains("YH20270310001"));
    assert!(!text("bank.json").contains("YH20270310002"));
    // Acts on both files at once are told under the first; every one of them is there.
    let acts = text("events.json").matches("case.moved_many").count();
    assert!(acts >= 5, "{acts} acts on many files");
    let versions: Vec<Value> = serde_json::from_str(&text("results.json")).unwrap();
    assert_eq!(versions.len(), 2);
    assert!(versions[0]["计算过程"].is_array() && versions[0]["被取代时间"].is_string());
    let facts: Value = serde_json::from_str(&text("facts.json")).unwrap();
    let ended = facts["事实"].as_array().unwrap().iter().filter(|f| f["被取代时间"].is_string());
    assert_eq!(ended.count(), 2, "the job and the roster entry as they were held before");

    // Any byte of any file, any file missing, one more, one twice: named.
    for (at, (name, content)) in files.iter().enumerate() {
        let step = (content.len() / 7).max(1);
        for place in (0..content.len()).step_by(step) {
            let mut changed = files.clone();
            changed[at].1[place] ^= 1;
            let fault = check(&packed(&changed), Some(&key)).fault.unwrap();
            let is_named = fault.contains(name.as_str());
            assert!(is_named, "{name} at {place}: {fault}");
        }
        let mut fewer = files.clone();
        fewer.remove(at);
        let fault = check(&packed(&fewer), None).fault.unwrap();
        assert!(fault.contains(name.as_str()), "{name}: {fault}");
    }
    let mut more = files.clone();
    more.push(("more.json".to_owned(), b"{}".to_vec()));
    let output = verified(&packed(&more), Some(&key));
    assert!(!output.status.success() && words(&output).contains("more.json"));
    let cut = verified(&bytes[..bytes.len() / 2], Some(&key));
    assert!(!cut.status.success() && words(&cut).contains("ZIP"), "{}", words(&cut));
}

async fn batch(world: World) {
    let year = paid_and_corrected(world).await;
    let mut auditor = auditor(&year).await;
    let no = year.offices.town.texts("SELECT batch_no FROM batch").await.remove(0);
    let page = auditor.get(&format!("/batches/{no}")).await;
    let here = format!("/audit/batches/{no}");
    assert!(page.attributes("a", "href").contains(&here));
    let bytes = taken(&mut auditor, &here, &format!("{here}/bundle")).await;
    let output = verified(&bytes, Some(&year.app().vault.public_key()));
    assert!(output.status.success(), "{}", words(&output));
    assert!(words(&output).contains(&format!("批次 {no}")));
    assert!(words(&output).contains("内容：2 个银行文件和回单文件"), "{}", words(&output));
    let files = unpacked(&bytes);
    let all: String =
        files.iter().map(|(_, content)| String::from_utf8_lossy(content).into_owned()).collect();
    for word in ["E000001", "E000002", "YH20270310001", "YH20270310002", "审批签名"] {
        assert!(all.contains(word), "{word}");
    }
    assert!(!all.contains(&account_number(1)) && !all.contains(&account_number(2)));
    says(&auditor.get(&here).await, &["已制作的证据包", &sha256_hex(&bytes)]);
    assert_eq!(auditor.get("/audit/batches/NONE").await.status, StatusCode::NOT_FOUND);
}

/// The bundle with other content, its manifest made anew and signed with another key.
fn signed_anew(files: &[(String, Vec<u8>)], vault: &Vault) -> Vec<u8> {
    let mut files = files.to_vec();
    let of = |files: &[(String, Vec<u8>)], name: &str| {
        files.iter().find(|(held, _)| held == name).unwrap().1.clone()
    };
    let mut manifest: Manifest = serde_json::from_slice(&of(&files, MANIFEST)).unwrap();
    for listed in &mut manifest.files {
        let content = of(&files, &listed.name);
        listed.size = u64::try_from(content.len()).unwrap();
        listed.sha256 = sha256_hex(&content);
    }
    let events: Vec<ProvedEvent> = serde_json::from_slice(&of(&files, EVENTS)).unwrap();
    let seals: Vec<HashedSeal> = serde_json::from_slice(&of(&files, SEALS)).unwrap();
    manifest.events = u64::try_from(events.len()).unwrap();
    manifest.seals = u64::try_from(seals.len()).unwrap();
    let last = seals.last().unwrap();
    (manifest.last_seal, manifest.last_seal_hash) = (last.seal.seq, last.hash.clone());
    let manifest = written(&manifest).unwrap();
    let signature = Signature {
        algorithm: "Ed25519".to_owned(),
        public_key: vault.public_key(),
        signature: vault.sign(&signed_text(&manifest)),
    };
    for (name, content) in &mut files {
        match name.as_str() {
            MANIFEST => content.clone_from(&manifest),
            SIGNATURE => *content = written(&signature).unwrap(),
            _ => {}
        }
    }
    packed(&files)
}

async fn forged(world: World) {
    let year = paid_and_corrected(world).await;
    let mut auditor = auditor(&year).await;
    let files = unpacked(&taken(&mut auditor, PERSON, BUNDLE).await);
    let (own, other) = (year.app().vault.public_key(), Vault::new(&[9; 32]));
    let at = |name: &str| files.iter().position(|(held, _)| held == name).unwrap();
    let events: Vec<ProvedEvent> = serde_json::from_slice(&files[at(EVENTS)].1).unwrap();
    let with = |events: &[ProvedEvent]| {
        let mut files = files.clone();
        files[at(EVENTS)].1 = written(&events).unwrap();
        signed_anew(&files, &other)
    };
    // Signed anew without a change it is of one piece, but not of this installation.
    assert_eq!(check(&with(&events), None).fault, None);
    let foreign = check(&with(&events), Some(&own)).fault.unwrap();
    assert!(foreign.contains(SIGNATURE), "{foreign}");
    let removed = check(&with(&events[1..]), Some(&own)).fault.unwrap();
    assert!(removed.contains(SIGNATURE), "{removed}");

    let fault = |events: &[ProvedEvent]| check(&with(events), None).fault.unwrap();
    for at in 0..events.len() {
        let mut changed = events.clone();
        changed[at].event.login = "somebody".to_owned();
        let told = fault(&changed);
        assert!(told.contains("内容与校验值不符"), "{told}");
        // Even with a hash that fits.
        changed[at].hash = changed[at].event.hash();
        let told = fault(&changed);
        let is_found = ["证明不成立", "不接前一条"].iter().any(|word| told.contains(word));
        assert!(is_found && told.contains(EVENTS), "{told}");
    }
    let mut swapped = events.clone();
    swapped.swap(0, 1);
    assert!(fault(&swapped).contains("次序不对"));
    let mut twice = events.clone();
    twice.insert(1, events[0].clone());
    assert!(fault(&twice).contains("次序不对"));
    let mut seals: Vec<HashedSeal> = serde_json::from_slice(&files[at(SEALS)].1).unwrap();
    seals[0].seal.heads = seals[0].seal.heads.replace('1', "2");
    let mut changed = files.clone();
    changed[at(SEALS)].1 = written(&seals).unwrap();
    let told = check(&signed_anew(&changed, &other), None).fault.unwrap();
    assert!(told.contains(SEALS) && told.contains("内容与校验值不符"), "{told}");
    // A bank file that the log does not tell of.
    let mut changed = files.clone();
    let mut batches: Value = serde_json::from_slice(&changed[at(BATCHES)].1).unwrap();
    batches[0]["银行文件校验值"] = "0".repeat(64).into();
    changed[at(BATCHES)].1 = written(&batches).unwrap();
    let told = check(&signed_anew(&changed, &other), None).fault.unwrap();
    assert!(told.contains("与日志所载不符"), "{told}");
}

async fn others(world: World) {
    let year = paid_and_corrected(world).await;
    let no = year.offices.town.texts("SELECT batch_no FROM batch").await.remove(0);
    let batch = format!("/audit/batches/{no}");
    let mut finance = Visitor::signed_in(year.app(), "maker").await;
    let mut clerk = Visitor::signed_in(year.app(), "clerk").await;
    for visitor in [&mut finance, &mut clerk] {
        for path in [PERSON, batch.as_str(), "/audit/persons?no=E000001"] {
            assert_eq!(visitor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        visitor.get("/engineers/E000001").await;
        for path in [BUNDLE, &format!("{batch}/bundle")] {
            let refused = visitor.post(path, &[("purpose", "看看别人的奖补")]).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        }
        let own = visitor.get("/engineers/E000001").await;
        assert!(!own.attributes("a", "href").iter().any(|href| href.starts_with("/audit")));
    }
    let made = "SELECT action FROM audit_event WHERE action = 'evidence.bundled'";
    assert!(year.offices.town.texts(made).await.is_empty());
}

async fn old_seals(world: World) {
    let year = paid_and_corrected(world).await;
    let app = year.app();
    // Given a seal as programs before this one wrote it: without trees.
    juncai::service::audit::seal(app).await.unwrap();
    let seal = juncai::store::audit_log::seals(app.db.read(), 1).await.unwrap().remove(0);
    let heads: Vec<Vec<Value>> = serde_json::from_str(&seal.heads).unwrap();
    assert!(heads.iter().all(|head| head.len() == 5 || head[0] == 0), "looks have no run");
    let bare: Vec<&[Value]> = heads.iter().map(|head| &head[..3]).collect();
    let mut old = seal.clone();
    old.heads = serde_json::to_string(&bare).unwrap();
    old.hash = audit::seal_hash(&old);
    let trigger = |name: &str| match app.db.is_postgres() {
        true => format!("DROP TRIGGER {name} ON audit_seal"),
        false => format!("DROP TRIGGER {name}"),
    };
    year.offices.town.sql(&trigger("audit_seal_no_update")).await;
    let (heads, hash, seq) = (&old.heads, &old.hash, old.seq);
    let change =
        format!("UPDATE audit_seal SET heads = '{heads}', hash = '{hash}' WHERE seq = {seq}");
    year.offices.town.sql(&change).await;
    assert_eq!(audit::verify(app.db.read()).await.unwrap().breaks, []);

    // When a bundle is made, then the next seal covers what that one only counted.
    let mut auditor = auditor(&year).await;
    let bytes = taken(&mut auditor, PERSON, BUNDLE).await;
    let found = check(&bytes, Some(&app.vault.public_key()));
    assert_eq!(found.fault, None, "{found:?}");
    let all = juncai::store::audit_log::seals(app.db.read(), 9).await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(audit::verify(app.db.read()).await.unwrap().breaks, []);
}
