//! `juncai compute`: computes a stipend year from the stored facts, as the pages do.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use super::open::{Place, open_app};
use crate::app::App;
use crate::domain::scenario::Which;
use crate::service::Actor;
use crate::service::stipend::{self, Progress, RunView};
use crate::store::account;

/// Pause between two lines of progress.
const PAUSE: Duration = Duration::from_millis(500);

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Award year
    #[arg(long, value_parser = clap::value_parser!(i32).range(2000..=9999))]
    year: i32,
    /// Sign-in name of the account in whose name it is done; needed when several accounts may
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
}

/// Runs the command. Exit code 0: everybody computed; 1: nothing done, or some persons failed.
pub(super) async fn run(args: &Args) -> ExitCode {
    match compute(args).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => super::complain(&format!("{failed} 人的登记事实相互矛盾，没有核定")),
        Err(text) => super::complain(&text),
    }
}

/// Computes and prints; returns how many persons failed.
async fn compute(args: &Args) -> Result<i64, String> {
    let config = args.place.config()?;
    let app = open_app(&config).await.map_err(|e| e.to_string())?;
    let actor = actor(&app, args.login.as_deref()).await?;
    let run_no = stipend::start_run(&app, &actor, args.year).await.map_err(|e| e.to_string())?;
    let task = {
        let (app, run_no) = (app.clone(), run_no.clone());
        tokio::spawn(async move { stipend::execute_run(&app, &run_no).await })
    };
    while !task.is_finished() {
        tokio::time::sleep(PAUSE).await;
        let now = stipend::progress(&app, &actor, &run_no).await.map_err(|e| e.to_string())?;
        say(&format!("{run_no}：已核定 {} / {} 人", now.done, now.total));
    }
    let ended = task.await.map_err(|e| e.to_string())?;
    ended.map_err(|e| e.to_string())?;
    let view = stipend::run_view(&app, &actor, &run_no, (Which::All, 0))
        .await
        .map_err(|e| e.to_string())?;
    print(&view);
    Ok(view.line.progress.failed_persons)
}

/// The named account, or the only one that may compute.
async fn actor(app: &App, login: Option<&str>) -> Result<Actor, String> {
    let read = app.db.read();
    if let Some(login) = login {
        let found = account::by_login(read, login).await.map_err(|e| e.to_string())?;
        let found = found.ok_or_else(|| format!("没有账号 {login}"))?;
        return Actor::new(&found, "cli").map_err(|e| e.to_string());
    }
    let all = account::all(read).await.map_err(|e| e.to_string())?;
    let active = all.iter().filter(|full| full.account.disabled_at.is_none());
    let mut able = active.filter_map(|full| Actor::new(full, "cli").ok());
    let mut able = able.by_ref().filter(|a| a.role.may(crate::domain::authority::Act::Compute));
    match (able.next(), able.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err("没有可以核定的账号，请先建立省级人社审核账号".to_owned()),
        (Some(a), Some(b)) => {
            Err(format!("有多个账号可以核定（{}、{} 等），请用 --as 指定", a.login, b.login))
        }
    }
}

/// Progress goes to standard error; the result can be piped.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn print(view: &RunView) {
    let Progress { run_no, year, total, eligible, ineligible, changed, adjusted, message, .. } =
        &view.line.progress;
    let mut text = format!(
        "{year} 年度核定 {run_no} 完成：{total} 人，符合条件 {eligible}，不符合 {ineligible}，\
         结果有变化 {changed}，补发或追回 {adjusted}\n净额合计 {} 元\n",
        view.net.grouped()
    );
    for (title, sums) in
        [("按结果", &view.by_status), ("按设区市", &view.by_city), ("按资金来源", &view.by_source)]
    {
        text.push_str(&format!("{title}\n"));
        for sum in sums {
            let amount = sum.amount.grouped();
            text.push_str(&format!("  {}  {} 人  {amount} 元\n", sum.name, sum.persons));
        }
    }
    text.push_str(message);
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
