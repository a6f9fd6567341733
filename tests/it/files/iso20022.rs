//! Messages of ISO 20022: what goes out keeps to the schema's order and lengths, what comes in is
//! read by what it says of each payment, and nothing in it is trusted.

use std::io::Write;
use std::process::{Command, Stdio};

use chrono::NaiveDate;
use juncai::domain::money::Fen;
use juncai::domain::payment::BankWord;
use juncai::file::bank::{
    BankAnswer, BankError, BankLine, Initiation, NEUTRAL, NeutralFile, Payer, pain001, profile,
    read_answer,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn line(seq: u32, payee_name: &str, fen: i64) -> BankLine {
    BankLine {
        seq,
        payee_name: payee_name.to_owned(),
        account_no: "6222020000000000000".to_owned(),
        bank_name: "兴业银行福州五一支行".to_owned(),
        cnaps: "309391000011".to_owned(),
        amount: Fen::new(fen),
        purpose: "2026核心工程师奖补".to_owned(),
        line_id: format!("B2027-0001-1-{seq:05}"),
    }
}

fn message(lines: Vec<BankLine>, payer: &Payer, numbers: &[&str]) -> Result<String, BankError> {
    let created_at = "2027-03-01T09:00:00+08:00".to_owned();
    let file = NeutralFile { batch_no: "B2027-0001".to_owned(), created_at, lines };
    let initiation = Initiation {
        group: "B2027-0001-1",
        payer,
        pay_on: NaiveDate::from_ymd_opt(2027, 3, 1).expect("a day"),
        payment_numbers: numbers,
    };
    pain001(&file, &initiation).map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
}

fn payer() -> Payer {
    Payer {
        name: "福建省财政".to_owned(), account: "福建省财政厅零余额账户".to_owned()
    }
}

/// The parts of the expected message, put together as they must follow each other.
fn transfer(number: &str, id: &str, amount: &str, bank: &str, name: &str) -> String {
    format!(
        "<CdtTrfTxInf><PmtId><InstrId>{number}</InstrId><EndToEndId>{id}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"CNY\">{amount}</InstdAmt></Amt>{bank}<Cdtr><Nm>{name}</Nm></Cdtr>\
         <CdtrAcct><Id><Othr><Id>6222020000000000000</Id></Othr></Id></CdtrAcct>\
         <RmtInf><Ustrd>2026核心工程师奖补</Ustrd></RmtInf></CdtTrfTxInf>"
    )
}

#[test]
fn the_orders_of_a_batch_are_a_message_in_the_order_of_the_schema() {
    let mut unknown = line(2, "Smith & <J>", 13_333_334);
    unknown.cnaps.clear();
    unknown.bank_name.clear();
    let lines = vec![line(1, "张三", 16_000_000), unknown];
    let text = message(lines.clone(), &payer(), &["L000001", "L000002"]).unwrap();
    let bank = "<CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId>\
         <MmbId>309391000011</MmbId></ClrSysMmbId><Nm>兴业银行福州五一支行</Nm></FinInstnId>\
         </CdtrAgt>";
    let expected = [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>",
        "<GrpHdr><MsgId>B2027-0001</MsgId><CreDtTm>2027-03-01T09:00:00+08:00</CreDtTm>",
        "<NbOfTxs>2</NbOfTxs><CtrlSum>293333.34</CtrlSum>",
        "<InitgPty><Nm>福建省财政</Nm></InitgPty></GrpHdr>",
        "<PmtInf><PmtInfId>B2027-0001-1</PmtInfId><PmtMtd>TRF</PmtMtd>",
        "<NbOfTxs>2</NbOfTxs><CtrlSum>293333.34</CtrlSum>",
        "<ReqdExctnDt><Dt>2027-03-01</Dt></ReqdExctnDt><Dbtr><Nm>福建省财政</Nm></Dbtr>",
        "<DbtrAcct><Id><Othr><Id>福建省财政厅零余额账户</Id></Othr></Id><Ccy>CNY</Ccy></DbtrAcct>",
        "<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>",
        &transfer("L000001", "B2027-0001-1-00001", "160000.00", bank, "张三"),
        &transfer("L000002", "B2027-0001-1-00002", "133333.34", "", "Smith &amp; &lt;J&gt;"),
        "</PmtInf></CstmrCdtTrfInitn></Document>",
    ];
    assert_eq!(text, expected.concat());
    assert_eq!(text, message(lines, &payer(), &["L000001", "L000002"]).unwrap(), "always");
}

/// The published schema, byte by byte; where it comes from stands beside it.
const SCHEMA: &str = "tests/vendor/iso20022/pain.001.001.09.xsd";
const SCHEMA_SHA256: &str = "de038b373e47b0077b1832ddd81f4b2f1eb25d35721f62da1e38b7f5a09fda24";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a validator that is not ours finds wrong with a message.
fn against_schema(text: &str) -> Result<(), String> {
    let mut validator = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema", SCHEMA, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xmllint, of the package libxml2-utils");
    let sent = validator.stdin.take().expect("a pipe").write_all(text.as_bytes());
    let told = validator.wait_with_output().expect("a verdict");
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    if told.status.success() && sent.is_ok() { Ok(()) } else { Err(words) }
}

