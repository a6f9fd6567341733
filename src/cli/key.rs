//! `juncai key`: the keys of the database and the master key around them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::open::{Place, open_app};
use crate::clock::china_time;
use crate::domain::registry::Code;
use crate::service::keys::{self, KeyLine, SETTLE};
use crate::vault::{Suite, Vault};

/// What to do with them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List them
    List(PlaceOnly),
    /// Make a new one; running servers take it up and seal everything anew with it
    New(New),
    /// Seal everything with the newest one now, for an installation whose server does not run
    Reseal(PlaceOnly),
    /// Put another master key around them; the old one then opens nothing any more
    Rewrap(Rewrap),
}

#[derive(Debug, clap::Args)]
struct PlaceOnly {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
struct New {
    #[command(flatten)]
    place: Place,
    /// Its algorithms: intl (AES-256-GCM-SIV) or gm (SM4-GCM)
    #[arg(long, value_parser = suite)]
    suite: Suite,
}

#[derive(Debug, clap::Args)]
struct Rewrap {
    #[command(flatten)]
    place: Place,
    /// File of the new master key; made when there is none. Without it the key file of the data folder
    /// is replaced, and the old one kept beside it as master.key.old
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// A suite by its code.
fn suite(text: &str) -> Result<Suite, String> {
    Suite::from_code(text).ok_or_else(|| "intl or gm".to_owned())
}

pub(super) async fn run(args: &Args) -> ExitCode {
    super::print_or_complain(match &args.what {
        What::List(place) => list(&place.place).await,
        What::New(new) => make(new).await,
        What::Reseal(place) => reseal(&place.place).await,
        What::Rewrap(how) => rewrap(how).await,
    })
}

fn fault(error: crate::service::Error) -> String {
    format!("{error}：{error:?}")
}

async fn list(place: &Place) -> Result<String, String> {
    let app = open_app(&place.config()?).await.map_err(|e| e.to_string())?;
    let lines: Vec<String> = keys::keys(&app).await.map_err(fault)?.iter().map(line).collect();
    Ok(lines.join("\n"))
}

fn line(key: &KeyLine) -> String {
    let minute = |at| china_time(at).format("%Y-%m-%d %H:%M").to_string();
    let resealed = key.resealed_at.map(minute).unwrap_or_else(|| "—".to_owned());
    format!(
        "{} {} {} 生成 {} 启用 {} 全部改用 {resealed}",
        key.id,
        key.purpose.label(),
        key.suite.label(),
        minute(key.made_at),
        minute(key.starts_at)
    )
}

async fn make(new: &New) -> Result<String, String> {
    let app = open_app(&new.place.config()?).await.map_err(|e| e.to_string())?;
    let key = keys::announce(&app, new.suite).await.map_err(fault)?;
    Ok(format!(
        "{}\n{} 分钟后启用；再过 {} 分钟，运行中的服务开始把已有数据逐批改用新密钥，也可运行 juncai key reseal",
        line(&key),
        SETTLE.num_minutes(),
        SETTLE.num_minutes()
    ))
}

async fn reseal(place: &Place) -> Result<String, String> {
    let app = open_app(&place.config()?).await.map_err(|e| e.to_string())?;
    let done = keys::reseal(&app).await.map_err(fault)?;
    if done.broken > 0 {
        return Err(format!("{} 项数据无法解开，未改动；见日志", done.broken));
    }
    Ok(format!("已改用最新密钥：{} 项", done.values))
}

/// The new key file is there before the database asks for it, and takes its name after: whatever
/// happens in between, both keys are on disk.
async fn rewrap(how: &Rewrap) -> Result<String, String> {
    let config = how.place.config()?;
    let app = open_app(&config).await.map_err(|e| e.to_string())?;
    let own = config.data.join("master.key");
    if how.to.is_none() && config.master_key.is_some() {
        let text =
            "主密钥来自环境变量 JUNCAI_MASTER_KEY；请用 --to 指定新密钥文件，完成后改环境变量";
        return Err(text.to_owned());
    }
    let to = how.to.clone().unwrap_or_else(|| own.with_extension("key.new"));
    let other = Vault::open_or_create(&to).map_err(|e| e.to_string())?;
    let count = keys::rewrap(&app, &other).await.map_err(fault)?;
    let place = match how.to {
        Some(_) => to,
        None => take_name(&own, &to)?,
    };
    Ok(format!(
        "{count} 个密钥已改由新主密钥保护：{}。请另行保管新主密钥，旧主密钥只用于打开以前的备份；请重新启动所有服务。",
        place.display()
    ))
}

fn take_name(own: &Path, new: &Path) -> Result<PathBuf, String> {
    let rename = |from: &Path, to: &Path| {
        std::fs::rename(from, to).map_err(|e| format!("{} 无法改名：{e}", from.display()))
    };
    rename(own, &own.with_extension("key.old"))?;
    rename(new, own)?;
    Ok(own.to_owned())
}
