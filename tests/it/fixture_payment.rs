//! A finance office with payable lines, for tests about batches: persons with accounts,
//! entitlements and lines are put in directly, everything else goes through the use cases.

use chrono::{DateTime, NaiveDate, Utc};
use juncai::domain::ledger::{BudgetAct, BudgetCodes, Event};
use juncai::domain::money::Fen;
use juncai::domain::period::Period;
use juncai::domain::registry::{BankAccount, Stated};
use juncai::domain::tax::TaxTreatment;
use juncai::file::bank::NEUTRAL;
use juncai::service::payment::{self, Approval, Criteria, HoldOf, Standing};
use juncai::service::{Actor, Error};
use juncai::store::budget::{BudgetKey, NewAllocation};
use juncai::store::budget_request::{self, NewRequest};
use juncai::store::db::Tx;
use juncai::store::fact::{self, Versions};
use juncai::store::ledger::NewEntry;
use juncai::store::payment::Batch;
use juncai::store::{account, source};
use juncai::vault::{kind, place};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::bank_answers::csv_file;
use crate::budget_pages::settle_tax;
use crate::world::{PASSWORD, World, employ};

pub use crate::bank_answers::{RETURN_HEADER, checked_through, failed, paid, sent_back};

pub const PROVINCE: &str = "350000";
pub const XIAMEN: &str = "350200";
pub const PROGRAMME: &str = "core-engineer";

/// The stipend of a person for 2026, to be kept back.
pub fn held(person_no: &str) -> HoldOf<'_> {
    HoldOf { person_no, programme: PROGRAMME, year: "2026" }
}

/// What an approver types to approve a total.
pub fn approval(total: &str) -> Approval<'_> {
    Approval { total, password: PASSWORD }
}

/// An office with two makers, two checkers and an approver of the province, and an HR officer who
/// records accounts. The clock stands at 2027-03-01 09:00 in China.
pub struct Office {
    pub world: World,
    pub hr: Actor,
    pub maker: Actor,
    pub maker_two: Actor,
    pub checker: Actor,
    pub checker_two: Actor,
    pub approver: Actor,
    source: i64,
    policy: i64,
    run: i64,
}

impl Office {
    /// With the tax settled: nothing is withheld.
    pub async fn new(world: World) -> Self {
        let office = Self::untaxed(world).await;
        office.settle_tax(TaxTreatment::Exempt).await;
        office
    }

    /// Settles how the tax is handled.
    pub async fn settle_tax(&self, to: TaxTreatment) {
        settle_tax(&self.world.app, (&self.maker, &self.approver), to).await;
    }

    /// With the tax undetermined.
    pub async fn untaxed(mut world: World) -> Self {
        world.set_time("2027-03-01T09:00:00+08:00");
        let hr = sign_in(&world, "hr", "林一", "hr_province", PROVINCE).await;
        let maker = sign_in(&world, "maker", "黄颖", "finance_maker", PROVINCE).await;
        let maker_two = sign_in(&world, "maker2", "刘芳", "finance_maker", PROVINCE).await;
        let checker = sign_in(&world, "checker", "陈国栋", "finance_checker", PROVINCE).await;
        let checker_two = sign_in(&world, "checker2", "郑梅", "finance_checker", PROVINCE).await;
        let approver = sign_in(&world, "approver", "何炜", "finance_approver", PROVINCE).await;
        let (source, policy, run) = grounds(&world, &hr).await;
        Self { world, hr, maker, maker_two, checker, checker_two, approver, source, policy, run }
    }

    pub async fn sql(&self, text: &str) {
        self.world.app.db.read().execute_unprepared(text).await.expect("an executed statement");
    }

    /// An office whose database another process has filled: it can work, but adds no payees.
    pub fn with_people(mut world: World, people: [Actor; 6]) -> Self {
        world.set_time("2027-03-01T09:00:00+08:00");
        let [hr, maker, maker_two, checker, checker_two, approver] = people;
        let (source, policy, run) = (1, 1, 1);
        Self { world, hr, maker, maker_two, checker, checker_two, approver, source, policy, run }
    }

