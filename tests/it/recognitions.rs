//! A recognition from the enterprise's committee to the certificate, and everything that can hold
//! it up on the way.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::lifecycle::Evidence;
use juncai::domain::recognition::is_certificate_no;
use juncai::domain::registry::{Code, PersonDocument, Recognition, TalentClass};
use juncai::service::case::{self, NewRecognition, Submitted};
use juncai::service::notice::{self, Correction, Draft, NewObjectionText};
use juncai::service::pilot::{self, NewPilot, NewStandard};
use juncai::service::spot_check::{self, Asked};
use juncai::service::{Actor, Error};
use juncai::store::account::NewOrganisation;
use juncai::store::fact::{Versions, facts_of};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{FUZHOU, Town, actor};
use crate::world::{World, employ};

on_both! {
    a_recognition_goes_from_the_committee_to_the_certificate => journey;
    of_two_files_that_want_the_last_place_one_gets_it => last_place;
    a_returned_file_keeps_the_days_it_had_left => returned;
    an_objection_holds_its_own_file_only => objection;
    a_restarted_notice_runs_its_days_again_and_a_lie_voids_the_certificate => restarted;
    nobody_checks_what_they_did_themselves => two_people;
    a_clerk_begins_on_the_page_and_a_late_officer_loses_nothing => pages;
}

/// The offices of a town with a pilot enterprise.
pub struct Offices {
    pub town: Town,
    pub clerk: Actor,
    pub head: Actor,
    pub signatory: Actor,
    pub county: Actor,
    pub city: Actor,
    pub city_approver: Actor,
    pub approver: Actor,
}

pub async fn offices(world: World) -> Offices {
    offices_by(world, "filing").await
}

/// The same with a pilot in this legal form.
pub async fn offices_by(world: World, legal_form: &str) -> Offices {
    let mut town = Town::new(world).await;
    for person in [1, 2] {
        town.full_year(person, 1).await;
        let document = PersonDocument {
            document_type: "resident_id".to_owned(),
            country: "CHN".to_owned(),
            number_index: format!("index-{person}"),
            number_cipher: town
                .world
                .app
                .vault
                .seal("person_document.number_cipher", format!("FJ{person}").as_bytes())
                .unwrap(),
            number_masked: "35*************981".to_owned(),
        };
        town.state(person, "2020-01-01", None, document).await;
    }
    town.at("2026-06-01T09:00:00+08:00");
    let of_enterprise = async |login: &str, role: &str| {
        let office = NewOrganisation {
            code: "ENT-1",
            kind: "enterprise",
            name: "企业1",
            division: "350102",
            enterprise_id: Some(1),
        };
        let tx = town.world.app.db.begin().await.unwrap();
        let now = town.world.app.clock.now();
        let actor = employ(&tx, &office, (login, login), (login, role), now).await;
        tx.commit().await.unwrap();
        actor
    };
    let (clerk, head, signatory) = (
        of_enterprise("clerk", "enterprise_clerk").await,
        of_enterprise("head", "enterprise_head").await,
        of_enterprise("sign", "enterprise_signatory").await,
    );
    let (county, city, city_approver, approver) = (
        actor(&town.world, "gulou", "hr_county", "350102", None).await,
        actor(&town.world, "fuzhou", "hr_city", "350100", None).await,
        actor(&town.world, "fuzhou2", "hr_city_approver", "350100", None).await,
        actor(&town.world, "province2", "hr_province_approver", "350000", None).await,
    );
    let new = NewPilot {
        uscc: FUZHOU.to_owned(),
        legal_form: legal_form.to_owned(),
        quotas: ["0", "1", "1"].map(str::to_owned),
        from: "2026-01-01".to_owned(),
        through: "2028-12-31".to_owned(),
        document_no: "闽人才〔2026〕1号".to_owned(),
    };
    pilot::grant(&town.world.app, &town.hr, &new).await.unwrap();
    let standard = NewStandard {
        title: "高层次人才认定标准".to_owned(),
        standard_no: "Q/MJ 001".to_owned(),
        content: "C类：主持完成省级以上人工智能项目一项，或者同等业绩。".to_owned(),
    };
    pilot::file_standard(&town.world.app, &head, &standard).await.unwrap();
    Offices { town, clerk, head, signatory, county, city, city_approver, approver }
}

