//! The neutral bank file: what goes out comes back, and a changed byte shows.

use juncai::domain::money::Fen;
use juncai::file::bank::{
    BankError, BankFault, BankLine, COLUMNS, Charset, NeutralError, NeutralFile, parse_neutral,
};
use juncai::file::hash::sha256_hex;
use proptest::prelude::*;

use super::texts;

fn line(seq: u32, payee_name: &str, fen: i64) -> BankLine {
    BankLine {
        seq,
        payee_name: payee_name.to_owned(),
        account_no: "6222020000000000000".to_owned(),
        bank_name: "中国工商银行福州鼓楼支行".to_owned(),
        cnaps: "102391000013".to_owned(),
        amount: Fen::new(fen),
        purpose: "2026核心工程师奖补".to_owned(),
        line_id: format!("L-{seq:06}"),
    }
}

fn file(lines: Vec<BankLine>) -> NeutralFile {
    let created_at = "2026-11-23T10:15:00+08:00".to_owned();
    NeutralFile { batch_no: "B2026-001".to_owned(), created_at, lines }
}

#[test]
fn the_file_has_the_agreed_form() {
    let bytes = file(vec![line(1, "张三", 20_000_000), line(2, "Smith, \"J\"", 1)])
        .to_csv(Charset::Gbk)
        .unwrap();
    let body = "seq,payee_name,account_no,bank_name,cnaps,amount,purpose,line_id\r\n\
        1,张三,6222020000000000000,中国工商银行福州鼓楼支行,102391000013,200000.00,2026核心工程师奖补,L-000001\r\n\
        2,\"Smith, \"\"J\"\"\",6222020000000000000,中国工商银行福州鼓楼支行,102391000013,0.01,2026核心工程师奖补,L-000002\r\n";
    let hash = sha256_hex(body.as_bytes());
    let header = format!("\u{FEFF}#HDR,B2026-001,2,200000.01,CNY,2026-11-23T10:15:00+08:00,{hash}");
    assert_eq!(String::from_utf8(bytes).unwrap(), format!("{header}\r\n{body}"));
}

#[test]
fn the_workbook_has_the_same_columns_and_bytes_every_time() {
    let batch = file(vec![line(1, "张三", 123)]);
    let created = chrono::DateTime::UNIX_EPOCH.naive_utc();
    let bytes = batch.to_xlsx(Charset::Gb18030, created).unwrap();
    let read = texts(&bytes, "a.xlsx");
    assert_eq!(read[0].1, COLUMNS);
    let row = &read[1].1;
    assert_eq!((row[2].as_str(), row[5].as_str()), ("6222020000000000000", "1.23"));
    assert!(bytes == batch.to_xlsx(Charset::Gb18030, created).unwrap());
}

#[test]
fn everything_a_bank_would_refuse_is_named_and_nothing_is_written() {
    let mut lines = vec![line(1, "张䶮", 1), line(3, "=SUM(A1)", 0), line(3, " ", -1)];
    lines[0].purpose = "一二三四五六七八九十一二三四五六七八九十一".to_owned();
    lines[1].account_no = "6222 0200".to_owned();
    lines[1].bank_name = "支行\n2".to_owned();
    lines[2].cnaps = "1".to_owned();
    let Err(BankError::Problems(problems)) = file(lines).to_csv(Charset::Gbk) else {
        panic!("must be refused");
    };
    let found: Vec<_> = problems.iter().map(|problem| (problem.seq, &problem.fault)).collect();
    let unencodable =
        BankFault::Unencodable { charset: Charset::Gbk, characters: "䶮".to_owned() };
    let expected = [
        (1, BankFault::Purpose),
        (1, unencodable),
        (3, BankFault::Account),
        (3, BankFault::Amount),
        (3, BankFault::Formula("收款人姓名")),
        (3, BankFault::Control("开户行")),
        (3, BankFault::Sequence),
        (3, BankFault::NoName),
        (3, BankFault::Cnaps),
        (3, BankFault::Amount),
        (3, BankFault::LineIdTwice),
    ];
    assert_eq!(found, expected.iter().map(|(seq, fault)| (*seq, fault)).collect::<Vec<_>>());
    let message = BankError::Problems(problems).to_string();
    assert!(message.contains("第 1 笔 张䶮：含有 GBK 无法表示的字：䶮"), "{message}");
    assert!(matches!(file(vec![]).to_csv(Charset::Gbk), Err(BankError::Empty)));
}

#[test]
fn a_false_count_or_total_is_noticed_even_with_a_right_hash() {
    let bytes = file(vec![line(1, "张三", 100)]).to_csv(Charset::Gbk).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let forged = |from: &str, to: &str| parse_neutral(text.replacen(from, to, 1).as_bytes());
    assert_eq!(forged(",1,1.00,", ",2,1.00,"), Err(NeutralError::Count { stated: 2, found: 1 }));
    let total = Err(NeutralError::Total { stated: Fen::new(101) });
    assert_eq!(forged(",1,1.00,", ",1,1.01,"), total);
    assert_eq!(forged(",1,1.00,", ",1,1.0,"), Err(NeutralError::Rewritten));
    assert_eq!(forged("张三", "张四"), Err(NeutralError::Hash));
    assert_eq!(forged("CNY", "USD"), Err(NeutralError::NotNeutral));
}

fn batch() -> impl Strategy<Value = NeutralFile> {
    let name = "[A-Z张三丰䶮𬱖·,\" ]{0,8}[张A]";
    let order = (name, "[0-9]{1,32}", "([0-9]{12})?", 1..=i64::from(u32::MAX), "[奖补0-9]{1,20}");
    prop::collection::vec(order, 1..6).prop_map(|orders| {
        let lines = (1..).zip(orders).map(|(seq, (name, account, cnaps, fen, purpose))| BankLine {
            account_no: account,
            cnaps,
            purpose,
            ..line(seq, &name, fen)
        });
        file(lines.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn what_is_written_reads_back(batch in batch()) {
        let bytes = batch.to_csv(Charset::Gb18030).unwrap();
        prop_assert_eq!(parse_neutral(&bytes), Ok(batch));
    }

    /// Batch number and time are outside the hash: a change there parses, but to another batch.
    #[test]
    fn no_changed_byte_passes_for_the_original(
        batch in batch(), at in any::<prop::sample::Index>(), flip in 1..=255_u8
    ) {
        let mut bytes = batch.to_csv(Charset::Gb18030).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(read) = parse_neutral(&bytes) {
            prop_assert_ne!(&read, &batch);
            prop_assert_eq!(read.lines, batch.lines);
        }
    }
}
