//! Forms that change what the registry holds about one person or enterprise. The pages of
//! engineers and enterprises show most of them; what comes back mistyped is shown here, on a page
//! of its own, with everything that was typed.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use chrono::NaiveDate;

use super::sheets::{
    Sheet, Subject, account_sheet, correction_sheet, delisting_sheet, departure_sheet,
    exclusion_sheet, suspension_sheet, withdrawal_sheet,
};
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::roster::{DepartureReason, span};
use crate::service::Error;
use crate::service::roster::{self, About, Change, FactRef, Grounds, Held, LastDay, NewAccount};
use crate::web::failure::{Answer, Failure};
use crate::web::form::FormState;
use crate::web::page::Page;
use crate::web::send::{Filed, done};
use crate::web::session::SignedIn;
use crate::web::site::Site;

/// Collects what is wrong with a form while it is read.
#[derive(Default)]
pub(in crate::web) struct Faults(Vec<(String, String)>);

impl Faults {
    pub(in crate::web) fn add(&mut self, field: &str, text: impl Into<String>) {
        self.0.push((field.to_owned(), text.into()));
    }

    /// A day that must be there; the first day of the calendar stands in for a wrong one.
    pub(in crate::web) fn day(&mut self, filed: &Filed, field: &str) -> NaiveDate {
        match self.day_if_any(filed, field) {
            Some(day) => day,
            None => {
                if filed.text(field).is_empty() {
                    self.add(field, "请填写日期");
                }
                NaiveDate::default()
            }
        }
    }

    fn day_if_any(&mut self, filed: &Filed, field: &str) -> Option<NaiveDate> {
        let text = filed.text(field);
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok();
        if day.is_none() {
            self.add(field, "日期格式应为2026-06-30，且须是存在的日子");
        }
        day
    }

    /// Everything wrong with the form at once, also what the use case would find by itself.
    pub(in crate::web) fn with(mut self, others: Vec<(String, String)>) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let new = |fault: &(String, String)| !self.0.iter().any(|(field, _)| *field == fault.0);
        let others: Vec<_> = others.into_iter().filter(new).collect();
        self.0.extend(others);
        Err(Error::Invalid(self.0))
    }
}

fn grounds(filed: &Filed) -> Grounds {
    Grounds::new(filed.text("reason"), filed.text("document_no"))
}

/// `GET /engineers/{no}/departures`.
pub(super) async fn ask_departure(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    departure_sheet().ask(&site, &who, &no).await
}

/// `POST /engineers/{no}/departures`. Fields: last_day, reason, note, document_no.
pub(super) async fn depart(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let subject = Subject::engineer(&no, "", "departures");
    let mut faults = Faults::default();
    let last_day = faults.day(&filed, "last_day");
    let reason = DepartureReason::from_code(filed.text("reason"));
    if reason.is_none() {
        faults.add("reason", "请选择离职原因");
    }
    let end = LastDay {
        last_day,
        reason: reason.unwrap_or(DepartureReason::Other),
        note: filed.text("note").to_owned(),
        document_no: filed.text("document_no").to_owned(),
    };
    let outcome = match faults.with(grounds(&filed).faults()) {
        Ok(()) => roster::end_entry(&site.app, &who.actor, &no, &end).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(left) => {
            let text = format!("已登记离职：在{}的最后在职日为{last_day}", left.enterprise);
            Ok(done(&subject.back, &text))
        }
        Err(error) => departure_sheet().again(&site, &who, subject, &filed, error).await,
    }
}

/// `POST /engineers/{no}/corrections`. Fields: fact, from, until, reason, document_no.
pub(super) async fn correct(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let subject = Subject::engineer(&no, "", "corrections");
    if let Some(fact) = FactRef::parse(filed.text("fact")) {
        return save_correction(&site, &who, fact, subject, &filed).await;
    }
    let mut sheet = correction_sheet();
    sheet.fields.retain(|field| field.name != "fact");
    let text = "请在人员页面选择要更正哪一段，再填写正确的日期".to_owned();
    sheet.again(&site, &who, subject, &filed, Error::Refused(text)).await
}

