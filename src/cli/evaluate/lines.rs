//! Reads a file in blocks of whole lines, so that memory does not grow with the file.

use std::io::{self, Read};

/// A run of whole lines.
pub struct Block {
    /// Number of its first line, from 1.
    pub first: usize,
    /// The lines with their ends.
    pub bytes: Vec<u8>,
}

impl Block {
    /// The lines that are not blank, with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let lines = self.bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        (self.first..).zip(lines).filter(|(_, line)| !line.is_empty())
    }
}

/// Cuts a reader into blocks.
pub struct Blocks<R> {
    reader: R,
    size: usize,
    rest: Vec<u8>,
    next: usize,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about `size` bytes; a longer line makes a longer block.
    pub fn new(reader: R, size: usize) -> Self {
        Self { reader, size, rest: Vec::new(), next: 1, ended: false }
    }

    /// At most `count` blocks; none at the end of the file.
    pub fn take(&mut self, count: usize) -> io::Result<Vec<Block>> {
        let mut blocks = Vec::with_capacity(count);
        while blocks.len() < count
            && let Some(block) = self.block()?
        {
            blocks.push(block);
        }
        Ok(blocks)
    }

    fn block(&mut self) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        while !self.ended {
            let searched = bytes.len();
            bytes.reserve(self.size);
            let read = self.reader.by_ref().take(self.size as u64).read_to_end(&mut bytes)?;
            self.ended = read < self.size;
            if let Some(end) = bytes[searched..].iter().rposition(|byte| *byte == b'\n') {
                self.rest = bytes.split_off(searched + end + 1);
                break;
            }
        }
        if bytes.is_empty() && self.ended && !self.rest.is_empty() {
            bytes = std::mem::take(&mut self.rest);
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let first = self.next;
        self.next += bytes.iter().filter(|byte| **byte == b'\n').count();
        Ok(Some(Block { first, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_comes_once_with_its_number_whatever_the_block_size() {
        let text = "a\n\n  \nbbbbbbbbbbbbbbbbbbbbbb\r\nc\n\nlast";
        let expected = [(1, "a"), (4, "bbbbbbbbbbbbbbbbbbbbbb"), (5, "c"), (7, "last")];
        for size in 1..50 {
            for tail in ["", "\n"] {
                let text = format!("{text}{tail}");
                let mut blocks = Blocks::new(text.as_bytes(), size);
                let mut found = Vec::new();
                loop {
                    let next = blocks.take(2).unwrap();
                    if next.is_empty() {
                        break;
                    }
                    for block in next {
                        for (number, line) in block.lines() {
                            found.push((number, String::from_utf8(line.to_vec()).unwrap()));
                        }
                    }
                }
                let found: Vec<_> = found.iter().map(|(n, l)| (*n, l.as_str())).collect();
                assert_eq!(found, expected, "block size {size}");
            }
        }
    }
}
