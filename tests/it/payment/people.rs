//! Who may do what: three natural persons, the payer's own batches, nobody's own accounts.

use juncai::domain::payment::State;
use juncai::service::Error;
use juncai::service::payment::{self, Criteria};

use super::{assert_sound, invalid, refusal};
use crate::fixture_payment::{Office, XIAMEN, approval, checked_through, criteria, sign_in};
use crate::on_both;

on_both! {
    making_checking_and_approving_takes_three_natural_persons => three_people;
    who_drew_a_batch_up_stays_a_maker_when_another_freezes_it => two_makers;
    whoever_recorded_an_account_has_no_hand_in_paying_to_it => own_accounts;
    batches_of_another_payer_do_not_exist => other_payers;
    a_page_that_is_out_of_date_moves_nothing => stale;
    a_batch_sent_back_is_a_new_revision_with_a_new_hash => sent_back;
    wrong_criteria_are_all_named => wrong_criteria;
}

async fn three_people(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let app = &office.world.app;
    // One person with three accounts: accounts differ, the person does not.
    let checks = sign_in(&office.world, "maker-checks", "黄颖", "finance_checker", "350000").await;
    let approves =
        sign_in(&office.world, "maker-approves", "黄颖", "finance_approver", "350000").await;
    let both =
        sign_in(&office.world, "checker-approves", "陈国栋", "finance_approver", "350000").await;
    let batch_no = office.draft().await;
    let frozen = office.freeze(&batch_no).await.unwrap();
    let hash = frozen.content_hash.clone();
    let own = checked_through(app, &checks, &batch_no, frozen.version, &hash).await;
    assert!(refusal(own).contains("须由另一人办理"));
    for wrong_role in [&office.maker, &office.approver, &office.hr] {
        let refused = checked_through(app, wrong_role, &batch_no, frozen.version, &hash).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let checked = office.check(&batch_no).await.unwrap();
    for same in [&approves, &both] {
        let own =
            payment::approve(app, same, &batch_no, checked.version, approval("200000.00")).await;
        assert!(refusal(own).contains("须由另一人办理"));
    }
    let typo =
        payment::approve(app, &office.approver, &batch_no, checked.version, approval("20000.00"))
            .await;
    assert!(invalid(typo, "total").contains("合计不同"));
    let words =
        payment::approve(app, &office.approver, &batch_no, checked.version, approval("贰拾万"))
            .await;
    assert!(invalid(words, "total").contains("例如"));
    let done =
        payment::approve(app, &office.approver, &batch_no, checked.version, approval("200,000.00"))
            .await;
    assert_eq!(done.unwrap().state, State::Approved);
    assert_sound(&office).await;
}

async fn two_makers(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let app = &office.world.app;
    let checks = sign_in(&office.world, "maker-checks", "黄颖", "finance_checker", "350000").await;
    let second = sign_in(&office.world, "maker2-checks", "刘芳", "finance_checker", "350000").await;
    let batch_no = office.draft().await;
    let frozen = payment::freeze(app, &office.maker_two, &batch_no, 1).await.unwrap();
    for maker in [&checks, &second] {
        let refused =
            checked_through(app, maker, &batch_no, frozen.version, &frozen.content_hash).await;
        assert!(refusal(refused).contains("经办"));
    }
    assert_eq!(office.check(&batch_no).await.unwrap().state, State::Checked);
}

async fn own_accounts(world: super::super::world::World) {
    // domain.md case 43.
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 20_000_000]).await;
    office.allot(40_000_100).await;
    let app = &office.world.app;
    let clerk = sign_in(&office.world, "clerk", "郑梅", "hr_province", "350000").await;
    office.payees_of(3, &[100], "province", "350000").await;
    office.account(3, "工程师3", "6217000000000009003", &clerk).await;
    let batch_no = office.draft().await;
    let frozen = office.freeze(&batch_no).await.unwrap();
    let hash = frozen.content_hash.clone();
    let refused = checked_through(app, &office.checker_two, &batch_no, frozen.version, &hash).await;
    let text = refusal(refused);
    assert!(
        text.contains("登记或变更过其中的收款账户") && text.contains("第 3 笔 工程师3"),
        "{text}"
    );
    assert_eq!(office.check(&batch_no).await.unwrap().state, State::Checked);

    let makes = sign_in(&office.world, "clerk-makes", "林一", "finance_maker", "350000").await;
    let version = office.batch(&batch_no).await.version;
    payment::send_back(app, &office.approver, &batch_no, version, "核对账户").await.unwrap();
    let refused = payment::freeze(app, &makes, &batch_no, version + 1).await;
    assert!(refusal(refused).contains("工程师1"));
    assert_eq!(office.states().await, ["payable"; 3]);
    assert_sound(&office).await;
}

