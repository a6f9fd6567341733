//! The file of a person's year: declared, verified, published, released, paid, corrected, forfeited.

use std::collections::BTreeMap;

use juncai::domain::lifecycle::{CaseKind, Evidence};
use juncai::domain::registry::{BankAccount, Code};
use juncai::file::bank::NEUTRAL;
use juncai::service::budget::AllocationForm;
use juncai::service::calendar;
use juncai::service::case::{self, Chosen, RowOutcome, Submitted, act_on_many};
use juncai::service::notice::{self, Draft};
use juncai::service::payment::{self, Criteria, Standing};
use juncai::service::{Actor, program};
use juncai::vault::{kind, place};

use crate::bank_answers::csv_file;
use crate::budget_pages::allot;
use crate::budget_pages::settle_tax;
use crate::calendars::year_of_2027;
use crate::fixture_payment::{
    RETURN_HEADER, account_number, approval, checked_through, criteria, failed, paid,
};
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::actor;
use crate::world::World;
use juncai::domain::tax::TaxTreatment;

on_both! {
    money_can_be_paid_once_all_offices_have_looked_at_the_year => journey;
    a_changed_result_sends_the_year_back_before_it_is_paid => revised;
    money_that_moved_is_corrected_by_a_decision => corrected;
    a_year_that_nobody_declares_is_forfeited => forfeited;
    a_year_is_computed_for_good_only_when_it_is_over => early;
}

/// Persons 1 and 2 of enterprise 1 with accounts, and a finance office with money.
pub struct Year {
    pub offices: Offices,
    pub finance: [Actor; 3],
}

const BOTH: [&str; 2] = ["ND2026-000001", "ND2026-000002"];

pub async fn year(world: World) -> Year {
    let mut offices = offices(world).await;
    let app = offices.town.world.app.clone();
    for person in [1, 2] {
        let number = account_number(person);
        let account = BankAccount {
            account_name: format!("工程师{person}"),
            account_index: app.vault.index(kind::ACCOUNT, &number),
            account_cipher: app.vault.seal(place::ACCOUNT, number.as_bytes()).unwrap(),
            last_four: number[number.len() - 4..].to_owned(),
            bank_name: "兴业银行福州五一支行".to_owned(),
            cnaps: "309391000011".to_owned(),
        };
        offices.town.state(person, "2026-01-01", None, account).await;
    }
    calendar::propose(&app, &offices.town.hr, &year_of_2027()).await.unwrap();
    calendar::decide(&app, &offices.approver, (2027, 1), true, "").await.unwrap();
    offices.town.at("2027-01-15T09:00:00+08:00");
    let world = &offices.town.world;
    let finance = [
        actor(world, "maker", "finance_maker", "350000", None).await,
        actor(world, "checker", "finance_checker", "350000", None).await,
        actor(world, "payer", "finance_approver", "350000", None).await,
    ];
    let form = AllocationForm {
        programme: "core-engineer",
        source: "province",
        payer_division: "350000",
        budget_year: "2027",
        amount: "900000.00",
        document_no: "闽财指〔2027〕1号",
        ..AllocationForm::default()
    };
    allot(&world.app, (&finance[0], &finance[2]), &form).await;
    settle_tax(&world.app, (&finance[0], &finance[2]), TaxTreatment::Exempt).await;
    offices.town.compute(2026).await;
    Year { offices, finance }
}

impl Year {
    pub fn app(&self) -> &juncai::app::App {
        &self.offices.town.world.app
    }

    /// One act on both files, with all evidence; what became of each.
    pub async fn both(&self, who: &Actor, act: &str, remark: &str) -> Vec<RowOutcome> {
        let fields: BTreeMap<String, String> = Evidence::ALL
            .iter()
            .map(|evidence| (evidence.code().to_owned(), "附卷".to_owned()))
            .collect();
        let (act, remark) = (act.to_owned(), remark.to_owned());
        let sent = Submitted { act, remark, seen_steps: 0, fields };
        let chosen = BOTH.map(|no| Chosen { no: no.to_owned(), seen_steps: None });
        act_on_many(self.app(), who, &chosen, &sent).await.unwrap()
    }

