//! What the acts of a recognition mean in the registry.

use serde_json::json;

use super::{Broken, CaseWork, Desk, ExtraField, FieldKind, joint};
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::calendar::WorkCalendar;
use crate::domain::lifecycle::{
    AutonomousRecognition, Case, Guard, Lifecycle, Move, RecognitionAct as A, RecognitionState as S,
};
use crate::domain::period::Period;
use crate::domain::recognition::{
    CommitteeDecision, INTERNAL_NOTICE_DAYS, TERM_YEARS, certificate_no,
};
use crate::domain::registry::{
    Code, Employment, Listing, PersonDocument, PilotAuthorisation, Recognition,
    RecognitionStandard, Stated, TalentClass,
};
use crate::service::decree::Decree;
use crate::service::duplicate::Suspects;
use crate::service::key_enterprise::filing_fault_about;
use crate::service::notice::NoticeStanding;
use crate::service::{Actor, Error, calendar, log, webhook};
use crate::store::case::{self as cases, NewCase};
use crate::store::db::is_unique_violation;
use crate::store::fact::{self, Versions, facts_of};
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
    let file = RecognitionFile { class: new.class, grounds: grounds.to_owned() };
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
    let mut facts = vec![("认定类别", file.class.label().to_owned())];
    facts.push(("认定理由", file.grounds));
    if let Some(decision) = store::decision(tx, id).await? {
        let CommitteeDecision { members, present, in_favour, ref recused, .. } = decision;
        let text =
            format!("成员 {members} 人，到会 {present} 人，同意 {in_favour} 人；回避：{recused}");
        facts.push(("评审结果", text));
        let (from, through) = (decision.notice_from, decision.notice_through);
        facts.push(("企业公示", format!("{from} 至 {through}")));
    }
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
            A::Decide => DECISION,
            A::File => FILING,
            A::Revoke => REVOCATION,
            _ => &[],
        }
    }

    fn elsewhere(act: A) -> Option<&'static str> {
        (act == A::Publish).then_some("/notices/new?kind=recognition")
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
            A::Decide => {
                let decision = decision_of(desk)?;
                Ok(store::decide(desk.tx, desk.row.id, &decision).await?)
            }
            A::File => take_place(desk).await,
            A::Decline | A::Reject | A::Withdraw | A::Forfeit => {
                Ok(store::release(desk.tx, desk.row.id, desk.app.clock.now()).await?)
            }
            A::Recognise => certify(desk).await,
            A::Suspend | A::Revoke | A::Upgrade => end_certificate(desk, act).await,
            A::Reinstate => resume_certificate(desk).await,
            _ => Ok(()),
        }
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

/// The live fact of a day.
fn on_day<T: Clone>(facts: &[Stated<T>], day: chrono::NaiveDate) -> Option<T> {
    facts.iter().find(|stated| stated.period.covers(day)).map(|stated| stated.fact.clone())
}

fn enterprise_of(desk: &Desk<'_>) -> Result<i64, Error> {
    let missing = || Error::Internal(format!("case {} has no enterprise", desk.row.case_no));
    desk.row.enterprise_id.ok_or_else(missing)
}

fn person_of(desk: &Desk<'_>) -> Result<i64, Error> {
    let missing = || Error::Internal(format!("case {} has no person", desk.row.case_no));
    desk.row.person_id.ok_or_else(missing)
}

impl Facts {
    async fn load(desk: &Desk<'_>) -> Result<Self, Error> {
        let (tx, today) = (desk.tx, desk.app.clock.today());
        let enterprise = enterprise_of(desk)?;
        let pilots = facts_of::<PilotAuthorisation>(tx, enterprise, Versions::Live).await?;
        let standards = facts_of::<RecognitionStandard>(tx, enterprise, Versions::Live).await?;
        Ok(Self {
            file: store::file(tx, desk.row.id).await?,
            pilot: on_day(&pilots, today),
            held: filing_fault_about(tx, (enterprise, person_of(desk)?), today).await?,
            has_standard: on_day(&standards, today).is_some(),
            decision: store::decision(tx, desk.row.id).await?,
            announced: NoticeStanding::load(tx, &[desk.row.id]).await?,
        })
    }

