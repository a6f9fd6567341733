//! The forms in which a batch goes out and is answered: chosen once, the same bytes for ever, each
//! answer counted once.

use encoding_rs::GBK;
use juncai::domain::tax::TaxTreatment;
use juncai::file::hash::sha256_hex;
use juncai::service::Error;
use juncai::service::payment::{self, FileFormat, LoadedReturn, ReturnFile};
use sea_orm::ConnectionTrait;

use super::{assert_sound, invalid, number, refusal, text};
use crate::bank_answers::csv_file;
use crate::browser_like::Visitor;
use crate::files::texts;
use crate::fixture_payment::{Office, RETURN_HEADER, failed, paid};
use crate::on_both;
use crate::world::World;

on_both! {
    a_batch_keeps_its_form_and_gives_the_same_bytes_every_time => kept;
    the_voucher_and_its_receipts_add_up_to_what_the_bank_was_asked => vouched;
    a_status_report_settles_its_payments_once => reported;
    a_number_that_the_bank_gave_once_is_not_taken_for_another_file => numbered;
    officers_choose_the_form_and_find_every_file_on_the_page => on_the_page;
}

/// Two lines, 20 % withheld: 160,000.00 and 133,333.34 go to the bank.
async fn approved(world: World) -> (Office, String) {
    let office = Office::untaxed(world).await;
    office.settle_tax(TaxTreatment::Incidental).await;
    office.payees(1, &[20_000_000, 16_666_667]).await;
    office.allot(40_000_000).await;
    let batch_no = office.draft().await;
    office.freeze(&batch_no).await.unwrap();
    office.check(&batch_no).await.unwrap();
    office.approve(&batch_no).await.unwrap();
    (office, batch_no)
}

async fn issue(office: &Office, batch_no: &str, profile: &str) -> Result<String, Error> {
    let version = office.batch(batch_no).await.version;
    let app = &office.world.app;
    let issued = payment::issue_file(app, &office.maker, batch_no, version, profile).await;
    issued.map(|issued| issued.sha256)
}

async fn taken(office: &Office, batch_no: &str, format: FileFormat) -> (String, Vec<u8>) {
    payment::file(&office.world.app, &office.maker_two, batch_no, format).await.expect("a file")
}

async fn load(office: &Office, no: &str, file: ReturnFile<'_>) -> Result<LoadedReturn, Error> {
    payment::load_return(&office.world.app, &office.maker, no, &file).await
}

async fn confirm(office: &Office, loaded: &LoadedReturn) -> payment::Confirmed {
    let app = &office.world.app;
    payment::confirm_return(app, &office.checker, &loaded.return_no).await.expect("confirmed")
}

async fn kept(world: World) {
    let (office, batch_no) = approved(world).await;
    assert!(invalid(issue(&office, &batch_no, "icbc-0").await, "profile").contains("银行格式"));
    assert_eq!(office.batch(&batch_no).await.bank_profile, "neutral");
    let sha256 = issue(&office, &batch_no, "icbc-1").await.unwrap();
    let batch = office.batch(&batch_no).await;
    assert_eq!((batch.bank_profile.as_str(), &batch.file_sha256), ("icbc-1", &sha256));

    let (name, bytes) = taken(&office, &batch_no, FileFormat::Bank).await;
    assert_eq!((name, sha256_hex(&bytes)), (format!("{batch_no}.csv"), sha256));
    let shown = GBK.decode(&bytes).0;
    assert!(shown.contains("福建省财政厅零余额账户,中国工商银行"), "{shown}");
    assert!(shown.contains("工程师1,160000.00,") && shown.contains("工程师2,133333.34,"));
    let (name, message) = taken(&office, &batch_no, FileFormat::Pain001).await;
    assert_eq!(name, format!("{batch_no}-pain.001.xml"));
    let shown = String::from_utf8(message.clone()).unwrap();
    for part in [
        "<CtrlSum>293333.34</CtrlSum>",
        "<MsgId>B2027-0001</MsgId>",
        "<InstrId>L000001</InstrId><EndToEndId>B2027-0001-1-00001</EndToEndId>",
        "<MmbId>309391000011</MmbId>",
        "<Dbtr><Nm>福建省财政</Nm></Dbtr>",
    ] {
        assert!(shown.contains(part), "{part}");
    }
    office.send(&batch_no).await.unwrap();
    assert!(bytes == taken(&office, &batch_no, FileFormat::Bank).await.1);
    assert!(message == taken(&office, &batch_no, FileFormat::Pain001).await.1);
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'batch.file_downloaded'";
    assert_eq!(number(&office, log).await, 4, "each of them is logged");
    for by in [&office.checker, &office.approver] {
        let seen = payment::file(&office.world.app, by, &batch_no, FileFormat::Pain001).await;
        assert!(matches!(seen, Err(Error::Forbidden(_))), "{seen:?}");
    }
    let change = "UPDATE batch SET bank_profile = 'ccb-1'";
    let refused = office.world.app.db.read().execute_unprepared(change).await.unwrap_err();
    assert!(refused.to_string().contains("batch_profile_fixed"), "{refused}");
    answered_in_its_form(&office, &batch_no).await;
}

