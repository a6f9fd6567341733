//! The list of likely duplicates. It is made anew from the facts each time: a pair whose cause is
//! mended is not in it any more.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::clues::read_new_facts;
use super::pair::{Side, sides};
use crate::app::App;
use crate::clock::china_time;
use crate::domain::authority::{Act, Scope};
use crate::domain::duplicate::{Findings, Pair, PairState, Reason, Strength};
use crate::domain::registry::Code;
use crate::file::workbook::{CellOut, ColumnKind, ColumnSpec, Table, write_xlsx};
use crate::service::{Actor, Error, log, seen};
use crate::store::db::{Connection, Db};
use crate::store::duplicate::{self as store, Among};
use crate::store::merge;

/// Pairs a page.
pub const PAGE_SIZE: u64 = 50;

/// What a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DuplicateQuery {
    /// Only pairs with this reason.
    pub reason: Option<Reason>,
    /// Only pairs in this state.
    pub state: Option<PairState>,
}

/// A pair of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateLine {
    /// The one registered first.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// What speaks for one person.
    pub reasons: Vec<Reason>,
    /// How strongly.
    pub strength: Strength,
    /// Where it stands.
    pub state: PairState,
    /// Number of the merge or of its proposal, if there is one.
    pub merge_no: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone, Default)]
pub struct DuplicatePage {
    /// The pairs, the strongest first.
    pub rows: Vec<DuplicateLine>,
    /// How many match.
    pub total: u64,
    /// How many wait to be looked at, whatever the query.
    pub open: u64,
}

/// Likely duplicates of whom both are in the actor's scope, after the first `offset`.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReviewDuplicates`].
pub async fn duplicates(
    app: &App,
    actor: &Actor,
    query: DuplicateQuery,
    offset: u64,
) -> Result<DuplicatePage, Error> {
    actor.must(Act::ReviewDuplicates)?;
    read_new_facts(app).await?;
    let all = findings(app.db.read(), &actor.scope, Among::All).await?;
    let open = all.values().filter(|found| found.state() == PairState::Open).count();
    let matching = matching(all, query);
    let total = matching.len() as u64;
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let shown = matching.into_iter().skip(start).take(PAGE_SIZE as usize).collect();
    Ok(DuplicatePage { rows: lines(app, actor, shown).await?, total, open: open as u64 })
}

fn matching(all: BTreeMap<Pair, Findings>, query: DuplicateQuery) -> Vec<(Pair, Findings)> {
    let mut matching: Vec<(Pair, Findings)> = all
        .into_iter()
        .filter(|(_, found)| query.reason.is_none_or(|reason| found.reasons.contains(&reason)))
        .filter(|(_, found)| query.state.is_none_or(|state| found.state() == state))
        .collect();
    matching.sort_by_key(|(pair, found)| (Reverse(Strength::of(&found.reasons)), *pair));
    matching
}

/// Everything known of pairs in scope.
pub(super) async fn findings(
    conn: &impl Connection,
    scope: &Scope,
    among: Among<'_>,
) -> Result<BTreeMap<Pair, Findings>, Error> {
    let mut all = findings_anywhere(conn, among).await?;
    let mut persons: Vec<i64> = all.keys().flat_map(|pair| [pair.low, pair.high]).collect();
    persons.sort_unstable();
    persons.dedup();
    let seen = store::within(conn, scope, &persons).await?;
    all.retain(|pair, _| seen.contains(&pair.low) && seen.contains(&pair.high));
    Ok(all)
}

/// Everything known of pairs, wherever the persons are.
pub(super) async fn findings_anywhere(
    conn: &impl Connection,
    among: Among<'_>,
) -> Result<BTreeMap<Pair, Findings>, Error> {
    let mut all: BTreeMap<Pair, Findings> = BTreeMap::new();
    if let Among::Pair(pair) = among {
        all.entry(pair).or_default();
    }
    for reason in Reason::ALL {
        for pair in store::sharing(conn, *reason, among).await? {
            all.entry(pair).or_default().reasons.insert(*reason);
        }
    }
    let wanted = |pair: &Pair| among.holds(pair);
    for request in merge::open_requests(conn).await? {
        let pair = Pair::of(request.leading_id, request.merged_id).filter(wanted);
        if let Some(pair) = pair.filter(|_| request.kind == merge::MERGE) {
            all.entry(pair).or_default().is_proposed = true;
        }
    }
    let merges = merge::merges(conn, None).await?;
    for leading in merges.leaders() {
        for merged in merges.merged_into(leading) {
            if let Some(pair) = Pair::of(leading, *merged).filter(wanted) {
                all.entry(pair).or_default();
            }
        }
    }
    for (pair, found) in &mut all {
        found.is_merged = merges.leading(pair.low) == merges.leading(pair.high);
    }
    for dismissal in store::dismissals(conn, among).await? {
        let pair = Pair { low: dismissal.low_id, high: dismissal.high_id };
        if let Some(found) = all.get_mut(&pair) {
            let known = found.dismissed.get_or_insert_with(BTreeSet::new);
            known.extend(store::known_reasons(&dismissal));
        }
    }
    Ok(all)
}

