//! Drafts of long forms: which forms keep one, and what of it is kept.

use std::collections::BTreeMap;

use super::identity::disclosure;
use crate::code_list;

code_list! {
    /// A form whose text is kept while it is being typed.
    DraftForm {
        /// Beginning a recognition.
        Recognition = "recognition", "发起自主认定";
        /// Applying for the key-enterprise list.
        Application = "application", "申报骨干企业";
        /// An act on a file.
        CaseAct = "case_act", "办理办件";
        /// The plan of a visit from overseas, new or changed.
        VisitPlan = "visit_plan", "来访计划";
        /// What is claimed for a visit.
        VisitClaim = "visit_claim", "来访申报";
        /// Putting down what was agreed case by case.
        Agreement = "agreement", "录入一事一议决定";
        /// Putting down the appointment of an expert.
        Expert = "expert", "录入专家聘任";
        /// The report of a key enterprise for the year.
        YearReport = "year_report", "年度报告";
        /// The enterprise's standard of recognition.
        Standard = "standard", "备案认定标准";
    }
}

/// Days after which a draft that nobody touched is forgotten.
pub const KEPT_DAYS: i64 = 30;
/// Most drafts of one account.
pub const MOST_DRAFTS: usize = 100;
/// Most bytes of the text of one draft.
const MOST_BYTES: usize = 64 * 1024;
/// Most bytes of what a draft is about.
const MOST_SUBJECT: usize = 120;

/// What a page itself puts into a form: it is made anew each time.
const TECHNICAL: [&str; 7] = [
    "csrf_token",
    "idempotency_key",
    "act",
    "seen_steps",
    "in_name_of",
    "draft_form",
    "draft_subject",
];

/// What of a form is kept, and whether something was left out because it holds a full number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// By field; no empty text.
    pub fields: BTreeMap<String, String>,
    /// Whether a field with a full number was left out.
    pub left_out: bool,
}

/// What is kept of the fields of a form. Passwords, full numbers of documents and accounts are not.
/// `None` when it is more than a form of ours holds.
pub fn kept<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Kept> {
    let mut kept = Kept::default();
    let mut bytes = 0;
    for (name, text) in fields {
        let skipped = TECHNICAL.contains(&name) || name.contains("password");
        if skipped || text.trim().is_empty() {
            continue;
        }
        // Numbers of passports look like many others: their field is known by its name.
        if name == "passport" || disclosure(text).is_some() {
            kept.left_out = true;
            continue;
        }
        bytes += name.len() + text.len();
        kept.fields.insert(name.to_owned(), text.to_owned());
    }
    (bytes <= MOST_BYTES).then_some(kept)
}

/// Whether a text can say what a draft is about: a number and an act of ours.
pub fn is_subject(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/');
    text.len() <= MOST_SUBJECT && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_keeps_what_was_typed_but_no_full_number_and_no_secret() {
        let fields = [
            ("csrf_token", "abc"),
            ("grounds", "主持省级项目"),
            ("remark", "证件 350102 19900307 9981"),
            ("new_password", "武夷山"),
            ("class", " "),
            ("account", "6217000000000000129"),
            ("passport", "E12345678"),
        ];
        let found = kept(fields.into_iter()).unwrap();
        assert_eq!(
            found.fields.into_iter().collect::<Vec<_>>(),
            [("grounds".to_owned(), "主持省级项目".to_owned())]
        );
        assert!(found.left_out);
        let long = "字".repeat(MOST_BYTES);
        assert_eq!(kept([("grounds", long.as_str())].into_iter()), None);
    }

    #[test]
    fn a_subject_is_a_number_of_ours() {
        assert!(is_subject("") && is_subject("RD2026-000001/pass_county-4"));
        assert!(!is_subject("a?b") && !is_subject("张三") && !is_subject(&"a".repeat(200)));
    }
}
