//! Signatures that an officer asks for before deciding: how many must agree, what waits for them,
//! and that no file is ever stuck.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::registry::TalentClass;
use juncai::service::Actor;
use juncai::service::case::mandate::{self, NewMandate};
use juncai::service::case::recusal::{self, NewRelation};
use juncai::store::account::{self, NewOrganisation};

use crate::browser_like::{Seen, Visitor, make_account};
use crate::on_both;
use crate::recognitions::{Offices, offices, told};
use crate::town::{FUZHOU, actor};
use crate::world::World;

on_both! {
    a_file_waits_until_all_who_were_asked_agree => all;
    of_three_signers_two_are_enough_and_one_may_say_no => two_of_three;
    what_cannot_be_met_waits_until_the_asker_closes_it_with_a_reason => impossible;
    sending_back_ends_the_request_and_no_file_is_lost => sent_back;
    nobody_is_asked_or_asks_beyond_scope_turn_and_recusal => bounds;
    of_two_requests_at_once_one_is_kept_and_nothing_is_rewritten => once;
    a_bulk_act_refuses_the_row_that_waits_for_a_signature => bulk;
    who_agreed_is_not_the_second_person => second_person;
    who_stands_in_asks_in_the_name_of_another_and_a_leaver_leaves_nothing_stuck => standing_in;
    a_notice_says_which_of_its_files_waits => notice;
    a_signer_has_five_working_days_of_their_own => limit;
}

/// A file that the county has in hand, and its page's address.
async fn filed(offices: &mut Offices, person: i64, class: TalentClass) -> (String, String) {
    let no = offices.through_own_notice(person, class).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    offices.act(&offices.county, &no, "accept").await.unwrap();
    let here = format!("/cases/{no}");
    (no, here)
}

async fn visitor(offices: &Offices, login: &str) -> Visitor {
    Visitor::signed_in(&offices.town.world.app, login).await
}

/// Asks on the page of a file.
async fn ask(
    who: &mut Visitor,
    here: &str,
    signers: &[&Actor],
    (demand, needed): (&str, &str),
) -> Seen {
    who.get(here).await;
    let ids: Vec<String> = signers.iter().map(|signer| signer.account_id.to_string()).collect();
    let mut fields = vec![
        ("demand", demand),
        ("needed", needed),
        ("question", "社保由关联公司缴纳，是否认可？"),
    ];
    fields.extend(ids.iter().map(|id| ("signers", id.as_str())));
    who.post(&format!("{here}/cosign"), &fields).await
}

async fn answer(who: &mut Visitor, here: &str, agrees: &str, opinion: &str) -> Seen {
    who.get(here).await;
    let fields = [("agrees", agrees), ("opinion", opinion)];
    who.post(&format!("{here}/cosign/answer"), &fields).await
}

/// Does an act on the page of a file, with all that the offices' acts here ask for.
async fn act(who: &mut Visitor, here: &str, act: &str) -> Seen {
    let seen = who.get(here).await.attributes("input[name=seen_steps]", "value");
    let fields = [
        ("act", act),
        ("seen_steps", seen.first().map_or("0", String::as_str)),
        ("evidence_check", "已核查"),
        ("defect_list", "缺劳动合同"),
    ];
    who.post(&format!("{here}/steps"), &fields).await
}

