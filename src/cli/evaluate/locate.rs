//! Where in a line an error stands and what it says, for the person who has to mend the file.

use crate::domain::determine::THROUGH_BEFORE_FROM;

/// Field and message of an error of one JSON line, e.g. `employments[0].from` and `日期不存在`.
pub fn describe(line: &[u8], error: &serde_json::Error) -> (String, String) {
    let path = Path::until(line.get(..error.column()).unwrap_or(line));
    let text = error.to_string();
    let message = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
    let named = |prefix: &str| {
        let rest = message.strip_prefix(prefix)?;
        Some(rest.split('`').next().unwrap_or(rest))
    };
    if let Some(name) = named("missing field `") {
        return (path.child(name), "缺少必填项".to_owned());
    }
    if message == THROUGH_BEFORE_FROM {
        return (path.child("through"), message.to_owned());
    }
    let message = if named("unknown field `").is_some() {
        "未知的键"
    } else if named("duplicate field `").is_some() {
        "键重复"
    } else if error.is_syntax() || error.is_eof() {
        "不是有效的 JSON"
    } else if message.starts_with("invalid type") {
        "类型不符"
    } else if message.starts_with("invalid value") {
        "取值不符"
    } else {
        message
    };
    (path.to_string(), message.to_owned())
}

/// The keys and places that lead to a point of a JSON text.
#[derive(Default)]
struct Path {
    frames: Vec<Frame>,
}

enum Frame {
    Object { key: String, in_key: bool },
    Array { index: usize },
}

impl Path {
    /// Follows a text that may end, or be wrong, anywhere.
    fn until(text: &[u8]) -> Self {
        let mut path = Self::default();
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            at += 1;
            match byte {
                b'{' => path.frames.push(Frame::Object { key: String::new(), in_key: true }),
                b'[' => path.frames.push(Frame::Array { index: 0 }),
                b'}' | b']' => {
                    path.frames.pop();
                }
                b',' => path.next(),
                b'"' => {
                    let end = string_end(text, at);
                    path.string(&text[at..end]);
                    at = end + 1;
                }
                _ => {}
            }
        }
        path
    }

    fn next(&mut self) {
        match self.frames.last_mut() {
            Some(Frame::Object { in_key, .. }) => *in_key = true,
            Some(Frame::Array { index }) => *index += 1,
            None => {}
        }
    }

    fn string(&mut self, text: &[u8]) {
        if let Some(Frame::Object { key, in_key }) = self.frames.last_mut()
            && *in_key
        {
            *key = String::from_utf8_lossy(text).into_owned();
            *in_key = false;
        }
    }

    fn child(&self, name: &str) -> String {
        let path = self.to_string();
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    }
}

/// The end of a string that begins before `at`, or of the text.
fn string_end(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (depth, frame) in self.frames.iter().enumerate() {
            match frame {
                Frame::Object { key, .. } if key.is_empty() => {}
                Frame::Object { key, .. } if depth == 0 => f.write_str(key)?,
                Frame::Object { key, .. } => write!(f, ".{key}")?,
                Frame::Array { index } => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::determine::PersonFacts;

    #[test]
    fn an_error_names_its_field() {
        let cases = [
            (
                r#"{"person":"P","roster":[{"enterprise":"E","from":"2026-02-30"}]}"#,
                "roster[0].from",
            ),
            (r#"{"person":"P","roster":[{"enterprise":"E","from":"2026-2-3"}]}"#, "roster[0].from"),
            (r#"{"person":"P","roster":[{"enterprise":"E"}]}"#, "roster[0].from"),
            (
                r#"{"person":"P","roster":[{"enterprise":"E","from":"2026-01-01"},{"from":"2026-01-02","through":"2026-01-01","enterprise":"E"}]}"#,
                "roster[1].through",
            ),
            (r#"{"person":"P","person":"Q"}"#, "person"),
            (r#"{"persons":"P"}"#, "persons"),
            (r#"{"roster":[]}"#, "person"),
            (
                r#"{"person":"P","evidence":[{"month":"2026-13","enterprise":"E"}]}"#,
                "evidence[0].month",
            ),
            (
                r#"{"person":"P","evidence":[{"month":"2026-1","enterprise":"E"}]}"#,
                "evidence[0].month",
            ),
            (
                r#"{"person":"P","suspensions":[{"from":"2026-01-01","recorded_at":"2026-01-01T00:00:00"}]}"#,
                "suspensions[0].recorded_at",
            ),
            (
                r#"{"person":"P","other_awards":[{"group":"g","year":2026,"amount":"-1.00"}]}"#,
                "other_awards[0].amount",
            ),
            (
                r#"{"person":"P","other_awards":[{"group":"g","year":2026,"amount":1}]}"#,
                "other_awards[0].amount",
            ),
            (
                r#"{"person":"P","entitled_before":[{"year":2026,"amount":"1.001"}]}"#,
                "entitled_before[0].amount",
            ),
            (r#"{"person":"P","roster":[["E","2026-01-01"]]}"#, "roster[0]"),
            (r#"{"person":"P","roster":null}"#, "roster"),
            (
                r#"{"person":"P","employments":[{"enterprise":"E","from":"2026-01-01","full_time":null}]}"#,
                "employments[0].full_time",
            ),
        ];
        for (line, field) in cases {
            let error = serde_json::from_str::<PersonFacts>(line).expect_err(line);
            let (found, message) = describe(line.as_bytes(), &error);
            assert_eq!(found, field, "{line}: {message}: {error}");
        }
        assert!(serde_json::from_str::<PersonFacts>(r#"["P"]"#).is_err());
        assert!(serde_json::from_str::<PersonFacts>(r#"{"person":"P"} x"#).is_err());
    }

    #[test]
    fn null_ends_and_stamps_are_the_same_as_none() {
        let line = r#"{"person":"P","roster":[{"enterprise":"E","from":"2026-01-01","through":null,"superseded_at":null}],
            "entitled_before":[{"year":2026,"amount":"-1.5"}],"employments":[{"enterprise":"E","from":"2026-01-01"}]}"#;
        let facts: PersonFacts = serde_json::from_str(line).unwrap();
        assert_eq!(
            (facts.roster[0].period.through, facts.roster[0].stamps.superseded_at),
            (None, None)
        );
        assert_eq!(facts.entitled_before[0].amount.get(), -150);
        assert!(facts.employments[0].full_time);
    }
}
