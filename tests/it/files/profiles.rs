//! Profiles: what a bank is given and what it answers, each in its own form, by nothing but data.

use encoding_rs::{GB18030, GBK};
use juncai::domain::money::Fen;
use juncai::domain::payment::{BankWord, ReturnedRow};
use juncai::file::bank::{
    BankError, BankLine, Charset, NEUTRAL, NeutralFile, Payer, Profile, profile, read_answer,
};
use juncai::file::hash::sha256_hex;
use juncai::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};

fn named(name: &str) -> &'static Profile {
    profile(name).expect("a shipped profile")
}

fn payer() -> Payer {
    Payer { name: "福建省财政".to_owned(), account: "零余额账户3501".to_owned() }
}

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

fn file(lines: Vec<BankLine>) -> NeutralFile {
    let created_at = "2027-03-01T09:00:00+08:00".to_owned();
    NeutralFile { batch_no: "B2027-0001".to_owned(), created_at, lines }
}

fn two() -> NeutralFile {
    file(vec![line(1, "张三", 16_000_000), line(2, "Smith, J", 13_333_334)])
}

#[test]
fn the_neutral_profile_writes_the_neutral_file() {
    let written = named(NEUTRAL).write(&two(), &payer()).unwrap();
    assert!(written == two().to_csv(Charset::Gb18030).unwrap());
}

#[test]
fn an_icbc_like_file_has_the_payer_in_each_row_and_real_cents() {
    let bytes = named("icbc-1").write(&two(), &payer()).unwrap();
    let (text, _, broken) = GBK.decode(&bytes);
    assert!(!broken);
    let expected = "付款账号,付款账户开户行,收款银行,收款行行号,收款行省份,收款行地市,收款账号,\
         收款人名称,金额,汇款用途,备注信息,短信通知号码\r\n\
         零余额账户3501,中国工商银行,兴业银行福州五一支行,309391000011,,,6222020000000000000,\
         张三,160000.00,2026核心工程师奖补,B2027-0001-1-00001,\r\n\
         零余额账户3501,中国工商银行,兴业银行福州五一支行,309391000011,,,6222020000000000000,\
         \"Smith, J\",133333.34,2026核心工程师奖补,B2027-0001-1-00002,\r\n";
    assert_eq!(text, expected);
}

#[test]
fn a_ccb_like_file_has_four_lines_of_header_and_a_name_of_31_bytes() {
    let bytes = named("ccb-1").write(&two(), &payer()).unwrap();
    assert_eq!(bytes.iter().position(|byte| *byte == b'\r'), Some(31));
    let (text, _, broken) = GB18030.decode(&bytes);
    assert!(!broken);
    let expected = "福建省财政=====================\r\n\
         零余额账户3501|20270301\r\n\
         B2027-0001|2026核心工程师奖补\r\n\
         2|293333.34\r\n\
         1|6222020000000000000|张三|160000.00|2026核心工程师奖补|B2027-0001-1-00001\r\n\
         2|6222020000000000000|Smith, J|133333.34|2026核心工程师奖补|B2027-0001-1-00002\r\n";
    assert_eq!(text, expected);
}