async fn all(world: World) {
    let mut offices = offices(world).await;
    let (no, here) = filed(&mut offices, 1, TalentClass::C).await;
    let (city, hr) = (offices.city.clone(), offices.town.hr.clone());
    let mut county = visitor(&offices, "gulou").await;
    let blank = ask(&mut county, &here, &[], ("all", "")).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(blank.text().contains("请选择 1 至 7 位会签人"), "{}", blank.text());
    assert!(blank.texts("title")[0].starts_with("错误："));
    let asked = ask(&mut county, &here, &[&city, &hr], ("all", "")).await;
    assert!(asked.text().contains("已发起会签"), "{}", asked.text());
    assert!(asked.text().contains("2 人全部同意") && asked.text().contains("2026-06-16"));

    // It waits, and says for whom, on the page and to whoever tries.
    let checks = county.get(&here).await.texts("section[id=act-pass_county] li").concat();
    assert!(checks.contains("会签未完成") && checks.contains("hr、fuzhou的意见"), "{checks}");
    let early = act(&mut county, &here, "pass_county").await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.texts("[data-errors]").concat().contains("还缺hr、fuzhou的意见"));

    // The city finds it among its own though the county has it.
    let mut fuzhou = visitor(&offices, "fuzhou").await;
    let inbox = fuzhou.get("/cases?show=mine").await;
    assert!(inbox.links().contains(&here) && inbox.text().contains("请您会签"), "{}", inbox.text());
    assert!(fuzhou.get("/notifications").await.text().contains("请您会签"));
    let done = answer(&mut fuzhou, &here, "yes", "认可，已核对关联关系。").await;
    assert!(done.text().contains("还须 1 人同意"), "{}", done.text());
    assert!(!fuzhou.get("/cases?show=mine").await.links().contains(&here), "answered");
    let again = answer(&mut fuzhou, &here, "no", "改主意了").await;
    assert!(again.text().contains("答复不能更改"), "{}", again.text());
    let still = act(&mut county, &here, "pass_county").await;
    assert!(still.texts("[data-errors]").concat().contains("还缺hr的意见"), "one is missing");

    let mut province = visitor(&offices, "hr").await;
    let met = answer(&mut province, &here, "yes", "").await;
    assert!(met.text().contains("会签已达成"), "{}", met.text());
    assert!(county.get("/notifications").await.text().contains("会签有结果"));
    let page = county.get(&here).await;
    for said in ["已达成", "认可，已核对关联关系。", "2026-06-09 09:00"] {
        assert!(page.texts("section[id=cosign]").concat().contains(said), "{said}");
    }
    let passed = act(&mut county, &here, "pass_county").await;
    assert!(passed.text().contains("现为“市级审核中”"), "the officer decides alone: {no}");
    let mut clerk = visitor(&offices, "clerk").await;
    assert!(!clerk.get(&here).await.text().contains("会签"), "the enterprise reads none of it");
    let logged = "SELECT action FROM audit_event WHERE action LIKE 'cosign.%' ORDER BY id";
    let expected = ["cosign.asked", "cosign.answered", "cosign.answered"];
    assert_eq!(offices.town.texts(logged).await, expected);
}

async fn two_of_three(world: World) {
    let mut offices = offices(world).await;
    let (_, here) = filed(&mut offices, 1, TalentClass::C).await;
    let signers = [offices.city.clone(), offices.city_approver.clone(), offices.town.hr.clone()];
    let signers: Vec<&Actor> = signers.iter().collect();
    let mut county = visitor(&offices, "gulou").await;
    let four = ask(&mut county, &here, &signers, ("some", "4")).await;
    assert!(four.text().contains("同意人数应为 1 至会签人数"), "{}", four.text());
    let asked = ask(&mut county, &here, &signers, ("some", "2")).await;
    assert!(asked.text().contains("3 人中 2 人同意"), "{}", asked.text());

    let mut city = visitor(&offices, "fuzhou").await;
    let silent = answer(&mut city, &here, "no", "").await;
    assert!(silent.text().contains("请填写不同意的意见"), "{}", silent.text());
    let secret = answer(&mut city, &here, "no", "证件 350102199003079981 不符").await;
    assert!(secret.text().contains("不能含有完整的证件号码"), "{}", secret.text());
    answer(&mut city, &here, "no", "需先补劳务派遣协议").await;
    answer(&mut visitor(&offices, "fuzhou2").await, &here, "yes", "").await;
    let waits = act(&mut county, &here, "pass_county").await;
    assert!(waits.texts("[data-errors]").concat().contains("还缺hr的意见"), "one of two agreed");
    answer(&mut visitor(&offices, "hr").await, &here, "yes", "").await;

    let passed = act(&mut county, &here, "pass_county").await;
    assert!(passed.text().contains("现为“市级审核中”"), "{}", passed.text());
    assert!(passed.text().contains("需先补劳务派遣协议"), "the no stays readable");
}

