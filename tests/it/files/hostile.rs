//! Uploads made to hurt: each is refused with a message that says what to do, and cheaply.

use juncai::file::reader::{Limits, ReadError, read_table};
use proptest::prelude::*;

use super::build::{Package, inline};
use super::{rows, texts};

fn refusal(bytes: &[u8], name: &str) -> ReadError {
    rows(bytes, name).expect_err("must be refused")
}

fn honest() -> Vec<u8> {
    let header = inline("A1", "姓名");
    Package::sheet(&format!("<row r='1'>{header}</row><row r='2'>{}</row>", inline("A2", "张三")))
        .zip()
}

#[test]
fn a_cell_far_away_is_refused_without_filling_the_space_between() {
    let a1 = inline("A1", "姓名");
    let far = format!("<row r='1'>{a1}</row><row r='400000'>{}</row>", inline("ABC400000", "x"));
    let error = refusal(&Package::sheet(&far).zip(), "a.xlsx");
    assert_eq!(error, ReadError::TooManyRows { row: 400_000, limit: 100_000 });

    let wide = format!("<row r='1'>{a1}{}</row>", inline("BI1", "x"));
    let error = refusal(&Package::sheet(&wide).zip(), "a.xlsx");
    assert_eq!(error, ReadError::TooManyColumns { row: 1, limit: 60 });

    let overflow = format!("<row r='1'>{a1}{}</row>", inline("ZZZZZZZZZ99999999999", "x"));
    assert!(rows(&Package::sheet(&overflow).zip(), "a.xlsx").is_err());
}

#[test]
fn formats_without_content_far_below_the_data_do_no_harm() {
    let styled = "<row r='1048576'><c r='XFD1048576' s='1'/></row>";
    let sheet = format!("<row r='1'>{}</row>{styled}", inline("A1", "姓名"));
    let read = texts(&Package::sheet(&sheet).zip(), "a.xlsx");
    assert_eq!(read, [(1, vec!["姓名".to_owned()])]);
}

#[test]
fn a_small_file_that_inflates_to_300_mebibytes_is_refused() {
    let mut sheet = b"<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>".to_vec();
    sheet.resize(300 << 20, b' ');
    let parts = [
        ("xl/worksheets/sheet1.xml", 300),
        ("xl/sharedStrings.xml", 20),
        ("xl/media/image1.png", 20),
        ("customXml/item1.xml", 20),
    ];
    for (part, mebibytes) in parts {
        let package = Package::workbook("", &["visible"]).part(part, &sheet[..mebibytes << 20]);
        let bytes = package.zip_at_level(3);
        assert!(bytes.len() < 1 << 20, "{} bytes", bytes.len());
        let error = refusal(&bytes, "a.xlsx");
        let expected = [ReadError::InflatesTooMuch, ReadError::ForbiddenMarkup];
        assert!(expected.contains(&error), "{part}: {error:?}");
    }
}

#[test]
fn what_packs_modestly_is_still_bounded_in_total() {
    let limits = Limits { max_inflated: 1 << 20, ..Limits::default() };
    let noise: Vec<u8> =
        (0..600_u32 << 10).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let bytes = Package::sheet("").part("xl/media/a.png", noise.clone()).part("b.png", noise).zip();
    let result =
        read_table(&bytes, "a.xlsx", &limits, &mut |_| std::ops::ControlFlow::Continue(()));
    assert_eq!(result, Err(ReadError::InflatesTooMuch));
}

#[test]
fn a_stated_number_of_strings_reserves_no_memory() {
    let strings = "<sst uniqueCount='99999999999999'><si><t>x</t></si></sst>";
    let bytes = Package::sheet("").part("xl/sharedStrings.xml", strings).zip();
    assert_eq!(refusal(&bytes, "a.xlsx"), ReadError::InflatesTooMuch);

    let strings = format!("<sst>{}</sst>", "<si/>".repeat(1_500_001));
    let bytes = Package::sheet("").part("xl/sharedStrings.xml", strings).zip();
    assert_eq!(refusal(&bytes, "a.xlsx"), ReadError::InflatesTooMuch);
}

#[test]
fn too_many_parts_are_refused() {
    let mut package = Package::sheet("");
    for index in 0..200 {
        package = package.part(&format!("xl/media/{index}.png"), "x");
    }
    assert_eq!(refusal(&package.zip(), "a.xlsx"), ReadError::TooManyParts);
}

#[test]
fn entities_are_refused_wherever_they_are_declared() {
    let xxe = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>";
    let laughs = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
    for declaration in [xxe, laughs] {
        for part in ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"] {
            let markup = format!("{declaration}<x>&e;&b;</x>");
            let bytes = Package::sheet("").part(part, markup).zip();
            assert_eq!(refusal(&bytes, "a.xlsx"), ReadError::ForbiddenMarkup, "{part}");
        }
    }
}

