//! Certificates that anybody can check, and what time does to recognitions.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::{PersonName, Recognition, TalentClass};
use juncai::service::Error;
use juncai::service::case;
use juncai::service::certificate::{self, Claim};
use juncai::service::own_page::Myself;
use juncai::service::program;
use juncai::store::fact::{self, Versions, facts_of};
use juncai::vault::kind;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices, told};
use crate::town::day;
use crate::world::World;

on_both! {
    a_certificate_is_printed_and_anybody_can_check_it => checked;
    whatever_is_altered_or_without_force_is_not_valid_in_the_same_words => altered;
    whoever_guesses_names_has_to_wait_and_locks_nobody_else_out => guessed;
    a_term_that_is_over_lapses_by_itself_once => lapsed;
    a_returned_file_that_is_not_mended_lapses_and_frees_its_place => not_mended;
    a_suspended_recognition_does_not_lapse_before_its_term_and_resumes_to_its_end => resumed;
    a_higher_class_leaves_the_lower_one_no_day_of_its_own => upgraded;
}

/// A recognition of person 1, given on 2026-06-17; case and certificate number.
pub async fn recognised(world: World) -> (Offices, String, String) {
    let mut offices = offices(world).await;
    offices.town.world.app.public_address = "https://rc.example.test".to_owned();
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.through_checks(&no).await;
    offices.publish(&[&no]).await;
    offices.town.at("2026-06-17T09:00:00+08:00");
    offices.act(&offices.approver, &no, "recognise").await.unwrap();
    let certificate = offices.certificate(1).await[0].certificate_no.clone();
    (offices, no, certificate)
}

fn claim(no: &str, name: &str) -> Claim {
    Claim { no: no.to_owned(), name: name.to_owned(), ..Claim::default() }
}

impl Offices {
    async fn is_valid(&self, claim: &Claim) -> bool {
        let app = &self.town.world.app;
        certificate::verify(app, "192.0.2.7", claim).await.unwrap().is_some()
    }
}

async fn checked(world: World) {
    let (offices, no, certificate) = recognised(world).await;
    let app = &offices.town.world.app;
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let here = format!("/recognitions/{certificate}/certificate");
    assert!(clerk.get(&format!("/cases/{no}")).await.links().contains(&here));
    assert!(clerk.get("/engineers/E000001").await.links().contains(&here));
    let sheet = clerk.get(&here).await;
    assert_eq!(sheet.status, StatusCode::OK);
    for shown in [&certificate, "工程师1", "C类", "2026年6月17日 至 2031年6月16日", "企业1"]
    {
        assert!(sheet.text().contains(shown), "{shown}: {}", sheet.text());
    }
    assert_eq!(sheet.texts("svg.qr").len(), 1);
    assert!(!sheet.body().contains("style="), "nothing that the policy of the page refuses");
    let mut stranger = Visitor::of_enterprise(app, "stranger", Role::EnterpriseClerk, 2).await;
    assert_eq!(stranger.get(&here).await.status, StatusCode::NOT_FOUND);

    let person = |id, no: &str| Myself {
        id,
        no: no.to_owned(),
        name: String::new(),
        address: String::new(),
    };
    let own = certificate::own(app, &person(1, "E000001"), &certificate).await.unwrap();
    assert_eq!(own.person_no, "E000001");
    let foreign = certificate::own(app, &person(2, "E000002"), &certificate).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "somebody else's");

    // When somebody scans the code, then all but the name is filled in, and no name is in it.
    let found = certificate::certificate(app, &offices.county, &certificate).await.unwrap();
    let address = found.address.unwrap();
    let path = address.strip_prefix("https://rc.example.test").unwrap();
    assert!(!path.contains("%E5"), "{path}");
    let mut public = Visitor::new(app);
    let asked = public.get(path).await;
    assert_eq!(asked.attributes("input[name=code]", "value"), [found.mark]);
    let valid = public.post("/public/verify", &[("name", " 工程师1 ")]).await;
    let text = valid.text();
    assert!(text.contains("证书有效") && text.contains("2026-06-17 至 2031-06-16"), "{text}");
    assert!(valid.texts("dd").contains(&"工*1".to_owned()) || text.contains('*'), "{text}");
    assert!(!text.contains("2031年") && !text.contains("E000001"), "{text}");
}

