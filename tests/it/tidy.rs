//! The house rules of docs/STYLE.md, run as tests.

use std::fs;
use std::path::{Path, PathBuf};

const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 70;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` with one of these endings: (path from the root, text).
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(path: &Path, endings: &[&str], out: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(path).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                walk(&path, endings, out);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                let name = path.strip_prefix(root()).expect("below the root");
                let text = fs::read_to_string(&path).expect("a text file");
                out.push((name.to_string_lossy().into_owned(), text));
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join(folder), endings, &mut out);
    assert!(!out.is_empty(), "{folder} holds nothing");
    out.sort();
    out
}

/// The text without what stands after `#[cfg(test)]`: tests may do what the program may not.
fn program_part(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// Code lines, without comments.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    program_part(text)
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn findings(folder: &str, endings: &[&str], banned: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in files(folder, endings) {
        for (number, line) in code_lines(&text) {
            for word in banned {
                if names(line, word) {
                    found.push(format!("{name}:{number}: {word}"));
                }
            }
        }
    }
    found
}

/// Whether the line has this word, and not only the end of a longer one (`identity::`).
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

#[test]
fn each_layer_uses_only_the_layers_below_it() {
    let layers: [(&str, &[&str]); 7] = [
        (
            "src/domain",
            &[
                "sea_orm",
                "entity::",
                "axum",
                "askama",
                "tokio",
                "async ",
                "now()",
                "getrandom",
                "std::env",
                "std::fs",
                "f32",
                "f64",
                "crate::store",
                "crate::service",
                "crate::web",
                "crate::file",
                "crate::app",
                "crate::clock",
            ],
        ),
        (
            "src/store",
            &["axum", "askama", "crate::service", "crate::web", "crate::file", "crate::app"],
        ),
        (
            "src/service",
            &[
                "sea_orm",
                "entity::",
                "axum",
                "askama",
                "Utc::now",
                "SELECT ",
                "INSERT ",
                "crate::web",
                "crate::cli",
                "<html",
            ],
        ),
        ("src/web", &["sea_orm", "entity::", "crate::store::", "crate::cli", "Utc::now"]),
        ("src/file", &["sea_orm", "entity::", "axum", "askama", "crate::store", "crate::service"]),
        ("entity/src", &["juncai::", "migration::"]),
        ("migration/src", &["juncai::", "entity::"]),
    ];
    let broken: Vec<String> =
        layers.iter().flat_map(|(folder, banned)| findings(folder, &[".rs"], banned)).collect();
    assert!(broken.is_empty(), "a layer reaches where it must not:\n{}", broken.join("\n"));
}

#[test]
fn files_and_functions_stay_readable() {
    let mut long = Vec::new();
    for folder in ["src", "entity/src", "migration/src", "trust/src", "tests", "benches"] {
        for (name, text) in files(folder, &[".rs"]) {
            let lines = text.lines().count();
            if lines > MAX_FILE_LINES {
                long.push(format!("{name}: {lines} lines"));
            }
            long.extend(long_functions(&name, &text));
        }
    }
    for (name, text) in files("templates", &[".html"]) {
        if text.lines().count() > MAX_FILE_LINES {
            long.push(name);
        }
    }
    assert!(long.is_empty(), "too long to read at once:\n{}", long.join("\n"));
}

/// Functions, in formatted code, from their `fn` to the brace that closes at the same depth.
fn long_functions(name: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut long = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let is_function = [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "pub(super) fn ",
            "pub(crate) fn ",
            "pub(super) async fn ",
            "pub(crate) async fn ",
        ]
        .iter()
        .any(|head| trimmed.starts_with(head));
        if !is_function || line.ends_with('}') {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - trimmed.len()]);
        let end = lines[start..].iter().position(|line| *line == close);
        if let Some(length) = end.filter(|length| *length + 1 > MAX_FUNCTION_LINES) {
            long.push(format!("{name}:{}: a function of {} lines", start + 1, length + 1));
        }
    }
    long
}

#[test]
fn nothing_is_left_open_and_no_machine_is_named() {
    let mut found = findings("src", &[".rs"], &["todo!", "unimplemented!", "TODO", "FIXME"]);
    for folder in ["src", "entity", "migration", "templates", "assets", "policies", "docs"] {
        let machine = ["/work/", "/root/", "/home/"];
        for (name, text) in files(folder, &[".rs", ".html", ".css", ".js", ".toml", ".md"]) {
            let named = machine.iter().filter(|path| text.contains(**path));
            found.extend(named.map(|path| format!("{name}: {path}")));
        }
    }
    for (name, text) in files("templates", &[".html"]) {
        for banned in ["|safe", "| safe", "style=\"", "onclick", "http://", "https://", "TODO"] {
            if text.contains(banned) {
                found.push(format!("{name}: {banned}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let why =
        fs::read_to_string(root().join("docs/dependencies.md")).expect("docs/dependencies.md");
    let mut missing = Vec::new();
    for manifest in [
        "Cargo.toml",
        "src/domain/Cargo.toml",
        "entity/Cargo.toml",
        "migration/Cargo.toml",
        "trust/Cargo.toml",
    ] {
        let text = fs::read_to_string(root().join(manifest)).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        for section in ["dependencies", "dev-dependencies"] {
            let Some(toml::Value::Table(table)) = manifest.get(section) else { continue };
            missing.extend(
                table
                    .keys()
                    .filter(|name| !["domain", "entity", "migration"].contains(&name.as_str()))
                    .filter(|name| !why.contains(&format!("| `{name}` |")))
                    .cloned(),
            );
        }
    }
    assert!(missing.is_empty(), "no reason in docs/dependencies.md: {missing:?}");
}

#[test]
fn every_term_of_the_glossary_names_code_that_exists() {
    let glossary = fs::read_to_string(root().join("docs/GLOSSARY.md")).expect("docs/GLOSSARY.md");
    let code: String = ["src", "entity/src"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
        .map(|(_, text)| text)
        .collect();
    let rows = glossary.lines().filter(|line| line.starts_with("| ") && !line.contains("---"));
    let mut terms = 0;
    for row in rows.skip(1) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(cells.len() >= 5, "a glossary row has four columns: {row}");
        for name in cells[3].split(',').map(|name| name.trim().trim_matches('`')) {
            terms += 1;
            assert!(code.contains(name), "the glossary names `{name}`, which no code has");
        }
    }
    assert!(terms > 20, "the glossary has rows");
}
