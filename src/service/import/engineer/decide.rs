//! What one row does to the registry. Pure.

use chrono::NaiveDate;

use crate::domain::registry::{
    BankAccount, Employment, PersonContact, PersonName, RosterEntry, Stated,
};
use crate::domain::roster::replaces_number;
use crate::file::form::EngineerRow;
use crate::vault::{Vault, place};

use super::super::ground::{Enterprise, Ground, another_name};
use super::super::issue::Notes;
use super::super::run::Verdict;
use super::super::timeline::{Change, Step, holds_from, live, replaced};
use super::{Known, Row};

/// What a good row does.
#[derive(Debug)]
pub(in super::super) struct Plan {
    /// `None` for a new one.
    pub(super) person: Option<i64>,
    /// Whether the document is to be stated.
    pub(super) states_document: bool,
    /// From when the person is known under the document.
    pub(super) since: NaiveDate,
    pub(super) name: Change<PersonName>,
    pub(super) contact: Change<PersonContact>,
    pub(super) account: Change<BankAccount>,
    /// Whether the account waits for another person.
    pub(super) account_waits: bool,
    pub(super) employment: Change<Employment>,
    pub(super) entry: Change<RosterEntry>,
}

impl Plan {
    fn is_known(&self) -> bool {
        !self.states_document
            && self.name.is_empty()
            && self.contact.is_empty()
            && self.account.is_empty()
            && self.employment.is_empty()
            && self.entry.is_empty()
    }

    /// Whether it takes a new place on the roster.
    pub(super) fn enters_the_roster(&self) -> bool {
        self.entry.new.is_some() && self.entry.ends.is_empty()
    }
}

/// Decides one row.
pub(super) fn verdict(
    line: &Row,
    known: &Known,
    ground: &Ground,
    enterprise: &Enterprise,
) -> Verdict<Plan> {
    let mut notes = Notes::new(line.row);
    let row = &line.record;
    let person = known.persons.get(&line.keys.document).copied();
    let since = row.hired.min(ground.today);
    let under_review = person.is_some_and(|person| known.under_review.contains(&person));
    let about = About { row, person, since, today: ground.today, under_review };
    let accounts = of(&known.accounts, person);
    let name = about.name(of(&known.names, person), accounts, &line.keys.account, &mut notes);
    let contact = about.contact(of(&known.contacts, person), &ground.vault, &mut notes);
    let (employment, last_day) =
        about.employment(of(&known.employments, person), enterprise.id, &mut notes);
    let entry = about.entry(of(&known.entries, person), enterprise, last_day, &mut notes);
    let holders = known.holders.get(&line.keys.account).map_or(&[][..], Vec::as_slice);
    let waiting = person.and_then(|person| known.waiting.get(&person));
    let filed = (line.keys.account.as_str(), waiting);
    let account = about.account(accounts, holders, filed, &mut notes);
    let account_waits = replaces_number(accounts, &line.keys.account, ground.today);
    let states_document = person.is_none_or(|person| known.undocumented.contains(&person));
    let plan = Plan {
        person,
        states_document,
        since,
        name,
        contact,
        account,
        account_waits,
        employment,
        entry,
    };
    let is_known = plan.is_known();
    let plan = (!notes.refuses()).then_some(plan);
    Verdict { issues: notes.into_issues(), plan, is_known }
}

fn of<T>(
    histories: &std::collections::HashMap<i64, Vec<Stated<T>>>,
    person: Option<i64>,
) -> &[Stated<T>] {
    person.and_then(|person| histories.get(&person)).map_or(&[], Vec::as_slice)
}

/// A row and who it is about.
pub(super) struct About<'a> {
    pub(super) row: &'a EngineerRow,
    pub(super) person: Option<i64>,
    /// First day of what is stated for the first time.
    pub(super) since: NaiveDate,
    pub(super) today: NaiveDate,
    /// Whether an office is looking at what was declared of the person before.
    pub(super) under_review: bool,
}

