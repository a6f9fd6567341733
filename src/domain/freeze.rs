//! Windows in which files of some kinds rest, for example while a year is being settled.

use chrono::NaiveDate;

use super::authority::Role;
use super::lifecycle::{
    AgreementTranche, AutonomousRecognition, CaseKind, CoreEngineerEntry, ExpertFunding, Hand,
    KeyEnterprise, Lifecycle, Objection, OverseasVisit, Recovery, YearlyEntitlement,
};
use super::registry::Code;
use crate::code_list;

/// Longest window in days, both ends counted.
pub const LONGEST_DAYS: i64 = 92;
/// Days before its first one on which a window is announced.
pub const ANNOUNCED_DAYS: i64 = 14;

code_list! {
    /// Which acts rest.
    FreezeReach {
        /// What enterprises and persons file; offices go on.
        Filing = "filing", "企业和个人不能提交，机关照常办理";
        /// Everything that somebody does; what only follows from results and from time goes on.
        All = "all", "企业不能提交，机关不能办理";
    }
}

/// A window that two people decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeWindow {
    /// First day.
    pub from: NaiveDate,
    /// Last day; before the first one when it was lifted before it began.
    pub through: NaiveDate,
    /// Why.
    pub reason: String,
    /// Kinds of files.
    pub kinds: Vec<CaseKind>,
    /// Which acts.
    pub reach: FreezeReach,
    /// Whether limits in working days stand still meanwhile.
    pub limits_rest: bool,
}

impl FreezeWindow {
    /// Why an act on a file of this kind is refused today; `None` when it is not.
    pub fn refusal(&self, kind: CaseKind, hand: Hand, today: NaiveDate) -> Option<String> {
        let outside = match hand {
            Hand::Role(role) => role.is_of_enterprise(),
            Hand::Person => true,
            Hand::System => return None,
        };
        let rests = outside || self.reach == FreezeReach::All;
        let now = self.from <= today && today <= self.through;
        (now && rests && self.kinds.contains(&kind)).then(|| {
            let Self { from, through, reason, .. } = self;
            let limits = if self.limits_rest { "办理期限相应顺延" } else { "办理期限照常计算" };
            format!(
                "{}自 {from} 至 {through} 停办（{reason}），不能提交或办理，请在 {through} 之后办理；{limits}",
                kind.label()
            )
        })
    }

    /// What somebody whom it concerns is told on a day: from two weeks before it until its end.
    pub fn announcement(&self, role: Role, today: NaiveDate) -> Option<String> {
        let near = (self.from - today).num_days() <= ANNOUNCED_DAYS && today <= self.through;
        let mine = |kind: &&CaseKind| concerns(**kind, role);
        let kinds: Vec<&str> = self.kinds.iter().filter(mine).map(|kind| kind.label()).collect();
        (near && self.from <= self.through && !kinds.is_empty()).then(|| {
            let Self { from, through, reason, reach, .. } = self;
            let limits =
                if self.limits_rest { "办理期限顺延" } else { "办理期限不顺延" };
            let when = if today < *from { "将于" } else { "正在停办：" };
            format!(
                "{when} {from} 至 {through} 停办{}（{reason}）：{}；{limits}",
                kinds.join("、"),
                reach.label()
            )
        })
    }
}

/// Whether a role has a hand in files of a kind.
fn concerns(kind: CaseKind, role: Role) -> bool {
    fn of<L: Lifecycle>(role: Role) -> bool {
        L::MOVES.iter().any(|line| line.by.contains(&Hand::Role(role)))
    }
    match kind {
        CaseKind::KeyEnterprise => of::<KeyEnterprise>(role),
        CaseKind::Recognition => of::<AutonomousRecognition>(role),
        CaseKind::RosterEntry => of::<CoreEngineerEntry>(role),
        CaseKind::Entitlement => of::<YearlyEntitlement>(role),
        CaseKind::Objection => of::<Objection>(role),
        CaseKind::Recovery => of::<Recovery>(role),
        CaseKind::AgreementTranche => of::<AgreementTranche>(role),
        CaseKind::OverseasVisit => of::<OverseasVisit>(role),
        CaseKind::ExpertFunding => of::<ExpertFunding>(role),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn window(reach: FreezeReach) -> FreezeWindow {
        FreezeWindow {
            from: day("2026-12-20"),
            through: day("2026-12-31"),
            reason: "年度结算".to_owned(),
            kinds: vec![CaseKind::RosterEntry],
            reach,
            limits_rest: false,
        }
    }

    #[test]
    fn a_window_stops_those_it_reaches_on_its_days_and_nobody_else() {
        let clerk = Hand::Role(Role::EnterpriseHead);
        let county = Hand::Role(Role::HrCounty);
        let roster = CaseKind::RosterEntry;
        let (filing, all) = (window(FreezeReach::Filing), window(FreezeReach::All));
        let stops = |window: &FreezeWindow, kind, hand, on: &str| {
            window.refusal(kind, hand, day(on)).is_some()
        };
        for on in ["2026-12-20", "2026-12-31"] {
            assert!(stops(&filing, roster, clerk, on) && stops(&all, roster, county, on));
            assert!(!stops(&filing, roster, county, on), "offices go on");
            assert!(!stops(&all, roster, Hand::System, on), "what follows goes on");
            assert!(!stops(&all, CaseKind::Recognition, clerk, on), "another kind");
        }
        for on in ["2026-12-19", "2027-01-01"] {
            assert!(!stops(&all, roster, clerk, on), "{on}");
        }
        let text = all.refusal(roster, clerk, day("2026-12-24")).unwrap();
        assert!(text.contains("2026-12-31 之后") && text.contains("照常计算"), "{text}");
    }

    #[test]
    fn those_concerned_are_told_from_two_weeks_before_until_the_end() {
        let window = window(FreezeReach::All);
        let told = |role, on: &str| window.announcement(role, day(on)).is_some();
        assert!(!told(Role::HrCounty, "2026-12-05") && told(Role::HrCounty, "2026-12-06"));
        assert!(told(Role::EnterpriseHead, "2026-12-31"));
        assert!(!told(Role::EnterpriseHead, "2027-01-01"));
        assert!(!told(Role::IndustryCity, "2026-12-24"), "no hand in rosters");
        let lifted = FreezeWindow { through: day("2026-12-15"), ..window };
        assert_eq!(lifted.announcement(Role::HrCounty, day("2026-12-14")), None);
    }
}
