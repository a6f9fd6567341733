//! What a program wrote to its embedded database, read from the tracer's list, and the files as a
//! disk may hold them when the power fails in between.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Outcome;
use crate::seed::Chance;

/// A disk writes so many bytes whole or not at all.
const SECTOR: usize = 512;
/// The files that matter: the third one, shared memory, is made anew by whoever opens first.
const NAMES: [&str; 2] = ["juncai.db", "juncai.db-wal"];

/// A call in the order of the list.
#[derive(Debug)]
pub struct Recorded {
    /// Seconds since 1970 at which it began.
    pub at: f64,
    /// Which of the two files.
    file: usize,
    what: Call,
}

#[derive(Debug)]
enum Call {
    Write {
        offset: usize,
        content: Vec<u8>,
    },
    Truncate {
        length: usize,
    },
    /// All calls on the file before this place of the list are on the disk.
    Sync {
        before: usize,
    },
}

/// Both files, or what of them is certainly on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    content: [Vec<u8>; 2],
    /// How far each file is synced, as a place in the list.
    synced: [usize; 2],
    /// The place in the list that was reached.
    reached: usize,
}

/// What an image is made of beside the synced part.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Some of the unsynced calls, and not all.
    pub partial: bool,
    /// A write of which some sectors are missing.
    pub torn: bool,
}

fn apply(content: &mut Vec<u8>, call: &Call, has_sector: &mut dyn FnMut() -> bool) {
    match call {
        Call::Write { offset, content: written } => {
            let end = offset + written.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            for (index, sector) in written.chunks(SECTOR).enumerate() {
                if has_sector() {
                    let at = offset + index * SECTOR;
                    content[at..at + sector.len()].copy_from_slice(sector);
                }
            }
        }
        Call::Truncate { length } => content.resize(*length, 0),
        Call::Sync { .. } => {}
    }
}

impl Files {
    /// The files in a data folder.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read(data: &Path) -> Outcome<Self> {
        let read = |name: &str| match std::fs::read(data.join(name)) {
            Ok(content) => Ok(content),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error.to_string()),
        };
        let content = [read(NAMES[0])?, read(NAMES[1])?];
        Ok(Self { content, synced: [0; 2], reached: 0 })
    }

    /// Applies everything, as when no power failed.
    pub fn apply_all(&mut self, recorded: &[Recorded]) {
        for call in recorded {
            apply(&mut self.content[call.file], &call.what, &mut || true);
        }
    }

    /// Brings the synced part up to a place of the list, not before the one reached.
    pub fn advance(&mut self, recorded: &[Recorded], cut: usize) {
        for call in recorded.iter().take(cut).skip(self.reached) {
            if let Call::Sync { before } = call.what {
                let from = self.synced[call.file];
                let now_safe = recorded.iter().take(before).skip(from);
                for earlier in now_safe.filter(|earlier| earlier.file == call.file) {
                    apply(&mut self.content[call.file], &earlier.what, &mut || true);
                }
                self.synced[call.file] = before.max(from);
            }
        }
        self.reached = self.reached.max(cut);
    }

    /// Writes the files as they may be at the place reached: of the calls after the last sync
    /// none, all, or some by chance, of which one may be torn.
    ///
    /// # Errors
    /// When the image cannot be written.
    pub fn write_image(
        &self,
        recorded: &[Recorded],
        cut: usize,
        chance: &mut Chance,
        to: &Path,
    ) -> Outcome<Made> {
        let mut made = Made { partial: false, torn: false };
        let how = chance.below(8);
        for (file, name) in NAMES.iter().enumerate() {
            let mut content = self.content[file].clone();
            let open = recorded.iter().take(cut).skip(self.synced[file]);
            let open = open.filter(|call| call.file == file);
            for call in open.filter(|call| !matches!(call.what, Call::Sync { .. })) {
                let (is_there, is_torn) = match how {
                    0 => (false, false),
                    1 => (true, false),
                    _ => (chance.coin(), how >= 5 && chance.below(4) == 0),
                };
                made.partial |= !is_there && how > 1;
                made.torn |= is_there && is_torn;
                if is_there {
                    apply(&mut content, &call.what, &mut || !is_torn || chance.coin());
                }
            }
            std::fs::write(to.join(name), content).map_err(|error| error.to_string())?;
        }
        // Nothing of an earlier image may help to open this one.
        for name in ["juncai.db-shm", "juncai.db-journal"] {
            if let Err(error) = std::fs::remove_file(to.join(name))
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(error.to_string());
            }
        }
        Ok(made)
    }
}

