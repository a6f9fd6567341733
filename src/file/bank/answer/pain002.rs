//! The status report of ISO 20022, pain.002.001.10, as far as it speaks of single payments.
//!
//! A file is hostile until proven otherwise: a document type is refused, so that no entity but the
//! five of XML itself and character references exists; depth, lengths and counts are bounded.
//!
//! A payment is paid when the report says that it is settled (ACSC, ACCC), and failed when it says
//! that it is rejected (RJCT). Every other status (PDNG, ACSP, RCVD …) is news about money that is
//! still on its way: the row is kept and changes nothing. A report that speaks only of the whole
//! group, without payments, is refused: what became of each line must be said of the line.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::{AnswerError, BankAnswer};
use crate::domain::money::Fen;
use crate::domain::payment::{BankWord, Payee, ReturnedRow};
use crate::file::reader::{Limits, ReadError, plain_text};

use super::table::from_china;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10";
/// Deepest nesting; the schema needs less than half of it.
const MAX_DEPTH: usize = 32;
/// Longest identity that a line of ours can have.
const MAX_LINE: usize = 64;
/// Longest reason that is kept, in characters.
const MAX_REASON: usize = 200;
/// Where payments stand below the message.
const PAYMENT: [&str; 2] = ["OrgnlPmtInfAndSts", "TxInfAndSts"];

const BROKEN: &str = "XML 文件已损坏或不完整，请向银行重新下载后再上传";
const FORBIDDEN: &str = "XML 文件含有不允许的内容（DTD 或自定义实体），请向银行索取标准的状态报告";
const OTHER: &str =
    "这不是 pain.002.001.10 状态报告，请核对文件；表格回单请上传 .csv、.xlsx 或 .txt";
const TOO_LARGE: &str = "XML 文件的内容过多或嵌套过深，请向银行索取分批的状态报告";

/// Whether a file is markup and no table.
pub(super) fn is_markup(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    start.first() == Some(&b'<')
}

/// A payment as the report has it.
#[derive(Debug, Default)]
struct Payment {
    status_id: String,
    end_to_end: String,
    status: String,
    reason_code: String,
    reason_texts: Vec<String>,
    accepted_at: String,
    servicer_ref: String,
    clearing_ref: String,
    currency: String,
    amount: String,
    payee_name: String,
    account_no: String,
}

#[derive(Debug, Default)]
struct Report {
    message_id: String,
    created_at: String,
    about: String,
    payments: Vec<Payment>,
}

pub(super) fn read(bytes: &[u8]) -> Result<BankAnswer, AnswerError> {
    let limits = Limits::default();
    if bytes.len() > limits.max_bytes {
        return Err(ReadError::TooLarge { limit_mib: limits.max_bytes >> 20 }.into());
    }
    let text = plain_text(bytes)?;
    let report = parse(&text, &limits)?;
    if report.payments.is_empty() {
        return Err(AnswerError::NoRows);
    }
    let mut rows = Vec::with_capacity(report.payments.len());
    let mut wrong = Vec::new();
    if report.message_id.is_empty() {
        wrong.push("GrpHdr/MsgId：缺少，请向银行索取完整的状态报告".to_owned());
    }
    for (number, payment) in (1..).zip(&report.payments) {
        match row(number, payment, &report) {
            Ok(row) => rows.push(row),
            Err(faults) => {
                wrong.extend(faults.into_iter().map(|fault| format!("第 {number} 笔 {fault}")));
            }
        }
    }
    if wrong.is_empty() {
        Ok(BankAnswer { bank_no: report.message_id, about: report.about, rows })
    } else {
        Err(AnswerError::Rows(wrong))
    }
}

