//! What the acts of a recognition mean in the registry.

mod certificate;
mod transfer;

pub(super) use certificate::certificate_of;
pub use transfer::{NewTransfer, confirm_transfer};

use serde_json::json;

use self::certificate::{certify, end_certificate, resume_certificate, term};
use super::{Broken, CaseWork, Desk, ExtraField, FieldKind, joint};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::calendar::WorkCalendar;
use crate::domain::lifecycle::{
    AutonomousRecognition, Case, Evidence, Guard, Lifecycle, Move, RecognitionAct as A,
    RecognitionState as S,
};
use crate::domain::recognition::{CommitteeDecision, INTERNAL_NOTICE_DAYS};
use crate::domain::registry::{
    Code, LegalForm, PersonDocument, PilotAuthorisation, Recognition, RecognitionStandard, Stated,
    TalentClass,
};
use crate::service::duplicate::Suspects;
use crate::service::key_enterprise::filing_fault_about;
use crate::service::notice::{self, NoticeStanding};
use crate::service::spot_check::named_fault;
use crate::service::{Actor, Error, calendar, log};
use crate::store::case::{self as cases, NewCase};
use crate::store::db::is_unique_violation;
use crate::store::fact::{Versions, facts_of};
use crate::store::recognition::{self as store, Place, RecognitionFile};
use crate::store::{directory, number};

/// A recognition that a clerk begins.
#[derive(Debug, Clone)]
pub struct NewRecognition {
    /// Number of the person.
    pub person_no: String,
    /// Class.
    pub class: TalentClass,
    /// Why.
    pub grounds: String,
}

/// Begins a recognition; gives its number.
///
/// # Errors
/// [`Error::Forbidden`] for other roles; [`Error::NotFound`] for a person outside the enterprise;
/// [`Error::Invalid`] without grounds; [`Error::Refused`] while another one of the person runs.
pub async fn open_recognition(
    app: &App,
    actor: &Actor,
    new: &NewRecognition,
) -> Result<String, Error> {
    actor.must(Act::FileRecognitions)?;
    let Some(enterprise_id) = directory::own_enterprise(&actor.scope) else {
        return Err(Error::Forbidden(Act::FileRecognitions));
    };
    let grounds = new.grounds.trim();
    if grounds.chars().count() < 10 {
        let text = "请写明认定理由，不少于10个字".to_owned();
        return Err(Error::Invalid(vec![("grounds".to_owned(), text)]));
    }
    let tx = app.db.begin().await?;
    let person = directory::engineer(&tx, &actor.scope, new.person_no.trim()).await?;
    let person = person.ok_or(Error::NotFound("这位工程师"))?;
    let names = facts_of::<crate::domain::registry::PersonName>(&tx, person.id, Versions::Live);
    let name = names.await?.pop().map(|stated| stated.fact.name).unwrap_or_default();
    let today = app.clock.today();
    let serial = number::allocate(&tx, "recognition", 1).await?;
    let case_no = format!("RD{}-{serial:05}", today.format("%Y"));
    let fresh = Case::<AutonomousRecognition>::open(today, &calendar::within(&tx).await?);
    let case_id = cases::open(
        &tx,
        &NewCase {
            case_no: &case_no,
            kind: AutonomousRecognition::KIND.code(),
            enterprise_id: Some(enterprise_id),
            person_id: Some(person.id),
            about: &format!("{name}（{}），{}", person.no, new.class.label()),
            state: fresh.state.code(),
            since: fresh.since,
            due_on: fresh.due.day(),
            opened_by: actor.account_id,
            opened_at: app.clock.now(),
        },
    )
    .await?;
    let pilots = facts_of::<PilotAuthorisation>(&tx, enterprise_id, Versions::Live).await?;
    let form = on_day(&pilots, today).map_or(LegalForm::Filing, |pilot| pilot.legal_form);
    let file = RecognitionFile { class: new.class, grounds: grounds.to_owned(), form };
    store::insert(&tx, case_id, &file).await?;
    let detail = json!({ "class": new.class.code(), "person": person.no });
    log(app, &tx, actor, "case.opened", ("case", &case_no), &detail).await?;
    tx.commit().await?;
    Ok(case_no)
}

