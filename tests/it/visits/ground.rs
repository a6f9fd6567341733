//! The offices, employers and money of visits.

use std::collections::BTreeMap;

use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::{Code, EnterpriseAccount};
use juncai::domain::tax::TaxTreatment;
use juncai::service::budget::AllocationForm;
use juncai::service::case::{self, Submitted};
use juncai::service::payment::Criteria;
use juncai::service::tax::{self, RulingForm};
use juncai::service::visit::{
    self, ALLOWANCE, TRAVEL, TypedClaim, TypedCost, TypedPlan, TypedVisitor,
};
use juncai::service::{Actor, Error, exchange_rate};
use juncai::store::number;
use juncai::vault::{kind, place};

use crate::budget_pages::allot;
use crate::fixture_payment::criteria;
use crate::town::actor;
use crate::world::World;
use crate::yearly::{Year, year};

pub const NO: &str = "LF2027-00001";

pub fn visitor() -> TypedVisitor {
    TypedVisitor {
        name: "SMITH ANNA".to_owned(),
        country: "USA".to_owned(),
        passport: "A12345678".to_owned(),
        birth: "1990-05-01".to_owned(),
    }
}

pub fn plan(arrival: &str, exit: &str) -> TypedPlan {
    TypedPlan {
        origin: "US".to_owned(),
        arrival: arrival.to_owned(),
        exit: exit.to_owned(),
        purpose: "多模态大模型联合研究".to_owned(),
        basis: "post".to_owned(),
        detail: "某大学 助理教授".to_owned(),
        budget: "25000".to_owned(),
    }
}

pub fn fare(document_no: &str) -> TypedCost {
    TypedCost {
        expense: "fare".to_owned(),
        class: "economy".to_owned(),
        route: "2027-02-28 波士顿—香港 CX811\n2027-03-01 香港—福州 MF382".to_owned(),
        passenger: "SMITH/ANNA MS".to_owned(),
        amount: "1850.00".to_owned(),
        currency: "usd".to_owned(),
        paid_on: "2027-02-20".to_owned(),
        document_no: document_no.to_owned(),
        ..TypedCost::default()
    }
}

pub fn claim(exit: &str, work_days: &str, costs: Vec<TypedCost>) -> TypedClaim {
    TypedClaim {
        origin: "US".to_owned(),
        exit: exit.to_owned(),
        work_days: work_days.to_owned(),
        costs_by: "employer".to_owned(),
        costs,
        ..TypedClaim::default()
    }
}

/// The offices of a year with a quoted dollar, a second employer, and room for new persons.
pub struct Ground {
    pub year: Year,
    pub other: Actor,
    /// County and city approver of the other employer, in Xiamen.
    pub siming: Actor,
    pub xiamen: Actor,
    /// The third employer's clerk, in Pingtan, with the office that takes both steps and its approver.
    pub pingtan_clerk: Actor,
    pub pingtan: [Actor; 2],
}

pub async fn ground(world: World) -> Ground {
    let year = year(world).await;
    let app = year.app();
    let tx = app.db.begin().await.unwrap();
    number::allocate(&tx, "person", 1_000).await.unwrap();
    tx.commit().await.unwrap();
    if app.db.is_postgres() {
        let room = "SELECT setval(pg_get_serial_sequence('person', 'id'), 1000)";
        year.offices.town.try_sql(room).await.unwrap();
    }
    let rates = "币种,报价日期,现汇卖出价\nUSD,2027-01-12,710.50\n";
    let [maker, checker, _] = &year.finance;
    let file = Some(("牌价.csv", rates.as_bytes().to_vec()));
    let no = exchange_rate::propose(app, maker, "中国银行外汇牌价", file).await.unwrap();
    exchange_rate::decide(app, checker, &no, true, "").await.unwrap();
    let world = &year.offices.town.world;
    let other = actor(world, "other", "enterprise_clerk", "350203", Some(2)).await;
    let siming = actor(world, "siming", "hr_county", "350203", None).await;
    let xiamen = actor(world, "xiamen2", "hr_city_approver", "350200", None).await;
    let pingtan_clerk = actor(world, "island", "enterprise_clerk", "350128", Some(3)).await;
    let pingtan = [
        actor(world, "pingtan", "hr_city", "350128", None).await,
        actor(world, "pingtan2", "hr_city_approver", "350128", None).await,
    ];
    Ground { year, other, siming, xiamen, pingtan_clerk, pingtan }
}

impl Ground {
    pub fn at(&mut self, text: &str) {
        self.year.offices.town.at(&format!("{text}T09:00:00+08:00"));
    }

