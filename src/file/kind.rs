//! What an uploaded file is, by its content alone. A file that is two things at once is neither.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::domain::attachment::FileKind;

/// Most parts of an office package.
const MAX_PARTS: usize = 2_000;
/// Most bytes of all parts together once inflated.
const MAX_INFLATED: u64 = 100 << 20;
/// Bytes after the end of a picture or document that editors and cameras leave behind.
const MAX_TAIL: usize = 64;

const UNKNOWN: &str = "只能上传 PDF、JPG、PNG、XLSX、DOCX 文件；这个文件的内容不是其中任何一种";
const DAMAGED: &str = "文件不完整或已损坏，请重新导出或扫描后再上传";

/// What the content is.
///
/// # Errors
/// In the user's words: when it is none of the kinds, incomplete, something else besides, or holds
/// macros or scripts.
pub fn detect(bytes: &[u8]) -> Result<FileKind, &'static str> {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf(bytes),
        [0xFF, 0xD8, 0xFF, ..] => jpg(bytes),
        [b'P', b'K', 3, 4, ..] => package(bytes),
        _ if bytes.starts_with(PNG) => png(bytes),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            Err("这是旧版或加密的 Office 文件，请另存为不加密的 XLSX 或 DOCX 后再上传")
        }
        _ => Err(UNKNOWN),
    }
}

fn pdf(bytes: &[u8]) -> Result<FileKind, &'static str> {
    let end = last(bytes, b"%%EOF").ok_or(DAMAGED)?;
    if bytes.len() - end > b"%%EOF".len() + MAX_TAIL {
        return Err(DAMAGED);
    }
    if [&b"/JavaScript"[..], b"/Launch", b"/EmbeddedFile"]
        .iter()
        .any(|word| last(bytes, word).is_some())
    {
        return Err("这个 PDF 含有脚本、启动命令或嵌入的文件，请打印为普通 PDF 后再上传");
    }
    Ok(FileKind::Pdf)
}

fn jpg(bytes: &[u8]) -> Result<FileKind, &'static str> {
    let end = last(bytes, &[0xFF, 0xD9]).ok_or(DAMAGED)?;
    if bytes.len() - end > 2 + MAX_TAIL { Err(DAMAGED) } else { Ok(FileKind::Jpg) }
}

/// Where the last occurrence of `word` begins.
fn last(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

/// Walks the chunks: the first is the header, the last ends the file.
fn png(bytes: &[u8]) -> Result<FileKind, &'static str> {
    let mut rest = bytes.get(8..).ok_or(DAMAGED)?;
    let mut first = true;
    loop {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(DAMAGED)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| DAMAGED)?;
        let (kind, after) = after.split_first_chunk::<4>().ok_or(DAMAGED)?;
        if first != (kind == b"IHDR") {
            return Err(DAMAGED);
        }
        first = false;
        rest = length.checked_add(4).and_then(|end| after.get(end..)).ok_or(DAMAGED)?;
        if kind == b"IEND" {
            return if rest.is_empty() { Ok(FileKind::Png) } else { Err(DAMAGED) };
        }
    }
}

/// An office package: its main part says what it is. Nothing is believed about sizes; every part
/// is inflated once through a counter.
fn package(bytes: &[u8]) -> Result<FileKind, &'static str> {
    const BOMB: &str = "文件解压后过大，已拒绝";
    const ACTIVE: &str = "文件含有宏、控件或嵌入的程序，请删除后另存为普通文件再上传";
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    if archive.offset() != 0 {
        return Err(DAMAGED);
    }
    if archive.len() > MAX_PARTS {
        return Err(BOMB);
    }
    let (mut left, mut types, mut main) = (MAX_INFLATED, String::new(), None);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| DAMAGED)?;
        let name = part.name().map_err(|_| DAMAGED)?.into_owned();
        if part.encrypted() || name.starts_with('/') || name.contains(['\\', ':']) {
            return Err(DAMAGED);
        }
        if name.split('/').any(|step| step == "..") {
            return Err(DAMAGED);
        }
        let lower = name.to_lowercase();
        let active =
            ["vbaproject", "vbadata", "activex", "macrosheets", "oleobject", ".exe", ".bin"];
        if active.iter().any(|word| lower.contains(word)) && !lower.contains("printersettings") {
            return Err(ACTIVE);
        }
        let mut content = Vec::new();
        let wanted = lower == "[content_types].xml";
        let mut part = part.take(left + 1);
        let read = if wanted {
            part.read_to_end(&mut content).map(|n| n as u64)
        } else {
            std::io::copy(&mut part, &mut std::io::sink())
        };
        left = left.checked_sub(read.map_err(|_| DAMAGED)?).ok_or(BOMB)?;
        if wanted {
            types = String::from_utf8(content).map_err(|_| DAMAGED)?;
        }
        match lower.as_str() {
            "xl/workbook.xml" => main = Some(FileKind::Xlsx),
            "word/document.xml" => main = Some(FileKind::Docx),
            _ => {}
        }
    }
    let types = types.to_lowercase();
    if types.contains("macroenabled") || types.contains("vbaproject") {
        return Err(ACTIVE);
    }
    match main {
        Some(kind @ FileKind::Xlsx) if types.contains("spreadsheetml.sheet.main+xml") => Ok(kind),
        Some(kind @ FileKind::Docx) if types.contains("wordprocessingml.document.main+xml") => {
            Ok(kind)
        }
        _ => Err(UNKNOWN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimal_png() -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        png.extend(13u32.to_be_bytes());
        png.extend(b"IHDR");
        png.extend([0; 13 + 4]);
        png.extend(0u32.to_be_bytes());
        png.extend(b"IEND");
        png.extend([0; 4]);
        png
    }

    #[test]
    fn a_file_is_what_it_holds_from_first_to_last_byte() {
        assert_eq!(detect(&minimal_png()), Ok(FileKind::Png));
        assert_eq!(detect(b"%PDF-1.7\n1 0 obj\n%%EOF\n"), Ok(FileKind::Pdf));
        assert_eq!(detect(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 0xFF, 0xD9]), Ok(FileKind::Jpg));

        let mut two = minimal_png();
        two.extend(b"<script>alert(1)</script>");
        assert!(detect(&two).is_err());
        assert!(detect(b"<html>%PDF-1.7 %%EOF").is_err());
        assert!(detect(b"MZ\x90\0").is_err());
        assert!(detect(b"%PDF-1.7 /JavaScript %%EOF").is_err());
        let mut tail = b"%PDF-1.7\n%%EOF".to_vec();
        tail.extend([b'x'; 200]);
        assert!(detect(&tail).is_err());
        assert!(detect(b"").is_err());
    }

    #[test]
    fn a_stated_length_beyond_the_file_allocates_nothing() {
        let mut png = minimal_png();
        png[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(detect(&png).is_err());
    }
}
