//! The machine: an act on one file or on many, judged by the table, recorded, carried out.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Broken, CaseWork, Desk, Submitted, cosign, defect, for_kind, hand_code, hand_label, mandate,
    of_kind, recusal, state_label,
};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::calendar::WorkCalendar;
use crate::domain::lifecycle::{
    AutonomousRecognition, Case, CoreEngineerEntry, Deed, Guard, Hand, Lifecycle, Move, Refusal,
    Step,
};
use crate::domain::notification::NotificationKind;
use crate::domain::registry::Code;
use crate::service::{
    Actor, Error, PROGRAM, PUBLIC, duplicate, freeze, log, log_apart, notification, webhook,
};
use crate::store::case::{self as store, CaseRow, NewStep, StepRow};
use crate::store::db::Tx;

/// Most files of one act on many.
pub const MOST_AT_ONCE: usize = 5_000;

/// A file chosen for an act on many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Number.
    pub no: String,
    /// How many steps it had when the user looked at it; `None` without a look.
    pub seen_steps: Option<i64>,
}

/// What became of one of many files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// Number.
    pub no: String,
    /// Whether the act was done.
    pub done: bool,
    /// The state that it led to, or why it was not done.
    pub text: String,
}

/// Reads where a file stands from its steps.
pub(super) fn standing<L: Lifecycle>(
    row: &CaseRow,
    steps: &[StepRow],
    calendar: &WorkCalendar,
) -> Result<Case<L>, Error> {
    let opened_on = china_time(row.opened_at).date_naive();
    let mut case = Case::<L>::open(opened_on, calendar);
    for step in steps {
        let unknown = || Error::Internal(format!("step {} of case {}", step.seq, row.case_no));
        let deed = Deed::<L> {
            act: L::Act::from_code(&step.act).ok_or_else(unknown)?,
            hand: Hand::System,
            holder_id: step.holder_id,
            behalf: step.for_holder_id,
            on: step.on_day,
            evidence: BTreeMap::new(),
        };
        case = case.replay(&deed, calendar).ok_or_else(unknown)?;
    }
    if case.state.code() != row.state {
        return Err(Error::Internal(format!("case {} stands elsewhere", row.case_no)));
    }
    Ok(case)
}

/// Does an act on a file; gives the label of the state that it led to.
///
/// # Errors
/// [`Error::NotFound`] outside the scope; [`Error::Stale`] when somebody moved the file first;
/// [`Error::Invalid`] with what is missing; [`Error::Refused`] with every other reason.
pub async fn act(
    app: &App,
    actor: &Actor,
    case_no: &str,
    sent: &Submitted,
) -> Result<&'static str, Error> {
    look_for_duplicates(app, &sent.act).await;
    let tx = app.db.begin().await?;
    let state = act_within(app, &tx, actor, case_no, sent).await?;
    // A notice publishes its files, a departure ends an entry: without them the file would stand
    // where nothing was done for it.
    if let Some(kind) = store::kind_of(&tx, case_no).await?
        && of_kind!(&kind, false, is_done_elsewhere(&sent.act))
    {
        return Err(Error::Refused("这一步请从办件页面上的链接进入办理".to_owned()));
    }
    tx.commit().await?;
    Ok(state)
}

/// Before an act that asks for an identified person: whoever was registered a moment ago counts.
async fn look_for_duplicates(app: &App, act: &str) {
    fn asks<L: Lifecycle>(act: &str) -> bool {
        let asking =
            |line: &&Move<L::State, L::Act>| line.guards.contains(&Guard::PersonIdentified);
        L::MOVES.iter().filter(asking).any(|line| line.act.code() == act)
    }
    if asks::<AutonomousRecognition>(act) || asks::<CoreEngineerEntry>(act) {
        duplicate::fresh(app).await;
    }
}

fn is_done_elsewhere<L: CaseWork>(act: &str) -> bool {
    L::Act::from_code(act).and_then(L::elsewhere).is_some()
}

/// The same within a transaction that does more.
pub(in crate::service) async fn act_within(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    case_no: &str,
    sent: &Submitted,
) -> Result<&'static str, Error> {
    let chosen = Chosen { no: case_no.to_owned(), seen_steps: Some(sent.seen_steps) };
    let mut outcomes = act_on_all(app, tx, actor, &[chosen], sent).await?;
    outcomes.pop().unwrap_or(Err(Error::NotFound("这个办件")))
}

