//! Many document numbers looked up at once: who they are, where they stand, what they were paid.
//!
//! Nothing is stored. The numbers travel back with the page sealed, so that the table can be
//! taken away without uploading them again; the log tells the purpose and how many they were.

use std::collections::HashMap;
use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::bulk_table::write;
use super::engineers::{employers, line};
use super::lookup::identity_keys;
use super::years::{YearLine, year_line};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::Act;
use crate::domain::identity::{DocumentType, compact, mask_name, mask_number};
use crate::domain::money::Fen;
use crate::domain::payment::Outcome;
use crate::domain::registry::Code;
use crate::domain::roster::Standing;
use crate::file::reader::{Limits, read_table};
use crate::file::table::{Cell, Row};
use crate::service::seen::{self, SeenKind};
use crate::service::{Actor, Error, log};
use crate::store::directory::{self as store, BankLine};
use crate::store::fact::Versions;
use crate::store::stipend::ledger::money_of;
use crate::vault::{kind, place};

/// Numbers that one look-up takes.
pub const MAX_NUMBERS: usize = 5_000;
/// How long the table can be taken away after the page was made.
pub const KEPT_MINUTES: i64 = 60;
/// Persons read in one go.
const CHUNK: usize = 500;
/// Longer than any number of a document with its decoration.
const MAX_NUMBER_CHARS: usize = 64;
/// Shortest and longest purpose, in characters.
const PURPOSE: std::ops::RangeInclusive<usize> = 4..=200;
/// The column of a table that holds the numbers; without it the first one does.
const COLUMN: &str = "证件号码";

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What for.
    pub purpose: String,
    /// Numbers as pasted, one a line or between commas.
    pub text: String,
    /// A table with numbers: file name and content.
    pub file: Option<(String, Vec<u8>)>,
}

/// A number and the line it stands in, counted as the file or the text shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Numbered {
    line: u32,
    number: String,
}

crate::code_list! {
    /// What became of a line.
    BulkState {
        /// Confirmed and running.
        Active = "active", "在册";
        /// On the roster, but the days do not count.
        Suspended = "suspended", "暂停";
        /// Filed, not yet confirmed.
        Declared = "declared", "待确认";
        /// Left the roster.
        Ended = "ended", "出册";
        /// Registered, never on a roster.
        NotOnRoster = "not_on_roster", "未入册";
        /// Not registered, or not within the actor's scope.
        Unknown = "unknown", "未登记";
        /// No number of a document.
        Malformed = "malformed", "格式错误";
        /// The same number stands in an earlier line.
        Repeated = "repeated", "重复";
    }
}

/// A payment that went to a bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Award year.
    pub year: i64,
    /// Amount.
    pub amount: Fen,
    /// Day on which the bank paid; `None` until it did.
    pub paid_on: Option<NaiveDate>,
    /// 在途, 已付 or 退票.
    pub state: &'static str,
    /// Batch.
    pub batch_no: String,
}

/// A line and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkLine {
    /// Where the number stands.
    pub line: u32,
    /// What became of it.
    pub state: BulkState,
    /// The number, masked; empty for one that is none.
    pub masked: String,
    /// What is wrong, or which line it repeats; may be empty.
    pub note: String,
    /// Official number of the person.
    pub person_no: String,
    /// Name, masked.
    pub name: String,
    /// Employer of the entry that matters most.
    pub enterprise: String,
    /// What years came to, the last first.
    pub years: Vec<YearLine>,
    /// Payments, the oldest first; none for an enterprise, which sees what its time is worth only.
    pub payments: Vec<PaymentRow>,
}

/// The answer to one look-up.
#[derive(Debug, Clone)]
pub struct BulkLookup {
    /// What for.
    pub purpose: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Every line, in order.
    pub lines: Vec<BulkLine>,
    /// The numbers, sealed for this account and [`KEPT_MINUTES`].
    pub sealed: String,
}

