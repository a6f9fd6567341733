//! Looks through the zip package of a workbook before the workbook parser may see it.
//!
//! The parser trusts what it reads: it reserves memory by numbers that the file states and holds
//! all shared strings and styles. So every part is inflated once, counted, and its markup scanned
//! by a small lexer that bounds what the parser will have to hold.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Limits, ReadError};

/// Inflating more than this many times its size is suspicious in a part above [`RATIO_FROM`].
const MAX_RATIO: u64 = 100;
/// Parts up to this many inflated bytes may compress as well as they like.
const RATIO_FROM: u64 = 1 << 20;
/// Inflated bytes of the shared strings, which the parser holds in memory.
const MAX_SHARED_STRINGS: u64 = 80 << 20;
/// Inflated bytes of a part that is not scanned, such as a picture.
const MAX_OPAQUE: u64 = 16 << 20;
/// Bytes of one stretch of text, comment or CDATA in the markup.
const MAX_TEXT: usize = 1 << 20;
/// Bytes of one tag.
const MAX_TAG: usize = 64 << 10;
/// Shared strings: all cells of the largest table allowed, with some room.
const MAX_STRINGS: u32 = 1_500_000;
/// Elements of which each costs the parser memory, and how many a package may hold.
const ELEMENT_LIMITS: [(&[u8], u32); 9] = [
    (b"si", MAX_STRINGS),
    (b"xf", 131_072),
    (b"font", 65_536),
    (b"fill", 65_536),
    (b"border", 65_536),
    (b"numFmt", 65_536),
    (b"sheet", 1_000),
    (b"definedName", 20_000),
    (b"Relationship", 200_000),
];
/// Central directory records beyond which the directory is not even parsed.
const MAX_RECORDS: usize = 4_096;

/// Refuses a package that is no macro-free workbook or that would cost too much to parse.
pub(super) fn inspect(bytes: &[u8], limits: &Limits) -> Result<(), ReadError> {
    if bytes.windows(4).filter(|window| window == b"PK\x01\x02").count() > MAX_RECORDS {
        return Err(ReadError::TooManyParts);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::Damaged)?;
    if archive.len() > limits.max_parts {
        return Err(ReadError::TooManyParts);
    }
    check_names(&mut archive)?;
    let file_size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let mut meter = Meter { limits, file_size, total: 0, scan: Scan::default() };
    for index in 0..archive.len() {
        meter.inflate(&mut archive, index)?;
    }
    Ok(())
}

fn check_names(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), ReadError> {
    let mut names = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| ReadError::Damaged)?;
        if part.encrypted() {
            return Err(ReadError::Encrypted);
        }
        let name = part.name().map_err(|_| ReadError::Damaged)?;
        names.push(name.to_ascii_lowercase().replace('\\', "/"));
    }
    let has = |test: &dyn Fn(&str) -> bool| names.iter().any(|name| test(name));
    if has(&|name| name.ends_with("vbaproject.bin") || name.contains("/macrosheets/")) {
        return Err(ReadError::Macros);
    }
    if has(&|name| name.ends_with("xl/workbook.bin")) {
        return Err(ReadError::BinaryWorkbook);
    }
    if !has(&|name| name == "[content_types].xml") {
        let opendocument = has(&|name| name == "mimetype");
        return Err(if opendocument { ReadError::OtherFormat } else { ReadError::NotATable });
    }
    if has(&|name| name.starts_with("word/") || name.starts_with("ppt/")) {
        return Err(ReadError::NotATable);
    }
    Ok(())
}

/// Inflates part after part and refuses as soon as one, or all together, grow too large.
struct Meter<'a> {
    limits: &'a Limits,
    file_size: u64,
    total: u64,
    scan: Scan,
}

