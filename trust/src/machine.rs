//! What the figures were measured on.

use std::path::Path;
use std::process::Command;

use crate::process::run;

/// Cores, memory and kernel, in a few words.
pub fn size() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib: u64 = total
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores, {} GiB, Linux {}", kib.div_ceil(1 << 20), kernel.trim())
}

/// Seconds since 1970, as tracers write them.
#[expect(clippy::disallowed_methods, reason = "the harness watches real processes in real time")]
pub fn now() -> f64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

/// The day in UTC.
pub fn today() -> String {
    let now = chrono::DateTime::from_timestamp(now() as i64, 0).unwrap_or_default();
    now.format("%Y-%m-%d").to_string()
}

/// Which program was broken: how it was built, and the beginning of its hash.
pub fn program(path: &Path) -> String {
    let hash = run(Command::new("sha256sum").arg(path)).unwrap_or_default();
    let hash = hash.get(..12).unwrap_or_default().to_owned();
    let is_release = path.parent().is_some_and(|folder| folder.ends_with("release"));
    format!("{} build {hash}", if is_release { "release" } else { "debug" })
}

/// The commit that was checked out; marked when files differ from it.
pub fn commit() -> String {
    let git = |arguments: &[&str]| run(Command::new("git").args(arguments)).unwrap_or_default();
    let mark = if git(&["status", "--porcelain", "--", "src", "migration", "entity"]).is_empty() {
        ""
    } else {
        " with changes"
    };
    format!("{}{mark}", git(&["rev-parse", "--short", "HEAD"]).trim())
}

/// Memory that a process holds, in KiB; 0 when it is gone.
pub fn memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Files that a process has open; 0 when it is gone.
pub fn open_files(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}