/// What a file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let (tx, id) = (desk.tx, desk.row.id);
    let file = store::file(tx, id).await?;
    let form = match file.form {
        LegalForm::Filing => "备案：企业自主认定，报人社部门备案",
        LegalForm::Recommendation => "举荐：企业举荐，由省级人社部门审定",
    };
    let mut facts = vec![("认定类别", file.class.label().to_owned())];
    facts.push(("办理形式", form.to_owned()));
    facts.push(("认定理由", file.grounds));
    if let Some(decision) = store::decision(tx, id).await? {
        let CommitteeDecision { members, present, in_favour, ref recused, .. } = decision;
        let text =
            format!("成员 {members} 人，到会 {present} 人，同意 {in_favour} 人；回避：{recused}");
        facts.push(("评审结果", text));
        let (from, through) = (decision.notice_from, decision.notice_through);
        facts.push(("企业公示", format!("{from} 至 {through}")));
    }
    facts.extend(transfer::facts(desk).await?);
    Ok(facts)
}

const DECISION: &[ExtraField] = &[
    ExtraField { name: "members", label: "评审会成员人数", kind: FieldKind::Number },
    ExtraField {
        name: "present", label: "到会并有表决权的人数", kind: FieldKind::Number
    },
    ExtraField { name: "in_favour", label: "同意人数", kind: FieldKind::Number },
    ExtraField {
        name: "recused", label: "回避人员及原因（没有填“无”）", kind: FieldKind::Line
    },
    ExtraField {
        name: "major_shareholder", label: "是否为企业前三大股东", kind: FieldKind::YesNo
    },
    ExtraField { name: "notice_from", label: "企业内部公示首日", kind: FieldKind::Day },
    ExtraField { name: "notice_through", label: "企业内部公示末日", kind: FieldKind::Day },
];
const FILING: &[ExtraField] = &[ExtraField {
    name: "objection_open",
    label: "企业公示期间是否有未办结的异议",
    kind: FieldKind::YesNo,
}];
const REVOCATION: &[ExtraField] = &[ExtraField {
    name: "effective_on",
    label: "自哪一日起无效（弄虚作假的填认定首日）",
    kind: FieldKind::Day,
}];

impl CaseWork for AutonomousRecognition {
    fn fields(act: A) -> &'static [ExtraField] {
        match act {
            A::Decide | A::DecideToRecommend => DECISION,
            A::File | A::Recommend => FILING,
            A::Revoke => REVOCATION,
            _ => &[],
        }
    }

    fn elsewhere(act: A) -> Option<&'static str> {
        match act {
            A::Publish => Some("/notices/new?kind=recognition"),
            A::ConfirmTransfer => Some("/recognitions/transfers/new?person={person}"),
            _ => None,
        }
    }

    async fn fits(desk: &Desk<'_>, act: A) -> Result<bool, Error> {
        let lines = Self::MOVES.iter().filter(|line| line.act == act);
        let asked = lines.flat_map(|line| line.guards).find_map(|guard| asked_form(*guard));
        let Some(asked) = asked else { return Ok(true) };
        Ok(store::file(desk.tx, desk.row.id).await?.form == asked)
    }

    async fn broken(desk: &Desk<'_>, line: &'static Move<S, A>) -> Result<Broken, Error> {
        let facts = Facts::load(desk).await?;
        let mut broken = Broken::new();
        for guard in line.guards {
            if let Some(why) = facts.fault(desk, line.act, *guard).await? {
                broken.insert(*guard, why);
            }
        }
        Ok(broken)
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        match act {
            A::Decide | A::DecideToRecommend => {
                let decision = decision_of(desk)?;
                Ok(store::decide(desk.tx, desk.row.id, &decision).await?)
            }
            A::File | A::Recommend => take_place(desk).await,
            A::Decline | A::Reject | A::RejectOnMerits | A::Withdraw | A::Forfeit => {
                Ok(store::release(desk.tx, desk.row.id, desk.app.clock.now()).await?)
            }
            A::Recognise | A::RecogniseOnMerits => certify(desk).await,
            A::Suspend | A::Revoke | A::Upgrade => end_certificate(desk, act).await,
            A::Unpublish => notice::withdraw_lines(std::slice::from_ref(desk)).await,
            A::ConfirmTransfer => transfer::confirmed(desk).await,
            A::Reinstate => resume_certificate(desk).await,
            _ => Ok(()),
        }
    }
}

/// The legal form for which a guard lets an act through.
fn asked_form(guard: Guard) -> Option<LegalForm> {
    match guard {
        Guard::ByFiling => Some(LegalForm::Filing),
        Guard::ByRecommendation => Some(LegalForm::Recommendation),
        _ => None,
    }
}

