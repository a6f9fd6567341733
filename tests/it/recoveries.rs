//! Money that comes back: decided by people who did not pay it, repaid, set off, pursued, given up.

mod liability;
mod set_off;

use std::collections::BTreeMap;

use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::Code;
use juncai::file::form::ImportKind;
use juncai::service::budget::AllocationForm;
use juncai::service::case::{self, Submitted};
use juncai::service::own_page::{self, Myself};
use juncai::service::{Actor, Error, ledger, program, recovery, stipend};

use crate::browser_like::Visitor;
use crate::budget_pages::allot;
use crate::fixture_payment::paid;
use crate::imports::ground::look;
use crate::on_both;
use crate::town::actor;
use crate::world::World;
use crate::yearly::{Year, year};

on_both! {
    what_was_overpaid_comes_back_step_by_step => repaid;
    a_correction_lowers_what_was_decided_and_pays_again_what_came_back => corrected;
    a_noted_receipt_outlasts_a_computation_until_the_second_person_decides => noted;
    a_proposal_that_falls_takes_its_file_with_it => fallen;
    whoever_does_not_repay_is_reminded_and_pursued_and_the_rest_is_given_up_by_two => pursued;
    the_party_speaks_on_the_own_page_before_it_is_decided => heard;
    it_is_repaid_by_a_plan_until_an_instalment_is_missed => instalments;
    whoever_deceived_files_nothing_for_three_years => deceived;
    each_office_sees_its_own_and_works_on_pages => pages;
}

const NO: &str = "ZH000001";

/// A year in which person 1 was paid 200,000.00 and was due 166,666.67.
struct Overpaid {
    year: Year,
    /// An approver of the province who had no hand in the payment.
    other: Actor,
}

impl Overpaid {
    /// The recovery of 33,333.33 is opened by decision on 11 May 2027.
    async fn new(world: World) -> Self {
        let mut year = year(world).await;
        let other = actor(
            &year.offices.town.world,
            "hr-approver-2",
            "hr_province_approver",
            "350000",
            None,
        );
        let other = other.await;
        year.through_offices().await;
        year.must(&year.offices.approver, "release").await;
        year.answered(|no| {
            let row = |seq: u8, serial| paid(&format!("{no}-1-0000{seq}"), "200000.00", serial);
            row(1, "S1") + &row(2, "S2")
        })
        .await;
        year.offices.town.at("2027-05-11T09:00:00+08:00");
        year.offices.town.left(1, "2026-10-31").await;
        year.offices.town.compute(2026).await;
        let decided = year.both(&year.offices.approver, "reclaim", "").await;
        assert!(decided[0].done, "{decided:?}");
        Self { year, other }
    }

    /// The decision is served.
    async fn served(world: World) -> Self {
        let over = Self::new(world).await;
        let hr = over.year.offices.town.hr.clone();
        assert_eq!(over.act(&hr, "notify", &[]).await.unwrap(), "已告知事实");
        assert_eq!(over.act(&hr, "hear", &[]).await.unwrap(), "已听取陈述");
        assert_eq!(over.act(&over.other, "decide", &[]).await.unwrap(), "已决定追回");
        assert_eq!(over.act(&hr, "serve", &[]).await.unwrap(), "决定已送达");
        over
    }

