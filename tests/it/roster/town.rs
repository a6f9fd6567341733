//! Two enterprises on the list, their people, and everybody who acts on the roster.

use chrono::{DateTime, NaiveDate, Utc};
use juncai::domain::period::Period;
use juncai::domain::registry::{
    BankAccount, Employment, EnterpriseDivision, EnterpriseName, Listing, PersonDocument,
    PersonName, RosterEntry, RosterStatus, Stated,
};
use juncai::service::{Actor, Error};
use juncai::store::fact::{self, FactTable, Versions};
use juncai::store::{account, db::Tx, source};
use sea_orm::ConnectionTrait;

use crate::world::{World, employ};

/// Codes of the enterprises 1 (Fuzhou, Gulou) and 2 (Xiamen, Siming).
pub const USCC: [&str; 2] = ["91350100MAFAKE000K", "91350200MAFAKE019M"];

/// Who is there.
pub struct Town {
    /// Clerks of enterprise 1 and 2.
    pub clerk: Actor,
    pub other_clerk: Actor,
    /// Two officers of the province.
    pub officer: Actor,
    pub colleague: Actor,
    /// An account of the province that the clerk of enterprise 1 holds as well.
    pub clerk_in_office: Actor,
    /// An officer of Xiamen.
    pub xiamen: Actor,
    /// The document that the facts came from.
    pub source: i64,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// `2026-01-01..2026-06-30` or `2026-01-01..`.
pub fn period(text: &str) -> Period {
    let (from, through) = text.split_once("..").expect("two days");
    Period::new(day(from), (!through.is_empty()).then(|| day(through))).expect("a period")
}

impl Town {
    /// Builds it at the world's time.
    pub async fn new(world: &World) -> Self {
        let now = world.app.clock.now();
        let tx = world.app.db.begin().await.unwrap();
        for (id, uscc) in [1, 2].into_iter().zip(USCC) {
            let sql = format!(
                "INSERT INTO enterprise (id, uscc, created_at) VALUES ({id}, '{uscc}', \
                 '2026-01-05T01:00:00+00:00')"
            );
            tx.execute_unprepared(&sql).await.unwrap();
        }
        let clerk = actor(&tx, ("S1", "陈经办"), (1, "enterprise_clerk"), now).await;
        let other_clerk = actor(&tx, ("S2", "林经办"), (2, "enterprise_clerk"), now).await;
        let officer = actor(&tx, ("S3", "周审核"), (0, "hr_province"), now).await;
        let colleague = actor(&tx, ("S4", "吴审核"), (0, "hr_province"), now).await;
        let clerk_in_office = actor(&tx, ("S1", "陈经办"), (0, "hr_province"), now).await;
        let xiamen = actor(&tx, ("S5", "黄审核"), (350_200, "hr_city"), now).await;
        let document = source::NewSource {
            kind: "decision",
            title: "测试",
            document_no: "",
            import_id: None,
            recorded_by: clerk.account_id,
            recorded_at: now,
        };
        let source = source::record(&tx, &document).await.unwrap();
        let town = Self { clerk, other_clerk, officer, colleague, clerk_in_office, xiamen, source };
        for (enterprise, division, unit) in [(1, "350102", "350100"), (2, "350203", "350200")] {
            let name = EnterpriseName { name: format!("第{enterprise}企业") };
            town.hold(&tx, now, enterprise, "2020-01-01..", name).await;
            let place = EnterpriseDivision { division: division.into(), city_unit: unit.into() };
            town.hold(&tx, now, enterprise, "2020-01-01..", place).await;
            let listing =
                Listing { list_batch: "首批".into(), recognition_quota: 0, engineer_quota: 0 };
            town.hold(&tx, now, enterprise, "2025-11-04..", listing).await;
        }
        tx.commit().await.unwrap();
        town
    }

    /// States a fact in a transaction of its own.
    pub async fn state<T: FactTable>(&self, world: &World, about: i64, days: &str, fact: T) {
        let tx = world.app.db.begin().await.unwrap();
        self.hold(&tx, world.app.clock.now(), about, days, fact).await;
        tx.commit().await.unwrap();
    }