async fn impossible(world: World) {
    let mut offices = offices(world).await;
    let (_, here) = filed(&mut offices, 1, TalentClass::C).await;
    let signers = [&offices.city.clone(), &offices.town.hr.clone()];
    let mut county = visitor(&offices, "gulou").await;
    ask(&mut county, &here, &signers, ("all", "")).await;
    let mut city = visitor(&offices, "fuzhou").await;
    let no = answer(&mut city, &here, "no", "材料不足").await;
    assert!(no.text().contains("已不能达成"), "{}", no.text());
    assert!(county.get("/notifications").await.text().contains("会签有结果"));
    let stuck = act(&mut county, &here, "pass_county").await;
    let said = stuck.texts("[data-errors]").concat();
    assert!(said.contains("会签未达成") && said.contains("发起人gulou"), "{said}");

    let close = format!("{here}/cosign/close");
    city.get(&here).await;
    let foreign = city.post(&close, &[("reason", "我来结束")]).await;
    assert!(foreign.text().contains("会签只能由发起人结束"), "{}", foreign.text());
    county.get(&here).await;
    let blank = county.post(&close, &[("reason", " ")]).await;
    assert!(blank.text().contains("请填写结束会签的原因"), "{}", blank.text());
    let closed = county.post(&close, &[("reason", "已电话核实，材料齐全")]).await;
    assert!(closed.text().contains("已电话核实，材料齐全"), "{}", closed.text());
    assert!(closed.texts("section[id=cosign] .tag").contains(&"未达成".to_owned()));
    let passed = act(&mut county, &here, "pass_county").await;
    assert!(passed.text().contains("现为“市级审核中”"), "{}", passed.text());

    // Taken back before anybody answered, a request is called that.
    let mut city = visitor(&offices, "fuzhou").await;
    ask(&mut city, &here, &[&offices.town.hr], ("any", "")).await;
    city.get(&here).await;
    let cancelled = city.post(&close, &[("reason", "改为会上讨论")]).await;
    assert!(cancelled.texts("section[id=cosign] .tag").contains(&"已撤销".to_owned()));
}

async fn sent_back(world: World) {
    let mut offices = offices(world).await;
    let (no, here) = filed(&mut offices, 1, TalentClass::C).await;
    let city = offices.city.clone();
    let mut county = visitor(&offices, "gulou").await;
    ask(&mut county, &here, &[&city], ("all", "")).await;
    let back = act(&mut county, &here, "send_back").await;
    assert!(back.text().contains("现为“退回修改”"), "{}", back.text());
    assert!(back.texts("section[id=cosign] .tag").contains(&"因办件流转失效".to_owned()));
    let mut fuzhou = visitor(&offices, "fuzhou").await;
    assert!(!fuzhou.get("/cases?show=mine").await.links().contains(&here));
    let late = answer(&mut fuzhou, &here, "yes", "").await;
    assert!(late.text().contains("没有等待答复的会签"), "{}", late.text());

    // The enterprise mends it, and the county has it again and can ask again.
    offices.act(&offices.clerk, &no, "resubmit").await.unwrap();
    assert!(county.get("/cases?show=mine").await.links().contains(&here), "not lost");
    ask(&mut county, &here, &[&city], ("all", "")).await;
    assert!(fuzhou.get("/cases?show=mine").await.links().contains(&here));
    // The enterprise withdraws: that is never held up.
    offices.act(&offices.signatory, &no, "withdraw").await.unwrap();
    let endings = "SELECT ending FROM cosign_request ORDER BY id";
    assert_eq!(offices.town.texts(endings).await, ["lapsed", "lapsed"]);
    let logged = "SELECT login FROM audit_event WHERE action = 'cosign.lapsed' ORDER BY id";
    let by = offices.town.texts(logged).await;
    assert!(by.contains(&"gulou".to_owned()) && by.contains(&"sign".to_owned()), "{by:?}");
}

