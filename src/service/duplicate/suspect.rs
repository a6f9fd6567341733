//! Likely duplicates of the persons whom files are about: what stands in the way of handing a file
//! in, and what whoever looks at it is shown.

use std::collections::BTreeMap;

use super::list::findings_anywhere;
use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::duplicate::{Findings, Strength};
use crate::domain::registry::Code;
use crate::service::case::CaseFact;
use crate::service::{Actor, Error};
use crate::store::db::Connection;
use crate::store::directory::person_numbers;
use crate::store::duplicate::{self as store, Among};

/// What is suspected of some persons: by person, each other one with what is known of the pair.
#[derive(Debug, Default)]
pub(in crate::service) struct Suspects {
    of: BTreeMap<i64, Vec<(i64, Findings)>>,
}

impl Suspects {
    /// As the clues tell that were made so far: see [`fresh`].
    pub(in crate::service) async fn load(
        conn: &impl Connection,
        persons: &[i64],
    ) -> Result<Self, Error> {
        let mut of: BTreeMap<i64, Vec<(i64, Findings)>> = BTreeMap::new();
        for (pair, found) in findings_anywhere(conn, Among::Of(persons)).await? {
            for (one, other) in [(pair.low, pair.high), (pair.high, pair.low)] {
                of.entry(one).or_default().push((other, found.clone()));
            }
        }
        Ok(Self { of })
    }

    /// Why a person cannot be taken for identified. Names nobody: whoever hands a file in need not
    /// be allowed to know the other one.
    pub(in crate::service) fn fault(&self, person: i64) -> Option<String> {
        let (_, found) = self.of.get(&person)?.iter().find(|(_, found)| found.holds_up())?;
        let reasons = reasons(found);
        Some(format!("该人员与另一编号人员的{reasons}，可能重复登记，请联系人社部门核对后再提交"))
    }
}

fn reasons(found: &Findings) -> String {
    found.reasons.iter().map(|reason| reason.label()).collect::<Vec<_>>().join("、")
}

/// Makes the clues of what was registered a moment ago. Where that fails, the clues that are there
/// have to do: a number that does not open must not keep everybody from working.
pub(in crate::service) async fn fresh(app: &App) {
    if let Err(error) = super::read_new_facts(app).await {
        tracing::error!(?error, "clues to duplicates could not be made");
    }
}

/// The likely duplicates of the person of a file, for its page: a line for each pair, or that there
/// is none. Only an office that may look into duplicates reads who the other is, and only when it
/// sees both.
pub(in crate::service) async fn facts(
    conn: &impl Connection,
    reader: &Actor,
    person: i64,
) -> Result<Vec<CaseFact>, Error> {
    let fact = |text: String, href| CaseFact { name: "疑似重复", text, href };
    let mut suspects = Suspects::load(conn, &[person]).await?;
    let pairs = suspects.of.remove(&person).unwrap_or_default();
    if !reader.role.may(Act::ReviewDuplicates) {
        let open = pairs.iter().any(|(_, found)| found.is_unsettled());
        let text = if open { "有，由人社部门核对" } else { "无" };
        return Ok(vec![fact(text.to_owned(), None)]);
    }
    if pairs.is_empty() {
        return Ok(vec![fact("无".to_owned(), None)]);
    }
    let ids: Vec<i64> = pairs.iter().map(|(other, _)| *other).chain([person]).collect();
    let seen = store::within(conn, &reader.scope, &ids).await?;
    let numbers = person_numbers(conn, &ids).await?;
    let own = numbers.get(&person).cloned().unwrap_or_default();
    let line = |(other, found): (i64, Findings)| {
        let no = numbers.get(&other).filter(|_| seen.contains(&other));
        let (strength, state) = (Strength::of(&found.reasons).label(), found.state().label());
        let who = no.map_or("其他地区的一名人员", String::as_str);
        let why = match found.reasons.is_empty() {
            true => String::new(),
            false => format!("{}，可能性{strength}，", reasons(&found)),
        };
        let href = no.map(|no| format!("/duplicates/pair?a={own}&b={no}"));
        fact(format!("{who}（{why}{state}）"), href)
    };
    Ok(pairs.into_iter().map(line).collect())
}
