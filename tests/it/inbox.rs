//! The desk of an official: files on a case, one act on many, filters, standing in, withdrawing,
//! defects told point by point.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::TalentClass;
use juncai::service::case::bulk::{self, BulkSent};
use juncai::service::case::mandate::{self, NewMandate};
use juncai::service::case::recusal::{self, NewRelation};
use juncai::service::case::{self, CaseQuery, Chosen, Submitted};
use juncai::service::{Actor, Error};
use juncai::store::account::NewOrganisation;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices, told};
use crate::town::{FUZHOU, actor};
use crate::world::{World, employ};

on_both! {
    files_of_a_case_are_seen_by_those_who_see_the_case => attachments;
    one_act_on_many_files_says_of_each_what_came_of_it => many;
    the_address_holds_the_filter_and_a_kept_one_opens_the_list => filters;
    whoever_stands_in_acts_for_another_and_both_stay_with_the_step => standing_in;
    two_people_are_compared_also_behind_a_delegation => both_people;
    an_official_with_a_relation_withdraws_and_hands_over => withdrawing;
    a_file_is_handed_over_for_a_reason_by_whoever_it_waits_for => handing_over;
    defects_are_told_at_the_field_that_they_concern => defects;
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

/// A recognition that is filed with the county.
async fn filed(offices: &mut Offices, person: i64, class: TalentClass) -> String {
    let no = offices.through_own_notice(person, class).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    no
}

/// Another account in the offices of enterprise 1.
async fn of_enterprise(offices: &Offices, person: &str, login: &str, role: &str) -> Actor {
    let office = NewOrganisation {
        code: "ENT-1",
        kind: "enterprise",
        name: "企业1",
        division: "350102",
        enterprise_id: Some(1),
    };
    let app = &offices.town.world.app;
    let tx = app.db.begin().await.unwrap();
    let made = employ(&tx, &office, (person, person), (login, role), app.clock.now()).await;
    tx.commit().await.unwrap();
    made
}

async fn attachments(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices, 1, TalentClass::C).await;
    let app = offices.town.world.app.clone();
    let (here, add) = (format!("/cases/{no}"), format!("/cases/{no}/attachments"));
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    clerk.get(&here).await;

    let added = clerk.post_file(&add, &[("note", "劳动合同")], ("file", "合同.pdf", PDF)).await;

    assert!(added.text().contains("附件已保存"), "{}", added.text());
    let at = added.links().into_iter().find(|to| to.starts_with(&format!("{add}/"))).unwrap();
    let mut county = Visitor::signed_in(&app, "gulou").await;
    assert!(county.get(&here).await.text().contains("合同.pdf"));
    assert_eq!(county.peek(&at).await.bytes, PDF);
    let mut far = Visitor::with_role(&app, "far", Role::HrCounty, "350504").await;
    assert_eq!(far.peek(&at).await.status, StatusCode::NOT_FOUND);
    let mut other = Visitor::of_enterprise(&app, "other", Role::EnterpriseClerk, 2).await;
    assert_eq!(other.peek(&at).await.status, StatusCode::NOT_FOUND);
    let mut finance = Visitor::with_role(&app, "maker", Role::FinanceMaker, "350000").await;
    assert_eq!(finance.peek(&at).await.status, StatusCode::FORBIDDEN);
    // A wrong file comes back with what is wrong; an auditor only looks.
    clerk.get(&here).await;
    let wrong = clerk.post_file(&add, &[], ("file", "合同.exe", PDF)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("后缀与内容不符"));
    let mut auditor = Visitor::with_role(&app, "auditor", Role::Auditor, "350000").await;
    assert!(auditor.get(&here).await.attributes("input[type=file]", "name").is_empty());

    // Withdrawn by the enterprise, it stays with the offices that may have relied on it.
    clerk.get(&here).await;
    clerk.post(&format!("{at}/withdrawal"), &[("reason", "传错")]).await;
    assert_eq!(clerk.peek(&at).await.status, StatusCode::NOT_FOUND);
    assert_eq!(county.peek(&at).await.bytes, PDF);
}