/// Reads the tracer's list. A call that another thread interrupted stands in it twice: where it
/// began and where it ended. A write counts from its beginning, a sync from its end.
///
/// # Errors
/// When a line is not as the tracer writes them, or a call failed.
pub fn read_calls(list: &Path, data: &Path) -> Outcome<Vec<Recorded>> {
    let text = std::fs::read_to_string(list).map_err(|error| error.to_string())?;
    let paths = NAMES.map(|name| data.join(name).display().to_string());
    let mut recorded = Vec::new();
    // Syncs under way, by thread: the file, and what they cover.
    let mut under_way: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in text.lines() {
        let odd = || format!("a line of the tracer: {}", line.get(..120).unwrap_or(line));
        let mut words = line.split_whitespace();
        let (Some(thread), Some(at)) = (words.next(), words.next()) else { return Err(odd()) };
        let rest = line.split_once(at).map_or("", |(_, rest)| rest.trim_start());
        let at: f64 = at.parse().map_err(|_| odd())?;
        if rest.starts_with("<... f") {
            if let Some((file, before)) = under_way.remove(thread) {
                recorded.push(Recorded { at, file, what: Call::Sync { before } });
            }
            continue;
        }
        let Some((name, arguments)) = rest.split_once('(') else { continue };
        let Some(path) = path_of(arguments) else { continue };
        let Some(file) = paths.iter().position(|known| *known == path) else { continue };
        let is_whole = !rest.ends_with("<unfinished ...>");
        if is_whole && rest.contains(" = -1 ") {
            return Err(format!("a recorded call failed: {}", odd()));
        }
        let what = match name {
            "pwrite64" => write_of(arguments).ok_or_else(odd)?,
            "ftruncate" => Call::Truncate { length: number_after(arguments, '>').ok_or_else(odd)? },
            _ if is_whole => Call::Sync { before: recorded.len() },
            _ => {
                under_way.insert(thread, (file, recorded.len()));
                continue;
            }
        };
        recorded.push(Recorded { at, file, what });
    }
    Ok(recorded)
}

/// The path behind a file number: `7<\x2f\x74…>`.
fn path_of(arguments: &str) -> Option<String> {
    let (_, rest) = arguments.split_once('<')?;
    let (path, _) = rest.split_once('>')?;
    String::from_utf8(bytes(path)?).ok()
}

/// `7<…>, "\x00…", 4096, 8192) = 4096`: content and place.
fn write_of(arguments: &str) -> Option<Call> {
    let (_, rest) = arguments.split_once('"')?;
    let (content, rest) = rest.split_once('"')?;
    let (_, rest) = rest.trim_start_matches(", ").split_once(", ")?;
    Some(Call::Write { offset: leading_number(rest)?, content: bytes(content)? })
}

fn number_after(arguments: &str, mark: char) -> Option<usize> {
    let (_, rest) = arguments.split_once(mark)?;
    leading_number(rest.trim_start_matches(", "))
}

fn leading_number(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// `\x2f\x74…`
fn bytes(hex: &str) -> Option<Vec<u8>> {
    hex.split("\\x").skip(1).map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Files, read_calls};
    use crate::seed::Chance;

    fn hex(text: &str) -> String {
        text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
    }

    #[test]
    fn a_sync_covers_what_was_written_before_it_began_and_counts_when_it_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = Path::new("/d");
        let wal = hex("/d/juncai.db-wal");
        let list = format!(
            "7    1.0 pwrite64(4<{wal}>, \"{}\", 2, 0) = 2\n\
             8 2.0 fdatasync(4<{wal}> <unfinished ...>\n\
             7    3.0 pwrite64(4<{wal}>, \"{}\", 2, 2) = 2\n\
             8 4.0 <... fdatasync resumed>) = 0\n\
             7    5.0 ftruncate(4<{wal}>, 3) = 0\n\
             7    6.0 pwrite64(5<{}>, \"\\x00\", 1, 0) = 1\n",
            hex("ab"),
            hex("cd"),
            hex("/d/other")
        );
        let path = folder.path().join("calls");
        std::fs::write(&path, list).expect("written");

        let recorded = read_calls(&path, data).expect("read");
        let empty = Files::read(folder.path()).expect("no files");
        let (mut early, mut late, mut all) = (empty.clone(), empty.clone(), empty);
        early.advance(&recorded, 2);
        late.advance(&recorded, 3);
        all.apply_all(&recorded);

        assert_eq!(recorded.len(), 4, "other files do not count");
        assert_eq!(early.content[1], b"");
        assert_eq!(late.content[1], b"ab");
        assert_eq!(all.content[1], b"abc");
        let mut chance = Chance::new(1, "images");
        for _ in 0..50 {
            late.write_image(&recorded, 4, &mut chance, folder.path()).expect("an image");
            let image = std::fs::read(folder.path().join("juncai.db-wal")).expect("a file");
            assert!(image.starts_with(b"ab"), "what was synced is there");
        }
    }
}