fn parse(text: &str, limits: &Limits) -> Result<Report, AnswerError> {
    let broken = || AnswerError::Report(BROKEN);
    let mut reader = Reader::from_str(text);
    let mut reading = Reading { limits, ..Reading::of(limits) };
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(element) => reading.open(&element)?,
            Event::Empty(element) => {
                reading.open(&element)?;
                reading.close()?;
            }
            Event::End(_) => reading.close()?,
            Event::Text(text) => reading.text(&text.xml10_content())?,
            Event::CData(text) => reading.text(&text.xml10_content())?,
            Event::GeneralRef(entity) => {
                let found = entity.resolve_char_ref().map_err(|_| broken())?;
                match (found, resolve_predefined_entity(&entity)) {
                    (Some(character), _) => reading.text(character.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => reading.text(text)?,
                    (None, None) => return Err(AnswerError::Report(FORBIDDEN)),
                }
            }
            Event::DocType(_) => return Err(AnswerError::Report(FORBIDDEN)),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if reading.path.is_empty() && reading.has_root { Ok(reading.report) } else { Err(broken()) }
}

/// How far the report is read.
struct Reading<'a> {
    limits: &'a Limits,
    report: Report,
    /// Names of the open elements, without prefixes.
    path: Vec<String>,
    has_root: bool,
    text: String,
}

