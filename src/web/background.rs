//! What the server does beside answering.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::App;
use crate::service::keys::Resealed;
use crate::service::{
    account, audit, draft, export, heads, keys, ledger, mail, notification, once, program,
    scenario, stipend, webhook,
};

/// Between two seals of the audit chains.
const SEAL_EVERY: Duration = Duration::from_secs(3_600);
/// Between two rounds of forgetting.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// Between two comparisons of the books with the payments.
const COMPARE_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// Between two counts of what changed since years were computed.
const DRIFT_EVERY: Duration = Duration::from_secs(3_600);
/// Between two looks for computations that nobody carries on.
const RESUME_EVERY: Duration = Duration::from_secs(10);

/// Between two rounds of what time asks of files.
const ROUND_EVERY: Duration = Duration::from_secs(600);
/// Between two looks for accounts that nobody uses.
const IDLE_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// Between two looks for files that are due.
const REMIND_EVERY: Duration = Duration::from_secs(3_600);
/// Between two looks for lists to be written.
const EXPORT_EVERY: Duration = Duration::from_secs(3);
/// Between two looks for scenarios to be worked out.
const SCENARIOS_EVERY: Duration = Duration::from_secs(3);
/// Between two looks for keys that another process made: several in the time that one takes to settle.
const KEYS_EVERY: Duration = Duration::from_secs(30);
/// Between two looks for mail to be sent.
const MAIL_EVERY: Duration = Duration::from_secs(60);

/// Between two looks for events to be sent.
const EVENTS_EVERY: Duration = Duration::from_secs(5);

/// Starts the work beside the requests; it ends when the set is dropped. Each piece is one
/// transaction, so that ending it leaves nothing half done.
pub fn start(app: &App) -> JoinSet<()> {
    let mut work = JoinSet::new();
    work.spawn(seal(app.clone()));
    work.spawn(resume(app.clone()));
    work.spawn(look_for_changes(app.clone()));
    work.spawn(forget(app.clone()));
    work.spawn(round(app.clone()));
    work.spawn(disable_idle(app.clone()));
    work.spawn(remind(app.clone()));
    work.spawn(send_mail(app.clone()));
    work.spawn(exports(app.clone()));
    work.spawn(scenarios(app.clone()));
    work.spawn(compare_books(app.clone()));
    work.spawn(send_events(app.clone()));
    work.spawn(keys(app.clone()));
    work
}

/// Ticks at once, then at even distances; late ones are not caught up.
fn every(period: Duration) -> Interval {
    let mut turn = interval(period);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turn
}

async fn seal(app: App) {
    let mut turn = every(SEAL_EVERY);
    loop {
        turn.tick().await;
        match audit::seal(&app).await {
            Ok(true) => tracing::info!("the audit chains are sealed"),
            Ok(false) => {}
            Err(error) => tracing::error!(?error, "the audit chains could not be sealed"),
        }
        export_heads(&app).await;
    }
}

/// Lets the heads leave the machine, and warns when they do not.
async fn export_heads(app: &App) {
    match heads::export(app).await {
        Ok(0) => {}
        Ok(seals) => tracing::info!(seals, "heads of the log were exported"),
        Err(error) => tracing::error!(?error, "the heads of the log could not be exported"),
    }
    match heads::look(app).await {
        Ok(standing) => {
            if let Some(since) = standing.late_since {
                tracing::warn!(%since, "the log is on this machine alone for longer than it may be");
            }
        }
        Err(error) => tracing::error!(?error, "the exported heads could not be looked at"),
    }
}

async fn resume(app: App) {
    let mut turn = every(RESUME_EVERY);
    loop {
        turn.tick().await;
        match stipend::resume_all(&app).await {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "computations were carried to their end"),
            Err(error) => tracing::error!(?error, "unfinished computations could not be read"),
        }
    }
}

async fn keys(app: App) {
    let mut turn = every(KEYS_EVERY);
    loop {
        turn.tick().await;
        if let Err(error) = keys::refresh(&app).await {
            tracing::error!(?error, "the keys of the database cannot be taken up");
            continue;
        }
        match keys::reseal(&app).await {
            Ok(done) if done == Resealed::default() => {}
            Ok(done) => tracing::info!(values = done.values, "values were sealed anew"),
            Err(error) => tracing::error!(?error, "values could not be sealed anew"),
        }
    }
}

