//! Experts and advisory scientists: appointed by two people, never twice for the same days, their
//! services confirmed by the other side, conflicts of interest told, the funding of a term paid.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::expert::{AppointmentState, ServiceSide};
use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::Code;
use juncai::domain::tax::TaxTreatment;
use juncai::service::budget::AllocationForm;
use juncai::service::case::{self, Submitted};
use juncai::service::expert::{self, Filter, TypedAppointment, TypedEnd, TypedService};
use juncai::service::payment::Criteria;
use juncai::service::tax::{self, RulingForm};
use juncai::service::{Actor, Error, ledger};

use crate::browser_like::Visitor;
use crate::budget_pages::allot;
use crate::fixture_payment::{criteria, failed, paid};
use crate::on_both;
use crate::town::{FUZHOU, actor};
use crate::world::World;
use crate::yearly::{Year, year};

on_both! {
    an_appointment_holds_once_another_person_has_accepted_it => appointed;
    nobody_is_appointed_twice_for_the_same_days => overlapping;
    a_listed_employer_is_told_and_kept_with_the_acceptance => conflicting;
    services_are_confirmed_by_the_other_side_and_corrected_by_a_later_record => services;
    a_term_is_ended_early_and_stays_readable => ended;
    the_funding_is_paid_once_its_report_is_approved => money;
    a_funding_that_was_ended_is_never_paid => withdrawn;
    each_sees_its_own_on_pages => pages;
}

const NO: &str = "ZJ00001";
const FILE: &str = "ZF2027-00001";

/// Codes with right check digits of enterprises 4 and 5, listed like the others of the town.
const SECOND: &str = "913502000000000043";
const THIRD: &str = "91350128000000005K";

/// The year with two more enterprises.
async fn place(world: World) -> Year {
    let year = year(world).await;
    let town = &year.offices.town;
    town.enterprise(4, SECOND, Some(("350203", "350200"))).await;
    town.enterprise(5, THIRD, Some(("350128", "350128"))).await;
    year
}

/// The first engineer as an expert, whose employer of the form is in Xiamen; host in Fuzhou.
fn typed() -> TypedAppointment {
    TypedAppointment {
        person: "E000001".to_owned(),
        kind: "group_expert".to_owned(),
        field: "大模型推理芯片".to_owned(),
        employer: "厦门某某研究院".to_owned(),
        employer_uscc: SECOND.to_owned(),
        enterprise: FUZHOU.to_owned(),
        from: "2027-01-01".to_owned(),
        through: "2027-12-31".to_owned(),
        document_no: "闽人社聘〔2027〕1号".to_owned(),
        body: "福建省人力资源和社会保障厅".to_owned(),
        funding: "120,000".to_owned(),
    }
}

fn served<'a>(on: &'a str, uscc: &'a str) -> TypedService<'a> {
    TypedService {
        uscc, served_on: on, kind: "guidance", hours: "3.5", content: "评审验证方案"
    }
}

