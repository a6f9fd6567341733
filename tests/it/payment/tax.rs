//! Income tax: undetermined it stops the money, settled it is withheld line by line.

use juncai::domain::money::Fen;
use juncai::domain::registry::Code;
use juncai::domain::tax::TaxTreatment;
use juncai::file::bank::parse_neutral;
use juncai::service::payment::{self, FileFormat};
use juncai::service::tax::{self, RulingForm};
use sea_orm::ConnectionTrait;

use super::{assert_sound, invalid, number, refusal, text};
use crate::browser_like::Visitor;
use crate::budget_pages::settle_tax;
use crate::fixture_payment::{
    Office, PROGRAMME, RETURN_HEADER, XIAMEN, criteria, paid, sent_back, sign_in,
};
use crate::on_both;
use crate::world::World;

on_both! {
    undetermined_tax_stops_the_money_but_no_computation => undetermined;
    what_is_withheld_stays_out_of_the_bank_file_and_in_the_books => withheld;
    a_new_ruling_stops_what_was_frozen_under_the_old => ruled_anew;
    two_people_of_the_province_settle_it => two_people;
    officers_settle_it_on_the_page_and_read_what_was_withheld => on_the_page;
}

fn form(treatment: TaxTreatment) -> RulingForm<'static> {
    RulingForm {
        programme: PROGRAMME,
        year: "2026",
        treatment: treatment.code(),
        basis: "税务部门复函",
        document_no: "闽税函〔2027〕4号",
    }
}

async fn undetermined(world: World) {
    let office = Office::untaxed(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let batch_no = office.draft().await;
    let app = &office.world.app;
    let shown = payment::preview(app, &office.maker, &criteria()).await.unwrap();
    assert_eq!((shown.lines, shown.treatment), (1, None), "what is payable is known");
    assert!(refusal(office.freeze(&batch_no).await).contains("个人所得税处理尚未确定"));
    assert_eq!(office.states().await, ["payable"]);

    let no = tax::propose(app, &office.maker, &form(TaxTreatment::Exempt)).await.unwrap();
    assert!(refusal(office.freeze(&batch_no).await).contains("尚未确定"), "only proposed");
    tax::decide(app, &office.approver, &no, (false, "文号有误")).await.unwrap();
    assert!(refusal(office.freeze(&batch_no).await).contains("尚未确定"), "sent back");
    office.settle_tax(TaxTreatment::Exempt).await;
    assert_eq!(office.freeze(&batch_no).await.unwrap().line_count, 1);
}

async fn withheld(world: World) {
    let office = Office::untaxed(world).await;
    office.settle_tax(TaxTreatment::Incidental).await;
    office.payees(1, &[20_000_000, 16_666_667]).await;
    office.allot(40_000_000).await;
    let batch_no = office.sent_batch().await;
    let app = &office.world.app;
    assert_eq!(office.batch(&batch_no).await.total_fen, 36_666_667, "gross");
    assert_eq!(office.available().await, 3_333_333, "the budget pays the gross");
    let file = payment::file(app, &office.maker, &batch_no, FileFormat::Bank).await.unwrap().1;
    let amounts: Vec<_> = parse_neutral(&file).unwrap().lines;
    let amounts: Vec<_> = amounts.iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(amounts, ["160000.00", "133333.34"], "the net");

    let rows = format!(
        "{RETURN_HEADER}{}{}",
        paid("B2027-0001-1-00001", "160000.00", "S1"),
        paid("B2027-0001-1-00002", "166666.67", "S2")
    );
    let answered = office.answer(&batch_no, &rows).await;
    assert_eq!((answered.settled, answered.suspense), (1, 1), "the gross is no answer to the net");
    let right = format!("{RETURN_HEADER}{}", paid("B2027-0001-1-00002", "133333.34", "S3"));
    assert_eq!(office.answer(&batch_no, &right).await.settled, 1);
    assert_eq!(office.states().await, ["paid", "paid"]);
    let books = "SELECT CAST(SUM(amount_fen) AS BIGINT) FROM ledger_entry WHERE event = 'settled'";
    assert_eq!(number(&office, books).await, 36_666_667, "the books are gross");

    let list = tax::list(app, &office.maker, "2027-03", 0).await.unwrap();
    assert_eq!((list.count, list.gross, list.tax), (2, Fen::new(36_666_667), Fen::new(7_333_333)));
    let april = tax::list(app, &office.maker, "2027-04", 0).await.unwrap();
    assert_eq!((april.count, april.tax), (0, Fen::ZERO));
    let change = "UPDATE batch_line SET tax_fen = 0";
    let refused = office.world.app.db.read().execute_unprepared(change).await.unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("batch_line_is_append_only"), "{refused}");

    let back = format!("{RETURN_HEADER}{}", sent_back("B2027-0001-1-00001", "160000.00", "S1"));
    assert_eq!(office.answer(&batch_no, &back).await.failed, 1);
    let list = tax::list(app, &office.maker, "2027-03", 0).await.unwrap();
    assert_eq!((list.count, list.tax), (1, Fen::new(3_333_333)), "what came back is not paid");
    assert_sound(&office).await;
}