/// What the guards look at.
struct Facts {
    file: RecognitionFile,
    pilot: Option<PilotAuthorisation>,
    /// Why nothing is filed today, for reasons of the enterprise or the person.
    held: Option<String>,
    has_standard: bool,
    decision: Option<CommitteeDecision>,
    announced: NoticeStanding,
}

/// Why a person is not identified yet.
async fn unidentified(desk: &Desk<'_>) -> Result<Option<String>, Error> {
    let person = desk.person()?;
    if facts_of::<PersonDocument>(desk.tx, person, Versions::Live).await?.is_empty() {
        return Ok(Some("该人员没有登记有效证件，请先登记".to_owned()));
    }
    Ok(Suspects::load(desk.tx, &[person]).await?.fault(person))
}

/// The live fact of a day.
fn on_day<T: Clone>(facts: &[Stated<T>], day: chrono::NaiveDate) -> Option<T> {
    facts.iter().find(|stated| stated.period.covers(day)).map(|stated| stated.fact.clone())
}

impl Facts {
    async fn load(desk: &Desk<'_>) -> Result<Self, Error> {
        let (tx, today) = (desk.tx, desk.app.clock.today());
        let enterprise = desk.enterprise()?;
        let pilots = facts_of::<PilotAuthorisation>(tx, enterprise, Versions::Live).await?;
        let standards = facts_of::<RecognitionStandard>(tx, enterprise, Versions::Live).await?;
        Ok(Self {
            file: store::file(tx, desk.row.id).await?,
            pilot: on_day(&pilots, today),
            held: filing_fault_about(tx, (enterprise, desk.person()?), today).await?,
            has_standard: on_day(&standards, today).is_some(),
            decision: store::decision(tx, desk.row.id).await?,
            announced: NoticeStanding::load(tx, &[desk.row.id]).await?,
        })
    }

    fn place(&self, desk: &Desk<'_>) -> Result<Place, Error> {
        use chrono::Datelike;
        let year = i64::from(desk.app.clock.today().year());
        Ok(Place { enterprise_id: desk.enterprise()?, year, class: self.file.class })
    }

    fn quota(&self) -> i64 {
        self.pilot.as_ref().map_or(0, |pilot| pilot.quota(self.file.class))
    }

    /// Why a guard does not hold.
    async fn fault(&self, desk: &Desk<'_>, act: A, guard: Guard) -> Result<Option<String>, Error> {
        let today = desk.app.clock.today();
        let class = self.file.class.label();
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        Ok(match guard {
            Guard::JointStep => joint::fault(joint::is_joint(desk).await?),
            Guard::PersonIdentified => unidentified(desk).await?,
            Guard::SampleChecked => {
                let said = desk.sent.text(Evidence::SampleAudit.code());
                named_fault(desk.tx, desk.enterprise()?, said, today).await?
            }
            Guard::ByFiling | Guard::ByRecommendation => {
                let form = self.file.form;
                let why = format!("该件按{}形式办理，请用对应的事项", form.label());
                unless(asked_form(guard) == Some(form), &why)
            }
            Guard::PilotAuthorised if self.held.is_some() => self.held.clone(),
            Guard::PilotAuthorised => {
                unless(self.pilot.is_some(), "企业今天不在自主认定试点期内，请先取得试点授权")
            }
            Guard::ClassInScope => {
                unless(self.quota() > 0, &format!("企业的试点范围不含{class}人才"))
            }
            Guard::StandardFiled => unless(self.has_standard, "企业的认定标准还没有备案"),
            Guard::CommitteeQuorum => decision_of(desk)?.quorum_fault(),
            Guard::RecusalsObserved => {
                let named = !decision_of(desk)?.recused.is_empty();
                unless(named, "请写明回避人员及原因，没有的填“无”")
            }
            Guard::NotMajorShareholder => {
                unless(!decision_of(desk)?.major_shareholder, "企业前三大股东不在自主认定范围内")
            }
            Guard::InternalNoticeOver => {
                self.internal_notice_fault(today, &calendar::within(desk.tx).await?)?
            }
            Guard::NoOpenObjection if matches!(act, A::File | A::Recommend) => {
                unless(desk.sent.text("objection_open") == "no", "企业公示期间的异议办结后才能提交")
            }
            Guard::QuotaLeft => {
                let taken = store::taken(desk.tx, self.place(desk)?).await?;
                let left = free_place(&taken, self.quota()).is_some();
                let quota = self.quota();
                unless(left, &format!("今年{class}名额 {quota} 个已用完"))
            }
            Guard::SupplementOverdue => {
                let over = desk.row.due_on.is_some_and(|last| last < today);
                unless(over, "补正期还没有结束")
            }
            Guard::ListedEmployer | Guard::NewEmployer | Guard::TransferInTime => {
                transfer::fault(desk, guard).await?
            }
            Guard::HigherClass => {
                let held = live_recognitions(desk).await?;
                let higher = held.iter().any(|stated| stated.fact.class < self.file.class);
                unless(higher, "没有更高类别的有效认定")
            }
            Guard::TermOver => {
                let last = term(desk).and_then(|term| term.through);
                unless(last.is_some_and(|last| last < today), "有效期还没有届满")
            }
            other => match self.announced.fault(desk.row.id, other, today) {
                Some(fault) => fault,
                None => Some(format!("{}尚未核实", other.label())),
            },
        })
    }