/// `GET /roster/corrections/{fact}`: any fact that can be corrected, with its present days.
pub(super) async fn ask_correction(
    State(site): State<Site>,
    who: SignedIn,
    Path(fact): Path<String>,
) -> Answer {
    let (fact, subject, period) = about_fact(&site, &who, &fact, "corrections").await?;
    let until = period.through.map(|last| last.to_string()).unwrap_or_default();
    let form = FormState::new("corrections")
        .with("fact", fact.to_string())
        .with("from", period.from.to_string())
        .with("until", until);
    let page = correction_sheet().page(&site, &who, subject, form).await?;
    Ok(Page::ok(page).into_response())
}

/// `POST /roster/corrections/{fact}`. Fields: from, until, reason, document_no.
pub(super) async fn correct_fact(
    State(site): State<Site>,
    who: SignedIn,
    Path(fact): Path<String>,
    filed: Filed,
) -> Answer {
    let (fact, subject, _) = about_fact(&site, &who, &fact, "corrections").await?;
    save_correction(&site, &who, fact, subject, &filed).await
}

async fn save_correction(
    site: &Site,
    who: &SignedIn,
    fact: FactRef,
    mut subject: Subject,
    filed: &Filed,
) -> Answer {
    let mut faults = Faults::default();
    let days = (faults.day(filed, "from"), faults.day_if_any(filed, "until"));
    if let Ok(held) = roster::held(&site.app, &who.actor, fact).await {
        subject.about = named(&held);
    }
    let change = Change::Correct(fact, days);
    ask(site, who, (faults, change), (correction_sheet(), subject), filed).await
}

/// Asks for a change that another person makes; the form again when something stands against it.
async fn ask(
    site: &Site,
    who: &SignedIn,
    (faults, change): (Faults, Change),
    (sheet, subject): (Sheet, Subject),
    filed: &Filed,
) -> Answer {
    let grounds = grounds(filed);
    let outcome = match faults.with(grounds.faults()) {
        Ok(()) => roster::request_change(&site.app, &who.actor, &change, &grounds).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(asked) => {
            let text = format!("已提交变更申请 {}，由另一人核对确认后生效", asked.no);
            Ok(done(&address(&asked.about), &text))
        }
        Err(error) => sheet.again(site, who, subject, filed, error).await,
    }
}

fn named(held: &Held) -> String {
    format!("{}：{}{}", held.name, held.kind.label(), span(&held.period))
}

fn address(about: &About) -> String {
    match about {
        About::Person(no) => format!("/engineers/{no}"),
        About::Enterprise(uscc) => format!("/enterprises/{uscc}"),
    }
}

/// `GET /engineers/{no}/bank-account`.
pub(super) async fn ask_account(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    account_sheet().ask(&site, &who, &no).await
}

/// `POST /engineers/{no}/bank-account`. Fields: account_name, account_number,
/// account_number_again, bank_name, cnaps, from, reason, document_no.
pub(super) async fn change_account(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let subject = Subject::engineer(&no, "", "bank-account");
    let mut faults = Faults::default();
    let new = typed_account(&filed, &mut faults);
    let outcome = match faults.with(new.faults(site.app.clock.today())) {
        Ok(()) => roster::change_bank_account(&site.app, &who.actor, &no, &new).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(changed) => {
            let warning = changed.warning.map(|text| format!("。提醒：{text}"));
            let what = match &changed.filing {
                Some(no) => format!("已填报 {no}，由另一人确认后改用新账户"),
                None => format!("已保存账户，自{}起使用", new.from),
            };
            let text =
                format!("{what}（尾号{}）{}", changed.last_four, warning.unwrap_or_default());
            Ok(done(&subject.back, &text))
        }
        Err(error) => account_sheet().again(&site, &who, subject, &filed, error).await,
    }
}

/// An account as it was typed, its number twice.
pub(in crate::web) fn typed_account(filed: &Filed, faults: &mut Faults) -> NewAccount {
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let number = filed.text("account_number");
    let new = NewAccount {
        account_name: filed.text("account_name").to_owned(),
        account_number: number.to_owned(),
        bank_name: filed.text("bank_name").to_owned(),
        cnaps: filed.text("cnaps").to_owned(),
        from: faults.day(filed, "from"),
        reason: filed.text("reason").to_owned(),
        document_no: filed.text("document_no").to_owned(),
    };
    if plain(number) != plain(filed.text("account_number_again")) {
        faults.add("account_number_again", "两次输入的账号不一致，请重新输入");
    }
    new
}