impl Meter<'_> {
    fn inflate(
        &mut self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        index: usize,
    ) -> Result<(), ReadError> {
        let mut part = archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(reason) if reason == ZipError::PASSWORD_REQUIRED => {
                ReadError::Encrypted
            }
            _ => ReadError::Damaged,
        })?;
        let name = part.name().map_err(|_| ReadError::Damaged)?.to_ascii_lowercase();
        // The directory may state any size; no part is larger than the whole file.
        let compressed = part.compressed_size().clamp(1, self.file_size);
        let (bound, scanned) = self.treatment(&name);
        self.scan.start_part();
        let mut inflated = 0_u64;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = part.read(&mut buffer).map_err(|_| ReadError::Damaged)?;
            if read == 0 {
                return Ok(());
            }
            inflated += read as u64;
            self.total += read as u64;
            let packed_too_well = inflated > RATIO_FROM && inflated / compressed > MAX_RATIO;
            if self.total > self.limits.max_inflated || inflated > bound || packed_too_well {
                return Err(ReadError::InflatesTooMuch);
            }
            if scanned {
                self.scan.feed(&buffer[..read])?;
            }
        }
    }

    /// How large a part may become, and whether it is markup that the parser may read.
    fn treatment(&self, name: &str) -> (u64, bool) {
        let opaque = name.starts_with("customxml/") || name.starts_with("docprops/");
        if name.ends_with("sharedstrings.xml") {
            (MAX_SHARED_STRINGS, true)
        } else if !opaque && (name.ends_with(".xml") || name.ends_with(".rels")) {
            (self.limits.max_inflated, true)
        } else {
            (MAX_OPAQUE, false)
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Inside a tag, just after `<` or later, outside quotes.
    Tag,
    /// Inside an attribute value that ends with this quote.
    Quoted(u8),
    /// Inside `<!-- -->`.
    Comment,
    /// Inside `<![CDATA[ ]]>`.
    Cdata,
}

/// Splits markup into tags and text as they stream by, and counts. It follows the grammar only as
/// far as needed to know where a tag ends; the real parser reports what is not well-formed.
#[derive(Default)]
struct Scan {
    state: State,
    /// The tag so far, without its brackets.
    tag: Vec<u8>,
    /// Bytes of the current text, comment or CDATA.
    length: usize,
    /// The last two bytes of a comment or CDATA.
    tail: [u8; 2],
    counts: [u32; ELEMENT_LIMITS.len()],
}

impl Scan {
    fn start_part(&mut self) {
        self.state = State::Text;
        self.length = 0;
        self.tag.clear();
    }

    fn feed(&mut self, mut chunk: &[u8]) -> Result<(), ReadError> {
        // Rules out UTF-16 too, in which this lexer would see no tags at all.
        if chunk.contains(&0) {
            return Err(ReadError::ForbiddenMarkup);
        }
        while !chunk.is_empty() {
            let used = match self.state {
                State::Text => self.text(chunk)?,
                State::Tag => self.tag(chunk)?,
                State::Quoted(quote) => self.quoted(chunk, quote)?,
                State::Comment => self.until(chunk, *b"--")?,
                State::Cdata => self.until(chunk, *b"]]")?,
            };
            chunk = &chunk[used..];
        }
        Ok(())
    }

    fn text(&mut self, chunk: &[u8]) -> Result<usize, ReadError> {
        let end = chunk.iter().position(|&byte| byte == b'<');
        self.length += end.unwrap_or(chunk.len());
        if self.length > MAX_TEXT {
            return Err(ReadError::ForbiddenMarkup);
        }
        Ok(match end {
            Some(end) => {
                self.state = State::Tag;
                self.tag.clear();
                end + 1
            }
            None => chunk.len(),
        })
    }

    fn tag(&mut self, chunk: &[u8]) -> Result<usize, ReadError> {
        let declaration = self.tag.first().or(chunk.first()) == Some(&b'!');
        if declaration {
            return self.declaration(chunk);
        }
        let end = chunk.iter().position(|byte| matches!(byte, b'>' | b'"' | b'\''));
        self.extend_tag(&chunk[..end.unwrap_or(chunk.len())])?;
        match end.map(|end| chunk[end]) {
            None => {}
            Some(b'>') => {
                self.count()?;
                self.state = State::Text;
                self.length = 0;
            }
            Some(quote) => {
                self.extend_tag(&[quote])?;
                self.state = State::Quoted(quote);
            }
        }
        Ok(end.map_or(chunk.len(), |end| end + 1))
    }

    fn quoted(&mut self, chunk: &[u8], quote: u8) -> Result<usize, ReadError> {
        let end = chunk.iter().position(|&byte| byte == quote);
        let used = end.map_or(chunk.len(), |end| end + 1);
        self.extend_tag(&chunk[..used])?;
        if end.is_some() {
            self.state = State::Tag;
        }
        Ok(used)
    }

    /// Tells comments and CDATA from document types, byte by byte; the latter are never allowed.
    fn declaration(&mut self, chunk: &[u8]) -> Result<usize, ReadError> {
        self.extend_tag(&chunk[..1])?;
        if self.tag == b"!--" {
            self.state = State::Comment;
        } else if self.tag == b"![CDATA[" {
            self.state = State::Cdata;
        } else if !b"!--".starts_with(&self.tag) && !b"![CDATA[".starts_with(&self.tag) {
            return Err(ReadError::ForbiddenMarkup);
        }
        self.length = 0;
        self.tail = [0; 2];
        Ok(1)
    }

    fn until(&mut self, chunk: &[u8], end: [u8; 2]) -> Result<usize, ReadError> {
        for (index, &byte) in chunk.iter().enumerate() {
            if byte == b'>' && self.tail == end {
                self.state = State::Text;
                self.length = 0;
                return Ok(index + 1);
            }
            self.tail = [self.tail[1], byte];
        }
        self.length += chunk.len();
        if self.length > MAX_TEXT { Err(ReadError::ForbiddenMarkup) } else { Ok(chunk.len()) }
    }

    fn extend_tag(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        if self.tag.len() + bytes.len() > MAX_TAG {
            return Err(ReadError::ForbiddenMarkup);
        }
        self.tag.extend_from_slice(bytes);
        Ok(())
    }

    fn count(&mut self) -> Result<(), ReadError> {
        let end = self.tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        let name = &self.tag[..end.unwrap_or(self.tag.len())];
        let local = name.iter().rposition(|&byte| byte == b':').map_or(name, |at| &name[at + 1..]);
        if local == b"sst" && stated_strings(&self.tag) > u64::from(MAX_STRINGS) {
            return Err(ReadError::InflatesTooMuch);
        }
        if local.starts_with(b"Override") || local == b"Default" {
            let macros = b"macroEnabled";
            if self.tag.windows(macros.len()).any(|window| window == macros) {
                return Err(ReadError::Macros);
            }
        }
        for ((element, limit), count) in ELEMENT_LIMITS.iter().zip(&mut self.counts) {
            if local == *element {
                *count += 1;
                if *count > *limit {
                    return Err(ReadError::InflatesTooMuch);
                }
            }
        }
        Ok(())
    }
}

/// The largest `uniqueCount` in an `<sst>` tag. The parser reserves memory for that many strings
/// before it has seen one, so a lie there would end the process.
fn stated_strings(tag: &[u8]) -> u64 {
    let name = b"uniqueCount";
    let mut largest = 0;
    for (at, _) in tag.windows(name.len()).enumerate().filter(|(_, window)| window == name) {
        let value = tag[at + name.len()..].iter().skip_while(|byte| !byte.is_ascii_digit());
        let stated = value.take_while(|byte| byte.is_ascii_digit()).fold(0_u64, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        });
        largest = largest.max(stated);
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(markup: &str, chunk: usize) -> Result<[u32; ELEMENT_LIMITS.len()], ReadError> {
        let mut scan = Scan::default();
        for piece in markup.as_bytes().chunks(chunk) {
            scan.feed(piece)?;
        }
        Ok(scan.counts)
    }

    #[test]
    fn tags_are_counted_wherever_the_stream_is_cut() {
        let markup = "<?xml version='1.0'?><a:sst count=\"9\"><!-- <si> -- > --><si t='>'/><x:si>\
                      <t><![CDATA[<si>]]></t></x:si><t>si></t></a:sst>";
        for chunk in 1..markup.len() {
            assert_eq!(scan(markup, chunk).map(|counts| counts[0]), Ok(2), "cut at {chunk}");
        }
    }

    #[test]
    fn document_types_and_false_counts_and_endless_text_are_refused() {
        let cases = [
            ("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>".to_owned(), ReadError::ForbiddenMarkup),
            ("<sst count='1' uniqueCount = '99999999999'>".to_owned(), ReadError::InflatesTooMuch),
            (format!("<t>{}", "x".repeat(MAX_TEXT + 1)), ReadError::ForbiddenMarkup),
            (format!("<t a='{}", "<>".repeat(MAX_TAG)), ReadError::ForbiddenMarkup),
            (format!("<!--{}", "<>".repeat(MAX_TEXT)), ReadError::ForbiddenMarkup),
            ("<sheet/>".repeat(1_001), ReadError::InflatesTooMuch),
            ("<\0s\0i\0>\0".to_owned(), ReadError::ForbiddenMarkup),
        ];
        for (markup, error) in cases {
            assert_eq!(scan(&markup, 4096), Err(error));
        }
    }
}
