//! As many invented engineers as are wanted, with what the registry knows of them in 2026: for a
//! demonstration of a whole province, and for measuring. The same seed and number give the same crowd.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use crate::app::App;
use crate::domain::identity::{DocumentType, IdentityDocument, ResidentId};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::region::city_unit;
use crate::domain::registry::{
    BankAccount, Employment, EnterpriseDivision, EnterpriseName, EvidenceKind, EvidenceMonth,
    Listing, OtherAward, PersonDocument, PersonName, RosterEntry, RosterStatus, Stated, Suspension,
};
use crate::service::Error;
use crate::store::db::Tx;
use crate::store::fact;
use crate::store::import::set_bulk;
use crate::store::registry::{create_enterprises, create_persons};
use crate::store::source::{self, NewSource};
use crate::vault::{kind, place};

use super::chance::Chance;
use super::enterprises;
use super::people::{self, checked, chinese_name};

/// Persons of one enterprise of a crowd.
const A_ENTERPRISE: usize = 250;
/// Persons a transaction.
const CHUNK: usize = 2_000;
/// No crowd has more: numbers of documents would repeat.
pub const MOST: usize = 10_000_000;
pub(super) const YEAR: i32 = 2026;
const MONTHS: u32 = 12;

/// What all facts of a crowd have in common.
struct Register<'a> {
    app: &'a App,
    by: i64,
    at: DateTime<Utc>,
    source_id: i64,
}

/// Registers `persons` invented engineers (at most [`MOST`]) on the confirmed roster of invented
/// enterprises, one for each 250 of them, in the name of the account `by`: documents, names, accounts,
/// one or two employments, twelve months of evidence of which some are missing, a few suspensions and
/// other awards. `told` hears after each transaction how many there are.
///
/// # Errors
/// When the database refuses.
pub async fn register(
    app: &App,
    by: i64,
    persons: usize,
    told: impl Fn(usize),
) -> Result<(), Error> {
    let persons = persons.min(MOST);
    let at = app.clock.now();
    let tx = app.db.begin().await?;
    let document = NewSource {
        kind: "decision",
        title: "虚构人员名册",
        document_no: "",
        import_id: None,
        recorded_by: by,
        recorded_at: at,
    };
    let source_id = source::record(&tx, &document).await?;
    let register = Register { app, by, at, source_id };
    let employers = register.enterprises(&tx, persons.div_ceil(A_ENTERPRISE)).await?;
    tx.commit().await?;
    let mut chance = Chance::new(0x6372_6F77_6400);
    for first in (0..persons).step_by(CHUNK) {
        let count = CHUNK.min(persons - first);
        let tx = app.db.begin().await?;
        set_bulk(&tx, true).await?;
        register.people(&tx, (first, count), &employers, &mut chance).await?;
        set_bulk(&tx, false).await?;
        tx.commit().await?;
        told(first + count);
    }
    Ok(())
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(YEAR, month, day).expect("a date in the calendar")
}

