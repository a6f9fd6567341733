//! `juncai tick`: does what time asks of files, once; the server does the same by itself.

use std::process::ExitCode;

use super::open::{Place, open_app};
use crate::service::{ledger, program};

/// Where the data are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    let outcome = async {
        let config = args.place.config()?;
        let app = open_app(&config).await.map_err(|e| e.to_string())?;
        let round = program::round(&app).await.map_err(|e| format!("{e}：{e:?}"))?;
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