async fn bounds(world: World) {
    let mut offices = offices(world).await;
    let (_, here) = filed(&mut offices, 1, TalentClass::C).await;
    let world = &offices.town.world;
    let other = actor(world, "cangshan", "hr_county", "350104", None).await;
    let money = actor(world, "money", "finance_maker", "350000", None).await;
    let kin = actor(world, "kin", "hr_county", "350102", None).await;
    let close = NewRelation {
        kind: "kin".to_owned(),
        about: FUZHOU.to_owned(),
        from: "2026-06-01".to_owned(),
        note: "配偶".to_owned(),
    };
    recusal::declare(&world.app, &kin, &close).await.unwrap();
    let mut county = visitor(&offices, "gulou").await;
    let offered = county.get(&here).await.texts("section[id=cosign] .choice label").concat();
    for name in ["fuzhou（", "fuzhou2（", "hr（", "province2（"] {
        assert!(offered.contains(name), "{name}: {offered}");
    }
    for (signer, why) in [
        (&other, "不能查看本件"),
        (&money, "只能请本单位或同级、上级人社部门"),
        (&kin, "须回避的关系"),
        (&offices.county, "不能请自己会签"),
        (&offices.clerk, "只能请本单位或同级、上级人社部门"),
    ] {
        assert!(!offered.contains(&format!("{}（", signer.name)), "{}: {offered}", signer.name);
        let refused = ask(&mut county, &here, &[&offices.city, signer], ("all", "")).await;
        assert!(refused.text().contains(why), "{why}: {}", refused.text());
    }
    // Whoever has not the turn asks nobody, and a stranger does not even learn of the file.
    let mut fuzhou = visitor(&offices, "fuzhou").await;
    let early = ask(&mut fuzhou, &here, &[&offices.town.hr], ("all", "")).await;
    assert!(early.text().contains("现在不由您办理"), "{}", early.text());
    let mut stranger = visitor(&offices, "cangshan").await;
    stranger.get("/").await;
    let ids = offices.city.account_id.to_string();
    let fields = [("demand", "all"), ("question", "越权"), ("signers", ids.as_str())];
    let unseen = stranger.post(&format!("{here}/cosign"), &fields).await;
    assert_eq!(unseen.status, StatusCode::NOT_FOUND);

    // A signer whose relation turns up later does not answer; the asker can still go on.
    ask(&mut county, &here, &[&offices.city], ("all", "")).await;
    let answer_at = format!("{here}/cosign/answer");
    let unseen = stranger.post(&answer_at, &[("agrees", "yes")]).await;
    assert_eq!(unseen.status, StatusCode::NOT_FOUND);
    let mut clerk = visitor(&offices, "clerk").await;
    clerk.get(&here).await;
    let enterprise = clerk.post(&answer_at, &[("agrees", "yes")]).await;
    assert!(enterprise.text().contains("人社部门办理"), "{}", enterprise.text());
    recusal::declare(&offices.town.world.app, &offices.city, &close).await.unwrap();
    let withdrawn = answer(&mut fuzhou, &here, "yes", "").await;
    assert!(withdrawn.text().contains("须回避，不能会签"), "{}", withdrawn.text());
    let mut head =
        Visitor::of_enterprise(&offices.town.world.app, "other", Role::EnterpriseClerk, 2).await;
    assert_eq!(head.get(&here).await.status, StatusCode::NOT_FOUND);
    let answers = "SELECT COUNT(*) || '' FROM cosign_answer";
    assert_eq!(offices.town.texts(answers).await, ["0"]);
}

async fn once(world: World) {
    let mut offices = offices(world).await;
    let (_, here) = filed(&mut offices, 1, TalentClass::C).await;
    actor(&offices.town.world, "gulou2", "hr_county", "350102", None).await;
    let city = offices.city.clone();
    let mut one = visitor(&offices, "gulou").await;
    let mut other = visitor(&offices, "gulou2").await;
    let signers = [&city];
    let (first, second) = tokio::join!(
        ask(&mut one, &here, &signers, ("all", "")),
        ask(&mut other, &here, &signers, ("any", "")),
    );
    let kept = [&first, &second].iter().filter(|seen| seen.status == StatusCode::OK).count();
    let texts = format!("{}\n{}", first.text(), second.text());
    assert!(texts.contains("本件已有一项会签正在进行"), "{texts}");
    assert_eq!(kept, 1);
    let count = "SELECT COUNT(*) || '' FROM cosign_request";
    assert_eq!(offices.town.texts(count).await, ["1"]);

    answer(&mut visitor(&offices, "fuzhou").await, &here, "yes", "").await;
    for (change, why) in [
        ("UPDATE cosign_answer SET agrees = (1 = 0)", "append_only"),
        ("DELETE FROM cosign_answer", "append_only"),
        ("UPDATE cosign_request SET needed = 1", "append_only"),
        ("UPDATE cosign_request SET note = '改'", "append_only"),
        ("DELETE FROM cosign_signer", "append_only"),
        (
            "INSERT INTO cosign_answer (signer_id, agrees, opinion, at) \
             SELECT s.id, (1 = 1), '', r.asked_at FROM cosign_signer s \
             JOIN cosign_request r ON r.id = s.request_id",
            "cosign_answer_in_time",
        ),
        (
            "INSERT INTO cosign_request (case_id, step_no, state, question, signers, needed, \
             asked_by, asked_holder, organisation_id, asked_at, note) \
             SELECT case_id, 0, state, question, 1, 2, asked_by, asked_holder, organisation_id, \
             asked_at, '' FROM cosign_request",
            "check",
        ),
    ] {
        let refused = offices.town.try_sql(change).await.unwrap_err();
        assert!(refused.to_lowercase().contains(why), "{change}: {refused}");
    }
}

