//! Writing: one export at a time, its rows streamed into a workbook on disk and from there, sealed
//! piece by piece, into the store of files. However long the list, memory stays the same.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::lists::{Wanted, picked_of};
use super::seen_as;
use super::take::{PIECE_BYTES, place};
use crate::app::App;
use crate::domain::export::{ExportList, ExportState};
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::file::hash::sha256_of;
use crate::file::workbook::{CellOut, Table, WriteError, write_xlsx_to};
use crate::service::{Actor, Error, notification};
use crate::store::account;
use crate::store::export::{self as store, Job};
use crate::store::lease::LEASE;
use crate::vault::random_token;

/// Between two lengthenings of the lease while the workbook is closed.
const HOLD_EVERY: Duration = Duration::from_secs(10);
/// How long a file is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// Beginnings after which an export is given up: the program stopped each time.
const MOST_ATTEMPTS: i64 = 3;
/// Sealed pieces between two lengthenings of the lease: 16 MB.
const HELD_PIECES: u64 = 128;
/// Pieces that wait for the writer.
const AHEAD: usize = 2;

/// Writes every export that nobody works on; returns how many became files.
///
/// # Errors
/// When the exports cannot be read; what fails with one is noted in it.
pub async fn work(app: &App) -> Result<usize, Error> {
    let mut written = 0;
    while let Some(writing) = Writing::claim(app).await? {
        let no = writing.job.export_no.clone();
        match writing.write().await {
            Ok(true) => written += 1,
            Ok(false) => tracing::warn!(no, "an export was not written"),
            Err(error) => tracing::error!(no, ?error, "an export was given up"),
        }
    }
    Ok(written)
}

/// An export in somebody's hands.
pub struct Writing {
    app: App,
    job: Job,
}

