//! 社保个税月份: months that employers vouch for.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};

use crate::domain::period::Period;
use crate::domain::registry::{Employment, EvidenceMonth, PersonName, Stated};
use crate::file::form::EvidenceRow;
use crate::service::Error;
use crate::store::registry::{self, Readable};
use crate::vault::{Vault, kind};

use super::ground::{Enterprise, Ground, check_name, unknown_person};
use super::issue::Notes;
use super::read::Line;
use super::run::{Form, Stamp, Verdict};
use super::timeline::{Change, Step, stands_alone};

/// Imports evidence months.
#[derive(Debug)]
pub(super) struct Evidences {
    today: NaiveDate,
    /// The enterprise that hands the months in; `None` for an office.
    own: Option<Enterprise>,
}

/// What a row states about a person.
#[derive(Debug)]
pub(super) struct Plan {
    person: i64,
    change: Change<EvidenceMonth>,
}

type Row = Line<EvidenceRow, String>;

impl Form for Evidences {
    type Row = EvidenceRow;
    type Keys = String;
    type Plan = Plan;

    fn new(ground: &Ground) -> Result<Self, Error> {
        Ok(Self { today: ground.today, own: ground.enterprise.clone() })
    }

    fn keys(row: &EvidenceRow, vault: &Vault) -> String {
        vault.index(kind::DOCUMENT, &row.document.identity_key())
    }

    async fn decide<C: Readable>(
        &mut self,
        conn: &C,
        lines: &[Row],
    ) -> Result<Vec<Verdict<Plan>>, Error> {
        let mut known = Known::load(conn, lines.iter().map(|line| line.keys.as_str())).await?;
        if let Some(own) = &self.own {
            known.retain_own(conn, own.id).await?;
        }
        let months = registry::histories::<EvidenceMonth>(conn, &known.ids()).await?;
        Ok(lines.iter().map(|line| self.verdict(line, &known, &months)).collect())
    }

    async fn write(&mut self, stamp: &Stamp<'_>, rows: Vec<(Row, Plan)>) -> Result<u64, Error> {
        let changes = rows.into_iter().map(|(line, plan)| {
            let fact = fact_of(&line.record);
            (plan.person, plan.change, Some(fact))
        });
        stamp.apply(changes).await
    }
}

impl Evidences {
    fn verdict(
        &self,
        line: &Row,
        known: &Known,
        months: &HashMap<i64, Vec<Stated<EvidenceMonth>>>,
    ) -> Verdict<Plan> {
        let (mut notes, row) = (Notes::new(line.row), &line.record);
        let shown = row.month.format("%Y-%m").to_string();
        if row.month > self.today {
            notes.error("月份", shown.as_str(), "月份还没有到", "只能导入已经发生的月份");
        }
        if self.own.as_ref().is_some_and(|own| own.uscc != row.payer.as_str()) {
            let fix = "企业只能报送由本企业缴费或扣缴的月份";
            notes.error("单位统一社会信用代码", row.payer.as_str(), "不是本企业", fix);
        }
        let Some(person) = known.person(&line.keys) else {
            unknown_person(&mut notes, &row.document);
            return Verdict { issues: notes.into_issues(), plan: None, is_known: false };
        };
        check_name(&mut notes, &row.name, known.names(person));
        let history = months.get(&person).map_or(&[][..], Vec::as_slice);
        let change = match step(row, history) {
            Step::Known => Change::default(),
            Step::Former => {
                notes.warning("缴费状态", shown, "该月证明已在其后更正，本行不再更改");
                Change::default()
            }
            Step::Change(change) => change,
        };
        let is_known = change.is_empty();
        let plan = (!notes.refuses()).then_some(Plan { person, change });
        Verdict { issues: notes.into_issues(), plan, is_known }
    }
}

/// A month is one fact by payer and kind; only whether it was paid late can be corrected.
fn step(row: &EvidenceRow, history: &[Stated<EvidenceMonth>]) -> Step<EvidenceMonth> {
    let fact = fact_of(row);
    stands_alone(history, &fact, month_of(row.month), |old| {
        EvidenceMonth { paid_late: fact.paid_late, ..old.clone() } == fact
    })
}

fn fact_of(row: &EvidenceRow) -> EvidenceMonth {
    EvidenceMonth {
        month: row.month.format("%Y-%m").to_string(),
        payer_uscc: row.payer.as_str().to_owned(),
        evidence_kind: row.source,
        paid_late: row.paid_late,
    }
}

/// The calendar month that begins on `first`.
fn month_of(first: NaiveDate) -> Period {
    let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
    Period { from: first, through: last }
}

/// The persons of a chunk, by the keyed hash of their document, and what they are called.
#[derive(Debug)]
pub(super) struct Known {
    persons: HashMap<String, i64>,
    names: HashMap<i64, Vec<Stated<PersonName>>>,
}

impl Known {
    pub(super) async fn load<'a>(
        conn: &impl Readable,
        indexes: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let mut indexes: Vec<&str> = indexes.collect();
        indexes.sort_unstable();
        indexes.dedup();
        let persons = registry::persons_by_document(conn, &indexes).await?;
        let mut known = Self { persons, names: HashMap::new() };
        known.names = registry::histories(conn, &known.ids()).await?;
        Ok(known)
    }

    /// Each person once.
    pub(super) fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.persons.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Forgets whoever is not and was not with the enterprise: it is not told who is registered.
    async fn retain_own(&mut self, conn: &impl Readable, own: i64) -> Result<(), Error> {
        let ids = self.ids();
        let jobs = registry::histories::<Employment>(conn, &ids).await?;
        let with = |person: &i64| {
            let jobs = jobs.get(person).map_or(&[][..], Vec::as_slice);
            jobs.iter().any(|job| job.is_live() && job.fact.enterprise_id == own)
        };
        self.persons.retain(|_, person| with(person));
        Ok(())
    }

    pub(super) fn person(&self, index: &str) -> Option<i64> {
        self.persons.get(index).copied()
    }

    pub(super) fn names(&self, person: i64) -> &[Stated<PersonName>] {
        self.names.get(&person).map_or(&[], Vec::as_slice)
    }
}
