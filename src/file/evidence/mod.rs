//! The evidence bundle: an archive that an auditor takes along and checks without the server.
//!
//! The manifest has the hash of every file; the signature is over the manifest; every event comes
//! with its way to a seal (ADR 0014). [`pack`] writes it, [`check`] trusts nothing it reads.

mod check;
mod signature;

use std::io::{Cursor, Write};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub use check::{Checked, MAX_ARCHIVE, check};
pub use signature::is_signed;

use super::hash::sha256_hex;
use crate::domain::chain::{Link, Seal};

/// The form that this program writes and checks.
pub const FORM: &str = "juncai-evidence/1";
/// Names and hashes of the files.
pub const MANIFEST: &str = "manifest.json";
/// The signature over the manifest.
pub const SIGNATURE: &str = "signature.json";
/// What the bundle is and how it is checked.
pub const README: &str = "README.txt";
/// Events of the audit chains, each with its proof.
pub const EVENTS: &str = "events.json";
/// The seals to which the proofs lead.
pub const SEALS: &str = "seals.json";
/// Batches as their heads stand.
pub const BATCHES: &str = "batches.json";
/// What banks answered.
pub const BANK: &str = "bank.json";
/// In [`BATCHES`] and [`BANK`]: the number of the batch.
pub const BATCH_NO: &str = "批次编号";
/// In [`BATCHES`]: the hash of the file that went to the bank; empty before there is one.
pub const BANK_FILE: &str = "银行文件校验值";
/// In [`BANK`]: the hash of the file that the bank gave back.
pub const RETURN_FILE: &str = "回单文件校验值";

