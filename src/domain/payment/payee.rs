//! Whether a person can be paid today, and to which account (domain.md 7.2 rule 2).

use chrono::{DateTime, Days, FixedOffset, NaiveDate, Utc};

use crate::code_list;
use crate::domain::calendar::WorkCalendar;
use crate::domain::registry::{BankAccount, Stated};

/// Working days that a changed account rests before money goes there.
const COOLING_WORKING_DAYS: u32 = 5;
/// The same in days of the year when the year's working days are not loaded; no run of holidays
/// makes five working days longer.
const COOLING_DAYS: u64 = 15;
/// China Standard Time, in which days are counted.
const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;

code_list! {
    /// Why payable money is left out of a batch. The label is what pages show.
    Ineligible {
        /// No account is in force.
        NoAccount = "no_account", "没有收款账户";
        /// The account was changed a few working days ago.
        AccountChanged = "account_changed", "收款账户变更未满5个工作日";
        /// The person says that the account is wrong, and nobody has answered.
        Disputed = "disputed", "本人对收款账户有异议";
        /// The entitlement no longer grants what the lines add up to.
        Lowered = "lowered", "核定结果已变化";
        /// The bank would refuse name, number or bank code.
        Unfit = "unfit", "收款信息不符合银行要求";
        /// A finance office keeps it back (domain.md 7.2 rule 3).
        Held = "held", "已暂缓发放";
        /// The enterprise that the money is for work at is suspended (domain.md 7.4).
        EmployerHeld = "employer_held", "所在企业被暂停资格";
    }
}

impl Ineligible {
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoAccount => "请企业补登本人收款账户",
            Self::AccountChanged => "核对无误后，满5个工作日即可编入",
            Self::Disputed => "请企业或人社部门核实后更正账户或答复本人",
            Self::Lowered => "请省级人社部门重新核算后再编入",
            Self::Unfit => "请更正户名、账号或联行号后再编入",
            Self::Held => "由暂缓以外的另一人在“暂缓发放”中解除后即可编入",
            Self::EmployerHeld => "待工信部门作出调查结论，恢复资格后即可编入",
        }
    }
}

/// The first day on which money may go to an account that was changed at `changed`.
pub fn cooling_ends(changed: DateTime<Utc>, calendar: &WorkCalendar) -> NaiveDate {
    let offset =
        FixedOffset::east_opt(CHINA_OFFSET_SECONDS).expect("eight hours is a valid offset");
    let day = changed.with_timezone(&offset).date_naive();
    calendar
        .add_working_days(day, COOLING_WORKING_DAYS)
        .unwrap_or_else(|_| day.checked_add_days(Days::new(COOLING_DAYS)).unwrap_or(day))
}

/// The account to pay on `today`, from everything the registry ever held about one person's
/// accounts. A first account may be used at once; one that replaces another number rests first.
///
/// # Errors
/// Why nothing can be paid.
pub fn payee<'a>(
    versions: &'a [Stated<BankAccount>],
    today: NaiveDate,
    calendar: &WorkCalendar,
) -> Result<&'a Stated<BankAccount>, Ineligible> {
    let account = versions
        .iter()
        .find(|version| version.is_live() && version.period.covers(today))
        .ok_or(Ineligible::NoAccount)?;
    let index = &account.fact.account_index;
    let since = versions
        .iter()
        .filter(|version| version.fact.account_index == *index)
        .map(|version| version.recorded_at)
        .min()
        .unwrap_or(account.recorded_at);
    // Going back to a number used before is a change as well.
    let replaced = versions
        .iter()
        .filter(|version| version.fact.account_index != *index)
        .map(|version| version.recorded_at)
        .max();
    let changed = match replaced {
        Some(other) if other > since => Some(account.recorded_at),
        Some(_) => Some(since),
        None => None,
    };
    match changed {
        Some(at) if today < cooling_ends(at, calendar) => Err(Ineligible::AccountChanged),
        _ => Ok(account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::Period;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn account(
        id: i64,
        number: &str,
        recorded: &str,
        superseded: Option<&str>,
    ) -> Stated<BankAccount> {
        Stated {
            id,
            about: 1,
            period: Period::new(day("2026-01-01"), None).expect("a period"),
            fact: BankAccount {
                account_name: "张三".to_owned(),
                account_index: number.to_owned(),
                account_cipher: vec![],
                last_four: "0001".to_owned(),
                bank_name: String::new(),
                cnaps: String::new(),
            },
            recorded_at: at(recorded),
            recorded_by: 1,
            source_id: 1,
            reason: String::new(),
            supersedes: None,
            superseded_at: superseded.map(at),
        }
    }

    fn chosen(versions: &[Stated<BankAccount>], today: &str) -> Result<i64, Ineligible> {
        payee(versions, day(today), WorkCalendar::shipped()).map(|account| account.id)
    }

    #[test]
    fn a_first_account_is_used_at_once_and_none_is_not_paid() {
        assert_eq!(chosen(&[], "2026-03-02"), Err(Ineligible::NoAccount));
        let first = account(1, "a", "2026-03-02T09:00:00+08:00", None);
        assert_eq!(chosen(std::slice::from_ref(&first), "2026-03-02"), Ok(1));
        assert_eq!(chosen(std::slice::from_ref(&first), "2025-12-31"), Err(Ineligible::NoAccount));
        let gone = account(1, "a", "2026-03-02T09:00:00+08:00", Some("2026-03-03T09:00:00+08:00"));
        assert_eq!(chosen(&[gone], "2026-03-04"), Err(Ineligible::NoAccount));
    }

    #[test]
    fn a_changed_number_rests_five_working_days_and_a_changed_name_does_not() {
        let change = "2026-03-02T23:30:00+08:00"; // a Monday, late in China
        let old = account(1, "a", "2026-01-05T09:00:00+08:00", Some(change));
        let moved = [old.clone(), account(2, "b", change, None)];
        assert_eq!(chosen(&moved, "2026-03-02"), Err(Ineligible::AccountChanged));
        assert_eq!(chosen(&moved, "2026-03-08"), Err(Ineligible::AccountChanged));
        assert_eq!(chosen(&moved, "2026-03-09"), Ok(2));
        let renamed = [old, account(2, "a", change, None)];
        assert_eq!(chosen(&renamed, "2026-03-02"), Ok(2));
        let back = [
            account(1, "a", "2026-01-05T09:00:00+08:00", Some("2026-02-02T09:00:00+08:00")),
            account(2, "b", "2026-02-02T09:00:00+08:00", Some(change)),
            account(3, "a", change, None),
        ];
        assert_eq!(chosen(&back, "2026-03-03"), Err(Ineligible::AccountChanged));
        assert_eq!(chosen(&back, "2026-03-09"), Ok(3));
    }

    #[test]
    fn without_a_calendar_the_rest_is_longer_never_shorter() {
        let ends = cooling_ends(at("2031-01-02T09:00:00+08:00"), WorkCalendar::shipped());
        assert_eq!(ends, day("2031-01-17"));
    }
}
