//! 其他奖补: money that persons have from other programmes.

use std::collections::HashMap;

use crate::domain::period::Period;
use crate::domain::registry::{OtherAward, Stated};
use crate::file::form::OtherAwardRow;
use crate::service::Error;
use crate::service::catalogue::{self, Group};
use crate::store::registry::{self, Readable};
use crate::vault::{Vault, kind};

use super::evidence::Known;
use super::ground::{Ground, check_name, unknown_person};
use super::issue::Notes;
use super::read::Line;
use super::run::{Form, Stamp, Verdict};
use super::timeline::{Change, Step, stands_alone};

/// Imports awards from other programmes.
#[derive(Debug)]
pub(super) struct OtherAwards {
    groups: Option<Vec<Group>>,
}

/// What a row states about a person.
#[derive(Debug)]
pub(super) struct Plan {
    person: i64,
    group: String,
    change: Change<OtherAward>,
}

type Row = Line<OtherAwardRow, String>;

impl Form for OtherAwards {
    type Row = OtherAwardRow;
    type Keys = String;
    type Plan = Plan;

    fn new(_ground: &Ground) -> Result<Self, Error> {
        Ok(Self { groups: None })
    }

    fn keys(row: &OtherAwardRow, vault: &Vault) -> String {
        vault.index(kind::DOCUMENT, &row.document.identity_key())
    }

    async fn decide<C: Readable>(
        &mut self,
        conn: &C,
        lines: &[Row],
    ) -> Result<Vec<Verdict<Plan>>, Error> {
        let known = Known::load(conn, lines.iter().map(|line| line.keys.as_str())).await?;
        let awards = registry::histories::<OtherAward>(conn, &known.ids()).await?;
        let groups = match self.groups.take() {
            Some(groups) => groups,
            None => catalogue::filed_groups(conn).await?,
        };
        let verdict = |line: &Row| verdict(line, &known, (&awards, &groups));
        let verdicts = lines.iter().map(verdict).collect();
        self.groups = Some(groups);
        Ok(verdicts)
    }

    async fn write(&mut self, stamp: &Stamp<'_>, rows: Vec<(Row, Plan)>) -> Result<u64, Error> {
        let changes = rows.into_iter().map(|(line, plan)| {
            let fact = fact_of(&line.record, &plan.group);
            (plan.person, plan.change, Some(fact))
        });
        stamp.apply(changes).await
    }
}

fn verdict(
    line: &Row,
    known: &Known,
    (awards, groups): (&HashMap<i64, Vec<Stated<OtherAward>>>, &[Group]),
) -> Verdict<Plan> {
    let (mut notes, row) = (Notes::new(line.row), &line.record);
    let Some(person) = known.person(&line.keys) else {
        unknown_person(&mut notes, &row.document);
        return Verdict { issues: notes.into_issues(), plan: None, is_known: false };
    };
    check_name(&mut notes, &row.name, known.names(person));
    let Some(period) = Period::year(row.year) else {
        notes.error("所属年度", row.year.to_string(), "年度不存在", "请填写四位年份，例如 2026");
        return Verdict { issues: notes.into_issues(), plan: None, is_known: false };
    };
    let Some(group) = groups.iter().find(|group| group.name == row.group) else {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        let fix = format!(
            "请填写 {}；一事一议、专家经费、海外来访等办件发放的资金由系统自动计入，不需导入；新类别先在“冲突目录”中提出并确认",
            names.join("、")
        );
        notes.error("类别", &row.group, "冲突目录中没有这一类别", fix);
        return Verdict { issues: notes.into_issues(), plan: None, is_known: false };
    };
    let history = awards.get(&person).map_or(&[][..], Vec::as_slice);
    let change = match step((row, &group.code), period, history) {
        Step::Known => Change::default(),
        Step::Former => {
            let shown = row.amount.to_string();
            notes.warning("金额", shown, "该笔奖补已在其后更正，本行不再更改");
            Change::default()
        }
        Step::Change(change) => change,
    };
    let is_known = change.is_empty();
    let plan = (!notes.refuses()).then(|| Plan { person, group: group.code.clone(), change });
    Verdict { issues: notes.into_issues(), plan, is_known }
}

/// An award is one fact by programme, year and document number; its group, amount and donor can
/// be corrected.
fn step(
    (row, group): (&OtherAwardRow, &str),
    period: Period,
    history: &[Stated<OtherAward>],
) -> Step<OtherAward> {
    let fact = fact_of(row, group);
    stands_alone(history, &fact, period, |old| {
        old.programme == fact.programme
            && old.award_year == fact.award_year
            && old.document_no == fact.document_no
    })
}

fn fact_of(row: &OtherAwardRow, group: &str) -> OtherAward {
    OtherAward {
        programme: row.programme.clone(),
        exclusive_group: group.to_owned(),
        award_year: i64::from(row.year),
        amount_fen: row.amount,
        granted_by: row.granted_by.clone(),
        document_no: row.document_no.clone(),
    }
}
