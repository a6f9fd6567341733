//! Xiamen and Pingtan in every stream (domain.md 1.3): Xiamen follows where and while its opt-in says
//! so, and pays its own; Pingtan stands under the province and is paid by it.

use std::collections::BTreeMap;

use juncai::domain::lifecycle::Evidence;
use juncai::domain::money::Fen;
use juncai::domain::registry::{BankAccount, Code};
use juncai::service::agreement::{self, TypedAgreement, TypedTranche};
use juncai::service::budget::AllocationForm;
use juncai::service::case::{self, Submitted};
use juncai::service::expert::{self, TypedAppointment};
use juncai::service::payment::{self, Criteria};
use juncai::service::policy::{self, NewText, Verdict};
use juncai::service::visit::{self, ALLOWANCE, TRAVEL, TypedVisitor};
use juncai::service::{Actor, Error, ledger};
use juncai::vault::{kind, place};

use crate::budget_pages::allot;
use crate::fixture_payment::{account_number, criteria, paid};
use crate::on_both;
use crate::town::{PINGTAN, XIAMEN, actor};
use crate::visits::ground::{Ground, claim, fare, ground, plan, visitor};
use crate::world::World;

on_both! {
    each_stream_of_xiamen_is_its_own_money_and_pingtans_the_provinces => payers;
    a_trip_is_followed_by_the_opt_in_of_the_day_of_entry => opt_in;
}

const VISITS: &str = include_str!("../../policies/overseas-visit.toml");
/// Until the middle of 2027 Xiamen does not follow.
const SINCE_JULY: &str = "2027-07-01";

async fn act(ground: &Ground, who: &Actor, no: &str, act: &str) -> Result<&'static str, Error> {
    let seen = format!("SELECT CAST(steps AS TEXT) FROM case_file WHERE case_no = '{no}'");
    let seen_steps = ground.year.offices.town.texts(&seen).await[0].parse().unwrap();
    let evidence = Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), "附卷".to_owned()));
    let fields: BTreeMap<String, String> = evidence.collect();
    let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
    case::act(ground.year.app(), who, no, &sent).await
}

/// The file of the latest of a kind.
async fn file(ground: &Ground, kind: &str) -> String {
    let query =
        format!("SELECT case_no FROM case_file WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1");
    ground.year.offices.town.texts(&query).await.remove(0)
}

/// An agreement of an enterprise from the decision to the approval of its tranche.
async fn agreed(ground: &Ground, clerk: &Actor, uscc: &str) {
    let (app, offices) = (ground.year.app(), &ground.year.offices);
    let typed = TypedAgreement {
        title: "端侧大模型推理芯片来闽落地".to_owned(),
        subject: "person".to_owned(),
        leader: "E000001".to_owned(),
        enterprise: uscc.to_owned(),
        document_no: format!("闽委人才〔2027〕{}号", &uscc[..6]),
        body: "省委人才工作领导小组".to_owned(),
        decided_on: "2027-01-08".to_owned(),
        terms: "五年内在闽完成研发并实现量产。".to_owned(),
        total: "1000000".to_owned(),
        tranches: vec![TypedTranche {
            milestone: "到岗".to_owned(),
            expected_on: "2027-02-28".to_owned(),
            amount: "1000000.00".to_owned(),
        }],
        ..TypedAgreement::default()
    };
    let no = agreement::propose(app, &offices.town.hr, &typed).await.unwrap();
    agreement::decide(app, &offices.approver, &no, true, "与文件一致").await.unwrap();
    let no = file(ground, "agreement_tranche").await;
    for (who, step) in
        [(clerk, "report"), (&offices.town.hr, "confirm"), (&offices.approver, "approve")]
    {
        act(ground, who, &no, step).await.unwrap_or_else(|error| panic!("{step}: {error}"));
    }
}

