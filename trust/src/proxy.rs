//! A door between the program and PostgreSQL that can stand still, or break at a commit.
//!
//! It reads just enough of the protocol (PostgreSQL manual, "Message Formats") to know where one
//! message of the program ends and which of them is a COMMIT.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Outcome;

/// Largest message that is let through: more than any upload.
const MOST_BYTES: usize = 64 << 20;
/// Codes of the first messages of a connection that are no start: SSL, GSS.
const NOT_YET: [u32; 2] = [80_877_103, 80_877_104];

/// Where a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// The server never hears of the commit.
    Before,
    /// The server hears of it at the moment when everything breaks.
    During,
    /// The server has committed, and the program never hears of it.
    After,
}

#[derive(Debug, Default)]
struct Plan {
    /// How it breaks, and at which of the commits to come.
    armed: Option<(Cut, u32)>,
    has_cut: bool,
    commits: u64,
}

/// An open door. It closes when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    plan: Arc<Mutex<Plan>>,
    held: watch::Sender<bool>,
    work: JoinHandle<()>,
}

impl Proxy {
    /// Opens a door to the server at `port` on loopback.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn open(server: u16) -> Outcome<Self> {
        let door = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let port = door.local_addr().map_err(|error| error.to_string())?.port();
        let plan = Arc::new(Mutex::new(Plan::default()));
        let (held, is_held) = watch::channel(false);
        let shared = Arc::clone(&plan);
        let work = tokio::spawn(async move {
            while let Ok((program, _)) = door.accept().await {
                let (plan, is_held) = (Arc::clone(&shared), is_held.clone());
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                        // Either side may leave at any time; then so does the other.
                        let _ = pass(program, server, &plan, is_held).await;
                    }
                });
            }
        });
        Ok(Self { port, plan, held, work })
    }

    /// The address of a database behind this door.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://juncai@127.0.0.1:{}/{database}", self.port)
    }

    /// Breaks the connection of a commit to come, counted from 1.
    pub fn arm(&self, cut: Cut, commit: u32) {
        let mut plan = lock(&self.plan);
        (plan.armed, plan.has_cut) = (Some((cut, commit.max(1))), false);
    }

    /// Breaks nothing any more; whether it has broken a connection since it was armed.
    pub fn disarm(&self) -> bool {
        let mut plan = lock(&self.plan);
        plan.armed = None;
        std::mem::take(&mut plan.has_cut)
    }

    /// Commits that went through or were cut.
    pub fn commits(&self) -> u64 {
        lock(&self.plan).commits
    }

    /// Lets nothing through, in either direction, until told otherwise.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the connection of this commit breaks, if it does.
fn at_commit(plan: &Mutex<Plan>) -> Option<Cut> {
    let mut plan = lock(plan);
    plan.commits += 1;
    match plan.armed {
        Some((cut, 1)) => {
            (plan.armed, plan.has_cut) = (None, true);
            Some(cut)
        }
        Some((cut, more)) => {
            plan.armed = Some((cut, more - 1));
            None
        }
        None => None,
    }
}

/// Passes messages on until one side leaves or the plan says so.
async fn pass(
    mut program: TcpStream,
    mut server: TcpStream,
    plan: &Mutex<Plan>,
    mut held: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let (mut said, mut told) = (Messages::default(), [0_u8; 16 << 10]);
    let mut heard = [0_u8; 16 << 10];
    let mut is_mute = false;
    loop {
        tokio::select! {
            read = program.read(&mut heard) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                said.waiting.extend_from_slice(&heard[..read]);
                while let Some(message) = said.next()? {
                    let cut = is_commit(&message).then(|| at_commit(plan)).flatten();
                    if cut != Some(Cut::Before) {
                        wait(&mut held).await;
                        server.write_all(&message).await?;
                    }
                    match cut {
                        None => {}
                        Some(Cut::After) => is_mute = true,
                        Some(Cut::Before | Cut::During) => return reset(&program),
                    }
                }
            }
            read = server.read(&mut told) => {
                let read = read?;
                if is_mute {
                    // The first answer after a commit is that it was carried out.
                    return reset(&program);
                }
                if read == 0 {
                    return Ok(());
                }
                wait(&mut held).await;
                program.write_all(&told[..read]).await?;
            }
        }
    }
}

/// The program's connection ends without a farewell.
fn reset(program: &TcpStream) -> std::io::Result<()> {
    program.set_zero_linger()
}

async fn wait(held: &mut watch::Receiver<bool>) {
    // An error says that the door is gone, and nothing is held by it any more.
    let _ = held.wait_for(|held| !held).await;
}

/// What the program says, message by message.
#[derive(Debug, Default)]
struct Messages {
    waiting: Vec<u8>,
    has_begun: bool,
}

impl Messages {
    /// The next whole message.
    fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let kind = usize::from(self.has_begun);
        let number = |from: usize| {
            let bytes = self.waiting.get(from..from + 4)?;
            Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        };
        let Some(length) = number(kind) else { return Ok(None) };
        let whole = kind + usize::try_from(length).unwrap_or(usize::MAX);
        if whole > MOST_BYTES || length < 4 {
            return Err(std::io::Error::other("no message of the protocol"));
        }
        if self.waiting.len() < whole {
            return Ok(None);
        }
        let is_not_yet = number(4).is_some_and(|code| NOT_YET.contains(&code));
        self.has_begun = self.has_begun || !is_not_yet;
        Ok(Some(self.waiting.drain(..whole).collect()))
    }
}

/// Whether this is a simple query that commits.
fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q')
        && message.get(5..11).is_some_and(|word| word.eq_ignore_ascii_case(b"COMMIT"))
}

#[cfg(test)]
mod tests {
    use super::{Messages, is_commit};

    #[test]
    fn a_commit_is_found_among_messages_in_pieces() {
        let query = |text: &str| {
            let length = u32::try_from(text.len() + 5).unwrap();
            [b"Q".as_slice(), &length.to_be_bytes(), text.as_bytes(), b"\0"].concat()
        };
        let ssl = [8_u32.to_be_bytes(), 80_877_103_u32.to_be_bytes()].concat();
        let start = [9_u32.to_be_bytes().as_slice(), &196_608_u32.to_be_bytes(), b"\0"].concat();
        let all = [ssl.clone(), start.clone(), query("BEGIN"), query("COMMIT")].concat();
        let (mut messages, mut found) = (Messages::default(), Vec::new());
        for byte in all {
            messages.waiting.push(byte);
            found.extend(messages.next().unwrap());
        }
        assert_eq!(found, [ssl, start, query("BEGIN"), query("COMMIT")]);
        let commits: Vec<bool> = found.iter().map(|message| is_commit(message)).collect();
        assert_eq!(commits, [false, false, false, true]);
    }
}
