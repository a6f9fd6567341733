//! The year 2026 of the registry: the list, the filings, the moves, the months.

use chrono::{Datelike, NaiveDate};

use crate::domain::roster::DepartureReason;
use crate::file::form::ImportKind;
use crate::file::workbook::WriteError;
use crate::service::roster::{self, Change, Grounds, LastDay};
use crate::service::{Error, stipend, talent_programme};

use super::DemoError;
use super::cast::{self, clerk};
use super::enterprises::Enterprise;
use super::key_enterprises;
use super::offices::{self, RosterRound};
use super::people::Engineer;
use super::plan::{DELISTED, Life, day, first_report, other_awards, second_report};
use super::sheets;
use super::stage::Stage;
use super::{calendar, recognitions};

pub(super) const HR: &str = "hr-province";
const HR_SECOND: &str = "hr-province-2";

impl From<WriteError> for DemoError {
    fn from(error: WriteError) -> Self {
        Self(error.to_string())
    }
}

/// Plays January 2026 to January 2027, up to the day before the computation.
pub(super) async fn play(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    opening(stage, enterprises).await?;
    stage.on(day(1, 8));
    for home in 0..enterprises.len() {
        file(stage, lives, home, "2026年1月", |life| !life.begins_in_year()).await?;
    }
    let round = RosterRound {
        handed_in: day(1, 8),
        published: day(1, 14),
        entered: day(1, 22),
        document_no: "闽人社名册〔2026〕1号",
    };
    offices::roster(stage, enterprises, &round).await?;
    spring(stage, enterprises, lives).await?;
    summer(stage, enterprises, lives).await?;
    autumn(stage, enterprises, lives).await?;
    Ok(())
}

/// The officers begin, the rules are recorded, the list is imported, the clerks get accounts.
async fn opening(stage: &mut Stage, enterprises: &[Enterprise]) -> Result<(), DemoError> {
    stage.on(day(1, 5));
    stage.hire(&cast::officers()).await?;
    stage.hire(&cast::local_officers(enterprises)).await?;
    let hr = stage.actor(HR)?.clone();
    stipend::ensure_shipped_policy(&stage.app, &hr).await?;
    talent_programme::keep_shipped(&stage.app).await?;
    let list = sheets::enterprise_list(enterprises)?;
    stage.import(HR, ImportKind::KeyEnterprises, "骨干企业清单（2026年第一批）.xlsx", list).await?;
    stage.hire(&cast::enterprise_staff(enterprises)).await?;
    Ok(stage.seal().await?)
}

/// The clerk of one enterprise files some of its people.
async fn file(
    stage: &mut Stage,
    lives: &[Life],
    home: usize,
    when: &str,
    some: impl Fn(&Life) -> bool,
) -> Result<(), DemoError> {
    let people: Vec<Engineer> = lives
        .iter()
        .filter(|life| life.home == home && some(life))
        .map(|life| life.engineer.clone())
        .collect();
    if people.is_empty() {
        return Ok(());
    }
    let name = format!("核心工程师申报（{when}）.xlsx");
    stage.later(3);
    let bytes = sheets::engineers(&people)?;
    Ok(stage.import(&clerk(home), ImportKind::Engineers, &name, bytes).await?)
}

/// Ten people move to another key enterprise in May; some leave.
async fn spring(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    stage.on(day(5, 18));
    for life in lives.iter().filter(|life| life.moves_to.is_some()) {
        depart(stage, life, day(5, 15), DepartureReason::Transferred).await?;
    }
    leavers(stage, lives, day(6, 3)).await?;
    for next in 0..enterprises.len() {
        let newcomers: Vec<Engineer> = lives
            .iter()
            .filter(|life| life.moves_to == Some(next))
            .map(Life::as_newcomer)
            .collect();
        if newcomers.is_empty() {
            continue;
        }
        let bytes = sheets::engineers(&newcomers)?;
        let name = "核心工程师申报（2026年6月）.xlsx";
        stage.import(&clerk(next), ImportKind::Engineers, name, bytes).await?;
    }
    // Both enterprises are on the list and the people were announced before.
    let round = RosterRound {
        handed_in: day(6, 4),
        published: day(6, 9),
        entered: day(6, 9),
        document_no: "闽人社名册〔2026〕2号",
    };
    offices::roster(stage, enterprises, &round).await
}