    pub async fn must(&self, who: &Actor, act: &str) {
        for row in self.both(who, act, "").await {
            assert!(row.done, "{act} {}: {}", row.no, row.text);
        }
    }

    pub async fn states(&self) -> Vec<String> {
        self.offices
            .town
            .texts("SELECT state FROM case_file WHERE kind = 'entitlement' ORDER BY case_no")
            .await
    }

    async fn lines(&self) -> Vec<String> {
        let query = "SELECT state FROM payment_line WHERE state <> 'void' \
                     ORDER BY person_id, component_no";
        self.offices.town.texts(query).await
    }

    /// From the declaration to the day after the notice.
    pub async fn through_offices(&mut self) {
        self.offices.town.at("2027-03-02T09:00:00+08:00");
        let (offices, hr) = (&self.offices, &self.offices.town.hr);
        self.must(&offices.signatory, "declare").await;
        self.must(&offices.county, "verify_county").await;
        self.must(&offices.city, "verify_city").await;
        self.must(hr, "approve").await;
        let alone = offices.act(hr, BOTH[0], "publish").await.unwrap_err().to_string();
        assert!(alone.contains("链接"), "only a notice publishes: {alone}");
        self.publish().await;
        self.offices.town.at("2027-03-10T09:00:00+08:00");
    }

    async fn publish(&self) -> String {
        let draft = Draft {
            title: "2026年度核心工程师奖补公示".to_owned(),
            basis: "闽人社文〔2026〕12号".to_owned(),
            contact: "0591-00000000".to_owned(),
            working_days: "5".to_owned(),
            count_first_day: false,
            case_nos: BOTH.map(str::to_owned).into(),
            kind: CaseKind::Entitlement.code().to_owned(),
            evidence: BTreeMap::new(),
        };
        notice::publish(self.app(), &self.offices.town.hr, &draft).await.unwrap()
    }

    /// A frozen batch over everything payable.
    async fn frozen(&self) -> Standing {
        self.frozen_of(criteria()).await
    }

    async fn frozen_of(&self, criteria: Criteria) -> Standing {
        let maker = &self.finance[0];
        let no = payment::create(self.app(), maker, criteria).await.unwrap();
        payment::freeze(self.app(), maker, &no, 1).await.unwrap()
    }

    /// A batch over everything payable that the bank has, and its answer.
    pub async fn answered(&self, answer: impl Fn(&str) -> String) {
        self.answered_of(criteria(), answer).await;
    }

    /// The same of another stream.
    pub async fn answered_of(&self, criteria: Criteria, answer: impl Fn(&str) -> String) {
        let (app, [maker, checker, payer]) = (self.app(), &self.finance);
        let frozen = self.frozen_of(criteria).await;
        let no = frozen.batch_no;
        let hash = frozen.content_hash;
        let checked = checked_through(app, checker, &no, frozen.version, &hash).await.unwrap();
        let total = checked.total.to_string();
        let approved =
            payment::approve(app, payer, &no, checked.version, approval(&total)).await.unwrap();
        let issued = payment::issue_file(app, maker, &no, approved.version, NEUTRAL);
        let version = issued.await.unwrap().standing.version;
        payment::mark_sent(app, maker, &no, version, "PZ-1").await.unwrap();
        let csv = format!("{RETURN_HEADER}{}", answer(&no));
        let loaded = payment::load_return(app, maker, &no, &csv_file(&csv)).await;
        payment::confirm_return(app, checker, &loaded.unwrap().return_no).await.unwrap();
    }
}