async fn many(world: World) {
    let mut offices = offices(world).await;
    let first = filed(&mut offices, 1, TalentClass::C).await;
    let second = filed(&mut offices, 2, TalentClass::B).await;
    let app = offices.town.world.app.clone();
    let mut county = Visitor::signed_in(&app, "gulou").await;
    let list = county.get("/cases?show=mine&pick=all").await;
    let ticked = list.attributes("input[name=file][checked]", "value");
    assert_eq!(ticked.len(), 2, "without a script every box can be ticked");
    // Meanwhile somebody moved the second one.
    offices.act(&offices.county, &second, "accept").await.unwrap();

    let files: Vec<(&str, &str)> =
        ticked.iter().map(|value| ("file", value.as_str())).chain([("act", "accept")]).collect();
    let done = county.post("/cases/bulk", &files).await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    let text = done.text();
    assert!(text.contains("办成 1 件，未办成 1 件") && text.contains("现为“县区审核中”"), "{text}");
    assert!(text.contains("由县区人社审核办理"), "the late one says who was first: {text}");
    let state = |no: &str| {
        let (app, county, no) = (app.clone(), offices.county.clone(), no.to_owned());
        async move { case::case_view(&app, &county, &no).await.unwrap().line.state }
    };
    assert_eq!((state(&first).await, state(&second).await), ("县区审核中", "县区审核中"));
    county.get("/cases?show=mine").await;
    let none = county.post("/cases/bulk", &[("act", "accept")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("请至少勾选一件"));
    // An act that needs its own evidence is none for many; five thousand is the most.
    let mut sent = BulkSent { act: "send_back".to_owned(), ..BulkSent::default() };
    let chosen = |n| Chosen { no: format!("RD2026-{n:05}"), seen_steps: Some(1) };
    sent.chosen = (0..5_001).map(chosen).collect();
    let refused = bulk::bulk(&app, &offices.county, &sent).await.unwrap_err().to_string();
    assert!(
        refused.contains("请选择要批量办理") && refused.contains("最多办理 5000 件"),
        "{refused}"
    );
    let auditor = actor(&offices.town.world, "audit", "auditor", "350000", None).await;
    let looked = bulk::bulk(&app, &auditor, &sent).await;
    assert!(matches!(looked, Err(Error::Forbidden(_))));
    let moved = "SELECT detail FROM audit_event WHERE action = 'case.moved' AND login = 'gulou'";
    assert_eq!(offices.town.texts(moved).await.len(), 2, "each in the log by itself");
}

async fn filters(world: World) {
    let mut offices = offices(world).await;
    let first = filed(&mut offices, 1, TalentClass::C).await;
    let second = offices.open(2, TalentClass::B).await;
    let app = offices.town.world.app.clone();
    let mut hr = Visitor::signed_in(&app, "hr").await;
    let mut found = async |query: &str| {
        let seen = hr.get(&format!("/cases?{query}")).await;
        assert_eq!(seen.status, StatusCode::OK);
        (
            seen.body().contains(&format!("/cases/{first}\"")),
            seen.body().contains(&format!("/cases/{second}\"")),
        )
    };
    assert_eq!(found("show=all").await, (true, true));
    assert_eq!(found("show=all&state=filed").await, (true, false));
    assert_eq!(found("show=all&kind=objection").await, (false, false));
    assert_eq!(found("show=all&kind=recognition&division=350102").await, (true, true));
    assert_eq!(found("show=all&division=350200").await, (false, false));
    assert_eq!(found(&format!("show=all&enterprise={FUZHOU}")).await, (true, true));
    assert_eq!(found("show=all&enterprise=%E4%BC%81%E4%B8%9A2").await, (false, false));
    assert_eq!(found("show=mine").await, (false, false));
    assert_eq!(found("show=all&overdue=yes").await, (false, false));
    offices.town.at("2026-07-20T09:00:00+08:00");
    let mut hr = Visitor::signed_in(&offices.town.world.app, "hr").await;
    let late = hr.get("/cases?show=all&overdue=yes").await;
    assert!(late.body().contains(&first) && !late.body().contains(&second));

    // Kept as the default, it opens the list; another account has none of it.
    let keep = [("name", "鼓楼逾期"), ("default", "yes")];
    let kept = hr.post("/cases/filters", &keep).await;
    assert!(kept.text().contains("筛选已保存"), "{}", kept.text());
    hr.get("/cases").await;
    assert_eq!(hr.at, "/cases?show=all&overdue=yes");
    assert!(hr.page.clone().unwrap().text().contains("鼓楼逾期 1 件"));
    let mut other = Visitor::signed_in(&offices.town.world.app, "gulou").await;
    assert!(!other.get("/cases").await.text().contains("鼓楼逾期"));
    let action = hr.page.clone().unwrap().attributes("form[action^='/cases/filters/']", "action");
    other.get("/cases").await;
    let foreign = other.post(&action[0], &[("change", "forget")]).await;
    assert_eq!(foreign.status, StatusCode::CONFLICT, "only one's own");
    hr.get("/cases?show=mine").await;
    let gone = hr.post(&action[0], &[("change", "forget")]).await;
    assert!(gone.text().contains("筛选已删除") && !gone.text().contains("鼓楼逾期"));
    let unnamed = hr.post("/cases/filters", &[("name", " ")]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);

    let sheet = hr.peek("/cases.xlsx?show=all&overdue=yes").await;
    assert!(sheet.bytes.starts_with(b"PK"), "a workbook");
    let logged = "SELECT detail FROM audit_event WHERE action = 'cases.exported'";
    let logged = offices.town.texts(logged).await.concat();
    assert!(logged.contains("\"rows\":1"), "{logged}");
    let query = CaseQuery { all: true, ..CaseQuery::default() };
    let counted = case::list::count(&offices.town.world.app, &offices.county, &query).await;
    assert_eq!(counted.unwrap(), 2);
}

fn order(taker: &str, from: &str, through: &str) -> NewMandate {
    NewMandate {
        taker: taker.to_owned(),
        from: from.to_owned(),
        through: through.to_owned(),
        document_no: "鼓人社〔2026〕31号".to_owned(),
        reason: "公务外出".to_owned(),
    }
}

async fn standing_in(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices, 1, TalentClass::C).await;
    let app = offices.town.world.app.clone();
    actor(&offices.town.world, "cangshan", "hr_county", "350104", None).await;
    // Not to the next step, not to oneself, not into the past, not to another kind of office.
    let refused = async |taker: &str, from: &str| {
        let order = order(taker, from, "2026-06-30");
        mandate::delegate(&app, &offices.county, &order).await.unwrap_err().to_string()
    };
    assert!(refused("fuzhou", "2026-06-10").await.contains("其他同类单位同一岗位"));
    assert!(refused("gulou", "2026-06-10").await.contains("不能委托给自己"));
    assert!(refused("clerk", "2026-06-10").await.contains("只能委托给本单位"));
    assert!(refused("nobody", "2026-06-10").await.contains("没有这个在用的账号"));
    assert!(refused("cangshan", "2026-06-01").await.contains("不能从过去开始"));
    let adjacent = order("head", "2026-06-10", "2026-06-11");
    let next = mandate::delegate(&app, &offices.signatory, &adjacent).await.unwrap_err();
    assert!(next.to_string().contains("相邻环节"), "{next}");

    let mut gulou = Visitor::signed_in(&app, "gulou").await;
    gulou.get("/delegations").await;
    let fields = [
        ("taker", "cangshan"),
        ("from", "2026-06-10"),
        ("through", "2026-06-12"),
        ("document_no", "鼓人社〔2026〕31号"),
    ];
    let given = gulou.post("/delegations", &fields).await;
    assert!(given.text().contains("委托已登记"), "{}", given.text());

    // The day before, the file of the other county is out of sight; then it waits.
    let here = format!("/cases/{no}");
    let mut taker = Visitor::signed_in(&app, "cangshan").await;
    assert_eq!(taker.get(&here).await.status, StatusCode::NOT_FOUND);
    assert!(taker.get("/notifications").await.text().contains("委托您代办"));
    offices.town.at("2026-06-10T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    let mut taker = Visitor::signed_in(&app, "cangshan").await;
    assert!(taker.get("/cases?show=mine").await.body().contains(&no));
    let page = taker.get(&here).await;
    assert!(page.text().contains("代 gulou"), "{}", page.text());
    let done = taker.post(&format!("{here}/steps"), &[("act", "accept")]).await;
    assert!(done.text().contains("cangshan（代gulou）"), "both stay: {}", done.text());
    let logged =
        "SELECT detail FROM audit_event WHERE action = 'case.moved' AND login = 'cangshan'";
    assert!(offices.town.texts(logged).await.concat().contains("gulou"));

    // Ended, it gives nothing any more.
    gulou.get("/delegations").await;
    let ending = gulou.page.clone().unwrap().attributes("form[action$='/end']", "action");
    assert!(gulou.post(&ending[0], &[]).await.text().contains("委托已结束"));
    assert_eq!(taker.get(&here).await.status, StatusCode::NOT_FOUND);
}

async fn both_people(world: World) {
    let mut offices = offices(world).await;
    offices.town.at("2026-06-01T10:00:00+08:00");
    let app = offices.town.world.app.clone();
    // The second clerk is, as a natural person, a head as well.
    let second = of_enterprise(&offices, "twofold", "clerk2", "enterprise_clerk").await;
    let head = of_enterprise(&offices, "twofold", "head2", "enterprise_head").await;
    let given = order("clerk", "2026-06-01", "2026-06-02");
    mandate::delegate(&app, &second, &given).await.unwrap();
    let no = offices.open(1, TalentClass::C).await;
    let held = case::case_view(&app, &offices.clerk, &no).await.unwrap();
    let act = held.acts.iter().find(|a| a.act == "submit" && a.in_name_of.is_some()).unwrap();
    let id = act.in_name_of.clone().unwrap().0.to_string();
    let fields = BTreeMap::from([(mandate::IN_NAME_OF.to_owned(), id)]);
    let sent = Submitted { act: "submit".to_owned(), remark: String::new(), seen_steps: 0, fields };
    case::act(&app, &offices.clerk, &no, &sent).await.unwrap();

    let same = told(offices.act(&head, &no, "decide").await);
    assert!(same.contains("您已办理“提交企业评审”"), "{same}");
    assert_eq!(offices.act(&offices.head, &no, "decide").await.unwrap(), "企业公示中");
    // A delegation of others is none of one's own.
    let stolen = Submitted { seen_steps: 2, ..sent };
    let foreign = told(case::act(&app, &offices.signatory, &no, &stolen).await);
    assert!(foreign.contains("委托已经结束或尚未开始"), "{foreign}");
}

async fn handing_over(world: World) {
    let mut offices = offices(world).await;
    let app = offices.town.world.app.clone();
    actor(&offices.town.world, "cangshan", "hr_county", "350104", None).await;
    let other = filed(&mut offices, 1, TalentClass::C).await;
    let give = async |to| mandate::hand_over(&app, &offices.county, &other, to).await;
    let blank = give(("cangshan", " ")).await;
    assert!(matches!(&blank, Err(Error::Invalid(f)) if f[0].0 == "reason"), "{blank:?}");
    let by_clerk = mandate::hand_over(&app, &offices.clerk, &other, ("cangshan", "休假")).await;
    assert!(by_clerk.unwrap_err().to_string().contains("不由您办理"));
    give(("cangshan", "本周外出培训")).await.unwrap();
    let taken = juncai::store::account::by_login(app.db.read(), "cangshan").await;
    let taken = Actor::new(&taken.unwrap().unwrap(), "127.0.0.1").unwrap();
    let id = mandate::mandates(&app, &taken).await.unwrap()[0].id;
    let sent = Submitted {
        act: "accept".to_owned(),
        remark: String::new(),
        seen_steps: 3,
        fields: BTreeMap::from([(mandate::IN_NAME_OF.to_owned(), id.to_string())]),
    };
    assert_eq!(case::act(&app, &taken, &other, &sent).await.unwrap(), "县区审核中");
}

async fn withdrawing(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices, 1, TalentClass::C).await;
    let app = offices.town.world.app.clone();
    actor(&offices.town.world, "cangshan", "hr_county", "350104", None).await;
    let old = NewRelation {
        kind: "former_employer".to_owned(),
        about: FUZHOU.to_owned(),
        from: "2023-06-01".to_owned(),
        note: String::new(),
    };
    let over = recusal::declare(&app, &offices.county, &old).await.unwrap_err();
    assert!(over.to_string().contains("满三年"), "{over}");

    let mut gulou = Visitor::signed_in(&app, "gulou").await;
    gulou.get("/delegations").await;
    let fields = [("kind", "kin"), ("about", FUZHOU), ("from", "2020-01-01")];
    let declared = gulou.post("/relations", &fields).await;
    assert!(declared.text().contains("回避关系已申报"), "{}", declared.text());
    assert!(gulou.get("/cases?show=mine").await.text().contains("须回避"));
    let here = format!("/cases/{no}");
    let page = gulou.get(&here).await.text();
    assert!(page.contains("须由其他人办理") && page.contains("近亲属"), "{page}");
    let refused = told(offices.act(&offices.county, &no, "accept").await);
    assert!(refused.contains("须回避，由其他人办理"), "{refused}");
    // Standing in for the official in general would be a way around.
    let general = order("cangshan", "2026-06-09", "2026-06-30");
    mandate::delegate(&app, &offices.county, &general).await.unwrap();
    let stand_in = juncai::store::account::by_login(app.db.read(), "cangshan").await;
    let stand_in = Actor::new(&stand_in.unwrap().unwrap(), "127.0.0.1").unwrap();
    let id = mandate::mandates(&app, &stand_in).await.unwrap()[0].id;
    let sent = |id: i64| Submitted {
        act: "accept".to_owned(),
        remark: String::new(),
        seen_steps: 3,
        fields: BTreeMap::from([(mandate::IN_NAME_OF.to_owned(), id.to_string())]),
    };
    let around = told(case::act(&app, &stand_in, &no, &sent(id)).await);
    assert!(around.contains("须回避"), "{around}");

    let over = gulou.post(&format!("{here}/hand-over"), &[("taker", "cangshan")]).await;
    assert!(over.text().contains("已转由所选人员办理"), "{}", over.text());
    let id = mandate::mandates(&app, &stand_in).await.unwrap()[0].id;
    assert_eq!(case::act(&app, &stand_in, &no, &sent(id)).await.unwrap(), "县区审核中");
    // The colleague in the same office needs no handing over.
    let other = filed(&mut offices, 2, TalentClass::B).await;
    let colleague = {
        let app = &offices.town.world.app;
        let tx = app.db.begin().await.unwrap();
        let office = NewOrganisation {
            code: "ORG-gulou",
            kind: "hr_office",
            name: "gulou",
            division: "350102",
            enterprise_id: None,
        };
        let who = ("gulou-b", "同事乙");
        let made = employ(&tx, &office, who, ("gulou-b", "hr_county"), app.clock.now()).await;
        tx.commit().await.unwrap();
        made
    };
    let view = case::case_view(&offices.town.world.app, &offices.county, &other).await.unwrap();
    assert_eq!(view.beside.recused.unwrap().colleagues, ["同事乙"]);
    assert_eq!(offices.act(&colleague, &other, "accept").await.unwrap(), "县区审核中");
}

