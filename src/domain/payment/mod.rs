//! The payment batch: states, who may move it, what it holds and what the bank says of it
//! (domain.md 7.9, 7.2, 5.4).

mod content;
mod payee;
mod returned;
mod sample;

use crate::code_list;

use super::authority::{Act, Role};
use super::registry::Code;

pub use content::{Content, ContentLine, Difference};
pub use payee::{Ineligible, cooling_ends, payee};
pub use returned::{
    BankWord, Disposition, KnownLine, Match, Payee, QueryClass, ReturnedRow, Sibling, Verdict,
    judge, siblings,
};
pub use sample::{NEW_ACCOUNT_DAYS, SampleFinding, SampleLine, SampleReason, sample};

code_list! {
    /// Where a batch stands (domain.md 7.9).
    State {
        /// Criteria only; no line is held.
        Draft = "draft", "编制中";
        /// Lines, payees, count, sum and hash are fixed.
        Frozen = "frozen", "待复核";
        /// A second person has checked.
        Checked = "checked", "待审批";
        /// A third person has approved.
        Approved = "approved", "已审批";
        /// The bank file exists.
        FileIssued = "file_issued", "已出文件";
        /// The bank has the file.
        Sent = "sent", "已送银行";
        /// The bank has answered for some lines.
        PartReturned = "part_returned", "部分退回";
        /// The bank has answered for every line.
        Settled = "settled", "已结清";
        /// Reconciled and closed.
        Closed = "closed", "已关闭";
        /// Given up before a file existed.
        Cancelled = "cancelled", "已撤销";
    }
}

code_list! {
    /// Where money that can be paid once stands.
    PaymentState {
        /// Not released: the file of the year, or the correction, is not decided.
        Pending = "pending", "核验中";
        /// Waits for a batch.
        Payable = "payable", "待付";
        /// Held by exactly one batch.
        InBatch = "in_batch", "在途";
        /// The bank has paid it.
        Paid = "paid", "已付";
        /// Replaced after a correction; never paid.
        Void = "void", "作废";
    }
}

code_list! {
    /// What became of a payment line within a batch revision.
    Outcome {
        /// No answer yet.
        Pending = "pending", "在途";
        /// The batch was sent back or cancelled; the money is free again.
        Released = "released", "已撤销";
        /// Paid.
        Settled = "settled", "已付";
        /// Not paid, or paid and sent back; the money is free again.
        Failed = "failed", "退票";
    }
}

code_list! {
    /// What can be done with a batch.
    Action {
        /// Pick the lines and fix them.
        Freeze = "freeze", "冻结";
        /// Confirm what was frozen.
        Check = "check", "复核";
        /// Release the money.
        Approve = "approve", "审批";
        /// Give the batch back to its maker.
        SendBack = "send_back", "退回编制";
        /// Give the batch up.
        Cancel = "cancel", "撤销批次";
        /// Make the bank file.
        IssueFile = "issue_file", "生成银行文件";
        /// Record that the bank has the file.
        MarkSent = "mark_sent", "登记送银行";
        /// Read a return file.
        LoadReturn = "load_return", "载入回单";
        /// Let a return file take effect.
        ConfirmReturn = "confirm_return", "确认回单";
        /// Say what a row that matched nothing was about.
        ResolveSuspense = "resolve_suspense", "处理待查记录";
        /// Close the reconciled batch.
        Close = "close", "关闭批次";
    }
}

