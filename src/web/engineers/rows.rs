//! Lines about engineers and facts, as tables show them.

use super::pages::{EngineerRow, FactVersion};
use crate::domain::registry::Code;
use crate::service::directory::{EngineerLine, FactLine};
use crate::web::listing::minute;

/// A line of a list of engineers.
pub(crate) fn engineer_row(line: EngineerLine) -> EngineerRow {
    let year = line.year;
    EngineerRow {
        name: line.name,
        no: line.no,
        document_kind: line.document_kind,
        document_masked: line.document_masked,
        enterprise: line.enterprise,
        enterprise_uscc: line.uscc,
        post: line.post,
        roster_state: line.standing.map_or("未入册", Code::label).into(),
        joined_on: line.joined_on.map(|day| day.to_string()).unwrap_or_default(),
        months: year.as_ref().and_then(|year| year.months),
        entitled: year.as_ref().map(|year| year.net.into()),
        status: year.map_or("未开始", |year| year.state.label()).into(),
    }
}

/// A version of a fact; `known_href` opens the page as it was known when it was recorded.
pub(crate) fn fact_version(line: FactLine, known_href: Option<String>) -> FactVersion {
    let content = if line.reason.is_empty() {
        line.content
    } else {
        format!("{}（{}）", line.content, line.reason)
    };
    FactVersion {
        subject: line.subject.into(),
        content,
        valid_from: line.period.from.to_string(),
        valid_until: line.period.through.map_or_else(|| "至今".into(), |last| last.to_string()),
        recorded_at: minute(line.recorded_at),
        known_href,
        superseded_at: line.superseded_at.map(minute),
        document: line.document,
        who: line.who,
        fact: line.fact,
    }
}