impl Offices {
    pub async fn open(&self, person: i64, class: TalentClass) -> String {
        let new = NewRecognition {
            person_no: crate::town::person_no(person),
            class,
            grounds: "主持省级重点研发项目，符合标准第三条".to_owned(),
        };
        case::open_recognition(&self.town.world.app, &self.clerk, &new).await.unwrap()
    }

    /// Does an act with everything that any act asks for.
    pub async fn act(&self, who: &Actor, no: &str, act: &str) -> Result<&'static str, Error> {
        let seen = case::case_view(&self.town.world.app, who, no).await?.steps_seen;
        let mut fields: BTreeMap<String, String> = Evidence::ALL
            .iter()
            .map(|evidence| (evidence.code().to_owned(), "有".to_owned()))
            .collect();
        for (field, text) in [
            ("members", "7"),
            ("present", "6"),
            ("in_favour", "5"),
            ("recused", "无"),
            ("major_shareholder", "no"),
            ("notice_from", "2026-06-02"),
            ("notice_through", "2026-06-08"),
            ("objection_open", "no"),
            ("effective_on", "2026-06-01"),
        ] {
            fields.insert(field.to_owned(), text.to_owned());
        }
        let sent =
            Submitted { act: act.to_owned(), remark: String::new(), seen_steps: seen, fields };
        case::act(&self.town.world.app, who, no, &sent).await
    }

    /// From the draft to the end of the enterprise's own notice.
    pub async fn through_own_notice(&mut self, person: i64, class: TalentClass) -> String {
        self.town.at("2026-06-01T10:00:00+08:00");
        let no = self.open(person, class).await;
        assert_eq!(self.act(&self.clerk, &no, "submit").await.unwrap(), "企业评审中");
        assert_eq!(self.act(&self.head, &no, "decide").await.unwrap(), "企业公示中");
        self.town.at("2026-06-09T09:00:00+08:00");
        no
    }

    pub async fn through_checks(&self, no: &str) {
        for (who, act, state) in [
            (&self.signatory, "file", "已提交"),
            (&self.county, "accept", "县区审核中"),
            (&self.county, "pass_county", "市级审核中"),
            (&self.city, "give_opinion", "市级审核中"),
            (&self.city_approver, "pass_city", "省级审核中"),
        ] {
            assert_eq!(self.act(who, no, act).await.unwrap(), state, "{act}");
        }
    }

    /// A sample of the enterprise's people, drawn and checked to the last one; its number.
    pub async fn checked_sample(&self) -> String {
        let (app, hr) = (&self.town.world.app, &self.town.hr);
        let asked = Asked {
            drawing: "random".to_owned(),
            percent: "10".to_owned(),
            uscc: FUZHOU.to_owned(),
            seed: "7".to_owned(),
        };
        let no = spot_check::draw(app, hr, &asked).await.unwrap();
        for item in spot_check::sample_page(app, hr, &no, 0).await.unwrap().items {
            spot_check::record(app, hr, (&no, item.seq), ("clean", "")).await.unwrap();
        }
        no
    }

    pub async fn publish(&self, numbers: &[&str]) -> String {
        let draft = draft(numbers, &format!("{}，均符合", self.checked_sample().await));
        notice::publish(&self.town.world.app, &self.town.hr, &draft).await.unwrap()
    }

    pub async fn certificate(&self, person: i64) -> Vec<Recognition> {
        let found = facts_of::<Recognition>(self.town.world.app.db.read(), person, Versions::Live);
        found.await.unwrap().into_iter().map(|stated| stated.fact).collect()
    }
}

/// A notice of these files, with what is said of a sample.
pub fn draft(numbers: &[&str], sample: &str) -> Draft {
    Draft {
        title: "自主认定公示".to_owned(),
        basis: "闽人社文〔2026〕12号".to_owned(),
        contact: "0591-00000000".to_owned(),
        working_days: "5".to_owned(),
        count_first_day: false,
        case_nos: numbers.iter().map(|no| (*no).to_owned()).collect(),
        kind: "recognition".to_owned(),
        evidence: [
            ("cross_check".to_owned(), "无重复".to_owned()),
            ("sample_audit".to_owned(), sample.to_owned()),
        ]
        .into(),
    }
}

pub fn told(outcome: Result<&'static str, Error>) -> String {
    outcome.expect_err("a refusal").to_string()
}