#[test]
fn amounts_in_fen_and_a_line_below_with_the_sums_are_a_matter_of_data() {
    let own = Profile::parse(
        r#"
name = "own-1"
title = "自定"
encoding = "UTF-8"
extension = "txt"
delimiter = ";"
amount = "fen"
column_names = true
header_lines = ["H{sha256}"]
trailer_lines = ["T{count}/{total}"]
columns = [
  { header = "户名", field = "payee_name" },
  { header = "账号", field = "account_no" },
  { header = "金额", field = "amount" },
  { header = "标识", field = "line_id" },
]
[return]
amount = "fen"
columns = { line_id = ["标识"], status = ["结果"], paid_amount = ["金额"], reason_text = ["说明"] }
words = { F = ["不成功"] }
"#,
    )
    .unwrap();
    let bytes = own.write(&two(), &payer()).unwrap();
    let below = "户名;账号;金额;标识\r\n\
         张三;6222020000000000000;16000000;B2027-0001-1-00001\r\n\
         \"Smith, J\";6222020000000000000;13333334;B2027-0001-1-00002\r\n\
         T2/29333334\r\n";
    let head = format!("H{}\r\n", sha256_hex(below.as_bytes()));
    assert_eq!(String::from_utf8(bytes).unwrap(), head + below);

    let answer = "标识;结果;金额;说明\nL-1;不成功;0;销户\nL-2;R;16000000;\nL-3;R;1.50;\n";
    let told = read_answer(&own, "r.txt", answer.as_bytes()).unwrap_err().to_string();
    assert!(told.contains("第 4 行 金额：应为以分为单位的整数"), "{told}");
    let answer = answer.replace("1.50", "150");
    let rows = read_answer(&own, "r.txt", answer.as_bytes()).unwrap().rows;
    let paid: Vec<i64> = rows.iter().map(|row| row.paid.get()).collect();
    assert_eq!(paid, [0, 16_000_000, 150]);
}