async fn altered(world: World) {
    let (mut offices, no, certificate) = recognised(world).await;
    let app = offices.town.world.app.clone();
    let found = certificate::certificate(&app, &offices.county, &certificate).await.unwrap();
    let genuine = Claim {
        no: certificate.clone(),
        name: "工程师1".to_owned(),
        class: "C".to_owned(),
        from: "2026-06-17".to_owned(),
        through: "2031-06-16".to_owned(),
        mark: found.mark.clone(),
    };
    assert!(offices.is_valid(&genuine).await);
    // A forger who knows everything but the key makes a mark of another text.
    let forged = app.vault.mark("another", &found.printed.signed_text());
    let other_key = app.vault.mark(kind::RECEIPT, &certificate);
    for (what, wrong) in [
        ("number", Claim { no: "FJ-AI-2026000099-K".to_owned(), ..genuine.clone() }),
        ("name", Claim { name: "工程师2".to_owned(), ..genuine.clone() }),
        ("class", Claim { class: "A".to_owned(), ..genuine.clone() }),
        ("first day", Claim { from: "2026-06-16".to_owned(), ..genuine.clone() }),
        ("last day", Claim { through: "2036-06-16".to_owned(), ..genuine.clone() }),
        ("no day", Claim { through: "2036-02-30".to_owned(), ..genuine.clone() }),
        ("mark", Claim { mark: forged, ..genuine.clone() }),
        ("mark of something else", Claim { mark: other_key, ..genuine.clone() }),
    ] {
        assert!(!offices.is_valid(&wrong).await, "{what}");
        assert!(offices.is_valid(&genuine).await, "the genuine one after a wrong {what}");
    }
    // Unknown, misnamed and suspended read the same.
    let answer = async |no: &str, name: &str| {
        let mut public = Visitor::new(&app);
        public.get("/public/verify").await;
        let seen = public.post("/public/verify", &[("no", no), ("name", name)]).await;
        assert_eq!(seen.status, StatusCode::OK);
        seen.texts("section[role=status]").concat()
    };
    let unknown = answer("FJ-AI-2026000099-K", "工程师1").await;
    assert!(unknown.contains("证书无效"), "{unknown}");
    assert_eq!(answer(&certificate, "某某某").await, unknown);
    offices.town.at("2026-07-01T09:00:00+08:00");
    offices.act(&offices.town.hr, &no, "suspend").await.unwrap();
    assert!(!offices.is_valid(&genuine).await, "suspended");
    let mut public = Visitor::new(&offices.town.world.app);
    public.get("/public/verify").await;
    let fields = [("no", certificate.as_str()), ("name", "工程师1")];
    let suspended = public.post("/public/verify", &fields).await;
    assert_eq!(suspended.texts("section[role=status]").concat(), unknown);
}

async fn guessed(world: World) {
    let (offices, _, certificate) = recognised(world).await;
    let app = &offices.town.world.app;
    for guess in ["张三", "李四", "王五", "赵六", "孙七"] {
        assert!(!offices.is_valid(&claim(&certificate, guess)).await);
    }
    let right = claim(&certificate, "工程师1");
    let refused = certificate::verify(app, "192.0.2.7", &right).await.unwrap_err();
    assert!(refused.to_string().contains("后才能再试"), "{refused}");
    assert!(certificate::verify(app, "192.0.2.8", &right).await.unwrap().is_some(), "elsewhere");
    let blank = certificate::verify(app, "192.0.2.8", &claim("", " ")).await.unwrap_err();
    assert!(blank.to_string().contains("证书编号"), "{blank}");
}

async fn lapsed(world: World) {
    let (mut offices, no, certificate) = recognised(world).await;
    let nothing = program::Round::default();
    assert_eq!(program::round(&offices.town.world.app).await.unwrap(), nothing);
    offices.town.at("2031-06-16T23:59:00+08:00");
    assert_eq!(program::round(&offices.town.world.app).await.unwrap(), nothing, "the last day");
    offices.town.at("2031-06-17T00:00:00+08:00");
    let app = &offices.town.world.app;
    let (one, other) = tokio::join!(program::round(app), program::round(app));
    let done: usize =
        [one.unwrap(), other.unwrap()].iter().flat_map(|r| &r.done).map(|d| d.2).sum();
    assert_eq!(done, 1, "two processes lapse it once");
    let view = case::case_view(app, &offices.county, &no).await.unwrap();
    assert_eq!((view.line.state, view.steps.last().unwrap().who.as_str()), ("已失效", "系统"));
    assert!(!offices.is_valid(&claim(&certificate, "工程师1")).await);
    assert_eq!(program::round(app).await.unwrap(), nothing, "nothing is left to do");
    let told = "SELECT detail FROM audit_event WHERE login = 'program' AND action = 'case.moved'";
    assert_eq!(offices.town.texts(told).await.len(), 1);
}

