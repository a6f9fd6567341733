//! An invented place with offices, enterprises and engineers, for tests that compute a year.

use chrono::{DateTime, NaiveDate, Utc};
use juncai::domain::money::Fen;
use juncai::domain::period::Period;
use juncai::domain::registry::{
    Employment, EnterpriseDivision, EnterpriseName, EvidenceKind, EvidenceMonth, Exclusion,
    Listing, OtherAward, PersonName, RosterEntry, RosterStatus, Stated, Suspension,
};
use juncai::service::Actor;
use juncai::service::stipend;
use juncai::store::fact::{self, FactTable, Versions};
use juncai::store::{account, source};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::world::{World, employ};

pub const FUZHOU: &str = "913501000000000001";
pub const XIAMEN: &str = "913502000000000002";
pub const PINGTAN: &str = "913501280000000003";

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The place: an office that records everything, and listed enterprises 1 to 3 in Fuzhou, Xiamen
/// and Pingtan.
pub struct Town {
    pub world: World,
    pub hr: Actor,
    source: i64,
    at: DateTime<Utc>,
}

impl Town {
    pub async fn new(world: World) -> Self {
        let at = world.app.clock.now();
        let hr = actor(&world, "hr", "hr_province", "350000", None).await;
        let tx = world.app.db.begin().await.unwrap();
        let document = source::NewSource {
            kind: "decision",
            title: "登记决定",
            document_no: "闽测〔2026〕1号",
            import_id: None,
            recorded_by: hr.account_id,
            recorded_at: at,
        };
        let source = source::record(&tx, &document).await.unwrap();
        tx.commit().await.unwrap();
        let town = Self { world, hr, source, at };
        for (id, uscc, division, unit) in [
            (1, FUZHOU, "350102", "350100"),
            (2, XIAMEN, "350203", "350200"),
            (3, PINGTAN, "350128", "350128"),
        ] {
            town.enterprise(id, uscc, Some((division, unit))).await;
        }
        town
    }

    /// The same place at another time: what follows is recorded then.
    pub fn at(&mut self, text: &str) {
        self.world.set_time(text);
        self.at = self.world.app.clock.now();
    }

    pub async fn enterprise(&self, id: i64, uscc: &str, place: Option<(&str, &str)>) {
        let row = entity::enterprise::ActiveModel {
            id: Set(id),
            uscc: Set(uscc.to_owned()),
            created_at: Set(self.at),
        };
        let conn = self.world.app.db.read();
        entity::enterprise::Entity::insert(row).exec_without_returning(conn).await.unwrap();
        let name = EnterpriseName { name: format!("企业{id}") };
        self.state(id, "2020-01-01", None, name).await;
        if let Some((division, city_unit)) = place {
            let (division, city_unit) = (division.to_owned(), city_unit.to_owned());
            self.state(id, "2020-01-01", None, EnterpriseDivision { division, city_unit }).await;
        }
        let listing =
            Listing { list_batch: "首批".to_owned(), recognition_quota: 9, engineer_quota: 9 };
        self.state(id, "2025-11-04", None, listing).await;
    }

    pub async fn person(&self, id: i64) {
        let row = entity::person::ActiveModel {
            id: Set(id),
            person_no: Set(person_no(id)),
            created_at: Set(self.at),
        };
        let conn = self.world.app.db.read();
        entity::person::Entity::insert(row).exec_without_returning(conn).await.unwrap();
        self.state(id, "2020-01-01", None, PersonName { name: format!("工程师{id}") }).await;
    }