    fn place(&self, desk: &Desk<'_>) -> Result<Place, Error> {
        use chrono::Datelike;
        let year = i64::from(desk.app.clock.today().year());
        Ok(Place { enterprise_id: enterprise_of(desk)?, year, class: self.file.class })
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
            Guard::PersonIdentified => {
                let held = facts_of::<PersonDocument>(desk.tx, person_of(desk)?, Versions::Live);
                match held.await?.is_empty() {
                    true => Some("该人员没有登记有效证件，请先登记".to_owned()),
                    false => Suspects::load(desk.tx, &[desk.person()?]).await?.fault(desk.person()?),
                }
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
            Guard::NoOpenObjection if act == A::File => unless(
                desk.sent.text("objection_open") == "no",
                "企业公示期间的异议办结后才能提交备案",
            ),
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
            Guard::ListedEmployer => self.employer_fault(desk).await?,
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
        Ok((today <= through).then(|| format!("企业公示到 {through} 为止，次日起才能提交备案")))
    }

    /// The person works full-time at an enterprise that is on the list today.
    async fn employer_fault(&self, desk: &Desk<'_>) -> Result<Option<String>, Error> {
        let today = desk.app.clock.today();
        let jobs = facts_of::<Employment>(desk.tx, person_of(desk)?, Versions::Live).await?;
        let Some(job) = on_day(&jobs, today).filter(|job| job.full_time) else {
            return Ok(Some("没有登记今天有效的全职任职".to_owned()));
        };
        let listings = facts_of::<Listing>(desk.tx, job.enterprise_id, Versions::Live).await?;
        let listed = on_day(&listings, today).is_some();
        Ok((!listed).then(|| "现任职企业今天不在骨干企业清单内".to_owned()))
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
    let mut held = facts_of::<Recognition>(desk.tx, person_of(desk)?, Versions::Live).await?;
    held.retain(|stated| stated.period.covers(today));
    Ok(held)
}

/// The live fact that this case brought about: of the enterprise and the class.
async fn own_certificate(desk: &Desk<'_>) -> Result<Option<Stated<Recognition>>, Error> {
    last_certificate(desk, Versions::Live).await
}

async fn last_certificate(
    desk: &Desk<'_>,
    versions: Versions,
) -> Result<Option<Stated<Recognition>>, Error> {
    let (class, enterprise) =
        (store::file(desk.tx, desk.row.id).await?.class, enterprise_of(desk)?);
    let mut held = facts_of::<Recognition>(desk.tx, person_of(desk)?, versions).await?;
    held.retain(|s| s.fact.class == class && s.fact.enterprise_id == Some(enterprise));
    Ok(held.pop())
}

/// The days for which the recognition was given, whatever suspended it in between.
fn term(desk: &Desk<'_>) -> Option<Period> {
    let given = desk.steps.iter().find(|step| step.act == A::Recognise.code())?;
    Period::new(given.on_day, last_day_of_term(given.on_day))
}

/// Number of the certificate that the file brought about, while the registry holds one.
pub(super) async fn certificate_of(desk: &Desk<'_>) -> Result<Option<String>, Error> {
    if term(desk).is_none() {
        return Ok(None);
    }
    Ok(own_certificate(desk).await?.map(|stated| stated.fact.certificate_no))
}

/// The decision that a certificate is given, ended or resumed by; the case is its reason.
async fn decree<'a>(desk: &Desk<'a>, title: &str) -> Result<Decree<'a>, Error> {
    let nobody = || Error::Internal(format!("nobody decides on {}", desk.row.case_no));
    let actor = desk.actor.ok_or_else(nobody)?;
    let number = desk.sent.text("decision_document");
    Decree::record(desk.app, desk.tx, actor, ("decision", title), number, &desk.row.case_no).await
}

fn last_day_of_term(from: chrono::NaiveDate) -> Option<chrono::NaiveDate> {
    from.checked_add_months(chrono::Months::new(12 * TERM_YEARS))?.pred_opt()
}

/// The recognition becomes a fact with a certificate, from the day of the decision.
async fn certify(desk: &Desk<'_>) -> Result<(), Error> {
    use chrono::Datelike;
    let today = desk.app.clock.today();
    let file = store::file(desk.tx, desk.row.id).await?;
    let serial = number::allocate(desk.tx, &format!("certificate-{}", today.year()), 1).await?;
    let through = last_day_of_term(today);
    let certificate_no = certificate_no(today.year(), serial);
    webhook::certificate_changed(desk.app, desk.tx, desk.row, (&certificate_no, "issued")).await?;
    let fact = Recognition {
        enterprise_id: Some(enterprise_of(desk)?),
        class: file.class,
        certificate_no,
    };
    let decree = decree(desk, "高层次人才自主认定").await?;
    let period = Period { from: today, through };
    Ok(fact::state(desk.tx, vec![decree.states(person_of(desk)?, period, fact, None)]).await?)
}

/// What programs are told became of a certificate.
const fn ended_as(act: A) -> &'static str {
    match act {
        A::Suspend => "suspended",
        A::Upgrade => "upgraded",
        _ => "revoked",
    }
}

/// The certificate ends before today, or is void from a day.
async fn end_certificate(desk: &Desk<'_>, act: A) -> Result<(), Error> {
    let Some(held) = own_certificate(desk).await? else { return Ok(()) };
    let today = desk.app.clock.today();
    let first_invalid = match act {
        A::Revoke => desk.sent.text("effective_on").parse().map_err(|_| {
            let text = "请填写日期，如2026-06-30".to_owned();
            Error::Invalid(vec![("effective_on".to_owned(), text)])
        })?,
        _ => today,
    };
    let decree = decree(desk, act.label()).await?;
    let told = (held.fact.certificate_no.as_str(), ended_as(act));
    webhook::certificate_changed(desk.app, desk.tx, desk.row, told).await?;
    let last = first_invalid.pred_opt();
    match last.and_then(|last| Period::new(held.period.from, Some(last))) {
        Some(period) => {
            let left = decree.states(held.about, period, held.fact, Some(held.id));
            fact::correct(desk.tx, held.id, left).await?;
        }
        None => {
            let (at, source_id) = (decree.at, decree.source_id);
            fact::supersede::<Recognition>(desk.tx, held.id, at, source_id).await?;
        }
    }
    Ok(())
}

/// The certificate holds again, from today to the end of its term. One that was suspended on its
/// first day has no live fact left: the last one it had tells what it was.
async fn resume_certificate(desk: &Desk<'_>) -> Result<(), Error> {
    let Some(held) = last_certificate(desk, Versions::All).await? else { return Ok(()) };
    let today = desk.app.clock.today();
    let period = term(desk).and_then(|term| Period::new(today, term.through));
    let over = || Error::Refused("认定的有效期已经届满，不能恢复".to_owned());
    let period = period.ok_or_else(over)?;
    let decree = decree(desk, A::Reinstate.label()).await?;
    let told = (held.fact.certificate_no.as_str(), "resumed");
    webhook::certificate_changed(desk.app, desk.tx, desk.row, told).await?;
    Ok(fact::state(desk.tx, vec![decree.states(held.about, period, held.fact, None)]).await?)
}
