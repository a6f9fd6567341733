//! The same through the pages.

use axum::http::StatusCode;
use juncai::domain::authority::Role;

use super::{Offices, enterprise_account, offices};
use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{FUZHOU, XIAMEN};
use crate::world::World;

on_both! {
    an_enterprise_applies_on_the_page_while_the_call_is_open => applying;
    an_application_that_was_not_sent_in_time_comes_back_as_a_draft => draft;
    reports_come_in_and_the_checks_of_the_year_begin_row_by_row => campaign;
    an_office_announces_its_own_kind_of_files_only => announcing;
}

async fn applying(world: World) {
    let offices = offices(world).await;
    let app = offices.app();
    let mut province = Visitor::signed_in(app, "gx-province").await;
    assert!(province.get("/").await.links().contains(&"/applications".to_owned()));
    province.get("/applications").await;
    let wrong = [("title", "申报通知"), ("document_no", "闽工信21号"), ("opens_on", "2026-06-01")];
    let wrong = province.post("/applications/calls", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attributes("input[name=document_no]", "value"), ["闽工信21号"]);
    let right = [
        ("title", "申报通知"),
        ("document_no", "闽工信21号"),
        ("opens_on", "2026-06-01"),
        ("closes_on", "2026-06-30"),
    ];
    let published = province.post("/applications/calls", &right).await;
    assert!(published.text().contains("申报中"), "{}", published.text());

    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let open = clerk.get("/applications").await;
    assert!(open.links().contains(&"/applications/new".to_owned()), "{}", open.text());
    clerk.get("/applications/new").await;
    let said = "面向制造业的机器视觉检测系统，收入占比超过七成。";
    let short = [("industry", "机器视觉"), ("main_business", "做视觉"), ("staff", "30")];
    let short = clerk.post("/applications", &short).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(short.attributes("input[name=industry]", "value"), ["机器视觉"]);
    let whole = [
        ("industry", "机器视觉"),
        ("main_business", said),
        ("staff", "30"),
        ("research_staff", "20"),
    ];
    let made = clerk.post("/applications", &whole).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    assert!(made.text().contains(said) && clerk.at.starts_with("/cases/QY2026-"));
    let here = clerk.at.clone();
    let uscc = super::APPLICANT.1;
    let county =
        Visitor::signed_in(app, "gx-gulou").await.get(&format!("/enterprises/{uscc}")).await;
    assert!(county.links().contains(&here), "its page links the file");

    let mut stranger = Visitor::of_enterprise(app, "stranger", Role::EnterpriseClerk, 2).await;
    assert_eq!(stranger.get(&here).await.status, StatusCode::NOT_FOUND);
    assert!(!stranger.get("/annual-reports").await.text().contains("企业1"), "only its own");
}

async fn draft(world: World) {
    let mut offices = offices(world).await;
    offices.call().await;
    let mut clerk = Visitor::signed_in(offices.app(), "clerk").await;
    clerk.get("/applications/new").await;

    // An hour without a request ends the session before the form is sent.
    offices.town.at("2026-06-01T10:30:00+08:00");
    let mut clerk = clerk.at_time_of(offices.app());
    let typed =
        [("industry", "机器视觉"), ("main_business", "面向制造业的检测系统"), ("staff", "30")];
    let late = clerk.post("/applications", &typed).await;

    assert_eq!(clerk.at, "/sign-in?next=%2Fapplications%2Fnew", "{}", late.text());
    let files = "SELECT case_no FROM case_file WHERE kind = 'key_enterprise'";
    assert_eq!(offices.town.texts(files).await, [""; 0], "nothing was sent");
    let mut back = Visitor::signed_in(offices.app(), "clerk").await;
    let form = back.get("/applications/new").await;
    assert!(form.text().contains("已恢复 2026-06-01 10:30 保存的草稿"), "{}", form.text());
    assert_eq!(form.attributes("input[name=industry]", "value"), ["机器视觉"]);
    assert_eq!(form.texts("textarea[name=main_business]"), ["面向制造业的检测系统"]);
    let mut other = Visitor::signed_in(offices.app(), "sign").await;
    let theirs = other.get("/applications/new").await;
    assert!(!theirs.body().contains("检测系统"), "a draft is its writer's alone");
}

/// Enterprise 1 hands in a report on the page.
async fn report(offices: &Offices, statement: &str) -> crate::browser_like::Seen {
    let mut clerk = Visitor::signed_in(offices.app(), "fz-clerk").await;
    clerk.get("/annual-reports").await;
    let fields = [
        ("staff", "120"),
        ("research_staff", "80"),
        ("insured", "118"),
        ("research", "12000000.50"),
        ("still_ai", "yes"),
        ("statement", statement),
    ];
    clerk.post("/annual-reports", &fields).await
}

