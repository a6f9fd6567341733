//! What the acts of a roster file mean in the registry.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Months, NaiveDate};

use super::perform::act_by_program;
use super::{Broken, CaseWork, Desk, ExtraField, FieldKind, Submitted, joint, unproven};
use crate::app::App;
use crate::domain::lifecycle::{
    Case, CoreEngineerEntry, Evidence, Guard, Lifecycle, Move, RosterAct as A, RosterState as S,
};
use crate::domain::period::Period;
use crate::domain::registry::{Code, RosterEntry, RosterStatus, Stated, Suspension};
use crate::domain::roster::{Author, Finding, Refusal, filing};
use crate::service::decree::Decree;
use crate::service::duplicate::Suspects;
use crate::service::notice::{self, NoticeStanding};
use crate::service::roster::Files;
use crate::service::{Actor, Error, calendar};
use crate::store::case::{self as cases, CaseRow, NewCase};
use crate::store::db::{StoreError, Tx};
use crate::store::fact::{self, Versions, facts_of};
use crate::store::{number, roster_file as store, stipend};

/// Files opened a statement.
const CHUNK: u64 = 1_000;

/// States in which offices look at a file: what it declares stays as it is until they are done.
pub(in crate::service) fn under_review() -> [&'static str; 6] {
    [
        S::EnterpriseConfirmed,
        S::CountyCheck,
        S::CityCheck,
        S::ProvinceConfirm,
        S::Notice,
        S::Objected,
    ]
    .map(Code::code)
}

/// Opens a file for each entry that a document declared and that has none yet.
pub(in crate::service) async fn open_declared(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    source_id: i64,
) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let entries = store::declared_by(tx, source_id, after, CHUNK).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = last.id;
        open_for(app, tx, actor, &entries).await?;
    }
}

async fn open_for(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    entries: &[Stated<RosterEntry>],
) -> Result<(), Error> {
    let persons: Vec<i64> = entries.iter().map(|entry| entry.about).collect();
    let kind = CoreEngineerEntry::KIND.code();
    // A declaration that was filed again with another date keeps its file.
    let open = cases::about_persons(tx, kind, &[S::Draft.code()], &persons).await?;
    let held: BTreeSet<(Option<i64>, Option<i64>)> =
        open.iter().map(|row| (row.person_id, row.enterprise_id)).collect();
    let has_none = |entry: &&Stated<RosterEntry>| {
        !held.contains(&(Some(entry.about), Some(entry.fact.enterprise_id)))
    };
    let entries: Vec<&Stated<RosterEntry>> = entries.iter().filter(has_none).collect();
    if entries.is_empty() {
        return Ok(());
    }
    let names = stipend::explain::person_names(tx, &persons).await?;
    let today = app.clock.today();
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let first = number::allocate(tx, "roster_case", count).await?;
    let fresh = Case::<CoreEngineerEntry>::open(today, &calendar::within(tx).await?);
    let words: Vec<(String, String)> = (first..)
        .zip(&entries)
        .map(|(serial, entry)| {
            let name = names.get(&entry.about).map_or("", String::as_str);
            let about = format!("{name}，自 {} 起入册", entry.period.from);
            (format!("MC{}-{serial:06}", today.format("%Y")), about)
        })
        .collect();
    let new: Vec<NewCase<'_>> = entries
        .iter()
        .zip(&words)
        .map(|(entry, (case_no, about))| NewCase {
            case_no,
            kind,
            enterprise_id: Some(entry.fact.enterprise_id),
            person_id: Some(entry.about),
            about,
            state: fresh.state.code(),
            since: fresh.since,
            due_on: fresh.due.day(),
            opened_by: actor.account_id,
            opened_at: app.clock.now(),
        })
        .collect();
    let ids = cases::open_all(tx, &new).await?;
    let pairs: Vec<(i64, i64)> =
        ids.into_iter().zip(&entries).map(|(case, entry)| (case, entry.id)).collect();
    Ok(store::link(tx, &pairs).await?)
}