/// An appointment at an enterprise from the document to the approval of its funding.
async fn appointed(ground: &Ground, person: &str, uscc: &str) {
    let (app, offices) = (ground.year.app(), &ground.year.offices);
    let typed = TypedAppointment {
        person: person.to_owned(),
        kind: "group_expert".to_owned(),
        field: "大模型推理芯片".to_owned(),
        employer: "某某研究院".to_owned(),
        enterprise: uscc.to_owned(),
        from: "2027-01-01".to_owned(),
        through: "2027-12-31".to_owned(),
        document_no: "闽人社聘〔2027〕1号".to_owned(),
        body: "福建省人力资源和社会保障厅".to_owned(),
        funding: "120000".to_owned(),
        ..TypedAppointment::default()
    };
    let no = expert::propose(app, &offices.town.hr, &typed).await.unwrap();
    expert::decide(app, &offices.approver, &no, true, "与文件一致").await.unwrap();
    let no = file(ground, "expert_funding").await;
    for (who, step) in [(&offices.town.hr, "report"), (&offices.approver, "approve")] {
        act(ground, who, &no, step).await.unwrap_or_else(|error| panic!("{step}: {error}"));
    }
}

fn of_stream(programme: &str, payer: (&str, &str)) -> Criteria {
    Criteria {
        programme: programme.to_owned(),
        award_year: 2027,
        source: payer.0.to_owned(),
        payer_division: payer.1.to_owned(),
        purpose: "第九条资金".to_owned(),
        ..criteria()
    }
}

/// The streams with what each grants once: fen, and as finance reads it.
const MONEY: [(&str, i64, &str); 4] = [
    ("case-agreement", 100_000_000, "1000000.00"),
    ("expert-funding", 12_000_000, "120000.00"),
    (ALLOWANCE, 960_000, "9600.00"),
    (TRAVEL, 1_314_425, "13144.25"),
];
const XIAMENS: (&str, &str) = ("city", "350200");
const PROVINCES: (&str, &str) = ("province", "350000");

/// A visitor for each of two employers, in Xiamen and in Pingtan, from the plan to the approval; the
/// numbers of the files.
async fn visited(ground: &mut Ground) -> [String; 2] {
    let (clerk, island) = (ground.other.clone(), ground.pingtan_clerk.clone());
    let second = TypedVisitor {
        name: "MEYER LENA".to_owned(),
        country: "DEU".to_owned(),
        passport: "B12345678".to_owned(),
        ..visitor()
    };
    let app = ground.year.app().clone();
    let one = ground.invited(&clerk, &plan("2027-03-01", "2027-03-12")).await;
    let two = visit::begin(&app, &island, &second, &plan("2027-03-01", "2027-03-12")).await;
    let two = two.unwrap();
    ground.must(&island, &two, "file", "邀请待审").await;
    // Pingtan has no county: its own office takes that step, and no county of Fuzhou does.
    let county = ground.act(&ground.year.offices.county, &two, "agree").await;
    assert!(matches!(county, Err(Error::NotFound(_))), "{county:?}");
    ground.must(&ground.pingtan[0], &two, "agree", "同意邀请").await;
    ground.at("2027-03-01");
    ground.must(&clerk, &one, "arrive", "已入境").await;
    ground.must(&island, &two, "arrive", "已入境").await;
    ground.at("2027-03-20");
    let ticket = |number: &str, passenger: &str| {
        let mut cost = fare(number);
        cost.passenger = passenger.to_owned();
        claim("2027-03-12", "2027-03-01 至 2027-03-12", vec![cost])
    };
    ground.checked(&clerk, &one, &ticket("781-2400123456", "SMITH/ANNA")).await;
    ground.checked(&island, &two, &ticket("781-2400123457", "MEYER/LENA")).await;
    for no in [&one, &two] {
        ground.must(ground.approver(no).await, no, "approve", "待发放").await;
    }
    [one, two]
}

/// What there is of a stream for a payer, whether it can be paid at once or lacks an account.
async fn found(ground: &Ground, maker: &Actor, of: &Criteria) -> String {
    let found = payment::preview(ground.year.app(), maker, of).await.unwrap();
    let lines = found.lines + found.excluded.iter().map(|left| left.persons).sum::<i64>();
    let sums = found.excluded.iter().map(|left| left.amount).chain([found.total]);
    format!("{lines} {}", Fen::checked_sum(sums).unwrap())
}

