//! Texts of the streams beside the stipend: proposed, published by another person, applied to what
//! begins afterwards.

use juncai::service::agreement::{self, TypedAgreement, TypedTranche};
use juncai::service::expert::{self, TypedAppointment};
use juncai::service::policy::{self, NewText, Verdict};
use juncai::service::visit::{self, ALLOWANCE, TRAVEL, TypedVisitor};
use juncai::service::{Actor, Error};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::actor;
use crate::visits::ground::{Ground, ground, plan, visitor};
use crate::world::World;

const VISITS: &str = include_str!("../../policies/overseas-visit.toml");
const AGREEMENTS: &str = include_str!("../../policies/case-agreement.toml");
const FUNDING: &str = include_str!("../../policies/expert-funding.toml");

on_both! {
    a_visit_that_begins_later_goes_by_the_text_published_since => visits;
    what_a_division_does_not_follow_is_not_paid_there => divisions;
    the_page_of_a_stream_that_has_not_begun_shows_the_text_of_the_program => not_begun;
}

fn changed(text: &str, old: &str, new: &str) -> NewText {
    assert!(text.contains(old), "{old}");
    NewText {
        text: text.replacen(old, new, 1),
        document_title: "关于调整来闽交流口径的通知（虚构）".to_owned(),
        document_no: "闽人社〔2027〕6号".to_owned(),
        reason: "按文件调整".to_owned(),
    }
}

async fn publish(ground: &Ground, who: &Actor, (id, no): (&str, &str)) -> Result<(), Error> {
    policy::decide(ground.year.app(), who, (id, no), (Verdict::Publish, "与文件一致")).await
}

async fn second(ground: &Ground) -> Actor {
    actor(&ground.year.offices.town.world, "hr2", "hr_province", "350000", None).await
}

async fn visits(world: World) {
    let ground = ground(world).await;
    let (app, hr) = (ground.year.app(), &ground.year.offices.town.hr);
    let second = second(&ground).await;
    ground.begun(ground.clerk(), &plan("2027-03-01", "2027-03-02")).await;
    // Given a text under which somebody may be older.
    let new = changed(VISITS, "max_age = 40", "max_age = 45");
    let no = policy::propose(app, hr, ALLOWANCE, &new).await.unwrap();
    let page = policy::draft_page(app, &second, (ALLOWANCE, &no)).await.unwrap();
    let differ: Vec<&str> = page.stretches[0]
        .changes
        .iter()
        .filter(|change| change.is_changed())
        .map(|change| change.name)
        .collect();
    assert_eq!(differ, ["年龄上限"]);

    // When the case about the age fails under it, then it is not published.
    let wrong: Vec<_> = page.cases.iter().filter(|case| !case.differences.is_empty()).collect();
    assert_eq!((wrong.len(), page.cases.len() >= 14), (1, true));
    let (case, name) = (wrong[0].no, wrong[0].name.clone());
    let refused = publish(&ground, &second, (ALLOWANCE, &no)).await.unwrap_err().to_string();
    assert!(refused.contains(&name) && refused.contains("9,600.00"), "{refused}");
    let mut officer = Visitor::signed_in(app, "hr").await;
    let at = format!("/policies/{ALLOWANCE}/drafts/{no}/cases");
    officer.get(&format!("{at}/{case}")).await;
    let fields = [("subsidy", "0"), ("allowance", "9600.00"), ("reason", "年龄放宽到45岁")];
    let seen = officer.post(&format!("{at}/{case}"), &fields).await;
    assert!(seen.text().contains("第 2 版"), "{}", seen.text());

    a_visit_is_added(&mut officer, &at).await;

    // Then another person publishes it, for both streams of visits.
    publish(&ground, &second, (ALLOWANCE, &no)).await.unwrap();
    for id in [ALLOWANCE, TRAVEL] {
        let page = policy::policy_page(app, &second, id).await.unwrap();
        assert_eq!((page.texts.len(), page.changed_at), (2, (id == TRAVEL).then_some(ALLOWANCE)));
        assert!(page.parameters.iter().any(|parameter| parameter.value.contains("45")));
    }
    let older = TypedVisitor {
        passport: "B12345678".to_owned(),
        birth: "1983-02-28".to_owned(),
        ..visitor()
    };
    let plan = plan("2027-03-08", "2027-03-09");
    let later = visit::begin(app, ground.clerk(), &older, &plan).await.unwrap();
    ground.must(ground.clerk(), &later, "file", "邀请待审").await;
    ground.must(ground.hr(&later).await, &later, "agree", "同意邀请").await;
    // And the one that began before keeps its own.
    let of = "SELECT DISTINCT CAST(policy_document_id AS TEXT) FROM visit";
    assert_eq!(ground.year.offices.town.texts(of).await.len(), 2);
}

