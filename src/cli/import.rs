//! `juncai import`: a spreadsheet in, with the same checks as on the page.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::open::{OpenError, Place, no_database, open_app, open_vault};
use crate::app::{App, Unopened};
use crate::clock::Clock;
use crate::config::Config;
use crate::file::form::ImportKind;
use crate::service::import::{ImportPreview, check, check_form, confirm, discard, preview};
use crate::service::{Actor, Error};
use crate::store::account;
use crate::store::db::Db;

/// Arguments of `juncai import`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which form the file is
    #[arg(value_enum)]
    kind: Kind,
    /// The file: .xlsx, or CSV in UTF-8 or GB18030
    file: PathBuf,
    /// Unified social credit code of the enterprise whose engineers are filed
    #[arg(long, value_name = "USCC")]
    enterprise: Option<String>,
    /// Only check, and save nothing. Without an installation the cells alone are checked, not
    /// what the registry says about them
    #[arg(long)]
    check: bool,
    /// How wrong cells are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Account that files it (needed unless --check)
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
    /// Import the good rows although others are wrong
    #[arg(long)]
    accept_good_rows: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// 骨干企业清单
    Enterprises,
    /// 核心工程师申报
    Engineers,
    /// 社保个税月份
    Evidence,
    /// 其他奖补
    OtherAwards,
}

impl From<Kind> for ImportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Enterprises => Self::KeyEnterprises,
            Kind::Engineers => Self::Engineers,
            Kind::Evidence => Self::Evidence,
            Kind::OtherAwards => Self::OtherAwards,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Sentences, warnings included
    Text,
    /// 行号,列,原因
    Csv,
}

/// Exit code 0 when every row is good (or the good ones were accepted), 1 otherwise.
pub(super) async fn run(args: &Args) -> ExitCode {
    let done = if args.check { check_only(args).await } else { import(args).await };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => super::complain(&text),
    }
}

fn read(args: &Args) -> Result<(String, Vec<u8>), String> {
    let bytes = std::fs::read(&args.file)
        .map_err(|error| format!("{} 无法读取：{error}", args.file.display()))?;
    let name = args.file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Ok((name, bytes))
}

/// What went wrong, for a person; internal faults keep their text, since nobody else is told.
fn plain(error: Error) -> String {
    match error {
        Error::Internal(text) => format!("系统内部错误：{text}"),
        Error::Outage(_, ref text) => format!("{error}（{text}）"),
        other => other.to_string(),
    }
}

async fn check_only(args: &Args) -> Result<bool, String> {
    let (name, bytes) = read(args)?;
    let kind = ImportKind::from(args.kind);
    let found = match installed(&args.place.config()?).await? {
        Some(app) => {
            let enterprise = args.enterprise.as_deref();
            let (found, asked) =
                check(&app, kind, enterprise, &name, bytes).await.map_err(plain)?;
            if !asked {
                note("没有找到该企业，只检查了表格内容，没有与登记内容比对");
            }
            found
        }
        None => {
            note("没有已启用的登记库，只检查了表格内容，没有与登记内容比对");
            check_form(kind, &name, bytes).map_err(plain)?
        }
    };
    print(args.format, &found)?;
    Ok(found.rows.bad == 0)
}

/// The installation, if there is one that this program can read as it is: a check makes no folder,
/// no key and no table.
async fn installed(config: &Config) -> Result<Option<App>, String> {
    if no_database(config) {
        return Ok(None);
    }
    let vault = match open_vault(config, false) {
        Err(OpenError::NoKey(_)) => return Ok(None),
        opened => opened.map_err(|error| error.to_string())?,
    };
    let fault = |error: crate::store::db::StoreError| format!("数据库无法打开：{error}");
    let db = Db::connect(&config.database_url).await.map_err(fault)?;
    if db.pending_migrations().await.map_err(fault)? > 0 {
        return Ok(None);
    }
    let app = App::over(db, vault, Clock::system());
    if !app.key_fits().await.map_err(fault)? {
        return Err(Unopened::OtherKey.to_string());
    }
    app.as_installed().await.map(Some).map_err(fault)
}

async fn import(args: &Args) -> Result<bool, String> {
    let (name, bytes) = read(args)?;
    let login =
        args.login.as_deref().ok_or("请用 --as 指定以哪个账号导入，或用 --check 只做检查")?;
    let app = open_app(&args.place.config()?).await.map_err(|error| error.to_string())?;
    let account = account::by_login(app.db.read(), login).await.map_err(|e| e.to_string())?;
    let account = account
        .filter(|full| full.account.disabled_at.is_none())
        .ok_or_else(|| format!("没有可用的账号 {login}"))?;
    let actor = Actor::new(&account, "command line").map_err(plain)?;
    let kind = ImportKind::from(args.kind);
    let enterprise = args.enterprise.as_deref();
    let found = preview(&app, &actor, kind, enterprise, &name, bytes).await.map_err(plain)?;
    print(args.format, &found)?;
    if found.rows.good == 0 || (found.rows.bad > 0 && !args.accept_good_rows) {
        discard(&app, &actor, &found.import_no).await.map_err(plain)?;
        note("有误，没有写入；更正后重试，或加 --accept-good-rows 只导入无误的行");
        return Ok(false);
    }
    let done = confirm(&app, &actor, &found.import_no).await.map_err(plain)?;
    note(&format!(
        "{}：已导入 {} 行（其中 {} 行登记中已有），写入 {} 条记录，{} 行有误未导入",
        found.import_no, done.rows_good, done.rows_known, done.facts_added, done.rows_bad
    ));
    Ok(true)
}

fn note(text: &str) {
    eprintln!("{text}");
}

fn print(format: Format, found: &ImportPreview) -> Result<(), String> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = match format {
        Format::Csv => print_csv(&mut out, found),
        Format::Text => print_text(&mut out, found),
    };
    written.and_then(|()| out.flush()).map_err(|error| format!("写出失败：{error}"))
}

/// Errors only, as a table by RFC 4180.
fn print_csv(out: &mut impl Write, found: &ImportPreview) -> std::io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(["行号", "列", "原因"])?;
    for issue in found.errors() {
        writer.write_record([issue.row.to_string().as_str(), &issue.column, &issue.reason])?;
    }
    writer.flush()
}

fn print_text(out: &mut impl Write, found: &ImportPreview) -> std::io::Result<()> {
    for issue in &found.issues {
        let kind = if issue.is_error { "有误" } else { "提醒" };
        write!(out, "第{}行 {} {kind}：{}", issue.row, issue.column, issue.reason)?;
        if !issue.fix.is_empty() {
            write!(out, "；{}", issue.fix)?;
        }
        writeln!(out)?;
    }
    if found.unlisted > 0 {
        writeln!(out, "另有{}处没有列出", found.unlisted)?;
    }
    let rows = found.rows;
    writeln!(
        out,
        "共{}行：可导入{}行（其中{}行登记中已有），有误{}行",
        rows.total, rows.good, rows.known, rows.bad
    )
}
