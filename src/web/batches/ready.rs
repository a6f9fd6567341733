//! What could be paid now.

use crate::service::batch_pages::{ReadyLine, USUAL_LINES};
use crate::service::budget::source_name;
use crate::web::words::Yuan;

/// Payments that are alike in programme, year and source.
#[derive(Debug, Clone, Default)]
pub struct ReadyRow {
    pub programme: String,
    pub award_year: i64,
    pub source: String,
    pub lines: i64,
    pub amount: Yuan,
    pub held: i64,
    pub available: Yuan,
    pub is_short: bool,
    /// The preview of a batch of them.
    pub href: String,
}

pub(super) fn row(payer: &str, line: &ReadyLine) -> ReadyRow {
    let (code, title) = &line.programme;
    ReadyRow {
        programme: title.clone(),
        award_year: line.award_year,
        source: source_name(&line.source),
        lines: line.lines,
        amount: Yuan(line.amount),
        held: line.held,
        available: Yuan(line.available),
        is_short: line.amount > line.available,
        href: format!(
            "/batches/new?programme={code}&award_year={}&source={}&payer_division={payer}\
             &max_lines={USUAL_LINES}",
            line.award_year, line.source
        ),
    }
}

/// See [`super::pages::BatchNew::samples`].
pub(super) fn samples() -> Vec<ReadyRow> {
    let row = |source: &str, lines, yuan, is_short| ReadyRow {
        programme: "核心工程师年度奖补".into(),
        award_year: 2026,
        source: source.into(),
        lines,
        amount: Yuan::whole(yuan),
        held: 2,
        available: Yuan::whole(60_000_000),
        is_short,
        href: "/batches/new?programme=core-engineer&award_year=2026".into(),
    };
    vec![row("省级财政", 300, 60_000_000, false), row("市级财政", 480, 96_000_000, true)]
}
