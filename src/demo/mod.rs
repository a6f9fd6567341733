//! The demonstration: an invented province whose year 2026 runs through the same use cases as
//! real work. Everything here is made up; numbers carry valid check digits and belong to nobody.

mod agreement;
mod bank;
mod calendar;
mod cast;
mod chance;
pub mod crowd;
mod enterprises;
mod expert;
mod key_enterprises;
mod money;
mod offices;
mod own;
mod people;
mod plan;
mod programmes;
mod recognitions;
mod recovery;
mod registry_year;
mod report;
mod scenario;
mod sheets;
mod stage;
mod visit;

use chrono::Duration;

use crate::app::App;
use crate::clock::Clock;
use crate::file::bank::NeutralError;
use crate::service::{Actor, Error, stipend};
use crate::store::account;
use crate::store::db::StoreError;
use crate::store::installation::{self, Purpose};

pub use own::{Activation, activation};
pub use report::Report;

use stage::Stage;

/// Why the story broke off. What it had committed stays, as with any work.
#[derive(Debug, thiserror::Error)]
#[error("演示未能完成：{0}")]
pub struct DemoError(String);

impl From<Error> for DemoError {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<NeutralError> for DemoError {
    fn from(error: NeutralError) -> Self {
        Self(error.to_string())
    }
}

/// Plays the story in an empty database and marks it as a demonstration whose clock goes on from
/// the story's end. A second time it changes nothing and answers `None`.
///
/// # Errors
/// When the database holds anything that this story did not make, or a step is refused.
pub async fn play(app: &App) -> Result<Option<Report>, DemoError> {
    match installation::get(app.db.read()).await? {
        Some(installed) if installed.is_demo() => return Ok(None),
        Some(_) => return Err(DemoError("该数据库已用于正式业务，请换一个数据文件夹".to_owned())),
        None if account::count(app.db.read()).await? > 0 => {
            return Err(DemoError("上一次演示中途停止，请删除数据文件夹后重来".to_owned()));
        }
        None => {}
    }
    let started = app.clock.now();
    let enterprises = enterprises::all();
    let lives = plan::lives(enterprises.len());
    let mut stage = Stage::new(app.clone());
    stage.begin();
    registry_year::play(&mut stage, &enterprises, &lives).await?;
    money::play(&mut stage, &enterprises, &lives).await?;
    scenario::play(&mut stage).await?;
    let report = report::of(&stage).await?;
    let offset: Duration = stage.app.clock.now() - started;
    let tx = app.db.begin().await?;
    installation::mark(&tx, Purpose::Demonstration(offset), stage.app.clock.now()).await?;
    tx.commit().await?;
    Ok(Some(report))
}

/// Puts a crowd beside those of the story (see [`crowd`]) and computes the year for all; `told` hears how
/// many are registered.
///
/// # Errors
/// When the story was not played here, or the database refuses.
pub async fn invite(app: &App, persons: usize, told: impl Fn(usize)) -> Result<(), DemoError> {
    let found = account::by_login(app.db.read(), registry_year::HR).await?;
    let full = found.ok_or_else(|| DemoError("该数据库不是演示数据".to_owned()))?;
    let hr = Actor::new(&full, "127.0.0.1")?;
    crowd::register(app, hr.account_id, persons, told).await?;
    let run_no = stipend::start_run(app, &hr, crowd::YEAR).await?;
    Ok(stipend::execute_run(app, &run_no).await?)
}

/// One account per role: (what it is, sign-in name), and everybody's password.
pub fn accounts() -> (Vec<(String, &'static str)>, &'static str) {
    (cast::printed(), cast::PASSWORD)
}

impl Stage {
    /// Sets the clock to the first day of the story.
    fn begin(&mut self) {
        let first = plan::day(1, 5).and_hms_opt(1, 0, 0).expect("one o'clock exists");
        self.app.clock = Clock::Fixed(first.and_utc());
    }
}
