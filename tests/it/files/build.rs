//! Builds workbooks part by part, the way no spreadsheet program would.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A zip of parts; later parts replace earlier ones of the same name.
pub struct Package(Vec<(String, Vec<u8>)>);

impl Package {
    /// A workbook whose only sheet has these rows as `sheetData` markup.
    pub fn sheet(rows: &str) -> Self {
        let sheet = format!("<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>");
        Self::workbook("", &["visible"]).part("xl/worksheets/sheet1.xml", sheet)
    }

    /// A workbook with sheets `表1`, `表2` … of the given visibility, and `workbookPr` attributes.
    pub fn workbook(properties: &str, states: &[&str]) -> Self {
        let (mut sheets, mut links) = (String::new(), String::new());
        for (index, state) in (1..).zip(states) {
            sheets += &format!(
                "<sheet name='表{index}' sheetId='{index}' state='{state}' r:id='r{index}'/>"
            );
            links += &format!(
                "<Relationship Id='r{index}' Type='{OFFICE}/worksheet' \
                 Target='worksheets/sheet{index}.xml'/>"
            );
        }
        let types = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>\
                     <Default Extension='xml' ContentType='application/xml'/></Types>";
        Self(Vec::new())
            .part("[Content_Types].xml", types)
            .part(
                "_rels/.rels",
                format!(
                    "<Relationships xmlns='{PACKAGE}'><Relationship Id='r1' \
                 Type='{OFFICE}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
                ),
            )
            .part(
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><workbookPr {properties}/>\
                 <sheets>{sheets}</sheets></workbook>"
                ),
            )
            .part(
                "xl/_rels/workbook.xml.rels",
                format!("<Relationships xmlns='{PACKAGE}'>{links}</Relationships>"),
            )
            .part(
                "xl/styles.xml",
                format!(
                    "<styleSheet xmlns='{MAIN}'><cellXfs count='2'><xf numFmtId='0'/>\
                 <xf numFmtId='14'/></cellXfs></styleSheet>"
                ),
            )
    }

    /// Adds a part.
    pub fn part(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(existing, _)| existing != name);
        self.0.push((name.to_owned(), content.into()));
        self
    }

    /// The bytes of the zip.
    pub fn zip(self) -> Vec<u8> {
        self.zip_at_level(1)
    }

    /// The same, packed better and slower at higher levels up to 9.
    pub fn zip_at_level(self, level: i64) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_level(Some(level));
        for (name, content) in self.0 {
            zip.start_file(name, options).expect("a new part");
            zip.write_all(&content).expect("writes to memory");
        }
        zip.finish().expect("writes to memory").into_inner()
    }
}

/// A worksheet part around `sheetData` markup.
pub fn worksheet(rows: &str) -> String {
    format!("<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>")
}

/// A cell with an inline text.
pub fn inline(reference: &str, text: &str) -> String {
    format!("<c r='{reference}' t='inlineStr'><is><t>{text}</t></is></c>")
}
