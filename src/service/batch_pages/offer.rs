//! What somebody can do with a batch next, and why not otherwise.

use super::super::Actor;
use crate::domain::authority::Role;
use crate::domain::payment::{Action, Hands, Refusal, State, permit};
use crate::domain::registry::Code;

/// An action that the page of a batch names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What to do.
    pub action: Action,
    /// Return file that it is about.
    pub return_no: Option<String>,
    /// Why the actor cannot do it; `None` when he can.
    pub why_not: Option<String>,
    /// Whether it is the step that the batch waits for.
    pub is_next: bool,
}

/// A return file that nobody has confirmed: its number and who loaded it.
pub(super) struct Unconfirmed {
    pub(super) return_no: String,
    pub(super) loaded_by: i64,
}

/// The step a batch in `state` waits for.
const fn next(state: State) -> Option<Action> {
    match state {
        State::Draft => Some(Action::Freeze),
        State::Frozen => Some(Action::Check),
        State::Checked => Some(Action::Approve),
        State::Approved => Some(Action::IssueFile),
        State::FileIssued => Some(Action::MarkSent),
        State::Sent | State::PartReturned => Some(Action::LoadReturn),
        State::Settled => Some(Action::Close),
        State::Closed | State::Cancelled => None,
    }
}

/// The steps beside the next one; named only to those who can do them.
const BESIDE: [Action; 3] = [Action::SendBack, Action::Cancel, Action::LoadReturn];

/// Everything the page names, the next step first. `hold` is why a settled batch cannot be closed
/// yet, if there is a reason.
pub(super) fn offers(
    state: State,
    actor: &Actor,
    hands: &Hands,
    unconfirmed: &[Unconfirmed],
    hold: Option<String>,
) -> Vec<Offer> {
    let mut out = Vec::new();
    for waiting in unconfirmed {
        let hands = Hands { loader: Some(waiting.loaded_by), ..hands.clone() };
        out.push(Offer {
            action: Action::ConfirmReturn,
            return_no: Some(waiting.return_no.clone()),
            why_not: why_not(state, Action::ConfirmReturn, actor, &hands),
            is_next: true,
        });
    }
    let next = next(state);
    if let Some(action) = next {
        let held = hold.filter(|_| action == Action::Close);
        out.push(Offer {
            action,
            return_no: None,
            why_not: why_not(state, action, actor, hands).or(held),
            is_next: unconfirmed.is_empty(),
        });
    }
    for action in BESIDE {
        let allowed = permit(state, action, actor.role, actor.holder_id, hands).is_ok();
        if next != Some(action) && allowed {
            out.push(Offer { action, return_no: None, why_not: None, is_next: false });
        }
    }
    out
}

fn why_not(state: State, action: Action, actor: &Actor, hands: &Hands) -> Option<String> {
    match permit(state, action, actor.role, actor.holder_id, hands) {
        Ok(()) => None,
        Err(Refusal::Role(_)) => Some(format!("由{}办理", roles_for(action))),
        Err(other) => Some(other.to_string()),
    }
}

fn roles_for(action: Action) -> String {
    let able = Role::ALL.iter().filter(|role| role.may_move_batch(action));
    able.map(|role| role.label()).collect::<Vec<_>>().join("或")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::authority::Scope;

    fn actor(role: Role, holder_id: i64) -> Actor {
        Actor {
            account_id: holder_id,
            holder_id,
            organisation_id: 1,
            login: String::new(),
            name: String::new(),
            organisation: String::new(),
            division: "350000".to_owned(),
            role,
            scope: Scope::Province,
            stepped_up_until: None,
            behalf: None,
            address: String::new(),
        }
    }

    fn named(state: State, who: &Actor) -> Vec<(Action, bool)> {
        let hands = Hands { makers: vec![1], checker: Some(2), loader: None };
        let offers = offers(state, who, &hands, &[], None);
        offers.into_iter().map(|offer| (offer.action, offer.why_not.is_none())).collect()
    }

    #[test]
    fn the_next_step_is_named_to_all_and_the_others_to_those_who_can() {
        let maker = actor(Role::FinanceMaker, 1);
        let checker = actor(Role::FinanceChecker, 2);
        let auditor = actor(Role::Auditor, 9);
        assert_eq!(named(State::Frozen, &maker), [(Action::Check, false)]);
        assert_eq!(
            named(State::Frozen, &checker),
            [(Action::Check, true), (Action::SendBack, true)]
        );
        let same_person = actor(Role::FinanceChecker, 1);
        assert_eq!(
            named(State::Frozen, &same_person),
            [(Action::Check, false), (Action::SendBack, true)]
        );
        assert_eq!(named(State::Closed, &maker), [(Action::LoadReturn, true)]);
        assert_eq!(named(State::Closed, &auditor), []);
        assert_eq!(named(State::Cancelled, &maker), []);
    }

    #[test]
    fn who_loaded_a_return_file_is_told_to_leave_it_to_another() {
        let hands = Hands { makers: vec![1], checker: Some(2), loader: None };
        let waiting = [Unconfirmed { return_no: "H1".to_owned(), loaded_by: 2 }];
        let offers = offers(State::Sent, &actor(Role::FinanceChecker, 2), &hands, &waiting, None);
        assert_eq!(offers[0].action, Action::ConfirmReturn);
        let why_not = offers[0].why_not.clone().expect("a reason");
        assert!(why_not.contains("载入回单"), "{why_not}");
    }
}