async fn payers(world: World) {
    let mut ground = ground(world).await;
    let (clerk, island) = (ground.other.clone(), ground.pingtan_clerk.clone());
    agreed(&ground, &clerk, XIAMEN).await;
    agreed(&ground, &island, PINGTAN).await;
    appointed(&ground, "E000001", XIAMEN).await;
    appointed(&ground, "E000002", PINGTAN).await;
    let [one, _] = visited(&mut ground).await;

    // Who pays, stream by stream.
    let paying = "SELECT programme || ' ' || source || ' ' || payer_division || ' ' || \
                  CAST(amount_fen AS TEXT) FROM payment_line WHERE kind = 'grant' AND state = 'payable' \
                  ORDER BY programme, payer_division";
    let lines = ground.year.offices.town.texts(paying).await;
    let mut expected = Vec::new();
    for (stream, fen, _) in MONEY {
        expected.push(format!("{stream} province 350000 {fen}"));
        expected.push(format!("{stream} city 350200 {fen}"));
    }
    assert_eq!(lines, expected);
    let units = "SELECT DISTINCT city_unit FROM entitlement_share s JOIN entitlement e \
                 ON e.id = s.entitlement_id WHERE e.subject_no <> '' ORDER BY city_unit";
    let units = ground.year.offices.town.texts(units).await;
    assert_eq!(units, ["350128", "350200"], "Pingtan is no part of Fuzhou");
    let xiamen = own_money_alone(&ground).await;

    // A batch of Xiamen goes out by three people of Xiamen, out of Xiamen's money alone.
    visitor_account(&ground, &one).await;
    let province = std::mem::replace(&mut ground.year.finance, xiamen);
    let of = of_stream(ALLOWANCE, XIAMENS);
    ground.year.answered_of(of, |no| paid(&format!("{no}-1-00001"), "9600.00", "S1")).await;
    ground.year.finance = province;
    assert_eq!(ledger::disagreements(ground.year.app()).await.unwrap(), []);
    let done = "SELECT programme || ' ' || payer_division FROM payment_line WHERE state = 'paid' \
                AND kind = 'grant'";
    assert_eq!(ground.year.offices.town.texts(done).await, ["overseas-visit 350200"]);
    let left = "SELECT CAST(COUNT(*) AS TEXT) FROM batch WHERE payer_division = '350000'";
    assert_eq!(ground.year.offices.town.texts(left).await, ["0"]);
}

/// Each finance office sees its own money alone, and neither can take the other's into a batch; the
/// three people of Xiamen.
async fn own_money_alone(ground: &Ground) -> [Actor; 3] {
    let world = &ground.year.offices.town.world;
    let xiamen = [
        actor(world, "xm1", "finance_maker", "350200", None).await,
        actor(world, "xm2", "finance_checker", "350200", None).await,
        actor(world, "xm3", "finance_approver", "350200", None).await,
    ];
    ground.funded().await;
    let (app, province) = (ground.year.app(), &ground.year.finance[0]);
    for (programme, _, sum) in MONEY {
        let form = AllocationForm {
            programme,
            source: "city",
            payer_division: "350200",
            budget_year: "2027",
            amount: "1000000.00",
            document_no: &format!("厦财指〔2027〕{programme}"),
            ..AllocationForm::default()
        };
        allot(app, (&xiamen[0], &xiamen[2]), &form).await;
        let (own, of_province) = (of_stream(programme, XIAMENS), of_stream(programme, PROVINCES));
        assert_eq!(found(ground, &xiamen[0], &own).await, format!("1 {sum}"), "{programme}");
        assert_eq!(found(ground, province, &of_province).await, format!("1 {sum}"), "{programme}");
        for (foreigner, of) in [(province, &own), (&xiamen[0], &of_province)] {
            let refused = payment::preview(app, foreigner, of).await;
            assert!(refused.is_err(), "{programme}: {refused:?}");
        }
    }
    xiamen
}

