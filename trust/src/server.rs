//! The program under test as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::process::{free_port, signal, wait_until};
use crate::registry::{Registry, juncai};
use crate::wall::Wall;

/// Longest start: migrations and recovery included.
const START_TIME: Duration = Duration::from_secs(30);

/// A served registry. It is killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    process: Child,
    port: u16,
    log: PathBuf,
    /// From the start of the process to its first good answer at `/healthz`.
    pub started_in: Duration,
}

impl Server {
    /// Serves a registry and waits until it answers.
    ///
    /// # Errors
    /// When it does not in half a minute: what it said.
    pub async fn start(program: &Path, registry: &Registry) -> Outcome<Self> {
        Self::start_as(juncai(program, registry), registry).await
    }

    /// The same under a wall clock that can be moved.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_under(wall: &Wall, program: &Path, at: &Registry) -> Outcome<Self> {
        let mut command = juncai(program, at);
        wall.apply(&mut command);
        Self::start_as(command, at).await
    }

    /// The same with every write to its files written down in `calls`, with data and time. The
    /// tracer is a process beside it and ends with it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_recorded(program: &Path, at: &Registry, calls: &Path) -> Outcome<Self> {
        const RECORDED: &str = "trace=pwrite64,ftruncate,fsync,fdatasync";
        let mut command = juncai(Path::new("strace"), at);
        command.args(["-D", "-f", "-q", "-y", "-xx", "-ttt", "-s", "1000000", "-e", RECORDED]);
        command.arg("-o").arg(calls).arg(program);
        Self::start_as(command, at).await
    }

    async fn start_as(mut command: Command, registry: &Registry) -> Outcome<Self> {
        let log = registry.data.join("server.log");
        let out = std::fs::File::options().create(true).append(true).open(&log);
        let out = out.map_err(|error| format!("{}: {error}", log.display()))?;
        let port = free_port()?;
        let begun = Instant::now();
        let process = command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(out)
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut server = Self { process, port, log, started_in: Duration::ZERO };
        let healthy = async || server.is_healthy().await || server.has_ended();
        let waited = wait_until(START_TIME, healthy).await;
        server.started_in = begun.elapsed();
        match waited {
            Ok(_) if !server.has_ended() => Ok(server),
            _ => Err(format!("the server does not start: {}", server.said())),
        }
    }

    async fn is_healthy(&self) -> bool {
        let asked = reqwest::get(format!("{}/healthz", self.site())).await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// Where it serves.
    pub fn site(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The end of its log, for a report.
    pub fn said(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }

    /// Whether it has ended by itself, or was ended by something else than [`Self::kill`].
    pub fn is_dead(&mut self) -> bool {
        self.has_ended()
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub fn kill(&mut self) -> Outcome<()> {
        self.process.kill().map_err(|error| error.to_string())?;
        self.process.wait().map(drop).map_err(|error| error.to_string())
    }

    /// SIGKILL, and the end of the list that a tracer wrote of it.
    ///
    /// # Errors
    /// When the tracer does not end.
    pub async fn kill_recorded(&mut self, calls: &Path) -> Outcome<()> {
        let last = format!("{} ", self.pid());
        self.kill()?;
        let is_complete = async || {
            let list = std::fs::read(calls).unwrap_or_default();
            let tail = list.get(list.len().saturating_sub(1 << 14)..).unwrap_or_default();
            let tail = String::from_utf8_lossy(tail);
            tail.lines().any(|line| line.starts_with(&last) && line.contains("+++ killed by"))
        };
        wait_until(START_TIME, is_complete).await.map(drop)
    }

    /// SIGTERM, without waiting.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub fn ask_to_stop(&self) -> Outcome<()> {
        signal(self.pid(), "TERM")
    }

    /// Waits until it has ended; whether it said that all went well.
    ///
    /// # Errors
    /// When it does not end within `at_most`.
    pub async fn ended(&mut self, at_most: Duration) -> Outcome<bool> {
        wait_until(at_most, async || self.has_ended()).await?;
        let status = self.process.wait().map_err(|error| error.to_string())?;
        Ok(status.success())
    }

    /// Stops it in good order.
    ///
    /// # Errors
    /// When it does not stop in half a minute.
    pub async fn stop(mut self) -> Outcome<()> {
        self.ask_to_stop()?;
        self.ended(Duration::from_secs(30)).await.map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.has_ended() {
            // At the end nobody is left to hear that it failed.
            let _ = self.kill();
        }
    }
}
