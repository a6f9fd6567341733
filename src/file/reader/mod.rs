//! Reads an uploaded table row by row: `.xlsx`, or CSV in UTF-8, UTF-16 or GB18030.
//!
//! Uploads are hostile until proven otherwise. The kind of a file is decided by its first bytes,
//! never by its name; a workbook is inflated once through a counter before anything parses it; no
//! step allocates by a number that the file merely states.

mod csv;
mod package;
mod text;
mod value;
mod xlsx;

use std::ops::ControlFlow;

use super::table::{Cell, Row};

pub(super) use csv::Records;
pub use text::TextEncoding;

/// The text of a file that is no table: UTF-8, UTF-16 or GB18030.
///
/// # Errors
/// When it decodes as none of them.
pub fn plain_text(bytes: &[u8]) -> Result<String, ReadError> {
    Ok(text::decode(bytes)?.0.into_owned())
}

/// How much of an upload is read before it is refused. All bounds are inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as uploaded.
    pub max_bytes: usize,
    /// Bytes of all parts of a workbook together once inflated.
    pub max_inflated: u64,
    /// Parts in the package of a workbook.
    pub max_parts: usize,
    /// Data rows below the header; the last row number allowed is one more.
    pub max_rows: u32,
    /// Columns that may hold anything.
    pub max_columns: usize,
    /// Bytes of one cell in UTF-8.
    pub max_cell_bytes: usize,
}

/// Room for 100,000 rows of 13 columns in either format, and not much more.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 32 << 20,
            max_inflated: 256 << 20,
            max_parts: 200,
            max_rows: 100_000,
            max_columns: 60,
            max_cell_bytes: 4096,
        }
    }
}

/// The format a file turned out to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableFormat {
    /// A workbook.
    Xlsx {
        /// The worksheet that was read: the first visible one.
        sheet: String,
    },
    /// Separated text.
    Csv {
        /// How its characters were stored.
        encoding: TextEncoding,
        /// `,`, `;`, `|` or tab.
        delimiter: char,
    },
}

/// What was read, once the last row has been handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSummary {
    /// What the file was.
    pub format: TableFormat,
    /// Columns of the header row, up to its last filled cell.
    pub header_columns: usize,
    /// Data rows handed over; empty ones do not count.
    pub data_rows: u32,
    /// Number of the last row handed over, as the spreadsheet program shows it.
    pub last_row: u32,
    /// Whether the receiver asked to stop before the end.
    pub stopped: bool,
}

/// Why a file cannot be read. The messages say what to do and are shown to the person as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than [`Limits::max_bytes`].
    #[error("文件超过 {limit_mib} MB，请拆分成几个较小的文件后再上传")]
    TooLarge {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// No rows at all.
    #[error("文件是空的，请填写后再上传")]
    Empty,
    /// The first row is blank.
    #[error("第 1 行应为表头，但它是空的；请删除表头上方的空行，或使用下载的模板填写")]
    NoHeader,
    /// Neither a workbook nor text.
    #[error(
        "这不是表格文件；请上传 .xlsx 或 .csv 文件（只改扩展名是不行的，需用 Excel 或 WPS 另存）"
    )]
    NotATable,
    /// A workbook of Excel 97-2003.
    #[error("这是旧版 .xls 文件；请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传")]
    OldWorkbook,
    /// A binary workbook.
    #[error("这是二进制 .xlsb 文件；请用 Excel 打开，另存为 .xlsx 后再上传")]
    BinaryWorkbook,
    /// OpenDocument and its like.
    #[error("暂不支持这种表格格式；请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传")]
    OtherFormat,
    /// Protected by a password.
    #[error("文件设置了打开密码；请在 Excel 或 WPS 中取消密码，保存后再上传")]
    Encrypted,
    /// Holds macros.
    #[error("文件含有宏；为安全起见请另存为不带宏的 .xlsx 后再上传")]
    Macros,
    /// More parts than [`Limits::max_parts`].
    #[error("文件内含的工作表或图片过多；请只保留要导入的工作表，另存为新的 .xlsx 后再上传")]
    TooManyParts,
    /// Inflates beyond [`Limits::max_inflated`], or suspiciously well.
    #[error("文件解压后过大；请只保留要导入的行列，复制到新的工作簿后再上传")]
    InflatesTooMuch,
    /// A document type, or markup no spreadsheet program writes.
    #[error("文件含有不允许的内容；请用 Excel 或 WPS 重新另存为 .xlsx 后再上传")]
    ForbiddenMarkup,
    /// Cannot be parsed to its end.
    #[error("文件已损坏或不完整；请用 Excel 或 WPS 打开检查，重新保存后再上传")]
    Damaged,
    /// All worksheets are hidden, or there is none.
    #[error("文件里没有可见的工作表；请取消隐藏要导入的工作表后再上传")]
    NoVisibleSheet,
    /// Data below the last allowed row.
    #[error("第 {row} 行超出范围：一次最多导入 {limit} 行；请拆分成几个文件，或删除下方多余的内容")]
    TooManyRows {
        /// Where the data is.
        row: u32,
        /// Data rows allowed.
        limit: u32,
    },
    /// Data right of the last allowed column.
    #[error("第 {row} 行在第 {limit} 列之后还有内容；请删除右侧多余的列后再上传")]
    TooManyColumns {
        /// Where the data is.
        row: u32,
        /// Columns allowed.
        limit: usize,
    },
    /// A cell longer than [`Limits::max_cell_bytes`].
    #[error("第 {row} 行第 {column} 列的内容过长（超过 {limit} 字节）；请缩短，并检查引号是否成对")]
    CellTooLong {
        /// Row number.
        row: u32,
        /// Column number, from 1.
        column: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A quoted field never ends.
    #[error("第 {row} 行的引号没有成对；请检查该行，或改用 .xlsx 文件上传")]
    UnclosedQuote {
        /// Row in which the quote opens.
        row: u32,
    },
    /// Bytes that are no text in any accepted encoding.
    #[error("无法识别文件的文字编码；请另存为“CSV UTF-8”格式，或改用 .xlsx 文件上传")]
    Encoding,
    /// A NUL character in a text file.
    #[error("文件含有空字符（NUL），不是正常的文本；请用 Excel 或 WPS 重新导出后再上传")]
    Nul,
}