    /// One act with all evidence.
    async fn act(
        &self,
        who: &Actor,
        act: &str,
        fields: &[(&str, &str)],
    ) -> Result<&'static str, Error> {
        let seen = "SELECT CAST(steps AS TEXT) FROM case_file WHERE kind = 'recovery' ORDER BY id";
        let seen_steps = self.texts(seen).await[0].parse().unwrap();
        let evidence = Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), "附卷".to_owned()));
        let mut sent: BTreeMap<String, String> = evidence.collect();
        sent.insert("liable".to_owned(), "本人".to_owned());
        sent.insert("person_fraud".to_owned(), "no".to_owned());
        sent.insert("fraud_enterprise".to_owned(), "无".to_owned());
        sent.extend(fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        let sent =
            Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields: sent };
        recovery::act(self.year.app(), who, NO, &sent).await
    }

    async fn why_not(&self, who: &Actor, act: &str, fields: &[(&str, &str)]) -> String {
        match self.act(who, act, fields).await.unwrap_err() {
            Error::Invalid(faults) => faults.into_iter().map(|(_, text)| text).collect(),
            other => other.to_string(),
        }
    }

    async fn receive(&self, yuan: &str) -> Result<&'static str, Error> {
        let maker = &self.year.finance[0];
        self.act(maker, "receive", &[("amount", yuan), ("on_day", "2027-05-11")]).await
    }

    async fn texts(&self, query: &str) -> Vec<String> {
        self.year.offices.town.texts(query).await
    }

    /// State of the proposal or claim, of its file, and of the file of the year.
    async fn states(&self) -> [String; 3] {
        let mut states = self.texts("SELECT state FROM recovery ORDER BY id").await;
        states.extend(self.texts("SELECT state FROM case_file WHERE kind = 'recovery'").await);
        states.push(self.year.states().await.remove(0));
        states.try_into().unwrap()
    }

    /// What the books hold: to come back, back, given up, in yuan.
    async fn books(&self) -> [String; 3] {
        let wrong = ledger::disagreements(self.year.app()).await.unwrap();
        assert_eq!(wrong, []);
        let list = recovery::list(self.year.app(), &self.year.finance[0], None, 0).await.unwrap();
        let sums = list.sums;
        [sums.receivable, sums.recovered, sums.written_off].map(|fen| fen.to_string())
    }

    /// The live lines of person 1: kind, state, fen.
    async fn lines(&self) -> Vec<String> {
        self.texts(
            "SELECT kind || ' ' || state || ' ' || CAST(amount_fen AS TEXT) FROM payment_line \
             WHERE state <> 'void' AND person_id = 1 ORDER BY award_year, component_no",
        )
        .await
    }

    async fn allot(&self, year: &str) {
        let form = AllocationForm {
            programme: "core-engineer",
            source: "province",
            payer_division: "350000",
            budget_year: year,
            amount: "200000.00",
            document_no: "闽财指〔2028〕1号",
            ..AllocationForm::default()
        };
        let [maker, _, payer] = &self.year.finance;
        allot(self.year.app(), (maker, payer), &form).await;
    }
}

fn words(states: [&str; 3]) -> [String; 3] {
    states.map(str::to_owned)
}