/// The bank answers in its own form, and a wrong cell is named in its own words.
async fn answered_in_its_form(office: &Office, batch_no: &str) {
    let head = "备注信息,指令状态,金额,交易流水号,交易时间,失败原因\r\n";
    let good = format!(
        "{head}B2027-0001-1-00001,处理成功,160000.00,S1,2027-03-02 10:20:30,\r\n\
         B2027-0001-1-00002,处理失败,133333.34,,,账户冻结\r\n"
    );
    let bytes = GBK.encode(&good).0.into_owned();
    let wrong = good.replace("处理失败", "已受理");
    let told = invalid(load(office, batch_no, csv_file(&wrong)).await, "file");
    assert!(told.contains("第 3 行 指令状态：“已受理”无法识别"), "{told}");
    let file = ReturnFile { name: "明细.csv", bytes: &bytes, bank_no: "" };
    let loaded = load(office, batch_no, file).await.unwrap();
    let done = confirm(office, &loaded).await;
    assert_eq!((done.settled, done.failed, done.suspense), (1, 1, 0));
    assert_eq!(office.states().await, ["paid", "payable"]);
    assert_sound(office).await;
}

async fn vouched(world: World) {
    let (office, batch_no) = approved(world).await;
    let app = &office.world.app;
    let voucher = async || payment::file(app, &office.maker, &batch_no, FileFormat::Voucher).await;
    assert!(matches!(voucher().await, Err(Error::NotFound(_))), "no file yet");
    issue(&office, &batch_no, "neutral").await.unwrap();
    assert!(matches!(voucher().await, Err(Error::NotFound(_))), "not sent yet");
    office.send(&batch_no).await.unwrap();
    let rows = format!(
        "{RETURN_HEADER}{}{}",
        paid("B2027-0001-1-00001", "160000.00", "S1"),
        failed("B2027-0001-1-00002", "户名不符")
    );
    let before = voucher().await.unwrap().1;
    office.answer(&batch_no, &rows).await;
    let (name, after) = voucher().await.unwrap();
    assert_eq!(name, format!("{batch_no}-支付凭证.xlsx"));
    let sheet = texts(&after, &name);
    let field = |name: &str| {
        let at = sheet[0].1.iter().position(|header| header == name).expect("a field");
        sheet[1].1.get(at).cloned().unwrap_or_default()
    };
    for (name, value) in [
        ("AdmDivCode", "350000"),
        ("StYear", "2027"),
        ("VouDate", "2027-03-01"),
        ("VoucherNo", "PZ-2027-001"),
        ("AgencyName", "福建省财政"),
        ("ExpFuncCode", ""),
        ("DepExpEcoCode", "30309"),
        ("GovExpEcoCode", "50999"),
        ("PayAcctNo", "福建省财政厅零余额账户"),
        ("PaySummaryName", "2026核心工程师奖补"),
        ("PayAmt", "293333.34"),
    ] {
        assert_eq!(field(name), value, "{name}");
    }
    let receipts = |bytes: &[u8]| sheet_two(bytes);
    let [of_paid, of_failed, sums] = receipts(&after).try_into().expect("two lines and sums");
    let answer = |row: &[String]| [row[6].clone(), row[7].clone(), row[8].clone(), row[9].clone()];
    assert_eq!(answer(&of_paid), ["160000", "2027-03-02", "S1", "160000"]);
    assert_eq!(answer(&of_failed), ["133333.34", "", "", "0"], "nothing was paid");
    assert_eq!(of_failed[13], "E01 户名不符");
    assert_eq!(answer(&sums), ["293333.34", "", "", "160000"], "asked = paid + failed");
    let waiting = receipts(&before);
    assert_eq!(answer(&waiting[0])[3], "", "no answer is not a payment of nothing");
}

