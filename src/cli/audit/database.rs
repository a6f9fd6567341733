//! Verifying a database, an installation's own or a copy of it. Nothing is written, into the database or
//! beside it, and no master key is asked for: whoever verifies need not be who runs the server.

use std::path::{Path, PathBuf};

use super::named_key;
use crate::cli::open::{Place, no_database};
use crate::file::heads::{self, Heads};
use crate::store::audit::{Break, Verification, against, verify};
use crate::store::db::{Db, StoreError};

/// What a verification found, a line each; `Err` when anything does not hold or cannot be read.
pub(super) async fn verified(
    place: &Place,
    database: Option<&str>,
    heads: Option<(&Path, &str)>,
) -> Result<String, String> {
    let heads = heads.map(|(file, key)| exported(file, key)).transpose()?;
    let db = opened(place, database).await?;
    let unreadable =
        |e: StoreError| format!("error: 无法读取日志，可能不是骏才的数据库，或副本不完整：{e}");
    let tx = db.begin_snapshot().await.map_err(unreadable)?;
    let mut found = verify(&tx).await.map_err(unreadable)?;
    if let Some(heads) = &heads {
        against(&tx, &heads.lines, &mut found).await.map_err(unreadable)?;
    }
    drop(tx);
    db.close().await.map_err(unreadable)?;
    told(&found, heads.as_ref())
}

/// The heads of a file, each signed with the key.
fn exported(file: &Path, key: &str) -> Result<Heads, String> {
    let key = named_key(key)?;
    let text = std::fs::read(file)
        .map_err(|e| format!("error: 无法读取封存值文件 {}：{e}", file.display()))?;
    heads::check(&String::from_utf8_lossy(&text), &key).map_err(|fault| format!("error: {fault}"))
}

async fn opened(place: &Place, database: Option<&str>) -> Result<Db, String> {
    let fault = |e: StoreError| format!("error: 数据库无法打开：{e}");
    let Some(given) = database else {
        let config = place.config()?;
        if no_database(&config) {
            return Err(format!("没有找到数据库，无从校验：{}", config.database_url));
        }
        // A database that is open has a log beside it; one that is not must get none.
        let file = embedded(&config.database_url).filter(|file| !log_of(file).exists());
        return Db::connect_to_read(&config.database_url, file).await.map_err(fault);
    };
    if given.starts_with("postgres") {
        return Db::connect_to_read(given, None).await.map_err(fault);
    }
    let file = embedded(given).unwrap_or_else(|| PathBuf::from(given));
    if !file.is_file() {
        return Err(format!("error: 没有找到数据库文件 {}", file.display()));
    }
    let log = log_of(&file);
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(format!(
            "error: {} 还没有并入数据库，单独读取数据库文件会缺少最近的记录。请用 juncai backup 制作副本再校验；\
             校验正在使用的数据库请用 --data",
            log.display()
        ));
    }
    Db::connect_to_read("sqlite://copy", Some(file)).await.map_err(fault)
}

/// The file of an embedded database.
fn embedded(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://")?;
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// Where SQLite keeps what is not in the file yet.
fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn told(found: &Verification, heads: Option<&Heads>) -> Result<String, String> {
    if !found.breaks.is_empty() {
        let lines: Vec<String> =
            found.breaks.iter().map(|broken| format!("error: {}", fault(broken))).collect();
        return Err(lines.join("\n"));
    }
    let events: i64 = found.chains.iter().map(|(_, links)| links).sum();
    let mut lines = vec![format!(
        "ok: {} 条日志链共 {events} 条记录，{} 个封存点，{} 条查看记录，全部连续且未被改动",
        found.chains.len(),
        found.seals,
        found.looks
    )];
    if let Some((heads, first, last)) =
        heads.and_then(|heads| Some((heads, heads.lines.first()?, heads.lines.last()?)))
    {
        lines.push(format!(
            "ok: 第 {} 至 {} 号共 {} 个导出的封存值，签名有效、前后相连，与数据库一致",
            first.seal,
            last.seal,
            heads.lines.len()
        ));
        let later = found.seals - last.seal;
        if later > 0 {
            lines
                .push(format!("note: 其后另有 {later} 个封存点不在文件中，没有与导出的封存值核对"));
        }
        if heads.torn > 0 {
            lines.push(format!("note: 文件中有 {} 行没有写完，已略过", heads.torn));
        }
    }
    Ok(lines.join("\n"))
}

fn fault(broken: &Break) -> String {
    match broken {
        Break::Link { organisation_id, seq } => format!(
            "单位 {organisation_id} 的日志链自序号 {seq} 起不成立（被改动、删除、插入或换序）"
        ),
        Break::Cut { organisation_id, seq } => format!(
            "单位 {organisation_id} 的日志链自序号 {seq} 起缺少已经封存的记录（尾部被截断）"
        ),
        Break::Rewritten { organisation_id, seq, through } => format!(
            "单位 {organisation_id} 的日志链自序号 {seq} 起与当时的封存值不符（{seq} 至 {through} 之间被改写）"
        ),
        Break::Seal { seq } => {
            format!("封存点自序号 {seq} 起不成立，或与导出的封存值不符")
        }
        Break::Views { seal } => {
            format!("第 {seal} 号封存点所载的查看记录被改动、删除或插入")
        }
    }
}
