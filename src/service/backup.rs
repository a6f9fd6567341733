//! Backup while others work, and a restore that proves it equals the backup. The master key is
//! never part of a backup: whoever finds one copy must not find the other in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::depot::{Depot, DepotError};
use crate::file::hash::{sha256_hex, sha256_of};
use crate::store::db::{Db, StoreError};
use crate::store::{attachment, audit, backup as copy};
use crate::vault::Vault;

const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const FILES: &str = "files";

/// What a backup holds, written beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub format: u32,
    /// Version of the program that made it.
    pub program: String,
    /// When, RFC 3339 in UTC.
    pub made_at: String,
    /// `sqlite` or `postgresql`.
    pub database: String,
    /// Name of the copy in the same folder.
    pub file: String,
    /// SHA-256 of the copy.
    pub sha256: String,
    /// A value that only the same master key gives.
    pub key_check: String,
    /// Rows of every table.
    pub rows: BTreeMap<String, i64>,
    /// SHA-256 of every attachment as stored, sealed, by its name in the folder `files`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Attachments on record whose content was not in the store.
    #[serde(default)]
    pub missing: Vec<String>,
}

/// Why there is no backup, or why a restore was refused.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder cannot be used.
    #[error("{0}：{1}")]
    File(PathBuf, String),
    /// The database failed.
    #[error("数据库出错：{0}")]
    Database(#[from] StoreError),
    /// A PostgreSQL tool is missing or failed.
    #[error("{0} 未能完成：{1}")]
    Tool(&'static str, String),
    /// The store of attachments failed.
    #[error("附件存储出错：{0}")]
    Files(#[from] DepotError),
    /// The backup or its target is not what it must be.
    #[error("{0}")]
    Refused(String),
}

fn refused<T>(why: impl Into<String>) -> Result<T, BackupError> {
    Err(BackupError::Refused(why.into()))
}

fn at<T>(path: &Path, result: std::io::Result<T>) -> Result<T, BackupError> {
    result.map_err(|e| BackupError::File(path.to_owned(), e.to_string()))
}

/// Copies the whole database and all attachments into a new or empty `folder`, with a manifest.
///
/// # Errors
/// When the folder is not empty, or the copy does not check out; then there is no manifest.
pub async fn backup(app: &App, database_url: &str, folder: &Path) -> Result<Manifest, BackupError> {
    at(folder, std::fs::create_dir_all(folder))?;
    if at(folder, std::fs::read_dir(folder))?.next().is_some() {
        return refused(format!("{} 不是空文件夹，请换一个文件夹", folder.display()));
    }
    let (database, file) = if app.db.is_postgres() {
        ("postgresql", "juncai.pgdump")
    } else {
        ("sqlite", "juncai.db")
    };
    let path = folder.join(file);
    let rows = if app.db.is_postgres() {
        dump_postgres(app, database_url, &path).await?
    } else {
        copy::copy_sqlite(&app.db, &path.to_string_lossy()).await?;
        let made = Db::connect(&format!("sqlite://{}", path.display())).await?;
        copy::check_sqlite(&made).await?;
        let rows = copy::row_counts(made.read()).await?;
        made.close().await?;
        rows
    };
    let (files, missing) = copy_files(app, &folder.join(FILES)).await?;
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: app.clock.now().to_rfc3339(),
        database: database.to_owned(),
        file: file.to_owned(),
        sha256: hash_of(&path)?,
        key_check: key_check(&app.vault),
        rows,
        files,
        missing,
    };
    let text =
        serde_json::to_string_pretty(&manifest).map_err(|e| BackupError::Refused(e.to_string()))?;
    let manifest_path = folder.join(MANIFEST);
    at(&manifest_path, std::fs::write(&manifest_path, text))?;
    Ok(manifest)
}

/// Copies the contents of all attachments on record. They never change, so copying them after the
/// database gives at least those that it knows.
async fn copy_files(
    app: &App,
    folder: &Path,
) -> Result<(BTreeMap<String, String>, Vec<String>), BackupError> {
    let (mut files, mut missing) = (BTreeMap::new(), Vec::new());
    at(folder, std::fs::create_dir_all(folder))?;
    for name in attachment::store_names(app.db.read()).await? {
        match app.files.get(&name).await? {
            Some(bytes) => {
                let path = folder.join(&name);
                at(&path, std::fs::write(&path, &bytes))?;
                files.insert(name, sha256_hex(&bytes));
            }
            None => missing.push(name),
        }
    }
    Ok((files, missing))
}

/// Proves that the copied attachments are those of the manifest.
fn check_files(manifest: &Manifest, folder: &Path) -> Result<(), BackupError> {
    for (name, sha256) in &manifest.files {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain || hash_of(&folder.join(name))? != *sha256 {
            return refused("备份中的附件与清单不符，未恢复任何内容");
        }
    }
    Ok(())
}

/// Puts the attachments into a store; what is there already must be the same.
async fn restore_files(
    manifest: &Manifest,
    folder: &Path,
    files: &Depot,
) -> Result<(), BackupError> {
    for (name, sha256) in &manifest.files {
        match files.get(name).await? {
            Some(known) if sha256_hex(&known) == *sha256 => {}
            Some(_) => return refused("附件存储中已有同名但不同的文件，请换一个空的存储位置"),
            None => {
                let path = folder.join(name);
                files.put(name, at(&path, std::fs::read(&path))?).await?;
            }
        }
    }
    Ok(())
}

/// Loads a backup into a new, empty database and proves that it equals the backup: the file's
/// hash, every table's rows, the audit chains, and that the key opens it.
///
/// # Errors
/// When the target holds anything, the key is another one, or anything differs.
pub async fn restore(
    database_url: &str,
    vault: &Vault,
    files: &Depot,
    folder: &Path,
) -> Result<Manifest, BackupError> {
    let manifest_path = folder.join(MANIFEST);
    let text = at(&manifest_path, std::fs::read_to_string(&manifest_path))?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|e| BackupError::File(manifest_path, e.to_string()))?;
    let path = folder.join(&manifest.file);
    if manifest.format != FORMAT || hash_of(&path)? != manifest.sha256 {
        return refused("备份文件与清单不符（格式或校验值不同），未恢复任何内容");
    }
    if key_check(vault) != manifest.key_check {
        return refused("当前主密钥不是备份时使用的主密钥，请先放回原来的 master.key");
    }
    check_files(&manifest, &folder.join(FILES))?;
    match (manifest.database.as_str(), database_url.strip_prefix("sqlite://")) {
        ("sqlite", Some(target)) => restore_sqlite(&path, Path::new(target))?,
        ("postgresql", None) => restore_postgres(database_url, &path).await?,
        _ => return refused("备份与目标数据库的种类不同"),
    }
    let db = Db::connect(database_url).await?;
    let rows = copy::row_counts(db.read()).await?;
    if rows != manifest.rows {
        return refused("恢复后的行数与备份清单不符，请勿使用该数据库");
    }
    if !audit::verify(db.read()).await?.breaks.is_empty() {
        return refused("恢复后的审计日志校验不通过，请勿使用该数据库");
    }
    db.close().await?;
    restore_files(&manifest, &folder.join(FILES), files).await?;
    Ok(manifest)
}