/// Reads the table in `bytes`, handing over the header row (number 1) first and then each data row.
///
/// Blank rows are left out, and row numbers stay as the spreadsheet program shows them. Of a
/// workbook the first visible worksheet is read, with the cached values of its formulas; a formula
/// that was never computed reads as empty. `file_name` is not trusted: it only helps to tell a
/// renamed file from a text in an unknown encoding. The receiver may stop early with [`ControlFlow::Break`].
///
/// # Errors
///
/// Any [`ReadError`]; rows may have been handed over before it shows.
pub fn read_table(
    bytes: &[u8],
    file_name: &str,
    limits: &Limits,
    on_row: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<TableSummary, ReadError> {
    if bytes.len() > limits.max_bytes {
        return Err(ReadError::TooLarge { limit_mib: limits.max_bytes >> 20 });
    }
    let mut sink = Sink { on_row, limits, header_columns: None, data_rows: 0, last_row: 0 };
    let (format, flow) = match sniff(bytes)? {
        Kind::Zip => xlsx::read(bytes, limits, &mut sink)?,
        Kind::Text => csv::read(bytes, limits, &mut sink).map_err(|error| match error {
            // No text although it is called a workbook: the name is the better hint then.
            ReadError::Encoding | ReadError::Nul if names_a_workbook(file_name) => {
                ReadError::NotATable
            }
            other => other,
        })?,
    };
    Ok(TableSummary {
        format,
        header_columns: sink.header_columns.ok_or(ReadError::Empty)?,
        data_rows: sink.data_rows,
        last_row: sink.last_row,
        stopped: flow.is_break(),
    })
}

enum Kind {
    Zip,
    Text,
}

fn names_a_workbook(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    [".xlsx", ".xlsm", ".xls"].iter().any(|extension| name.ends_with(extension))
}

/// First bytes of formats that people rename to `.xlsx` or `.csv`.
const FOREIGN: [&[u8]; 9] = [
    b"\x89PNG",
    b"\xFF\xD8\xFF",
    b"GIF8",
    b"%PDF",
    b"Rar!",
    b"7z\xBC\xAF",
    b"\x1F\x8B",
    b"{\\rtf",
    b"BM\x00",
];
const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

fn sniff(bytes: &[u8]) -> Result<Kind, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Zip);
    }
    if bytes.starts_with(OLE) {
        // Excel wraps an encrypted .xlsx in an OLE container that names its stream in UTF-16LE.
        let stream: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
        let encrypted = bytes.windows(stream.len()).any(|window| window == stream);
        return Err(if encrypted { ReadError::Encrypted } else { ReadError::OldWorkbook });
    }
    if FOREIGN.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(ReadError::NotATable);
    }
    // Many portals hand out web pages or XML spreadsheets under the name .xls.
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if start.first() == Some(&b'<') {
        return Err(ReadError::OtherFormat);
    }
    Ok(Kind::Text)
}

/// Takes rows in file order, leaves out blank ones and checks what all formats share.
struct Sink<'a> {
    on_row: &'a mut dyn FnMut(Row) -> ControlFlow<()>,
    limits: &'a Limits,
    header_columns: Option<usize>,
    data_rows: u32,
    last_row: u32,
}

impl Sink<'_> {
    fn row(&mut self, number: u32, mut cells: Vec<Cell>) -> Result<ControlFlow<()>, ReadError> {
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        if cells.iter().all(is_blank) {
            return Ok(ControlFlow::Continue(()));
        }
        let limit = self.limits.max_rows;
        if number > limit.saturating_add(1) {
            return Err(ReadError::TooManyRows { row: number, limit });
        }
        if self.header_columns.is_none() {
            if number != 1 {
                return Err(ReadError::NoHeader);
            }
            self.header_columns = Some(cells.len());
        } else {
            self.data_rows += 1;
        }
        self.last_row = number;
        Ok((self.on_row)(Row { number, cells }))
    }
}

fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.trim().is_empty(),
        Cell::Number(_) | Cell::Date(_) | Cell::Invalid(_) => false,
    }
}

/// Puts `cell` at `column` (from 0) of row `number`; empty cells take no room.
fn place(
    cells: &mut Vec<Cell>,
    number: u32,
    column: usize,
    cell: Cell,
    limits: &Limits,
) -> Result<(), ReadError> {
    let length = match &cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) | Cell::Number(text) | Cell::Invalid(text) => text.len(),
        Cell::Date(_) => 0,
    };
    if column >= limits.max_columns {
        return Err(ReadError::TooManyColumns { row: number, limit: limits.max_columns });
    }
    if length > limits.max_cell_bytes {
        let limit = limits.max_cell_bytes;
        return Err(ReadError::CellTooLong { row: number, column: column + 1, limit });
    }
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = cell;
    Ok(())
}
