//! What people are told about their files, and how they want it.

use chrono::NaiveDate;

use super::calendar::WorkCalendar;
use crate::code_list;

code_list! {
    /// Why somebody is told.
    NotificationKind {
        /// A file came back with defects.
        Returned = "returned", "退回补正";
        /// A file came to its end, or to a state in which nothing waits.
        Decided = "decided", "已办结";
        /// What a file gave does not count for the time being.
        Suspended = "suspended", "已暂停";
        /// An enterprise is to be taken off the list.
        RemovalAnnounced = "removal_announced", "拟移出清单告知";
        /// A file has to be dealt with within three working days.
        DueSoon = "due_soon", "即将到期";
        /// The time of a file is over.
        Overdue = "overdue", "已逾期";
        /// A file that waits for those below the reader is long overdue.
        Escalated = "escalated", "逾期督办";
        /// Somebody lets the reader act in their name.
        Delegated = "delegated", "收到委托";
        /// The other side wrote a message on a file.
        Message = "message", "有新留言";
        /// The reader is asked to sign a file.
        CosignAsked = "cosign_asked", "请您会签";
        /// What was asked of signers is decided: enough agreed, or no longer enough can.
        CosignDone = "cosign_done", "会签有结果";
        /// A list that was asked for can be fetched.
        ExportReady = "export_ready", "导出完成";
        /// A list that was asked for could not be written.
        ExportFailed = "export_failed", "导出未完成";
        /// A program did not take what it should be told.
        WebhookFailed = "webhook_failed", "接口通知未送达";
        /// Somebody asked for, or authorised, a new initial password of the reader.
        PasswordReset = "password_reset", "密码重置";
        /// Something happened to the reader's account, or to one that the reader looks after.
        AccountSecurity = "account_security", "账号安全";
        /// An officer was shown many full numbers in a short time.
        ManyReveals = "many_reveals", "频繁查看明文";
    }
}

code_list! {
    /// When somebody is sent mail.
    MailRhythm {
        /// Never.
        None = "none", "不发邮件";
        /// One mail for each message.
        Each = "each", "每条消息一封";
        /// One mail a day with everything that is new.
        Daily = "daily", "每天汇总一封";
    }
}

/// Working days after the last day of a file on which the next level is told of it, once: our choice.
pub const ESCALATE_AFTER: u32 = 5;

/// Whether a file whose last day was `due_on` is that long overdue `today`. Nobody is told while the
/// working days in between are not loaded.
pub fn is_escalated(due_on: NaiveDate, today: NaiveDate, calendar: &WorkCalendar) -> bool {
    let late = due_on.succ_opt().filter(|first| *first <= today);
    let days = late.and_then(|first| calendar.working_days_between(first, today).ok());
    days.is_some_and(|days| ESCALATE_AFTER <= days)
}

/// Attempts after which a mail is given up.
pub const MOST_ATTEMPTS: i64 = 6;

/// Minutes to wait after an attempt, from 1: longer each time, at most six hours.
pub fn pause_minutes(attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    (5_i64 << (2 * doublings).min(12)).min(360)
}

/// Whether a text looks like one address of a mailbox: nothing that could become a second
/// recipient or a header.
pub fn is_mail_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels: Vec<&str> = domain.split('.').collect();
    let label = |label: &&str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 120
        && !local.is_empty()
        && local.chars().all(plain)
        && labels.len() >= 2
        && labels.iter().all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_escalated_on_the_fifth_working_day_after_its_last() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let late = |today| is_escalated(day("2026-06-12"), day(today), WorkCalendar::shipped());
        assert!(!late("2026-06-12") && !late("2026-06-18"));
        // The Dragon Boat holiday and the weekend do not count.
        assert!(!late("2026-06-21") && late("2026-06-22"));
    }

    #[test]
    fn only_one_plain_mailbox_is_an_address() {
        assert!(is_mail_address("chen.mou+hr@rst.fujian.gov.cn"));
        for bad in ["", "a", "@b.cn", "a@b", "a@b.cn,c@d.cn", "a b@c.cn", "a@b.cn\nBcc: x@y.cn"] {
            assert!(!is_mail_address(bad), "{bad:?}");
        }
    }

    #[test]
    fn pauses_grow_to_six_hours() {
        let pauses: Vec<i64> = (1..=6).map(pause_minutes).collect();
        assert_eq!(pauses, [5, 20, 80, 320, 360, 360]);
    }
}