/// Does one act on many files: each that can be moved is, together; the others stay, with the
/// reason. All moves are one transaction and one event of the log.
///
/// # Errors
/// [`Error::Invalid`] when nothing or too much was chosen, or when the database fails.
pub async fn act_on_many(
    app: &App,
    actor: &Actor,
    chosen: &[Chosen],
    sent: &Submitted,
) -> Result<Vec<RowOutcome>, Error> {
    if chosen.is_empty() || chosen.len() > MOST_AT_ONCE {
        let text = format!("请选择 1 至 {MOST_AT_ONCE} 件");
        return Err(Error::Invalid(vec![("case".to_owned(), text)]));
    }
    look_for_duplicates(app, &sent.act).await;
    let tx = app.db.begin().await?;
    let outcomes = act_on_all(app, &tx, actor, chosen, sent).await?;
    tx.commit().await?;
    let row = |(chosen, outcome): (&Chosen, Result<&'static str, Error>)| RowOutcome {
        no: chosen.no.clone(),
        done: outcome.is_ok(),
        text: outcome.map_or_else(|error| words(&error), str::to_owned),
    };
    Ok(chosen.iter().zip(outcomes).map(row).collect())
}

fn words(error: &Error) -> String {
    match error {
        Error::Invalid(faults) => {
            let texts: Vec<&str> = faults.iter().map(|(_, text)| text.as_str()).collect();
            texts.join("；")
        }
        other => other.to_string(),
    }
}