async fn repaid(world: World) {
    let over = Overpaid::new(world).await;
    assert_eq!(over.states().await, words(["proposed", "opened", "clawback"]));
    assert_eq!(over.books().await, ["0.00", "0.00", "0.00"], "nothing is decided");
    let hr = &over.year.offices.town.hr;
    over.act(hr, "notify", &[]).await.unwrap();
    over.act(hr, "hear", &[]).await.unwrap();
    let chain = over.why_not(&over.year.offices.approver, "decide", &[]).await;
    assert!(chain.contains("未参与的审批人"), "who released the payment: {chain}");
    over.act(&over.other, "decide", &[]).await.unwrap();
    assert_eq!(over.books().await, ["33333.33", "0.00", "0.00"]);
    let early = over.receive("100.00").await.unwrap_err().to_string();
    assert!(early.contains("已决定追回"), "not before it is served: {early}");
    over.act(hr, "serve", &[]).await.unwrap();

    let [maker, checker, _] = &over.year.finance;
    let fields = [("amount", "33333.34"), ("on_day", "2027-05-11")];
    let wrong = over.why_not(maker, "receive", &fields).await;
    assert!(wrong.contains("超过尚欠的 33,333.33 元"), "{wrong}");
    assert!(over.why_not(checker, "confirm_part", &[]).await.contains("没有待确认"));
    over.receive("10000").await.unwrap();
    assert_eq!(over.books().await[0], "33333.33", "noted, not confirmed");
    assert!(over.why_not(maker, "confirm_part", &[]).await.contains("财务复核"));
    assert!(over.receive("1.00").await.is_err(), "one at a time");
    assert!(over.why_not(checker, "confirm_rest", &[]).await.contains("仍有余额"));
    over.act(checker, "refuse_receipt", &[]).await.unwrap();
    over.receive("10000.00").await.unwrap();
    assert_eq!(over.act(checker, "confirm_part", &[]).await.unwrap(), "部分归还");
    assert_eq!(over.books().await, ["23333.33", "10000.00", "0.00"]);
    assert_eq!(over.states().await, words(["claimed", "part_repaid", "clawback"]));
    over.receive("23333.33").await.unwrap();
    assert_eq!(over.act(checker, "confirm_rest", &[]).await.unwrap(), "已还清");
    assert_eq!(over.books().await, ["0.00", "33333.33", "0.00"]);
    assert_eq!(over.states().await, words(["closed", "repaid", "paid"]));
    // The same year computed again asks for nothing more.
    over.year.offices.town.compute(2026).await;
    assert_eq!(over.states().await, words(["closed", "repaid", "paid"]));
    assert_eq!(over.lines().await, ["stipend paid 20000000"], "what was paid is never edited");
    let edit = "UPDATE recovery_entry SET amount_fen = 1";
    assert!(over.year.offices.town.try_sql(edit).await.is_err());
    let more = "INSERT INTO recovery_entry (recovery_id, kind, amount_fen, on_day, document_no, \
                budget_year, recorded_at, decided_at, accepted) SELECT recovery_id, kind, 1, on_day, \
                '', budget_year, recorded_at, decided_at, accepted FROM recovery_entry WHERE accepted";
    let refused = over.year.offices.town.try_sql(more).await.unwrap_err();
    assert!(refused.contains("recovery_overdrawn"), "{refused}");
}

async fn heard(world: World) {
    let over = Overpaid::new(world).await;
    let app = over.year.app();
    let person = |id: i64| Myself {
        id,
        no: format!("E{id:06}"),
        name: format!("工程师{id}"),
        address: "127.0.0.1".to_owned(),
    };
    let told = async || own_page::page(app, &person(1)).await.unwrap().recoveries;
    assert_eq!(told().await, [], "not told yet");
    let early = own_page::plead(app, &person(1), NO, "我已于十月离职").await;
    assert!(matches!(early, Err(Error::Refused(_))), "{early:?}");
    over.act(&over.year.offices.town.hr, "notify", &[]).await.unwrap();

    let own = told().await;
    assert_eq!((own.len(), own[0].may_plead, own[0].amount.get()), (1, true, 3_333_333));
    let foreign = own_page::plead(app, &person(2), NO, "不是我").await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    let silent = own_page::plead(app, &person(1), NO, " ").await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    own_page::plead(app, &person(1), NO, "离职日期有误。\n应为十一月三十日").await.unwrap();
    assert_eq!(over.states().await[1], "heard");
    assert!(!told().await[0].may_plead);
    let again = own_page::plead(app, &person(1), NO, "再说一次").await;
    assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");

    // The office reads it on the file, and decides.
    let mut hr = Visitor::signed_in(app, "hr").await;
    let page = hr.get("/cases/ZH000001").await;
    assert!(page.text().contains("应为十一月三十日"), "{}", page.text());
    over.act(&over.other, "decide", &[]).await.unwrap();
    assert_eq!(told().await[0].state, "已决定追回");
}