impl Action {
    /// The acts of which a role needs one to do this.
    pub const fn acts(self) -> &'static [Act] {
        match self {
            Self::Freeze | Self::IssueFile | Self::MarkSent | Self::LoadReturn => &[Act::MakeBatch],
            Self::Check | Self::ConfirmReturn | Self::ResolveSuspense => &[Act::CheckBatch],
            Self::Approve | Self::Cancel | Self::Close => &[Act::ApproveBatch],
            Self::SendBack => &[Act::CheckBatch, Act::ApproveBatch],
        }
    }

    /// The states in which this can be done.
    pub const fn from(self) -> &'static [State] {
        use State::*;
        match self {
            Self::Freeze => &[Draft],
            Self::Check => &[Frozen],
            Self::Approve => &[Checked],
            Self::SendBack => &[Frozen, Checked, Approved],
            Self::Cancel => &[Draft, Frozen],
            Self::IssueFile => &[Approved],
            Self::MarkSent => &[FileIssued],
            // Money can come back long after the batch is closed; the batch stays closed.
            Self::LoadReturn | Self::ConfirmReturn | Self::ResolveSuspense => {
                &[Sent, PartReturned, Settled, Closed]
            }
            Self::Close => &[Settled],
        }
    }
}

impl Role {
    /// Whether the role may do `action` at all; state and separation of duties come on top.
    pub fn may_move_batch(self, action: Action) -> bool {
        action.acts().iter().any(|act| self.may(*act))
    }
}

/// The natural persons who have had a hand in the current revision of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hands {
    /// Who drew it up or froze it.
    pub makers: Vec<i64>,
    /// Who checked it.
    pub checker: Option<i64>,
    /// Who loaded the return file that is to be confirmed or resolved.
    pub loader: Option<i64>,
}

/// Why a batch does not move; the text is for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role may not.
    #[error("当前角色无权办理“{}”", .0.label())]
    Role(Action),
    /// The batch is in another state.
    #[error("批次现为“{}”，不能办理“{}”，请刷新页面查看最新状态", .0.label(), .1.label())]
    State(State, Action),
    /// The same natural person did the step before (domain.md 7.2 rule 1).
    #[error("您已经办理过本批次的“{0}”，按规定“{action}”须由另一人办理", action = .1.label())]
    SamePerson(&'static str, Action),
}

/// Whether the person `holder` in `role` may do `action` with a batch in `state`.
///
/// # Errors
/// The first reason why not: role, then state, then separation of duties.
pub fn permit(
    state: State,
    action: Action,
    role: Role,
    holder: i64,
    hands: &Hands,
) -> Result<(), Refusal> {
    if !role.may_move_batch(action) {
        return Err(Refusal::Role(action));
    }
    if !action.from().contains(&state) {
        return Err(Refusal::State(state, action));
    }
    let made = hands.makers.contains(&holder);
    let same = match action {
        Action::Check if made => Some("经办"),
        Action::Approve if made => Some("经办"),
        Action::Approve if hands.checker == Some(holder) => Some("复核"),
        Action::ConfirmReturn | Action::ResolveSuspense if hands.loader == Some(holder) => {
            Some("载入回单")
        }
        _ => None,
    };
    same.map_or(Ok(()), |step| Err(Refusal::SamePerson(step, action)))
}

