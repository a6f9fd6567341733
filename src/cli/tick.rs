//! `juncai tick`: does what time asks of files, once, and lets the heads of the log leave the machine;
//! the server does the same by itself.

use std::process::ExitCode;

use chrono::NaiveDate;

use super::open::{Place, open_app};
use crate::clock;
use crate::service::{account, audit, heads, ledger, program, setup, stipend};

/// Where the data are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// As if it were this day; only with a database made to test with
    #[arg(long, value_name = "DATE")]
    date: Option<NaiveDate>,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    let outcome = async {
        let config = args.place.config()?;
        let mut app = open_app(&config).await.map_err(|e| e.to_string())?;
        if args.date.is_some() {
            app = setup::environment(app, true).await.map_err(|e| e.to_string())?;
        }
        let round = match args.date {
            Some(day) => {
                let then = clock::same_time_on(day, app.clock.machine_now());
                clock::at(then, program::round(&app)).await
            }
            None => program::round(&app).await,
        };
        let round = round.map_err(|e| format!("{e}：{e:?}"))?;
        account::disable_idle(&app).await.map_err(|e| format!("{e}：{e:?}"))?;
        stipend::look_for_changes(&app).await.map_err(|e| format!("{e}：{e:?}"))?;
        audit::seal(&app).await.map_err(|e| format!("审计日志未能封存：{e}：{e:?}"))?;
        heads::export(&app).await.map_err(|e| format!("封存值未能导出：{e}"))?;
        let mut lines: Vec<String> = round
            .done
            .iter()
            .map(|(kind, act, files)| format!("{kind} {act}：{files} 件"))
            .collect();
        if round.failed > 0 {
            return Err(format!("{} 件未能办理，下次再试；详见日志", round.failed));
        }
        let wrong = ledger::disagreements(&app).await.map_err(|e| format!("{e}：{e:?}"))?;
        if !wrong.is_empty() {
            let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            return Err(format!("账簿与支付明细不符：{}", wrong.join("；")));
        }
        if lines.is_empty() {
            lines.push("没有到期的办件".to_owned());
        }
        Ok(lines.join("\n"))
    };
    super::print_or_complain::<String, String>(outcome.await)
}
