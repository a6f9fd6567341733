//! The file of signed heads: lines are only ever added, and are on the disk before anybody is told so
//! (ADR 0022). What lies in its folder is meant to be copied away, or to be on another machine.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::head_line::HeadLine;
use crate::file::heads::parse;

const NAME: &str = "heads.jsonl";
/// Bytes from the end in which the last line is looked for first.
const WINDOW: u64 = 1 << 16;

/// The file, which need not exist yet. Cheap to clone; the clones share what failed last.
#[derive(Debug, Clone)]
pub struct HeadFile {
    path: PathBuf,
    failure: Arc<Mutex<Option<String>>>,
}

impl HeadFile {
    /// The file in this folder, which is made with the first line.
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join(NAME), failure: Arc::default() }
    }

    /// The last whole line, as text and read; `None` before there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last(&self) -> io::Result<Option<(String, HeadLine)>> {
        match File::open(&self.path) {
            Ok(mut file) => last_line(&mut file),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds lines after the line `after`; they are on the disk when this returns. Does nothing and
    /// returns `false` when another process has added some meanwhile.
    ///
    /// # Errors
    /// When the folder or the file cannot be made or written.
    pub fn append(&self, after: Option<&str>, lines: &[String]) -> io::Result<bool> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let is_new = !self.path.exists();
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
        match file.lock() {
            // Some shared folders have no locks; then one process should write there.
            Err(error) if error.kind() != ErrorKind::Unsupported => return Err(error),
            _ => {}
        }
        let last = last_line(&mut file)?;
        if last.as_ref().map(|(text, _)| text.as_str()) != after {
            return Ok(false);
        }
        let mut text = if ends_in_a_line(&mut file)? { String::new() } else { "\n".to_owned() };
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if is_new {
            File::open(folder)?.sync_all()?;
        }
        Ok(true)
    }

    /// The whole file; empty before there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> io::Result<String> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    /// Remembers why the last attempt failed; `None` when it did not.
    pub fn note(&self, failure: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// Why the last attempt of this process failed.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The last line that can be read; one that was torn is passed over.
fn last_line(file: &mut File) -> io::Result<Option<(String, HeadLine)>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut window = WINDOW;
    loop {
        let from = end.saturating_sub(window);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(end - from).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        // The first of a window may be the rest of a line: it does not read as one then.
        let found = text.lines().rev().find_map(|line| Some((line.to_owned(), parse(line)?)));
        if found.is_some() || from == 0 {
            return Ok(found);
        }
        window = window.saturating_mul(4);
    }
}

/// Whether what is added begins a line of its own.
fn ends_in_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
