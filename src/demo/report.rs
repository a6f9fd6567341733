//! What the story came to, read back from the database.

use std::fmt;

use crate::domain::edition::source_label;
use crate::domain::money::Fen;
use crate::domain::region;
use crate::store::demo::{Figures, figures};

use super::DemoError;
use super::stage::Stage;

/// The sums of the demonstration. `Display` prints them for people.
#[derive(Debug, Clone)]
pub struct Report {
    /// Spreadsheets imported and their rows.
    pub imported: (usize, i64),
    /// Everything else, from the tables.
    pub figures: Figures,
}

pub(super) async fn of(stage: &Stage) -> Result<Report, DemoError> {
    let figures = figures(stage.app.db.read()).await?;
    Ok(Report { imported: (stage.imports, stage.rows_imported), figures })
}

fn yuan(fen: i64) -> String {
    Fen::new(fen).grouped()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = &self.figures;
        writeln!(f, "导入表格        {} 份，{} 行", self.imported.0, self.imported.1)?;
        writeln!(f, "骨干企业        {} 家", found.enterprises)?;
        writeln!(f, "核心工程师      {} 人", found.persons)?;
        writeln!(
            f,
            "2026年度核定    符合 {} 人，不符合 {} 人（每人均有理由和算式）",
            found.eligible, found.ineligible
        )?;
        writeln!(f, "应发合计        {} 元", yuan(found.entitled_fen))?;
        for (source, payer, fen) in &found.entitled_by_payer {
            let payer = region::full_name(payer).unwrap_or(payer);
            writeln!(f, "  {}（{payer}）  {} 元", source_label(source), yuan(*fen))?;
        }
        writeln!(f, "已付            {} 元（{} 笔）", yuan(found.paid_fen), found.paid_lines)?;
        writeln!(f, "待复核批次      {} 元（{} 笔）", yuan(found.frozen_fen), found.frozen_lines)?;
        writeln!(
            f,
            "核验中          {} 元（{} 笔）",
            yuan(found.pending_fen),
            found.pending_lines
        )?;
        writeln!(
            f,
            "待付            {} 元（{} 笔）",
            yuan(found.payable_fen),
            found.payable_lines
        )?;
        writeln!(f, "待追回          {} 元（{} 笔）", yuan(found.recovery_fen), found.recoveries)?;
        writeln!(
            f,
            "核对            应发 {} + 待追回 {} = 已付 {} + 批次 {} + 待付 {} + 核验中 {}",
            yuan(found.entitled_fen),
            yuan(found.recovery_fen),
            yuan(found.paid_fen),
            yuan(found.frozen_fen),
            yuan(found.payable_fen),
            yuan(found.pending_fen)
        )?;
        writeln!(
            f,
            "一事一议        {} 元（{} 笔，不计入以上各项）",
            yuan(found.granted_fen),
            found.grants
        )?;
        write!(f, "操作日志        {} 条，{} 个封存点", found.audit_events, found.seals)
    }
}