async fn look_for_changes(app: App) {
    let mut turn = every(DRIFT_EVERY);
    loop {
        turn.tick().await;
        match stipend::look_for_changes(&app).await {
            Ok(0) => {}
            Ok(years) => tracing::info!(years, "facts of decided years changed"),
            Err(error) => tracing::error!(?error, "changes of decided years could not be counted"),
        }
    }
}

async fn exports(app: App) {
    let mut turn = every(EXPORT_EVERY);
    loop {
        turn.tick().await;
        match export::work(&app).await {
            Ok(0) => {}
            Ok(written) => tracing::info!(written, "exports were written"),
            Err(error) => tracing::error!(?error, "exports could not be read"),
        }
    }
}

async fn scenarios(app: App) {
    let mut turn = every(SCENARIOS_EVERY);
    loop {
        turn.tick().await;
        match scenario::work(&app).await {
            Ok(0) => {}
            Ok(ended) => tracing::info!(ended, "scenarios were worked out"),
            Err(error) => tracing::error!(?error, "scenarios could not be read"),
        }
    }
}

async fn compare_books(app: App) {
    let mut turn = every(COMPARE_EVERY);
    loop {
        turn.tick().await;
        match ledger::disagreements(&app).await {
            Ok(wrong) if wrong.is_empty() => {}
            Ok(wrong) => tracing::error!(?wrong, "the books do not agree with the payments"),
            Err(error) => tracing::error!(?error, "the books could not be compared"),
        }
    }
}

async fn forget(app: App) {
    let mut turn = every(FORGET_EVERY);
    loop {
        turn.tick().await;
        match export::forget_old(&app).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "exported files are dropped"),
            Err(error) => tracing::error!(?error, "exported files could not be dropped"),
        }
        match once::forget_old(&app).await {
            Ok(0) => {}
            Ok(submissions) => tracing::info!(submissions, "old submissions are forgotten"),
            Err(error) => tracing::error!(?error, "old submissions could not be forgotten"),
        }
        if let Err(error) = webhook::forget_old(&app).await {
            tracing::error!(?error, "old events could not be forgotten");
        }
        if let Err(error) = draft::forget_old(&app).await {
            tracing::error!(?error, "old drafts could not be forgotten");
        }
    }
}

async fn round(app: App) {
    let mut turn = every(ROUND_EVERY);
    loop {
        turn.tick().await;
        match program::round(&app).await {
            Ok(round) if round == program::Round::default() => {}
            Ok(round) => tracing::info!(?round, "time moved files"),
            Err(error) => tracing::error!(?error, "files that wait for time could not be read"),
        }
    }
}

async fn remind(app: App) {
    let mut turn = every(REMIND_EVERY);
    loop {
        turn.tick().await;
        if let Err(error) = notification::remind_due(&app).await {
            tracing::error!(?error, "nobody could be told what is due");
        }
    }
}

async fn disable_idle(app: App) {
    let mut turn = every(IDLE_EVERY);
    loop {
        turn.tick().await;
        match account::disable_idle(&app).await {
            Ok(0) => {}
            Ok(accounts) => tracing::info!(accounts, "accounts that nobody used were disabled"),
            Err(error) => tracing::error!(?error, "unused accounts could not be disabled"),
        }
    }
}

async fn send_mail(app: App) {
    let mut turn = every(MAIL_EVERY);
    loop {
        turn.tick().await;
        match mail::send_due(&app).await {
            Ok(sent) if sent == mail::Sent::default() => {}
            Ok(sent) => tracing::info!(?sent, "mail went out"),
            Err(error) => tracing::error!(?error, "mail could not be sent"),
        }
    }
}

async fn send_events(app: App) {
    let mut turn = every(EVENTS_EVERY);
    loop {
        turn.tick().await;
        match webhook::send_due(&app).await {
            Ok(sent) if sent == webhook::Delivered::default() => {}
            Ok(sent) => tracing::info!(?sent, "events went out"),
            Err(error) => tracing::error!(?error, "events could not be sent"),
        }
    }
}
