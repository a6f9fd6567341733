//! What the program does by itself because time has run (domain.md 7.4 to 7.7): a term is over, a
//! returned file was not mended, a declaration was not made, nothing proves two months. Nothing but the clock and the tables
//! decides; a round that finds nothing changes nothing, and several processes may run one at once.

use chrono::{Months, NaiveDate};

use super::case::{CaseWork, act_by_time};
use super::{Error, duplicate};
use crate::app::App;
use crate::clock::china_day_start;
use crate::domain::lifecycle::{
    AutonomousRecognition, CoreEngineerEntry, KeyEnterprise, Lifecycle, OverseasVisit,
    RecognitionAct, Recovery, RecoveryState, RosterAct, RosterState, YearlyEntitlement,
};
use crate::domain::recognition::TERM_YEARS;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::domain::roster::filing;
use crate::store::case::{self as store, Ripe, Unproven};

/// Files that are looked at between two reads of the list.
const AT_ONCE: u64 = 500;

/// What a round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// How often each act was done: kind of file, act, files.
    pub done: Vec<(&'static str, &'static str, usize)>,
    /// Files that could not be looked at; they are tried again in the next round.
    pub failed: usize,
}

/// Which files of a state are worth a look; the guards decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Those whose time in the state is over.
    Overdue,
    /// Those that were opened before a day.
    OpenedBefore(NaiveDate),
}

/// One round over all lifecycles.
///
/// # Errors
/// When the list of files cannot be read. What fails with one file stops no other.
pub async fn round(app: &App) -> Result<Round, Error> {
    let today = app.clock.today();
    let mut round = Round::default();
    // No act, but what later acts look at.
    duplicate::fresh(app).await;
    // A lifecycle whose tables give acts to time has its line here.
    sweep::<AutonomousRecognition>(app, &mut round, |_, act| match act {
        // A recognition is given after its file was opened: a younger file cannot have lapsed.
        RecognitionAct::Lapse => Look::OpenedBefore(
            today.checked_sub_months(Months::new(12 * TERM_YEARS)).unwrap_or(today),
        ),
        _ => Look::Overdue,
    })
    .await?;
    // On the list from its document on: its time may be over whenever the list says so.
    let tomorrow = today.succ_opt().unwrap_or(today);
    sweep::<KeyEnterprise>(app, &mut round, |_, _| Look::OpenedBefore(tomorrow)).await?;
    sweep::<YearlyEntitlement>(app, &mut round, |_, _| Look::Overdue).await?;
    sweep::<Recovery>(app, &mut round, |state, _| match state {
        // A plan has days of its own.
        RecoveryState::Instalments => Look::OpenedBefore(tomorrow),
        _ => Look::Overdue,
    })
    .await?;
    // Its days are counted from the trip.
    sweep::<OverseasVisit>(app, &mut round, |_, _| Look::OpenedBefore(tomorrow)).await?;
    sweep_unproven(app, &mut round).await?;
    Ok(round)
}

/// Suspends the entries of whom nothing proves the last months, city by city: there are far too many
/// entries to open every file, and where nothing was read in yet, nothing can be missing.
async fn sweep_unproven(app: &App, round: &mut Round) -> Result<(), Error> {
    let Some((from, to)) = filing::months_to_prove(app.clock.today()) else { return Ok(()) };
    let act = RosterAct::SuspendUnproven;
    let mut suspended = 0;
    for (city_unit, _) in region::city_units() {
        let unproven = Unproven { city_unit, from, to };
        if !store::are_read_in(app.db.read(), &unproven).await? {
            continue;
        }
        let wanted = Ripe {
            kind: CoreEngineerEntry::KIND.code(),
            state: RosterState::Active.code(),
            unproven: Some(unproven),
            ..Ripe::default()
        };
        let (done, failed) = sweep_state::<CoreEngineerEntry>(app, &wanted, act).await?;
        suspended += done;
        round.failed += failed;
    }
    if suspended > 0 {
        round.done.push((CoreEngineerEntry::KIND.label(), act.label(), suspended));
    }
    Ok(())
}

/// Does what time asks of the files of one kind.
async fn sweep<L: CaseWork>(
    app: &App,
    round: &mut Round,
    look: impl Fn(L::State, L::Act) -> Look,
) -> Result<(), Error> {
    let today = app.clock.today();
    for state in L::State::ALL {
        for act in L::acts_of_time(*state) {
            let look = look(*state, act);
            let wanted = Ripe {
                kind: L::KIND.code(),
                state: state.code(),
                due_before: (look == Look::Overdue).then_some(today),
                opened_before: match look {
                    Look::OpenedBefore(day) => Some(china_day_start(day)),
                    Look::Overdue => None,
                },
                unproven: None,
            };
            let (done, failed) = sweep_state::<L>(app, &wanted, act).await?;
            round.failed += failed;
            if done > 0 {
                round.done.push((L::KIND.label(), act.label(), done));
            }
        }
    }
    Ok(())
}

async fn sweep_state<L: CaseWork>(
    app: &App,
    wanted: &Ripe<'_>,
    act: L::Act,
) -> Result<(usize, usize), Error> {
    let (mut done, mut failed, mut after) = (0, 0, 0);
    loop {
        let ids = store::ripe(app.db.read(), wanted, after, AT_ONCE).await?;
        let Some(last) = ids.last() else { return Ok((done, failed)) };
        after = *last;
        for id in ids {
            match act_by_time::<L>(app, id, act).await {
                Ok(moved) => done += usize::from(moved),
                Err(error) => {
                    tracing::error!(case = id, ?error, "time's act on a file failed");
                    failed += 1;
                }
            }
        }
    }
}
