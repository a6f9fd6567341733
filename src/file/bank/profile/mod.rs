//! The forms of bank files as data: which fields in which order, how characters and amounts are
//! written, what stands above and below the orders, and what the bank calls things when it answers
//! (domain.md 5.4: there is no common form). The files are in `profiles/bank`.

mod template;
mod write;

use std::sync::OnceLock;

use encoding_rs::{GB18030, GBK};
use serde::Deserialize;

use super::Charset;
use template::{Template, Value};

pub use write::Payer;

/// What a batch gets when nobody chooses: the neutral form.
pub const NEUTRAL: &str = "neutral";

/// How a bank file is written and its answer read. A shipped profile never changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    name: String,
    title: String,
    encoding: Encoding,
    extension: Extension,
    delimiter: char,
    amount: AmountForm,
    column_names: bool,
    #[serde(default)]
    header_lines: Vec<Template>,
    #[serde(default)]
    trailer_lines: Vec<Template>,
    columns: Vec<Column>,
    #[serde(default, rename = "return")]
    answer: AnswerForm,
}

/// How characters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Encoding {
    #[serde(rename = "UTF-8")]
    Utf8,
    /// With the mark by which Excel on Chinese Windows knows it.
    #[serde(rename = "UTF-8-BOM")]
    Utf8Bom,
    #[serde(rename = "GB18030")]
    Gb18030,
    #[serde(rename = "GBK")]
    Gbk,
}

impl Encoding {
    /// What names must fit. A file in UTF-8 holds everything, but no bank's system holds more than
    /// the national standard.
    const fn charset(self) -> Charset {
        match self {
            Self::Gbk => Charset::Gbk,
            Self::Utf8 | Self::Utf8Bom | Self::Gb18030 => Charset::Gb18030,
        }
    }

    /// The bytes of a text, without a mark; `None` when it cannot hold a character.
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        let encoding = match self {
            Self::Utf8 | Self::Utf8Bom => return Some(text.as_bytes().to_vec()),
            Self::Gb18030 => GB18030,
            Self::Gbk => GBK,
        };
        let (bytes, _, replaced) = encoding.encode(text);
        (!replaced).then(|| bytes.into_owned())
    }
}

/// The ending of the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Extension {
    Csv,
    Txt,
}

/// How amounts are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AmountForm {
    /// Yuan with exactly two decimals.
    #[default]
    Yuan,
    /// A whole number of fen.
    Fen,
}

/// A column of the file.
#[derive(Debug, Clone, Deserialize)]
struct Column {
    header: String,
    #[serde(flatten)]
    content: Content,
}

/// What a column holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    /// A field of the order or of who pays.
    Field(Field),
    /// The same text in every row; empty for what the registry does not know.
    Text(String),
}

/// A field of an order, or of who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Field {
    Seq,
    PayeeName,
    AccountNo,
    BankName,
    Cnaps,
    Amount,
    Purpose,
    LineId,
    PayerName,
    PayerAccount,
    BatchNo,
}

/// How the bank's answer is read: its names for our columns, its words for our statuses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerForm {
    #[serde(default)]
    pub(super) amount: AmountForm,
    /// Whether the amount column repeats what was asked, also in the row of a failed payment.
    #[serde(default)]
    pub(super) repeats_amount: bool,
    #[serde(default)]
    columns: AnswerColumns,
    #[serde(default)]
    words: AnswerWords,
}

/// Headers of the bank, by column of the neutral return file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AnswerColumns {
    line_id: Vec<String>,
    status: Vec<String>,
    paid_amount: Vec<String>,
    bank_serial: Vec<String>,
    paid_at: Vec<String>,
    reason_code: Vec<String>,
    reason_text: Vec<String>,
    payee_name: Vec<String>,
    account_no: Vec<String>,
}

/// Words of the bank, by status of the neutral return file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "UPPERCASE")]
struct AnswerWords {
    s: Vec<String>,
    f: Vec<String>,
    r: Vec<String>,
}

impl AnswerForm {
    /// The bank's headers for each column of the neutral return file.
    pub(super) fn headers(&self) -> [(&'static str, &[String]); 9] {
        let AnswerColumns {
            line_id,
            status,
            paid_amount,
            bank_serial,
            paid_at,
            reason_code,
            reason_text,
            payee_name,
            account_no,
        } = &self.columns;
        [
            ("line_id", line_id),
            ("status", status),
            ("paid_amount", paid_amount),
            ("bank_serial", bank_serial),
            ("paid_at", paid_at),
            ("reason_code", reason_code),
            ("reason_text", reason_text),
            ("payee_name", payee_name),
            ("account_no", account_no),
        ]
    }

    /// The bank's words for each status of the neutral return file.
    pub(super) fn words(&self) -> [(&'static str, &[String]); 3] {
        let AnswerWords { s, f, r } = &self.words;
        [("S", s), ("F", f), ("R", r)]
    }
}

/// Why a text is no profile. For whoever writes one: it never reaches a user.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No TOML, or another structure.
    #[error(transparent)]
    Form(#[from] toml::de::Error),
    /// A rule of profiles is broken.
    #[error("profile {0}: {1}")]
    Rule(String, &'static str),
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// [`ProfileError`] for anything that could not be written or read back unambiguously.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text)?;
        match profile.broken_rule() {
            None => Ok(profile),
            Some(rule) => Err(ProfileError::Rule(profile.name, rule)),
        }
    }

    fn broken_rule(&self) -> Option<&'static str> {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let has = |field| {
            self.columns
                .iter()
                .any(|column| matches!(column.content, Content::Field(known) if known == field))
        };
        let fixed = self.columns.iter().flat_map(|column| {
            let text = match &column.content {
                Content::Text(text) => text.as_str(),
                Content::Field(_) => "",
            };
            [column.header.as_str(), text]
        });
        let fits = |text: &str| self.encoding.encode(text).is_some();
        let clean = |text: &str| !text.contains(['"', '\r', '\n', self.delimiter]);
        let lines = || self.header_lines.iter().chain(&self.trailer_lines);
        // Orders are checked for separators only where the form cannot quote them.
        let is_free = |value| value == Value::Purpose;
        if self.name.is_empty() || !self.name.bytes().all(word) || self.title.is_empty() {
            Some("a name of a-z, 0-9 and - and a title")
        } else if ![',', ';', '\t', '|'].contains(&self.delimiter) {
            Some("a delimiter that is one of , ; tab |")
        } else if !fixed.clone().all(|text| fits(text) && clean(text)) {
            Some("headers and texts that need no quoting and fit the encoding")
        } else if ![Field::LineId, Field::Amount, Field::AccountNo, Field::PayeeName]
            .into_iter()
            .all(has)
        {
            Some("columns for payee, account, amount and line")
        } else if !lines().all(|line| fits(line.text())) {
            Some("lines above and below that fit the encoding")
        } else if self.is_quoted() && lines().flat_map(Template::values).any(is_free) {
            Some("a purpose above or below only where nothing is quoted")
        } else {
            None
        }
    }

