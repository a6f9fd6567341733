//! Checking a bundle: nothing in it is trusted, neither names nor sizes, and the first thing that
//! does not hold is named.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zip::ZipArchive;

use super::{
    BANK, BANK_FILE, BATCH_NO, BATCHES, EVENTS, FORM, HashedSeal, MANIFEST, Manifest, ProvedEvent,
    RETURN_FILE, SEALS, SIGNATURE, Signature, is_signed, signed_text, written,
};
use crate::domain::chain::{Head, heads, root_of};
use crate::file::hash::sha256_hex;

/// Largest archive that is looked at, bytes.
pub const MAX_ARCHIVE: u64 = 256 << 20;
/// Most files in it.
const MAX_FILES: usize = 64;
/// Most marks of a record of the directory, of which content may hold some by chance.
const MAX_RECORDS: usize = 1_000;
/// Most bytes of all files together, unpacked.
const MAX_UNPACKED: u64 = 1 << 30;
/// Longest name of a file.
const MAX_NAME: usize = 64;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What holds, a sentence each, in the order of the check.
    pub holds: Vec<String>,
    /// The first thing that does not; `None` when everything holds.
    pub fault: Option<String>,
}

/// Checks a bundle. `key` is the public key of the installation from elsewhere; without it the
/// signature only shows that the bundle is of one piece.
pub fn check(archive: &[u8], key: Option<&str>) -> Checked {
    let mut holds = Vec::new();
    let fault = whole(archive, key, &mut holds).err();
    Checked { holds, fault }
}

fn whole(archive: &[u8], key: Option<&str>, holds: &mut Vec<String>) -> Result<(), String> {
    let files = unpack(archive)?;
    let manifest: Manifest = read(&files, MANIFEST)?;
    if manifest.form != FORM {
        return Err(format!("{MANIFEST} 的格式 {} 不是本程序认识的 {FORM}", plain(&manifest.form)));
    }
    let about = &manifest.about;
    let subject = if about.subject == "batch" { "批次" } else { "人员" };
    holds.push(format!(
        "证据包：{subject} {}，制作于 {}，用途：{}",
        plain(&about.number),
        about.made_at.to_rfc3339(),
        plain(&about.purpose)
    ));
    signed(&files, key, holds)?;
    listed(&files, &manifest)?;
    holds.push(format!("文件：{} 个文件与清单的校验值一致，没有多出的文件", manifest.files.len()));
    let events: Vec<ProvedEvent> = read(&files, EVENTS)?;
    let seals: Vec<HashedSeal> = read(&files, SEALS)?;
    counted(&manifest, &events, &seals)?;
    let ends = sealed(&seals)?;
    proved(&events, &ends)?;
    let last = manifest.last_seal;
    holds.push(format!(
        "日志：{} 条记录的内容与校验值一致，逐条证明在链中原位并被封存（共 {} 个封存点，最后一个为第 {last} 号，校验值 {}）",
        events.len(),
        seals.len(),
        manifest.last_seal_hash
    ));
    let told = told(&files, &events)?;
    holds.push(format!("内容：{told} 个银行文件和回单文件的校验值与日志所载一致"));
    Ok(())
}

/// Everything in the archive, within limits.
fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let damaged = |_| "这不是完整的 ZIP 文件".to_owned();
    // Counted before the directory is read: each of its records costs memory.
    if bytes.windows(4).filter(|window| window == b"PK\x01\x02").count() > MAX_RECORDS {
        return Err(format!("压缩包内的文件超过 {MAX_FILES} 个"));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_FILES {
        return Err(format!("压缩包内的文件超过 {MAX_FILES} 个"));
    }
    let mut files = BTreeMap::new();
    let mut rest = MAX_UNPACKED;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(damaged)?;
        let name = file.name().map_err(damaged)?.to_string();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.len() > MAX_NAME || name.starts_with('.') || !name.chars().all(is_plain) {
            return Err(format!("压缩包内有不该有的文件名 {}", plain(&name)));
        }
        let mut content = Vec::new();
        let read = file.take(rest + 1).read_to_end(&mut content);
        read.map_err(|_| format!("{name} 无法解压，压缩包已损坏"))?;
        rest = u64::try_from(content.len())
            .ok()
            .and_then(|size| rest.checked_sub(size))
            .ok_or_else(|| format!("解压到 {name} 时超过 {} MB", MAX_UNPACKED >> 20))?;
        if files.insert(name.clone(), content).is_some() {
            return Err(format!("{name} 在压缩包内出现两次"));
        }
    }
    Ok(files)
}