impl Writing {
    /// Takes up the oldest export that nobody works on, from its beginning: it is then the caller's
    /// until its lease ends. `None` when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(app: &App) -> Result<Option<Self>, Error> {
        let tx = app.db.begin().await?;
        let now = app.clock.machine_now();
        let Some(mut job) = store::lock_due(&tx, now).await? else { return Ok(None) };
        let held = job.lease_until;
        job.state = ExportState::Running.code().to_owned();
        job.attempts += 1;
        job.done = 0;
        job.lease_until = now + LEASE;
        store::save(&tx, &job, held).await?;
        tx.commit().await?;
        Ok(Some(Self { app: app.clone(), job }))
    }

    /// Writes it; whether it became a file. What stands against it is noted in it and told.
    ///
    /// # Errors
    /// When the database fails, or somebody else took it over.
    pub async fn write(mut self) -> Result<bool, Error> {
        let outcome = match self.owner().await {
            Ok(actor) => self.fill(&actor).await,
            Err(error) => Err(error),
        };
        let (kind, title) = match outcome {
            Ok(()) => {
                let rows = self.job.done;
                (NotificationKind::ExportReady, format!("共 {rows} 行，可下载，保留 24 小时"))
            }
            Err(error) => {
                tracing::warn!(no = self.job.export_no, ?error, "an export failed");
                self.job.message = match error {
                    Error::Refused(text) => text,
                    _ => "系统故障，没有生成；请重新申请".to_owned(),
                };
                self.job.state = ExportState::Failed.code().to_owned();
                (NotificationKind::ExportFailed, self.job.message.clone())
            }
        };
        let list = ExportList::from_code(&self.job.list).map_or("", Code::label);
        let title = format!("{} {list}：{title}", self.job.export_no);
        let (tx, held) = (self.app.db.begin().await?, self.job.lease_until);
        self.job.finished_at = Some(self.app.clock.machine_now());
        let told = notification::Plain {
            account_id: self.job.account_id,
            kind,
            occasion: &format!("{}:{}", kind.code(), self.job.export_no),
            title: &title,
            subject: &self.job.export_no,
            page: "/exports",
        };
        notification::plain(&self.app, &tx, &told).await?;
        if let Err(error) = store::save(&tx, &self.job, held).await {
            // Somebody else writes it again, into another file.
            if let Some(name) = &self.job.store_name {
                self.app.files.drop_expired(name).await.map_err(depot)?;
            }
            return Err(error.into());
        }
        tx.commit().await?;
        Ok(kind == NotificationKind::ExportReady)
    }

    /// Who asked, if they may still see the list as they did then.
    async fn owner(&self) -> Result<Actor, Error> {
        if self.job.attempts > MOST_ATTEMPTS {
            return Err(Error::Refused("多次中断，没有生成；请缩小范围后重新申请".to_owned()));
        }
        let full = account::by_id(self.app.db.read(), self.job.account_id).await?;
        let gone = || Error::Refused("账号已停用，没有生成".to_owned());
        let full = full.filter(|full| full.account.disabled_at.is_none()).ok_or_else(gone)?;
        let actor = Actor::new(&full, "")?;
        if seen_as(&actor) == self.job.seen_as {
            Ok(actor)
        } else {
            Err(Error::Refused("角色或管理范围已变更，没有生成；请重新申请".to_owned()))
        }
    }

    async fn fill(&mut self, actor: &Actor) -> Result<(), Error> {
        let unknown = || Error::Internal(format!("list of {}", self.job.export_no));
        let list = ExportList::from_code(&self.job.list).ok_or_else(unknown)?;
        let wanted = Wanted::from_criteria(list, &self.job.criteria)?;
        actor.must(list.needs())?;
        let (table, places) = wanted.table(&self.app, actor, &self.job.purpose).await?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        let mut writer = spawn_blocking(move || workbook(&table, &places, receiver));
        let read = self.read(actor, &wanted, sender).await;
        let file = loop {
            tokio::select! {
                done = &mut writer => break done,
                () = tokio::time::sleep(HOLD_EVERY) => self.hold().await?,
            }
        };
        let file = file.map_err(|fault| Error::Internal(fault.to_string()))?;
        // A writer that failed hangs up, and the reader only knows that.
        let file = file.map_err(|error| Error::Refused(error.to_string()))?;
        read?;
        self.keep(file).await
    }

    /// Reads the rows piece by piece and hands them to the writer.
    async fn read(
        &mut self,
        actor: &Actor,
        wanted: &Wanted,
        writer: mpsc::Sender<Vec<Vec<CellOut>>>,
    ) -> Result<(), Error> {
        let mut after = 0;
        while let Some((rows, last)) = wanted.piece(&self.app, actor, after).await? {
            after = last;
            self.job.done += i64::try_from(rows.len()).unwrap_or(0);
            let gone = |_| Error::Internal("the writer hung up".to_owned());
            writer.send(rows).await.map_err(gone)?;
            self.hold().await?;
        }
        Ok(())
    }

    /// Lengthens the lease and says how far it is.
    async fn hold(&mut self) -> Result<(), Error> {
        let (tx, held) = (self.app.db.begin().await?, self.job.lease_until);
        self.job.lease_until = self.app.clock.machine_now() + LEASE;
        store::save(&tx, &self.job, held).await?;
        Ok(tx.commit().await?)
    }

    /// Seals the workbook piece by piece into the store of files.
    async fn keep(&mut self, mut file: File) -> Result<(), Error> {
        let name = format!("export-{}", random_token::<16>()?);
        let mut upload = self.app.files.begin(&name).await.map_err(depot)?;
        let fault = |error: std::io::Error| Error::Internal(error.to_string());
        let sha256 = sha256_of(&mut file).map_err(fault)?;
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        let mut size = 0_u64;
        for index in 0_u64.. {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
            let read = file.by_ref().take(limit).read_to_end(&mut piece).map_err(fault)?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if index % HELD_PIECES == 0 {
                self.hold().await?;
            }
            let sealed = self.app.vault.seal(&place(&name, index), &piece)?;
            if let Err(error) = upload.write(&sealed).await {
                upload.abort().await.map_err(depot)?;
                return Err(depot(error));
            }
        }
        upload.finish().await.map_err(depot)?;
        self.job.state = ExportState::Ready.code().to_owned();
        self.job.store_name = Some(name);
        self.job.size_bytes = i64::try_from(size).ok();
        self.job.sha256 = Some(sha256);
        self.job.expires_at = Some(self.app.clock.machine_now() + KEPT);
        Ok(())
    }
}

pub(super) fn depot(error: crate::depot::DepotError) -> Error {
    Error::Internal(error.to_string())
}

/// The workbook of what lies at some places of rows as they come, in a file without a name: it is
/// gone with the program.
fn workbook(
    table: &Table,
    places: &[usize],
    mut rows: mpsc::Receiver<Vec<Vec<CellOut>>>,
) -> Result<File, WriteError> {
    let fault = |error: std::io::Error| WriteError::Failed(error.into());
    let mut file = tempfile::tempfile().map_err(fault)?;
    let rows = std::iter::from_fn(|| rows.blocking_recv()).flatten();
    write_xlsx_to(&mut file, table, rows.map(|row| picked_of(&row, places)))?;
    file.seek(SeekFrom::Start(0)).map_err(fault)?;
    Ok(file)
}

/// Drops files that have been kept long enough; returns how many.
///
/// # Errors
/// When the database or the store of files fails.
pub async fn forget_old(app: &App) -> Result<usize, Error> {
    let over = store::over(app.db.read(), app.clock.machine_now()).await?;
    for job in &over {
        if let Some(name) = &job.store_name {
            app.files.drop_expired(name).await.map_err(depot)?;
        }
        let tx = app.db.begin().await?;
        store::expire(&tx, job.id).await?;
        tx.commit().await?;
    }
    Ok(over.len())
}
