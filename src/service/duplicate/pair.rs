//! Two persons side by side, and the finding that they are different.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::clues::read_new_facts;
use super::list::{findings, merge_numbers};
use super::merge::Clash;
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::duplicate::{Pair, PairState, Reason, Strength, reasons_text};
use crate::domain::registry::{Code, Stated};
use crate::domain::roster::{current, span};
use crate::service::directory::document_kind;
use crate::service::{Actor, Error, log};
use crate::store::directory::{self, Person, PersonFile};
use crate::store::duplicate::{self as store, Among};
use crate::store::fact::Versions;
use crate::store::roster;
use crate::store::stipend::explain::enterprise_names;

/// A person in few words; numbers are masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Official number.
    pub no: String,
    /// Name.
    pub name: String,
    /// Kind of document and masked number.
    pub document: String,
    /// Employer now or last; empty when there is none.
    pub enterprise: String,
}

/// One kind of fact of both persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Kind of fact.
    pub label: &'static str,
    /// Of the one registered first, a line each.
    pub one: Vec<String>,
    /// Of the other.
    pub other: Vec<String>,
}

/// That somebody found them different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dismissed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// Why.
    pub explanation: String,
    /// What spoke for one person then.
    pub reasons: Vec<Reason>,
}

/// A pair in full.
#[derive(Debug, Clone)]
pub struct PairView {
    /// The one registered first.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// What speaks for one person now.
    pub reasons: Vec<Reason>,
    /// How strongly.
    pub strength: Strength,
    /// Where it stands.
    pub state: PairState,
    /// Number of the merge or of its proposal.
    pub merge_no: Option<String>,
    /// Facts side by side.
    pub facts: Vec<Comparison>,
    /// Earlier findings that they are different, the first first.
    pub dismissals: Vec<Dismissed>,
    /// What has to be corrected before they can be merged, a sentence each.
    pub obstacles: Vec<String>,
    /// Whether the actor may call them different now.
    pub may_dismiss: bool,
    /// Whether the actor may propose to merge them now.
    pub may_propose: bool,
}

/// Both persons by number, side by side; a pair nobody suspects can be looked at as well.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReviewDuplicates`]; [`Error::NotFound`] when one of them is
/// outside the actor's scope; [`Error::Invalid`] with field `b` for twice the same number.
pub async fn pair(app: &App, actor: &Actor, one: &str, other: &str) -> Result<PairView, Error> {
    actor.must(Act::ReviewDuplicates)?;
    read_new_facts(app).await?;
    let read = app.db.read();
    let pair = find(app, actor, one, other).await?;
    let found = findings(app.db.read(), &actor.scope, Among::Pair(pair)).await?.remove(&pair);
    let found = found.ok_or(Error::NotFound("这两个人"))?;
    let state = found.state();
    let sides = sides(app, actor, &[pair.low, pair.high]).await?;
    let side = |id: i64| sides.get(&id).cloned().unwrap_or_default();
    let people = [pair.low, pair.high].map(|id| Person { id, no: side(id).no }).to_vec();
    let files = directory::files(read, &actor.scope, people, Versions::Live).await?;
    let facts = match &files[..] {
        [one, other] => compared(app, one, other).await?,
        _ => return Err(Error::NotFound("这两个人")),
    };
    let can_act = matches!(state, PairState::Open | PairState::Dismissed);
    Ok(PairView {
        one: side(pair.low),
        other: side(pair.high),
        strength: Strength::of(&found.reasons),
        reasons: found.reasons.into_iter().collect(),
        state,
        merge_no: merge_numbers(&app.db).await?.remove(&pair),
        facts,
        dismissals: dismissals(app, pair).await?,
        obstacles: if can_act {
            Clash::obstacles(read, pair.low, pair.high).await?
        } else {
            vec![]
        },
        may_dismiss: state == PairState::Open,
        may_propose: can_act && actor.role.may(Act::MergePersons),
    })
}

/// Calls a pair different persons, with the reasons known now. It comes back for a new one only.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] outside the actor's scope; [`Error::Invalid`] with field
/// `explanation`; [`Error::Stale`] when somebody dismissed, proposed or merged the pair first.
pub async fn dismiss(
    app: &App,
    actor: &Actor,
    one: &str,
    other: &str,
    explanation: &str,
) -> Result<(), Error> {
    actor.must(Act::ReviewDuplicates)?;
    let explanation = explanation.trim();
    if !(2..=500).contains(&explanation.chars().count()) {
        let text = "请写明为什么是两个人，2至500字".to_owned();
        return Err(Error::Invalid(vec![("explanation".to_owned(), text)]));
    }
    read_new_facts(app).await?;
    let pair = find(app, actor, one, other).await?;
    let tx = app.db.begin().await?;
    roster::lock_persons(&tx, &[pair.low, pair.high]).await?;
    let found = findings(&tx, &actor.scope, Among::Pair(pair)).await?.remove(&pair);
    let found = found.ok_or(Error::NotFound("这两个人"))?;
    if found.state() != PairState::Open {
        let text = format!("这一对现在是“{}”，不需要再排除", found.state().label());
        return Err(Error::Stale(text));
    }
    let stamp = (actor.account_id, app.clock.now());
    store::dismiss(&tx, pair, &found.reasons, explanation, stamp).await?;
    let detail = json!({
        "other": other.trim(),
        "kind": reasons_text(&found.reasons),
        "reason": explanation,
    });
    log(app, &tx, actor, "duplicate.dismissed", ("engineer", one.trim()), &detail).await?;
    Ok(tx.commit().await?)
}