/// A file of the bundle as it must be written: byte for byte what writing it again gives.
fn read<T: DeserializeOwned + Serialize>(
    files: &BTreeMap<String, Vec<u8>>,
    name: &str,
) -> Result<T, String> {
    let bytes = files.get(name).ok_or_else(|| format!("缺少 {name}"))?;
    let value: T = serde_json::from_slice(bytes).map_err(|_| format!("{name} 不是规定的格式"))?;
    if written(&value).ok().as_ref() != Some(bytes) {
        return Err(format!("{name} 被改动过：不是本程序写出的形式"));
    }
    Ok(value)
}

fn signed(
    files: &BTreeMap<String, Vec<u8>>,
    key: Option<&str>,
    holds: &mut Vec<String>,
) -> Result<(), String> {
    let signature: Signature = read(files, SIGNATURE)?;
    let manifest = files.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
    if signature.algorithm != "Ed25519" {
        return Err(format!("{SIGNATURE} 的签名算法不是 Ed25519"));
    }
    if key.is_some_and(|key| !key.trim().eq_ignore_ascii_case(&signature.public_key)) {
        return Err(format!("{SIGNATURE} 的公钥与给定的公钥不同：证据包不是该系统签发的"));
    }
    if !is_signed(&signature.public_key, &signed_text(manifest), &signature.signature) {
        return Err(format!("签名不成立：{MANIFEST} 或 {SIGNATURE} 被改动过"));
    }
    holds.push(match key {
        Some(_) => "签名：成立，公钥与给定的一致".to_owned(),
        None => format!(
            "签名：与包内公钥一致；没有给定公钥，不能断定由谁签发，请核对公钥 {}",
            plain(&signature.public_key)
        ),
    });
    Ok(())
}

/// The files are those of the manifest, no more and no fewer, with their hashes.
fn listed(files: &BTreeMap<String, Vec<u8>>, manifest: &Manifest) -> Result<(), String> {
    let mut names = BTreeSet::from([MANIFEST, SIGNATURE]);
    for file in &manifest.files {
        let name = file.name.as_str();
        if !names.insert(name) {
            return Err(format!("{MANIFEST} 两次列出 {}", plain(name)));
        }
        let bytes = files.get(name).ok_or_else(|| format!("缺少 {}", plain(name)))?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size != file.size || sha256_hex(bytes) != file.sha256 {
            return Err(format!("{} 的内容与 {MANIFEST} 所载校验值不符", plain(name)));
        }
    }
    match files.keys().find(|name| !names.contains(name.as_str())) {
        Some(name) => Err(format!("{name} 不在 {MANIFEST} 中")),
        None => Ok(()),
    }
}

fn counted(
    manifest: &Manifest,
    events: &[ProvedEvent],
    seals: &[HashedSeal],
) -> Result<(), String> {
    let len = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let last = seals.last().map_or((0, ""), |last| (last.seal.seq, last.hash.as_str()));
    if len(events.len()) != manifest.events {
        return Err(format!("{EVENTS} 有 {} 条，清单载明 {} 条", events.len(), manifest.events));
    }
    if len(seals.len()) != manifest.seals
        || last != (manifest.last_seal, manifest.last_seal_hash.as_str())
    {
        return Err(format!("{SEALS} 与清单载明的封存点不符"));
    }
    Ok(())
}

/// The ends of the chains in each seal, once the hashes of the seals hold.
fn sealed(seals: &[HashedSeal]) -> Result<BTreeMap<i64, Vec<Head>>, String> {
    let mut ends = BTreeMap::new();
    let mut before: Option<&HashedSeal> = None;
    for one in seals {
        let seq = one.seal.seq;
        if one.seal.hash() != one.hash {
            return Err(format!("{SEALS}：第 {seq} 号封存点的内容与校验值不符"));
        }
        if before.is_some_and(|before| before.seal.seq >= seq) {
            return Err(format!("{SEALS}：第 {seq} 号封存点的次序不对"));
        }
        let follows = before
            .is_none_or(|before| before.seal.seq + 1 < seq || before.hash == one.seal.prev_hash);
        if !follows {
            return Err(format!("{SEALS}：第 {seq} 号封存点不接前一个"));
        }
        let heads = heads(&one.seal.heads)
            .ok_or_else(|| format!("{SEALS}：第 {seq} 号封存点的链头无法读取"))?;
        ends.insert(seq, heads);
        before = Some(one);
    }
    Ok(ends)
}