/// Closes the files of what a document declared, because the enterprise takes the document back.
///
/// # Errors
/// [`Error::Refused`] when an office has a file already.
pub(in crate::service) async fn withdraw_declared(
    app: &App,
    tx: &Tx,
    source_id: i64,
) -> Result<(), Error> {
    let kind = CoreEngineerEntry::KIND.code();
    let mut after = 0;
    loop {
        let entries = store::declared_by(tx, source_id, after, CHUNK).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = last.id;
        let persons: Vec<i64> = entries.iter().map(|entry| entry.about).collect();
        let mine: BTreeSet<i64> = entries.iter().map(|entry| entry.fact.enterprise_id).collect();
        let of_mine = |rows: Vec<CaseRow>| {
            let of = move |row: &CaseRow| row.enterprise_id.is_some_and(|id| mine.contains(&id));
            rows.into_iter().filter(of).collect::<Vec<CaseRow>>()
        };
        let drafts = cases::about_persons(tx, kind, &[S::Draft.code()], &persons).await?;
        let taken = cases::about_persons(tx, kind, &under_review(), &persons).await?;
        let (drafts, taken) = (of_mine.clone()(drafts), of_mine(taken));
        if let Some(first) = taken.first() {
            return Err(Error::Refused(format!(
                "本次导入有 {} 人的申报正在审核（如 {}），退回后才能撤销",
                taken.len(),
                first.case_no
            )));
        }
        let ids: Vec<i64> = drafts.iter().map(|row| row.id).collect();
        by_program(app, tx, None, &ids, A::Withdraw, "").await?;
    }
}

/// Closes the files of people who left: the program does it, or the clerk who reports it.
pub(in crate::service) async fn left(
    app: &App,
    tx: &Tx,
    actor: Option<&Actor>,
    gone: &[(i64, i64)],
    ground: &str,
) -> Result<(), Error> {
    let persons: Vec<i64> = gone.iter().map(|(person, _)| *person).collect();
    let states = [S::Active.code(), S::Suspended.code()];
    let open = cases::about_persons(tx, CoreEngineerEntry::KIND.code(), &states, &persons).await?;
    let is_gone = |row: &&CaseRow| {
        row.person_id.zip(row.enterprise_id).is_some_and(|pair| gone.contains(&pair))
    };
    let ids: Vec<i64> = open.iter().filter(is_gone).map(|row| row.id).collect();
    let line = CoreEngineerEntry::line(S::Active, A::End);
    let may =
        |actor: &&Actor| line.is_some_and(|line| line.by.contains(&super::Hand::Role(actor.role)));
    by_program(app, tx, actor.filter(may), &ids, A::End, ground).await
}

async fn by_program(
    app: &App,
    tx: &Tx,
    actor: Option<&Actor>,
    ids: &[i64],
    act: A,
    ground: &str,
) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let fields = BTreeMap::from([(Evidence::Ground.code().to_owned(), ground.to_owned())]);
    let sent = Submitted { act: act.code().to_owned(), fields, ..Submitted::default() };
    act_by_program::<CoreEngineerEntry>(app, tx, actor, ids, &sent).await
}

/// What the public reads about files in a notice.
pub(in crate::service) async fn announced(
    tx: &Tx,
    case_ids: &[i64],
) -> Result<Vec<(i64, String)>, Error> {
    let entries = store::entries_of(tx, case_ids).await?;
    let words = |(case, entry): (i64, Stated<RosterEntry>)| {
        (case, format!("核心工程师名册，自 {} 起", entry.period.from))
    };
    Ok(entries.into_iter().map(words).collect())
}

/// What a file is about, line by line, with everything that deserves a look.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let sheaf = Sheaf::load(std::slice::from_ref(desk)).await?;
    let Some(entry) = sheaf.entry(desk) else {
        return Ok(vec![("名册申报", "已撤回".to_owned())]);
    };
    let mut facts = vec![("入册首日", entry.period.from.to_string())];
    facts.extend(entry.period.through.map(|last| ("出册末日", last.to_string())));
    if entry.fact.status == RosterStatus::Declared {
        let found: Vec<String> =
            sheaf.found(desk, entry)?.iter().map(ToString::to_string).collect();
        let text = if found.is_empty() {
            "没有需要核对的情况".to_owned()
        } else {
            found.join("；")
        };
        facts.push(("自动核对", text));
        facts.push(("社保、个税", sheaf.files.proof(entry).to_string()));
    }
    Ok(facts)
}

