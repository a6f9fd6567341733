//! What the acts of an objection mean: only the file that it is about waits.

use super::{Broken, CaseWork, Desk, ExtraField, perform};
use crate::clock::china_time;
use crate::domain::authority::Role;
use crate::domain::lifecycle::{
    Guard, Hand, Lifecycle, Move, Objection, ObjectionAct as A, ObjectionState as S,
};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::store::case::{self as cases, CaseRow};
use crate::store::notice::{self as store, ObjectionRow};

impl CaseWork for Objection {
    fn fields(_: A) -> &'static [ExtraField] {
        &[]
    }

    fn elsewhere(_: A) -> Option<&'static str> {
        None
    }

    async fn broken(desk: &Desk<'_>, line: &'static Move<S, A>) -> Result<Broken, Error> {
        let subject = Subject::load(desk).await?;
        let mut broken = Broken::new();
        for guard in line.guards {
            if let Some(why) = subject.fault(desk, *guard).await? {
                broken.insert(*guard, why);
            }
        }
        Ok(broken)
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        // What nobody took on before its review still stands in notice when the review upholds it.
        if !matches!(act, A::Accept | A::ConcludeUpheld) {
            return Ok(());
        }
        let target = Subject::load(desk).await?.target;
        perform::take_objection(desk.app, desk.tx, &target).await
    }
}

/// Why the actor may not learn who objects: only those may whom the table lets act on the objection
/// where it stands, and only if they reviewed nothing of what is objected to.
pub(in crate::service) async fn identity_fault(desk: &Desk<'_>) -> Result<Option<String>, Error> {
    let hand = desk.actor.map_or(Hand::System, |actor| Hand::Role(actor.role));
    let state = S::from_code(&desk.row.state)
        .ok_or_else(|| Error::Internal(format!("case {} stands nowhere", desk.row.case_no)))?;
    let mut lines = Objection::acts_of(state, hand).into_iter();
    let subject = Subject::load(desk).await?;
    let mut why = "目前状态下不由您的角色办理，不能查看提出人身份".to_owned();
    let open = |line: &&'static Move<S, A>| {
        line.guards
            .iter()
            .copied()
            .filter(|guard| matches!(guard, Guard::NotReviewer | Guard::LevelAbove))
    };
    while let Some(line) = lines.next().and_then(|act| Objection::line(state, act)) {
        let mut fault = None;
        for guard in open(&line) {
            fault = fault.or(subject.fault(desk, guard).await?);
        }
        match fault {
            None => return Ok(None),
            Some(text) => why = text,
        }
    }
    Ok(Some(why))
}

/// The objection and the file that it is about.
struct Subject {
    objection: ObjectionRow,
    notice_id: i64,
    target: CaseRow,
}

impl Subject {
    async fn load(desk: &Desk<'_>) -> Result<Self, Error> {
        let missing = || Error::Internal(format!("objection {} has no subject", desk.row.case_no));
        let objection = store::objection(desk.tx, desk.row.id).await?.ok_or_else(missing)?;
        let entry = store::entry(desk.tx, objection.entry_id).await?.ok_or_else(missing)?;
        let target = cases::by_ids(desk.tx, &[entry.case_id]).await?.pop().ok_or_else(missing)?;
        Ok(Self { objection, notice_id: entry.notice_id, target })
    }

    async fn fault(&self, desk: &Desk<'_>, guard: Guard) -> Result<Option<String>, Error> {
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        Ok(match guard {
            Guard::InNoticePeriod => {
                let received = china_time(self.objection.received_at).date_naive();
                let periods = store::periods(desk.tx, self.notice_id).await?;
                let inside = periods
                    .last()
                    .is_some_and(|days| days.starts_on <= received && received <= days.ends_on);
                unless(inside, "不是在公示期内收到的，按举报处理")
            }
            Guard::NotReviewer => {
                let steps = cases::steps(desk.tx, self.target.id).await?;
                let reviewed = steps.iter().any(|step| desk.had_a_hand_in(step));
                unless(!reviewed, "您办理过被异议的件，须由其他人办理")
            }
            Guard::LevelAbove => {
                let steps = cases::steps(desk.tx, self.target.id).await?;
                let roles = steps.iter().filter_map(|step| Role::from_code(&step.hand));
                let challenged = roles.map(level).max().unwrap_or(0);
                let mine = desk.actor.map_or(0, |actor| level(actor.role));
                let above = mine >= TOP.min(challenged + 1);
                unless(above, "须由被异议审核机关的上一级办理")
            }
            Guard::ReviewWindow => {
                let today = desk.app.clock.today();
                let open = desk.row.due_on.is_none_or(|last| today <= last);
                unless(open, "申请复核的期限已过")
            }
            other => Some(format!("{}尚未核实", other.label())),
        })
    }
}

/// The province: nobody stands above it.
const TOP: u8 = 3;

/// How high an office stands.
const fn level(role: Role) -> u8 {
    match role {
        Role::HrCounty | Role::IndustryCounty => 1,
        Role::HrCity | Role::HrCityApprover | Role::IndustryCity => 2,
        Role::HrProvince
        | Role::HrProvinceApprover
        | Role::IndustryProvince
        | Role::IndustryProvinceApprover => TOP,
        _ => 0,
    }
}