/// What a bundle is about and who made it why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// `person` or `batch`.
    pub subject: String,
    /// Official number of the person or batch.
    pub number: String,
    /// The award year it is confined to; `None` for all.
    pub award_year: Option<i64>,
    /// When it was made; everything in it was known then.
    pub made_at: DateTime<Utc>,
    /// Name and sign-in name of who made it.
    pub made_by: String,
    /// Organisation of that person.
    pub organisation: String,
    /// Why, in that person's words.
    pub purpose: String,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORM`].
    pub form: String,
    /// What it is about.
    pub about: About,
    /// How many events it holds.
    pub events: u64,
    /// How many seals it holds.
    pub seals: u64,
    /// Number of the last seal in it; 0 without any.
    pub last_seal: i64,
    /// Hash of that seal; empty without any.
    pub last_seal_hash: String,
    /// Every file but the manifest and its signature, in the order of the archive.
    pub files: Vec<Listed>,
}

/// The signature over the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// `Ed25519`.
    pub algorithm: String,
    /// Public key of the installation, hexadecimal.
    pub public_key: String,
    /// Over [`signed_text`] of the manifest's bytes, hexadecimal.
    pub signature: String,
}

/// An event with its way to a seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvedEvent {
    /// The organisation whose chain it is in, by name.
    pub organisation: String,
    /// The event.
    pub event: Link,
    /// Its hash.
    pub hash: String,
    /// Number of the seal that covers it.
    pub seal: i64,
    /// The neighbours that lead from the hash to the root in that seal.
    pub path: Vec<String>,
}

/// A seal with its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashedSeal {
    /// The seal.
    pub seal: Seal,
    /// Its hash.
    pub hash: String,
}

/// What is put into a bundle beside the readable files.
#[derive(Debug, Clone)]
pub struct Proof {
    /// By organisation and position.
    pub events: Vec<ProvedEvent>,
    /// By number.
    pub seals: Vec<HashedSeal>,
}

/// Why a bundle could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The archive.
    #[error("the archive cannot be written: {0}")]
    Zip(#[from] ZipError),
    /// A file of it.
    #[error("a file of the archive cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// A part of it.
    #[error("a part of the archive cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// The bytes over which the signature is made: whoever signs something else never signs a manifest.
pub fn signed_text(manifest: &[u8]) -> Vec<u8> {
    [FORM.as_bytes(), b"\n", manifest].concat()
}

/// JSON as the bundle holds it.
///
/// # Errors
/// When the value has no JSON form.
pub fn written(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The archive. `files` are the readable ones; `sign` gives public key and signature. The same
/// content gives the same bytes.
///
/// # Errors
/// When the archive cannot be written.
pub fn pack(
    about: About,
    files: Vec<(&str, Vec<u8>)>,
    proof: &Proof,
    sign: impl Fn(&[u8]) -> (String, String),
) -> Result<Vec<u8>, PackError> {
    let mut all = vec![(README, readme(&about).into_bytes())];
    all.extend(files);
    all.push((EVENTS, written(&proof.events)?));
    all.push((SEALS, written(&proof.seals)?));
    let last = proof.seals.last();
    let listed = |(name, bytes): &(&str, Vec<u8>)| Listed {
        name: (*name).to_owned(),
        size: size(bytes),
        sha256: sha256_hex(bytes),
    };
    let manifest = Manifest {
        form: FORM.to_owned(),
        about,
        events: u64::try_from(proof.events.len()).unwrap_or(u64::MAX),
        seals: u64::try_from(proof.seals.len()).unwrap_or(u64::MAX),
        last_seal: last.map_or(0, |last| last.seal.seq),
        last_seal_hash: last.map_or_else(String::new, |last| last.hash.clone()),
        files: all.iter().map(listed).collect(),
    };
    let manifest = written(&manifest)?;
    let (public_key, signature) = sign(&signed_text(&manifest));
    let signature = Signature { algorithm: "Ed25519".to_owned(), public_key, signature };
    all.insert(1, (MANIFEST, manifest));
    all.insert(2, (SIGNATURE, written(&signature)?));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in all {
        archive.start_file(name, options)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn readme(about: &About) -> String {
    let subject = if about.subject == "batch" { "发放批次" } else { "人员" };
    let years = about
        .award_year
        .map_or_else(|| "全部奖补年度".to_owned(), |year| format!("{year} 奖补年度"));
    format!(
        "骏才 审计证据包\n\n\
         对象：{subject} {number}，{years}\n用途：{purpose}\n制作：{made_by}（{organisation}），{at}\n\n\
         一、内容\n\
         facts.json         事实：每一版的有效期间、记录时间、被取代时间和来源文件\n\
         documents.json     来源文件、导入文件、附件和政策文件，带 SHA-256 校验值\n\
         results.json       每一版核定结果：依据的政策、当时掌握的信息、计算过程和资金分摊\n\
         decisions.json     办件的每一步办理、公示、批次的每一步办理和审批签名\n\
         payments.json      待付资金和批次中的每一笔\n\
         {BATCHES}       批次：冻结内容和银行文件的校验值、资金指标\n\
         {BANK}          银行回单的每一行：银行流水号、结果、付款时间\n\
         recoveries.json    追回、归还、抵扣、核销\n\
         {EVENTS}        审计日志中有关的记录，每条附到封存点的证明\n\
         {SEALS}         证明所到达的封存点\n\
         {MANIFEST}      以上各文件的 SHA-256 校验值\n\
         {SIGNATURE}     对清单文件的 Ed25519 签名\n\n\
         二、核对（不需要服务器和数据库）\n\
         juncai audit verify --bundle 本文件 --key 公钥\n\
         公钥请向系统管理单位另行索取（在其机器上运行 juncai audit key），不要只用包内所附的。\n\
         任何一个文件改动一个字节，核对即不通过，并指出是哪个文件。\n\n\
         三、证明的含义\n\
         每条日志记录的校验值由全部内容和前一条的校验值算出；封存点载有各机构日志链的末端，以及\n\
         其间各条校验值的哈希树根。包内每条记录给出到树根的路径，因此可以证明它在封存时已在链中\n\
         的这个位置，而不必公开其他人的记录。封存点的校验值可与“日志校验”页面或打印件上的比对。\n\
         证明不能说明没有遗漏：是否列全由签名担保。批量办理的一条记录会列出同批各办件的编号。\n\n\
         证件号码、手机号码和银行账号均已遮盖。金额单位为分的，字段名中写明。时间为协调世界时。\n",
        number = about.number,
        purpose = about.purpose,
        made_by = about.made_by,
        organisation = about.organisation,
        at = about.made_at.to_rfc3339(),
    )
}
