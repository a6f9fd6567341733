//! From bytes to characters, strictly: a file that does not decode is refused, never patched.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use super::ReadError;

/// How the characters of a text file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16 with a byte order mark, what Excel calls Unicode text.
    Utf16,
    /// GB18030, of which GBK and GB2312 are parts: what Excel writes on Chinese Windows.
    Gb18030,
}

/// Decodes by byte order mark, else as UTF-8, else as GB18030.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, TextEncoding), ReadError> {
    let utf16 = match bytes {
        [0xFF, 0xFE, rest @ ..] => Some((UTF_16LE, rest)),
        [0xFE, 0xFF, rest @ ..] => Some((UTF_16BE, rest)),
        _ => None,
    };
    if let Some((encoding, rest)) = utf16 {
        let text = encoding
            .decode_without_bom_handling_and_without_replacement(rest)
            .ok_or(ReadError::Encoding)?;
        let nul = text.contains('\0');
        return if nul { Err(ReadError::Nul) } else { Ok((text, TextEncoding::Utf16)) };
    }
    if bytes.contains(&0) {
        return Err(ReadError::Nul);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        let text = std::str::from_utf8(rest).map_err(|_| ReadError::Encoding)?;
        return Ok((Cow::Borrowed(text), TextEncoding::Utf8));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((Cow::Borrowed(text), TextEncoding::Utf8));
    }
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| (text, TextEncoding::Gb18030))
        .ok_or(ReadError::Encoding)
}
