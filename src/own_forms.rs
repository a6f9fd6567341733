//! The forms of bank files and the treasury's codes that an installation adds to the shipped ones.
//!
//! The folder `JUNCAI_PROFILES` holds `bank/*.toml`, a form each, and `voucher.toml`. They are read once
//! at the start; what is wrong with one stops the start, so that no file is ever half of a form.

use std::path::{Path, PathBuf};

use crate::file::{bank, voucher};

/// Why the program does not start with them.
#[derive(Debug, thiserror::Error)]
pub enum OwnFormsError {
    /// The folder or a file cannot be read.
    #[error("无法读取 {0}：{1}")]
    Unread(PathBuf, std::io::Error),
    /// A text is no form.
    #[error("{0} 不能使用：{1}")]
    Wrong(String, String),
    /// Files were written with other forms before.
    #[error("银行格式已经在使用，不能再更换；请重新启动程序")]
    Late,
}

/// Reads the forms of a folder and puts them into use beside the shipped ones.
///
/// # Errors
/// [`OwnFormsError`] with the file; nothing is in use then.
pub fn put_into_use(folder: &Path) -> Result<(), OwnFormsError> {
    let mut own = Vec::new();
    for path in forms_in(&folder.join("bank"))? {
        own.push((path.display().to_string(), read(&path)?));
    }
    let wrong =
        |called: String, why: &dyn std::fmt::Display| OwnFormsError::Wrong(called, why.to_string());
    let profiles = bank::with_own(&own).map_err(|(called, why)| wrong(called, &why))?;
    let codes = folder.join("voucher.toml");
    let codes = match codes.exists() {
        true => {
            let text = read(&codes)?;
            let found = voucher::own_codes(&text);
            Some(found.map_err(|why| wrong(codes.display().to_string(), &why))?)
        }
        false => None,
    };
    let is_used = bank::put_into_use(profiles) && codes.is_none_or(voucher::put_into_use);
    if is_used { Ok(()) } else { Err(OwnFormsError::Late) }
}

/// The files of a folder that end with `.toml`, by name; none without the folder.
fn forms_in(folder: &Path) -> Result<Vec<PathBuf>, OwnFormsError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unread = |error| OwnFormsError::Unread(folder.to_owned(), error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, OwnFormsError> {
    std::fs::read_to_string(path).map_err(|error| OwnFormsError::Unread(path.to_owned(), error))
}