impl<'a> Reading<'a> {
    fn of(limits: &'a Limits) -> Self {
        let (report, text) = (Report::default(), String::new());
        Self { limits, report, path: Vec::new(), has_root: false, text }
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), AnswerError> {
        if self.path.is_empty() {
            if self.has_root || !is_report(element) {
                return Err(AnswerError::Report(OTHER));
            }
            self.has_root = true;
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(AnswerError::Report(TOO_LARGE));
        }
        self.path.push(element.local_name().into_inner().to_owned());
        self.text.clear();
        if self.below() == PAYMENT {
            let most = usize::try_from(self.limits.max_rows).unwrap_or(usize::MAX);
            if self.report.payments.len() >= most {
                return Err(AnswerError::Report(TOO_LARGE));
            }
            self.report.payments.push(Payment::default());
        }
        if let ["OrgnlPmtInfAndSts", "TxInfAndSts", "OrgnlTxRef", "Amt", "InstdAmt"] =
            self.below()[..]
            && let Some(payment) = self.report.payments.last_mut()
        {
            payment.currency = attribute(element, "Ccy").unwrap_or_default();
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), AnswerError> {
        if self.path.is_empty() && !text.trim().is_empty() {
            return Err(AnswerError::Report(BROKEN));
        }
        if self.text.len() + text.len() > self.limits.max_cell_bytes {
            return Err(AnswerError::Report(TOO_LARGE));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// The open elements below the message element.
    fn below(&self) -> Vec<&str> {
        self.path.iter().skip(2).map(String::as_str).collect()
    }

    fn close(&mut self) -> Result<(), AnswerError> {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        let report = &mut self.report;
        let below: Vec<&str> = self.path.iter().skip(2).map(String::as_str).collect();
        match below[..] {
            ["GrpHdr", "MsgId"] => text.clone_into(&mut report.message_id),
            ["GrpHdr", "CreDtTm"] => text.clone_into(&mut report.created_at),
            ["OrgnlGrpInfAndSts", "OrgnlMsgId"] => text.clone_into(&mut report.about),
            ["OrgnlPmtInfAndSts", "TxInfAndSts", ref field @ ..] => {
                if let Some(payment) = report.payments.last_mut() {
                    payment.take(field, text);
                }
            }
            _ => {}
        }
        self.path.pop().map(|_| ()).ok_or(AnswerError::Report(BROKEN))
    }
}

/// Whether the root is that of a report in the version that is read.
fn is_report(root: &BytesStart<'_>) -> bool {
    let declares = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        let key = attribute.key.into_inner();
        (key == "xmlns" || key.starts_with("xmlns:")) && attribute.value == NAMESPACE
    };
    root.local_name().into_inner() == "Document" && root.attributes().flatten().any(declares)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok().flatten()?;
    Some(found.value.into_owned())
}

impl Payment {
    fn take(&mut self, field: &[&str], text: &str) {
        let target = match field {
            ["StsId"] => &mut self.status_id,
            ["OrgnlEndToEndId"] => &mut self.end_to_end,
            ["TxSts"] => &mut self.status,
            // A payment may be rejected for several reasons; the first code stands for all.
            ["StsRsnInf", "Rsn", "Cd" | "Prtry"] if self.reason_code.is_empty() => {
                &mut self.reason_code
            }
            ["StsRsnInf", "AddtlInf"] if !text.is_empty() => {
                self.reason_texts.push(text.to_owned());
                return;
            }
            ["AccptncDtTm"] => &mut self.accepted_at,
            ["AcctSvcrRef"] => &mut self.servicer_ref,
            ["ClrSysRef"] => &mut self.clearing_ref,
            ["OrgnlTxRef", "Amt", "InstdAmt"] => &mut self.amount,
            ["OrgnlTxRef", "Cdtr", "Pty", "Nm"] => &mut self.payee_name,
            ["OrgnlTxRef", "CdtrAcct", "Id", "Othr", "Id"] => &mut self.account_no,
            _ => return,
        };
        text.clone_into(target);
    }

    fn reason(&self) -> String {
        let text = self.reason_texts.join("；");
        let text = if text.is_empty() { known_reason(&self.reason_code) } else { &text };
        text.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect()
    }
}

/// What the usual codes of rejections say, for a report that gives no text.
fn known_reason(code: &str) -> &'static str {
    match code {
        "AC01" => "账号有误",
        "AC04" => "账户已销户",
        "AC06" => "账户被冻结",
        "AG01" => "账户不允许此类交易",
        "AM14" => "金额超过账户限额",
        "BE01" => "户名与账号不符",
        "RC01" => "联行号有误",
        _ => "银行未说明原因",
    }
}

fn row(number: i64, payment: &Payment, report: &Report) -> Result<ReturnedRow, Vec<String>> {
    let mut wrong = Vec::new();
    let mut fault = |text: &str| wrong.push(format!("{text}，请向银行索取完整的状态报告"));
    let id = payment.end_to_end.as_str();
    if id.is_empty() || id.chars().count() > MAX_LINE || id.chars().any(char::is_control) {
        fault("OrgnlEndToEndId：缺少或过长");
    }
    let word = match payment.status.as_str() {
        "" => {
            fault("TxSts：缺少逐笔状态");
            BankWord::Pending
        }
        "ACSC" | "ACCC" => BankWord::Paid,
        "RJCT" => BankWord::Failed,
        _ => BankWord::Pending,
    };
    let serials = [&payment.servicer_ref, &payment.clearing_ref, &payment.status_id];
    let serial = serials.into_iter().find(|serial| !serial.is_empty()).cloned();
    let mut paid = Fen::ZERO;
    let mut paid_at = None;
    if word == BankWord::Paid {
        match amount(payment) {
            Ok(amount) => paid = amount,
            Err(text) => fault(text),
        }
        if serial.is_none() {
            fault("AcctSvcrRef：成功的付款缺少银行流水号");
        }
        paid_at = instant(&payment.accepted_at).or_else(|| instant(&report.created_at));
        if paid_at.is_none() {
            fault("AccptncDtTm：缺少付款时间或格式有误");
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let (reason_code, reason_text) = match word {
        BankWord::Paid | BankWord::SentBack => (String::new(), String::new()),
        BankWord::Failed => (payment.reason_code.clone(), payment.reason()),
        BankWord::Pending => {
            (payment.status.clone(), format!("银行仍在处理（{}），不改变状态", payment.status))
        }
    };
    Ok(ReturnedRow {
        row_no: number,
        line_ref: id.to_owned(),
        word,
        paid,
        bank_serial: serial.unwrap_or_default(),
        paid_at,
        reason_code,
        reason_text,
        payee: Payee { name: payment.payee_name.clone(), account: payment.account_no.clone() },
    })
}

fn amount(payment: &Payment) -> Result<Fen, &'static str> {
    if payment.amount.is_empty() {
        return Err("OrgnlTxRef/Amt/InstdAmt：成功的付款缺少金额");
    }
    if payment.currency != super::super::CURRENCY {
        return Err("InstdAmt/Ccy：币种不是 CNY");
    }
    // The type of amounts has up to five decimals; zeros behind the fen say nothing.
    let text = payment.amount.as_str();
    let text = match text.split_once('.') {
        Some((_, cents)) if cents.len() > 2 => text.trim_end_matches('0'),
        _ => text,
    };
    let parsed: Option<Fen> = text.trim_end_matches('.').parse().ok();
    parsed.filter(|fen| *fen > Fen::ZERO).ok_or("InstdAmt：金额格式有误")
}

/// An instant of the report; one without an offset is meant as time in China.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let stamped = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
    let local = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(from_china);
    stamped.or_else(|_| local(text)).ok().map(|at| at.trunc_subsecs(0))
}
