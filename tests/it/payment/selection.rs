//! Which money a batch takes, and how far the budget goes.

use juncai::domain::money::Fen;
use juncai::domain::payment::Ineligible;
use juncai::service::batch_pages;
use juncai::service::payment::{self, Criteria};

use super::{assert_sound, invalid, number, refusal, text};
use crate::browser_like::Visitor;
use crate::finance_pages::click;
use crate::fixture_payment::{Office, PROVINCE, XIAMEN, account_number, criteria, held};
use crate::on_both;
use sea_orm::ConnectionTrait;

on_both! {
    a_budget_one_fen_short_stops_the_batch_and_names_the_fen => one_fen_short;
    who_cannot_be_paid_is_left_out_with_the_reason => left_out;
    a_batch_takes_the_people_of_a_city_or_an_enterprise => selected;
    a_full_batch_takes_the_oldest_lines_first => limited;
    everything_that_could_be_paid_is_drawn_up_by_source => all_sources;
    two_freezes_at_once_share_no_line => same_lines;
    two_freezes_at_once_never_overspend => same_budget;
    last_year_s_budget_cannot_be_spent => last_year;
    what_finance_keeps_back_is_paid_only_after_another_person_lets_it_go => kept_back;
}

async fn one_fen_short(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[11_666_667, 16_666_667]).await;
    office.allot(28_333_333).await;
    let batch_no = office.draft().await;
    let app = &office.world.app;
    let preview = payment::preview(app, &office.maker, &criteria()).await.unwrap();
    assert_eq!((preview.total, preview.shortfall), (Fen::new(28_333_334), Fen::new(1)));
    let text = refusal(office.freeze(&batch_no).await);
    assert!(text.contains("需要 283,333.34 元，可用 283,333.33 元，缺 0.01 元"), "{text}");
    assert_eq!(office.states().await, ["payable"; 2]);
    office.allot(1).await;
    assert_eq!(office.freeze(&batch_no).await.unwrap().total, Fen::new(28_333_334));
    assert_eq!(office.available().await, 0);
    assert_sound(&office).await;
}

async fn left_out(world: super::super::world::World) {
    let mut office = Office::new(world).await;
    office.allot(1_000_000_000).await;
    office.payees(1, &[100, 200, 400, 800, 1600, 3200]).await;
    office.payees_of(7, &[6400], "province", PROVINCE).await;
    office.world.set_time("2027-03-10T09:00:00+08:00");
    office.account(2, "工程师2", "6217000000000009002", &office.hr).await;
    office.account(3, "工程师3改名", &account_number(3), &office.hr).await;
    office.entitle(4, 799, "province", PROVINCE).await;
    office.account(5, "工程\u{E863}师", &account_number(5), &office.hr).await;
    office.account(6, "=1+1", &account_number(6), &office.hr).await;
    let app = &office.world.app;
    let preview = payment::preview(app, &office.maker, &criteria()).await.unwrap();
    let why: Vec<_> = preview
        .excluded
        .iter()
        .map(|left| (left.reason, left.persons, left.amount.get()))
        .collect();
    assert_eq!(
        why,
        [
            (Ineligible::NoAccount, 1, 6400),
            (Ineligible::AccountChanged, 1, 200),
            (Ineligible::Lowered, 1, 800),
            (Ineligible::Unfit, 2, 4800),
        ]
    );
    let examples = preview.excluded[3].examples.join("；");
    assert!(examples.contains("无法表示的字") && examples.contains("公式"), "{examples}");
    assert_eq!((preview.lines, preview.total.get()), (2, 500));
    let batch_no = office.draft().await;
    assert_eq!(office.freeze(&batch_no).await.unwrap().total.get(), 500);
    // The changed account has rested.
    office.world.set_time("2027-03-25T09:00:00+08:00");
    let later = payment::preview(&office.world.app, &office.maker, &criteria()).await.unwrap();
    assert_eq!((later.lines, later.total.get()), (1, 200));
    assert_sound(&office).await;
}

