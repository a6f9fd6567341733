//! Case-by-case agreements: put down by one person and accepted by another, each tranche paid once its
//! milestone was looked at and approved by two.

use std::collections::BTreeMap;

use juncai::domain::authority::Role;
use juncai::domain::lifecycle::Evidence;
use juncai::domain::payment::Ineligible;
use juncai::domain::registry::Code;
use juncai::domain::tax::TaxTreatment;
use juncai::service::agreement::{self, TypedAgreement, TypedTranche};
use juncai::service::budget::AllocationForm;
use juncai::service::case::{self, Submitted};
use juncai::service::payment::{self, Criteria, HoldOf};
use juncai::service::tax::{self, RulingForm};
use juncai::service::{Actor, Error, ledger};

use crate::browser_like::{Seen, Visitor};
use crate::budget_pages::allot;
use crate::fixture_payment::{criteria, failed, paid};
use crate::me::{NUMBER, code, first_visit, identify};
use crate::on_both;
use crate::world::World;
use crate::yearly::{Year, year};

on_both! {
    what_was_agreed_is_paid_tranche_by_tranche => journey;
    an_agreement_that_does_not_add_up_is_refused_with_every_fault => mistyped;
    a_tranche_that_was_ended_is_never_paid => ended;
    each_sees_its_own_on_pages => pages;
    a_persons_money_lists_what_files_granted => money_of_all_streams;
}

const NO: &str = "YS00001";

fn typed(uscc: &str) -> TypedAgreement {
    let tranche = |milestone: &str, expected_on: &str, amount: &str| TypedTranche {
        milestone: milestone.to_owned(),
        expected_on: expected_on.to_owned(),
        amount: amount.to_owned(),
    };
    TypedAgreement {
        title: "端侧大模型推理芯片团队来闽落地".to_owned(),
        subject: "team".to_owned(),
        leader: "E000001".to_owned(),
        members: "E000002".to_owned(),
        enterprise: uscc.to_owned(),
        document_no: "闽委人才〔2027〕2号".to_owned(),
        body: "省委人才工作领导小组".to_owned(),
        decided_on: "2027-01-08".to_owned(),
        terms: "五年内在闽完成研发并实现量产。".to_owned(),
        total: "3000000".to_owned(),
        tranches: vec![
            tranche("团队到岗", "2027-02-28", "1000000.00"),
            tranche("样片流片成功", "2027-12-31", "2,000,000.00"),
        ],
    }
}

/// The money of the stream.
fn of_stream() -> Criteria {
    Criteria {
        programme: agreement::PROGRAMME.to_owned(),
        award_year: 2027,
        purpose: "一事一议支持".to_owned(),
        ..criteria()
    }
}

/// An agreement that was put down by the province.
async fn proposed(world: World) -> (Year, String) {
    let year = year(world).await;
    let uscc = "SELECT uscc FROM enterprise ORDER BY id";
    let uscc = year.offices.town.texts(uscc).await.remove(0);
    let hr = &year.offices.town.hr;
    assert_eq!(agreement::propose(year.app(), hr, &typed(&uscc)).await.unwrap(), NO);
    (year, uscc)
}

/// The same, accepted, with money and a tax ruling for it.
pub async fn accepted(world: World) -> Year {
    let (year, _) = proposed(world).await;
    let (app, [maker, _, payer]) = (year.app(), &year.finance);
    agreement::decide(app, &year.offices.approver, NO, true, "与文件一致").await.unwrap();
    let form = AllocationForm {
        programme: agreement::PROGRAMME,
        source: "province",
        payer_division: "350000",
        budget_year: "2027",
        amount: "5000000.00",
        document_no: "闽财指〔2027〕9号",
        ..AllocationForm::default()
    };
    allot(app, (maker, payer), &form).await;
    let ruling = RulingForm {
        programme: agreement::PROGRAMME,
        year: "2027",
        treatment: TaxTreatment::Exempt.code(),
        basis: "税务部门复函",
        document_no: "闽税函〔2027〕8号",
    };
    let no = tax::propose(app, maker, &ruling).await.unwrap();
    tax::decide(app, payer, &no, (true, "")).await.unwrap();
    year
}

pub async fn act(year: &Year, who: &Actor, no: &str, act: &str) -> Result<&'static str, Error> {
    let seen = format!("SELECT CAST(steps AS TEXT) FROM case_file WHERE case_no = '{no}'");
    let seen_steps = year.offices.town.texts(&seen).await[0].parse().unwrap();
    let evidence = Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), "附卷".to_owned()));
    let fields: BTreeMap<String, String> = evidence.collect();
    let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
    case::act(year.app(), who, no, &sent).await
}

/// From the report to the approval.
pub async fn approved(year: &Year, no: &str) {
    let offices = &year.offices;
    assert_eq!(act(year, &offices.clerk, no, "report").await.unwrap(), "已报达成");
    assert_eq!(act(year, &offices.town.hr, no, "confirm").await.unwrap(), "已核实");
    assert_eq!(act(year, &offices.approver, no, "approve").await.unwrap(), "待发放");
}

