//! What the server does beside answering.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::service::audit;

/// Between two seals of the audit chains.
const SEAL_EVERY: Duration = Duration::from_secs(3_600);

/// Starts the work beside the requests; it ends when the handle is aborted. Each piece is one
/// transaction, so that an abort leaves nothing half done.
pub fn start(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut turn = interval(SEAL_EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turn.tick().await;
            match audit::seal(&app).await {
                Ok(true) => tracing::info!("the audit chains are sealed"),
                Ok(false) => {}
                Err(error) => tracing::error!(?error, "the audit chains could not be sealed"),
            }
        }
    })
}