    /// Replaces a declared entry by a confirmed one.
    pub async fn confirm(&self, world: &World, entry: &Stated<RosterEntry>) {
        let fact = RosterEntry { status: RosterStatus::Confirmed, ..entry.fact.clone() };
        let recorded_by = self.officer.account_id;
        let recorded_at = world.app.clock.now();
        let supersedes = Some(entry.id);
        let confirmed = Stated { fact, recorded_by, recorded_at, supersedes, ..entry.clone() };
        let tx = world.app.db.begin().await.unwrap();
        fact::correct(&tx, entry.id, confirmed).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// States a fact.
    async fn hold<T: FactTable>(
        &self,
        tx: &Tx,
        now: DateTime<Utc>,
        about: i64,
        days: &str,
        fact: T,
    ) {
        let stated = self.stated(now, about, period(days), fact);
        fact::state(tx, vec![stated]).await.unwrap();
    }

    fn stated<T>(&self, now: DateTime<Utc>, about: i64, period: Period, fact: T) -> Stated<T> {
        Stated {
            id: 0,
            about,
            period,
            fact,
            recorded_at: now,
            recorded_by: self.clerk.account_id,
            source_id: self.source,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    /// Engineers `P…` employed by `enterprise` since 2024, who wait on the roster from `days` on.
    pub async fn declared(
        &self,
        world: &World,
        enterprise_id: i64,
        ids: std::ops::RangeInclusive<i64>,
        days: &str,
    ) {
        let now = world.app.clock.now();
        let tx = world.app.db.begin().await.unwrap();
        let values: Vec<String> =
            ids.clone().map(|id| format!("({id}, 'P{id}', '2026-01-05T01:00:00+00:00')")).collect();
        let insert = "INSERT INTO person (id, person_no, created_at) VALUES ";
        tx.execute_unprepared(&format!("{insert}{}", values.join(", "))).await.unwrap();
        let (since, entry_days) = (period("2024-03-01.."), period(days));
        let vault = &world.app.vault;
        let stated = |about, fact| self.stated(now, about, since, fact);
        let names = ids.clone().map(|id| stated(id, PersonName { name: format!("张{}", han(id)) }));
        fact::state(&tx, names.collect()).await.unwrap();
        let document = |id: i64| PersonDocument {
            document_type: "passport".into(),
            country: "CHN".into(),
            number_index: vault.index("document", &format!("E{id:08}")),
            number_cipher: vault
                .seal("person_document.number_cipher", format!("E{id:08}").as_bytes())
                .unwrap(),
            number_masked: format!("E****{:03}", id % 1000),
        };
        let documents = ids.clone().map(|id| self.stated(now, id, since, document(id)));
        fact::state(&tx, documents.collect()).await.unwrap();
        let employment = Employment {
            enterprise_id,
            full_time: true,
            post: "算法研发".into(),
            professional_title: String::new(),
            education: String::new(),
        };
        let employments =
            ids.clone().map(|id| self.stated(now, id, since, employment.clone())).collect();
        fact::state(&tx, employments).await.unwrap();
        let account = |id: i64| BankAccount {
            account_name: format!("张{}", han(id)),
            account_index: vault.index("account", &format!("6217000000000{id:06}")),
            account_cipher: vec![1],
            last_four: format!("{:04}", id % 10_000),
            bank_name: "工商银行福州分行".into(),
            cnaps: "102391099995".into(),
        };
        let accounts = ids.clone().map(|id| self.stated(now, id, since, account(id)));
        fact::state(&tx, accounts.collect()).await.unwrap();
        let waiting = RosterEntry { enterprise_id, status: RosterStatus::Declared };
        let entries = ids.map(|id| self.stated(now, id, entry_days, waiting.clone())).collect();
        fact::state(&tx, entries).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A Chinese number of one to four letters, so that names differ.
pub fn han(id: i64) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |c: char| DIGITS[usize::try_from(c.to_digit(10).unwrap()).unwrap()];
    id.to_string().chars().map(digit).collect()
}

/// An account in the enterprise `place` (1, 2), the province (0) or a division, acting.
async fn actor(
    tx: &Tx,
    (staff_no, name): (&str, &str),
    (place, role): (i64, &str),
    now: DateTime<Utc>,
) -> Actor {
    let code = format!("ORG-{place}");
    let division = match place {
        0 => "350000".to_owned(),
        1 => "350102".to_owned(),
        2 => "350203".to_owned(),
        division => division.to_string(),
    };
    let of_enterprise = [1, 2].contains(&place);
    let (office, login) = (format!("机构{place}"), format!("{}-{place}", staff_no.to_lowercase()));
    let organisation = account::NewOrganisation {
        code: &code,
        kind: if of_enterprise { "enterprise" } else { "hr_office" },
        name: &office,
        division: &division,
        enterprise_id: of_enterprise.then_some(place),
    };
    employ(tx, &organisation, (staff_no, name), (&login, role), now).await
}

/// All versions of a fact about somebody, oldest first.
pub async fn held<T: FactTable>(world: &World, about: i64, versions: Versions) -> Vec<Stated<T>> {
    let mut facts = fact::facts_of::<T>(world.app.db.read(), about, versions).await.unwrap();
    facts.sort_by_key(|fact| fact.id);
    facts
}

/// Periods of what the registry held, as `first..last`.
pub async fn spans<T: FactTable>(world: &World, about: i64, versions: Versions) -> Vec<String> {
    let shown = |fact: &Stated<T>| {
        let last = fact.period.through.map(|last| last.to_string()).unwrap_or_default();
        format!("{}..{last}", fact.period.from)
    };
    held::<T>(world, about, versions).await.iter().map(shown).collect()
}

/// The fields that a form has wrong.
pub fn wrong_fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(fields)) => fields.into_iter().map(|(field, _)| field).collect(),
        other => panic!("expected wrong fields, got {other:?}"),
    }
}