/// Where the visitor of a file is paid.
async fn visitor_account(ground: &Ground, no: &str) {
    let (app, number) = (ground.year.app(), account_number(77));
    let account = BankAccount {
        account_name: "SMITH ANNA".to_owned(),
        account_index: app.vault.index(kind::ACCOUNT, &number),
        account_cipher: app.vault.seal(place::ACCOUNT, number.as_bytes()).unwrap(),
        last_four: number[number.len() - 4..].to_owned(),
        bank_name: "中国银行厦门分行".to_owned(),
        cnaps: "309391000011".to_owned(),
    };
    let of = format!(
        "SELECT CAST(v.person_id AS TEXT) FROM visit v JOIN case_file c ON c.id = v.case_id \
         WHERE c.case_no = '{no}'"
    );
    let person = ground.year.offices.town.texts(&of).await[0].parse().unwrap();
    ground.year.offices.town.state(person, "2026-01-01", None, account).await;
}

/// Under a text by which Xiamen follows from July on.
async fn published(ground: &Ground) {
    let (app, hr) = (ground.year.app(), &ground.year.offices.town.hr);
    let world = &ground.year.offices.town.world;
    let second = actor(world, "hr2", "hr_province", "350000", None).await;
    let (head, version) = VISITS.split_once("[[version]]").unwrap();
    let first = version.replacen("through = 2028-12-31", "through = 2027-06-30", 1).replacen(
        "excluded_divisions = []",
        "excluded_divisions = [\"3502\"]",
        1,
    );
    let later = version.replacen("from = 2025-11-04", &format!("from = {SINCE_JULY}"), 1);
    let new = NewText {
        text: format!("{head}[[version]]{first}\n[[version]]{later}"),
        document_title: "厦门市关于参照执行的通知（虚构）".to_owned(),
        document_no: "厦府办〔2027〕6号".to_owned(),
        reason: "自7月1日起参照执行".to_owned(),
    };
    let no = policy::propose(app, hr, ALLOWANCE, &new).await.unwrap();
    policy::decide(app, &second, (ALLOWANCE, &no), (Verdict::Publish, "与文件一致")).await.unwrap();
}

async fn opt_in(world: World) {
    let mut ground = ground(world).await;
    published(&ground).await;
    let (app, clerk) = (ground.year.app().clone(), ground.other.clone());
    // Given a visit before the opt-in, it is not begun there; elsewhere it is.
    let before = visit::begin(&app, &clerk, &visitor(), &plan("2027-06-30", "2027-07-12")).await;
    assert!(before.unwrap_err().to_string().contains("2027-06-30 没有参照执行"));
    ground.begun(ground.clerk(), &plan("2027-06-30", "2027-07-12")).await;
    let no = ground.begun(&clerk, &plan(SINCE_JULY, "2027-07-12")).await;
    // Nor is a plan moved to before it.
    let moved = visit::change_plan(&app, &clerk, &no, &plan("2027-06-29", "2027-07-12")).await;
    assert!(moved.unwrap_err().to_string().contains("2027-06-29 没有参照执行"));
    ground.must(&clerk, &no, "file", "邀请待审").await;
    ground.must(ground.hr(&no).await, &no, "agree", "同意邀请").await;

    // Whoever comes a day early comes before it: nothing is approved.
    ground.at("2027-06-30");
    ground.must(&clerk, &no, "arrive", "已入境").await;
    ground.at("2027-07-20");
    let typed = claim("2027-07-12", "2027-07-01 至 2027-07-12", vec![]);
    visit::save_claim(ground.year.app(), &clerk, &no, &typed).await.unwrap();
    ground.must(&clerk, &no, "claim", "申报待核").await;
    let refused = ground.act(ground.hr(&no).await, &no, "check").await.unwrap_err();
    assert!(refused.to_string().contains("2027-06-30 没有参照执行"), "{refused}");
    let lines = ground.lines().await;
    assert_eq!(lines, [""; 0]);
}
