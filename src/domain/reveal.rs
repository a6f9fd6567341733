//! Showing a full number of somebody: which, why, and how often (查看明文, GB/T 35273-2020 7.2).

use chrono::TimeDelta;

use crate::code_list;

code_list! {
    /// Which number is shown.
    RevealedNumber {
        /// Of an identity document.
        Document = "document", "证件号码";
        /// Of a mobile.
        Mobile = "mobile", "手机号码";
        /// Of the bank account in use.
        Account = "account", "银行账号";
        /// Of the bank account that waits for confirmation.
        FiledAccount = "filed_account", "待确认的银行账号";
        /// How to reach somebody from the public who objects or gives a tip.
        Contact = "contact", "提出人联系方式";
    }
}

code_list! {
    /// What somebody needs it for.
    RevealPurpose {
        /// Comparing with the document itself.
        Papers = "papers", "核对证件原件";
        /// Comparing with what the bank or its papers say.
        Payee = "payee", "核对收款账户";
        /// Reaching the person.
        Contact = "contact", "联系本人";
        /// A dispute, an objection or a tip is looked into.
        Dispute = "dispute", "处理异议或投诉";
        /// An audit.
        Audit = "audit", "审计核查";
        /// Something else, which is written down.
        Other = "other", "其他";
    }
}

/// Longest note beside a purpose, in characters.
pub const LONGEST_NOTE: usize = 200;
/// Time in which reveals are counted together for the alert.
pub const ALERT_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// More reveals than this in that time are told to the security auditor.
pub const ALERT_ABOVE: u64 = 5;

/// What is wrong with the note beside a purpose, in the user's words: "other" says nothing alone, and
/// no note repeats a number.
pub fn note_fault(purpose: RevealPurpose, note: &str) -> Option<String> {
    let long = note.chars().count();
    if purpose == RevealPurpose::Other && long < 4 {
        return Some("请写明用途，至少 4 个字".to_owned());
    }
    if long > LONGEST_NOTE {
        return Some(format!("说明最多 {LONGEST_NOTE} 个字"));
    }
    let found = super::identity::disclosure(note)?;
    Some(format!("说明中不能出现{}", found.label()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_says_what_for_and_no_note_holds_a_number() {
        assert!(note_fault(RevealPurpose::Other, "核对").is_some());
        assert_eq!(note_fault(RevealPurpose::Other, "补办社保卡"), None);
        assert_eq!(note_fault(RevealPurpose::Papers, ""), None);
        assert!(note_fault(RevealPurpose::Papers, &"长".repeat(201)).is_some());
        assert!(note_fault(RevealPurpose::Papers, "与350102199003079981核对").is_some());
    }
}