/// The rows below the header of the second sheet of a workbook, by position.
fn sheet_two(bytes: &[u8]) -> Vec<Vec<String>> {
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range("回单明细").expect("the sheet");
    let shown = |cell: &Data| match cell {
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    };
    sheet.rows().skip(1).map(|row| row.iter().map(shown).collect()).collect()
}

fn report(message_id: &str, payments: &[(&str, &str, &str)]) -> String {
    let payment = |(id, status, amount): &(&str, &str, &str)| {
        format!(
            "<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>\
             <AcctSvcrRef>S-{id}</AcctSvcrRef><OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">{amount}\
             </InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>"
        )
    };
    let payments: String = payments.iter().map(payment).collect();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2027-03-02T18:00:00+08:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>B2027-0001</OrgnlMsgId></OrgnlGrpInfAndSts>\
         <OrgnlPmtInfAndSts>{payments}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
}

fn xml(text: &str) -> ReturnFile<'_> {
    ReturnFile { name: "状态.xml", bytes: text.as_bytes(), bank_no: "" }
}

async fn reported(world: World) {
    let (office, batch_no) = approved(world).await;
    issue(&office, &batch_no, "ccb-1").await.unwrap();
    office.send(&batch_no).await.unwrap();
    let (one, two) = ("B2027-0001-1-00001", "B2027-0001-1-00002");
    let first = report("STS-1", &[(one, "ACCC", "160000.00"), (two, "PDNG", "133333.34")]);
    let loaded = load(&office, &batch_no, xml(&first)).await.unwrap();
    let counts = (loaded.matched, loaded.repeated, loaded.waiting, loaded.suspense);
    assert_eq!(counts, (1, 0, 1, 0));
    assert_eq!(confirm(&office, &loaded).await.settled, 1);
    assert_eq!(office.states().await, ["paid", "in_batch"], "what is on its way changes nothing");
    assert_eq!(text(&office, "SELECT bank_no FROM bank_return").await, "STS-1");

    let again = load(&office, &batch_no, xml(&first)).await.unwrap();
    assert!(again.already_loaded && again.return_no == loaded.return_no);
    let other = report("STS-1", &[(two, "RJCT", "133333.34")]);
    let told = invalid(load(&office, &batch_no, xml(&other)).await, "bank_no");
    assert!(told.contains("编号 STS-1 的回单已载入（R2027-0001）"), "{told}");
    let foreign = report("STS-9", &[(two, "RJCT", "1.00")]).replace(">B2027-0001<", ">B2027-7<");
    let told = invalid(load(&office, &batch_no, xml(&foreign)).await, "file");
    assert!(told.contains("针对 B2027-7，不是批次 B2027-0001"), "{told}");
    let gross = report("STS-2", &[(two, "ACCC", "166666.67"), ("X-1", "PDNG", "1.00")]);
    let loaded = load(&office, &batch_no, xml(&gross)).await.unwrap();
    assert_eq!((loaded.matched, loaded.suspense), (0, 2), "another amount, an unknown payment");
    confirm(&office, &loaded).await;
    let last = report("STS-3", &[(one, "ACSP", "160000.00"), (two, "RJCT", "133333.34")]);
    let loaded = load(&office, &batch_no, xml(&last)).await.unwrap();
    let done = confirm(&office, &loaded).await;
    assert_eq!((done.settled, done.failed, done.suspense), (0, 1, 0));
    assert_eq!(office.states().await, ["paid", "payable"]);
    assert_sound(&office).await;
}

