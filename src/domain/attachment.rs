//! Files that prove something: which kinds there are, what they may belong to, how much is kept.

use crate::code_list;

code_list! {
    /// What a file was found to be, by its content.
    FileKind {
        /// Portable document.
        Pdf = "pdf", "PDF";
        /// Photograph or scan.
        Jpg = "jpg", "JPG";
        /// Picture.
        Png = "png", "PNG";
        /// Workbook without macros.
        Xlsx = "xlsx", "XLSX";
        /// Document without macros.
        Docx = "docx", "DOCX";
    }
}

impl FileKind {
    /// Endings of a file name that fit, lower case.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Xlsx => &["xlsx"],
            Self::Docx => &["docx"],
        }
    }

    /// What a browser is told.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

code_list! {
    /// What a file can belong to. Each kind decides by itself who sees its files.
    SubjectKind {
        /// A person on record.
        Person = "person", "人员";
        /// A document that facts were taken from.
        SourceDocument = "source_document", "来源文件";
        /// A file that moves through offices.
        Case = "case", "办件";
    }
}

/// Largest file, in bytes, inclusive.
pub const MAX_BYTES: usize = 10 << 20;
/// Most files of one subject that are not withdrawn.
pub const MAX_FILES: usize = 20;
/// Most bytes of one subject's files that are not withdrawn.
pub const MAX_SUBJECT_BYTES: i64 = 50 << 20;

/// Why another file of `size` bytes is too much for a subject that has `files` of `bytes`, in the
/// user's words.
///
/// # Errors
/// When the number or the sum would pass its limit.
pub fn check_room(files: usize, bytes: i64, size: i64) -> Result<(), String> {
    if files >= MAX_FILES {
        return Err(format!("最多保存 {MAX_FILES} 个附件，请先撤回不再需要的附件"));
    }
    if bytes.saturating_add(size) > MAX_SUBJECT_BYTES {
        let limit = MAX_SUBJECT_BYTES >> 20;
        return Err(format!("附件合计不能超过 {limit} MB，请先撤回不再需要的附件"));
    }
    Ok(())
}

/// Longest file name kept, in characters.
const MAX_NAME: usize = 100;

/// A name to show and to save under: no path, nothing invisible, nothing that turns the reading
/// direction, nothing that a file system takes for something else.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
            || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
    };
    let plain: String = last.chars().filter(|c| !hidden(*c)).collect();
    let plain = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let count = plain.chars().count();
    // The end is kept: it says what the file is.
    plain.chars().skip(count.saturating_sub(MAX_NAME)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_ending_and_loses_what_deceives() {
        assert_eq!(clean_name("..\\..\\合同\u{202E}fdp.exe\r\n"), "合同fdp.exe");
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name(" ..."), "");
        let long = format!("{}.pdf", "长".repeat(300));
        assert_eq!(clean_name(&long).chars().count(), 100);
        assert!(clean_name(&long).ends_with(".pdf"));
    }

    #[test]
    fn the_twentieth_file_and_the_fiftieth_megabyte_are_the_last() {
        assert!(check_room(19, 0, 1).is_ok());
        assert!(check_room(20, 0, 1).is_err());
        assert!(check_room(1, MAX_SUBJECT_BYTES - 5, 5).is_ok());
        assert!(check_room(1, MAX_SUBJECT_BYTES - 5, 6).is_err());
    }
}