    /// Its name, with a version: what a batch remembers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the maker chooses by.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The ending of the file's name, without the dot.
    pub const fn extension(&self) -> &'static str {
        match self.extension {
            Extension::Csv => "csv",
            Extension::Txt => "txt",
        }
    }

    /// The characters that names must fit.
    pub const fn charset(&self) -> Charset {
        self.encoding.charset()
    }

    pub(super) const fn answer(&self) -> &AnswerForm {
        &self.answer
    }

    /// RFC 4180 quotes a field that holds a separator; programs that read bars know no quotes.
    const fn is_quoted(&self) -> bool {
        self.delimiter != '|'
    }
}

/// The profiles in use: those of this installation once [`with_own`] said so, else the shipped ones.
static IN_USE: OnceLock<Vec<Profile>> = OnceLock::new();

fn shipped() -> Vec<Profile> {
    [
        include_str!("../../../../profiles/bank/neutral.toml"),
        include_str!("../../../../profiles/bank/icbc-1.toml"),
        include_str!("../../../../profiles/bank/ccb-1.toml"),
    ]
    .into_iter()
    .map(|text| Profile::parse(text).expect("the shipped profiles are read by a test"))
    .collect()
}

/// The shipped profiles and those of an installation, given as texts with what each is called.
///
/// # Errors
/// What a text is called and what is wrong with it: no profile, or the name of another one. A batch
/// remembers its profile by name, so that a changed form needs a new one.
pub fn with_own(own: &[(String, String)]) -> Result<Vec<Profile>, (String, ProfileError)> {
    let mut all = shipped();
    for (called, text) in own {
        let profile = Profile::parse(text).map_err(|error| (called.clone(), error))?;
        if all.iter().any(|known| known.name == profile.name) {
            let rule = "a name that no other profile has";
            return Err((called.clone(), ProfileError::Rule(profile.name, rule)));
        }
        all.push(profile);
    }
    Ok(all)
}

/// Puts profiles into use, once, before the first file is written; whether they are.
pub fn put_into_use(profiles: Vec<Profile>) -> bool {
    IN_USE.set(profiles).is_ok()
}

/// The profiles in use, the neutral one first.
pub fn profiles() -> &'static [Profile] {
    IN_USE.get_or_init(shipped)
}

/// The profile with this name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    profiles().iter().find(|profile| profile.name == name)
}

/// The neutral profile.
pub(super) fn neutral() -> &'static Profile {
    &profiles()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_profiles_are_sound_and_the_neutral_one_is_first() {
        let names: Vec<_> = profiles().iter().map(Profile::name).collect();
        assert_eq!(names, [NEUTRAL, "icbc-1", "ccb-1"]);
        assert_eq!(neutral().name(), NEUTRAL);
    }

    #[test]
    fn an_installation_adds_forms_and_changes_none() {
        let shipped = include_str!("../../../../profiles/bank/ccb-1.toml").to_owned();
        let own = shipped.replacen("name = \"ccb-1\"", "name = \"boc-1\"", 1);
        let added = with_own(&[("boc.toml".to_owned(), own.clone())]).expect("a new form");
        assert_eq!(added.last().map(Profile::name), Some("boc-1"));
        for twice in [vec![("a", &shipped)], vec![("a", &own), ("b", &own)]] {
            let texts: Vec<_> =
                twice.iter().map(|(name, text)| ((*name).to_owned(), (*text).clone())).collect();
            let (called, error) = with_own(&texts).expect_err("a name twice");
            assert_eq!(called, texts.last().expect("a text").0);
            assert!(error.to_string().contains("no other profile"), "{error}");
        }
    }

    #[test]
    fn a_profile_that_could_not_be_read_back_is_none() {
        let good = include_str!("../../../../profiles/bank/ccb-1.toml");
        for (from, to, why) in [
            ("name = \"ccb-1\"", "name = \"CCB 1\"", "a name"),
            ("delimiter = \"|\"", "delimiter = \"x\"", "a delimiter"),
            ("header = \"户名\"", "header = \"户|名\"", "no quoting"),
            ("field = \"line_id\"", "text = \"\"", "columns for"),
            ("{payer_name:=31}", "{payer:=31}", "placeholder"),
            ("field = \"seq\"", "field = \"number\"", "unknown variant"),
        ] {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good, "{from}");
            let error = Profile::parse(&changed).expect_err(to).to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