/// Every event has its hash, its order, and leads to the root of its seal.
fn proved(events: &[ProvedEvent], ends: &BTreeMap<i64, Vec<Head>>) -> Result<(), String> {
    let mut before: Option<(&ProvedEvent, (i64, i64))> = None;
    for one in events {
        let place = (one.event.organisation_id, one.event.seq);
        let named = format!("{EVENTS}：{} 第 {} 条", plain(&one.organisation), one.event.seq);
        if one.event.hash() != one.hash {
            return Err(format!("{named}的内容与校验值不符"));
        }
        if let Some((last, at)) = before {
            if at >= place {
                return Err(format!("{named}的次序不对"));
            }
            let is_next = at.0 == place.0 && at.1 + 1 == place.1;
            if is_next && one.event.prev_hash != last.hash {
                return Err(format!("{named}不接前一条"));
            }
        }
        let head = ends
            .get(&one.seal)
            .and_then(|heads| heads.iter().find(|head| head.organisation_id == place.0))
            .ok_or_else(|| format!("{named}所指的封存点不在 {SEALS} 中"))?;
        if !leads(one, head) {
            return Err(format!("{named}到第 {} 号封存点的证明不成立", one.seal));
        }
        before = Some((one, place));
    }
    Ok(())
}

fn leads(one: &ProvedEvent, head: &Head) -> bool {
    let Some(cover) = &head.cover else { return false };
    let offset = |seq: i64| u64::try_from(seq.checked_sub(cover.after)?).ok();
    let index = offset(one.event.seq).and_then(|n| n.checked_sub(1));
    let (Some(index), Some(size)) = (index, offset(head.seq)) else { return false };
    root_of(&one.hash, (index, size), &one.path).as_ref() == Some(&cover.root)
}

/// The hashes of files that went to a bank and came back are those that events tell of. How many.
fn told(files: &BTreeMap<String, Vec<u8>>, events: &[ProvedEvent]) -> Result<usize, String> {
    let mut count = 0;
    for (file, field, action) in
        [(BATCHES, BANK_FILE, "batch.issue_file"), (BANK, RETURN_FILE, "batch.load_return")]
    {
        let rows: Vec<Value> = read(files, file)?;
        let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let pairs: BTreeSet<(String, String)> = rows
            .iter()
            .map(|row| (text(row, BATCH_NO), text(row, field)))
            .filter(|(_, hash)| !hash.is_empty())
            .collect();
        for (batch, hash) in &pairs {
            let is_told = events.iter().any(|one| {
                one.event.action == action
                    && one.event.object_no == *batch
                    && one.event.detail.contains(hash.as_str())
            });
            if !is_told {
                return Err(format!("{file}：批次 {} 的{field}与日志所载不符", plain(batch)));
            }
        }
        count += pairs.len();
    }
    Ok(count)
}

/// A text of the bundle as a terminal may show it.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn fault(bytes: &[u8]) -> String {
        check(bytes, None).fault.unwrap()
    }

    #[test]
    fn what_is_no_bundle_is_refused_with_a_reason() {
        assert_eq!(fault(b"PK no archive"), "这不是完整的 ZIP 文件");
        assert_eq!(fault(&archive(&[])), "缺少 manifest.json");
        assert!(fault(&archive(&[("../../etc/passwd", b"x")])).contains("不该有的文件名"));
        assert!(fault(&archive(&[("a/b.json", b"x")])).contains("不该有的文件名"));
        assert!(fault(&archive(&[("manifest.json", b"{}")])).contains("不是规定的格式"));
        let many: Vec<String> = (0..=MAX_FILES).map(|n| format!("{n}.json")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), &b"x"[..])).collect();
        assert!(fault(&archive(&many)).contains("超过"));
    }
}