#[test]
fn messages_are_valid_by_the_published_schema() {
    let schema = std::fs::read(SCHEMA).expect("the schema");
    assert_eq!(hex(&Sha256::digest(&schema)), SCHEMA_SHA256, "as published");
    let mut bare = line(2, "Smith & <J>", 13_333_334);
    bare.cnaps.clear();
    bare.bank_name.clear();
    let mut widest = line(3, &"名".repeat(100), 2_000_000_000);
    widest.line_id = "x".repeat(35);
    let valid = message(vec![line(1, "张三", 1), bare, widest], &payer(), &["L1", "L2", "L3"]);
    let valid = valid.unwrap();
    against_schema(&valid).unwrap();
    // The validator is no formality: it refuses what stands in another place or is too long.
    let moved = valid
        .replace("<PmtMtd>TRF</PmtMtd>", "")
        .replace("</PmtInf>", "<PmtMtd>TRF</PmtMtd></PmtInf>");
    let long = valid.replace("<MsgId>", &format!("<MsgId>{}", "9".repeat(35)));
    for wrong in [moved, long, valid.replace("<NbOfTxs>3", "<NbOfTxs>x")] {
        let told = against_schema(&wrong).expect_err("it is refused");
        assert!(told.contains("fails to validate"), "{told}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_sent_is_valid_by_the_published_schema(
        lines in prop::collection::vec(("[\\PC]{1,40}", 1_i64..=20_000_000, any::<bool>()), 1..5),
        name in "[\\PC]{1,60}",
    ) {
        let numbers: Vec<String> = (1..=lines.len()).map(|no| format!("L{no:06}")).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let of = |(seq, (payee, fen, has_bank)): (usize, (String, i64, bool))| {
            let mut line = line(u32::try_from(seq).expect("few") + 1, &payee, fen);
            if !has_bank {
                line.bank_name.clear();
                line.cnaps.clear();
            }
            line
        };
        let lines: Vec<BankLine> = lines.into_iter().enumerate().map(of).collect();
        // What cannot be sent makes no message; what makes one can be read by any bank.
        if let Ok(text) = message(lines, &Payer { name, ..payer() }, &numbers) {
            prop_assert_eq!(against_schema(&text), Ok(()));
        }
    }
}

#[test]
fn what_is_longer_than_the_schema_allows_makes_no_message() {
    let one = || vec![line(1, "张三", 1)];
    let told = |result: Result<String, BankError>| result.unwrap_err().to_string();
    let long = Payer { account: "账".repeat(35), ..payer() };
    assert!(told(message(one(), &long, &["L1"])).contains("付款账户超过 ISO 20022"));
    assert!(message(one(), &Payer { account: "账".repeat(34), ..payer() }, &["L1"]).is_ok());
    assert!(told(message(one(), &payer(), &[&"L".repeat(36)])).contains("允许的 35 个字"));
    let mut wide = line(1, "张三", 1);
    wide.line_id = "x".repeat(36);
    assert!(told(message(vec![wide], &payer(), &["L1"])).contains("行标识超过"));
    let unpaid = vec![line(1, "张三", 0), line(2, "李\n四", 1)];
    let told = told(message(unpaid, &payer(), &["L1", "L2"]));
    assert!(told.contains("第 1 笔 张三：金额应大于 0") && told.contains("控制字符"), "{told}");
}

const ROOT: &str = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\">";

fn report(payments: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{ROOT}<CstmrPmtStsRpt>\
         <GrpHdr><MsgId>STS-1</MsgId><CreDtTm>2027-03-03T08:00:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>B2027-0001</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>\
         <OrgnlPmtInfAndSts><OrgnlPmtInfId>B2027-0001-1</OrgnlPmtInfId>{payments}\
         </OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
}

fn payment(id: &str, status: &str, more: &str) -> String {
    format!(
        "<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>{more}\
         </TxInfAndSts>"
    )
}

fn amount(text: &str) -> String {
    format!("<OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">{text}</InstdAmt></Amt></OrgnlTxRef>")
}

fn read(text: &str) -> Result<BankAnswer, String> {
    let form = profile(NEUTRAL).expect("the neutral profile");
    read_answer(form, "状态.xml", text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn settled_is_paid_rejected_is_failed_and_everything_else_is_still_on_its_way() {
    let paid = format!(
        "<AccptncDtTm>2027-03-02T10:20:30.5+08:00</AccptncDtTm><AcctSvcrRef>S1</AcctSvcrRef>{}",
        amount("160000.00000")
    );
    let later = format!("<ClrSysRef>C2</ClrSysRef>{}", amount("1.5"));
    let told = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>收款&#36134;户 &amp; 户名</AddtlInf>\
         <AddtlInf><![CDATA[<已销户>]]></AddtlInf></StsRsnInf>";
    let coded = "<StsRsnInf><Rsn><Cd>BE01</Cd></Rsn></StsRsnInf>";
    let own = "<StsRsnInf><Rsn><Prtry>E17</Prtry></Rsn></StsRsnInf>";
    let payments = [
        payment("L-1", "ACSC", &paid),
        payment("L-2", "ACCC", &later),
        payment("L-3", "RJCT", told),
        payment("L-4", "RJCT", coded),
        payment("L-5", "RJCT", own),
        payment("L-6", "PDNG", ""),
        payment("L-7", "ACSP", &amount("1.00")),
    ];
    let answer = read(&report(&payments.concat())).unwrap();
    assert_eq!((answer.bank_no.as_str(), answer.about.as_str()), ("STS-1", "B2027-0001"));
    let rows: Vec<_> = answer
        .rows
        .iter()
        .map(|row| {
            let reason = (row.reason_code.as_str(), row.reason_text.as_str());
            (row.row_no, row.line_ref.as_str(), row.word, row.paid.get(), reason)
        })
        .collect();
    use BankWord::{Failed, Paid, Pending};
    let expected = [
        (1, "L-1", Paid, 16_000_000, ("", "")),
        (2, "L-2", Paid, 150, ("", "")),
        (3, "L-3", Failed, 0, ("AC04", "收款账户 & 户名；<已销户>")),
        (4, "L-4", Failed, 0, ("BE01", "户名与账号不符")),
        (5, "L-5", Failed, 0, ("E17", "银行未说明原因")),
        (6, "L-6", Pending, 0, ("PDNG", "银行仍在处理（PDNG），不改变状态")),
        (7, "L-7", Pending, 0, ("ACSP", "银行仍在处理（ACSP），不改变状态")),
    ];
    assert_eq!(rows, expected);
    let at = |index: usize| answer.rows[index].paid_at.unwrap().to_rfc3339();
    assert_eq!(at(0), "2027-03-02T02:20:30+00:00");
    assert_eq!(at(1), "2027-03-03T00:00:00+00:00", "the report's own time, as meant in China");
    let serials: Vec<_> = answer.rows.iter().map(|row| row.bank_serial.as_str()).collect();
    assert_eq!(serials[..2], ["S1", "C2"]);
    let prefixed = report(&payment("L-1", "PDNG", "")).replace("xmlns=", "xmlns:p=");
    let prefixed = prefixed.replace("<Document", "<p:Document").replace("</Doc", "</p:Doc");
    assert_eq!(read(&prefixed).unwrap().rows.len(), 1, "names count, prefixes do not");
}

#[test]
fn a_payment_that_cannot_be_judged_is_named_with_what_is_missing() {
    let serial = "<AcctSvcrRef>S</AcctSvcrRef>";
    let dollars = amount("1.00").replace("CNY", "USD");
    let payments = [
        payment("L-1", "ACSC", serial),
        payment("L-2", "ACSC", &amount("1.00")),
        payment("L-3", "ACSC", &format!("{serial}{dollars}")),
        payment("L-4", "ACSC", &format!("{serial}{}", amount("1.005"))),
        payment("", "RJCT", ""),
        payment("L-6", "", ""),
    ];
    let told = read(&report(&payments.concat())).unwrap_err();
    for part in [
        "第 1 笔 OrgnlTxRef/Amt/InstdAmt：成功的付款缺少金额",
        "第 2 笔 AcctSvcrRef：成功的付款缺少银行流水号",
        "第 3 笔 InstdAmt/Ccy：币种不是 CNY",
        "第 4 笔 InstdAmt：金额格式有误",
        "第 5 笔 OrgnlEndToEndId：缺少",
        "第 6 笔 TxSts：缺少逐笔状态",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let whole_group = "<PmtInfSts>RJCT</PmtInfSts>";
    assert_eq!(read(&report(whole_group)).unwrap_err(), "回单中没有明细");
    let unnumbered = report(&payment("L-1", "PDNG", "")).replace("STS-1", " ");
    assert!(read(&unnumbered).unwrap_err().contains("GrpHdr/MsgId"));
}

#[test]
fn a_hostile_or_foreign_message_is_refused() {
    let good = report(&payment("L-1", "PDNG", ""));
    assert!(read(&good).is_ok());
    let swap = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        read(&good.replacen(from, to, 1)).unwrap_err()
    };
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    assert!(swap(ROOT, &format!("{bomb}{ROOT}")).contains("DTD"));
    let file = "<!DOCTYPE x SYSTEM \"file:///etc/hostname\">";
    assert!(swap(ROOT, &format!("{file}{ROOT}")).contains("DTD"));
    assert!(swap("PDNG", "&b;").contains("自定义实体"));
    assert!(swap("pain.002.001.10", "pain.002.001.03").contains("不是 pain.002.001.10"));
    assert!(swap(ROOT, "<html>").contains("不是 pain.002.001.10"));
    assert!(swap("</Document>", "").contains("不完整"));
    assert!(swap("</CstmrPmtStsRpt>", "").contains("不完整"));
    assert!(swap("</Document>", "</Document><Document/>").contains("不是 pain.002.001.10"));
    assert!(swap("</Document>", "</Document>x").contains("不完整"));
    assert!(swap("PDNG", &"x".repeat(5_000)).contains("过多"));
    assert!(swap("PDNG", &"<a>".repeat(40)).contains("过深"));
    assert!(swap("PDNG", "&#0;").contains("不完整"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Whatever a line or a disk does to a report: it reads as payments of this report or not at
    /// all, and nothing panics.
    #[test]
    fn a_damaged_report_never_becomes_more_than_it_was(
        at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()
    ) {
        let paid = format!("<AcctSvcrRef>S1</AcctSvcrRef>{}", amount("160000.00"));
        let mut bytes = report(&payment("L-1", "ACSC", &paid)).into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = with }
        let form = profile(NEUTRAL).expect("the neutral profile");
        if let Ok(answer) = read_answer(form, "状态.xml", &bytes) {
            prop_assert!(answer.rows.len() == 1 && !cut, "{answer:?}");
        }
    }
}