/// Where a batch stands once the bank has answered for all but `pending` of its `lines`.
/// A settled or closed batch stays what it is: money that comes back later is a matter of its line.
pub const fn after_return(state: State, pending: i64, lines: i64) -> State {
    match state {
        State::Sent | State::PartReturned if pending == 0 => State::Settled,
        State::Sent | State::PartReturned if pending < lines => State::PartReturned,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAKER: i64 = 1;
    const CHECKER: i64 = 2;
    const LOADER: i64 = 3;
    const OTHER: i64 = 9;

    fn hands() -> Hands {
        Hands { makers: vec![MAKER], checker: Some(CHECKER), loader: Some(LOADER) }
    }

    /// The table of domain.md 7.9, written out: what each role of a finance office can do in each
    /// state. Everything that is not here is refused.
    const ALLOWED: &[(State, Role, &[Action])] = &[
        (State::Draft, Role::FinanceMaker, &[Action::Freeze]),
        (State::Draft, Role::FinanceApprover, &[Action::Cancel]),
        (State::Frozen, Role::FinanceChecker, &[Action::Check, Action::SendBack]),
        (State::Frozen, Role::FinanceApprover, &[Action::SendBack, Action::Cancel]),
        (State::Checked, Role::FinanceChecker, &[Action::SendBack]),
        (State::Checked, Role::FinanceApprover, &[Action::Approve, Action::SendBack]),
        (State::Approved, Role::FinanceMaker, &[Action::IssueFile]),
        (State::Approved, Role::FinanceChecker, &[Action::SendBack]),
        (State::Approved, Role::FinanceApprover, &[Action::SendBack]),
        (State::FileIssued, Role::FinanceMaker, &[Action::MarkSent]),
        (State::Sent, Role::FinanceMaker, &[Action::LoadReturn]),
        (State::Sent, Role::FinanceChecker, &[Action::ConfirmReturn, Action::ResolveSuspense]),
        (State::PartReturned, Role::FinanceMaker, &[Action::LoadReturn]),
        (
            State::PartReturned,
            Role::FinanceChecker,
            &[Action::ConfirmReturn, Action::ResolveSuspense],
        ),
        (State::Settled, Role::FinanceMaker, &[Action::LoadReturn]),
        (State::Settled, Role::FinanceChecker, &[Action::ConfirmReturn, Action::ResolveSuspense]),
        (State::Settled, Role::FinanceApprover, &[Action::Close]),
        (State::Closed, Role::FinanceMaker, &[Action::LoadReturn]),
        (State::Closed, Role::FinanceChecker, &[Action::ConfirmReturn, Action::ResolveSuspense]),
    ];

    #[test]
    fn every_cell_of_state_action_and_role_is_as_written() {
        let mut allowed = 0;
        for state in State::ALL {
            for role in Role::ALL {
                for action in Action::ALL {
                    let expected = ALLOWED
                        .iter()
                        .any(|(s, r, actions)| s == state && r == role && actions.contains(action));
                    let answer = permit(*state, *action, *role, OTHER, &hands());
                    assert_eq!(answer.is_ok(), expected, "{state:?} {action:?} {role:?}");
                    match answer {
                        Ok(()) => allowed += 1,
                        Err(Refusal::Role(a)) => assert_eq!(a, *action),
                        Err(Refusal::State(s, a)) => assert_eq!((s, a), (*state, *action)),
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
        }
        assert_eq!(allowed, ALLOWED.iter().map(|(_, _, actions)| actions.len()).sum::<usize>());
    }

    #[test]
    fn each_of_the_three_steps_needs_another_natural_person() {
        let refused = |state, action, role, holder| {
            matches!(
                permit(state, action, role, holder, &hands()),
                Err(Refusal::SamePerson(_, refused)) if refused == action
            )
        };
        let (checks, approves) = (Role::FinanceChecker, Role::FinanceApprover);
        assert!(refused(State::Frozen, Action::Check, checks, MAKER));
        assert!(refused(State::Checked, Action::Approve, approves, MAKER));
        assert!(refused(State::Checked, Action::Approve, approves, CHECKER));
        for state in [State::Sent, State::PartReturned, State::Settled, State::Closed] {
            assert!(refused(state, Action::ConfirmReturn, checks, LOADER));
            assert!(refused(state, Action::ResolveSuspense, checks, LOADER));
        }
        // The people of one step may do another that is not adjacent.
        assert!(!refused(State::Sent, Action::ConfirmReturn, checks, CHECKER));
        assert!(!refused(State::Frozen, Action::SendBack, checks, MAKER));
    }

    #[test]
    fn the_bank_s_answers_move_a_sent_batch_and_no_other() {
        assert_eq!(after_return(State::Sent, 3, 3), State::Sent);
        assert_eq!(after_return(State::Sent, 1, 3), State::PartReturned);
        assert_eq!(after_return(State::PartReturned, 0, 3), State::Settled);
        assert_eq!(after_return(State::Settled, 0, 3), State::Settled);
        assert_eq!(after_return(State::Closed, 0, 3), State::Closed);
    }
}