impl BulkLookup {
    /// How many lines came out so.
    pub fn count(&self, state: BulkState) -> usize {
        self.lines.iter().filter(|line| line.state == state).count()
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    account_id: i64,
    at: DateTime<Utc>,
    purpose: String,
    numbers: Vec<Numbered>,
}

/// Looks up the numbers. Persons outside the actor's scope look exactly like unknown ones.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::Invalid`] for fields `purpose`,
/// `numbers` and `file`.
pub async fn bulk_lookup(app: &App, actor: &Actor, asked: Asked) -> Result<BulkLookup, Error> {
    actor.must(Act::ReadRegistry)?;
    let purpose = asked.purpose.trim().to_owned();
    let mut faults = Vec::new();
    faults.extend(wrong_purpose(&purpose).map(|text| ("purpose".to_owned(), text)));
    let numbers = match &asked.file {
        Some((name, bytes)) => of_table(name, bytes).map_err(|text| ("file", text)),
        None => of_text(&asked.text).map_err(|text| ("numbers", text)),
    };
    match numbers {
        Ok(numbers) if faults.is_empty() => {
            let kept = Kept { account_id: actor.account_id, at: app.clock.now(), purpose, numbers };
            answer(app, actor, kept, "engineers.looked_up").await
        }
        Ok(_) => Err(Error::Invalid(faults)),
        Err((field, text)) => {
            faults.push((field.to_owned(), text));
            Err(Error::Invalid(faults))
        }
    }
}

/// The same once more as a workbook, from what the page brought back: (rows, bytes).
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::Refused`] when the page is too old
/// or belongs to somebody else.
pub async fn bulk_lookup_export(app: &App, actor: &Actor, sealed: &str) -> Result<Vec<u8>, Error> {
    actor.must(Act::ReadRegistry)?;
    let too_old = || Error::Refused("核查结果已过期，请返回重新核查后再导出".to_owned());
    let bytes = BASE64.decode(sealed).map_err(|_| too_old())?;
    let plain = app.vault.open_text(place::LOOKUP, &bytes).map_err(|_| too_old())?;
    let kept: Kept = serde_json::from_str(&plain).map_err(|_| too_old())?;
    let age = app.clock.now() - kept.at;
    if kept.account_id != actor.account_id || age > Duration::minutes(KEPT_MINUTES) {
        return Err(too_old());
    }
    let found = answer(app, actor, kept, "engineers.lookup_exported").await?;
    let who = format!("导出人：{}（{}）", actor.name, actor.organisation);
    let comment = format!("{who}；用途：{}；姓名、证件号码已遮盖", found.purpose);
    let created_at = china_time(found.at).naive_local();
    write(&found.lines, comment, created_at).map_err(|error| Error::Refused(error.to_string()))
}

/// What is wrong with a purpose. It is kept in the log, so it must not hold a number.
fn wrong_purpose(purpose: &str) -> Option<String> {
    let long = purpose.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 8);
    if !PURPOSE.contains(&purpose.chars().count()) {
        Some("请写明核查用途，4 至 200 个字，例如“审计抽查 2026 年发放名单”".to_owned())
    } else if long {
        Some("用途会记入审计日志，请不要写证件号码等长号码".to_owned())
    } else {
        None
    }
}

fn of_text(text: &str) -> Result<Vec<Numbered>, String> {
    let mut numbers = Vec::new();
    for (index, row) in text.lines().enumerate() {
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let parts = row.split([',', '，', ';', '；', '、', '\t']);
        for part in parts.map(str::trim).filter(|part| !part.is_empty() && *part != COLUMN) {
            let number = part.chars().take(MAX_NUMBER_CHARS).collect();
            numbers.push(Numbered { line, number });
        }
    }
    within_bounds(numbers)
}

fn of_table(name: &str, bytes: &[u8]) -> Result<Vec<Numbered>, String> {
    let rows = u32::try_from(MAX_NUMBERS).unwrap_or(u32::MAX);
    let limits = Limits { max_rows: rows, ..Limits::default() };
    let (mut numbers, mut column) = (Vec::new(), 0);
    let mut take = |row: Row| {
        let text = |cell: &Cell| match cell {
            Cell::Text(text) | Cell::Number(text) | Cell::Invalid(text) => text.trim().to_owned(),
            Cell::Date(day) => day.to_string(),
            Cell::Empty => String::new(),
        };
        if row.number == 1 {
            let headed = row.cells.iter().position(|cell| text(cell) == COLUMN);
            column = headed.unwrap_or(0);
            let first = row.cells.first().map(text).unwrap_or_default();
            if headed.is_some() || !first.bytes().any(|b| b.is_ascii_digit()) {
                return ControlFlow::Continue(());
            }
        }
        let number = row.cells.get(column).map(text).unwrap_or_default();
        if !number.is_empty() {
            let number = number.chars().take(MAX_NUMBER_CHARS).collect();
            numbers.push(Numbered { line: row.number, number });
        }
        ControlFlow::Continue(())
    };
    read_table(bytes, name, &limits, &mut take).map_err(|error| error.to_string())?;
    within_bounds(numbers)
}

fn within_bounds(numbers: Vec<Numbered>) -> Result<Vec<Numbered>, String> {
    match numbers.len() {
        0 => Err("没有找到证件号码，请每行填写一个".to_owned()),
        n if n > MAX_NUMBERS => {
            Err(format!("共 {n} 个号码，一次最多核查 {MAX_NUMBERS} 个，请分批核查"))
        }
        _ => Ok(numbers),
    }
}

async fn answer(app: &App, actor: &Actor, kept: Kept, action: &str) -> Result<BulkLookup, Error> {
    let lines = lines(app, actor, &kept.numbers).await?;
    let is_found = |line: &&BulkLine| !line.person_no.is_empty();
    let detail = json!({
        "purpose": kept.purpose,
        "rows": lines.len(),
        "matched": lines.iter().filter(is_found).count(),
    });
    let tx = app.db.begin().await?;
    log(app, &tx, actor, action, ("roster_list", ""), &detail).await?;
    let found: Vec<&str> = lines.iter().filter(is_found).map(|l| l.person_no.as_str()).collect();
    seen::note_many(app, &tx, actor, (SeenKind::LookedUp, &found)).await?;
    tx.commit().await?;
    let plain = serde_json::to_vec(&kept)
        .map_err(|error| Error::Internal(format!("a look-up cannot be kept: {error}")))?;
    let sealed = BASE64.encode(app.vault.seal(place::LOOKUP, &plain)?);
    Ok(BulkLookup { purpose: kept.purpose, at: app.clock.now(), lines, sealed })
}

/// What each number may be kept under, or why it is none.
type Keys = Vec<Result<Vec<String>, String>>;

async fn lines(app: &App, actor: &Actor, asked: &[Numbered]) -> Result<Vec<BulkLine>, Error> {
    let read = app.db.read();
    let countries = store::passport_countries(read, DocumentType::Passport.code()).await?;
    let keys: Keys = asked.iter().map(|asked| identity_keys(&asked.number, &countries)).collect();
    let index = |key: &String| app.vault.index(kind::DOCUMENT, key);
    let indexes: Vec<Vec<String>> =
        keys.iter().map(|keys| keys.iter().flatten().map(index).collect()).collect();
    let mut all: Vec<String> = indexes.iter().flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    let holders = store::document_holders(read, &all).await?;
    let mut ids: Vec<i64> = holders.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut people = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        people.extend(persons(app, actor, ids).await?);
    }
    let mut first_lines: HashMap<String, u32> = HashMap::new();
    let mut out = Vec::with_capacity(asked.len());
    for ((asked, keys), indexes) in asked.iter().zip(&keys).zip(&indexes) {
        let bare = compact(&asked.number);
        let blank = BulkLine { line: asked.line, ..blank(mask_number(&bare)) };
        if let Some(first) = first_lines.get(&bare) {
            let note = format!("与第 {first} 行相同");
            out.push(BulkLine { state: BulkState::Repeated, note, ..blank });
            continue;
        }
        first_lines.insert(bare, asked.line);
        let holder = indexes.iter().find_map(|index| people.get(holders.get(index)?));
        out.push(match (keys, holder) {
            (Err(fault), _) => BulkLine {
                state: BulkState::Malformed,
                masked: String::new(),
                note: fault.clone(),
                ..blank
            },
            (Ok(_), Some(person)) => BulkLine { line: asked.line, ..person.clone() },
            (Ok(_), None) => blank,
        });
    }
    Ok(out)
}

fn blank(masked: String) -> BulkLine {
    BulkLine {
        line: 0,
        state: BulkState::Unknown,
        masked,
        note: String::new(),
        person_no: String::new(),
        name: String::new(),
        enterprise: String::new(),
        years: Vec::new(),
        payments: Vec::new(),
    }
}

/// Those of at most [`CHUNK`] persons who are in scope. A fixed number of statements.
async fn persons(app: &App, actor: &Actor, ids: &[i64]) -> Result<HashMap<i64, BulkLine>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let people = store::people_in_scope(read, &actor.scope, ids).await?;
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let files = store::cards(read, &actor.scope, people, Versions::Live).await?;
    let enterprises = store::enterprise_files(read, &employers(&files), Versions::Live).await?;
    let years = store::years(read, &ids, None, None).await?;
    let money = money_of(read, &ids).await?;
    let own = store::own_enterprise(&actor.scope);
    let mut payments = match own {
        None => store::bank_lines_of(read, &ids).await?,
        Some(_) => HashMap::new(),
    };
    let mut found = HashMap::new();
    for file in &files {
        let id = file.person.id;
        let card = line(file, &enterprises, today);
        let mut lines = Vec::new();
        for row in years.iter().filter(|row| row.person_id == id) {
            let money = money.get(&(id, row.award_year)).copied().unwrap_or_default();
            lines.extend(year_line(row, money, own, file)?);
        }
        let paid = payments.remove(&id).unwrap_or_default();
        found.insert(
            id,
            BulkLine {
                state: card.standing.map_or(BulkState::NotOnRoster, state_of),
                person_no: card.no,
                name: mask_name(&card.name),
                enterprise: card.enterprise,
                years: lines,
                payments: paid.into_iter().map(payment).collect(),
                ..blank(card.document_masked)
            },
        );
    }
    Ok(found)
}

const fn state_of(standing: Standing) -> BulkState {
    match standing {
        Standing::Active => BulkState::Active,
        Standing::Suspended => BulkState::Suspended,
        Standing::Declared => BulkState::Declared,
        Standing::Ended => BulkState::Ended,
    }
}

fn payment(line: BankLine) -> PaymentRow {
    PaymentRow {
        year: line.award_year,
        amount: line.amount,
        paid_on: line.paid_at.map(|at| china_time(at).date_naive()),
        state: Outcome::from_code(&line.outcome).map_or("在途", Code::label),
        batch_no: line.batch_no,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_numbers_keep_their_lines() {
        let found = of_text("证件号码\n11010519491231002X\n\n440524188001010014，C01X00T47\n");
        let lines: Vec<(u32, usize)> =
            found.unwrap().iter().map(|n| (n.line, n.number.len())).collect();
        assert_eq!(lines, [(2, 18), (4, 18), (4, 9)]);
        assert!(of_text(" \n").is_err());
        let many = "1\n".repeat(MAX_NUMBERS + 1);
        assert!(of_text(&many).is_err_and(|text| text.contains("5001")));
    }

    #[test]
    fn the_column_is_found_by_its_header_or_is_the_first() {
        let headed = "姓名,证件号码\n甲,11010519491231002X\n乙,\n丙,E12345678\n";
        let found = of_table("名单.csv", headed.as_bytes()).unwrap();
        assert_eq!(found.iter().map(|n| n.line).collect::<Vec<_>>(), [2, 4]);
        let bare = of_table("a.csv", b"11010519491231002X\n440524188001010014\n").unwrap();
        assert_eq!(bare.len(), 2);
        assert!(of_table("a.csv", "编号\n".as_bytes()).is_err());
    }

    #[test]
    fn a_purpose_is_a_sentence_without_numbers() {
        assert_eq!(wrong_purpose("审计抽查 2026 年"), None);
        assert!(wrong_purpose("查").is_some());
        assert!(wrong_purpose("核查 11010519491231002X").is_some());
    }
}