async fn campaign(world: World) {
    let mut offices = offices(world).await;
    let office = (1, "ENT-FUZHOU", "企业1");
    let clerk = ("fz-clerk", "enterprise_clerk");
    enterprise_account(&offices.town.world, office, "350102", clerk).await;
    offices.town.at("2027-03-31T09:00:00+08:00");
    assert_eq!(report(&offices, "短").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = "全年发布两个行业大模型，研发投入持续增长，主营业务没有变化。";
    let handed = report(&offices, said).await;
    assert!(handed.text().contains("12,000,000.50"), "{}", handed.text());

    offices.town.at("2027-04-01T09:00:00+08:00");
    let app = offices.app();
    let mut province = Visitor::signed_in(app, "gx-province").await;
    let seen = province.get("/annual-reports").await;
    assert!(
        seen.text().contains("已提交报告 1 家") && seen.text().contains("参保人数少于职工人数")
    );
    let overdue = province.get("/annual-reports?standing=overdue").await;
    assert!(!overdue.text().contains("12,000,000.50") && overdue.text().contains("逾期未提交"));
    assert_eq!(province.get("/annual-reports.xlsx").await.status, StatusCode::OK);

    province.get("/annual-reports").await;
    let none = province.post("/annual-reports/checks", &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let begun =
        province.post("/annual-reports/checks", &[("uscc", FUZHOU), ("uscc", XIAMEN)]).await;
    let outcomes = begun.texts("section[role=status] tbody tr");
    assert_eq!(outcomes.len(), 2, "{}", begun.text());
    assert!(outcomes.iter().all(|row| row.contains("已开始")), "{outcomes:?}");
    let again = province.post("/annual-reports/checks", &[("uscc", FUZHOU)]).await;
    assert!(again.text().contains("未办理"), "{}", again.text());
    assert!(province.get("/enterprises").await.text().contains("年度核查"), "the list tells");

    // One passes, the other is ordered to set things right and is then looked at again.
    let files = juncai::store::case::places(app.db.read(), &[1, 2]).await.unwrap();
    let (fuzhou, xiamen) = (files[&1].case_no.clone(), files[&2].case_no.clone());
    offices.act(&offices.city, &fuzhou, "pass_annual_check", &[]).await.unwrap();
    let ordered = offices.act(&offices.province, &xiamen, "order_rectification", &[]).await;
    assert_eq!(ordered.unwrap(), "整改中");
    let view = juncai::service::case::case_view(app, &offices.city, &fuzhou).await.unwrap();
    let (name, text) = &view.steps[1].evidence[0];
    assert!(*name == "年度报告" && text.contains("2027-03-31 提交"), "{text}");
    offices.town.at("2027-07-01T09:00:00+08:00");
    let mut province = Visitor::signed_in(offices.app(), "gx-province").await;
    let late = province.get("/annual-reports").await;
    assert!(late.text().contains("已核查 2 家") && late.text().contains("逾期未核查"));
    let mut county = Visitor::signed_in(offices.app(), "gx-gulou").await;
    county.get("/annual-reports").await;
    let begin = county.post("/annual-reports/checks", &[("uscc", FUZHOU)]).await;
    assert_eq!(begin.status, StatusCode::FORBIDDEN, "a county begins none");
}

async fn announcing(world: World) {
    let offices = offices(world).await;
    let no = offices.through_review().await;
    let mut hr = Visitor::signed_in(offices.app(), "hr").await;
    let foreign = hr.get("/notices/new?kind=key_enterprise").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let mut approver = Visitor::signed_in(offices.app(), "gx-approver").await;
    let file = approver.get(&format!("/cases/{no}")).await;
    assert!(file.links().contains(&"/notices/new?kind=key_enterprise".to_owned()));
    approver.get("/notices/new?kind=key_enterprise").await;
    let fields = [
        ("kind", "key_enterprise"),
        ("title", "骨干企业拟入选名单公示"),
        ("basis", "闽工信〔2026〕21号"),
        ("contact", "0591-00000000"),
        ("working_days", "5"),
        ("case", no.as_str()),
        ("joint_check", "信用、安全、环保、税务均无异议"),
        ("hr_consent", "同意"),
    ];
    let missing = approver.post("/notices", &fields).await;
    assert!(missing.text().contains("请填写财政部门会签"), "{}", missing.text());
    let all: Vec<_> = fields.into_iter().chain([("finance_consent", "同意")]).collect();
    let done = approver.post("/notices", &all).await;
    assert!(done.text().contains("已发布"), "{}", done.text());
    let mut public = Visitor::new(offices.app());
    let list = public.get("/public/notices").await;
    let notice = list.links().into_iter().find(|link| link.contains("/GS")).expect("a notice");
    assert!(public.get(&notice).await.text().contains(super::APPLICANT.2));
    // The HR office cannot restart what the industry office announced.
    let number = notice.rsplit('/').next().unwrap_or_default().to_owned();
    hr.get("/notices").await;
    let restart = [("no", number.as_str()), ("reason", "网页中断")];
    let restart = hr.post("/notices/restarts", &restart).await;
    assert!(restart.text().contains("其他部门发布"), "{}", restart.text());
}