async fn states(year: &Year) -> Vec<String> {
    let query = "SELECT state FROM case_file WHERE kind = 'agreement_tranche' ORDER BY case_no";
    year.offices.town.texts(query).await
}

async fn journey(world: World) {
    let year = accepted(world).await;
    assert_eq!(states(&year).await, ["agreed", "agreed"]);
    let early = act(&year, &year.offices.approver, "YK2027-00001", "approve").await;
    assert!(early.is_err(), "nothing is paid before its milestone");
    approved(&year, "YK2027-00001").await;
    let line = "SELECT programme || ' ' || subject_no || ' ' || CAST(amount_fen AS TEXT) || ' ' || state \
                FROM payment_line WHERE kind = 'grant'";
    assert_eq!(
        year.offices.town.texts(line).await,
        ["case-agreement YK2027-00001 100000000 payable"],
        "the agreed amount, neither more nor less"
    );

    // Kept back by finance, no batch takes it, until another person lets it go.
    let (app, [maker, checker, _]) = (year.app(), &year.finance);
    let person = "SELECT p.person_no FROM person p JOIN payment_line l ON l.person_id = p.id \
                  WHERE l.kind = 'grant'";
    let person_no = year.offices.town.texts(person).await.remove(0);
    let of = HoldOf { person_no: &person_no, programme: agreement::PROGRAMME, year: "2027" };
    payment::hold(app, maker, of, "协议对方账户待核实").await.unwrap();
    let found = payment::preview(app, maker, &of_stream()).await.unwrap();
    assert_eq!((found.lines, found.excluded[0].reason), (0, Ineligible::Held));
    let (holds, _) = payment::holds(app, maker, 0).await.unwrap();
    payment::release_hold(app, checker, holds[0].row.id, "已核实").await.unwrap();

    // The bank sends it back once, then pays.
    year.answered_of(of_stream(), |no| failed(&format!("{no}-1-00001"), "户名不符")).await;
    assert_eq!(states(&year).await, ["payable", "agreed"]);
    year.answered_of(of_stream(), |no| paid(&format!("{no}-1-00001"), "1000000.00", "S9")).await;
    assert_eq!(states(&year).await, ["paid", "agreed"]);
    let view = agreement::agreement(year.app(), &year.offices.town.hr, NO).await.unwrap();
    assert_eq!(
        (view.paid.to_string(), view.line.total.to_string()),
        ("1000000.00".to_owned(), "3000000.00".to_owned())
    );
    assert_eq!(ledger::disagreements(year.app()).await.unwrap(), []);

    // The stipend of the same person is no other for it.
    let stipend = "SELECT state || ' ' || CAST(amount_fen AS TEXT) FROM payment_line \
                   WHERE person_id = 1 AND kind = 'stipend' AND state <> 'void'";
    assert_eq!(year.offices.town.texts(stipend).await, ["pending 20000000"]);
    let twice = "INSERT INTO payment_line (line_no, person_id, programme, award_year, source, \
                 payer_division, component_no, kind, amount_fen, entitlement_id, state, recorded_at, \
                 subject_no) SELECT 'L99999999', person_id, programme, award_year, source, \
                 payer_division, 9, 'grant', 1, entitlement_id, 'payable', recorded_at, subject_no \
                 FROM payment_line WHERE kind = 'grant'";
    let refused = year.offices.town.try_sql(twice).await.unwrap_err();
    assert!(refused.contains("payment_line_overpaid"), "{refused}");
}

