//! Which acts are decisions that a party is told of on paper, and what the paper says
//! (domain.md 7.12).

use super::{CaseKind, KeyEnterpriseAct, ObjectionAct, RecognitionAct, RosterAct};
use crate::domain::registry::Code;

/// What can be done against a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Reconsideration and suit.
    Suit,
    /// Another look by the province.
    Review,
    /// A word with the office.
    Word,
    /// Nothing: it was looked at again.
    Final,
}

impl Remedy {
    /// The sentence on the paper.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Suit => {
                "不服本决定的，可以自收到之日起 60 日内申请行政复议，或者在 6 个月内向人民法院提起行政诉讼。"
            }
            Self::Review => {
                "不服本答复的，可以在 10 个工作日内申请省级人力资源和社会保障部门复核，凭回执号在公开网页办理。"
            }
            Self::Word => "对本通知有异议的，可以向发文机关书面提出。",
            Self::Final => "本答复为复核结论，不再复核。",
        }
    }
}

/// A decision on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// Title.
    pub title: &'static str,
    /// What is decided.
    pub decides: &'static str,
    /// What can be done against it.
    pub remedy: Remedy,
}

/// What such decisions rest on.
pub const LETTER_BASIS: &str = "《福建省推动人工智能产业发展和赋能应用若干措施》第九条";

const fn letter(title: &'static str, decides: &'static str, remedy: Remedy) -> Letter {
    Letter { title, decides, remedy }
}

impl Letter {
    /// The paper of an act, by its code; `None` where nobody is told of a decision.
    pub fn of(kind: CaseKind, act: &str) -> Option<Self> {
        match kind {
            CaseKind::Recognition => RecognitionAct::from_code(act).and_then(of_recognition),
            CaseKind::RosterEntry => RosterAct::from_code(act).and_then(of_roster),
            CaseKind::KeyEnterprise => KeyEnterpriseAct::from_code(act).and_then(of_enterprise),
            CaseKind::Objection => ObjectionAct::from_code(act).and_then(of_objection),
            CaseKind::Entitlement
            | CaseKind::Recovery
            | CaseKind::AgreementTranche
            | CaseKind::OverseasVisit
            | CaseKind::ExpertFunding => None,
        }
    }
}

fn of_recognition(act: RecognitionAct) -> Option<Letter> {
    use RecognitionAct as A;
    Some(match act {
        A::Reject | A::RejectOnMerits => letter("不予认定决定书", "决定不予认定", Remedy::Suit),
        A::Recognise | A::RecogniseOnMerits => {
            letter("认定通知书", "予以认定并颁发证书", Remedy::Word)
        }
        A::Suspend => {
            let decides = "决定暂停该项认定，暂停期间证书无效";
            letter("暂停认定决定书", decides, Remedy::Suit)
        }
        A::Revoke => letter("撤销认定决定书", "决定撤销该项认定，证书作废", Remedy::Suit),
        _ => return None,
    })
}

fn of_roster(act: RosterAct) -> Option<Letter> {
    use RosterAct as A;
    Some(match act {
        A::Reject => letter("不予入册决定书", "决定不予列入核心工程师名册", Remedy::Suit),
        A::Activate | A::TransferIn => letter("入册通知书", "予以列入核心工程师名册", Remedy::Word),
        A::Suspend | A::SuspendUnproven => {
            let decides = "决定暂停在册资格，暂停的日期不计入奖补";
            letter("暂停在册资格决定书", decides, Remedy::Suit)
        }
        A::Void => letter("名册登记作废决定书", "决定宣告该项登记自始作废", Remedy::Suit),
        _ => return None,
    })
}

fn of_enterprise(act: KeyEnterpriseAct) -> Option<Letter> {
    use KeyEnterpriseAct as A;
    Some(match act {
        A::Reject => letter("不予列入清单决定书", "决定不予列入骨干企业清单", Remedy::Suit),
        A::List => letter("列入清单通知书", "予以列入骨干企业清单", Remedy::Word),
        A::Suspend => {
            let decides = "决定暂停骨干企业资格，暂停期间不受理新的申报，资金暂缓发放";
            letter("暂停资格决定书", decides, Remedy::Suit)
        }
        A::Remove => letter("移出清单决定书", "决定移出骨干企业清单", Remedy::Suit),
        _ => return None,
    })
}

fn of_objection(act: ObjectionAct) -> Option<Letter> {
    use ObjectionAct as A;
    Some(match act {
        A::Refuse => letter("异议不予受理告知书", "您提出的异议不予受理", Remedy::Review),
        A::Uphold => letter("异议处理答复书", "您提出的异议成立", Remedy::Review),
        A::Dismiss => letter("异议处理答复书", "您提出的异议不成立", Remedy::Review),
        A::ConcludeUpheld => letter("异议复核答复书", "您提出的异议成立", Remedy::Final),
        A::ConcludeDismissed => letter("异议复核答复书", "您提出的异议不成立", Remedy::Final),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_have_papers_and_steps_on_the_way_have_none() {
        for (kind, act, title) in [
            (CaseKind::Recognition, "reject", Some("不予认定决定书")),
            (CaseKind::Recognition, "recognise", Some("认定通知书")),
            (CaseKind::Recognition, "pass_county", None),
            (CaseKind::RosterEntry, "suspend_unproven", Some("暂停在册资格决定书")),
            (CaseKind::KeyEnterprise, "remove", Some("移出清单决定书")),
            (CaseKind::KeyEnterprise, "expire", None),
            (CaseKind::Objection, "dismiss", Some("异议处理答复书")),
            (CaseKind::Recovery, "decide", None),
        ] {
            assert_eq!(Letter::of(kind, act).map(|letter| letter.title), title, "{act}");
        }
    }
}
