//! The file of a person's year: what its acts mean, and how it follows results and money
//! (domain.md 7.7).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::Pin;

use chrono::{Datelike, NaiveDate};

use super::perform::act_by_program;
use super::{Broken, CaseView, CaseWork, Desk, ExtraField, Submitted, joint, recovery};
use crate::app::App;
use crate::domain::lifecycle::{
    Case, EntitlementAct as A, EntitlementState as S, Guard, Lifecycle, Move, Target,
    YearlyEntitlement,
};
use crate::domain::money::Fen;
use crate::domain::period::Period;
use crate::domain::registry::Code;
use crate::domain::yearly::{Cause, Computed, Money, Window, after_money, after_result, window};
use crate::service::notice::{self, NoticeStanding};
use crate::service::stipend::{ExplainedShare, explain};
use crate::service::{Actor, Error, calendar};
use crate::store::case::{self as cases, CaseRow, NewCase};
use crate::store::db::Tx;
use crate::store::merge::merges_about;
use crate::store::stipend::explain::person_names;
use crate::store::stipend::ledger::money_of;
use crate::store::yearly_file::{self as store, YearlyFile};

/// Most acts that one occasion asks of a file.
const MOST_ACTS: usize = 4;

/// A programme and award year.
pub(in crate::service) type YearOf<'a> = (&'a str, i32);

/// What stands for some persons' years.
#[derive(Clone, Copy)]
pub(in crate::service) struct Results<'a> {
    /// All who have a result.
    pub(in crate::service) persons: &'a [i64],
    /// Those to whom something is due.
    pub(in crate::service) due: &'a BTreeSet<i64>,
    /// Those whose lines or recoveries changed with it.
    pub(in crate::service) moved: &'a BTreeSet<i64>,
}

/// Opens a file for each of these persons' years that has none, and lets all follow the results
/// that stand now. `opener` is the account that had the year computed.
pub(in crate::service) async fn follow_results(
    app: &App,
    tx: &Tx,
    opener: i64,
    of: YearOf<'_>,
    results: Results<'_>,
) -> Result<(), Error> {
    let Results { persons, due, moved } = results;
    let (programme, year) = of;
    let mut files = store::of_persons(tx, programme, year.into(), persons).await?;
    let missing: Vec<i64> = persons.iter().copied().filter(|p| !files.contains_key(p)).collect();
    if !missing.is_empty() {
        open(app, tx, opener, of, &missing).await?;
        files.extend(store::of_persons(tx, programme, year.into(), &missing).await?);
    }
    let money_moved = [S::Paid, S::PartPaid, S::Clawback, S::Corrected].map(Code::code);
    let paid: Vec<i64> = files
        .iter()
        .filter(|(_, row)| money_moved.contains(&row.state.as_str()))
        .map(|(person, _)| *person)
        .collect();
    let money = money_of(tx, &paid).await?;
    let is_final = app.clock.today().year() > year;
    let next = |person: i64, state: S| {
        let computed = Computed {
            is_final,
            is_due: due.contains(&person),
            moves_money: moved.contains(&person),
            money: money.get(&(person, year.into())).copied().unwrap_or_default(),
        };
        after_result(state, &computed)
    };
    follow(app, tx, None, &files, next).await
}

/// Lets the files of these persons' years follow their money. `actor` moved it.
pub(in crate::service) async fn follow_money(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    of: YearOf<'_>,
    (persons, cause): (&[i64], Cause),
) -> Result<(), Error> {
    let (programme, year) = of;
    // What belongs to a merged number moves the file of the leading one.
    let merges = merges_about(tx, persons, None).await?;
    let persons: BTreeSet<i64> =
        persons.iter().flat_map(|person| [*person, merges.leading(*person)]).collect();
    let persons: Vec<i64> = persons.into_iter().collect();
    let files = store::of_persons(tx, programme, year.into(), &persons).await?;
    if files.is_empty() {
        return Ok(());
    }
    let money = money_of(tx, &persons).await?;
    let next = |person: i64, state: S| {
        let money = money.get(&(person, year.into())).copied().unwrap_or_default();
        after_money(state, money, cause)
    };
    follow(app, tx, Some(actor), &files, next).await
}