    pub async fn act(&self, who: &Actor, no: &str, act: &str) -> Result<&'static str, Error> {
        let seen = format!("SELECT CAST(steps AS TEXT) FROM case_file WHERE case_no = '{no}'");
        let seen_steps = self.year.offices.town.texts(&seen).await[0].parse().unwrap();
        let evidence = Evidence::ALL.iter().map(|one| (one.code().to_owned(), "附卷".to_owned()));
        let mut fields: BTreeMap<String, String> = evidence.collect();
        let today = self.year.app().clock.today().to_string();
        fields.insert("arrived_on".to_owned(), today);
        let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
        case::act(self.year.app(), who, no, &sent).await
    }

    pub async fn must(&self, who: &Actor, no: &str, act: &str, state: &str) {
        let done = self.act(who, no, act).await;
        assert_eq!(done.unwrap_or_else(|error| panic!("{act}: {error}")), state, "{act}");
    }

    pub fn clerk(&self) -> &Actor {
        &self.year.offices.clerk
    }

    /// The county's office of the employer; Pingtan has one for county and city.
    pub async fn hr(&self, no: &str) -> &Actor {
        match self.employer(no).await {
            1 => &self.year.offices.county,
            2 => &self.siming,
            _ => &self.pingtan[0],
        }
    }

    /// The approver of the city of the employer.
    pub async fn approver(&self, no: &str) -> &Actor {
        match self.employer(no).await {
            1 => &self.year.offices.city_approver,
            2 => &self.xiamen,
            _ => &self.pingtan[1],
        }
    }

    async fn employer(&self, no: &str) -> i64 {
        let of =
            format!("SELECT CAST(enterprise_id AS TEXT) FROM case_file WHERE case_no = '{no}'");
        self.year.offices.town.texts(&of).await[0].parse().unwrap()
    }

    pub async fn begun(&self, who: &Actor, plan: &TypedPlan) -> String {
        visit::begin(self.year.app(), who, &visitor(), plan).await.unwrap()
    }

    /// Invited in January.
    pub async fn invited(&self, who: &Actor, plan: &TypedPlan) -> String {
        let no = self.begun(who, plan).await;
        self.must(who, &no, "file", "邀请待审").await;
        self.must(self.hr(&no).await, &no, "agree", "同意邀请").await;
        no
    }

    /// What was claimed is handed in and checked; nothing is cut.
    pub async fn checked(&self, who: &Actor, no: &str, typed: &TypedClaim) {
        visit::save_claim(self.year.app(), who, no, typed).await.unwrap();
        self.must(who, no, "claim", "申报待核").await;
        self.must(self.hr(no).await, no, "check", "已核验").await;
    }

    pub async fn due(&self, who: &Actor, no: &str) -> String {
        let view = visit::visit(self.year.app(), who, no).await.unwrap();
        let (due, _) = view.due.unwrap().unwrap();
        format!("{} {} {} {}", due.subsidy, due.allowance_days, due.allowance, due.total)
    }

    pub async fn lines(&self) -> Vec<String> {
        let query = "SELECT programme || ' ' || CAST(amount_fen AS TEXT) || ' ' || state || \
                     CASE WHEN payee_enterprise_id IS NULL THEN ' person' ELSE ' employer' END \
                     FROM payment_line WHERE kind = 'grant' AND state <> 'void' ORDER BY programme";
        self.year.offices.town.texts(query).await
    }

    /// Money, tax rulings and accounts, so that a batch can be made.
    pub async fn funded(&self) {
        let (app, [maker, _, payer]) = (self.year.app(), &self.year.finance);
        for (programme, treatment) in
            [(TRAVEL, TaxTreatment::Exempt), (ALLOWANCE, TaxTreatment::Exempt)]
        {
            let form = AllocationForm {
                programme,
                source: "province",
                payer_division: "350000",
                budget_year: "2027",
                amount: "500000.00",
                document_no: &format!("闽财指〔2027〕{programme}"),
                ..AllocationForm::default()
            };
            allot(app, (maker, payer), &form).await;
            let ruling = RulingForm {
                programme,
                year: "2027",
                treatment: treatment.code(),
                basis: "税务部门复函",
                document_no: "闽税函〔2027〕8号",
            };
            let no = tax::propose(app, maker, &ruling).await.unwrap();
            tax::decide(app, payer, &no, (true, "")).await.unwrap();
        }
        let number = "117010100100123456";
        let account = EnterpriseAccount {
            account_name: "企业1".to_owned(),
            account_index: app.vault.index(kind::ACCOUNT, number),
            account_cipher: app.vault.seal(place::ACCOUNT, number.as_bytes()).unwrap(),
            last_four: "3456".to_owned(),
            bank_name: "兴业银行福州五一支行".to_owned(),
            cnaps: "309391000011".to_owned(),
        };
        self.year.offices.town.state(1, "2026-01-01", None, account).await;
    }
}

pub fn of_stream(programme: &str) -> Criteria {
    Criteria {
        programme: programme.to_owned(),
        award_year: 2027,
        purpose: "海外来访".to_owned(),
        ..criteria()
    }
}