async fn ruled_anew(world: World) {
    let office = Office::untaxed(world).await;
    office.settle_tax(TaxTreatment::Exempt).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let batch_no = office.draft().await;
    let before = office.freeze(&batch_no).await.unwrap();
    office.settle_tax(TaxTreatment::Incidental).await;
    let refused = refusal(office.check(&batch_no).await);
    assert!(refused.contains("已变更为“偶然所得"), "{refused}");
    let app = &office.world.app;
    payment::send_back(app, &office.checker, &batch_no, before.version, "按新的个税处理重新冻结")
        .await
        .unwrap();
    let after = office.freeze(&batch_no).await.unwrap();
    assert_ne!(before.content_hash, after.content_hash);
    assert_eq!(office.check(&batch_no).await.unwrap().total, Fen::new(20_000_000));
    let of = |revision: i64| format!("SELECT tax_fen FROM batch_line WHERE revision = {revision}");
    assert_eq!(number(&office, &of(1)).await, 0, "what was frozen stays on record");
    assert_eq!(number(&office, &of(2)).await, 4_000_000);
}

async fn two_people(world: World) {
    let office = Office::untaxed(world).await;
    let app = &office.world.app;
    let no = tax::propose(app, &office.maker, &form(TaxTreatment::Exempt)).await.unwrap();
    let again = tax::propose(app, &office.maker_two, &form(TaxTreatment::Exempt)).await;
    assert!(invalid(again, "year").contains("已有待确认"));
    let unnamed = RulingForm { basis: " ", year: "2025", ..form(TaxTreatment::Exempt) };
    let unnamed = tax::propose(app, &office.maker, &unnamed).await;
    assert!(invalid(unnamed, "basis").contains("请填写依据"));

    let both = sign_in(&office.world, "approver2", "黄颖", "finance_approver", "350000").await;
    let own = refusal(tax::decide(app, &both, &no, (true, "")).await);
    assert!(own.contains("另一人"), "the same person under another account: {own}");
    let silent = tax::decide(app, &office.approver, &no, (false, " ")).await;
    assert!(invalid(silent, "note").contains("请填写退回原因"));
    let makes = tax::decide(app, &office.maker_two, &no, (true, "")).await;
    assert!(matches!(makes, Err(juncai::service::Error::Forbidden(_))), "{makes:?}");
    let city = sign_in(&office.world, "xm", "厦门", "finance_approver", XIAMEN).await;
    assert!(refusal(tax::decide(app, &city, &no, (true, "")).await).contains("省级财政"));
    tax::decide(app, &office.approver, &no, (true, "")).await.unwrap();
    let late = refusal(tax::decide(app, &office.approver, &no, (true, "")).await);
    assert!(late.contains("已由他人"), "{late}");
    settle_tax(app, (&office.maker, &office.approver), TaxTreatment::LabourService).await;
    let lines = tax::rulings(app, &office.checker).await.unwrap();
    let in_force: Vec<_> = lines.iter().map(|line| (line.treatment, line.in_force)).collect();
    let now = (TaxTreatment::LabourService, true);
    assert_eq!(in_force, [now, (TaxTreatment::Exempt, false)]);
    let change = "UPDATE tax_ruling SET treatment = 'incidental_20'";
    let refused = office.world.app.db.read().execute_unprepared(change).await;
    assert!(refused.is_err(), "a ruling is never edited");
    let logged =
        "SELECT action FROM audit_event WHERE object_kind = 'tax' ORDER BY id DESC LIMIT 1";
    assert_eq!(text(&office, logged).await, "tax.accepted");
}

async fn on_the_page(world: World) {
    let office = Office::untaxed(world).await;
    office.payees(1, &[20_000_000]).await;
    office.allot(20_000_000).await;
    let app = &office.world.app;
    let mut maker = Visitor::signed_in(app, "maker").await;
    let mut approver = Visitor::signed_in(app, "approver").await;
    let batch = format!("/batches/{}", office.draft().await);
    let page = maker.get(&batch).await;
    assert!(page.text().contains("个人所得税处理尚未确定"), "{}", page.text());
    assert!(page.links().contains(&"/tax".to_owned()));

    maker.get("/tax").await;
    let page = maker.post("/tax", &[("programme", PROGRAMME), ("year", "26")]).await;
    assert!(page.text().contains("奖补年度应为 2025 至 2027 年"), "{}", page.text());
    let fields = [
        ("programme", PROGRAMME),
        ("year", "2026"),
        ("treatment", "incidental_20"),
        ("basis", "税务部门复函"),
        ("document_no", "闽税函〔2027〕3号"),
    ];
    let page = maker.post("/tax", &fields).await;
    assert!(page.text().contains("已提出 TX00001"), "{}", page.text());
    approver.get("/tax").await;
    let page = approver.post("/tax/TX00001/decisions", &[("verdict", "accept")]).await;
    assert!(page.text().contains("现行"), "{}", page.text());

    let batch_no = office.sent_batch().await;
    let rows =
        format!("{RETURN_HEADER}{}", paid(&format!("{batch_no}-1-00001"), "160000.00", "S1"));
    office.answer(&batch_no, &rows).await;
    let page = maker.get(&format!("/batches/{batch_no}")).await;
    for shown in ["应发合计", "代扣 = 应发 × 20%", "40,000.00", "160,000.00"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let page = maker.get("/tax/list?month=2027-03").await;
    assert!(page.text().contains("40,000.00"), "{}", page.text());
    let paper = approver.get(&format!("/batches/{batch_no}/summary")).await;
    assert!(paper.text().contains("160,000.00 元"), "{}", paper.text());
}