    pub async fn state<T: FactTable>(
        &self,
        about: i64,
        from: &str,
        through: Option<&str>,
        what: T,
    ) {
        let stated = self.stated(about, from, through, what);
        let tx = self.world.app.db.begin().await.unwrap();
        fact::state(&tx, vec![stated]).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn stated<T>(&self, about: i64, from: &str, through: Option<&str>, fact: T) -> Stated<T> {
        Stated {
            id: 0,
            about,
            period: Period::new(day(from), through.map(day)).unwrap(),
            fact,
            recorded_at: self.at,
            recorded_by: self.hr.account_id,
            source_id: self.source,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    /// Works full-time at an enterprise and is on its confirmed roster.
    pub async fn engineer(&self, person: i64, enterprise: i64, from: &str, through: Option<&str>) {
        self.state(person, from, through, employment(enterprise)).await;
        let entry = RosterEntry { enterprise_id: enterprise, status: RosterStatus::Confirmed };
        self.state(person, from, through, entry).await;
    }

    /// Social insurance paid for these months of a year.
    pub async fn insured(&self, person: i64, year: i32, months: impl IntoIterator<Item = u32>) {
        let facts: Vec<_> =
            months.into_iter().map(|month| self.evidence(person, year, month)).collect();
        let tx = self.world.app.db.begin().await.unwrap();
        fact::state(&tx, facts).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn evidence(&self, person: i64, year: i32, month: u32) -> Stated<EvidenceMonth> {
        let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        let last = first + chrono::Months::new(1) - chrono::Days::new(1);
        let evidence = EvidenceMonth {
            month: format!("{year}-{month:02}"),
            payer_uscc: FUZHOU.to_owned(),
            evidence_kind: EvidenceKind::SocialInsurance,
            paid_late: false,
        };
        let (from, through) = (first.to_string(), last.to_string());
        self.stated(person, &from, Some(&through), evidence)
    }

    /// A whole year at one enterprise.
    pub async fn full_year(&self, person: i64, enterprise: i64) {
        self.person(person).await;
        self.engineer(person, enterprise, "2025-12-01", None).await;
        self.insured(person, 2026, 1..=12).await;
    }

    /// A roster file of a person after its first `steps` steps; five of them lead onto the roster.
    pub async fn roster_file(
        &self,
        case_no: &str,
        (person, enterprise): (i64, i64),
        steps: usize,
    ) -> i64 {
        let (at, account, holder) = (self.at, self.hr.account_id, self.hr.holder_id);
        let way = [
            ("confirm", "draft", "ent_confirmed"),
            ("accept", "ent_confirmed", "county_check"),
            ("pass_county", "county_check", "city_check"),
            ("pass_city", "city_check", "prov_confirm"),
            ("transfer_in", "prov_confirm", "active"),
        ];
        let file = entity::case_file::ActiveModel {
            case_no: Set(case_no.to_owned()),
            kind: Set("roster_entry".to_owned()),
            enterprise_id: Set(Some(enterprise)),
            person_id: Set(Some(person)),
            about: Set(format!("工程师{person}")),
            state: Set(way[steps - 1].2.to_owned()),
            steps: Set(i64::try_from(steps).unwrap()),
            since: Set(self.world.app.clock.today()),
            due_on: Set(None),
            opened_by: Set(account),
            opened_at: Set(at),
            ..Default::default()
        };
        let conn = self.world.app.db.read();
        let made = entity::case_file::Entity::insert(file).exec(conn).await.unwrap();
        for (seq, (act, from, to)) in (1..).zip(way).take(steps) {
            let step = entity::case_step::ActiveModel {
                case_id: Set(made.last_insert_id),
                seq: Set(seq),
                act: Set(act.to_owned()),
                from_state: Set(from.to_owned()),
                to_state: Set(to.to_owned()),
                on_day: Set(self.world.app.clock.today()),
                at: Set(at),
                hand: Set("hr_province".to_owned()),
                account_id: Set(Some(account)),
                holder_id: Set(Some(holder)),
                for_account_id: Set(None),
                for_holder_id: Set(None),
                remark: Set(String::new()),
                evidence: Set("{}".to_owned()),
                ..Default::default()
            };
            entity::case_step::Entity::insert(step).exec_without_returning(conn).await.unwrap();
        }
        made.last_insert_id
    }

    pub async fn award(&self, person: i64, group: &str, fen: i64) {
        let award = OtherAward {
            programme: "百人计划".to_owned(),
            exclusive_group: group.to_owned(),
            award_year: 2026,
            amount_fen: Fen::new(fen),
            granted_by: "省委组织部".to_owned(),
            document_no: format!("闽组〔2026〕{fen}号"),
        };
        self.state(person, "2026-01-01", Some("2026-12-31"), award).await;
    }

    pub async fn suspend(&self, person: i64, from: &str, through: Option<&str>) {
        self.state(person, from, through, Suspension {}).await;
    }

    pub async fn exclude(&self, person: i64, from: &str) {
        self.state(person, from, None, Exclusion { ground: "shareholder".to_owned() }).await;
    }

    /// The person left an enterprise: employment and roster entry end earlier than recorded.
    pub async fn left(&self, person: i64, last_day: &str) {
        self.shorten::<Employment>(person, last_day).await;
        self.shorten::<RosterEntry>(person, last_day).await;
    }

    async fn shorten<T: FactTable>(&self, person: i64, last_day: &str) {
        let tx = self.world.app.db.begin().await.unwrap();
        for mut stated in fact::facts_of::<T>(&tx, person, Versions::Live).await.unwrap() {
            let old = stated.id;
            stated.period.through = Some(day(last_day));
            stated.recorded_at = self.at;
            stated.source_id = self.source;
            fact::correct(&tx, old, stated).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Starts a run and carries it out; returns how it ended.
    pub async fn compute(&self, year: i32) -> stipend::Progress {
        let app = &self.world.app;
        let run_no = stipend::start_run(app, &self.hr, year).await.unwrap();
        stipend::execute_run(app, &run_no).await.unwrap();
        stipend::progress(app, &self.hr, &run_no).await.unwrap()
    }

    /// What the offices' release would do to all lines.
    pub async fn release(&self) {
        self.sql("UPDATE payment_line SET state = 'payable' WHERE state = 'pending'").await;
    }

    /// What a release and batches would do to all lines: `payable`, `in_batch`, then `paid`.
    pub async fn freeze_all(&self, state: &str) {
        self.release().await;
        self.sql(&format!("UPDATE payment_line SET state = '{state}' WHERE state <> 'void'")).await;
    }

    /// Carries out a statement; the database's words when it refuses.
    pub async fn try_sql(&self, text: &str) -> Result<(), String> {
        let done = self.world.app.db.read().execute_unprepared(text).await;
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// The first column of a query's rows, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let conn = self.world.app.db.read();
        let statement = sea_orm::Statement::from_string(conn.get_database_backend(), query);
        let rows = conn.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    pub async fn sql(&self, text: &str) {
        self.world.app.db.read().execute_unprepared(text).await.unwrap();
    }
}

pub fn person_no(id: i64) -> String {
    format!("E{id:06}")
}

pub fn employment(enterprise_id: i64) -> Employment {
    Employment {
        enterprise_id,
        full_time: true,
        post: "算法研发".to_owned(),
        professional_title: "高级工程师".to_owned(),
        education: "硕士研究生".to_owned(),
    }
}

/// An account of a role, made when missing.
pub async fn actor(
    world: &World,
    login: &str,
    role: &str,
    division: &str,
    enterprise_id: Option<i64>,
) -> Actor {
    let app = &world.app;
    let now = app.clock.now();
    let tx = app.db.begin().await.unwrap();
    let office = account::NewOrganisation {
        code: &format!("ORG-{login}"),
        kind: if enterprise_id.is_some() { "enterprise" } else { "hr_office" },
        name: login,
        division,
        enterprise_id,
    };
    let actor = employ(&tx, &office, (login, login), (login, role), now).await;
    tx.commit().await.unwrap();
    actor
}
