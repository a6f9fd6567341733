//! Processes that never outlive the harness, and waiting with bounds.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// A pause between two looks at something awaited.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// A command whose process is killed by the kernel when the harness ends, however it ends.
pub fn guarded(program: &Path, as_whom: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command.args(as_whom).args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot start or fails: what it said.
pub fn run(command: &mut Command) -> Outcome<String> {
    let done = command.stdin(Stdio::null()).output();
    let done = done.map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() {
        return Ok(text(&done.stdout));
    }
    Err(format!("{command:?}: {}: {}{}", done.status, text(&done.stdout), text(&done.stderr)))
}

/// Sends a signal by name.
///
/// # Errors
/// When there is no such process.
pub fn signal(pid: u32, name: &str) -> Outcome<()> {
    run(Command::new("kill").arg(format!("-{name}")).arg(pid.to_string())).map(drop)
}

/// A port on loopback that nobody uses at the moment.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Outcome<u16> {
    let door = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(door.local_addr().map_err(|error| error.to_string())?.port())
}

/// Looks again and again until something holds.
///
/// # Errors
/// When it does not within `at_most`.
pub async fn wait_until(
    at_most: Duration,
    mut holds: impl AsyncFnMut() -> bool,
) -> Outcome<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < at_most {
        if holds().await {
            return Ok(begun.elapsed());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(format!("not within {} s", at_most.as_secs()))
}
