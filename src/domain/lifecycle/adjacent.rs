//! Which duties stand next to each other: whoever holds one must not be given the other
//! (domain.md 7.2, 6). Read from the lifecycles' own tables.

use super::{
    AgreementTranche, AutonomousRecognition, CoreEngineerEntry, ExpertFunding, Hand, KeyEnterprise,
    Lifecycle, Objection, OverseasVisit, Recovery, Target, YearlyEntitlement,
};
use crate::domain::authority::Role;

/// Those who make, check and approve payments.
const PAYING: [Role; 3] = [Role::FinanceMaker, Role::FinanceChecker, Role::FinanceApprover];

/// Whether one of two different duties continues or checks what the other did, in any lifecycle.
pub fn adjacent(one: Role, other: Role) -> bool {
    if one == other {
        return false;
    }
    if PAYING.contains(&one) && PAYING.contains(&other) {
        return true;
    }
    meets::<KeyEnterprise>(one, other)
        || meets::<AutonomousRecognition>(one, other)
        || meets::<CoreEngineerEntry>(one, other)
        || meets::<YearlyEntitlement>(one, other)
        || meets::<Objection>(one, other)
        || meets::<Recovery>(one, other)
        || meets::<AgreementTranche>(one, other)
        || meets::<OverseasVisit>(one, other)
        || meets::<ExpertFunding>(one, other)
}

fn meets<L: Lifecycle>(one: Role, other: Role) -> bool {
    let pair = |a: &[Hand], b: &[Hand]| {
        let has = |hands: &[Hand], role| hands.contains(&Hand::Role(role));
        (has(a, one) && has(b, other)) || (has(a, other) && has(b, one))
    };
    L::MOVES.iter().any(|line| {
        let next = |state: &L::State| match line.to {
            Target::State(to) => to == *state,
            Target::Here | Target::Longer(_) => line.from.contains(state),
            Target::Back => false,
        };
        let continued = L::MOVES.iter().filter(|later| !later.aside);
        let checked = L::MOVES.iter().filter(|earlier| line.apart_from.contains(&earlier.act));
        continued.filter(|later| later.from.iter().any(next)).any(|later| pair(line.by, later.by))
            || checked.clone().any(|earlier| pair(line.by, earlier.by))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_checks_stands_next_to_whoever_is_checked() {
        assert!(adjacent(Role::HrCity, Role::HrCityApprover), "opinion and approval");
        assert!(adjacent(Role::HrProvinceApprover, Role::HrProvince), "notice and decision");
        assert!(adjacent(Role::HrCounty, Role::HrCity), "county check and city opinion");
        assert!(adjacent(Role::EnterpriseHead, Role::EnterpriseSignatory), "decision and filing");
        assert!(adjacent(Role::FinanceMaker, Role::FinanceApprover));
        assert!(!adjacent(Role::HrCounty, Role::HrCounty), "the same duty elsewhere");
        assert!(!adjacent(Role::HrCounty, Role::Auditor));
    }
}
