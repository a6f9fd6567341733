//! The whole way of a batch, and money that fails and is paid again.

use juncai::domain::money::Fen;
use juncai::domain::payment::State;
use juncai::file::bank::parse_neutral;
use juncai::file::hash::sha256_hex;
use juncai::service::Error;
use juncai::service::payment::{self, FileFormat};

use super::{assert_sound, number, refusal};
use crate::fixture_payment::{Office, RETURN_HEADER, account_number, criteria, failed, paid};
use crate::on_both;

on_both! {
    a_batch_goes_from_draft_to_closed_and_its_failed_line_is_paid_by_another => whole_life;
    the_bank_file_is_the_same_bytes_at_every_call => same_bytes;
    a_batch_of_nine_hundred_lines_lives_in_bulk => large;
    cancelled_money_is_payable_again => cancelled;
}

async fn whole_life(world: super::super::world::World) {
    // domain.md case 32: 200,000 + 150,000 + 150,000, one of them returned for a wrong name.
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000, 15_000_000, 15_000_000]).await;
    office.allot(60_000_000).await;
    let app = &office.world.app;
    let before = payment::preview(app, &office.maker, &criteria()).await.unwrap();
    assert_eq!((before.lines, before.total, before.waiting), (3, Fen::new(50_000_000), 0));
    assert_eq!((before.available, before.shortfall), (Fen::new(60_000_000), Fen::ZERO));

    let batch_no = office.draft().await;
    assert_eq!(batch_no, "B2027-0001");
    assert_eq!(office.states().await, ["payable"; 3], "a draft holds nothing");
    let frozen = office.freeze(&batch_no).await.unwrap();
    assert_eq!((frozen.state, frozen.line_count), (State::Frozen, 3));
    assert_eq!((frozen.total, frozen.content_hash.len()), (Fen::new(50_000_000), 64));
    assert_eq!(office.states().await, ["in_batch"; 3]);
    assert_eq!(office.available().await, 10_000_000);
    assert_eq!(office.check(&batch_no).await.unwrap().state, State::Checked);
    assert_eq!(office.approve(&batch_no).await.unwrap().state, State::Approved);
    assert_eq!(office.issue(&batch_no).await.unwrap().state, State::FileIssued);
    assert_eq!(office.send(&batch_no).await.unwrap().state, State::Sent);

    let two = format!(
        "{RETURN_HEADER}{}{}",
        paid("B2027-0001-1-00001", "200000.00", "S1"),
        failed("B2027-0001-1-00003", "户名不符")
    );
    let answered = office.answer(&batch_no, &two).await;
    assert_eq!((answered.settled, answered.failed, answered.suspense), (1, 1, 0));
    assert_eq!(answered.standing.state, State::PartReturned);
    let rest = format!("{RETURN_HEADER}{}", paid("B2027-0001-1-00002", "150000.00", "S2"));
    assert_eq!(office.answer(&batch_no, &rest).await.standing.state, State::Settled);
    assert_eq!(office.states().await, ["paid", "paid", "payable"]);
    assert_eq!(office.available().await, 25_000_000, "the failed amount is free again");
    assert_sound(&office).await;
    assert_eq!(office.close(&batch_no).await.unwrap().state, State::Closed);

    let second = office.sent_batch().await;
    let csv = format!("{RETURN_HEADER}{}", paid(&format!("{second}-1-00001"), "150000.00", "S3"));
    assert_eq!(office.answer(&second, &csv).await.standing.state, State::Settled);
    assert_eq!(office.states().await, ["paid"; 3]);
    let paid_out = number(
        &office,
        "SELECT CAST(SUM(amount_fen) AS BIGINT) FROM batch_line WHERE outcome = 'settled'",
    )
    .await;
    assert_eq!(paid_out, 50_000_000, "sent again, paid once");
    assert!(refusal(office.freeze(&second).await).contains("不能办理“冻结”"));
    let third = office.draft().await;
    assert!(refusal(office.freeze(&third).await).contains("没有待付资金"));
    assert_sound(&office).await;
}