async fn defects(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices, 1, TalentClass::C).await;
    offices.act(&offices.county, &no, "accept").await.unwrap();
    let app = offices.town.world.app.clone();
    let (here, add) = (format!("/cases/{no}"), format!("/cases/{no}/attachments"));
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    clerk.get(&here).await;
    let added = clerk.post_file(&add, &[], ("file", "合同.pdf", PDF)).await;
    let at = added.links().into_iter().find(|to| to.starts_with(&format!("{add}/"))).unwrap();
    let file = format!("attachment:{}", at.rsplit('/').next().unwrap());

    let mut county = Visitor::signed_in(&app, "gulou").await;
    county.get(&here).await;
    let steps = format!("{here}/steps");
    let form = |text: &'static str| {
        [
            ("act", "send_back"),
            ("seen_steps", "4"),
            ("defect_list", ""),
            ("defect_field_1", "class"),
            ("defect_text_1", "与标准第三条不符"),
            ("defect_field_2", Box::leak(file.clone().into_boxed_str())),
            ("defect_text_2", text),
        ]
    };
    let half = county.post(&steps, &form("")).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        half.text().contains("请写明第 2 点的问题") && half.body().contains("与标准第三条不符")
    );
    let sent = county.post(&steps, &form("缺第3页")).await;
    assert!(sent.text().contains("退回修改"), "{}", sent.text());

    let page = clerk.get(&here).await;
    let beside = page.texts("dd .field-error").concat();
    assert!(beside.contains("与标准第三条不符"), "at the class: {beside}");
    let row = page.texts("#attachments .field-error").concat();
    assert!(row.contains("缺第3页"), "at the file: {row}");
    assert!(page.text().contains("1. 认定类别：与标准第三条不符；2. 附件：合同.pdf：缺第3页"));
    assert!(clerk.get("/notifications").await.text().contains("退回补正"));
    let resubmit = [("act", "resubmit"), ("seen_steps", "5"), ("supplement", "已补")];
    clerk.get(&here).await;
    let again = clerk.post(&steps, &resubmit).await;
    assert!(again.texts("dd .field-error").is_empty(), "mended, it is only in the record");
}