async fn corrected(world: World) {
    let mut over = Overpaid::served(world).await;
    over.receive("10000.00").await.unwrap();
    over.act(&over.year.finance[1], "confirm_part", &[]).await.unwrap();
    // The person had not left after all.
    over.year.offices.town.at("2027-05-20T09:00:00+08:00");
    over.year.offices.town.engineer(1, 1, "2026-11-01", None).await;
    over.year.offices.town.compute(2026).await;
    assert_eq!(over.books().await, ["0.00", "10000.00", "0.00"]);
    assert_eq!(over.states().await, words(["closed", "cancelled", "corrected"]));
    assert_eq!(over.lines().await, ["stipend paid 20000000", "supplement pending 1000000"]);
    // Nothing is due at all, it turns out: what came back once counts.
    over.year.offices.town.at("2027-05-27T09:00:00+08:00");
    over.year.offices.town.exclude(1, "2026-01-01").await;
    over.year.offices.town.compute(2026).await;
    let proposed = "SELECT CAST(amount_fen AS TEXT) FROM recovery WHERE state = 'proposed'";
    assert_eq!(over.texts(proposed).await, ["19000000"], "200,000.00 less what is back");
    assert_eq!(over.lines().await, ["stipend paid 20000000"]);
}

async fn noted(world: World) {
    let mut over = Overpaid::served(world).await;
    // Given a receipt of the whole that waits for the second person.
    over.receive("33333.33").await.unwrap();
    // When all of the year is due after all, then it is neither let go nor paid again.
    over.year.offices.town.at("2027-05-20T09:00:00+08:00");
    over.year.offices.town.engineer(1, 1, "2026-11-01", None).await;
    over.year.offices.town.compute(2026).await;
    assert_eq!(over.books().await, ["33333.33", "0.00", "0.00"]);
    assert_eq!(over.lines().await, ["stipend paid 20000000"]);
    let app = over.year.app().clone();
    assert_eq!(stipend::look_for_changes(&app).await.unwrap(), 0);
    // When it is confirmed, then the year has to be computed again, and what came back is due.
    over.year.offices.town.at("2027-05-21T09:00:00+08:00");
    over.act(&over.year.finance[1], "confirm_rest", &[]).await.unwrap();
    assert_eq!(over.books().await, ["0.00", "33333.33", "0.00"]);
    assert_eq!(stipend::look_for_changes(&app).await.unwrap(), 1);
    over.year.offices.town.compute(2026).await;
    assert_eq!(over.lines().await, ["stipend paid 20000000", "supplement pending 3333333"]);
}

async fn fallen(world: World) {
    let mut over = Overpaid::new(world).await;
    let hr = over.year.offices.town.hr.clone();
    over.act(&hr, "notify", &[]).await.unwrap();
    over.year.offices.town.at("2027-05-20T09:00:00+08:00");
    over.year.offices.town.engineer(1, 1, "2026-11-01", None).await;
    over.year.offices.town.compute(2026).await;
    assert_eq!(over.states().await, words(["cancelled", "cancelled", "paid"]));
    assert_eq!(over.books().await, ["0.00", "0.00", "0.00"]);
    let last = "SELECT act FROM case_step WHERE hand = 'system' ORDER BY id DESC";
    assert!(over.texts(last).await.contains(&"drop".to_owned()));
}

async fn pursued(world: World) {
    let mut over = Overpaid::served(world).await;
    let [maker, _, payer] = over.year.finance.clone();
    let approver = over.other.clone();
    over.year.offices.town.at("2027-06-10T09:00:00+08:00");
    program::round(over.year.app()).await.unwrap();
    assert_eq!(over.states().await[1], "served", "thirty days");
    over.year.offices.town.at("2027-06-11T09:00:00+08:00");
    program::round(over.year.app()).await.unwrap();
    assert_eq!(over.states().await[1], "overdue");
    assert!(over.why_not(&approver, "refer", &[]).await.contains("尚未办理“催告”"));
    over.act(&maker, "remind", &[]).await.unwrap();
    assert!(over.why_not(&approver, "refer", &[]).await.contains("逾期未满 30 日"));
    over.year.offices.town.at("2027-07-12T09:00:00+08:00");
    over.act(&approver, "refer", &[]).await.unwrap();
    let first = over.why_not(&payer, "write_off", &[]).await;
    assert!(first.contains("尚未办理“申请核销”"), "{first}");
    over.act(&maker, "propose_write_off", &[]).await.unwrap();
    assert_eq!(over.act(&payer, "write_off", &[]).await.unwrap(), "已核销");
    assert_eq!(over.books().await, ["0.00", "0.00", "33333.33"]);
    assert_eq!(over.states().await, words(["closed", "written_off", "paid"]));
    over.year.offices.town.compute(2026).await;
    assert_eq!(over.states().await, words(["closed", "written_off", "paid"]), "not asked again");
}