#[test]
fn every_name_that_a_form_cannot_hold_is_listed_and_nothing_is_written() {
    let lines = vec![line(1, "李𬱖", 1), line(2, "王五", 1), line(3, "张䶮", 1)];
    let gbk = named("icbc-1").write(&file(lines.clone()), &payer()).unwrap_err().to_string();
    for told in ["2 处问题", "第 1 笔 李𬱖", "第 3 笔 张䶮", "GBK 无法表示的字"] {
        assert!(gbk.contains(told), "{told}: {gbk}");
    }
    assert!(!gbk.contains("王五"), "{gbk}");
    assert!(named("ccb-1").write(&file(lines), &payer()).is_ok(), "GB18030 holds them");

    let bar = file(vec![line(1, "张|三", 1)]);
    let told = named("ccb-1").write(&bar, &payer()).unwrap_err().to_string();
    assert!(told.contains("收款人姓名含有分隔符“|”"), "{told}");
    assert!(named("icbc-1").write(&bar, &payer()).is_ok());

    let refused = |name: &str, account: &str| {
        let payer = Payer { name: name.to_owned(), account: account.to_owned() };
        named("ccb-1").write(&two(), &payer).unwrap_err()
    };
    for (error, told) in [
        (refused("福建省财政", "账户|1"), "付款账户不符合所选银行格式"),
        (refused("福建省财政", "账户\u{E863}"), "GB18030 无法表示的字"),
        (refused(&"福".repeat(16), "1"), "超过银行格式规定的 31 字节"),
    ] {
        assert!(matches!(error, BankError::Payer(..)), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
}

/// What of a row the domain judges by.
fn brief(row: &ReturnedRow) -> (i64, &str, BankWord, i64, &str, &str) {
    (row.row_no, &row.line_ref, row.word, row.paid.get(), &row.bank_serial, &row.reason_text)
}

/// The same table as a workbook.
fn workbook(text: &str) -> Vec<u8> {
    let cells = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let mut lines = text.lines().map(cells);
    let header = lines.next().expect("a header");
    let column = |name| ColumnSpec { name, width: 10.0, kind: ColumnKind::Text };
    let table = Table {
        title: "回单".to_owned(),
        columns: header.into_iter().map(column).collect(),
        total_row: false,
        comment: String::new(),
        created_at: chrono::DateTime::UNIX_EPOCH.naive_utc(),
    };
    let rows = lines.map(|row| row.into_iter().map(CellOut::Text).collect());
    write_xlsx(&table, rows.collect::<Vec<_>>()).expect("a workbook")
}

#[test]
fn an_answer_in_the_words_of_the_bank_reads_like_the_neutral_one() {
    let icbc = "指令序号,指令状态,金额,交易流水号,交易时间,备注信息,失败原因\r\n\
         1,处理成功,\"160,000.00\",S1,2027-03-02 10:20:30,B2027-0001-1-00001,\r\n\
         2,被拒绝,133333.34,,,B2027-0001-1-00002,户名不符\r\n\
         3,已退汇,133333.34,S3,2027-03-20,B2027-0001-1-00003,收款人销户\r\n";
    let ccb = "附言|处理结果|入账金额|银行流水|入账日期|返回信息\r\n\
         B2027-0001-1-00001|成功|160000.00|S1|2027-03-02 10:20:30|\r\n\
         B2027-0001-1-00002|不成功|0.00|||户名不符\r\n\
         B2027-0001-1-00003|退票|133333.34|S3|20270320|收款人销户\r\n";
    let neutral = "line_id,status,paid_amount,bank_serial,paid_at,reason_text\n\
         B2027-0001-1-00001,S,160000.00,S1,2027-03-02 10:20:30,\n\
         B2027-0001-1-00002,F,0.00,,,户名不符\n\
         B2027-0001-1-00003,R,133333.34,S3,2027-03-20,收款人销户\n";
    let workbook = workbook(ccb);
    let gbk = GBK.encode(icbc).0.into_owned();
    let gb18030 = GB18030.encode(ccb).0.into_owned();
    for (name, file, bytes) in [
        ("icbc-1", "回单.csv", gbk),
        ("icbc-1", "回单.csv", icbc.as_bytes().to_vec()),
        ("icbc-1", "回单.csv", neutral.as_bytes().to_vec()),
        ("ccb-1", "回单.txt", gb18030),
        ("ccb-1", "回单.xlsx", workbook),
        (NEUTRAL, "回单.csv", neutral.as_bytes().to_vec()),
    ] {
        let answer = read_answer(named(name), file, &bytes).unwrap();
        let rows: Vec<_> = answer.rows.iter().map(brief).collect();
        let expected = [
            (2, "B2027-0001-1-00001", BankWord::Paid, 16_000_000, "S1", ""),
            (3, "B2027-0001-1-00002", BankWord::Failed, 0, "", "户名不符"),
            (4, "B2027-0001-1-00003", BankWord::SentBack, 13_333_334, "S3", "收款人销户"),
        ];
        assert_eq!(rows, expected, "{name} {file}");
        let at = answer.rows[0].paid_at.unwrap().to_rfc3339();
        assert_eq!(at, "2027-03-02T02:20:30+00:00", "{name} {file}");
        assert_eq!((answer.bank_no, answer.about), (String::new(), String::new()));
    }
}

#[test]
fn what_is_wrong_with_an_answer_is_told_in_the_banks_words() {
    let told = |name: &str, text: &str| {
        read_answer(named(name), "回单.csv", text.as_bytes()).unwrap_err().to_string()
    };
    let wrong = told(
        "icbc-1",
        "备注信息,指令状态,金额,交易流水号,交易时间,失败原因\n\
         B-1,办理中,1.00,,,\nB-2,处理成功,,S2,2027-03-02,\nB-3,处理失败,1.00,,,\n",
    );
    for part in [
        "第 2 行 指令状态：“办理中”无法识别，应为 处理成功、成功、",
        "第 3 行 金额：成功行的金额必填，请向银行索取完整回单",
        "第 4 行 错误代码：失败行应填写原因",
    ] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
    assert!(!wrong.contains("paid_amount") && !wrong.contains("status"), "{wrong}");
    let claims = told("ccb-1", "附言|处理结果|入账金额|返回信息\nB-1|失败|1.00|销户\n");
    assert!(claims.contains("第 2 行 入账金额：失败行的入账金额应为0或不填"), "{claims}");
    let missing = told("icbc-1", "备注信息,金额\nB-1,1.00\n");
    assert!(missing.contains("缺少“指令状态（或 status）”列"), "{missing}");
    let twice = told("ccb-1", "附言|附言|处理结果\nB-1|B-2|成功\n");
    assert!(twice.contains("列“附言（或 line_id）”出现了两次"), "{twice}");
    assert_eq!(told("ccb-1", "附言|处理结果\n"), "回单中没有明细");
    let foreign = told(NEUTRAL, "备注信息,指令状态\nB-1,处理成功\n");
    assert!(foreign.contains("缺少“line_id”列"), "{foreign}");
}