async fn bulk(world: World) {
    let mut offices = offices(world).await;
    let (waits, here) = filed(&mut offices, 1, TalentClass::C).await;
    let (free, _) = filed(&mut offices, 2, TalentClass::B).await;
    let city = offices.city.clone();
    let mut county = visitor(&offices, "gulou").await;
    ask(&mut county, &here, &[&city], ("all", "")).await;
    county.get("/cases?show=mine&pick=all").await;
    let (one, other) = (format!("{waits}:4"), format!("{free}:4"));
    let fields = [
        ("act", "pass_county"),
        ("evidence_check", "已核查"),
        ("file", one.as_str()),
        ("file", other.as_str()),
    ];
    let result = county.post("/cases/bulk", &fields).await;
    assert!(result.text().contains("办成 1 件，未办成 1 件"), "{}", result.text());
    let row = result.texts("tbody tr").into_iter().find(|row| row.contains(&waits)).unwrap();
    assert!(row.contains("失败") && row.contains("还缺fuzhou的意见"), "{row}");

    // "Everything that waits" of a signer holds nothing that they are only asked to sign.
    let mut fuzhou = visitor(&offices, "fuzhou").await;
    let inbox = fuzhou.get("/cases?show=mine").await;
    assert!(inbox.links().contains(&here), "it is in the inbox");
    let all = [("act", "pass_city"), ("extent", "all"), ("evidence_check", "已核查")];
    let result = fuzhou.post("/cases/bulk", &all).await;
    assert!(result.body().contains(&free), "the city's own one is judged: {}", result.text());
    assert!(!result.body().contains(&waits), "{}", result.text());
}

async fn second_person(world: World) {
    let mut offices = offices(world).await;
    let (no, here) = filed(&mut offices, 1, TalentClass::C).await;
    offices.act(&offices.county, &no, "pass_county").await.unwrap();
    let mut city = visitor(&offices, "fuzhou").await;
    ask(&mut city, &here, &[&offices.city_approver], ("all", "")).await;
    // An opinion leaves the file where it is and does not wait.
    offices.act(&offices.city, &no, "give_opinion").await.unwrap();
    let missing = told(offices.act(&offices.city_approver, &no, "pass_city").await);
    assert!(missing.contains("还缺fuzhou2的意见"), "{missing}");
    answer(&mut visitor(&offices, "fuzhou2").await, &here, "yes", "同意").await;
    let same = told(offices.act(&offices.city_approver, &no, "pass_city").await);
    assert!(same.contains("您已在会签中同意本件"), "{same}");
    let second = actor(&offices.town.world, "fuzhou3", "hr_city_approver", "350100", None).await;
    assert_eq!(offices.act(&second, &no, "pass_city").await.unwrap(), "省级审核中");
    // To publish takes one person: who signed below decides it.
    let mut province = visitor(&offices, "hr").await;
    ask(&mut province, &here, &[&offices.approver], ("any", "")).await;
    answer(&mut visitor(&offices, "province2").await, &here, "yes", "").await;
    offices.publish(&[&no]).await;
    offices.town.at("2026-06-17T09:00:00+08:00");
    let same = told(offices.act(&offices.approver, &no, "recognise").await);
    assert!(same.contains("您已在会签中同意本件"), "advised on the publication: {same}");
    let other = actor(&offices.town.world, "province3", "hr_province_approver", "350000", None);
    let other = other.await;
    assert_eq!(offices.act(&other, &no, "recognise").await.unwrap(), "已认定");
}

async fn limit(world: World) {
    let mut offices = offices(world).await;
    let (_, here) = filed(&mut offices, 1, TalentClass::C).await;
    let city = offices.city.clone();
    // On Tuesday, 9 June; five working days are over after Tuesday, 16 June, while the county has
    // ten for the file.
    ask(&mut visitor(&offices, "gulou").await, &here, &[&city], ("all", "")).await;
    for (now, late) in [("2026-06-16T17:00:00+08:00", false), ("2026-06-17T09:00:00+08:00", true)] {
        offices.town.at(now);
        let mut fuzhou = visitor(&offices, "fuzhou").await;
        let inbox = fuzhou.get("/cases?show=mine").await;
        let said = inbox.text();
        assert!(said.contains("2026-06-09 起，2026-06-16 前答复"), "{said}");
        assert_eq!(said.contains("前答复，已逾期"), late, "{now}: {said}");
        let overdue = fuzhou.get("/cases?show=mine&overdue=yes").await;
        assert_eq!(overdue.links().contains(&here), late, "{now}: by the signer's own limit");
        let mut county = visitor(&offices, "gulou").await;
        let theirs = county.get("/cases?show=mine&overdue=yes").await;
        assert!(!theirs.links().contains(&here), "the file itself is in time");
    }
}

