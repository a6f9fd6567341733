//! Stipend years: a run reads the facts as known at one instant, lets the engine decide each
//! person, and stores versions, shares, payable lines, supplements and proposed recoveries.

mod chunk;
mod decide;
mod deeds;
mod drift;
mod execute;
mod explain;
mod inputs;
mod ledger;
mod outcome;
mod own_part;
mod payments;
mod policy;
mod replay;
mod run;
mod settle;
mod what_if;
mod words;

pub use deeds::Deed;
pub use drift::{ChangedYear, changed_years, look_for_changes};
pub use execute::{Execution, execute_run, resume_all};
pub(super) use explain::explain;
pub use explain::{
    ExplainedMonth, ExplainedShare, ExplainedStep, ExplainedVersion, Explanation, explanation,
};
pub use inputs::Input;
pub use ledger::{
    Form, Ledger, LedgerQuery, LedgerRow, LedgerStart, LedgerSums, ROWS_A_PAGE, cities,
    entitlement_sums, entitlements, export_entitlements,
};
pub(super) use ledger::{count as ledger_count, piece as ledger_piece, table as ledger_table};
pub use outcome::{
    CHANGES_A_PAGE, ChangedResult, RUNS_A_PAGE, RunLine, RunView, change_workbook, run_view, runs,
};
pub(super) use outcome::{change_count, change_piece, change_table};
pub use payments::ExplainedPayment;
pub use policy::{CORE_ENGINEER, DEFAULT_RULES, ensure_shipped_policy};
pub(super) use policy::{
    TEXT, current as current_policy, ensure as ensure_policy, parse as parse_policy,
};
pub use replay::replay;
pub(super) use run::check_year as within_policy;
pub use run::{Progress, RunState, progress, start_run};
pub(super) use what_if::{Compared, TwoTexts};
pub use words::{NamedSum, REASONS, reason_code};
pub(super) use words::{division_name, payer_label, reason_label};
