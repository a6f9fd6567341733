//! `juncai audit verify`: recomputes every chain and every seal of a database without changing it, and
//! holds it against heads that were kept elsewhere; or checks an evidence bundle without any database.
//! `juncai audit key`: the public key by which heads and bundles are checked.

mod database;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::open::{Place, open_vault};
use crate::file::evidence::{self, MAX_ARCHIVE};

/// Arguments of `juncai audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recompute every chain and seal; names the first bad sequence number, exit code 1. Writes
    /// nothing and needs no master key
    Verify {
        #[command(flatten)]
        place: Place,
        /// A copy of the database instead of the installation: an SQLite file, which may lie on a
        /// read-only medium, or the address of a PostgreSQL database
        #[arg(long, value_name = "FILE|URL", conflicts_with = "bundle")]
        database: Option<String>,
        /// Signed heads that were exported, to hold the database against
        #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "bundle")]
        heads: Option<PathBuf>,
        /// Check this evidence bundle instead, without server and database
        #[arg(long, value_name = "FILE")]
        bundle: Option<PathBuf>,
        /// Public key of the installation that signed bundle or heads: 64 hexadecimal digits, or a
        /// file with them
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Print the public key by which heads and evidence bundles of this installation are checked
    Key {
        #[command(flatten)]
        place: Place,
    },
}

pub(super) async fn run(args: &Args) -> ExitCode {
    match &args.command {
        Command::Verify { bundle: Some(bundle), key, .. } => {
            super::print_or_complain(checked(bundle, key.as_deref()))
        }
        Command::Verify { heads: None, key: Some(_), .. } => {
            super::complain("error: --key 要与 --heads 或 --bundle 一起使用")
        }
        Command::Verify { place, database, heads, key, .. } => {
            let heads = heads.as_deref().zip(key.as_deref());
            super::print_or_complain(database::verified(place, database.as_deref(), heads).await)
        }
        Command::Key { place } => super::print_or_complain(public_key(place)),
    }
}

fn public_key(place: &Place) -> Result<String, String> {
    let config = place.config()?;
    Ok(open_vault(&config, false).map_err(|e| e.to_string())?.public_key())
}

/// What a check of a bundle found, a line each.
fn checked(bundle: &Path, key: Option<&str>) -> Result<String, String> {
    let key = key.map(named_key).transpose()?;
    let unreadable = |e: std::io::Error| format!("error: 无法读取 {}：{e}", bundle.display());
    let mut bytes = Vec::new();
    let file = File::open(bundle).map_err(unreadable)?;
    file.take(MAX_ARCHIVE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > MAX_ARCHIVE) {
        return Err(format!("error: {} 超过 {} MB", bundle.display(), MAX_ARCHIVE >> 20));
    }
    let found = evidence::check(&bytes, key.as_deref());
    let mut lines: Vec<String> = found.holds.iter().map(|line| format!("ok: {line}")).collect();
    lines.push(match &found.fault {
        None => "ok: 证据包完整，未被改动".to_owned(),
        Some(fault) => format!("error: {fault}"),
    });
    let text = lines.join("\n");
    if found.fault.is_none() { Ok(text) } else { Err(text) }
}

/// The key itself, or what the file of this name holds.
fn named_key(text: &str) -> Result<String, String> {
    const DIGITS: usize = 64;
    let is_key = |text: &str| text.len() == DIGITS && text.chars().all(|c| c.is_ascii_hexdigit());
    if is_key(text) {
        return Ok(text.to_owned());
    }
    let mut held = String::new();
    let file = File::open(text).map_err(|e| format!("error: 无法读取公钥 {text}：{e}"))?;
    let read = file.take(1_024).read_to_string(&mut held);
    read.map_err(|e| format!("error: 无法读取公钥 {text}：{e}"))?;
    let held = held.trim().to_owned();
    if is_key(&held) {
        Ok(held)
    } else {
        Err(format!("error: {text} 不是 64 位十六进制的公钥"))
    }
}