fn faults(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(faults) => {
            faults.into_iter().map(|(field, text)| format!("{field} {text}")).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// An appointment that was put down and accepted, on 15 January 2027.
async fn accepted(world: World) -> Year {
    let year = place(world).await;
    let hr = &year.offices.town.hr;
    assert_eq!(expert::propose(year.app(), hr, &typed()).await.unwrap(), NO);
    expert::decide(year.app(), &year.offices.approver, NO, true, "与文件一致").await.unwrap();
    year
}

async fn appointed(world: World) {
    let year = place(world).await;
    let (app, hr, approver) = (year.app(), &year.offices.town.hr, &year.offices.approver);
    let wrong = TypedAppointment {
        kind: "chief".to_owned(),
        employer_uscc: "123".to_owned(),
        through: "2026-12-31".to_owned(),
        body: String::new(),
        funding: "-1".to_owned(),
        ..typed()
    };
    let told = faults(expert::propose(app, hr, &wrong).await.unwrap_err());
    let fields: Vec<&str> = told.iter().filter_map(|fault| fault.split(' ').next()).collect();
    assert_eq!(fields, ["kind", "employer_uscc", "from", "body", "funding"], "{told:?}");
    let late = TypedAppointment {
        from: "2029-01-01".to_owned(),
        through: "2029-12-31".to_owned(),
        ..typed()
    };
    let told = faults(expert::propose(app, hr, &late).await.unwrap_err());
    assert!(told[0].contains("经费政策有效期"), "{told:?}");
    let nobody = TypedAppointment { person: "E999999".to_owned(), ..typed() };
    let told = faults(expert::propose(app, hr, &nobody).await.unwrap_err());
    assert_eq!(told, ["person 没有编号为 E999999 的人员，请先登记"]);

    expert::propose(app, hr, &typed()).await.unwrap();
    let own = expert::decide(app, hr, NO, true, "").await.unwrap_err().to_string();
    assert!(own.contains("须由另一人"), "{own}");
    let clerk = expert::decide(app, &year.offices.clerk, NO, true, "").await;
    assert!(matches!(clerk, Err(Error::Forbidden(_))), "{clerk:?}");
    let silent = expert::decide(app, approver, NO, false, " ").await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    let early = expert::record(app, hr, NO, &served("2027-01-14", FUZHOU)).await.unwrap_err();
    assert!(early.to_string().contains("还没有确认"), "{early}");
    expert::decide(app, approver, NO, true, "与文件一致").await.unwrap();
    let again = expert::decide(app, approver, NO, true, "").await;
    assert!(matches!(again, Err(Error::Stale(_))), "{again:?}");

    let view = expert::expert(app, hr, NO).await.unwrap();
    assert_eq!(view.certificate_no.as_deref(), Some("FJ-ZJ-2027-00001"));
    assert_eq!(view.line.state, AppointmentState::Serving);
    assert_eq!(view.file, Some((FILE.to_owned(), "待报告")));
    // Without funding there is no file, and no policy has to be in force.
    let free = TypedAppointment { kind: "advisor".to_owned(), funding: "0".to_owned(), ..late };
    let free_no = expert::propose(app, hr, &free).await.unwrap();
    expert::decide(app, approver, &free_no, true, "").await.unwrap();
    let view = expert::expert(app, hr, &free_no).await.unwrap();
    assert_eq!((view.file, view.line.state), (None, AppointmentState::Ahead));
    let filter = Filter { year: "2029".to_owned(), ..Filter::default() };
    assert_eq!(expert::experts(app, hr, &filter).await.unwrap().len(), 1);
    let (name, bytes) = expert::sheet(app, hr, &Filter::default()).await.unwrap();
    assert!(name.ends_with(".xlsx") && bytes.starts_with(b"PK"));
    let refused = expert::sheet(app, &year.offices.clerk, &filter).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
}

async fn overlapping(world: World) {
    let year = place(world).await;
    let (app, hr, approver) = (year.app(), &year.offices.town.hr, &year.offices.approver);
    // Two proposals may wait side by side; only one of them is accepted.
    expert::propose(app, hr, &typed()).await.unwrap();
    let last_day = TypedAppointment {
        from: "2027-12-31".to_owned(),
        through: "2028-12-31".to_owned(),
        ..typed()
    };
    let second = expert::propose(app, hr, &last_day).await.unwrap();
    expert::decide(app, approver, NO, true, "").await.unwrap();
    let refused = expert::decide(app, approver, &second, true, "").await.unwrap_err();
    assert!(refused.to_string().contains("已有同类聘任 ZJ00001"), "{refused}");
    let told = faults(expert::propose(app, hr, &last_day).await.unwrap_err());
    assert!(told[0].starts_with("from 该人员已有同类聘任"), "{told:?}");
    // The database says the same when nobody asked first.
    let forced = format!(
        "UPDATE expert_appointment SET accepted = TRUE, decided_holder = {0}, decided_by = {1}, \
         decided_at = proposed_at WHERE appointment_no = '{second}'",
        approver.holder_id, approver.account_id
    );
    let refused = year.offices.town.try_sql(&forced).await.unwrap_err();
    assert!(refused.contains("expert_appointment_overlap"), "{refused}");
    // Another kind, and the day after, stand in nobody's way.
    let advisor = TypedAppointment { kind: "advisor".to_owned(), ..typed() };
    let advisor = expert::propose(app, hr, &advisor).await.unwrap();
    expert::decide(app, approver, &advisor, true, "").await.unwrap();
    let renewed = TypedAppointment { from: "2028-01-01".to_owned(), ..last_day };
    let renewed = expert::propose(app, hr, &renewed).await.unwrap();
    expert::decide(app, approver, &renewed, true, "").await.unwrap();
    let filter = Filter { year: "2028".to_owned(), state: "ahead".to_owned(), ..Filter::default() };
    let found = expert::experts(app, hr, &filter).await.unwrap();
    assert_eq!(found.iter().map(|line| line.no.as_str()).collect::<Vec<_>>(), [renewed.as_str()]);
}

async fn conflicting(world: World) {
    let year = place(world).await;
    let (app, hr) = (year.app(), &year.offices.town.hr);
    expert::propose(app, hr, &typed()).await.unwrap();
    // Before the acceptance already: the employer of the form, and the one of the registry.
    let view = expert::expert(app, &year.offices.approver, NO).await.unwrap();
    assert!(view.may_decide);
    let told: Vec<String> = view
        .conflicts
        .iter()
        .map(|one| format!("{} {} {} {}", one.enterprise, one.source.code(), one.from, one.through))
        .collect();
    assert_eq!(
        told,
        ["企业1 registered 2027-01-01 2027-12-31", "企业4 named 2027-01-01 2027-12-31"]
    );
    let mut approver = Visitor::signed_in(app, "province2").await;
    let page = approver.get("/experts/ZJ00001").await;
    assert!(page.text().contains("利益冲突提示") && page.text().contains("企业4"));
    expert::decide(app, &year.offices.approver, NO, true, "").await.unwrap();
    let log = "SELECT CAST(detail AS TEXT) FROM audit_event WHERE action = 'expert.accepted'";
    let kept = year.offices.town.texts(log).await.remove(0);
    assert!(kept.contains("conflicts") && kept.contains("企业4"), "{kept}");

    // Services for the very enterprise are marked, others are not.
    let own = expert::record(app, hr, NO, &served("2027-01-14", SECOND)).await.unwrap();
    let other = expert::record(app, hr, NO, &served("2027-01-14", THIRD)).await;
    let mut marks = Vec::new();
    for no in [own, other.unwrap()] {
        marks.push(expert::service(app, hr, &no).await.unwrap().line.in_conflict);
    }
    assert_eq!(marks, [true, false]);
}

async fn services(world: World) {
    let mut year = accepted(world).await;
    year.offices.town.at("2027-03-10T09:00:00+08:00");
    let (app, hr) = (year.app().clone(), year.offices.town.hr.clone());
    let (clerk, head) = (year.offices.clerk.clone(), year.offices.head.clone());
    let xiamen = actor(&year.offices.town.world, "clerk2", "enterprise_clerk", "350203", Some(4));
    let xiamen = xiamen.await;

    // Only within the term, and not ahead.
    for day in ["2026-12-31", "2027-03-11"] {
        let told = faults(expert::record(&app, &clerk, NO, &served(day, "")).await.unwrap_err());
        assert!(told[0].starts_with("served_on "), "{day}: {told:?}");
    }
    let head_records = expert::record(&app, &head, NO, &served("2027-03-01", "")).await;
    assert!(matches!(head_records, Err(Error::Forbidden(_))), "{head_records:?}");
    let unknown = expert::record(&app, &hr, NO, &served("2027-03-01", "123")).await;
    assert!(faults(unknown.unwrap_err())[0].starts_with("uscc "));

    // The enterprise's record is confirmed by the province, the province's by the enterprise.
    let first = expert::record(&app, &clerk, NO, &served("2027-03-01", SECOND)).await.unwrap();
    let own = expert::confirm(&app, &head, &first, true, "").await;
    assert!(matches!(own, Err(Error::Forbidden(_))), "the same side: {own:?}");
    let foreign = expert::confirm(&app, &xiamen, &first, true, "").await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    expert::confirm(&app, &hr, &first, true, "属实").await.unwrap();
    let second = expert::record(&app, &hr, NO, &served("2027-03-02", SECOND)).await.unwrap();
    let own = expert::confirm(&app, &year.offices.approver, &second, true, "").await;
    assert!(matches!(own, Err(Error::Forbidden(_))), "{own:?}");
    expert::confirm(&app, &xiamen, &second, true, "").await.unwrap();
    let view = expert::expert(&app, &hr, NO).await.unwrap();
    assert_eq!((view.line.served, view.side), ((2, 70), Some(ServiceSide::Province)));
    let named: Vec<_> =
        view.by_enterprise.iter().map(|sum| (sum.name.as_str(), sum.hours_tenths)).collect();
    assert_eq!(
        named,
        [("企业1", 35), ("企业4", 35)],
        "the clerk's own enterprise, whatever was typed"
    );

    // Each enterprise sees its own.
    for (who, no) in [(&clerk, &first), (&xiamen, &second)] {
        let view = expert::expert(&app, who, NO).await.unwrap();
        let seen: Vec<&String> = view.services.iter().map(|line| &line.no).collect();
        assert_eq!((seen, view.line.served), (vec![no], (1, 35)));
    }
    let hidden = expert::service(&app, &clerk, &second).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
    corrections(&app, (&clerk, &hr), &first).await;
    let kept = "SELECT CAST(hours_tenths AS TEXT) FROM expert_service ORDER BY id";
    assert_eq!(
        year.offices.town.texts(kept).await,
        ["35", "35", "50", "0"],
        "nothing is overwritten"
    );
    let outside = "INSERT INTO expert_service (service_no, appointment_id, enterprise_id, served_on, \
                   kind, hours_tenths, content, side, recorded_by, recorded_holder, recorded_at, note) \
                   SELECT 'FW9', appointment_id, enterprise_id, '2028-01-01', kind, 10, content, side, \
                   recorded_by, recorded_holder, recorded_at, note FROM expert_service WHERE id = 1";
    let refused = year.offices.town.try_sql(outside).await.unwrap_err();
    assert!(refused.contains("expert_service_in_term"), "{refused}");
    let (name, bytes) = expert::sheet_of_services(&app, &hr).await.unwrap();
    assert!(name.ends_with(".xlsx") && bytes.starts_with(b"PK"));
}

/// A correction counts once it is confirmed; zero hours take a record back.
async fn corrections(app: &juncai::app::App, (clerk, hr): (&Actor, &Actor), first: &str) {
    let same = expert::correct(app, clerk, first, &served("2027-03-01", "")).await;
    assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
    let longer = TypedService { hours: "5", ..served("2027-03-01", "") };
    let corrected = expert::correct(app, clerk, first, &longer).await.unwrap();
    let hours = async || expert::expert(app, hr, NO).await.unwrap().line.served.1;
    assert_eq!(hours().await, 70, "the former counts until then");
    let twice = expert::correct(app, hr, first, &longer).await.unwrap_err();
    assert!(twice.to_string().contains("正在等待确认"), "{twice}");
    expert::confirm(app, hr, &corrected, true, "").await.unwrap();
    assert_eq!(hours().await, 85);
    let old = expert::service(app, hr, first).await.unwrap();
    assert_eq!((old.line.state.label(), old.may_correct), ("已更正", false));
    let back = TypedService { hours: "0", content: "登记有误", ..longer };
    let back = expert::correct(app, hr, &corrected, &back).await.unwrap();
    expert::confirm(app, clerk, &back, true, "").await.unwrap();
    assert_eq!(hours().await, 35);
    assert_eq!(expert::service(app, hr, &back).await.unwrap().line.state.label(), "已撤回");
}

async fn ended(world: World) {
    let mut year = accepted(world).await;
    year.offices.town.at("2027-06-10T09:00:00+08:00");
    let (app, hr, clerk) = (year.app(), &year.offices.town.hr, &year.offices.clerk);
    let later = expert::record(app, clerk, NO, &served("2027-06-01", "")).await.unwrap();
    let end = |last_day: &'static str| TypedEnd {
        last_day,
        document_no: "闽人社聘〔2027〕9号",
        reason: "本人申请",
    };
    let told = faults(expert::end(app, hr, NO, &end("2027-12-31")).await.unwrap_err());
    assert!(told[0].starts_with("last_day "), "{told:?}");
    let refused = expert::end(app, hr, NO, &end("2027-05-31")).await.unwrap_err();
    assert!(refused.to_string().contains(&later), "{refused}");
    expert::confirm(app, hr, &later, false, "未到场").await.unwrap();
    expert::end(app, hr, NO, &end("2027-05-31")).await.unwrap();
    let again = expert::end(app, hr, NO, &end("2027-04-30")).await;
    assert!(matches!(again, Err(Error::Refused(_))), "{again:?}");
    let view = expert::expert(app, hr, NO).await.unwrap();
    assert_eq!(view.line.state, AppointmentState::EndedEarly);
    assert_eq!(view.line.term.agreed.through, Some(crate::town::day("2027-12-31")));
    let told = faults(expert::record(app, clerk, NO, &served("2027-06-01", "")).await.unwrap_err());
    assert!(told[0].contains("2027-01-01 至 2027-05-31"), "{told:?}");
    // The days that became free can be given again.
    let renewed = TypedAppointment { from: "2027-06-01".to_owned(), ..typed() };
    let renewed = expert::propose(app, hr, &renewed).await.unwrap();
    expert::decide(app, &year.offices.approver, &renewed, true, "").await.unwrap();
}

/// The money of the stream.
fn of_stream() -> Criteria {
    Criteria {
        programme: expert::PROGRAMME.to_owned(),
        award_year: 2027,
        purpose: "专家聘期经费".to_owned(),
        ..criteria()
    }
}

/// An accepted appointment with money and a tax ruling for it.
async fn funded(world: World) -> Year {
    let year = accepted(world).await;
    let (app, [maker, _, payer]) = (year.app(), &year.finance);
    let form = AllocationForm {
        programme: expert::PROGRAMME,
        source: "province",
        payer_division: "350000",
        budget_year: "2027",
        amount: "500000.00",
        document_no: "闽财指〔2027〕19号",
        ..AllocationForm::default()
    };
    allot(app, (maker, payer), &form).await;
    let ruling = RulingForm {
        programme: expert::PROGRAMME,
        year: "2027",
        treatment: TaxTreatment::Exempt.code(),
        basis: "税务部门复函",
        document_no: "闽税函〔2027〕18号",
    };
    let no = tax::propose(app, maker, &ruling).await.unwrap();
    tax::decide(app, payer, &no, (true, "")).await.unwrap();
    year
}

async fn act(year: &Year, who: &Actor, act: &str) -> Result<&'static str, Error> {
    let seen = format!("SELECT CAST(steps AS TEXT) FROM case_file WHERE case_no = '{FILE}'");
    let seen_steps = year.offices.town.texts(&seen).await[0].parse().unwrap();
    let evidence = Evidence::ALL.iter().map(|kind| (kind.code().to_owned(), "附卷".to_owned()));
    let fields: BTreeMap<String, String> = evidence.collect();
    let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
    case::act(year.app(), who, FILE, &sent).await
}