async fn standing_in(world: World) {
    let mut offices = offices(world).await;
    let (no, here) = filed(&mut offices, 1, TalentClass::C).await;
    let app = offices.town.world.app.clone();
    actor(&offices.town.world, "cangshan", "hr_county", "350104", None).await;
    let office = NewOrganisation {
        code: "ORG-gulou",
        kind: "hr_office",
        name: "gulou",
        division: "350102",
        enterprise_id: None,
    };
    make_account(&app, "gulou2", Role::HrCounty, &office).await;
    let order = NewMandate {
        taker: "cangshan".to_owned(),
        from: "2026-06-09".to_owned(),
        through: "2026-06-12".to_owned(),
        document_no: "鼓人社〔2026〕31号".to_owned(),
        reason: "公务外出".to_owned(),
    };
    mandate::delegate(&app, &offices.county, &order).await.unwrap();
    let mut taker = visitor(&offices, "cangshan").await;
    let offered = taker.get(&here).await.texts("section[id=cosign] .choice label").concat();
    assert!(offered.contains("fuzhou（") && offered.contains("gulou2的持有人（"), "{offered}");
    assert!(!offered.contains("gulou（"), "not in whose name it is asked: {offered}");
    let asked = ask(&mut taker, &here, &[&offices.city], ("all", "")).await;
    let panel = asked.texts("section[id=cosign]").concat();
    assert!(panel.contains("cangshan（代gulou）"), "both people stay: {panel}");
    // The colleague of somebody who is there does not end what they asked.
    let close = format!("{here}/cosign/close");
    let mut colleague = visitor(&offices, "gulou2").await;
    colleague.get(&here).await;
    let foreign = colleague.post(&close, &[("reason", "我来结束")]).await;
    assert!(foreign.text().contains("只能由发起人结束"), "{}", foreign.text());
    let tx = app.db.begin().await.unwrap();
    account::set_disabled(&tx, offices.county.account_id, Some(app.clock.now())).await.unwrap();
    tx.commit().await.unwrap();
    colleague.get(&here).await;
    let closed = colleague.post(&close, &[("reason", "发起人已调离，改由本人办理")]).await;
    assert!(closed.texts("section[id=cosign] .tag").contains(&"已撤销".to_owned()));
    let passed = act(&mut colleague, &here, "pass_county").await;
    assert!(passed.text().contains("现为“市级审核中”"), "{no}: {}", passed.text());
}

async fn notice(world: World) {
    let mut offices = offices(world).await;
    let (waits, here) = filed(&mut offices, 1, TalentClass::C).await;
    let (free, _) = filed(&mut offices, 2, TalentClass::B).await;
    for no in [&waits, &free] {
        offices.act(&offices.county, no, "pass_county").await.unwrap();
        offices.act(&offices.city, no, "give_opinion").await.unwrap();
        offices.act(&offices.city_approver, no, "pass_city").await.unwrap();
    }
    let mut province = visitor(&offices, "hr").await;
    ask(&mut province, &here, &[&offices.approver], ("any", "")).await;
    province.get("/notices/new").await;
    let sample = offices.checked_sample().await;
    let fields = [
        ("title", "自主认定公示"),
        ("basis", "闽人社文〔2026〕12号"),
        ("contact", "0591-00000000"),
        ("working_days", "5"),
        ("kind", "recognition"),
        ("cross_check", "无重复"),
        ("sample_audit", sample.as_str()),
        ("case", waits.as_str()),
        ("case", free.as_str()),
    ];
    let refused = province.post("/notices", &fields).await;
    let said = refused.texts("[data-errors]").concat();
    assert!(said.contains(&format!("{waits}：会签未完成")), "{said} {}", refused.text());
    let published = "SELECT COUNT(*) || '' FROM public_notice";
    assert_eq!(offices.town.texts(published).await, ["0"], "all or nothing");
    answer(&mut visitor(&offices, "province2").await, &here, "yes", "").await;
    province.get("/notices/new").await;
    province.post("/notices", &fields).await;
    assert_eq!(offices.town.texts(published).await, ["1"]);
}