/// As a case on the page, mistyped first.
async fn a_visit_is_added(officer: &mut Visitor, at: &str) {
    officer.get(&format!("{at}/new")).await;
    let mut fields = vec![
        ("name", "44岁来访，两天津贴"),
        ("birth", "1982-06-01"),
        ("origin", "DE"),
        ("arrival", "2026-10-12"),
        ("exit", "2026-10-02"),
        ("submitted", "2026-11-01"),
        ("work_from", "2026-10-13"),
        ("work_through", "2026-10-14"),
        ("on_roster", "no"),
        ("costs", "8000"),
        ("subsidy", "8000"),
        ("allowance", "1600"),
    ];
    let seen = officer.post(at, &fields).await;
    assert!(seen.text().contains("离境日期早于入境日期"), "{}", seen.text());
    fields[4].1 = "2026-10-20";
    let seen = officer.post(at, &fields).await;
    assert!(seen.text().contains("已添加算例"), "{}", seen.text());
}

fn agreement(uscc: &str) -> TypedAgreement {
    TypedAgreement {
        title: "端侧大模型推理芯片团队来闽落地".to_owned(),
        subject: "person".to_owned(),
        leader: "E000001".to_owned(),
        enterprise: uscc.to_owned(),
        document_no: "闽委人才〔2027〕2号".to_owned(),
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
    }
}

fn appointment(uscc: &str, funding: &str) -> TypedAppointment {
    TypedAppointment {
        person: "E000001".to_owned(),
        kind: "group_expert".to_owned(),
        field: "大模型推理芯片".to_owned(),
        employer: "某某研究院".to_owned(),
        enterprise: uscc.to_owned(),
        from: "2027-01-01".to_owned(),
        through: "2027-12-31".to_owned(),
        document_no: "闽人社聘〔2027〕1号".to_owned(),
        body: "福建省人力资源和社会保障厅".to_owned(),
        funding: funding.to_owned(),
        ..TypedAppointment::default()
    }
}

fn field_of(error: Error) -> String {
    match error {
        Error::Invalid(faults) => {
            faults.into_iter().map(|(field, text)| format!("{field} {text}")).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn divisions(world: World) {
    let ground = ground(world).await;
    let (app, hr) = (ground.year.app(), &ground.year.offices.town.hr);
    let second = second(&ground).await;
    // Given that Xiamen does not follow, by texts whose amounts are agreed and which have no cases.
    for (id, text) in [(agreement::PROGRAMME, AGREEMENTS), (expert::PROGRAMME, FUNDING)] {
        let new = changed(text, "excluded_divisions = []", "excluded_divisions = [\"3502\"]");
        let no = policy::propose(app, hr, id, &new).await.unwrap();
        let page = policy::draft_page(app, &second, (id, &no)).await.unwrap();
        assert!(!page.has_cases && page.cases.is_empty());
        let own = publish(&ground, hr, (id, &no)).await.unwrap_err().to_string();
        assert!(own.contains("须由另一人发布"), "{own}");
        publish(&ground, &second, (id, &no)).await.unwrap();
    }
    let usccs = ground.year.offices.town.texts("SELECT uscc FROM enterprise ORDER BY id").await;
    let (fuzhou, xiamen) = (usccs[0].as_str(), usccs[1].as_str());
    // Then nothing is agreed with, and no funding promised to, an enterprise there.
    let told = agreement::propose(app, hr, &agreement(xiamen)).await.unwrap_err();
    assert!(field_of(told).contains("enterprise 用人单位所在地区没有参照执行"));
    agreement::propose(app, hr, &agreement(fuzhou)).await.unwrap();
    let told = expert::propose(app, hr, &appointment(xiamen, "120000")).await.unwrap_err();
    assert!(field_of(told).contains("enterprise 服务企业所在地区没有参照执行"));
    expert::propose(app, hr, &appointment(xiamen, "0")).await.unwrap();
}

async fn not_begun(world: World) {
    let ground = ground(world).await;
    let (app, hr) = (ground.year.app(), &ground.year.offices.town.hr);
    let all = policy::policies(app, hr).await.unwrap();
    let ids: Vec<&str> = all.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(ids, ["case-agreement", "core-engineer", "expert-funding", ALLOWANCE]);
    let mut officer = Visitor::signed_in(app, "hr").await;
    let page = officer.get("/policies/case-agreement").await;
    assert!(page.text().contains("首次办理时载入") && page.text().contains("提出新正文"));
    let form = officer.get("/policies/case-agreement/drafts/new").await;
    assert!(form.text().contains("agreed_amount"), "{}", form.text());
    // When the text of another policy, or of a measure, is handed in, then it is refused by its place.
    for (text, said) in [
        (FUNDING, "id 应为"),
        ("id = \"case-agreement\"\ntitle = \"x\"\nkind = \"measure\"\n", "第 3 行 kind"),
    ] {
        let fields = [
            ("title", "通知"),
            ("document_no", "闽人社〔2027〕6号"),
            ("reason", "试"),
            ("text", text),
        ];
        let to = "/policies/case-agreement/drafts";
        let seen = officer.post_file(to, &fields, ("file", "", b"")).await;
        assert!(seen.text().contains(said), "{said}: {}", seen.text());
    }
    let nothing = policy::drafts(app, hr, TRAVEL).await;
    assert!(matches!(nothing, Err(Error::NotFound(_))), "the text is changed at the other stream");
}
