//! What the acts of an objection mean: only the file that it is about waits.

use super::{Broken, CaseWork, Desk, ExtraField, key_enterprise, recognition};
use crate::clock::china_time;
use crate::domain::authority::Role;
use crate::domain::lifecycle::{
    CaseKind, Guard, KeyEnterpriseState, Move, Objection, ObjectionAct as A, ObjectionState as S,
    RecognitionState,
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
        if act != A::Accept {
            return Ok(());
        }
        let target = Subject::load(desk).await?.target;
        let in_notice = target.state == RecognitionState::PublicNotice.code();
        match CaseKind::from_code(&target.kind) {
            Some(CaseKind::Recognition) if in_notice => {
                recognition::hold(desk.app, desk.tx, target.id).await
            }
            Some(CaseKind::KeyEnterprise) if target.state == KeyEnterpriseState::Notice.code() => {
                key_enterprise::hold(desk.app, desk.tx, target.id).await
            }
            // It waits already: another objection was accepted before.
            _ => Ok(()),
        }
    }
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
                let me = desk.actor.map(|actor| actor.holder_id);
                let reviewed = steps.iter().any(|step| step.holder_id == me && me.is_some());
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