/// The same within a transaction that does more: what became of each, in the order chosen.
pub(in crate::service) async fn act_on_all(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    chosen: &[Chosen],
    sent: &Submitted,
) -> Result<Vec<Result<&'static str, Error>>, Error> {
    let (acting, mandate) = mandate::acting(app, tx, actor, sent).await?;
    let relations = recusal::Kept::load(tx, app.clock.today(), &acting).await?;
    let numbers: Vec<&str> = chosen.iter().map(|chosen| chosen.no.as_str()).collect();
    let mut rows = store::lock_by_no(tx, &acting.scope, &numbers).await?;
    rows.retain(|_, row| mandate.as_ref().is_none_or(|mandate| mandate.covers(row.id)));
    let ids: Vec<i64> = rows.values().map(|row| row.id).collect();
    let steps = store::steps_of(tx, &ids).await?;
    // Defects are told of one file, point by point.
    let alone = rows.values().next().filter(|_| chosen.len() == 1);
    let (sent, defects) = match alone {
        Some(row) => {
            let steps = steps.get(&row.id).map_or(&[][..], Vec::as_slice);
            defect::read(tx, row, steps, sent).await?
        }
        None => (sent.clone(), Vec::new()),
    };
    let mut outcomes: Vec<Result<&'static str, Error>> = Vec::with_capacity(chosen.len());
    let mut kinds: BTreeMap<&str, Vec<(usize, Desk<'_>)>> = BTreeMap::new();
    for (at, chosen) in chosen.iter().enumerate() {
        outcomes.push(Err(Error::NotFound("这个办件")));
        let Some(row) = rows.get(&chosen.no) else { continue };
        let steps = steps.get(&row.id).map_or(&[][..], Vec::as_slice);
        if chosen.seen_steps.is_some_and(|seen| seen != row.steps) {
            outcomes[at] = Err(stale(row, steps));
        } else if let Some(why) = relations.fault(row) {
            outcomes[at] = Err(Error::Refused(why));
        } else {
            let desk = Desk { app, tx, actor: Some(&acting), row, steps, sent: &sent };
            kinds.entry(row.kind.as_str()).or_default().push((at, desk));
        }
    }
    for (kind, files) in kinds {
        let (places, desks): (Vec<usize>, Vec<Desk<'_>>) = files.into_iter().unzip();
        let hand = Hand::Role(actor.role);
        let moved = match freeze::fault(app, tx, kind, hand).await? {
            Some(why) => desks.iter().map(|_| Err(Error::Refused(why.clone()))).collect(),
            None => for_kind!(kind, perform(&desks, hand))?,
        };
        for (at, outcome) in places.into_iter().zip(moved) {
            outcomes[at] = outcome;
        }
    }
    if let Some(row) = alone.filter(|_| outcomes.iter().all(Result::is_ok)) {
        crate::store::defect::record(tx, (row.id, row.steps + 1), defects).await?;
    }
    Ok(outcomes)
}

/// One event for all files that an act moved.
async fn tell(desks: &[Desk<'_>], hand: Hand, to: &[&'static str]) -> Result<(), Error> {
    let Some(first) = desks.first() else { return Ok(()) };
    let (app, tx, act) = (first.app, first.tx, first.sent.act.as_str());
    let object = ("case", first.row.case_no.as_str());
    let (action, mut detail) = match desks {
        [_] => ("case.moved", json!({ "act": act, "from": first.row.state, "to": to.first() })),
        [..] => {
            let numbers: Vec<&str> = desks.iter().map(|desk| desk.row.case_no.as_str()).collect();
            ("case.moved_many", json!({ "act": act, "to": to.first(), "cases": numbers }))
        }
    };
    if let Some(behalf) = first.behalf() {
        detail["in_name_of"] = behalf.login.as_str().into();
    }
    match (first.actor, hand) {
        (Some(actor), _) => log(app, tx, actor, action, object, &detail).await,
        (None, Hand::Person) => log_apart(app, tx, PUBLIC, action, object, &detail).await,
        (None, _) => log_apart(app, tx, PROGRAM, action, object, &detail).await,
    }
}

/// An act of the program itself on some files of one kind, within the transaction of what caused
/// it. `hand` is whoever caused it, where the table lets that hand do it.
pub(super) async fn act_by_program<L: CaseWork>(
    app: &App,
    tx: &Tx,
    actor: Option<&Actor>,
    case_ids: &[i64],
    sent: &Submitted,
) -> Result<(), Error> {
    let rows = store::lock_all(tx, case_ids).await?;
    let steps = store::steps_of(tx, case_ids).await?;
    let none: &[StepRow] = &[];
    let mut desks = Vec::with_capacity(rows.len());
    for row in &rows {
        let steps = steps.get(&row.id).map_or(none, Vec::as_slice);
        desks.push(Desk { app, tx, actor, row, steps, sent });
    }
    let hand = actor.map_or(Hand::System, |actor| Hand::Role(actor.role));
    perform::<L>(&desks, hand).await?.into_iter().try_for_each(|outcome| outcome.map(|_| ()))
}

/// An act of the program for no other reason than that time has run; whether the file was ripe for
/// it. Several processes may try at once: the file is locked, and who comes second finds it moved.
///
/// # Errors
/// When the database fails. Then nothing of this file has changed.
pub(in crate::service) async fn act_by_time<L: CaseWork>(
    app: &App,
    case_id: i64,
    act: L::Act,
) -> Result<bool, Error> {
    let tx = app.db.begin().await?;
    let sent = Submitted { act: act.code().to_owned(), ..Submitted::default() };
    match act_by_program::<L>(app, &tx, None, &[case_id], &sent).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(true)
        }
        Err(Error::Refused(_) | Error::Stale(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// An act of the person whom a file belongs to, who has no account.
pub(in crate::service) async fn act_by_person<L: CaseWork>(
    app: &App,
    tx: &Tx,
    case_id: i64,
    act: L::Act,
    fields: BTreeMap<String, String>,
) -> Result<&'static str, Error> {
    if let Some(why) = freeze::fault(app, tx, L::KIND.code(), Hand::Person).await? {
        return Err(Error::Refused(why));
    }
    let row = store::lock(tx, case_id).await?;
    let steps = store::steps(tx, row.id).await?;
    let sent = Submitted { act: act.code().to_owned(), fields, ..Submitted::default() };
    let desk = Desk { app, tx, actor: None, row: &row, steps: &steps, sent: &sent };
    let mut outcomes = perform::<L>(&[desk], Hand::Person).await?;
    outcomes.pop().unwrap_or(Err(Error::NotFound("这个办件")))
}

/// Sends a file on because an objection to it was accepted. A file that waits already stays: another
/// objection was accepted before.
pub(super) async fn take_objection(app: &App, tx: &Tx, target: &CaseRow) -> Result<(), Error> {
    async fn of<L: CaseWork>(app: &App, tx: &Tx, target: &CaseRow) -> Result<(), Error> {
        let line = L::State::from_code(&target.state)
            .zip(L::Act::from_code("object"))
            .and_then(|(state, act)| L::line(state, act));
        let Some(line) = line else { return Ok(()) };
        let sent = Submitted { act: line.act.code().to_owned(), ..Submitted::default() };
        // An objection is a file as well: without a box the machine would contain itself.
        Box::pin(act_by_program::<L>(app, tx, None, &[target.id], &sent)).await
    }
    for_kind!(&target.kind, of(app, tx, target))
}

/// Says who moved the file, and where to.
pub(super) fn stale(row: &CaseRow, steps: &[StepRow]) -> Error {
    let last = steps.last().map(|step| {
        let at = china_time(step.at).format("%m-%d %H:%M");
        format!("该件已于 {at} 由{}办理，", hand_label(&step.hand))
    });
    let text = format!(
        "{}现为“{}”。您填写的内容仍在下方，请核对最新情况后再办",
        last.unwrap_or_default(),
        state_label(&row.kind, &row.state)
    );
    Error::Stale(text)
}

/// Does one act on files of a kind; what became of each, in their order. Nothing is written for a
/// file that the act is refused on.
pub(super) async fn perform<L: CaseWork>(
    desks: &[Desk<'_>],
    hand: Hand,
) -> Result<Vec<Result<&'static str, Error>>, Error> {
    let Some(first) = desks.first() else { return Ok(Vec::new()) };
    let Some(act) = L::Act::from_code(&first.sent.act) else {
        let fault = || Error::Invalid(vec![("act".to_owned(), "请选择要办理的事项".to_owned())]);
        return Ok(desks.iter().map(|_| Err(fault())).collect());
    };
    let calendar = freeze::calendar_of(first.tx, L::KIND).await?;
    let signatures = cosign::Signatures::load(desks).await?;
    let mut cases: Vec<Option<Case<L>>> = Vec::with_capacity(desks.len());
    let mut alike: Vec<(L::State, Vec<usize>)> = Vec::new();
    for (at, desk) in desks.iter().enumerate() {
        let case = standing::<L>(desk.row, desk.steps, &calendar)?;
        match alike.iter_mut().find(|(state, _)| *state == case.state) {
            Some((_, places)) => places.push(at),
            None => alike.push((case.state, vec![at])),
        }
        cases.push(Some(case));
    }
    let mut outcomes: Vec<Option<Result<&'static str, Error>>> =
        desks.iter().map(|_| None).collect();
    for (state, places) in alike {
        let line = L::line(state, act);
        let deed = deed::<L>(first, hand, act, line);
        let members: Vec<Desk<'_>> = places.iter().map(|at| desks[*at]).collect();
        let broken = match line.filter(|line| line.by.contains(&deed.hand)) {
            Some(line) => L::broken_on_all(&members, line).await?,
            None => vec![Broken::new(); members.len()],
        };
        let mut moved: Vec<(Desk<'_>, Step<L>)> = Vec::new();
        for ((at, desk), broken) in places.iter().zip(members).zip(broken) {
            let Some(case) = cases[*at].take() else { continue };
            let unsigned = line.and_then(|line| {
                signatures.fault::<L>(&desk, line, (deed.hand, state, &case.done))
            });
            let judged = case.apply(&deed, &calendar, |guard| broken.get(&guard).cloned());
            outcomes[*at] = Some(match (judged, unsigned) {
                (Ok(step), None) => {
                    let label = step.case.state.label();
                    moved.push((desk, step));
                    Ok(label)
                }
                (Ok(_), Some(why)) => Err(Error::Refused(why)),
                (Err(refusals), _) => Err(refused(refusals)),
            });
        }
        record(&deed, &moved).await?;
        let left = moved.iter().filter(|(_, step)| step.case.state != step.from);
        let left: Vec<Desk<'_>> = left.map(|(desk, _)| *desk).collect();
        signatures.lapse(&left, deed.hand).await?;
        let reached: Vec<Reached> = moved.iter().map(|(_, step)| reached(&step.case)).collect();
        let members: Vec<Desk<'_>> = moved.into_iter().map(|(desk, _)| desk).collect();
        L::effect_on_all(&members, act).await?;
        inform(&members, &reached).await?;
        let codes: Vec<&'static str> = reached.iter().map(|(code, ..)| *code).collect();
        let files = members.iter().map(|desk| desk.row).zip(codes.iter().copied());
        webhook::moved(first.app, first.tx, files).await?;
        tell(&members, hand, &codes).await?;
    }
    let lost = || Err(Error::Internal("a file without an outcome".to_owned()));
    Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(lost)).collect())
}

/// Where an act led: code and label of the state, and what people are told about it.
type Reached = (&'static str, &'static str, Option<NotificationKind>);

/// A file that came back is told of, one that rests, and one for which nothing waits any more.
fn reached<L: Lifecycle>(case: &Case<L>) -> Reached {
    let kind = match &case.returned {
        Some(_) => Some(NotificationKind::Returned),
        None if L::is_pause(case.state) => Some(NotificationKind::Suspended),
        None if L::hands_of(case.state).is_empty() && !L::is_silent(case.state) => {
            Some(NotificationKind::Decided)
        }
        None => None,
    };
    (case.state.code(), case.state.label(), kind)
}

/// Tells those concerned what became of files that moved together from one state.
async fn inform(desks: &[Desk<'_>], reached: &[Reached]) -> Result<(), Error> {
    let Some((first, (_, state, Some(kind)))) = desks.first().zip(reached.first()) else {
        return Ok(());
    };
    let files: Vec<(&CaseRow, &[StepRow])> =
        desks.iter().map(|desk| (desk.row, desk.steps)).collect();
    notification::after_steps(first.app, first.tx, first.actor, &files, (*kind, state)).await
}

/// What is wanted, with the evidence that the line asks for.
fn deed<L: Lifecycle>(
    desk: &Desk<'_>,
    hand: Hand,
    act: L::Act,
    line: Option<&'static Move<L::State, L::Act>>,
) -> Deed<L> {
    let mut evidence = desk.sent.evidence();
    evidence.retain(|kind, _| line.is_some_and(|line| line.evidence.contains(kind)));
    Deed {
        act,
        hand,
        holder_id: desk.actor.map(|actor| actor.holder_id),
        behalf: desk.behalf().map(|behalf| behalf.holder_id),
        on: desk.app.clock.today(),
        evidence,
    }
}

/// Records the steps.
async fn record<L: Lifecycle>(deed: &Deed<L>, moved: &[(Desk<'_>, Step<L>)]) -> Result<(), Error> {
    let Some((first, _)) = moved.first() else { return Ok(()) };
    let evidence: BTreeMap<&str, &String> =
        deed.evidence.iter().map(|(kind, text)| (kind.code(), text)).collect();
    let evidence = json!(evidence).to_string();
    let mut steps: Vec<(&CaseRow, NewStep<'_>)> = Vec::with_capacity(moved.len());
    for (desk, step) in moved {
        let new = NewStep {
            act: deed.act.code(),
            from: step.from.code(),
            to: step.case.state.code(),
            on: deed.on,
            at: desk.app.clock.now(),
            hand: hand_code(deed.hand),
            by: desk.actor.map(|actor| (actor.account_id, actor.holder_id)),
            behalf: desk.behalf().map(|behalf| (behalf.account_id, behalf.holder_id)),
            remark: desk.sent.remark.trim(),
            evidence: &evidence,
            since: step.case.since,
            due_on: step.case.due.day(),
        };
        steps.push((desk.row, new));
    }
    Ok(store::step_all(first.tx, &steps).await?)
}

/// What is missing is said at its field, everything else above the form.
fn refused(refusals: Vec<Refusal>) -> Error {
    let missing: Vec<(String, String)> = refusals
        .iter()
        .filter_map(|refusal| match refusal {
            Refusal::Missing(evidence) => {
                Some((evidence.code().to_owned(), format!("请填写{}", evidence.label())))
            }
            _ => None,
        })
        .collect();
    if missing.len() == refusals.len() {
        return Error::Invalid(missing);
    }
    let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    Error::Refused(texts.join("；"))
}
