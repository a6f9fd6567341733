//! The file of signed heads: a JSON object a line, each with the hash of the line before (ADR 0022).
//! [`check`] trusts nothing but the public key.

use super::evidence::is_signed;
use super::hash::sha256_hex;
use crate::domain::chain::GENESIS;
use crate::domain::head_line::HeadLine;

/// What a file of heads holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads {
    /// Its lines, in order, signed and following each other.
    pub lines: Vec<HeadLine>,
    /// Lines that were never written to their end, as a machine leaves them that loses its power.
    pub torn: usize,
}

/// A line as text, without a line break.
pub fn text(line: &HeadLine) -> String {
    serde_json::to_string(line).expect("numbers and texts are JSON")
}

/// Reads one line; `None` when it is none, or not to its end.
pub fn parse(text: &str) -> Option<HeadLine> {
    serde_json::from_str(text).ok()
}

/// What the line after this one says of it; `None` asks for the first line.
pub fn hash(before: Option<&str>) -> String {
    before.map_or_else(|| GENESIS.to_owned(), |text| sha256_hex(text.as_bytes()))
}

/// Reads a file and checks that each line is signed with `public_key` and follows the one before, by
/// number and by hash. The first line may follow others that are kept elsewhere.
///
/// # Errors
/// In a sentence that names the line.
pub fn check(file: &str, public_key: &str) -> Result<Heads, String> {
    let mut found = Heads::default();
    let mut before: Option<(&str, i64)> = None;
    for (number, text) in (1..).zip(file.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let Some(line) = parse(text) else {
            found.torn += 1;
            continue;
        };
        if !is_signed(public_key, line.signed_text().as_bytes(), &line.signature) {
            return Err(format!(
                "封存值文件第 {number} 行（第 {} 号封存点）的签名与公钥不符",
                line.seal
            ));
        }
        if let Some((text_before, seal_before)) = before {
            let follows = line.previous == hash(Some(text_before)) && line.seal == seal_before + 1;
            if !follows {
                return Err(format!(
                    "封存值文件第 {number} 行（第 {} 号封存点）不接前一行（第 {seal_before} 号）",
                    line.seal
                ));
            }
        }
        before = Some((text, line.seal));
        found.lines.push(line);
    }
    if found.lines.is_empty() {
        return Err("封存值文件里没有一行完整的封存值".to_owned());
    }
    Ok(found)
}
