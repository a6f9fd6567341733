//! What is missing or wrong, point by point: each names the field or document it concerns, so that
//! whoever has to mend it finds it there.

use super::Submitted;
use crate::domain::lifecycle::Evidence;
use crate::domain::registry::Code;
use crate::service::Error;
use crate::store::attachment;
use crate::store::case::{CaseRow, StepRow};
use crate::store::db::{Connection, Tx};
use crate::store::defect::{self as store, DefectRow};

/// Points that one form holds.
pub const POINTS: usize = 8;
/// Most characters of a point.
const MOST_CHARACTERS: usize = 300;

/// Name of the form's field that holds what a point is about; counted from 1.
pub fn field_of(number: usize) -> String {
    format!("defect_field_{number}")
}

/// Name of the form's field that holds what is wrong.
pub fn text_of(number: usize) -> String {
    format!("defect_text_{number}")
}

/// A point as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefectLine {
    /// Code of the field or document.
    pub field: String,
    /// Its name.
    pub label: String,
    /// What is wrong.
    pub text: String,
}

impl From<DefectRow> for DefectLine {
    fn from(row: DefectRow) -> Self {
        Self { field: row.field, label: row.label, text: row.text }
    }
}

/// What a point can be about: what the file says, what was handed in, its attachments.
pub(super) async fn fields(
    conn: &impl Connection,
    row: &CaseRow,
    steps: &[StepRow],
) -> Result<Vec<(String, String)>, Error> {
    let mut fields = vec![("about".to_owned(), "申报对象".to_owned())];
    let own = [("class", "认定类别"), ("grounds", "认定理由"), ("person", "人员信息和证件")];
    if row.kind == "recognition" {
        fields.extend(own.map(|(code, label)| (code.to_owned(), label.to_owned())));
    }
    for step in steps {
        let given: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&step.evidence).unwrap_or_default();
        for evidence in given.keys().filter_map(|code| Evidence::from_code(code)) {
            let field = (evidence.code().to_owned(), evidence.label().to_owned());
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    let files = attachment::of_subject(conn, ("case", row.id), None).await?;
    for file in files.into_iter().filter(|file| file.withdrawn_at.is_none()) {
        fields.push((format!("attachment:{}", file.id), format!("附件：{}", file.file_name)));
    }
    fields.push(("other".to_owned(), "其他".to_owned()));
    Ok(fields)
}

/// The points of a form: code and text. What has a text must name its field.
fn points(sent: &Submitted) -> Result<Vec<(String, String)>, Error> {
    let mut points = Vec::new();
    let mut wrong = Vec::new();
    for number in 1..=POINTS {
        let (field, text) = (field_of(number), text_of(number));
        match (sent.text(&field), sent.text(&text)) {
            ("", "") => {}
            ("", _) => wrong.push((field, format!("请选择第 {number} 点所指的内容"))),
            (_, "") => wrong.push((text, format!("请写明第 {number} 点的问题"))),
            (_, long) if long.chars().count() > MOST_CHARACTERS => {
                wrong.push((text, format!("每点最多 {MOST_CHARACTERS} 个字，请缩短")));
            }
            (field, text) => points.push((field.to_owned(), text.to_owned())),
        }
    }
    if wrong.is_empty() { Ok(points) } else { Err(Error::Invalid(wrong)) }
}

/// What was sent, its list of defects written from the points when only those were filled in; and
/// the points with the names of their fields.
pub(super) async fn read(
    tx: &Tx,
    row: &CaseRow,
    steps: &[StepRow],
    sent: &Submitted,
) -> Result<(Submitted, Vec<(String, String, String)>), Error> {
    let mut sent = sent.clone();
    let told = points(&sent)?;
    if told.is_empty() {
        return Ok((sent, Vec::new()));
    }
    let known = fields(tx, row, steps).await?;
    let mut named = Vec::new();
    for (field, text) in told {
        let label = known.iter().find(|(code, _)| *code == field).map(|(_, label)| label.clone());
        let gone = || Error::Stale("所指的附件已撤回，请重新选择".to_owned());
        named.push((field, label.ok_or_else(gone)?, text));
    }
    if sent.text(Evidence::DefectList.code()).is_empty() {
        let line = |(n, (_, label, text)): (usize, &(String, String, String))| {
            format!("{}. {label}：{text}", n + 1)
        };
        let list: Vec<String> = named.iter().enumerate().map(line).collect();
        sent.fields.insert(Evidence::DefectList.code().to_owned(), list.join("；"));
    }
    Ok((sent, named))
}

/// The points of the last time that the file was returned, while it stands there.
pub(super) async fn open(
    conn: &impl Connection,
    row: &CaseRow,
    steps: &[StepRow],
) -> Result<Vec<DefectLine>, Error> {
    let all = store::of_case(conn, row.id).await?;
    let Some(last) = all.last().map(|defect| defect.step_seq) else { return Ok(Vec::new()) };
    let there = steps.iter().any(|step| step.seq == last && step.to_state == row.state);
    let of_last = all.into_iter().filter(|defect| there && defect.step_seq == last);
    Ok(of_last.map(DefectLine::from).collect())
}
