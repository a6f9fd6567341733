//! `juncai audit verify`: recomputes every chain and every seal.

use std::fmt::Write;
use std::process::ExitCode;

use clap::Subcommand;

use super::open::{Place, no_database, open_app};
use crate::store::audit::{Break, verify};

/// Arguments of `juncai audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recompute every chain and seal; names the first bad sequence number, exit code 1
    Verify {
        #[command(flatten)]
        place: Place,
    },
}

pub(super) async fn run(args: &Args) -> ExitCode {
    let Command::Verify { place } = &args.command;
    super::print_or_complain(report(place).await)
}

async fn report(place: &Place) -> Result<String, String> {
    let config = place.config()?;
    if no_database(&config) {
        return Err(format!("没有找到数据库，无从校验：{}", config.database_url));
    }
    let app = open_app(&config).await.map_err(|e| e.to_string())?;
    let found = verify(app.db.read()).await.map_err(|e| e.to_string())?;
    if found.breaks.is_empty() {
        let events: i64 = found.chains.iter().map(|(_, links)| links).sum();
        return Ok(format!(
            "ok: {} 条日志链共 {events} 条记录，{} 个封存点，全部连续且未被改动",
            found.chains.len(),
            found.seals
        ));
    }
    let mut lines = String::new();
    for broken in &found.breaks {
        let _ = match broken {
            Break::Link { organisation_id, seq } => writeln!(
                lines,
                "error: 单位 {organisation_id} 的日志链自序号 {seq} 起不成立（被改动、删除、插入或换序）"
            ),
            Break::Cut { organisation_id, seq } => writeln!(
                lines,
                "error: 单位 {organisation_id} 的日志链缺少封存点所载的序号 {seq}（尾部被截断或重写）"
            ),
            Break::Seal { seq } => writeln!(lines, "error: 封存点自序号 {seq} 起不成立"),
        };
    }
    Err(lines.trim_end().to_owned())
}