fn key_check(vault: &Vault) -> String {
    vault.master_index("backup", "key-check")
}

fn hash_of(path: &Path) -> Result<String, BackupError> {
    at(path, std::fs::File::open(path).and_then(sha256_of))
}

fn restore_sqlite(from: &Path, target: &Path) -> Result<(), BackupError> {
    if target.exists() {
        return refused(format!("{} 已存在，恢复只写入新的数据库", target.display()));
    }
    if let Some(parent) = target.parent() {
        at(parent, std::fs::create_dir_all(parent))?;
    }
    let partial = target.with_extension("restoring");
    at(&partial, std::fs::copy(from, &partial))?;
    at(target, std::fs::rename(&partial, target))
}

async fn dump_postgres(
    app: &App,
    database_url: &str,
    path: &Path,
) -> Result<BTreeMap<String, i64>, BackupError> {
    let (snapshot, name) = copy::export_snapshot(&app.db).await?;
    let mut command = postgres_tool("pg_dump", database_url)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges"]);
    command.arg(format!("--snapshot={name}")).arg("--file").arg(path);
    run("pg_dump", command).await?;
    let rows = copy::row_counts(&snapshot).await?;
    snapshot.rollback().await?;
    Ok(rows)
}

async fn restore_postgres(database_url: &str, path: &Path) -> Result<(), BackupError> {
    let db = Db::connect(database_url).await?;
    let occupied = !copy::row_counts(db.read()).await?.is_empty();
    db.close().await?;
    if occupied {
        return refused("目标数据库不是空的，恢复只写入新的数据库");
    }
    let mut command = postgres_tool("pg_restore", database_url)?;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]);
    command.args(["--dbname", &database_of(database_url)?]).arg(path);
    run("pg_restore", command).await
}

fn parsed(database_url: &str) -> Result<url::Url, BackupError> {
    url::Url::parse(database_url)
        .map_err(|e| BackupError::Refused(format!("数据库地址无法识别：{e}")))
}

fn database_of(database_url: &str) -> Result<String, BackupError> {
    Ok(parsed(database_url)?.path().trim_start_matches('/').to_owned())
}

/// A PostgreSQL client tool that connects as the program does. The password travels in the
/// environment: a command line can be read by every user of the machine.
fn postgres_tool(tool: &'static str, database_url: &str) -> Result<Command, BackupError> {
    let url = parsed(database_url)?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut command = Command::new(tool);
    let set = [
        ("PGHOST", url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned())),
        ("PGPORT", url.port().map(|port| port.to_string())),
        ("PGUSER", Some(plain(url.username())).filter(|user| !user.is_empty())),
        ("PGPASSWORD", url.password().map(plain)),
        ("PGDATABASE", Some(url.path().trim_start_matches('/').to_owned())),
        (
            "PGSSLMODE",
            url.query_pairs().find(|(key, _)| key == "sslmode").map(|(_, value)| value.into()),
        ),
    ];
    command.envs(set.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
    Ok(command)
}

async fn run(tool: &'static str, mut command: Command) -> Result<(), BackupError> {
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .map_err(|e| BackupError::Tool(tool, e.to_string()))?
        .map_err(|e| BackupError::Tool(tool, e.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(BackupError::Tool(tool, said))
}
