//! Pages of a person about themselves.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use super::samples;
use crate::web::engineers::explanation::{EntitlementVersion, Explanation, Month, PaymentRow};
use crate::web::engineers::money::GrantRow;
use crate::web::engineers::pages::{FactVersion, Saying, YearAmount};
use crate::web::form::{Choice, FormState};
use crate::web::frame::{OwnFrame, PublicFrame};
use crate::web::timeline::Timeline;
use crate::web::words::Yuan;

/// `/me/sign-in`. The same words for somebody unknown and a wrong passphrase.
#[derive(Debug, Clone, Template)]
#[template(path = "me/sign_in.html")]
pub struct SignIn {
    pub frame: PublicFrame,
    /// Fields: document_no, password; neither is ever filled in.
    pub form: FormState,
}

impl SignIn {
    /// Untouched and refused.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self { frame: PublicFrame::sample(), form };
        let new = || FormState::new("sign-in");
        vec![page(new()), page(new().refused("连续输错次数过多，该账号已锁定至 15:10。"))]
    }
}

/// `/me/activation`: the first visit, with the employer's code.
#[derive(Debug, Clone, Template)]
#[template(path = "me/activation.html")]
pub struct Activate {
    pub frame: PublicFrame,
    /// Fields: document_no, code, password, password_again; none is ever filled in.
    pub form: FormState,
}

impl Activate {
    /// Untouched and with a short passphrase.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self { frame: PublicFrame::sample(), form };
        let new = || FormState::new("activation");
        vec![page(new()), page(new().wrong("password", "密码至少 12 个字符，现在是 8 个"))]
    }
}

/// `/me/password`.
#[derive(Debug, Clone, Template)]
#[template(path = "me/password.html")]
pub struct ChangePassphrase {
    pub frame: OwnFrame,
    /// Fields: current, password, password_again.
    pub form: FormState,
}

impl ChangePassphrase {
    /// Untouched and wrong.
    pub fn samples() -> Vec<Self> {
        let page = |form| Self { frame: OwnFrame::sample(), form };
        let new = || FormState::new("password");
        vec![page(new()), page(new().wrong("current", "当前密码不正确，请重新输入"))]
    }
}

/// A year with its months, versions and payments.
#[derive(Debug, Clone, Default)]
pub struct YearPart {
    pub sum: YearAmount,
    pub sentence: String,
    pub months: Vec<Month>,
    pub versions: Vec<EntitlementVersion>,
    pub payments: Vec<PaymentRow>,
    /// Where the file of the year stands, with its number; empty without one.
    pub file: (String, String),
    /// When the person declared; empty before.
    pub declared_on: String,
    /// Fields: awards, undertaking; `None` when the person cannot declare now.
    pub declaration: Option<FormState>,
    /// What the person objected to, the last first, with the answers.
    pub disputes: Vec<Saying>,
    /// Field: note; `None` while an objection waits.
    pub dispute: Option<FormState>,
}

/// Something filed by others, with the form to confirm or dispute it.
#[derive(Debug, Clone, Default)]
pub struct StatementRow {
    pub subject: String,
    pub content: String,
    pub period: String,
    pub filed_by: String,
    pub said: Option<Saying>,
    /// Fields: agrees, note.
    pub form: FormState,
}

/// Money to be paid back.
#[derive(Debug, Clone, Default)]
pub struct RepayRow {
    pub no: String,
    pub year: i64,
    pub payer: String,
    pub amount: Yuan,
    pub outstanding: Yuan,
    pub state: &'static str,
    pub due_on: String,
    /// The enterprise that pays it back; empty for the person.
    pub liable: String,
    /// Field: statement; `None` when it is not the time to speak.
    pub form: Option<FormState>,
}

/// Where to turn.
#[derive(Debug, Clone, Default)]
pub struct OfficeRow {
    pub enterprise: String,
    pub division: String,
    pub name: String,
}

/// A day on which somebody looked at the record.
#[derive(Debug, Clone, Default)]
pub struct SeenRow {
    pub day: String,
    pub organisation: String,
    pub role: String,
    pub kind: String,
}

/// `/me`.
#[derive(Debug, Clone, Template)]
#[template(path = "me/me.html")]
pub struct Me {
    pub frame: OwnFrame,
    /// How things stand, in one or two sentences.
    pub sentence: String,
    pub document: String,
    pub enterprise: String,
    pub post: String,
    pub roster_state: String,
    pub joined_on: String,
    /// Bank and last four digits.
    pub account: Option<(String, String)>,
    /// That the account is being changed or was changed lately, and what to do when it is wrong;
    /// empty when there is nothing to tell.
    pub account_note: String,
    pub passphrase_since: String,
    /// Numbers of certificates.
    pub certificates: Vec<String>,
    pub timeline: Timeline,
    pub years: Vec<YearPart>,
    pub grants: Vec<GrantRow>,
    pub recoveries: Vec<RepayRow>,
    pub statements: Vec<StatementRow>,
    pub verdicts: Vec<Choice>,
    pub offices: Vec<OfficeRow>,
    pub versions: Vec<FactVersion>,
    pub seen: Vec<SeenRow>,
    pub has_errors: bool,
}

impl Me {
    /// A person with a year, one with nothing yet, a dispute without a reason.
    pub fn samples() -> Vec<Self> {
        samples::mes()
    }
}

/// `/me/years/{year}`.
#[derive(Debug, Clone, Template)]
#[template(path = "me/year.html")]
pub struct OwnYear {
    pub frame: OwnFrame,
    pub told: Explanation,
}

impl OwnYear {
    /// A full year.
    pub fn samples() -> Vec<Self> {
        samples::years()
    }
}
