//! The facts of the registry and their two times (domain.md 7.3): when a fact held in the world,
//! and when the registry knew it.

use chrono::{DateTime, Utc};

use super::money::Fen;
use super::period::Period;

/// A fact as the registry states it about one person or enterprise.
///
/// A correction never changes a stated fact: it ends the recorded time of the old one and states
/// a new one. So every question "as of day D, as known at instant R" has one answer for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<T> {
    /// Identity of this version; 0 before it is stored.
    pub id: i64,
    /// The person or enterprise that the fact is about.
    pub about: i64,
    /// When it held, days inclusive.
    pub period: Period,
    /// What held.
    pub fact: T,
    /// First instant at which the registry knew it.
    pub recorded_at: DateTime<Utc>,
    /// Account that recorded it.
    pub recorded_by: i64,
    /// Document it came from.
    pub source_id: i64,
    /// Why it was recorded, in the user's words; may be empty.
    pub reason: String,
    /// The version that this one corrects.
    pub supersedes: Option<i64>,
    /// First instant at which the registry no longer held it; `None` while it is live.
    pub superseded_at: Option<DateTime<Utc>>,
}

impl<T> Stated<T> {
    /// Whether the registry held this version at `instant`.
    pub fn known_at(&self, instant: DateTime<Utc>) -> bool {
        self.recorded_at <= instant && self.superseded_at.is_none_or(|end| instant < end)
    }

    /// Whether it is held now.
    pub const fn is_live(&self) -> bool {
        self.superseded_at.is_none()
    }

    /// The same statement with its fact said otherwise.
    pub fn map<U>(self, fact: impl FnOnce(T) -> U) -> Stated<U> {
        Stated {
            id: self.id,
            about: self.about,
            period: self.period,
            fact: fact(self.fact),
            recorded_at: self.recorded_at,
            recorded_by: self.recorded_by,
            source_id: self.source_id,
            reason: self.reason,
            supersedes: self.supersedes,
            superseded_at: self.superseded_at,
        }
    }
}

/// A closed list of codes that tables store as text.
pub trait Code: Sized + Copy + 'static {
    /// All values, in the order pages show them.
    const ALL: &'static [Self];
    /// The stored text.
    fn code(self) -> &'static str;
    /// What users read.
    fn label(self) -> &'static str;
    /// The value with this stored text.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// Declares an enum with its stored codes and Chinese labels in one table.
#[macro_export]
macro_rules! code_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $crate::registry::Code for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn code(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }
            fn label(self) -> &'static str { match self { $(Self::$variant => $label,)+ } }
        }
    };
}

code_list! {
    /// Where a roster entry stands (domain.md 7.6). Only confirmed entries count for money.
    RosterStatus {
        /// Filed by the enterprise, not yet decided.
        Declared = "declared", "待确认";
        /// Confirmed by the HR office.
        Confirmed = "confirmed", "在册";
    }
}

code_list! {
    /// What proves a month of work (RS-1 A5).
    EvidenceKind {
        /// Social insurance contribution.
        SocialInsurance = "social_insurance", "社保";
        /// Withheld individual income tax.
        IncomeTax = "income_tax", "个税";
        /// Work permit of a person who is not insured by law.
        WorkPermit = "work_permit", "工作许可";
    }
}

code_list! {
    /// Classes of provincial high-level talent that an enterprise may recognise.
    TalentClass {
        /// Class A.
        A = "A", "A类";
        /// Class B.
        B = "B", "B类";
        /// Class C.
        C = "C", "C类";
    }
}

code_list! {
    /// What a recognition by an enterprise is in law (domain.md 1.2).
    LegalForm {
        /// The enterprise decides and files for the record.
        Filing = "filing", "备案";
        /// The enterprise recommends and the offices decide.
        Recommendation = "recommendation", "举荐";
    }
}

/// An identity document of a person; the number only encrypted, masked and as keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDocument {
    /// Code of the document type.
    pub document_type: String,
    /// Issuing country, ISO 3166 alpha-3.
    pub country: String,
    /// Keyed hash of what makes the document the same.
    pub number_index: String,
    /// Sealed number.
    pub number_cipher: Vec<u8>,
    /// What pages show.
    pub number_masked: String,
}

/// A name of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Normalised name.
    pub name: String,
}

/// A mobile number of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonContact {
    /// Sealed number.
    pub mobile_cipher: Vec<u8>,
    /// What pages show.
    pub mobile_masked: String,
}

/// The account a person is paid to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// Name of the holder at the bank.
    pub account_name: String,
    /// Keyed hash of the number: equal accounts are found by it.
    pub account_index: String,
    /// Sealed number.
    pub account_cipher: Vec<u8>,
    /// Last four digits.
    pub last_four: String,
    /// Bank.
    pub bank_name: String,
    /// Twelve-digit bank code (联行号).
    pub cnaps: String,
}

/// The account of an enterprise, to which costs are paid back that it advanced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseAccount {
    /// Name of the holder at the bank.
    pub account_name: String,
    /// Keyed hash of the number.
    pub account_index: String,
    /// Sealed number.
    pub account_cipher: Vec<u8>,
    /// Last four digits.
    pub last_four: String,
    /// Bank.
    pub bank_name: String,
    /// Twelve-digit bank code.
    pub cnaps: String,
}