async fn limited(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[1, 2, 4, 8, 16]).await;
    office.allot(31).await;
    let app = &office.world.app;
    let few = Criteria { max_lines: 2, ..criteria() };
    let preview = payment::preview(app, &office.maker, &few).await.unwrap();
    assert_eq!((preview.lines, preview.total.get(), preview.waiting), (2, 3, 3));
    let drafts = payment::create_all(app, &office.maker, few).await.unwrap();
    assert_eq!(drafts, ["B2027-0001", "B2027-0002", "B2027-0003"], "as many as it takes");
    for (batch_no, total) in drafts.iter().zip([3, 12, 16]) {
        assert_eq!(office.freeze(batch_no).await.unwrap().total.get(), total);
    }
    assert_sound(&office).await;
}

async fn all_sources(world: super::super::world::World) {
    let office = Office::new(world).await;
    // Given money of two sources that the province pays, and of one that it does not.
    office.payees(1, &[100, 200]).await;
    office.payees_of(3, &[400], "county", PROVINCE).await;
    office.payees_of(4, &[800], "city", XIAMEN).await;
    office.allot(300).await;
    let app = &office.world.app;
    let ready = batch_pages::ready(app, &office.maker).await.unwrap();
    let seen: Vec<_> = ready
        .iter()
        .map(|line| (line.source.as_str(), line.lines, line.amount.get(), line.available.get()))
        .collect();
    assert_eq!(seen, [("county", 1, 400, 0), ("province", 2, 300, 300)]);
    // When all is drawn up, then each source has its draft; who has no account stays out.
    let made = batch_pages::create_ready(app, &office.maker, "财政零余额账户").await.unwrap();
    assert_eq!(made, ["B2027-0001"]);
    assert_eq!(office.freeze(&made[0]).await.unwrap().total.get(), 300);
    let nothing = batch_pages::create_ready(app, &office.maker, "财政零余额账户").await;
    assert!(refusal(nothing).contains("没有可以编制"));
    // And on the page: what waits, and a form that says what it lacks.
    let mut maker = Visitor::signed_in(app, "maker").await;
    let page = maker.get("/batches/new").await;
    assert!(page.texts("caption").iter().any(|text| text.contains("现在待付的款项")));
    let blank = click(&mut maker, "/batches/ready", &[("payer_account", "")]).await;
    assert!(blank.text().contains("请填写付款账户"), "{}", blank.text());
}

async fn selected(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[1, 2]).await;
    office.allot(3).await;
    let app = &office.world.app;
    let uscc = text(&office, "SELECT uscc FROM enterprise WHERE id = 1").await;
    for (city, enterprise, lines) in [
        ("", "", 2),
        ("350100", "", 2),
        ("350200", "", 0),
        ("350100", uscc.as_str(), 2),
        ("", "91350100MA2XNQ4T3K", 0),
    ] {
        let wanted = Criteria {
            city_unit: city.to_owned(),
            enterprise_uscc: enterprise.to_owned(),
            ..criteria()
        };
        let preview = payment::preview(app, &office.maker, &wanted).await.unwrap();
        assert_eq!(preview.lines, lines, "{city} {enterprise}");
        if lines == 0 {
            let no = payment::create(app, &office.maker, wanted).await.unwrap();
            assert!(refusal(office.freeze(&no).await).contains("没有待付资金"));
        }
    }
}

async fn same_lines(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000; 40]).await;
    office.allot(2_000_000_000).await;
    let app = &office.world.app;
    let (first, second) = (office.draft().await, office.draft().await);
    let (one, two) = tokio::join!(
        payment::freeze(app, &office.maker, &first, 1),
        payment::freeze(app, &office.maker_two, &second, 1),
    );
    let frozen: i64 = [&one, &two].into_iter().flatten().map(|frozen| frozen.line_count).sum();
    assert_eq!(frozen, 40, "{one:?} {two:?}");
    let told = one.err().or(two.err()).expect("one of them finds nothing left").to_string();
    assert!(told.contains("没有待付资金"), "{told}");
    assert_eq!(number(&office, "SELECT COUNT(*) FROM batch_line").await, 40);
    assert_sound(&office).await;
}