const SUSPENDING: &[ExtraField] =
    &[ExtraField { name: "suspended_from", label: "自哪一日起暂停", kind: FieldKind::Day }];
const REINSTATING: &[ExtraField] = &[ExtraField {
    name: "resumes_on",
    label: "自哪一日起恢复（暂停不成立的填暂停首日）",
    kind: FieldKind::Day,
}];

impl CaseWork for CoreEngineerEntry {
    fn fields(act: A) -> &'static [ExtraField] {
        match act {
            A::Suspend => SUSPENDING,
            A::Reinstate => REINSTATING,
            _ => &[],
        }
    }

    fn elsewhere(act: A) -> Option<&'static str> {
        match act {
            A::Publish => Some("/notices/new?kind=roster_entry"),
            A::End => Some("/engineers/{person}/departures"),
            _ => None,
        }
    }

    async fn broken(desk: &Desk<'_>, line: &'static Move<S, A>) -> Result<Broken, Error> {
        let mut all = Self::broken_on_all(std::slice::from_ref(desk), line).await?;
        Ok(all.pop().unwrap_or_default())
    }

    async fn effect(desk: &Desk<'_>, act: A) -> Result<(), Error> {
        Self::effect_on_all(std::slice::from_ref(desk), act).await
    }

    async fn broken_on_all(
        desks: &[Desk<'_>],
        line: &'static Move<S, A>,
    ) -> Result<Vec<Broken>, Error> {
        if line.guards.is_empty() {
            return Ok(vec![Broken::new(); desks.len()]);
        }
        if line.act == A::SuspendUnproven {
            return unproven::broken_on_all(desks).await;
        }
        let mut sheaf = Sheaf::load(desks).await?;
        if line.guards.contains(&Guard::PersonIdentified) {
            let persons: Vec<i64> = desks.iter().filter_map(|desk| desk.row.person_id).collect();
            sheaf.suspects = Suspects::load(desks[0].tx, &persons).await?;
        }
        let broken = |desk: &Desk<'_>| {
            let mut broken = Broken::new();
            for guard in line.guards {
                if let Some(why) = sheaf.fault(desk, *guard)? {
                    broken.insert(*guard, why);
                }
            }
            Ok(broken)
        };
        desks.iter().map(broken).collect()
    }

    async fn effect_on_all(desks: &[Desk<'_>], act: A) -> Result<(), Error> {
        let Some(first) = desks.first() else { return Ok(()) };
        match act {
            A::Activate | A::TransferIn => enter(first, desks).await,
            A::Reject => strike(first, desks, "不予入册").await,
            A::Void => strike(first, desks, "名册宣告作废").await,
            A::Unpublish => notice::withdraw_lines(desks).await,
            A::Suspend => suspend(desks).await,
            A::SuspendUnproven => unproven::suspend(desks).await,
            A::Reinstate => reinstate(desks).await,
            _ => Ok(()),
        }
    }
}

/// What the guards of many files look at.
struct Sheaf {
    entries: HashMap<i64, Stated<RosterEntry>>,
    files: Files,
    announced: NoticeStanding,
    /// Enterprises where one office takes the steps of county and city.
    joint: BTreeSet<i64>,
    /// Likely duplicates, where an act asks for them.
    suspects: Suspects,
}