impl Register<'_> {
    fn stated<T>(
        &self,
        about: i64,
        (from, to): (NaiveDate, Option<NaiveDate>),
        fact: T,
    ) -> Stated<T> {
        Stated {
            id: 0,
            about,
            period: Period { from, through: to },
            fact,
            recorded_at: self.at,
            recorded_by: self.by,
            source_id: self.source_id,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    /// Identities and codes of new enterprises on the list.
    async fn enterprises(&self, tx: &Tx, count: usize) -> Result<Vec<(i64, String)>, Error> {
        let made: Vec<_> = (0..count).map(enterprises::of_crowd).collect();
        let codes: Vec<&str> = made.iter().map(|enterprise| enterprise.uscc.as_str()).collect();
        let ids = create_enterprises(tx, &codes, self.at).await?;
        let since = NaiveDate::from_ymd_opt(YEAR - 6, 1, 1).expect("a date in the calendar");
        let listed = day(1, 1);
        let (mut names, mut places, mut listings, mut all) = (vec![], vec![], vec![], vec![]);
        for enterprise in made {
            let Some(id) = ids.get(&enterprise.uscc).copied() else { continue };
            let division = enterprise.division.to_owned();
            let place = EnterpriseDivision { city_unit: city_unit(&division), division };
            let listing = Listing {
                list_batch: "2026年虚构批次".to_owned(),
                recognition_quota: 0,
                engineer_quota: i64::try_from(A_ENTERPRISE * 2).unwrap_or(i64::MAX),
            };
            names.push(self.stated(id, (since, None), EnterpriseName { name: enterprise.name }));
            places.push(self.stated(id, (since, None), place));
            listings.push(self.stated(id, (listed, None), listing));
            all.push((id, enterprise.uscc));
        }
        fact::state(tx, names).await?;
        fact::state(tx, places).await?;
        fact::state(tx, listings).await?;
        Ok(all)
    }

    async fn people(
        &self,
        tx: &Tx,
        (first, count): (usize, usize),
        employers: &[(i64, String)],
        chance: &mut Chance,
    ) -> Result<(), Error> {
        let ids = create_persons(tx, count, self.at).await?;
        let mut facts = Facts::default();
        for (number, id) in (first..).zip(ids) {
            self.person(&mut facts, (number, id), employers, chance)?;
        }
        fact::state(tx, facts.documents).await?;
        fact::state(tx, facts.names).await?;
        fact::state(tx, facts.accounts).await?;
        fact::state(tx, facts.jobs).await?;
        fact::state(tx, facts.entries).await?;
        fact::state(tx, facts.evidence).await?;
        fact::state(tx, facts.suspensions).await?;
        fact::state(tx, facts.awards).await?;
        Ok(())
    }

    fn person(
        &self,
        facts: &mut Facts,
        (number, id): (usize, i64),
        employers: &[(i64, String)],
        chance: &mut Chance,
    ) -> Result<(), Error> {
        let name = chinese_name(chance);
        let since = (day(1, 1), None);
        facts.documents.push(self.stated(id, since, self.document(number)?));
        facts.accounts.push(self.stated(id, since, self.account(&name, chance)?));
        facts.names.push(self.stated(id, since, PersonName { name }));
        for (employer, period) in spans(number, employers, chance) {
            let employment = Employment { enterprise_id: employer.0, ..people::post(chance) };
            let status = RosterStatus::Confirmed;
            let entry = RosterEntry { enterprise_id: employer.0, status };
            facts.jobs.push(self.stated(id, period, employment));
            facts.entries.push(self.stated(id, period, entry));
            facts.evidence.extend(self.evidence(id, period, &employer.1, chance));
        }
        if number % 50 == 3 {
            let span = (day(4, 10), Some(day(5, 20)));
            facts.suspensions.push(self.stated(id, span, Suspension {}));
        }
        if number % 40 == 7 {
            let year = (day(1, 1), Some(day(12, 31)));
            facts.awards.push(self.stated(id, year, award(number)));
        }
        Ok(())
    }

    fn document(&self, number: usize) -> Result<PersonDocument, Error> {
        let born = NaiveDate::from_ymd_opt(1966, 1, 1).expect("a date in the calendar")
            + Days::new(u64::try_from(number / 800).unwrap_or(0));
        let body = format!("350102{}{:03}", born.format("%Y%m%d"), 100 + number % 800);
        let number = checked(&body, |no| ResidentId::parse(no).is_ok());
        let unreadable = |_| Error::Internal("an invented document".to_owned());
        let document =
            IdentityDocument::parse(DocumentType::ResidentId, &number).map_err(unreadable)?.value;
        Ok(PersonDocument {
            document_type: document.kind().code().to_owned(),
            country: document.country().to_owned(),
            number_index: self.app.vault.index(kind::DOCUMENT, &document.identity_key()),
            number_cipher: self.app.vault.seal(place::DOCUMENT, number.as_bytes())?,
            number_masked: document.masked(),
        })
    }

    fn account(&self, name: &str, chance: &mut Chance) -> Result<BankAccount, Error> {
        let (bank, number) = people::account(chance);
        Ok(BankAccount {
            account_name: name.to_owned(),
            account_index: self.app.vault.index(kind::ACCOUNT, &number),
            account_cipher: self.app.vault.seal(place::ACCOUNT, number.as_bytes())?,
            last_four: number.chars().skip(number.len() - 4).collect(),
            bank_name: bank.name.to_owned(),
            cnaps: bank.cnaps,
        })
    }

    /// A month of evidence for each month of a period, but for one in seventeen.
    fn evidence(
        &self,
        id: i64,
        (from, through): (NaiveDate, Option<NaiveDate>),
        uscc: &str,
        chance: &mut Chance,
    ) -> Vec<Stated<EvidenceMonth>> {
        let last = through.map_or(MONTHS, |day| day.month());
        let mut months = Vec::new();
        for month in from.month()..=last {
            if chance.below(17) == 0 || (month == last && through.is_some()) {
                continue;
            }
            let first = day(month, 1);
            let fact = EvidenceMonth {
                month: format!("{YEAR}-{month:02}"),
                payer_uscc: uscc.to_owned(),
                evidence_kind: EvidenceKind::SocialInsurance,
                paid_late: false,
            };
            months.push(self.stated(id, (first, (first + Months::new(1)).pred_opt()), fact));
        }
        months
    }
}

type Span = (NaiveDate, Option<NaiveDate>);

/// Whom somebody works for in the year: one in three moves on.
fn spans<'a>(
    number: usize,
    employers: &'a [(i64, String)],
    chance: &mut Chance,
) -> Vec<(&'a (i64, String), Span)> {
    let home = number / A_ENTERPRISE;
    let Some(first) = employers.get(home % employers.len().max(1)) else { return Vec::new() };
    if !number.is_multiple_of(3) || employers.len() < 2 {
        return vec![(first, (day(1, 1), None))];
    }
    let moved = day(2, 1) + Days::new(u64::try_from(chance.below(300)).unwrap_or(0));
    let next = &employers[(home + 1) % employers.len()];
    vec![(first, (day(1, 1), moved.pred_opt())), (next, (moved, None))]
}

fn award(number: usize) -> OtherAward {
    OtherAward {
        programme: "省引才专项".to_owned(),
        exclusive_group: "provincial-talent".to_owned(),
        award_year: i64::from(YEAR),
        amount_fen: Fen::new(500_000 + i64::try_from(number % 9).unwrap_or(0) * 100_000),
        granted_by: "省委人才办".to_owned(),
        document_no: format!("闽委人才〔2026〕{}号", number % 1_000),
    }
}

/// What is stated of some persons.
#[derive(Default)]
struct Facts {
    documents: Vec<Stated<PersonDocument>>,
    names: Vec<Stated<PersonName>>,
    accounts: Vec<Stated<BankAccount>>,
    jobs: Vec<Stated<Employment>>,
    entries: Vec<Stated<RosterEntry>>,
    evidence: Vec<Stated<EvidenceMonth>>,
    suspensions: Vec<Stated<Suspension>>,
    awards: Vec<Stated<OtherAward>>,
}