/// [`follow_money`] from within an act on files: erased, it does not contain itself.
fn follow_released<'a>(
    app: &'a App,
    tx: &'a Tx,
    actor: &'a Actor,
    of: YearOf<'a>,
    released: (&'a [i64], Cause),
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
    Box::pin(follow_money(app, tx, actor, of, released))
}

/// [`follow_money`] from within an act on a recovery: what came back is no batch.
pub(super) fn follow_recovered<'a>(
    app: &'a App,
    tx: &'a Tx,
    actor: &'a Actor,
    of: YearOf<'a>,
    persons: &'a [i64],
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
    Box::pin(follow_money(app, tx, actor, of, (persons, Cause::Bank)))
}

/// Does what `next` asks of files until it asks nothing more.
async fn follow(
    app: &App,
    tx: &Tx,
    actor: Option<&Actor>,
    files: &BTreeMap<i64, CaseRow>,
    next: impl Fn(i64, S) -> Option<A>,
) -> Result<(), Error> {
    let unknown = |row: &CaseRow| Error::Internal(format!("state of case {}", row.case_no));
    let mut open: Vec<(i64, i64, S)> = Vec::with_capacity(files.len());
    for (person, row) in files {
        let state = S::from_code(&row.state).ok_or_else(|| unknown(row))?;
        open.push((*person, row.id, state));
    }
    for _ in 0..MOST_ACTS {
        let mut wanted: BTreeMap<A, Vec<i64>> = BTreeMap::new();
        let mut moved = Vec::new();
        for (person, id, state) in open {
            let Some(act) = next(person, state) else { continue };
            let line = YearlyEntitlement::line(state, act).map(|line| line.to);
            let Some(Target::State(to)) = line else {
                return Err(Error::Internal(format!("no line {} {}", state.code(), act.code())));
            };
            wanted.entry(act).or_default().push(id);
            moved.push((person, id, to));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        for (act, ids) in wanted {
            // A batch is somebody's act; what results and the bank bring about is nobody's.
            let by = actor.filter(|_| matches!(act, A::Batch | A::Unbatch));
            let sent = Submitted { act: act.code().to_owned(), ..Submitted::default() };
            act_by_program::<YearlyEntitlement>(app, tx, by, &ids, &sent).await?;
        }
        open = moved;
    }
    Err(Error::Internal("files of a year that never settle".to_owned()))
}

async fn open(
    app: &App,
    tx: &Tx,
    opener: i64,
    (programme, year): YearOf<'_>,
    persons: &[i64],
) -> Result<(), Error> {
    let period = Period::year(year).ok_or_else(|| Error::Internal(format!("no year {year}")))?;
    let employers = store::last_employers(tx, &period, persons).await?;
    let names = person_names(tx, persons).await?;
    let today = app.clock.today();
    let fresh = Case::<YearlyEntitlement>::open(today, &calendar::within(tx).await?);
    let count = i64::try_from(persons.len()).unwrap_or(i64::MAX);
    let first = crate::store::number::allocate(tx, "yearly_case", count).await?;
    let words: Vec<(String, String)> = (first..)
        .zip(persons)
        .map(|(serial, person)| {
            let name = names.get(person).map_or("", String::as_str);
            (format!("ND{year}-{serial:06}"), format!("{name}，{year} 年度奖补"))
        })
        .collect();
    let new: Vec<NewCase<'_>> = persons
        .iter()
        .zip(&words)
        .map(|(person, (case_no, about))| NewCase {
            case_no,
            kind: YearlyEntitlement::KIND.code(),
            enterprise_id: employers.get(person).copied(),
            person_id: Some(*person),
            about,
            state: fresh.state.code(),
            since: fresh.since,
            due_on: fresh.due.day(),
            opened_by: opener,
            opened_at: app.clock.now(),
        })
        .collect();
    let ids = cases::open_all(tx, &new).await?;
    let pairs: Vec<(i64, i64)> = ids.into_iter().zip(persons.iter().copied()).collect();
    Ok(store::link(tx, programme, year.into(), &pairs).await?)
}

/// The year that a file is about.
pub(super) async fn award_year(tx: &Tx, case_id: i64) -> Result<Option<i64>, Error> {
    let files = store::of_cases(tx, &[case_id]).await?;
    Ok(files.get(&case_id).map(|file| file.award_year))
}

/// What the year came to, as far as the reader may see it.
pub(super) async fn came_to(
    app: &App,
    actor: &Actor,
    view: &CaseView,
) -> Result<Vec<(&'static str, String)>, Error> {
    let Some(year) = view.award_year else { return Ok(Vec::new()) };
    let year = i32::try_from(year).map_err(|_| Error::Internal(format!("year {year}")))?;
    let told = match explain(app, &actor.scope, &view.person_no, year, None).await {
        Ok(told) => told,
        // An enterprise that corrected the person's time with it sees the file, not the year.
        Err(Error::NotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let share = |share: &ExplainedShare| {
        format!("{}（{}） {} 元", share.source, share.enterprise, share.amount.grouped())
    };
    let shares: Vec<String> = told.shares.iter().map(share).collect();
    let mut facts = vec![("核定结果", told.sentence)];
    if !shares.is_empty() {
        facts.push(("资金分担", shares.join("；")));
    }
    facts.extend(told.adjustment.map(|text| ("更正", text)));
    Ok(facts)
}

/// What the public reads about files in a notice, and the amount that it says.
pub(in crate::service) async fn announced(
    tx: &Tx,
    case_ids: &[i64],
) -> Result<Vec<(i64, String, Fen)>, Error> {
    let files = store::of_cases(tx, case_ids).await?;
    let mut said = Vec::with_capacity(files.len());
    for ((programme, year), persons) in by_year(files.values()) {
        let granted = store::granted(tx, programme, year, &persons).await?;
        for file in
            files.values().filter(|f| (f.programme.as_str(), f.award_year) == (programme, year))
        {
            let net = granted.get(&file.person_id).copied().unwrap_or_default();
            let text = format!("{year} 年度核心工程师奖补 {} 元", net.grouped());
            said.push((file.case_id, text, net));
        }
    }
    Ok(said)
}

fn by_year<'a>(files: impl Iterator<Item = &'a YearlyFile>) -> BTreeMap<(&'a str, i64), Vec<i64>> {
    let mut years: BTreeMap<(&str, i64), Vec<i64>> = BTreeMap::new();
    for file in files {
        years.entry((file.programme.as_str(), file.award_year)).or_default().push(file.person_id);
    }
    years
}

/// What a file is about, line by line. What the year came to stands on the page of the year, as far
/// as the reader may see it.
pub(super) async fn facts(desk: &Desk<'_>) -> Result<Vec<(&'static str, String)>, Error> {
    let sheaf = Sheaf::load(std::slice::from_ref(desk), &[Guard::AccountVerified]).await?;
    let Some(file) = sheaf.files.get(&desk.row.id) else { return Ok(Vec::new()) };
    let mut facts = vec![("奖补年度", format!("{} 年", file.award_year))];
    let declared = desk.steps.iter().rev().find(|step| step.act == A::DeclareSelf.code());
    let said = declared.map_or_else(|| "尚未确认".to_owned(), |step| step.on_day.to_string());
    facts.push(("本人确认", said));
    let account = sheaf.accounts.get(&file.person_id);
    let account = account.map_or_else(|| "未登记".to_owned(), |four| format!("尾号 {four}"));
    facts.push(("收款账户", account));
    if desk.row.state == S::Computed.code() {
        facts.extend(sheaf.window(desk).map(|window| ("申报期", words(window))));
    }
    Ok(facts)
}

fn words(window: Window) -> String {
    match window {
        Window::NotYet(first) => format!("{first} 起申报"),
        Window::Open(last) => format!("到 {last} 为止"),
        Window::Late(last) => format!("已逾期，写明原因的可在 {last} 前补报"),
        Window::Over(last) => format!("已于 {last} 结束"),
    }
}

impl CaseWork for YearlyEntitlement {
    fn fields(_: A) -> &'static [ExtraField] {
        &[]
    }

    fn elsewhere(act: A) -> Option<&'static str> {
        match act {
            A::Publish => Some("/notices/new?kind=entitlement"),
            A::Batch => Some("/batches/new"),
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
        let sheaf = Sheaf::load(desks, line.guards).await?;
        let broken = |desk: &Desk<'_>| {
            let faults = line.guards.iter().filter_map(|guard| {
                let why = sheaf.fault(desk, line, *guard)?;
                Some((*guard, why))
            });
            faults.collect()
        };
        Ok(desks.iter().map(broken).collect())
    }

    async fn effect_on_all(desks: &[Desk<'_>], act: A) -> Result<(), Error> {
        let Some(first) = desks.first() else { return Ok(()) };
        let ids: Vec<i64> = desks.iter().map(|desk| desk.row.id).collect();
        if act == A::Unpublish {
            return notice::withdraw_lines(desks).await;
        }
        if act == A::Reclaim {
            return open_recoveries(first, &ids).await;
        }
        let turn = match act {
            A::Release | A::Supplement | A::Unhold => true,
            A::Hold | A::Revise | A::Refuse => false,
            _ => return Ok(()),
        };
        let files = store::of_cases(first.tx, &ids).await?;
        for ((programme, year), persons) in by_year(files.values()) {
            if turn {
                store::release(first.tx, programme, year, &persons).await?;
            } else {
                store::hold_back(first.tx, programme, year, &persons).await?;
            }
            // Another number of the same person may have been paid what is released here.
            if let (A::Release, Some(actor), Ok(year)) = (act, first.actor, i32::try_from(year)) {
                let released = (persons.as_slice(), Cause::Bank);
                follow_released(first.app, first.tx, actor, (programme, year), released).await?;
            }
        }
        Ok(())
    }
}

/// A recovery is decided on by itself, for each payer.
async fn open_recoveries(desk: &Desk<'_>, ids: &[i64]) -> Result<(), Error> {
    let opener = desk.actor.map_or(desk.row.opened_by, |actor| actor.account_id);
    let files = store::of_cases(desk.tx, ids).await?;
    for (year, persons) in by_year(files.values()) {
        recovery::open(desk.app, desk.tx, opener, year, &persons).await?;
    }
    Ok(())
}

/// What the guards of many files look at; only what they ask for is read.
struct Sheaf {
    files: HashMap<i64, YearlyFile>,
    granted: HashMap<(i64, i64), Fen>,
    money: HashMap<(i64, i64), Money>,
    accounts: HashMap<i64, String>,
    announced: NoticeStanding,
    joint: BTreeSet<i64>,
    today: NaiveDate,
}

impl Sheaf {
    async fn load(desks: &[Desk<'_>], guards: &[Guard]) -> Result<Self, Error> {
        let Some(Desk { app, tx, .. }) = desks.first().copied() else {
            return Err(Error::Internal("no files".to_owned()));
        };
        let asks = |any: &[Guard]| guards.iter().any(|guard| any.contains(guard));
        let ids: Vec<i64> = desks.iter().map(|desk| desk.row.id).collect();
        let files = store::of_cases(tx, &ids).await?;
        let persons: Vec<i64> = files.values().map(|file| file.person_id).collect();
        let mut sheaf = Self {
            files,
            granted: HashMap::new(),
            money: HashMap::new(),
            accounts: HashMap::new(),
            announced: NoticeStanding::default(),
            joint: BTreeSet::new(),
            today: app.clock.today(),
        };
        if asks(&[Guard::Computed, Guard::NothingDue]) {
            for ((programme, year), persons) in by_year(sheaf.files.values()) {
                let granted = store::granted(tx, programme, year, &persons).await?;
                let of_year = granted.into_iter().map(|(person, net)| ((person, year), net));
                sheaf.granted.extend(of_year);
            }
        }
        if asks(&[Guard::BankAnswer, Guard::SupplementDue, Guard::RecoveryDue, Guard::RecoveryOver])
        {
            sheaf.money = money_of(tx, &persons).await?;
        }
        if asks(&[Guard::JointStep]) {
            sheaf.joint = joint::enterprises(desks).await?;
        }
        if asks(&[Guard::AccountVerified]) {
            sheaf.accounts = store::accounts_on(tx, &persons, sheaf.today).await?;
        }
        if asks(&[Guard::NoticeOver, Guard::ObjectionAccepted, Guard::ObjectionUpheld]) {
            sheaf.announced = NoticeStanding::load(tx, &ids).await?;
        }
        Ok(sheaf)
    }

    fn window(&self, desk: &Desk<'_>) -> Option<Window> {
        let file = self.files.get(&desk.row.id)?;
        window(i32::try_from(file.award_year).ok()?, desk.row.since, self.today)
    }

    /// Why a guard does not hold.
    fn fault(&self, desk: &Desk<'_>, line: &Move<S, A>, guard: Guard) -> Option<String> {
        if let Some(fault) = self.announced.fault(desk.row.id, guard, self.today) {
            return fault;
        }
        let Some(file) = self.files.get(&desk.row.id) else {
            return Some("没有对应的年度".to_owned());
        };
        let of = (file.person_id, file.award_year);
        let granted = self.granted.get(&of).copied();
        let money = self.money.get(&of).copied().unwrap_or_default();
        let unless = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
        match guard {
            Guard::JointStep => joint::fault_among(&self.joint, desk),
            Guard::Computed => unless(granted.is_some(), "该年度还没有核定结果"),
            Guard::NothingDue => {
                unless(granted.is_some_and(|net| net == Fen::ZERO), "核定金额不为零")
            }
            Guard::DeclarationOpen => match self.window(desk)? {
                Window::Open(_) => None,
                Window::Late(last) if desk.sent.remark.trim().is_empty() => {
                    Some(format!("申报期已过；{last} 前可以补报，请在“办理意见”中写明逾期原因"))
                }
                Window::Late(_) => None,
                Window::NotYet(first) => Some(format!("{first} 起才能申报")),
                Window::Over(last) => Some(format!("申报期已于 {last} 结束")),
            },
            Guard::DeclarationOver => match self.window(desk)? {
                Window::Over(_) => None,
                open => Some(format!("申报期{}", words(open))),
            },
            Guard::AccountVerified => {
                unless(self.accounts.contains_key(&file.person_id), "没有登记收款账户")
            }
            Guard::SupplementDue => unless(money.pending > Fen::ZERO, "没有待补发的金额"),
            Guard::RecoveryOver => unless(!money.is_to_come_back(), "还有待追回的金额"),
            Guard::RecoveryDue => unless(money.recovery > Fen::ZERO, "没有待追回的金额"),
            Guard::BankAnswer => {
                let asked = S::from_code(&desk.row.state)
                    .and_then(|state| after_money(state, money, Cause::Bank));
                unless(asked == Some(line.act), "与各笔款项的状态不符")
            }
            other => Some(format!("{}尚未核实", other.label())),
        }
    }
}
