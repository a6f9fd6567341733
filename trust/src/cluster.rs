//! A private PostgreSQL whose writes reach the disk.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::database::Db;
use crate::process::{free_port, guarded, run, wait_until};

/// Longest start, recovery included.
const START_TIME: Duration = Duration::from_secs(60);

/// A server of our own on loopback, with fsync on. It ends with the harness.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

/// How a server is stopped on purpose.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// `pg_ctl stop -m immediate`: no checkpoint, recovery at the next start.
    Immediate,
    /// SIGKILL of the first process.
    Kill,
}

fn binaries() -> Outcome<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let folders = folders.chain([PathBuf::from("/usr/local/bin"), PathBuf::from("/usr/bin")]);
    let mut usable = folders.filter(|bin| bin.join("initdb").exists());
    usable.next().ok_or_else(|| "no PostgreSQL on this machine".to_owned())
}

fn is_root() -> bool {
    let about = std::fs::metadata("/proc/self");
    about.is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

/// The server refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if is_root() {
        guarded(program, &["--reuid=postgres", "--regid=postgres", "--clear-groups"])
    } else {
        guarded(program, &[])
    }
}

impl Cluster {
    /// Makes one in `folder` and starts it.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or it does not start.
    pub async fn make(folder: &Path) -> Outcome<Self> {
        let bin = binaries()?;
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder))?;
        }
        let place = folder.join("data");
        let init = ["-U", "juncai", "-A", "trust", "-E", "UTF8", "--locale=C"];
        run(as_postgres(&bin.join("initdb")).arg("-D").arg(&place).args(init))?;
        let port = free_port()?;
        let mut cluster = Self { bin, folder: folder.to_owned(), port, server: None };
        cluster.start().await?;
        Ok(cluster)
    }

    /// Address of a database on it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://juncai@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port on loopback.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Starts it and waits until it answers; how long that took.
    ///
    /// # Errors
    /// When it does not answer in a minute.
    pub async fn start(&mut self) -> Outcome<Duration> {
        let begun = Instant::now();
        while begun.elapsed() < START_TIME {
            self.spawn()?;
            // Processes of a killed server hold its memory for a moment; then it starts again.
            let mut gone = false;
            let answers = async || {
                gone = !self.is_running();
                gone || self.answers().await
            };
            wait_until(START_TIME, answers).await?;
            if !gone {
                return Ok(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err("PostgreSQL did not start".to_owned())
    }

    fn spawn(&mut self) -> Outcome<()> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
            .map_err(|error| error.to_string())?;
        let sockets = format!("unix_socket_directories={}", self.folder.display());
        let started = as_postgres(&self.bin.join("postgres"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &sockets, "-c", "fsync=on", "-c", "synchronous_commit=on"])
            .args(["-c", "max_connections=100"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.server = Some(started.map_err(|error| format!("postgres: {error}"))?);
        Ok(())
    }

    fn is_running(&mut self) -> bool {
        self.server.as_mut().is_some_and(|server| matches!(server.try_wait(), Ok(None)))
    }

    async fn answers(&self) -> bool {
        let ready = Command::new(self.bin.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .status();
        ready.is_ok_and(|status| status.success())
    }

    /// Stops it in one of the bad ways.
    ///
    /// # Errors
    /// When it was not running.
    pub fn stop(&mut self, how: Stop) -> Outcome<()> {
        let mut server = self.server.take().ok_or("PostgreSQL is not running")?;
        match how {
            Stop::Immediate => {
                let place = self.folder.join("data");
                let stop = ["stop", "-m", "immediate", "-W"];
                run(as_postgres(&self.bin.join("pg_ctl")).args(stop).arg("-D").arg(place))?;
            }
            Stop::Kill => server.kill().map_err(|error| error.to_string())?,
        }
        server.wait().map(drop).map_err(|error| error.to_string())
    }

    /// Carries out statements on the server itself.
    ///
    /// # Errors
    /// When it refuses one.
    pub async fn administer(&self, statements: &[String]) -> Outcome<()> {
        let db = Db::open(&self.url("postgres")).await?;
        for statement in statements {
            db.run(statement).await?;
        }
        db.close().await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            // At the end nobody is left to hear that it failed.
            let _ = self.stop(Stop::Immediate);
        }
    }
}