async fn journey(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&no).await;
    let notice = offices.publish(&[&no]).await;
    // Published on 9 June, five working days: through 16 June.
    offices.town.at("2026-06-16T23:00:00+08:00");
    let early = told(offices.act(&offices.approver, &no, "recognise").await);
    assert!(early.contains("2026-06-16"), "{early}");
    offices.town.at("2026-06-17T09:00:00+08:00");
    assert_eq!(offices.act(&offices.approver, &no, "recognise").await.unwrap(), "已认定");
    let view = case::case_view(&offices.town.world.app, &offices.county, &no).await.unwrap();
    let kept: Vec<_> = view.steps[1].evidence.iter().map(|(name, _)| *name).collect();
    assert_eq!(kept, ["业绩材料", "劳动合同", "评审会纪要", "岗位说明"], "what the act asks for");
    let held = offices.certificate(1).await;
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].class, held[0].enterprise_id), (TalentClass::C, Some(1)));
    assert!(is_certificate_no(&held[0].certificate_no), "{}", held[0].certificate_no);

    let public = notice::notice(&offices.town.world.app, &notice).await.unwrap();
    assert!(!public.line.running);
    let entry = &public.entries[0];
    assert!(entry.name.contains('*') && !entry.name.contains("工程师1"), "{}", entry.name);
}

async fn last_place(world: World) {
    let mut offices = offices(world).await;
    let first = offices.through_own_notice(1, TalentClass::C).await;
    let second = offices.through_own_notice(2, TalentClass::C).await;
    let (one, other) = tokio::join!(
        offices.act(&offices.signatory, &first, "file"),
        offices.act(&offices.signatory, &second, "file"),
    );
    assert_eq!([&one, &other].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let (winner, loser) = if one.is_ok() { (&first, &second) } else { (&second, &first) };
    let full = told(offices.act(&offices.signatory, loser, "file").await);
    assert!(full.contains("名额 1 个已用完"), "{full}");
    // Taken back, the place is free again.
    offices.act(&offices.signatory, winner, "withdraw").await.unwrap();
    assert_eq!(offices.act(&offices.signatory, loser, "file").await.unwrap(), "已提交");
    // A class without places is outside the pilot.
    let outside = offices.open(2, TalentClass::A).await;
    let told = told(offices.act(&offices.clerk, &outside, "submit").await);
    assert!(told.contains("不含A类"), "{told}");
}

async fn returned(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    offices.act(&offices.county, &no, "accept").await.unwrap();
    // Accepted on 9 June with ten working days; returned on the 12th, seven are left.
    offices.town.at("2026-06-12T09:00:00+08:00");
    assert_eq!(offices.act(&offices.county, &no, "send_back").await.unwrap(), "退回修改");
    offices.town.at("2026-06-24T09:00:00+08:00");
    assert_eq!(offices.act(&offices.clerk, &no, "resubmit").await.unwrap(), "县区审核中");
    let seen = case::case_view(&offices.town.world.app, &offices.county, &no).await.unwrap();
    assert_eq!(seen.line.due_on.unwrap().to_string(), "2026-07-03");
    let again = told(offices.act(&offices.county, &no, "send_back").await);
    assert!(again.contains("只能办理一次"), "{again}");
}

async fn objection(world: World) {
    let mut offices = offices(world).await;
    let held = offices.through_own_notice(1, TalentClass::C).await;
    let free = offices.through_own_notice(2, TalentClass::B).await;
    offices.through_checks(&held).await;
    offices.through_checks(&free).await;
    let notice = offices.publish(&[&held, &free]).await;
    let text = NewObjectionText {
        seq: "1".to_owned(),
        name: "王某某".to_owned(),
        contact: "13800000000".to_owned(),
        content: "该同志的项目由他人主持完成，附立项书编号，请予核查。".to_owned(),
    };
    let app = &offices.town.world.app;
    let no = notice::object(app, &notice, &text).await.unwrap().no;
    let reviewer = told(offices.act(&offices.town.hr, &no, "accept").await);
    assert!(reviewer.contains("须由其他人办理"), "{reviewer}");
    let other = actor(&offices.town.world, "hr2", "hr_province", "350000", None).await;
    assert_eq!(offices.act(&other, &no, "accept").await.unwrap(), "已受理");
    let view = case::case_view(app, &other, &no).await.unwrap();
    let shown = format!("{view:?}");
    assert!(!shown.contains("王某某") && !shown.contains("13800000000"), "sealed");
    let foreign = case::case_view(app, &offices.clerk, &no).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "the enterprise is not told");

    offices.town.at("2026-06-17T09:00:00+08:00");
    assert_eq!(offices.act(&offices.approver, &free, "recognise").await.unwrap(), "已认定");
    let waits = told(offices.act(&offices.approver, &held, "recognise").await);
    assert!(waits.contains("尚未办结"), "{waits}");
    offices.act(&other, &no, "investigate").await.unwrap();
    assert_eq!(offices.act(&other, &no, "dismiss").await.unwrap(), "异议不成立");
    assert_eq!(offices.act(&offices.approver, &held, "recognise").await.unwrap(), "已认定");
}

