//! A wall clock that jumps: libfaketime between the program and the machine. Only the wall clock
//! is moved; what counts seconds goes on as it did.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::database::Db;
use crate::machine;

/// The moved clock of one registry.
#[derive(Debug)]
pub struct Wall {
    library: PathBuf,
    /// Holds the offset; the program reads it at every look at the clock.
    file: PathBuf,
    /// Seconds by which a demonstration's clock is ahead of the machine's.
    ahead: i64,
}

impl Wall {
    /// A clock that goes as the machine's does, for now.
    ///
    /// # Errors
    /// When libfaketime is not installed.
    pub async fn hang(folder: &Path, db: &Db) -> Outcome<Self> {
        let places = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        let mut libraries = places.map(|place| place.path().join("faketime/libfaketime.so.1"));
        let missing = || "no libfaketime on this machine (package faketime)".to_owned();
        let library = libraries.find(|path| path.exists()).ok_or_else(missing)?;
        let ahead = "SELECT CAST(clock_offset_s AS BIGINT) FROM installation";
        let ahead = db.number(ahead).await?;
        let wall = Self { library, file: folder.join("wall"), ahead };
        wall.shift(0)?;
        Ok(wall)
    }

    /// Puts a program under this clock.
    pub fn apply(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
    }

    /// Sets the clock so many seconds before or after the machine's.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn shift(&self, seconds: i64) -> Outcome<()> {
        let text = format!("{seconds:+}\n");
        // A reader never meets half a file.
        let new = self.file.with_extension("new");
        std::fs::write(&new, text).map_err(|error| error.to_string())?;
        std::fs::rename(&new, &self.file).map_err(|error| error.to_string())
    }

    /// Sets the clock so that the registry's own shows an instant, in seconds since 1970; gives the
    /// shift.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn show(&self, instant: i64) -> Outcome<i64> {
        let shift = instant - self.ahead - machine::now() as i64;
        self.shift(shift)?;
        Ok(shift)
    }
}
