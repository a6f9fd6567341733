//! What the acts on a key enterprise's file mean in the registry.

use chrono::NaiveDate;

use super::perform::act_by_program;
use super::{Broken, CaseWork, Desk, ExtraField, FieldKind, Submitted, joint};
use crate::app::App;
use crate::domain::identity::Uscc;
use crate::domain::key_enterprise::{ExpertReview, last_listed_day, reported_year};
use crate::domain::lifecycle::{
    Evidence, Guard, KeyEnterprise, KeyEnterpriseAct as A, KeyEnterpriseState as S, Move,
};
use crate::domain::notification::NotificationKind;
use crate::domain::period::Period;
use crate::domain::region;
use crate::domain::registry::{Code, EnterpriseDivision, EnterpriseHold, Listing, Stated};
use crate::domain::roster::{Shortened, current};
use crate::service::decree::Decree;
use crate::service::notice::{self, NoticeStanding};
use crate::service::roster::{self, Grounds};
use crate::service::{Actor, Error, calendar, invalid, notification};
use crate::store::case::StepRow;
use crate::store::db::Tx;
use crate::store::fact::{self, Versions, facts_of};
use crate::store::key_enterprise as store;
use crate::store::registry;

const REVIEW: &[ExtraField] = &[
    ExtraField { name: "experts", label: "评审专家人数", kind: FieldKind::Number },
    ExtraField { name: "sheets", label: "评分表份数", kind: FieldKind::Number },
    ExtraField { name: "in_favour", label: "同意人数", kind: FieldKind::Number },
    ExtraField {
        name: "recused", label: "回避人员及原因（没有填“无”）", kind: FieldKind::Line
    },
];
const LISTING: &[ExtraField] = &[
    ExtraField { name: "list_batch", label: "清单批次", kind: FieldKind::Line },
    ExtraField {
        name: "listed_from", label: "列入日期（文件载明）", kind: FieldKind::Day
    },
    ExtraField {
        name: "listed_through",
        label: "有效期末日（不晚于 2028-12-31）",
        kind: FieldKind::Day,
    },
    ExtraField {
        name: "recognition_quota",
        label: "自主认定名额（每年）",
        kind: FieldKind::Number,
    },
    ExtraField { name: "engineer_quota", label: "核心工程师名额", kind: FieldKind::Number },
];
const REMOVAL: &[ExtraField] = &[ExtraField {
    name: "last_day",
    label: "最后有效日（弄虚作假的填事实发生前一日）",
    kind: FieldKind::Day,
}];

/// Most places of a quota.
const MOST_PLACES: i64 = 10_000;

impl CaseWork for KeyEnterprise {
    fn fields(act: A) -> &'static [ExtraField] {
        match act {
            A::Propose => REVIEW,
            A::List => LISTING,
            A::Remove => REMOVAL,
            _ => &[],
        }
    }

    fn elsewhere(act: A) -> Option<&'static str> {
        (act == A::Publish).then_some("/notices/new?kind=key_enterprise")
    }

    async fn broken(desk: &Desk<'_>, line: &'static Move<S, A>) -> Result<Broken, Error> {
        let mut broken = Broken::new();
        if line.guards.is_empty() {
            return Ok(broken);
        }
        let facts = Facts::load(desk).await?;
        for guard in line.guards {
            if let Some(why) = facts.fault(desk, *guard).await? {
                broken.insert(*guard, why);
            }
        }
        Ok(broken)
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        match act {
            A::Propose => Ok(store::judge(desk.tx, desk.row.id, &review_of(desk)?).await?),
            A::List => list(desk).await,
            A::Suspend => suspend(desk).await,
            A::Reinstate => end_hold(desk, act).await,
            A::AnnounceRemoval => {
                let told = (NotificationKind::RemovalAnnounced, S::Listed.label());
                let files = [(desk.row, desk.steps)];
                notification::after_steps(desk.app, desk.tx, desk.actor, &files, told).await
            }
            A::Remove => {
                end_hold(desk, act).await?;
                remove(desk).await
            }
            A::Unpublish => notice::withdraw_lines(std::slice::from_ref(desk)).await,
            A::Expire => roster::expire_enterprise(desk.app, desk.tx, desk.enterprise()?).await,
            _ => Ok(()),
        }
    }
}