async fn two_people(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    for (who, act) in [
        (&offices.signatory, "file"),
        (&offices.county, "accept"),
        (&offices.county, "pass_county"),
    ] {
        offices.act(who, &no, act).await.unwrap();
    }
    let unseen = told(offices.act(&offices.city_approver, &no, "pass_city").await);
    assert!(unseen.contains("尚未办理“出具市级审核意见”"), "{unseen}");
    let foreign = told(offices.act(&offices.clerk, &no, "give_opinion").await);
    assert!(foreign.contains("由市级人社审核办理"), "{foreign}");
}

async fn pages(world: World) {
    let offices = offices(world).await;
    let app = &offices.town.world.app;
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    clerk.get("/recognitions/new?person=E000001").await;
    let fields =
        [("person_no", "E000001"), ("class", "C"), ("grounds", "主持省级重点研发项目，符合标准")];
    let short = [("person_no", "E000002"), ("class", "C"), ("grounds", "好")];
    let wrong = clerk.post("/recognitions", &short).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attributes("input[name=person_no]", "value"), ["E000002"], "kept as typed");
    let opened = clerk.post("/recognitions", &fields).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.text());
    let here = clerk.at.clone();
    let submit = format!("{here}/steps");
    let done = clerk.post(&submit, &[("act", "submit"), ("seen_steps", "0")]).await;
    assert!(done.text().contains("企业评审中"), "{}", done.text());

    // Two heads look at the file; the second is late.
    let mut head = Visitor::signed_in(app, "head").await;
    assert!(head.get("/cases").await.text().contains("工程师1（E000001）"));
    head.get(&here).await;
    let decline = [("act", "decline"), ("seen_steps", "1"), ("minutes", "纪要1号")];
    assert!(head.post(&submit, &decline).await.text().contains("不予认定"));
    let late = head
        .post(&submit, &[("act", "decline"), ("seen_steps", "1"), ("minutes", "纪要2号")])
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text().contains("企业审核办理") && late.text().contains("纪要2号"));

    let mut stranger = Visitor::of_enterprise(app, "stranger", Role::EnterpriseClerk, 2).await;
    assert_eq!(stranger.get(&here).await.status, StatusCode::NOT_FOUND);
    assert!(!stranger.get("/cases?show=all").await.body().contains("E000001"));
    let mut public = Visitor::new(app);
    let list = public.get("/public/notices").await;
    assert_eq!(list.status, StatusCode::OK);
}

async fn restarted(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&no).await;
    let notice = offices.publish(&[&no]).await;
    offices.town.at("2026-06-12T09:00:00+08:00");
    let app = &offices.town.world.app;
    let blank = notice::restart(app, &offices.town.hr, &notice, &Correction::default()).await;
    assert!(matches!(blank, Err(Error::Invalid(_))));
    let again = Correction { reason: "网页中断".to_owned(), ..Correction::default() };
    notice::restart(app, &offices.town.hr, &notice, &again).await.unwrap();
    // Five working days after 12 June, the Dragon Boat holiday from 19 June not counted.
    let shown = notice::notice(app, &notice).await.unwrap();
    assert_eq!(shown.line.ends_on.to_string(), "2026-06-22");
    assert_eq!(shown.restarts.len(), 1);
    offices.town.at("2026-06-17T09:00:00+08:00");
    let early = told(offices.act(&offices.approver, &no, "recognise").await);
    assert!(early.contains("2026-06-22"), "{early}");
    offices.town.at("2026-06-23T09:00:00+08:00");
    assert_eq!(offices.act(&offices.approver, &no, "recognise").await.unwrap(), "已认定");
    // The certificate is taken back for a lie: nothing of it holds.
    offices.town.at("2026-07-01T09:00:00+08:00");
    assert_eq!(offices.act(&offices.town.hr, &no, "revoke").await.unwrap(), "已撤销");
    assert_eq!(offices.certificate(1).await, []);
}