#[test]
fn links_to_other_files_are_not_followed() {
    let link = "<externalLink><externalBook r:id='rId1'/></externalLink>";
    let bytes = Package::sheet(&format!("<row r='1'>{}</row>", inline("A1", "姓名")))
        .part("xl/externalLinks/externalLink1.xml", link)
        .zip();
    assert_eq!(texts(&bytes, "a.xlsx"), [(1, vec!["姓名".to_owned()])]);
}

#[test]
fn a_workbook_cut_anywhere_is_damaged_and_never_read_in_part() {
    let whole = honest();
    for length in (5..whole.len()).step_by(7) {
        assert_eq!(refusal(&whole[..length], "a.xlsx"), ReadError::Damaged, "cut at {length}");
    }
}

#[test]
fn what_is_no_table_is_named_for_what_it_is() {
    let ole = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let encrypted: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
    let macro_type = "<Types><Override PartName='/xl/workbook.xml' ContentType=\
                      'application/vnd.ms-excel.sheet.macroEnabled.main+xml'/></Types>";
    let zip = |part: &str, content: &str| Package::sheet("").part(part, content).zip();
    let cases = [
        (vec![], "a.xlsx", ReadError::Empty),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "a.xlsx", ReadError::NotATable),
        (b"\x01\x02\0\x03".to_vec(), "a.xlsx", ReadError::NotATable),
        (ole.to_vec(), "a.xls", ReadError::OldWorkbook),
        ([&ole[..], &encrypted].concat(), "a.xlsx", ReadError::Encrypted),
        (zip("xl/vbaProject.bin", "x"), "a.xlsx", ReadError::Macros),
        (zip("[Content_Types].xml", macro_type), "a.xlsx", ReadError::Macros),
        (zip("xl/macrosheets/sheet1.xml", "<x/>"), "a.xlsx", ReadError::Macros),
        (zip("xl/workbook.bin", "x"), "a.xlsx", ReadError::BinaryWorkbook),
        (zip("word/document.xml", "<x/>"), "a.xlsx", ReadError::NotATable),
        (b"<html><table><tr><td>x".to_vec(), "a.xls", ReadError::OtherFormat),
        (b"PK\x05\x06".to_vec(), "a.xlsx", ReadError::Damaged),
        (vec![b'a'; (32 << 20) + 1], "a.csv", ReadError::TooLarge { limit_mib: 32 }),
        (b"\r\n\xE3\x80\x80,\r\n".to_vec(), "a.csv", ReadError::Empty),
        (b"\r\na,b\r\n".to_vec(), "a.csv", ReadError::NoHeader),
    ];
    for (bytes, name, error) in cases {
        assert_eq!(refusal(&bytes, name), error, "{name} {:?}", &bytes[..bytes.len().min(12)]);
        let message = error.to_string();
        assert!(message.chars().count() >= 10 && !message.is_ascii(), "{message}");
    }
}

#[test]
fn hidden_sheets_alone_are_no_table() {
    let bytes = Package::workbook("", &["hidden", "veryHidden"]).zip();
    assert_eq!(refusal(&bytes, "a.xlsx"), ReadError::NoVisibleSheet);
}

#[test]
fn text_files_are_bounded_and_strictly_decoded() {
    let cases = [
        (b"a,".repeat(1_000_000), ReadError::TooManyColumns { row: 1, limit: 60 }),
        (b",".repeat(1_000_000), ReadError::TooManyColumns { row: 1, limit: 60 }),
        (
            [b"a\n".as_slice(), &b"x".repeat(4097)].concat(),
            ReadError::CellTooLong { row: 2, column: 1, limit: 4096 },
        ),
        (
            "a\n".repeat(100_002).into_bytes(),
            ReadError::TooManyRows { row: 100_002, limit: 100_000 },
        ),
        (b"a,b\n1,\0".to_vec(), ReadError::Nul),
        (b"\xFF\xFEa\0\0\0".to_vec(), ReadError::Nul),
        (b"a\n\xC3\x28\xFF\xFF".to_vec(), ReadError::Encoding),
        (b"\xEF\xBB\xBFa\n\xC3\x28".to_vec(), ReadError::Encoding),
        (b"\xFF\xFEa\0\x00\xD8".to_vec(), ReadError::Encoding),
        (b"a\n\xC0\xAF\xFF".to_vec(), ReadError::Encoding),
    ];
    for (bytes, error) in cases {
        assert_eq!(refusal(&bytes, "a.csv"), error, "{:?}", &bytes[..bytes.len().min(12)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_workbook_with_any_bytes_overwritten_never_panics(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = honest();
        for (index, byte) in hits {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = rows(&bytes, "a.xlsx");
    }

    #[test]
    fn a_sheet_of_any_markup_never_panics(markup in "[<>/'\"a-cr=v0-9 &;!\\-\\[\\]]{0,200}") {
        let _ = rows(&Package::sheet(&markup).zip(), "a.xlsx");
    }

    #[test]
    fn any_bytes_as_csv_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = rows(&bytes, "a.csv");
    }
}
