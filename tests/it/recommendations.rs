//! The other legal form: the enterprise recommends, and the office decides on the merits.

use juncai::domain::registry::TalentClass;
use juncai::service::case;
use juncai::service::certificate::{self, Claim};
use juncai::service::notice;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices_by, told};
use crate::world::World;

on_both! {
    what_an_enterprise_recommends_is_decided_by_the_office => journey;
    the_office_refuses_on_the_merits_and_the_place_is_free => refused;
}

async fn acts(offices: &Offices, who: &juncai::service::Actor, no: &str) -> Vec<&'static str> {
    let view = case::case_view(&offices.town.world.app, who, no).await.unwrap();
    view.acts.into_iter().map(|act| act.label).collect()
}

/// A recommendation of person 1 that the city has passed on.
async fn recommended(world: World) -> (Offices, String) {
    let mut offices = offices_by(world, "recommendation").await;
    offices.town.at("2026-06-01T10:00:00+08:00");
    let no = offices.open(1, TalentClass::C).await;
    offices.act(&offices.clerk, &no, "submit").await.unwrap();
    assert_eq!(acts(&offices, &offices.head, &no).await, ["登记举荐评审意见", "评审未通过"]);
    let filing = told(offices.act(&offices.head, &no, "decide").await);
    assert!(filing.contains("按举荐形式办理"), "{filing}");
    offices.act(&offices.head, &no, "decide_to_recommend").await.unwrap();
    offices.town.at("2026-06-09T09:00:00+08:00");
    assert_eq!(acts(&offices, &offices.signatory, &no).await, ["提交举荐", "撤回"]);
    for (who, act) in [
        (&offices.signatory, "recommend"),
        (&offices.county, "accept"),
        (&offices.county, "pass_county"),
        (&offices.city, "give_opinion"),
        (&offices.city_approver, "pass_city"),
    ] {
        offices.act(who, &no, act).await.unwrap();
    }
    (offices, no)
}

async fn journey(world: World) {
    let (mut offices, no) = recommended(world).await;
    let notice_no = offices.publish(&[&no]).await;
    let public = notice::notice(&offices.town.world.app, &notice_no).await.unwrap();
    assert_eq!(public.entries[0].detail, "省级高层次人才 C类（企业举荐，待审定）");
    offices.town.at("2026-06-17T09:00:00+08:00");
    let as_filed = told(offices.act(&offices.approver, &no, "recognise").await);
    assert!(as_filed.contains("按举荐形式办理"), "{as_filed}");
    let open = acts(&offices, &offices.approver, &no).await;
    assert_eq!(open, ["审定认定并发证", "审定不予认定"]);
    assert_eq!(offices.act(&offices.approver, &no, "recognise_on_merits").await.unwrap(), "已认定");
    let app = &offices.town.world.app;
    let view = case::case_view(app, &offices.clerk, &no).await.unwrap();
    let form = view.facts.iter().find(|fact| fact.name == "办理形式").unwrap();
    assert_eq!(form.text, "举荐：企业举荐，由省级人社部门审定");
    let evidence: Vec<_> =
        view.steps.last().unwrap().evidence.iter().map(|(name, _)| *name).collect();
    assert_eq!(evidence, ["决定文号", "审核意见"], "the office says why");

    let certificate = offices.certificate(1).await[0].certificate_no.clone();
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let sheet = clerk.get(&format!("/recognitions/{certificate}/certificate")).await;
    for shown in ["经企业1举荐，并经逐级审核、公示和省级人社部门审定", "举荐单位企业1"]
    {
        assert!(sheet.text().contains(shown), "{shown}: {}", sheet.text());
    }
    assert!(!sheet.text().contains("自主认定"), "{}", sheet.text());
    let claim = Claim { no: certificate, name: "工程师1".to_owned(), ..Claim::default() };
    let found = certificate::verify(app, "192.0.2.7", &claim).await.unwrap().unwrap();
    assert!(found.recommended);
    // The year is counted as after a filing.
    offices.town.at("2027-03-10T09:00:00+08:00");
    assert_eq!(offices.act(&offices.clerk, &no, "report_year").await.unwrap(), "年度核查");
}

async fn refused(world: World) {
    let (mut offices, no) = recommended(world).await;
    let open = acts(&offices, &offices.approver, &no).await;
    assert_eq!(open, ["审定不予认定"]);
    let done = offices.act(&offices.approver, &no, "reject_on_merits").await.unwrap();
    assert_eq!(done, "不予认定");
    // The only place of the class is free for another.
    offices.town.at("2026-06-01T10:00:00+08:00");
    let second = offices.open(2, TalentClass::C).await;
    offices.act(&offices.clerk, &second, "submit").await.unwrap();
    offices.act(&offices.head, &second, "decide_to_recommend").await.unwrap();
    offices.town.at("2026-06-09T09:00:00+08:00");
    assert_eq!(offices.act(&offices.signatory, &second, "recommend").await.unwrap(), "已提交");
}
