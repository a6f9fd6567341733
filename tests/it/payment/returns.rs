//! What the bank says: every row ends matched, repeated or in suspense, and nothing counts twice.

use juncai::domain::payment::QueryClass;
use juncai::domain::payment::State;
use juncai::service::Error;
use juncai::service::batch_pages;
use juncai::service::payment::{self, Resolution};
use juncai::store::payment::{BankReturnRow, find_return, rows_of};

use super::{assert_sound, invalid, number, refusal};
use crate::bank_answers::csv_file;
use crate::fixture_payment::{
    Office, RETURN_HEADER, account_number, failed, paid, sent_back, sign_in,
};
use crate::on_both;

on_both! {
    every_row_ends_matched_repeated_or_in_suspense => dispositions;
    a_row_that_comes_back_changed_waits_until_somebody_has_asked => changed;
    loading_a_file_twice_changes_nothing => twice;
    a_return_takes_effect_when_another_person_confirms_it => another_person;
    a_row_in_suspense_is_answered_before_the_batch_is_closed => suspense;
    money_sent_back_after_closing_is_payable_again_and_the_batch_stays_closed => late;
    a_file_that_is_no_return_is_refused_with_every_wrong_cell => unreadable;
    two_returns_about_one_line_count_once => overlapping;
}

async fn five_sent(world: super::super::world::World) -> (Office, String) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000; 5]).await;
    office.allot(100_000_000).await;
    let batch_no = office.sent_batch().await;
    (office, batch_no)
}

async fn stored(office: &Office, return_no: &str) -> Vec<BankReturnRow> {
    let conn = office.world.app.db.read();
    let file = find_return(conn, return_no).await.unwrap().expect("a return");
    rows_of(conn, file.id).await.unwrap()
}

fn line(seq: i64) -> String {
    format!("B2027-0001-1-{seq:05}")
}

