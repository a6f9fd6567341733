//! Signatures that an officer asks for before deciding a file (会签, 加签): who can be asked, how
//! many must agree, how it stands, and which acts wait for it. Signing is advice: whoever is asked
//! decides nothing, and whoever asked decides alone once enough agreed.

use std::num::NonZeroU32;

use super::authority::Role;
use super::lifecycle::{Hand, Lifecycle, Move, Target};
use super::registry::Code;
use crate::code_list;

/// Most signers of one request: our choice.
pub const MOST_SIGNERS: u32 = 7;
/// Working days in which a signer answers: our choice.
pub const DAYS: u32 = 5;

code_list! {
    /// How many of those asked must agree.
    Demand {
        /// Every one of them.
        All = "all", "全部同意";
        /// Whoever comes first.
        Any = "any", "任一人同意";
        /// A number that the asker names.
        Some = "some", "至少若干人同意";
    }
}

code_list! {
    /// How a request ended.
    Ending {
        /// Enough agreed.
        Met = "met", "已达成";
        /// The asker took it back while it could still be met.
        Cancelled = "cancelled", "已撤销";
        /// The asker closed it once it could not be met any more.
        Closed = "closed", "未达成";
        /// The file went elsewhere: sent back, refused, withdrawn.
        Lapsed = "lapsed", "因办件流转失效";
    }
}

/// Why a request cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DemandError {
    /// Nobody, or too many.
    #[error("请选择 1 至 {MOST_SIGNERS} 位会签人")]
    Signers,
    /// Less than one, or more than there are.
    #[error("同意人数应为 1 至会签人数")]
    Needed,
}

/// How many of `signers` must agree; `named` is the number that goes with [`Demand::Some`].
///
/// # Errors
/// [`DemandError::Signers`] unless there are 1 to [`MOST_SIGNERS`]; [`DemandError::Needed`] for a
/// number below one or above theirs.
pub fn needed(demand: Demand, signers: u32, named: Option<u32>) -> Result<NonZeroU32, DemandError> {
    if signers > MOST_SIGNERS {
        return Err(DemandError::Signers);
    }
    let all = NonZeroU32::new(signers).ok_or(DemandError::Signers)?;
    match demand {
        Demand::All => Ok(all),
        Demand::Any => Ok(NonZeroU32::MIN),
        Demand::Some => {
            let named = named.and_then(NonZeroU32::new).filter(|named| *named <= all);
            named.ok_or(DemandError::Needed)
        }
    }
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// So many more must agree, and still can.
    Open {
        /// At least one.
        missing: u32,
    },
    /// Enough agreed.
    Met,
    /// So many said no that not enough are left.
    Impossible,
}

/// How a request to `signers`, of whom `needed` must agree, stands after their answers (`true` for
/// agreed), one a signer.
pub fn standing(signers: u32, needed: u32, answers: &[bool]) -> Standing {
    let count = |agrees: bool| {
        let same = answers.iter().filter(|answer| **answer == agrees).count();
        u32::try_from(same).unwrap_or(u32::MAX)
    };
    let (agreed, refused) = (count(true), count(false));
    if agreed >= needed {
        return Standing::Met;
    }
    if signers.saturating_sub(refused) < needed {
        return Standing::Impossible;
    }
    Standing::Open { missing: needed - agreed }
}

/// The level of an HR or industry office, from the county's 1 to the province's 3; `None` for other
/// roles, which neither ask nor sign. Finance offices do not see files: their consent is a paper
/// (ADR 0031).
pub const fn level(role: Role) -> Option<u8> {
    match role {
        Role::HrCounty | Role::IndustryCounty => Some(1),
        Role::HrCity | Role::HrCityApprover | Role::IndustryCity => Some(2),
        Role::HrProvince
        | Role::HrProvinceApprover
        | Role::IndustryProvince
        | Role::IndustryProvinceApprover => Some(3),
        _ => None,
    }
}