/// The program takes a file over at its place on the list: `document` is the list document.
pub(in crate::service) async fn take_over(
    app: &App,
    tx: &Tx,
    case_id: i64,
    document: &str,
) -> Result<(), Error> {
    let sent = Submitted {
        act: A::TakeOver.code().to_owned(),
        remark: format!("按清单文件接管：{document}"),
        fields: [(Evidence::ListDocument.code().to_owned(), document.to_owned())].into(),
        ..Submitted::default()
    };
    act_by_program::<KeyEnterprise>(app, tx, None, &[case_id], &sent).await
}

/// What the guards look at.
struct Facts {
    uscc: String,
    division: Option<EnterpriseDivision>,
    listings: Vec<Stated<Listing>>,
    announced: NoticeStanding,
}

fn actor_of<'a>(desk: &Desk<'a>) -> Result<&'a Actor, Error> {
    let nobody = || Error::Internal(format!("nobody decides on {}", desk.row.case_no));
    desk.actor.ok_or_else(nobody)
}

impl Facts {
    async fn load(desk: &Desk<'_>) -> Result<Self, Error> {
        let (tx, today) = (desk.tx, desk.app.clock.today());
        let enterprise = desk.enterprise()?;
        let divisions = facts_of::<EnterpriseDivision>(tx, enterprise, Versions::Live).await?;
        Ok(Self {
            uscc: registry::uscc_of(tx, enterprise).await?.unwrap_or_default(),
            division: current(&divisions, today).map(|stated| stated.fact.clone()),
            listings: facts_of::<Listing>(tx, enterprise, Versions::Live).await?,
            announced: NoticeStanding::load(tx, &[desk.row.id]).await?,
        })
    }

    /// Why a guard does not hold.
    async fn fault(&self, desk: &Desk<'_>, guard: Guard) -> Result<Option<String>, Error> {
        let today = desk.app.clock.today();
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        let place = self.division.as_ref();
        let listed = || self.listings.iter().any(|listing| listing.period.covers(today));
        let goes_on = || {
            let through = |listing: &Stated<Listing>| listing.period.through;
            self.listings.iter().any(|listing| through(listing).is_none_or(|last| today <= last))
        };
        Ok(match guard {
            Guard::UsccValid => {
                let fault = Uscc::parse(&self.uscc).err();
                fault.map(|error| format!("统一社会信用代码 {}：{error}", self.uscc))
            }
            Guard::RegisteredHere => {
                let here = place.is_some_and(|place| region::is_known(&place.division));
                unless(here, "没有登记在福建省的所在地区，请联系工信部门核对")
            }
            Guard::CallOpen => {
                let open = store::open_call(desk.tx, today).await?.is_some();
                unless(open, "今天不在省级工信部门公布的申报期内")
            }
            Guard::JointStep => joint::fault(joint::is_joint(desk).await?),
            Guard::ExpertsOdd => review_of(desk)?.fault(),
            Guard::RemovalAnnounced => removal_fault(desk).await?,
            Guard::Listed => unless(listed(), "该企业今天不在骨干企业清单内"),
            Guard::TermOver => unless(!goes_on(), "清单有效期还没有届满"),
            other => match self.announced.fault(desk.row.id, other, today) {
                Some(fault) => fault,
                None => Some(format!("{}尚未核实", other.label())),
            },
        })
    }
}

/// Working days between telling an enterprise of its removal and removing it (domain.md 7.4).
const REMOVAL_NOTICE_DAYS: u32 = 5;