/// The pair with these numbers, when the actor sees both.
async fn find(app: &App, actor: &Actor, one: &str, other: &str) -> Result<Pair, Error> {
    let read = app.db.read();
    let mut ids = Vec::new();
    for no in [one, other] {
        let no = no.trim().to_uppercase();
        let person = directory::engineer(read, &actor.scope, &no).await?;
        ids.push(person.ok_or(Error::NotFound("编号对应的人员"))?.id);
    }
    Pair::of(ids[0], ids[1]).ok_or_else(|| {
        Error::Invalid(vec![("b".to_owned(), "两个编号相同，请填写不同的编号".to_owned())])
    })
}

/// Persons in few words, by identity.
pub(super) async fn sides(
    app: &App,
    actor: &Actor,
    ids: &[i64],
) -> Result<HashMap<i64, Side>, Error> {
    let (read, today) = (app.db.read(), app.clock.today());
    let numbers = crate::store::directory::person_numbers(read, ids).await?;
    let people = numbers.into_iter().map(|(id, no)| Person { id, no }).collect();
    let files = directory::cards(read, &actor.scope, people, Versions::Live).await?;
    let employer = |file: &PersonFile| {
        let entry = current(&file.roster, today).map(|stated| stated.fact.enterprise_id);
        entry.or_else(|| current(&file.employments, today).map(|s| s.fact.enterprise_id))
    };
    let employers: Vec<i64> = files.iter().filter_map(employer).collect();
    let names = enterprise_names(read, &employers).await?;
    let side = |file: &PersonFile| {
        let document = current(&file.documents, today).map(|stated| &stated.fact);
        let side = Side {
            no: file.person.no.clone(),
            name: current(&file.names, today).map(|s| s.fact.name.clone()).unwrap_or_default(),
            document: document.map_or_else(String::new, |fact| {
                format!("{} {}", document_kind(&fact.document_type), fact.number_masked)
            }),
            enterprise: employer(file).and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        };
        (file.person.id, side)
    };
    Ok(files.iter().map(side).collect())
}

async fn compared(
    app: &App,
    one: &PersonFile,
    other: &PersonFile,
) -> Result<Vec<Comparison>, Error> {
    let employers: Vec<i64> = [one, other]
        .iter()
        .flat_map(|file| {
            let entries = file.roster.iter().map(|s| s.fact.enterprise_id);
            entries.chain(file.employments.iter().map(|s| s.fact.enterprise_id))
        })
        .collect();
    let names = enterprise_names(app.db.read(), &employers).await?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let row = |label, lines: &dyn Fn(&PersonFile) -> Vec<String>| Comparison {
        label,
        one: lines(one),
        other: lines(other),
    };
    Ok(vec![
        row("姓名", &|file| listed(&file.names, |fact| fact.name.clone())),
        row("证件", &|file| {
            listed(&file.documents, |fact| {
                format!("{} {}", document_kind(&fact.document_type), fact.number_masked)
            })
        }),
        row("手机", &|file| listed(&file.contacts, |fact| fact.mobile_masked.clone())),
        row("收款账户", &|file| {
            listed(&file.accounts, |fact| format!("{} 尾号 {}", fact.bank_name, fact.last_four))
        }),
        row("任职", &|file| {
            listed(&file.employments, |fact| {
                let time = if fact.full_time { "全职" } else { "非全职" };
                format!("{}（{time}）", name(fact.enterprise_id))
            })
        }),
        row("名册", &|file| {
            listed(&file.roster, |fact| {
                format!("{}（{}）", name(fact.enterprise_id), fact.status.label())
            })
        }),
        row("人才认定", &|file| {
            listed(&file.recognitions, |fact| fact.class.label().to_owned())
        }),
        row("证明月份", &|file| {
            let mut years: BTreeMap<String, usize> = BTreeMap::new();
            for stated in &file.evidence {
                let year = stated.fact.month.get(..4).unwrap_or_default().to_owned();
                *years.entry(year).or_default() += 1;
            }
            years.into_iter().map(|(year, count)| format!("{year} 年 {count} 条")).collect()
        }),
        row("其他奖补", &|file| {
            listed(&file.awards, |fact| {
                format!("{} {} 元", fact.programme, fact.amount_fen.grouped())
            })
        }),
    ])
}

/// Facts in words with their days, a line each.
fn listed<T>(facts: &[Stated<T>], words: impl Fn(&T) -> String) -> Vec<String> {
    facts.iter().map(|s| format!("{}，{}", words(&s.fact), span(&s.period))).collect()
}

async fn dismissals(app: &App, pair: Pair) -> Result<Vec<Dismissed>, Error> {
    let rows = store::dismissals(app.db.read(), Among::Pair(pair)).await?;
    let accounts: Vec<i64> = rows.iter().map(|row| row.recorded_by).collect();
    let names = directory::account_names(app.db.read(), &accounts).await?;
    let dismissed = |row: store::Dismissal| Dismissed {
        at: row.recorded_at,
        who: names.get(&row.recorded_by).cloned().unwrap_or_default(),
        reasons: store::known_reasons(&row).into_iter().collect(),
        explanation: row.explanation,
    };
    Ok(rows.into_iter().map(dismissed).collect())
}
