//! Starting a run and following it.

use chrono::Datelike;
use serde_json::json;

use super::policy::{self, CORE_ENGINEER};
use crate::app::App;
use crate::code_list;
use crate::domain::authority::Act;
use crate::domain::edition::Policy;
use crate::domain::registry::Code;
use crate::service::{Actor, Error, log};
use crate::store::number;
use crate::store::stipend::{facts, run as store};

code_list! {
    /// Where a run stands.
    RunState {
        /// Waiting to be taken up.
        Queued = "queued", "排队中";
        /// Under way.
        Running = "running", "计算中";
        /// Done.
        Completed = "completed", "完成";
        /// Given up.
        Failed = "failed", "出错";
    }
}

impl RunState {
    pub(super) fn of(run: &store::Run) -> Result<Self, Error> {
        Self::from_code(&run.state)
            .ok_or_else(|| Error::Internal(format!("inconsistent state of run {}", run.run_no)))
    }

    /// Whether it will still move.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Official number.
    pub run_no: String,
    /// Award year.
    pub year: i64,
    /// Where it stands.
    pub state: RunState,
    /// Persons to look at.
    pub total: i64,
    /// Persons looked at.
    pub done: i64,
    /// Those to whom something is due.
    pub eligible: i64,
    /// Those to whom nothing is due.
    pub ineligible: i64,
    /// Versions that replaced an earlier one.
    pub changed: i64,
    /// Persons whose frozen money is supplemented or to be recovered.
    pub adjusted: i64,
    /// Persons whose facts contradict each other; nothing was stored for them.
    pub failed_persons: i64,
    /// Which persons failed, or why the run was given up; may be empty.
    pub message: String,
}

impl Progress {
    pub(super) fn of(run: &store::Run) -> Result<Self, Error> {
        Ok(Self {
            run_no: run.run_no.clone(),
            year: run.award_year,
            state: RunState::of(run)?,
            total: run.total,
            done: run.done,
            eligible: run.eligible,
            ineligible: run.ineligible,
            changed: run.changed,
            adjusted: run.adjusted,
            failed_persons: run.failed_persons,
            message: run.message.clone(),
        })
    }
}

/// Queues the computation of a year from the facts as known now; returns the run's number. Nothing
/// is computed before somebody calls [`super::execute_run`].
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a year outside the policy or in the future;
/// [`Error::Refused`] while another run of the year is queued or under way.
pub async fn start_run(app: &App, actor: &Actor, year: i32) -> Result<String, Error> {
    actor.must(Act::Compute)?;
    let tx = app.db.begin().await?;
    policy::ensure(app, &tx, actor).await?;
    let (document, policy) = policy::current(&tx).await?;
    check_year(&policy, year, app.clock.today().year())?;
    if let Some(live) = store::live(&tx, CORE_ENGINEER, year).await? {
        let no = live.run_no;
        return Err(Error::Refused(format!(
            "{year} 年度正在核定（{no}），请等它完成后再开始新的核定"
        )));
    }
    let now = app.clock.now();
    let number = number::allocate(&tx, &format!("run-{year}"), 1).await?;
    let run_no = format!("HD{year}-{number:03}");
    let total = facts::count_persons(&tx, now).await?;
    let new = store::NewRun {
        run_no: &run_no,
        programme: CORE_ENGINEER,
        award_year: year,
        policy_document_id: document.id,
        facts_known_at: now,
        total: i64::try_from(total).unwrap_or(i64::MAX),
        started_by: actor.account_id,
        started_at: now,
    };
    store::queue(&tx, &new).await?;
    let detail = json!({ "year": year, "persons": total, "policy": document.sha256 });
    log(app, &tx, actor, "run.started", ("run", &run_no), &detail).await?;
    tx.commit().await?;
    Ok(run_no)
}

/// Refuses a year outside the policy or in the future (field `year`).
pub(in crate::service) fn check_year(
    policy: &Policy,
    year: i32,
    this_year: i32,
) -> Result<(), Error> {
    let years = policy.versions().iter().map(|v| (v.from().year(), v.through().year()));
    let first = years.clone().map(|(from, _)| from).min().unwrap_or(year);
    let last = years.map(|(_, through)| through).max().unwrap_or(year);
    let wrong = |text: String| Err(Error::Invalid(vec![("year".to_owned(), text)]));
    if !(first..=last).contains(&year) {
        return wrong(format!("政策适用于 {first} 至 {last} 年度，请填写其中一年"));
    }
    if year > this_year {
        return wrong(format!("{year} 年度尚未开始，请在当年开始后再核定"));
    }
    Ok(())
}

/// How far a run has come.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn progress(app: &App, actor: &Actor, run_no: &str) -> Result<Progress, Error> {
    actor.must(Act::Compute)?;
    let run = store::by_no(app.db.read(), run_no).await?.ok_or(Error::NotFound("这次核定"))?;
    Progress::of(&run)
}