/// One enterprise leaves the list; the first half-year's months arrive; some leave.
async fn summer(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    stage.on(day(6, 25));
    let hr = stage.actor(HR)?.clone();
    let grounds = Grounds::new("年度评估未达标，调整出清单", "闽工信〔2026〕18号");
    let uscc = &enterprises[DELISTED].uscc;
    let delisting = Change::Delist(uscc.clone(), day(6, 30));
    let asked = roster::request_change(&stage.app, &hr, &delisting, &grounds).await?;
    let second = stage.actor(HR_SECOND)?.clone();
    roster::decide_change(&stage.app, &second, &asked.no, (true, "")).await?;
    stage.on(day(7, 10));
    let months = sheets::evidence(&first_report(lives, enterprises))?;
    stage.import(HR, ImportKind::Evidence, "社保个税月份（2026年1至6月）.xlsx", months).await?;
    leavers(stage, lives, day(9, 2)).await
}

/// The people who began during the year are filed; the rest of the months and the other awards.
async fn autumn(
    stage: &mut Stage,
    enterprises: &[Enterprise],
    lives: &[Life],
) -> Result<(), DemoError> {
    stage.on(day(9, 10));
    for home in (0..enterprises.len()).filter(|home| *home != DELISTED) {
        file(stage, lives, home, "2026年9月", Life::begins_in_year).await?;
    }
    let round = RosterRound {
        handed_in: day(9, 10),
        published: day(9, 15),
        entered: day(9, 23),
        document_no: "闽人社名册〔2026〕3号",
    };
    offices::roster(stage, enterprises, &round).await?;
    leavers(stage, lives, day(10, 16)).await?;
    let applied = key_enterprises::october(stage).await?;
    recognitions::first(stage, enterprises, lives).await?;
    key_enterprises::november(stage, &applied).await?;
    stage.on(day(11, 20));
    let awards = sheets::other_awards(&other_awards(lives))?;
    stage.import(HR, ImportKind::OtherAwards, "其他奖补（2026年）.xlsx", awards).await?;
    calendar::next_year(stage).await?;
    recognitions::second(stage, lives).await?;
    stage.on(NaiveDate::from_ymd_opt(2027, 1, 11).unwrap_or(day(12, 31)));
    let months = sheets::evidence(&second_report(lives, enterprises))?;
    stage.import(HR, ImportKind::Evidence, "社保个税月份（2026年7至12月）.xlsx", months).await?;
    Ok(stage.seal().await?)
}

/// Everybody whose last day was in the two months before `on` and is not yet told of.
async fn leavers(stage: &mut Stage, lives: &[Life], on: NaiveDate) -> Result<(), DemoError> {
    stage.on(on);
    for life in lives.iter().filter(|life| life.moves_to.is_none()) {
        let Some(last_day) = life
            .last_day
            .filter(|day| (1..=5).contains(&(on - *day).num_days()) && day.year() == on.year())
        else {
            continue;
        };
        depart(stage, life, last_day, DepartureReason::Resigned).await?;
    }
    Ok(())
}

/// The clerk of the home enterprise reports a departure.
pub(super) async fn depart(
    stage: &mut Stage,
    life: &Life,
    last_day: NaiveDate,
    reason: DepartureReason,
) -> Result<(), Error> {
    stage.later(1);
    let person_no = stage.person_no(life).await?;
    let end = LastDay {
        last_day,
        reason,
        note: String::new(),
        document_no: format!("离职证明-{person_no}"),
    };
    let clerk = stage.actor(&clerk(life.home))?;
    roster::end_entry(&stage.app, clerk, &person_no, &end).await.map(|_| ())
}