async fn same_bytes(world: super::super::world::World) {
    let mut office = Office::new(world).await;
    office.payees(1, &[11_666_667, 20_000_000]).await;
    office.allot(100_000_000).await;
    let batch_no = office.sent_batch().await;
    let issued = office.batch(&batch_no).await;
    office.world.set_time("2027-04-01T09:00:00+08:00");
    let app = &office.world.app;
    let csv = payment::file(app, &office.maker, &batch_no, FileFormat::Bank).await.unwrap();
    let again = payment::file(app, &office.maker_two, &batch_no, FileFormat::Bank).await.unwrap();
    assert_eq!(csv, again);
    assert_eq!((csv.0.as_str(), sha256_hex(&csv.1)), ("B2027-0001.csv", issued.file_sha256));
    let xlsx = payment::file(app, &office.maker, &batch_no, FileFormat::Xlsx).await.unwrap();
    assert_eq!(xlsx, payment::file(app, &office.maker, &batch_no, FileFormat::Xlsx).await.unwrap());

    let file = parse_neutral(&csv.1).expect("the neutral form");
    assert_eq!(
        (file.batch_no, file.created_at),
        (batch_no.clone(), "2027-03-01T09:00:00+08:00".to_owned())
    );
    let lines: Vec<_> =
        file.lines.iter().map(|line| (line.account_no.clone(), line.amount.get())).collect();
    assert_eq!(lines, [(account_number(1), 11_666_667), (account_number(2), 20_000_000)]);
    // Full account numbers: only the payer's makers get them, and each time is on record.
    for other in [&office.checker, &office.approver, &office.hr] {
        let refused = payment::file(app, other, &batch_no, FileFormat::Bank).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let downloads = "SELECT COUNT(*) FROM audit_event WHERE action = 'batch.file_downloaded'";
    assert_eq!(number(&office, downloads).await, 4);
    let leaked =
        format!("SELECT COUNT(*) FROM audit_event WHERE detail LIKE '%{}%'", account_number(1));
    assert_eq!(number(&office, &leaked).await, 0);
    let draft = office.draft().await;
    let none = payment::file(app, &office.maker, &draft, FileFormat::Bank).await;
    assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
}

async fn large(world: super::super::world::World) {
    let office = Office::new(world).await;
    let fens: Vec<i64> = (0..900).map(|index| 10_000_000 + index).collect();
    office.payees(1, &fens).await;
    office.allot(100_000_000_000).await;
    let batch_no = office.sent_batch().await;
    let mut csv = String::from(RETURN_HEADER);
    for (seq, fen) in (1..).zip(&fens) {
        let line_ref = format!("{batch_no}-1-{seq:05}");
        csv.push_str(&match seq % 100 {
            0 => failed(&line_ref, "账户冻结"),
            _ => paid(&line_ref, &Fen::new(*fen).to_string(), &format!("S{seq}")),
        });
    }
    let answered = office.answer(&batch_no, &csv).await;
    assert_eq!((answered.settled, answered.failed, answered.suspense), (891, 9, 0));
    assert_eq!(office.close(&batch_no).await.unwrap().state, State::Closed);
    assert_sound(&office).await;
}

async fn cancelled(world: super::super::world::World) {
    let office = Office::new(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let app = &office.world.app;
    let batch_no = office.draft().await;
    let frozen = office.freeze(&batch_no).await.unwrap();
    let silent = payment::cancel(app, &office.approver, &batch_no, frozen.version, "  ").await;
    assert!(super::invalid(silent, "reason").contains("撤销原因"));
    let gone = payment::cancel(app, &office.approver, &batch_no, frozen.version, "重复编制").await;
    assert_eq!(gone.unwrap().state, State::Cancelled);
    assert_eq!(office.states().await, ["payable"]);
    assert_eq!(office.available().await, 20_000_000);
    let second = office.sent_batch().await;
    let version = office.batch(&second).await.version;
    let late = payment::cancel(app, &office.approver, &second, version, "来不及了").await;
    assert!(refusal(late).contains("已送银行"));
    assert_sound(&office).await;
}
