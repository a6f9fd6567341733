//! `juncai setup-link`: how to come in again when the only one of an administrator's kind cannot.

use std::process::ExitCode;

use super::open::{Place, open_app};
use crate::domain::authority::Role;
use crate::service::setup;

/// Which administrator, and where the data are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which of the three administrators to make
    role: Which,
    #[command(flatten)]
    place: Place,
}

/// One of the three administrators.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Which {
    /// Makes accounts
    System,
    /// Authorises them
    Security,
    /// Reads what the two others did
    Auditor,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    let outcome = async {
        let config = args.place.config()?;
        let app = open_app(&config).await.map_err(|e| e.to_string())?;
        let role = match args.role {
            Which::System => Role::Administrator,
            Which::Security => Role::SecurityAdministrator,
            Which::Auditor => Role::SecurityAuditor,
        };
        let link = setup::recovery_link(&app, role).await.map_err(|e| format!("{e}：{e:?}"))?;
        Ok(format!("/setup/{}", link.token))
    };
    super::print_or_complain::<String, String>(outcome.await)
}