async fn instalments(world: World) {
    let mut over = Overpaid::served(world).await;
    let [maker, checker, _] = over.year.finance.clone();
    let late = [("count", "6"), ("first_on", "2027-06-11")];
    assert!(over.why_not(&maker, "agree_plan", &late).await.contains("2027-05-11 至 2027-06-10"));
    let many = [("count", "25"), ("first_on", "2027-06-10")];
    assert!(over.why_not(&maker, "agree_plan", &many).await.contains("2 至 24 期"));
    let six = [("count", "6"), ("first_on", "2027-06-10")];
    assert_eq!(over.act(&maker, "agree_plan", &six).await.unwrap(), "分期归还");
    let view = recovery::view(over.year.app(), &maker, NO).await.unwrap();
    assert_eq!(view.plan.len(), 6);
    over.receive("5555.56").await.unwrap();
    assert_eq!(over.act(&checker, "confirm_part", &[]).await.unwrap(), "分期归还");
    // The first part is back, the second is due on 10 July.
    for (day, state) in [("2027-07-10", "instalments"), ("2027-07-11", "overdue")] {
        over.year.offices.town.at(&format!("{day}T09:00:00+08:00"));
        program::round(over.year.app()).await.unwrap();
        assert_eq!(over.states().await[1], state, "{day}");
    }
    // Another plan over what is left.
    let five = [("count", "5"), ("first_on", "2027-07-20")];
    over.act(&maker, "agree_plan", &five).await.unwrap();
    let view = recovery::view(over.year.app(), &maker, NO).await.unwrap();
    let amounts: Vec<String> = view.plan.iter().map(|part| part.amount.to_string()).collect();
    assert_eq!(amounts, ["5555.56", "5555.56", "5555.55", "5555.55", "5555.55"]);
    program::round(over.year.app()).await.unwrap();
    assert_eq!(over.states().await[1], "instalments");
}

async fn deceived(world: World) {
    let over = Overpaid::new(world).await;
    let hr = over.year.offices.town.hr.clone();
    over.act(&hr, "notify", &[]).await.unwrap();
    over.act(&hr, "hear", &[]).await.unwrap();
    let uscc = over.texts("SELECT uscc FROM enterprise ORDER BY id").await.remove(0);
    let silent = over.why_not(&over.other, "decide", &[("person_fraud", "")]).await;
    assert!(silent.contains("请选择本人是否弄虚作假"), "{silent}");
    let unknown = [("fraud_enterprise", "91350100M000100Y99")];
    let unknown = over.why_not(&over.other, "decide", &unknown).await;
    assert!(unknown.contains(&format!("涉及企业的代码：{uscc}")), "{unknown}");
    let both = [("person_fraud", "yes"), ("fraud_enterprise", uscc.as_str())];
    over.act(&over.other, "decide", &both).await.unwrap();

    let bans = async || recovery::view(over.year.app(), &hr, NO).await.unwrap().bans;
    assert_eq!(
        bans().await,
        [
            "本人2027-05-11 至 2030-05-10不得申报",
            "涉及企业2027-05-11 至 2030-05-10不得申报，自主认定试点同期暂停"
        ]
    );
    let world = &over.year.offices.town.world;
    let clerk = &over.year.offices.clerk;
    let import = async || match look(world, clerk, ImportKind::Engineers, &[]).await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let why = import().await;
    assert!(why.contains("企业因弄虚作假不得申报（追回 ZH000001"), "{why}");
    let pilots = "SELECT COALESCE(CAST(valid_to AS TEXT), '') FROM pilot_authorisation \
                  WHERE superseded_at IS NULL AND (valid_to IS NULL OR valid_to > '2027-05-11')
                    AND valid_from < '2030-05-11' AND enterprise_id = 1";
    assert_eq!(over.texts(pilots).await, [""; 0], "the pilot rests");
    // What was earned before stays: only days from the decision on are excluded.
    let excluded = "SELECT CAST(valid_from AS TEXT) || ' ' || ground FROM exclusion \
                    WHERE superseded_at IS NULL";
    assert_eq!(over.texts(excluded).await, ["2027-05-11 弄虚作假（追回 ZH000001）"]);

    over.act(&over.other, "revoke", &[]).await.unwrap();
    assert_eq!(bans().await, [""; 0]);
    assert!(!import().await.contains("弄虚作假"));
}