/// Why an enterprise cannot be taken off yet: it was not told since it last came to its place, or too
/// short a while ago.
async fn removal_fault(desk: &Desk<'_>) -> Result<Option<String>, Error> {
    let here = |step: &&StepRow| step.to_state == S::Listed.code();
    let since = desk.steps.iter().rev().take_while(here);
    let told = since.clone().find(|step| step.act == A::AnnounceRemoval.code());
    let Some(told) = told else {
        return Ok(Some("须先告知企业拟移出的事实和理由，满五个工作日后再移出".to_owned()));
    };
    let calendar = calendar::within(desk.tx).await?;
    let last = calendar.add_working_days(told.on_day, REMOVAL_NOTICE_DAYS);
    let last = last.map_err(|error| Error::Refused(error.to_string()))?;
    let over = desk.app.clock.today() > last;
    Ok((!over).then(|| format!("已于 {} 告知，{last} 期满后方可移出", told.on_day)))
}

/// Reads numbers and days of a form, collecting what is wrong.
struct Reader<'a> {
    sent: &'a Submitted,
    faults: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    const fn new(sent: &'a Submitted) -> Self {
        Self { sent, faults: Vec::new() }
    }

    fn number(&mut self, field: &str) -> i64 {
        let read = self.sent.text(field).parse::<i64>().ok();
        let read = read.filter(|number| (0..=MOST_PLACES).contains(number));
        if read.is_none() {
            self.faults.push(invalid(field, format!("请填写 0 至 {MOST_PLACES} 的整数")));
        }
        read.unwrap_or_default()
    }

    fn day(&mut self, field: &str) -> NaiveDate {
        let read = self.sent.text(field).parse().ok();
        if read.is_none() {
            self.faults.push(invalid(field, "请填写日期，如2026-06-30"));
        }
        read.unwrap_or_default()
    }

    fn finish(self) -> Result<(), Error> {
        if self.faults.is_empty() { Ok(()) } else { Err(Error::Invalid(self.faults)) }
    }
}

/// What the form of the experts' review says.
fn review_of(desk: &Desk<'_>) -> Result<ExpertReview, Error> {
    let mut read = Reader::new(desk.sent);
    let review = ExpertReview {
        experts: read.number("experts"),
        score_sheets: read.number("sheets"),
        in_favour: read.number("in_favour"),
        withdrew: desk.sent.text("recused").to_owned(),
    };
    if review.withdrew.is_empty() {
        read.faults.push(invalid("recused", "请写明回避人员及原因，没有的填“无”"));
    }
    read.finish()?;
    Ok(review)
}

/// The document that an act is decided by; the file is its reason.
async fn decree<'a>(
    desk: &Desk<'a>,
    title: &str,
    document: Evidence,
    reason: &'a str,
) -> Result<Decree<'a>, Error> {
    let (actor, number) = (actor_of(desk)?, desk.sent.text(document.code()));
    Decree::record(desk.app, desk.tx, actor, ("decision", title), number, reason).await
}

/// The enterprise is on the list from the day that the document names.
async fn list(desk: &Desk<'_>) -> Result<(), Error> {
    let mut read = Reader::new(desk.sent);
    let (from, through) = (read.day("listed_from"), read.day("listed_through"));
    let fact = Listing {
        list_batch: desk.sent.text("list_batch").to_owned(),
        recognition_quota: read.number("recognition_quota"),
        engineer_quota: read.number("engineer_quota"),
    };
    if fact.list_batch.is_empty() {
        read.faults.push(invalid("list_batch", "请填写清单批次"));
    }
    if read.faults.is_empty() && (through < from || last_listed_day() < through) {
        let text = format!("末日不能早于列入日期，也不能晚于 {}", last_listed_day());
        read.faults.push(invalid("listed_through", text));
    }
    read.finish()?;
    let period = Period { from, through: Some(through) };
    let decree =
        decree(desk, "列入骨干企业清单", Evidence::ListDocument, &desk.row.case_no).await?;
    let stated = decree.states(desk.enterprise()?, period, fact, None);
    Ok(fact::state(desk.tx, vec![stated]).await?)
}

