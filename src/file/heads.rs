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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chain::{Head, Seal};
    use crate::vault::Vault;

    /// Three lines, and the key that they are checked with.
    fn written() -> (Vec<String>, String) {
        let vault = Vault::new(&[7; 32]);
        let (mut lines, mut known): (Vec<String>, Vec<Head>) = (Vec::new(), Vec::new());
        for seq in 1..=3 {
            let head = |organisation_id, seq| Head {
                organisation_id,
                seq,
                hash: sha256_hex(&[7]),
                cover: None,
            };
            let heads = vec![head(1, seq * 10), head(2, 5)];
            let at = "2027-01-05T01:00:00Z".parse().unwrap();
            let seal = Seal { prev_hash: GENESIS.to_owned(), seq, at, heads: String::new() };
            let previous = hash(lines.last().map(String::as_str));
            let line = HeadLine::new(&seal, (&known, &heads), previous, |text| vault.sign(text));
            assert_eq!(line.ends.len(), if seq == 1 { 2 } else { 1 }, "what grew");
            assert_eq!(line.events, seq * 10 + 5);
            lines.push(text(&line));
            known = heads;
        }
        (lines, vault.public_key())
    }

    #[test]
    fn lines_hold_only_signed_whole_and_in_their_order() {
        let (lines, key) = written();
        let all = lines.join("\n");
        assert_eq!(check(&all, &key).map(|found| (found.lines.len(), found.torn)), Ok((3, 0)));
        // The rest of a file whose beginning is kept elsewhere.
        assert!(check(&lines[1..].join("\n"), &key).is_ok());
        // A line that was torn and written again.
        let torn = [&lines[0], &lines[1][..40], &lines[1], &lines[2]];
        assert_eq!(check(&torn.map(AsRef::as_ref).join("\n"), &key).map(|found| found.torn), Ok(1));

        let other = Vault::new(&[8; 32]).public_key();
        assert!(check(&all, &other).unwrap_err().contains("第 1 行"));
        let edited = all.replacen("\"events\":25", "\"events\":24", 1);
        assert!(check(&edited, &key).unwrap_err().contains("第 2 行"));
        let moved = [lines[0].as_str(), lines[2].as_str(), lines[1].as_str()].join("\n");
        assert!(check(&moved, &key).unwrap_err().contains("不接前一行"));
        let left_out = [lines[0].as_str(), lines[2].as_str()].join("\n");
        assert!(check(&left_out, &key).unwrap_err().contains("不接前一行"));
        assert!(check("", &key).is_err());
    }
}