async fn pages(world: World) {
    let over = Overpaid::served(world).await;
    let app = over.year.app();
    let city = actor(&over.year.offices.town.world, "xm", "finance_maker", "350200", None).await;
    assert_eq!(recovery::list(app, &city, None, 0).await.unwrap().count, 0);
    let foreign = recovery::view(app, &city, NO).await.map(|view| view.capital);
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    let clerk = recovery::list(app, &over.year.offices.clerk, None, 0).await.map(|l| l.count);
    assert!(matches!(clerk, Err(Error::Forbidden(_))));

    let mut maker = Visitor::signed_in(app, "maker").await;
    let list = maker.get("/recoveries?state=served").await;
    assert!(list.text().contains("33,333.33"), "{}", list.text());
    let page = maker.get("/recoveries/ZH000001").await;
    let sum = "已列付 200,000.00 − 更正后应得 166,666.67 = 应追回 33,333.33";
    assert!(page.text().contains(sum), "{}", page.text());
    let seen = case::case_view(app, &over.other, NO).await.unwrap().steps_seen.to_string();
    let mut form = vec![
        ("act", "receive"),
        ("seen_steps", seen.as_str()),
        ("treasury_receipt", "GK2027-118"),
        ("amount", "40000"),
        ("on_day", "2027-05-11"),
    ];
    let page = maker.post("/recoveries/ZH000001/steps", &form).await;
    assert!(page.text().contains("归还金额超过尚欠的 33,333.33 元"), "{}", page.text());
    form[3] = ("amount", "33,333.33");
    let page = maker.post("/recoveries/ZH000001/steps", &form).await;
    assert!(page.text().contains("GK2027-118"), "{}", page.text());

    maker.get("/search?q=zh000001").await;
    assert_eq!(maker.at, "/recoveries/ZH000001");

    let mut hr = Visitor::signed_in(app, "hr").await;
    hr.get("/search?q=ZH000001").await;
    assert_eq!(hr.at, "/cases/ZH000001");
    let page = hr.get("/cases/ZH000001").await;
    assert!(page.links().contains(&"/recoveries/ZH000001".to_owned()), "{:?}", page.links());
    let letter = hr.get("/recoveries/ZH000001/letters/decision").await;
    for shown in ["追回决定书", "人民币叁万叁仟叁佰叁拾叁元叁角叁分", "60 日内申请行政复议"]
    {
        assert!(letter.text().contains(shown), "{shown}: {}", letter.text());
    }
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let page = clerk.get("/recoveries/ZH000001").await;
    assert_eq!(page.status, axum::http::StatusCode::NOT_FOUND, "not the employer's to know");
    clerk.get("/search?q=ZH000001").await;
    assert_eq!(clerk.at, "/search?q=ZH000001");
    clerk.get("/search?q=ND2026-000001").await;
    assert_eq!(clerk.at, "/cases/ND2026-000001");
}