/// From today nothing new is filed and payments wait; months go on counting provisionally.
async fn suspend(desk: &Desk<'_>) -> Result<(), Error> {
    let ground = desk.sent.text(Evidence::Ground.code());
    let decree = decree(desk, "暂停骨干企业资格", Evidence::Ground, ground).await?;
    let period = Period { from: desk.app.clock.today(), through: None };
    let fact = EnterpriseHold { case_no: desk.row.case_no.clone() };
    let stated = decree.states(desk.enterprise()?, period, fact, None);
    Ok(fact::state(desk.tx, vec![stated]).await?)
}

/// A suspension ends with the day before.
async fn end_hold(desk: &Desk<'_>, act: A) -> Result<(), Error> {
    let enterprise = desk.enterprise()?;
    let held = facts_of::<EnterpriseHold>(desk.tx, enterprise, Versions::Live).await?;
    let open: Vec<_> = held.into_iter().filter(|hold| hold.period.through.is_none()).collect();
    if open.is_empty() {
        return Ok(());
    }
    let yesterday = desk.app.clock.today().pred_opt();
    let ended: Vec<Shortened> = open
        .iter()
        .map(|hold| Shortened { id: hold.id, period: Period::new(hold.period.from, yesterday) })
        .collect();
    let document = match act {
        A::Remove => Evidence::DecisionDocument,
        _ => Evidence::InvestigationResult,
    };
    let decree = decree(desk, act.label(), document, &desk.row.case_no).await?;
    decree.shorten(desk.tx, &open, &ended).await
}

/// Listing and roster entries end on the same day.
async fn remove(desk: &Desk<'_>) -> Result<(), Error> {
    let mut read = Reader::new(desk.sent);
    let last_day = read.day("last_day");
    read.finish()?;
    let sent = desk.sent;
    let grounds = Grounds::new(
        sent.text(Evidence::Ground.code()),
        sent.text(Evidence::DecisionDocument.code()),
    );
    let (actor, enterprise) = (actor_of(desk)?, desk.enterprise()?);
    roster::remove_enterprise(desk.app, desk.tx, actor, enterprise, last_day, &grounds).await
}

/// What the file is about, line by line.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let (tx, id, enterprise) = (desk.tx, desk.row.id, desk.enterprise()?);
    let today = desk.app.clock.today();
    let mut facts = Vec::new();
    facts.extend(registry::uscc_of(tx, enterprise).await?.map(|uscc| ("统一社会信用代码", uscc)));
    if let Some(said) = store::application(tx, id).await? {
        facts.push(("所属领域", said.industry));
        facts.push(("主营业务", said.main_business));
        facts.push(("人员", format!("职工 {} 人，研发 {} 人", said.staff, said.research_staff)));
    }
    if let Some(review) = store::judged(tx, id).await? {
        let ExpertReview { experts, in_favour, withdrew, .. } = review;
        facts.push((
            "专家评审",
            format!("专家 {experts} 人，同意 {in_favour} 人；回避：{withdrew}"),
        ));
    }
    let listings = facts_of::<Listing>(tx, enterprise, Versions::Live).await?;
    if let Some(listing) = current(&listings, today) {
        let through = listing.period.through.map_or("长期".to_owned(), |last| last.to_string());
        let Listing { list_batch, .. } = &listing.fact;
        facts.push(("清单", format!("{list_batch}，{} 至 {through}", listing.period.from)));
    }
    let year = reported_year(today);
    let mut reports = store::reports(tx, year, &[enterprise]).await?;
    if let Some(report) = reports.remove(&enterprise).and_then(|mut all| all.pop()) {
        let filed = crate::clock::china_time(report.filed_at).date_naive();
        facts.push(("上年度报告", format!("{year} 年度 {}，{filed} 提交", report.report_no)));
    }
    if let Some(hold) = store::holds_on(tx, &[enterprise], today).await?.remove(&enterprise) {
        let text = format!("自 {} 起不受理新的申报，资金暂缓发放，月份照常计算", hold.period.from);
        facts.push(("暂停资格", text));
    }
    Ok(facts)
}