impl Sheaf {
    async fn load(desks: &[Desk<'_>]) -> Result<Self, Error> {
        let Some(first) = desks.first() else {
            return Err(Error::Internal("no files".to_owned()));
        };
        let ids: Vec<i64> = desks.iter().map(|desk| desk.row.id).collect();
        let entries = store::entries_of(first.tx, &ids).await?;
        let held: Vec<Stated<RosterEntry>> = entries.values().cloned().collect();
        let files = Files::load(first.tx, &held).await?;
        let announced = NoticeStanding::load(first.tx, &ids).await?;
        let joint = joint::enterprises(desks).await?;
        Ok(Self { entries, files, announced, joint, suspects: Suspects::default() })
    }

    /// The entry of a file; `None` when it was taken back.
    fn entry(&self, desk: &Desk<'_>) -> Option<&Stated<RosterEntry>> {
        self.entries.get(&desk.row.id).filter(|entry| entry.is_live())
    }

    fn found(&self, desk: &Desk<'_>, entry: &Stated<RosterEntry>) -> Result<Vec<Finding>, Error> {
        // The program has declared nothing.
        let nobody = Author { account_id: 0, holder_id: 0 };
        self.files.review(desk.app, desk.actor.map_or(nobody, Actor::author), entry)
    }

    /// Why a guard does not hold.
    fn fault(&self, desk: &Desk<'_>, guard: Guard) -> Result<Option<String>, Error> {
        let today = desk.app.clock.today();
        if let Some(fault) = self.announced.fault(desk.row.id, guard, today) {
            return Ok(fault);
        }
        let Some(entry) = self.entry(desk) else {
            return Ok(Some("企业已撤回这项申报".to_owned()));
        };
        let first = entry.period.from;
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        Ok(match guard {
            Guard::JointStep => joint::fault_among(&self.joint, desk),
            Guard::PersonIdentified => {
                desk.row.person_id.and_then(|person| self.suspects.fault(person))
            }
            Guard::MonthlyWindow => {
                let why = format!("每月 {} 日至 {} 日提交", filing::FIRST_DAY, filing::LAST_DAY);
                unless(filing::is_open(today), &why)
            }
            Guard::ContractLongEnough => self.contract_fault(entry),
            Guard::Listed => {
                let found = self.found(desk, entry)?;
                let against = found
                    .iter()
                    .find(|finding| matches!(finding, Finding::Against(Refusal::NotListed(_))));
                against.map(ToString::to_string)
            }
            Guard::NoOverlap => joined(&self.found(desk, entry)?, |finding| finding.blocks()),
            Guard::EffectiveDate if first < filing::POLICY_FROM => {
                Some(format!("入册首日不得早于政策实施日 {}", filing::POLICY_FROM))
            }
            Guard::EffectiveDate => joined(&self.found(desk, entry)?, |finding| finding.blocks()),
            Guard::TransferGap => {
                let before = self.files.left_before(entry);
                let gap = before.map(|last| (first - last).num_days());
                let why = format!(
                    "没有 {} 日内从另一家骨干企业离册的记录，须经公示",
                    filing::TRANSFER_GAP_DAYS
                );
                unless(gap.is_some_and(|days| days <= filing::TRANSFER_GAP_DAYS), &why)
            }
            other => Some(format!("{}尚未核实", other.label())),
        })
    }

    fn contract_fault(&self, entry: &Stated<RosterEntry>) -> Option<String> {
        let ends = self.files.employment_ends(entry)?;
        let year = entry.period.from.checked_add_months(Months::new(filing::CONTRACT_MONTHS))?;
        (ends < year.pred_opt()?).then(|| format!("登记的任职到 {ends} 为止，不足一年"))
    }
}

fn joined(found: &[Finding], counts: impl Fn(&Finding) -> bool) -> Option<String> {
    let texts: Vec<String> =
        found.iter().filter(|finding| counts(finding)).map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join("；"))
}

fn by_hand<'a>(desk: &Desk<'a>) -> Result<&'a Actor, Error> {
    desk.actor.ok_or_else(|| Error::Internal("the program decides nothing here".to_owned()))
}

async fn entries(first: &Desk<'_>, desks: &[Desk<'_>]) -> Result<Vec<Stated<RosterEntry>>, Error> {
    let ids: Vec<i64> = desks.iter().map(|desk| desk.row.id).collect();
    let mut held: Vec<Stated<RosterEntry>> =
        store::entries_of(first.tx, &ids).await?.into_values().collect();
    held.retain(Stated::is_live);
    held.sort_unstable_by_key(|entry| entry.id);
    Ok(held)
}