async fn mistyped(world: World) {
    let (year, uscc) = proposed(world).await;
    let (app, hr) = (year.app(), &year.offices.town.hr);
    let faults = async |typed: &TypedAgreement| match agreement::propose(app, hr, typed).await {
        Err(Error::Invalid(faults)) => {
            faults.into_iter().map(|(field, text)| format!("{field} {text}")).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let mut wrong = typed(&uscc);
    wrong.total = "2000000".to_owned();
    assert_eq!(
        faults(&wrong).await,
        ["total 各笔合计 3,000,000.00 元，与总额 2,000,000.00 元不等"]
    );
    let mut wrong = typed(&uscc);
    wrong.body = String::new();
    wrong.decided_on = "2027-13-01".to_owned();
    wrong.tranches[1].amount = "-1".to_owned();
    let found = faults(&wrong).await;
    let fields: Vec<&str> = found.iter().filter_map(|fault| fault.split(' ').next()).collect();
    assert_eq!(fields, ["body", "decided_on", "amount-2"], "{found:?}");
    let mut wrong = typed(&uscc);
    wrong.leader = "E999999".to_owned();
    assert_eq!(faults(&wrong).await, ["leader 没有编号为 E999999 的人员，请先登记"]);
    let mut wrong = typed("91350100M000100Y99");
    wrong.members = "E000001".to_owned();
    assert_eq!(faults(&wrong).await, ["members E000001 重复填写"]);

    // Whoever put it down accepts nothing, not even under another account.
    let own = agreement::decide(app, hr, NO, true, "").await.unwrap_err().to_string();
    assert!(own.contains("须由另一人"), "{own}");
    let silent = agreement::decide(app, &year.offices.approver, NO, false, " ").await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    agreement::decide(app, &year.offices.approver, NO, false, "总额有误").await.unwrap();
    assert_eq!(states(&year).await, [""; 0]);
    let again = agreement::decide(app, &year.offices.approver, NO, true, "").await;
    assert!(matches!(again, Err(Error::Stale(_))), "{again:?}");
}

async fn ended(world: World) {
    let year = accepted(world).await;
    approved(&year, "YK2027-00001").await;
    assert_eq!(act(&year, &year.offices.approver, "YK2027-00001", "end").await.unwrap(), "已终止");
    let live = "SELECT line_no FROM payment_line WHERE kind = 'grant' AND state <> 'void'";
    assert_eq!(year.offices.town.texts(live).await, [""; 0]);
    let standing =
        "SELECT subject_no FROM entitlement WHERE superseded_at IS NULL AND subject_no <> ''";
    assert_eq!(year.offices.town.texts(standing).await, [""; 0]);
}

async fn pages(world: World) {
    let year = accepted(world).await;
    let app = year.app();
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let list = clerk.get("/agreements").await;
    assert!(list.text().contains("端侧大模型推理芯片团队来闽落地"), "{}", list.text());
    let page = clerk.get("/agreements/YS00001").await;
    assert!(page.links().contains(&"/cases/YK2027-00001".to_owned()), "{:?}", page.links());
    assert!(page.text().contains("3,000,000.00"));
    assert_eq!(clerk.get("/agreements/new").await.status, axum::http::StatusCode::FORBIDDEN);

    let mut stranger = Visitor::of_enterprise(app, "stranger", Role::EnterpriseClerk, 2).await;
    assert!(!stranger.get("/agreements").await.text().contains("端侧"));
    let foreign = stranger.get("/agreements/YS00001").await;
    assert_eq!(foreign.status, axum::http::StatusCode::NOT_FOUND);

    let mut hr = Visitor::signed_in(app, "hr").await;
    hr.get("/agreements/new").await;
    let back = hr.post("/agreements", &[("title", "新的事项"), ("total", "1")]).await;
    assert_eq!(back.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("请填写决定文号"), "{}", back.text());
    let file = hr.get("/cases/YK2027-00002").await;
    assert!(file.text().contains("样片流片成功") && file.text().contains("2,000,000.00 元"));
    assert!(file.links().contains(&"/agreements/YS00001".to_owned()), "{:?}", file.links());
}

/// The cells of the rows about grants.
fn grants(seen: &Seen) -> Vec<String> {
    let rows = seen.texts("tbody tr");
    rows.into_iter().filter(|row| row.contains("一事一议支持")).collect()
}

async fn money_of_all_streams(world: World) {
    let year = accepted(world).await;
    let app = year.app();
    let file = "/cases/YK2027-00001".to_owned();
    let mut hr = Visitor::signed_in(app, "hr").await;
    assert_eq!(
        grants(&hr.get("/engineers/E000001/money").await),
        [""; 0],
        "nothing is granted yet"
    );
    approved(&year, "YK2027-00001").await;

    // The officer reads stream, file, amount and state, and goes on to the file.
    let page = hr.get("/engineers/E000001/money").await;
    let rows = grants(&page);
    assert_eq!(rows.len(), 1, "{}", page.text());
    for shown in ["领军人才和团队一事一议支持", "YK2027-00001", "1,000,000.00", "待付"]
    {
        assert!(rows[0].contains(shown), "{shown}: {}", rows[0]);
    }
    assert!(page.links().contains(&file), "{:?}", page.links());
    // Finance opens no files: the number stands without a way to it.
    let seen = Visitor::signed_in(app, "maker").await.get("/engineers/E000001/money").await;
    assert!(grants(&seen)[0].contains("YK2027-00001") && !seen.links().contains(&file));
    let seen = Visitor::signed_in(app, "clerk").await.get("/engineers/E000001/money").await;
    assert!(grants(&seen)[0].contains("1,000,000.00") && seen.links().contains(&file));

    // The person reads the same on both pages, without links to offices.
    identify(&year.offices.town, 1, NUMBER).await;
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let code = code(&mut clerk, "E000001").await;
    let mut own = Visitor::new(app);
    let entry = first_visit(&mut own, NUMBER, &code).await;
    assert_eq!(own.at, "/me", "{}", entry.text());
    year.answered_of(of_stream(), |no| paid(&format!("{no}-1-00001"), "1000000.00", "S9")).await;
    for at in ["/me", "/me/money"] {
        let seen = own.get(at).await;
        let rows = grants(&seen);
        assert_eq!(rows.len(), 1, "{at}: {}", seen.text());
        for shown in ["YK2027-00001", "1,000,000.00", "已付"] {
            assert!(rows[0].contains(shown), "{at} {shown}: {}", rows[0]);
        }
        assert!(!seen.links().contains(&file), "{at}");
    }
    let data = own.peek("/me/data.json").await.body();
    assert!(data.contains("其他项目资金") && data.contains("YK2027-00001"), "{data}");
}