async fn numbered(world: World) {
    let (office, batch_no) = approved(world).await;
    issue(&office, &batch_no, "neutral").await.unwrap();
    office.send(&batch_no).await.unwrap();
    let csv = |seq: u32, yuan: &str| {
        format!("{RETURN_HEADER}{}", paid(&format!("{batch_no}-1-{seq:05}"), yuan, "S1"))
    };
    let (first, other) = (csv(1, "160000.00"), csv(2, "133333.34"));
    let as_no = |csv, bank_no| ReturnFile { bank_no, ..csv_file(csv) };
    let loaded = load(&office, &batch_no, as_no(&first, " HD-1 ")).await.unwrap();
    confirm(&office, &loaded).await;
    for bank_no in ["HD-1", "HD-2", ""] {
        let again = load(&office, &batch_no, as_no(&first, bank_no)).await.unwrap();
        assert!(again.already_loaded, "the same bytes change nothing whatever they are called");
    }
    let taken = load(&office, &batch_no, as_no(&other, "HD-1")).await;
    assert!(invalid(taken, "bank_no").contains("请向银行核实哪一份有效"));
    let nines = "9".repeat(65);
    let long = load(&office, &batch_no, as_no(&other, &nines)).await;
    assert!(invalid(long, "bank_no").contains("不能超过 64 个字"));
    let named = report("STS-1", &[("B2027-0001-1-00002", "PDNG", "1.00")]);
    let named = ReturnFile { bank_no: "HD-3", ..xml(&named) };
    let named = load(&office, &batch_no, named).await;
    assert!(invalid(named, "bank_no").contains("文件自带的编号为 STS-1"));
    assert_eq!(number(&office, "SELECT COUNT(*) FROM bank_return").await, 1);

    // The database refuses it as well, whoever asks.
    let row = "INSERT INTO bank_return (return_no, batch_id, file_name, sha256, loaded_by, \
               loaded_at, bank_no) SELECT 'R-X', batch_id, 'x', 'x', loaded_by, loaded_at, bank_no \
               FROM bank_return";
    let db = office.world.app.db.read();
    let refused = db.execute_unprepared(row).await.unwrap_err().to_string();
    assert!(refused.to_lowercase().contains("unique"), "{refused}");
    let change = "UPDATE bank_return SET bank_no = ''";
    let refused = db.execute_unprepared(change).await.unwrap_err().to_string();
    assert!(refused.contains("bank_return_is_append_only"), "{refused}");

    let loaded = load(&office, &batch_no, as_no(&other, "HD-2")).await.unwrap();
    assert_eq!(confirm(&office, &loaded).await.settled, 1);
    let late = refusal(load_elsewhere(&office, &first).await);
    assert!(late.contains("另一批次"), "{late}");
    assert_sound(&office).await;
}

/// The bytes of one batch's answer, handed in for another batch.
async fn load_elsewhere(office: &Office, csv: &str) -> Result<LoadedReturn, Error> {
    office.payees(6, &[100]).await;
    office.allot(100).await;
    let other = office.sent_batch().await;
    load(office, &other, csv_file(csv)).await
}

async fn on_the_page(world: World) {
    let (office, batch_no) = approved(world).await;
    let app = &office.world.app;
    let mut maker = Visitor::signed_in(app, "maker").await;
    let mut checker = Visitor::signed_in(app, "checker").await;
    let at = format!("/batches/{batch_no}");
    let page = maker.get(&at).await;
    let forms = page.attributes("select[name=profile] option", "value");
    assert_eq!(forms, ["", "neutral", "icbc-1", "ccb-1"]);
    let page = maker.post(&format!("{at}/file"), &[("profile", "")]).await;
    assert!(page.text().contains("请选择银行格式"), "{}", page.text());
    let page = maker.post(&format!("{at}/file"), &[("profile", "ccb-1")]).await;
    assert!(page.text().contains("建设银行类"), "{}", page.text());
    let page = maker.post(&format!("{at}/sent"), &[("voucher_no", "PZ-1")]).await;
    for (part, name) in [
        ("file.txt", ".txt"),
        ("file.xlsx", ".xlsx"),
        ("file.xml", "-pain.001.xml"),
        ("voucher.xlsx", "-支付凭证.xlsx"),
    ] {
        let link = format!("{at}/{part}");
        assert!(page.links().contains(&link), "{link}: {:?}", page.links());
        let file = maker.peek(&link).await;
        assert!(file.status.is_success(), "{link}");
        assert!(page.text().contains(&format!("{batch_no}{name}")), "{name}");
        let page = checker.get(&at).await;
        assert!(!page.links().contains(&link), "who may not take it finds no link");
        assert!(!checker.peek(&link).await.status.is_success());
    }
    let returns = format!("{at}/returns");
    let rows = format!("{RETURN_HEADER}{}", paid(&format!("{batch_no}-1-00001"), "160000", "S1"));
    let upload = ("file", "回单.csv", rows.as_bytes());
    maker.get(&at).await;
    let page = maker.post_file(&returns, &[("bank_no", "HD-1")], upload).await;
    assert!(page.text().contains("（银行编号 HD-1）"), "{}", page.text());
    let report = report("STS-1", &[("B2027-0001-1-00002", "ACSC", "133333.34")]);
    let upload = ("file", "状态.xml", report.as_bytes());
    let page = maker.post_file(&returns, &[("bank_no", "HD-9")], upload).await;
    assert!(page.text().contains("与填写的不同"), "{}", page.text());
    let page = maker.post_file(&returns, &[("bank_no", "")], upload).await;
    assert!(page.text().contains("匹配 1 行"), "{}", page.text());
    assert!(page.text().contains("（银行编号 STS-1）"), "{}", page.text());
}
