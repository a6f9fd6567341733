//! A case that an office decides again and again: the recognised one of the demonstration is
//! suspended and taken up again.

use crate::Outcome;
use crate::database::Db;
use crate::visitor::{Filled, Visitor, fill_marked};

/// The case and what can be decided now.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its number.
    pub no: String,
    /// Steps so far.
    pub steps: i64,
    /// What can be decided.
    pub act: &'static str,
}

/// The case as it stands.
///
/// # Errors
/// When there is none any more.
pub async fn waiting(db: &Db) -> Outcome<Waiting> {
    let question = "SELECT case_no, state, CAST(steps AS TEXT) FROM case_file \
        WHERE kind = 'recognition' AND state IN ('recognised', 'suspended') ORDER BY id";
    let rows = db.rows(question).await?;
    let Some([no, state, steps]) = rows.first().map(Vec::as_slice) else {
        return Err("no case waits for a reviewer".to_owned());
    };
    let act = if state == "recognised" { "suspend" } else { "reinstate" };
    let steps = steps.parse().map_err(|_| format!("steps {steps}"))?;
    Ok(Waiting { no: no.clone(), steps, act })
}

/// The form that decides it, as a reviewer fills it in.
///
/// # Errors
/// When the page has no such form.
pub async fn form(reviewer: &mut Visitor, case: &Waiting) -> Outcome<Filled> {
    let typed = [("ground", "待核实在岗情况"), ("opinion", "在岗情况已核实"), ("remark", "")];
    let (page, action) = (format!("/cases/{}", case.no), format!("/cases/{}/steps", case.no));
    let mark = format!("name=\"act\" value=\"{}\"", case.act);
    let shown = reviewer.page(&page).await.map_err(|halt| halt.told())?;
    fill_marked(&shown, (&action, &mark), &typed).map_err(|halt| halt.told())
}
