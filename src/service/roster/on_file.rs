//! Facts that a file decided are changed in that file: changed beside it, the file would go on
//! saying what no longer holds.

use crate::domain::lifecycle::{CaseKind, RecognitionState, RosterState};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::store::case as cases;
use crate::store::db::Tx;

/// Files that have the say about a fact, and what can be done in them.
pub(super) struct OnFile {
    kind: CaseKind,
    states: Vec<&'static str>,
    /// At this enterprise only.
    enterprise_id: Option<i64>,
    /// What to do in the file.
    act: &'static str,
}

impl OnFile {
    /// Those in which an entry on the roster is withdrawn.
    pub(super) fn entry(enterprise_id: i64, declared: bool) -> Self {
        use RosterState as S;
        let (states, act): (&[S], _) = if declared {
            let open = &[
                S::Draft,
                S::EnterpriseConfirmed,
                S::CountyCheck,
                S::CityCheck,
                S::ProvinceConfirm,
                S::Notice,
                S::Objected,
            ];
            (open, "退回或不予入册")
        } else {
            (&[S::Active, S::Suspended], "宣告作废")
        };
        let enterprise_id = Some(enterprise_id);
        Self { kind: CaseKind::RosterEntry, states: codes(states), enterprise_id, act }
    }

    /// Those in which somebody on the roster is suspended.
    pub(super) fn suspending() -> Self {
        let states = codes(&[RosterState::Active]);
        Self { kind: CaseKind::RosterEntry, states, enterprise_id: None, act: "暂停" }
    }

    /// Those in which a suspension ends.
    pub(super) fn suspension() -> Self {
        let states = codes(&[RosterState::Suspended]);
        Self { kind: CaseKind::RosterEntry, states, enterprise_id: None, act: "恢复" }
    }

    /// Those in which a recognition is revoked.
    pub(super) fn recognition() -> Self {
        use RecognitionState as S;
        let states = codes(&[S::Recognised, S::AnnualCheck, S::Suspended]);
        Self { kind: CaseKind::Recognition, states, enterprise_id: None, act: "撤销认定" }
    }

    /// Refuses while one of these persons has such a file.
    ///
    /// # Errors
    /// [`Error::Refused`], naming the file and what to do there.
    pub(super) async fn must_have_none(&self, tx: &Tx, persons: &[i64]) -> Result<(), Error> {
        let files = cases::about_persons(tx, self.kind.code(), &self.states, persons).await?;
        let here = |id: Option<i64>| self.enterprise_id.is_none() || id == self.enterprise_id;
        match files.iter().find(|file| here(file.enterprise_id)) {
            Some(file) => {
                let text = format!("该人员有办件 {}，请在办件中{}", file.case_no, self.act);
                Err(Error::Refused(text))
            }
            None => Ok(()),
        }
    }
}

fn codes<S: Code>(states: &[S]) -> Vec<&'static str> {
    states.iter().map(|state| state.code()).collect()
}
