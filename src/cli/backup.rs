//! `juncai backup DIR` and `juncai restore DIR`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::open::{Place, open_app, open_files, open_vault};
use crate::service::backup;

/// Arguments of `juncai backup` and `juncai restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of the backup
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn make(args: &Args) -> ExitCode {
    super::print_or_complain(backup(args).await)
}

async fn backup(args: &Args) -> Result<String, String> {
    let config = args.place.config()?;
    let app = open_app(&config).await.map_err(|e| e.to_string())?;
    let made = backup::backup(&app, &config.database_url, &args.folder)
        .await
        .map_err(|e| e.to_string())?;
    Ok(format!(
        "备份完成：{}，{} 张表共 {} 行，{} 个附件{}。主密钥不在备份内，请另行妥善保管。",
        args.folder.join(&made.file).display(),
        made.rows.len(),
        made.rows.values().sum::<i64>(),
        made.files.len(),
        match made.missing.len() {
            0 => String::new(),
            lost => format!("，另有 {lost} 个附件在存储中缺失（见清单）"),
        }
    ))
}

pub(super) async fn load(args: &Args) -> ExitCode {
    super::print_or_complain(restore(args).await)
}

async fn restore(args: &Args) -> Result<String, String> {
    let config = args.place.config()?;
    let vault = open_vault(&config, false).map_err(|e| e.to_string())?;
    let files = open_files(&config).map_err(|e| e.to_string())?;
    let loaded = backup::restore(&config.database_url, &vault, &files, &args.folder)
        .await
        .map_err(|e| e.to_string())?;
    Ok(format!(
        "恢复完成并与备份核对一致：{} 张表共 {} 行，{} 个附件，审计日志校验通过。",
        loaded.rows.len(),
        loaded.rows.values().sum::<i64>(),
        loaded.files.len()
    ))
}