async fn state(year: &Year) -> String {
    let query = "SELECT state FROM case_file WHERE kind = 'expert_funding'";
    year.offices.town.texts(query).await.remove(0)
}

async fn money(world: World) {
    let year = funded(world).await;
    let (hr, approver) = (&year.offices.town.hr, &year.offices.approver);
    assert!(act(&year, approver, "approve").await.is_err(), "nothing is reported");
    assert!(act(&year, approver, "report").await.is_err(), "the officer reports");
    assert_eq!(act(&year, hr, "report").await.unwrap(), "已报告");
    assert!(act(&year, hr, "approve").await.is_err(), "another person approves");
    assert_eq!(act(&year, approver, "send_back").await.unwrap(), "待报告");
    assert_eq!(act(&year, hr, "report").await.unwrap(), "已报告");
    assert_eq!(act(&year, approver, "approve").await.unwrap(), "待发放");
    let line = "SELECT programme || ' ' || subject_no || ' ' || CAST(amount_fen AS TEXT) || ' ' || \
                source || ' ' || state FROM payment_line WHERE kind = 'grant'";
    assert_eq!(
        year.offices.town.texts(line).await,
        ["expert-funding ZF2027-00001 12000000 province payable"]
    );
    // The bank sends it back once, then pays.
    year.answered_of(of_stream(), |no| failed(&format!("{no}-1-00001"), "户名不符")).await;
    assert_eq!(state(&year).await, "payable");
    year.answered_of(of_stream(), |no| paid(&format!("{no}-1-00001"), "120000.00", "S7")).await;
    assert_eq!(state(&year).await, "paid");
    assert_eq!(ledger::disagreements(year.app()).await.unwrap(), []);
    let view = expert::expert(year.app(), hr, NO).await.unwrap();
    assert_eq!(view.file, Some((FILE.to_owned(), "已发放")));
}