async fn journey(world: World) {
    let mut year = year(world).await;
    assert_eq!(year.states().await, ["computed"; 2]);
    assert_eq!(year.lines().await, ["pending"; 2]);
    let app = year.app().clone();
    let nothing = payment::preview(&app, &year.finance[0], &criteria()).await.unwrap();
    assert_eq!(nothing.lines, 0, "nobody has looked at it yet");
    let early = year.both(&year.offices.signatory, "declare", "").await;
    assert!(early[0].text.contains("2027-03-01 起才能申报"), "{}", early[0].text);
    let forced = "UPDATE payment_line SET state = 'in_batch' WHERE person_id = 1";
    let refused = year.offices.town.try_sql(forced).await.unwrap_err();
    assert!(refused.contains("payment_line_needs_release"), "{refused}");

    year.through_offices().await;
    assert_eq!(year.states().await, ["notice"; 2]);
    year.offices.town.at("2027-03-09T23:00:00+08:00");
    let running = year.both(&year.offices.approver, "release", "").await;
    assert!(running[0].text.contains("公示到 2027-03-09"), "{}", running[0].text);
    year.offices.town.at("2027-03-10T09:00:00+08:00");
    let same = year.both(&year.offices.town.hr, "release", "").await;
    assert!(!same[0].done, "who published releases nothing: {}", same[0].text);
    assert_eq!(year.lines().await, ["pending"; 2]);
    year.must(&year.offices.approver, "release").await;
    assert_eq!((year.states().await, year.lines().await), both("payable", "payable"));

    // A batch that is given up lets the files go; the next one is answered by the bank.
    let frozen = year.frozen().await;
    assert_eq!((year.states().await, year.lines().await), both("in_batch", "in_batch"));
    let payer = &year.finance[2];
    let app = year.app();
    payment::cancel(app, payer, &frozen.batch_no, frozen.version, "重新编制").await.unwrap();
    assert_eq!((year.states().await, year.lines().await), both("payable", "payable"));
    year.answered(|no| {
        let first = paid(&format!("{no}-1-00001"), "200000.00", "S1");
        first + &failed(&format!("{no}-1-00002"), "户名不符")
    })
    .await;
    assert_eq!(year.states().await, ["paid", "payable"]);
    assert_eq!(year.lines().await, ["paid", "payable"]);
    let view = case::case_view(year.app(), &year.offices.clerk, BOTH[0]).await.unwrap();
    let acts: Vec<&str> = view.steps.iter().map(|step| step.act.as_str()).collect();
    assert_eq!(
        acts,
        [
            "核定",
            "企业申报",
            "县区核验通过",
            "市级核验通过",
            "省级批准",
            "发布公示",
            "转为待付",
            "编入批次",
            "退出批次",
            "编入批次",
            "发放成功"
        ]
    );
}

fn both(state: &str, line: &str) -> (Vec<String>, Vec<String>) {
    (vec![state.to_owned(); 2], vec![line.to_owned(); 2])
}

async fn revised(world: World) {
    let mut year = year(world).await;
    year.through_offices().await;
    year.must(&year.offices.approver, "release").await;
    // The first left in October, the second was excluded: found out before a batch was made.
    year.offices.town.at("2027-03-11T09:00:00+08:00");
    year.offices.town.left(1, "2026-10-31").await;
    year.offices.town.exclude(2, "2026-01-01").await;
    year.offices.town.compute(2026).await;

    assert_eq!(year.states().await, ["computed", "zero"]);
    assert_eq!(year.lines().await, ["pending"], "a smaller line that nobody has verified");
    let preview = payment::preview(year.app(), &year.finance[0], &criteria()).await.unwrap();
    assert_eq!(preview.lines, 0);
    // Nothing changes when the same is computed again.
    year.offices.town.at("2027-03-12T09:00:00+08:00");
    year.offices.town.compute(2026).await;
    assert_eq!(year.states().await, ["computed", "zero"]);
    let steps = "SELECT act FROM case_step WHERE case_id = 2 ORDER BY seq";
    let acts = year.offices.town.texts(steps).await;
    assert_eq!(acts[acts.len() - 3..], ["release", "revise", "find_nothing"]);
}