async fn dispositions(world: super::super::world::World) {
    let (office, batch_no) = five_sent(world).await;
    office.payees(6, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let other = office.sent_batch().await;
    let csv = [
        RETURN_HEADER.to_owned(),
        paid(&line(1), "200000.00", "S1"),
        failed(&line(2), "户名不符"),
        paid(&line(3), "199999.99", "S3"),
        paid("B2027-0099-1-00001", "200000.00", "S4"),
        paid(&format!("{other}-1-00001"), "200000.00", "S5"),
        paid(&line(1), "200000.00", "S1"),
        paid(&line(4), "200000.00", "S6"),
        failed(&line(4), "账户冻结"),
    ]
    .concat();
    let app = &office.world.app;
    let loaded =
        payment::load_return(app, &office.maker, &batch_no, &csv_file(&csv)).await.unwrap();
    assert_eq!((loaded.matched, loaded.repeated, loaded.suspense), (2, 1, 5));
    assert_eq!(office.states().await, ["in_batch"; 6], "nothing before it is confirmed");
    payment::confirm_return(app, &office.checker, &loaded.return_no).await.unwrap();
    let rows = stored(&office, &loaded.return_no).await;
    let ends: Vec<&str> = rows.iter().map(|row| row.disposition.as_str()).collect();
    assert_eq!(
        ends,
        [
            "matched", "matched", "suspense", "suspense", "suspense", "repeated", "suspense",
            "suspense"
        ]
    );
    for (index, question) in
        [(2, "199999.99"), (3, "没有该行标识"), (4, "另一个批次"), (6, "说法不一"), (7, "说法不一")]
    {
        assert!(rows[index].query.contains(question), "{}", rows[index].query);
    }
    let classes: Vec<&str> = rows.iter().map(|row| row.query_class.as_str()).collect();
    let asked = ["other_amount", "unknown", "other_batch", "contradiction", "contradiction"];
    assert_eq!([classes[2], classes[3], classes[4], classes[6], classes[7]], asked);
    assert!([classes[0], classes[1], classes[5]].iter().all(|class| class.is_empty()));
    let page = |class| batch_pages::suspense(app, &office.checker, class, 0);
    let all = page(None).await.unwrap();
    let counted: Vec<_> = all.classes.iter().map(|(class, count)| (*class, count.open)).collect();
    use QueryClass::{Contradiction, OtherAmount, OtherBatch, Unknown};
    let expected = [(Contradiction, 2), (OtherAmount, 1), (OtherBatch, 1), (Unknown, 1)];
    assert_eq!(counted, expected.map(|(class, open)| (Some(class), open)));
    let some = page(Some(Contradiction)).await.unwrap();
    assert_eq!((some.total, some.rows.len(), some.classes.len()), (2, 2, 4));
    assert_eq!(
        office.states().await,
        ["paid", "payable", "in_batch", "in_batch", "in_batch", "in_batch"]
    );
    assert_eq!(office.batch(&batch_no).await.state, "part_returned");
    assert_eq!(office.batch(&other).await.state, "sent");
    assert_sound(&office).await;
}

async fn changed(world: super::super::world::World) {
    let (office, batch_no) = five_sent(world).await;
    let row = |seq: i64, name: &str, account: &str| {
        let told = paid(&line(seq), "200000.00", &format!("S{seq}"));
        format!("{},{name},{account}\n", told.trim_end())
    };
    let csv = [
        format!("{},payee_name,account_no\n", RETURN_HEADER.trim_end()),
        row(1, "工程师1", &account_number(1)),
        row(2, "别人", &account_number(2)),
        row(3, "", &account_number(9)),
        row(4, "工程*4", "6217****0004"),
        row(5, "", "6.217E+18"),
    ]
    .concat();
    let confirmed = office.answer(&batch_no, &csv).await;
    assert_eq!((confirmed.settled, confirmed.suspense), (3, 2));
    let rows = stored(&office, "R2027-0001").await;
    for (at, question) in [(1, "收款人与发放时不一致"), (2, "收款账号与发放时不一致")]
    {
        assert_eq!(rows[at].disposition, "suspense");
        assert!(rows[at].query.contains(question), "{}", rows[at].query);
    }
    let open = "SELECT COUNT(*) FROM bank_return_row WHERE account_index LIKE '6217%'";
    assert_eq!(number(&office, open).await, 0, "no account number is kept");
    // Once the bank has said who has it, it is settled like any other.
    let about = Resolution { line_seq: Some(2), reason: "银行更正户名".to_owned() };
    payment::resolve_suspense(&office.world.app, &office.checker, rows[1].id, &about)
        .await
        .unwrap();
    assert_eq!(office.states().await, ["paid", "paid", "in_batch", "paid", "paid"]);
    assert_sound(&office).await;
}

async fn twice(world: super::super::world::World) {
    // domain.md case 33.
    let (office, batch_no) = five_sent(world).await;
    let csv =
        [RETURN_HEADER.to_owned(), paid(&line(1), "200000.00", "S1"), failed(&line(2), "销户")]
            .concat();
    office.answer(&batch_no, &csv).await;
    let (batch, states) = (office.batch(&batch_no).await, office.states().await);
    let app = &office.world.app;
    let again =
        payment::load_return(app, &office.maker_two, &batch_no, &csv_file(&csv)).await.unwrap();
    assert!(again.already_loaded);
    assert_eq!((again.return_no.as_str(), again.matched), ("R2027-0001", 2));
    // The same content in other bytes: loaded, and every row repeats what is known.
    let confirmed = office.answer(&batch_no, &format!("{csv}\n")).await;
    assert_eq!((confirmed.settled, confirmed.failed, confirmed.suspense), (0, 0, 0));
    assert_eq!(office.states().await, states);
    let confirmed_again = payment::confirm_return(app, &office.checker, "R2027-0001").await;
    assert!(refusal(confirmed_again).contains("已确认"));
    assert_eq!(office.batch(&batch_no).await.state, batch.state);
    assert_eq!(number(&office, "SELECT COUNT(*) FROM bank_return").await, 2);
    office.payees(6, &[100]).await;
    office.allot(100).await;
    let other = office.sent_batch().await;
    let misplaced = payment::load_return(app, &office.maker, &other, &csv_file(&csv)).await;
    assert!(refusal(misplaced).contains("另一批次"));
    assert_sound(&office).await;
}

async fn another_person(world: super::super::world::World) {
    let (office, batch_no) = five_sent(world).await;
    let app = &office.world.app;
    let csv = [RETURN_HEADER.to_owned(), paid(&line(1), "200000.00", "S1")].concat();
    let loaded =
        payment::load_return(app, &office.maker, &batch_no, &csv_file(&csv)).await.unwrap();
    let same = sign_in(&office.world, "maker-checks", "黄颖", "finance_checker", "350000").await;
    assert!(
        refusal(payment::confirm_return(app, &same, &loaded.return_no).await).contains("载入回单")
    );
    let wrong_role = payment::confirm_return(app, &office.maker_two, &loaded.return_no).await;
    assert!(matches!(wrong_role, Err(Error::Forbidden(_))), "{wrong_role:?}");
    let foreign = sign_in(&office.world, "xm", "许二", "finance_checker", "350200").await;
    let unseen = payment::confirm_return(app, &foreign, &loaded.return_no).await;
    assert!(matches!(unseen, Err(Error::NotFound(_))), "{unseen:?}");
    let (one, two) = tokio::join!(
        payment::confirm_return(app, &office.checker, &loaded.return_no),
        payment::confirm_return(app, &office.checker_two, &loaded.return_no),
    );
    let settled: u64 = [&one, &two].into_iter().flatten().map(|done| done.settled).sum();
    assert_eq!(settled, 1, "{one:?} {two:?}");
    assert_sound(&office).await;
}

async fn suspense(world: super::super::world::World) {
    let (office, batch_no) = five_sent(world).await;
    let app = &office.world.app;
    let mut csv = RETURN_HEADER.to_owned();
    for seq in 1..=4 {
        csv.push_str(&paid(&line(seq), "200000.00", &format!("S{seq}")));
    }
    csv.push_str(&paid("LOST-1", "200000.00", "S5"));
    csv.push_str(&paid("LOST-2", "1.00", "S6"));
    let confirmed = office.answer(&batch_no, &csv).await;
    assert_eq!((confirmed.standing.state, confirmed.suspense), (State::PartReturned, 2));
    let rows = stored(&office, "R2027-0001").await;
    let (lost, stray) = (rows[4].id, rows[5].id);
    let about = |line_seq, reason: &str| Resolution { line_seq, reason: reason.to_owned() };
    let resolve = async |actor, row, resolution: Resolution| {
        payment::resolve_suspense(app, actor, row, &resolution).await
    };
    let wrong_amount = resolve(&office.checker, stray, about(Some(5), "猜测")).await;
    assert!(invalid(wrong_amount, "line").contains("不符"));
    let taken = resolve(&office.checker, lost, about(Some(1), "猜测")).await;
    assert!(invalid(taken, "line").contains("重复支付"));
    let nowhere = resolve(&office.checker, lost, about(Some(6), "猜测")).await;
    assert!(invalid(nowhere, "line").contains("没有这个序号"));
    assert!(
        invalid(resolve(&office.checker, lost, about(None, " ")).await, "reason")
            .contains("核对依据")
    );
    let matched = resolve(&office.checker, lost, about(Some(5), "电话核对流水号")).await.unwrap();
    assert_eq!(matched.state, State::Settled);
    assert_eq!(office.states().await, ["paid"; 5]);
    assert!(refusal(office.close(&batch_no).await).contains("1 条待查记录"));
    resolve(&office.checker, stray, about(None, "银行误入，已退银行")).await.unwrap();
    assert!(
        refusal(resolve(&office.checker_two, stray, about(None, "再办")).await).contains("已处理")
    );
    assert_eq!(office.close(&batch_no).await.unwrap().state, State::Closed);
    let rows = stored(&office, "R2027-0001").await;
    assert_eq!(
        (rows[4].disposition.as_str(), rows[4].resolution.as_str()),
        ("matched", "对应第 5 笔。电话核对流水号")
    );
    assert_eq!(
        (rows[5].disposition.as_str(), rows[5].resolution.as_str()),
        ("suspense", "不属于本批次。银行误入，已退银行")
    );
    assert_sound(&office).await;
}

async fn late(world: super::super::world::World) {
    let (mut office, batch_no) = five_sent(world).await;
    let rows: String =
        (1..=5).map(|seq| paid(&line(seq), "200000.00", &format!("S{seq}"))).collect();
    office.answer(&batch_no, &format!("{RETURN_HEADER}{rows}")).await;
    office.close(&batch_no).await.unwrap();
    let back = format!("{RETURN_HEADER}{}", sent_back(&line(2), "200000.00", "S2"));
    let confirmed = office.answer(&batch_no, &back).await;
    assert_eq!((confirmed.standing.state, confirmed.failed), (State::Closed, 1));
    assert_eq!(office.states().await, ["paid", "payable", "paid", "paid", "paid"]);
    assert_eq!(office.available().await, 20_000_000, "the same year: the budget has it again");
    let part = format!("{RETURN_HEADER}{}", sent_back(&line(3), "100000.00", "S3"));
    assert_eq!(office.answer(&batch_no, &part).await.suspense, 1);
    // The next year: paid from the new year's budget, still for the old award year.
    office.world.set_time("2028-01-10T09:00:00+08:00");
    let again = format!("{RETURN_HEADER}{}", sent_back(&line(4), "200000.00", "S4"));
    office.answer(&batch_no, &again).await;
    let next = payment::Criteria { budget_year: 2028, ..crate::fixture_payment::criteria() };
    let app = &office.world.app;
    let preview = payment::preview(app, &office.maker, &next).await.unwrap();
    assert_eq!((preview.total.get(), preview.shortfall.get()), (40_000_000, 40_000_000));
    office.allot_to("province", "350000", 2028, 40_000_000).await;
    let second = payment::create(app, &office.maker, next).await.unwrap();
    assert_eq!(office.freeze(&second).await.unwrap().line_count, 2);
    assert_sound(&office).await;
}

async fn unreadable(world: super::super::world::World) {
    let (office, batch_no) = five_sent(world).await;
    let app = &office.world.app;
    let load = async |text: &str| {
        payment::load_return(app, &office.maker, &batch_no, &csv_file(text)).await
    };
    assert!(invalid(load("").await, "file").len() > 3);
    assert!(invalid(load("a,b\n1,2\n").await, "file").contains("line_id"));
    assert!(invalid(load(RETURN_HEADER).await, "file").contains("没有明细"));
    let wrong = format!("{RETURN_HEADER}{},X,1.00,S,2027-03-02,,\n{},S,,,,,\n", line(1), line(2));
    let text = invalid(load(&wrong).await, "file");
    assert!(text.contains("第 2 行 status") && text.contains("第 3 行 paid_amount"), "{text}");
    assert_eq!(number(&office, "SELECT COUNT(*) FROM bank_return").await, 0);
    let draft = office.draft().await;
    let good = format!("{RETURN_HEADER}{}", paid(&line(1), "200000.00", "S1"));
    let early = payment::load_return(app, &office.maker, &draft, &csv_file(&good)).await;
    assert!(refusal(early).contains("编制中"));
}

async fn overlapping(world: super::super::world::World) {
    let (office, batch_no) = five_sent(world).await;
    let app = &office.world.app;
    let load = async |text: String| {
        let csv = format!("{RETURN_HEADER}{text}");
        let loaded = payment::load_return(app, &office.maker, &batch_no, &csv_file(&csv)).await;
        loaded.unwrap()
    };
    let first = load(paid(&line(1), "200000.00", "S1")).await;
    let second = load(paid(&line(1), "200000.00", "S1") + &failed(&line(2), "销户")).await;
    let third = load(failed(&line(1), "户名不符")).await;
    assert_eq!([first.matched, second.matched, third.matched], [1, 2, 1], "as known when loaded");
    for (return_no, settled, failed, suspense) in
        [(first.return_no, 1, 0, 0), (second.return_no, 0, 1, 0), (third.return_no, 0, 0, 1)]
    {
        let done = payment::confirm_return(app, &office.checker, &return_no).await.unwrap();
        assert_eq!((done.settled, done.failed, done.suspense), (settled, failed, suspense));
    }
    assert_eq!(office.states().await, ["paid", "payable", "in_batch", "in_batch", "in_batch"]);
    assert_sound(&office).await;
}