async fn same_budget(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000; 10]).await;
    // Enough for one batch of five and not for two.
    office.allot(199_999_999).await;
    let app = &office.world.app;
    let five = Criteria { max_lines: 5, ..criteria() };
    let first = payment::create(app, &office.maker, five.clone()).await.unwrap();
    let second = payment::create(app, &office.maker_two, five).await.unwrap();
    let (one, two) = tokio::join!(
        payment::freeze(app, &office.maker, &first, 1),
        payment::freeze(app, &office.maker_two, &second, 1),
    );
    let told = match (one, two) {
        (Ok(frozen), Err(refused)) | (Err(refused), Ok(frozen)) => {
            assert_eq!(frozen.line_count, 5);
            refused.to_string()
        }
        other => panic!("exactly one fits: {other:?}"),
    };
    assert!(told.contains("缺 0.01 元"), "{told}");
    assert_sound(&office).await;
}

async fn last_year(world: super::super::world::World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let batch_no = office.draft().await;
    office.world.set_time("2027-12-31T23:59:59+08:00");
    office.freeze(&batch_no).await.expect("the last second of the year, in China");
    let version = office.batch(&batch_no).await.version;
    let app = &office.world.app;
    payment::send_back(app, &office.checker, &batch_no, version, "跨年").await.unwrap();
    office.world.set_time("2028-01-01T00:00:00+08:00");
    assert!(refusal(office.freeze(&batch_no).await).contains("只能在当年冻结"));
}

async fn kept_back(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000]).await;
    office.allot(40_000_000).await;
    let app = &office.world.app;
    let hold = |by: &juncai::service::Actor, no: &'static str| {
        let by = by.clone();
        async move { payment::hold(app, &by, held(no), "账户持有人待核实").await }
    };
    assert!(invalid(hold(&office.maker, "E999999").await, "person_no").contains("没有这个编号"));
    hold(&office.maker, "e000001").await.expect("held");
    assert!(invalid(hold(&office.checker, "E000001").await, "person_no").contains("已经暂缓"));

    // Preview and batch leave it out, and say so.
    let preview = payment::preview(app, &office.maker, &criteria()).await.unwrap();
    let out: Vec<_> = preview.excluded.iter().map(|out| (out.reason, out.amount.get())).collect();
    assert_eq!(out, [(Ineligible::Held, 20_000_000)]);
    let no = office.draft().await;
    assert_eq!(office.freeze(&no).await.unwrap().line_count, 1);

    // Another line is held while its batch waits: nobody releases that batch.
    hold(&office.checker, "E000002").await.expect("held");
    assert!(refusal(office.check(&no).await).contains("被暂缓发放：第 1 笔 工程师2"));

    // Whoever held it does not let it go; another person does, with a reason.
    let open = |lines: &[payment::HoldLine], no: &str| {
        lines.iter().find(|line| line.row.person_no == no).map(|line| line.row.id).unwrap()
    };
    let (lines, total) = payment::holds(app, &office.maker, 0).await.unwrap();
    assert_eq!((total, lines.iter().filter(|line| line.may_release).count()), (2, 1));
    let first = open(&lines, "E000001");
    let own = payment::release_hold(app, &office.maker, first, "已核实").await;
    assert!(refusal(own).contains("另一人解除"));
    let empty = payment::release_hold(app, &office.checker, first, " ").await;
    assert!(invalid(empty, "reason").contains("解除原因"));
    payment::release_hold(app, &office.checker, first, "已核实").await.expect("let go");
    let twice = payment::release_hold(app, &office.approver, first, "已核实").await;
    assert!(refusal(twice).contains("已经解除"));
    let second = office.draft().await;
    assert_eq!(office.freeze(&second).await.unwrap().line_count, 1);

    // The database itself lets no batch take what is held.
    let forced = app
        .db
        .read()
        .execute_unprepared(
            "INSERT INTO batch_line (line_ref, batch_id, revision, seq, payment_line_id, \
             payee_name, bank_account_id, last_four, amount_fen, live, outcome, reason_code, \
             reason_text, bank_serial) SELECT 'X', batch_id, 9, 1, payment_line_id, payee_name, \
             bank_account_id, last_four, amount_fen, TRUE, 'pending', '', '', '' FROM batch_line \
             WHERE payee_name = '工程师2'",
        )
        .await;
    assert!(forced.unwrap_err().to_string().contains("payment_held"));
}