fn gone(error: StoreError) -> Error {
    match error {
        StoreError::RecordNotUpdated => {
            Error::Stale("有申报刚刚已由他人处理，请刷新后再办".to_owned())
        }
        other => Error::from(other),
    }
}

/// The declared entries become confirmed ones under one document.
async fn enter(first: &Desk<'_>, desks: &[Desk<'_>]) -> Result<(), Error> {
    let (tx, actor) = (first.tx, by_hand(first)?);
    let held = entries(first, desks).await?;
    let document_no = first.sent.text(Evidence::DecisionDocument.code());
    let document = ("decision", "核心工程师名册确认");
    let decree = Decree::record(first.app, tx, actor, document, document_no, "").await?;
    let ids: Vec<i64> = held.iter().map(|entry| entry.id).collect();
    fact::supersede_all::<RosterEntry>(tx, &ids, decree.at, decree.source_id)
        .await
        .map_err(gone)?;
    let confirmed = held
        .into_iter()
        .map(|entry| {
            let fact = RosterEntry { status: RosterStatus::Confirmed, ..entry.fact };
            decree.states(entry.about, entry.period, fact, Some(entry.id))
        })
        .collect();
    Ok(fact::state(tx, confirmed).await?)
}

/// The entries hold no longer.
async fn strike(first: &Desk<'_>, desks: &[Desk<'_>], title: &str) -> Result<(), Error> {
    let (tx, actor) = (first.tx, by_hand(first)?);
    let held = entries(first, desks).await?;
    let sent = first.sent;
    let (reason, no) =
        (sent.text(Evidence::Ground.code()), sent.text(Evidence::DecisionDocument.code()));
    let decree = Decree::record(first.app, tx, actor, ("decision", title), no, reason).await?;
    let ids: Vec<i64> = held.iter().map(|entry| entry.id).collect();
    fact::supersede_all::<RosterEntry>(tx, &ids, decree.at, decree.source_id).await.map_err(gone)
}

fn day(desk: &Desk<'_>, field: &str) -> Result<NaiveDate, Error> {
    let wrong = |_| Error::Invalid(vec![(field.to_owned(), "请填写日期，如2026-06-30".to_owned())]);
    desk.sent.text(field).parse().map_err(wrong)
}

async fn suspend(desks: &[Desk<'_>]) -> Result<(), Error> {
    for desk in desks {
        let (tx, actor) = (desk.tx, by_hand(desk)?);
        let from = day(desk, "suspended_from")?;
        let reason = desk.sent.text(Evidence::Ground.code());
        let document = ("decision", "暂停名册");
        let no = &desk.row.case_no;
        let decree = Decree::record(desk.app, tx, actor, document, no, reason).await?;
        let period = Period { from, through: None };
        let person = desk.person()?;
        let held = facts_of::<Suspension>(tx, person, Versions::Live).await?;
        crate::domain::roster::no_same_period(0, &Suspension {}, period, &held)?;
        let stated = decree.states(person, period, Suspension {}, None);
        fact::state(tx, vec![stated]).await?;
    }
    Ok(())
}

/// The open suspension ends the day before, or never was when it falls away from its first day.
async fn reinstate(desks: &[Desk<'_>]) -> Result<(), Error> {
    for desk in desks {
        let (tx, actor) = (desk.tx, by_hand(desk)?);
        let resumes_on = day(desk, "resumes_on")?;
        let held = facts_of::<Suspension>(tx, desk.person()?, Versions::Live).await?;
        let open = held.into_iter().find(|stated| stated.period.through.is_none());
        let Some(open) = open else { continue };
        let reason = desk.sent.text(Evidence::MonthProof.code());
        let document = ("decision", "恢复名册");
        let no = &desk.row.case_no;
        let decree = Decree::record(desk.app, tx, actor, document, no, reason).await?;
        match resumes_on.pred_opt().and_then(|last| Period::new(open.period.from, Some(last))) {
            Some(period) => {
                let left = decree.states(open.about, period, Suspension {}, Some(open.id));
                fact::correct(tx, open.id, left).await?;
            }
            None => {
                fact::supersede::<Suspension>(tx, open.id, decree.at, decree.source_id).await?;
            }
        }
    }
    Ok(())
}
