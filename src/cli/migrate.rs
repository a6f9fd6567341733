//! `juncai migrate`: brings the database's schema up to date, once, before the servers start.

use std::process::ExitCode;

use super::open::Place;
use crate::store::db::Db;

/// Arguments of `juncai migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    super::print_or_complain(migrate(args).await)
}

async fn migrate(args: &Args) -> Result<String, String> {
    let config = args.place.config()?;
    config.make_data_folder().map_err(|e| e.to_string())?;
    let fault = |e: crate::store::db::StoreError| format!("数据库结构未能更新：{e}");
    let db = Db::connect(&config.database_url).await.map_err(fault)?;
    let pending = db.pending_migrations().await.map_err(fault)?;
    db.migrate().await.map_err(fault)?;
    db.close().await.map_err(fault)?;
    Ok(match pending {
        0 => "数据库结构已是最新".to_owned(),
        n => format!("数据库结构已更新，执行了 {n} 项变更"),
    })
}