/// `GET /engineers/{no}/suspensions`.
pub(super) async fn ask_suspension(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    suspension_sheet().ask(&site, &who, &no).await
}

/// `POST /engineers/{no}/suspensions`. Fields: from, until, reason, document_no.
pub(super) async fn suspend(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let subject = Subject::engineer(&no, "", "suspensions");
    let mut faults = Faults::default();
    let days = (faults.day(&filed, "from"), faults.day_if_any(&filed, "until"));
    let change = Change::Suspend(no, days);
    ask(&site, &who, (faults, change), (suspension_sheet(), subject), &filed).await
}

/// `GET /engineers/{no}/exclusions`.
pub(super) async fn ask_exclusion(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
) -> Answer {
    exclusion_sheet().ask(&site, &who, &no).await
}

/// `POST /engineers/{no}/exclusions`. Fields: ground, from, until, reason, document_no.
pub(super) async fn exclude(
    State(site): State<Site>,
    who: SignedIn,
    Path(no): Path<String>,
    filed: Filed,
) -> Answer {
    let subject = Subject::engineer(&no, "", "exclusions");
    let mut faults = Faults::default();
    let days = (faults.day(&filed, "from"), faults.day_if_any(&filed, "until"));
    let change = Change::Exclude(no, days, filed.text("ground").to_owned());
    ask(&site, &who, (faults, change), (exclusion_sheet(), subject), &filed).await
}

/// `POST /enterprises/{uscc}/delisting`. Fields: last_day, reason, document_no.
pub(super) async fn delist(
    State(site): State<Site>,
    who: SignedIn,
    Path(uscc): Path<String>,
    filed: Filed,
) -> Answer {
    let back = format!("/enterprises/{}", uscc.trim());
    let action = format!("{back}/delisting");
    let subject = Subject { about: uscc.clone(), back, action, menu: "/enterprises" };
    let mut faults = Faults::default();
    let change = Change::Delist(uscc, faults.day(&filed, "last_day"));
    ask(&site, &who, (faults, change), (delisting_sheet(), subject), &filed).await
}

/// `GET /roster/withdrawals/{fact}`: asks for the grounds.
pub(super) async fn ask_withdrawal(
    State(site): State<Site>,
    who: SignedIn,
    Path(fact): Path<String>,
) -> Answer {
    let (_, subject, _) = about_fact(&site, &who, &fact, "withdrawals").await?;
    let form = FormState::new("withdrawals");
    let page = withdrawal_sheet().page(&site, &who, subject, form).await?;
    Ok(Page::ok(page).into_response())
}

/// `POST /roster/withdrawals/{fact}`. Fields: reason, document_no.
pub(super) async fn withdraw(
    State(site): State<Site>,
    who: SignedIn,
    Path(fact): Path<String>,
    filed: Filed,
) -> Answer {
    let (fact, subject, _) = about_fact(&site, &who, &fact, "withdrawals").await?;
    let change = (Faults::default(), Change::Withdraw(fact));
    ask(&site, &who, change, (withdrawal_sheet(), subject), &filed).await
}

/// The fact of an address, when the registry still holds it, and the page of a form about it.
async fn about_fact(
    site: &Site,
    who: &SignedIn,
    fact: &str,
    form: &str,
) -> Result<(FactRef, Subject, Period), Failure> {
    let fact = FactRef::parse(fact).ok_or(Error::NotFound("这段记录"))?;
    let held = roster::held(&site.app, &who.actor, fact).await?;
    let subject = Subject {
        about: named(&held),
        back: address(&held.about),
        action: format!("/roster/{form}/{fact}"),
        menu: match held.about {
            About::Person(_) => "/engineers",
            About::Enterprise(_) => "/enterprises",
        },
    };
    Ok((fact, subject, held.period))
}