    fn internal_notice_fault(
        &self,
        today: chrono::NaiveDate,
        calendar: &WorkCalendar,
    ) -> Result<Option<String>, Error> {
        let Some(decision) = &self.decision else {
            return Ok(Some("还没有登记评审决定".to_owned()));
        };
        let (from, through) = (decision.notice_from, decision.notice_through);
        let days = calendar.working_days_between(from, through);
        let days = days.map_err(|error| Error::Refused(error.to_string()))?;
        if days < INTERNAL_NOTICE_DAYS {
            let text = format!("企业公示 {days} 个工作日，不得少于 {INTERNAL_NOTICE_DAYS} 个");
            return Ok(Some(text));
        }
        Ok((today <= through).then(|| format!("企业公示到 {through} 为止，次日起才能提交")))
    }
}

/// What the form of the committee's decision says; a number that is none counts as zero, and the
/// quorum then says so.
fn decision_of(desk: &Desk<'_>) -> Result<CommitteeDecision, Error> {
    let sent = desk.sent;
    let mut faults = Vec::new();
    let mut wrong = |field: &str, text: &str| faults.push((field.to_owned(), text.to_owned()));
    let mut number = |field: &str| {
        sent.text(field).parse().unwrap_or_else(|_| {
            wrong(field, "请填写人数");
            0
        })
    };
    let (members, present, in_favour) = (number("members"), number("present"), number("in_favour"));
    let mut day = |field: &str| {
        sent.text(field).parse().unwrap_or_else(|_| {
            wrong(field, "请填写日期，如2026-06-30");
            chrono::NaiveDate::default()
        })
    };
    let (notice_from, notice_through) = (day("notice_from"), day("notice_through"));
    if notice_through < notice_from {
        wrong("notice_through", "末日不能早于首日");
    }
    if !matches!(sent.text("major_shareholder"), "yes" | "no") {
        wrong("major_shareholder", "请选择");
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(CommitteeDecision {
        members,
        present,
        in_favour,
        recused: sent.text("recused").to_owned(),
        major_shareholder: sent.text("major_shareholder") == "yes",
        notice_from,
        notice_through,
    })
}

/// The lowest place that is free, if one is.
fn free_place(taken: &[i64], quota: i64) -> Option<i64> {
    (1..=quota).find(|place| taken.binary_search(place).is_err())
}

async fn take_place(desk: &Desk<'_>) -> Result<(), Error> {
    let facts = Facts::load(desk).await?;
    let place = facts.place(desk)?;
    let taken = store::taken(desk.tx, place).await?;
    let gone = || Error::Stale("名额刚刚被另一件用完，请刷新后再看".to_owned());
    let number = free_place(&taken, facts.quota()).ok_or_else(gone)?;
    let took = store::take(desk.tx, desk.row.id, place, number, desk.app.clock.now()).await;
    match took {
        Err(error) if is_unique_violation(&error) => Err(gone()),
        other => Ok(other?),
    }
}

async fn live_recognitions(desk: &Desk<'_>) -> Result<Vec<Stated<Recognition>>, Error> {
    let today = desk.app.clock.today();
    let mut held = facts_of::<Recognition>(desk.tx, desk.person()?, Versions::Live).await?;
    held.retain(|stated| stated.period.covers(today));
    Ok(held)
}
