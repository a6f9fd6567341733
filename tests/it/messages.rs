//! Messages that stay with a file.

use juncai::domain::authority::Role;
use juncai::domain::registry::TalentClass;
use juncai::service::case::mandate::{self, NewMandate};
use juncai::service::case::message::{Talk, talk, write};
use juncai::service::case::recusal::{self, NewRelation};
use juncai::service::{Actor, Error, notification};
use juncai::store::account;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::{Offices, offices};
use crate::town::{FUZHOU, actor};
use crate::world::World;

on_both! {
    the_office_that_has_a_file_and_its_enterprise_write_to_each_other => both_sides;
    who_stands_in_writes_in_the_name_of_another_and_who_must_withdraw_does_not => standing_in;
    a_message_with_a_full_number_comes_back_with_what_was_typed => page;
}

/// A file that the county has in hand.
async fn filed(offices: &mut Offices) -> String {
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    offices.act(&offices.county, &no, "accept").await.unwrap();
    no
}

async fn unread(offices: &Offices, who: &Actor) -> Vec<String> {
    let app = &offices.town.world.app;
    let (_, messages) = notification::messages(app, who, true, 0).await.unwrap();
    let about = messages.into_iter().filter(|message| message.told.kind == "message");
    about.map(|message| message.told.title).collect()
}

async fn both_sides(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices).await;
    let world = &offices.town.world;
    let app = world.app.clone();
    let other = actor(world, "cangshan", "hr_county", "350104", None).await;
    let stranger = actor(world, "stranger", "enterprise_clerk", "350203", Some(2)).await;
    let auditor = actor(world, "auditor", "auditor", "350000", None).await;
    let seen = async |who: &Actor| talk(&app, who, &no).await;
    let says = async |who: &Actor, text: &str| write(&app, who, &no, (text, "")).await;

    says(&offices.county, "请说明 3 月社保中断的原因。").await.unwrap();
    assert_eq!(unread(&offices, &offices.clerk).await.len(), 1, "the enterprise is told");
    assert_eq!(unread(&offices, &offices.head).await.len(), 1, "all of it");
    assert_eq!(unread(&offices, &offices.county).await.len(), 0, "the writer is not");
    says(&offices.clerk, "3 月为异地转移，已补传凭证。").await.unwrap();
    let told_county = unread(&offices, &offices.county).await;
    assert!(told_county[0].contains(&no) && told_county[0].contains("有新留言"));
    assert!(!told_county[0].contains("异地转移"), "the text stays with the file");
    assert_eq!(unread(&offices, &other).await.len(), 0, "another county does not see the file");
    assert_eq!(unread(&offices, &offices.city).await.len(), 0, "nor has the city its turn yet");

    let Talk { lines, .. } = seen(&auditor).await.unwrap();
    let by: Vec<_> = lines.iter().map(|line| (line.who.as_str(), line.by_enterprise)).collect();
    assert_eq!(by, [("gulou", false), ("clerk", true)]);
    assert!(lines[1].organisation.contains("企业1"), "{lines:?}");
    for who in [&auditor, &offices.city] {
        assert_eq!(seen(who).await.unwrap().capacities, []);
        assert!(matches!(says(who, "我也说一句").await, Err(Error::Refused(_))));
    }
    for who in [&stranger, &other] {
        assert!(matches!(seen(who).await, Err(Error::NotFound(_))));
        assert!(matches!(says(who, "看不到的件").await, Err(Error::NotFound(_))));
    }
    // The county acted on it and may still answer once the city has it.
    offices.act(&offices.county, &no, "pass_county").await.unwrap();
    says(&offices.county, "材料已转市级。").await.unwrap();
    says(&offices.city, "市级已收到。").await.unwrap();
    says(&offices.clerk, "谢谢。").await.unwrap();
    assert_eq!(unread(&offices, &offices.city).await.len(), 1);

    for text in
        ["", "  ", &"长".repeat(501), "证件 350102 19900307 9981", "账号6217000000000000129"]
    {
        let refused = says(&offices.clerk, text).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{text}: {refused:?}");
    }
    for change in ["UPDATE case_message SET text = '改'", "DELETE FROM case_message"] {
        let refused = offices.town.try_sql(change).await.unwrap_err();
        assert!(refused.contains("append_only"), "{refused}");
    }
    let logged = "SELECT detail FROM audit_event WHERE action = 'case.message_written'";
    let details = offices.town.texts(logged).await;
    assert_eq!(details.len(), 5);
    assert!(!details.concat().contains("社保"), "the log does not repeat the text");
}