impl From<BankAccount> for EnterpriseAccount {
    fn from(account: BankAccount) -> Self {
        let BankAccount {
            account_name,
            account_index,
            account_cipher,
            last_four,
            bank_name,
            cnaps,
        } = account;
        Self { account_name, account_index, account_cipher, last_four, bank_name, cnaps }
    }
}

impl From<EnterpriseAccount> for BankAccount {
    fn from(account: EnterpriseAccount) -> Self {
        let EnterpriseAccount {
            account_name,
            account_index,
            account_cipher,
            last_four,
            bank_name,
            cnaps,
        } = account;
        Self { account_name, account_index, account_cipher, last_four, bank_name, cnaps }
    }
}

/// A registered name of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseName {
    /// The name.
    pub name: String,
}

/// The division an enterprise lies in; it decides who pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseDivision {
    /// Six digits of GB/T 2260.
    pub division: String,
    /// The city-level unit it reports to; Pingtan is its own.
    pub city_unit: String,
}

/// Field of business and contact of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseProfile {
    /// Field of business.
    pub industry: String,
    /// Contact person.
    pub contact_name: String,
    /// Contact telephone.
    pub contact_phone: String,
}

/// A place on the key-enterprise list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The batch of the list, as its document names it.
    pub list_batch: String,
    /// Recognitions the enterprise may make a year.
    pub recognition_quota: i64,
    /// Core engineers it may register.
    pub engineer_quota: i64,
}

/// The enterprise's place on the list is suspended while it is under investigation: nothing new is
/// filed, its people's money waits, their months go on counting provisionally (domain.md 7.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseHold {
    /// Number of the file that suspended it.
    pub case_no: String,
}

/// The enterprise got money by deceit: for a time it files nothing new; what its people are owed is
/// paid as before (domain.md 7.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationBan {
    /// Number of the recovery that decided it.
    pub case_no: String,
}

/// An employment of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employment {
    /// Employer.
    pub enterprise_id: i64,
    /// Full-time.
    pub full_time: bool,
    /// Post.
    pub post: String,
    /// Professional title (职称).
    pub professional_title: String,
    /// Highest education.
    pub education: String,
}

/// An entry on the core-engineer roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Employer that filed it.
    pub enterprise_id: i64,
    /// Declared or confirmed.
    pub status: RosterStatus,
}

/// A recognition as high-level talent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// Enterprise that recognised, `None` when an office did.
    pub enterprise_id: Option<i64>,
    /// Class.
    pub class: TalentClass,
    /// Certificate number.
    pub certificate_no: String,
}

/// An enterprise may recognise talent itself (自主认定试点): so many of each class a calendar year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilotAuthorisation {
    /// What its recognitions are in law.
    pub legal_form: LegalForm,
    /// Places of class A a year.
    pub quota_a: i64,
    /// Places of class B a year.
    pub quota_b: i64,
    /// Places of class C a year.
    pub quota_c: i64,
}

impl PilotAuthorisation {
    /// Places of a class a year; none means that the class is outside the pilot.
    pub const fn quota(&self, class: TalentClass) -> i64 {
        match class {
            TalentClass::A => self.quota_a,
            TalentClass::B => self.quota_b,
            TalentClass::C => self.quota_c,
        }
    }
}

/// The standard by which an enterprise recognises, as filed with the offices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognitionStandard {
    /// What it is called.
    pub title: String,
    /// Its number in the enterprise.
    pub standard_no: String,
    /// What it asks for, class by class.
    pub content: String,
}

/// Proof that an employer paid social insurance or withheld tax for a month. The valid period is
/// that calendar month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceMonth {
    /// `YYYY-MM`.
    pub month: String,
    /// Code of the employer that paid; it need not be on the list.
    pub payer_uscc: String,
    /// What proves it.
    pub evidence_kind: EvidenceKind,
    /// Paid after the month (补缴).
    pub paid_late: bool,
}

/// Days that do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {}

/// A ground that excludes a person (RS-1 A13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The ground.
    pub ground: String,
}

/// Money from another programme. The valid period is its award year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAward {
    /// The programme.
    pub programme: String,
    /// Group of the conflict catalogue.
    pub exclusive_group: String,
    /// Year the award is for.
    pub award_year: i64,
    /// Amount.
    pub amount_fen: Fen,
    /// Who granted it.
    pub granted_by: String,
    /// Document number.
    pub document_no: String,
}

code_list! {
    /// Why an official must not act on somebody's files (domain.md 7.2, 5).
    RelationKind {
        /// A relative.
        Kin = "kin", "近亲属";
        /// Worked there not longer than three years ago.
        FormerEmployer = "former_employer", "三年内曾任职";
        /// Anything else that could sway a judgement.
        Interest = "interest", "其他利害关系";
    }
}

/// Years after leaving an employer in which an official does not act on its files.
pub const FORMER_EMPLOYER_YEARS: u32 = 3;

/// A relation that an official declared; the fact is about the natural person of the official.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredRelation {
    /// Why.
    pub relation: RelationKind,
    /// To this enterprise.
    pub enterprise_id: Option<i64>,
    /// Or to this person.
    pub person_id: Option<i64>,
    /// In the official's words; may be empty.
    pub note: String,
}