async fn other_payers(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.payees_of(2, &[20_000_000], "city", XIAMEN).await;
    office.account(2, "工程师2", "6217000000000009002", &office.hr).await;
    office.allot(20_000_000).await;
    office.allot_to("city", XIAMEN, 2027, 20_000_000).await;
    let app = &office.world.app;
    let maker = sign_in(&office.world, "xm-maker", "许一", "finance_maker", XIAMEN).await;
    let checker = sign_in(&office.world, "xm-checker", "许二", "finance_checker", XIAMEN).await;
    let ours = office.draft().await;
    let foreign = payment::freeze(app, &maker, &ours, 1).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    let own_money =
        Criteria { source: "city".to_owned(), payer_division: XIAMEN.to_owned(), ..criteria() };
    let refused = payment::create(app, &office.maker, own_money.clone()).await;
    assert!(invalid(refused, "payer_division").contains("本单位"));
    // domain.md case 17: two payers, two batches, neither sees the other's money.
    let theirs = payment::create(app, &maker, own_money).await.unwrap();
    let frozen = payment::freeze(app, &maker, &theirs, 1).await.unwrap();
    assert_eq!((frozen.line_count, frozen.total.get()), (1, 20_000_000));
    let hash = &frozen.content_hash;
    let seen = checked_through(app, &office.checker, &theirs, frozen.version, hash).await;
    assert!(matches!(seen, Err(Error::NotFound(_))), "{seen:?}");
    assert!(checked_through(app, &checker, &theirs, frozen.version, hash).await.is_ok());
    assert_eq!(office.freeze(&ours).await.unwrap().line_count, 1);
    assert_sound(&office).await;
}

async fn stale(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let app = &office.world.app;
    let batch_no = office.draft().await;
    let frozen = office.freeze(&batch_no).await.unwrap();
    payment::send_back(app, &office.checker, &batch_no, frozen.version, "再核").await.unwrap();
    let again = office.freeze(&batch_no).await.unwrap();
    let old =
        checked_through(app, &office.checker, &batch_no, frozen.version, &frozen.content_hash);
    assert!(matches!(old.await, Err(Error::Stale(_))));
    let other_hash =
        checked_through(app, &office.checker, &batch_no, again.version, &frozen.content_hash).await;
    assert!(refusal(other_hash).contains("校验值"));
    // Two checkers press at the same moment: one of them is told.
    let (one, two) = tokio::join!(
        checked_through(app, &office.checker, &batch_no, again.version, &again.content_hash),
        checked_through(app, &office.checker_two, &batch_no, again.version, &again.content_hash),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1, "{one:?} {two:?}");
    assert_sound(&office).await;
}

async fn sent_back(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(35_000_000).await;
    let app = &office.world.app;
    let batch_no = office.draft().await;
    let first = office.freeze(&batch_no).await.unwrap();
    office.check(&batch_no).await.unwrap();
    let approved = office.approve(&batch_no).await.unwrap();
    let back = payment::send_back(app, &office.checker, &batch_no, approved.version, "户名有误")
        .await
        .unwrap();
    assert_eq!((back.state, back.revision, back.line_count), (State::Draft, 2, 0));
    assert_eq!(back.content_hash, "");
    assert_eq!(office.states().await, ["payable"; 2]);
    let second = office.freeze(&batch_no).await.unwrap();
    assert_eq!((second.total, second.line_count), (first.total, 2));
    assert_ne!(second.content_hash, first.content_hash);
    // The people of the first revision count for nothing in the second.
    let hasty =
        payment::approve(app, &office.approver, &batch_no, second.version, approval("350000.00"))
            .await;
    assert!(refusal(hasty).contains("待复核"));
    office.check(&batch_no).await.unwrap();
    assert_eq!(office.approve(&batch_no).await.unwrap().state, State::Approved);
    let steps = juncai::store::payment::steps(app.db.read(), office.batch(&batch_no).await.id)
        .await
        .unwrap();
    let told: Vec<(&str, i64)> =
        steps.iter().map(|step| (step.action.as_str(), step.revision)).collect();
    assert_eq!(
        told,
        [
            ("create", 1),
            ("freeze", 1),
            ("check", 1),
            ("approve", 1),
            ("send_back", 2),
            ("freeze", 2),
            ("check", 2),
            ("approve", 2)
        ]
    );
    assert_sound(&office).await;
}

async fn wrong_criteria(world: super::super::world::World) {
    let office = Office::new(world).await;
    let wrong = Criteria {
        programme: " ".to_owned(),
        award_year: 2028,
        budget_year: 2026,
        source: String::new(),
        payer_division: XIAMEN.to_owned(),
        city_unit: String::new(),
        enterprise_uscc: "x".repeat(19),
        purpose: "二〇二六年度核心工程师奖补资金第一批次发放款".to_owned(),
        payer_account: "账\n户".to_owned(),
        max_lines: 0,
    };
    let Err(Error::Invalid(fields)) =
        payment::create(&office.world.app, &office.maker, wrong).await
    else {
        panic!("refused");
    };
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "award_year",
            "budget_year",
            "enterprise_uscc",
            "max_lines",
            "payer_account",
            "payer_division",
            "programme",
            "purpose",
            "source"
        ]
    );
    let nobody = payment::create(&office.world.app, &office.checker, criteria()).await;
    assert!(matches!(nobody, Err(Error::Forbidden(_))), "{nobody:?}");
}