async fn not_mended(world: World) {
    let mut offices = offices(world).await;
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    offices.act(&offices.county, &no, "accept").await.unwrap();
    offices.act(&offices.county, &no, "send_back").await.unwrap();
    // Returned on 9 June, ten working days without the Dragon Boat holiday: through 24 June.
    offices.town.at("2026-06-24T23:00:00+08:00");
    program::round(&offices.town.world.app).await.unwrap();
    let view = case::case_view(&offices.town.world.app, &offices.county, &no).await.unwrap();
    assert_eq!(
        (view.line.state, view.line.due_on.unwrap().to_string().as_str()),
        ("退回修改", "2026-06-24")
    );
    offices.town.at("2026-06-25T01:00:00+08:00");
    let round = program::round(&offices.town.world.app).await.unwrap();
    assert_eq!(round.done, [("自主认定", "逾期未补正", 1)]);
    let late = told(offices.act(&offices.clerk, &no, "resubmit").await);
    assert!(late.contains("已失效"), "{late}");
    // The only place of the class is free again.
    let second = offices.through_own_notice(2, TalentClass::C).await;
    assert_eq!(offices.act(&offices.signatory, &second, "file").await.unwrap(), "已提交");
}

async fn resumed(world: World) {
    let (mut offices, no, certificate) = recognised(world).await;
    let right = claim(&certificate, "工程师1");
    for (suspended, resumed) in [
        ("2026-09-01T09:00:00+08:00", "2026-10-12T09:00:00+08:00"),
        ("2026-11-02T09:00:00+08:00", "2026-11-03T09:00:00+08:00"),
    ] {
        offices.town.at(suspended);
        offices.act(&offices.town.hr, &no, "suspend").await.unwrap();
        assert!(!offices.is_valid(&right).await);
        let round = program::round(&offices.town.world.app).await.unwrap();
        assert_eq!(round, program::Round::default(), "a suspension is no end of the term");
        offices.town.at(resumed);
        assert_eq!(offices.act(&offices.town.hr, &no, "reinstate").await.unwrap(), "已认定");
        assert!(offices.is_valid(&right).await);
    }
    // Suspended twice, it still ends when the first decision said, and its print is the same.
    let app = &offices.town.world.app;
    let found = certificate::certificate(app, &offices.county, &certificate).await.unwrap();
    assert_eq!(found.printed.period.from.to_string(), "2026-06-17");
    assert_eq!(found.printed.period.through.unwrap().to_string(), "2031-06-16");
    // Somebody who changed their name keeps a certificate that is valid under either.
    let tx = app.db.begin().await.unwrap();
    let old = facts_of::<PersonName>(&tx, 1, Versions::Live).await.unwrap().pop().unwrap();
    let (town, former) = (&offices.town, old.fact.clone());
    let kept = town.stated(1, "2020-01-01", Some("2026-11-02"), former);
    fact::correct(&tx, old.id, kept).await.unwrap();
    let name = PersonName { name: "工程师壹".to_owned() };
    fact::state(&tx, vec![town.stated(1, "2026-11-03", None, name)]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(offices.is_valid(&right).await);
    assert!(offices.is_valid(&claim(&certificate, "工程师壹")).await);
}

async fn upgraded(world: World) {
    let (mut offices, no, certificate) = recognised(world).await;
    offices.town.at("2026-10-12T09:00:00+08:00");
    let early = told(offices.act(&offices.town.hr, &no, "upgrade").await);
    assert!(early.contains("没有更高类别的有效认定"), "{early}");
    // The province has recognised class B on its own, from September.
    let certificate_no = "FJ-B-1".to_owned();
    let higher = Recognition { enterprise_id: None, class: TalentClass::B, certificate_no };
    offices.town.state(1, "2026-09-01", Some("2031-08-31"), higher).await;
    assert_eq!(offices.act(&offices.town.hr, &no, "upgrade").await.unwrap(), "已升级");
    let app = &offices.town.world.app;
    let held = facts_of::<Recognition>(app.db.read(), 1, Versions::Live).await.unwrap();
    for (on, class) in [("2026-08-31", TalentClass::C), ("2026-09-01", TalentClass::B)] {
        let classes = held.iter().filter(|held| held.period.covers(day(on)));
        assert_eq!(classes.map(|held| held.fact.class).collect::<Vec<_>>(), [class], "{on}");
    }
    assert!(!offices.is_valid(&claim(&certificate, "工程师1")).await);
}