/// Whether an officer in one role can ask one in another: of the own level or of one above. That
/// the file lies in the signer's scope is asked of the store.
pub fn may_ask(asker: Role, signer: Role) -> bool {
    level(asker).zip(level(signer)).is_some_and(|(own, other)| other >= own)
}

/// Whether an act waits for signatures that were asked for: one by which an officer carries the file
/// on. What turns it away, and what leaves it where it is, does not wait.
pub fn waits<L: Lifecycle>(line: &Move<L::State, L::Act>, hand: Hand) -> bool {
    let carries = matches!(line.to, Target::State(_) | Target::Back);
    carries && matches!(hand, Hand::Role(_)) && !L::turns_away(line.act)
}

/// Whether whoever agreed to a file in the states `signed` may not be the second person of an act:
/// the signature was given where the act is done, or where one of those was done that it must stand
/// apart from. Signing is advice, but advice on what one then checks is no second pair of eyes.
pub fn signed_before<L: Lifecycle>(
    line: &Move<L::State, L::Act>,
    done: &[super::lifecycle::Done<L>],
    here: L::State,
    signed: &[&str],
) -> bool {
    let last = |earlier: &L::Act| done.iter().rev().find(|done| done.act == *earlier);
    let places = line.apart_from.iter().filter_map(last).map(|done| done.from);
    !line.apart_from.is_empty() && places.chain([here]).any(|state| signed.contains(&state.code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lifecycle::{
        AutonomousRecognition, CoreEngineerEntry, Done, Objection, RecognitionAct,
        RecognitionState, YearlyEntitlement,
    };

    #[test]
    fn how_many_must_agree_follows_from_the_demand() {
        let table = [
            (Demand::All, 3, None, Ok(3)),
            (Demand::All, 1, Some(9), Ok(1)),
            (Demand::Any, 7, None, Ok(1)),
            (Demand::Some, 3, Some(2), Ok(2)),
            (Demand::Some, 3, Some(3), Ok(3)),
            (Demand::Some, 3, Some(4), Err(DemandError::Needed)),
            (Demand::Some, 3, Some(0), Err(DemandError::Needed)),
            (Demand::Some, 3, None, Err(DemandError::Needed)),
            (Demand::All, 0, None, Err(DemandError::Signers)),
            (Demand::Any, 8, None, Err(DemandError::Signers)),
        ];
        for (demand, signers, named, expected) in table {
            let got = needed(demand, signers, named).map(NonZeroU32::get);
            assert_eq!(got, expected, "{demand:?} {signers} {named:?}");
        }
    }

    #[test]
    fn a_request_is_met_or_impossible_as_soon_as_its_answers_decide_it() {
        use Standing::{Impossible, Met, Open};
        let table: [(u32, u32, &[bool], Standing); 12] = [
            (3, 3, &[], Open { missing: 3 }),
            (3, 3, &[true, true], Open { missing: 1 }),
            (3, 3, &[true, true, true], Met),
            (3, 3, &[false], Impossible),
            (3, 1, &[false, false], Open { missing: 1 }),
            (3, 1, &[false, true], Met),
            (3, 1, &[false, false, false], Impossible),
            (3, 2, &[false, true], Open { missing: 1 }),
            (3, 2, &[false, true, true], Met),
            (3, 2, &[false, false], Impossible),
            (3, 2, &[true, false, false], Impossible),
            (1, 1, &[true], Met),
        ];
        for (signers, needed, answers, expected) in table {
            assert_eq!(
                standing(signers, needed, answers),
                expected,
                "{needed}/{signers} {answers:?}"
            );
        }
    }

    #[test]
    fn offices_ask_beside_and_above_and_never_below_or_elsewhere() {
        let asks = |asker: Role| -> Vec<Role> {
            Role::ALL.iter().copied().filter(|signer| may_ask(asker, *signer)).collect()
        };
        let among = |signers: Vec<Role>, expected: &[Role]| {
            let all = expected.iter().all(|role| signers.contains(role));
            assert!(all && signers.len() == expected.len(), "{signers:?}");
        };
        let province = [
            Role::HrProvince,
            Role::HrProvinceApprover,
            Role::IndustryProvince,
            Role::IndustryProvinceApprover,
        ];
        let city =
            [&[Role::HrCity, Role::HrCityApprover, Role::IndustryCity][..], &province].concat();
        let county = [&[Role::HrCounty, Role::IndustryCounty][..], &city].concat();
        among(asks(Role::HrCounty), &county);
        among(asks(Role::IndustryCity), &city);
        among(asks(Role::HrProvinceApprover), &province);
        for role in [Role::FinanceMaker, Role::Auditor, Role::EnterpriseHead] {
            among(asks(role), &[]);
        }
    }

    /// Code of each act of an HR office that waits for signatures.
    fn waiting<L: Lifecycle>() -> Vec<&'static str> {
        let mut acts: Vec<&'static str> = Vec::new();
        for line in L::MOVES {
            let office = |hand: &&Hand| matches!(hand, Hand::Role(role) if level(*role).is_some());
            let hand = line.by.iter().find(office);
            let code = line.act.code();
            if hand.is_some_and(|hand| waits::<L>(line, *hand)) && !acts.contains(&code) {
                acts.push(code);
            }
        }
        acts
    }

    #[test]
    fn acts_that_carry_a_file_on_wait_and_those_that_turn_it_away_do_not() {
        assert_eq!(
            waiting::<AutonomousRecognition>(),
            [
                "accept",
                "pass_county",
                "accept_jointly",
                "pass_city",
                "publish",
                "recognise",
                "recognise_on_merits",
                "pass_annual_check",
                "pass_annual_check_jointly",
                "reinstate",
                "upgrade",
            ]
        );
        assert_eq!(
            waiting::<CoreEngineerEntry>(),
            [
                "accept",
                "pass_county",
                "accept_jointly",
                "pass_city",
                "publish",
                "transfer_in",
                "activate",
                "reinstate",
            ]
        );
        assert_eq!(
            waiting::<YearlyEntitlement>(),
            [
                "verify_county",
                "verify_county_jointly",
                "verify_city",
                "approve",
                "publish",
                "release",
                "unhold",
                "supplement",
                "reclaim",
            ]
        );
        assert_eq!(
            waiting::<Objection>(),
            ["accept", "investigate", "uphold", "dismiss", "conclude", "conclude_upheld"]
        );
    }

    #[test]
    fn the_program_and_the_person_never_wait() {
        for line in CoreEngineerEntry::MOVES {
            for hand in [Hand::System, Hand::Person] {
                assert!(!waits::<CoreEngineerEntry>(line, hand), "{:?} {hand:?}", line.act);
            }
        }
    }

    #[test]
    fn who_agreed_is_not_the_second_person_of_what_was_signed() {
        use RecognitionAct as A;
        use RecognitionState as S;
        let of = |act, state| AutonomousRecognition::line(state, act).expect("a line");
        let done = |from, act| Done::<AutonomousRecognition> {
            from,
            act,
            holder_id: Some(1),
            behalf: None,
        };
        let way = [done(S::CityCheck, A::GiveOpinion), done(S::ProvinceCheck, A::Publish)];
        let recognise = of(A::Recognise, S::PublicNotice);
        let before = |line, here, signed: &[&str]| signed_before(line, &way, here, signed);
        assert!(before(recognise, S::PublicNotice, &["prov_check"]), "advised on the publication");
        assert!(before(recognise, S::PublicNotice, &["public_notice"]), "advised on this very act");
        assert!(!before(recognise, S::PublicNotice, &["city_check"]), "advised on another step");
        assert!(!before(recognise, S::PublicNotice, &[]));
        let publish = of(A::Publish, S::ProvinceCheck);
        assert!(!before(publish, S::ProvinceCheck, &["prov_check"]), "one person decides this");
    }
}