async fn corrected(world: World) {
    let mut year = year(world).await;
    year.through_offices().await;
    year.must(&year.offices.approver, "release").await;
    year.answered(|no| {
        let row = |seq: u8, serial| paid(&format!("{no}-1-0000{seq}"), "200000.00", serial);
        row(1, "S1") + &row(2, "S2")
    })
    .await;
    assert_eq!(year.states().await, ["paid"; 2]);
    // The first left in October. Of the second nothing changes.
    year.offices.town.at("2027-05-11T09:00:00+08:00");
    year.offices.town.left(1, "2026-10-31").await;
    year.offices.town.compute(2026).await;
    assert_eq!(year.states().await, ["corrected", "paid"]);

    let more = year.both(&year.offices.approver, "supplement", "").await;
    assert!(more[0].text.contains("没有待补发的金额"), "{}", more[0].text);
    let foreign = year.both(&year.offices.town.hr, "reclaim", "").await;
    assert!(!foreign[0].done, "{}", foreign[0].text);
    let decided = year.both(&year.offices.approver, "reclaim", "").await;
    assert!(decided[0].done && !decided[1].done, "{decided:?}");
    assert_eq!(year.states().await, ["clawback", "paid"]);

    // The departure turns out to be a mistake of the file: nothing is to be recovered after all.
    year.offices.town.at("2027-05-20T09:00:00+08:00");
    year.offices.town.engineer(1, 1, "2026-11-01", None).await;
    year.offices.town.compute(2026).await;
    assert_eq!(year.states().await, ["paid", "paid"]);
    let steps = "SELECT act FROM case_step WHERE case_id = 1 ORDER BY seq";
    let acts = year.offices.town.texts(steps).await;
    assert_eq!(acts[acts.len() - 4..], ["correct", "reclaim", "correct", "keep"]);
}

async fn forfeited(world: World) {
    let mut year = year(world).await;
    year.offices.town.at("2027-05-04T09:00:00+08:00");
    let round = program::round(year.app()).await.unwrap();
    assert_eq!(round.done, [], "late declarations are still possible");
    let late = year.both(&year.offices.signatory, "declare", "").await;
    assert!(late[0].text.contains("写明逾期原因"), "{}", late[0].text);
    let reason = "经办人住院，材料已于四月备齐";
    assert!(year.both(&year.offices.signatory, "declare", reason).await.iter().all(|r| r.done));
    // The county sends one of them back, and nobody mends it.
    let sent = Submitted {
        act: "send_back".to_owned(),
        fields: BTreeMap::from([("defect_list".to_owned(), "缺少完税证明".to_owned())]),
        ..Submitted::default()
    };
    let chosen = [Chosen { no: BOTH[1].to_owned(), seen_steps: None }];
    let back = act_on_many(year.app(), &year.offices.county, &chosen, &sent).await.unwrap();
    assert!(back[0].done, "{back:?}");
    year.offices.town.at("2027-07-04T09:00:00+08:00");

    program::round(year.app()).await.unwrap();

    assert_eq!(year.states().await, ["ent_declared", "forfeited"], "sixty days after its return");
    assert_eq!(year.lines().await, ["pending"; 2]);
    let over = year.both(&year.offices.signatory, "declare", reason).await;
    assert!(over[1].text.contains("逾期未申报"), "{}", over[1].text);
}

async fn early(world: World) {
    let mut offices = offices(world).await;
    offices.town.at("2026-11-24T09:00:00+08:00");
    offices.town.compute(2026).await;
    let states = "SELECT state FROM case_file WHERE kind = 'entitlement' ORDER BY case_no";
    assert_eq!(offices.town.texts(states).await, ["open"; 2], "a look ahead");
    offices.town.at("2027-01-15T09:00:00+08:00");
    offices.town.compute(2026).await;
    assert_eq!(offices.town.texts(states).await, ["computed"; 2]);
}