async fn standing_in(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices).await;
    let world = &offices.town.world;
    let app = world.app.clone();
    let taker = actor(world, "cangshan", "hr_county", "350104", None).await;
    let order = NewMandate {
        taker: "cangshan".to_owned(),
        from: "2026-06-09".to_owned(),
        through: "2026-06-12".to_owned(),
        document_no: "鼓人社〔2026〕31号".to_owned(),
        reason: "公务外出".to_owned(),
    };
    mandate::delegate(&app, &offices.county, &order).await.unwrap();
    let Talk { capacities, .. } = talk(&app, &taker, &no).await.unwrap();
    let [Some((id, whose))] = capacities.as_slice() else { panic!("{capacities:?}") };
    assert!(whose.contains("gulou"));
    let own = write(&app, &taker, &no, ("以本人名义", "")).await.unwrap_err().to_string();
    assert!(own.contains("不在您的管理范围内"), "{own}");
    write(&app, &taker, &no, ("代为说明。", &id.to_string())).await.unwrap();
    let stolen = write(&app, &offices.head, &no, ("别人的委托", &id.to_string()))
        .await
        .unwrap_err()
        .to_string();
    assert!(stolen.contains("委托已经结束或尚未开始"), "{stolen}");
    let lines = talk(&app, &offices.clerk, &no).await.unwrap().lines;
    assert_eq!(lines[0].who, "cangshan（代gulou）", "both people stay");
    assert!(!lines[0].by_enterprise);

    let close = NewRelation {
        kind: "interest".to_owned(),
        about: FUZHOU.to_owned(),
        from: "2026-06-01".to_owned(),
        note: "持股".to_owned(),
    };
    recusal::declare(&app, &offices.county, &close).await.unwrap();
    let withdrawn =
        write(&app, &offices.county, &no, ("请补正。", "")).await.unwrap_err().to_string();
    assert!(withdrawn.contains("回避"), "{withdrawn}");
    write(&app, &offices.clerk, &no, ("还在吗？", "")).await.unwrap();
    assert_eq!(unread(&offices, &offices.county).await.len(), 0, "who must withdraw is not told");
}

async fn page(world: World) {
    let mut offices = offices(world).await;
    let no = filed(&mut offices).await;
    let app = offices.town.world.app.clone();
    let here = format!("/cases/{no}");
    let at = format!("{here}/messages");
    let mut county = Visitor::signed_in(&app, "gulou").await;
    assert!(county.get(&here).await.text().contains("还没有留言"));
    let wrong = county.post(&at, &[("text", "请核对 350102199003079981")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.texts("title")[0].starts_with("错误："));
    assert!(wrong.texts("[data-errors]").concat().contains("留言不能含有完整的证件号码"));
    let sent = county.post(&at, &[("text", "请补传社保凭证。\n谢谢")]).await;
    assert!(sent.text().contains("留言已发出"), "{}", sent.text());
    assert_eq!(sent.texts(".messages li").len(), 1);
    let mut clerk = Visitor::signed_in(&app, "clerk").await;
    assert!(clerk.get("/notifications").await.text().contains("有新留言"));
    let page = clerk.get(&here).await;
    assert!(page.text().contains("请补传社保凭证。"), "{}", page.text());
    clerk.post(&at, &[("text", "<b>已传</b>")]).await;
    let shown = county.get(&here).await;
    assert!(shown.texts(".messages .pre").contains(&"<b>已传</b>".to_owned()), "as it was typed");
    // Somebody who left is told nothing.
    let head = account::by_login(app.db.read(), "head").await.unwrap().unwrap().account.id;
    let tx = app.db.begin().await.unwrap();
    account::set_disabled(&tx, head, Some(app.clock.now())).await.unwrap();
    tx.commit().await.unwrap();
    county.post(&at, &[("text", "第二条")]).await;
    let told = "SELECT title FROM notification n JOIN account a ON a.id = n.account_id \
        WHERE a.login = 'head' AND n.kind = 'message'";
    assert_eq!(offices.town.texts(told).await.len(), 1);
    let mut other = Visitor::of_enterprise(&app, "other", Role::EnterpriseClerk, 2).await;
    other.get("/").await;
    assert_eq!(other.post(&at, &[("text", "越权")]).await.status, 404);
}