    /// Adds persons numbered from `first`, each entitled to `fen` from the province and with a
    /// payable line and an account.
    pub async fn payees(&self, first: i64, fens: &[i64]) {
        self.payees_of(first, fens, "province", PROVINCE).await;
        let accounts = (first..).zip(fens).map(|(id, _)| {
            self.stated_account(id, &format!("工程师{id}"), &account_number(id), &self.hr)
        });
        let tx = self.world.app.db.begin().await.unwrap();
        fact::state(&tx, accounts.collect()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The same for any source and payer, without accounts.
    pub async fn payees_of(&self, first: i64, fens: &[i64], source: &str, payer: &str) {
        let tx = self.world.app.db.begin().await.unwrap();
        for (id, fen) in (first..).zip(fens) {
            let person = entity::person::ActiveModel {
                id: Set(id),
                person_no: Set(format!("E{id:06}")),
                created_at: Set(self.world.app.clock.now()),
            };
            entity::person::Entity::insert(person).exec_without_returning(&tx).await.unwrap();
            let entitlement = self.entitlement(&tx, id, 1, *fen, source, payer).await;
            self.payable(&tx, (id, entitlement), *fen, source, payer).await;
        }
        tx.commit().await.unwrap();
    }

    /// A new version of a person's entitlement; the one before is superseded.
    pub async fn entitle(&self, person: i64, fen: i64, source: &str, payer: &str) {
        use entity::entitlement::{Column, Entity};
        let tx = self.world.app.db.begin().await.unwrap();
        let of_person = Entity::find().filter(Column::PersonId.eq(person));
        let before = of_person.all(&tx).await.unwrap().len();
        let end = Entity::update_many()
            .col_expr(Column::SupersededAt, Expr::value(self.world.app.clock.now()))
            .filter(Column::PersonId.eq(person))
            .filter(Column::SupersededAt.is_null());
        end.exec(&tx).await.unwrap();
        let version = i64::try_from(before).expect("few versions") + 1;
        self.entitlement(&tx, person, version, fen, source, payer).await;
        tx.commit().await.unwrap();
    }

    async fn entitlement(
        &self,
        tx: &Tx,
        person: i64,
        version: i64,
        fen: i64,
        source: &str,
        payer: &str,
    ) -> i64 {
        let at = self.world.app.clock.now();
        let row = entity::entitlement::ActiveModel {
            person_id: Set(person),
            programme: Set(PROGRAMME.to_owned()),
            award_year: Set(2026),
            version_no: Set(version),
            status: Set("eligible".to_owned()),
            eligible_days: Set(365),
            counted_months: Set(12),
            gross_fen: Set(fen),
            offset_fen: Set(0),
            net_fen: Set(fen),
            reasons: Set("[]".to_owned()),
            determination: Set("{}".to_owned()),
            trace: Set("{}".to_owned()),
            fingerprint: Set("x".to_owned()),
            policy_document_id: Set(self.policy),
            facts_known_at: Set(at),
            run_id: Set(Some(self.run)),
            recorded_at: Set(at),
            superseded_at: Set(None),
            ..Default::default()
        };
        let inserted = entity::entitlement::Entity::insert(row).exec(tx).await.unwrap();
        let share = entity::entitlement_share::ActiveModel {
            entitlement_id: Set(inserted.last_insert_id),
            enterprise_id: Set(1),
            division: Set("350102".to_owned()),
            city_unit: Set("350100".to_owned()),
            source: Set(source.to_owned()),
            payer_division: Set(payer.to_owned()),
            amount_fen: Set(fen),
            ..Default::default()
        };
        entity::entitlement_share::Entity::insert(share).exec(tx).await.unwrap();
        inserted.last_insert_id
    }

    async fn payable(&self, tx: &Tx, of: (i64, i64), fen: i64, source: &str, payer: &str) {
        let (person, entitlement) = of;
        let line = entity::payment_line::ActiveModel {
            line_no: Set(format!("L{person:06}")),
            person_id: Set(person),
            programme: Set(PROGRAMME.to_owned()),
            award_year: Set(2026),
            source: Set(source.to_owned()),
            payer_division: Set(payer.to_owned()),
            component_no: Set(0),
            kind: Set("stipend".to_owned()),
            amount_fen: Set(fen),
            entitlement_id: Set(entitlement),
            state: Set("payable".to_owned()),
            recorded_at: Set(self.world.app.clock.now()),
            voided_at: Set(None),
            ..Default::default()
        };
        entity::payment_line::Entity::insert(line).exec(tx).await.unwrap();
    }

    /// States a person's account, replacing the one before, as recorded by `by`.
    pub async fn account(&self, person: i64, name: &str, number: &str, by: &Actor) {
        let account = self.stated_account(person, name, number, by);
        let tx = self.world.app.db.begin().await.unwrap();
        let live = fact::facts_of::<BankAccount>(&tx, person, Versions::Live).await.unwrap();
        match live.first() {
            Some(old) => fact::correct(&tx, old.id, account).await.unwrap(),
            None => fact::state(&tx, vec![account]).await.unwrap(),
        }
        tx.commit().await.unwrap();
    }

    fn stated_account(
        &self,
        person: i64,
        name: &str,
        number: &str,
        by: &Actor,
    ) -> Stated<BankAccount> {
        let app = &self.world.app;
        let since = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        Stated {
            id: 0,
            about: person,
            period: Period::new(since, None).expect("a period"),
            fact: BankAccount {
                account_name: name.to_owned(),
                account_index: app.vault.index(kind::ACCOUNT, number),
                account_cipher: app
                    .vault
                    .seal(place::ACCOUNT, number.as_bytes())
                    .expect("a sealed number"),
                last_four: number[number.len() - 4..].to_owned(),
                bank_name: "兴业银行福州五一支行".to_owned(),
                cnaps: "309391000011".to_owned(),
            },
            recorded_at: app.clock.now(),
            recorded_by: by.account_id,
            source_id: self.source,
            reason: String::new(),
            supersedes: None,
            superseded_at: None,
        }
    }

    /// Money for the province's source in 2027.
    pub async fn allot(&self, fen: i64) {
        self.allot_to("province", PROVINCE, 2027, fen).await;
    }

    pub async fn allot_to(&self, source: &str, payer: &str, year: i64, fen: i64) {
        let key = BudgetKey {
            programme: "core-engineer".to_owned(),
            source: source.to_owned(),
            payer_division: payer.to_owned(),
            budget_year: year,
        };
        let app = &self.world.app;
        let (recorded_by, now) = (self.approver.account_id, app.clock.now());
        let request = NewRequest {
            act: BudgetAct::Allot,
            key: &key,
            amount: Fen::new(fen),
            document_no: "闽财指〔2027〕1号",
            codes: &BudgetCodes::default(),
            proposed_by: self.maker.holder_id,
            proposed_at: now,
        };
        let tx = app.db.begin().await.unwrap();
        let no = budget_request::propose(&tx, &request).await.unwrap();
        let id = budget_request::lock(&tx, &no).await.unwrap().unwrap().id;
        let by = (self.approver.holder_id, now);
        budget_request::decide(&tx, id, (true, ""), by).await.unwrap();
        let (from, to) = Event::Allotted.path(true);
        let entry = NewEntry {
            key: &key,
            event: Event::Allotted,
            path: if fen > 0 { (from, to) } else { (to, from) },
            amount: Fen::new(fen.abs()),
            award_year: None,
            paid_on: None,
            about: ("budget_request", &no),
            recorded_by,
            recorded_at: now,
        };
        let new = NewAllocation {
            key: &key,
            amount_fen: fen,
            document_no: request.document_no,
            request_no: &no,
            recorded_by,
            recorded_at: now,
        };
        juncai::store::budget::add(&tx, &new).await.unwrap();
        juncai::store::ledger::post(&tx, &[entry]).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn draft(&self) -> String {
        payment::create(&self.world.app, &self.maker, criteria()).await.expect("a draft")
    }

    pub async fn batch(&self, batch_no: &str) -> Batch {
        let conn = self.world.app.db.read();
        juncai::store::payment::find(conn, batch_no).await.unwrap().expect("a batch")
    }

    pub async fn freeze(&self, batch_no: &str) -> Result<Standing, Error> {
        let version = self.batch(batch_no).await.version;
        payment::freeze(&self.world.app, &self.maker, batch_no, version).await
    }

    pub async fn check(&self, batch_no: &str) -> Result<Standing, Error> {
        let batch = self.batch(batch_no).await;
        let (app, by) = (&self.world.app, &self.checker);
        checked_through(app, by, batch_no, batch.version, &batch.content_hash).await
    }

    pub async fn approve(&self, batch_no: &str) -> Result<Standing, Error> {
        let batch = self.batch(batch_no).await;
        let total = Fen::new(batch.total_fen).to_string();
        payment::approve(&self.world.app, &self.approver, batch_no, batch.version, approval(&total))
            .await
    }

    pub async fn issue(&self, batch_no: &str) -> Result<Standing, Error> {
        let version = self.batch(batch_no).await.version;
        let app = &self.world.app;
        let issued = payment::issue_file(app, &self.maker, batch_no, version, NEUTRAL).await;
        issued.map(|issued| issued.standing)
    }

    pub async fn send(&self, batch_no: &str) -> Result<Standing, Error> {
        let version = self.batch(batch_no).await.version;
        payment::mark_sent(&self.world.app, &self.maker, batch_no, version, "PZ-2027-001").await
    }

    pub async fn close(&self, batch_no: &str) -> Result<Standing, Error> {
        let version = self.batch(batch_no).await.version;
        payment::close(&self.world.app, &self.approver, batch_no, version, "2027-记-0315").await
    }

    /// A new batch over everything payable, at the bank.
    pub async fn sent_batch(&self) -> String {
        let batch_no = self.draft().await;
        self.freeze(&batch_no).await.expect("frozen");
        self.check(&batch_no).await.expect("checked");
        self.approve(&batch_no).await.expect("approved");
        self.issue(&batch_no).await.expect("issued");
        self.send(&batch_no).await.expect("sent");
        batch_no
    }

    /// Loads a return file and lets it take effect.
    pub async fn answer(&self, batch_no: &str, csv: &str) -> payment::Confirmed {
        let app = &self.world.app;
        let loaded = payment::load_return(app, &self.maker, batch_no, &csv_file(csv)).await;
        let return_no = loaded.expect("loaded").return_no;
        payment::confirm_return(app, &self.checker, &return_no).await.expect("confirmed")
    }

    /// `(state, amount)` of every payment line, by person.
    pub async fn lines(&self) -> Vec<(String, i64)> {
        let conn = self.world.app.db.read();
        let lines = entity::payment_line::Entity::find()
            .order_by_asc(entity::payment_line::Column::PersonId)
            .all(conn)
            .await
            .unwrap();
        lines.into_iter().map(|line| (line.state, line.amount_fen)).collect()
    }

    /// The states of every payment line, by person.
    pub async fn states(&self) -> Vec<String> {
        self.lines().await.into_iter().map(|(state, _)| state).collect()
    }

    /// What a new batch could spend.
    pub async fn available(&self) -> i64 {
        let preview = payment::preview(&self.world.app, &self.maker, &criteria()).await;
        preview.expect("a preview").available.get()
    }
}

/// Everything payable by the province for 2026 out of the budget of 2027.
pub fn criteria() -> Criteria {
    Criteria {
        programme: PROGRAMME.to_owned(),
        award_year: 2026,
        budget_year: 2027,
        source: "province".to_owned(),
        payer_division: PROVINCE.to_owned(),
        city_unit: String::new(),
        enterprise_uscc: String::new(),
        purpose: "2026核心工程师奖补".to_owned(),
        payer_account: "福建省财政厅零余额账户".to_owned(),
        max_lines: 1000,
    }
}

/// The account number of a person.
pub fn account_number(person: i64) -> String {
    format!("621700000000{person:07}")
}

/// A new account of a natural person, made when missing, and the actor that it is.
pub async fn sign_in(
    world: &World,
    login: &str,
    person: &str,
    role: &str,
    division: &str,
) -> Actor {
    let app = &world.app;
    let now = app.clock.now();
    let tx = app.db.begin().await.unwrap();
    let finance = role.starts_with("finance");
    let office = account::NewOrganisation {
        code: &format!("{}-{division}", if finance { "CZ" } else { "RS" }),
        kind: if finance { "finance_office" } else { "hr_office" },
        name: if finance { "财政局" } else { "人社局" },
        division,
        enterprise_id: None,
    };
    let actor = employ(&tx, &office, (person, person), (login, role), now).await;
    tx.commit().await.unwrap();
    actor
}

/// What entitlements and accounts refer to: a document, a policy, a run, an enterprise.
async fn grounds(world: &World, hr: &Actor) -> (i64, i64, i64) {
    let at: DateTime<Utc> = world.app.clock.now();
    let tx = world.app.db.begin().await.unwrap();
    let document = source::NewSource {
        kind: "decision",
        title: "登记决定",
        document_no: "",
        import_id: None,
        recorded_by: hr.account_id,
        recorded_at: at,
    };
    let source = source::record(&tx, &document).await.unwrap();
    let policy = entity::policy_document::ActiveModel {
        programme: Set(PROGRAMME.to_owned()),
        title: Set("核心工程师年度奖补".to_owned()),
        sha256: Set("0".to_owned()),
        content: Set(include_str!("../../policies/core-engineer.toml").to_owned()),
        recorded_by: Set(hr.account_id),
        recorded_at: Set(at),
        ..Default::default()
    };
    let policy = entity::policy_document::Entity::insert(policy).exec(&tx).await.unwrap();
    let run = entity::compute_run::ActiveModel {
        run_no: Set("C2026-0001".to_owned()),
        programme: Set(PROGRAMME.to_owned()),
        award_year: Set(2026),
        policy_document_id: Set(policy.last_insert_id),
        facts_known_at: Set(at),
        state: Set("completed".to_owned()),
        total: Set(0),
        done: Set(0),
        last_person_id: Set(0),
        eligible: Set(0),
        ineligible: Set(0),
        changed: Set(0),
        adjusted: Set(0),
        failed_persons: Set(0),
        message: Set(String::new()),
        started_by: Set(hr.account_id),
        started_at: Set(at),
        finished_at: Set(Some(at)),
        lease_until: Set(at),
        ..Default::default()
    };
    let run = entity::compute_run::Entity::insert(run).exec(&tx).await.unwrap();
    let enterprise = entity::enterprise::ActiveModel {
        id: Set(1),
        uscc: Set("91350100MAFAKE000K".to_owned()),
        created_at: Set(at),
    };
    entity::enterprise::Entity::insert(enterprise).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    (source, policy.last_insert_id, run.last_insert_id)
}