async fn lines(
    app: &App,
    actor: &Actor,
    pairs: Vec<(Pair, Findings)>,
) -> Result<Vec<DuplicateLine>, Error> {
    let ids: Vec<i64> = pairs.iter().flat_map(|(pair, _)| [pair.low, pair.high]).collect();
    let sides = sides(app, actor, &ids).await?;
    let numbers = merge_numbers(&app.db).await?;
    let side = |id: i64| sides.get(&id).cloned().unwrap_or_default();
    let line = |(pair, found): (Pair, Findings)| DuplicateLine {
        one: side(pair.low),
        other: side(pair.high),
        strength: Strength::of(&found.reasons),
        state: found.state(),
        merge_no: numbers.get(&pair).cloned(),
        reasons: found.reasons.into_iter().collect(),
    };
    Ok(pairs.into_iter().map(line).collect())
}

/// The numbers under which pairs are merged or proposed for it.
pub(super) async fn merge_numbers(db: &Db) -> Result<HashMap<Pair, String>, Error> {
    let mut numbers = HashMap::new();
    for merge in merge::all(db.read()).await?.into_iter().filter(|m| m.undone_at.is_none()) {
        if let Some(pair) = Pair::of(merge.leading_id, merge.merged_id) {
            numbers.insert(pair, merge.merge_no);
        }
    }
    for request in merge::open_requests(db.read()).await? {
        let pair = Pair::of(request.leading_id, request.merged_id);
        if let Some(pair) = pair.filter(|_| request.kind == merge::MERGE) {
            numbers.insert(pair, request.request_no);
        }
    }
    Ok(numbers)
}

/// All matching pairs as a workbook. The export is logged with its conditions.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReviewDuplicates`].
pub async fn export(app: &App, actor: &Actor, query: DuplicateQuery) -> Result<Vec<u8>, Error> {
    actor.must(Act::ReviewDuplicates)?;
    read_new_facts(app).await?;
    let pairs = matching(findings(app.db.read(), &actor.scope, Among::All).await?, query);
    let mut cells = Vec::with_capacity(pairs.len());
    for chunk in pairs.chunks(PAGE_SIZE as usize) {
        let lines = lines(app, actor, chunk.to_vec()).await?;
        let both = lines.iter().flat_map(|line| [&line.one, &line.other]);
        let persons: Vec<&str> = both.map(|side| side.no.as_str()).collect();
        seen::note_exported(app, actor, &persons).await?;
        cells.extend(lines.iter().map(cells_of));
    }
    let count = cells.len();
    let table = table(app, actor);
    let bytes = write_xlsx(&table, cells).map_err(|error| Error::Refused(error.to_string()))?;
    let tx = app.db.begin().await?;
    let detail = json!({
        "rows": count,
        "kind": query.reason.map(Reason::code),
        "state": query.state.map(PairState::code),
    });
    log(app, &tx, actor, "duplicates.exported", ("duplicates", ""), &detail).await?;
    tx.commit().await?;
    Ok(bytes)
}

fn table(app: &App, actor: &Actor) -> Table {
    let column = |name: &str, width: f64| ColumnSpec {
        name: name.to_owned(),
        width,
        kind: ColumnKind::Text,
    };
    Table {
        title: "疑似重复".to_owned(),
        columns: vec![
            column("编号一", 12.0),
            column("姓名一", 14.0),
            column("证件一", 30.0),
            column("企业一", 36.0),
            column("编号二", 12.0),
            column("姓名二", 14.0),
            column("证件二", 30.0),
            column("企业二", 36.0),
            column("相同之处", 36.0),
            column("可能性", 10.0),
            column("状态", 10.0),
        ],
        total_row: false,
        comment: format!("导出人：{}（{}）；证件号码已遮盖", actor.name, actor.organisation),
        created_at: china_time(app.clock.now()).naive_local(),
    }
}

fn cells_of(line: &DuplicateLine) -> Vec<CellOut> {
    let text = |text: &str| CellOut::Text(text.to_owned());
    let side =
        |side: &Side| [&side.no, &side.name, &side.document, &side.enterprise].map(|t| text(t));
    let reasons: Vec<&str> = line.reasons.iter().map(|reason| reason.label()).collect();
    let mut cells = Vec::from(side(&line.one));
    cells.extend(side(&line.other));
    cells.push(text(&reasons.join("、")));
    cells.push(text(line.strength.label()));
    cells.push(text(line.state.label()));
    cells
}