impl About<'_> {
    /// Another name than the registered one is a mistaken document number, unless the account is
    /// the person's too: then somebody was renamed.
    fn name(
        &self,
        names: &[Stated<PersonName>],
        accounts: &[Stated<BankAccount>],
        account_index: &str,
        notes: &mut Notes,
    ) -> Change<PersonName> {
        let filed = &self.row.name;
        let same = |fact: &PersonName| fact.name == filed.as_str();
        match holds_from(names, self.since, self.today, same) {
            Step::Known => Change::default(),
            Step::Former => {
                notes.warning("姓名", filed.as_str(), "这是登记过的曾用名，登记姓名不更改");
                Change::default()
            }
            Step::Change(change) if change.ends.is_empty() => change,
            Step::Change(change) => {
                let own = live(accounts).iter().any(|s| s.fact.account_index == account_index);
                let registered = live(names).last().map_or("", |stated| stated.fact.name.as_str());
                if own {
                    let masked = crate::domain::identity::mask_name(registered);
                    let reason = format!("登记姓名将由“{masked}”改为本行填写的姓名");
                    notes.warning("姓名", filed.as_str(), reason);
                } else {
                    another_name(notes, filed, registered);
                }
                change
            }
        }
    }

    fn contact(
        &self,
        contacts: &[Stated<PersonContact>],
        vault: &Vault,
        notes: &mut Notes,
    ) -> Change<PersonContact> {
        let mobile = self.row.mobile.as_str();
        let same = |fact: &PersonContact| {
            vault.open_text(place::MOBILE, &fact.mobile_cipher).is_ok_and(|known| *known == mobile)
        };
        match holds_from(contacts, self.since, self.today, same) {
            Step::Known => Change::default(),
            Step::Former => {
                let masked = self.row.mobile.masked();
                notes.warning("手机号码", masked, "这是登记过的旧号码，登记号码不更改");
                Change::default()
            }
            Step::Change(change) => change,
        }
    }

    fn account(
        &self,
        accounts: &[Stated<BankAccount>],
        holders: &[i64],
        (index, waiting): (&str, Option<&(String, String)>),
        notes: &mut Notes,
    ) -> Change<BankAccount> {
        let row = self.row;
        if holders.iter().any(|holder| Some(*holder) != self.person) {
            notes.error(
                "银行账号",
                row.account.masked(),
                "该账号已登记在另一人名下",
                "请填写本人的账户；同一人换了证件的，请联系人社部门更正登记",
            );
            return Change::default();
        }
        let same = |fact: &BankAccount| {
            fact.account_index == index
                && fact.account_name == row.name.as_str()
                && fact.bank_name == row.bank_name
                && fact.cnaps == row.cnaps.as_str()
        };
        match holds_from(accounts, self.since, self.today, same) {
            Step::Known => Change::default(),
            Step::Former => {
                let current = live(accounts).last().map_or("", |s| s.fact.last_four.as_str());
                let reason = format!(
                    "这是登记过的旧账户，现登记账户尾号{current}不更改；确需改回的，请在人员页面变更"
                );
                notes.warning("银行账号", row.account.masked(), reason);
                Change::default()
            }
            Step::Change(change) if !replaces_number(accounts, index, self.today) => change,
            Step::Change(change) => {
                let (reason, change) = match waiting {
                    Some((same, _)) if same == index => {
                        ("该账户已填报，正等待另一人确认".to_owned(), Change::default())
                    }
                    Some((_, last_four)) => (
                        format!(
                            "已有另一账户（尾号{last_four}）待确认，本行账户不填报；确认或退回后再报"
                        ),
                        Change::default(),
                    ),
                    None => {
                        let current =
                            live(accounts).last().map_or("", |s| s.fact.last_four.as_str());
                        let reason = format!(
                            "与登记账户（尾号{current}）不同，导入后由另一人确认，确认以前仍使用登记账户"
                        );
                        (reason, change)
                    }
                };
                notes.warning("银行账号", row.account.masked(), reason);
                change
            }
        }
    }
}

/// Whether a version that a live one replaced satisfies `is`.
pub(super) fn was_replaced<T>(history: &[Stated<T>], is: impl Fn(&Stated<T>) -> bool) -> bool {
    replaced(history).into_iter().any(is)
}
