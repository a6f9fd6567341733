//! System calls of a running program: made to fail, made to kill it, written down.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Outcome;
use crate::process::{guarded, signal, wait_until};

/// A tracer at a running process. Without it the process goes on.
#[derive(Debug)]
pub struct Tracer(Child);

/// Whether processes can be traced here.
pub fn is_possible() -> bool {
    let mut trial = Command::new("strace");
    let tried = trial.args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

impl Tracer {
    /// Lets a fault happen at the `when`-th of certain calls of each thread, or at all of them:
    /// `inject` is what strace calls it, such as `fdatasync:error=EIO:when=3`. Calls are listed in
    /// the file `to`, the ones that failed on purpose marked (see [`injected`]).
    ///
    /// # Errors
    /// When the process cannot be traced.
    pub async fn inject(pid: u32, inject: &str, to: &Path) -> Outcome<Self> {
        let calls = inject.split(':').next().unwrap_or_default();
        let (trace, inject) = (format!("trace={calls}"), format!("inject={inject}"));
        let to = to.display().to_string();
        Self::attach(pid, &["-s", "0", "-o", &to, "-e", &trace, "-e", &inject]).await
    }

    async fn attach(pid: u32, arguments: &[&str]) -> Outcome<Self> {
        let started = guarded(Path::new("strace"), &[])
            .args(["-f", "-qq"])
            .args(arguments)
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let tracer = Self(started.map_err(|error| format!("strace: {error}"))?);
        wait_until(Duration::from_secs(10), async || is_traced(pid)).await?;
        Ok(tracer)
    }

    /// Lets go of the process.
    pub async fn detach(mut self) {
        let ended = |tracer: &mut Child| !matches!(tracer.try_wait(), Ok(None));
        if !ended(&mut self.0) && signal(self.0.id(), "INT").is_ok() {
            // One that does not listen is killed when it is dropped.
            let _ = wait_until(Duration::from_secs(10), async || ended(&mut self.0)).await;
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // The tracer may end by itself in this moment.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// How many calls failed on purpose, by the list of a tracer.
pub fn injected(list: &Path) -> usize {
    let list = std::fs::read_to_string(list).unwrap_or_default();
    list.lines().filter(|line| line.contains("(INJECTED)")).count()
}

/// Whether every thread of a process has a tracer, or is dead: the first call may be the last.
fn is_traced(pid: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    threads.flatten().all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let is_dead = status.lines().any(|line| line.starts_with("State:") && line.contains('Z'));
        is_dead || !status.lines().any(|line| line.split_whitespace().eq(["TracerPid:", "0"]))
    })
}