async fn withdrawn(world: World) {
    let year = funded(world).await;
    act(&year, &year.offices.town.hr, "report").await.unwrap();
    act(&year, &year.offices.approver, "approve").await.unwrap();
    assert_eq!(act(&year, &year.offices.approver, "end").await.unwrap(), "已终止");
    let live = "SELECT line_no FROM payment_line WHERE kind = 'grant' AND state <> 'void'";
    assert_eq!(year.offices.town.texts(live).await, [""; 0]);
    let standing =
        "SELECT subject_no FROM entitlement WHERE superseded_at IS NULL AND subject_no <> ''";
    assert_eq!(year.offices.town.texts(standing).await, [""; 0]);
}

async fn pages(world: World) {
    let year = accepted(world).await;
    let app = year.app();
    let mut hr = Visitor::signed_in(app, "hr").await;
    hr.get("/experts/new").await;
    let back = hr.post("/experts", &[("person", "E000001"), ("funding", "x")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("请填写聘任文号"), "{}", back.text());
    hr.get("/experts/ZJ00001").await;
    let back = hr.post("/experts/ZJ00001/services", &[("uscc", SECOND), ("hours", "25")]).await;
    assert!(back.text().contains("请填写小时数"), "{}", back.text());
    let fields = [
        ("uscc", SECOND),
        ("served_on", "2027-01-14"),
        ("kind", "technical"),
        ("hours", "2"),
        ("content", "指导部署"),
    ];
    let seen = hr.post("/experts/ZJ00001/services", &fields).await;
    assert!(
        seen.text().contains("FW000001") && seen.text().contains("利益冲突"),
        "{}",
        seen.text()
    );
    let file = hr.get(&format!("/cases/{FILE}")).await;
    assert!(file.text().contains("120,000.00 元") && file.text().contains("大模型推理芯片"));
    let paper = hr.get("/experts/ZJ00001/certificate").await;
    assert!(paper.text().contains("FJ-ZJ-2027-00001") && paper.text().contains("2027年12月31日"));
    assert_eq!(hr.get("/experts.xlsx").await.status, StatusCode::OK);
    assert_eq!(hr.get("/expert-services.xlsx").await.status, StatusCode::OK);
    let person = hr.get("/engineers/E000001").await;
    assert!(person.links().contains(&"/experts/ZJ00001".to_owned()), "{:?}", person.links());

    // An enterprise reads who can be asked, without the money, and confirms what concerns itself.
    let mut xiamen = Visitor::of_enterprise(app, "stranger", Role::EnterpriseHead, 4).await;
    let page = xiamen.get("/experts/ZJ00001").await;
    assert!(!page.text().contains("120,000") && page.text().contains("FW000001"));
    xiamen.get("/expert-services/FW000001").await;
    let seen = xiamen.post("/expert-services/FW000001/decision", &[("verdict", "accept")]).await;
    assert!(seen.text().contains("已确认"), "{}", seen.text());
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    assert!(!clerk.get("/experts/ZJ00001").await.text().contains("FW000001"));
    let foreign = clerk.get("/expert-services/FW000001").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(clerk.get("/experts/new").await.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.get("/experts.xlsx").await.status, StatusCode::FORBIDDEN);
}
