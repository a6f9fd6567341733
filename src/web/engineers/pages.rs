//! The list of engineers and the record of one.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::record_samples as samples;
use crate::web::attachments::AttachmentPanel;
use crate::web::form::{Choice, FormState};
use crate::web::frame::Frame;
use crate::web::timeline::Timeline;
use crate::web::words::{Pager, Yuan};

/// A line of the list.
#[derive(Debug, Clone, Default)]
pub struct EngineerRow {
    pub name: String,
    pub no: String,
    pub document_kind: String,
    pub document_masked: String,
    pub enterprise: String,
    pub enterprise_uscc: String,
    pub post: String,
    /// 在册, 暂停 or 出册.
    pub roster_state: String,
    pub joined_on: String,
    /// Qualifying months of the year, once computed.
    pub months: Option<i64>,
    pub entitled: Option<Yuan>,
    /// Payment status word of the year.
    pub status: String,
}

/// `/engineers`.
#[derive(Debug, Clone, Template)]
#[template(path = "engineers/list.html")]
pub struct EngineerList {
    pub frame: Frame,
    /// Fields: q, enterprise, city, state, amount, missing.
    pub filter: FormState,
    pub enterprises: Vec<Choice>,
    pub cities: Vec<Choice>,
    pub states: Vec<Choice>,
    pub amounts: Vec<Choice>,
    pub gaps: Vec<Choice>,
    /// Fields: document_no. Sent by POST to `/engineers/lookup`, never part of an address.
    pub exact: FormState,
    pub rows: Vec<EngineerRow>,
    /// Nobody is shown before a search.
    pub must_search: bool,
    pub pager: Pager,
    /// Address of the workbook with the current filter.
    pub export_href: Option<String>,
    /// Where columns are chosen.
    pub columns_href: String,
    pub may_import: bool,
}

impl EngineerList {
    /// Whether any condition is set.
    pub fn is_filtered(&self) -> bool {
        self.filter.values.values().any(|value| !value.is_empty())
    }

    /// A page of many, nothing found, nothing there yet, a wrong number.
    pub fn samples() -> Vec<Self> {
        samples::lists()
    }
}

/// One version of a fact: what was held true, from when to when, known since when.
#[derive(Debug, Clone, Default)]
pub struct FactVersion {
    /// 任职, 名册, 清单, 认定 and so on.
    pub subject: String,
    pub content: String,
    /// First day.
    pub valid_from: String,
    /// Last day inclusive, or 至今.
    pub valid_until: String,
    pub recorded_at: String,
    /// Address of the page as it was known right then.
    pub known_href: Option<String>,
    /// When a later version took its place.
    pub superseded_at: Option<String>,
    pub document: String,
    pub who: String,
    /// `table:id` of a version that may be corrected or withdrawn.
    pub fact: Option<String>,
}

/// What a year came to.
#[derive(Debug, Clone, Default)]
pub struct YearAmount {
    pub year: i32,
    /// `None` when others share the year and only one's own part may be seen.
    pub months: Option<i64>,
    pub gross: Yuan,
    pub offset: Yuan,
    pub net: Yuan,
    /// `None` as `months`.
    pub paid: Option<Yuan>,
    pub status: String,
    /// Why it is zero or not payable.
    pub reason: Option<String>,
    /// Version of the entitlement.
    pub version: i64,
}

/// What the person said of something filed.
#[derive(Debug, Clone, Default)]
pub struct Saying {
    pub about: String,
    pub agrees: bool,
    pub note: String,
    pub at: String,
    /// When and by whom it was answered, and what.
    pub answer: Option<(String, String)>,
}

/// `/engineers/{no}/activation`: the code, shown once.
#[derive(Debug, Clone, Template)]
#[template(path = "engineers/activation.html")]
pub struct Activation {
    pub frame: Frame,
    pub name: String,
    pub no: String,
    pub code: String,
    pub expires_at: String,
}

impl Activation {
    /// A code.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample_hr("/engineers"),
            name: "张三".into(),
            no: "E000127".into(),
            code: "k7mq-x2hd-9pwr-tz4c".into(),
            expires_at: "2026-12-01 10:20".into(),
        }]
    }
}

/// `/engineers/{no}`.
#[derive(Debug, Clone, Template)]
#[template(path = "engineers/engineer.html")]
pub struct Engineer {
    pub frame: Frame,
    pub name: String,
    pub no: String,
    /// Other numbers of the same person, whose history is shown together.
    pub merged: Vec<String>,
    /// The other number under which the page was asked for.
    pub asked_as: Option<String>,
    pub document: String,
    pub enterprise: String,
    pub enterprise_uscc: String,
    pub post: String,
    pub roster_state: String,
    pub joined_on: String,
    pub listing_state: String,
    pub bank: Option<String>,
    pub account_last4: Option<String>,
    pub account_changed_on: Option<String>,
    /// Last four digits and number of the account that waits for another person.
    pub account_waits: Option<(String, String)>,
    /// Fields: on, known_at (dates), known_time.
    pub as_of: FormState,
    /// Numbers of certificates.
    pub certificates: Vec<String>,
    /// Appointments as an expert: number, and as what until when.
    pub appointments: Vec<(String, String)>,
    /// Set when the page shows another day than today, or an earlier knowledge.
    pub as_of_note: Option<String>,
    pub timeline: Timeline,
    pub versions: Vec<FactVersion>,
    pub years: Vec<YearAmount>,
    /// Fields: last_day, reason, document_no. `None` when the person may not do it.
    pub leave: Option<FormState>,
    pub leave_reasons: Vec<Choice>,
    /// Fields: account_name, account_number, account_number_again, bank_name, cnaps, from,
    /// reason, document_no; the numbers are never filled in. `None` when the person may not do it.
    pub bank_form: Option<FormState>,
    /// Whether a full number can be shown to the reader.
    pub may_reveal: bool,
    pub may_suspend: bool,
    pub may_exclude: bool,
    /// Whether a code for the person's own page can be made.
    pub may_activate: bool,
    /// What the person said of what was filed.
    pub sayings: Vec<Saying>,
    /// Number and act of the change requests that wait.
    pub changes: Vec<(String, &'static str)>,
    pub may_answer: bool,
    pub attachments: AttachmentPanel,
    /// Fields: fact (`table:id`), from, until, reason, document_no. `None` when not allowed.
    pub correction: Option<FormState>,
    /// Facts that can be corrected.
    pub facts: Vec<Choice>,
}

impl Engineer {
    /// Whether a form on the page has to be corrected.
    pub fn has_errors(&self) -> bool {
        [Some(&self.as_of), self.leave.as_ref(), self.bank_form.as_ref(), self.correction.as_ref()]
            .into_iter()
            .flatten()
            .any(FormState::has_errors)
            || self.attachments.has_errors()
    }

    /// A moved engineer with gaps, one seen as of the past, a fresh one, a leave form with errors.
    pub fn samples() -> Vec<Self> {
        samples::records()
    }
}
